# presence.py DIR COUNT - The XMPP server of presence.sh, for one component: it takes the handshake, and tells of COUNT people.
import re, socket, sys, time

folder, count = sys.argv[1], int(sys.argv[2])
log = f"{folder}/log"


def told():
    """The changes of agents' states so far, by the daemon's log."""
    return len(re.findall(r" EventAgent(?:Ready|NotReady|Logout) ", open(log).read()))


def until(enough):
    end = time.monotonic() + 60
    while (now := told()) < enough:
        assert time.monotonic() < end, (now, enough)
        time.sleep(0.002)
    return now


listener = socket.create_server(("127.0.0.1", 0))
open(f"{folder}/xmpp.port", "w").write(str(listener.getsockname()[1]))
peer, _ = listener.accept()
heard = b""


def hears(word, times):
    global heard
    while heard.count(word) < times:
        more = peer.recv(65536)
        assert more
        heard += more


def tells(show):
    inner = f"<show>{show}</show>" if show else ""
    peer.sendall("".join(f"<presence from='w{one}@localhost/pc' to='kw.localhost'>{inner}</presence>" for one in range(1, count + 1)).encode())


hears(b"to=", 1)
peer.sendall(b"<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' id='1' from='kw.localhost'>")
hears(b"</handshake>", 1)
peer.sendall(b"<handshake/>")
hears(b"subscribe", count)
began = time.monotonic()
tells("")
until(count)
ms = (time.monotonic() - began) * 1000
before = told()
for turn in range(10):  # away, back, away ... and away at last
    tells("" if turn % 2 else "dnd")
    time.sleep(0.1)
tells("xa")
time.sleep(4)
print(f"{ms:.1f} {until(before + count) - before}")
