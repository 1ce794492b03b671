# switches.py DIR GCXCTL KILLS WEST - Two switches, their callers and agents, for switches.sh: Anna at the north (7001) speaks
# German, Bert at the south (7002) French; Carl at the
# west (7003), a SIP exchange, Spanish. Calls to 1800 want French, calls to 1801 German, at either switch.
import json, os, signal, socket, subprocess, sys, time
from switches_model import *

DIR, GCXCTL, KILLS, WEST = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
PARTS = sys.argv[5].split() or ["through", "fallbacks", "refusals", "strays", "transfers", "conferences", *(["exchange"] if WEST else [])]
world = World()
north = Switch(world, "north", ["1800", "1801", "1802", "1990"], ["7001"], ["5000"])
south = Switch(world, "south", ["1800", "1801", "1990", "1991"], ["7002"], ["5000"])
north.trunks, south.trunks = {"98": south}, {"97": north}
north.log_in("anna", "7001")
south.log_in("bert", "7002")
trunk = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
trunk.bind(("127.0.0.4", 0))
with open(f"{DIR}/ports.new", "w") as ports:
    print(north.port, south.port, trunk.getsockname()[1], file=ports)
os.rename(f"{DIR}/ports.new", f"{DIR}/ports")


def ctl(*words):
    done = subprocess.run([GCXCTL, "--socket", f"{DIR}/state/admin.sock", *words], capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else ""


def status():
    return json.loads(ctl("status", "--json") or "{}")


def eventually(holds, what):
    ends = time.time() + float(os.environ.get("PATIENCE", 60))
    while not (got := holds()):
        assert time.time() < ends, f"never: {what}\n{ctl('interactions')}{ctl('status')}"
        time.sleep(0.02)
    return got


def linked():
    links = [one["state"] for one in status().get("links", [])]
    return len(links) == (3 if WEST else 2) and set(links) == {"up"}


lives = 1


def core_lives():
    while not os.path.exists(f"{DIR}/core.{lives}"):
        time.sleep(0.02)
    eventually(linked, "both links are up")


def kill(what, how="kill"):  # how: the shell knows what that is
    global lives
    if what == "core":
        lives += 1
        with open(f"{DIR}/kill.new", "w") as asked:
            print(how, file=asked)
        os.rename(f"{DIR}/kill.new", f"{DIR}/kill.{lives}")
    else:
        pids = [one["pid"] for one in status().get("links", []) if one["name"] == what]
        if pids and pids[0]:
            os.kill(pids[0], 9)


def processes():
    return {one["name"]: one["pid"] for one in status().get("links", []) if one["pid"]}


callers = 0


def calls(switch, number, **brings):
    global callers
    callers += 1
    with world.lock:
        return switch.arrive(f"+3314555{callers:04}", number, **brings)


def interactions():
    return json.loads(ctl("interactions", "--live", "--json") or "{}").get("interactions", [])


def ixn_of(call):
    rows = json.loads(ctl("interactions", "--json") or "{}").get("interactions", [])
    return [one["ixn"] for one in rows if one.get("ani") == call.ani]


def rings(switch, device, call=None):
    world.until(lambda: switch.ringing_at(device) and (not call or switch.ringing_at(device).ani == call.ani),
                f"{device} rings")
    return switch.ringing_at(device)


def answer(switch, device, call):
    leg = rings(switch, device, call)
    with world.lock:
        switch.answers(leg)
    return leg


def ends(call):
    with world.lock:
        call.switch.clear(call, "ok")
    eventually(lambda: status().get("interactions") == 0, "all calls are over")


def at_home(call, device):  # the customer talks to whoever is at that device, and the core knows it as one call
    end = call.other_end()
    assert end.device == device and end.state == "talking", (end.device, end.state)
    living = [one["ixn"] for one in interactions() if one.get("ani") == call.ani]
    assert len(living) == 1, living


class Desktop:
    def __init__(self, place, dn):
        self.dn = dn
        self.socket = socket.create_connection(("127.0.0.1", int(open(f"{DIR}/{place}.cti").read())), timeout=60)
        self.lines = self.socket.makefile("r")
        self.ask("RequestRegisterAddress", "EventRegistered")

    def ask(self, message, answer, **more):
        self.socket.sendall((json.dumps({"Message": message, "ReferenceID": 1, "ThisDN": self.dn, **more}) + "\n").encode())
        return self.hear(answer)

    def hears_account(self, account):  # with the call, or behind it
        for line in self.lines:
            event = json.loads(line)
            self.conn = event.get("ConnID")
            if event.get("UserData", {}).get("account") == account:
                return
        raise EOFError(account)

    def hear(self, name):
        for line in self.lines:
            event = json.loads(line)
            if event.get("Message") == name:
                return event
        raise EOFError(name)


core_lives()

def traced(call, *texts):
    ixn = eventually(lambda: ixn_of(call), "the core knows it")[0]
    for text in texts:
        eventually(lambda: text in ctl("trace", ixn), f"{text} in the history of {ixn}")


def counted(name):
    return status().get(name, 0)


# ---- to the agent of the other switch, with the data, as one call ----

def through():
    bert = Desktop("south", "7002")
    call = calls(north, "1800")
    rings(south, "7002", call)
    event = bert.hear("EventRinging")
    assert event.get("UserData", {}).get("account") == f"4711 of {call.ani}", event
    answer(south, "7002", call)
    eventually(lambda: "handling" in ctl("interactions", "--live"), "bert has it")
    at_home(call, "7002")
    traced(call, "HandOver point 1990", "HandOverArrived 1990", "RequestRouteCall 981990", "RequestRouteCall 7002")
    assert "bert was chosen" in ctl("why", ixn_of(call)[0])
    ends(call)
    anna = Desktop("north", "7001")
    # The ConnID goes along; the strategy reads what the switch has said of the call, and says something back.
    call = calls(south, "1801", trunk="t7", callUUID="0FE3", userToUser="gold", extensions={"tier": 3}, reasons={"why": "vip"})
    anna.hears_account(f"4712 of {call.ani}")
    answer(north, "7001", call)
    at_home(call, "7001")
    traced(call, "HandOver direct 7001", "HandOverArrived 7001")
    said = call.routed_with
    assert said["routeHint"] == "t7 0FE3 gold" and said["userToUser"] == "gold", said
    assert said["extensions"] == {"tier": 3, "asked": "yes"} and said["reasons"] == {"why": "vip"}, said
    ends(call)


# ---- what follows where a route type fails ----

def fallbacks():
    south.faults["uui"] = "lost"  # nobody knows the call that comes to Anna; then by the point
    call = calls(south, "1801")
    traced(call, "HandOver direct 7001", "HandOverFailed timeout 7001", "HandOver point 1990")
    answer(north, "7001", call)
    at_home(call, "7001")
    ends(call)
    del south.faults["uui"]
    south.faults["trunk"] = "loses"  # by none: the strategy's else
    call = calls(south, "1801")
    traced(call, "HandOverFailed timeout 1990", "RequestRouteCall 5000")
    del south.faults["trunk"]
    ends(call)
    south.faults["trunk"] = "refuses"
    call = calls(south, "1801")
    traced(call, "HandOverFailed no_circuit 7001", "RequestRouteCall 5000")
    del south.faults["trunk"]
    ends(call)
    call = calls(south, "1801")  # Anna does not answer: the call comes back from her to the south
    rings(north, "7001", call)
    assert len(ixn_of(call)) == 1
    ends(call)


def refusals():  # the trunk is full, or its code is not for this call; something is killed before that is told
    for fault, killed in (("refuses", "south"), ("bars", "core"), ("loses", "core")):
        south.faults["trunk"] = fault
        south.stall = "service"
        call = calls(south, "1801")
        world.until(lambda: south.stalled, "it is asked for")
        if fault == "loses":
            south.release()
            world.until(lambda: call.state == "out", "it is on its way")
        kill(killed)
        south.release()
        if killed == "core":
            core_lives()
        world.until(lambda: at_desk(south), "it goes to the default")
        del south.faults["trunk"]
        eventually(linked, "all links are up")
        assert list(south.calls.values()) == [call] and not north.calls, "it is there twice"
        assert len(ixn_of(call)) == 1
        ends(call)
        assert have_calls() == set(), have_calls()


# ---- hand-overs that are not what was awaited ----

def at_desk(switch):
    return next((one for one in switch.calls.values() if one.device == "5000"), None)


def strays():
    before = counted("hand_overs_stray")
    north.faults["twice"] = True
    call = calls(north, "1800")
    answer(south, "7002", call)
    eventually(lambda: counted("hand_overs_stray") == before + 1, "the second one is no call of anybody")
    world.until(lambda: at_desk(south), "it goes to the default")
    with world.lock:
        south.clear(at_desk(south), "ok")
    eventually(lambda: status().get("interactions") == 1, "it is over")
    at_home(call, "7002")
    ends(call)
    with world.lock:  # nobody awaits it, whatever it brings along
        forged = south.arrive("+33100", "1990", "00110123456789ab")
    world.until(lambda: at_desk(south), "it goes to the default")
    ends(forged)
    north.faults["uui"] = "00100123456789ab"  # at the point, with another's ConnID
    call = calls(north, "1800")
    world.until(lambda: at_desk(south), "it goes to the default")
    del north.faults["uui"]
    ends(call)
    eventually(lambda: counted("hand_overs_stray") == before + 2, "it is no call of anybody")


# ---- people send calls across ----

def transfers():
    bert = Desktop("south", "7002")
    call = calls(north, "1800")
    bert.hears_account(f"4711 of {call.ani}")
    answer(south, "7002", call)
    ixn = ixn_of(call)[0]
    anna = Desktop("north", "7001")
    bert.ask("RequestSingleStepTransfer", "EventReleased", ConnID=bert.conn, OtherDN="977001")  # where the call came from
    rings(north, "7001", call)
    anna.hears_account(f"4711 of {call.ani}")
    answer(north, "7001", call)
    eventually(lambda: "owner agent anna" in ctl("interaction", ixn) + ctl("trace", ixn), "anna has it")
    at_home(call, "7001")
    ends(call)

    for how in ("SingleStepTransfer", "Transfer", "Conference"):
        sends_across(how)
        for signal_then in (signal.SIGCONT, signal.SIGKILL):
            sends_across(how, "north", signal_then)
            if how != "SingleStepTransfer":
                sends_across(how, "south", signal_then)


# That T-Server stops before, and goes on or is killed when it is complete.
def sends_across(how, stops=None, signal_then=None):
    call = calls(south, "1800")
    bert = Desktop("south", "7002")
    answer(south, "7002", call)
    ixn = ixn_of(call)[0]
    bert.hears_account(f"4711 of {call.ani}")
    teller = processes().get(stops)
    if stops == "north":
        os.kill(teller, signal.SIGSTOP)
    asked = "SingleStepTransfer" if how == "SingleStepTransfer" else f"Initiate{how}"
    bert.ask(f"Request{asked}", "EventReleased" if asked == how else "EventDialing", ConnID=bert.conn, OtherDN="977001")
    answer(north, "7001", None)
    if asked != how:
        eventually(lambda: len(interactions()) == 2, "there is a consultation")
    if stops == "south":  # by the telephone
        eventually(lambda: have_calls() == {"anna", "bert"}, "anna is asked")
        os.kill(teller, signal.SIGSTOP)
        with world.lock:
            south.completes(how, call)
    elif asked != how:
        bert.ask(f"RequestComplete{how}", "EventRetrieved" if how == "Conference" else "EventReleased", ConnID=bert.conn)
        eventually(lambda: status().get("interactions") == 1, "one call is left")
    if stops:
        os.kill(teller, signal_then)
    has = {"anna", "bert"} if how == "Conference" else {"anna"}
    eventually(lambda: have_calls() == has and len(interactions()) == 1, f"{has} have it: {how}, {stops}, {signal_then}")
    eventually(linked, "all links are up")
    assert [one["ixn"] for one in interactions()] == [ixn], (how, stops, signal_then)
    if how == "Conference":
        with world.lock:
            south.leaves(call)
        eventually(lambda: have_calls() == {"anna"}, f"bert has left: {stops}, {signal_then}")
    at_home(call, "7001")
    ends(call)
    assert have_calls() == set(), have_calls()


def have_calls():
    rows = json.loads(ctl("agents", "--json") or "{}").get("agents", [])
    return {row["name"] for row in rows if row["has"].get("voice") or row["claims"]}


def conferences():
    for who, killed in (("anna", None), ("bert", None), ("nobody", None), ("anna", "north"), ("bert", "south"), ("nobody", "core")):
        anna = Desktop("north", "7001")
        call = calls(north, "1801")
        anna.hears_account(f"4712 of {call.ani}")
        answer(north, "7001", call)
        ixn = ixn_of(call)[0]
        anna.ask("RequestInitiateConference", "EventDialing", ConnID=anna.conn, OtherDN="1800")  # a point, which finds Bert
        leg = rings(south, "7002")
        with world.lock:
            south.answers(leg)
        eventually(lambda: sorted(one.get("owner") for one in interactions()) == ["anna", "bert"], "each has one")
        anna.ask("RequestCompleteConference", "EventRetrieved", ConnID=anna.conn)
        eventually(lambda: have_calls() == {"anna", "bert"}, "both are in it")
        eventually(lambda: [one["ixn"] for one in interactions()] == [ixn], "one call is left, the caller's")
        assert f"4712 of {call.ani}" in ctl("interaction", ixn), ctl("interaction", ixn)
        if killed:
            kill(killed)
        if who != "nobody":
            with world.lock:
                (north if who == "anna" else south).leaves(call if who == "anna" else leg)
        if killed == "core":
            core_lives()
        left = {"anna", "bert"} - {who}
        eventually(lambda: have_calls() == left, f"{left} have it: {who}, {killed}")
        eventually(linked, "all links are up")
        eventually(lambda: [one["ixn"] for one in interactions() if one.get("owner") in left] == [ixn], f"one of {left} owns it")
        ends(call)
        assert have_calls() == set(), have_calls()


# ---- to and from a SIP exchange ----

def exchange():
    from switches_sip import Exchange, Caller
    west = Exchange(world, int(open(f"{DIR}/sip.port").read()), trunk, north)
    north.trunks["96"] = west
    carl = Desktop("west", "7003")
    carl.ask("RequestAgentLogin", "EventAgentLogin", AgentID="carl")
    carl.ask("RequestAgentReady", "EventAgentReady")
    call = calls(north, "1802")
    carl.hears_account(f"4713 of {call.ani}")
    eventually(lambda: [one.get("owner") for one in interactions()] == ["carl"], "carl has it")
    at_home(call, "7003")
    traced(call, "HandOver point 1995", "HandOverArrived 1995", "RequestRouteCall 7003")
    ends(call)
    caller = Caller(west.port, "1801")  # by SIP to Anna at the north
    rings(north, "7001")
    answer(north, "7001", north.ringing_at("7001"))
    caller.answered()
    eventually(lambda: [one.get("owner") for one in interactions()] == ["anna"], "anna has it")
    traced(type("Row", (), {"ani": interactions()[0]["ani"]}), "HandOver direct 7001", "HandOverArrived 7001")
    caller.bye()
    eventually(lambda: status().get("interactions") == 0, "it is over")
    carl.ask("RequestAgentNotReady", "EventAgentNotReady")


# ---- something is killed at each step ----

STEPS = ("asked", "sent", "sent on", "rings", "talks")  # by the point "sent on" is a step of its own


def kills(count):
    for number in range(count):
        what, step = ("north", "south", "core")[number % 3], STEPS[number // 3 % 5]
        here, far, dial, device = [(north, south, "1800", "7002"), (south, north, "1801", "7001")][number // 15 % 2]
        stalls = {"asked": (here, "service"), "sent": (here, "trunk"), "sent on": (far, "service")}.get(step)
        if stalls and not (step == "sent on" and far is north):  # there it is direct
            stalls[0].stall = stalls[1]
            call = calls(here, dial)
            world.until(lambda: stalls[0].stalled, f"{number}: {step}")
        else:
            call = calls(here, dial)
            rings(far, device, call)
            if step == "talks":
                answer(far, device, call)
        kill(what)
        if number % 2:  # half of them go on while it is away
            eventually(linked, "both links are up")
        with world.lock:
            north.release()
            south.release()
        if what == "core":
            core_lives()
        if step != "talks":
            answer(far, device, call)
        eventually(linked, "both links are up")
        eventually(lambda: [one.get("owner_kind") for one in interactions()] == ["agent"], f"{number}: {what}, {step}")
        at_home(call, device)
        ends(call)
        claims = status().get("claims")
        assert claims == 0, f"{number}: {what}, {step}: {claims} claims"


# ---- the promise: one call, whatever happens to the machine ----

def promise():
    call = calls(north, "1800")
    rings(south, "7002", call)
    row = eventually(interactions, "the core knows it")[0]

    def is_one_call(after):
        core_lives()
        eventually(lambda: [one["ixn"] for one in interactions()] == [row["ixn"]], f"one call: {after}")
        later_us = interactions()[0]["arrived_us"] - row["arrived_us"]
        assert abs(later_us) < 1000000, f"its age has changed by {later_us} us: {after}"
        eventually(lambda: have_calls() == {"bert"}, f"bert has it: {after}")
        assert f"4711 of {call.ani}" in ctl("interaction", row["ixn"]), after
        assert len(south.calls) == len(north.calls) == 1 and call.other_end().device == "7002", after

    assert ctl("backup", f"{DIR}/copy"), "no backup"
    for ringing in (True, False):
        for what in ("core", "north", "south"):
            before = processes()
            kill(what)
            eventually(lambda: what == "core" or processes().get(what, before[what]) != before[what], f"another {what}")
            is_one_call(f"{what} was killed")
        if ringing:
            answer(south, "7002", call)
    kill("core", "restart")
    is_one_call("a restart")
    kill("core", "restore")  # of the backup, when it rang
    is_one_call("a restore")
    eventually(lambda: [one.get("owner") for one in interactions()] == ["bert"], "it is bert's")
    ends(call)


core_lives()
for part in PARTS:
    began = time.time()
    globals()[part]()
    print(f"{part}: {time.time() - began:.1f} s", flush=True)
began = time.time()
kills(KILLS)
left = status()
assert left["interactions"] == 0 and left["claims"] == 0, left
assert not north.calls and not south.calls
print(f"{KILLS} kills in {time.time() - began:.1f} s: {left['routed']} routed, {left['hand_overs_failed']} failed, {left['hand_overs_stray']} stray")
