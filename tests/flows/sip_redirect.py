# sip_redirect.py - Callers of sip_redirect.sh, message by message.
#   call [ADDRESS:]PORT NUMBER [HOW]   calls it from 127.0.0.2; prints the status and the contact of each answer to the INVITE that is
#                            new. HOW: `twice` says INVITE again, and hears the same; `lost` says nothing to the first
#                            answer, so that it comes again; `cancel` gives up once it rings; `odd` offers what nobody
#                            here speaks; `wait FILE` writes FILE once it rings; `early` gives up before it has heard
#                            anything, `hasty` says INVITE twice before that
#   tcp PORT NUMBER          the same over a connection
#   claims PORT DN           registers as a telephone that has no password here, by a digest made of `-` and of nothing
#   registered PORT          has baresip, whose commands are taken there, registered?
import hashlib, os, re, socket, sys

SDP = "v=0\r\no=x 1 1 IN IP4 127.0.0.2\r\ns=-\r\nc=IN IP4 127.0.0.2\r\nt=0 0\r\nm=audio 9000 RTP/AVP %s\r\n"
branch = os.urandom(8).hex()


def message(method, at, port, number, wire="UDP", tag="", body="", host="127.0.0.1"):
    return (f"{method} sip:{number}@{host}:{port} SIP/2.0\r\nVia: SIP/2.0/{wire} {at};branch=z9hG4bK{branch}\r\n"
            f"From: <sip:+33145550101@{at}>;tag={branch}\r\nTo: <sip:{number}@127.0.0.1>{tag}\r\nCall-ID: {branch}\r\n"
            f"CSeq: 1 {method}\r\nContact: <sip:x@{at}>\r\nMax-Forwards: 70\r\n"
            + ("Content-Type: application/sdp\r\n" if body else "") + f"Content-Length: {len(body)}\r\n\r\n{body}").encode()


def status(answer):
    return int(answer.split()[1])


def said(answer):
    contact = re.search(r"^Contact: <([^>]*)>", answer, re.M)
    print(status(answer), contact[1] if contact and status(answer) >= 300 else "-", flush=True)


def call(port, number, how="", path=""):
    wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    wire.bind(("127.0.0.2", 0)), wire.settimeout(60)
    host, port = ("127.0.0.1:" + port).split(":")[-2:]
    at, to = "%s:%d" % wire.getsockname(), (host, int(port))
    invite = message("INVITE", at, port, number, host=host, body=SDP % ("96" if how == "odd" else "8 0"))
    wire.sendto(invite, to)
    print("port", wire.getsockname()[1], flush=True)
    if how == "hasty":
        wire.sendto(invite, to)
    if how == "early":
        wire.sendto(message("CANCEL", at, port, number, host=host), to)
    first = rings = None
    while True:
        answer = wire.recv(4096).decode()
        if " CANCEL" in answer:
            assert status(answer) == 200, answer
            continue
        if status(answer) == 180 and rings:
            assert answer == rings, (answer, rings)  # to the INVITE that came again
        elif status(answer) == 180:
            said(answer)
            rings = answer
            if how == "twice":
                wire.sendto(invite, to)
            if how == "cancel":
                wire.sendto(message("CANCEL", at, port, number, host=host), to)
            if path:
                open(path, "w").close()
        elif status(answer) >= 200 and not first:
            said(answer)
            first = answer
            if how == "lost":
                wire.sendto(invite, to)
                continue
            if how == "twice":
                wire.sendto(invite, to)
                how = "lost"
                continue
            break
        elif first:
            assert answer == first, (answer, first)
            break
    tag = re.search(r"^To: .*(;tag=\S+)", first, re.M)[1]
    wire.sendto(message("ACK", at, port, number, tag=tag, host=host), to)
    if how not in ("lost", "cancel", "early"):
        return
    wire.settimeout(1)  # longer than a repetition takes
    try:
        sys.exit("after the ACK: " + wire.recv(4096).decode())
    except TimeoutError:
        pass


def tcp(port, number):
    wire = socket.create_connection(("127.0.0.1", int(port)), 60, ("127.0.0.2", 0))
    wire.sendall(message("INVITE", "127.0.0.2:5999", port, number, "TCP", body=SDP % "8"))
    heard = ""
    while not (found := re.search(r"SIP/2.0 [3-6].*?\r\n\r\n", heard, re.S)):
        got = wire.recv(4096).decode()
        assert got, heard
        heard += got
    said(found[0])
    tag = re.search(r"^To: .*(;tag=\S+)", found[0], re.M)[1]
    wire.sendall(message("ACK", "127.0.0.2:5999", port, number, "TCP", tag=tag))


def claims(port, dn):
    wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    wire.bind(("127.0.0.1", 0)), wire.settimeout(60)
    at, md5 = "%s:%d" % wire.getsockname(), lambda text: hashlib.md5(text.encode()).hexdigest()
    register = message("REGISTER", at, port, dn).decode()
    for first in (md5(f"{dn}:gcx:-"), md5(f"{dn}:gcx:"), "0" * 32):
        wire.sendto(register.encode(), ("127.0.0.1", int(port)))
        nonce = re.search('nonce="([^"]+)"', wire.recv(4096).decode())[1]
        digest = md5(f"{first}:{nonce}:" + md5(f"REGISTER:sip:{dn}@127.0.0.1"))
        proof = f'Authorization: Digest username="{dn}", realm="gcx", nonce="{nonce}", uri="sip:{dn}@127.0.0.1", response="{digest}"\r\n'
        wire.sendto(register.replace("Content-Length", proof + "Content-Length").encode(), ("127.0.0.1", int(port)))
        answer = wire.recv(4096).decode()
        assert status(answer) == 403, answer


def registered(at):
    host, port = at.split(":")
    text = '{"command": "reginfo"}'
    with socket.create_connection((host, int(port)), timeout=10) as phone:
        phone.sendall(f"{len(text)}:{text},".encode())
        while b'"response":true' not in (got := phone.recv(4096)):
            assert got
    print(got)
    sys.exit(b"OK" not in got)


{"call": call, "claims": claims, "tcp": tcp, "registered": registered}[sys.argv[1]](*sys.argv[2:])
