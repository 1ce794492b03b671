# desk_outbound.py DIR TOP GCXCTL SOCKET - Marie at her desk, for desk_outbound.sh: records that she is asked about, and
# records that she asks for.
import subprocess
from desk_client import *

marie = Browser().log_in("marie", "secret")
desk = Desk(marie)
desk.ask("phone", op="login", dn="7001")
desk.expect("phone", state="not_ready", dn="7001")
desk.ask("phone", op="ready")
desk.expect("phone", state="ready")


def asked():
    while "over" in (question := desk.expect("question")):
        pass
    assert question["campaign"] == "offers" and question["fields"]["name"] and 0 < question["left"] <= 60000, question
    return question


def of(question):
    return {"campaign": question["campaign"], "record": question["record"]}


def talks_and_is_done(call, number, **whose):
    global desk
    assert call["number"] == number, call
    desk.ask("phone", op="release", conn=call["conn"])
    desk.expect("call", state="released", conn=call["conn"])
    desk = Desk(marie)  # a page that comes back is told of the record that waits
    desk.expect("record", chained=False, number=number, **whose)
    desk.ask("record", op="processed", result="ok", **whose)


# Push preview: she dials, puts off, says never, skips.
first = asked()
again = Desk(marie)  # another window is shown it, too
assert [one["ticket"] for one in again.held + again.waiting if one["type"] == "question"] == [first["ticket"]], again.held
desk = again
assert desk.ask("record", op="status", **of(first))["record"]["attempts"] == 0
desk.ask("record", "invalid_state", op="processed", **of(first))
desk.ask("record", op="chained", **of(first))
desk.expect("record", chained=True, number="+49301999990", state="retrieved", attempts=0)
desk.ask("phone", op="accept", ticket=first["ticket"])
desk.expect("question", ticket=first["ticket"], over="accepted")
rings = desk.expect("call", state="ringing")
desk.ask("phone", op="answer", conn=rings["conn"])
talks_and_is_done(desk.expect("call", state="talking"), first["number"], **of(first))
second = asked()
desk.ask("record", op="reschedule", at=4076136000500, personal=True, **of(second))  # half a second past a full minute
desk.expect("question", ticket=second["ticket"], over="dropped")
third = asked()
desk.ask("record", op="do_not_call", **of(third))
desk.expect("question", ticket=third["ticket"], over="dropped")
desk.ask("phone", "taken", op="accept", ticket=third["ticket"])
fourth = asked()
desk.ask("phone", op="decline", ticket=fourth["ticket"])
desk.expect("question", ticket=fourth["ticket"], over="rejected")
fifth = asked()  # the fourth waits for somebody else

# Preview: she asks for one; the router calls it from her telephone.
subprocess.run([*sys.argv[3].split(), "campaign", "offers", "mode", "preview"], check=True, stdout=subprocess.DEVNULL)
desk.ask("record", "busy", op="get")
desk.ask("phone", op="decline", ticket=fifth["ticket"])
desk.ask("record", op="preview_start", campaign="offers")
while "record" not in (got := desk.ask("record", op="get")):  # the list hands over more
    time.sleep(0.1)
whose = {"campaign": "offers", "record": got["record"]["record"]}
assert got["record"]["state"] == "preview", got
desk.ask("record", op="dial", **whose)
desk.expect("call", state="dialing")
call = desk.expect("call", state="talking")
while "GSW_RECORD_HANDLE" not in call["data"]:  # they come by an event of their own
    call = desk.expect("call", state="talking")
assert desk.ask("record", op="status", **whose)["record"]["attempts"] == 1
assert call["data"]["GSW_RECORD_HANDLE"] == whose["record"] and call["call_type"] == "Outbound", call
desk.ask("record", "invalid_state", op="dial", **whose)
talks_and_is_done(call, got["record"]["number"], **whose)
print(json.dumps({"dialled": [first["number"], got["record"]["number"]], "later": second["number"], "never": third["number"]}))
