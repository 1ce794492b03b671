# restart.py DIR AGENTS - The people of restart.sh: callers of a trunk, agents at telephones with desktops, and whoever is
# called outside. All of them stay until they are told to go. DIR/do says what happens next (calls N, one, over), and
# DIR/books what is: talk, wait, hear (callers who have had sound within half a second), ended, default, refused.
import os, re, select, struct, sys, threading, time

sys.argv, given = [sys.argv[0], ""], sys.argv[1:]
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "flows"))
from sip_front import Telephone, bind, message, sdp, status
from sip_wire import Desk

DIR, AGENTS = given[0], int(given[1])
AGENT = b"\x11" * 160  # mu-law, as all here: it passes as it is


class Peer:
    """One end of a call: SIP at `line`, sound at `sound`."""

    def __init__(self, line, host):
        self.line, self.sound, self.to, self.says, self.heard, self.state = line, bind(host), None, AGENT, 0, "calls"
        all_peers.append(self)

    def agrees(self, text):
        port = re.search("m=audio ([0-9]+)", text)
        self.to = ("127.0.0.1", int(port[1])) if port else self.to

    def beat(self, number):
        if self.to and self.state != "ended":
            self.sound.sendto(struct.pack("!BBHII", 128, 0, number & 0xFFFF, number * 800, 7) + self.says, self.to)

    def hears(self):
        bytes = self.sound.recv(2048)
        self.heard = time.monotonic()
        if self.state == "waits" and bytes[12:] == AGENT:
            self.state = "talks"


def reply(line, text, words, body=""):
    head = [one for one in text.partition("\r\n\r\n")[0].split("\r\n") if re.match("(Via|From|To|Call-ID|CSeq):", one)]
    head = [one + ";tag=t" if one.startswith("To:") and "tag=" not in one else one for one in head]
    host, port = line.getsockname()
    kind = "Content-Type: application/sdp\r\n" if body else ""
    line.sendto((f"SIP/2.0 {words}\r\n" + "\r\n".join(head) + f"\r\nContact: <sip:x@{host}:{port}>\r\n{kind}"
                 f"Content-Length: {len(body)}\r\n\r\n{body}").encode(), ("127.0.0.1", PORT))


class Caller(Peer):
    def __init__(self):
        super().__init__(bind("127.0.0.2"), "127.0.0.2")
        self.says, self.id, self.tag, self.contact = b"\x22" * 160, os.urandom(6).hex(), "", None
        self.send("INVITE", 1, sdp(self.sound.getsockname()[1]))

    def send(self, method, number, body=""):
        self.line.sendto(message(method, self.line, PORT, "1801", "", body, self.id, number, self.tag, "own", self.contact), ("127.0.0.1", PORT))

    def got(self, text):
        if text.startswith("BYE"):
            reply(self.line, text, "200 OK")
            self.state = "ended"
        elif status(text) > "200" and status(text) != "-" and "CSeq: 1 INVITE" in text:
            self.state = "refused " + status(text)
        elif status(text) == "200" and "CSeq: 1 INVITE" in text:
            self.tag, self.contact = re.search("To: [^\r]*(;tag=[^\r;]*)", text)[1], re.search("Contact: <(.*)>", text)[1]
            self.send("ACK", 1)
            self.agrees(text)
            self.state = "waits" if self.state == "calls" else self.state
        elif not text.startswith(("SIP/2.0", "ACK")):
            self.agrees(text)
            reply(self.line, text, "200 OK", sdp(self.sound.getsockname()[1]) if text.startswith("INVITE") else "")


class Called(Peer):
    """A telephone, or somebody outside: answers."""

    registers = None

    def got(self, text):
        host = self.sound.getsockname()[0]
        if "REGISTER" in text and status(text) == "401":
            self.register(self.registers.proof("REGISTER", re.search('nonce="([^"]+)"', text)[1]))
        elif text.startswith("INVITE"):
            self.agrees(text)
            calls.add((self.line.getsockname(), re.search("Call-ID: ([^\r]*)", text)[1]))
            reply(self.line, text, "180 Ringing")
            reply(self.line, text, "200 OK", sdp(self.sound.getsockname()[1], host=host))
        elif not text.startswith(("SIP/2.0", "ACK")):
            reply(self.line, text, "200 OK")
            self.to = None if text.startswith("BYE") else self.to

    def register(self, proof=""):
        self.registers.number += 1
        self.line.sendto(message("REGISTER", self.line, PORT, self.registers.dn, proof + "Expires: 60\r\n", number=self.registers.number),
                         ("127.0.0.1", PORT))


def does(what):
    if what.startswith("calls"):
        for _ in range(int(what.split()[1])):
            Caller()
    elif what == "over":
        for peer in all_peers:
            if isinstance(peer, Caller) and peer.state in ("waits", "talks"):
                peer.send("BYE", 2)
                peer.state = "gone"


def books():
    now, callers = time.monotonic(), [peer for peer in all_peers if isinstance(peer, Caller)]
    count = lambda state: sum(peer.state.startswith(state) for peer in callers)
    return " ".join(f"{key}={value}" for key, value in (
        ("talk", count("talks")), ("wait", count("waits")), ("ended", count("ended")), ("refused", count("refused 503")),
        ("hear", sum(now - peer.heard < 0.5 for peer in callers if peer.state in ("waits", "talks"))),
        ("default", len([1 for at, _ in calls if at == outside.line.getsockname()]))))


all_peers, calls = [], set()
outside = Called(bind("127.0.0.4"), "127.0.0.4")
outside.says = b"\x33" * 160
open(f"{DIR}/outside", "w").write(str(outside.line.getsockname()[1]))
while not os.path.exists(f"{DIR}/begin"):
    time.sleep(0.02)
PORT = int(open(f"{DIR}/begin").read())
for i in range(AGENTS):
    phone = Telephone(PORT, f"70{i:02}", "one")
    assert status(phone.register()) == "200"
    Called(phone.own, "127.0.0.3").registers = phone
    threading.Thread(target=Desk(DIR, f"agent{i}", f"70{i:02}").run, daemon=True).start()
number, beat = 0, time.monotonic()
while True:
    ends = {end: peer for peer in all_peers for end in (peer.line, peer.sound)}
    for end in select.select(list(ends), [], [], 0.02)[0]:
        peer = ends[end]
        if end is peer.sound:
            peer.hears()
        else:
            peer.got(end.recv(65536).decode())
    if time.monotonic() < beat:
        continue
    beat, number = time.monotonic() + 0.1, number + 1
    for peer in all_peers:
        peer.beat(number)
        if number % 200 == 0 and isinstance(peer, Called) and peer.registers:
            peer.register()
    open(f"{DIR}/books.new", "w").write(books() + "\n")
    os.rename(f"{DIR}/books.new", f"{DIR}/books")
    if os.path.exists(f"{DIR}/do"):
        does(open(f"{DIR}/do").read().strip())
        os.remove(f"{DIR}/do")
