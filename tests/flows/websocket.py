# websocket.py - A client's end of a WebSocket (RFC 6455) that says and hears JSON, for the tests of chat and desk.
import base64, contextlib, json, os, socket, struct, time


class Refused(Exception):
    pass


class WebSocket:
    deadline = None

    def __init__(self, connection, host, path, headers):
        self.socket, self.bytes = connection, b""
        key = base64.b64encode(os.urandom(16)).decode()
        head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
        head += f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.socket.sendall((head + "\r\n").encode())
        while b"\r\n\r\n" not in self.bytes:
            self.more()
        head, self.bytes = self.bytes.split(b"\r\n\r\n", 1)
        if not head.startswith(b"HTTP/1.1 101 "):
            raise Refused(head.split(b"\r\n")[0].decode())

    # What is heard here comes within so many seconds, however many pings come meanwhile; else: AssertionError with the sentence.
    @contextlib.contextmanager
    def within(self, seconds, sentence):
        before, self.deadline = self.socket.gettimeout(), time.monotonic() + seconds
        try:
            yield
        except TimeoutError:
            raise AssertionError(f"never within {seconds} s: {sentence()}") from None
        finally:
            self.deadline = None
            self.socket.settimeout(before)

    def more(self):
        if self.deadline is not None:
            self.socket.settimeout(max(self.deadline - time.monotonic(), 0.001))
        some = self.socket.recv(65536)
        if not some:
            raise EOFError
        self.bytes += some

    def take(self, count):
        while len(self.bytes) < count:
            self.more()
        taken, self.bytes = self.bytes[:count], self.bytes[count:]
        return taken

    def masked(self, op, payload):
        mask = os.urandom(4)
        length = bytes([128 | len(payload)]) if len(payload) < 126 else b"\xfe" + struct.pack(">H", len(payload))
        return bytes([128 | op]) + length + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload))

    def frame(self, op, payload):
        self.socket.sendall(self.masked(op, payload))

    def send(self, *messages):  # at once
        self.socket.sendall(b"".join(self.masked(1, json.dumps(one).encode()) for one in messages))

    # The next text as an object; a Close as {"type": "end", "code": ...}.
    def hear(self):
        first, length = self.take(2)
        if length == 126:
            length = struct.unpack(">H", self.take(2))[0]
        elif length == 127:
            length = struct.unpack(">Q", self.take(8))[0]
        payload = self.take(length)
        if first & 15 == 8:
            return {"type": "end", "code": struct.unpack(">H", payload[:2])[0]}
        if first & 15 == 9:
            try:
                self.frame(10, payload)
            except OSError:
                pass  # the other side has closed since; its Close is still to be read
        return json.loads(payload) if first & 15 == 1 else self.hear()

    def lost(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()
