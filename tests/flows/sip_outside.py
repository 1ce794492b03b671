"""sip_outside.py DIR PORT: the world behind a trunk, for tests/flows/sip_dial.sh. A number that ends with 1 is answered and says
what it hears, 2 is busy, 3 rings until it is given up, 4 asks for a password first. DIR/outside has a line per thing:
`called NUMBER FROM`, `answered NUMBER`, `gave_up NUMBER`, `ended NUMBER`, `heard NUMBER` once fifty packets have come."""
import re, select, socket, struct, sys

DIR, PORT = sys.argv[1], int(sys.argv[2])
wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
wire.bind(("127.0.0.2", PORT))
log = open(f"{DIR}/outside", "a", buffering=1)
calls = {}  # Call-ID -> number, socket of its sound


def reply(message, source, status, more="", body=""):
    names = ("Via", "From", "To", "Call-ID", "CSeq")
    lines = [line for line in message.split("\r\n") if line.split(":")[0] in names]
    if status != "100 Trying":
        lines = [line + ";tag=out" if line.startswith("To:") and "tag=" not in line else line for line in lines]
    wire.sendto(("SIP/2.0 " + status + "\r\n" + "\r\n".join(lines) + "\r\n" + more +
                 f"Content-Length: {len(body)}\r\n\r\n{body}").encode(), source)


def answer(message, source, number, call):
    sound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sound.bind(("127.0.0.2", 0))
    calls[call] = {"number": number, "sound": sound, "heard": 0, "invite": None}
    sdp = f"v=0\r\no=- 1 1 IN IP4 127.0.0.2\r\ns=-\r\nc=IN IP4 127.0.0.2\r\nt=0 0\r\nm=audio {sound.getsockname()[1]} RTP/AVP 8\r\n"
    reply(message, source, "200 OK", f"Contact: <sip:{number}@127.0.0.2:{PORT}>\r\nContent-Type: application/sdp\r\n", sdp)
    print("answered", number, file=log)


def invite(message, source, call):
    number = re.match(r"INVITE sip:([^@]*)@", message)[1]
    if call in calls:
        return  # said again
    caller = re.search(r"From:.*<sip:([^@]*)@", message)[1]
    if number.endswith("4") and "Proxy-Authorization:" not in message:
        reply(message, source, "407 Proxy Authentication Required", 'Proxy-Authenticate: Digest realm="out", nonce="n"\r\n')
        return
    print("called", number, caller, file=log)
    if number.endswith("2"):
        reply(message, source, "486 Busy Here")
        return
    contact = f"Contact: <sip:{number}@127.0.0.2:{PORT}>\r\n"
    reply(message, source, "180 Ringing", contact)
    if number.endswith("3"):
        calls[call] = {"number": number, "sound": None, "heard": 0, "invite": (message, source)}
    else:
        answer(message, source, number, call)


def hear(message, source):
    method, call = message.split(" ")[0], re.search(r"Call-ID: *(\S+)", message)
    if method == "INVITE" and call:
        invite(message, source, call[1])
    elif method in ("BYE", "CANCEL"):
        reply(message, source, "200 OK")
        its = calls.pop(call[1], None)
        if its and method == "CANCEL":
            reply(*its["invite"], "487 Request Terminated")
        if its:
            print("gave_up" if method == "CANCEL" else "ended", its["number"], file=log)


def listen(its):
    packet, source = its["sound"].recvfrom(2048)
    its["heard"] += 1
    its["sound"].sendto(packet, source)  # in the other's place: numbers and time go on
    if its["heard"] == 50:
        print("heard", its["number"], file=log)


while True:
    sounds = {its["sound"]: its for its in calls.values() if its["sound"]}
    for ready in select.select([wire, *sounds], [], [])[0]:
        if ready is wire:
            text, peer = wire.recvfrom(65536)
            hear(text.decode(), peer)
        else:
            listen(sounds[ready])
