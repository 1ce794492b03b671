# night_phone_sip.py PORT DIR - Three telephones where nobody is logged in, gate (6001), lobby (6002) and porter (6003), and
# their callers, for night_phone_sip.sh. That script kills a process when DIR/NAME is there, and removes the file then.
import os, re, sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../flows"))
from sip_replaces import Desk, Dialog, Line, bind, given, sdp

PORT, DIR = given
LONG = 60  # seconds that a busy machine may need for what takes a moment
phones = [Desk(PORT, dn, "night") for dn in ("6001", "6002", "6003")]
for phone in phones:
    phone.phone.register(expires=3600)
known = set()  # the calls that have rung


class Ring:
    """A call that rings at a telephone, which has said the word."""

    def __init__(self, phone, word):
        self.line, self.invite = phone, phone.wait("INVITE sip:x@", seconds=LONG)
        self.id = re.search("Call-ID: ([^\r]*)", self.invite)[1]
        assert self.id not in known, self.invite
        known.add(self.id)
        phone.reply(self.invite, word)

    def stops(self):
        self.line.wait("CANCEL", self.id, seconds=LONG)
        self.line.reply(self.invite, "487 Request Terminated")


def ring(*words):
    """Each telephone that has a word is called, and says it."""
    return [Ring(phone, word) for phone, word in zip(phones, words) if word]


def calls(number, who):
    return Dialog(Line(bind("127.0.0.2"), PORT), number, f"P-Asserted-Identity: <sip:+3314555010{who}@127.0.0.2>\r\n")


def talk(caller, rung, *others):
    """The telephone answers: the others ring no more, and caller and telephone talk."""
    rung.line.reply(rung.invite, "200 OK", sdp(9, host="127.0.0.3"))
    for other in others:
        other.stops()
    rung.line.wait("ACK sip:", rung.id, seconds=LONG)
    caller.answer("200", seconds=LONG)
    caller.ack(200)


def over(caller, rung):
    caller.bye()
    rung.line.wait("BYE", rung.id, seconds=LONG)


def killed(name):
    """Meanwhile the telephones answer what is not a call."""
    open(f"{DIR}/{name}", "w").close()
    while os.path.exists(f"{DIR}/{name}"):
        for phone in phones:
            try:
                phone.wait("nothing has this", seconds=0.02)
            except AssertionError:
                pass


BUSY, RINGS = "486 Busy Here", "180 Ringing"
# One is busy, the others ring on. Two of them talk, each with one caller.
first = calls("1801", 1)
_, lobby, porter = ring(BUSY, RINGS, RINGS)
talk(first, lobby, porter)
second = calls("1801", 2)
gate, talks = ring(RINGS, None, RINGS)
talk(second, talks, gate)
# The only one that is left says that it is busy, and is asked once more. Whoever hangs up then frees it.
third = calls("1801", 3)
ring(BUSY, None, None)
gate, = ring(RINGS, None, None)
third.answer("180", seconds=LONG)
third.hangs()
gate.stops()
over(first, lobby)
over(second, talks)
# Nobody answers at the gate: the strategy goes on to all of them.
fourth = calls("1802", 4)
gate, = ring(RINGS, None, None)
gate.stops()
gate, lobby, porter = ring(RINGS, RINGS, RINGS)
talk(fourth, gate, lobby, porter)
over(fourth, gate)
# The core dies while they ring. One answers when the core is there again.
fifth = calls("1801", 5)
gate, lobby, porter = ring(RINGS, RINGS, RINGS)
killed("core")
talk(fifth, lobby, gate, porter)
over(fifth, lobby)
# The core dies again, and one answers while there is none.
sixth = calls("1801", 6)
gate, lobby, porter = ring(RINGS, RINGS, RINGS)
killed("away")
talk(sixth, porter, gate, lobby)
killed("back")
over(sixth, porter)
# The plugin dies while they ring, and its call with it: the telephones are free for the next one.
calls("1801", 7)
ring(RINGS, RINGS, RINGS)
killed("plugin")
last = calls("1801", 8)
gate, lobby, porter = ring(RINGS, RINGS, RINGS)
talk(last, porter, gate, lobby)
over(last, porter)
# Each call was sent to the telephones once: what has rung is all that came.
for phone in phones:
    try:
        phone.wait("nothing has this", seconds=0.5)
    except AssertionError:
        pass
    assert all(one in known for text in phone.kept for one in re.findall("^INVITE .*?Call-ID: ([^\r]*)", text, re.S)), phone.kept
