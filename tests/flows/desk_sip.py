# desk_sip.py DIR TOP - Marie at 7001 and Olga at 7002 for desk_sip.sh, which does what is said on stdout, and answers.
import shlex
import time

from desk_client import *


def do(*words):
    print(*(shlex.quote(word) for word in words), flush=True)
    assert input() == "done", words


def sit(name, dn):
    desk = Desk(Browser().log_in(name, "secret"))
    desk.ask("phone", op="login", dn=dn)
    desk.expect("phone", state="not_ready", dn=dn)
    return desk


def shows(desk, **wanted):
    """Waits until the page shows that of the call; None: the call has no such member."""
    while (call := desk.expect("call", conn=conn)) and any(call.get(name) != value for name, value in wanted.items()):
        pass
    return call


caller = {"number": "+33145550101"}
marie, olga, anne = sit("marie", "7001"), sit("olga", "7002"), sit("boss", "7003")
marie.ask("phone", "invalid", op="not_ready", reason="made up")
marie.ask("phone", op="not_ready", reason="lunch")
assert marie.expect("phone", state="not_ready", reason="lunch")
marie.ask("phone", op="ready")
assert "reason" not in marie.expect("phone", state="ready")

# The screen pop comes while it rings; it is answered at the telephone.
do("call", "1800")
call = marie.expect("call", state="ringing")
conn = call["conn"]
marie.expect("call", conn=conn, vq="service")  # the router says it: links are for such queues
assert call["number"] == "+33145550101" and call["data"] == {"customer": "Dupont"} and call["recording"] == "on", call
marie.ask("phone", "unsupported", op="answer", conn=conn)
do("press", "7001", "accept")
marie.expect("call", state="talking", conn=conn)
do("sounds", "agent")
for op, state in ("pause", "paused"), ("resume", "on"):
    marie.ask("phone", op=f"record_{op}", conn=conn)
    marie.expect("call", state="talking", conn=conn, recording=state)
# Keys for a menu at the other side, also while she is muted; what is no key goes nowhere.
marie.ask("phone", "unsupported", op="digits", conn=conn)
marie.ask("phone", "invalid_attribute", op="digits", conn=conn, digits="4x")
marie.ask("phone", op="digits", conn=conn, digits="4")
marie.ask("phone", op="mute", conn=conn)
assert marie.expect("call", state="talking", conn=conn)["muted"] is True
do("silent", "agent")
marie.ask("phone", op="digits", conn=conn, digits="2#")
do("keyed", "42#")
# More keys than may wait are refused, all of them.
taken, refused = 0, None
while refused is None and taken < 1600:
    marie.number += 1
    marie.send({"type": "phone", "id": marie.number, "op": "digits", "conn": conn, "digits": "1" * 16})
    refused = marie.expect("reply", id=marie.number).get("code")
    taken += 0 if refused else 16
assert refused == "invalid_state" and taken >= 16, (refused, taken)
do("keyed", "42#" + "1" * taken)
marie.ask("phone", op="hold", conn=conn)
assert "consulting" not in marie.expect("call", state="held", conn=conn)
do("sounds", "music")
marie.ask("phone", "invalid_state", op="hold", conn=conn)
marie.ask("phone", op="retrieve", conn=conn)
marie.expect("call", state="talking", conn=conn, muted=True)  # as before the hold
do("silent", "agent")
marie.ask("phone", op="unmute", conn=conn)
while "muted" in marie.expect("call", state="talking", conn=conn):
    pass
do("sounds", "agent")
marie.ask("phone", "invalid_state", op="logout")  # with a call nobody is logged out unasked
marie.browser.ask("POST", "/api/logout", code=409)

# She asks Olga first, and takes the call back; asks again, and leaves it to her.
marie.ask("phone", "invalid_destination", op="consult", conn=conn, to="7009")
for to in "Nobody", "7009":  # a sentence for agents, without settings' names
    reply = marie.ask("phone", "invalid_destination", op="consult", conn=conn, to=to)
    assert reply["text"] == "Nobody of this name is logged in, and there is no such number or queue here.", reply
pia, other_pia, uta = (Desk(Browser().log_in(name, "secret")) for name in ("pia", "pia2", "uta"))
for desk in pia, other_pia, uta:  # logged in for chats, without a telephone
    desk.ready("chat")
for name, why in (("Pia", "Several colleagues are called so"), ("Uta", "This colleague is at no telephone")):
    reply = marie.ask("phone", "invalid_destination", op="consult", conn=conn, to=name)
    assert reply["text"].startswith(why), (name, reply)
marie.ask("phone", op="consult", conn=conn, to="olga")  # who declines: the call stays on hold, and Marie hears of it
marie.expect("call", state="held", conn=conn, consulted={"number": "7002", "state": "ringing"})
olga.ask("phone", op="release", conn=olga.expect("call", state="ringing")["conn"])
assert marie.expect("notice", code="refused")["text"].startswith("7002 has declined. The call is still on hold")
assert "consulting" not in (Desk(marie.browser).welcome["phone"]["calls"][0])
marie = Desk(marie.browser)
marie.ask("phone", op="retrieve", conn=conn)
marie.expect("call", state="talking", conn=conn)
olga.expect("call", state="released")
for last in (False, True):
    marie.ask("phone", op="consult", conn=conn, to="Olga")
    marie.expect("call", state="held", conn=conn, consulting=True)
    asked = olga.expect("call", state="ringing")
    assert asked["call_type"] == "Consult" and asked["conn"] != conn, asked
    assert asked["number"] == "7001" and asked["about"] == {"agent": "marie", "number": "+33145550101"}, asked
    do("press", "7002", "accept")
    olga.expect("call", state="talking", conn=asked["conn"])
    marie.ask("phone", "invalid_state", op="consult", conn=conn, to="7009")
    marie = Desk(marie.browser)  # another window knows that it is asked about
    assert [one.get("consulting") for one in marie.held if one["type"] == "call"] == [True], marie.held
    if last:
        marie.ask("phone", op="complete", conn=conn)
        marie.expect("call", state="released", conn=conn)
        olga.expect("call", state="released", conn=asked["conn"])
        hers = olga.expect("call", state="talking", conn=conn)
        assert hers["data"] == {"customer": "Dupont"} and "about" not in hers, hers
    else:
        # They talk by turns; the music is what the customer hears while she talks to Olga.
        for state, asked_state, heard in ("talking", "aside", "agent"), ("held", "established", "music"), ("talking", "aside", "agent"):
            marie.ask("phone", op="swap", conn=conn)
            call = marie.expect("call", state=state, conn=conn)
            assert call["consulted"] == {"number": "7002", "state": asked_state} and call["since"] <= call["consulted_since"] + 2000, call
            do("sounds", heard)
        olga.ask("phone", "invalid_state", op="transfer", conn=asked["conn"], to="7003")
        desk_is_killed()  # the next one finds both calls as they are
        marie, olga, anne = (Desk(desk.browser) for desk in (marie, olga, anne))
        assert marie.expect("call", conn=conn, state="talking")["consulted"]["state"] == "aside"
        assert marie.expect("call", conn=conn, vq="service")["consulted"]["state"] == "aside"  # the router is asked anew
        for desk in (olga, anne):
            desk.expect("phone", state="not_ready")
        marie.ask("phone", op="reconnect", conn=conn)
        assert "consulting" not in marie.expect("call", state="talking", conn=conn)
        olga.expect("call", state="released", conn=asked["conn"])
do("sounds", "welcome")
marie.expect("phone", state="after_call_work")  # wrap-up
marie.ask("phone", op="ready")
marie.expect("phone", state="ready")

# In one step: Marie's telephone rings.
olga.ask("phone", op="transfer", conn=conn, to="7001")
olga.expect("call", state="released", conn=conn)
back = marie.expect("call", state="ringing", conn=conn)
assert back["data"] == {"customer": "Dupont"}, back
do("press", "7001", "accept")
marie.expect("call", state="talking", conn=conn)
do("sounds", "agent")

# Olga comes in, and leaves; the supervisor's telephone answers by itself.
marie.ask("phone", op="consult", conn=conn, to="7002")
asked = olga.expect("call", state="ringing")
marie.ask("phone", "invalid_state", op="conference", conn=conn)
do("press", "7002", "accept")
olga.expect("call", state="talking", conn=asked["conn"])
marie.ask("phone", op="conference", conn=conn)
while "parties" not in (call := marie.expect("call", state="talking", conn=conn)):
    pass
assert len(call["parties"]) == 2 and {"number": "7002", "agent": "olga"} in call["parties"], call
shows(olga, parties=[caller, {"number": "7001", "agent": "marie"}])  # she was on hold while Olga was asked
do("sounds", "both")
# Whoever is in the call reads who comes, who listens, and who leaves.
anne.ask("phone", op="listen", to="7001")
for desk in marie, olga:
    shows(desk, monitors=[{"agent": "boss", "whispers": False}])
marie.ask("phone", "invalid_state", op="digits", conn=conn, digits="1")
anne.ask("phone", op="coach", to="7001")
for desk in marie, olga:
    shows(desk, monitors=[{"agent": "boss", "whispers": True}])
anne.ask("phone", op="barge_in", to="7001")
for desk, other in (marie, ("7002", "olga")), (olga, ("7001", "marie")):
    call = shows(desk, monitors=None)
    assert len(call["parties"]) == 3 and {"number": "7003", "agent": "boss"} in call["parties"], call
anne.ask("phone", op="release", conn=conn)
shows(olga, parties=[caller, {"number": "7001", "agent": "marie"}])
anne.expect("call", state="released", conn=conn)
anne.waiting.clear()
olga.ask("phone", op="hold", conn=conn)
shows(marie, parties=[caller, {"number": "7002", "agent": "olga", "held": True}])
olga.ask("phone", op="retrieve", conn=conn)
shows(marie, parties=[caller, {"number": "7002", "agent": "olga"}])
olga.ask("phone", op="release", conn=conn)
olga.expect("call", state="released", conn=conn)
shows(marie, parties=None)
marie.ask("phone", "no_privilege", op="listen", to="7002")
anne.ask("phone", "invalid_state", op="listen", to="7002")
anne.ask("phone", op="listen", to="7001")
shows(anne, state="talking", monitoring="Listen")
do("sounds", "agent")
anne.ask("phone", op="barge_in", to="7001")
shows(anne, state="talking", monitoring="BargeIn")
do("sounds", "boss")
# She takes the call over: the customer hears her, and Marie is told, and gets it back.
anne.ask("phone", op="release", conn=conn)
anne.expect("call", state="released", conn=conn)
marie.ask("phone", "no_privilege", op="take_over", to="7002")
anne.ask("phone", op="take_over", to="7001")
marie.expect("phone", state="after_call_work")
assert marie.expect("notice", code="taken")["text"] == "A supervisor has taken over the call with +33145550101."
marie.expect("call", state="released", conn=conn)
while {"monitoring", "parties"} & set(call := anne.expect("call", state="talking", conn=conn)):
    pass
do("sounds", "boss")
assert call["number"] == "+33145550101" and call["data"] == {"customer": "Dupont"}, call
marie.ask("phone", op="ready")
marie.expect("phone", state="ready")
anne.ask("phone", op="transfer", conn=conn, to="7001")
anne.expect("call", state="released", conn=conn)
marie.expect("call", state="ringing", conn=conn)
do("press", "7001", "accept")
marie.expect("call", state="talking", conn=conn)
marie.ask("phone", "invalid", op="wrapup", conn=conn, wrapup="made up")
marie.ask("phone", op="wrapup", conn=conn, wrapup="sold")
marie.expect("call", conn=conn, data={"customer": "Dupont", "wrapup": "sold"})
# From the console she listens at a telephone where nobody is logged in: Marie reads who it is, and nobody became an agent.
def listens(how, code=204, agent="marie", **more):
    return anne.browser.ask("PUT", f"/api/supervisor/agents/{agent}/listen", {"how": how, **more}, code)


def hears(wanted, agent="marie"):
    """Waits until the row of the agent names those who listen to her."""
    while wanted != [(one["by"], one["dn"], one["how"]) for row in anne.browser.get("/api/supervisor/agents")["agents"] if row["name"] == agent
                     for contact in row["contacts"] for one in contact.get("listeners", []) if one["hears"]]:
        time.sleep(0.05)


agents = anne.browser.get("/api/supervisor/status")["agents_logged_in"]
for at, why in ("7002", "another agent is logged in"), ("7001", "talks at that telephone"), ("7009", "no such telephone"), (None, "which telephone"):
    assert why in listens("listen", 400, **({"at": at} if at else {}))["text"], at
assert [(one["listen"], one["take_over"]) for row in anne.browser.get("/api/supervisor/agents")["agents"] if row["name"] == "marie" for one in row["contacts"]] == [(True, True)]
assert "talks to nobody" in listens("listen", 409, agent="olga", at="7004")["text"]
listens("stop", 409)
listens("listen", at="7004")
shows(marie, monitors=[{"agent": "boss", "whispers": False}])
do("sounds", "agent")
hears([("boss", "7004", "listen")])
# The desk dies, and the router: the row and Marie's page say who listens, as before.
desk_is_killed()
marie, olga, anne = (Desk(desk.browser) for desk in (marie, olga, anne))
shows(marie, monitors=[{"agent": "boss", "whispers": False}])
hears([("boss", "7004", "listen")])
do("core_is_killed")
hears([("boss", "7004", "listen")])
marie = Desk(marie.browser)
assert [call.get("monitors") for call in marie.held if call["type"] == "call"] == [[{"agent": "boss", "whispers": False}]], marie.held
listens("whisper", at="7004")
shows(marie, monitors=[{"agent": "boss", "whispers": True}])
listens("join", at="7004")
assert {"number": "7004", "agent": "boss"} in shows(marie, monitors=None)["parties"]
do("sounds", "boss")
assert anne.browser.get("/api/supervisor/status")["agents_logged_in"] == agents
listens("stop")
shows(marie, parties=None, monitors=None)
hears([])
do("gcxctl_listens", "marie", "7004")
while "monitors" not in marie.expect("call", conn=conn):
    pass
do("hangs_up", "7004")
shows(marie, monitors=None)
listens("take_over", at="7004")
assert marie.expect("notice", code="taken")["text"] == "A supervisor has taken over the call with +33145550101."
marie.expect("call", state="released", conn=conn)
do("sounds", "boss")
hears([])
do("hangs_up", "7004")
do("hung_up")
marie.expect("phone", state="after_call_work")
marie.ask("phone", op="not_ready", reason="training")
marie.expect("phone", state="not_ready", reason="training")

# The caller hangs up while Olga's telephone rings for the question: it is the call that is over.
marie.ask("phone", op="ready")
marie.expect("phone", state="ready")
do("call", "1800")
conn = marie.expect("call", state="ringing")["conn"]
do("press", "7001", "accept")
marie.expect("call", state="talking", conn=conn)
marie.ask("phone", op="consult", conn=conn, to="7002")
marie.expect("call", state="held", conn=conn, consulted={"number": "7002", "state": "ringing"})
asked = olga.expect("call", state="ringing")
do("hang_up")
olga.expect("call", state="released", conn=asked["conn"])
assert marie.expect("notice")["text"] == "The call with +33145550101 is over."
marie.expect("phone", state="after_call_work")
marie.ask("phone", op="ready")
marie.expect("phone", state="ready")

# Her page vanishes: she is offered nothing at the telephone, and gcxctl says why. It comes back: who waits is hers.
marie.socket.close()
do("agent_is", "marie", "desktop is away")
do("call", "1800")
do("waits", "1")
marie = Desk(marie.browser)
assert "notice" not in [one["type"] for one in marie.held], marie.held
conn = marie.expect("call", state="ringing")["conn"]
do("press", "7001", "accept")
marie.expect("call", state="talking", conn=conn)
do("hang_up")
marie.expect("phone", state="after_call_work")
marie.ask("phone", op="not_ready", reason="training")
marie.expect("phone", state="not_ready", reason="training")

# She dials a colleague from the page; a number that may not be dialled is refused.
marie.ask("phone", "invalid_destination", op="dial", to="+4930123")
marie.ask("phone", op="dial", to="7002")
assert marie.expect("call", state="dialing")["number"] == "7002"
do("press", "7001", "accept")
dialled = olga.expect("call", state="ringing")
assert dialled["number"] == "7001" and "about" not in dialled, dialled
do("press", "7002", "accept")
olga.expect("call", state="talking", conn=dialled["conn"])
marie.expect("call", state="talking", conn=dialled["conn"])

# The exchange is killed while they talk and Anne listens: no calls come, then the call is over, and all are there as they
# were. Nobody listens then.
listens("listen", agent="olga", at="7004")
hears([("boss", "7004", "listen")], "olga")
do("kills", "sip")
for desk in (marie, olga, anne):
    desk.expect("phone", state="away")
for desk, number in ((marie, "7002"), (olga, "7001")):
    assert number in desk.expect("notice", code="lost")["text"]
for desk in (marie, olga, anne):
    while (back := desk.expect("phone"))["state"] in ("away", "logged_out"):
        pass
    assert back["calls"] == [], back
hears([], "olga")

# The three calls are in the contact's history, and wait for their wrap-up still.
browser = marie.browser
marie = Desk(browser)
assert len(marie.expect("wraps")["calls"]) == 3
contact = browser.get("/api/contacts?q=%2B33145550101")["contacts"][0]["contact"]
lines = browser.get(f"/api/contacts/{contact}/history")["interactions"]
assert [one.get("agents") for one in lines] == [None, None, ["marie", "olga", "boss"]], lines
assert browser.get("/api/calls")["calls"][-1]["agents"] == ["marie", "olga", "boss"]
assert [(one["media"], one["direction"], one["result"]) for one in lines] == 3 * [("voice", "in", "answered")], lines
for desk in (olga, marie, anne):
    desk.ask("phone", op="logout")
    desk.expect("phone", state="logged_out")
    if desk is olga:
        while any(one["agent"] == "olga" for one in browser.get("/api/agents")["agents"]):
            pass  # her own page hears it first
        assert marie.ask("phone", "invalid_destination", op="dial", to="Olga")["text"].startswith("Nobody of this name is logged in")
