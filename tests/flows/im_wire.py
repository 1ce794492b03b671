"""im_wire.py FOLDER GCXCTL - Ann, who asks, and Kim and Lee, who know, at their clients; and the server between them,
which is stopped and started again."""
import asyncio, os, signal, sqlite3, sys

import im_people
from im_people import Person, adapter, agent_is, ctl, is_asked, server, until

POINT = "billing@kw.localhost"


class Bot(Person):
    heard = 0

    def on_message(self, message):
        if message["body"]:
            self.heard += 1
            self.say(str(message["from"].bare), f"I am on holiday until {self.heard}.")


async def scene(running):
    running.append(await server())
    ann, kim, lee = Person("ann"), Person("kim"), Person("lee")
    for one in (ann, kim, lee):
        await one.come()

    # Presence.
    for name in ("kim", "lee"):
        await agent_is(name, "ready")
    for show, word in (("away", "away"), ("xa", "extended"), ("dnd", "dnd")):
        kim.send_presence(pshow=show)
        await agent_is("kim", "not_ready", word)
    kim.send_presence(pshow="chat")
    await agent_is("kim", "ready")
    await kim.disconnect()
    await agent_is("kim", "logged_out")
    kim = Person("kim")
    await kim.come()
    await agent_is("kim", "ready")

    # Ann asks; the first declines, the second accepts.
    ann.say(POINT, "Where is invoice 7?")
    ann.say(POINT, "It is <late> & I am, too.")
    await ann.hears("One moment, please.")
    first, window, text = await is_asked([kim, lee])
    if "ann asks at billing: Where is invoice 7?" not in text:
        raise SystemExit(f"FAILED: a preview without what it is about: {text!r}")
    first.say(window, "perhaps")
    await first.hears("Please reply 1 to accept or 2 to decline.")
    first.say(window, "2")
    await first.hears("Declined.")
    second, second_window, text = await is_asked([kim, lee])
    if second is first:
        raise SystemExit("FAILED: the one who declined is asked again")
    second.say(second_window, "Yes!")
    await second.hears("You are with ann. /end ends it.\nann: Where is invoice 7?\nann: It is <late> & I am, too.")
    await ann.hears({"kim": "Kim Lane", "lee": "Lee Smith"}[second.name] + " is with you.")
    first.say(window, "1")
    await first.hears("This is no longer available.")
    first.say("nobody@kw.localhost", "x" * 70000)  # more than we read: the stream goes on behind it
    log = sys.argv[1] + "/log"
    await until("the long one is told", lambda: "is not read: it is too long" in open(log).read(), lambda: "")
    for number in range(3):
        ann.say(POINT, f"and {number}")
        second.say(second_window, f"so {number}")
    for number in range(3):
        await second.hears(f"and {number}")
        await ann.hears(f"so {number}")

    # The adapter is killed: they go on, and the other one's state is right.
    before = await until("the adapter", adapter, lambda: ctl("status"))
    os.kill(before, signal.SIGKILL)
    await until("another adapter", lambda: adapter() not in (None, before), lambda: ctl("status"))
    for name in ("kim", "lee"):
        await agent_is(name, "ready")
    second.say(second_window, "so 3")
    await ann.hears("so 3")
    received = ann.last
    ann.say(POINT, "and 4")
    await second.hears("and 4")

    # The store keeps what the worker says, and not yet that it is to go: their client hears that it has come when it has
    # both. The adapter is killed before that, and the client sends it again.
    def store(words):
        with sqlite3.connect(sys.argv[1] + "/contacts", timeout=30) as contacts:
            contacts.execute(words)
        contacts.close()
    held = f"<message to='{second_window}' type='chat' id='held'><body>so held</body><request xmlns='urn:xmpp:receipts'/></message>"
    store("CREATE TRIGGER refuses BEFORE INSERT ON post_out BEGIN SELECT RAISE(ABORT, 'not yet'); END")
    second.send_raw(held)
    await until("it waits for the store", lambda: "again in 1 s: contact store" in open(log).read())
    second.send_raw(held)  # again, as a client does that has heard nothing
    await asyncio.sleep(0.8)
    second.send_raw(f"<message to='{second_window}' type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>")
    await ann.signed("composing", POINT)
    assert ("received", "held") not in second.signs, "a word is received that is lost where the process ends"
    before = await until("the adapter", adapter, lambda: ctl("status"))
    os.kill(before, signal.SIGKILL)
    await until("another adapter", lambda: adapter() not in (None, before), lambda: ctl("status"))
    for name in ("kim", "lee"):
        await agent_is(name, "ready")
    store("DROP TRIGGER refuses")
    second.send_raw(held)
    await second.signed("received", "held")
    await ann.hears("so held")

    # A worker's client goes for a moment, and the server returns what is said meanwhile: it is read when the worker is back.
    await second.disconnect()
    await agent_is(second.name, "not_ready", "gone")
    for text in ("and 5", *(letter * 3999 for letter in "abcdefgh"), "and 6"):  # more than what is read of what was missed
        ann.send_raw(f"<message to='{POINT}' type='chat' id='{text[-3:]}'><body>{text}</body><request xmlns='urn:xmpp:receipts'/></message>")
        await ann.signed("received", text[-3:])  # it is in the store
    await until("the server returns it", lambda: f"{second.name}: the server could not deliver words" in open(log).read())
    second = Person(second.name)
    await second.come()
    await until("what was missed", lambda: any("(Earlier words are left out.)\nann: b" in body and body.count("and 6") == 1 for _, body in second.inbox), lambda: [[line[:9] for line in body.splitlines()] for _, body in second.inbox])
    second.say(second_window, "perhaps")
    await ann.hears("perhaps")
    left_out = [body for _, body in second.inbox if body == "and 5" or body.startswith("aaaa")]
    assert not left_out, "words are read behind later ones"
    second.inbox.clear()
    kim, lee = (second, lee) if second.name == "kim" else (kim, second)
    second.say(second_window, "so 4")
    await ann.hears("so 4")

    # The server goes: nobody is asked. It comes back, and they go on.
    running[0].kill()
    running.pop().wait()
    await agent_is("kim", "not_ready", "gone")
    await agent_is("lee", "not_ready", "gone")
    running.append(await server())
    ann, kim, lee = Person("ann"), Person("kim"), Person("lee")
    for one in (ann, kim, lee):
        await one.come()
    for name in ("kim", "lee"):
        await agent_is(name, "ready")
    second = kim if second.name == "kim" else lee
    ann.receipts = False
    second.say(second_window, "so 5")
    await ann.hears("so 5")
    # The last message has not reached her: that is kept, once. An error behind a receipt takes nothing back.
    for id in ("another", received, ann.last, ann.last):
        ann.send_raw(f"<message to='{POINT}' type='error' id='{id}'><error type='cancel'/></message>")
    ann.receipts = True
    ann.say(POINT, "and 7")
    await second.hears("and 7")
    second.send_raw(f"<message to='{second_window}' type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>")
    await ann.signed("composing", POINT)

    # Either side's client says that it shows a message, which the other one is told; what was read is told once.
    shows = lambda who, to, id: who.send_raw(f"<message to='{to}' type='chat'><displayed xmlns='urn:xmpp:chat-markers:0' id='{id}'/></message>")
    shows(ann, POINT, received)
    for number in range(2):
        ann.send_raw(f"<message to='{POINT}' type='chat' id='shown-{number}'><body>shown {number}</body><markable xmlns='urn:xmpp:chat-markers:0'/></message>")
        await second.hears(f"shown {number}")
        shows(second, second_window, second.last if number else "c:another")
    shows(second, second_window, second.last)
    await ann.signed("displayed", "shown-1")
    # She corrects a message, gives a sign about one of hers and one of ours, and takes the first back. Her client writes
    # words for programs that know none of it: nobody reads them.
    def about(element, id="", body="> This is for old programs."):
        ann.send_raw(f"<message to='{POINT}' type='chat' id='{id or os.urandom(16).hex()}'><body>{body}</body>{element}</message>")
    ours, hers = ann.last, "5f1c0a52-77aa-4c7e-8a51-0d2f3a4b5c6d"
    retracts = f"<retract xmlns='urn:xmpp:message-retract:1' id='{hers}'/>"
    for texts in (("One.",), ("Two.", "Three.", "Two.")):  # one client gives the same id to all its texts, and each text is said once
        for text in texts:
            about("", "a-thread-and-no-message", text)
        for text in texts[:2]:
            await second.hears(text)
    about("", hers, "It costs 70.")
    await second.hears("It costs 70.")
    about(f"<replace xmlns='urn:xmpp:message-correct:0' id='{hers}'/>", body="It costs 7.")
    await second.hears("The customer has changed a message: It costs 7.")
    for of, sign in ((ours, "<reaction>\u2764</reaction><reaction>\U0001f44d</reaction>"), (ours, ""), (hers, "<reaction>!</reaction>")):
        about(f"<reactions xmlns='urn:xmpp:reactions:0' id='{of}'>{sign}</reactions>")
    await second.hears("Reaction to a message: \u2764 \U0001f44d")
    await second.hears("The customer has taken back a reaction.")
    await second.hears("Reaction to a message: !")
    about("", body="geo:52.520008,-13.4;u=35")
    await second.hears("Place (52.520008, -13.4)")
    about("<x xmlns='jabber:x:oob'><url>https://files.example/a.png</url></x>", body="")
    await second.hears("https://files.example/a.png")
    about(retracts), about(retracts)
    await second.hears("The customer has taken back a message.")
    second.send_raw(f"<message to='{second_window}' type='chat' id='worker'><body>old</body>{retracts}</message>")
    await second.hears("A message cannot be taken back here: the other side has it, or will get it.")
    second.say(second_window, "/end")
    await second.hears("The conversation has ended.")
    await ann.hears("The conversation has ended.")
    # Behind the end they are kept with their message; of a message that nobody knows they begin nothing.
    about(f"<apply-to xmlns='urn:xmpp:fasten:0' id='{ann.last}'><retract xmlns='urn:xmpp:message-retract:0'/></apply-to>")
    about(f"<reactions xmlns='urn:xmpp:reactions:0' id='{ours}'><reaction>late</reaction></reactions>", "a-late-reaction-with-id")

    assert not [one for one in ann.signs if one[0] == "displayed"], ann.signs

    # The core is killed while one is asked, who hears nothing of it; then the adapter: that one is asked again, and reads what
    # was said before.
    ann.say(POINT, "Where is invoice 8?")
    await ann.hears("One moment, please.")
    asked, window, _ = await is_asked([kim, lee])
    invites = lambda: open(log).read().count(" Invite ref=")
    told = invites()
    open(sys.argv[1] + "/kill", "w").close()
    await until("the core tells of it again", lambda: invites() > told)
    long = "y" * 3001  # more than what a worker reads of before: the last word is read whatever its length
    for _ in range(2):  # again, as a client does that has heard nothing: it is one message
        ann.send_raw(f"<message to='{POINT}' type='chat' id='late'><body>{long}</body><request xmlns='urn:xmpp:receipts'/></message>")
        await ann.signed("received", "late")  # it is in the store
    assert not asked.inbox, asked.inbox
    before = await until("the adapter", adapter, lambda: ctl("status"))
    os.kill(before, signal.SIGKILL)
    await until("another adapter", lambda: adapter() not in (None, before), lambda: ctl("status"))
    sender, _ = await asked.hears("ann asks at billing: Where is invoice 8?")
    assert sender == window, (sender, window)
    asked.say(window, "1")
    await asked.hears("You are with ann. /end ends it.\n(Earlier words are left out.)\nann: " + long)
    await ann.hears(" is with you.")
    ann.say(POINT, "/end")
    await ann.hears("The conversation has ended.")
    await asked.hears("The conversation has ended.")
    # Her client has not heard of the receipt: the message is the same one, and begins no conversation.
    ann.send_raw(f"<message to='{POINT}' type='chat' id='late'><body>{long}</body><request xmlns='urn:xmpp:receipts'/></message>")
    await ann.signed("received", "late")
    assert not ctl("interactions", "--live")["interactions"], "what came before has begun a conversation"

    # Nobody answers: it goes where the strategy says, and who accepts then is told that it is over.
    ann.say("quick@kw.localhost", "Is anybody there?")
    for _ in (kim, lee):
        late, window, _ = await is_asked([kim, lee])
        await late.hears("This is no longer available.")
    await ann.hears("Nobody is free.")
    await ann.hears("The conversation has ended.")
    for one in (kim, lee):  # who says nothing is asked no more until they say that they are there
        await agent_is(one.name, "not_ready", "no_answer")
    late.say(window, "1")
    await late.hears("This is no longer available.")
    await agent_is(late.name, "ready")

    # Who accepts and does not answer is reminded, and loses it.
    ann.say("slow@kw.localhost", "And where is the other one?")
    slow, window, _ = await is_asked([kim, lee])
    slow.say(window, "1")
    await slow.hears("You are with ann.")
    await ann.hears(" is with you.")
    await slow.hears("Please answer within 1 min: without an answer somebody else takes this.")
    await slow.hears("You have not answered in time: somebody else takes this.")
    await ann.hears(" has left.")
    await ann.hears("Nobody has answered.")
    await ann.hears("The conversation has ended.")

    # A program answers each message: we do not answer it for ever.
    bot = Bot("bot")
    await bot.come()
    bot.say("closed@kw.localhost", "I am on holiday.")
    await until("the rule of machines", lambda: bot.heard >= 20, lambda: bot.heard)
    bot.say("closed@kw.localhost", "Still on holiday.")
    bot.say("closed@kw.localhost", "And still.")
    await until("the conversations end", lambda: len(ctl("interactions", "--live")["interactions"]) == 0, lambda: ctl("interactions"))
    assert bot.heard == 20, bot.heard
    await bot.disconnect()

    for one in (ann, kim, lee):
        assert not one.inbox, (one.name, one.inbox)
        await one.disconnect()


im_people.begin(*sys.argv[1:3])
im_people.play(scene)
