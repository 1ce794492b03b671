# switches.py DIR GCXCTL KILLS - Two switches, their callers and agents, for switches.sh: Anna at the north (7001) speaks
# German, Bert at the south (7002) French; calls to 1800 want French, calls to 1801 German, at either switch.
import json, os, socket, subprocess, sys, time
from switches_model import *

DIR, GCXCTL, KILLS = sys.argv[1], sys.argv[2], int(sys.argv[3])
world = World()
north = Switch(world, "north", ["1800", "1801", "1990"], ["7001"], ["5000"])
south = Switch(world, "south", ["1800", "1801", "1990", "1991"], ["7002"], ["5000"])
north.trunks, south.trunks = {"98": south}, {"97": north}
north.log_in("anna", "7001")
south.log_in("bert", "7002")
with open(f"{DIR}/ports.new", "w") as ports:
    print(north.port, south.port, file=ports)
os.rename(f"{DIR}/ports.new", f"{DIR}/ports")


def ctl(*words):
    done = subprocess.run([GCXCTL, "--socket", f"{DIR}/state/admin.sock", *words], capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else ""


def status():
    return json.loads(ctl("status", "--json") or "{}")


def eventually(holds, what):
    ends = time.time() + 60
    while not (got := holds()):
        assert time.time() < ends, f"never: {what}\n{ctl('interactions')}{ctl('status')}"
        time.sleep(0.02)
    return got


def linked():
    links = [one["state"] for one in status().get("links", [])]
    return links == ["up", "up"]


lives = 1


def core_lives():
    while not os.path.exists(f"{DIR}/core.{lives}"):
        time.sleep(0.02)
    eventually(linked, "both links are up")


def kill(what):
    global lives
    if what == "core":
        lives += 1
        open(f"{DIR}/kill.{lives}", "w").close()
    else:
        pids = [one["pid"] for one in status().get("links", []) if one["name"] == what]
        if pids and pids[0]:
            os.kill(pids[0], 9)


callers = 0


def calls(switch, number):
    global callers
    callers += 1
    with world.lock:
        return switch.arrive(f"+3314555{callers:04}", number)


def interactions():
    return json.loads(ctl("interactions", "--live", "--json") or "[]")


def ixn_of(call):
    rows = json.loads(ctl("interactions", "--json") or "[]")
    rows = rows if isinstance(rows, list) else rows.get("interactions", [])
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
    assert len(ixn_of(call)) == 1, ixn_of(call)


class Desktop:
    def __init__(self, place, dn):
        self.dn = dn
        self.socket = socket.create_connection(("127.0.0.1", int(open(f"{DIR}/{place}.cti").read())), timeout=60)
        self.lines = self.socket.makefile("r")
        self.ask("RequestRegisterAddress", "EventRegistered")

    def ask(self, message, answer, **more):
        self.socket.sendall((json.dumps({"Message": message, "ReferenceID": 1, "ThisDN": self.dn, **more}) + "\n").encode())
        return self.hear(answer)

    def hear(self, name):
        for line in self.lines:
            event = json.loads(line)
            if event.get("Message") == name:
                return event
        raise EOFError(name)


core_lives()

# ---- to the agent of the other switch, with the data, as one call ----

bert = Desktop("south", "7002")
call = calls(north, "1800")
rings(south, "7002", call)
event = bert.hear("EventRinging")
assert event.get("UserData", {}).get("account") == f"4711 of {call.ani}", event
answer(south, "7002", call)
eventually(lambda: "handling" in ctl("interactions", "--live"), "bert has it")
at_home(call, "7002")
ixn = ixn_of(call)[0]
trace = ctl("trace", ixn)
for text in ("HandOver point 1990", "HandOverArrived 1990", "RequestRouteCall 981990", "RequestRouteCall 7002"):
    assert text in trace, (text, trace)
print(trace)
print(ctl("why", ixn))
ends(call)
print("one call at both switches")
