# sms_provider.py FOLDER - A provider of short messages by HTTP: its API, and its calls. Our port is written to FOLDER/api.
import base64, hashlib, hmac, http.client, json, os, sys, threading, time, urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

folder = sys.argv[1]
lock, written, refusals, slow = threading.Condition(), [], [], set()
under_way, together = set(), []  # customers; those who were written to while a message to them was under way
OURS, URL, LONG = "+4930123", "https://texts.example/hook", "a long word " * 30


class Api(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        with lock:
            if body["To"] in under_way:
                together.append(body["To"])
            under_way.add(body["To"])
            if body["Body"].startswith("slow"):  # two of them are asked for at once
                slow.add(body["To"])
                lock.notify_all()
                assert lock.wait_for(lambda: len(slow) == 2, 20), slow
            status = refusals.pop() if refusals else 201
            if status == 201:
                written.append(body)
            name = "x" * 70000 if body["Body"] == "long" else f"SMout{len(written)}"
            answer = b"<p>Please log in." if body["Body"] == "page" else json.dumps({"sid": name, "num_segments": "3"}).encode()
            under_way.discard(body["To"])
            lock.notify_all()
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


def must(got, wanted):
    assert got == wanted, f"{got!r}, not {wanted!r}"


def wrote(count):
    with lock:
        assert lock.wait_for(lambda: len(written) >= count, 60), written
        return written[count - 1]


def port(name):
    with open(f"{folder}/{name}") as file:
        return int(file.read())


def call(fields, token=b"12345"):
    signed = URL + "".join(key + fields[key] for key in sorted(fields))
    signature = base64.b64encode(hmac.new(token, signed.encode(), hashlib.sha1).digest()).decode()
    link = http.client.HTTPConnection("127.0.0.1", port("hook.port"), timeout=60)
    link.request("POST", "/hook", urllib.parse.urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature})
    return link.getresponse().status


def came(name, customer, text, to=OURS, **more):
    return call({"MessageSid": name, "AccountSid": "AC77", "From": customer, "To": to, "Body": text, **more})


def application(method, path, body=None):
    link = http.client.HTTPConnection("127.0.0.1", port("http.port"), timeout=60)
    link.request(method, path, json.dumps(body) if body else None, {"Authorization": "Bearer ours"})
    answer = link.getresponse()
    return answer.status, json.loads(answer.read())


def await_state(path, state):
    end = time.monotonic() + 60
    while application("GET", path) != (200, {"state": state}):
        assert time.monotonic() < end, application("GET", path)
        time.sleep(0.05)


server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
threading.Thread(target=server.serve_forever, daemon=True).start()
with open(folder + "/api", "w") as file:
    file.write(str(server.server_address[1]))
sys.stdin.readline()

ann, bob = "+33612345601", "+33612345602"
must(call({"MessageSid": "SM1", "From": ann, "To": OURS, "Body": "hello"}, b"guessed"), 403)
must(came("SM0", ann, "for nobody", "+4930999"), 200)
must(came("SM0", ann, "for another", AccountSid="AC78"), 200)
for _ in range(2):  # it comes again
    must(came("SM1", ann, LONG), 200)
must(wrote(1), {"To": ann, "From": OURS, "Body": "We have it: " + LONG, "StatusCallback": URL})
for state in ("sent", "delivered"):
    must(call({"MessageSid": "SMout1", "AccountSid": "AC77", "MessageStatus": state}), 200)
# The same words again are a message of their own; the provider asks for less once, and does not know our token once.
with lock:
    refusals.extend([401, 429])
must(came("SM2", ann, LONG), 200)
must(wrote(2)["To"], ann)
must(call({"MessageSid": "SMout2", "AccountSid": "AC77", "MessageStatus": "undelivered"}), 200)
# Machines do not answer each other for ever: what a number of ours writes is nothing, one that was answered twice is not answered.
must(came("SM4", ann, "Again"), 200)
must(came("SM5", OURS, "Again"), 200)
# Applications send; an id goes once.
parcel = {"id": "p-1", "to": bob, "text": "Your parcel is here."}
must(application("POST", "/messages", parcel), (202, {"state": "going", "parts": 1}))
must(wrote(3)["Body"], parcel["text"])
await_state("/messages/p-1", "accepted")
must(application("POST", "/messages", parcel), (200, {"state": "accepted", "parts": 1}))
# Who has left is told so once, and is sent nothing.
must(came("SM3", bob, "STOP"), 200)
must("no more messages" in wrote(4)["Body"], True)
must(came("SM3", bob, "STOP"), 200)
must(application("POST", "/messages", {**parcel, "id": "p-2"})[0], 409)
with lock:
    refusals.append(400)
must(application("POST", "/messages", {"id": "p-3", "to": "+33612345603", "text": "?"})[0], 202)
await_state("/messages/p-3", "failed")
must(len(written), 4)
# A conversation: what begins it, is answered, goes on, and is over for whom has left.
carl, dora = "+33612345604", "+33612345605"
must(came("SM6", carl, "chat about my lamp"), 200)
must(wrote(5), {"To": carl, "From": OURS, "Body": "We have it: ", "StatusCallback": URL})
must(call({"MessageSid": "SMout5", "AccountSid": "AC77", "MessageStatus": "delivered"}), 200)
for _ in range(2):
    must(came("SM7", carl, "it is dark"), 200)
# Several go at once, those to one customer in their order.
for n, to in enumerate((carl, carl, dora, carl, dora)):
    must(application("POST", "/messages", {"id": f"q-{n}", "to": to, "text": f"slow {n}"})[0], 202)
wrote(10)
must(together, [])
for to, numbers in ((carl, "013"), (dora, "24")):
    must([one["Body"] for one in written[5:] if one["To"] == to], [f"slow {n}" for n in numbers])
must(came("SM8", carl, "STOP"), 200)
must("no more messages" in wrote(11)["Body"], True)
must(application("POST", "/messages", {**parcel, "id": "p-4", "to": carl})[0], 409)
# A name that no receipt can have: the message was taken, and the next ones go.
must(application("POST", "/messages", {"id": "r-1", "to": dora, "text": "long"})[0], 202)
await_state("/messages/r-1", "accepted")
must(application("POST", "/messages", {"id": "r-2", "to": dora, "text": "short"})[0], 202)
must(wrote(13)["Body"], "short")
# What can never be taken is refused for good, and a zero is one of the bytes that are signed.
for _ in range(2):
    must(came("", dora, "without a name"), 400)
    must(came("S" * 256, dora, "with a long one"), 400)
must(came("SM9", dora, "a zero\0 within"), 200)
must(wrote(14)["Body"], "We have it: a zero within")
# Words in turns: the customer is told as often as machines may write.
emma = "+33612345606"
for n, word in enumerate(("STOP", "START") * 3):
    must(came(f"SM2{n}", emma, word), 200)
must(application("POST", "/messages", {"id": "r-3", "to": emma, "text": "the end"})[0], 202)
must(wrote(17)["Body"], "the end")
must(len([one for one in written if one["To"] == emma]), 3)
# A file is named below the text; it hides no word by which customers leave.
file, fred = {"MediaUrl0": "https://files.example/1", "MediaContentType0": "image/jpeg"}, "+33612345607"
must(came("SM31", fred, "see", **file), 200)
must(wrote(18)["Body"], "We have it: see\nimage/jpeg https://files.example/1")
must(came("SM32", fred, "", MediaUrl0="https://files.example/2"), 200)
must(wrote(19)["Body"], "We have it: file https://files.example/2")
# Plain characters where they fit: an ellipsis is three dots. A text that the network takes as it was written goes so.
must(application("POST", "/messages", {"id": "t-1", "to": "+33612345609", "text": "It’s here…"})[0], 202)
must(wrote(20)["Body"], "It's here...")
longest = "…" + "a" * 1599
must(application("POST", "/messages", {"id": "t-2", "to": "+33612345609", "text": longest})[0], 202)
must(wrote(21)["Body"], longest)
must(application("POST", "/messages", {"id": "t-3", "to": "+33612345609", "text": longest + "a"})[0], 400)
must(came("SM33", fred, "STOP", **file), 200)
must(application("POST", "/messages", {**parcel, "id": "p-5", "to": fred})[0], 409)
# A page of somebody between us and the provider is no sign that the message was taken.
must(application("POST", "/messages", {"id": "s-1", "to": dora, "text": "page"})[0], 202)
await_state("/messages/s-1", "unknown")
# What says nothing of a message is nothing wrong, and is not brought again.
must(call({"MessageSid": "SMout1", "AccountSid": "AC77", "MessageStatus": "queued"}), 200)
must(call({"AccountSid": "AC77", "Greeting": "hello"}), 200)
# A conversation that begins with the answer to a question how it was is over by it.
gina = "+33612345610"
must(came("SM41", gina, "judge"), 200)
must(wrote(23)["Body"], "How was it?")
must(came("SM42", gina, "4 of 5"), 200)
print("done", flush=True)
sys.stdin.readline()
# Another network has the text in a header, where two lines would be two headers.
must(application("POST", "/messages", {"id": "h-1", "to": dora, "text": "two\nlines"})[0], 202)
await_state("/messages/h-1", "failed")
must(application("POST", "/messages", {"id": "h-2", "to": dora, "text": "one line"})[0], 202)
must(wrote(len(written) + 1)["Body"], "one line")
print("over", flush=True)
sys.stdin.readline()
