# who_may.py DIR TOP PORT ROUNDS - Whoever may not tries all the same: for who_may.sh.
import os, subprocess, sys

sys.path.insert(0, os.path.join(sys.argv[2], "tests/flows"))
from desk_client import *

WIRE, ROUNDS = int(sys.argv[3]), int(sys.argv[4])
PORT["chat"] = int(open(f"{DIR}/chat.port").read())
counts = {"refused": 0}


class Customer(Socket):
    def __init__(self, queue, text):
        super().__init__(PORT["chat"], "/chat", {"Origin": "https://shop.example"})
        self.send({"type": "begin", "queue": queue, "subject": text})
        self.token = self.expect("accepted")["token"]
        self.send({"type": "message", "id": "marie:1", "text": text})
        self.index = self.expect("kept")["index"]

    def expect(self, type, **more):
        while (one := self.hear())["type"] != type or any(one.get(key) != value for key, value in more.items()):
            assert one["type"] not in ("end", "closed"), (type, more, one)
        return one

    # The next that anybody says: nobody else was heard before.
    def reads(self, text):
        one = self.expect("message", role="agent")
        assert one["text"] == text, one
        self.index = one["index"]

    def back(self):
        super().__init__(PORT["chat"], "/chat", {"Origin": "https://shop.example"})
        self.send({"type": "resume", "token": self.token, "index": self.index})
        return self


# The page of a desk, as a program would be that sends what no page sends.
class Page(Desk):
    def refused(self, type, **more):
        self.number += 1
        self.send({"type": type, "id": self.number, **more})
        reply = self.expect("reply", id=self.number)
        assert not reply["ok"] and " " in reply.get("text", "") and reply["text"] != reply["code"], (type, more, reply)
        counts["refused"] += 1
        return reply

    def open_as(self, ixn, kind, **more):
        held = [one for one in self.held if one.get("ixn") == ixn and one["type"] == "opened" and not more]
        one = held[0] if held else self.expect("opened", ixn=ixn, **more)
        assert one["as"] == kind, one
        return one

    def offered(self, ixn, move):
        one = self.expect("offer", ixn=ixn, move=move)
        assert one["as"] == "offered" and one["may"] == ["accept", "reject"], one
        return one["claim"]


# ---- what nobody may ----

ENDS = [("done", {}), ("done", {"wrapup": "x"})]
MOVES = [("move", {"how": how, **to}) for how, to in [
    ("place", {"to": "queue", "name": "service"}), ("transfer", {"to": "queue", "name": "service"}),
    ("place", {"to": "workbin", "name": "drafts"}), ("transfer", {"to": "agent", "name": "jean"}),
    ("take_over", {}), ("monitor", {}), ("return", {"remark": "no"})]]
JOINS = [("move", {"how": "conference", "to": "agent", "name": "jean"}), ("move", {"how": "consult", "to": "agent", "name": "jean"})]
HOLDS = [("move", {"how": "hold"})]
WORDS = [("message", {"key": "k", "text": "I am nobody"}), ("typing", {"on": True})]
MAIL = [("send", {"key": "m", "to": ["anna@example.org"], "subject": "s", "text": "I am nobody"}), ("revise", {"key": "r", "subject": "s", "text": "t"})]
DATA = [("data", {"pairs": {"parcel": "7"}}), ("data", {"delete": ["parcel"]})]
FORBIDDEN = {
    "none": ENDS + MOVES + JOINS + HOLDS + WORDS + MAIL + DATA + [("move", {"how": "leave"})],
    "offered": ENDS + MOVES + JOINS + HOLDS + WORDS + MAIL + DATA + [("move", {"how": "leave"})],
    "consulted": ENDS + MOVES + JOINS + HOLDS + MAIL + DATA,
    "party": ENDS + MOVES + [("revise", MAIL[1][1])],
}


def tries(page, ixn, kind):
    for type, more in FORBIDDEN[kind]:
        page.refused(type, ixn=ixn, **more)
    page.ask("ping")
    assert not [one for one in page.waiting if one["type"] == "reply"], page.waiting  # what is refused is not done besides


# ---- whoever is logged in, whatever they have ----

def tries_besides(page, ixn, hidden, claim):
    browser = page.browser
    page.refused("accept", claim=claim)
    page.refused("reject", claim=claim)
    page.refused("pull", queue="hidden")
    page.refused("pull", queue="hidden", ids=[hidden])
    page.refused("pull", workbin="elsewhere")
    page.refused("pull", workbin="drafts", whose="marie")
    page.refused("pull", queue="service", ids=[hidden])  # it stands elsewhere
    page.refused("pull", queue="service", ids=[ixn])  # it is marie's
    page.refused("watch", object="queue", name="hidden", on=True)
    page.refused("watch", object="workbin", name="elsewhere", on=True)
    page.refused("watch", object="workbin", name="drafts", whose="marie", on=True)
    page.refused("state", media="chat", state="not_ready", reason="made up")
    page.refused("send", key="n", to=["anna@example.org"], subject="s", text="t", queue="hidden")
    page.refused("send", key="n", to=["anna@example.org"], subject="s", text="t", attachments=[upload])
    page.refused("message", ixn=ixn, key="f", text="f", file=upload)
    for path in ("/api/queues/hidden", "/api/workbins/elsewhere", "/api/supervisor/agents", "/api/supervisor/interactions"):
        assert " " in browser.get(path, 403)["text"]
    browser.ask("PUT", "/api/supervisor/parameters/none", {"value": "1", "why": "w"}, 403)
    browser.get(f"/api/parts/{upload}", 404)
    browser.ask("POST", "/api/logout", code=403, headers={"X-CSRF-Token": "guessed"})
    assert browser.get("/api/workbins/drafts?whose=marie")["items"] == []
    counts["refused"] += 8


def tries_outside():
    nobody = Browser()
    nobody.ask("POST", "/api/login", {"name": "board", "password": "secret"}, 401)  # a wallboard is no agent
    for path in ("/api/me", f"/api/parts/{upload}", "/api/agents", "/api/queues/service"):
        nobody.get(path, 401)
    counts["refused"] += 5


class Phone:
    def __init__(self, user):
        self.lines = socket.create_connection(("127.0.0.1", WIRE), timeout=30).makefile("rw")
        self.number = 0
        assert self.ask("RequestAuthenticate", User=user, Password="secret")["Message"] == "EventAuthenticated"

    def ask(self, request, **more):
        self.number += 1
        self.lines.write(json.dumps({"Message": request, "ReferenceID": self.number, **more}) + "\n")
        self.lines.flush()
        while (one := json.loads(self.lines.readline())).get("ReferenceID") != self.number:
            pass
        return one

    def refused(self, request, **more):
        one = self.ask(request, **more)
        assert one["Message"] == "EventError" and one["ErrorCode"] in ("no_privilege", "not_logged_in", "invalid_dn", "invalid_state", "taken"), one
        counts["refused"] += 1


def tries_by_phone():
    olga = Phone("olga")
    for dn in ("7001", "1800", "5000"):  # marie sits there; queues are nobody's
        for request in ("RequestRegisterAddress", "RequestQueryAddress", "RequestAgentReady", "RequestAgentNotReady", "RequestAgentLogout"):
            olga.refused(request, ThisDN=dn)
        for request in ("RequestAnswerCall", "RequestReleaseCall", "RequestHoldCall", "RequestUpdateUserData", "RequestDeleteUserData"):
            olga.refused(request, ThisDN=dn, ConnID="0010000000000001", UserData={"k": "v"})
        olga.refused("RequestAccept", ThisDN=dn, TicketID="0001000000000001")
    olga.refused("RequestAgentLogin", ThisDN="7004", AgentID="marie")
    board = Phone("board")
    for request in ("RequestAgentLogin", "RequestAgentReady", "RequestAgentLogout", "RequestUpdateUserData", "RequestMakeCall"):
        board.refused(request, ThisDN="7001", AgentID="marie", OtherDN="7004", ConnID="0010000000000001", UserData={})


def tries_by_gcxctl(ixn):
    if os.getuid() != 0:
        return print("gcxctl in another role is not tried: it needs root")
    for words in (["end", ixn], ["change", ixn, "priority=9"], ["data", ixn], ["log-out", "marie"], ["release-claim", "marie"],
                  ["campaign", "winter", "start"], ["drain"], ["reload"], ["cancel-callback", "1"], ["log", "core", "debug"]):
        done = subprocess.run(["setpriv", "--reuid", "64011", "--regid", "64011", "--clear-groups", os.environ["GCXCTL"], "--socket",
                               f"{DIR}/door/admin.sock", *words, *(["--why", "I may not"] if words[0] != "data" else [])], capture_output=True, text=True,
                              env={**os.environ, "LSAN_OPTIONS": "detect_leaks=0"})
        assert done.returncode == 1 and "is for the role" in done.stdout + done.stderr, (words, done)
        counts["refused"] += 1


# ---- the walk ----

def log_in(name):
    return Browser().log_in(name, "secret")


browsers = {name: log_in(name) for name in ("marie", "olga", "jean", "sam")}
pages = {}


def come(*names):
    for name in names:
        pages[name] = Page(browsers[name])
        pages[name].ready("chat")


def links():
    return {one["name"]: one for one in browsers["sam"].get("/api/supervisor/status")["links"]}


def pids(name):
    return links()[name]["pid"]


def all_are_back():  # the customer's side, too
    while True:
        try:
            if all(one["state"] == "up" for one in links().values()):
                return
        except AssertionError:  # the core is not back yet
            pass
        time.sleep(0.05)


def chat_is_killed():
    open(f"{DIR}/chat.port", "w").close()
    os.kill(pids("chat"), signal.SIGKILL)
    while not (port := open(f"{DIR}/chat.port").read()):
        time.sleep(0.05)
    PORT["chat"] = int(port)


def told_again(*names):  # by the core, or by the desk, after it has been away
    for name in names:
        pages[name].held = []


come("marie", "olga", "jean", "sam")
upload = browsers["marie"].ask("POST", "/api/uploads?name=mine.txt", plain=b"mine")["upload"]
other = Customer("hidden", "I stand in a queue that no desk names")
mine, ixn, hidden = None, None, None


# Olga is that to the customer's chat, which is marie's.
def ask_olga(how, before):
    marie, olga = pages["marie"], pages["olga"]
    while True:
        marie.number += 1
        marie.send({"type": "move", "id": marie.number, "ixn": ixn, "how": how, "to": "agent", "name": "olga"})
        reply = marie.expect("reply", id=marie.number)
        if reply["ok"]:
            return olga.offered(ixn, how)
        assert reply["code"] == "busy", reply  # the offer from before outlived the desk
        olga.number += 1
        olga.send({"type": "reject", "id": olga.number, "claim": before})
        olga.expect("reply", id=olga.number)
        time.sleep(0.05)


def leave():
    pages["olga"].ask("move", ixn=ixn, how="leave")


KINDS = ("none", "offered", "consulted", "party")


# What is tried besides the conversation is tried in a whole walk only.
def walk(again, kinds=KINDS, whole=True):
    global mine, ixn, hidden
    for page in pages.values():
        page.waiting.clear()  # of the walk before
    mine = Customer("service", "Where is my parcel?")
    while len(found := [one for one in browsers["sam"].get("/api/supervisor/interactions")["interactions"] if one["state"] == "queued"]) < 2:
        time.sleep(0.05)
    ixn = pages["marie"].ask("pull", queue="service")["ids"][0]
    hidden = next(one["ixn"] for one in found if one["ixn"] != ixn)
    claim = pages["marie"].open_as(ixn, "owner")["claim"]
    for number, kind in enumerate(kinds):
        if kind != "none":
            claim = ask_olga({"offered": "transfer", "consulted": "consult", "party": "conference"}[kind], claim)
        if kind in ("consulted", "party"):
            pages["olga"].ask("accept", claim=claim)
            may = pages["olga"].open_as(ixn, kind, claim=claim)["may"]
            assert "done" not in may and "transfer" not in may and "leave" in may and ("message" in may) == (kind == "party"), may
        if kind == "offered":
            pages["marie"].refused("move", ixn=ixn, how="transfer", to="agent", name="jean")  # once is enough
            if whole:
                tries_besides(pages["jean"], ixn, hidden, claim)  # what is offered to olga
        again()
        tries(pages["olga"], ixn, kind)
        if kind == "none" and whole:
            tries_besides(pages["olga"], ixn, hidden, claim)
            tries_by_phone()
            tries_by_gcxctl(ixn)
            tries_outside()
        if kind == "consulted":  # what she says is for marie
            pages["olga"].ask("message", ixn=ixn, key=f"a{number}", text="Tell them tomorrow", visible="all")
            pages["marie"].expect("message", ixn=ixn, text="Tell them tomorrow", visible="agents")
        if kind == "offered" and again != desk_dies:  # whose page was away when the desk began again was not asked
            pages["olga"].ask("reject", claim=claim)
            pages["marie"].expect("refused", ixn=ixn)
        pages["marie"].ask("message", ixn=ixn, key=f"m{number}", text=f"Said {number}")
        mine.reads(f"Said {number}")
        if kind in ("consulted", "party"):
            leave()
    pages["marie"].ask("done", ixn=ixn)
    mine.expect("closed")


def nothing():
    pass


def core_is_killed():
    told_again(*pages)
    open(f"{DIR}/kill", "w").close()
    for page in pages.values():
        page.expect("core", up=False)
    for page in pages.values():
        page.expect("core", up=True)
    pages["marie"].open_as(ixn, "owner")
    all_are_back()


def desk_dies():
    with open(f"{DIR}/desk.pid", "w") as file:
        file.write(str(pids("desk")))
    desk_is_killed()
    for name in list(pages):
        pages[name] = Page(browsers[name])
    for name in pages:
        while pages[name].expect("states", agent=name)["states"].get("chat") not in ("ready", "not_ready"):
            pass
    if not [one for one in pages["marie"].held if one["type"] == "opened"]:
        pages["marie"].open_as(ixn, "owner")
    all_are_back()


def chat_dies():
    chat_is_killed()
    all_are_back()
    mine.back()


walk(nothing)
deaths = (core_is_killed, desk_dies, chat_dies)
for again in deaths:
    walk(again)
# One kill and one kind a round; an offer that outlives the desk is refused by who is then asked for advice.
for number in range(1, ROUNDS):
    again, kind = deaths[number % 3], KINDS[number // 3 % 4]
    kinds = (kind, "consulted") if (again, kind) == (desk_dies, "offered") else (kind,)
    walk(again, kinds, number % 50 == 0)
if ROUNDS > 1:
    walk(nothing)
print(f"{ROUNDS - 1} kills more, {counts['refused']} acts refused, each with a sentence")
