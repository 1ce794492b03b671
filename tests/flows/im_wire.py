"""im_wire.py FOLDER PORT GCXCTL - Ann, who asks, and Kim and Lee, who know, at slixmpp's clients; and the server
between them, Prosody, which is started here, stopped and started again."""
import asyncio, json, os, signal, socket, subprocess, sys, time

import slixmpp

folder, port, gcxctl = sys.argv[1], int(sys.argv[2]), sys.argv[3]
LONG = 90
POINT = "billing@kw.localhost"
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"


async def until(what, check, told=lambda: ""):
    end = time.monotonic() + LONG
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > end:
            raise SystemExit(f"FAILED: never: {what}: {told()}")
        await asyncio.sleep(0.05)


def ctl(*words):
    done = subprocess.run([gcxctl, "--socket", f"{folder}/state/admin.sock", *words, "--json"], capture_output=True)
    return json.loads(done.stdout or "{}")


def state_of(name):
    """The agent's state of the medium im, and the reason of it."""
    for one in ctl("agents").get("agents", []):
        if one["name"] == name:
            return one["media"].get("im", one["state"]), one["media_reasons"].get("im")
    return None, None


class Person(slixmpp.ClientXMPP):
    def __init__(self, name):
        super().__init__(f"{name}@localhost/pc", f"word of {name}")
        self.name, self.inbox, self.there = name, [], asyncio.Event()
        self.add_event_handler("session_start", self.on_start)
        self.add_event_handler("message", self.on_message)

    async def on_start(self, _):
        self.send_presence()
        await self.get_roster()
        self.there.set()

    def on_message(self, message):
        if message["body"]:
            self.inbox.append((str(message["from"].bare), message["body"]))

    async def come(self):
        self.there.clear()
        self.connect(address=("127.0.0.1", port), disable_starttls=True)
        await asyncio.wait_for(self.there.wait(), LONG)

    def say(self, to, text):
        self.send_message(mto=to, mbody=text, mtype="chat")

    async def hears(self, text):
        """The next message has that text; returns from whom it is, and all of it."""
        await until(f"{self.name} hears {text!r}", lambda: self.inbox, lambda: self.inbox)
        sender, body = self.inbox.pop(0)
        if text not in body:
            raise SystemExit(f"FAILED: {self.name} hears {body!r}, not {text!r}; then {self.inbox}")
        return sender, body


async def agent_is(name, state, reason=None):
    await until(f"{name} is {state} {reason}", lambda: state_of(name) == (state, reason), lambda: state_of(name))


async def server():
    process = subprocess.Popen(["prosody", "--config", f"{folder}/prosody.lua", "-F"],
                               stdout=open(f"{folder}/prosody.out", "ab"), stderr=subprocess.STDOUT)

    def listens():
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return True
        except OSError:
            return False
    await until("the server listens", listens)
    return process


def adapter():
    """The adapter's process, where it has reached the server; else None."""
    for link in ctl("status").get("links", []):
        if link["state"] == "up" and link["neighbours"].get("xmpp") == "up":
            return link["pid"]


async def is_asked(people, but=()):
    """Who of them reads a preview first: the person, the window's address, the text."""
    await until("somebody is asked", lambda: [one for one in people if one.inbox and one not in but])
    one = next(one for one in people if one.inbox and one not in but)
    window, text = await one.hears("Reply 1 to accept, 2 to decline (")
    return one, window, text


async def play(running):
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
    await first.hears("There is no conversation here now.")
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
    ann.say(POINT, "and 4")
    await second.hears("and 4")

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
    second.say(second_window, "so 5")
    await ann.hears("so 5")
    second.say(second_window, "/end")
    await second.hears("The conversation has ended.")
    await ann.hears("The conversation has ended.")

    for one in (ann, kim, lee):
        await one.disconnect()


async def main():
    running = []
    try:
        await play(running)
    finally:
        for process in running:
            process.terminate()
            process.wait()


loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
loop.run_until_complete(main())
