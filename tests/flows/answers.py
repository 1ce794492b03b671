# answers.py DIR TOP WHAT... - Marie at her desk, for the promises about e-mails: whatever goes away comes back, and she
# does it again. WHAT: `answer COUNT` answers so many mails of the queue `desk`, each with "Answer to NAME", and is done with
# them; `later COUNT` sends them later, the first in some seconds and the others in an hour, and `back` takes back the one that waits; `told` answers one mail, keeps it, and waits until its history says that the answer has gone; `finish` is done with the first mail of the queue unanswered; `release` puts the first one of `parked` into
# `outbound` again; `close NAME` as a supervisor ends NAME's mail in the queue; `shown NAME` prints what the desk shows of NAME's mails.
import sys, time, urllib.parse
sys.path.insert(0, sys.argv[2] + "/tests/flows")
sys.argv[1:3], what = sys.argv[1:3], sys.argv[3:]
while True:
    try:
        from desk_client import *
        break
    except (OSError, ValueError):  # the desk is being started
        time.sleep(0.05)

GONE = (OSError, EOFError, http.client.HTTPException, Refused, AssertionError, ValueError, json.JSONDecodeError)


# Asked again until it is done: ports change, connections end, the core is away.
def again(do):
    ends = time.time() + 240
    while True:
        try:
            PORT["desk"] = int(open(f"{DIR}/desk.port").read() or 0)
            return do()
        except GONE as why:
            if time.time() > ends:
                raise
            time.sleep(0.05)


class Agent:
    def __init__(self, name):
        self.name, self.desk = name, None

    def at_desk(self):
        if not self.desk:
            browser = Browser().log_in(self.name, "secret")
            desk = Desk(browser)
            desk.ask("state", media="email", state="not_ready")
            self.browser, self.desk = browser, desk
        return self.desk

    def do(self, what):
        def tried():
            try:
                return what(self.at_desk())
            except GONE:
                self.desk = None
                raise
        return again(tried)

    # A mail of the queue; one that was taken before the connection ended is still hers.
    def take(self, queue):
        def tried(desk):
            held = [one for one in desk.held if one["type"] == "opened"]
            if held:
                desk.held.remove(held[0])
                return held[0]
            ids = [one["id"] for one in self.browser.get(f"/api/queues/{queue}?limit=1").get("items", [])]
            assert ids, "nothing is there yet"
            desk.ask("pull", queue=queue, ids=ids)
            return desk.expect("opened", ixn=ids[0])
        return self.do(tried)

    def gone(self, desk, item):
        desk.held = [one for one in desk.held if one.get("ixn") != item["ixn"]]

    def done(self, item):
        def tried(desk):
            try:
                desk.ask("done", ixn=item["ixn"])
            except AssertionError as why:
                if not any(word in str(why) for word in ("gone", "unknown", "no_privilege")):
                    raise
            self.gone(desk, item)
        self.do(tried)


def answer(count):
    marie = Agent("marie")
    for _ in range(count):
        item = marie.take("desk")
        name = item["from"].split("@")[0]
        words = f"Answer to {item['subject'].split()[-1]}"
        key = os.urandom(8).hex()
        marie.do(lambda desk: desk.ask("send", ixn=item["ixn"], key=key, to=[item["from"] if name != "refused" else "nobody@refused.example"],
                                       subject="Re: " + item["subject"], text=words))
        marie.done(item)


# She has the mail still while her answer goes, and is told when it has gone.
def told():
    marie = Agent("marie")
    item = marie.take("desk")
    desk, words = marie.desk, f"Answer to {item['subject'].split()[-1]}"
    desk.ask("send", ixn=item["ixn"], key="told", to=[item["from"]], subject="Re: " + item["subject"], text=words)
    while desk.expect("who", ixn=item["ixn"])["who"].get("under_way") != 1:
        pass
    while "under_way" in (who := desk.expect("who", ixn=item["ixn"])["who"]):
        pass
    sent = [one for one in marie.browser.get(f"/api/contacts/{who['contact']}/history")["interactions"] if one["subject"].startswith("Re: ")]
    assert [one["result"] for one in sent if one["ended"]] == ["accepted"], sent
    marie.done(item)


# Later, with copies, a blind one and a receipt: the first in some seconds, the others in an hour.
def later(count):
    marie = Agent("marie")
    items = sorted((marie.take("desk") for _ in range(count)), key=lambda item: int(item["from"].split("@")[0][1:]))
    for n, item in enumerate(items):
        key, at = os.urandom(8).hex(), int(time.time() * 1000) + (3600_000 if n else 5000)
        words = f"Answer to {item['subject'].split()[-1]}"
        marie.do(lambda desk: desk.ask("send", ixn=item["ixn"], key=key, at=at, to=[item["from"]], cc=[f"copy{n}@example.org" for n in range(1, 41)],
                                       bcc=["Boss@EXAMPLE.org"], receipt=True, subject="Re: " + item["subject"], text=words))
        marie.done(item)


def back():
    marie = Agent("marie")

    def tried(desk):
        ids = [one["id"] for one in marie.browser.get("/api/workbins/later")["items"]]
        assert len(ids) == 1, ids
        desk.ask("pull", workbin="later", ids=ids)
        return desk.expect("opened", ixn=ids[0])
    marie.done(marie.do(tried))


def finish():
    marie = Agent("marie")
    marie.done(marie.take("desk"))


def release():
    marie = Agent("marie")
    item = marie.take("parked")
    marie.do(lambda desk: desk.ask("move", ixn=item["ixn"], how="place", to="queue", name="outbound"))


def close(name):
    anne = Agent("anne")

    def tried(desk):
        ids = [one["id"] for one in anne.browser.get("/api/queues/desk?limit=50").get("items", []) if one["from"].startswith(name + "@")]
        assert ids, "nothing is there yet"
        desk.ask("done", ixn=ids[0])
    anne.do(tried)


def shown(name):
    marie = Agent("marie")

    def tried(desk):
        contact = marie.browser.get(f"/api/contacts?q={urllib.parse.quote(name)}@")["contacts"][0]["contact"]
        for one in marie.browser.get(f"/api/contacts/{contact}/history")["interactions"]:
            print(one["direction"], one.get("result", "-"), "ended" if one.get("ended") else "open")
            for line in marie.browser.get(f"/api/interactions/{one['interaction']}/transcript")["messages"]:
                print("   ", line.get("kind"), line["text"])
    marie.do(tried)


dict(answer=lambda count: answer(int(count)), later=lambda count: later(int(count)), back=back, told=told, finish=finish, release=release, close=close, shown=shown)[what[0]](*what[1:])
