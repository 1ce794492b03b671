# sip_front.py - Peers of sip_front.sh at the door of the exchange: trunks, telephones and strangers that say what no good
# program says, or say it too often.
#   torture PORT FILE          every message of tests/unit/sip_torture.txt gets the answer that stands there
#   rfc4475 PORT FILE HOST DIR  so do the RFC's own 49 messages, which are in DIR as NAME.dat, for a trunk at HOST
#   flood PORT                 strangers are answered seldom, a trunk's calls are limited, the others' are not
#   guess PORT DN PASSWORD     wrong passwords, until nobody answers; the right one from elsewhere is taken
#   agent PORT DN PASSWORD DIR a telephone that registers, rings, answers, and does what DIR/do says (hold, retrieve, hang)
#   call PORT NUMBER DIR       a caller who stays until DIR/gone is there
#   circles PORT               calls that go in a circle; emergencies, which no limit refuses
#   streams PORT TLS_PORT      TCP and TLS
#   provider DIR               a registrar that calls who has registered
#   elsewhere PORT DN PASSWORD  a telephone that registers while another address is banned
#   moves PORT                 a telephone in a call makes another connection
#   six PORT                   a call over IPv6
#   fraud PORT DN PASSWORD     a registered telephone dials what it may not, or with proofs that are not its own
#   within PORT                keys by INFO, UPDATE, session timers
#   strangers PORT DN PASSWORD within a dialog only its peer is obeyed; a telephone that has moved proves who it is
#   routers PORT DN PASSWORD   peers whose Contact is a private address or a name are reached where they came from
import hashlib, os, re, select, socket, ssl, struct, sys, time


def bind(host, kind=socket.SOCK_DGRAM):
    own = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind)
    own.bind((host, 0)), own.settimeout(90)
    return own


def name(own):
    host, port = own.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def sdp(port, way="sendrecv", host="127.0.0.2"):
    kind = "IP6" if ":" in host else "IP4"
    return (f"v=0\r\no=- 1 1 IN {kind} {host}\r\ns=-\r\nc=IN {kind} {host}\r\nt=0 0\r\nm=audio {port} RTP/AVP 0 101\r\n"
            f"a=rtpmap:101 telephone-event/8000\r\na={way}\r\n")


def message(method, own, port, user="1801", more="", body="", call=None, number=1, to_tag="", from_tag="t", uri=None, host="127.0.0.1"):
    call = call or os.urandom(6).hex()
    kind = "Content-Type: application/sdp\r\n" if body.startswith("v=0") else ""
    return (f"{method} {uri or f'sip:{user}@{host}:{port}'} SIP/2.0\r\nVia: SIP/2.0/UDP {name(own)};branch=z9hG4bK{os.urandom(6).hex()};rport\r\n"
            f"From: <sip:+33145550177@{name(own)}>;tag={from_tag}\r\nTo: <sip:{user}@{host}>{to_tag}\r\nCall-ID: {call}\r\n"
            f"CSeq: {number} {method}\r\nContact: <sip:x@{name(own)}>\r\nMax-Forwards: 70\r\n{kind}{more}"
            f"Content-Length: {len(body)}\r\n\r\n{body}").encode()


def heard(own, seconds):
    own.settimeout(seconds)
    try:
        return own.recv(65536).decode(errors="replace")
    except socket.timeout:
        return ""


def until(own, *wanted, seconds=90):
    end, seen = time.monotonic() + seconds, []
    while time.monotonic() < end:
        answer = heard(own, max(0.01, end - time.monotonic()))
        seen.append(answer[:80])
        if all(one in answer for one in wanted):
            return answer
    raise AssertionError((wanted, seen))


def status(answer):
    return answer[8:11] if answer.startswith("SIP/2.0 ") else "-"


def torture(port, path):
    own, count = bind("127.0.0.2"), 0
    for part in open(path, encoding="utf-8").read().split("\n=== ")[1:]:
        head, _, text = part.partition("\n")
        what, _, wanted = head.split()[:3]
        text = re.sub(rb"\\x(..)", lambda hit: bytes([int(hit[1], 16)]), text.encode().replace(b"\n", b"\r\n") + b"\r\n")
        own.sendto(text.replace(b"{host}", name(own).encode()), ("127.0.0.1", port))
        if wanted == "-":  # the next one's answer comes first
            own.sendto(message("OPTIONS", own, port, call=f"after.{what}"), ("127.0.0.1", port))
        answer = until(own, f"after.{what}" if wanted == "-" else "CSeq: 193942" if what == "insuf" else f"{what}.")
        assert wanted == "-" or status(answer) == wanted, (what, wanted, answer)
        count += 1
    assert count > 50
    print(f"{count} messages")


def rfc4475(port, path, host, folder):
    """The RFC's own bytes. They name hosts without ports: answers come to SIP's own, and one to 5050."""
    one, other = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in "12")
    one.bind((host, 5060)), other.bind((host, 5050))
    heads = re.findall("^=== (\\S+) \\S+ (\\S+) ([0-9a-f]{40})$", open(path, encoding="utf-8").read(), re.M)
    for what, wanted, blob in heads:
        text, own = open(f"{folder}/{what}.dat", "rb").read(), other if what == "quotbal" else one
        assert hashlib.sha1(b"blob %d\0" % len(text) + text).hexdigest() == blob, f"{what}.dat is another message"
        own.sendto(text, ("127.0.0.1", port))
        if wanted == "-":  # the next one's answer comes first
            own.sendto(message("OPTIONS", own, port, call=f"after.{what}"), ("127.0.0.1", port))
        answer = until(own, f"after.{what}" if wanted == "-" else "SIP/2.0 ")
        assert wanted == "-" or status(answer) == wanted, (what, wanted, answer)
    assert len(heads) == 49, len(heads)
    print(f"{len(heads)} messages of the RFC")


def flood(port):
    """What a stranger gets is little, whatever it sends; what a trunk sends beyond its rate is put off."""
    stranger, trunk, other = bind("127.0.0.3"), bind("127.0.0.2"), bind("127.0.0.4")
    for _ in range(10):  # more at once would not be flood but loss: a socket keeps under two hundred that are not read yet
        for _ in range(40):
            stranger.sendto(message("INVITE", stranger, port), ("127.0.0.1", port))
        other.sendto(message("OPTIONS", other, port), ("127.0.0.1", port))
        until(other, "SIP/2.0 200")
    answers = 0
    while heard(stranger, 0.3):
        answers += 1
    assert 20 <= answers < 200, answers
    for _ in range(160):
        trunk.sendto(message("INVITE", trunk, port, "1899", body=sdp(9)), ("127.0.0.1", port))
    statuses, late = [], ""
    while answer := heard(trunk, 0.5):
        statuses.append(status(answer))
        late = answer if status(answer) == "503" else late
    assert statuses.count("503") > 10 and statuses.count("404") >= 60, statuses
    assert re.search("Retry-After: [0-9]+", late), late
    other.sendto(message("OPTIONS", other, port), ("127.0.0.1", port))
    until(other, "SIP/2.0 200")


class Telephone:
    def __init__(self, port, dn, password, host="127.0.0.3"):
        self.own, self.port, self.dn, self.password = bind(host), int(port), dn, password
        self.host, self.number = host, 0

    def says(self, method, more):
        self.own.sendto(message(method, self.own, self.port, self.dn, more + "Expires: 0\r\n"), ("127.0.0.1", self.port))
        return heard(self.own, 5)

    def proof(self, method, nonce, password=None, uri="sip:127.0.0.1", dn=None, count="00000001"):
        md5 = lambda text: hashlib.md5(text.encode()).hexdigest()
        ha1, ha2 = md5(f"{dn or self.dn}:gcx:{password or self.password}"), md5(f"{method}:{uri}")
        counted = f'qop=auth, nc={count}, cnonce="c", ' if count else ""
        response = md5(f"{ha1}:{nonce}:{count}:c:auth:{ha2}" if count else f"{ha1}:{nonce}:{ha2}")
        return (f'Authorization: Digest username="{dn or self.dn}", realm="gcx", nonce="{nonce}", uri="{uri}", '
                f'{counted}response="{response}"\r\n')

    def register(self, password=None, expires=60, seconds=90):
        """Once without a password, once with it: the last answer."""
        more = ""
        for _ in "12":
            self.number += 1
            self.own.sendto(message("REGISTER", self.own, self.port, self.dn, more + f"Expires: {expires}\r\n", number=self.number),
                            ("127.0.0.1", self.port))
            answer = heard(self.own, seconds)
            if status(answer) != "401":
                return answer
            nonce = re.search('nonce="([^"]+)"', answer)[1]
            more = self.proof("REGISTER", nonce, password)
        return answer

    def ring(self, folder):
        """Answers the calls that come, and does what the test writes into DIR/do; DIR/heard has what happened."""
        def note(text):
            print(text, file=log, flush=True)

        log, sound = open(f"{folder}/heard", "w"), bind(self.host)
        assert status(self.register()) == "200"
        note("registered")
        call, last, done, silent, beat = None, None, "", False, time.monotonic()
        while True:
            if select.select([self.own], [], [], 0.02)[0]:
                text = self.own.recv(65536).decode()
                if text.startswith("INVITE"):
                    call = call or text
                    body, head = text.partition("\r\n\r\n")[2], text.partition("\r\n\r\n")[0]
                    port, at = int(re.search("m=audio ([0-9]+)", body)[1]), re.search("c=IN IP[46] (\\S+)", body)[1]
                    assert port % 2 == 0
                    note(f"rings port={port} at={at} contact={re.search('Contact: <(.*)>', head)[1]}")
                    for line in ("180 Ringing", "200 OK"):
                        self.reply(text, line, sdp(sound.getsockname()[1], host=self.host) if line[0] == "2" else "")
                elif text.startswith("BYE"):
                    self.reply(text, "200 OK")
                    note("bye")
                    call = None
                elif text.startswith("SIP/2.0 200") and "INVITE" in text:
                    note("answered " + re.search("a=(sendrecv|sendonly|recvonly|inactive)", text)[1] + f" to {done}")
                    self.own.sendto(self.within(call, "ACK", last, ""), ("127.0.0.1", self.port))
            asked = open(f"{folder}/do").read().strip() if os.path.exists(f"{folder}/do") else ""
            if asked != done and call:
                done, self.number = asked, self.number + 1
                silent = asked == "silent"
                if asked in ("hold", "retrieve", "refresh"):
                    last, way = self.number, "sendonly" if asked == "hold" else "sendrecv"
                    self.own.sendto(self.within(call, "INVITE", last, sdp(sound.getsockname()[1], way, self.host)), ("127.0.0.1", self.port))
            if call and not silent and done != "hold" and time.monotonic() > beat:
                beat = time.monotonic() + 0.1
                sound.sendto(struct.pack("!BBHII", 128, 0, self.number & 0xFFFF, 0, 7) + b"\xff" * 160, (at, port))

    def reply(self, text, line, body=""):
        head = [one for one in text.partition("\r\n\r\n")[0].split("\r\n") if re.match("(Via|From|To|Call-ID|CSeq):", one)]
        head = [one + ";tag=phone" if one.startswith("To:") and "tag=" not in one else one for one in head]
        kind = "Content-Type: application/sdp\r\n" if body else ""
        self.own.sendto((f"SIP/2.0 {line}\r\n" + "\r\n".join(head) + f"\r\nContact: <sip:{self.dn}@{name(self.own)}>\r\n{kind}"
                         f"Content-Length: {len(body)}\r\n\r\n{body}").encode(), ("127.0.0.1", self.port))

    def within(self, invite, method, number, body):
        """A request of ours in the session that the other one began."""
        part = lambda what: re.search(f"\r\n{what}: ([^\r]*)", invite)[1]
        kind = "Content-Type: application/sdp\r\n" if body else ""
        return (f"{method} {re.search('Contact: <(.*)>', invite)[1]} SIP/2.0\r\nVia: SIP/2.0/UDP {name(self.own)};branch=z9hG4bK{os.urandom(6).hex()}\r\n"
                f"From: {part('To')};tag=phone\r\nTo: {part('From')}\r\nCall-ID: {part('Call-ID')}\r\nCSeq: {number} {method}\r\n"
                f"Contact: <sip:{self.dn}@{name(self.own)}>\r\nMax-Forwards: 70\r\n{kind}Content-Length: {len(body)}\r\n\r\n{body}").encode()


def guess(port, dn, password):
    bad, good = Telephone(port, dn, password, "127.0.0.5"), Telephone(port, dn, password, "127.0.0.6")
    for _ in range(10):
        assert status(bad.register("wrong")) == "403"
    assert bad.register(seconds=0.5) == "", "a guesser is still answered"
    other = Telephone(port, "7001", "one", "127.0.0.5")  # behind the same router
    assert status(other.register()) == "200"
    for number in range(90):
        other.dn = f"9{number // 10}"
        assert status(other.register()) == "403"
    other.dn = "7001"
    assert other.register(seconds=0.5) == "", "an address that guesses at all is still answered"
    assert status(good.register()) == "200"
    assert status(good.register(expires=0)) == "200"
    # A proof holds once; a later count of the same nonce holds, an earlier one does not; without a count it holds once.
    nonce = re.search('nonce="([^"]+)"', good.says("REGISTER", ""))[1]
    for count, wanted in (("00000001", "200"), ("00000001", "401"), ("00000003", "200"), ("00000002", "401"), ("00000000", "401"),
                          ("", "401"), ("zz", "401"), ("00000004", "200")):
        answer = good.says("REGISTER", good.proof("REGISTER", nonce, count=count))
        assert status(answer) == wanted and ("stale=true" in answer) == (wanted == "401"), (count, answer)
    packet = message("REGISTER", good.own, good.port, dn, good.proof("REGISTER", nonce, count="00000005") + "Expires: 0\r\n")
    for _ in range(3):  # the network has sent it again
        good.own.sendto(packet, ("127.0.0.1", good.port))
        assert status(heard(good.own, 5)) == "200"
    for _ in range(9):  # who has proved newer ones has no old one again
        assert status(good.register(expires=0)) == "200"
    assert "stale=true" in good.says("REGISTER", good.proof("REGISTER", nonce, count="00000009"))
    for expires, wanted in ((60, "400"), (0, "200")):  # all contacts at once can only end
        nonce = re.search('nonce="([^"]+)"', good.says("REGISTER", ""))[1]
        packet = message("REGISTER", good.own, good.port, dn, good.proof("REGISTER", nonce) + f"Expires: {expires}\r\n")
        good.own.sendto(re.sub(rb"Contact: [^\r]*", b"Contact: *", packet), ("127.0.0.1", good.port))
        assert status(heard(good.own, 5)) == wanted, (expires, wanted)


def elsewhere(port, dn, password):
    """A telephone at another address is let register."""
    assert status(Telephone(port, dn, password, "127.0.0.6").register()) == "200"


def fraud(port, dn, password):
    phone = Telephone(port, dn, password)
    assert status(phone.register()) == "200"

    def dials(number, proof=phone.proof, method="INVITE", own=phone.own):
        call = os.urandom(6).hex()
        for more in ("", None):
            if more is None:
                more = proof(method, re.search('nonce="([^"]+)"', answer)[1], uri=f"sip:{number}@127.0.0.1")
            own.sendto(message("INVITE", own, port, number, more, sdp(9), call, 1 if not more else 2), ("127.0.0.1", int(port)))
            answer = until(own, "CSeq: 1 INVITE" if not more else "CSeq: 2 INVITE")
            if status(answer) != "401":
                return status(answer)
        return "401"

    for number in ("+4930555", "%2B4930555", "0033145550101", "1100", "+33" + "1" * 80, "'x", "+4930555;phone-context=+33", "+33%31%34",
                   dn, "7999", "*", "+33145550101%3B", "\u00e9"):
        assert dials(number) in ("404", "486"), (number, "was dialled")
    assert dials("110", lambda method, nonce, uri: phone.proof(method, nonce, "guessed", uri)) == "403"
    assert dials("110", lambda method, nonce, uri: phone.proof("REGISTER", nonce, uri=uri)) == "403", "the proof of another request was taken"
    for other in ("sip:111@127.0.0.1", "sip:110@127.0.0.9", "sip:127.0.0.1", "tel:110"):
        assert dials("110", lambda method, nonce, uri: phone.proof(method, nonce, uri=other)) == "400", "the proof of another number was taken"
    assert dials("110", lambda method, nonce, uri: phone.proof(method, "0" * 48, uri=uri)) == "401", "a nonce that was never given was taken"
    stranger = bind("127.0.0.4")
    assert dials("110", own=stranger) == "403"


class Call:
    """A caller from a trunk, over UDP."""

    def __init__(self, port, number, more="", host="127.0.0.2", at="127.0.0.1", contact=None, own=None, body=None):
        self.own, self.sound, self.port, self.at, self.host, self.user = own or bind(host), bind(host), port, at, host, number
        self.id, self.number, self.contact_said = os.urandom(6).hex(), 1, contact
        self.send("INVITE", more, body or sdp(self.sound.getsockname()[1], host=host))

    def send(self, method, more="", body="", uri=None, number=None):
        tag = getattr(self, "tag", "")
        number = number or self.number
        host = f"[{self.at}]" if ":" in self.at else self.at
        self.sent = message(method, self.own, self.port, self.user, more, body, self.id, number, tag, uri=uri, host=host)
        if self.contact_said:
            self.sent = re.sub(rb"Contact: <[^>]*>", b"Contact: <" + self.contact_said.encode() + b">", self.sent)
        self.own.sendto(self.sent, (self.at, self.port))

    def answered(self):
        answer = until(self.own, "SIP/2.0 200", "INVITE")
        self.tag, self.contact = re.search("To: [^\r]*(;tag=[^\r]*)", answer)[1], re.search("Contact: <(.*)>", answer)[1]
        self.to = (re.search("c=IN IP[46] (\\S+)", answer)[1], int(re.search("m=audio ([0-9]+)", answer)[1]))
        self.send("ACK", uri=self.contact)
        return answer

    def request(self, method, more="", body=""):
        self.number += 1
        self.send(method, more, body, self.contact)
        return until(self.own, f"CSeq: {self.number} {method}")

    def bye(self):
        assert status(self.request("BYE")) == "200"


def call(port, number, folder):
    """A caller who says 1000 Hz until DIR/gone is there, or the other end hangs up; DIR/said: so many packets."""
    one = Call(port, number)
    one.answered()
    one.own.settimeout(0.1)
    said = 0
    while not os.path.exists(f"{folder}/gone"):
        for _ in range(5):
            one.sound.sendto(struct.pack("!BBHII", 128, 0, said, said * 160, 9) + b"\x8a\x8a\x8a\x8a\n\n\n\n" * 20, ("127.0.0.1", one.to[1]))
            said += 1
        with open(f"{folder}/said", "w") as out:
            out.write(str(said))
        if "BYE sip" in heard(one.own, 0.1):
            print("the exchange hung up")
            return
    one.bye()


def within(port):
    """Keys by INFO, what is asked within a session, and its timers."""
    def must(wanted, answer):
        assert status(answer) == wanted, (wanted, answer)
        return answer

    own = bind("127.0.0.2")
    own.sendto(message("INVITE", own, port, "1802", "Supported: timer\r\nSession-Expires: 60\r\n", sdp(9)), ("127.0.0.1", port))
    assert "Min-SE: 90" in until(own, "SIP/2.0 422")
    one = Call(port, "1802", "Supported: timer, 100rel\r\nx: 1800\r\n")
    answer = one.answered()
    assert "Session-Expires: 1800;refresher=uac" in answer and "Require: timer" in answer, answer
    answer = must("200", one.request("UPDATE", "Supported: timer\r\nSession-Expires: 1800;refresher=uac\r\n"))
    assert "Session-Expires: 1800;refresher=uac" in answer, answer
    answer = must("200", one.request("UPDATE", "", sdp(one.sound.getsockname()[1])))
    assert "m=audio" in answer, answer
    answer = must("200", one.request("INVITE", "Supported: timer\r\nSession-Expires: 1800;refresher=uac\r\n", sdp(one.sound.getsockname()[1])))
    assert "Session-Expires: 1800;refresher=uac" in answer and "m=audio" in answer, answer
    one.send("ACK", uri=one.contact)
    must("200", one.request("OPTIONS"))
    must("405", one.request("MESSAGE"))
    must("415", one.request("INFO", "Content-Type: text/plain\r\n", "hello"))
    for digit in "42":
        must("200", one.request("INFO", "Content-Type: application/dtmf-relay\r\n", f"Signal={digit}\r\nDuration=160\r\n"))
    for digit in "7#":
        must("200", one.request("INFO", "Content-Type: application/dtmf\r\n", digit))
    until(one.own, "BYE sip")
    parts = lambda handling: ("--b\r\nContent-Type: application/isup\r\nContent-Disposition: signal;handling=" + handling + "\r\n\r\n\1\2\r\n--b\r\n"
                              "Content-Type: application/sdp\r\n\r\n" + sdp(one.sound.getsockname()[1]) + "\r\n--b--\r\n")
    mixed = "Content-Type: multipart/mixed;boundary=b\r\n"
    one = Call(port, "1802", mixed, body=parts("optional"))
    assert "m=audio" in one.answered()
    assert "m=audio" in must("200", one.request("UPDATE", mixed, parts("optional")))
    must("415", one.request("UPDATE", mixed, parts("required")))
    must("415", one.request("INVITE", "Content-Type: text/plain\r\n", "hello"))
    one.send("ACK", uri=one.contact)
    one.bye()
    one = Call(port, "1802", "Supported: timer\r\nSession-Expires: 90;refresher=uas\r\nUser-to-User: 04637573746f6d65722d37;encoding=hex\r\n"
               "Diversion: <sip:+4930111@a.example>;reason=no-answer;counter=1, <sip:+4930222@a.example>;reason=user-busy\r\n")
    answer = one.answered()
    assert "Session-Expires: 90;refresher=uas" in answer and "Require: timer" not in answer, answer
    one.bye()
    must("481", one.request("UPDATE"))
    for number, user, history in (("1802", "00ff;encoding=hex", "<sip:+4930333@a.example>;index=1,<sip:+4930444@a.example?Reason=SIP%3Bcause%3D302>;index=1.1, <sip:1802@b.example>;index=1.2"),
                                  ("1802", "0002000000000abc".encode().hex() + ";encoding=hex", ""),
                                  ("1802", "\xff\xfe" + "y" * 3000, "\"<;,,=")):
        one = Call(port, number, f"User-to-User: {user}\r\nHistory-Info: {history}\r\n")
        one.answered()
        one.bye()


def dialled(phone, number, contact=None):
    """A call that the telephone dials, with its proof."""
    one = Call(phone.port, number, host=phone.host, own=phone.own, contact=contact)
    nonce = re.search('nonce="([^"]+)"', until(one.own, "SIP/2.0 401"))[1]
    one.number = 2
    one.send("INVITE", phone.proof("INVITE", nonce, uri=f"sip:{number}@127.0.0.1:{phone.port}"), sdp(one.sound.getsockname()[1], host=phone.host))
    one.answered()
    return one


def strangers(port, dn, password):
    """Whoever knows all words of a dialog is no peer of it by that."""
    phone, one = Telephone(port, dn, password, "127.0.0.6"), Call(port, "1802")
    one.answered()
    assert status(phone.register()) == "200"
    own, stranger = one.own, bind("127.0.0.11")
    for other in (stranger, phone.own):
        one.own = other
        for method, more, body in (("INVITE", "", sdp(9, host="127.0.0.11")), ("UPDATE", "", sdp(9, host="127.0.0.11")), ("PRACK", "RAck: 1 1 INVITE\r\n", ""),
                                   ("INFO", "Content-Type: application/dtmf\r\n", "4"), ("REFER", "Refer-To: <sip:7001@127.0.0.1>\r\n", ""), ("BYE", "", "")):
            assert status(one.request(method, more, body)) == "403", (method, "of a stranger was obeyed")
    one.own = own
    assert status(one.request("INFO", "Content-Type: application/dtmf\r\n", "4")) == "200"
    one.bye()
    rings = Call(port, "1801")
    until(rings.own, "SIP/2.0 180")
    cancel = re.sub(rb"(?s)\r\nContent-Type.*", b"\r\nContent-Length: 0\r\n\r\n", rings.sent.replace(b"INVITE", b"CANCEL"))
    stranger.sendto(cancel, ("127.0.0.1", port))
    until(stranger, "SIP/2.0 403")
    rings.own.sendto(cancel, ("127.0.0.1", port))
    until(rings.own, "SIP/2.0 487")
    moved = dialled(phone, "1802")
    moved.own, moved.number = bind("127.0.0.6"), moved.number + 1
    nonce = re.search('nonce="([^"]+)"', moved.request("INFO", "Content-Type: application/dtmf\r\n", "4"))[1]
    proof = phone.proof("INFO", nonce, uri=moved.contact)
    assert status(moved.request("INFO", "Content-Type: application/dtmf\r\n" + proof, "4")) == "200"
    moved.bye()
    assert status(phone.register(expires=0)) == "200"


def routers(port, dn, password):
    """The exchange's BYE comes to where the peer speaks from."""
    phone = Telephone(port, dn, password, "127.0.0.6")
    assert status(phone.register()) == "200"
    for contact, more, of_phone in (("sip:x@gateway.carrier.example", "", False), ("sip:x@10.1.2.3:5070", "", False),
                                    ("sip:x@10.1.2.3:5070", "Record-Route: <sip:edge.carrier.example;lr>\r\n", False),
                                    (f"sip:{dn}@10.1.2.3:5070", "", True), (f"sips:{dn}@phone.home.example", "", True)):
        one = dialled(phone, "1802", contact) if of_phone else Call(port, "1802", more, contact=contact)
        if not of_phone:
            one.answered()
        for digit in "123":
            assert status(one.request("INFO", "Content-Type: application/dtmf\r\n", digit)) == "200"
        end = until(one.own, "BYE sip")
        assert ("\r\nRoute: <sip:127.0.0.2" in end) == bool(more), end
        if of_phone:
            phone.reply(end, "200 OK")
    assert status(phone.register(expires=0)) == "200"


def circles(port):
    """A call that has no way left, or has been here before, is refused; an emergency is let in whatever the rate."""
    own = bind("127.0.0.2")
    invite = lambda user="1802", **more: message("INVITE", own, port, user, body=sdp(9), **more)
    asked = lambda packet: own.sendto(packet, ("127.0.0.1", port)) and until(own, "SIP/2.0 ", "CSeq: 1 INVITE")
    assert status(asked(invite().replace(b"Max-Forwards: 70", b"Max-Forwards: 0"))) == "483"
    for host in ("127.0.0.1", "127.0.0.9"):
        assert status(asked(invite().replace(b"\r\nFrom:", f"\r\nVia: SIP/2.0/UDP {host}:{port};branch=z9hG4bKold\r\nFrom:".encode()))) == "482"
    assert status(asked(invite(uri="urn:service:counseling"))) == "416"
    # A proxy tries one number after the other, all of them in one request; but not two at once.
    call, wants = os.urandom(6).hex(), lambda *what: status(until(own, f"Call-ID: {call}", *what))
    own.sendto(invite("1899", call=call), ("127.0.0.1", port))
    assert wants() == "404"
    own.sendto(invite(call=call), ("127.0.0.1", port))
    answer = until(own, f"Call-ID: {call}", "SIP/2.0 200")
    own.sendto(invite(call=call), ("127.0.0.1", port))
    assert wants("SIP/2.0 4") == "482"
    own.sendto(message("ACK", own, port, "1802", call=call, to_tag=re.search("To: [^\r]*(;tag=[^\r]*)", answer)[1]), ("127.0.0.1", port))
    own.sendto(message("BYE", own, port, "1802", call=call, to_tag=re.search("To: [^\r]*(;tag=[^\r]*)", answer)[1], number=2), ("127.0.0.1", port))
    assert wants("CSeq: 2 BYE") == "200"
    for _ in "12":  # a branch that is no name of one request alone
        call = os.urandom(6).hex()
        own.sendto(re.sub(b"z9hG4bK[0-9a-f]*", b"1", invite("1899", call=call)), ("127.0.0.1", port))
        assert wants() == "404"
    trunk = bind("127.0.0.4")
    for _ in range(160):
        trunk.sendto(message("INVITE", trunk, port, "1899", body=sdp(9)), ("127.0.0.1", port))
    while heard(trunk, 0.3):
        pass
    for number in range(60):
        trunk.sendto(message("INVITE", trunk, port, "1899", body=sdp(9)), ("127.0.0.1", port))
    late = Call(port, "1802", host="127.0.0.4")
    until(late.own, "SIP/2.0 503")
    for uri in ("urn:service:sos.police", "URN:service:sos", f"sip:112@127.0.0.1:{port}"):
        one = Call.__new__(Call)
        one.own, one.sound, one.port, one.at, one.host, one.user = bind("127.0.0.4"), bind("127.0.0.4"), port, "127.0.0.1", "127.0.0.4", "112"
        one.id, one.number, one.contact_said = os.urandom(6).hex(), 1, None
        one.send("INVITE", "", sdp(one.sound.getsockname()[1], host="127.0.0.4"), uri=uri)
        one.answered()
        one.bye()


def streams(port, tls_port):
    """TCP and TLS: messages of a stream are cut where they end; what is none ends the connection."""
    def over(kind, port):
        own = bind("127.0.0.2", socket.SOCK_STREAM)
        own.connect(("127.0.0.1", port))
        if kind == "TLS":
            bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            bare.check_hostname, bare.verify_mode = False, ssl.CERT_NONE
            own = bare.wrap_socket(own)
        ask = lambda method, **more: message(method, own, port, **more).replace(b"SIP/2.0/UDP", b"SIP/2.0/" + kind.encode())
        both = ask("OPTIONS", call="first") + ask("OPTIONS", call="second", body="x" * 50)
        for at in range(0, len(both), 100):
            own.sendall(both[at:at + 100])
        text = ""
        while "second" not in text:
            text += heard(own, 10)
        assert text.count("SIP/2.0 200 OK") == 2 and f"SIP/2.0/{kind}" in text, text
        own.sendall(b"\r\n\r\n")
        assert own.recv(4096) == b"\r\n", "a keep-alive is not answered (RFC 5626)"
        own.sendall(b"\r\n\r"), time.sleep(0.1), own.sendall(b"\n")
        assert own.recv(4096) == b"\r\n", "a keep-alive in pieces is not answered"
        own.sendall(ask("OPTIONS").replace(b"CSeq: 1 OPTIONS", b"CSeq: 1 INVITE"))
        assert own.recv(4096) == b"", "a bad message did not end the connection"

    over("TCP", port), over("TLS", tls_port)
    by_connection(port)
    by_strangers(port)


def by_strangers(port):
    """A connection is no way past stranger_rate; who does not read has answers up to a bound."""
    own = bind("127.0.0.66", socket.SOCK_STREAM)
    own.connect(("127.0.0.1", port))
    text = ""
    try:
        own.sendall(b"".join(message("OPTIONS", own, port).replace(b"/UDP ", b"/TCP ") for _ in range(400)))
        while more := own.recv(65536).decode():
            text += more
    except ConnectionResetError:
        pass
    assert text.count("SIP/2.0 403") <= 200, text.count("SIP/2.0 403")
    own = socket.socket()
    own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    own.bind(("127.0.0.2", 0)), own.connect(("127.0.0.1", port)), own.settimeout(90)
    own.sendall(b"\r\n" * (1 << 24)), own.settimeout(2)
    got = 0
    try:
        while more := own.recv(1 << 20):
            got += len(more)
    except TimeoutError:
        pass
    assert got < 12 << 20, (got, "what nobody reads is kept")


def by_connection(port):
    """A telephone is called by the connection that it has made, and told how far the call may still go."""
    own, sound = bind("127.0.0.3", socket.SOCK_STREAM), bind("127.0.0.3")
    own.connect(("127.0.0.1", port))
    phone, other = Telephone(port, "7002", "two"), Telephone(port, "7001", "one")
    for number, more in enumerate(("", phone.proof)):
        more = more and more("REGISTER", re.search('nonce="([^"]+)"', answer)[1])
        own.sendall(message("REGISTER", own, port, "7002", more + "Expires: 60\r\n", number=number + 1).replace(b"/UDP ", b"/TCP "))
        answer = heard(own, 5)
    assert status(answer) == "200" and status(other.register()) == "200", answer
    for number, more in enumerate(("", other.proof)):
        more = more and more("INVITE", re.search('nonce="([^"]+)"', answer)[1], uri="sip:7002@127.0.0.1")
        other.own.sendto(message("INVITE", other.own, port, "7002", more, sdp(sound.getsockname()[1], host="127.0.0.3"), number=number + 1)
                         .replace(b"Max-Forwards: 70", b"Max-Forwards: 9"), ("127.0.0.1", port))
        answer = heard(other.own, 5)
    invite = until(own, "INVITE ", "m=audio")
    assert re.findall("Max-Forwards: [0-9]+", invite) == ["Max-Forwards: 8"], invite
    phone.own = own
    phone.reply(invite, "486 Busy Here")
    assert status(until(other.own, "CSeq: 2 INVITE", "SIP/2.0 4")) == "486"
    own.close()
    for one in (Telephone(port, "7001", "one"), Telephone(port, "7002", "two")):
        assert status(one.register(expires=0)) == "200"


def moves(port):
    """A telephone whose connection is lost registers by another one: its call goes on there, and one that has ended meanwhile is
    told so, also where the telephone calls its registration otherwise than before."""
    sound = bind("127.0.0.3")
    phone, other = Telephone(port, "7002", "two"), Telephone(port, "7001", "one")

    def comes(own, wanted, seen=""):
        """All that has come by a connection, up to that, and the rest of what came with it."""
        end = time.monotonic() + 5
        while wanted not in seen:
            assert time.monotonic() < end, (wanted, seen)
            seen += heard(own, 0.2)
        return seen

    def connects(device):
        own = bind("127.0.0.3", socket.SOCK_STREAM)
        own.connect(("127.0.0.1", port))
        for more in ("", phone.proof):
            more, phone.number = more and more("REGISTER", re.search('nonce="([^"]+)"', answer)[1]), phone.number + 1
            own.sendall(message("REGISTER", own, port, "7002", more + "Expires: 60\r\n", call=device, number=phone.number).replace(b"/UDP ", b"/TCP "))
            answer = comes(own, f"{phone.number} REGISTER")
        assert "SIP/2.0 200" in answer, answer
        phone.own = own
        return own, answer

    def rings(call):
        for number, more in enumerate(("", other.proof)):
            more = more and more("INVITE", re.search('nonce="([^"]+)"', answer)[1], uri="sip:7002@127.0.0.1")
            other.own.sendto(message("INVITE", other.own, port, "7002", more, sdp(sound.getsockname()[1], host="127.0.0.3"), call=call, number=number + 1), ("127.0.0.1", port))
            answer = until(other.own, f"Call-ID: {call}", "SIP/2.0 ")
        return until(phone.own, "INVITE ", "m=audio")

    assert status(other.register()) == "200"
    for device, meanwhile in (("device", False), ("another", False), ("device", True), ("another", True)):
        (first, _), call = connects("device"), f"talks-{device}-{meanwhile}"
        phone.reply(rings(call), "200 OK", sdp(sound.getsockname()[1], host="127.0.0.3"))
        tag = re.search("To: [^\r]*(;tag=[^\r]*)", until(other.own, f"Call-ID: {call}", "SIP/2.0 200"))[1]
        other.own.sendto(message("ACK", other.own, port, "7002", call=call, number=2, to_tag=tag), ("127.0.0.1", port))
        until(first, "ACK ")
        first.close()
        bye = message("BYE", other.own, port, "7002", call=call, number=3, to_tag=tag)
        if meanwhile:
            time.sleep(0.2)
            other.own.sendto(bye, ("127.0.0.1", port))
            until(other.own, f"Call-ID: {call}", "3 BYE", "SIP/2.0 200")
            time.sleep(0.5)
        second, seen = connects(device)
        if not meanwhile:
            other.own.sendto(bye, ("127.0.0.1", port))
        seen = comes(second, "BYE sip:7002@" + name(second), seen)
        phone.reply(seen[seen.index("BYE sip:"):], "200 OK")
        second.close()
    for one in (Telephone(port, "7001", "one"), Telephone(port, "7002", "two")):
        assert status(one.register(expires=0)) == "200"


def six(port):
    """A whole call over IPv6."""
    one = Call(port, "1802", host="::1", at="::1")
    answer = one.answered()
    assert "IN IP6 ::1" in answer and one.contact == f"sip:gcx@[::1]:{port}", answer
    one.sound.settimeout(90)
    assert len(one.sound.recv(2048)) == 172
    one.bye()


def provider(folder):
    """A registrar: lets `site` register with its password, then calls it; DIR/provider.port has its port, DIR/registered
    says that it was called back. It answers OPTIONS; `other` is not let in; to `stale` every proof is old, DIR/stale counts."""
    own = bind("127.0.0.7")
    with open(f"{folder}/provider.new", "w") as out:
        out.write(str(own.getsockname()[1]))
    os.rename(f"{folder}/provider.new", f"{folder}/provider.port")
    md5 = lambda text: hashlib.md5(text.encode()).hexdigest()
    challenged, stale = set(), 0
    while True:
        own.settimeout(60)
        text, source = own.recvfrom(65536)
        text = text.decode()
        head = [one for one in text.split("\r\n") if re.match("(Via|From|To|Call-ID|CSeq|Contact):", one)]
        answer = lambda line, more="": own.sendto((f"SIP/2.0 {line}\r\n" + "\r\n".join(head) + f"\r\n{more}Content-Length: 0\r\n\r\n").encode(), source)
        if text.startswith("OPTIONS"):
            answer("200 OK")
        elif text.startswith("REGISTER") and "sip:stale@" in text:
            stale += 1
            open(f"{folder}/stale", "w").write(f"{stale}\n")
            answer("401 Unauthorized", f'WWW-Authenticate: Digest realm="provider", nonce="{stale}", stale=true, qop="auth"\r\n')
        elif text.startswith("REGISTER"):
            proof = re.search('response="([^"]+)"', text)
            part = lambda what: re.search(f'{what}="?([^",\\s]+)', text)[1]
            if not proof:
                answer("401 Unauthorized", 'WWW-Authenticate: Digest realm="provider", nonce="abc", algorithm=MD5, qop="auth"\r\n')
                continue
            ha1, ha2 = md5("account:provider:a word of three"), md5("REGISTER:" + part("uri"))
            good = md5(f"{ha1}:abc:{part('nc')}:{part('cnonce')}:auth:{ha2}") == proof[1] and "sip:1802@" in text
            answer("200 OK" if good else "403 Forbidden")
            if good and source not in challenged:
                challenged.add(source)
                contact = re.search("Contact: <(.*)>", text)[1]
                one = Call(source[1], "1802", host="127.0.0.7")
                one.send("INVITE", "", sdp(9), uri=contact)
                one.answered()
                one.bye()
                open(f"{folder}/registered", "w").write(contact)


what, *given = sys.argv[1:] # "": for those who import it
if what == "torture":
    torture(int(given[0]), given[1])
elif what == "rfc4475":
    rfc4475(int(given[0]), *given[1:])
elif what == "flood":
    flood(int(given[0]))
elif what == "guess":
    guess(*given)
elif what == "agent":
    Telephone(*given[:3]).ring(given[3])
elif what == "call":
    call(int(given[0]), *given[1:])
elif what == "moves":
    moves(int(given[0]))
elif what == "fraud":
    fraud(*given)
elif what == "within":
    within(int(given[0]))
elif what == "strangers":
    strangers(int(given[0]), *given[1:])
elif what == "routers":
    routers(int(given[0]), *given[1:])
elif what == "circles":
    circles(int(given[0]))
elif what == "streams":
    streams(*map(int, given))
elif what == "elsewhere":
    elsewhere(*given)
elif what == "six":
    six(int(given[0]))
elif what == "provider":
    provider(given[0])
