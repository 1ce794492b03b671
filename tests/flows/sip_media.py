# sip_media.py - What sip_media.sh needs besides sipp: prompts that are tones, and a caller's ear that tells them apart.
#   sounds DIR                 the prompts: each is a tone of its own, of 100 ms; music is five of them
#   ear DIR [PATTERN KEYS]     a caller's RTP: writes DIR/ear.port; sends to the port in DIR/ear.told; presses the keys, events
#                              by their numbers, or plays `dial DIGITS` as sound, once what was heard has the pattern; presses
#                              the key in DIR/ear.key; speaks (by the tone m1) while DIR/ear.say is there; DIR/ear.heard has what
#                              was heard, in order, with its frames. The frames of a silence are counted by RTP's clock, since
#                              an exchange whose machine was busy leaves out what it is late for
#   speak DIR                  a service of HTTP that speaks: writes DIR/speak.port; DIR/speak.log has each language and text
#   heard FILE                 what a WAVE file has, per channel, in the same way, but for what is shorter than two frames
import http.server, math, os, re, select, signal, socket, struct, subprocess, sys, time, wave

RATE, FRAME = 8000, 160
NAMES = ("balance m1 m2 m3 m4 m5 fr/say_12 fr/say_euros fr/say_1 fr/say_centime de/say_fuer de/say_14 de/say_uhr de/say_30 de/say_druecken "
         "de/say_1 de/say_12 de/say_2").split()
HERTZ = {name: 300 + 100 * i for i, name in enumerate(NAMES)}


def tone(hertz, seconds):
    return [int(8000 * math.sin(2 * math.pi * hertz * i / RATE)) for i in range(int(RATE * seconds))]


def a_law(code):
    code ^= 0x55
    segment, value = code >> 4 & 7, (code & 15) * 16 + 8
    if segment:
        value = (value + 256) << (segment - 1)
    return value if code & 0x80 else -value


DECODED = [a_law(code) for code in range(256)]


def strength(samples, hertz):
    """Of the sound's energy, the part that is of this tone (Goertzel)."""
    c = 2 * math.cos(2 * math.pi * hertz / RATE)
    a = b = 0.0
    for s in samples:
        a, b = s + c * a - b, a
    energy = sum(s * s for s in samples)
    return 0 if energy < 1e5 else 2 * (a * a + b * b - c * a * b) / (len(samples) * energy)


def name_of(samples):
    if sum(s * s for s in samples) < 1e5:
        return "-"
    best = max(NAMES, key=lambda name: strength(samples, HERTZ[name]))
    return best if strength(samples, HERTZ[best]) > 0.8 else "?"


def a_law_of(samples):
    known = {}
    for s in set(samples):
        known[s] = min(range(256), key=lambda code: abs(DECODED[code] - s))
    return bytes(known[s] for s in samples)


def dialled(digits):
    """Each for 60 ms, with 60 ms of silence."""
    samples = []
    for digit in digits:
        row, column = divmod("123A456B789C*0#D".index(digit), 4)
        pair = zip(tone((697, 770, 852, 941)[row], 0.06), tone((1209, 1336, 1477, 1633)[column], 0.06))
        samples += [(a + b) // 2 for a, b in pair] + [0] * 480
    return samples


def heard(path):
    with wave.open(path) as file:
        count, data = file.getnchannels(), file.readframes(file.getnframes())
    samples = struct.unpack(f"<{len(data) // 2}h", data)
    for channel in range(count):
        own, runs = samples[channel::count], []
        for at in range(0, len(own) - FRAME, FRAME):
            name = name_of(own[at:at + FRAME])
            if runs and runs[-1][0] == name:
                runs[-1][1] += 1
            else:
                runs.append([name, 1])
        whole = []
        for name, frames in runs:
            if frames < 2 or name == "?":
                continue
            if whole and whole[-1][0] == name:
                whole[-1][1] += frames
            else:
                whole.append([name, frames])
        print(channel, " ".join(f"{name}*{frames}" for name, frames in whole))


def write(path, text):
    with open(path + ".new", "w") as out:
        out.write(text)
    os.rename(path + ".new", path)


def write_wave(path, samples):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with wave.open(path, "wb") as out:
        out.setnchannels(1), out.setsampwidth(2), out.setframerate(RATE)
        out.writeframes(struct.pack(f"<{len(samples)}h", *samples))


def sounds(folder):
    for name in NAMES:
        write_wave(f"{folder}/{name}.wav", tone(HERTZ[name], 0.1))
    write_wave(f"{folder}/music.wav", sum((tone(HERTZ[f"m{i}"], 0.1) for i in range(1, 6)), []))


class Ear:
    def __init__(self, folder, pattern=None, keys=""):
        self.folder, self.pattern, self.keys = folder, pattern, keys.split()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.bind(("127.0.0.2", 0))
        self.heard, self.known, self.gaps, self.last, self.last_time = [], {}, 0, None, 0
        self.sequence, self.time = 1000, 5000
        signal.signal(signal.SIGTERM, self.end)

    def name_of(self, codes):
        if codes not in self.known:
            self.known[codes] = name_of([DECODED[code] for code in codes])
        return self.known[codes]

    def hear(self, packet):
        sequence, time_of = struct.unpack("!HI", packet[2:8])
        self.gaps += self.last is not None and sequence != (self.last + 1) & 0xFFFF
        missing = 0 if self.last is None else round((time_of - self.last_time & 0xFFFFFFFF) / FRAME) - 1
        self.last, self.last_time = sequence, time_of
        name = self.name_of(packet[12:])
        if missing > 0 and "-" in (name, self.heard[-1][0]):
            self.note("-", missing)
        self.note(name, 1)

    def note(self, name, frames):
        if self.heard and self.heard[-1][0] == name:
            self.heard[-1][1] += frames
        else:
            self.heard.append([name, frames])

    def said(self):
        return f"gaps={self.gaps} " + " ".join(f"{name}*{count}" for name, count in self.heard)

    def end(self, *_):
        """The call is over: what the kernel has kept was heard, too."""
        while select.select([self.socket], [], [], 0)[0]:
            self.hear(self.socket.recv(2048))
        write(f"{self.folder}/ear.heard", self.said() + "\n")
        os._exit(0)

    def send(self, to, payload, body, marker=False, time_of=None):
        self.sequence += 1
        head = struct.pack("!BBHII", 0x80, payload | marker << 7, self.sequence & 0xFFFF, self.time if time_of is None else time_of, 0x1234)
        self.socket.sendto(head + body, to)

    def key(self, to, digit):
        for end, duration in ((0, 160), (0, 480), (1, 640), (1, 640), (1, 640)):
            self.send(to, 101, struct.pack("!BBH", int(digit), end << 7 | 10, duration), duration == 160, self.time)

    def run(self):
        key_path, told_path = f"{self.folder}/ear.key", f"{self.folder}/ear.told"
        say_path, speech = f"{self.folder}/ear.say", []
        codes = a_law_of(tone(HERTZ["m1"], 0.1))
        talk = [codes[i:i + FRAME] for i in range(0, len(codes), FRAME)]
        beat, noted, to = time.monotonic(), 0, None
        write(f"{self.folder}/ear.port", str(self.socket.getsockname()[1]))
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
                if self.pattern and re.search(self.pattern, self.said()):
                    self.pattern = None
                if self.pattern is None and self.keys[:1] == ["dial"]:
                    codes = a_law_of(dialled(self.keys[1]))
                    speech, self.keys = [codes[i:i + FRAME] for i in range(0, len(codes), FRAME)], []
                said = talk[self.time // FRAME % len(talk)] if os.path.exists(say_path) else b"\xd5" * FRAME
                self.send(to, 8, speech.pop(0) if speech else said)
                if self.pattern is None and self.keys:
                    self.key(to, self.keys.pop(0))
                if os.path.exists(key_path) and os.path.getsize(key_path):
                    self.key(to, open(key_path).read().strip())
                    os.remove(key_path)
            if now - noted > 0.1:
                noted = now
                write(f"{self.folder}/ear.heard", self.said() + "\n")


ready = {}  # what espeak-ng has spoken before, by language and text


class Speaker(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"])).decode().strip()
        language = self.headers["Accept-Language"]
        with open(f"{given[0]}/speak.log", "a") as log:
            print(language, text, file=log)
        if text == "forever":
            time.sleep(1000)
        self.send_response(500 if text == "broken" else 200)
        self.end_headers()
        if text != "broken":
            spoken = ready.get((language, text))
            self.wfile.write(spoken or subprocess.run(["espeak-ng", "--stdout", "-v", language], input=text.encode(), stdout=subprocess.PIPE, check=True).stdout)

    def log_message(self, *_):
        pass


def speak(folder):
    with open(f"{folder}/number.wav", "rb") as file:
        ready["fr-CA", "You are number 3."] = file.read()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Speaker)
    write(f"{folder}/speak.port", str(server.server_port))
    server.serve_forever()


what, *given = sys.argv[1:]
if what == "sounds":
    sounds(*given)
elif what == "speak":
    speak(*given)
elif what == "heard":
    heard(*given)
else:
    Ear(*given).run()
