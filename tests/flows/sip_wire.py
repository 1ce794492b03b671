# sip_wire.py - What sip_wire.sh needs besides sipp and baresip: sounds, a caller's ear and mouth, a desktop, odd messages.
#   sounds DIR                 the prompts, and what the agent's telephone says
#   sound FILE HERTZ           a tone of 0.4 s
#   ear DIR                    a caller's RTP: writes DIR/ear.port; sends to the port in DIR/ear.told; keys the digit in
#                              DIR/ear.key once; notes what it hears in DIR/ear.heard, its last 200 ms in DIR/ear.sound, and keys in
#                              DIR/ear.keys
#   desk DIR AGENT DN          a desktop: logs in, is ready, comes back when the connection is lost; DIR/desk.DN has its events
#   hang PORT CALL             tells sipp's caller to hang up
#   press [HOST:]PORT COMMAND [WITH]  a command for baresip
#   cancel DIR PORT            calls 1801, and gives up before somebody answers, when DIR/gone is there
#   late PORT                  calls 1800 without an offer, and answers ours with the ACK
#   odd PORT                   messages that are refused
#   heard FILE HERTZ           does a WAVE file of a telephone have that tone?
import json, math, os, re, select, socket, struct, sys, time, wave

RATE, FRAME = 8000, 160


def tone(hertz, seconds):
    return [int(8000 * math.sin(2 * math.pi * hertz * i / RATE)) for i in range(int(RATE * seconds))]


def strength(samples, hertz, rate=RATE):
    """Of the sound's energy, the part that is of this tone (Goertzel)."""
    c = 2 * math.cos(2 * math.pi * hertz / rate)
    a = b = 0.0
    for s in samples:
        a, b = s + c * a - b, a
    energy = sum(s * s for s in samples)
    return 0 if energy < 1e5 * len(samples) / FRAME else 2 * (a * a + b * b - c * a * b) / (len(samples) * energy)


def a_law(code):
    code ^= 0x55
    segment, value = code >> 4 & 7, (code & 15) * 16 + 8
    if segment:
        value = (value + 256) << (segment - 1)
    return value if code & 0x80 else -value


DECODED = [a_law(code) for code in range(256)]


def to_a_law(sample):
    return min(range(256), key=lambda code: abs(DECODED[code] - sample))


def write(path, text):
    with open(path + ".new", "w" if isinstance(text, str) else "wb") as out:
        out.write(text)
    os.rename(path + ".new", path)


def sound(path, hertz, seconds=0.4):
    with wave.open(path, "wb") as out:
        out.setnchannels(1), out.setsampwidth(2), out.setframerate(RATE)
        samples = tone(hertz, seconds)
        out.writeframes(struct.pack(f"<{len(samples)}h", *samples))


def sounds(folder):
    for name, hertz, seconds in (("welcome", 700, 30), ("music", 500, 0.4), ("agent", 1000, 60), ("boss", 1500, 60)):
        sound(f"{folder}/{name}.wav", hertz, seconds)


class Ear:
    """Notes how many frames had which tone, and whether the stream was one."""

    def __init__(self, folder):
        self.folder = folder
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.2", 0))
        self.counts = {"packets": 0, "welcome": 0, "music": 0, "hold": 0, "agent": 0, "both": 0, "boss": 0, "streams": 0, "gaps": 0}
        self.streams, self.last, self.sound, self.keys = set(), None, b"", ""
        self.sequence, self.time = 1000, 5000
        said = bytes(to_a_law(s) for s in tone(400, 0.1))
        self.frames = [said[i:i + FRAME] for i in range(0, len(said), FRAME)]
        write(f"{folder}/ear.port", str(self.socket.getsockname()[1]))

    def hear(self, packet):
        kind, sequence, _, stream = struct.unpack("!BHII", packet[1:12])
        self.streams.add(stream)
        self.counts["streams"] = len(self.streams)
        self.counts["gaps"] += self.last is not None and sequence != (self.last + 1) & 0xFFFF
        self.last = sequence
        self.counts["packets"] += 1
        if kind & 0x7F == 101 and kind & 0x80:  # the first packet of a key
            self.keys += "0123456789*#ABCD"[packet[12]]
            write(f"{self.folder}/ear.keys", self.keys)
        if kind & 0x7F == 8:
            self.sound = (self.sound + packet[12:])[-10 * FRAME:]
        if kind & 0x7F == 8 and self.counts["packets"] % 5 == 0:
            samples = [DECODED[code] for code in packet[12:]]
            for name, hertz in (("welcome", 700), ("music", 500), ("hold", 600), ("agent", 1000)):
                self.counts[name] += strength(samples, hertz) > 0.6
            self.counts["boss"] += strength(samples, 1500) > 0.3
            self.counts["both"] += strength(samples, 700) > 0.3 and strength(samples, 1000) > 0.3

    def send(self, to, payload, body, marker=False, time_of=None):
        self.sequence += 1
        head = struct.pack("!BBHII", 0x80, payload | marker << 7, self.sequence & 0xFFFF,
                           self.time if time_of is None else time_of, 0x1234)
        self.socket.sendto(head + body, to)

    def key(self, to, digit):
        """One press: three packets, the second of which is lost, and three ends."""
        at = self.time
        for end, duration in ((0, 160), (0, 480), (1, 640), (1, 640), (1, 640)):
            self.send(to, 101, struct.pack("!BBH", digit, end << 7 | 10, duration), duration == 160, at)

    def run(self):
        key_path, told_path = f"{self.folder}/ear.key", f"{self.folder}/ear.told"
        beat, noted, to = time.monotonic(), 0, None
        while True:
            now = time.monotonic()
            readable, _, _ = select.select([self.socket], [], [], max(0, beat - now))
            if readable:
                self.hear(self.socket.recv(2048))
            if now < beat:
                continue
            beat += 0.02
            self.time += FRAME
            if os.path.exists(told_path) and os.path.getsize(told_path):
                to = ("127.0.0.1", int(open(told_path).read()))
            if to:
                self.send(to, 8, self.frames[self.time // FRAME % len(self.frames)])
                if os.path.exists(key_path) and os.path.getsize(key_path):
                    self.key(to, int(open(key_path).read()))
                    os.remove(key_path)
            if now - noted > 0.1:
                noted = now
                write(f"{self.folder}/ear.sound", b"%d " % self.counts["packets"] + self.sound)
                write(f"{self.folder}/ear.heard", " ".join(f"{k}={v}" for k, v in self.counts.items()) + "\n")


class Desk:
    def __init__(self, folder, agent, dn):
        self.folder, self.agent, self.dn, self.first = folder, agent, dn, True
        self.log = open(f"{folder}/desk.{dn}", "a")

    def ask(self, message, **more):
        self.reference += 1
        self.socket.sendall((json.dumps({"Message": message, "ReferenceID": self.reference, "ThisDN": self.dn, **more}) + "\n").encode())

    def session(self):
        self.reference = 0
        self.socket = socket.create_connection(("127.0.0.1", int(open(f"{self.folder}/cti.port").read())))
        for line in self.socket.makefile("r"):
            self.log.write(line), self.log.flush()
            message = json.loads(line).get("Message")
            if message == "EventLinkConnected":
                self.ask("RequestRegisterAddress"), self.ask("RequestAgentLogin", AgentID=self.agent)
            elif message == "EventAgentLogin" and self.first:
                self.first = False
                self.ask("RequestAgentReady")

    def run(self):
        while True:
            try:
                self.session()
            except (OSError, ValueError):
                pass
            time.sleep(0.1)


def message(method, source, port, more="", user="1800", body="", branch=None):
    at, branch = "%s:%d" % source.getsockname(), branch or os.urandom(6).hex()
    return (f"{method} sip:{user}@127.0.0.1:{port} SIP/2.0\nVia: SIP/2.0/UDP {at};branch=z9hG4bK{branch};rport\n"
            f"From: <sip:+33145550199@{at}>;tag={branch}\nTo: <sip:{user}@127.0.0.1>\nCall-ID: {branch}\nCSeq: 1 {method}\n"
            f"Contact: <sip:x@{at}>\nMax-Forwards: 70\n{more}Content-Length: {len(body) + body.count(chr(10))}\n\n{body}").replace("\n", "\r\n").encode()


def cancel(folder, port):
    """180, then CANCEL: 200 of the CANCEL, 487 of the INVITE."""
    source = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    source.bind(("127.0.0.2", 0)), source.settimeout(30)
    sdp = "v=0\nc=IN IP4 127.0.0.2\nm=audio 9000 RTP/AVP 0 8\n"
    heard = []

    def until_heard(what):
        while not any(what in one for one in heard):
            heard.append(source.recv(4096).decode())

    source.sendto(message("INVITE", source, port, "Content-Type: application/sdp\n", "1801", sdp, "cancelled"), ("127.0.0.1", port))
    until_heard("SIP/2.0 180")
    write(f"{folder}/rings", "")
    while not os.path.exists(f"{folder}/gone"):
        time.sleep(0.02)
    source.sendto(message("CANCEL", source, port, "", "1801", "", "cancelled"), ("127.0.0.1", port))
    until_heard("SIP/2.0 487")
    assert any("CSeq: 1 CANCEL" in one and "SIP/2.0 200" in one for one in heard), heard
    assert not any("SIP/2.0 200" in one and "CSeq: 1 INVITE" in one for one in heard), heard
    source.sendto(message("ACK", source, port, "", "1801", "", "cancelled"), ("127.0.0.1", port))


def late(port):
    """The 200 has the offer, the ACK the answer; then the prompt is heard."""
    source, sound = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in "12")
    source.bind(("127.0.0.2", 0)), source.settimeout(30), sound.bind(("127.0.0.2", 0)), sound.settimeout(30)
    source.sendto(message("INVITE", source, port, "", "1800", "", "late"), ("127.0.0.1", port))
    while "SIP/2.0 200" not in (answer := source.recv(4096).decode()):
        pass
    assert "m=audio" in answer and "PCMA" in answer and "PCMU" in answer, answer
    tag = re.search("To: .*(;tag=[^\r]+)", answer)[1]
    sdp = f"v=0\nc=IN IP4 127.0.0.2\nm=audio {sound.getsockname()[1]} RTP/AVP 0\n"
    for method, body in (("ACK", sdp), ("BYE", "")):
        text = message(method, source, port, "Content-Type: application/sdp\n" if body else "", "1800", body, "late")
        text = text.replace(b"<sip:1800@127.0.0.1>", b"<sip:1800@127.0.0.1>" + tag.encode()).replace(b"CSeq: 1 BYE", b"CSeq: 2 BYE")
        source.sendto(text, ("127.0.0.1", port))
        assert method == "BYE" or sound.recv(2048)[1] & 0x7F == 0
    while "CSeq: 2 BYE" not in source.recv(4096).decode():
        pass


def press(at, command, given=""):
    host, _, port = at.rpartition(":")
    text = json.dumps({"command": command, "params": given})
    with socket.create_connection((host or "127.0.0.1", int(port)), timeout=60) as phone:
        phone.sendall(f"{len(text)}:{text},".encode())
        while b'"response":true' not in (got := phone.recv(4096)):
            assert got, command


def odd(port):
    """An unknown address is refused, an unknown extension named, a wrong password not taken; garbage harms nobody."""
    def said(text, source):
        source.sendto(text, ("127.0.0.1", port))
        source.settimeout(30)
        return source.recv(4096).decode()

    def must(what, text, source):
        answer = said(text, source)
        assert what in answer, (what, text, answer)
        return answer

    stranger, trunk = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in "12")
    stranger.bind(("127.0.0.1", 0)), trunk.bind(("127.0.0.2", 0))
    for junk in (b"\0" * 40, b"INVITE\r\n\r\n", b"INVITE sip:x SIP/2.0\r\nVia: \xff\r\n\r\n", b"\r\n\r\n"):
        trunk.sendto(junk, ("127.0.0.1", port))
    must("SIP/2.0 403", message("INVITE", stranger, port), stranger)
    must("SIP/2.0 403", message("OPTIONS", stranger, port), stranger)
    must("Allow: INVITE", message("OPTIONS", trunk, port), trunk)
    must("Unsupported: precondition\r\nUnsupported: nonsense\r\n", message("INVITE", trunk, port, "Require: precondition, 100rel, nonsense\n"), trunk)
    must("SIP/2.0 404", message("INVITE", trunk, port, user="1899"), trunk)
    must("SIP/2.0 405", message("MESSAGE", trunk, port), trunk)
    answer = must("SIP/2.0 401", message("REGISTER", stranger, port, user="7001"), stranger)
    nonce = re.search('nonce="([^"]+)"', answer)[1]
    wrong = f'Authorization: Digest username="7001", realm="gcx", nonce="{nonce}", uri="sip:127.0.0.1", response="{"0" * 32}"\n'
    must("SIP/2.0 403", message("REGISTER", stranger, port, wrong, user="7001"), stranger)
    for made_up in ("0" * 48, nonce[:-1] + "01"[nonce[-1] == "0"]):  # the second one has the moment of ours
        must("stale=true", message("REGISTER", stranger, port, wrong.replace(nonce, made_up), user="7001"), stranger)


def heard(path, hertz):
    with wave.open(path) as file:
        rate = file.getframerate()
        data = file.readframes(file.getnframes())
    samples = struct.unpack(f"<{len(data) // 2}h", data)
    frame = rate // 50
    good = sum(strength(samples[i:i + frame], hertz, rate) > 0.6 for i in range(0, len(samples) - frame, frame))
    print(f"{good} frames of {hertz} Hz in {path}")
    sys.exit(good < 20)


what, *given = sys.argv[1:]
if what == "sounds":
    sounds(*given)
elif what == "sound":
    sound(given[0], int(given[1]))
elif what == "ear":
    Ear(*given).run()
elif what == "desk":
    Desk(*given).run()
elif what == "hang":
    text = (f"MESSAGE sip:caller@127.0.0.2 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx\r\nFrom: <sip:x@127.0.0.1>;tag=x\r\n"
            f"To: <sip:x@127.0.0.1>\r\nCall-ID: {given[1]}\r\nCSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n")
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(text.encode(), ("127.0.0.2", int(given[0])))
elif what == "press":
    press(*given)
elif what == "cancel":
    cancel(given[0], int(given[1]))
elif what == "late":
    late(int(given[0]))
elif what == "odd":
    odd(int(given[0]))
elif what == "heard":
    heard(given[0], int(given[1]))
