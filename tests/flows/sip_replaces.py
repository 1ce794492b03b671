# sip_replaces.py - Peers that say Replaces and PRACK as no good program says it; the bytes are those of sip_front.py.
#   replaces PORT DIR BUSY...  telephones 7005 and 7006, a trunk's callers: REFER and INVITE with Replaces, at the site of sip_calls.sh,
#                              where the telephones BUSY answer by themselves
#   vanish PORT DIR BUSY...    joins two calls, and the exchange is killed meanwhile: DIR/joined says when
#   answers PORT DIR           telephone 7006, which rings, and picks up by itself where it is asked to
#   prack PORT WAITS ANSWERS   reliable provisional answers, at the site of sip_front.sh: a number whose calls wait, one that answers
import os, re, sys, time

sys.argv, given = [sys.argv[0], ""], sys.argv[1:]  # the other script's peers are not run
sys.path.insert(0, os.path.dirname(__file__))
from sip_front import Telephone, bind, heard, message, name, sdp, status


class Line:
    """One end of SIP: what comes is kept until it is wanted, and requests are answered 200."""

    def __init__(self, own, port):
        self.own, self.port, self.kept, self.quiet = own, int(port), [], False

    def send(self, text):
        self.own.sendto(text, ("127.0.0.1", self.port))

    def wait(self, *wanted, seconds=10):
        """The first message with all that, which is then taken out."""
        end = time.monotonic() + seconds
        while True:
            for at, text in enumerate(self.kept):
                if all(one in text for one in wanted):
                    return self.kept.pop(at)
            self.own.settimeout(max(0.01, end - time.monotonic()))
            try:
                text = self.own.recv(65536).decode()
            except TimeoutError:
                raise AssertionError((wanted, [one[:300] for one in self.kept])) from None
            self.kept.append(text)
            if not text.startswith(("SIP/2.0", "ACK", "INVITE")):
                self.reply(text, "200 OK")

    def reply(self, text, line, body=""):
        head = [one for one in text.partition("\r\n\r\n")[0].split("\r\n") if re.match("(Via|From|To|Call-ID|CSeq):", one)]
        head = [one + ";tag=theirs" if one.startswith("To:") and "tag=" not in one else one for one in head]
        kind = "Content-Type: application/sdp\r\n" if body else ""
        self.send((f"SIP/2.0 {line}\r\n" + "\r\n".join(head) + f"\r\nContact: <sip:x@{name(self.own)}>\r\n{kind}"
                   f"Content-Length: {len(body)}\r\n\r\n{body}").encode())


class Dialog:
    """A call that this end has begun; `proof` makes the header that an INVITE of a telephone needs, `spoils` an odd INVITE
    of a good one."""
    count = 0

    def __init__(self, line, user, more="", body=None, proof=None, spoils=lambda text: text):
        Dialog.count += 1
        self.line, self.user, self.id, self.number, self.tag, self.own_tag = line, user, f"d{Dialog.count}{os.urandom(4).hex()}", 0, "", f"t{Dialog.count}"
        self.contact, self.more, self.body, self.proof = None, more, body if body is not None else sdp(9, host=line.own.getsockname()[0]), proof
        self.spoils = spoils
        self.invite()
        if proof:
            nonce = re.search('nonce="([^"]+)"', self.answer("401"))[1]
            self.ack(401)
            self.more += proof("INVITE", nonce, uri=self.sent.split()[1].decode())
            self.invite()

    def send(self, method, more="", body="", number=None):
        text = message(method, self.line.own, self.line.port, self.user, more, body, self.id, number or self.number, self.tag,
                       self.own_tag, self.contact if self.tag else None)
        text = self.spoils(text) if method == "INVITE" else text
        self.line.send(text)
        return text

    def invite(self):
        self.number += 1
        self.invited = self.number
        self.sent = self.send("INVITE", self.more, self.body)

    def ack(self, code):
        if code < 300:
            self.send("ACK", number=self.invited)

    def answer(self, code, seconds=10):
        text = self.line.wait(f"SIP/2.0 {code}", self.id, f"CSeq: {self.invited} INVITE", seconds=seconds)
        if code != "401" and ";tag=" in text:
            self.tag = re.search("To: [^\r]*(;tag=[^\r;]*)", text)[1]
            contact = re.search("Contact: <(.*)>", text)
            self.contact = contact[1] if contact else self.contact
        return text

    def talks(self):
        text = self.answer("200")
        self.ack(200)
        return self if text else None

    def request(self, method, more="", body=""):
        self.number += 1
        self.send(method, more, body)
        return self.line.wait("SIP/2.0 ", self.id, f"CSeq: {self.number} {method}")

    def hangs(self):
        """It gives up while it rings: CANCEL has the branch of its INVITE."""
        self.line.send(self.sent.replace(b"INVITE ", b"CANCEL ", 1).replace(b" INVITE\r\n", b" CANCEL\r\n"))
        self.answer("487")

    def bye(self):
        assert status(self.request("BYE")) == "200"

    def named(self, early=""):
        """This dialog, as Replaces names it: our tag is what the exchange calls the remote one."""
        return f"{self.id};to-tag={self.tag[5:]};from-tag={self.own_tag}{early}"

    def refers(self, replaces, code=None):
        """REFER with that; `code`: how the NOTIFY tells that it ended."""
        escaped = re.sub("[^A-Za-z0-9.-]", lambda hit: f"%{ord(hit[0]):02X}", replaces)
        answer = status(self.request("REFER", f"Refer-To: <sip:somebody@127.0.0.1?Replaces={escaped}>\r\n"))
        if code:
            assert answer == "202", answer
            self.line.wait("NOTIFY", self.id, "terminated", f"SIP/2.0 {code}")
        return answer


class Desk(Line):
    """A telephone, registered."""

    def __init__(self, port, dn, password):
        self.phone = Telephone(port, dn, password)
        super().__init__(self.phone.own, port)
        assert status(self.phone.register()) == "200"

    def dials(self, number, more="", body=None):
        return Dialog(self, number, more, body, self.phone.proof)


def replaces(port, folder, first, second, third):
    a, b = Desk(port, "7005", "five"), Desk(port, "7006", "six")
    trunk, other = Line(bind("127.0.0.2"), port), Line(bind("127.0.0.2"), port)
    call = a.dials(first).talks()
    # A second call beside the first is a consultation; a third is none, nor is one to a busy telephone.
    a.dials(first).answer("486")
    ask = a.dials(second).talks()
    a.dials(third).answer("486")
    theirs = b.dials(third).talks()
    # Others' calls, calls that are none, and names that are none are not joined.
    call.refers("nobody;to-tag=1;from-tag=2", "481")
    call.refers(ask.named().replace("from-tag=", "from-tag=x"), "481")
    call.refers(ask.id, "481")
    call.refers("x" * 400 + ";to-tag=1;from-tag=2", "481")
    call.refers(theirs.named(), "603")
    call.refers(call.named(), "603")
    assert call.refers("x" * 2000) == "400"
    assert status(call.request("REFER", "Refer-To: <sip:x@127.0.0.1?Accept=x>\r\n")) == "400"
    # So INVITE: who may, and which dialog.
    a.dials("x", f"Replaces: {theirs.named()}\r\n").answer("403")
    a.dials("x", "Replaces: nobody;to-tag=1;from-tag=2\r\n").answer("481")
    a.dials("x", f"Replaces: {call.named()}\r\nReplaces: {ask.named()}\r\n").answer("400")
    a.dials("x", "Replaces: ;;;\r\n").answer("400")
    a.dials("x", f"Require: replaces\r\nReplaces: {call.named()}\r\n").answer("486")  # it has a consultation
    b.dials("x", f"Replaces: {theirs.named(';early-only')}\r\n").answer("486")
    Dialog(trunk, "1801", f"Replaces: {theirs.named()}\r\n").answer("403")
    # It goes on with its own call by another session, and the old one is over.
    again = b.dials("x", f"Require: replaces\r\nReplaces: {theirs.named()}\r\n").talks()
    b.wait("BYE", theirs.id)
    again.bye()
    # Two at once: one is done, whichever dialog says it; all is over here, and both others talk.
    ask.send("REFER", f"Refer-To: <sip:x@127.0.0.1?Replaces={call.named().replace(';', '%3B').replace('=', '%3D')}>\r\n", number=ask.number + 1)
    ask.number += 1
    call.refers(ask.named())
    ask.line.wait("NOTIFY", ask.id, "terminated", "SIP/2.0 200")
    a.wait("BYE", call.id), a.wait("BYE", ask.id)
    call.refers(ask.named())
    open(f"{folder}/joined.1", "w").close()
    wait_for(f"{folder}/go.1")
    # The transferred one is gone meanwhile: REFER and BYE of the first call in one breath.
    call = a.dials(first).talks()
    ask = a.dials(second).talks()
    call.send("REFER", f"Refer-To: <sip:x@127.0.0.1?Replaces={ask.named().replace(';', '%3B').replace('=', '%3D')}>\r\n", number=call.number + 1)
    call.number += 1
    call.bye()
    a.wait("BYE", ask.id)
    # A call that rings at a telephone is taken there by another session of its own; not by another telephone.
    ring = b.dials("7005")
    rung = a.wait("INVITE sip:x@")
    a.reply(rung, "180 Ringing")
    ring.answer("180")
    part = lambda what: re.search(f"{what}: ([^\r]*)", rung)[1]
    early = f"{part('Call-ID')};to-tag={part('From').partition('tag=')[2]};from-tag=theirs"
    b.dials("x", f"Replaces: {early}\r\n").answer("403")
    b.dials("x", f"Replaces: {ring.named()}\r\n").answer("481")  # we have not begun that one
    taken = a.dials("x", f"Replaces: {early};early-only\r\n").talks()
    ring.talks()
    a.wait("CANCEL", part("Call-ID"))
    taken.bye()
    b.wait("BYE", ring.id)
    # A colleague who dials is told what the telephone says, before it rings and while it does.
    for says in ("480 Temporarily Unavailable", "486 Busy Here", "404 Not Found", "603 Decline"):
        for rings in (False, True):
            ring = b.dials("7005")
            rung = a.wait("INVITE sip:x@")
            if rings:
                a.reply(rung, "180 Ringing")
                ring.answer("180")
            a.reply(rung, says)
            ring.answer(says[:3])
    # A telephone that forwards by itself would dial whatever it names: nobody is called there.
    ring = b.dials("7005")
    a.reply(a.wait("INVITE sip:x@"), f"302 Moved Temporarily\r\nContact: <sip:+88190@{name(other.own)}>")
    ring.answer("480")
    assert not heard(other.own, 0.2), "an address that a telephone's answer named was called"
    # A trunk's caller becomes another one behind it.
    one = Dialog(trunk, "1801").talks()
    two = Dialog(other, "1801", f"Replaces: {one.named()}\r\n").talks()
    trunk.wait("BYE", one.id)
    two.bye()


def wait_for(path):
    end = time.monotonic() + 90
    while not os.path.exists(path):
        assert time.monotonic() < end, path
        time.sleep(0.02)


def vanish(port, folder, first, second):
    a = Desk(port, "7005", "five")
    call = a.dials(first).talks()
    ask = a.dials(second).talks()
    open(f"{folder}/joined.2", "w").close()
    wait_for(f"{folder}/go.2")
    call.send("REFER", f"Refer-To: <sip:x@127.0.0.1?Replaces={ask.named().replace(';', '%3B').replace('=', '%3D')}>\r\n", number=call.number + 1)


def answers(port, folder):
    phone = Desk(port, "7006", "six")
    open(f"{folder}/answers", "w").close()
    rung = phone.wait("INVITE sip:x@", seconds=60)
    assert "answer-after" not in rung and "Answer-Mode" not in rung, rung
    phone.reply(rung, "180 Ringing")
    phone.wait("CANCEL")
    phone.reply(rung, "487 Request Terminated")
    again = phone.wait("INVITE sip:x@")
    assert all(one in again for one in (";answer-after=0", "info=alert-autoanswer", "Answer-Mode: Auto")), again
    phone.reply(again, "180 Ringing")
    phone.reply(again, "200 OK", sdp(9, host=phone.own.getsockname()[0]))
    phone.wait("BYE", seconds=60)


def prack(port, waits, answers):
    own = Line(bind("127.0.0.2"), port)

    def rings(code, more, body=None, number=answers):
        one = Dialog(own, number, more, body)
        text = one.answer(code)
        assert "Require: 100rel" in text, text
        one.sequence = int(re.search("RSeq: ([0-9]+)", text)[1])
        return one, text

    rack = lambda one, sequence=None, invite=None: f"RAck: {sequence or one.sequence} {invite or one.invited} INVITE\r\n"
    # It is sent until it is acknowledged, once; then the call goes on.
    one, text = rings("180", "Require: 100rel\r\n", number=waits)
    again = one.answer("180", seconds=2)
    assert f"RSeq: {one.sequence}" in again
    for more in (rack(one, one.sequence + 1), rack(one, invite=one.invited + 9), "", "RAck: x\r\n", "RAck: 99999999999999999999 1 INVITE\r\n"):
        assert status(one.request("PRACK", more)) == "481", more
    assert status(one.request("PRACK", rack(one))) == "200"
    for _ in range(20):  # more than a socket keeps would only be lost
        for _ in range(20):
            one.number += 1
            one.send("PRACK", rack(one))
        for _ in range(20):
            assert status(own.wait("SIP/2.0", one.id, "PRACK")) == "481"
    one.hangs()
    one, text = rings("180", "Require: 100rel\r\n")
    assert status(one.request("PRACK", rack(one))) == "200"
    one.talks().bye()
    # With Supported alone, too; and who never acknowledges has the call all the same, once it is answered.
    one, text = rings("180", "Supported: timer, 100rel\r\n")
    one.talks().bye()
    # Without an offer ours goes out with the 183, and the call is answered once PRACK has agreed to it.
    one, text = rings("183", "Require: 100rel\r\n", "")
    assert "m=audio" in text
    assert not any("SIP/2.0 200" in text and one.id in text for text in own.kept)
    one.answer("183", seconds=2)
    assert status(one.request("PRACK", rack(one), sdp(9))) == "200"
    answer = one.answer("200")
    assert "m=audio" not in answer, answer
    one.ack(200)
    one.bye()
    # An answer that is none ends the call.
    for body in ("", "v=0\r\n"):
        one, text = rings("183", "Require: 100rel\r\n", "")
        assert status(one.request("PRACK", rack(one), body)) == "488"
        one.answer("504")
    # What is required besides is refused by its name; so it is within a call.
    text = Dialog(own, answers, "Require: 100rel, nonsense\r\nRequire: timer\r\n").answer("420")
    assert "Unsupported: nonsense" in text and "100rel" not in text, text
    one = Dialog(own, answers).talks()
    assert status(one.request("OPTIONS", "Require: nonsense\r\n")) == "420"
    one.bye()


if __name__ == "__main__":
    {"replaces": replaces, "vanish": vanish, "answers": answers, "prack": prack}[given[0]](*given[1:])
