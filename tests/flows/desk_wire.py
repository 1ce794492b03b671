# desk_wire.py DIR TOP - Agents at desks, a customer who chats and one who writes mails, for desk_wire.sh.
import base64, collections, contextlib, datetime, glob, hmac, os, re, signal, smtplib, sqlite3, struct, subprocess, sys, time, urllib.parse
from desk_client import *
from desk_roles import roles
from desk_strategies import strategies
from smuggle import smuggle

BEGAN = time.strftime("%Y-%m-%d")

for name in ("chat", "lmtp"):
    PORT[name] = int(open(f"{DIR}/{name}.port").read())


class Customer(Socket):
    def __init__(self):
        super().__init__(PORT["chat"], "/chat", {"Origin": "https://shop.example"})
        self.reads, self.place = [], 0  # places up to which an agent has read; that of the last message

    def hear(self):
        one = super().hear()
        if one["type"] == "read":
            self.reads.append(one["index"])
        self.place = one.get("index", self.place) if one["type"] in ("kept", "message") else self.place
        return one

    def expect(self, type, **more):
        while (one := self.hear())["type"] != type or any(one.get(key) != value for key, value in more.items()):
            assert one["type"] != "end", (type, more)
        return one


def mail(number, subject, words=None, head="", who="Anna <anna@example.org>", to="service@shop.example", kind=None):
    text = f"From: {who}\r\nTo: {to}\r\nSubject: {subject}\r\n{head}"
    text += f"Message-ID: <{number}@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: {kind or ('text/plain' if words else 'text/html')}\r\n\r\n"
    text += words or "<p>Where is my <b>parcel</b>?<script>alert(1)</script>\r\n"
    while True:  # as mail servers do: the adapter may not be back at the core yet
        try:
            with smtplib.LMTP("127.0.0.1", PORT["lmtp"]) as server:
                return server.sendmail(who.split("<")[-1].strip(">"), ["service@shop.example"], text)
        except smtplib.SMTPResponseException as why:
            assert why.smtp_code == 451, why
            time.sleep(0.05)


# Who may come: by TLS only.
with socket.create_connection(("127.0.0.1", PORT["desk"]), timeout=30) as plain:
    plain.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    try:
        assert not plain.recv(4096).startswith(b"HTTP/")
    except ConnectionError:
        pass
nobody = Browser()
for path in ("/api/me", "/api/contacts?q=a", "/api/parts/1", "/api/agents"):
    nobody.get(path, 401)
nobody.ask("POST", "/api/login", {"name": "marie", "password": "wrong"}, 401)
nobody.ask("POST", "/api/login", {"name": "nobody", "password": "wrong"}, 401)
nobody.ask("POST", "/api/login", {"name": "marie", "password": "secret", "more": 1}, 400)
nobody.ask("POST", "/api/login", {"name": "marie", "password": "secret"}, 403, {"Origin": "https://evil.example"})
nobody.ask("POST", "/api/login", {"name": "marie", "password": "secret"}, 403, {"Host": "evil.example", "Origin": "https://evil.example"})
nobody.ask("POST", "/api/login", {"name": "marie", "password": "secret"}, 403, {"Host": "evil.example", "Origin": None})
nobody.ask("POST", "/api/login", code=400, plain=b"name=marie")
smuggle(lambda: TLS.wrap_socket(socket.create_connection(("127.0.0.1", PORT["desk"]), timeout=30), server_hostname="127.0.0.1"), "/")
assert nobody.get("/openapi.json") == API
assert b"<html" in nobody.get("/")
nobody.get("/nothing.js", 404)
nobody.get("/../users", 404)
nobody.get("/%2e%2e%2fusers", 404)
for headers in ({}, {"Cookie": "desk=guessed"}):
    try:
        Socket(PORT["desk"], "/desk", {"Origin": origin(), **headers})
        raise AssertionError("it was let in")
    except Refused as why:
        assert " 401 " in str(why), why
marie, paul = Browser().log_in("marie", "secret"), Browser().log_in("paul", "other")
try:
    Socket(PORT["desk"], "/desk", {"Cookie": marie.cookie})
    raise AssertionError("it names no Origin, and was let in")
except Refused as why:
    assert " 403 " in str(why), why
assert marie.me["role"] == "agent" and marie.me["wrapups"] == ["solved", "spam"], marie.me
assert marie.get("/api/me")["csrf"] == marie.csrf
marie.get("/api/supervisor/queues", 403)
marie.get("/api/contacts", 400)
marie.get("/api/contacts?q=a&x=1", 400)
marie.get("/api/contacts/9", 404)
marie.get("/api/contacts/x", 404)
marie.get("/api/contacts/1/history", 404)
marie.get("/api/contacts/1/thread", 404)
marie.ask("PUT", "/api/contacts/1/refusals", {"media": "sms", "on": True}, 404)
marie.get("/api/parts/9", 404)
marie.get("/api/stored?media=chat&external_id=x", 404)
marie.get("/api/responses/9", 404)
# Colleagues of the directory are found by a part of their names, logged in or not.
named = lambda part: [(one["agent"], one.get("display")) for one in marie.get("/api/agents?find=" + urllib.parse.quote(part))["agents"]]
assert named("NOI") == [("anne", "Anne Noir")] and named("pét") == [("paul", "Paul Petit")] and named("noirs") == named("an e") == [], named("")
assert "anne" not in [one["agent"] for one in marie.get("/api/agents")["agents"]]
for token in (None, marie.csrf[:-1], "A" * len(marie.csrf)):
    marie.ask("POST", "/api/logout", code=403, headers={"X-CSRF-Token": token})
marie.ask("POST", "/api/logout", code=403, headers={"Origin": "https://evil.example"})
try:
    Socket(PORT["desk"], "/desk", {"Cookie": marie.cookie, "Origin": "https://evil.example"})
    raise AssertionError("it was let in")
except Refused as why:
    assert " 403 " in str(why), why

# Who is not logged in sends little, and an address has so many connections, those without a request too.
marie.ask("POST", "/api/uploads?name=large", plain=b"x" * 1000000)
try:
    nobody.ask("POST", "/api/uploads?name=large", plain=b"x" * 1000000)
    raise AssertionError("it was taken")
except (OSError, http.client.HTTPException):
    pass
idle = [socket.create_connection(("127.0.0.1", PORT["desk"]), timeout=30) for _ in range(41)]
assert idle[-1].recv(1) == b""
for one in idle:
    one.close()
while True:  # until their end has been seen
    try:
        marie.get("/api/me")
        break
    except (OSError, http.client.HTTPException):
        time.sleep(0.05)

# A chat is offered, accepted, answered, resumed at another connection, finished.
desk = Desk(marie)
desk.ask("accept", "taken", claim=7)
desk.ask("state", "invalid", media="voice", state="ready")
desk.ask("state", "invalid", media="chat", state="ready", more=1)
desk.ask("nothing", "invalid")
desk.ask("message", "invalid", ixn="1-00000000002g", key="k", text="x")
desk.ask("message", "unknown", ixn="1-00000000002a", key="k", text="x")
desk.ask("message", "invalid", ixn="1-00000000002a", key="k", text="a\u0007b")
desk.ask("state", "invalid", media="chat", state="ready", reason="a\u0000b")
desk.ask("state", "invalid", media="chat", state="ready", reason="é" * 33)  # 64 characters, and bytes, are the most
desk.ask("state", "invalid_destination", media="chat", state="ready", place="nowhere")
desk.ask("state", "invalid", media="chat", state="not_ready", reason="made up")

# One state for all media: who is logged in to none means all of them; then those alone that the agent is logged in to.
def is_everywhere(states, reason=None):
    fits = lambda one: one["agent"] == "marie" and {name: state for name, state in one["states"].items() if name != "voice" and state != "logged_out"} == states
    while not fits(now := desk.expect("states")):
        pass
    assert all(now["reasons"].get(name) == reason for name in states), now


refused = desk.ask("state", "invalid_destination", state="ready", place="nowhere")["refused"]
assert refused == dict.fromkeys(("chat", "email", "im"), "invalid_destination"), refused
desk.ask("state", "invalid", state="not_ready", reason="made up")
desk.ask("state", state="logged_out")  # of nothing
desk.ask("state", state="not_ready", reason="lunch")
is_everywhere(dict.fromkeys(("chat", "email", "im"), "not_ready"), "lunch")
desk.ask("state", media="im", state="logged_out")
desk.ask("state", state="after_call_work")
is_everywhere(dict.fromkeys(("chat", "email"), "after_call_work"))
desk.ask("state", state="logged_out")
is_everywhere({})
unsent = marie.ask("POST", "/api/uploads?name=mine.txt", plain=b"mine")["upload"]
assert marie.get(f"/api/parts/{unsent}") == b"mine"
paul.get(f"/api/parts/{unsent}", 404)  # unsent, it is hers alone
desk.ready("chat")
for state, reason in ("not_ready", "lunch"), ("not_ready", None), ("ready", None):  # a reason ends with its state, or is taken back
    desk.ask("state", media="chat", state=state, **({"reason": reason} if reason else {}))
    while (now := desk.expect("states", agent="marie"))["states"].get("chat") != state or now["reasons"].get("chat") != reason:
        pass
desk.ask("state", "invalid_state", media="chat", state="ready", place="elsewhere")
# Whoever only opens a chat rings nobody, also where the adapter is killed meanwhile: it begins by the first words.
anne = Browser().log_in("anne", "third")
# What a person has chosen of the console is the server's: below it is there still, after the desk was killed.
anne.ask("PUT", "/api/chosen/agents", {"value": "{}"}, 204)
anne.ask("PUT", "/api/chosen/queues", {"value": "y" * 4097}, 400)
for name in ["old", "often", *range(62), "often", "new"]:
    paul.ask("PUT", f"/api/chosen/{name}", {"value": "{}"}, 204)
assert len(kept := paul.get("/api/chosen")["chosen"]) == 64 and "old" not in kept and "often" in kept, kept


def chat_is_killed(hung=lambda: None):
    pid = [one["pid"] for one in anne.get("/api/supervisor/status")["links"] if one["name"] == "chat"][0]
    os.kill(pid, signal.SIGSTOP)
    hung()
    open(f"{DIR}/chat.port", "w").close()
    os.kill(pid, signal.SIGKILL)
    while not (port := open(f"{DIR}/chat.port").read()):
        time.sleep(0.05)
    PORT["chat"] = int(port)


anna = Customer()
anna.send({"type": "begin", "name": "Anna", "email": "Anna@example.org", "queue": "service", "subject": "My parcel"})
token = anna.expect("accepted", index=0)["token"]
anna.send({"type": "typing", "on": True})
anna.lost()
for _ in range(2):
    anna = Customer()
    anna.send({"type": "resume", "token": token, "index": 0})
    anna.expect("accepted", token=token, index=0)
    assert anne.get("/api/supervisor/interactions")["interactions"] == []
    assert anne.get("/api/search?q=parcel")["interactions"] == []
    chat_is_killed()
gone = Customer()
gone.send({"type": "begin", "queue": "service"})
gone.expect("accepted")
gone.send({"type": "leave"})
gone.expect("closed", reason="left")
anna = Customer()
anna.send({"type": "resume", "token": token, "index": 0})
anna.send({"type": "message", "id": "marie:1", "text": "Hello? <b>"}, {"type": "message", "id": "marie:1", "text": "Hello? <b>"},
          {"type": "message", "id": "marie:2", "text": "My parcel."})
first = anna.expect("kept", id="marie:1")["index"]
assert anna.expect("kept", id="marie:2")["index"] == first + 1
offer = desk.expect("offer", media="chat", subject="My parcel")
assert 0 < offer["countdown"] <= 60000, offer
desk.lost()
desk = Desk(marie)
anna.send({"type": "message", "id": "marie:3", "text": "Anybody?"})
anna.expect("kept", id="marie:3")
again = [one for one in desk.held if one["type"] == "offer"]
assert len(again) == 1 and again[0]["claim"] == offer["claim"] and again[0]["countdown"] <= offer["countdown"], desk.held
desk.ask("accept", claim=offer["claim"])
ixn = desk.expect("opened", claim=offer["claim"])["ixn"]
owed = desk.expect("reply_due", ixn=ixn, warns=False)["due"] / 1000 - time.time()  # the strategy gives four hours
assert 14000 < owed < 14410, owed
desk.expect("party", ixn=ixn, agent="marie", on=True)
anna.expect("joined", **{"from": "Marie Laurent"})
# What is begun is kept with it for whoever has it next, and forgotten when it is sent.
desk.ask("draft", ixn=ixn, text="Good")
assert desk.expect("data", ixn=ixn)["changed"] == {"draft": "Good", "draft_by": "marie"}
desk.ask("draft", ixn=ixn, text="")
assert sorted(desk.expect("data", ixn=ixn)["deleted"]) == ["draft", "draft_by"]
desk.ask("draft", ixn=ixn, text="Good mor")
desk.expect("data", ixn=ixn)
desk.ask("message", ixn=ixn, key="k1", text="Good morning")
assert sorted(desk.expect("data", ixn=ixn)["deleted"]) == ["draft", "draft_by"]
assert "due" not in desk.expect("reply_due", ixn=ixn)  # it is there
desk.expect("message", ixn=ixn, key="k1", role="agent", text="Good morning")
anna.expect("message", role="agent", text="Good morning")
def customers(method, path, body=b"", **more):
    one = http.client.HTTPConnection("127.0.0.1", PORT["chat"], timeout=60)
    one.request(method, path, body, {"Authorization": "Bearer " + token, **more})
    answer = one.getresponse()
    assert answer.status == 200, answer.read()
    return answer.read()


# Files, both ways.
file = json.loads(customers("POST", "/files?name=a%3Cb%3E.png", b"\x89PNG", **{"Content-Type": "image/png"}))["file"]
anna.send({"type": "message", "id": "photo", "file": file})
desk.expect("message", ixn=ixn, role="customer", text="a<b>.png", file=file)
assert marie.get(f"/api/parts/{file}") == b"\x89PNG"
desk.ask("message", "invalid", ixn=ixn, key="bill", text="bill.pdf", file=file)
upload = marie.ask("POST", "/api/uploads?name=bill.pdf&type=application/pdf", plain=b"%PDF")["upload"]
desk.ask("message", ixn=ixn, key="bill", text="bill.pdf", file=upload)
desk.expect("message", ixn=ixn, key="bill", text="bill.pdf", file=upload)
told = anna.expect("message", role="agent", text="bill.pdf", file={"file": upload, "length": 4, "type": "application/pdf"})
assert customers("GET", f"/files/{upload}") == b"%PDF"
desk.ask("ping")
desk.ask("typing", ixn=ixn, on=True)
anna.expect("typing", on=True)
anna.send({"type": "typing", "on": True})
desk.expect("typing", ixn=ixn, on=True, role="customer")
anna.send({"type": "message", "id": "m2", "text": "Where is it?"})
desk.expect("message", ixn=ixn, role="customer", text="Where is it?")
# Her page shows it: the customer is told that it is read, once, also where the adapter is killed (below).
assert anna.reads == []
desk.ask("look", ixn=ixn, on=True)
read = anna.expect("read")["index"]
assert read == anna.place, (read, anna.place)
desk.ask("look", ixn=ixn, on=True, writes=True)
desk.ask("look", ixn=ixn, on=False)
desk.ask("look", ixn=ixn, on=True)
desk.ask("look", ixn=ixn, on=False)
desk.ask("data", ixn=ixn, pairs={"parcel": "4711"})
assert desk.expect("data", ixn=ixn)["changed"] == {"parcel": "4711"}
assert marie.me["data"] == ["parcel", "note"], marie.me
desk.ask("data", "no_privilege", ixn=ixn, pairs={"parcel": "4711", "wrapup": "solved"})
desk.ask("data", "no_privilege", ixn=ixn, delete=["stored"])
# Tags are those of the setting; what a macro says is done in one request, whose tags are added to those there are.
assert marie.me["tags"] == ["urgent", "slow"] and [one["name"] for one in marie.me["macros"]] == ["Late", "Away"], marie.me
for pairs in ({"tags": "vip"}, {"tags": "urgent, vip"}):
    desk.ask("data", "invalid", ixn=ixn, pairs=pairs)
desk.ask("data", ixn=ixn, pairs={"tags": "urgent"})
assert desk.expect("data", ixn=ixn)["changed"] == {"tags": "urgent"}
desk.ask("macro", "invalid", ixn=ixn, name="None")
desk.ask("macro", ixn=ixn, name="Late")
while desk.expect("data", ixn=ixn)["changed"] != {"note": "late", "tags": "urgent, slow", "wrapup": "solved"}:
    pass
desk.ask("data", "invalid", ixn=ixn, macro="Late", pairs={"wrapup": "nonsense"})
desk.ask("data", ixn=ixn, macro="Late", delete=["wrapup"])
assert desk.expect("data", ixn=ixn)["deleted"] == ["wrapup"]
for macro in ({}, {"macro": "Late"}):  # a reason is given back where the macro gives one
    desk.ask("data", "no_privilege", ixn=ixn, **macro, pairs={"move_reason": "before"})
desk.ask("data", ixn=ixn, macro="Away", pairs={"move_reason": "before"})
desk.ask("data", ixn=ixn, macro="Away", delete=["move_reason"])
assert desk.expect("data", ixn=ixn)["changed"] == {"move_reason": "before"} and desk.expect("data", ixn=ixn)["deleted"] == ["move_reason"]
desk.ask("data", ixn=ixn, pairs={"note": "é" * 2000})
desk.ask("data", "invalid", ixn=ixn, pairs={"note": "é" * 2001})
desk.lost()
desk = Desk(marie)
held = [one for one in desk.held if one["type"] == "opened"]
assert [one["ixn"] for one in held] == [ixn] and held[0]["data"]["parcel"] == "4711", desk.held
two = Desk(marie)  # in another window
while (end := desk.hear())["type"] != "end":
    pass
assert end["code"] == 4002, end
desk = two
# The address is what somebody typed: it is marked, and opens nobody's contact.
stored = marie.get(f"/api/stored?media=chat&external_id={offer['external_id']}")
a_chat = offer["external_id"]
assert stored["unverified"] and "contact" not in stored and stored["address"] == "Anna@example.org", stored
assert held[0]["data"]["address_verified"] is False, held
# Who has the chat does not see whose address it is, whatever is asked; who has not, does.
theirs = paul.get("/api/contacts?q=anna@")["contacts"][0]["contact"]
assert marie.get("/api/contacts?q=anna@") == {"contacts": [], "closed": True}
for what in "", "/history", "/thread":
    assert marie.get(f"/api/contacts/{theirs}{what}", 403)["error"] == "unverified"
marie.ask("PUT", f"/api/contacts/{theirs}/edit", {"changed": 1, "name": "Eve"}, 403)
marie.ask("PUT", f"/api/contacts/{theirs}/refusals", {"media": "email", "on": True}, 403)
assert held[0]["who"] == {"unverified": True, "thread": stored["thread"], "open": []} if "who" in held[0] else desk.expect("who", ixn=ixn), held
assert all("contact" not in one and one["unverified"] for one in marie.get("/api/search?q=parcel")["interactions"])
lines = marie.get(f"/api/interactions/{stored['interaction']}/transcript")["messages"]
assert [one["text"] for one in lines if one["text"]] == ["Hello? <b>", "My parcel.", "Anybody?", "Good morning", "a<b>.png", "bill.pdf", "Where is it?"], lines

# The chat's adapter hangs, and is killed: what was written meanwhile comes by the next one, once.
chat_is_killed(lambda: desk.ask("message", ixn=ixn, key="k3", text="It is on its way"))
anna = Customer()
anna.send({"type": "resume", "token": token, "index": 0})
# The answer to `resume` stands before the message where the core gives it to the new adapter only then.
heard = []
while not {"accepted", "It is on its way"} <= {one.get(key) for one in heard for key in ("type", "text")}:
    heard.append(anna.hear())
assert next(one for one in heard if one["type"] == "accepted")["read"] == read, heard
desk.ask("look", ixn=ixn, on=True)
desk.ask("look", ixn=ixn, on=False)
# A supervisor who looks on has not read it for the customer.
chief = Desk(anne)
chief.ask("state", media="chat", state="not_ready")
chief.ask("move", ixn=ixn, how="monitor")
chief.expect("opened", ixn=ixn, move="monitor")
chief.ask("look", ixn=ixn, on=True)
anna.send({"type": "message", "id": "m4", "text": "And?"})
chief.expect("message", ixn=ixn, role="customer", text="And?")
chief.ask("move", ixn=ixn, how="leave")
chief.expect("closed", ixn=ixn, reason="left")
chief.ask("state", media="chat", state="logged_out")
chief.lost()

# A note of the chat names who has it, who finds it after the desk was killed, too.
paul.ask("PUT", f"/api/interactions/{stored['interaction']}/note", {"key": "k", "text": "@marie, she wrote to me, too."})
# The desk is killed: the browser comes back by its cookie, with what the agent has, as ready as before.
desk_is_killed()
kept = open(f"{DIR}/sessions").read()
assert os.stat(f"{DIR}/sessions").st_mode & 0o077 == 0 and marie.csrf in kept, kept
assert marie.cookie.split("=")[1] not in kept, kept
assert marie.get("/api/me")["csrf"] == marie.csrf
assert marie.get(f"/api/parts/{unsent}") == b"mine"
paul.get(f"/api/parts/{unsent}", 404)
nobody.get("/api/me", 401, headers={"Cookie": "desk=guessed"})
desk = Desk(marie)
named = desk.expect("mentions")["mentions"]
assert [one["text"] for one in named] == ["@marie, she wrote to me, too."] and not named[0].get("name"), named
assert marie.get("/api/mentions")["mentions"] == named
marie.ask("PUT", f"/api/mentions/{named[0]['mention']}/seen")
if not [one for one in desk.held if one["type"] == "opened" and one["ixn"] == ixn]:
    desk.expect("opened", ixn=ixn)
while desk.expect("states", agent="marie")["states"].get("chat") != "ready":
    pass
desk.ask("message", ixn=ixn, key="k4", text="I am back")
anna.expect("message", role="agent", text="I am back")
assert anna.reads == [], anna.reads

# The core is killed.
open(f"{DIR}/kill", "w").close()
desk.expect("core", up=False)
desk.expect("core", up=True)
desk.expect("opened", ixn=ixn)
assert not [one for one in desk.waiting if one["type"] == "closed"], desk.waiting  # it was hers all the time
desk.ask("look", ixn=ixn, on=True)
anna.send({"type": "message", "id": "m3", "text": "And now?"})
desk.expect("message", ixn=ixn, role="customer", text="And now?")
while anna.expect("read")["index"] != anna.place:  # what was read before the core was there may be told first
    pass
desk.ask("message", ixn=ixn, key="k2", text="Still here")
while (one := anna.hear()).get("text") != "Still here":
    assert one["type"] != "message" or one["role"] == "customer", one
desk.ask("done", "invalid", ixn=ixn, wrapup="nothing")
desk.ask("done", ixn=ixn, wrapup="solved")
desk.expect("closed", ixn=ixn, reason="done")
anna.expect("closed")

# The desk is killed once more: a chat that comes before the page is back waits for it, and is offered once.
with open(f"{DIR}/desk.pid", "w") as file:
    file.write(str([one["pid"] for one in anne.get("/api/supervisor/status")["links"] if one["name"] == "desk"][0]))
desk_is_killed()
bob = Customer()
bob.send({"type": "begin", "name": "Bob", "subject": "Meanwhile"})
bob.expect("accepted")
bob.send({"type": "message", "id": "b1", "text": "Anybody?"})
bob.expect("kept", id="b1")
while len(anne.get("/api/supervisor/interactions")["interactions"]) < 2:  # anna's has ended
    time.sleep(0.05)
desk = Desk(marie)
early = [one for one in desk.held if one["type"] == "offer"]
offer = early[0] if early else desk.expect("offer", subject="Meanwhile")
meanwhile = offer["external_id"]
desk.ask("accept", claim=offer["claim"])
ixn = desk.expect("opened", claim=offer["claim"])["ixn"]
desk.expect("party", ixn=ixn, agent="marie", on=True)  # the strategy has ended
# The customer ends it: it is over, and hers until she says what came of it, also where the desk is killed.
bob.send({"type": "leave"})
over = desk.expect("opened", ixn=ixn)
assert over["over"] / 1000 <= time.time() + 1 and over["may"] == [] and "parcel" not in over["data"], over
desk.ask("message", "unknown", ixn=ixn, key="late", text="Are you there?")
desk.ask("done", "invalid", ixn=ixn, wrapup="nothing")
# And killed while an offer stands there: the offer waits for the page, and stands there once.
carl = Customer()
carl.send({"type": "begin", "name": "Carl", "subject": "Offered"}, {"type": "message", "id": "r1", "text": "Anybody?"})
carl.expect("kept", id="r1")
shown = desk.expect("offer", subject="Offered")
with open(f"{DIR}/desk.pid", "w") as file:
    file.write(str([one["pid"] for one in anne.get("/api/supervisor/status")["links"] if one["name"] == "desk"][0]))
desk_is_killed()
desk = Desk(marie)
assert over in desk.held, desk.held
# a second word while the store writes the first
desk.send(*({"type": "done", "id": len(number), "ixn": over["ixn"], "wrapup": "solved"} for number in ("twice", "once")))
desk.expect("closed", ixn=over["ixn"], reason="done")
for number in "twice", "once":
    assert "code" not in desk.expect("reply", id=len(number))
desk.ask("done", "unknown", ixn=over["ixn"])
stored = marie.get(f"/api/stored?media=chat&external_id={meanwhile}")
assert stored["result"] == "solved" and stored["ended"], stored
early = [one for one in desk.held if one["type"] == "offer"]
offer = early[0] if early else desk.expect("offer", subject="Offered")
assert offer["claim"] == shown["claim"] and 0 < offer["countdown"] <= shown["countdown"], (offer, shown)
desk.ask("accept", claim=offer["claim"])
ixn = desk.expect("opened", claim=offer["claim"])["ixn"]
desk.expect("party", ixn=ixn, agent="marie", on=True)
assert not [one for one in desk.waiting if one["type"] == "offer"], desk.waiting
desk.ask("done", ixn=ixn)
carl.expect("closed")

# Who has typed an address is its owner once they type the code that was sent there.
def begun(**more):
    customer = Customer()
    customer.send({"type": "begin", "name": "Eve", "queue": "service", **more}, {"type": "message", "id": "e1", "text": "It is me"})
    customer.expect("accepted")
    offer = desk.expect("offer", media="chat")
    desk.ask("accept", claim=offer["claim"])
    item = desk.expect("opened", claim=offer["claim"])
    desk.expect("party", ixn=item["ixn"], agent="marie", on=True)  # the strategy has ended
    return customer, item


def over(customer, item):
    desk.ask("done", ixn=item["ixn"])
    customer.expect("closed")


# Who is erased while a conversation is over, but not done, is in no page and no file of the desk any more.
dora, item = begun(email="dora@example.org")
doras = item["external_id"]
dora.send({"type": "leave"})
while not desk.expect("opened", ixn=item["ixn"]).get("over"):
    pass
assert "dora@example.org" in open(f"{DIR}/sessions").read()
while subprocess.run([f"{os.environ['top_builddir']}/gcxctl", "erase", "dora@example.org", f"{DIR}/gcx.conf"], capture_output=True).returncode != 0:
    time.sleep(0.05)  # the store may not have its end yet
desk.expect("closed", ixn=item["ixn"], reason="gone")
assert "dora@example.org" not in open(f"{DIR}/sessions").read()
desk.ask("done", "unknown", ixn=item["ixn"])
eve, item = begun(email="anna@example.org")
assert item["data"]["address_verified"] is False, item
desk.ask("code", "invalid", ixn=item["ixn"], by="sms")  # no number of this contact is known
desk.ask("code", ixn=item["ixn"])
sent = next(one for one in paul.get("/api/search?q=code")["interactions"] if one["media"] == "email")
code = re.search(r"\d{6}", paul.get(f"/api/interactions/{sent['interaction']}/transcript")["messages"][0]["text"]).group()
marie.get(f"/api/interactions/{sent['interaction']}/transcript", 403)  # the agent does not read it
marie.ask("POST", "/api/help", {"interaction": sent["interaction"], "kind": "reply", "medium": "email"}, 403)
eve.send({"type": "message", "id": "e2", "text": "%06d" % ((int(code) + 1) % 1000000)})
eve.expect("verified", right=False)
eve.send({"type": "message", "id": "e3", "text": f"It is {code[:3]} {code[3:]}."})
eve.expect("verified", right=True)
while desk.expect("data", ixn=item["ixn"])["changed"] != {"address_verified": True}:
    pass
assert marie.get(f"/api/contacts/{theirs}")["contact"] == theirs
desk.ask("code", "invalid", ixn=item["ixn"])  # it is verified
over(eve, item)
# Or it goes as a text to a number of the contact.
changed = lambda: paul.get(f"/api/contacts/{theirs}")["changed"]
paul.ask("PUT", f"/api/contacts/{theirs}/edit", {"changed": changed(), "add": [{"kind": "phone", "address": one} for one in ("+49 30 1234", "+49 170 1234567", "+49 30 1235")]})
eve, item = begun(email="anna@example.org")
desk.ask("code", ixn=item["ixn"], by="sms")
text = paul.get("/api/views/texting")["items"][0]
assert text["from"] == "+491701234567", text  # the first mobile one
eve.send({"type": "message", "id": "e2", "text": re.search(r"\d{6}", text["data"]["message"]).group()})
eve.expect("verified", right=True)
over(eve, item)
paul.ask("PUT", f"/api/contacts/{theirs}/edit", {"changed": changed(), "remove": [{"kind": "phone", "address": one} for one in ("+49301234", "+491701234567", "+49301235")]})
desk.ask("state", media="email", state="not_ready")
desk.ask("pull", queue="outbound", count=1)
desk.ask("done", ixn=desk.expect("opened", subject="Your code")["ixn"])


# Or once the site says so, by a token that it signs and that holds once.
def token_of(claims, algorithm="HS256"):
    part = lambda data: base64.urlsafe_b64encode(data).rstrip(b"=").decode()
    said = part(json.dumps({"alg": algorithm}).encode()) + "." + part(json.dumps(claims).encode())
    return said + "." + part(hmac.digest(b"s" * 32, said.encode(), "sha256"))


claims = {"email": "anna@example.org", "name": "Anna", "aud": "shop", "exp": int(time.time()) + 3600, "jti": "1"}
for wrong in token_of({**claims, "aud": "other"}), token_of({**claims, "exp": int(time.time()) - 1}), token_of(claims, "none"):
    stranger = Customer()
    stranger.send({"type": "begin", "queue": "service", "identity": wrong})
    stranger.expect("error", code="identity")
for verified in True, False:  # it comes twice
    anna, item = begun(identity=token_of(claims))
    assert item["data"]["address_verified"] is verified and item["data"]["email"] == "anna@example.org", item
    stored = marie.get(f"/api/stored?media=chat&external_id={item['external_id']}")
    assert stored.get("contact") == (theirs if verified else None) and stored.get("unverified") == (None if verified else True), stored
    over(anna, item)

# Or by an HMAC of the address, which holds again; of another address it holds for nobody.
mine = hmac.new(b"s" * 32, b"anna@example.org", "sha256").hexdigest()
for wrong in {"email": "paul@example.org", "identity": mine}, {"identity": mine}, {"email": "anna@example.org", "identity": "0" * 64}:
    stranger = Customer()
    stranger.send({"type": "begin", "queue": "service", **wrong})
    stranger.expect("error", code="identity")
for _ in range(2):
    anna, item = begun(email="anna@example.org", identity=mine)
    assert item["data"]["address_verified"] is True, item
    over(anna, item)

# Or by a code that the strategy has sent: it counts the wrong ones, and the code is in nothing that the core has.
def letter(subject, after=0):
    while True:  # the mail server has it as a file
        for name in sorted(glob.glob(f"{DIR}/letter.*[0-9]")):
            with open(name) as file:
                text = file.read()
            if f"Subject: {subject}\n" in text and int(name.rsplit(".")[-1]) > after:
                return int(name.rsplit(".")[-1]), text
        time.sleep(0.02)


last = 0
for good in True, False:
    eve = Customer()
    eve.send({"type": "begin", "name": "Vera", "email": "anna@example.org"}, {"type": "message", "id": "v1", "text": "Hello"})
    eve.expect("message", role="bot", text="We send you a code.")
    last, text = letter("Your code", last)
    code = re.search(r"Shop: (\d{6})\.", text).group(1)
    assert "To: anna@example.org" in text, text
    eve.send({"type": "message", "id": "v2", "text": "%06d" % ((int(code) + 1) % 1000000)})
    eve.expect("verified", right=False)
    eve.send({"type": "message", "id": "v3", "text": code if good else "%06d" % ((int(code) + 2) % 1000000)})
    eve.expect("verified", right=good)
    eve.expect("message", role="bot", text="Thank you." if good else "No: rejected")
    eve.expect("closed")


# Whoever is asked by mail how it was answers by a reply: nobody gets it as work, and a second one changes nothing.
def ended(external_id):
    with contextlib.closing(sqlite3.connect(f"file:{DIR}/contacts?mode=ro", uri=True)) as store:
        while not (row := store.execute("SELECT result, agent FROM interactions WHERE external_id = ? AND ended IS NOT NULL", [external_id]).fetchone()):
            time.sleep(0.02)
    return row


mail("judge", "Judge")
_, text = letter("How was it?")
question = re.search(r"(?im)^message-id: *(<.*>)$", text).group(1)
for number, words in enumerate(["Five stars!\r\n\r\n> Please answer by 1 to 5.", "1"]):
    mail(f"mark{number}", "Re: How was it?", words, f"In-Reply-To: {question}\r\n")
    assert ended(f"mark{number}@example.org") == ("closed", None), number

# A mail is offered, shown, answered once, finished.
mail(1, "A <i>parcel</i>")
desk.ready("email")
offer = desk.expect("offer", media="email")
assert offer["from"] == "anna@example.org" and offer["received"] > 0 and offer["subject"] == "A <i>parcel</i>", offer
desk.ask("accept", claim=offer["claim"])
desk.ask("accept", claim=offer["claim"])  # twice is once
ixn = desk.expect("opened", claim=offer["claim"])["ixn"]
stored = marie.get("/api/stored?media=email&external_id=" + urllib.parse.quote(offer["external_id"]))
lines = marie.get(f"/api/interactions/{stored['interaction']}/transcript")["messages"]
assert "parcel" in lines[0]["text"] and "alert" not in lines[0]["text"] and "<b>" not in lines[0]["text"], lines
parts = marie.get(f"/api/interactions/{stored['interaction']}/parts")["parts"]
raw = next(one for one in parts if one["role"] == "html")
assert b"<script>" in marie.get(f"/api/parts/{raw['part']}")  # to be saved, never shown
# Articles by beginnings of words, without accents; the helper gets what was written, and its answer comes back.
assert [one["article"] for one in marie.get("/api/knowledge")["articles"]] == ["bills", "parcels"]
assert [one["title"] for one in marie.get("/api/knowledge?q=COL%20est%20ou")["articles"]] == ["Où est mon colis ?"]
assert [one["article"] for one in marie.get("/api/knowledge?q=mail")["articles"]] == ["bills"] and not marie.get("/api/knowledge?q=ills")["articles"]
article = marie.get("/api/knowledge/parcels")
assert article["link"] == "https://help.example/parcels" and article["text"].startswith("Parcels are"), article
for name in ("note", "..%2Fusers", "parcels.md"):
    marie.get(f"/api/knowledge/{name}", 404)
wish = {"interaction": stored["interaction"], "kind": "reply", "medium": "email"}
suggestions = marie.ask("POST", "/api/help", wish)["suggestions"]
assert [one["title"] for one in suggestions] == ["parcel"], suggestions
assert marie.ask("POST", "/api/help", {**wish, "kind": "draft", "text": "Soon."})["suggestions"][0]["text"] == "Soon.\n\nKind regards"
assert marie.ask("POST", "/api/help", {**wish, "kind": "translation", "language": "fr"})["suggestions"] == []
assert marie.ask("POST", "/api/help", {**wish, "kind": "translation", "language": "de-AT", "text": "thank you so much"})["suggestions"][0]["text"] == "Danke so much"
of_chat = {"interaction": marie.get(f"/api/stored?media=chat&external_id={meanwhile}")["interaction"], "kind": "summary", "medium": "chat"}
assert marie.ask("POST", "/api/help", of_chat)["suggestions"][0]["text"] == "customer: Anybody?", of_chat
hostile = marie.ask("POST", "/api/help", {**wish, "kind": "translation", "language": "hostile"})["suggestions"]
assert hostile == [{"title": "a\\u0007b", "text": "Pay \\u202E001\\u202C now\\u200B\nline\ttab"}], hostile
# What goes out is what was written: of no attribute and no user data, secret or not, anything goes with it.
with open(f"{DIR}/helper.heard", encoding="utf-8") as file:
    for request in map(json.loads, file):
        assert all(one["text"] for one in request["messages"]), request
        assert set(request) <= {"kind", "medium", "text", "language", "messages"}, request
        assert all(set(one) == {"by", "text"} for one in request["messages"]), request
        around = json.dumps({key: value for key, value in request.items() if key != "medium"} | {"messages": []})
        assert not any(str(value) in around for value in [offer["from"], offer["ixn"], *offer["data"].values()]), request
marie.ask("POST", "/api/help", {**wish, "interaction": 99999}, 404)
# An agent whom the router does not know reads why no use was noted.
temp = Browser().log_in("temp", "fourth")
its = Desk(temp)
assert "does not know you" in temp.ask("POST", "/api/help", wish, 400)["text"]
its.lost()
marie.ask("POST", "/api/help", {**wish, "data": {"pin": "1"}}, 400)
assert marie.me["knowledge"] and marie.me["helper"], marie.me
assert marie.me["links"] == [{"title": "Parcel", "url": "https://shop.example/parcels?id={parcel}&of={ixn}"},
                             {"title": "Shop", "url": "https://crm.example:8443/c/{ixn}", "media": ["chat"], "vqs": ["offers"], "frame": True}], marie.me
contact = marie.get(f"/api/contacts/{stored['contact']}")
assert contact["addresses"][0]["address"] == "anna@example.org", contact
# Contacts are changed, merged and given what is theirs, and each is undone; who has not seen the last change is refused.
assert desk.expect("who", ixn=ixn)["who"]["name"] == "Anna"
desk.ask("code", "invalid", ixn=ixn)  # a mail server has said where it comes from
anna_is = f"/api/contacts/{stored['contact']}"
assert contact["open"][0]["agent"] == "marie" and contact["open"][0]["since"] >= contact["open"][0]["received"] - 1000, contact
change = {"name": "Anna Miller", "fields": {"account": "4711"}, "add": [{"kind": "phone", "address": "+49 30 1234"}]}
now = marie.ask("PUT", f"{anna_is}/edit", {"changed": contact["changed"], **change})
assert now["name"] == "Anna Miller" and now["fields"] == {"account": "4711"} and len(now["addresses"]) == 2, now
assert desk.expect("who", ixn=ixn)["who"]["name"] == "Anna Miller"  # whoever has something of the contact is told
late = paul.ask("PUT", f"{anna_is}/edit", {"changed": contact["changed"], "name": "Anne"}, 409)
assert late["error"] == "changed" and "marie" in late["text"], late
assert paul.get("/api/contacts?q=mill")["contacts"][0]["contact"] == stored["contact"]
undone = paul.ask("PUT", f"{anna_is}/undo", {"act": now["acts"][0]["act"]})
assert desk.expect("who", ixn=ixn)["who"]["name"] == "Anna"
assert undone["name"] == "Anna" and undone["fields"] == {} and undone["acts"][0]["undone_by"] == "paul", undone
# A program brings the data of a CRM in, once.
crm = [sys.executable, f"{TOP}/examples/crm/crm.py", origin(), "paul", f"{TOP}/examples/crm/customers.csv"]
for told in ("1 changed, 1 unknown", "1 same, 1 unknown"):
    run = subprocess.run(crm, env={**os.environ, "GCX_PASSWORD": "other", "GCX_CA": os.environ["DESK_CA"]}, capture_output=True, text=True)
    assert run.stdout.strip() == told, (run.stdout, run.stderr)
run = subprocess.run(crm, env={**os.environ, "GCX_PASSWORD": "guessed", "GCX_CA": os.environ["DESK_CA"]}, capture_output=True, text=True)
assert run.stderr == f"{origin()}: HTTP Error 401: Unauthorized\n", run.stderr
brought = paul.get(anna_is)
assert [one["contact"] for one in paul.get("/api/contacts?q=c-4711")["contacts"]] == []
assert [one["contact"] for one in paul.get("/api/contacts?q=C-4711")["contacts"]] == [stored["contact"]]  # by a field of it
found = paul.get("/api/search?q=fourn%20parcel")["interactions"]  # a name and a word
assert found and all(one["name"] == "Anna Fournier" for one in found), found
assert {one["interaction"] for one in paul.get(f"{anna_is}/history?q=parcel")["interactions"]} >= {one["interaction"] for one in found}
assert paul.get(f"{anna_is}/history?q=xylophone")["interactions"] == []
assert brought["name"] == "Anna Fournier" and brought["fields"] == {"customer_id": "C-4711", "tier": "gold"} and len(brought["addresses"]) == 2, brought
undone = paul.ask("PUT", f"{anna_is}/undo", {"act": brought["acts"][0]["act"]})
paul.ask("PUT", f"{anna_is}/undo", {"act": now["acts"][0]["act"]}, 409)
paul.ask("PUT", f"{anna_is}/undo", {"act": 999}, 404)
paul.ask("PUT", f"{anna_is}/merge", {"changed": undone["changed"], "other": stored["contact"]}, 400)
paul.ask("PUT", f"{anna_is}/merge", {"changed": undone["changed"], "other": 999}, 404)
paul.ask("PUT", f"{anna_is}/link", {"changed": undone["changed"], "interaction": 999}, 404)
linked = paul.ask("PUT", f"{anna_is}/link", {"changed": undone["changed"], "interaction": stored["interaction"]})
paul.ask("PUT", f"{anna_is}/undo", {"act": linked["acts"][0]["act"]})
marie.get(f"/api/interactions/{stored['interaction']}")
seen = [(one["media"], one.get("unverified"), one.get("contact")) for one in marie.get(f"/api/contacts/{stored['contact']}/history")["interactions"]]
assert seen[0] == ("email", None, stored["contact"]) and ("chat", True, None) in seen and ("chat", None, stored["contact"]) in seen, seen
had = [(one.get("agent"), one.get("result")) for one in marie.get(f"/api/contacts/{stored['contact']}/history")["interactions"] if one["media"] == "chat"]
assert set(had) == {("marie", "solved"), ("marie", "closed"), (None, "closed")}, had  # her wrap-up code; Vera had no agent
assert {(one["media"], one.get("unverified")) for one in marie.get(f"/api/contacts/{stored['contact']}/thread")["lines"]} == {("email", None), ("chat", True), ("chat", None)}
assert marie.get("/api/search?q=parcel")["interactions"]
assert marie.get("/api/contacts?q=anna@")["contacts"][0]["contact"] == stored["contact"]
response = marie.get("/api/responses")["responses"][0]
filled = marie.get(f"/api/responses/{response['response']}?contact={stored['contact']}")
assert filled == {"subject": "We have it", "text": "Dear Anna, soon. Marie Laurent", "unknown": 0}, filled
filled = marie.get(f"/api/responses/{response['response']}?contact={stored['contact']}&name=Eve")
assert filled["text"] == "Dear Anna, soon. Marie Laurent", filled  # whom the store knows
filled = marie.get(f"/api/responses/{response['response']}?name=Otto%20%7Bagent.name%7D%20Weber")
assert filled["text"] == "Dear Otto {agent.name} Weber, soon. Marie Laurent" and filled["unknown"] == 0, filled
assert marie.get(f"/api/responses/{response['response']}")["unknown"] == 1
upload = marie.ask("POST", "/api/uploads?name=bill.pdf&type=application/pdf", plain=b"%PDF")["upload"]
answer = dict(ixn=ixn, key="a1", subject="Re: A parcel", text="It is on its way.", attachments=[upload])
desk.ask("text", "invalid", key="t", to="nobody", text="It is no number")
desk.ask("ask", "invalid", key="t", queue="service", text="Nobody is asked here")
assert "`anna`" in desk.ask("send", "invalid", **{**answer, "to": ["anna"]})["text"]
wrong = desk.ask("send", "invalid", **{**answer, "to": ["anna@example.org"], "bcc": ["x@example.org", '"Lea, the first" <lea@>']})["text"]
assert wrong.startswith("bcc: ") and "<lea@>" in wrong, wrong
desk.ask("send", "invalid", **{**answer, "to": ["anna@example.org"], "queue": "mail"})
desk.ask("send", "invalid", **{**answer, "to": ["anna@example.org"], "cc": [f"a{n}@shop.example" for n in range(250)], "bcc": [f"b{n}@shop.example" for n in range(250)]})
desk.ask("send", "invalid", **{**answer, "to": ["anna@example.org"], "at": int(time.time() * 1000) + 400 * 86400 * 1000})
desk.ask("send", "invalid", **{**answer, "to": ["anna@example.org\r\nBcc: x@example.org"]})
pauls = paul.ask("POST", "/api/uploads?name=own.pdf", plain=b"%PDF")["upload"]
desk.ask("send", "invalid", **{**answer, "to": ["anna@example.org"], "attachments": [pauls]})
# Another mail of the thread comes, is taken, and is done: whoever has the first is told each time.
came = time.monotonic()
mail("1b", "Later", "It is blue.", "In-Reply-To: <1@example.org>\r\n")
while not (lies := [one for one in marie.get("/api/workbins/drafts?whose=*")["items"] if "name" in one]):
    time.sleep(0.05)
of_thread = lambda: [(one.get("agent"), one["subject"]) for one in desk.expect("who", ixn=ixn)["who"]["open"]]
assert (lies[0]["name"], lies[0]["thread"]) == ("Anna", stored["thread"]), lies  # whose it is, and of which thread
while of_thread() != [(None, "Later")]:
    pass
assert time.monotonic() - came < 40, "it is told with the next minute only"
found = paul.get(f"/api/open/{ixn}")
assert (found["agent"], found["subject"]) == ("marie", "A <i>parcel</i>") and found["since"] >= found["received"] - 1000, found
assert "since" not in paul.get(f"/api/open/{lies[0]['id']}")  # nobody has it
paul.get("/api/open/1-00000000zzzz", 404)
desk.ask("pull", workbin="drafts", whose="*", ids=[lies[0]["id"]])
while of_thread() != [("marie", "Later")]:
    pass
assert desk.expect("who", ixn=lies[0]["id"])["who"]["open"][0]["subject"] == "A <i>parcel</i>"
desk.ask("done", ixn=lies[0]["id"])
assert of_thread() == []
# A mail that she forwards is no reply: hers is awaited as before.
desk.expect("reply_due", ixn=ixn, warns=False)
forwarded = desk.ask("send", ixn=ixn, key="f1", to=["partner@example.org"], subject="Fwd: A parcel", text="For you.", forward=True)["ixn"]
while desk.expect("who", ixn=ixn)["who"].get("under_way") != 1:
    pass
desk.ask("pull", queue="outbound", ids=[forwarded])
desk.expect("opened", ixn=forwarded)  # the reply to a pull may come before it
desk.ask("done", ixn=forwarded)
desk.expect("closed", ixn=forwarded, reason="done")
while "under_way" in desk.expect("who", ixn=ixn)["who"]:
    pass
assert not [one for one in desk.waiting if one["type"] == "reply_due" and one["ixn"] == ixn], desk.waiting
desk.ask("watch", object="queue", name="outbound", on=True)
desk.expect("count", object="queue", name="outbound", count=0)
desk.ask("watch", object="queue", name="outbound", on=True)
assert not [one for one in desk.waiting if one["type"] == "count"], desk.waiting  # whoever looks is told once
desk.ask("revise", "invalid", ixn=ixn, key="v1", subject="Mine", text="A customer wrote this.")
desk.ask("move", "invalid", ixn=ixn, how="return")
# Whoever refuses e-mail gets none, an answer neither; an agent takes that back for a reason.
refusals = f"/api/contacts/{stored['contact']}/refusals"
marie.ask("PUT", refusals, {"media": "email", "on": True})
desk.ask("send", "refused", **{**answer, "to": ["x@example.org", "anna@example.org"]})
marie.ask("PUT", refusals, {"media": "email", "on": False}, 400)
marie.ask("PUT", refusals, {"media": "email", "on": False, "reason": "She has asked for an answer"})
sent = desk.ask("send", **{**answer, "to": ["anna@example.org"]})["ixn"]
assert "due" not in desk.expect("reply_due", ixn=ixn)
assert desk.ask("send", **{**answer, "to": ["anna@example.org"]})["ixn"] == sent
desk.expect("count", object="queue", name="outbound", count=1)
waiting = marie.get("/api/queues/outbound")
assert waiting["count"] == 1 and waiting["items"][0]["id"] == sent, waiting
# What is answered and done waits for as long as the answer can be taken back; the desk ends it, and no page.
desk.ask("send", "invalid", key="h0", finish=0, to=["anna@example.org"], subject="Hello", text="It answers nothing.")
held = desk.ask("send", ixn=ixn, key="h1", finish=300, wrapup="solved", at=int(time.time() * 1000) + 86400_000, to=["anna@example.org"], subject="Re: A parcel", text="Held.")["ixn"]
desk = Desk(marie)
kept = next(one for one in desk.welcome["items"] if one["ixn"] == ixn)["held"]
assert (kept["answer"], kept["wrapup"]) == (held, "solved") and 0 < kept["ends"] / 1000 - time.time() < 301, kept
# The router takes it from her, by a supervisor: it is held at whoever has it next, and nobody answers it twice.
was = desk.welcome["states"]["states"]
anne.ask("POST", "/api/supervisor/agents/marie/logout", {"why": "by mistake"}, 204)
while desk.hear()["type"] != "end":
    pass
marie.log_in("marie", "secret")
desk = Desk(marie)
for medium, state in ((one, was[one]) for one in was if one != "voice"):
    desk.ask("state", media=medium, state=state)
offer = desk.expect("offer", ixn=ixn)
desk.ask("accept", claim=offer["claim"])
while not (again := desk.expect("opened", ixn=ixn)).get("held"):
    pass
assert again["held"] == kept, (again, kept)
desk.ask("pull", workbin="later", ids=[held])
assert "held" not in desk.expect("opened", ixn=ixn)
desk.ask("done", ixn=held)
gone = desk.ask("send", ixn=ixn, key="h2", finish=0, to=["anna@example.org"], subject="Re: A parcel", text="It goes.")["ixn"]
desk.expect("closed", ixn=ixn, reason="done")
desk.ask("pull", queue="outbound", ids=[gone])
desk.expect("opened", ixn=gone)  # the reply to a pull may come before it
desk.ask("done", ixn=gone)
shown = marie.get(f"/api/interactions/{stored['interaction']}")
assert shown["agent"] == "marie" and shown["result"] == "done" and shown["ended"], shown
desk.ask("watch", object="queue", name="outbound", on=False)

# Who logs out while a mail is held has it done then, once.
mail("1h", "Held")
desk.ask("accept", claim=desk.expect("offer", subject="Held")["claim"])
ixn = desk.expect("opened", subject="Held")["ixn"]
held = desk.ask("send", ixn=ixn, key="h3", finish=300, wrapup="solved", at=int(time.time() * 1000) + 86400_000, to=["anna@example.org"], subject="Re: Held", text="It is blue.")["ixn"]
marie.ask("POST", "/api/logout", code=204)
assert ended("1h@example.org") == ("solved", "marie")
while desk.hear()["type"] != "end":
    pass
marie.log_in("marie", "secret")
desk = Desk(marie)
for medium, state in ((one, was[one]) for one in was if one != "voice"):
    desk.ask("state", media=medium, state=state)
history = subprocess.run([f"{os.environ['top_builddir']}/gcxctl", "--socket", f"{DIR}/state/admin.sock", "trace", ixn], check=True, capture_output=True, text=True).stdout
assert history.count("RequestStop") == 1 and not [one for one in desk.held + desk.waiting if one.get("ixn") == ixn], history
assert [one["id"] for one in marie.get("/api/workbins/later")["items"]] == [held]
desk.ask("pull", workbin="later", ids=[held])
desk.expect("opened", ixn=held)  # the reply to a pull may come before it
desk.ask("done", ixn=held)

# Who logs out while the store is still keeping the answer is logged out once it is submitted: it goes, and the mail is
# done, and comes to nobody again.
mail("1i", "At once")
desk.ask("accept", claim=desk.expect("offer", subject="At once")["claim"])
ixn = desk.expect("opened", subject="At once")["ixn"]
with contextlib.closing(sqlite3.connect(f"{DIR}/contacts", isolation_level=None)) as store:
    store.execute("BEGIN IMMEDIATE")
    desk.send({"type": "send", "id": 99000, **dict(ixn=ixn, key="h4", finish=300, wrapup="solved", queue="goes", to=["anna@example.org"], subject="Re: At once", text="It is green.")})
    desk.ask("watch", object="queue", name="outbound", on=False)  # the desk has heard both
    marie.ask("POST", "/api/logout?force=yes", code=204)
    time.sleep(1.2)  # the desk looks each second who is to be logged out
    store.execute("ROLLBACK")
letter("Re: At once")
assert ended("1i@example.org") == ("solved", "marie")
marie.log_in("marie", "secret")
desk = Desk(marie)
for medium, state in ((one, was[one]) for one in was if one != "voice"):
    desk.ask("state", media=medium, state=state)
assert not [one for one in desk.held + desk.waiting if one.get("ixn") == ixn]
# So is who is done with one, and whose wrap-up code the store is still keeping.
mail("1j", "Done at once")
desk.ask("accept", claim=desk.expect("offer", subject="Done at once")["claim"])
ixn = desk.expect("opened", subject="Done at once")["ixn"]
with contextlib.closing(sqlite3.connect(f"{DIR}/contacts", isolation_level=None)) as store:
    store.execute("BEGIN IMMEDIATE")
    desk.send({"type": "done", "id": 99001, "ixn": ixn, "wrapup": "spam"})
    desk.ask("watch", object="queue", name="outbound", on=False)
    marie.ask("POST", "/api/logout?force=yes", code=204)
    store.execute("ROLLBACK")
assert ended("1j@example.org") == ("spam", "marie")
marie.log_in("marie", "secret")
desk = Desk(marie)
for medium, state in ((one, was[one]) for one in was if one != "voice"):
    desk.ask("state", media=medium, state=state)
assert not [one for one in desk.held + desk.waiting if one.get("ixn") == ixn]

# An answer comes from us, wherever our address stands in the mail, and in nobody else's name; a mail that answers a
# colleague's does not come from whoever that one goes to.
for number, to, head in (("1p", "paul@weber.example, service@shop.example", ""), ("1q", "paul@weber.example", "Cc: service@shop.example\r\n")):
    mail(number, f"Heads {number}", "Hello.", head, to=to)
    desk.ask("accept", claim=desk.expect("offer", subject=f"Heads {number}")["claim"])
    opened = desk.expect("opened", subject=f"Heads {number}")
    assert opened["to"] == "service@shop.example" and opened["data"]["to_more"] == opened["data"]["answer_cc"] == "paul@weber.example", opened
    assert "cc" not in opened["data"], opened
    desk.ask("send", ixn=opened["ixn"], key=number, queue="goes", to=["anna@example.org"], subject=f"Re: Heads {number}", text="Hello.")
    text = letter(f"Re: Heads {number}")[1]
    assert "\nFrom: service@shop.example\n" in "\n" + text.replace("\r", "") and "weber" not in text, text
    unsent = desk.ask("send", ixn=opened["ixn"], key=f"{number} 2", to=["anna@example.org"], subject="Re: Heads", text="Wait.")["ixn"]
    desk.ask("pull", queue="outbound", ids=[unsent])
    written = desk.expect("opened", ixn=unsent)
    assert written["from"] == "service@shop.example" and written["to"] == "anna@example.org", written
    desk.ask("send", ixn=unsent, key=f"{number} 3", queue="goes", to=["ben@example.org"], subject=f"About {number}", text="See there.")
    text = letter(f"About {number}")[1]
    assert "\nFrom: service@shop.example\n" in "\n" + text.replace("\r", ""), text
    for one in (unsent, opened["ixn"]):
        desk.ask("done", ixn=one)

# What she wants sent later lies in her workbin, and goes by itself; or she takes it back, and it does not go.
new = dict(to=["\"Weber, 'Anna'\" <anna@example.org>"], cc=["ben@example.org"], bcc=["Die Chefin <boss@shop.example>"], subject="Later", text="It is on its way.")
desk.ask("watch", object="workbin", name="later", on=True)
soon = desk.ask("send", key="l1", at=int(time.time() * 1000) + 4000, **new)["ixn"]
later = desk.ask("send", key="l2", at=int(time.time() * 1000) + 86400_000, **{**new, "text": "It goes tomorrow.", "cc": [f"copy{n}@example.org" for n in range(300)]})["ixn"]
listed = {one["id"]: one for one in marie.get("/api/workbins/later")["items"]}
assert abs(listed[later]["until"] / 1000 - time.time() - 86400) < 60 and later in listed, listed
while soon in {one["id"] for one in marie.get("/api/workbins/later")["items"]}: time.sleep(0.2)
assert soon in {one["id"] for one in marie.get("/api/queues/outbound")["items"]}
desk.ask("pull", workbin="later", ids=[later])
shown = desk.expect("opened", ixn=later)
kept = marie.get(f"/api/stored?media=email&external_id={shown['external_id']}")["interaction"]
envelope = next(one for one in marie.get(f"/api/interactions/{kept}/parts")["parts"] if one["role"] == "envelope")
envelope = json.loads(marie.get(f"/api/parts/{envelope['part']}"))
assert len(envelope["to"]) == 302 and len(envelope["cc"]) == 300 and envelope["bcc"] == ["boss@shop.example"], envelope
assert envelope["to"][0] == "anna@example.org" and envelope["names"] == {"anna@example.org": "Weber, 'Anna'", "boss@shop.example": "Die Chefin"}, envelope
for one in (later, soon):
    if one == soon:
        desk.ask("pull", queue="outbound", ids=[one])
        desk.expect("opened", ixn=one)
    desk.ask("done", ixn=one)
    desk.expect("closed", ixn=one, reason="done")
unsent = marie.get(f"/api/interactions/{kept}")
assert unsent["result"] == "taken back" and unsent["ended"], unsent
assert {one["state"] for one in marie.get(f"/api/contacts/{unsent['contact']}/thread")["lines"] if one["interaction"] == kept} == {"taken back"}
desk.ask("watch", object="workbin", name="later", on=False)

# A colleague reads the answer before it goes: changes it, and gives it back; its author changes it again, and sends it on.
other = Desk(paul)
other.ask("state", media="email", state="not_ready")
desk.ask("revise", "unknown", ixn=sent, key="v1", subject="x", text="x")
other.ask("pull", queue="outbound", ids=[sent])
shown = other.expect("opened", ixn=sent)
written = paul.get(f"/api/stored?media=email&external_id={shown['external_id']}")["interaction"]
bill = next(one for one in paul.get(f"/api/interactions/{written}/parts")["parts"] if one["role"] == "attachment")
pauls = paul.ask("POST", "/api/uploads?name=terms.txt&type=text/plain", plain=b"terms")["upload"]
version = dict(ixn=sent, key="v1", subject="Re: Your parcel", text="It left today.", html="<p>It left <b>today</b>.")
other.ask("revise", "invalid", **version, keep=[1])  # of the customer's mail
other.ask("revise", "invalid", **version, attachments=[upload])
for _ in range(2):  # twice is once
    other.ask("revise", **version, keep=[bill["part"]], attachments=[pauls])
lines = paul.get(f"/api/interactions/{written}/transcript")["messages"]
assert [(one["text"], one["subject"]) for one in lines] == [
    ("It is on its way.", "Re: A parcel"), ("It left today.", "Re: Your parcel")], lines
assert lines[1]["from"] == "Paul Petit" and lines[1]["role"] == "agent", lines
parts = paul.get(f"/api/interactions/{written}/parts")["parts"]
files = {one["name"]: one for one in parts if one["message"] == 2 and one["role"] == "attachment"}
assert sorted(files) == ["bill.pdf", "terms.txt"] and paul.get(f"/api/parts/{files['bill.pdf']['part']}") == b"%PDF", parts
assert [one["message"] for one in parts if one["role"] == "html"] == [2], parts
other.ask("move", ixn=sent, how="return", remark="No discounts, please.")
other.expect("closed", ixn=sent, reason="moved")
desk.ask("pull", workbin="returned", ids=[sent])
shown = desk.expect("opened", ixn=sent)
assert shown["subject"] == "Re: Your parcel" and shown["data"]["return_reason"] == "No discounts, please.", shown
desk.ask("revise", ixn=sent, key="v2", subject="Re: Your parcel", text="It left yesterday.")
desk.ask("move", ixn=sent, how="place", to="queue", name="outbound")
desk.expect("closed", ixn=sent, reason="moved")
shown = paul.get(f"/api/interactions/{written}")
assert shown["agent"] == "marie" and shown["messages"] == 3, shown
assert marie.get("/api/queues/outbound")["items"][0]["subject"] == "Re: Your parcel"
# The strategy there reads who sends it on: a reviewer, or its author (""). None runs here.
released = lambda: desk.expect("opened", ixn=sent)["data"].get("released_by")
other.ask("pull", queue="outbound", ids=[sent])
other.expect("opened", ixn=sent)
other.ask("move", ixn=sent, how="place", to="queue", name="outbound")
other.expect("closed", ixn=sent, reason="moved")
for by in ("paul", ""):
    desk.ask("pull", queue="outbound", ids=[sent])
    assert released() == by
    desk.ask("move", ixn=sent, how="place", to="queue", name="outbound")
    desk.expect("closed", ixn=sent, reason="moved")
other.lost()
desk.ask("record", "unsupported", op="status")  # records are those of calls, and there is no telephone
desk.ask("watch", "invalid_attribute", object="agent", name="nobody", on=True)

# One is put into a workbin and taken out again; one in a queue is wanted by two at once; one goes from agent to agent.
mail(2, "Second")
offer = desk.expect("offer", subject="Second")
desk.ask("reject", claim=offer["claim"], reason="lunch")
desk.expect("revoked", claim=offer["claim"], reason="rejected")
other = Desk(paul)
other.ready("email")
other.ask("watch", object="queue", name="desk", on=True)
other.expect("count", name="desk", count=1)
ixn = paul.get("/api/queues/desk?limit=10")["items"][0]["id"]
assert other.ask("pull", queue="desk", count=1)["ids"] == [ixn]
other.expect("opened", ixn=ixn)
other.ask("move", ixn=ixn, how="place", to="workbin", name="drafts")
other.expect("closed", ixn=ixn, reason="moved")
assert paul.get("/api/workbins/drafts")["items"][0]["id"] == ixn
assert marie.get("/api/workbins/drafts?whose=paul") == {"count": 0, "items": []}
# In an order, and only what matches.
one = paul.get("/api/workbins/drafts?order=-due&media=email")
assert one["matching"] == 1 and one["items"][0]["id"] == ixn and "more" not in one, one
assert paul.get("/api/workbins/drafts?from=nobody@there.example") == {"count": 1, "matching": 0, "items": []}
assert paul.get(f"/api/workbins/drafts?order=from&after={ixn}")["items"] == []
# A view of the site, as it is declared; one whose queue the desk does not show, one that it does not have.
one = paul.get("/api/views/written")
assert one["object"] == "workbin" and one["name"] == "drafts" and one["order"] == "-due", one
assert one["columns"] == ["subject", "parcel", "due"] and one["matching"] == 1 and one["items"][0]["id"] == ixn, one
assert one["items"][0]["data"] == {}, one
assert paul.get("/api/views/written?order=parcel&find=nobody@there.example")["matching"] == 0
paul.get("/api/views/written?order=-" + 64 * "x", 400)  # longer than any name: it is no fault of the router
assert marie.get("/api/views/written")["items"] == [] and marie.get("/api/views/written?whose=paul")["items"] == []
for name, refused in (("theirs", 403), ("sent", 403), ("made-up", 403)):
    marie.get(f"/api/views/{name}", refused)
assert marie.get("/api/me")["views"] == ["written", "theirs", "texting"]
desk.ask("watch", "no_privilege", object="workbin", name="drafts", whose="paul", on=True)
desk.ask("watch", "invalid", object="workbin", name="made-up", on=True)
desk.ask("watch", object="workbin", name="drafts", on=True)
# What a reviewer gives back lies in `returned`, which every desk shows.
assert marie.get("/api/me")["workbins"] == ["drafts", "returned", "later"]
desk.ask("watch", object="workbin", name="returned", on=True)
desk.ask("watch", object="workbin", name="returned", on=False)
desk.expect("count", object="workbin", name="drafts", whose="marie", count=0)
desk.ask("pull", "no_privilege", workbin="drafts", whose="paul", count=1)
desk.ask("pull", "no_privilege", workbin="drafts", whose="paul", ids=[ixn])
desk.ask("pull", "not_waiting", queue="outbound", ids=[ixn])
desk.ask("watch", object="interaction", name=ixn, on=True)
assert desk.expect("changed", ixn=ixn)["owner_kind"] == "workbin"
assert other.ask("pull", workbin="drafts", ids=[ixn])["ids"] == [ixn]
desk.expect("changed", ixn=ixn, owner_kind="agent", owner="paul")
other.expect("opened", ixn=ixn, mode="forced")

# A group's workbin is its members', everybody's is all's: both are watched, read and taken from.
assert paul.get("/api/agents?name=paul")["agents"][0]["groups"] == ["team"]
assert [paul.get(f"/api/agents?name={name}")["agents"][0]["takes"] for name in ("paul", "anne")] == [{}, {"chat": 3, "email": 2}]
assert "groups" not in marie.get("/api/agents?name=marie")["agents"][0]
for whose, members, strangers in (("team", [(paul, other)], [(marie, desk)]), ("*", [(marie, desk), (paul, other)], [])):
    other.ask("move", ixn=ixn, how="place", to="workbin", name="drafts", whose=whose)
    other.expect("closed", ixn=ixn, reason="moved")
    for browser, its in members:
        its.ask("watch", object="workbin", name="drafts", whose=whose, on=True)
        its.expect("count", object="workbin", name="drafts", whose=whose, count=1)
        assert browser.get(f"/api/workbins/drafts?whose={whose}")["items"][0]["id"] == ixn
    for browser, its in strangers:
        its.ask("watch", "no_privilege", object="workbin", name="drafts", whose=whose, on=True)
        assert browser.get(f"/api/workbins/drafts?whose={whose}")["count"] == 0
        its.ask("pull", "no_privilege", workbin="drafts", whose=whose, count=1)
    assert other.ask("pull", workbin="drafts", whose=whose, count=1)["ids"] == [ixn]
    other.expect("opened", ixn=ixn)
    other.expect("count", object="workbin", name="drafts", whose=whose, count=0)
mail(11, "Later", head="Disposition-Notification-To: anna@example.org\r\n")
while not (lies := marie.get("/api/workbins/drafts?whose=*")["items"]):
    time.sleep(0.05)
assert lies[0]["until"] // 1000 - lies[0]["received"] // 1000 in (7200, 7201), lies
desk.ask("pull", workbin="drafts", whose="*", ids=[lies[0]["id"]])
opened = desk.expect("opened", ixn=lies[0]["id"])
# A part of it becomes a second work, once under its key, with its sender and thread; and a part again. Each is asked for by
# who has it alone, and the history tells of both.
whole, later = lies[0]["id"], lambda: [one["id"] for one in marie.get("/api/workbins/later")["items"]]
number = lambda item: marie.get(f"/api/stored?media=email&external_id={urllib.parse.quote(item['external_id'])}")["interaction"]
said = lambda number: marie.get(f"/api/interactions/{number}/transcript")["messages"]
first, part = number(opened), {"ixn": whole, "key": "p1", "text": "Where is the bill?\n", "subject": "The bill"}
other.ask("split", "unknown", **part)
second = desk.ask("split", **part)["ixn"]
assert desk.ask("split", **part)["ixn"] == second and later() == [second], later()
desk.ask("split", "invalid", **{**part, "key": "p2", "keep": [1]})
chat = marie.get(f"/api/stored?media=chat&external_id={a_chat}")["interaction"]
desk.ask("split", "invalid", **{**part, "key": "p2", "from": chat})  # it is no e-mail
desk.ask("pull", workbin="later", ids=[second])
whole_data, opened = opened["data"], desk.expect("opened", ixn=second)
assert "receipt_to" in whole_data and "receipt_to" not in opened["data"], (whole_data, opened)
assert opened["subject"] == "The bill" and opened["from"] == "anna@example.org" and opened["to"] == "service@shop.example", opened
assert [one["text"] for one in said(number(opened))] == ["Where is the bill?\n"], said(number(opened))
assert marie.get(f"/api/interactions/{number(opened)}")["parent"] == first
desk.ask("merge", "unknown", ixn=second, into=ixn)  # somebody else has that one
desk.ask("merge", ixn=second, into=whole)
desk.expect("closed", ixn=second)
assert [(one["text"], one["visible"]) for one in said(first)][1:] == [("Merged: The bill, from anna@example.org\n\nWhere is the bill?\n", "agents")], said(first)
assert marie.get(f"/api/interactions/{number(opened)}")["result"] == "merged"
again = desk.ask("split", ixn=whole, key="p3", text="Where is the bill?", **{"from": number(opened)})["ixn"]
assert later() == [again], later()
desk.ask("merge", ixn=again, into=whole)
assert later() == [], later()
# An e-mail of another customer that is merged and becomes one again is that customer's, with the addresses for its answer.
mail("11b", "Later", "--o\r\nContent-Type: text/html\r\n\r\n<p>Where is mine?<img src=cid:p@x>\r\n--o\r\nContent-Type: image/png\r\nContent-ID: <p@x>\r\n\r\nPNG\r\n--o--\r\n",
     "Reply-To: garage@example.com\r\n", "Bob <bob@example.com>", kind="multipart/related; boundary=o")
while not (lies := marie.get("/api/workbins/drafts?whose=*")["items"]):
    time.sleep(0.05)
desk.ask("merge", "unknown", ixn=lies[0]["id"], into=whole)  # nobody has it yet: its text would be nowhere
desk.ask("pull", workbin="drafts", whose="*", ids=[lies[0]["id"]])
bobs = desk.expect("opened", ixn=lies[0]["id"])
laid = lambda number: [(one["role"], one.get("content_id"), marie.get(f"/api/parts/{one['part']}")) for one in marie.get(f"/api/interactions/{number}/parts")["parts"] if one["role"] in ("html", "inline")]
picture = next(one["part"] for one in marie.get(f"/api/interactions/{number(bobs)}/parts")["parts"] if one["role"] == "inline")
undo = {"ixn": whole, "key": "p5", "text": "Where is mine?", "subject": "Later", "from": number(bobs), "keep": [picture]}
laid_html = [one["part"] for one in marie.get(f"/api/interactions/{number(bobs)}/parts")["parts"] if one["role"] == "html"]
desk.ask("split", "invalid", **undo)  # it was never merged here
desk.ask("merge", ixn=bobs["ixn"], into=whole)
desk.expect("closed", ixn=bobs["ixn"])
desk.ask("split", "invalid", **{**undo, "key": "p6", "keep": laid_html})  # its HTML comes by itself
desk.ask("pull", workbin="later", ids=[desk.ask("split", **undo)["ixn"]])
once_more = desk.expect("opened", subject="Later", **{"from": "bob@example.com"})
assert {name: once_more[name] for name in ("to", "received", "due") if name in bobs} == {name: bobs[name] for name in ("to", "received", "due") if name in bobs}, (bobs, once_more)
assert [one[:2] for one in laid(number(once_more))] == [("html", None), ("inline", "p@x")] and laid(number(once_more)) == laid(number(bobs)), laid(number(once_more))  # its picture stands in its HTML again
assert once_more["data"]["reply_to"] == bobs["data"]["reply_to"] == "garage@example.com", once_more
contact_of = lambda item: marie.get(f"/api/interactions/{number(item)}")["contact"]
assert contact_of(once_more) == contact_of(bobs) != marie.get(f"/api/interactions/{first}")["contact"], once_more
fourth = desk.ask("split", ixn=whole, key="p7", text="And who?")["ixn"]
desk.ask("merge", "unknown", ixn=fourth, into=once_more["ixn"])  # its text stands in another e-mail
desk.ask("merge", ixn=fourth, into=whole)
mail("split-1", "Later", "I do not know.", "In-Reply-To: <11@example.org>\r\n")
while not (lies := marie.get("/api/workbins/drafts?whose=*")["items"]):
    time.sleep(0.05)
desk.ask("merge", "unknown", ixn=lies[0]["id"], into=whole)  # it is called as a part is, by who wrote it
desk.ask("pull", workbin="drafts", whose="*", ids=[lies[0]["id"]])
desk.expect("opened", ixn=lies[0]["id"])
desk.ask("done", ixn=lies[0]["id"])
desk.ask("done", ixn=once_more["ixn"])
# Another e-mail may have the number of the merged one, in a store that was put back from a backup: the merged one's name counts.
named = opened["external_id"]
third = desk.ask("split", ixn=whole, key="p4", text="And when?")["ixn"]
desk.ask("pull", workbin="later", ids=[third])
opened = desk.expect("opened", ixn=third)
with contextlib.closing(sqlite3.connect(f"{DIR}/contacts", timeout=60, isolation_level=None)) as store:
    for old, new in [(named, "-"), (opened["external_id"], named), ("-", opened["external_id"])]:
        assert store.execute("UPDATE interactions SET external_id = ? WHERE media = 'email' AND external_id = ?", [new, old]).rowcount == 1
desk.ask("merge", ixn=third, into=whole)
assert said(first)[-1]["text"] == "Merged: Later, from anna@example.org\n\nWhere is the bill?\n", said(first)
desk.ask("done", ixn=whole)
desk.expect("closed", ixn=whole)
agents = {one["agent"]: one for one in marie.get("/api/agents")["agents"]}
assert agents["paul"]["states"]["email"] == "ready" and agents["paul"]["has"] == 1, agents
# Marie is asked for advice about the e-mail: both write to each other there, and the customer reads nothing of it.
had_before = paul.get(f"/api/open/{ixn}")
assert had_before["agent"] == "paul", had_before
other.ask("move", ixn=ixn, how="consult", to="agent", name="marie")
offer = desk.expect("offer", ixn=ixn, move="consult", by="paul")
desk.ask("accept", claim=offer["claim"])
opened = desk.expect("opened", ixn=ixn)
still_has = paul.get(f"/api/open/{ixn}")
assert (still_has["agent"], still_has["since"]) == ("paul", had_before["since"]), still_has  # she is asked, and he has it
assert opened["as"] == "consulted" and "advise" in opened["may"] and "message" not in opened["may"], opened
desk.ask("message", ixn=ixn, key="a1", text="Ask for <b>the number</b>.")
desk.ask("message", ixn=ixn, key="a1", text="Ask for <b>the number</b>.")
told = other.expect("message", ixn=ixn, role="agent", visible="agents")
assert told["text"] == "Ask for <b>the number</b>." and "key" not in told, told
other.ask("message", ixn=ixn, key="a2", text="I do.", visible="agents")
desk.expect("message", ixn=ixn, text="I do.")
stored = paul.get(f"/api/stored?media=email&external_id={urllib.parse.quote(offer['external_id'])}")["interaction"]
lines = [one for one in paul.get(f"/api/interactions/{stored}/transcript")["messages"] if one.get("visible") == "agents"]
assert [one["text"] for one in lines] == ["Ask for <b>the number</b>.", "I do."], lines
# Who reads and who writes is told to the other; a page that is away reads nothing.
looked = lambda who, *agents: who.expect("looks", ixn=ixn, agents=[{"agent": agent, "writes": writes} for agent, writes in agents])
other.ask("look", ixn=ixn, on=True)
looked(desk, ("paul", False))
desk.ask("look", ixn=ixn, on=True, writes=True)
looked(other, ("marie", True))
desk.ask("look", ixn=ixn, on=True)
looked(other, ("marie", False))
other.lost()
looked(desk)
other = Desk(paul)
assert [one["others"] for one in other.held if one.get("ixn") == ixn] == [["marie"]], other.held
other.ask("look", ixn=ixn, on=True)
looked(other, ("marie", False))
looked(desk, ("paul", False))
# A note of any medium names colleagues: who is there is told now, who is away later. It is kept once.
note = f"/api/interactions/{stored}/note"
named = lambda who: [(one["by"], one["text"], one.get("verdict")) for one in who.get("/api/mentions")["mentions"]]
said = {"key": "n1", "text": "@marie, @anne. and @nobody: a@paul.example wants it back."}
for _ in range(2):
    told = paul.ask("PUT", note, said)["told"]
    assert sorted(told) == ["anne", "marie"], told
assert desk.expect("mentions")["mentions"] == [] and desk.expect("noted", ixn=ixn) and other.expect("noted", ixn=ixn)
first = desk.expect("mentions", mentions=marie.get("/api/mentions")["mentions"])["mentions"]
assert [(one["by"], one["interaction"], one["text"]) for one in first] == [("paul", stored, said["text"])], first
paul.ask("PUT", note, {**said, "tell": ["nobody"]}, 400)
paul.ask("PUT", "/api/interactions/99999/note", said, 404)
paul.ask("PUT", f"/api/mentions/{first[0]['mention']}/seen", code=404)  # it is hers
marie.ask("PUT", f"/api/mentions/{first[0]['mention']}/seen")
desk.expect("mentions", mentions=[])
other.ask("message", ixn=ixn, key="a3", text="And this, @marie?", visible="agents")
while named(marie) != [("paul", "And this, @marie?", None)]:
    time.sleep(0.05)
marie.ask("PUT", f"/api/mentions/{marie.get('/api/mentions')['mentions'][0]['mention']}/seen")
# A second pair of eyes: a draft is changed or approved, by whom it was shown to alone; what is approved is what was shown.
for verdict, draft, kept in ("changed", "Dear Anna", "Dear Anna"), ("approved", "Something else", "Hi Anna"):
    paul.ask("PUT", note, {"key": f"d-{verdict}", "text": "Good so?", "tell": ["marie"], "draft": "Hi Anna"})
    wish = [one for one in marie.get("/api/mentions")["mentions"] if one.get("draft") == "Hi Anna"][0]
    verdict_is = {"key": f"v-{verdict}", "text": "Read.", "mention": wish["mention"], "verdict": verdict, "draft": draft}
    paul.ask("PUT", note, verdict_is, 404)
    marie.ask("PUT", note, {"key": "v0", "text": "Read.", "mention": wish["mention"]}, 400)
    assert marie.ask("PUT", note, verdict_is)["told"] == ["paul"]
    answered = paul.get("/api/mentions")["mentions"][0]
    assert (answered["by"], answered["verdict"], answered["draft"]) == ("marie", verdict, kept), answered
assert named(marie) == [] and len(named(paul)) == 2, (named(marie), named(paul))
lines = [one["text"] for one in paul.get(f"/api/interactions/{stored}/transcript")["messages"] if one.get("visible") == "agents"]
assert lines == ["Ask for <b>the number</b>.", "I do.", said["text"], "And this, @marie?", "Good so?", "Read.", "Good so?", "Read."], lines
desk.ask("move", ixn=ixn, how="leave")
desk.expect("closed", ixn=ixn, reason="left")
other.ask("move", ixn=ixn, how="transfer", to="agent", name="marie", reason="é" * 200)
offer = desk.expect("offer", ixn=ixn, move="transfer", by="paul")
assert offer["data"]["move_reason"] == "é" * 200, offer
desk.ask("reject", claim=offer["claim"])
other.expect("refused", ixn=ixn, agent="marie")
other.ask("move", ixn=ixn, how="transfer", to="agent", name="marie")
offer = desk.expect("offer", ixn=ixn, move="transfer")
assert offer["data"]["move_reason"] == "", offer  # that of the time before is not this one's
desk.ask("accept", claim=offer["claim"])
desk.expect("opened", ixn=ixn)
other.expect("closed", ixn=ixn, reason="transferred")
desk.ask("move", "no_privilege", ixn=ixn, how="monitor")
desk.ask("move", ixn=ixn, how="transfer", to="queue", name="desk")
desk.expect("closed", ixn=ixn, reason="moved")
for one in (desk, other):
    one.number += 1
    one.send({"type": "pull", "id": one.number, "queue": "desk", "ids": [ixn]})
replies = [one.expect("reply", id=one.number) for one in (desk, other)]
assert sorted(one["ok"] and one.get("ids") == [ixn] for one in replies) == [False, True], replies
winner, loser = (desk, replies[1]) if replies[0].get("ids") else (other, replies[0])
assert loser["code"] == "taken" and loser["by"] == winner.browser.me["agent"], loser
winner.expect("opened", ixn=ixn)
winner.ask("done", ixn=ixn)

# Marie asks those who know, beside no call, and Paul takes the question at his desk: each sees that the other writes.
question = desk.ask("ask", key="q1", queue="knowers", text="Where is invoice 7?")["ixn"]
desk.expect("opened", ixn=question)
while question not in [one["id"] for one in paul.get("/api/queues/desk")["items"]]:
    time.sleep(0.05)
other.ask("pull", "not_logged_in", queue="desk", ids=[question])  # Paul is logged in for e-mails alone
other.ready("im")
assert other.ask("pull", queue="desk", count=1)["ids"] == [question]
other.expect("opened", ixn=question, media="im")
bill = paul.ask("POST", "/api/uploads?name=bill.txt&type=text/plain", plain=b"bill")["upload"]
other.ask("message", "unsupported", ixn=question, key="q0", text="bill.txt", file=bill)
other.ask("typing", ixn=question, on=True)
desk.expect("typing", ixn=question, on=True, role="agent")
other.ask("message", ixn=question, key="q2", text="It was paid in May.")
desk.expect("message", ixn=question, role="agent", text="It was paid in May.")
desk.ask("typing", ixn=question, on=True)
other.expect("typing", ixn=question, on=True, role="customer")
desk.ask("done", ixn=question)
other.expect("closed", ixn=question)


# A page that answers no ping for a minute is taken for one that is gone.
def here():
    for one in (desk, other):
        one.ask("ping")


assert anne.get("/api/chosen")["chosen"] == {"agents": "{}"} and marie.get("/api/chosen")["chosen"] == {}
# A supervisor looks on, and sets what may be set.
anne = Browser().log_in("anne", "third")
seen = {what: anne.get(f"/api/supervisor/{what}") for what in API["paths"]["/api/supervisor/{what}"]["get"]["parameters"][0]["schema"]["enum"]}
assert all(seen.values()) and seen["campaigns"]["campaigns"] == [], seen
assert [row["name"] for row in seen["parameters"]["parameters"]] == ["greeting"], seen
anne.get("/api/supervisor/audit", 404)
anne.ask("PUT", "/api/supervisor/parameters/greeting", {"value": "hello", "why": "a try"}, 204)
anne.ask("PUT", "/api/supervisor/parameters/patience", {"value": "1", "why": "a try"}, 404)
marie.ask("PUT", "/api/supervisor/parameters/greeting", {"value": "x", "why": "x"}, 403)
# What a site lets supervisors change is theirs by one operation: with bounds, an end, and not over what somebody else has done.
settings = "/api/supervisor/settings/"
shown = {row["name"]: row for row in anne.get("/api/supervisor/settings")["settings"]}
assert sorted(shown) == ["closed", "codes", "greeting", "hours", "queue_targets", "silenced_alerts", "tries"], shown
attempts = shown["tries"]
assert [attempts[name] for name in ("doc", "type", "low", "high", "written")] == ["How often we try.\nEach try costs a call.", "int", "1", "5", "2"], attempts
anne.get(settings + "costs", 404)
long = 'Over; "all" is well' + 400 * "x"
for name, body, status in (("tries", {"value": "6"}, 400), ("costs", {"value": "6"}, 403), ("none", {"value": "6"}, 404), ("profile", {"key": "marie", "undo": True}, 403), ("tries", {}, 400), ("tries", {"undo": True, "value": "3"}, 400), ("closed", {"row": ["says=x"]}, 400), ("tries", {"undo": True}, 409), ("greeting", {"value": long}, 204),
                           ("tries", {"value": "3", "for": "1h", "seen": 0}, 204), ("tries", {"value": "4", "seen": 0}, 409), ("hours", {"value": "mon..fri 08:00..19:00; 2026-12-24 closed"}, 204),
                           ("hours", {"value": "mon 25:00..26:00"}, 400), ("closed", {"key": "1805", "row": ["says=" + long]}, 204), ("closed", {"key": "1806", "remove": True, "seen": 0}, 204),
                           ("closed", {"key": "1806", "remove": True, "seen": 0}, 409), ("closed", {"key": "1806", "row": ["nothing=1"]}, 400),
                           ("closed", {"key": "1805", "row": ["says=x"], "new": True}, 409), ("closed", {"key": "1805", "undo": True, "new": True}, 400), ("tries", {"value": "3", "new": True}, 400),
                           ("queue_targets", {"key": "service", "row": ["seconds=20", "percent=80", "long=25", "late=40"]}, 204), ("queue_targets", {"key": "service", "row": ["late=5"]}, 400),
                           ("queue_targets", {"key": "service", "row": ["long=", "late=15"]}, 400), ("queue_targets", {"key": "service", "row": ["seconds=60", "late=30"]}, 204)):
    answer = anne.ask("PUT", settings + name, {**body, "why": "a try"}, status)
    assert status != 409 or "seen" not in body or "was changed meanwhile by anne" in answer["text"], answer
marie.ask("PUT", settings + "tries", {"value": "3", "why": "x"}, 403)
# What a change would do is simulated before it is made, from how things stand now; where that cannot be, it is said why.
for name, body, status in ("tries", {"value": "6"}, 400), ("tries", {}, 400), ("closed", {"key": "1805", "row": ["says=x"], "new": True}, 400), ("costs", {"value": "6"}, 404), ("tries", {"value": "4", "for": "1h"}, 200):
    answer = anne.ask("POST", settings + name + "/soon", body, status)
assert (answer["setting"], answer["before"], answer["after"], answer["ahead_s"]) == ("tries", "3", "4", 7200) and (answer["why_not_word"] if answer["why_not"] else answer["alone_word"]) in ("nobody", "agents", "keys", "records", "quiet"), answer
marie.ask("POST", settings + "tries/soon", {"value": "4"}, 403)
here()
# What callers hear is replaced by who says why, heard, and taken back; what is no prompt is refused.
sounds = "/api/supervisor/sounds"
prompt_file = lambda sample, channels=1: b"RIFF\x26\0\0\0WAVEfmt \x10\0\0\0\x01\0" + bytes([channels]) + b"\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\x02\0\0\0" + bytes([sample, 0])
new_day = "?language=en&why=a+new+day"
for name, file, more, code in ("welcome", prompt_file(1, 2), "", 400), ("welcome", b"RIFF", "", 400), ("hello", prompt_file(1), "&seen=0", 204), ("hello", prompt_file(2), "&for=1h", 204), ("hello", prompt_file(3), "&seen=1", 409), ("hello", prompt_file(3), "&for=x", 400):
    anne.ask("PUT", f"{sounds}/{name}{new_day}{more}", code=code, plain=file)
row, = anne.get(sounds)["sounds"]
assert (row["name"], row["language"]) == ("hello", "en") and row["until_ms"] > row["changed_ms"] > 0 and [act["why"] for act in row["changes"]] == 2 * ["a new day"], row
assert anne.ask("GET", f"{sounds}/hello?language=en") == prompt_file(2) == anne.ask("POST", "/api/supervisor/speech", {"text": "Hello.", "language": "en"})
anne.ask("POST", "/api/supervisor/speech", {"text": "Hello.", "language": "fr"}, 503)
anne.ask("PUT", f"{sounds}/hello/undo", {"language": "en", "why": "it is over", "seen": row["changed_ms"]}, 204)
assert anne.ask("GET", f"{sounds}/hello?language=en") == prompt_file(1)
anne.get(f"{sounds}/hello", 404)
marie.get(sounds, 403)
audit = lambda thing: [(one["what"], one["by"].split(" by ")[0], one["new"], one["why"], bool(one["until_us"])) for one in json.loads(subprocess.run(
    [f"{os.environ['top_builddir']}/gcxctl", "--socket", f"{DIR}/state/admin.sock", "--json", "audit", thing], check=True, capture_output=True).stdout)["audit"]]
assert audit("hello") == [("prompt", "anne", "another sound, en", "a new day", lasts) for lasts in (False, True)] + [ ("prompt", "anne", "as it was before, en", "it is over", False)], audit("hello")
assert anne.get("/api/supervisor/prompts")["prompts"] == []
attempts = anne.get(settings + "tries")
assert attempts["settings"][0]["value"] == "3" and attempts["settings"][0]["until_us"] and attempts["audit"][-1]["old"] == "2" and attempts["audit"][-1]["by"].startswith("anne by "), attempts
assert anne.get(settings + "hours")["settings"][0]["lines"] == "mon..fri 08:00..19:00; 2026-12-24 closed"
assert anne.get(settings + "greeting")["settings"][0]["lines"] == long
anne.ask("PUT", settings + "greeting", {"value": "hello", "why": "a try"}, 204)
closed = anne.get(settings + "closed")
assert [(one["key"], one["fields"], one["hand"]["why"]) for one in closed["rows"]] == [("1805", {"number": "1805", "says": long, "crisis": "true"}, "a try")], closed
assert [row["key"] for row in closed["settings"][1:]] == ["1805", "1806"] and [column["type"] for column in closed["settings"][0]["columns"]] == ["str", "str", "bool"], closed
# A row of that key in another table has a change of its own.
anne.ask("PUT", settings + "codes", {"key": "1805", "row": ["says=by number"], "why": "another table"}, 204)
assert [one["hand"]["why"] for table in ("closed", "codes") for one in anne.get(settings + table)["rows"] if one["key"] == "1805"] == ["a try", "another table"]
anne.ask("PUT", settings + "codes", {"key": "1805", "undo": True, "why": "another table"}, 204)
anne.ask("PUT", settings + "closed", {"key": "1806", "undo": True, "why": "a try"}, 204)
assert [row["key"] for row in anne.get(settings + "closed?from=1")["rows"]] == ["1806"]
# A supervisor adds a wrap-up code, which agents have from then on; it is told who did it.
anne.ask("PUT", settings + "codes", {"key": "sent on", "row": ["says=to the depot"], "why": "many of them"}, 204)
assert desk.expect("lists", wrapups=["solved", "spam", "sent on"])["tags"] == ["urgent", "slow"]
assert marie.get("/api/me")["wrapups"][-1] == "sent on"
added = anne.get(settings + "codes")["settings"][1]
assert added["key"] == "sent on" and "anne" in added["by"] and added["why"] == "many of them", added
# A supervisor sets the state of another one, who is told who did it, and why.
marie.ask("PUT", "/api/supervisor/agents/marie/state", {"state": "ready", "why": "x"}, 403)
anne.ask("PUT", "/api/supervisor/agents/marie/state", {"state": "after_call_work", "why": "x"}, 400)
anne.ask("PUT", "/api/supervisor/agents/marie/state", {"state": "ready", "reason": "lunch", "why": "x"}, 400)
assert anne.ask("PUT", "/api/supervisor/agents/marie/state", {"state": "not_ready", "why": " \u00a0"}, 400)["text"] == "why: it says nothing"
before = {row["agent"]: row["states"] for row in anne.get("/api/agents")["agents"]}["marie"]
anne.ask("PUT", "/api/supervisor/agents/marie/state", {"state": "not_ready", "why": "a fire drill"}, 204)
told = desk.expect("notice", code="set_by")
assert told["form"] == "{by} has made you not ready: {why}" and told["values"]["why"] == "a fire drill" and told["text"] == told["values"]["by"] + " has made you not ready: a fire drill", told
row = [row for row in anne.get("/api/supervisor/agents")["agents"] if row["name"] == "marie"][0]
assert row["by"].startswith("anne") and row["why"] == "a fire drill", row
for medium, state in before.items():
    if state != "logged_out" and medium != "voice":
        desk.ask("state", media=medium, state=state)
assert "by" not in [row for row in anne.get("/api/supervisor/agents")["agents"] if row["name"] == "marie"][0]
assert "hello" in json.dumps(anne.get("/api/supervisor/parameters"))
# A skill for an hour; what the directory does not have is refused.
marie.ask("PUT", "/api/supervisor/assignments", {"agents": ["marie"], "skills": {"French": 5}, "why": "x"}, 403)
anne.ask("PUT", "/api/supervisor/assignments", {"agents": ["marie"], "join": ["nowhere"], "why": "x"}, 404)
anne.ask("PUT", "/api/supervisor/assignments", {"agents": ["marie"], "why": "x"}, 400)
anne.ask("PUT", "/api/supervisor/assignments", {"agents": ["marie", "nobody"], "join": ["team"], "why": "x"}, 404)  # all or nothing
groups_of = lambda name: anne.get(f"/api/agents?name={name}")["agents"][0].get("groups", [])
assert groups_of("marie") == [], groups_of("marie")
anne.ask("PUT", "/api/supervisor/assignments", {"agents": ["marie"], "join": ["team"], "for": "1h", "why": "many calls"}, 204)
assert groups_of("marie") == ["team"], groups_of("marie")
hands = {row["name"]: row["by_hand"] for row in anne.get("/api/supervisor/agents")["agents"]}
assert [(one["kind"], one["name"], one["value"], one["why"]) for one in hands["marie"]] == [("group", "team", "in", "many calls")] and hands["marie"][0]["until_us"], hands
assert all(not rows for name, rows in hands.items() if name != "marie"), hands
# Each queue and workbin in which something waits leads to what it is.
for one in anne.get("/api/supervisor/bins")["bins"]:
    behind = anne.get("/api/supervisor/interactions?" + urllib.parse.urlencode({"bin": one["name"], **({"bin_of": one["whose"]} if one["whose"] else {})}))["interactions"]
    assert len(behind) == one["waiting"] > 0 and {row["bin_of"] for row in behind} == {one["whose"]}, (one, behind)
anne.ask("PUT", "/api/supervisor/assignments", {"agents": ["marie"], "undo": ["team"], "why": "it is over"}, 204)
assert groups_of("marie") == [], groups_of("marie")
anne.get("/api/workbins/drafts?whose=team")

# An alert is silenced for a while by a row of its name alone.
anne.ask("PUT", settings + "silenced_alerts", {"key": "link email", "row": [], "for": "2h", "why": "its host is away"}, 204)
quiet = anne.get(settings + "silenced_alerts")
assert quiet["rows"][0]["key"] == "link email" and quiet["settings"][1]["why"] == "its host is away" and quiet["settings"][1]["until_us"], quiet
assert {"email", "chat", "desk"} <= {row["name"] for row in anne.get("/api/supervisor/links")["links"]}
anne.ask("POST", "/api/supervisor/callbacks/7/cancel", {"why": "has called again"}, 404)
assert anne.get("/api/supervisor/callbacks")["callbacks"] == [] and "sources" in anne.get("/api/supervisor/sources")
# A supervisor's act on an interaction is gcxctl's; the body says one. Who waits is acted on where someone does, below.
marie.ask("PUT", "/api/supervisor/interactions/1-00000000ffff", {"priority": 9, "why": "x"}, 403)
for wrong, status in (({"why": "x"}, 400), ({"priority": 9}, 400), ({"priority": 9, "finish": True, "why": "x"}, 400), ({"priority": 9, "at": "18:00", "why": "x"}, 400), ({"priority": 9, "why": "x"}, 404),
                      ({"queue": "letters", "why": "x"}, 404), ({"finish": True, "why": "x"}, 404), ({"call_back": "1800", "why": "x"}, 404),
                      ({"call_back": "1800", "at": time.strftime("%Y-%m-%dT%H:%M:00.000Z", time.gmtime(time.time() + 3600)), "why": "x"}, 404), ({"call_back": "1800", "at": "2020-01-01T18:00:00.000Z", "why": "x"}, 400)):
    anne.ask("PUT", "/api/supervisor/interactions/1-00000000ffff", wrong, status)

# Her console gets all rows and then what has changed, and does not make her an agent; for agents there is none.
try:
    Socket(PORT["desk"], "/console/live", {"Cookie": marie.cookie, "Origin": origin()})
    raise AssertionError("an agent has a console")
except Refused as refused:
    assert "403" in str(refused), refused


def now(console, fits):
    while not fits(one := console.hear()):
        check(API["x-console"]["now"], one, "now")
    return one


second = Browser().log_in("anne", "third")
consoles = [Socket(PORT["desk"], "/console/live", {"Cookie": one.cookie, "Origin": origin()}) for one in (anne, second)]
for console in consoles:
    assert console.hear() == {"type": "welcome"}
    whole = now(console, lambda one: "agents" in one)
    its = {row["name"]: row for row in whole["agents"]["rows"]}
    assert whole["agents"]["whole"] and whole["up"] and its["marie"]["display"] and its["marie"]["there"][-1][1] == 0, whole
# What is known of her day is kept for the desk's next process.
assert any(one.get("course_of") == "marie" and one["there"] for one in map(json.loads, filter(str.strip, open(f"{DIR}/sessions")))), "her day is not kept"
desk.ask("state", media="email", state="not_ready", reason=marie.me["reasons"][0])
for console in consoles:
    rows = now(console, lambda one: any(row["name"] == "marie" and row["media"].get("email") == "not_ready" for row in one.get("agents", {}).get("rows", ())))
    # A page that had not yet heard what was on its way gets all rows once more, and not each change.
    assert rows["agents"].get("whole") or len(rows["agents"]["rows"]) < len(its), rows
desk.ready("email")
consoles[0].send({"type": "ping", "id": 7})
assert now(consoles[0], lambda one: one["type"] == "reply")["id"] == 7
second.ask("POST", "/api/logout", code=204)
assert now(consoles[1], lambda one: one["type"] == "end")["code"] == 4001
consoles[0].lost()

strategies(anne, paul, marie)

# She looks on at what an agent has, and takes it over.
mail(3, "Third")
offer = desk.expect("offer", subject="Third")
desk.ask("accept", claim=offer["claim"])
ixn = desk.expect("opened", claim=offer["claim"])["ixn"]
chief = Desk(anne)
assert [one["text"] for one in chief.expect("mentions")["mentions"]] == [said["text"]]  # she was away
chief.ask("state", media="email", state="not_ready")
chief.ask("watch", object="workbin", name="drafts", whose="team", on=True)
chief.expect("count", object="workbin", name="drafts", whose="team", count=0)
its = {row["name"]: row for row in anne.get("/api/supervisor/agents")["agents"]}["marie"]["contacts"]
assert [(one["ixn"], one["media"], one["talks"]) for one in its if one["ixn"] == ixn] == [(ixn, "email", True)], its
assert ixn in [one["ixn"] for one in anne.get("/api/supervisor/interactions?live=yes")["interactions"]]
anne.get("/api/supervisor/interactions?queue=nowhere", 404)
because = anne.get(f"/api/supervisor/interactions/{ixn}/why")
assert because["interaction"]["owner"] == "marie" and "decisions" in because, because
refused = anne.ask("PUT", f"/api/supervisor/interactions/{ixn}", {"priority": 9, "why": "has not seen who took it", "seen": 1}, 409)
assert f"{ixn} has gone on meanwhile: it is with agent marie" in refused["text"], refused
marie.get(f"/api/supervisor/interactions/{ixn}/why", 403)
chief.ask("move", ixn=ixn, how="monitor")
chief.expect("opened", ixn=ixn, move="monitor")
desk.expect("party", ixn=ixn, agent="anne", role="supervisor", on=True)
desk.lost()
desk = Desk(marie)
seen = next(one for one in desk.held if one.get("ixn") == ixn)
assert (seen["others"], seen["watchers"]) == ([], ["anne"]), seen  # it would not end for her
chief.ask("revise", "no_privilege", ixn=ixn, key="v1", subject="x", text="x")
chief.ask("move", ixn=ixn, how="leave")
chief.expect("closed", ixn=ixn, reason="left")
chief.ask("move", ixn=ixn, how="take_over")
chief.ask("reject", claim=chief.expect("offer", ixn=ixn, move="transfer")["claim"])
for one in chief, desk:  # the agent who made the offer is told, too, who does not have the mail
    one.expect("refused", ixn=ixn, agent="anne", reason="rejected")
chief.ask("move", ixn=ixn, how="take_over")
offer = chief.expect("offer", ixn=ixn, move="transfer")
chief.ask("accept", claim=offer["claim"])
chief.expect("opened", ixn=ixn)
desk.expect("closed", ixn=ixn, reason="redirected")
chief.ask("done", ixn=ixn)
chief.expect("closed", ixn=ixn, reason="done")

# Out: not with something open, unless it shall go back to its queue; and who guesses too often.
desk.ask("phone", "unsupported", op="login", dn="7001")
mail(4, "Fourth")
offer = desk.expect("offer", subject="Fourth")
desk.ask("accept", claim=offer["claim"])
ixn = desk.expect("opened", claim=offer["claim"])["ixn"]
desk.ask("move", ixn=ixn, how="place", to="queue", name="desk")
desk.ask("pull", queue="desk", ids=[ixn])
desk.expect("opened", ixn=ixn)
assert " 1 " in marie.ask("POST", "/api/logout", code=409)["text"]
marie.ask("POST", "/api/logout?force=no", code=400)
here()
# Each operation by each role. Zoe and the queue are those of a supervisor, and another one leads others.
leader, rival = (Browser().log_in(name, "fourth") for name in ("leader", "rival"))
roles({"nobody": None, "agent": marie, "designer": paul, "leader": leader, "rival": rival},
      {"change_interaction": (f"/api/supervisor/interactions/{ixn}", {"priority": 9, "why": "a promise"}),
       "look_why": (f"/api/supervisor/interactions/{ixn}/why", None),
       "said": (f"/api/supervisor/history/{ixn}/transcript?media=email&external_id=nothing", None)}, "1002 leads ", here)
# The site bounds reading (bounded_reading): a supervisor of some sees theirs, at the console, too.
seen = lambda who, what, key: {row[key] for row in who.get(f"/api/supervisor/{what}")[what.split("?")[0]]}
assert seen(leader, "agents", "name") == {"paul", "zoe"} and seen(rival, "agents", "name") == set() and "marie" in seen(anne, "agents", "name")
assert ixn in seen(leader, "interactions?live=yes", "ixn") and ixn not in seen(rival, "interactions?live=yes", "ixn")
# Two supervisors at once: what the other has done to it after one looked is told in place of a second act.
looked = leader.get(f"/api/supervisor/interactions/{ixn}/why")["as_of_us"]
anne.ask("PUT", f"/api/supervisor/interactions/{ixn}", {"priority": 5, "why": "she first", "seen": looked}, 204)
anne.ask("PUT", f"/api/supervisor/interactions/{ixn}", {"priority": 6, "why": "she again", "seen": looked}, 204)
refused = leader.ask("PUT", f"/api/supervisor/interactions/{ixn}", {"priority": 7, "why": "too late", "seen": looked}, 409)
assert refused["error"] == "changed" and "by anne (" in refused["text"] and "she again" in refused["text"], refused
leader.ask("PUT", f"/api/supervisor/interactions/{ixn}", {"priority": 9, "why": "knows it", "seen": leader.get(f"/api/supervisor/interactions/{ixn}/why")["as_of_us"]}, 204)
for path, body in (("agents/zoe/state", {"state": "ready"}), ("assignments", {"agents": ["zoe"], "join": ["team"]})):
    anne.ask("PUT", "/api/supervisor/assignments", {"agents": ["zoe"], "join": ["team"], "why": "many calls"}, 204)
    refused = leader.ask("PUT", f"/api/supervisor/{path}", {**body, "why": "too late", "seen": looked}, 409)
    assert "zoe was changed meanwhile by anne" in refused["text"] and "many calls" in refused["text"], refused
anne.ask("PUT", "/api/supervisor/assignments", {"agents": ["zoe"], "undo": ["team"], "why": "it is over", "seen": looked}, 204)
assert "people" in seen(anne, "queues", "name") and seen(leader, "queues", "name") == set()
for who, names in (leader, {"paul", "zoe"}), (rival, set()):
    console = Socket(PORT["desk"], "/console/live", {"Cookie": who.cookie, "Origin": origin()})
    assert console.hear() == {"type": "welcome"}
    assert {row["name"] for row in now(console, lambda one: "agents" in one)["agents"]["rows"]} == names
    console.lost()
# What a supervisor may not do at the console, they may not do at the desk's socket either.
theirs = Desk(rival)
theirs.ask("move", "no_privilege", ixn=ixn, how="monitor")
theirs.ask("done", "no_privilege", ixn=ixn)
# Nor the rows of a table that are another team's, nor what is silent of another queue; what is nobody's they may.
for who, name, key, code in ((leader, "closed", "team", 204), (rival, "closed", "team", 403), (rival, "closed", "zoe", 403), (rival, "closed", "all", 204), (leader, "silenced_alerts", "queue people", 403), (leader, "silenced_alerts", "nobody people", 403), (leader, "silenced_alerts", "campaign people", 403),
                             (anne, "silenced_alerts", "queue people", 204), (rival, "silenced_alerts", "link chat", 204)):
    who.ask("PUT", settings + name, {"key": key, "row": ["says=x", "crisis=false"] if name == "closed" else [], "why": "a try"}, code)
rival.ask("PUT", settings + "closed", {"key": "team", "undo": True, "why": "a try"}, 403)
# Who leads a group sees its workbin, and nobody's else.
desk.ask("move", ixn=ixn, how="place", to="workbin", name="drafts", whose="team")
assert [who.get("/api/workbins/drafts?whose=team")["count"] for who in (anne, leader, rival)] == [1, 1, 0]
anne.ask("PUT", f"/api/supervisor/interactions/{ixn}", {"queue": "desk", "why": "she is not of the team"}, 204)
desk.ask("pull", queue="desk", ids=[ixn])
desk.expect("opened", ixn=ixn)
desk.ask("move", ixn=ixn, how="place", to="workbin", name="drafts")
assert [who.get("/api/workbins/drafts?whose=marie")["count"] for who in (anne, leader, rival)] == [1, 0, 0]
theirs.ask("watch", "no_privilege", object="workbin", name="drafts", whose="marie", on=True)
for place, name in ("workbin", "drafts"), ("queue", "desk"):  # it lies in the queue again when Marie logs out
    desk.ask("pull", ids=[ixn], **{place: name})
    desk.expect("opened", ixn=ixn)
    if place == "workbin":
        desk.ask("move", ixn=ixn, how="place", to="queue", name="desk")
theirs.lost()
here()
# What gcxrecords has written is reported; what it says of a wrong question is told.
anne.get("/api/supervisor/reports/waits", 503)
subprocess.run([f"{os.environ['top_builddir']}/gcxrecords", "--once", f"{DIR}/gcx.conf", f"sqlite:{DIR}/records.db"], check=True, capture_output=True)
assert "did you mean 'waits'" in anne.get("/api/supervisor/reports/wait", 400)["text"]
assert "--of takes" in anne.get("/api/supervisor/reports/waits?of=colour", 400)["text"]
assert "--from takes" in anne.get("/api/supervisor/reports/waits?from=--help", 400)["text"]
marie.get("/api/supervisor/reports/waits", 403)
assert {one["report"] for one in anne.get("/api/supervisor/reports")["reports"]} > {"waits", "service_level"}
today = time.strftime("%Y-%m-%d")  # BEGAN, or the day behind it
rows = anne.get(f"/api/supervisor/reports/service_level?from={BEGAN}&to={today}&of=queue")["rows"]
assert "people" in [one["queue"] for one in rows], rows
single = f"/api/supervisor/reports/service_level?from={BEGAN}&to={today}&within=45&of="
assert all("level_45s" in row for row in leader.get(single + "agent&only=zoe")["rows"])
of_agents = [{row["agent"] for row in who.get(single + "agent")["rows"]} for who in (leader, anne)]
assert of_agents[0] == of_agents[1] & {"paul", "zoe"} and of_agents[0] < of_agents[1], of_agents  # others are left out
own_days = lambda who: {row["team"] for row in who.get(f"/api/supervisor/reports/occupancy?from={BEGAN}&to={today}&by=total&of=team")["rows"]}
assert own_days(leader) == own_days(anne) & {"team"}, (own_days(leader), own_days(anne))
for path in (single + "agent&only=marie", single + "queue&only=people", single + "agent&only=zo", single + "team&only=nobodys"):
    leader.get(path, 403)
leader.get(f"/api/supervisor/reports/service_level?from={BEGAN}&to={today}")
assert "you read no figures of others" in leader.get("/api/supervisor/forecasts/people?staff=80&within=20", 403)["text"]
assert anne.get(f"/api/supervisor/reports/waits?from={BEGAN}&to={today}&form=csv").startswith(b"\xef\xbb\xbfday,utc,")
found = anne.get("/api/supervisor/history?q=Anna&media=email")["interactions"]
found = [one for one in found if one.get("external")]
assert found and not anne.get("/api/supervisor/history?q=zzqqx%25&media=email")["interactions"], found
way = anne.get(f"/api/supervisor/history/{found[0]['ixn']}")
assert way["interactions"] == [{name: value for name, value in found[0].items() if name != "agent"}] and way["owners"] and "decisions" in way, way
assert not anne.get("/api/supervisor/history?key=parcel%3D%25")["interactions"]
assert anne.get("/api/supervisor/history?agent=paul&queue=people")["interactions"]
anne.get("/api/supervisor/history?key=parcel", 400)
anne.get("/api/supervisor/history/1-00000fffffff", 404)
anne.get("/api/supervisor/history/--help", 400)
marie.get("/api/supervisor/history", 403)


# What is found comes in pages.
def found_pages(who, **asked):
    while True:
        answer = who.get("/api/supervisor/history?" + urllib.parse.urlencode(asked))
        assert answer["more"] == ("next" in answer), answer
        yield answer
        if not answer["more"]: return
        asked["next"] = answer["next"]


# A customer of twenty calls a day, every second one from a withheld number, which the contact store alone knows: all are found.
def all_calls_are_found():
    with contextlib.closing(sqlite3.connect(f"{DIR}/contacts", timeout=60)) as store, contextlib.closing(sqlite3.connect(f"{DIR}/records.db", timeout=60)) as records:
        frida = store.execute("INSERT INTO contacts (tenant, name) VALUES ('', 'Frida')").lastrowid
        store.execute("INSERT INTO addresses (tenant, kind, address, contact) VALUES ('', 'phone', '+49891234509', ?)", [frida])
        for i in range(260):
            at = datetime.datetime(2025, 3, 1 + i // 20, 8, i % 20, tzinfo=datetime.timezone.utc)
            ixn, text = f"8-{i:012x}", at.strftime("%Y-%m-%d %H:%M:%S.000")
            store.execute("INSERT INTO interactions (tenant, media, external_id, contact, direction, ixn, received, ended, messages) VALUES ('', 'voice', ?, ?, 'in', ?, ?, 1, 0)",
                          [f"frida {i}", frida, ixn, int(at.timestamp()) * 1000000])
            records.execute("INSERT INTO interactions (journal, batch, n, ixn, quarter, media, ani, received) VALUES (8, ?, 0, ?, ?, 'voice', ?, ?)", [i, ixn, at.strftime("%Y-%m-%d %H:") + f"{i % 20 // 15 * 15:02}:00.000", None if i % 2 else "+49891234509", text])
        records.execute("INSERT INTO offers (journal, batch, n, ixn, quarter, agent, outcome) VALUES (8, 1, 1, '8-000000000001', '2025-03-01 08:00:00.000', 'paul', 'answered')")
        for database in store, records: database.commit()
        at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=10)
        store.execute("INSERT INTO interactions (tenant, media, external_id, contact, direction, ixn, received, ended, messages) VALUES ('', 'voice', 'lately', ?, 'in', '8-00000000ffff', ?, 1, 0)", [frida, int(at.timestamp()) * 1000000])
        records.execute("INSERT INTO interactions (journal, batch, n, ixn, quarter, media, received) VALUES (8, 300, 0, '8-00000000ffff', ?, 'voice', ?)", [at.strftime("%Y-%m-%d %H:00:00.000"), at.strftime("%Y-%m-%d %H:%M:%S.000")])
        for database in store, records: database.commit()
    fridas = [f"8-{i:012x}" for i in range(260)]
    spring = {"q": "Frida", "from": "2025-03-01", "to": "2025-03-31"}
    numbers = lambda all_pages: [[one["ixn"] for one in page["interactions"]] for page in all_pages]
    got = numbers(found_pages(anne, **spring))
    assert sorted(sum(got, [])) == fridas and [len(one) for one in got] == [130 + 50, 50, 30] and got[0] == sorted(got[0], reverse=True), got
    assert numbers(found_pages(anne, **{**spring, "to": "2025-03-01"})) == [fridas[19::-1]]
    assert numbers(found_pages(anne, q="Frida")) == [["8-00000000ffff"]]  # of the last thirty days
    assert sum(numbers(found_pages(leader, **spring)), []) == ["8-000000000001"] and not sum(numbers(found_pages(rival, **spring)), [])
    assert sum(map(len, numbers(found_pages(anne, **{"from": "2025-03-01", "to": "2025-03-31"})))) == 260
    for place in "x", "8;", ";1.0", "2025-03-01 08:00:00.000/8/0/0;1.1x":
        anne.get("/api/supervisor/history?" + urllib.parse.urlencode({**spring, "next": place}), 400)
    # More customers are so called than are looked for: that is told. What is closed to her leads her nowhere.
    with contextlib.closing(sqlite3.connect(f"{DIR}/contacts", timeout=60)) as store:
        assert "customers_more" not in anne.get("/api/supervisor/history?q=Frida")
        store.executemany("INSERT INTO contacts (tenant, name) VALUES ('', ?)", [[f"Frida {i}"] for i in range(20)])
        store.commit()
        assert anne.get("/api/supervisor/history?q=Frida")["customers_more"] is True
        typed = store.execute("INSERT INTO interactions (tenant, media, external_id, contact, direction, received, messages, address, agent, taken) VALUES ('', 'chat', 'typed', ?, 'in', 1, 0, 'f@x.org', 'anne', 1)", [frida]).lastrowid
        store.commit()
        assert numbers(found_pages(anne, **spring)) == [[]]
        store.execute("DELETE FROM interactions WHERE id = ?", [typed])
        store.execute("DELETE FROM interactions WHERE contact = ?", [frida])
        store.execute("DELETE FROM addresses WHERE contact = ?", [frida])
        store.execute("DELETE FROM contacts WHERE name LIKE 'Frida%'")
        store.commit()


all_calls_are_found()
# Who leads some finds what their agents were offered, and what waited in their queues.
theirs = lambda who: {one["ixn"] for one in who.get("/api/supervisor/history")["interactions"]}
pauls = {one["ixn"] for one in anne.get("/api/supervisor/history?agent=paul")["interactions"]}
assert pauls and pauls <= theirs(leader) < theirs(anne) and theirs(rival) == set(), (pauls, theirs(leader), theirs(rival))
leader.get(f"/api/supervisor/history/{min(pauls)}")
rival.get(f"/api/supervisor/history/{min(pauls)}", 404)
# What was written, and what was recorded, is opened with a line in the audit.
written = {"media": "email", "external_id": found[0]["external"]}
said = anne.get(f"/api/supervisor/history/{found[0]['ixn']}/transcript?{urllib.parse.urlencode(written)}")["messages"]
assert any(one["text"] for one in said), said
anne.get(f"/api/supervisor/history/1-0000000000ff/transcript?{urllib.parse.urlencode(written)}", 404)  # the audit would name another one
call = "00106b000c970000"
assert anne.get(f"/api/supervisor/recordings/{call}")["recordings"] == []
with open(f"{DIR}/recordings/{call}.wav", "wb") as wave:
    wave.write(struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + 32000, b"WAVE", b"fmt ", 16, 1, 2, 8000, 32000, 4, 16, b"data", 32000) + bytes(32000))
assert [one["ms"] for one in anne.get(f"/api/supervisor/recordings/{call}")["recordings"]] == [1000]
assert "does not know who had it" in leader.get(f"/api/supervisor/recordings/{call}", 403)["text"]  # as to hear one of them
whole = anne.get(f"/api/supervisor/recordings/{call}/1")
assert whole[:4] == b"RIFF"
piece = lambda asked, code: anne.ask("GET", f"/api/supervisor/recordings/{call}/1", headers={"Range": asked}, code=code)
assert piece("bytes=40-49", 206) == whole[40:50] and piece("bytes=100-", 206) == whole[100:] and piece("bytes=9-3", 200) == whole
piece(f"bytes={len(whole)}-", 416)
anne.get(f"/api/supervisor/recordings/{call}/2", 404)
anne.get("/api/supervisor/recordings/..%2fusers/1", 404)
for path in (f"recordings/{call}/1", f"history/{found[0]['ixn']}/transcript?{urllib.parse.urlencode(written)}"):
    marie.get(f"/api/supervisor/{path}", 403)
subprocess.run([f"{os.environ['top_builddir']}/gcxrecords", "--once", f"{DIR}/gcx.conf", f"sqlite:{DIR}/records.db"], check=True, capture_output=True)
with contextlib.closing(sqlite3.connect(f"{DIR}/records.db")) as records:
    opened = records.execute("SELECT actor, why FROM audit WHERE what = 'opened' AND actor LIKE 'anne%' ORDER BY batch, n").fetchall()
assert [why for _, why in opened] == [f"transcript of email {found[0]['external']}"] * 2 + [*["recording 1"] * 5, "recording 2"], opened
# The audit has as much of a long name as it has room for, and whole letters.
for begins in ("", "x"):
    anne.get(f"/api/supervisor/history/{found[0]['ixn']}/transcript?{urllib.parse.urlencode({'media': 'email', 'external_id': begins + 'é' * 100})}", 404)
here()
# Chance draws what is reviewed, the same again; a review is seen by its agent once it is done, who answers it once.
marie.get("/api/supervisor/quality/forms", 403)
with open(f"{DIR}/forms/bad.form", "w") as bad:
    bad.write("[a]\nasks\n")
forms = anne.get("/api/supervisor/quality/forms")
assert [one["form"] for one in forms["forms"]] == ["calls"] and "bad, line 2" in forms["wrong"][0], forms
rule = {"form": "calls", "from": BEGAN, "to": today, "each": 2}
marie.ask("POST", "/api/supervisor/quality/draws", rule, 403)
for wrong, code in (({"form": "none"}, 404), ({"form": "../users"}, 404), ({"form": "bad"}, 400), ({"from": "soon"}, 400), ({"each": 0}, 400), ({"code": "nothing"}, 404)):
    anne.ask("POST", "/api/supervisor/quality/draws", {**rule, **wrong}, code)
draw = anne.ask("POST", "/api/supervisor/quality/draws", rule)
again = anne.ask("POST", "/api/supervisor/quality/draws", rule)
assert again == {**draw, "again": True} and not draw["again"], again
per = collections.Counter(one["agent"] for one in draw["samples"])
assert {"marie", "paul"} <= set(per) <= {"marie", "paul", "anne"} and max(per.values()) <= 4, draw  # two of a week each
own = next(one for one in draw["samples"] if one["agent"] == "marie" and one.get("external_id") not in (None, doras))  # hers is erased, perhaps also in the records
path = f"/api/supervisor/quality/samples/{own['sample']}"
shown = anne.get(path)
assert shown["reviews"] == [] and shown["form"]["title"] == "Calls and letters" and shown["sample"]["own_done"] is False, shown
anne.get("/api/supervisor/quality/samples/999", 404)
write = lambda code=200, who=anne, **more: who.ask("PUT", f"{path}/review", {"points": {}, "done": True, **more}, code)
write(403, marie, points={"greeting": 5})
for wrong in ({}, {"points": {"greeting": 6}}, {"points": {"greeting": 5, "o" + 40 * "é": 1}}, {"points": {"greeting": 5}, "comments": {"other": "x"}}):
    write(400, **wrong)
write(done=False, comment="half")
assert marie.get("/api/reviews")["reviews"] == []
done = write(points={"greeting": 3}, comments={"greeting": "no name"}, comment="Fast.")
assert [(one["hundredths"], one["failed"]) for one in done["reviews"]] == [(6000, False)], done
write(409, points={"greeting": 5})
assert own["sample"] not in [one["sample"] for one in anne.get("/api/supervisor/quality/samples?open=yes")["samples"]]
(mine,) = marie.get("/api/reviews")["reviews"]
assert mine["comment"] == "Fast." and mine["points"][0]["comment"] == "no name" and mine["form"]["questions"][0]["points"] == 5, mine
assert paul.get("/api/reviews")["reviews"] == []
paul.ask("PUT", f"/api/reviews/{mine['review']}/answer", {"text": "no"}, 404)
marie.ask("PUT", f"/api/reviews/{mine['review']}/answer", {})
marie.ask("PUT", f"/api/reviews/{mine['review']}/answer", {"text": "The line was bad.", "objects": True})
marie.ask("PUT", f"/api/reviews/{mine['review']}/answer", {"text": "more"}, 409)
(seen,) = anne.get(path)["reviews"]
assert seen["answer"] == "The line was bad." and seen["objects"] and seen["seen"] <= seen["answered"], seen
report = f"/api/supervisor/quality/report?from={BEGAN}&to={today}&by="
assert anne.get(report + "agent")["rows"] == [{"form": "calls", "of": "marie", "reviews": 1, "failed": 0, "hundredths": 6000, "objections": 1}]
assert anne.get(report + "question&as=csv") == b'\xef\xbb\xbfform,question,reviews,failed,percent,objections\r\ncalls,greeting,1,0,60.00,1\r\n'
marie.get(report + "team", 403)
# A calibration: nobody sees what others have given before all are done, and its agent never does.
both = anne.ask("POST", "/api/supervisor/quality/draws", {**rule, "each": 1, "agent": "marie", "reviewers": 2})["samples"][0]
path = f"/api/supervisor/quality/samples/{both['sample']}"
assert len(write(points={"greeting": 5})["reviews"]) == 1 and len(marie.get("/api/reviews")["reviews"]) == 1
# Who leads others may not review this one's work; whoever does stands in the audit on the agent.
path = "/api/supervisor/quality/samples/%d" % next(one["sample"] for one in draw["samples"] if one["agent"] == "paul")
assert "1002 leads " in write(403, rival, points={"greeting": 5})["text"]
rival.get(path, 404)
assert not rival.get("/api/supervisor/quality/samples")["samples"] and not rival.get(report + "agent")["rows"]
rival.ask("POST", "/api/supervisor/quality/draws", rule, 404)
assert {one["agent"] for one in leader.get("/api/supervisor/quality/samples")["samples"]} == {"paul"}
assert leader.get(path)["sample"]["may_review"] and not any(one["may_review"] for one in draw["samples"] if one["agent"] == "anne")
assert {one["agent"] for one in leader.ask("POST", "/api/supervisor/quality/draws", rule)["samples"]} == {"paul"}
write(who=leader, points={"greeting": 4})
assert not leader.get(path)["sample"]["may_review"]  # it is done
subprocess.run([f"{os.environ['top_builddir']}/gcxrecords", "--once", f"{DIR}/gcx.conf", f"sqlite:{DIR}/records.db"], check=True, capture_output=True)
with contextlib.closing(sqlite3.connect(f"{DIR}/records.db")) as records:
    reviewed = records.execute("SELECT actor, name, why FROM audit WHERE what = 'reviewed' ORDER BY batch, n").fetchall()
assert [(who.split(" by ")[0], name) for who, name, _ in reviewed] == [("anne", "marie")] * 2 + [("leader", "paul")] and "by the form calls" in reviewed[0][2], reviewed
assert [one[:3] for one in audit("marie") if one[2] == "reviewed"] == [("state", "anne", "reviewed")] * 2, audit("marie")
# What the customer said of how they were served stands in their history, from the records.
judged = marie.get("/api/stored?media=email&external_id=judge@example.org")
while marie.get(f"/api/interactions/{judged['interaction']}").get("mark") != 5:
    time.sleep(0.2)
assert "no same weekday" in anne.get("/api/supervisor/forecasts/--csv", 404)["text"]
# Each example of the description is understood: the desk answers it, or says why it has nothing of the kind.
for template, methods in API["paths"].items():
    here()
    for method, row in methods.items():
        example = row["x-example"]
        assert described(example["path"].split("?")[0], method) is row, example
        if row["operationId"] in ("login", "logout"):
            continue  # they are asked above and below
        who = anne if "supervisor" in template or "strategies" in template else marie
        wish = method.upper(), example["path"], example.get("body")
        file = {"upload": b"%PDF", "put_sound": prompt_file(1)}.get(row["operationId"])
        try:
            who.ask(*wish, plain=file)
        except AssertionError as why:
            assert why.args[0][2] in (204, 403, 404, 409), why
            who.ask(*wish, why.args[0][2], plain=file)  # and that answer is described
marie.ask("POST", "/api/logout?force=yes", code=204)
while ixn not in [one["id"] for one in paul.get("/api/queues/desk")["items"]]:
    time.sleep(0.05)
assert "marie" not in [one["agent"] for one in paul.get("/api/agents")["agents"]]
while (end := desk.hear())["type"] != "end":
    pass
assert end["code"] == 4001, end
marie.get("/api/me", 401)
# A supervisor logs an agent out, who reads who it was, and why.
anne.ask("POST", "/api/supervisor/agents/paul/logout", {"why": "gone home"}, 204)
assert other.expect("notice", code="logged_out")["text"].endswith(" has logged you out: gone home")
while (end := other.hear())["type"] != "end":
    pass
assert end["code"] == 4001, end
paul.log_in("paul", "other")
# A page that hears nothing while many guess would be taken for one that is gone: so this is the last of the connections.
for _ in range(20):  # a minute may end meanwhile
    try:
        nobody.ask("POST", "/api/login", {"name": "anne", "password": "x"}, 401)
    except AssertionError as why:
        assert why.args[0][2] == 429, why
        break
else:
    raise AssertionError("nobody is tired of guesses")
# Neither another name from there, nor this one from elsewhere, nor who is in already.
there = Browser()
for _ in range(20):
    try:
        there.ask("POST", "/api/login", {"name": "paul", "password": "x"}, 401)
    except AssertionError:
        break
Browser(address="127.0.0.2").log_in("paul", "other")
paul.get("/api/me")
Browser().ask("POST", "/api/login", {"name": "chief", "password": "x"}, 401)
# Who guesses many names at once takes the place of nobody elsewhere: from one address 25 are looked at.
guessing = [TLS.wrap_socket(socket.create_connection(("127.0.0.1", PORT["desk"]), timeout=120, source_address=("127.0.0.3", 0)), server_hostname="127.0.0.1") for _ in range(38)]
for number, one in enumerate(guessing):
    body = b'{"name": "n%d", "password": "x"}' % number
    one.sendall(b"POST /api/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
assert guessing[-1].recv(100).startswith(b"HTTP/1.1 429 ")
Browser(address="127.0.0.2").log_in("paul", "other")
for one in guessing:
    one.close()
every = {row["operationId"] for methods in API["paths"].values() for row in methods.values()}
assert not every - asked, every - asked
assert not set(API["x-websocket"]["client"]) - said_types, set(API["x-websocket"]["client"]) - said_types
# Of telephones, their notices, records and deliveries: desk_voice.py, desk_outbound.py, desk_thread.py.
unheard = set(API["x-websocket"]["server"]) - heard_types - {"call", "phone", "record", "question", "delivery", "notice", "wraps"}
assert not unheard, unheard
