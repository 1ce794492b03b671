"""im_people.py - People at slixmpp's clients and their XMPP server, for the flows of gcx-im(8). FOLDER has `xmpp`, which
xmpp_common.sh wrote: the server's kind, its port, the accounts."""
import asyncio, glob, json, os, socket, subprocess, time, traceback

import slixmpp
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import StanzaPath

LONG = 90
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"


def begin(its_folder, its_gcxctl):
    global folder, gcxctl, kind, port, accounts
    folder, gcxctl = its_folder, its_gcxctl
    kind, port, *accounts = open(f"{folder}/xmpp").read().split()
    port = int(port)


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


async def agent_is(name, state, reason=None):
    await until(f"{name} is {state} {reason}", lambda: state_of(name) == (state, reason), lambda: state_of(name))


class Person(slixmpp.ClientXMPP):
    """`inbox`: texts with who wrote; `signs`: what a client shows of others: composing, received, form."""

    receipts = True  # the client says that it has a message

    def __init__(self, name):
        super().__init__(f"{name}@localhost/pc", f"word of {name}")
        self["feature_mechanisms"].unencrypted_plain = True
        self["feature_mechanisms"].unencrypted_scram = True
        self.name, self.inbox, self.signs, self.there = name, [], [], asyncio.Event()
        self.add_event_handler("session_start", self.on_start)
        self.register_handler(Callback("signs, too", StanzaPath("message"), self.on_message))

    async def on_start(self, _):
        self.send_presence()
        await self.get_roster()
        self.there.set()

    def on_message(self, message):
        sender = str(message["from"].bare)
        for child in message.xml:
            space, _, tag = child.tag.rpartition("}")
            if tag in ("composing", "paused", "x"):
                self.signs.append((tag, sender))
            if tag in ("received", "displayed"):
                self.signs.append((tag, child.get("id")))
            if tag == "request" and message["id"] and self.receipts:
                self.send_raw(f"<message to='{sender}' type='chat'><received xmlns='urn:xmpp:receipts' id='{message['id']}'/></message>")
        if message["body"]:
            self.last = message["id"]
            self.inbox.append((sender, message["body"]))

    async def come(self):
        self.there.clear()
        self.connect(address=("127.0.0.1", port), disable_starttls=True)
        await asyncio.wait_for(self.there.wait(), LONG)

    def say(self, to, text):
        self.send_message(mto=to, mbody=text, mtype="chat")

    async def signed(self, tag, of=None):
        fits = lambda: next((one for one in self.signs if one[0] == tag and of in (None, one[1])), None)
        await until(f"{self.name} sees {tag} of {of}", fits, lambda: self.signs)
        self.signs.remove(fits())

    async def hears(self, text):
        """The next message has that text; returns from whom it is, and all of it."""
        await until(f"{self.name} hears {text!r}", lambda: self.inbox, lambda: self.inbox)
        sender, body = self.inbox.pop(0)
        if text not in body:
            raise SystemExit(f"FAILED: {self.name} hears {body!r}, not {text!r}; then {self.inbox}")
        return sender, body


async def is_asked(people, but=()):
    """Who of them reads a preview first: the person, the window's address, the text."""
    await until("somebody is asked", lambda: [one for one in people if one.inbox and one not in but])
    one = next(one for one in people if one.inbox and one not in but)
    window, text = await one.hears("Reply 1 to accept, 2 to decline (")
    return one, window, text


def command():
    if kind == "prosody":
        return ["prosody", "--config", f"{folder}/prosody.lua", "-F"], {}
    # Without a node's name no other process of Erlang is needed. Accounts are made as soon as it runs.
    made = " ".join(f'ejabberd_auth:try_register(<<"{name}">>, <<"localhost">>, <<"word of {name}">>),' for name in accounts)
    libraries = [one for one in glob.glob("/usr/lib/*/ejabberd*/ebin") + glob.glob("/usr/lib/erlang/lib/*/ebin")]
    paths = [word for one in libraries for word in ("-pa", one)]
    return (["erl", "-noinput", "+S", "1:1", "-mnesia", "dir", f'"{folder}/ejabberd"', *paths, "-s", "ejabberd", "-eval", f"{made} ok."],
            {"EJABBERD_CONFIG_PATH": f"{folder}/ejabberd.yml", "EJABBERD_LOG_PATH": f"{folder}/ejabberd.log", "HOME": folder})


async def server():
    words, more = command()
    process = subprocess.Popen(words, stdout=open(f"{folder}/server.out", "ab"), stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env={**os.environ, **more})

    def listens():
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return True
        except OSError:
            return process.poll() is not None and 1 / 0
    await until("the server listens", listens)
    return process


def adapter(name="im"):
    """The adapter's process, where it has reached the server; else None."""
    for link in ctl("status").get("links", []):
        if link["state"] == "up" and link["name"] == name and link["neighbours"].get("xmpp") == "up":
            return link["pid"]


def play(scene):
    """`scene(running)` plays; the servers in `running` are ended after it."""
    async def main():
        running, failed = [], None
        try:
            await scene(running)
        except BaseException as error:
            failed = error
        for process in running:
            process.terminate()
            process.wait()
        if failed:  # a thread may wait for ever for what does not come
            traceback.print_exception(failed)
            os._exit(1)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.run_until_complete(main())
