# desk_client.py - An agent's browser for the tests of the desk: HTTP and a WebSocket, whatever comes being held against
# openapi.json. argv: DIR, where NAME.port are, and TOP. With DESK_CA in the environment, the desk's certificate, by TLS.
import http.client, json, os, re, signal, socket, ssl, sys, time

from websocket import Refused, WebSocket

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
    kinds = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict}
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


# The desk's process, of DIR/desk.pid, is killed, and there is another one, with the same command but for its numbers, as of a
# descriptor. Its parent may be another one: a desk that outlives its gcxvm has none of its own.
def desk_is_killed():
    pid = int(open(f"{DIR}/desk.pid").read())
    _, command = parent_and_command(pid)
    open(f"{DIR}/desk.port", "w").close()
    os.kill(pid, signal.SIGKILL)
    while not (port := open(f"{DIR}/desk.port").read()):
        time.sleep(0.05)
    PORT["desk"] = int(port)
    found = {int(one): its[0] for one in os.listdir("/proc") if one.isdigit() and int(one) != pid and (its := parent_and_command(one)) and its[1] == command}
    with open(f"{DIR}/desk.pid", "w") as file:
        print(next(one for one, parent in found.items() if parent not in found), file=file)


def parent_and_command(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat, open(f"/proc/{pid}/cmdline") as line:
            return int(stat.read().rpartition(")")[2].split()[1]), re.sub("[0-9]+", "", line.read())
    except OSError:  # it has ended
        return None


# ---- HTTP ----

def origin():
    return f"{'https' if TLS else 'http'}://127.0.0.1:{PORT['desk']}"


class Browser:
    def __init__(self, address=None):
        self.cookie = self.csrf = None
        self.more = {"source_address": (address, 0)} if address else {}

    def ask(self, method, path, body=None, code=200, headers={}, plain=None):
        where = ("127.0.0.1", PORT["desk"])
        link = http.client.HTTPSConnection(*where, timeout=120, context=TLS, **self.more) if TLS else http.client.HTTPConnection(*where, timeout=120, **self.more)
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
            if schema and answer.headers["Content-Type"] == "application/json":
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

class Socket(WebSocket):
    def __init__(self, port, path, headers):
        connection = socket.create_connection(("127.0.0.1", port), timeout=120)
        if TLS and port == PORT["desk"]:
            connection = TLS.wrap_socket(connection, server_hostname="127.0.0.1")
        super().__init__(connection, f"127.0.0.1:{port}", path, headers)


# A message of the server, and those that stand in it.
def check_message(one):
    check(API["x-websocket"]["server"][one["type"]], one, one["type"])
    for inner in (one.get("states"), one.get("phone"), one.get("question"), *one.get("items", ()), *one.get("calls", ())):
        if isinstance(inner, dict) and "type" in inner:
            check_message(inner)


class Desk(Socket):
    def __init__(self, browser):
        super().__init__(PORT["desk"], "/desk", {"Cookie": browser.cookie, "Origin": origin()})
        self.browser, self.number, self.waiting, self.open = browser, 0, [], set()
        self.welcome = self.expect("welcome")
        phone = self.welcome["phone"]
        self.held = [self.welcome["states"], *self.welcome["items"], phone, *phone["calls"], *([phone["question"]] if "question" in phone else [])]

    def hear(self):
        one = super().hear()
        if one["type"] != "end":
            assert one["type"] in API["x-websocket"]["server"], one
            heard_types.add(one["type"])
            check_message(one)
            self.hears(one)
        return one

    # What is said comes to those who have the interaction: who is only offered it, or has none, hears nothing.
    def hears(self, one):
        self.open |= {item["ixn"] for item in (one, *one.get("items", ())) if item["type"] == "opened"}
        self.open -= {one.get("ixn")} if one["type"] == "closed" else set()
        assert one["type"] not in ("message", "typing", "delivery") or one["ixn"] in self.open, (self.browser.me["agent"], one)

    # The first message of this type with these fields, whatever else comes before it, which is kept for others.
    def expect(self, type, **more):
        fits = lambda one: one["type"] == type and all(one.get(key) == value for key, value in more.items())
        for one in self.waiting:
            if fits(one):
                self.waiting.remove(one)
                return one
        with self.within(300, lambda: f"{self.browser.me['agent']} hears {type} {more}; heard were {self.waiting[-5:]}"):
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
