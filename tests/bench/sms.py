"""sms.py DIR WHO COUNT - An SMSC whose customers write and are written to, and the application beside the gateway that is
measured: gcx (WHO is `ours`), or Kannel. It waits until the gateway has bound and DIR/WHO.http has the port of its HTTP
interface. Then it prints for what comes, from deliver_sm until it is acknowledged, and for what goes, from the
application's request until submit_sm is here: messages a second (100 or 32 under way), and p50 and p99 in us of one alone.
With a fourth argument, so many customers write one message each to +4930124 after that; DIR/talked tells when all are
acknowledged, and it stays until DIR/enough is there."""
import asyncio, json, os, struct, sys, time, urllib.parse

DIR, WHO, COUNT = sys.argv[1], sys.argv[2], int(sys.argv[3])
TEXT = "Where is my parcel? It was to come on Monday, and today is Thursday. Number "
OURS = "+4930123"


def c(text):
    return text.encode() + b"\0"


def pdu(command, status, sequence, body=b""):
    return struct.pack(">IIII", 16 + len(body), command, status, sequence) + body


def deliver_body(frm, to, text):
    data = text.encode("latin1")
    return (c("") + b"\1\1" + c(frm.lstrip("+")) + b"\1\1" + c(to.lstrip("+")) + bytes(3) + c("") + c("") + bytes(4)
            + bytes([len(data)]) + data)


def submitted_text(body):
    at = body.index(b"\0") + 3
    at = body.index(b"\0", at) + 3
    at = body.index(b"\0", at) + 4
    at = body.index(b"\0", at) + 1
    at = body.index(b"\0", at) + 6
    return body[at:at + body[at - 1]].decode("latin1")


class Smsc(asyncio.Protocol):
    bound, peer, asked, wanted = None, None, {}, {}
    names = 0

    def connection_made(self, transport):
        self.transport, self.come, self.sequence = transport, b"", 0

    def data_received(self, some):
        self.come += some
        at = 0
        while len(self.come) - at >= 16:
            length, command, status, sequence = struct.unpack_from(">IIII", self.come, at)
            if len(self.come) - at < length:
                break
            self.take(command, status, sequence, self.come[at + 16:at + length])
            at += length
        self.come = self.come[at:]

    def take(self, command, status, sequence, body):
        if command in (1, 2, 9):
            self.transport.write(pdu(command | 1 << 31, 0, sequence, c("smsc")))
            if command != 2 and not Smsc.bound.done():
                Smsc.peer = self
                Smsc.bound.set_result(True)
        elif command in (6, 0x15):
            self.transport.write(pdu(command | 1 << 31, 0, sequence))
        elif command == 4:
            Smsc.names += 1
            self.transport.write(pdu(0x80000004, 0, sequence, c(f"{Smsc.names}")))
            future = Smsc.wanted.pop(submitted_text(body), None)
            if future and not future.done():
                future.set_result(True)
        elif command == 0x80000005:
            future = Smsc.asked.pop(sequence)
            future.set_result(status)

    async def deliver(self, frm, to, text):
        while True:
            self.sequence += 1
            future = Smsc.asked[self.sequence] = asyncio.get_running_loop().create_future()
            self.transport.write(pdu(5, 0, self.sequence, deliver_body(frm, to, text)))
            if await future == 0:
                return
            await asyncio.sleep(0.01)  # refused for now


class Application:
    """A connection to the HTTP interface of the gateway."""
    reader = None

    async def ask(self, request):
        for _ in range(2):
            try:
                if not self.reader:
                    self.reader, self.writer = await asyncio.open_connection("127.0.0.1", PORT)
                self.writer.write(request)
                head = await self.reader.readuntil(b"\r\n\r\n")
                lines = head.decode().lower().split("\r\n")
                length = [int(line.split(":")[1]) for line in lines if line.startswith("content-length:")]
                await self.reader.readexactly(length[0])
                assert lines[0].split()[1] == "202", head
                if "connection: close" in lines:
                    self.reader = None
                return
            except (OSError, asyncio.IncompleteReadError):
                self.reader = None
        raise OSError("no answer")

    async def send(self, to, name, text):
        future = Smsc.wanted[text] = asyncio.get_running_loop().create_future()
        if WHO == "ours":
            body = json.dumps({"id": name, "to": to, "text": text}).encode()
            await self.ask(b"POST /messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer word\r\nContent-Type: application/json\r\n"
                           + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        else:
            query = urllib.parse.urlencode({"username": "u", "password": "p", "from": OURS, "to": to, "text": text})
            await self.ask(f"GET /cgi-bin/sendsms?{query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        await future


async def measured(count, window, one):
    """`one(number, worker)` is a message's way."""
    times = []
    for number in range(count // 4):
        begun = time.perf_counter()
        await one(f"a{number}", 0)
        times.append(time.perf_counter() - begun)
    left = iter(range(count))

    async def worker(which):
        for number in left:
            await one(f"b{number}", which)
    begun = time.perf_counter()
    await asyncio.gather(*(worker(which) for which in range(window)))
    rate = count / (time.perf_counter() - begun)
    times.sort()
    print(f"{rate:.0f} {times[len(times) // 2] * 1e6:.0f} {times[len(times) * 99 // 100] * 1e6:.0f}", flush=True)


async def got(reader, writer):
    """Kannel tells the application of what came."""
    try:
        while True:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n")
    except (OSError, asyncio.IncompleteReadError):
        writer.close()


def tell(name, text=""):
    with open(f"{DIR}/{WHO}.new", "w") as out:
        out.write(text)
    os.rename(f"{DIR}/{WHO}.new", f"{DIR}/{name}")


async def until_there(name):
    while not (os.path.exists(f"{DIR}/{name}") and open(f"{DIR}/{name}").read()):
        await asyncio.sleep(0.05)
    return open(f"{DIR}/{name}").read()


async def main():
    global PORT
    loop = asyncio.get_running_loop()
    Smsc.bound = loop.create_future()
    smsc = await loop.create_server(Smsc, "127.0.0.1", 0)
    told = await asyncio.start_server(got, "127.0.0.1", 0)
    ports = [one.sockets[0].getsockname()[1] for one in (smsc, told)]
    tell(f"{WHO}.ports", "{} {}\n".format(*ports))
    PORT = int(await until_there(f"{WHO}.http"))
    await asyncio.wait_for(Smsc.bound, 60)
    customer = lambda number: f"+4917012345{sum(number.encode()) % 90 + 10}"
    await measured(COUNT, 100, lambda number, _: Smsc.peer.deliver(customer(number), OURS, TEXT + number))
    applications = [Application() for _ in range(32)]
    await measured(COUNT, 32, lambda number, which: applications[which].send(customer(number), number, TEXT + "out " + number))
    if len(sys.argv) > 4:
        left = iter(range(int(sys.argv[4])))

        async def talk():
            for number in left:
                await Smsc.peer.deliver(f"+4917{10000000 + number}", "+4930124", TEXT + "one")
        await until_there("talk")
        await asyncio.gather(*(talk() for _ in range(100)))
        tell("talked", "all")
        await until_there("enough")


asyncio.run(main())
