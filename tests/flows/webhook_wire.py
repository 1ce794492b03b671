"""webhook_wire.py FOLDER - Three networks in one: their APIs, which gcx-webhook writes to and asks, and the calls that
they make. Ports of the adapters stand in FOLDER/NAME.port. Our own port is written to FOLDER/api."""
import hashlib, hmac, http.client, json, os, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

folder = sys.argv[1]
lock = threading.Condition()
written = []  # (path, headers, body) of what gcx wrote
answers = []  # (status, headers) for the next ones
mentions = [{"id": "31", "type": "mention", "account": {"acct": "ann@example.org", "display_name": "Ann"},
             "status": {"id": "900", "content": "<p>Where is my <b>parcel</b>?</p>", "visibility": "direct",
                        "created_at": "2026-11-14T22:13:20.000Z"}}]
asked = []


class Api(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def say(self, status, value, headers=()):
        body = json.dumps(value).encode()
        self.send_response(status)
        for name, text in headers:
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        with lock:
            asked.append(self.path)
            lock.notify_all()
            since = int(self.path.split("min_id=")[1].split("&")[0])
            self.say(200, [m for m in mentions if int(m["id"]) > since])

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with lock:
            status, headers = answers.pop(0) if answers else (200, ())
            if status == 200:
                written.append((self.path, dict(self.headers), body))
            number = len(written)
            lock.notify_all()
        name = f"out{number}"
        self.say(status, {"messages": [{"id": name}], "result": {"message_id": number}, "id": name}, headers)


def wait_for(what, check):
    end = time.monotonic() + 90
    with lock:
        while not check():
            if not lock.wait(max(0.0, end - time.monotonic())):
                raise SystemExit(f"FAILED: never: {what}: {written} {asked}")


def call(name, method, path, body=b"", headers=()):
    with open(f"{folder}/{name}.port") as file:
        port = int(file.read())
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, body, dict(headers))
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def must(got, wanted, what):
    if got != wanted:
        raise SystemExit(f"FAILED: {what}: {got!r}, not {wanted!r}")


def cloud(messages, statuses=(), secret=b"cloud secret", spoil=False):
    value = {"metadata": {"phone_number_id": "77"}, "contacts": [{"profile": {"name": "Zoë <b>"}}]}
    if messages:
        value["messages"] = [{"from": "49170" + who, "id": name, "timestamp": str(int(time.time())), "type": "text",
                              "text": {"body": text}} for who, name, text in messages]
    if statuses:
        value["statuses"] = [{"id": name, "status": status} for name, status in statuses]
    body = json.dumps({"object": "x", "entry": [{"changes": [{"value": value}]}]}).encode()
    signature = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
    if spoil:
        body = body.replace(b"x", b"y", 1)
    return call("cloud", "POST", "/hook", body, {"X-Hub-Signature-256": signature}.items())[0]


def begin():
    must(call("cloud", "GET", "/?hub.verify_token=our+word&hub.challenge=12345"), (200, "12345"), "the challenge")
    must(call("cloud", "GET", "/?hub.verify_token=another&hub.challenge=12345")[0], 403, "a wrong word")
    must(call("cloud", "GET", "/")[0], 404, "nothing is here")
    must(call("cloud", "POST", "/hook", b"{}")[0], 403, "no signature")
    must(cloud([("1", "m1", "hello")], secret=b"guessed"), 403, "another secret")
    must(cloud([("1", "m1", "hello")], spoil=True), 403, "another body")
    must(cloud([("1", "m1", "hello"), ("2", "m2", "hi")]), 200, "two people write")
    wait_for("both are answered", lambda: len(written) == 2)
    must(sorted(w[2]["to"] for w in written), ["+491701", "+491702"], "to whom")
    must(written[0][0], "/v1/77/messages", "the account's messages")
    must(written[0][1]["Authorization"], "Bearer the token", "we are known")
    must(written[0][2]["text"], {"body": "Thank you, we read it."}, "the words")
    must(cloud([("1", "m1", "hello")]), 200, "it comes again")
    must(cloud([("1", "m3", "are you there?")], [("out1", "delivered"), ("nobody", "failed")]), 200, "more, and a status")
    # The network wants us to wait: the answer comes once, later.
    with lock:
        answers.append((429, (("Retry-After", "1"),)))
    must(cloud([("3", "m4", "a third one")]), 200, "a third")
    wait_for("the third is answered", lambda: len(written) == 3)
    must(call("bot", "POST", "/", json.dumps(bot(9, "hello")).encode(), (("X-Telegram-Bot-Api-Secret-Token", "wrong"),))[0],
         403, "a wrong secret")
    said(bot(9, "hello"))
    wait_for("the bot answers", lambda: len(written) == 4)
    must(written[3][0], "/v1/botthe%20token/sendMessage", "the bot's address")
    must(written[3][2], {"chat_id": "42", "text": "Thank you, we read it."}, "the bot's words")
    said({"update_id": 7, "edited_message": {"message_id": 9, "chat": {"id": 42}, "edit_date": 1700000009, "text": "hullo"}})
    # The answer stands in the thread of the mention, and is seen by whom the mention was.
    wait_for("the mention is answered", lambda: any("status" in w[2] for w in written))
    post = [w for w in written if "status" in w[2]][0]
    must(post[2], {"status": "@ann@example.org Thank you, we read it.", "in_reply_to_id": "900", "visibility": "direct"},
         "in its thread")
    must(bool(post[1]["Idempotency-Key"]), True, "known if it comes twice")
    wait_for("it goes on behind the mention", lambda: any("min_id=31" in path for path in asked))


def bot(number, text):
    return {"update_id": number, "message": {"message_id": number, "from": {"first_name": "Ann", "id": 42},
                                             "chat": {"id": 42}, "date": 1700000000, "text": text}}


def said(update):
    must(call("bot", "POST", "/", json.dumps(update).encode(),
              (("X-Telegram-Bot-Api-Secret-Token", "bot secret"),))[0], 200, "an update")


def again():
    """After the adapters' death: who writes goes on in the same conversation, what comes again is known."""
    del asked[:]
    must(cloud([("1", "m1", "hello"), ("1", "m5", "still there?")]), 200, "goes on")
    said(bot(9, "hello"))
    wait_for("asked again", lambda: len(asked) > 1)
    must([path for path in asked if "min_id=31" not in path], [], "where the next poll goes on")
    must(len(written), 5, "nobody is answered twice")


server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
threading.Thread(target=server.serve_forever, daemon=True).start()
with open(folder + "/api", "w") as file:
    file.write(str(server.server_address[1]))
for line in sys.stdin:
    {"begin": begin, "again": again}[line.strip()]()
    print("done", line.strip(), flush=True)
