"""closed_stays.py DIR TOP - Agents around a visitor who has typed Anna's address; closed_stays.sh kills and restores meanwhile."""
import glob, itertools, sys
sys.path.insert(0, f"{sys.argv[2]}/tests/flows")
from walked import *

numbers = itertools.count(1)
everybody = marie, paul, zoe, yves, anne, vera = [Agent(name, "email chat") for name in ("marie", "paul", "zoe", "yves", "anne", "vera")]


class Visitor:
    """Their page comes back with what it was given."""
    def __init__(self):
        self.token, self.index, self.socket = None, 0, None
        until("a visitor begins", self.comes)

    def comes(self):
        try:
            self.socket = Socket(int(open(f"{DIR}/chat.port").read()), "/chat", {"Origin": "https://shop.example"})
            if self.token:
                self.socket.send({"type": "resume", "token": self.token, "index": self.index})
            else:
                self.socket.send({"type": "begin", "name": "Anna", "email": "anna@example.org", "queue": "chats"}, {"type": "message", "id": "v1", "text": "It is me."})
            self.token = self.hears("accepted")["token"]
            return True
        except LOST + (AssertionError,):
            return False

    def hears(self, type):
        with self.socket.within(5, lambda: type):
            while (one := self.socket.hear())["type"] != type:
                if one["type"] == "end":
                    raise EOFError
        return one


def statuses(agent, port):
    """What the agent is answered at the desk of that port, for each thing that is Anna's."""
    def status(method, path, body=None):
        for code in 403, 200, 204, 409, 404:
            try:
                answer = browser.ask(method, path, body, code)
                return code, answer
            except AssertionError as why:
                if not (isinstance(why.args[0], tuple) and isinstance(why.args[0][2], int)):
                    raise
                last = why
                if why.args[0][2] == 503:
                    raise OSError(str(why))
        raise AssertionError((method, path, last))
    before, PORT["desk"] = PORT["desk"], port
    try:
        browser = Browser().log_in(agent.name, "secret")
        seen = {path: status("GET", path)[0] for path in
                (f"/api/contacts/{ANNA}", f"/api/contacts/{ANNA}/history", f"/api/contacts/{ANNA}/thread", f"/api/interactions/{MAIL}",
                 f"/api/interactions/{MAIL}/transcript", f"/api/interactions/{MAIL}/parts/{PART}", f"/api/parts/{PART}") if "None" not in path}
        seen["edit"] = status("PUT", f"/api/contacts/{ANNA}/edit", {"changed": 1, "name": "Eve"})[0]
        seen["refusals"] = status("PUT", f"/api/contacts/{ANNA}/refusals", {"media": "sms", "on": True})[0]
        seen["note"] = status("PUT", f"/api/interactions/{MAIL}/note", {"key": f"n{next(numbers)}", "text": "seen"})[0]
        found = status("GET", "/api/contacts?q=anna@")[1]["contacts"], [one for one in status("GET", "/api/search?q=kettle")[1]["interactions"] if one["interaction"] == MAIL and "contact" in one]
        return seen, found
    finally:
        PORT["desk"] = before


def desks():
    return [int(until(name, lambda: open(f"{DIR}/{name}.port").read().strip())) for name in ("desk", "second")]


def both(agent):
    def ask():
        return [statuses(agent, port) for port in desks()]
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            return ask()
        except LOST:
            assert time.monotonic() < end
            time.sleep(0.05)


def closed(agent, when):
    for which, (seen, found) in zip(("desk", "second desk"), both(agent)):
        opened = {what: code for what, code in seen.items() if code != 403}
        assert not opened, f"{when}: at the {which} {agent.name} reads or changes {opened}"
        assert not any(found), f"{when}: at the {which} {agent.name} finds {found}"


def reads(agent, when):
    for seen, found in both(agent):
        shut = {what for what, code in seen.items() if code == 403}
        assert not shut, f"{when}: {agent.name} cannot read or change {shut}"
        assert found[0], f"{when}: {agent.name} finds nothing"


def who_is_closed(agents, when):
    for agent in everybody:
        for one in everybody:  # a page that hears nothing for a minute is taken for one that is gone, and its chat goes back
            if one.desk:
                one.tried("ping")
        (closed if agent in agents else reads)(agent, when)
    tell(f"closed to {[one.name for one in agents]} {when}")


def chat_of(agent):
    for one in agent.held().values():
        if one["media"] == "chat":
            return one
    return None


def takes(agent):
    def pulled():
        for ixn, place in agent.lying().items():
            agent.tried("pull", **place, ids=[ixn])
        return chat_of(agent)
    return until(lambda: f"{agent.name} has the chat: {live()}", lambda: chat_of(agent) or pulled())


def handed(how, giver, taker):
    """The taker accepts; whatever goes away meanwhile, the giver asks again."""
    def done():
        if chat_of(taker):
            return True
        if not chat_of(giver):
            return False
        giver.tried("move", ixn=chat_of(giver)["ixn"], how=how, to="agent", name=taker.name)
        offers = [one for one in taker.again(lambda: [one for one in taker.desk.held + taker.desk.waiting if one["type"] == "offer"]) if one["media"] == "chat"]
        if not offers:
            def heard():
                with taker.desk.within(3, lambda: "an offer"):
                    while (one := taker.desk.hear())["type"] != "offer":
                        pass
                return one
            try:
                offers = [heard()]
            except LOST + (AssertionError,):
                return False
        taker.tried("accept", claim=offers[-1]["claim"])
        return until(f"{taker.name} has it", lambda: chat_of(taker))
    until(lambda: f"{taker.name} has it by {how} from {giver.name}: {live()}", done)


# Anna has written, and her e-mail is done.
site("post", "anna", "kettle")
item = marie.take(lambda one: one["media"] == "email", "Anna's e-mail")
MAIL = marie.stored(item)
marie.says("done", ixn=item["ixn"])
ANNA = anne.get(f"/api/interactions/{MAIL}")["contact"]
parts = [part for one in anne.get(f"/api/interactions/{MAIL}/transcript")["messages"] for part in one.get("parts", ())]
PART = parts[0]["part"] if parts else None
who_is_closed([], "before anybody comes")

visitor = Visitor()
takes(paul)
who_is_closed([paul], "as soon as it is taken")
handed("transfer", paul, marie)
handed("consult", marie, zoe)
handed("conference", marie, yves)
anne.says("move", ixn=chat_of(marie)["ixn"], how="monitor")
part_in_it = [marie, paul, zoe, yves, anne]
who_is_closed(part_in_it, "to all who have a part in it")
who = vera.get(f"/api/interactions/{marie.stored(chat_of(marie))}")["agent"]
assert who == "marie", f"{who} has the chat, who only looks on or helps"
for victim in "desk", "core", "chat", "database":
    site(victim)
    who_is_closed(part_in_it, f"once {victim} is killed")
marie.says("move", ixn=chat_of(marie)["ixn"], how="place", to="queue", name="desk")
until("the chat lies in its queue", lambda: not chat_of(marie))
who_is_closed(part_in_it, "to who has had it, while it lies in its queue")
takes(marie)

# Killed while somebody accepts: as soon as the page has the chat, the contact is closed.
for victim, taker in ("desk", vera), ("core", marie), ("database", vera):
    giver = marie if taker is vera else vera
    site_begins(victim)
    handed("transfer", giver, taker)
    site_ends()
    part_in_it += [taker] if taker not in part_in_it else []
    who_is_closed(part_in_it, f"to {taker.name}, who has accepted amid a kill of {victim}")

# A backup is put back, of the state, and of the store, too.
for how in "", "all":
    site("backup")
    site("put_back", how)
    who_is_closed(part_in_it, f"once a backup is put back {how}")
until("the visitor comes back", visitor.comes)
taken = takes(vera)
who_is_closed(part_in_it, "once an agent has it again")

# The code goes to Anna's own mailbox.
vera.says("code", ixn=taken["ixn"])
letters = lambda: [open(name).read() for name in glob.glob(f"{DIR}/mail/box/anna/new/*")]
[letter] = until("the code comes", lambda: [one for one in letters() if "\nSubject: Your code" in one])
visitor.socket.send({"type": "message", "id": "v2", "text": re.search(r"\b\d{6}\b", letter.split("\n\n", 1)[1]).group()})
assert visitor.hears("verified")["right"]
who_is_closed([], "once the visitor is verified")
