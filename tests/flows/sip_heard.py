"""sip_heard.py DIR PORT HEARS: listens to everybody of a call, for sip_calls.sh, and is the number outside that can be asked.

Commands come by stdin, each is answered by a line:
   hears STATE CALLER CALLED THIRD   `ok` once each has twice heard what the row of that state in HEARS (hears.def) says, and
                                     nothing else; after 15 s: what they hear. They are `ear` (the caller by sipp), `outside`, a telephone's
                                     DN, or `-`: nobody
   rings                             `ok` once the number outside rings, with sound of its own
   answer                            it answers
A telephone by baresip writes what it hears into its folder; the ear of a caller, into DIR/ear.sound."""
import glob, math, os, re, select, socket, struct, sys, time

DIR, PORT, HEARS = sys.argv[1], int(sys.argv[2]), sys.argv[3]
RATE, WINDOW = 8000, 1600
VOICES = {"ear": 400, "outside": 1800, "welcome": 700, "agent": 1000, "boss": 1500}
SOUNDS = {"TREATMENT": 500, "MUSIC": 600, "RINGING": 425, "BUSY": 425}
PRESENT, ABSENT = 1500, 900
ROWS = {row[0]: [cell.strip().split("|") for cell in row[1:]] for row in
        re.findall(r'(?m)^HEARS\((\w+), *"[^"]*", *([\w|]+), *([\w|]+), *([\w|]+)\)', open(HEARS).read())}


def a_law(code):
    code ^= 0x55
    segment, value = code >> 4 & 7, (code & 15) * 16 + 8
    if segment:
        value = (value + 256) << (segment - 1)
    return value if code & 0x80 else -value


DECODED = [a_law(code) for code in range(256)]
ENCODED = {value: code for code, value in enumerate(DECODED)}
SAID = bytes(ENCODED[min(ENCODED, key=lambda known: abs(known - 8000 * math.sin(2 * math.pi * VOICES["outside"] * i / RATE)))] for i in range(160))


def amplitude(samples, hertz):
    c = 2 * math.cos(2 * math.pi * hertz / RATE)
    a = b = 0.0
    for s in samples:
        a, b = s + c * a - b, a
    return 2 * math.sqrt(max(0, a * a + b * b - c * a * b)) / len(samples)


class Outside:
    """Rings by 183, says its tone from then on."""

    def __init__(self):
        self.wire, self.sound = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in "12")
        self.wire.bind(("127.0.0.5", PORT)), self.sound.bind(("127.0.0.5", 0))
        self.invite, self.to, self.sent, self.packets, self.heard = None, None, 0, 0, b""

    def reply(self, message, source, status, described=False):
        names = ("Via", "Record-Route", "From", "To", "Call-ID", "CSeq")
        lines = [line for line in message.split("\r\n") if line.split(":")[0] in names]
        lines = [line + ";tag=out" if line.startswith("To:") and "tag=" not in line else line for line in lines]
        body = (f"v=0\r\no=- 1 1 IN IP4 127.0.0.5\r\ns=-\r\nc=IN IP4 127.0.0.5\r\nt=0 0\r\nm=audio {self.sound.getsockname()[1]} RTP/AVP 8\r\n"
                if described else "")
        more = f"Contact: <sip:out@127.0.0.5:{PORT}>\r\n" + ("Content-Type: application/sdp\r\n" if body else "")
        self.wire.sendto(f"SIP/2.0 {status}\r\n".encode() + "\r\n".join(lines).encode() +
                         f"\r\n{more}Content-Length: {len(body)}\r\n\r\n{body}".encode(), source)

    def take(self):
        data, source = self.wire.recvfrom(65536)
        message = data.decode()
        method = message.split(" ")[0]
        if method == "INVITE" and not self.invite:
            self.invite = message, source
            self.to = "127.0.0.1", int(re.search(r"m=audio (\d+)", message)[1])
            self.reply(message, source, "183 Session Progress", True)
        elif method in ("BYE", "CANCEL"):
            self.reply(message, source, "200 OK")
            if method == "CANCEL":
                self.reply(*self.invite, "487 Request Terminated")
            self.invite = self.to = None

    def hear(self):
        self.packets += 1
        self.heard = (self.heard + self.sound.recv(2048)[12:])[-WINDOW:]

    def speak(self):
        if self.to:
            self.sent += 1
            self.sound.sendto(struct.pack("!BBHII", 0x80, 8, self.sent & 0xFFFF, self.sent * 160, 7) + SAID, self.to)


def voice(name):
    if name in VOICES:
        return VOICES[name]
    return VOICES[re.search(r"/prompts/(\w+)\.wav", open(f"{DIR}/phone.{name}/config").read())[1]]


def wanted(cell, people):
    """The tones that must be heard; None: no packet must come."""
    if cell == ["NOTHING"]:
        return None
    return {SOUNDS.get(one) or voice(people[one]) for one in cell if one != "SILENCE"}


class Ear:
    """What one of them hears: `mark`, and later `tones` of what came since."""

    def __init__(self, name):
        self.name = name

    def mark(self):
        self.path = max(glob.glob(f"{DIR}/phone.{self.name}/*dec.wav"), key=os.path.getmtime, default=None)
        self.at = self.packets()

    def packets(self):
        if self.name == "outside":
            return outside.packets
        if self.name == "ear":
            return int(open(f"{DIR}/ear.sound", "rb").read().split(b" ", 1)[0])
        return os.path.getsize(self.path) // 320 if self.path else 0

    def samples(self):
        if self.name == "outside":
            return [DECODED[code] for code in outside.heard]
        if self.name == "ear":
            return [DECODED[code] for code in open(f"{DIR}/ear.sound", "rb").read().split(b" ", 1)[1]]
        with open(self.path, "rb") as file:
            file.seek(-2 * WINDOW, 2)
            return struct.unpack(f"<{WINDOW}h", file.read()[:2 * WINDOW])

    def tones(self, every):
        """None: no packet has come; `...`: it may be this tone, or not."""
        if self.packets() - self.at < 3:
            return None
        if self.packets() < WINDOW // 160 + 1:
            return {"unsure"}
        samples = self.samples()
        loud = {hertz: amplitude(samples, hertz) for hertz in every}
        unsure = {hertz for hertz in loud if ABSENT <= loud[hertz] <= PRESENT}
        return {hertz for hertz in loud if loud[hertz] > PRESENT} | ({"unsure"} if unsure else set())


def run(seconds, until=lambda: False):
    """Time passes: the number outside says and hears what it does."""
    global beat
    over = time.monotonic() + seconds
    while time.monotonic() < over and not until():
        for ready in select.select([outside.wire, outside.sound], [], [], max(0, beat - time.monotonic()))[0]:
            outside.take() if ready is outside.wire else outside.hear()
        if time.monotonic() >= beat:
            beat += 0.02
            outside.speak()
    return until()


def hears(state, *names):
    people = dict(zip(("CALLER", "CALLED", "THIRD"), names))
    pairs = [(Ear(name), wanted(cell, people)) for name, cell in zip(names, ROWS[state]) if name != "-"]
    every = set(SOUNDS.values()) | {voice(ear.name) for ear, _ in pairs}
    ringing = {ear.name for ear, want in pairs if want and 425 in want}  # has pauses: once is enough
    over, good = time.monotonic() + 15, 0
    while time.monotonic() < over:
        for ear, _ in pairs:
            ear.mark()
        run(0.22)
        got = {ear.name: ear.tones(every) for ear, _ in pairs}
        rings = {name for name in ringing if 425 in (got[name] or ())}
        right = all(got[ear.name] == want or (want and 425 in want and got[ear.name] == want - {425}) for ear, want in pairs)
        ringing -= rings if right else set()
        good = good + 1 if right else 0
        if good >= 2 and not ringing:
            return "ok"
    return f"{state}: " + ", ".join(f"{ear.name} hears {got[ear.name]} and ought to hear {want}" for ear, want in pairs)


outside, beat = Outside(), time.monotonic()
while True:
    if not select.select([sys.stdin], [], [], 0)[0]:
        run(0.02)
        continue
    words = sys.stdin.readline().split()
    if not words:
        break
    said = "ok"
    if words[0] == "hears":
        said = hears(*words[1:])
    elif words[0] == "rings":
        said = "ok" if run(20, lambda: outside.invite) else "nobody has called the number outside"
    elif words[0] == "answer":
        outside.reply(*outside.invite, "200 OK", True)
    print(said, flush=True)
