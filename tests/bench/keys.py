# tests/bench/keys.py PORT POINT CALLS LOG - Keys over a line that loses two packets in a hundred: each call sends twenty keys from
# sipp's captures to a point that takes twenty and hangs up, or ends when no more come. Prints the keys sent, and how many of
# them the log of gcxvm does not have.
import os, random, re, socket, struct, sys, threading, time

KEYS, LOSS, FOLDER = 20, 0.02, "/usr/share/sip-tester"
port, point, calls, log = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
failed = []


def packets(digit):
    """The payloads of a capture, with marker, type and time of each: 24 bytes of head, 16 before each packet."""
    data, at, found = open(f"{FOLDER}/dtmf_2833_{digit}.pcap", "rb").read(), 24, []
    while at < len(data):
        length = struct.unpack("<I", data[at + 8:at + 12])[0]
        found.append(data[at + 16:at + 16 + length][-16:])
        at += 16 + length
    return found


CAPTURES = [packets(digit) for digit in range(10)]


def call(number):
    chance, line, sound = random.Random(number), *(socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in "12")
    for one in (line, sound):
        one.bind(("127.0.0.2", 0)), one.settimeout(20)
    at, name = "%s:%d" % line.getsockname(), os.urandom(6).hex()

    def send(method, tag="", body=""):
        line.sendto((f"{method} sip:{point}@127.0.0.1:{port} SIP/2.0\r\nVia: SIP/2.0/UDP {at};branch=z9hG4bK{name}{method}\r\nFrom: <sip:+33145550101@{at}>;tag=k\r\n"
                     f"To: <sip:{point}@127.0.0.1>{tag}\r\nCall-ID: {name}\r\nCSeq: 1 {'INVITE' if method == 'ACK' else method}\r\nContact: <sip:k@{at}>\r\nMax-Forwards: 70\r\n"
                     + ("Content-Type: application/sdp\r\n" if body else "") + f"Content-Length: {len(body)}\r\n\r\n{body}").encode(), ("127.0.0.1", port))

    send("INVITE", body=f"v=0\r\no=- 1 1 IN IP4 127.0.0.2\r\ns=-\r\nc=IN IP4 127.0.0.2\r\nt=0 0\r\nm=audio {sound.getsockname()[1]} RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n")
    while "SIP/2.0 200" not in (answer := line.recv(4096).decode()):
        pass
    send("ACK", re.search(r"To: .*(;tag=[^\r]+)", answer)[1])
    to, sequence, stamp, due = ("127.0.0.1", int(re.search(r"m=audio (\d+)", answer)[1])), 0, 0, time.monotonic()
    for key in range(KEYS):
        stamp += 3200
        for packet in CAPTURES[key % 10]:
            sequence, due = sequence + 1, due + 0.02
            time.sleep(max(0, due - time.monotonic()))
            if chance.random() >= LOSS:
                sound.sendto(b"\x80" + bytes([packet[1] & 0x80 | 101]) + struct.pack("!HII", sequence, stamp, number) + packet[12:], to)
        due += 0.1


def guarded(number):
    try:
        call(number)
    except Exception as error:
        failed.append(f"{type(error).__name__}: {error}")


threads = [threading.Thread(target=guarded, args=(number,)) for number in range(calls)]
for one in threads:
    one.start()
for one in threads:
    one.join()
if failed:
    sys.exit(failed[0])
for _ in range(600):
    heard = [int(count) for count in re.findall(r"EventTreatmentEnd ref=\d+ change=End digits=\.\.\((\d+)\)", open(log).read())]
    if len(heard) >= calls:
        break
    time.sleep(0.1)
print(calls * KEYS, calls * KEYS - sum(heard))
