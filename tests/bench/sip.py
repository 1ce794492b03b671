"""sip.py - What tests/bench/sip.sh needs besides sipp.
  telephones ADDRESS PORT COUNT SERVER   registers 10001 to 10000+COUNT there, each with the password `word`, from that port
  agents PORT COUNT                      logs the agents a10001 ... in at these telephones, ready; stays until it is ended
  pops PORT SERVER USER POINT COUNT      one agent more: prints p50 and p99, in us, of what comes between the INVITE at the
                                         telephone, which is answered 180 at once, and EventRinging at the desktop
  cpu PID                                microseconds of a processor that this process has had
  tone FILE                              ten seconds of a tone in A-law"""
import hashlib, json, math, re, select, socket, sys, time


def register(own, port, count, server, users=10001):
    """Each REGISTER is answered 401 with a nonce, and comes again with the digest."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind((own, port))
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)

        def say(user, number, more=""):
            wire.sendto((f"REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {own}:{port};branch=z9hG4bK{user}-{number}\r\n"
                         f"From: <sip:{user}@127.0.0.1>;tag={user}\r\nTo: <sip:{user}@127.0.0.1>\r\nCall-ID: {user}@bench\r\n"
                         f"CSeq: {number} REGISTER\r\nContact: <sip:{user}@{own}:{port}>\r\nExpires: 3600\r\nMax-Forwards: 70\r\n{more}"
                         "Content-Length: 0\r\n\r\n").encode(), ("127.0.0.1", server))

        for user in range(int(users), int(users) + count):
            say(user, 1)
            done = False
            while not done:
                if not select.select([wire], [], [], 30)[0]:
                    sys.exit(f"no answer for {user}")
                answer = wire.recv(4096).decode()
                if f"<sip:{user}@" not in answer:
                    continue
                if answer.startswith("SIP/2.0 401") and "CSeq: 1 " in answer:
                    nonce, realm = (re.search(f'{name}="([^"]*)"', answer)[1] for name in ("nonce", "realm"))
                    md5 = lambda text: hashlib.md5(text.encode()).hexdigest()
                    uri = "sip:127.0.0.1"
                    first, second = md5(f"{user}:{realm}:word"), md5(f"REGISTER:{uri}")
                    qop = "qop" in answer
                    digest = md5(f"{first}:{nonce}:00000001:c:auth:{second}" if qop else f"{first}:{nonce}:{second}")
                    say(user, 2, f'Authorization: Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
                                 f'response="{digest}"' + (', qop=auth, nc=00000001, cnonce="c"' if qop else "") + "\r\n")
                elif answer.startswith("SIP/2.0 200"):
                    done = True


def agents(port, count):
    """As many at once as the wire lets wait; says `ready` when all are."""
    wire = socket.create_connection(("127.0.0.1", port))
    number, state = 0, {}

    def ask(message, dn, **more):
        nonlocal number
        number += 1
        wire.sendall((json.dumps({"Message": message, "ReferenceID": number, "ThisDN": str(dn), **more}) + "\n").encode())

    due = list(range(10001, 10001 + count))
    for line in wire.makefile("r"):
        message = json.loads(line)
        name, dn = message.get("Message"), message.get("ThisDN")
        if name == "EventError":
            print(line, file=sys.stderr, flush=True)
        if name == "EventLinkConnected" or (name == "EventAgentReady" and state.get(dn) == "in"):
            if name == "EventAgentReady":
                state[dn] = "ready"
            if due:
                dn = due.pop(0)
                state[str(dn)] = "in"
                ask("RequestRegisterAddress", dn), ask("RequestAgentLogin", dn, AgentID=f"a{dn}")
            elif sum(1 for s in state.values() if s == "ready") == count:
                print("ready", flush=True)
        elif name == "EventAgentLogin" and state.get(dn) == "in":
            ask("RequestAgentReady", dn)


def pops(port, server, user, point, count):
    desk = socket.create_connection(("127.0.0.1", port))
    lines, wire, line = desk.makefile("rb"), *(socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in "12")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        own = free.getsockname()[1]
    register("127.0.0.1", own, 1, server, user)
    wire.bind(("127.0.0.1", own)), line.bind(("127.0.0.2", 0))
    at = "%s:%d" % line.getsockname()

    def hear(name):
        while (message := json.loads(lines.readline()))["Message"] != name:
            assert message["Message"] != "EventError", message

    def ask(number, message, after, **more):
        desk.sendall((json.dumps({"Message": message, "ReferenceID": number, "ThisDN": user, **more}) + "\n").encode())
        hear(after)

    def call(method, name):
        body = "v=0\r\no=- 1 1 IN IP4 127.0.0.2\r\ns=-\r\nc=IN IP4 127.0.0.2\r\nt=0 0\r\nm=audio 9000 RTP/AVP 8\r\n" if method == "INVITE" else ""
        line.sendto((f"{method} sip:{point}@127.0.0.1:{server} SIP/2.0\r\nVia: SIP/2.0/UDP {at};branch=z9hG4bK{name}\r\n"
                     f"From: <sip:+33145550101@{at}>;tag=k\r\nTo: <sip:{point}@127.0.0.1>\r\nCall-ID: {name}\r\nCSeq: 1 {method}\r\nContact: <sip:k@{at}>\r\n"
                     f"Max-Forwards: 70\r\n" + ("Content-Type: application/sdp\r\n" if body else "") + f"Content-Length: {len(body)}\r\n\r\n{body}").encode(), ("127.0.0.1", server))

    def answer(request, status):
        heads = [one for one in request.split("\r\n") if re.match(r"(Via|From|To|Call-ID|CSeq):", one)]
        heads = [one + ";tag=t" if one.startswith("To:") and ";tag=" not in one else one for one in heads]
        wire.sendto("\r\n".join([f"SIP/2.0 {status}", *heads, f"Contact: <sip:{user}@127.0.0.1:{own}>", "Content-Length: 0", "", ""]).encode(), ("127.0.0.1", server))

    def comes(what):
        while not (request := wire.recv(65536).decode()).startswith(what):
            pass
        return request

    hear("EventLinkConnected")
    ask(1, "RequestRegisterAddress", "EventRegistered"), ask(2, "RequestAgentLogin", "EventAgentLogin", AgentID=f"a{user}")
    ask(3, "RequestAgentReady", "EventAgentReady")
    times = []
    for number in range(count):
        call("INVITE", f"pop{number}")
        invite = comes("INVITE")
        begun = time.perf_counter()
        answer(invite, "180 Ringing")
        hear("EventRinging")
        times.append(time.perf_counter() - begun)
        call("CANCEL", f"pop{number}")
        answer(comes("CANCEL"), "200 OK"), answer(invite, "487 Request Terminated")
        while "SIP/2.0 487" not in line.recv(65536).decode():
            pass
        call("ACK", f"pop{number}")
        hear("EventAbandoned")
    times.sort()
    print(round(times[count // 2] * 1e6), round(times[count * 99 // 100] * 1e6))
    ask(4, "RequestAgentLogout", "EventAgentLogout")


def main(what, *rest):
    if what == "telephones":
        register(rest[0], int(rest[1]), int(rest[2]), int(rest[3]))
    elif what == "agents":
        agents(int(rest[0]), int(rest[1]))
    elif what == "pops":
        pops(int(rest[0]), int(rest[1]), rest[2], rest[3], int(rest[4]))
    elif what == "cpu":
        words = open(f"/proc/{rest[0]}/stat").read().rsplit(")", 1)[1].split()
        print((int(words[11]) + int(words[12])) * 10000)
    elif what == "tone":
        def a_law(sample):
            sign, magnitude = (0x80, sample) if sample >= 0 else (0, -sample - 1)
            magnitude = min(magnitude >> 4, 2047)
            segment = max(0, magnitude.bit_length() - 5)
            return (sign | segment << 4 | (magnitude >> max(segment, 1) & 15)) ^ 0x55
        open(rest[0], "wb").write(bytes(a_law(int(8000 * math.sin(2 * math.pi * 400 * i / 8000))) for i in range(80000)))


main(*sys.argv[1:])
