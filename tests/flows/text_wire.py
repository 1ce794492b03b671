# text_wire.py FOLDER - The two providers of text_wire.sh: their APIs, and their calls. Our port is written to FOLDER/api.
import base64, hashlib, hmac, http.client, json, os, sys, threading, time, urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

folder = sys.argv[1]
lock, written = threading.Condition(), []
OURS, URL = "+33700000001", "https://texts.example/hook?shop=1"


class Api(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = self.headers["Content-Type"] == "application/x-www-form-urlencoded"
        with lock:
            written.append((self.path, dict(self.headers), dict(urllib.parse.parse_qsl(body)) if form else json.loads(body)))
            name = f"out{len(written)}"
            lock.notify_all()
        answer = json.dumps({"sid": name, "id": name}).encode()
        self.send_response(201)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


def must(got, wanted):
    assert got == wanted, f"{got!r}, not {wanted!r}"


def wrote(count):
    with lock:
        assert lock.wait_for(lambda: len(written) >= count, 60), written
        return written[count - 1]


def call(name, body, headers):
    link = http.client.HTTPConnection("127.0.0.1", int(open(f"{folder}/{name}.port").read()), timeout=60)
    link.request("POST", "/hook?shop=1", body, headers)
    return link.getresponse().status


def form(fields, token=b"12345"):
    signed = URL + "".join(key + fields[key] for key in sorted(fields))
    signature = base64.b64encode(hmac.new(token, signed.encode(), hashlib.sha1).digest()).decode()
    return call("form", urllib.parse.urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature})


def hook(value, key=base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), at=None):
    body, stamp = json.dumps(value), str(int(at or time.time()))
    signature = base64.b64encode(hmac.new(key, f"h1.{stamp}.{body}".encode(), hashlib.sha256).digest()).decode()
    return call("json", body, {"webhook-id": "h1", "webhook-timestamp": stamp, "webhook-signature": "v1," + signature})


server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
threading.Thread(target=server.serve_forever, daemon=True).start()
with open(folder + "/api", "w") as file:
    file.write(str(server.server_address[1]))
end = time.monotonic() + 60
while not os.path.exists(folder + "/begin"):
    assert time.monotonic() < end
    time.sleep(0.02)

first = {"MessageSid": "SM1", "From": "+33612345601", "To": OURS, "Body": "Où est mon colis ? 50 % + 1 & more", "NumMedia": "0"}
must(form(first, b"guessed"), 403)
for _ in range(2):  # it comes again
    must(form(first), 200)
path, headers, body = wrote(1)
must(path, "/form/Accounts/AC77/Messages.json")
must(headers["Authorization"], "Basic " + base64.b64encode(b"AC77:the token").decode())
must(body, {"To": "+33612345601", "From": OURS, "Body": "Thank you, we read it.", "StatusCallback": URL})
must(form({"MessageSid": "out1", "MessageStatus": "sent"}), 200)
must(form({"MessageSid": "out1", "MessageStatus": "delivered"}), 200)

second = {"type": "message.received", "timestamp": "2026-11-25T10:00:00Z", "data": {"id": "m1", "from": "+33612345602", "to": OURS, "text": "Hello"}}
must(hook(second, key=b"guessed"), 403)
must(hook(second, at=time.time() - 900), 403)
must(hook(second), 200)
path, headers, body = wrote(2)
must(path, "/json/messages")
must(body, {"to": "+33612345602", "from": OURS, "text": "Thank you, we read it."})
must(bool(headers["Idempotency-Key"]) and headers["Authorization"] == "Bearer the token", True)
must(hook({"type": "message.status", "data": {"id": "out2", "status": "delivered"}}), 200)

# Who begins by leaving gets no answer.
must(form({"MessageSid": "SM3", "From": "+33612345603", "To": OURS, "Body": "ARRÊT"}), 200)
open(folder + "/left", "w").close()
while not os.path.exists(folder + "/end"):
    assert time.monotonic() < end + 120
    time.sleep(0.02)
must(len(written), 2)
