"""day.py prepare DIR AGENTS PER_DAY: writes what a living day of `quickstart --stay` needs: DIR/day.sql, the people and where
their work arrives; DIR/day.users, for the desk; DIR/day.agents and DIR/day.csv, for gcxsim, which plays switch, callers and
telephones. day.py play DIR AGENTS PER_DAY: plays customers who chat and write e-mails, and the same people at the desk, until it
is ended. The day begins at two o'clock, when everybody is there; the next one follows at its end. Of a hundred who come, 70
call, 20 chat, 10 write. In DIR: chat, lmtp, desk, the ports; site, of the customer's page. Loopback only."""
import asyncio, base64, ctypes, json, math, os, random, re, smtplib, struct, sys

WHAT, DIR, AGENTS, PER_DAY = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
SKILL, BEGINS, CALLS, CHATS, MAILS = "World", 14, 0.7, 0.2, 0.1
# How long agents work on one, in seconds: mean and deviation; how long customers wait.
TAKES = {"chat": (480, 300), "email": (360, 240)}
PATIENCE_S = 240
curve = [(int(hour), int(parts)) for hour, parts in re.findall(r"^HOUR\((\d+), (\d+)\)", open(os.path.join(os.path.dirname(__file__), "hours.def")).read(), re.M)]
begins = next(i for i, (hour, _) in enumerate(curve) if hour == BEGINS)
# How many come in each hour that is played, one after another: the nights are left out.
per_hour = [PER_DAY * parts / sum(parts for _, parts in curve) for _, parts in curve[begins:] + curve[:begins]]


def prepare():
    sodium = ctypes.CDLL("libsodium.so.23")
    hash = ctypes.create_string_buffer(128)  # as cheap as can be: they all log in at once
    assert sodium.sodium_init() >= 0 and sodium.crypto_pwhash_str(hash, b"welcome", ctypes.c_ulonglong(7), ctypes.c_ulonglong(1), ctypes.c_size_t(8192)) == 0
    people = [f"agent{n:03}" for n in range(1, AGENTS + 1)]
    with open(f"{DIR}/day.users", "w") as file:
        file.writelines(f"{name} agent password={hash.value.decode()}\n" for name in people)
    with open(f"{DIR}/day.agents", "w") as file:
        file.writelines(f"{name} 8{name[-3:]}\n" for name in people)
    with open(f"{DIR}/day.csv", "w") as file:  # three days, as many calls as one gcxsim plays
        file.writelines(f"{n}h,{CALLS * rate:.1f}\n" for n, rate in enumerate(per_hour * 3))
    with open(f"{DIR}/day.sql", "w") as file:
        print(f"insert into skill values ('{SKILL}');\ninsert into \"group\" values ('early'), ('late'), ('day_writers');", file=file)
        for n, name in enumerate(people):
            print(f"insert into agent values ('{name}', 'Agent {n + 1}', 'blended');\ninsert into agent_skill values ('{name}', '{SKILL}', {4 + 5 * (n % 2)});\n"
                  f"insert into group_member values ('{'early' if n < 0.6 * AGENTS else 'late'}', '{name}');\ninsert into dn values ('8{name[-3:]}', 'extension');", file=file)
            if n % 5 == 0:
                print(f"insert into group_member values ('day_writers', '{name}');", file=file)
        print("""insert into dn values ('day_web', 'queue'), ('day_letters', 'queue');
insert into queue values ('day_web', 'day_web'), ('day_letters', 'day_letters');
update routing_point set strategy = 'day_calls' where dn = '1800';
insert into routing_point (dn, strategy) values ('day_web', 'day_chats'), ('day_letters', 'day_mails');""", file=file)


# ---- the play ----

def port(name):
    with open(f"{DIR}/{name}") as file:
        return int(file.read())


def drawn(medium):
    mean, deviation = TAKES[medium]
    spread = (1 + (deviation / mean) ** 2)
    return random.lognormvariate(math.log(mean / spread ** 0.5), math.log(spread) ** 0.5)


class Peer:
    """A WebSocket to one of the adapters: hear(message) is called with each."""
    async def connect(self, where, path, head):
        self.number = 0
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", where)
        self.writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{where}\r\n{head}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                          f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n\r\n".encode())
        answer = await self.reader.readuntil(b"\r\n\r\n")
        if not answer.startswith(b"HTTP/1.1 101 "):
            raise ConnectionError(answer.split(b"\r\n")[0].decode())

    def frame(self, op, payload):
        mask = os.urandom(4)
        length = bytes([128 | len(payload)]) if len(payload) < 126 else b"\xfe" + struct.pack(">H", len(payload))
        self.writer.write(bytes([128 | op]) + length + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload)))

    def say(self, type, **more):
        self.number += 1
        self.frame(1, json.dumps({"type": type, **more}).encode())

    async def listen(self):
        while True:
            first, length = await self.reader.readexactly(2)
            if length >= 126:
                length = struct.unpack(">H" if length == 126 else ">Q", await self.reader.readexactly(2 if length == 126 else 8))[0]
            text = await self.reader.readexactly(length)
            if first & 15 == 8:
                return
            if first & 15 == 9:
                self.frame(10, text)
            elif first & 15 == 1:
                self.hear(text)


class Agent(Peer):
    def __init__(self, name):
        self.name, self.held = name, {}

    async def work(self):
        where = port("desk")
        origin = f"Origin: http://127.0.0.1:{where}\r\n"
        reader, writer = await asyncio.open_connection("127.0.0.1", where)
        body = json.dumps({"name": self.name, "password": "welcome"})
        writer.write(f"POST /api/login HTTP/1.1\r\nHost: 127.0.0.1:{where}\r\n{origin}Content-Type: application/json\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        answer = (await reader.read()).decode()
        writer.close()
        cookie = answer.split("Set-Cookie: ")[1].split(";")[0]
        await self.connect(where, "/desk", f"{origin}Cookie: {cookie}\r\n")
        for medium in TAKES:
            self.ask("state", media=medium, state="ready")
        await self.listen()

    def ask(self, type, **more):
        self.say(type, id=self.number + 1, **more)

    def later(self, seconds, *act, **more):
        asyncio.get_running_loop().call_later(seconds, lambda: self.writer.is_closing() or self.ask(*act, **more))

    def hear(self, text):
        if b'"offer"' not in text and b'"opened"' not in text:  # most that is said is about others
            return
        one = json.loads(text)
        if one["type"] == "offer":
            self.later(random.uniform(1, 4), "accept", claim=one["claim"])
        elif one["type"] == "opened" and one.get("media") in TAKES:
            takes = drawn(one["media"])
            if one["media"] == "chat":
                self.later(5, "message", ixn=one["ixn"], key="1", text="I look for it.")
                self.later(max(6, takes - 2), "message", ixn=one["ixn"], key="2", text="It comes tomorrow.")
            self.later(max(8, takes), "done", ixn=one["ixn"])


class Customer(Peer):
    def __init__(self, number):
        self.name, self.joined = f"Customer {number}", False

    async def chat(self):
        await self.connect(port("chat"), "/chat", f"Origin: http://127.0.0.1:{port('site')}\r\n")
        self.say("begin", name=self.name, queue="day_web")
        asyncio.get_running_loop().call_later(random.expovariate(1 / PATIENCE_S), lambda: self.joined or self.writer.is_closing() or self.say("leave"))
        await self.listen()
        self.writer.close()

    def hear(self, text):
        one = json.loads(text)
        if one["type"] == "accepted":
            self.say("message", id="m1", text="Where is my parcel?")
        self.joined = self.joined or one["type"] == "joined"
        if one["type"] == "closed":
            self.writer.close()


def letter(number):
    with smtplib.LMTP("127.0.0.1", port("lmtp"), local_hostname="day.example") as server:
        server.sendmail("anna@example.org", "day@shop.example", f"From: customer{number}@example.org\r\nTo: day@shop.example\r\nSubject: My parcel {number}\r\n"
                        f"Message-ID: <{os.urandom(8).hex()}@day.example>\r\n\r\nWhere is it?\r\n")


async def ended(work):
    """The play goes on whatever becomes of one of its people."""
    try:
        await work
    except (OSError, EOFError, IndexError, smtplib.SMTPException) as error:
        print(f"day.py: {error!r}", file=sys.stderr)


async def play():
    running, at_s, number = set(), 0, 0

    def begin(work):
        task = asyncio.ensure_future(ended(work))
        running.add(task)
        task.add_done_callback(running.discard)

    for n in range(1, AGENTS + 1):
        begin(Agent(f"agent{n:03}").work())
        await asyncio.sleep(0.02)
    while True:
        after = random.expovariate((CHATS + MAILS) * per_hour[int(at_s / 3600) % len(per_hour)] / 3600)
        await asyncio.sleep(after)
        at_s, number = at_s + after, number + 1
        if random.random() < CHATS / (CHATS + MAILS):
            begin(Customer(number).chat())
        else:
            begin(asyncio.to_thread(letter, number))


if WHAT == "prepare":
    prepare()
else:
    asyncio.run(play())
