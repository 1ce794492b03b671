# sip_races.py NAME PORT DIR - Peers of sip_races.sh: a caller from a trunk and the telephone 7001, whose messages cross,
# are lost, come again or are too large. Line, Dialog and Desk are those of sip_replaces.py.
import os, re, socket, struct, sys, time
from sip_replaces import Desk, Dialog, Line, given, wait_for
from sip_front import bind, message, name, sdp, status

NAME, PORT, DIR = given[0], int(given[1]), given[2]
STAYS = "P-Asserted-Identity: <sip:+33145550188@127.0.0.2>\r\n"  # the callers who are there all the time
OFFER = "v=0\r\no=- 1 2 IN IP4 {0}\r\ns=-\r\nc=IN IP4 {0}\r\nt=0 0\r\n{1}"


def trunk():
    return Line(bind("127.0.0.2"), PORT)


def quiet(line, seconds, *none):
    """Whatever comes meanwhile is kept; nothing of it has all of that."""
    try:
        line.wait("nothing has this", seconds=seconds)
    except AssertionError:
        pass
    assert not none or not [text for text in line.kept if all(one in text for one in none)], (none, line.kept)


class Rung:
    """A call that rings at the telephone, and what the telephone says in it."""

    def __init__(self, phone):
        self.line, self.invite, self.number = phone, phone.wait("INVITE sip:x@"), 100
        self.id = re.search("Call-ID: ([^\r]*)", self.invite)[1]
        self.to = sound_of(self.invite)

    def reply(self, line, body=""):
        self.line.reply(self.invite, line, body)

    def answers(self, sound):
        self.reply("200 OK", sound.offer())
        self.line.wait("ACK sip:", self.id)

    def request(self, method, body="", wait=True):
        part = lambda what: re.search(f"\r\n{what}: ([^\r]*)", self.invite)[1]
        self.number += 1
        kind = "Content-Type: application/sdp\r\n" if body else ""
        self.line.send((f"{method} {re.search('Contact: <([^>]*)>', self.invite)[1]} SIP/2.0\r\nVia: SIP/2.0/UDP {name(self.line.own)};branch=z9hG4bK{os.urandom(6).hex()}\r\n"
                        f"From: {part('To')};tag=theirs\r\nTo: {part('From')}\r\nCall-ID: {self.id}\r\nCSeq: {self.number} {method}\r\n"
                        f"Contact: <sip:x@{name(self.line.own)}>\r\nMax-Forwards: 70\r\n{kind}Content-Length: {len(body)}\r\n\r\n{body}").encode())
        if not wait:
            return None
        answer = self.line.wait("SIP/2.0 ", self.id, f"CSeq: {self.number} {method}")
        if method == "INVITE" and status(answer) == "200":
            self.number -= 1
            self.request("ACK", wait=False)
        return answer

    def bye(self):
        assert status(self.request("BYE")) == "200"


def sound_of(text):
    return (re.search("c=IN IP4 ([^\r]*)", text)[1], int(re.search("m=audio ([0-9]+)", text)[1]))


class Sound:
    """A port for RTP; what is said is one byte, 160 times."""

    def __init__(self, host):
        self.own, self.host, self.sequence = bind(host), host, 0

    def offer(self, way="sendrecv"):
        return sdp(self.own.getsockname()[1], way, self.host)

    def says(self, to, byte):
        self.sequence += 1
        self.own.sendto(struct.pack("!BBHII", 128, 0, self.sequence, self.sequence * 160, 7) + bytes([byte]) * 160, to)

    def heard(self):
        """All that has come up to now."""
        self.own.setblocking(False)
        got = set()
        try:
            while True:
                got.update(self.own.recv(2048)[12:])
        except BlockingIOError:
            return got


def pass_sound(one, to, other, byte):
    """What `one` says to the exchange is heard by `other`."""
    for _ in range(100):
        one.says(to, byte)
        time.sleep(0.02)
        if byte in other.heard():
            return
    raise AssertionError(("not heard", hex(byte)))


class Talk:
    """Caller and telephone talk with each other."""

    def __init__(self, phone, acknowledges=True):
        self.hers, self.his = Sound("127.0.0.2"), Sound("127.0.0.3")
        self.caller = Dialog(trunk(), "1801", body=self.hers.offer())
        self.rung = Rung(phone)
        self.rung.reply("180 Ringing")
        self.rung.answers(self.his)
        self.answer = self.caller.answer("200")
        self.to = sound_of(self.answer)
        if acknowledges:
            self.caller.ack(200)

    def stands(self):
        """Each hears the other, and is told that the session is there."""
        assert status(self.caller.request("OPTIONS")) == "200" and status(self.rung.request("OPTIONS")) == "200"
        pass_sound(self.hers, self.to, self.his, 0x11)
        pass_sound(self.his, self.rung.to, self.hers, 0x22)

    def over(self):
        self.caller.bye()
        self.rung.line.wait("BYE", self.rung.id)


def telephone():
    return Desk(PORT, "7001", "one")


def finals(dialog):
    """The last answers to its INVITE, ones that came again once."""
    return {status(text) for text in dialog.line.kept if f"CSeq: {dialog.invited} INVITE" in text and status(text) >= "200"}


def cancels():
    """The caller gives up as the telephone answers."""
    phone = telephone()
    # Our CANCEL and the 200 cross: the telephone is acknowledged, and let go. It had rung, or had said nothing yet.
    for said in ("180 Ringing", None):
        caller = Dialog(trunk(), "1801")
        rung = Rung(phone)
        caller.answer("180")
        if said:
            rung.reply(said)
            time.sleep(0.1)
        caller.hangs()
        if said:
            phone.wait("CANCEL", rung.id)
        rung.reply("200 OK", sdp(9, host="127.0.0.3"))
        phone.wait("ACK sip:", rung.id), phone.wait("BYE sip:", rung.id)
        quiet(caller.line, 0.1, "SIP/2.0 200", " INVITE\r\n")
    # Only after our CANCEL may it end in order.
    caller = Dialog(trunk(), "1801")
    rung = Rung(phone)
    caller.answer("180")
    caller.hangs()
    rung.reply("180 Ringing")
    phone.wait("CANCEL", rung.id)
    rung.reply("487 Request Terminated")
    phone.wait("ACK sip:", rung.id)
    # In one breath, either first: one answer, and everybody is let go.
    for first in (0, 1, 0, 1):
        caller = Dialog(trunk(), "1801")
        rung = Rung(phone)
        rung.reply("180 Ringing")
        caller.answer("180")
        time.sleep(0.1)
        both = [lambda: rung.reply("200 OK", sdp(9, host="127.0.0.3")),
                lambda: caller.line.send(caller.sent.replace(b"INVITE ", b"CANCEL ", 1).replace(b" INVITE\r\n", b" CANCEL\r\n"))]
        both[first](), both[1 - first]()
        phone.wait("ACK sip:", rung.id)
        caller.line.wait("SIP/2.0 ", " CANCEL\r\n")
        quiet(caller.line, 0.3)
        assert len(finals(caller)) == 1 and finals(caller) <= {"200", "487"}, finals(caller)
        if finals(caller) == {"200"}:
            caller.answer("200"), caller.ack(200), caller.bye()
        phone.wait("BYE sip:", rung.id)
    # CANCEL comes after our 200: it is answered, and the call goes on.
    talk = Talk(phone, acknowledges=False)
    talk.caller.line.send(talk.caller.sent.replace(b"INVITE ", b"CANCEL ", 1).replace(b" INVITE\r\n", b" CANCEL\r\n"))
    assert status(talk.caller.line.wait("SIP/2.0 ", " CANCEL\r\n")) in ("200", "481")
    talk.caller.ack(200)
    talk.stands()
    quiet(phone, 0.1, "BYE")
    talk.over()


def repeats():
    """Our 200 is lost: it comes again, ever later, and a late ACK is good. The telephone's comes again: so does our ACK."""
    phone = telephone()
    talk = Talk(phone, acknowledges=False)
    at = [time.monotonic()]
    for _ in range(2):
        assert talk.caller.answer("200", seconds=4) == talk.answer, "another answer"
        at.append(time.monotonic())
    assert at[2] - at[1] > 1.3 * (at[1] - at[0]) > 0.4, at
    for _ in range(3):
        talk.rung.reply("200 OK", talk.his.offer())
        phone.wait("ACK sip:", talk.rung.id)
    talk.caller.ack(200), talk.caller.ack(200)
    talk.stands()
    talk.over()


def offers():
    """Caller and telephone offer anew: they hold, come back, move, and offer what cannot be. Strangers are not heard."""
    phone = telephone()
    talk = Talk(phone)
    talk.stands()

    def hers(body):
        answer = talk.caller.request("INVITE", "", body)
        if status(answer) == "200":
            talk.caller.send("ACK")
        return answer

    strangers = Sound("127.0.0.9"), Sound("127.0.0.2"), Sound("127.0.0.3")

    def unmoved():
        """Nobody hears what strangers say to either port, nor do they hear anything."""
        talk.hers.heard(), talk.his.heard()
        for _ in range(10):
            for one in strangers:
                one.says(talk.to, 0x33), one.says(talk.rung.to, 0x33)
            talk.hers.says(talk.to, 0x44), talk.his.says(talk.rung.to, 0x55)
            time.sleep(0.02)
        got = talk.hers.heard(), talk.his.heard()
        assert got == ({0x55}, {0x44}), got
        assert not any(one.heard() for one in strangers), "a stranger hears the call"

    unmoved()
    # She holds: the telephone is not asked anew, and she is silent to it.
    assert "a=recvonly" in hers(talk.hers.offer("sendonly"))
    assert "a=sendrecv" in hers(talk.hers.offer())
    # The telephone holds, which the desktop sees; it comes back.
    assert "a=recvonly" in talk.rung.request("INVITE", talk.his.offer("sendonly"))
    wait_logged("EventHeld dn=7001")
    assert "a=sendrecv" in talk.rung.request("INVITE", talk.his.offer())
    wait_logged("EventRetrieved dn=7001")
    talk.stands()
    quiet(phone, 0.05, "INVITE sip:"), quiet(talk.caller.line, 0.05, "INVITE sip:")
    # Both move, to another port and to another address.
    for hosts in (("127.0.0.2", "127.0.0.3"), ("127.0.0.12", "127.0.0.13")):
        talk.hers, talk.his = map(Sound, hosts)
        time.sleep(0.3)  # the port that was heard up to now is silent for longer than it is kept
        assert status(hers(talk.hers.offer())) == "200" and status(talk.rung.request("INVITE", talk.his.offer())) == "200"
        talk.stands()
    # What cannot be is refused, and changes nothing.
    for bad in (OFFER.format("127.0.0.9", "m=audio 9 RTP/AVP 3\r\n"), OFFER.format("127.0.0.9", "m=video 9 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"),
                OFFER.format("nowhere", "m=audio 9 RTP/AVP 0\r\n"), "v=0\r\nm=", "no description at all"):
        answers = talk.caller.request("INVITE", "Content-Type: application/sdp\r\n" if not bad.startswith("v=0") else "", bad), talk.rung.request("INVITE", bad)
        assert all(status(one) == "488" for one in answers), (bad, answers)
        unmoved()
    talk.stands()
    talk.over()


def wait_logged(text, count=1):
    end = time.monotonic() + 20
    while len(re.findall(text, open(f"{DIR}/gcxvm.log", errors="replace").read())) < count:
        assert time.monotonic() < end, text
        time.sleep(0.02)


def refuses():
    """Eight telephones, one after another, do not take a call, each for a reason of its own: at once, or once they ring."""
    says = ["486 Busy Here", "480 Temporarily Unavailable", "404 Not Found", "503 Service Unavailable", "603 Decline"]
    says = {f"701{at}": text for at, text in enumerate(says + ["486 Busy Here", "603 Decline", "480 Temporarily Unavailable"])}
    phones = {dn: Desk(PORT, dn, "one") for dn in says}
    cti = socket.create_connection(("127.0.0.1", int(open(f"{DIR}/cti.port").read())))
    for at, dn in enumerate(says):
        for request, more, event in (("RegisterAddress", "", "EventRegistered"), ("AgentLogin", f',"AgentID":"agent{at}"', "EventAgentLogin client="),
                                     ("AgentReady", "", "EventAgentReady client=")):
            cti.sendall(f'{{"Message":"Request{request}","ReferenceID":1,"ThisDN":"{dn}"{more}}}\n'.encode())
            wait_logged(f"{event}.* dn={dn} |{event} dn={dn} ")
    caller = Dialog(trunk(), "1802")
    left = set(says)
    until = time.monotonic() + 90
    while left:
        assert time.monotonic() < until, f"no call has come to {sorted(left)}"
        dn = next((dn for dn in sorted(left) if came(phones[dn])), None)
        if not dn:
            continue
        rung = Rung(phones[dn])
        if dn >= "7015":
            rung.reply("180 Ringing")
            wait_logged(f"EventRinging dn={dn} change")
        rung.reply(says[dn])
        phones[dn].wait("ACK sip:", rung.id)
        left.remove(dn)
    caller.hangs()


def came(phone):
    """Has a call come there?"""
    try:
        phone.kept.insert(0, phone.wait("INVITE sip:x@", seconds=0.02))
        return True
    except AssertionError:
        return False


class Desktop:
    """What is asked at the telephone 7001's desktop."""

    def __init__(self):
        self.wire = socket.create_connection(("127.0.0.1", int(open(f"{DIR}/cti.port").read())))
        self.ask("RegisterAddress")

    def ask(self, request, more=""):
        self.wire.sendall(f'{{"Message":"Request{request}","ReferenceID":1,"ThisDN":"7001"{more}}}\n'.encode())


def outside():
    """The agent dials outside. What the network says before the answer is heard in the place of our ringing tone; each
    refusal has its cause."""
    phone, desktop = telephone(), Desktop()
    own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    own.bind(("127.0.0.4", int(open(f"{DIR}/world").read())))
    world = Line(own, PORT)

    def dials(number):
        his, there = Sound("127.0.0.3"), Sound("127.0.0.4")
        desktop.ask("MakeCall", f',"OtherDN":"{number}"')
        rung = Rung(phone)
        rung.reply("180 Ringing")
        rung.answers(his)
        asked = world.wait(f"INVITE sip:{number}@")
        return his, there, rung, asked

    def ends(text, count):
        wait_logged(f"EventReleased dn=7001 change=.*cause={text}", count)

    for last in ("200 OK", "486 Busy Here"):
        his, there, rung, asked = dials("+33145550155")
        world.reply(asked, "183 Session Progress", there.offer())
        end = time.monotonic() + 10
        while not his.heard():  # our ringing tone
            assert time.monotonic() < end
            time.sleep(0.02)
        pass_sound(there, sound_of(asked), his, 0x66)
        pass_sound(his, rung.to, there, 0x77)
        his.heard(), time.sleep(0.1)
        assert not his.heard(), "the ringing tone goes on beside what the network says"
        world.reply(asked, last, there.offer() if last[0] == "2" else "")
        world.wait("ACK sip:")
        if last[0] == "2":
            pass_sound(there, sound_of(asked), his, 0x68)
            rung.bye()
            world.wait("BYE")
        else:
            phone.wait("BYE", rung.id)
            ends("busy", 1)
    for line, cause, count in (("486 Busy Here", "busy", 2), ("603 Decline", "refused", 1), ("404 Not Found", "invalid_number", 1),
                               ("480 Temporarily Unavailable", "no_answer", 1), ("503 Service Unavailable", "no_circuit", 1)):
        his, there, rung, asked = dials("+33145550156")
        world.reply(asked, line)
        world.wait("ACK sip:")
        phone.wait("BYE", rung.id)
        ends(cause, count)


def early():
    """A telephone dials: what the network says before its answer is heard there, by a 183, which waits for PRACK where the
    telephone knows of it. A caller hears a tone that says that nobody answers, and does not pay for it."""
    phone, own = telephone(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    own.bind(("127.0.0.4", int(open(f"{DIR}/world").read())))
    world = Line(own, PORT)

    def acknowledges(call, text):
        sequence = int(re.search("RSeq: ([0-9]+)", text)[1])
        assert "Require: 100rel" in text and status(call.request("PRACK", f"RAck: {sequence} {call.invited} INVITE\r\n")) == "200"
        return sequence

    for more, late in (("", False), ("Supported: 100rel\r\n", False), ("Require: 100rel\r\n", True)):
        his, there = Sound("127.0.0.3"), Sound("127.0.0.4")
        call = phone.dials("+33145550157", more, his.offer())
        asked = world.wait("INVITE sip:+33145550157@")
        rings = call.answer("180")
        world.reply(asked, "183 Session Progress", there.offer())
        pass_sound(there, sound_of(asked), his, 0x66)
        if more:  # a second one that is acknowledged comes behind the first one's PRACK
            assert not [text for text in phone.kept if "SIP/2.0 183" in text and call.id in text]
            before = acknowledges(call, rings)
        told = call.answer("183")
        assert "m=audio" in told and ("RSeq" in told) == bool(more), told
        pass_sound(his, sound_of(told), there, 0x67)
        if more and not late:
            assert acknowledges(call, told) == before + 1
        world.reply(asked, "200 OK", there.offer())
        world.wait("ACK sip:")
        if late:  # nor is the call answered before it
            quiet(phone, 0.3, "SIP/2.0 200 ", call.id, " INVITE\r\n")
            acknowledges(call, told)
        answer = call.answer("200")
        assert answer.partition("\r\n\r\n")[2] == ("" if more else told.partition("\r\n\r\n")[2]), (told, answer)
        call.ack(200)
        pass_sound(there, sound_of(asked), his, 0x68)
        call.bye()
        world.wait("BYE")
    hers = Sound("127.0.0.2")
    caller = Dialog(trunk(), "1804", body=hers.offer())
    assert "m=audio" in caller.answer("183")
    caller.answer("480")
    assert hers.heard() and not [text for text in caller.line.kept if "SIP/2.0 200" in text]


def large():
    """More than anybody needs: it is refused or taken, and others are served."""
    line, bad = trunk(), []
    lines = lambda head, count: "".join(f"{head}{i}\r\n" for i in range(count))
    streams = OFFER.format("127.0.0.2", "".join(f"m=video {2 * i + 2} RTP/AVP 96\r\n" for i in range(500)))

    def tries(what, more="", body=None, spoils=lambda text: text, wanted="4"):
        one = Dialog(line, "1803", more, body, spoils=spoils)
        try:
            told = status(line.wait("SIP/2.0 ", one.id, seconds=1.5))
        except AssertionError:
            told = "-"
        if told < "200" and told != "-":
            one.talks().bye()
        print(f"{what}: {len(one.sent)} bytes are answered {told}")
        if told[0] not in wanted:
            bad.append(what)
        line.send(message("OPTIONS", line.own, PORT, call=f"after{one.id}"))
        assert status(line.wait(f"after{one.id}")) == "200"

    tries("user data", "User-to-User: " + "61" * 5000 + ";encoding=hex\r\n", wanted="-4")
    tries("user data of 3 kB", "User-to-User: " + "61" * 1500 + ";encoding=hex\r\n", wanted="14")
    tries("From", spoils=lambda text: text.replace(b"From: <sip:", b"From: \"" + b"x" * 5000 + b"\" <sip:"), wanted="14")
    tries("Via", lines("Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx", 200), wanted="-14")
    tries("many Via", lines("v:SIP/2.0/UDP a;branch=z", 200), wanted="14")
    tries("Record-Route", lines("Record-Route: <sip:192.0.2.1;lr>;x=", 200), wanted="-14")
    tries("streams", body=streams, wanted="-4")
    tries("headers", lines("X:", 300), wanted="4")
    tries("datagram", "X: " + "y" * 64000 + "\r\n", wanted="-4")
    assert not bad, bad


def unacknowledged():
    """Who never acknowledges our 200 is let go, with BYE, once 64 times half a second are over."""
    caller, began, times = Dialog(trunk(), "1803", STAYS), time.monotonic(), 0
    caller.answer("200")
    while True:
        text = caller.line.wait(caller.id, seconds=20)
        if text.startswith("BYE"):
            break
        times += status(text) == "200"
    assert times >= 8 and 30 < time.monotonic() - began < 40, (times, time.monotonic() - began)


def refreshed():
    """A caller whose session the exchange refreshes, after 45 seconds."""
    return Dialog(trunk(), "1803", STAYS + "Supported: timer\r\nSession-Expires: 90;refresher=uas\r\n").talks()


def glare():
    """The exchange refreshes four sessions: one refresh crosses the peer's own offer, one is answered 491, one crosses
    BYE, one is answered as that leaves."""
    crossed, pending, leaving, answered = (refreshed() for _ in "1234")

    def refresh(caller):
        return caller.line.wait("INVITE sip:", caller.id, seconds=55)

    asked = refresh(crossed)
    assert "Session-Expires: 90;refresher=uac" in asked, asked
    assert status(crossed.request("INVITE", "", sdp(9))) == "491"
    crossed.send("ACK", number=crossed.number)
    crossed.line.reply(asked, "200 OK", sdp(9))
    crossed.line.wait("ACK sip:", crossed.id)
    assert status(crossed.request("INVITE", "", sdp(9))) == "200"
    crossed.send("ACK", number=crossed.number)
    # 491 to ours: it comes again within two seconds, as it was the peer who began the call.
    asked = refresh(pending)
    pending.line.reply(asked, "491 Request Pending")
    pending.line.wait("ACK sip:", pending.id)
    began = time.monotonic()
    again = pending.line.wait("INVITE sip:", pending.id, seconds=4)
    while re.search("CSeq: ([^\r]*)", again)[1] == re.search("CSeq: ([^\r]*)", asked)[1]:
        again = pending.line.wait("INVITE sip:", pending.id, seconds=4)
    assert time.monotonic() - began < 2.5, time.monotonic() - began
    pending.line.reply(again, "200 OK", sdp(9))
    pending.line.wait("ACK sip:", pending.id)
    # BYE crosses it: BYE is answered, and the refresh leads to nothing.
    asked = refresh(leaving)
    leaving.bye()
    leaving.line.reply(asked, "481 Call Does Not Exist")
    leaving.line.wait("ACK sip:", leaving.id)
    asked = refresh(answered)
    answered.line.reply(asked, "200 OK", sdp(9))
    answered.bye()
    answered.line.wait("ACK sip:", answered.id)
    for one in (crossed, pending):
        assert status(one.request("OPTIONS")) == "200"
        one.bye()
    for one in (leaving, answered):
        assert status(one.request("OPTIONS")) == "481"


def again():
    """The core dies once it has routed the call here; this telephone rings meanwhile: it is asked once all the same."""
    phone = telephone()
    hers, his = Sound("127.0.0.2"), Sound("127.0.0.3")
    caller = Dialog(trunk(), "1801", body=hers.offer())
    rung = Rung(phone)
    open(f"{DIR}/asked", "w").close()
    wait_for(f"{DIR}/dead")
    rung.reply("180 Ringing")
    wait_logged("EventRinging dn=7001")
    quiet(phone, 0.3)
    others = [text for text in phone.kept if text.startswith("INVITE") and rung.id not in text]
    assert not others, others
    rung.answers(his)
    caller.talks()
    open(f"{DIR}/talks", "w").close()
    caller.bye()
    phone.wait("BYE", rung.id)


def vanishes():
    """A call that is up as the exchange dies."""
    talk = Talk(telephone())
    talk.stands()
    open(f"{DIR}/up", "w").close()


def script():
    """Texts that a page must not run: in a name, in the caller's data. Another program judges what comes of them."""
    phone, text = telephone(), "<script>alert(1)</script>"
    more = f'User-to-User: {text.encode().hex()};encoding=hex\r\nDiversion: "{text}" <sip:{text}@a>;reason="{text}"\r\n'
    caller = Dialog(trunk(), "1801", more, spoils=lambda sent: sent.replace(b"From: <sip:", f'From: "{text}" <sip:'.encode()))
    rung = Rung(phone)
    rung.reply("180 Ringing")
    wait_logged("EventRinging dn=7001 .*change=Ringing")
    caller.hangs()
    phone.wait("CANCEL", rung.id)
    rung.reply("487 Request Terminated")


globals()[NAME]()
