# no_reply.py DIR TOP GCXCTL - The people of no_reply.sh: applications that submit letters, and two agents who accept
# them and are done with them only in the end.
import datetime, json, os, random, select, subprocess, sys, threading, time, urllib.request

GCXCTL = sys.argv[3]
sys.path.insert(0, os.path.join(sys.argv[2], "tests/flows"))
from desk_client import *

KILLS, OFTEN = int(os.environ.get("KILLS", "3")), 3  # more of them fall at any moment
GIVEN, MORE = 3.0, float(os.environ.get("MORE", 60))  # the strategy gives 3 s, and nobody has it for so much longer
LATE = max(MORE + 9.0, 60.0)  # what a busy machine adds until the page is told
waits = []  # when a sleep of this script ended, and how much longer than asked it lasted: how busy the machine is
back = [0.0]  # when the router, or the desk, was there again the last time
downs = []  # when it was killed or stopped
shared = [None]  # since when two pages have the same letter
had = {}  # by letter: the claims by which a page has shown it


def watches_the_machine():
    while True:
        begun = time.time()
        time.sleep(0.02)
        waits.append((time.time(), time.time() - begun - 0.02))


def submit(id):
    port = open(f"{DIR}/work.port").read().strip()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/work", json.dumps({"id": id, "queue": "letters"}).encode(),
                                     {"Authorization": "Bearer secret"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["interaction"]


class Agent:
    def __init__(self, name):
        self.name, self.browser, self.has, self.works = name, Browser().log_in(name, "secret"), {}, False
        self.desk, self.asked, self.again = Desk(self.browser), {}, {}  # by its number, an accept; by claim, when it is asked again
        self.desk.ready("work")

    def look(self):
        while self.desk.waiting or self.desk.bytes or select.select([self.desk.socket], [], [], 0.02)[0]:
            self.takes(self.desk.waiting.pop(0) if self.desk.waiting else self.desk.hear())
        for claim in [claim for claim, at in self.again.items() if at < time.time()]:
            del self.again[claim]
            self.accept(claim)
        for ixn, since in self.has.items():
            self.in_time(ixn, since)

    # Whoever has it for so long is told in time that they have it no more.
    def in_time(self, ixn, since):
        now = time.time()
        assert now < max(since + GIVEN, back[0]) + LATE, (self.name, ixn, now - since, now - back[0])

    # Does not wait for the answer: if the router was killed meanwhile, the page asks again.
    def accept(self, claim):
        self.desk.number += 1
        self.asked[self.desk.number] = claim
        self.desk.send({"type": "accept", "id": self.desk.number, "claim": claim})

    def takes(self, one):
        if one["type"] == "offer":
            self.accept(one["claim"])
        elif one["type"] == "reply" and one.get("code") == "away" and one["id"] in self.asked:
            self.again[self.asked.pop(one["id"])] = time.time() + 0.3
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
        self.desk, self.asked, self.again = Desk(self.browser), {}, {}
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
    downs.append(time.time())
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


# What the router itself says of a letter: when it was accepted, and when it was taken back.
def told(letter):
    lines, at = [], 0
    while True:
        page = ctl("trace", letter, "--from", str(at))
        lines += page["history"]
        if not page["more"]:
            break
        at = page["next"]
    return [[line["at_us"] / 1e6 for line in lines if line["what"].startswith(what)] for what in ("RequestAccept ", "No reply in time ")]


# When the router was there again each time, and when the link of the letters was back, by the router's log.
def ups():
    moment = lambda line: datetime.datetime.fromisoformat(line.split()[0].replace("Z", "+00:00")).timestamp()
    begun, back = [], []
    with open(f"{DIR}/log") as log:
        for line in log:
            if " info gcxvm epoch " in line:
                begun.append(moment(line))
                back.append(None)
            elif back and not back[-1] and " info work " in line and " is up" in line:
                back[-1] = moment(line)
    for at in reversed(range(len(back) - 1)):
        back[at] = back[at] or back[at + 1]  # it was killed before the link was back
    return list(zip(begun, back))[1:]


# What is due while the router is away, or a second before it goes and is not taken then, is due when its link is back.
# The router may take it earlier: as soon as it is there. 0.1: its log may be a little later than what it tells.
def was_due(at, end):
    for down, (begun, up) in aways:
        if down - 1 <= at < up and begun <= end + 0.1:
            at = up
    return at


# For how long between two moments a sleep of this script lasted longer than asked: also one that ends only later, since
# the router may have been woken before this script.
def busy(begun, end):
    return sum(max(0, min(end, at) - max(begun, at - late)) for at, late in waits)


# Each time that it was accepted it was taken back, but for the last time; how much later than it was due, or than its
# link was back, and how busy the machine was meanwhile.
def lateness(letter):
    accepted, taken = told(letter)
    assert len(accepted) == len(taken) + 1, (letter, len(accepted), len(taken))
    assert all(a < t < b for a, t, b in zip(accepted, taken, accepted[1:])), (letter, accepted, taken)
    dues = [was_due(since + GIVEN, end) for since, end in zip(accepted, taken)]
    return len(taken), [(end - due, busy(due, end), letter, since) for due, end, since in zip(dues, taken, accepted)]


threading.Thread(target=watches_the_machine, daemon=True).start()
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
# At any moment, also while a letter is offered, accepted or taken back; every tenth time a desk goes, too.
for number in range(OFTEN, KILLS):
    rests(random.uniform(0, 3.3))
    does("stop" if number % 10 == 9 else "kill", random.choice((0, 0, 0.1, 1, 3.2)))
each_has(min(map(len, had.values())))  # so the router and the desk are both back
# A copy of the router's state is made while a letter has a draft: no_reply.sh puts it back in the end.
owner = agents[0]
letter = next(iter(owner.has))
owner.desk.ask("draft", ixn=letter, text="Dear Anna")
ctl("backup", f"{DIR}/copy")
with open(f"{DIR}/drafted", "w") as file:
    file.write(f"{letter} {ctl('data', letter)['data']['missed']}\n")
just = lambda: [time.time() - since for agent in agents for since in agent.has.values()]
until(lambda: len(just()) == len(agents) and max(just()) < 1)  # both have just accepted
for agent in agents:
    agent.works = True
until(lambda: not any(agent.has for agent in agents))
assert not any("draft" in ctl("data", letter)["data"] for letter in had), "a draft has outlived its letter"
counts = {letter: ctl("data", letter)["data"]["missed"] for letter in had}
# An offer that nobody has accepted yet may end with the desk that is killed: no reply was owed then.
unreached = {letter: ctl("data", letter)["data"].get("unreached", "") for letter in had}
aways = list(zip(downs, ups()))
late = {letter: lateness(letter) for letter in had}
assert counts == {letter: late[letter][0] for letter in had}, (counts, late, unreached)  # nothing was taken back twice, and nothing without a word
if KILLS <= OFTEN:
    assert counts == {letter: len(claims) - 1 for letter, claims in had.items()}, (counts, had)
both = [one for _, ones in late.values() for one in ones]
after = sorted(one[0] for one in both)
print(f"{KILLS} kills; {sum(counts.values())} times a letter was left lying and taken back; offers that ended unaccepted: "
      f"{' '.join(unreached.values()).split()}; seconds after it was due: "
      f"median {after[len(after) // 2]:.3f}, the latest {after[-1]:.3f}, later than 1 s: {sum(one > 1 for one in after)}; "
      f"this script slept too long by {max(late for _, late in waits):.3f} at most")
too_late = [one for one in both if one[0] > MORE + one[1]]
assert not too_late, (too_late, aways)
