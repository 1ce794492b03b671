"""sip.py - What tests/bench/sip.sh needs besides sipp.
  telephones ADDRESS PORT COUNT SERVER   registers 10001 to 10000+COUNT there, each with the password `word`, from that port
  agents PORT COUNT                      logs the agents a10001 ... in at these telephones, ready; stays until it is ended
  cpu PID                                microseconds of a processor that this process has had
  tone FILE                              ten seconds of a tone in A-law"""
import hashlib, json, math, re, select, socket, sys, time


def register(own, port, count, server):
    """Each REGISTER is answered 401 with a nonce, and comes again with the digest."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind((own, port))
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)

        def say(user, number, more=""):
            wire.sendto((f"REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {own}:{port};branch=z9hG4bK{user}-{number}\r\n"
                         f"From: <sip:{user}@127.0.0.1>;tag={user}\r\nTo: <sip:{user}@127.0.0.1>\r\nCall-ID: {user}@bench\r\n"
                         f"CSeq: {number} REGISTER\r\nContact: <sip:{user}@{own}:{port}>\r\nExpires: 3600\r\nMax-Forwards: 70\r\n{more}"
                         "Content-Length: 0\r\n\r\n").encode(), ("127.0.0.1", server))

        for user in range(10001, 10001 + count):
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


def main(what, *rest):
    if what == "telephones":
        register(rest[0], int(rest[1]), int(rest[2]), int(rest[3]))
    elif what == "agents":
        agents(int(rest[0]), int(rest[1]))
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
