"""chat_kills.py DIR TOP GCXCTL - Three customers and their agent, for chat_kills.sh. A customer says something until it is
acknowledged, the agent answers it until that is, and the customer reads the answer and goes on."""
import threading, traceback

from desk_client import *

EACH, LONG = 5, 120
LOST = (OSError, EOFError, ValueError, KeyError, Refused)
book, lock, failed = open(f"{DIR}/said", "a", buffering=1), threading.Lock(), []
ended = threading.Event()


def wrong(why):
    failed.append(why)
    ended.set()


def note(text):
    with lock:
        print(text, file=book)


def may_say():
    return int(open(f"{DIR}/round").read()) * EACH


class Person(threading.Thread):
    """`live()` is called again whenever it has lost its connection."""
    def __init__(self, name):
        super().__init__(daemon=True)
        self.name, self.moved = name, time.monotonic()

    def run(self):
        while not ended.is_set():
            try:
                self.live()
                return
            except LOST:
                time.sleep(0.05)
            except BaseException:
                wrong(f"{self.name}: {traceback.format_exc()}")

    def waits(self):
        if time.monotonic() - self.moved > LONG:
            wrong(f"{self.name} waits in vain: {vars(self)}")


class Customer(Person):
    def __init__(self, name):
        super().__init__(name)
        self.token, self.index, self.number, self.kept, self.read = None, 0, 1, False, 0

    def live(self):
        self.link = Socket(int(open(f"{DIR}/chat.port").read()), "/chat", {"Origin": "https://shop.example"})
        self.link.socket.settimeout(2)
        if self.token:
            self.link.send({"type": "resume", "token": self.token, "index": self.index})
        else:
            self.link.send({"type": "begin", "name": self.name, "queue": "service"})
        self.until(lambda one: one["type"] == "accepted")
        while not ended.is_set():
            if self.read == self.number:  # the answer, too
                self.number, self.kept = self.number + 1, False
            while self.number > may_say():
                if os.path.exists(f"{DIR}/enough"):
                    return
                time.sleep(0.01)
            text = f"{self.name} {self.number}"
            if not self.kept:
                self.link.send({"type": "message", "id": f"m{self.number}", "text": text})
                self.until(lambda one: self.kept or one["type"] == "error")
            if self.kept:
                self.until(lambda one: self.read == self.number)
            else:
                time.sleep(0.05)

    def until(self, enough):
        while not ended.is_set():
            one = self.link.hear()
            self.waits()
            self.take(one)
            if enough(one):
                return

    def take(self, one):
        if one["type"] == "end":
            raise EOFError
        if one["type"] == "accepted":
            self.token = one["token"]
        elif one["type"] == "closed" or one.get("code") in ("unknown", "not_open", "too_many"):
            wrong(f"{self.name} has lost the chat: {one}")
        elif one["type"] == "error" and not self.token:
            raise EOFError
        elif one["type"] == "kept" and one["id"] == f"m{self.number}" and not self.kept:
            self.kept = True
            note(f"{self.name} {self.number}")
        elif one["type"] == "message":
            if one["index"] <= self.index:
                wrong(f"{self.name} reads place {one['index']} behind {self.index}: {one}")
            self.index, self.moved = one["index"], time.monotonic()
            if one["role"] == "agent":
                self.read += 1
                if one["text"] != f"re {self.name} {self.read}":
                    wrong(f"{self.name} reads {one['text']!r} as number {self.read}")


class Agent(Person):
    def __init__(self):
        super().__init__("marie")
        self.browser, self.stored, self.answered, self.is_ready = None, {}, {}, False

    def live(self):
        PORT["desk"] = int(open(f"{DIR}/desk.port").read())
        if not self.browser:
            self.browser = Browser().log_in("marie", "secret")
        self.desk = Desk(self.browser)
        self.desk.socket.settimeout(2)
        self.desk.waiting += self.desk.held
        if not self.is_ready:
            self.desk.ready("chat")
            self.is_ready = True
        for ixn in self.stored:
            self.reads(ixn)
        while not ended.is_set():
            try:
                self.take(self.desk.waiting.pop(0) if self.desk.waiting else self.desk.hear())
            except TimeoutError:  # nothing is said
                pass
            self.waits()
            if all(not one.is_alive() for one in customers):
                return

    def take(self, one):
        if one["type"] == "end":
            raise EOFError
        if one["type"] == "offer":
            self.request("accept", claim=one["claim"])
        elif one["type"] == "opened" and one["ixn"] not in self.stored:
            self.stored[one["ixn"]] = self.asks(f"/api/stored?media=chat&external_id={one['external_id']}")["interaction"]
            self.reads(one["ixn"])
        elif one["type"] == "closed":
            wrong(f"the agent has lost the chat: {one}")
        elif one["type"] == "core" and one["up"]:
            for ixn in self.stored:
                self.reads(ixn)
        elif one["type"] == "message" and one["role"] == "customer" and one["ixn"] in self.stored:
            self.answers(one["ixn"], one["text"])

    def asks(self, path):
        while not ended.is_set():
            try:
                return self.browser.get(path)
            except AssertionError as why:
                if why.args[0][2] != 503:  # the store is away
                    raise
            time.sleep(0.05)
            self.waits()
        raise EOFError

    # Messages that were said while nobody heard them here.
    def reads(self, ixn):
        since = 0
        while page := self.asks(f"/api/interactions/{self.stored[ixn]}/transcript?after={since}")["messages"]:
            for line in page:
                since = line["index"]
                if line["role"] == "customer" and line["text"]:
                    self.answers(ixn, line["text"])

    def answers(self, ixn, text):
        name, number = text.split()
        if int(number) <= self.answered.get(name, 0):
            return
        if int(number) != self.answered.get(name, 0) + 1:
            wrong(f"the agent reads {text!r} behind {self.answered}")
        while not ended.is_set() and not self.request("message", ixn=ixn, key=text, text=f"re {text}")["ok"]:
            time.sleep(0.05)
            self.waits()
        self.answered[name], self.moved = int(number), time.monotonic()
        note(f"re {text}")

    def request(self, type, **more):
        self.desk.number += 1
        self.desk.send({"type": type, "id": self.desk.number, **more})
        return self.desk.expect("reply", id=self.desk.number)


customers = [Customer(name) for name in ("anna", "bob", "carl")]
people = customers + [Agent()]
for one in people:
    one.start()
for one in people:
    one.join()
for one in customers:
    if one.read != one.number and one.read != one.number - 1:
        wrong(f"{one.name} has read {one.read} answers to {one.number}")
print("\n".join(failed) or "all is read")
sys.exit(bool(failed))
