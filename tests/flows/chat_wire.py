# chat_wire.py PORT all | begin FILE | resume FILE | says TEXT - A customer with a WebSocket of its own (RFC 6455), for chat_wire.sh.
import json, os, socket, ssl, struct, sys

from smuggle import smuggle
from websocket import Refused, WebSocket

PORT = int(sys.argv[1])


TLS = ssl.create_default_context(cafile=os.environ["CHAT_CA"])


def connect():
    return TLS.wrap_socket(socket.create_connection(("127.0.0.1", PORT), timeout=30), server_hostname="localhost")


class Customer(WebSocket):
    def __init__(self, origin="https://shop.example"):
        super().__init__(connect(), "localhost", "/chat", {"Origin": origin} if origin else {})

    def say(self, type, **more):
        self.send({"type": type, **more})

    def expect(self, type, **more):
        heard = self.hear()
        assert heard["type"] == type, heard
        for key, value in more.items():
            assert heard.get(key) == value, (heard, key, value)
        return heard


def refused(code, **more):
    try:
        Customer(**more)
    except Refused as why:
        assert f" {code} " in str(why), why
        return
    raise AssertionError("it was not refused")


# A request beside the connection: its status, headers and body.
def http(method, path, token=None, body=b"", type="image/png", origin="https://shop.example", **more):
    one = connect()
    head = {"Host": "localhost", "Origin": origin, "Content-Type": type, "Content-Length": len(body), **more}
    if token:
        head["Authorization"] = "Bearer " + token
    one.sendall((f"{method} {path} HTTP/1.0\r\n" + "".join(f"{key}: {value}\r\n" for key, value in head.items()) + "\r\n").encode())
    answer = b""
    try:
        one.sendall(body)
        while some := one.recv(65536):
            answer += some
    except OSError:  # refused before it is whole
        pass
    if not answer:
        return 0, "", b""
    head, body = answer.split(b"\r\n\r\n", 1)
    return int(head.split()[1]), head.decode(), body


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


def says(text):
    one = Customer()
    one.say("begin", name="Anna Bauer", email="Anna.Bauer@example.org", queue="service", subject="My kettle")
    one.expect("accepted")
    one.say("message", id="m1", text=text)
    while one.hear()["type"] != "kept":
        pass
    one.say("leave")
    while (heard := one.hear())["type"] != "closed":
        pass
    assert heard["reason"] == "left", heard


if sys.argv[2] != "all":
    {"begin": begin, "resume": resume, "says": says}[sys.argv[2]](sys.argv[3])
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
one.say("message", id="m2", text="é" * 2001)  # 4000 bytes are taken, not characters
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
three = Customer()  # the same chat in a second window
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

# Files: brought beside the connection, then named by a message; fetched by who has the chat; all else is refused.
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 400
six = Customer()
six.say("begin", name="Eve", queue="service")
accepted = six.expect("accepted")
token = accepted["token"]
assert accepted["files"] == {"size": 1 << 20, "types": ["image/png", "text/plain"]}, accepted
six.expect("message", role="bot")
status, head, _ = http("OPTIONS", "/files", **{"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"})
assert status == 204 and "Access-Control-Allow-Origin: https://shop.example" in head and "Authorization" in head, head


def bring(name, body, status, error=None, by=token, **more):
    got, _, answer = http("POST", "/files?name=" + name, by, body, **more)
    assert got == status, (got, answer)
    assert error is None or json.loads(answer)["error"] == error, answer
    return json.loads(answer) if got == 200 else None


bring("a.png", PNG, 403, origin="https://evil.example")
bring("a.png", PNG[:500], 401, "unknown", by=None)
bring("a.png", PNG[:500], 401, "unknown", by="A" * 43)
bring("a.png", PNG, 0, by="A" * 43)  # nobody's is not even read
bring("a.exe", PNG, 415, "type", type="application/x-msdownload")
bring("a.html", PNG, 415, "type", type="text/html")
bring("", PNG, 400, "invalid")
bring("a.png", b"", 400, "invalid")
bring("a.png", bytes((1 << 20) + 1), 413, "too_large")
assert http("POST", "/files?name=a.png", token, bytes((1 << 20) + 5000))[0] in (0, 413)
file = bring("..%2F%3Cb%3E%22%E2%80%AEgnp.exe%0A", PNG, 200, type="Image/PNG; x=y")["file"]
six.say("message", id="f0", file=file + 1)
six.expect("error", code="file", id="f0")
assert http("GET", f"/files/{file}", token)[0] == 404  # no message names it yet
six.say("message", id="f1", file=file)
index = six.expect("kept", id="f1")["index"]
six.say("message", id="f1", file=file)  # again: kept once
six.expect("kept", id="f1", index=index)
six.say("message", id="f2", file=file)  # another message has it
six.expect("error", code="store", id="f2")
status, head, body = http("GET", f"/files/{file}", token)
assert status == 200 and body == PNG, (status, head)
assert "Content-Disposition: attachment; filename*=UTF-8''.._%3Cb%3E%22_gnp.exe_" in head, head
assert "X-Content-Type-Options: nosniff" in head and "Content-Type: application/octet-stream" in head, head
six.lost()
six = Customer()
six.say("resume", token=token, index=index - 1)
six.expect("message", id="f1", text='.._<b>"_gnp.exe_', file={"file": file, "length": len(PNG), "type": "image/png"})
six.expect("accepted")
seven = Customer()
seven.say("begin", queue="service")
other = seven.expect("accepted")["token"]
assert http("GET", f"/files/{file}", other)[0] == 404  # another's chat
seven.expect("message", role="bot")
seven.say("message", id="x", file=file)
seven.expect("error", code="file", id="x")
for path in ("/files/0", "/files/x", "/files/99999", "/files/"):
    assert http("GET", path, token)[0] == 404, path
assert http("DELETE", "/files", token)[0] in (405, 501)
cut = connect()  # gone amid its file
cut.sendall(f"POST /files?name=b.png HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: image/png\r\nContent-Length: 50000\r\n\r\n".encode() + PNG[:9000])
cut.close()
more = [bring(f"{i}.txt", b"text", 200, type="text/plain")["file"] for i in range(2)]
bring("3.txt", b"text", 429, "too_many", type="text/plain")
six.say("leave")
six.expect("closed")
bring("4.txt", b"text", 401, "unknown", type="text/plain")
while http("GET", f"/files/{file}", other)[0] != 429:  # an address asks for so many in a minute
    pass

# Messages that are too long or too many.
nine = Customer()
nine.say("begin", queue="service")
nine.expect("accepted")
nine.expect("message", role="bot")
nine.say("message", id="long", text="\x7f\x80" * 1333 + "x")  # as JSON four times as long
nine.expect("error", code="invalid", id="long")
nine.say("message", id="long", text="é" * 2000)
nine.expect("kept", id="long")
nine.socket.sendall(b"\x81\xfe" + struct.pack(">H", 40000) + bytes(4))  # its head alone: the rest would meet a closed door
nine.expect("end", code=1009)
ten = Customer()  # a flood
try:
    while True:
        ten.say("typing", on=True)
        if (heard := ten.hear())["type"] == "end":
            assert heard["code"] == 1008, heard
            break
        assert heard["code"] == "invalid", heard
except OSError:
    pass

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
while five.say("begin", queue="nowhere") or five.expect("error")["code"] != "too_many":
    pass

# Who may not come.
refused(403, origin="https://evil.example")
refused(403, origin="https://shop.example.evil.example")
refused(403, origin="null")
refused(403, origin=None)
smuggle(connect, "/widget.js")
plain = connect()
plain.sendall(b"GET /widget.js HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
answer = b""
while some := plain.recv(65536):
    answer += some
assert answer.startswith(b"HTTP/1.1 200 ") and b"nosniff" in answer and b"script-src 'self'" in answer, answer[:500]
assert len(answer) < 30000

# The widget's texts in the language of its page, or the usual one.
for wished, language, text in (("fr-CA", "fr", "Envoyer"), ("DE", "de", "Senden"), ("zz", "en", "{}"), ("..%2F..%2Fetc", "en", "{}")):
    status, head, body = http("GET", f"/languages/{wished}.json")
    assert status == 200 and f"Content-Language: {language}" in head and "Allow-Origin: https://shop.example" in head and text in body.decode(), (wished, head, body)
assert http("GET", "/languages/fr.json", origin="https://evil.example")[0] == 403
assert http("GET", "/languages/fr")[0] == 404
eight = Customer()
eight.socket.sendall(b"\x81\x02hi")  # not masked
eight.expect("end", code=1002)
