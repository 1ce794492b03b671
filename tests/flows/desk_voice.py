# desk_voice.py DIR TOP - Marie at her desk, with the telephone 7001, for desk_voice.sh.
from desk_client import *

marie = Browser().log_in("marie", "secret")
assert marie.me["phone"] is True, marie.me
desk = Desk(marie)
while not re.search(r'"voice": ?"1\.', open(f"{DIR}/sessions").read()):
    time.sleep(0.05)  # the T-Server gives her a token before she is at a telephone
desk_is_killed()  # her password is gone, and she goes to the telephone all the same
desk = Desk(marie)
desk.ask("phone", "unsupported", op="answer", conn="1")
desk.ask("phone", op="login", dn="7001")
without = desk.expect("phone", state="not_ready", dn="7001")  # the page knows it before a supervisor presses
assert without["no_take_over"] == "At this switch nobody can take over a call: listen, or join.", without
assert desk.ask("phone", "unsupported", op="take_over", to="7004")["text"] == without["no_take_over"]
desk.ask("phone", "invalid", op="not_ready", reason="made up")
desk.ask("phone", op="not_ready", reason="lunch")
desk.ask("phone", op="ready")
desk.expect("phone", state="ready")
rings = desk.expect("call", state="ringing")
assert rings["number"] == "+33145550101" and rings["data"]["customer"]["name"] == "Dupont", rings
again = Desk(marie)  # another window takes over, and has the call
assert [one["conn"] for one in again.held if one["type"] == "call"] == [rings["conn"]], again.held
desk = again
desk.ask("phone", op="answer", conn=rings["conn"])
desk.expect("call", state="talking", conn=rings["conn"])
desk.ask("record", op="status")  # she has none, and her desk knows of records
desk.ask("record", "gone", op="update", campaign="winter", record=7, result="ok", fields={"colour": "red"})
desk.ask("record", "invalid_attribute", op="update", campaign="winter", record=7, result="nonsense")
desk.ask("record", "invalid", op="update", campaign="winter", record=7, fields={"GSW_PHONE": "1"})
desk.ask("record", "invalid_state", op="get")  # no campaign runs in preview
desk.ask("record", "invalid", op="add")
desk.ask("phone", "invalid", op="shout", conn=rings["conn"], to="7004")
desk.ask("phone", "invalid_state", op="retrieve", conn=rings["conn"])
desk.ask("phone", op="hold", conn=rings["conn"])
desk.expect("call", state="held", conn=rings["conn"])
desk.ask("phone", op="retrieve", conn=rings["conn"])
desk.expect("call", state="talking", conn=rings["conn"])
desk.ask("phone", "invalid_state", op="record_pause", conn=rings["conn"])  # it is not recorded
for op, state in (("start", "on"), ("pause", "paused"), ("resume", "on"), ("stop", "off"), ("start", "on"), ("pause", "paused")):
    desk.ask("phone", op="record_" + op, conn=rings["conn"])
    talks = desk.expect("call", state="talking", recording=state)
desk_is_killed()  # the next process is at the telephone by the token, the call is there, and she is as ready as she was
desk = Desk(marie)
desk.expect("phone", dn="7001", state="ready")
same = desk.expect("call", state="talking", conn=rings["conn"], recording="paused")
for time_of in "since", "answered":  # the page's timers go on
    assert same[time_of] == talks[time_of] <= time.time() * 1000, (time_of, same, talks)
desk.ask("phone", "invalid_destination", op="transfer", conn=rings["conn"], to="9999")
desk.ask("phone", "invalid_state", op="complete", conn=rings["conn"])
desk.ask("phone", "invalid_destination", op="consult", conn=rings["conn"], to="9999")
desk.ask("phone", op="consult", conn=rings["conn"], to="7004")  # Olga is asked first, and the call is taken back
desk.expect("call", state="held", conn=rings["conn"])
desk.ask("phone", "invalid_state", op="consult", conn=rings["conn"], to="7004")
desk.ask("phone", "invalid_state", op="swap", conn=rings["conn"])  # Olga's telephone rings still
desk.ask("phone", op="reconnect", conn=rings["conn"])
desk.expect("call", state="talking", conn=rings["conn"])
desk.ask("phone", op="transfer", conn=rings["conn"], to="reception")  # the strategy has the call again
desk.expect("call", state="released", conn=rings["conn"])
desk.expect("call", state="ringing", conn=rings["conn"])
desk.ask("phone", op="answer", conn=rings["conn"])
desk.expect("call", state="talking", conn=rings["conn"])
desk.ask("phone", op="consult", conn=rings["conn"], to="7004")
desk.expect("call", state="held", conn=rings["conn"])
desk.ask("phone", op="complete", conn=rings["conn"])  # the caller is Olga's
desk.expect("call", state="released", conn=rings["conn"])
# In the contact's history it is one line, with the agent.
contact = marie.get("/api/contacts?q=%2B33145550101")["contacts"][0]["contact"]
lines = marie.get(f"/api/contacts/{contact}/history")["interactions"]
assert [(one["media"], one["direction"], one["agent"], one["result"]) for one in lines] == [("voice", "in", "marie", "answered")], lines
assert lines[0]["ended"] >= lines[0]["received"] > 0, lines
assert not marie.get("/api/contacts?q=7004")["contacts"], "who works here is no contact"
# It is over for her, and asks for a code and a note: the desk is killed between the two; at the end she is ready again.
def unwrapped(count):
    while len(calls := desk.expect("wraps")["calls"]) != count:
        pass
    return calls


[over] = unwrapped(1)
assert over["number"] == "+33145550101" and over["outcome"] == "answered" and over["ended"] >= over["answered"] >= over["began"], over
where = f"/api/calls/{over['call']}/wrapup"
marie.ask("PUT", where, {"wrapup": "made up", "done": True}, code=400)
marie.ask("PUT", where, {"wrapup": "called back", "note": "wants a letter", "done": False})
marie.ask("PUT", "/api/calls/999/wrapup", {"done": True}, code=404)
desk.ask("phone", op="after_call_work")
desk.expect("phone", state="after_call_work")
desk_is_killed()
desk = Desk(marie)
[over] = unwrapped(1)
assert over["wrapup"] == "called back" and over["note"] == "wants a letter", over
desk.expect("phone", dn="7001", state="after_call_work")  # and she works on that call as before
marie.ask("PUT", where, {"wrapup": "sold", "note": "wants a letter", "done": True})  # the core notes it first
unwrapped(0)
desk.expect("phone", state="ready")
marie.ask("PUT", where, {"done": True}, code=404)
line = marie.get(f"/api/contacts/{contact}/history")["interactions"][0]
assert line["result"] == "sold", line
[note, call] = marie.get(f"/api/contacts/{contact}/thread")["lines"]
assert (note["text"], note["visible"]) == ("wants a letter", "agents") and call["result"] == "sold" and "index" not in call, (note, call)
assert [(one["number"], one["direction"], one["outcome"], one["contact"]) for one in marie.get("/api/calls?limit=5")["calls"]] == [("+33145550101", "in", "answered", contact)]
star = {"kind": "number", "name": "+33145550101", "shown": "Dupont"}
assert marie.ask("PUT", "/api/favourites", {**star, "on": True})["favourites"] == [star]
assert marie.get("/api/favourites")["favourites"] == [star]
assert marie.ask("PUT", "/api/favourites", {**star, "on": False})["favourites"] == []
marie.ask("POST", "/api/supervisor/agents/olga/logout", {"why": "gone home"}, code=403)
desk.ask("phone", "unknown_conn_id", op="release", conn=rings["conn"])
desk.ask("phone", op="login", dn="7001")  # a new connection: by the token
# Twice at once: the first one is answered, too.
desk.send(*({"type": "phone", "id": number, "op": "login", "dn": "7001"} for number in (1001, 1002)))
assert desk.expect("reply", id=1001)["code"] == "away"
assert desk.expect("reply", id=1002)["ok"]
desk.ask("state", state="after_call_work")  # for all media is for the telephone, too, and so is the log-out
desk.expect("phone", state="after_call_work")
while desk.expect("states", agent="marie")["states"].get("chat") != "after_call_work":
    pass
desk.ask("state", state="logged_out")
desk.expect("phone", state="logged_out")
desk.ask("phone", op="login", dn="7001")
desk.expect("phone", state="not_ready")
marie.ask("POST", "/api/logout", code=204)  # of the telephone, too
