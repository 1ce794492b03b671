# sip_front.py - Peers of sip_front.sh at the door of the exchange: trunks, telephones and strangers that say what no good
# program says, or say it too often.
#   torture PORT FILE          every message of tests/unit/sip_torture.txt gets the answer that stands there
#   flood PORT                 strangers are answered seldom, a trunk's calls are limited, the others' are not
#   guess PORT DN PASSWORD     wrong passwords, until nobody answers; the right one from elsewhere is taken
#   agent PORT DN PASSWORD DIR a telephone that registers, rings, answers, and does what DIR/do says (hold, retrieve, hang)
#   call PORT NUMBER DIR       a caller who stays until DIR/gone is there; DIR/said has what was received
import hashlib, os, re, select, socket, struct, sys, time


def bind(host, kind=socket.SOCK_DGRAM):
    own = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind)
    own.bind((host, 0)), own.settimeout(10)
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


def until(own, *wanted, seconds=20):
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
        what, _, wanted = head.split()
        text = re.sub(rb"\\x(..)", lambda hit: bytes([int(hit[1], 16)]), text.encode().replace(b"\n", b"\r\n") + b"\r\n")
        own.sendto(text.replace(b"{host}", name(own).encode()), ("127.0.0.1", port))
        if wanted == "-":  # the next one's answer comes first
            own.sendto(message("OPTIONS", own, port, call=f"after.{what}"), ("127.0.0.1", port))
        answer = until(own, f"after.{what}" if wanted == "-" else "CSeq: 193942" if what == "insuf" else f"{what}.")
        assert wanted == "-" or status(answer) == wanted, (what, wanted, answer)
        count += 1
    assert count > 50
    print(f"{count} messages")


def flood(port):
    """What a stranger gets is little, whatever it sends; what a trunk sends beyond its rate is put off."""
    stranger, trunk, other = bind("127.0.0.3"), bind("127.0.0.2"), bind("127.0.0.4")
    for _ in range(400):
        stranger.sendto(message("INVITE", stranger, port), ("127.0.0.1", port))
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

    def register(self, password=None, expires=60, seconds=5):
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
            md5 = lambda text: hashlib.md5(text.encode()).hexdigest()
            ha1, ha2 = md5(f"{self.dn}:gcx:{password or self.password}"), md5("REGISTER:sip:127.0.0.1")
            more = (f'Authorization: Digest username="{self.dn}", realm="gcx", nonce="{nonce}", uri="sip:127.0.0.1", '
                    f'qop=auth, nc=00000001, cnonce="c", response="{md5(f"{ha1}:{nonce}:00000001:c:auth:{ha2}")}"\r\n')
        return answer


def guess(port, dn, password):
    bad, good = Telephone(port, dn, password, "127.0.0.5"), Telephone(port, dn, password, "127.0.0.6")
    for _ in range(10):
        assert status(bad.register("wrong")) == "403"
    assert bad.register(seconds=0.5) == "", "a guesser is still answered"
    assert status(good.register()) == "200"
    assert status(good.register(expires=0)) == "200"


what, *given = sys.argv[1:]
if what == "torture":
    torture(int(given[0]), given[1])
elif what == "flood":
    flood(int(given[0]))
elif what == "guess":
    guess(*given)
