"""chat.py DIR TOP ours COUNT: messages of a customer to an agent at the desk and back; prints messages a second one way
(32 under way), and p50 and p99 in us of one there and one back.
chat.py DIR TOP open COUNT: opens so many chats, writes DIR/opened, and stays.
chat.py PORT TOP theirs COUNT: the first of two XMPP clients of a server."""
import base64, os, select, socket, sys, time

TEXT = "Where is my parcel? It was to come on Monday, and today is Thursday. " * 2
WINDOW = 32


def told(rate, times):
    times.sort()
    print(f"{rate:.0f} {times[len(times) // 2] * 1e6:.0f} {times[len(times) * 99 // 100] * 1e6:.0f}")


def at_once(socket_):
    socket_.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def measure(count, there, back, heard_there, heard_back):
    """there() and back() say something, heard_...() return when one more has come."""
    times = []
    for _ in range(count // 4):
        begun = time.perf_counter()
        there()
        heard_there()
        back()
        heard_back()
        times.append(time.perf_counter() - begun)
    begun, sent = time.perf_counter(), 0
    for heard in range(count):
        while sent < count and sent - heard < WINDOW:
            there()
            sent += 1
        heard_there()
    told(count / (time.perf_counter() - begun), times)


def customer():
    from desk_client import Socket
    one = Socket(int(open(f"{sys.argv[1]}/chat.port").read()), "/chat", {"Origin": "https://shop.example"})
    at_once(one.socket)
    one.send({"type": "begin", "name": "Anna", "queue": "service"})
    return one


def until(whom, hear, **wanted):
    while not wanted.items() <= (one := hear(whom)).items():
        assert one["type"] not in ("end", "error") and one.get("ok", True), one


def ours(count):
    from desk_client import Browser, Desk, Socket
    desk = Desk(Browser().log_in("marie", "secret"))
    at_once(desk.socket)
    desk.ready("chat")
    anna = customer()
    until(anna, Socket.hear, type="accepted")
    desk.ask("accept", claim=desk.expect("offer")["claim"])
    ixn = desk.expect("opened")["ixn"]
    until(anna, Socket.hear, type="joined")
    number = 0

    def there():
        nonlocal number
        number += 1
        anna.send({"type": "message", "id": str(number), "text": TEXT})

    def back():
        nonlocal number
        number += 1
        desk.send({"type": "message", "id": 1000000 + number, "ixn": ixn, "key": str(number), "text": TEXT})

    def heard_there():
        until(desk, Socket.hear, type="message", role="customer")
        while select.select([anna.socket], [], [], 0)[0]:  # that they are kept
            Socket.hear(anna)

    measure(count, there, back, heard_there, lambda: until(anna, Socket.hear, type="message", role="agent"))


def opened(count):
    from desk_client import Socket
    all, wanted = [], count
    while wanted:
        some = [customer() for _ in range(min(wanted, 100))]
        for one in some:
            until(one, Socket.hear, type="accepted")
        all += some
        wanted -= len(some)
    open(f"{sys.argv[1]}/opened", "w").close()
    time.sleep(3600)


class Xmpp:
    def __init__(self, name):
        self.socket, self.bytes = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=30), b""
        at_once(self.socket)
        stream = "<stream:stream to='localhost' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
        self.say(stream, "</stream:features>")
        word = base64.b64encode(f"\0{name}\0secret".encode()).decode()
        self.say(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{word}</auth>", "<success")
        self.bytes = b""
        self.say(stream, "</stream:features>")
        self.say("<iq type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource></bind></iq>", "</iq>")
        self.say("<presence/>", "<presence")
        self.bytes = b""

    def say(self, text, until=None):
        self.socket.sendall(text.encode())
        while until and until.encode() not in self.bytes:
            self.more()

    def more(self):
        some = self.socket.recv(65536)
        assert some, self.bytes
        self.bytes += some

    def tell(self, whom):
        self.say(f"<message to='{whom}@localhost/r' type='chat'><body>{TEXT}</body></message>")

    def hear(self):
        while b"</message>" not in self.bytes:
            self.more()
        self.bytes = self.bytes.split(b"</message>", 1)[1]


def theirs(count):
    anna, marie = Xmpp("anna"), Xmpp("marie")
    measure(count, lambda: anna.tell("marie"), lambda: marie.tell("anna"), marie.hear, anna.hear)


sys.path.insert(0, sys.argv[2] + "/tests/flows")
{"ours": ours, "open": opened, "theirs": theirs}[sys.argv[3]](int(sys.argv[4]))
