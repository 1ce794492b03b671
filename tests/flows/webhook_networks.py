"""webhook_networks.py - Three networks as their servers answer and call: a cloud messenger, a bot messenger, a microblog.
The shapes are those that the networks' documentation has, and that independent clients read (webhook_clients.sh)."""
import hashlib, hmac, http.client, json, sys, threading, time, urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

lock = threading.Condition()
written = []  # (path, headers, body) of what was written to us
answers = []  # (status, headers) for the next ones
asked = []  # paths
names = []  # of the next messages, as the cloud messenger calls them
TOKEN = "the token"
ANN = {"id": "12", "username": "ann", "acct": "ann@example.org", "display_name": "Ann", "url": "https://example.org/@ann"}
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
files = {"lamp": (200, PICTURE, 0)}  # name: (status, bytes, seconds)
mentions = []
busy = []  # files that are there at the next try
silent = []  # customers: a message to them is taken, and answered too late
limited = []  # customers to whom too much was written: 429 for each message
closed = []  # customers to whom nobody may write any more: 400 for each message


def mention(number, text, **more):
    status = {"id": str(number + 869), "created_at": "2026-11-14T22:13:20.000Z", "in_reply_to_id": None, "visibility": "direct",
              "uri": f"https://example.org/s/{number}", "content": text, "account": ANN, "media_attachments": [], **more}
    return {"id": str(number), "type": "mention", "created_at": status["created_at"], "account": ANN, "status": status}


class Api(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def give(self, status, body, kind, headers=()):
        self.send_response(status)
        for name, text in headers:
            self.send_header(name, text)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def say(self, status, value, headers=()):
        self.give(status, json.dumps(value).encode(), "application/json", headers)

    def known(self, path):
        if "/bot" in path:
            return path.split("/bot", 1)[1].startswith(TOKEN + "/")
        return path.startswith("/media/open/") or self.headers["Authorization"] == "Bearer " + TOKEN

    def unknown(self, path):
        if "/bot" in path:
            self.say(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
        else:
            self.say(401, {"error": {"message": "Invalid OAuth access token.", "type": "OAuthException", "code": 190}})

    def file(self, name):
        status, body, seconds = files.get(name, (404, b"", 0))
        time.sleep(seconds)
        if name in busy:
            busy.remove(name)
            self.give(503, b"", "text/plain", [("Retry-After", "1")])
            return
        where = [("Location", body.decode())] if status in (301, 302, 307) else []
        try:
            self.give(status, body, "application/octet-stream", where)
        except OSError:
            pass  # whoever asked waits no more

    def do_GET(self):
        split = urllib.parse.urlsplit(self.path)
        path, query = urllib.parse.unquote(split.path), urllib.parse.parse_qs(split.query)
        own = f"http://127.0.0.1:{self.server.server_address[1]}"
        with lock:
            asked.append(self.path)
            lock.notify_all()
        if path == "/written":
            self.say(200, [body for _, _, body in written])
        elif not self.known(path):
            self.unknown(path)
        elif path.endswith("/api/v1/notifications"):
            since = int(query.get("min_id", ["0"])[0])
            newer = [m for m in mentions if int(m["id"]) > since][:int(query.get("limit", ["40"])[0])]
            self.say(200, newer[::-1])  # the newest first
        elif path.endswith("/getFile"):
            self.file_of_bot(query["file_id"][0])
        elif "/file/bot" in path or path.startswith("/media/"):
            self.file(path.rsplit("/", 1)[1])
        else:
            name = path.rsplit("/", 1)[1]
            url = json.loads(files[name][1]) if name.startswith("at-") else f"{own}/media/{name}"
            self.say(200, {"messaging_product": "whatsapp", "url": url, "mime_type": "image/png",
                           "sha256": hashlib.sha256(PICTURE).hexdigest(), "file_size": len(PICTURE), "id": name})

    def file_of_bot(self, name):
        self.say(200, {"ok": True, "result": {"file_id": name, "file_unique_id": "u" + name, "file_size": len(PICTURE),
                                              "file_path": "photos/" + name}})

    def do_POST(self):
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
        if not self.known(path):
            self.unknown(path)
            return
        if path.endswith("/getFile"):
            self.file_of_bot(body["file_id"])
            return
        with lock:
            status, headers = answers.pop(0) if answers else (200, ())
            if body.get("to") in limited:
                status, headers = 429, (("Retry-After", "1"),)
            if body.get("to") in closed:
                status, headers = 400, ()
            if status == 200:
                written.append((self.path, dict(self.headers), body))
            number = len(written)
            lock.notify_all()
        if body.get("to", body.get("chat_id")) in silent:
            time.sleep(20)
        if path.endswith("/sendMessage"):
            self.say(status, {"ok": True, "result": {"message_id": number, "date": int(time.time()), "text": body["text"],
                              "chat": {"id": int(body["chat_id"]), "type": "private"}, "from": {"id": 1, "is_bot": True, "first_name": "Shop"}}}
                     if status == 200 else {"ok": False, "error_code": status, "description": "Too Many Requests: retry after 1",
                                            "parameters": {"retry_after": 1}}, headers)
        elif path.endswith("/statuses"):
            self.say(status, mention(number, body["status"], in_reply_to_id=body.get("in_reply_to_id"),
                                     visibility=body.get("visibility", "public"), id=f"out{number}")["status"], headers)
        else:
            self.say(status, {"messaging_product": "whatsapp", "contacts": [{"input": body["to"], "wa_id": body["to"].lstrip("+")}],
                              "messages": [{"id": names.pop() if names else f"out{number}"}]} if status == 200 else
                     {"error": {"message": "(#131047) Re-engagement message", "type": "OAuthException", "code": 131047}} if status == 400 else
                     {"error": {"message": "(#130429) Rate limit hit", "type": "OAuthException", "code": 130429}}, headers)


class Networks(ThreadingHTTPServer):
    def handle_error(self, *given):
        """An adapter may be killed while it asks, which is nobody's fault."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(*given)


def wait_for(what, check):
    end = time.monotonic() + 90
    with lock:
        while not check():
            if not lock.wait(max(0.0, end - time.monotonic())):
                raise SystemExit(f"FAILED: never: {what}: {written} {asked}")


def call(folder, name, method, path, body=b"", headers=()):
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


def cloud_request(messages, statuses=(), account="77"):
    """messages: (who, id, text), or (who, id, an object of the message's type). A request's body."""
    now = str(int(time.time()))
    value = {"messaging_product": "whatsapp", "metadata": {"display_phone_number": "15550001", "phone_number_id": account}}
    if messages:
        value["contacts"] = [{"profile": {"name": "Zoë <b>"}, "wa_id": "49170" + messages[0][0]}]
        value["messages"] = [{"from": "49170" + who, "id": name, "timestamp": now,
                              **({"type": "text", "text": {"body": text}} if isinstance(text, str) else text)} for who, name, text in messages]
    if statuses:
        value["statuses"] = [{"id": name, "status": status, "timestamp": now, "recipient_id": "491701"} for name, status in statuses]
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "5", "changes": [{"field": "messages", "value": value}]}]}).encode()


def cloud(folder, messages, statuses=(), secret=b"cloud secret", spoil=False, account="77"):
    body = cloud_request(messages, statuses, account)
    signature = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
    if spoil:
        body = body.replace(b"w", b"y", 1)
    return call(folder, "cloud", "POST", "/hook", body, {"X-Hub-Signature-256": signature, "Content-Type": "application/json"}.items())[0]


def bot(number, text="", **more):
    message = {"message_id": number, "from": {"id": 42, "is_bot": False, "first_name": "Ann"},
               "chat": {"id": 42, "type": "private", "first_name": "Ann"}, "date": 1700000000, **more}
    return {"update_id": number, "message": {**message, "text": text} if text else message}


def photo(name):
    """Sizes of one picture, the smallest first."""
    return [{"file_id": one, "file_unique_id": "u" + one, "width": width, "height": width, "file_size": width}
            for one, width in (("thumb", 90), (name, 800))]


def said(folder, update, secret="bot secret"):
    return call(folder, "bot", "POST", "/", json.dumps(update).encode(),
                (("X-Telegram-Bot-Api-Secret-Token", secret), ("Content-Type", "application/json")))[0]


def serve(folder):
    sys.dont_write_bytecode = True
    server = Networks(("127.0.0.1", 0), Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with open(folder + "/api", "w") as file:
        file.write(str(server.server_address[1]))
    return server.server_address[1]


if __name__ == "__main__":  # FOLDER: for the clients, which listen at FOLDER/cloud.port and FOLDER/bot.port
    mentions.append(mention(31, "<p>Where is my <b>parcel</b>?</p>"))
    serve(sys.argv[1])
    for line in sys.stdin:
        must(line.strip(), "call", "the order")
        must(cloud(sys.argv[1], [("1", "m1", "hello")]), 200, "the cloud's client takes a message")
        must(cloud(sys.argv[1], [("1", "m2", {"type": "image", "image": {"id": "lamp", "mime_type": "image/png", "caption": "my lamp"}})]), 200, "a picture")
        must(cloud(sys.argv[1], [], [("out1", "delivered")]), 200, "a status")
        must(cloud(sys.argv[1], [("1", "m1", "hello")], secret=b"guessed"), 403, "a wrong signature")
        must(said(sys.argv[1], bot(9, "hello")), 200, "the bot's client takes a message")
        must(said(sys.argv[1], bot(10, photo=photo("lamp"), caption="my lamp")), 200, "a picture")
        must(said(sys.argv[1], {"update_id": 11, "edited_message": {**bot(9, "hullo")["message"], "edit_date": 1700000009}}), 200, "an edit")
        must(said(sys.argv[1], bot(12, "hello"), "wrong"), 403, "a wrong secret")
        print("called", flush=True)
