# takeover.py DIR TOP GCXCTL - The people of takeover.sh, which does what is said on stdout, and answers: Marie at her desk, Anna
# who chats, Kim and Lee who know, at XMPP clients, a provider of short messages, an application that sends some, a network.
import asyncio, os, smtplib, sys, time, urllib.parse

sys.path.insert(0, sys.argv[2] + "/tests/flows")
import webhook_networks as networks

open(f"{sys.argv[1]}/desk.port", "w").write("0")  # until there is one
import im_people
from desk_client import *
from im_people import Person, agent_is, is_asked, server, until

im_people.begin(DIR, sys.argv[3])
LEFT, LONG = "+33145550177", 60
networks.serve(DIR)
networks.silent += ["4001", "4002", "4003"]


def do(*words):
    print(*words, flush=True)
    assert input() == "done", words


def insists(what, act):
    """Until it goes: as people and mail servers do."""
    end = time.monotonic() + LONG
    while True:
        try:
            if (value := act()):
                return value
        except (OSError, EOFError, ValueError, Refused, http.client.HTTPException, smtplib.SMTPException) as why:
            value = why
        assert time.monotonic() < end, (what, value)
        time.sleep(0.05)


def port(name):
    return int(open(f"{DIR}/{name}.port").read())


def lines(name):
    return open(f"{DIR}/{name}").read().splitlines() if os.path.exists(f"{DIR}/{name}") else []


# ---- Anna, and mails ----

class Anna:
    """Says what has a number, and reads what Marie says."""
    def __init__(self):
        self.token, self.index, self.read = None, 0, []
        self.come()

    def come(self):
        def begins():
            self.link = Socket(port("chat"), "/chat", {"Origin": "https://shop.example"})
            self.link.send({"type": "resume", "token": self.token, "index": self.index} if self.token else {"type": "begin", "name": "Anna", "queue": "service"})
            return self.until("accepted")
        self.token = insists("the chat", begins)["token"]

    def until(self, type, **more):
        while True:
            one = self.link.hear()
            if one["type"] == "message":
                assert one["index"] > self.index, one
                self.index = one["index"]
                if one["role"] == "agent":
                    self.read.append(one["text"])
            if one["type"] == type and all(one.get(key) == value for key, value in more.items()):
                return one
            if one["type"] in ("end", "closed", "error"):
                raise EOFError(one)

    def says(self, text):
        self.link.send({"type": "message", "id": text, "text": text})
        self.until("kept", id=text)

    def says_again(self, text):
        self.come()
        self.says(text)


def mail(subject="My parcel"):
    with smtplib.LMTP("127.0.0.1", port("lmtp")) as link:
        return link.sendmail("anna@example.org", ["service@shop.example"],
                             f"From: anna@example.org\r\nTo: service@shop.example\r\nSubject: {subject}\r\nMessage-ID: <{subject.replace(' ', '')}@example.org>\r\n\r\n{subject}: where is it?\r\n") == {}


# ---- Marie ----

class Marie:
    def __init__(self):
        PORT["desk"] = port("desk")
        self.browser = Browser().log_in("marie", "secret")
        self.desk = Desk(self.browser)
        for media in ("chat", "email"):
            self.desk.ready(media)

    def takes(self, media):
        offer = self.desk.expect("offer", media=media)
        self.desk.ask("accept", claim=offer["claim"])
        return self.desk.expect("opened", claim=offer["claim"])["ixn"]

    def back(self, has):
        """By the cookie that she has: as ready as before, with all that she had."""
        def come():
            PORT["desk"] = port("desk")
            desk = Desk(self.browser)
            self.opened = {one["ixn"]: one for one in desk.held if one["type"] == "opened"}
            states = [one["states"] for one in desk.held if one["type"] == "states" and one["agent"] == "marie"]
            good = states and states[-1].get("chat") == states[-1].get("email") == "ready" and sorted(self.opened) == sorted(has)
            if not good:
                raise EOFError((list(self.opened), has, states))
            return desk
        self.desk = insists("the desk", come)

    def says(self, ixn, text):
        self.desk.ask("message", ixn=ixn, key=text, text=text)

    def transcript(self, ixn):
        opened = self.opened[ixn]
        stored = self.browser.get(f"/api/stored?media={opened['media']}&external_id={urllib.parse.quote(opened['external_id'])}")["interaction"]
        texts = [one["text"] for one in self.browser.get(f"/api/interactions/{stored}/transcript")["messages"] if one["text"] and one["role"] != "system"]
        return [text for text in texts if text != "1"]  # Knows.accepts


async def aside(call, *words, **more):
    return await asyncio.get_event_loop().run_in_executor(None, lambda: call(*words, **more))


# ---- short messages ----

def deliver(*given):
    with open(f"{DIR}/deliver", "a") as out:
        out.write(" ".join(given) + "\n")


def application(method, name, to=None):
    link = http.client.HTTPConnection("127.0.0.1", port("http"), timeout=30)
    body = json.dumps({"id": name, "to": to, "text": f"message {name}."}) if to else None
    link.request(method, "/messages" if to else "/messages/" + name, body, {"Authorization": "Bearer ours"})
    answer = link.getresponse()
    return answer.status, json.loads(answer.read())


def sends(name):
    return insists(name, lambda: application("POST", name, "+4917055" + str(abs(hash(name)))[:6])[0] in (200, 202))


def submitted(text):
    return [one for one in lines("submitted") if text in one]


# ---- Kim and Lee ----

class Knows(Person):
    """`heard`: texts by the ids of their messages."""
    def __init__(self, name):
        super().__init__(name)
        self.heard, self.received = {}, set()

    def on_message(self, message):
        super().on_message(message)
        for child in message.xml:
            if child.tag == "{urn:xmpp:receipts}received":
                self.received.add(child.get("id"))
        if message["type"] != "error" and message["body"] and message["id"]:
            self.heard.setdefault(message["id"], message["body"])

    async def says(self, to, text):
        for _ in range(600):
            if text in self.received:
                return
            self.send_raw(f"<message to='{to}' type='chat' id='{text}'><body>{text}</body><request xmlns='urn:xmpp:receipts'/></message>")
            await asyncio.sleep(0.1)
        raise AssertionError((self.name, text, self.inbox[-5:]))

    async def accepts(self, window):
        """Says 1 until it was heard. A 1 that comes behind the first that was heard is said to Marie already."""
        for _ in range(600):
            if any("You are with Marie Laurent" in text for text in self.heard.values()):
                return
            self.say(window, "1")
            await asyncio.sleep(0.3)
        raise AssertionError((self.name, self.inbox[-5:]))


def post(number, who=42):
    return networks.said(DIR, networks.bot(number, f"post {number}", chat={"id": who}, **{"from": {"id": who, "first_name": "Ann"}})) == 200


def thanked(who):
    return [body for _, _, body in networks.written if body["chat_id"] == str(who)]


async def scene(running):
    running.append(await server())
    kim, lee = Knows("kim"), Knows("lee")
    for one in (kim, lee):
        await one.come()
    await until("the desk", lambda: os.path.exists(f"{DIR}/admin") or lines("desk.port") not in ([], ["0"]))
    for one in (kim, lee):
        await agent_is(one.name, "ready")
    marie, anna = await aside(Marie), await aside(Anna)
    await aside(anna.says, "anna-0")
    chat = await aside(marie.takes, "chat")
    await aside(insists, "a mail", mail)
    letter = await aside(marie.takes, "email")
    reply = await aside(marie.desk.ask, "send", ixn=letter, key="a", subject="Re: My parcel", text="It is on its way.", to=["anna@example.org"])
    draft = reply["ixn"]
    await aside(marie.desk.ask, "pull", queue="outbound", ids=[draft])
    await aside(marie.desk.expect, "opened", ixn=draft)
    await aside(marie.desk.ask, "revise", ixn=draft, key="v", subject="Re: My parcel", text="It left today.")
    # She owes a reply, whose time is told again at each leader; another one falls due while nobody leads.
    await aside(insists, "a mail", lambda: mail("Owed"))
    owed = await aside(marie.takes, "email")
    due = (await aside(marie.desk.expect, "reply_due", ixn=owed))["due"]
    asked = (await aside(marie.desk.ask, "ask", key="q", queue="billing", text="Where is invoice 7?"))["ixn"]
    who, window, text = await is_asked([kim, lee])
    await aside(do, "campaign")
    has, talk, question = [chat, letter, draft, owed, asked], ["anna-0"], ["Where is invoice 7?"]
    for round, how in enumerate(("kill", "freeze", "handover"), 1):
        # Before it: messages that go, of which some have a receipt that waits; some whose answer never comes.
        open(f"{DIR}/receipts", "w").write("held")
        for n in range(5):
            await aside(sends, f"{how}-{n}")
        await until("they have gone", lambda: len(submitted(f"message {how}-")) == 5)
        for n in range(4):
            deliver(f"+49170555{round}{n:02}", "+4930123", f"text {how} {n}")
        await aside(insists, "a post", lambda: post(10 * round))
        await aside(do, "settled")
        await aside(post, 10 * round + 2, 4000 + round)
        await until("the network has an answer, and says nothing", lambda: thanked(4000 + round))
        if round == 1:
            await aside(insists, "a mail", lambda: mail("Soon"))
            await aside(marie.takes, "email")
        await aside(do, "lose", how)
        # While nobody leads:
        open(f"{DIR}/receipts", "w").close()
        for n in range(4, 8):
            deliver(f"+49170555{round}{n:02}", "+4930123", f"text {how} {n}")
        if round == 1:
            deliver(LEFT, "+4930123", "STOP")
        await aside(do, "block")
        said = asyncio.ensure_future(who.accepts(window) if round == 1 else who.says(window, f"who-{round}"))
        anna_says = asyncio.ensure_future(aside(insists, "Anna", lambda: anna.says_again(f"anna-{round}") or True))
        await aside(do, "next")
        # Behind it:
        await aside(marie.back, has)
        assert abs(marie.opened[owed]["reply_due"] - due) < 2, (marie.opened[owed], due)
        await said
        await anna_says
        if round == 1:
            await who.says(window, "who-1")
        await aside(marie.says, chat, f"marie-{round}")
        await aside(marie.says, asked, f"ask-{round}")
        talk += [f"anna-{round}", f"marie-{round}"]
        question += [f"who-{round}", f"ask-{round}"]
        await aside(anna.until, "message", text=f"marie-{round}")
        await until("the answer is there", lambda: f"ask-{round}" in str(list(who.heard.values())), lambda: who.heard)
        await aside(insists, "a post", lambda: post(10 * round + 1))
        await until("short messages are answered", lambda: len(submitted(f"We have it: text {how}")) == 8, lambda: submitted("We have it"))
        await until("receipts are told", lambda: all(application("GET", f"{how}-{n}")[1].get("state") == "delivered" for n in range(5)))
        if round == 1:
            status, _ = await aside(application, "POST", "unwanted", LEFT)
            assert status == 409, status
    # ---- the books ----
    for how in ("kill", "freeze", "handover"):
        for text in [f"message {how}-{n}." for n in range(5)] + [f"We have it: text {how} {n}" for n in range(8)]:
            assert len(submitted(text)) == 1, (text, submitted(text))
    for whom in (42, 4001, 4002, 4003):
        assert len(thanked(whom)) == 1, networks.written
    assert anna.read == [text for text in talk if text.startswith("marie")], anna.read
    assert [text for text in who.heard.values() if "ask-" in text] == [text for text in question if text.startswith("ask")], who.heard
    for ixn, words in ((chat, talk), (asked, question)):
        await until("the transcript is whole", lambda: marie.transcript(ixn) == words, lambda: (marie.transcript(ixn), words))
    assert (await aside(marie.transcript, draft))[-1] == "It left today."
    await aside(marie.desk.ask, "revise", ixn=draft, key="w", subject="Re: My parcel", text="It left at noon.")
    await aside(marie.desk.ask, "move", ixn=draft, how="place", to="queue", name="outbound")
    await aside(marie.desk.ask, "done", ixn=letter)
    await aside(marie.desk.ask, "done", ixn=owed)
    for one in (kim, lee):
        await one.disconnect()


im_people.play(scene)
