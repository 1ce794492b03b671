# no_reply.py DIR TOP GCXCTL - The people of no_reply.sh: applications that submit letters, and two agents who accept
# them and are done with them only in the end.
import json, os, select, subprocess, sys, time, urllib.request

GCXCTL = sys.argv[3]
sys.path.insert(0, os.path.join(sys.argv[2], "tests/flows"))
from desk_client import *

GIVEN, LATE = 3.0, 1.0 + 9.0  # the strategy gives 3 s; a second, and what a busy machine adds until the page is told
back = [0.0]  # when the router, or the desk, was there again the last time
shared = [None]  # since when two pages have the same letter
had = {}  # by letter: the claims by which somebody had it; it was taken back once for each but the last


def submit(id):
    port = open(f"{DIR}/work.port").read().strip()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/work", json.dumps({"id": id, "queue": "letters"}).encode(),
                                     {"Authorization": "Bearer secret"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["interaction"]


class Agent:
    def __init__(self, name):
        self.name, self.browser, self.has, self.works = name, Browser().log_in(name, "secret"), {}, False
        self.desk = Desk(self.browser)
        self.desk.ready("work")

    def look(self):
        while self.desk.waiting or self.desk.bytes or select.select([self.desk.socket], [], [], 0.02)[0]:
            self.takes(self.desk.waiting.pop(0) if self.desk.waiting else self.desk.hear())
        for ixn, since in self.has.items():
            self.in_time(ixn, since)

    # Whoever has it for so long is told in time that they have it no more.
    def in_time(self, ixn, since):
        now = time.time()
        assert now < max(since + GIVEN, back[0]) + LATE, (self.name, ixn, now - since, now - back[0])

    def takes(self, one):
        if one["type"] == "offer":
            self.desk.ask("accept", claim=one["claim"])
        elif one["type"] == "opened" and one["ixn"] not in self.has:
            self.has[one["ixn"]] = time.time()
            had[one["ixn"]].add(one["claim"])
        elif one["type"] == "closed" and one["ixn"] in self.has:
            self.in_time(one["ixn"], self.has.pop(one["ixn"]))
        if self.works:
            for ixn in self.has:
                self.desk.ask("done", ixn=ixn)

    # The page of a desk that was killed comes back, and has what the agent has.
    def comes_back(self):
        self.desk = Desk(self.browser)
        held = [one["ixn"] for one in self.desk.held if one["type"] == "opened"]
        for ixn in [ixn for ixn in self.has if ixn not in held]:
            del self.has[ixn]
        self.desk.waiting += [one for one in self.desk.held if one["type"] in ("offer", "opened")]


def until(holds):
    last = time.time() + 60
    while not holds():
        assert time.time() < last, ("never", [(agent.name, agent.has) for agent in agents], had)
        for agent in agents:
            agent.look()
        both = set(agents[0].has) & set(agents[1].has)  # one page may be read before the other
        shared[0] = shared[0] or time.time() if both else None
        assert not both or time.time() < shared[0] + LATE, ("two agents have", both)


def rests(seconds):
    end = time.time() + seconds
    until(lambda: time.time() > end)


# So many times each letter was taken back, and each agent has one again.
def each_has(times):
    until(lambda: min(map(len, had.values())) > times and all(agent.has for agent in agents))


# The router goes in this way, and is begun again so many seconds later; a desk goes with a router that is stopped.
def does(how, away):
    back[0] = float("inf")
    if how == "stop":
        open(f"{DIR}/desk.port", "w").close()
    with open(f"{DIR}/does.new", "w") as file:
        file.write(f"{how} {away}\n")
    os.rename(f"{DIR}/does.new", f"{DIR}/does")
    if how == "stop":
        while not open(f"{DIR}/desk.port").read():
            time.sleep(0.05)
        PORT["desk"] = int(open(f"{DIR}/desk.port").read())
        for agent in agents:
            agent.comes_back()
    until(lambda: os.path.exists(f"{DIR}/back"))
    with open(f"{DIR}/back") as file:
        back[0] = float(file.read())
    os.remove(f"{DIR}/back")


def ctl(*words):
    return json.loads(subprocess.run([GCXCTL, "--socket", f"{DIR}/state/admin.sock", *words, "--json"], check=True, capture_output=True).stdout)


agents = []
agents += [Agent("marie"), Agent("paul")]
for letter in (submit("a"), submit("b")):
    had[letter] = set()
each_has(1)
does("kill", 0)  # the reply is due when the router is back
each_has(2)
does("kill", 3.2)  # it is due while the router is away
each_has(3)
rests(2.8)
does("kill", 0.1)  # it is due just now
each_has(4)
does("stop", 1)
each_has(5)
rests(1)
back[0] = float("inf")
with open(f"{DIR}/desk.pid", "w") as file:
    file.write(str([one["pid"] for one in ctl("status")["links"] if one["name"] == "desk"][0]))
desk_is_killed()
for agent in agents:
    agent.comes_back()
back[0] = time.time()
each_has(6)
counts = {letter: ctl("data", letter)["data"]["missed"] for letter in had}
assert counts == {letter: len(claims) - 1 for letter, claims in had.items()}, (counts, had)  # nothing was taken back twice, and nothing without a word
for agent in agents:
    agent.works = True
until(lambda: not any(agent.has for agent in agents))
print(f"{sum(counts.values())} times a letter was left lying, and was taken back in time")
