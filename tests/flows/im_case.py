# im_case.py DIR TOP GCXCTL - Marie at the desk and at 7001, Kim and Lee at XMPP clients and at 7002 and 7003, for im_case.sh,
# which does what is said on stdout, and answers.
import asyncio, sys

import im_people
from desk_client import *
from im_people import Person, agent_is, ctl, is_asked, server, until

im_people.begin(DIR, sys.argv[3])
DNS = {"kim": "7002", "lee": "7003"}
NAMES = {"kim": "Kim Lane", "lee": "Lee Smith"}


def do(*words):
    print(*words, flush=True)
    assert input() == "done", words


def sit(name, dn):
    desk = Desk(Browser().log_in(name, "secret"))
    desk.ask("phone", op="login", dn=dn)
    desk.expect("phone", state="not_ready", dn=dn)
    desk.ask("phone", op="ready")
    desk.expect("phone", state="ready")
    return desk


# A desk blocks until it hears; the people at XMPP go on meanwhile.
async def aside(call, *words, **more):
    return await asyncio.get_event_loop().run_in_executor(None, lambda: call(*words, **more))


def adapter_of(name):
    return next((link["pid"] for link in ctl("status").get("links", []) if link["name"] == name and link["state"] == "up"), None)


async def calls(marie):
    marie.waiting = [one for one in marie.waiting if one["type"] != "call"]
    await aside(do, "call", "1800")
    call = await aside(marie.expect, "call", state="talking")
    return call["conn"]


async def asks(marie, conn, queue, text):
    reply = await aside(marie.ask, "ask", key=text, queue=queue, text=text, conn=conn)
    opened = await aside(marie.expect, "opened", ixn=reply["ixn"])
    assert opened["asked"] == {"queue": queue, "call": conn} and opened["media"] == "im", opened
    call = await aside(marie.expect, "call", conn=conn, data={"customer": "Dupont", "asked": reply["ixn"]})
    # Two interactions, one case: each names the other.
    said = str(ctl("data", reply["ixn"]))
    assert conn in said, said
    return reply["ixn"]


async def talked(marie, ixn, worker, window):
    """They write to each other, each seeing that the other writes."""
    opened = await aside(marie.expect, "opened", ixn=ixn)
    assert opened["asked"]["worker"] == worker.name and opened["asked"]["name"] == NAMES[worker.name], opened
    await aside(marie.ask, "typing", ixn=ixn, on=True)
    await worker.signed("composing", window)
    await aside(marie.ask, "message", ixn=ixn, key="second", text="It is <urgent> & late.")
    sender, _ = await worker.hears("It is <urgent> & late.")
    assert sender == window
    worker.send_raw(f"<message to='{window}' type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>")
    typing = await aside(marie.expect, "typing", ixn=ixn)
    assert typing["on"] and typing["role"] == "agent", typing
    worker.send_raw(f"<message to='{window}' type='chat' id='r1'><body>It was paid in May.</body><request xmlns='urn:xmpp:receipts'/></message>")
    heard = await aside(marie.expect, "message", ixn=ixn, text="It was paid in May.")
    assert heard["role"] == "agent" and heard["from"] == NAMES[worker.name], heard
    await worker.signed("received", "r1")


async def over(marie, ixn, worker):
    await aside(marie.ask, "done", ixn=ixn)
    await worker.hears("The conversation has ended.")
    await aside(marie.expect, "closed", ixn=ixn)


async def scene(running):
    running.append(await server())
    kim, lee = Person("kim"), Person("lee")
    for one in (kim, lee):
        await one.come()
        await agent_is(one.name, "ready")
    marie, phones = await aside(sit, "marie", "7001"), {name: await aside(sit, name, dn) for name, dn in DNS.items()}
    await aside(marie.ask, "ask", "invalid", key="x", queue="desk", text="?")
    await aside(marie.ask, "ask", "unknown", key="x", queue="billing", text="?", conn="00000000000000ff")

    # She asks; the first declines, by the form; the second accepts. The call is transferred by the routing point.
    conn = await calls(marie)
    ixn = await asks(marie, conn, "billing", "Where is invoice 7?")
    first, window, text = await is_asked([kim, lee])
    assert "Marie Laurent asks at billing: Where is invoice 7?" in text, text
    await first.signed("x", window)
    await aside(marie.ask, "phone", "unsupported", op="transfer", conn=conn, ixn=ixn)  # nobody has it yet
    first.send_raw(f"<message to='{window}' type='normal'><x xmlns='jabber:x:data' type='submit'><field var='answer'><value>decline</value></field></x></message>")
    await first.hears("Declined.")
    second, second_window, _ = await is_asked([kim, lee])
    assert second is not first
    second.say(second_window, "1")
    await second.hears("You are with Marie Laurent. /end ends it.\nMarie Laurent: Where is invoice 7?")
    first.say(window, "1")
    await first.hears("This is no longer available.")
    await talked(marie, ixn, second, second_window)
    await aside(marie.ask, "phone", op="transfer", conn=conn, ixn=ixn)
    await aside(marie.expect, "call", state="released", conn=conn)
    theirs = await aside(phones[second.name].expect, "call", state="talking")
    assert theirs["data"] == {"customer": "Dupont", "asked": ixn, "worker": second.name, "outcome": "handed on"}, theirs
    await over(marie, ixn, second)  # the message session goes on beside, until it is ended
    await aside(phones[second.name].ask, "phone", op="release", conn=theirs["conn"])
    await aside(do, "hung_up")

    # A call that names nobody: the first is asked before it comes and declines, the second has it.
    conn = await calls(marie)
    await aside(marie.ask, "phone", op="transfer", conn=conn, to="1900")
    for one, op in (first, "decline"), (second, "accept"):
        question = await aside(phones[one.name].expect, "question", number="+33145550101")
        await aside(phones[one.name].ask, "phone", op=op, ticket=question["ticket"])
    before = theirs["conn"]  # told once more with its virtual queue
    while theirs["conn"] == before:
        theirs = await aside(phones[second.name].expect, "call", state="talking")
    assert theirs["data"] == {"customer": "Dupont", "outcome": "others"}, theirs
    await aside(phones[second.name].ask, "phone", op="release", conn=theirs["conn"])
    await aside(do, "hung_up")

    # All are asked at once, and both accept: one has it. That one is called at the DN, and called in by the routing point.
    conn = await calls(marie)
    ixn = await asks(marie, conn, "everyone", "And invoice 8?")
    windows = {}
    for one in (kim, lee):
        windows[one], _ = await one.hears("And invoice 8?")
    for one in (kim, lee):
        one.say(windows[one], "1")
    await until("one of them has it", lambda: kim.inbox and lee.inbox, lambda: (kim.inbox, lee.inbox))
    has, late = (kim, lee) if "You are with" in kim.inbox[0][1] else (lee, kim)
    await has.hears("You are with Marie Laurent.")
    await late.hears(f"This is taken by {NAMES[has.name]}.")
    await talked(marie, ixn, has, windows[has])
    await aside(marie.ask, "phone", op="consult", conn=conn, ixn=ixn, to=DNS[has.name])
    asked = await aside(phones[has.name].expect, "call", state="talking")
    await aside(marie.ask, "phone", op="reconnect", conn=conn)
    await aside(phones[has.name].expect, "call", state="released", conn=asked["conn"])
    await aside(marie.expect, "call", state="talking", conn=conn)
    # By the routing point, too: the consultation's strategy reads whom the call names.
    await aside(marie.ask, "phone", op="consult", conn=conn, ixn=ixn)
    await aside(phones[has.name].expect, "call", state="talking")
    # Marie's own telephone may hear a moment later that it was answered.
    for _ in range(200):
        try:
            await aside(marie.ask, "phone", op="conference", conn=conn)
            break
        except AssertionError as refused:
            if "invalid_state" not in str(refused):
                raise
            await asyncio.sleep(0.05)
    await aside(phones[has.name].expect, "call", state="talking", conn=conn)
    await aside(phones[has.name].ask, "phone", op="release", conn=conn)
    await aside(marie.ask, "phone", op="release", conn=conn)
    await aside(do, "hung_up")

    # The desk is killed, and the question goes on.
    open(f"{DIR}/desk.pid", "w").write(str(adapter_of("desk")))
    await aside(desk_is_killed)
    marie = await aside(Desk, marie.browser)
    opened = next(one for one in marie.held if one["type"] == "opened")
    assert opened["ixn"] == ixn and opened["asked"]["worker"] == has.name, opened
    await until("the desk has the core", lambda: adapter_of("desk"), lambda: ctl("status"))
    has.say(windows[has], "Are you there still?")
    await aside(marie.expect, "message", ixn=ixn, text="Are you there still?")
    await over(marie, ixn, has)
    late.inbox = [one for one in late.inbox if "no longer available" not in one[1]]  # it came behind the news
    for one in (kim, lee):
        assert not one.inbox, (one.name, one.inbox)
        await one.disconnect()


im_people.play(scene)
