"""desks.py DIR DESKS MAILS SECONDS: so many agents' browsers log in (HTTP, then a WebSocket each) and are ready for
e-mail; nothing is done for SECONDS; then MAILS come by LMTP, and each desk accepts what it is offered and finishes it.
In DIR are desk.port and mail.port, and the file `pids`: of the desk's plugin and of the daemon. Prints: KiB of each before the
desks and with them; ms of CPU time of each in an idle second; us from an offer that is heard to the conversation that
is open, p50 and p99; CPU us of each for a mail."""
import asyncio, base64, json, os, smtplib, struct, sys, threading, time

DIR, DESKS, MAILS, SECONDS = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
PORT, MAIL = (int(open(f"{DIR}/{name}.port").read()) for name in ("desk", "mail"))
PIDS = open(f"{DIR}/pids").read().split()
HEAD = f"Host: 127.0.0.1:{PORT}\r\nOrigin: http://127.0.0.1:{PORT}\r\n"
latencies, done = [], asyncio.Event()


def memory():
    return [int(next(line for line in open(f"/proc/{pid}/status") if line.startswith("VmRSS")).split()[1]) for pid in PIDS]


def cpu_us():
    return [sum(int(open(f"/proc/{pid}/task/{task}/schedstat").read().split()[0]) for task in os.listdir(f"/proc/{pid}/task")) / 1000
            for pid in PIDS]


def frame(message):
    payload, mask = json.dumps(message).encode(), os.urandom(4)
    assert len(payload) < 126
    return b"\x81" + bytes([128 | len(payload)]) + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


class Desk:
    def __init__(self, name):
        self.name, self.offers, self.number = name, {}, 0

    async def log_in(self):
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        body = json.dumps({"name": self.name, "password": "secret"})
        writer.write(f"POST /api/login HTTP/1.1\r\n{HEAD}Content-Type: application/json\r\nConnection: close\r\n"
                     f"Content-Length: {len(body)}\r\n\r\n{body}".encode())
        answer = (await reader.read()).decode()
        writer.close()
        assert answer.startswith("HTTP/1.1 200 "), answer[:300]
        cookie = answer.split("Set-Cookie: ")[1].split(";")[0]
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", PORT)
        key = base64.b64encode(os.urandom(16)).decode()
        self.writer.write(f"GET /desk HTTP/1.1\r\n{HEAD}Upgrade: websocket\r\nConnection: Upgrade\r\nCookie: {cookie}\r\n"
                          f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode())
        head = await self.reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 "), head
        self.say("state", media="email", state="ready")
        self.is_ready = asyncio.get_running_loop().create_future()
        self.task = asyncio.create_task(self.listen())
        await self.is_ready

    def say(self, type, **more):
        self.number += 1
        self.writer.write(frame({"type": type, "id": self.number, **more}))

    async def listen(self):
        while True:
            first, length = await self.reader.readexactly(2)
            if length == 126:
                length = struct.unpack(">H", await self.reader.readexactly(2))[0]
            text = await self.reader.readexactly(length)
            if first & 15 == 9:
                self.writer.write(b"\x8a" + bytes([128 | length]) + b"\0\0\0\0" + text)
            elif first & 15 == 1:
                self.heard(json.loads(text))

    def heard(self, one):
        now = time.monotonic()
        if one["type"] == "states" and one["agent"] == self.name and one["states"].get("email") == "ready":
            if not self.is_ready.done():
                self.is_ready.set_result(True)
        elif one["type"] == "offer":
            self.offers[one["claim"]] = now
            self.say("accept", claim=one["claim"])
        elif one["type"] == "opened":
            latencies.append((now - self.offers.pop(one["claim"])) * 1e6)
            self.say("done", ixn=one["ixn"])
            if len(latencies) == MAILS:
                done.set()


def hand_over():
    server = smtplib.LMTP("127.0.0.1", MAIL, local_hostname="bench.example")
    for n in range(MAILS):
        server.sendmail("anna@example.org", "service@shop.example", f"From: anna@example.org\r\nTo: service@shop.example\r\n"
                        f"Subject: mail {n}\r\nMessage-ID: <{n}@bench.example>\r\n\r\nhello\r\n")
    server.quit()


async def main():
    alone = memory()
    desks = [Desk(f"a{n}") for n in range(DESKS)]
    few = asyncio.Semaphore(20)

    async def one(desk):
        async with few:
            await desk.log_in()
    await asyncio.gather(*map(one, desks))
    begun = cpu_us()
    await asyncio.sleep(SECONDS)
    idle = [(b - a) / SECONDS / 1000 for a, b in zip(begun, cpu_us())]
    begun = cpu_us()
    threading.Thread(target=hand_over, daemon=True).start()
    await asyncio.wait_for(done.wait(), 120 + MAILS)
    work = [(b - a) / MAILS for a, b in zip(begun, cpu_us())]
    latencies.sort()
    at = lambda share: latencies[min(int(len(latencies) * share), len(latencies) - 1)]
    print(*alone, *memory(), *(f"{one:.2f}" for one in idle), f"{at(.5):.0f} {at(.99):.0f}", *(f"{one:.0f}" for one in work))

asyncio.run(main())
