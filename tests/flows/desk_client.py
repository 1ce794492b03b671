# desk_client.py - An agent's browser for the tests of the desk: HTTP and a WebSocket, whatever comes being held against
# openapi.json. argv: DIR, where NAME.port are, and TOP. With DESK_CA in the environment, the desk's certificate, by TLS.
import base64, http.client, json, os, signal, socket, ssl, struct, sys, time

DIR, TOP = sys.argv[1:3]
PORT = {"desk": int(open(f"{DIR}/desk.port").read())}
API = json.load(open(f"{TOP}/runtime/adapters/desk/openapi.json"))
TLS = ssl.create_default_context(cafile=os.environ["DESK_CA"]) if "DESK_CA" in os.environ else None
asked, heard_types, said_types = set(), set(), set()


# ---- the description ----

def check(schema, value, where):
    if "$ref" in schema:
        schema = API["components"]["schemas"][schema["$ref"].split("/")[-1]]
    if "const" in schema:
        assert value == schema["const"], (where, value)
        return
    kinds = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}
    assert isinstance(value, kinds[schema["type"]]), (where, value, schema)
    assert schema["type"] != "integer" or not isinstance(value, bool), (where, value)
    assert "enum" not in schema or value in schema["enum"], (where, value)
    assert value >= schema["minimum"] if "minimum" in schema else True, (where, value)
    if schema["type"] == "array":
        for one in value:
            check(schema["items"], one, where)
    if schema["type"] == "object":
        for key in schema.get("required", ()):
            assert key in value, (where, key, value)
        others = schema.get("additionalProperties", False)
        for key, one in value.items():
            its = schema.get("properties", {}).get(key, others)
            assert its, f"{where}: `{key}` stands in no description: {str(value)[:300]}"
            if its is not True:
                check(its, one, f"{where}.{key}")


def described(path, method):
    for template, methods in API["paths"].items():
        pieces, theirs = path.split("/"), template.split("/")
        if len(pieces) == len(theirs) and all(a == b or b[0:1] == "{" for a, b in zip(pieces, theirs)):
            if method.lower() in methods and ("{" not in template or path not in API["paths"]):
                return methods[method.lower()]
    return None


# The desk's process, of DIR/desk.pid, is killed, and there is another one.
def desk_is_killed():
    open(f"{DIR}/desk.port", "w").close()
    os.kill(int(open(f"{DIR}/desk.pid").read()), signal.SIGKILL)
    while not (port := open(f"{DIR}/desk.port").read()):
        time.sleep(0.05)
    PORT["desk"] = int(port)


# ---- HTTP ----

def origin():
    return f"{'https' if TLS else 'http'}://127.0.0.1:{PORT['desk']}"


class Browser:
    def __init__(self, address=None):
        self.cookie = self.csrf = None
        self.more = {"source_address": (address, 0)} if address else {}

    def ask(self, method, path, body=None, code=200, headers={}, plain=None):
        where = ("127.0.0.1", PORT["desk"])
        link = http.client.HTTPSConnection(*where, timeout=30, context=TLS, **self.more) if TLS else http.client.HTTPConnection(*where, timeout=30, **self.more)
        own = {"Origin": origin(), "Host": f"127.0.0.1:{PORT['desk']}"}
        if self.cookie:
            own["Cookie"] = self.cookie
        if self.csrf:
            own["X-CSRF-Token"] = self.csrf
        if plain is not None:
            own["Content-Type"] = "application/octet-stream"
        elif body is not None:
            own["Content-Type"], plain = "application/json", json.dumps(body).encode()
        own.update(headers)
        link.request(method, path, plain, {key: value for key, value in own.items() if value is not None})
        answer = link.getresponse()
        text = answer.read()
        assert answer.status == code, (method, path, answer.status, text[:300])
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"], answer.headers
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        row = described(path.split("?")[0], method)
        if row:
            asked.add(row["operationId"])
            how = row["responses"].get(str(code))
            assert how, f"{method} {path}: {code} is not described"
            schema = how.get("content", {}).get("application/json", {}).get("schema")
            if schema:
                check(schema, json.loads(text), f"{method} {path}")
        if answer.headers["Set-Cookie"]:
            assert "HttpOnly" in answer.headers["Set-Cookie"] and "SameSite=Strict" in answer.headers["Set-Cookie"]
            assert ("; Secure" in answer.headers["Set-Cookie"]) == bool(TLS), answer.headers
            self.cookie = answer.headers["Set-Cookie"].split(";")[0]
        return json.loads(text) if answer.headers["Content-Type"] == "application/json" and text else text

    def get(self, path, code=200, **more):
        return self.ask("GET", path, code=code, **more)

    def log_in(self, name, password):
        self.me = self.ask("POST", "/api/login", {"name": name, "password": password})
        self.csrf = self.me["csrf"]
        return self


# ---- WebSocket ----

class Refused(Exception):
    pass


class Socket:
    def __init__(self, port, path, headers):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        if TLS and port == PORT["desk"]:
            self.socket = TLS.wrap_socket(self.socket, server_hostname="127.0.0.1")
        self.bytes = b""
        key = base64.b64encode(os.urandom(16)).decode()
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        head += f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
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

    def send(self, *messages):  # at once
        self.socket.sendall(b"".join(self.frame(one) for one in messages))

    def frame(self, message):
        payload, mask = json.dumps(message).encode(), os.urandom(4)
        length = bytes([128 | len(payload)]) if len(payload) < 126 else b"\xfe" + struct.pack(">H", len(payload))
        return b"\x81" + length + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload))

    # The next text; a Close as {"type": "end"}.
    def hear(self):
        first, length = self.take(2)
        if length == 126:
            length = struct.unpack(">H", self.take(2))[0]
        payload = self.take(length)
        if first & 15 == 8:
            return {"type": "end", "code": struct.unpack(">H", payload[:2])[0]}
        return json.loads(payload) if first & 15 == 1 else self.hear()

    def lost(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


class Desk(Socket):
    def __init__(self, browser):
        super().__init__(PORT["desk"], "/desk", {"Cookie": browser.cookie, "Origin": origin()})
        self.browser, self.number, self.waiting = browser, 0, []
        self.expect("welcome")
        self.held = []
        while (one := self.hear())["type"] != "whole":
            self.held.append(one)

    def hear(self):
        one = super().hear()
        if one["type"] != "end":
            assert one["type"] in API["x-websocket"]["server"], one
            heard_types.add(one["type"])
            check(API["x-websocket"]["server"][one["type"]], one, one["type"])
        return one

    # The first message of this type with these fields, whatever else comes before it, which is kept for others.
    def expect(self, type, **more):
        fits = lambda one: one["type"] == type and all(one.get(key) == value for key, value in more.items())
        for one in self.waiting:
            if fits(one):
                self.waiting.remove(one)
                return one
        while not fits(one := self.hear()):
            assert one["type"] != "end", (type, more, self.waiting)
            self.waiting.append(one)
        return one

    def ask(self, type, code=None, **more):
        self.number += 1
        said_types.add(type)
        self.send({"type": type, "id": self.number, **more})
        reply = self.expect("reply", id=self.number)
        assert reply.get("code") == code, (type, more, reply)
        assert not code or " " in reply["text"] and reply["text"] != code, (type, more, reply)  # a sentence for people
        return reply

    def ready(self, media):
        self.ask("state", media=media, state="ready")
        while self.expect("states", agent=self.browser.me["agent"])["states"].get(media) != "ready":
            pass
