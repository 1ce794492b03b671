# sms_session.py DIR TOP talk|idle - An agent at the desk who talks with customers by short messages: their messages are
# lines for smsc.py, ours stand in its book. The shell that started us kills what we ask it to.
import http.client, json, os, time
from desk_client import *

OURS, OTHER = "+4930123", "+4930124"


def wait_for(what, check):
    end = time.monotonic() + 60
    while not (found := check()):
        assert time.monotonic() < end, what
        time.sleep(0.02)
    return found


def lines(name):
    try:
        with open(f"{DIR}/{name}") as book:
            return book.read().split("\n")[:-1]
    except FileNotFoundError:
        return []


def deliver(who, text, to=OURS):
    with open(f"{DIR}/deliver", "a") as out:
        out.write(f"{who} {to} {text}\n")


def acknowledged(who, text, to=OURS):
    wait_for(f"{text} is acknowledged", lambda: f"{who} {to} {text}" in lines("acknowledged"))


# How often a customer was sent this.
def sent(who, text, status="0", own=OURS):
    return sum(line == f"{own} {who} 0 0 {status} {text}" for line in lines("submitted"))


def gets(who, text, count=1, own=OURS, status="0"):
    wait_for(f"{who} gets {text}", lambda: sent(who, text, status, own) >= count)
    assert sent(who, text, status, own) == count, lines("submitted")


def shell(word, done):
    open(f"{DIR}/{word}", "w").close()
    wait_for(done, lambda: os.path.exists(f"{DIR}/{done}"))


def status(word):
    if word:
        with open(f"{DIR}/status.new", "w") as out:
            out.write(word)
        os.rename(f"{DIR}/status.new", f"{DIR}/status")
    else:
        os.remove(f"{DIR}/status")


marie = Browser().log_in("marie", "secret")
desk = Desk(marie)
desk.ready("sms")


def taken(who):
    offer = desk.expect("offer", media="sms", **{"from": who})
    desk.ask("accept", claim=offer["claim"])
    return desk.expect("opened", claim=offer["claim"])


# The strategy that has routed it may still be at work.
def done(ixn):
    while True:
        try:
            return desk.ask("done", ixn=ixn)
        except AssertionError as why:
            assert why.args[0][2].get("code") == "locked", why
            time.sleep(0.02)


def says(ixn, key, text):
    desk.ask("message", ixn=ixn, key=key, text=text)


def talk():
    global desk
    anna, ben, carl = "+491701234501", "+491701234502", "+491701234503"
    open(f"{DIR}/receipts", "w").close()
    deliver(anna, "Where is my parcel?")
    item = taken(anna)
    ixn = item["ixn"]
    acknowledged(anna, "Where is my parcel?")
    assert item["subject"] == "Where is my parcel?" and "last_agent" not in item["data"], item
    gets(anna, "One moment. ")
    interaction = marie.get(f"/api/stored?media=sms&external_id={item['external_id']}")["interaction"]
    texts = lambda: [(one["role"], one["text"]) for one in marie.get(f"/api/interactions/{interaction}/transcript")["messages"] if one["text"]]
    assert sorted(texts()) == [("customer", "Where is my parcel?"), ("system", "One moment. ")], texts()
    says(ixn, "k1", "Good morning")
    gets(anna, "Good morning")
    deliver(anna, "It is number 5")
    desk.expect("message", ixn=ixn, role="customer", text="It is number 5")
    # In two parts, the second one first: one message.
    deliver(anna, "hex:40:0:050003070202" + b"parts".hex())
    deliver(anna, "hex:40:0:050003070201" + b"two ".hex())
    desk.expect("message", ixn=ixn, role="customer", text="two parts")

    # The adapter is killed while an answer is on its way: it is not sent again, and the agent hears that nobody knows.
    status("mute")
    says(ixn, "k2", "On its way")
    gets(anna, "On its way", status="mute")
    # A receipt may be of it: it is not answered before that is known, and comes again.
    early = "hex:04:0:" + b"id:99 sub:001 dlvrd:001 stat:DELIVRD err:000 text:".hex()
    strange = ["hex:04:0:" + (b"id:%d sub:001 dlvrd:001 stat:DELIVRD err:000 text:" % number).hex() for number in range(200, 220)]
    for one in (early, *strange):
        deliver(anna, one)
    deliver(anna, "Are you sure?")
    acknowledged(anna, "Are you sure?")
    # Those of somebody else's messages do not fill the provider's window: only a few are held.
    wait_for("most are answered", lambda: sum(f"{anna} {OURS} {one}" in lines("acknowledged") for one in strange) >= 17)
    assert f"{anna} {OURS} {early}" not in lines("acknowledged"), lines("acknowledged")
    status("")
    shell("kill_sms1", "killed_sms1")
    told = desk.expect("message", ixn=ixn, visible="agents")
    assert "Nobody knows whether the customer has got a message: it was on its way" in told["text"], told
    messages = lambda: marie.get(f"/api/interactions/{interaction}/transcript")["messages"]
    wait_for("it is marked so", lambda: any((one["text"], one.get("state")) == ("On its way", "unknown") for one in messages()))
    says(ixn, "k3", "It comes tomorrow")
    gets(anna, "It comes tomorrow")
    acknowledged(anna, early)
    shell("kill_sms2", "killed_sms2")
    deliver(anna, "Thank you")
    desk.expect("message", ixn=ixn, role="customer", text="Thank you")
    # The core is killed: who writes meanwhile is heard afterwards.
    shell("kill_core", "dead_core")
    deliver(anna, "Are you there?")
    wait_for("it is refused for now", lambda: any(line.endswith("Are you there?") for line in lines("refused")))
    shell("start_core", "killed_core")
    acknowledged(anna, "Are you there?")
    wait_for("it is in the transcript", lambda: ("customer", "Are you there?") in texts())
    assert len([one for one in texts() if one[1] == "Are you there?"]) == 1, texts()
    desk.lost()
    desk = Desk(marie)
    assert [one["ixn"] for one in desk.held if one["type"] == "opened"] == [ixn], desk.held
    says(ixn, "k4", "Yes, I am")
    gets(anna, "Yes, I am")

    # Whoever leaves is not written to, and the agent hears it; whoever is back is.
    deliver(anna, "stop")
    gets(anna, "You will get no more messages from us. START: to get them again.")
    wait_for("the agent hears of it", lambda: any(role == "system" and "wants no more" in text for role, text in texts()))
    says(ixn, "k5", "You should not get this")
    wait_for("the agent hears why", lambda: any(role == "system" and "is not sent" in text for role, text in texts()))
    deliver(anna, "start")
    wait_for("the agent hears of it", lambda: any(role == "system" and "messages from us again" in text for role, text in texts()))
    says(ixn, "k6", "Welcome back")
    gets(anna, "Welcome back")
    assert sent(anna, "You should not get this") == 0, lines("submitted")

    # What waits for the provider when the customer leaves is not sent, and the word that they have left comes before it.
    status("88")
    says(ixn, "k9", "This one waits")
    wait_for("the provider asks for less", lambda: sent(anna, "This one waits", "88"))
    says(ixn, "k10", "That one waits")
    told = {"id": "w-1", "to": anna, "text": "An advertisement"}
    assert application("POST", "/messages", told)[0] == 202
    deliver(anna, "Stop!")  # in other letters: within ten seconds the same ones are the same message
    wait_for("the agent hears why", lambda: sum("has not got a message: the customer wants no messages" in one[1] for one in texts()) == 2)
    wait_for("the application hears of it", lambda: application("GET", "/messages/w-1") == (200, {"state": "failed"}))
    status("")
    gets(anna, "You will get no more messages from us. START: to get them again.", 2)
    deliver(anna, "Start!")
    wait_for("the agent hears of it", lambda: sum("messages from us again" in text for role, text in texts()) == 2)
    says(ixn, "k11", "Welcome once more")
    gets(anna, "Welcome once more")
    assert not any(sent(anna, text) for text in ("This one waits", "That one waits", told["text"])), lines("submitted")

    # A number whose conversations begin by a word: else each message stands alone.
    deliver(ben, "good morning", OTHER)
    gets(ben, "Alone: good morning", own=OTHER)
    # Its agent answers it, though there is no conversation.
    page = wait_for("it lies in the queue", lambda: desk.ask("pull", queue="desk", count=1).get("ids"))[0]
    desk.expect("opened", ixn=page)
    says(page, "p1", "Good morning, Ben.")
    gets(ben, "Good morning, Ben.", own=OTHER)
    done(page)
    deliver(ben, "Chat, please", OTHER)
    other = taken(ben)
    deliver(ben, "good evening", OTHER)
    desk.expect("message", ixn=other["ixn"], role="customer", text="good evening")
    done(other["ixn"])
    gets(ben, "Good bye.", own=OTHER)

    # It is over, once; whoever writes then has a new conversation, which knows the agent.
    done(ixn)
    gets(anna, "Good bye.")
    deliver(anna, "One more thing")
    late = taken(anna)
    assert late["ixn"] != ixn and late["data"]["last_agent"] == "marie", late
    gets(anna, "One moment. marie")
    # Two first messages at once are one conversation.
    for text in ("one", "two", "three"):
        deliver(carl, text)
    third = taken(carl)
    stored = marie.get(f"/api/stored?media=sms&external_id={third['external_id']}")["interaction"]
    wait_for("all are in it", lambda: {one["text"] for one in marie.get(f"/api/interactions/{stored}/transcript")["messages"]
                                       if one["role"] == "customer" and one["text"]} == {"one", "two", "three"})
    done(third["ixn"])
    gets(carl, "Good bye.")


    begin()


def application(method, path, body=None, token="our word"):
    link = http.client.HTTPConnection("127.0.0.1", int(open(f"{DIR}/http").read()), timeout=30)
    link.request(method, path, body and json.dumps(body), {"Authorization": f"Bearer {token}"})
    answer = link.getresponse()
    return answer.status, json.loads(answer.read())


def begin():
    """An agent begins, and an application: whoever answers has a conversation that knows the agent."""
    eve, fay, gus = "+491701234505", "+491701234506", "+491701234507"
    desk.ask("text", "invalid", key="k7", to="nobody", text="Hello")
    deliver(gus, "stop", OTHER)
    gets(gus, "You will get no more messages from us. START: to get them again.", own=OTHER)
    assert "wants no short messages" in desk.ask("text", "invalid", key="k6", to=gus, text="Nobody is told that this goes")["text"]
    for _ in range(2):  # sent again under its key, it goes once
        desk.ask("text", key="k7", to=eve, text="Your parcel is here")
    gets(eve, "Your parcel is here")
    desk.ask("text", "busy", key="k8", to=fay, text="An agent who begins very many is stopped")
    deliver(eve, "I come tomorrow")
    item = taken(eve)
    assert item["data"]["last_agent"] == "marie" and item["parent"], item
    gets(eve, "One moment. marie")
    done(item["ixn"])
    gets(eve, "Good bye.")

    told = {"id": "a-1", "to": fay, "text": "Your code is 17", "from": OTHER, "agent": "marie"}
    assert application("POST", "/messages", told, "guessed")[0] == 401
    assert application("GET", "/messages/a-1", token="")[0] == 401
    assert application("GET", "/messages/a-1")[0] == 404
    for wrong in ({"id": ""}, {"id": "a/b"}, {"to": "nobody"}, {"from": "+4999"}, {"text": ""}):
        assert application("POST", "/messages", {**told, **wrong})[0] == 400, wrong
    assert application("POST", "/messages", told) == (202, {"state": "going", "parts": 1})
    gets(fay, "Your code is 17", own=OTHER)
    assert application("POST", "/messages", told)[0] in (200, 202)
    wait_for("it is delivered", lambda: application("GET", "/messages/a-1") == (200, {"state": "delivered"}))
    gets(fay, "Your code is 17", own=OTHER)
    deliver(fay, "stop", OTHER)
    gets(fay, "You will get no more messages from us. START: to get them again.", own=OTHER)
    assert application("POST", "/messages", {**told, "id": "a-2"})[0] == 409
    assert sent(fay, "Your code is 17", own=OTHER) == 1


def idle():
    dora = "+491701234504"
    deliver(dora, "Hello")
    item = taken(dora)
    gets(dora, "Are you there?")
    desk.expect("message", ixn=item["ixn"], visible="agents", text="The customer is told: Are you there?")
    gets(dora, "Good bye.")


{"talk": talk, "idle": idle}[sys.argv[3]]()
