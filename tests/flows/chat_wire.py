# chat_wire.py PORT all | begin FILE | resume FILE - A customer with a WebSocket of its own (RFC 6455), for chat_wire.sh.
import base64, json, os, socket, ssl, struct, sys

PORT = int(sys.argv[1])


class Refused(Exception):
    pass


TLS = ssl.create_default_context(cafile=os.environ["CHAT_CA"])


def connect():
    return TLS.wrap_socket(socket.create_connection(("127.0.0.1", PORT), timeout=30), server_hostname="localhost")


class Customer:
    def __init__(self, origin="https://shop.example"):
        self.socket = connect()
        self.bytes = b""
        key = base64.b64encode(os.urandom(16)).decode()
        head = f"GET /chat HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
        head += f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
        if origin:
            head += f"Origin: {origin}\r\n"
        self.socket.sendall((head + "\r\n").encode())
        while b"\r\n\r\n" not in self.bytes:
            self.more()
        head, self.bytes = self.bytes.split(b"\r\n\r\n", 1)
        if not head.startswith(b"HTTP/1.1 101 "):
            raise Refused(head.split(b"\r\n")[0].decode())

    def more(self):
        some = self.socket.recv(65536)
        if not some:
            raise EOFError
        self.bytes += some

    def take(self, count):
        while len(self.bytes) < count:
            self.more()
        taken, self.bytes = self.bytes[:count], self.bytes[count:]
        return taken

    def frame(self, op, payload):
        mask = os.urandom(4)
        length = bytes([128 | len(payload)]) if len(payload) < 126 else b"\xfe" + struct.pack(">H", len(payload))
        self.socket.sendall(bytes([128 | op]) + length + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload)))

    def say(self, type, **more):
        self.frame(1, json.dumps({"type": type, **more}).encode())

    # The next text as an object; a Close as {"type": "end", "code": ...}.
    def hear(self):
        first, length = self.take(2)
        if length == 126:
            length = struct.unpack(">H", self.take(2))[0]
        payload = self.take(length)
        if first & 15 == 8:
            return {"type": "end", "code": struct.unpack(">H", payload[:2])[0]}
        if first & 15 == 9:
            self.frame(10, payload)
            return self.hear()
        return json.loads(payload)

    def expect(self, type, **more):
        heard = self.hear()
        assert heard["type"] == type, heard
        for key, value in more.items():
            assert heard.get(key) == value, (heard, key, value)
        return heard

    def lost(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def refused(code, **more):
    try:
        Customer(**more)
    except Refused as why:
        assert f" {code} " in str(why), why
        return
    raise AssertionError("it was not refused")


def begin(file):
    one = Customer()
    one.say("begin", name="Otto", queue="service")
    token = one.expect("accepted")["token"]
    hello = one.expect("message", role="bot")
    one.say("message", id="m1", text="Is somebody there?")
    kept = one.expect("kept", id="m1")
    json.dump([token, hello["index"], kept["index"]], open(file, "w"))


def resume(file):
    token, hello, index = json.load(open(file))
    one = Customer()
    one.say("resume", token=token, index=hello)
    one.expect("message", role="customer", id="m1", index=index)
    one.expect("accepted", token=token, index=index)
    one.say("message", id="m1", text="Is somebody there?")
    one.expect("kept", id="m1", index=index)
    one.say("message", id="m2", text="I go then.")
    assert one.expect("kept", id="m2")["index"] > index
    one.say("leave")
    one.expect("closed", reason="left")


if sys.argv[2] != "all":
    {"begin": begin, "resume": resume}[sys.argv[2]](sys.argv[3])
    sys.exit()

# Greeted; says something, twice the same; the connection is lost; it resumes; leaves.
one = Customer()
one.say("resume", token="guessed", index=0)
one.expect("error", code="unknown")
one.say("begin", name="Anna", queue="service", subject="My <b>parcel</b>")
token = one.expect("accepted")["token"]
assert len(token) == 43, token
hello = one.expect("message", role="bot", text="One moment, please.")
text = "Where is my parcel? <script>alert('é')</script>"
one.say("message", id="m1", text=text)
kept = one.expect("kept", id="m1")
assert kept["index"] > hello["index"], kept
one.say("message", id="m1", text=text)
one.expect("kept", id="m1", index=kept["index"])
one.say("message", id="m2", text="x" * 5000)
one.expect("error", code="too_long", id="m2")
one.say("message", id="m3", text="a\u0007b")
one.expect("error", code="invalid", id="m3")
one.frame(1, b"no json")
one.expect("error", code="invalid")
one.lost()
two = Customer()
two.say("resume", token=token, index=hello["index"])
two.expect("message", role="customer", id="m1", text=text, index=kept["index"])
two.expect("accepted", token=token, index=kept["index"])
three = Customer(origin=None)  # a program that is no browser; the same chat in a second window
three.say("resume", token=token, index=0)
three.expect("message", role="bot")
three.expect("message", id="m1")
three.expect("accepted")
two.expect("end", code=4001)
three.say("leave")
three.expect("closed", reason="left")
three.expect("end", code=1000)
four = Customer()
four.say("resume", token=token, index=0)
four.expect("error", code="unknown")

# A strategy ends it; a queue that is not for customers, one that the core does not know; too many.
four.say("begin", queue="closed")
four.expect("accepted")
four.expect("message", text="We are closed.")
four.expect("closed", reason="closed")
four.expect("end", code=1000)
five = Customer()
five.say("begin", queue="desk")
five.expect("error", code="queue")
five.say("begin", queue="nowhere")
five.expect("error", code="away")
for _ in range(2):
    five.say("begin", queue="nowhere")
    five.expect("error", code="away")
five.say("begin")
five.expect("error", code="too_many")

# Who may not come.
refused(403, origin="https://evil.example")
refused(403, origin="https://shop.example.evil.example")
refused(403, origin="null")
plain = connect()
plain.sendall(b"GET /widget.js HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
answer = b""
while some := plain.recv(65536):
    answer += some
assert answer.startswith(b"HTTP/1.1 200 ") and b"nosniff" in answer and b"script-src 'self'" in answer, answer[:500]
assert len(answer) < 30000
six = Customer()
six.socket.sendall(b"\x81\x02hi")  # not masked
six.expect("end", code=1002)
