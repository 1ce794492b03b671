"""sip_outside.py DIR PORT: the world behind a trunk, for sip_dial.sh and sip_outbound.sh. A number that ends with 1 is answered and says
what it hears, 2 is busy, 3 rings until it is given up, 4 asks for a password first; 5 answers with the sound DIR/machine.al,
6 with nothing, 7 with DIR/person.al, 8 is no number, which it says before it would ring. DIR/outside has a line per thing:
`called NUMBER FROM`, `answered NUMBER`, `gave_up NUMBER`, `ended NUMBER`, `heard NUMBER` once fifty loud packets have come; before
a number with 1 has a second answer to its INVITE, of another telephone: `fork ACK` and `fork BYE` end that. Before
`ended` also `said NUMBER MS PACKETS`, where anything was loud: so long after the answer, and so many packets of it."""
import re, select, socket, struct, sys, time

DIR, PORT = sys.argv[1], int(sys.argv[2])
wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
wire.bind(("127.0.0.2", PORT))
log = open(f"{DIR}/outside", "a", buffering=1)
calls = {}  # Call-ID -> number, socket of its sound, where that goes, what is said
SAYS = {"5": "machine", "6": None, "7": "person", "8": "sit"}


def reply(message, source, status, more="", body=""):
    names = ("Via", "Record-Route", "From", "To", "Call-ID", "CSeq")
    lines = [line for line in message.split("\r\n") if line.split(":")[0] in names]
    if status != "100 Trying":
        lines = [line + ";tag=out" if line.startswith("To:") and "tag=" not in line else line for line in lines]
    wire.sendto(("SIP/2.0 " + status + "\r\n" + "\r\n".join(lines) + "\r\n" + more +
                 f"Content-Length: {len(body)}\r\n\r\n{body}").encode(), source)


def fork(message, source, number):
    """Another telephone has answered, too, and its answer comes twice."""
    other = re.sub(r"(?m)^(To:[^\r]*)", r"\1;tag=fork", message)
    for _ in "12":
        reply(other, source, "200 OK", f"Contact: <sip:{number}@127.0.0.2:{PORT}>\r\nContent-Type: application/sdp\r\n",
              "v=0\r\no=- 1 1 IN IP4 127.0.0.2\r\ns=-\r\nc=IN IP4 127.0.0.2\r\nt=0 0\r\nm=audio 9 RTP/AVP 8\r\n")


def answer(message, source, number, call, status="200 OK"):
    there = re.search(r"m=audio (\d+)", message)
    says = SAYS.get(number[-1])
    said = open(f"{DIR}/{says}.al", "rb").read() if says else b""
    sound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sound.bind(("127.0.0.2", 0))
    calls[call] = {"number": number, "sound": sound, "invite": (message, source) if status[0] == "1" else None,
                   "echoes": number[-1] not in SAYS, "to": ("127.0.0.1", int(there[1])), "said": said, "at": 0, "since": time.monotonic()}
    sdp = f"v=0\r\no=- 1 1 IN IP4 127.0.0.2\r\ns=-\r\nc=IN IP4 127.0.0.2\r\nt=0 0\r\nm=audio {sound.getsockname()[1]} RTP/AVP 8\r\n"
    reply(message, source, status, f"Contact: <sip:{number}@127.0.0.2:{PORT}>\r\nContent-Type: application/sdp\r\n", sdp)
    if status[0] == "2":
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
    history = re.findall(r"(?m)^History-Info: *([^\r]*)", message)
    print("brings", number, re.findall(r"(?m)^Max-Forwards: *(\d+)", message), *history, re.findall(r"(?m)^Identity: *([^\r]*)", message), file=log)
    if number.endswith("2"):
        reply(message, source, "486 Busy Here")
        return
    if number.endswith("8"):
        answer(message, source, number, call, "183 Session Progress")
        return
    contact = f"Contact: <sip:{number}@127.0.0.2:{PORT}>\r\n"
    reply(message, source, "180 Ringing", contact)
    if number.endswith("3"):
        calls[call] = {"number": number, "sound": None, "invite": (message, source), "said": b"", "at": 0}
    else:
        answer(message, source, number, call)
        if number.endswith("1"):
            fork(message, source, number)


def hear(message, source):
    method, call = message.split(" ")[0], re.search(r"Call-ID: *(\S+)", message)
    if re.search("(?m)^To:.*;tag=fork", message):
        print("fork", method, file=log)
        if method == "BYE":
            reply(message, source, "200 OK")
    elif method == "INVITE" and call:
        invite(message, source, call[1])
    elif method in ("BYE", "CANCEL"):
        reply(message, source, "200 OK")
        its = calls.pop(call[1], None)
        if its and method == "CANCEL":
            reply(*its["invite"], "487 Request Terminated")
        if its and its.get("loud"):
            print("said", its["number"], its["first"], its["loud"], file=log)
        if its:
            print("gave_up" if method == "CANCEL" else "ended", its["number"], file=log)


def listen(its):
    packet, source = its["sound"].recvfrom(2048)
    if len(packet) > 12 and sum((code ^ 0x55) & 0x70 >= 0x30 for code in packet[12:]) > 80:
        its.setdefault("first", int(1000 * (time.monotonic() - its["since"])))
        its["loud"] = its.get("loud", 0) + 1
        if its["loud"] == 50:
            print("heard", its["number"], file=log)
    if its["echoes"]:
        its["sound"].sendto(packet, source)  # in the other's place: numbers and time go on


def speak(its):
    """A packet of what is said, and of silence behind it."""
    if its.get("echoes", True):
        return
    body = its["said"][its["at"] * 160:][:160].ljust(160, b"\xd5")
    its["sound"].sendto(struct.pack("!BBHII", 0x80, 8, its["at"] & 0xFFFF, its["at"] * 160, 7) + body, its["to"])
    its["at"] += 1


beat = time.monotonic()
while True:
    sounds = {its["sound"]: its for its in calls.values() if its["sound"]}
    for ready in select.select([wire, *sounds], [], [], max(0, beat - time.monotonic()))[0]:
        if ready is wire:
            text, peer = wire.recvfrom(65536)
            hear(text.decode(), peer)
        elif sounds[ready] in calls.values():
            listen(sounds[ready])
    if time.monotonic() >= beat:
        beat += 0.02
        for its in list(calls.values()):
            speak(its)
