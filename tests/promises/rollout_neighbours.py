# rollout_neighbours.py - For rollout_neighbours.sh: figures DIR PORT, the source of figures; crowd DIR TOP NUMBER, twelve who
# write a mail and three who chat, until each has been taken; look DIR NUMBER came|settled LOST, what the core says of so many
# crowds: of them all at most LOST had no figure.
import collections, http.server, json, os, smtplib, socket, sys, time

WRITE, CHAT, PATIENCE = 12, 3, 10
DIR = sys.argv[2]


def told(name):
    with open(os.path.join(DIR, name)) as file:
        return file.read().strip()


class Figures(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "1")
        self.end_headers()
        self.wfile.write(b"7")

    def log_message(self, *_):
        pass


def figures(port):
    http.server.ThreadingHTTPServer.request_queue_size = 64
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Figures)
    with open(DIR + "/figures.new", "w") as out:
        out.write(str(server.server_port))
    os.rename(DIR + "/figures.new", DIR + "/figures.port")
    server.serve_forever()


# As a mail server does it: once more, until it is taken, under the same Message-Id.
def until(tries):
    while True:
        try:
            return tries()
        except (OSError, EOFError, ValueError, smtplib.SMTPException):
            time.sleep(0.05)


def mail(who, number):
    server = smtplib.LMTP("127.0.0.1", int(told("mail.port")), timeout=PATIENCE)
    server.sendmail(f"w{who}@example.org", ["service@shop.example"],
                    f"From: w{who}@example.org\r\nTo: service@shop.example\r\nSubject: {number}\r\nMessage-Id: <{number}.{who}@example.org>\r\n"
                    "Date: Fri, 2 Jan 2026 10:00:00 +0000\r\n\r\nhello\r\n")
    server.quit()


def chat(number):
    from websocket import WebSocket
    line = WebSocket(socket.create_connection(("127.0.0.1", int(told("chat.port"))), PATIENCE), "localhost", "/chat", {"Origin": "https://shop.example"})
    line.send({"type": "begin", "queue": "talks", "name": f"c{number}"})
    for said in ({"type": "message", "id": "c:1", "text": "hello"}, None):
        while (heard := line.hear()["type"]) not in ("accepted", "kept"):
            if heard in ("end", "closed"):
                raise EOFError
        if said:
            line.send(said)


def crowd(number):
    for who in range(WRITE):
        until(lambda: mail(who, number))
    for one in range(CHAT):
        until(lambda: chat(f"{number}.{one}"))


# Of a mail whose sender is known to the database the priority is 100 and ten for each that the source of figures tells of,
# and one more by the new version. Chats whose answer was lost are begun again: there may be more than were asked for.
def version(row):
    return row["priority"] % 10


def look(crowds, what, lost_most):
    def ask(**asked):
        line.sendall((json.dumps(asked) + "\n").encode())
        return json.loads(answers.readline())

    def rows():
        all = ask(command="interactions", limit=0)["interactions"]
        return [[one for one in all if one["media"] == media] for media in ("chat", "email")]

    line = socket.socket(socket.AF_UNIX)
    line.connect(DIR + "/state/admin.sock")
    answers = line.makefile()
    state = ("queued", "ended") + (("routing",) if what == "came" else ())  # a chat ends when its page stays away
    for _ in range(600):
        chats, mails = rows()
        if len(mails) >= crowds * WRITE and len(chats) >= crowds * CHAT and all(one["state"] in state for one in chats + mails):
            break
        time.sleep(0.2)
    else:
        sys.exit(f"{len(chats)} chats, {len(mails)} mails after {crowds} crowds: {[one for one in chats + mails if one['state'] not in state][:5]}")
    if what == "came":
        waiting = [one for one in chats + mails if one["state"] == "routing"]
        return None if waiting else sys.exit(f"nobody waits for what stands still, in crowd {crowds}")
    assert len(mails) == crowds * WRITE, f"{len(mails)} mails of {crowds} crowds"
    versions = collections.defaultdict(set)
    for one in mails:
        versions[one["ani"]].add(version(one))
        assert one["priority"] >= 100, f"the database's answer is lost: {one}"
    assert len(versions) == WRITE and all(len(had) == 1 for had in versions.values()), f"somebody had both versions: {versions}"
    assert all(one["priority"] >= 100 for one in chats), f"the database's answer is lost: {chats}"
    lost = sum(one["priority"] < 170 for one in chats + mails)
    assert lost <= lost_most, f"{lost} have no figure"
    for rollout, came in zip(ask(command="rollouts")["rollouts"], (chats, mails)):
        arms = rollout["arms"]
        assert rollout["state"] == "canary", rollout
        for arm, newer in (("candidate", 1), ("control", 0)):
            books = arms[arm]
            assert books["arrived"] == books["ended"] + books["out"] + books["live"], books
            assert books["arrived"] == sum(version(one) == newer for one in came), (rollout["point"], arms, len(came))
    print(f"{len(mails)} mails, {len(chats)} chats, {lost} without a figure:", {one: next(iter(had)) for one, had in versions.items()})


{"figures": lambda: figures(int(sys.argv[3])), "crowd": lambda: sys.path.insert(0, sys.argv[3] + "/tests/flows") or crowd(int(sys.argv[4])),
 "look": lambda: look(int(sys.argv[3]), sys.argv[4], int(sys.argv[5]))}[sys.argv[1]]()
