# tests/flows/smsc.py DIR - An SMSC of a provider for tests, written from the specification alone: it binds whoever comes, says
# its port in DIR/smsc.port, and obeys the file DIR/deliver: a line "FROM TO TEXT" per message to be delivered (a TEXT hex:ESM:CODING:HEX
# is taken as bytes). A message without an answer of status 0 is brought again, on the next connection too. The book stands
# outside of what is tested: DIR/acknowledged has each FROM TO TEXT that was acknowledged, DIR/submitted each "FROM TO CODING
# ESM TEXT" that came. DIR/status, where it is there: the status of answers to submit_sm, `mute`, `slow`: 0 after 0.4 s, or `twice`: 0, and once more; DIR/receipts: receipts are sent,
# and again until they are acknowledged; with `held` in it, they wait until that is gone.
# DIR/cut, where it is there, cuts all connections, and goes.
# SMSC_CERTIFICATE, in the environment, is a PEM file of certificate and key: it speaks TLS.
import os, select, socket, ssl, struct, sys, threading, time

dir = sys.argv[1]
tls = os.environ.get("SMSC_CERTIFICATE") and ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
if tls:
    tls.load_cert_chain(os.environ["SMSC_CERTIFICATE"])
lock = threading.Lock()
waiting, held, peers = [], [], []  # lines; receipts that wait; connections
names = 0


class Receipt(str):
    pass


def note(name, line):
    with lock, open(dir + "/" + name, "a") as out:
        out.write(line + "\n")


def c(text):
    return text.encode() + b"\0"


def pdu(command, status, sequence, body=b""):
    return struct.pack(">IIII", 16 + len(body), command, status, sequence) + body


def message(frm, to, esm, coding, data, tlv=b""):
    ton = lambda number: (b"\1" if number.startswith("+") else b"\0") + b"\1" + c(number.lstrip("+"))
    return c("") + ton(frm) + ton(to) + bytes([esm, 0, 0]) + c("") + c("") + bytes([0, 0, coding, 0, len(data)]) + data + tlv


def fields(body):
    def text():
        nonlocal body
        end = body.index(b"\0")
        one, body = body[:end], body[end + 1:]
        return one.decode()
    def byte():
        nonlocal body
        one, body = body[0], body[1:]
        return one
    service = text()
    from_type, _, frm, to_type, _, to = byte(), byte(), text(), byte(), byte(), text()
    esm, _, _ = byte(), byte(), byte()
    text(), text()
    registered, _, coding, _, length = byte(), byte(), byte(), byte(), byte()
    return ("+" if from_type == 1 else "") + frm, ("+" if to_type == 1 else "") + to, esm, coding, registered, body[:length]


class Peer(threading.Thread):
    def __init__(self, link):
        super().__init__(daemon=True)
        self.link, self.open, self.sequence, self.dead = link, {}, 0, False
        self.out = threading.Lock()

    def send(self, bytes):
        with self.out:
            self.link.sendall(bytes)

    def late(self, bytes):
        try:
            self.send(bytes)
        except OSError:
            pass

    def hear(self):
        if not tls:
            return self.link.recv(65536)
        if not self.link.pending():
            select.select([self.link], [], [])
        with self.out:  # a connection of TLS is not for two threads at once
            return self.link.recv(65536)

    def deliver(self, body, line):
        with lock:  # a line is waiting, or open at a peer that lives
            if self.dead:
                waiting.insert(0, line)
                return
            self.sequence += 1
            number = self.sequence
            self.open[number] = line
        self.send(pdu(5, 0, number, body))

    def pump(self):
        try:
            while not self.dead:
                with lock:
                    line = waiting.pop(0) if waiting and not self.dead and len(self.open) < 10 else None
                if not line:
                    time.sleep(0.005)
                    continue
                frm, to, text = line.split(" ", 2)
                if text.startswith("hex:"):
                    _, esm, coding, data = text.split(":")
                    body = message(frm, to, int(esm, 16), int(coding), bytes.fromhex(data))
                else:
                    body = message(frm, to, 0, 3, text.encode("latin1"))
                self.deliver(body, line)
        except OSError:
            pass

    def run(self):
        global names
        come = b""
        try:
            if tls:
                self.link = tls.wrap_socket(self.link, server_side=True)
            while True:
                some = self.hear()
                if not some:
                    break
                come += some
                while len(come) >= 16:
                    length, command, status, sequence = struct.unpack(">IIII", come[:16])
                    if not 16 <= length <= 70000:
                        raise OSError("no PDU")
                    if len(come) < length:
                        break
                    body, come = come[16:length], come[length:]
                    self.take(command, status, sequence, body)
        except OSError:
            pass
        with lock:
            self.dead = True
            waiting[:0] = self.open.values()
            self.open = {}
        self.link.close()

    def take(self, command, status, sequence, body):
        global names
        if command in (1, 2, 9):
            self.send(pdu(command | 1 << 31, 0, sequence, c("smsc")))
            self.send(pdu(0xB, 0, 900, c("a") + c("b")))  # outbind, alert_notification and a command of nobody
            self.send(pdu(0x102, 0, 901, b"\1\1" + c("1") + b"\1\1" + c("2")))
            self.send(pdu(0x777, 0, 902))
            note("bound", "bound")
            threading.Thread(target=self.pump, daemon=True).start()
        elif command == 0x15:
            self.send(pdu(0x80000015, 0, sequence))
        elif command == 0x80000000:
            note("nacks", "%d %d" % (status, sequence))
        elif command == 0x80000005:
            line = self.open.pop(sequence, None)
            if line and status == 0:
                note("receipted" if isinstance(line, Receipt) else "acknowledged", line)
            elif line:
                note("refused", "%d %s" % (status, line))
                if status == 0x64:
                    time.sleep(0.05)
                    with lock:
                        waiting.append(line)
        elif command == 4:
            frm, to, esm, coding, registered, data = fields(body)
            try:
                status = open(dir + "/status").read().strip()
            except OSError:
                status = "0"
            shown = data.hex() if coding == 8 or esm & 0x40 else data.decode("latin1")
            note("submitted", "%s %s %d %d %s %s" % (frm, to, coding, esm, status, shown))
            if status == "mute":
                return
            with lock:
                names += 1
                name = "0%X" % (0xAB00 + names)
            good = status in ("0", "slow", "twice")
            answer = pdu(0x80000004, 0 if good else int(status), sequence, c(name if good else ""))
            if status == "slow":
                threading.Timer(0.4, self.late, [answer]).start()
                return
            self.send(answer * 2 if status == "twice" else answer)
            if status == "0" and os.path.exists(dir + "/receipts"):
                text = "id:%s sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:DELIVRD err:000 text:" % name.lower().lstrip("0")
                with lock:
                    held.append(Receipt("%s %s hex:4:0:%s" % (to, frm, text.encode().hex())))
        elif command == 6:
            self.send(pdu(0x80000006, 0, sequence))


def cut():
    try:
        os.unlink(dir + "/cut")
    except OSError:
        return
    for peer in peers[:]:
        try:
            peer.link.shutdown(socket.SHUT_RDWR)
        except OSError:
            peers.remove(peer)


def read():
    done = 0
    while True:
        cut()
        try:
            lines = open(dir + "/deliver").read().split("\n")[:-1]
        except OSError:
            lines = []
        hold = os.path.exists(dir + "/receipts") and open(dir + "/receipts").read().strip() == "held"
        with lock:
            waiting.extend(lines[done:])
            if not hold:
                waiting.extend(held)
                held.clear()
        done = len(lines)
        time.sleep(0.02)


door = socket.create_server(("127.0.0.1", int(sys.argv[2]) if len(sys.argv) > 2 else 0))
with open(dir + "/smsc.new", "w") as out:
    out.write(str(door.getsockname()[1]))
os.rename(dir + "/smsc.new", dir + "/smsc.port")
threading.Thread(target=read, daemon=True).start()
while True:
    link, _ = door.accept()
    peers.append(Peer(link))
    peers[-1].start()
