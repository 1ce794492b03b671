"""desk_kills.py DIR TOP GCXCTL PG TSERVER - The agents of desk_kills.sh. An act is prepared while all is well, and asked for with those of
its round, amid which a process is killed. Then it is counted how often each was done: what was granted once; what was refused,
or of which the page heard nothing, at most once, and then the agent does it again. PG: the command that starts and stops
PostgreSQL. TSERVER: the port of the T-Server, which is the stub of the tests."""
import itertools, os, random, signal, smtplib, subprocess, sys, threading, time, urllib.parse

sys.path.insert(0, f"{sys.argv[2]}/tests/flows")
from desk_client import *
from tserver_stub import TServer

SEED, ROUNDS = int(os.environ.get("GCX_SEED", "1")), int(os.environ.get("ROUNDS", "1"))
GCXCTL, PG = sys.argv[3:5]
LOST = (OSError, EOFError, http.client.HTTPException, Refused)
PATIENCE_S = int(os.environ.get("PATIENCE_S", "90"))
BEGUN = time.monotonic()
draw, numbers, wrong = random.Random(SEED), itertools.count(1), []


def faulty(text):
    wrong.append(text)
    print(text, flush=True)


def until(what, check):
    end = time.monotonic() + PATIENCE_S
    while not (found := check()):
        assert time.monotonic() < end, f"never: {what() if callable(what) else what}"
        time.sleep(0.05)
    return found


def port_of(name):
    return until(f"{name}.port", lambda: open(f"{DIR}/{name}.port").read().strip()) and int(open(f"{DIR}/{name}.port").read())


def links():
    run = subprocess.run([GCXCTL, "--socket", f"{DIR}/state/admin.sock", "status", "--json"], capture_output=True, text=True)
    return {one["name"]: one for one in json.loads(run.stdout)["links"]} if run.returncode == 0 else {}


def sql(text):
    run = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-d", CONNINFO, "-c", text], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


CONNINFO = f"host={os.path.dirname(PG)}/s port=5432 dbname=crm user=gcx"


class Outcome:
    """What the page was told of an act: `ok`, a refusal with its sentence, or `lost`."""
    def __init__(self, kind, text="", told=None):
        self.kind, self.text, self.told = kind, text, told or {}

    def __repr__(self):
        return f"{self.kind}: {self.text}" if self.text else self.kind


class Page:
    """An agent's page: it comes back by itself, and knows what the agent has."""
    def __init__(self, name):
        self.name, self.browser = name, Browser().log_in(name, "secret")
        self.number, self.desk = 0, None
        self.refused = set()
        self.back()

    def back(self):
        def came():
            try:
                PORT["desk"] = port_of("desk")
                self.desk = Desk(self.browser)
                return True
            except LOST:
                return False
        until(f"{self.name}'s page is back", came)
        self.phone = None  # the telephone's state; None: the agent has none
        for one in self.desk.held:
            self.phone = one["state"] if one["type"] == "phone" else self.phone
        self.items = {one["ixn"]: one for one in self.desk.held if one["type"] in ("opened", "offer")}
        self.up = self.desk.welcome["core"]
        self.replies = {}

    def take(self, one):
        if one["type"] in ("opened", "offer"):
            self.items[one["ixn"]] = one
        elif one["type"] in ("closed", "revoked"):
            self.items.pop(one.get("ixn") or next((its["ixn"] for its in self.items.values() if its["claim"] == one["claim"]), None), None)
        elif one["type"] == "data" and one["ixn"] in self.items:
            data = self.items[one["ixn"]].setdefault("data", {})
            data.update(one.get("changed", {}))
            for key in one.get("deleted", ()):
                data.pop(key, None)
        elif one["type"] == "refused" and one["reason"] == "unreached":
            self.refused.add(one["ixn"])
        elif one["type"] == "core":
            self.up = one["up"]
        elif one["type"] == "phone":
            self.phone = one["state"]
        elif one["type"] == "reply":
            self.replies[one["id"]] = one
        elif one["type"] == "end":
            raise EOFError

    def hears(self, what, check):
        """Until check() holds by what is heard here."""
        with self.desk.within(PATIENCE_S, lambda: f"{self.name}: {what}; the router is {'there' if self.up else 'away'}; open are {list(self.items)}"):
            while not (found := check()):
                self.take(self.desk.hear())
        return found

    def send(self, type, **more):
        self.number += 1
        said_types.add(type)
        self.desk.send({"type": type, "id": self.number, **more})
        return self.number

    def reply(self, number):
        one = self.hears("reply", lambda: self.replies.pop(number, None))
        return Outcome("ok", told=one) if one["ok"] else Outcome(one["code"], one["text"])

    def says(self, type, **more):
        """Where nothing is killed."""
        outcome = self.reply(self.send(type, **more))
        assert outcome.kind == "ok", (self.name, type, more, outcome)
        return outcome.told

    def http(self, method, path, body=None):
        try:
            PORT["desk"] = port_of("desk")
            return Outcome("ok", told=self.browser.ask(method, path, body))
        except LOST:
            return Outcome("lost")
        except AssertionError as why:
            if isinstance(why.args[0], tuple) and isinstance(why.args[0][2], int):
                status, text = why.args[0][2:4]
                return Outcome("ok") if status == 204 else Outcome(str(status), json.loads(text)["text"])
            raise

    def get(self, path):
        def answered():
            one = self.http("GET", path)
            assert one.kind in ("ok", "lost", "503"), (path, one)
            return one.kind == "ok" and [one.told]
        return until(f"GET {path}", answered)[0]

    def is_called(self):
        return self.phone not in (None, "away", "logged_out")

    def settled(self):
        """Nothing is under way any more, and the page is there."""
        self.desk.lost()
        self.back()
        self.hears("the router is there", lambda: self.up)
        if self.name == "marie":
            self.hears("the telephone is there", self.is_called)
        self.says("ping")


# ---- what is there to work with ----

class Customer(Socket):
    def __init__(self, name, text):
        super().__init__(port_of("chat"), "/chat", {"Origin": "https://shop.example"})
        self.send({"type": "begin", "name": name, "queue": "service", "email": f"{name}@example.org"}, {"type": "message", "id": "c1", "text": text})
        while self.hear()["type"] != "kept":
            pass


def mails(count):
    with smtplib.LMTP("127.0.0.1", port_of("lmtp")) as server:
        for _ in range(count):
            name = f"c{next(numbers)}"
            server.sendmail(f"{name}@example.org", ["service@shop.example"],
                f"From: {name} <{name}@example.org>\r\nTo: service@shop.example\r\nSubject: Mail {name}\r\nMessage-ID: <{name}@example.org>\r\n\r\nWhere is it?\r\n")


def waiting(media):
    return [one for one in anne.get("/api/queues/desk?limit=50&order=-received")["items"] if one["media"] == media]


def work(page=None, media="email"):
    page = page or marie
    item = until(f"{media} waits", lambda: waiting(media))[0]["id"]
    page.says("pull", queue="desk", ids=[item])
    return page.hears("it is opened", lambda: item in page.items and page.items[item]["type"] == "opened" and page.items[item])


def stored(item):
    return anne.get(f"/api/stored?media={item['media']}&external_id={urllib.parse.quote(item['external_id'])}")["interaction"]


def lines(number, text):
    return sum(text in one["text"] for one in anne.get(f"/api/interactions/{number}/transcript")["messages"])


def handed(how, giver, taker, item):
    giver.says("move", ixn=item["ixn"], how=how, to="agent", name=taker.name)
    return taker.hears("an offer", lambda: taker.items.get(item["ixn"]))


def has(page, item, type="opened", **more):
    page.says("ping")  # what comes before its reply is heard
    one = page.items.get(item["ixn"], {})
    return int(one.get("type") == type and all(one.get(key) == value for key, value in more.items()))


def answer(page, **more):
    key = f"k{next(numbers)}"
    sent = page.says("send", key=key, to=[f"{key}@example.org"], subject=f"Answer {key}", text="It comes.", **more)
    return sent["ixn"], key


def contact(name=None):
    name = name or f"x{next(numbers)}"
    return int(sql(f"with one as (insert into contacts(tenant, name, made, changed) values ('', '{name}', 1, 1) returning id), two as "
                   f"(insert into addresses(tenant, kind, address, shown, contact, made) select '', 'email', '{name}@example.org', '{name}@example.org', id, 1 from one) select id from one"))


def of_contact(number):
    return anne.get(f"/api/contacts/{number}")


# ---- the acts ----

ACTS = {}


class Act:
    """What the page asks for: a message, or a request of HTTP. count(): how often it was done. keyed: asked for again it
    is the same act. passes: an offer, which is over after a while."""
    def __init__(self, page, count, message=None, request=None, keyed=False, passes=False):
        self.page, self.count, self.message, self.request, self.keyed, self.passes = page, count, message, request, keyed, passes
        self.seen = False
        self.outcome = Outcome("lost")


def act(name):
    def keep(make):
        ACTS[name] = make
        return make
    return keep


@act("accept")
def _():
    item = work(paul)
    claim = handed("transfer", paul, marie, item)["claim"]
    return Act(marie, lambda: has(marie, item) and 1 - has(paul, item) or is_told(paul, item, paul), ("accept", {"claim": claim}))


@act("reject")
def _():
    item = work(paul)
    claim = handed("transfer", paul, marie, item)["claim"]
    return Act(marie, lambda: has(paul, item) and 1 - has(marie, item) and 1 - has(marie, item, "offer"), ("reject", {"claim": claim}))


@act("message")
def _():
    key, number = f"m{next(numbers)}", stored(CHAT)
    return Act(marie, lambda: lines(number, f"words {key}."), ("message", {"ixn": CHAT["ixn"], "key": key, "text": f"words {key}."}), keyed=True)


@act("message.beside")
def _():
    """A second agent in the conversation writes."""
    CHATS.append(Customer(f"ida{next(numbers)}", "Hello?"))
    chat, key = work(media="chat"), f"b{next(numbers)}"
    paul.says("accept", claim=handed("conference", marie, paul, chat)["claim"])
    paul.hears("opened", lambda: has(paul, chat))
    number = stored(chat)
    return Act(paul, lambda: lines(number, f"words {key}.") if has(marie, chat) and has(paul, chat) else 0,
               ("message", {"ixn": chat["ixn"], "key": key, "text": f"words {key}."}), keyed=True)


def data_of(item):
    marie.says("ping")
    return marie.items.get(item["ixn"], {}).get("data", {})


@act("data")
def _():
    item = work()
    return Act(marie, lambda: int(data_of(item).get("parcel") == "4711"), ("data", {"ixn": item["ixn"], "pairs": {"parcel": "4711"}}), keyed=True)


@act("macro")
def _():
    item = work()
    marie.says("data", ixn=item["ixn"], pairs={"tags": "urgent"})

    def count():
        there = {key: data_of(item).get(key) for key in ("note", "tags", "wrapup")}
        assert there in ({"note": "late", "tags": "urgent, slow", "wrapup": "solved"}, {"note": None, "tags": "urgent", "wrapup": None}), there
        return int(there["note"] == "late")
    return Act(marie, count, ("macro", {"ixn": item["ixn"], "name": "Late"}), keyed=True)


@act("data.macro")
def _():
    """A macro is taken back."""
    item = work()
    marie.says("macro", ixn=item["ixn"], name="Late")
    return Act(marie, lambda: int(not {"note", "tags", "wrapup"} & data_of(item).keys()),
               ("data", {"ixn": item["ixn"], "macro": "Late", "delete": ["note", "tags", "wrapup"]}), keyed=True)


@act("draft")
def _():
    item = work()
    return Act(marie, lambda: int(data_of(item).get("draft") == "Good mor"), ("draft", {"ixn": item["ixn"], "text": "Good mor"}), keyed=True)


@act("code")
def _():
    name = f"eve{next(numbers)}"
    CHATS.append(Customer(name, "Hello?"))
    chat = work(media="chat")
    number = stored(chat)
    known = lambda: int(sql(f"select coalesce(max(sent), 0) from codes where interaction = {number}"))
    before = known()
    return Act(marie, lambda: known() - before, ("code", {"ixn": chat["ixn"]}))


@act("done")
def _():
    item = work()
    number = stored(item)

    def count():
        one = anne.get(f"/api/interactions/{number}")
        assert "ended" not in one or one["result"] == "solved", one
        return int("ended" in one) and 1 - has(marie, item)
    return Act(marie, count, ("done", {"ixn": item["ixn"], "wrapup": "solved"}))


@act("done.chat")
def _():
    CHATS.append(Customer(f"leo{next(numbers)}", "Hello?"))
    chat = work(media="chat")
    number = stored(chat)

    def count():
        one = anne.get(f"/api/interactions/{number}")
        assert "ended" not in one or one["result"] == "solved", one
        return int("ended" in one) and 1 - has(marie, chat)
    return Act(marie, count, ("done", {"ixn": chat["ixn"], "wrapup": "solved"}))


@act("send")
def _():
    key = f"s{next(numbers)}"
    return Act(marie, lambda: sum(one["subject"] == f"Sent {key}" for one in anne.get("/api/queues/outbound?limit=50&order=-received")["items"]),
               ("send", {"key": key, "to": ["anna@example.org"], "subject": f"Sent {key}", "text": "It comes."}), keyed=True)


@act("send.finish")
def _():
    item, key = work(), f"f{next(numbers)}"
    number = stored(item)

    def count():
        sent = anne.get("/api/queues/outbound?limit=50&order=-received")["items"]
        ended = "ended" in anne.get(f"/api/interactions/{number}")
        return sum(one["subject"] == f"Sent {key}" for one in sent) if ended else 0
    return Act(marie, count, ("send", {"ixn": item["ixn"], "key": key, "to": ["anna@example.org"], "subject": f"Sent {key}", "text": "It comes.", "finish": 0, "wrapup": "solved"}))


@act("send.later")
def _():
    key = f"l{next(numbers)}"
    return Act(marie, lambda: sum(one["subject"] == f"Late {key}" for one in marie.get("/api/workbins/later?limit=50&order=-received")["items"]),
               ("send", {"key": key, "to": ["anna@example.org"], "subject": f"Late {key}", "text": "It comes.", "at": round(time.time() + 86400) * 1000}), keyed=True)


@act("revise")
def _():
    ixn, key = answer(marie)
    marie.says("pull", queue="outbound", ids=[ixn])
    item = marie.hears("opened", lambda: marie.items.get(ixn))
    number = stored(item)
    return Act(marie, lambda: lines(number, "Tomorrow."), ("revise", {"ixn": ixn, "key": key + "v", "subject": "Answer", "text": "Tomorrow."}), keyed=True)


@act("split")
def _():
    item, key = work(), f"p{next(numbers)}"
    return Act(marie, lambda: int(sql(f"select count(*) from interactions where subject = 'Part {key}' and ixn is not null")),
               ("split", {"ixn": item["ixn"], "key": key, "text": "Where is it?", "subject": f"Part {key}"}), keyed=True)


@act("merge")
def _():
    item, into = work(), work()
    number, first = stored(item), stored(into)

    def count():
        merged, over = lines(first, f"Merged: {item['subject']}"), "ended" in anne.get(f"/api/interactions/{number}")
        assert merged <= 1 and (merged or not over), (merged, over)
        return over and 1 - has(marie, item)
    return Act(marie, count, ("merge", {"ixn": item["ixn"], "into": into["ixn"]}))


@act("pull")
def _():
    item = work(paul)
    paul.says("move", ixn=item["ixn"], how="place", to="queue", name="outbound")
    return Act(marie, lambda: has(marie, item), ("pull", {"queue": "outbound", "ids": [item["ixn"]]}))


@act("ask")
def _():
    key = f"q{next(numbers)}"
    return Act(marie, lambda: int(sql(f"select count(*) from messages where text = 'Where is {key}?'")),
               ("ask", {"key": key, "queue": "knowers", "text": f"Where is {key}?"}), keyed=True)


@act("text")
def _():
    key, number = f"t{next(numbers)}", f"+49305{next(numbers):06}"
    return Act(marie, lambda: sum(number in json.dumps(one) for one in anne.get("/api/queues/sms?limit=50&order=-received")["items"]),
               ("text", {"key": key, "to": number, "text": "It comes."}), keyed=True)


@act("state")
def _():
    paul.says("state", media="im", state="ready")
    return Act(paul, lambda: int(state_of("paul").get("im") == "not_ready"), ("state", {"media": "im", "state": "not_ready"}), keyed=True)


def state_of(name):
    agents = anne.get(f"/api/agents?name={name}")["agents"]
    return {medium: state for one in agents for medium, state in one["states"].items() if state != "logged_out"}


@act("move.place")
def _():
    item = work()
    return Act(marie, lambda: sum(one["id"] == item["ixn"] for one in marie.get("/api/workbins/drafts?limit=50&order=-received")["items"]) and 1 - has(marie, item),
               ("move", {"ixn": item["ixn"], "how": "place", "to": "workbin", "name": "drafts"}))


def is_told(page, item, owner):
    """The page that offered it is told that it came to no page, as the desk was gone: then its owner has it still."""
    page.says("ping")
    return int(item["ixn"] in page.refused) and has(owner, item)


def offered(how, media="email", **more):
    item = CHAT if media == "chat" else work()
    return Act(marie, lambda: has(paul, item, "offer", move=how) or is_told(marie, item, marie), ("move", {"ixn": item["ixn"], "how": how, "to": "agent", "name": "paul", **more}), passes=True)


@act("move.transfer")
def _():
    one = offered("transfer", reason="Wants a letter")
    item = one.message[1]["ixn"]
    count = one.count
    one.count = lambda: count() and int(item in marie.refused or paul.items[item]["data"].get("move_reason") == "Wants a letter")
    return one


@act("move.conference")
def _():
    if CHAT["ixn"] in paul.items:
        leave_chat()
    return offered("conference", "chat")


def leave_chat():
    paul.says("reject", claim=paul.items[CHAT["ixn"]]["claim"])
    paul.hears("it is over", lambda: CHAT["ixn"] not in paul.items)


@act("move.consult")
def _():
    return offered("consult")


@act("move.monitor")
def _():
    item = work()
    return Act(anne, lambda: has(anne, item, move="monitor"), ("move", {"ixn": item["ixn"], "how": "monitor"}))


@act("move.take_over")
def _():
    item = work()
    return Act(anne, lambda: has(anne, item, "offer", move="transfer") or is_told(anne, item, marie), ("move", {"ixn": item["ixn"], "how": "take_over"}), passes=True)


@act("move.leave")
def _():
    item = work(paul)
    claim = handed("consult", paul, marie, item)["claim"]
    marie.says("accept", claim=claim)
    marie.hears("opened", lambda: has(marie, item))
    return Act(marie, lambda: has(paul, item) and 1 - has(marie, item), ("move", {"ixn": item["ixn"], "how": "leave"}))


@act("move.hold")
def _():
    item = work()
    return Act(marie, lambda: has(marie, item), ("move", {"ixn": item["ixn"], "how": "hold"}), keyed=True)


@act("move.return")
def _():
    ixn, _ = answer(paul)
    marie.says("pull", queue="outbound", ids=[ixn])
    item = marie.hears("opened", lambda: marie.items.get(ixn))
    count = lambda: sum(one["id"] == ixn for one in paul.get("/api/workbins/returned?limit=50&order=-received")["items"]) and 1 - has(marie, item)
    return Act(marie, count, ("move", {"ixn": ixn, "how": "return", "remark": "No discounts."}))


def changes(what, body, count):
    number = contact()
    acts = lambda: sum(one["what"] == what for one in of_contact(number)["acts"])
    return Act(marie, lambda: acts() and acts() * count(number), request=("PUT", f"/api/contacts/{number}/{what}", {"changed": of_contact(number)["changed"], **body}))


@act("edit")
def _():
    return changes("edit", {"name": "Eve"}, lambda number: int(of_contact(number)["name"] == "Eve"))


@act("merge.http")
def _():
    other = contact()
    return changes("merge", {"other": other}, lambda number: int(len(of_contact(number)["addresses"]) == 2))


@act("undo")
def _():
    number = contact()
    done = marie.http("PUT", f"/api/contacts/{number}/edit", {"changed": of_contact(number)["changed"], "name": "Eve"}).told["acts"][0]["act"]
    return Act(marie, lambda: sum("undone" in one for one in of_contact(number)["acts"]), request=("PUT", f"/api/contacts/{number}/undo", {"act": done}))


@act("link")
def _():
    linked = stored(work())
    return changes("link", {"interaction": linked}, lambda number: int(anne.get(f"/api/interactions/{linked}")["contact"] == number))


@act("refuse")
def _():
    number = contact()
    return Act(marie, lambda: int(sql(f"select count(*) from refusal_acts where contact = {number} and noted = 1")),
               request=("PUT", f"/api/contacts/{number}/refusals", {"media": "email", "on": True}), keyed=True)


@act("wrapup")
def _():
    conn = f"{0xf000 + next(numbers):016x}#00000001"
    number = int(sql(f"insert into rings(tenant, agent, external_id, direction, inside, number, wraps, began, answered, ended, outcome) "
                     f"values('', 'marie', '{conn}', 'in', 0, '+4930555', 1, 1, 2, 3, 'answered') returning id"))
    return Act(marie, lambda: int(sql(f"select count(*) from rings where id = {number} and done is not null and wrapup = 'solved' and note = 'A letter'")),
               request=("PUT", f"/api/calls/{number}/wrapup", {"wrapup": "solved", "note": "A letter", "done": True}))


@act("done.over")
def _():
    name = f"eve{next(numbers)}"
    CHATS.append(Customer(name, "Hello?"))
    chat = work(media="chat")
    number = stored(chat)
    CHATS[-1].send({"type": "leave"})
    marie.hears("it is over", lambda: marie.items.get(chat["ixn"], {}).get("over"))

    def count():
        return int(anne.get(f"/api/interactions/{number}")["result"] == "solved") and 1 - has(marie, chat)
    return Act(marie, count, ("done", {"ixn": chat["ixn"], "wrapup": "solved"}))


@act("note")
def _():
    number, key = stored(work()), f"n{next(numbers)}"
    return Act(marie, lambda: lines(number, f"Note {key}."), request=("PUT", f"/api/interactions/{number}/note", {"key": key, "text": f"Note {key}. @paul"}), keyed=True)


@act("seen")
def _():
    number, key = stored(work()), f"n{next(numbers)}"
    assert paul.http("PUT", f"/api/interactions/{number}/note", {"key": key, "text": f"@marie {key}"}).kind == "ok"
    named = lambda: [one["mention"] for one in marie.get("/api/mentions")["mentions"] if one["text"].endswith(key)]
    mention = named()[0]
    return Act(marie, lambda: int(not named()), request=("PUT", f"/api/mentions/{mention}/seen", None), keyed=True)


@act("favourite")
def _():
    number = f"+4930{next(numbers):05}"
    return Act(marie, lambda: sum(one["name"] == number for one in marie.get("/api/favourites")["favourites"]),
               request=("PUT", "/api/favourites", {"kind": "number", "name": number, "on": True}), keyed=True)


@act("log_out_agent")
def _():
    one = Page("zoe")
    one.says("state", media="email", state="not_ready")
    until("zoe is there", lambda: state_of("zoe"))
    one.desk.lost()
    return Act(anne, lambda: int(not state_of("zoe")), request=("POST", "/api/supervisor/agents/zoe/logout", {"why": "has gone home"}))


@act("set_agent_state")
def _():
    yves.says("state", media="email", state="not_ready")
    return Act(anne, lambda: int(state_of("yves").get("email") == "ready"),
               request=("PUT", "/api/supervisor/agents/yves/state", {"state": "ready", "why": "lunch is over"}), keyed=True)


@act("assign_agents")
def _():
    level = 1 + next(numbers) % 100
    levels = lambda: [row["skills"].get("French") for row in anne.get("/api/supervisor/agents")["agents"] if row["name"] == "yves"]
    return Act(anne, lambda: int(levels() == [level]),
               request=("PUT", "/api/supervisor/assignments", {"agents": ["yves"], "skills": {"French": level}, "why": "many calls"}), keyed=True)


@act("set_parameter")
def _():
    value = f"v{next(numbers)}"
    return Act(anne, lambda: int(value in json.dumps(anne.get("/api/supervisor/parameters"))),
               request=("PUT", "/api/supervisor/parameters/greeting", {"value": value, "why": "a try"}), keyed=True)


# What is done with a call is the switch's, which is asked for it once. It is about a call of its own, or goes to a number.
SAYS = {"RequestSingleStepTransfer": "EventReleased", "RequestCompleteTransfer": "EventReleased", "RequestCompleteConference": "EventRetrieved",
        "RequestMakeCall": "EventDialing", "RequestMonitorCall": "EventMonitoring", "RequestTakeOverCall": "EventMonitoring"}
tserver = TServer(int(sys.argv[5]), SAYS)


def phone_act(op, message, has_call=True, **more):
    @act(f"phone.{op}")
    def _():
        number = next(numbers)
        key, own = ("ConnID", {"conn": f"{number:016x}"}) if has_call else ("OtherDN", {"to": f"{80000 + number}"})
        [known] = own.values()
        if has_call:
            tserver.call("EventEstablished", known)
        return Act(marie, lambda: sum(one["Message"] == message and one.get(key) == known for one in tserver.asked), ("phone", {"op": op, **own, **more}))


for op, message in (("hold", "HoldCall"), ("retrieve", "RetrieveCall"), ("mute", "SetMuteOn"), ("unmute", "SetMuteOff"), ("release", "ReleaseCall"),
                    ("complete", "CompleteTransfer"), ("conference", "CompleteConference"), ("reconnect", "ReconnectCall"), ("swap", "AlternateCall")):
    phone_act(op, f"Request{message}")
phone_act("digits", "RequestSendDTMF", digits="42#")
for op, message in ("transfer", "SingleStepTransfer"), ("consult", "InitiateTransfer"):
    phone_act(op, f"Request{message}", to="7002")
for op, message in ("dial", "MakeCall"), ("listen", "MonitorCall"), ("coach", "MonitorCall"), ("barge_in", "MonitorCall"), ("take_over", "TakeOverCall"):
    phone_act(op, f"Request{message}", has_call=False)


# ---- the kills ----

def kill_of(victim):
    """Returns what kills it, and what waits until it is there again."""
    if victim == "store":
        return lambda: subprocess.run([PG, "stop", "immediate"], check=True), lambda: subprocess.run([PG, "start"], check=True)
    if victim == "core":
        pid = int(open(f"{DIR}/core.pid").read())
        return lambda: os.kill(pid, signal.SIGKILL), lambda: until("the router is there", lambda: int(open(f"{DIR}/core.pid").read()) != pid)
    pid = links()[victim]["pid"]
    return lambda: os.kill(pid, signal.SIGKILL), lambda: until(f"{victim} is there", lambda: (one := links().get(victim)) and one["state"] == "up" and one["pid"] != pid)


def ask_all(acts, victim=None):
    """Asks for all of them at once, as fast as the pages can, and has each one's outcome."""
    killer = threads = None
    if victim:
        kill, back = kill_of(victim)
        moment = draw.choice((0, draw.uniform(0, 0.01), draw.uniform(0, 0.05), draw.uniform(0, 0.2)))

        def kills():
            time.sleep(moment)
            kill()
            back()
        killer = threading.Thread(target=kills)
        killer.start()

    def asks(one):
        one.outcome = one.page.http(*one.request)
    threads = [threading.Thread(target=asks, args=(one,)) for one in acts if one.request]
    for one in threads:
        one.start()

    def talks(page):
        sent = {}
        try:
            for one in acts:
                if one.page is page and one.message:
                    one.outcome = Outcome("lost")
                    sent[page.send(one.message[0], **one.message[1])] = one
            for number, one in sent.items():
                one.outcome = page.reply(number)
        except LOST:
            page.back()
        except AssertionError as why:
            waits = [one.message for number, one in sent.items() if one.outcome.kind == "lost"]
            faulty(f"{why}; no answer to {waits}, {victim} killed")
            page.back()
    for page in pages:
        threads.append(threading.Thread(target=talks, args=(page,)))
        threads[-1].start()
    for one in threads + ([killer] if killer else []):
        one.join()
    if victim:
        until("all are up", lambda: len(up := links()) == 4 and all(one["state"] == "up" for one in up.values() if one["name"] != "sms"))
        for page in pages:
            page.settled()


UNKNOWN = ("may have been done", "whether it was done", "not known", "once it is", "again in a moment")


def is_done(name, one, victim):
    try:
        one.seen = bool(until(name, one.count))
    except AssertionError:
        faulty(f"{name}, {victim} killed: it was granted, and is not done")


def judge(name, one, victim):
    """After the kill: says what is wrong, and whether it is to be asked for again."""
    first, done = one.outcome, None
    if first.kind == "ok":
        is_done(name, one, victim)
    elif (done := one.count()) and first.kind != "lost" and not one.keyed and not any(words in first.text for words in UNKNOWN):
        faulty(f"{name}, {victim} killed: the page was told that it was refused ({first}), and it was done")
    one.seen = one.seen or bool(done)
    return first.kind != "ok" and (one.keyed or not done)


def play(names, victim):
    made = []
    for name in names:
        try:
            made.append((name, ACTS[name]()))
        except AssertionError as why:
            raise AssertionError(f"{name} cannot be prepared: {why}") from why
    draw.shuffle(made)
    ask_all([one for _, one in made], victim)
    outcomes = [f"{name} {one.outcome}" for name, one in made]
    made.sort(key=lambda one: not one[1].passes)
    again = [(name, one) for name, one in made if judge(name, one, victim)]
    if again:
        ask_all([one for _, one in again])
        for name, one in again:
            # It may have been done meanwhile: what was under way when it was counted is not theirs any more.
            if one.outcome.kind != "ok" and (one.keyed or one.outcome.kind not in ("unknown", "taken", "gone")):
                faulty(f"{name}, {victim} killed: it is refused again: {one.outcome}")
            else:
                is_done(name, one, victim)
    for page in pages:
        page.settled()
    for name, one in made:
        if (count := one.count()) != 1 and not (one.passes and one.seen and count == 0):
            faulty(f"{name}, {victim} killed: it was done {count} times ({one.outcome})")
    for conn in list(tserver.calls):
        tserver.call("EventReleased", conn)
    print(f"{victim} at {time.monotonic() - BEGUN:.1f} s: " + "; ".join(outcomes), flush=True)


marie, paul, anne, yves = pages = [Page(name) for name in ("marie", "paul", "anne", "yves")]
for page in pages:
    for media in "email", "chat", "im":
        page.says("state", media=media, state="not_ready")
marie.says("phone", op="login", dn="7001")
marie.hears("she is at the telephone", marie.is_called)
CHATS = [Customer("anna", "Hello")]
CHAT = work(media="chat")
if only := os.environ.get("ACTS"):
    ACTS = {name: make for name, make in ACTS.items() if name in only.split()}
victims = (os.environ.get("VICTIMS") or "desk core store email chat sms").split()
for _ in range(ROUNDS):
    names = sorted(ACTS)
    draw.shuffle(names)
    draw.shuffle(victims)
    each = max(-(-len(names) // 4), 1)
    for start, victim in zip(range(0, len(names), each), itertools.cycle(victims)):
        mails(each * 2)
        play(names[start:start + each], victim)
# Whoever works on after a contact does so still when the desk was killed, or the router.
for victim in "desk", "core":
    yves.says("state", state="after_call_work")
    kill, back = kill_of(victim)
    kill()
    back()
    yves.settled()
    until(lambda: f"after-call work, {victim} killed: {state_of('yves')}",
          lambda: [state_of("yves").get(medium) for medium in ("email", "chat", "im")] == ["after_call_work"] * 3)
    yves.says("state", state="not_ready")
print(f"{len(wrong)} faults" if wrong else "each was done once")
sys.exit(bool(wrong))
