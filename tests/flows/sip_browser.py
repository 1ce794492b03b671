# sip_browser.py DIR ADDRESS PORT - Marie at the desk's page for sip_browser.sh, which does what is said on stdout, and answers.
import os, re, signal, socket, ssl, struct, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from browser import Browser, Keys, play, until

folder, address, edge = sys.argv[1:]
to_script, sys.stdout = sys.stdout, sys.stderr
# The microphone hears a tone for ever; the edge is on loopback, with a certificate that nobody has signed.
marie = Browser("marie", folder, arguments=("use-fake-ui-for-media-stream", "use-fake-device-for-media-stream",
                                            f"use-file-for-fake-audio-capture={folder}/prompts/agent.wav",
                                            "ignore-certificate-errors", "allow-loopback-in-peer-connection"))
marie.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": """
    const Plain = RTCPeerConnection;
    window.RTCPeerConnection = class extends Plain { constructor(...given) { super(...given); window.connection = this; } };"""})


def do(*words):
    print(*words, file=to_script, flush=True)
    assert input() == "done", words


def heard(name):
    return int(re.search(rf"{name}=(\d+)", open(f"{folder}/ear.heard").read())[1])


def heard_meanwhile():
    """How much of her voice is in the caller's next forty packets."""
    packets, before = heard("packets"), heard("agent")
    until("packets", lambda: heard("packets") > packets + 40)
    return heard("agent") - before


def stats(kind):
    return marie.driver.execute_async_script("""const done = arguments[1]; window.connection.getStats().then((all) => {
        done([...all.values()].find((one) => one.type === arguments[0]) ?? {}) });""", kind)


def hears():
    """Packets come, and there is sound in them."""
    energy = lambda: stats("inbound-rtp").get("totalAudioEnergy", 0)
    before = energy()
    until("the page hears", lambda: energy() > before + 0.001)


def state():
    return marie.js("return root.querySelector('#phone > div').dataset.at")


def is_in(wanted):
    until(f"marie is {wanted}", lambda: state() == wanted)


def be(wanted):
    marie.js("""const field = root.querySelector('#phone .field[data-state] select');
        field.value = arguments[0]; field.dispatchEvent(new Event('change'))""", wanted)
    is_in(wanted)


def answers():
    do("call", "1800")
    marie.find("#phone article[data-state=ringing]")
    marie.sees("+33145550101")
    marie.click("#phone button", "Answer")
    marie.find("#phone article[data-state=talking]")


def registers():
    """Its password is wrong, then right."""
    marie.open(address + "/")
    marie.write("#login-name", "marie")
    marie.write("#login-password", "secret")
    marie.press(Keys.ENTER)
    form = "#phone form:not([hidden]) input"
    marie.write(form + "[type=password]", "wrong")
    marie.write(form + ":not([type=password])", "7001")
    marie.press(Keys.ENTER)
    marie.sees("The telephone was not registered")
    assert state() == "logged_out"
    marie.write(form + "[type=password]", "one")
    marie.press(Keys.ENTER)
    is_in("not_ready")
    assert not (faults := marie.faults()), faults
    be("ready")


def talks():
    """She answers in the page; both hear each other; she mutes, and is heard again."""
    answers()
    do("says", "agent")
    hears()
    sent = stats("outbound-rtp")["packetsSent"]
    marie.click("#phone button", "Mute")
    marie.find("#phone button[aria-pressed=true]", "Mute")
    until("nothing of her is heard", lambda: heard_meanwhile() == 0)
    assert stats("outbound-rtp")["packetsSent"] > sent  # silence is sent: she is there
    assert not (faults := marie.faults()), faults
    if where := os.environ.get("GCX_KEEP"):
        marie.picture(f"{where}/softphone.png")
    marie.click("#phone button", "Mute")
    before = heard("agent")
    until("she is heard again", lambda: heard("agent") > before + 3)
    marie.click("#phone button", "Release")
    do("hung_up")


def dials():
    """She dials: the page answers by itself; her keys are heard."""
    be("not_ready")
    marie.write("#phone input[type=tel]", "1801")
    marie.press(Keys.ENTER)
    hears()
    marie.write("#phone [aria-label=Keys]", "42")
    do("await", "logged", "choice=42")
    marie.click("#phone button", "Release")
    do("await", "no_calls")


def reloads():
    """A reload keeps the telephone."""
    marie.driver.refresh()
    is_in("not_ready")
    until("it is registered again", lambda: marie.js("return root.querySelector('#phone > div > p').hidden"))
    be("ready")
    answers()
    do("says", "agent")
    complaints = [one for one in marie.complaints() if "api/me" not in one]
    assert not complaints, complaints


def vanishes():
    """The browser is killed: the call ends, and nobody is stuck."""
    parent = lambda process: int(open(f"/proc/{process}/stat").read().rsplit(")", 1)[1].split()[1])
    driver = marie.driver.service.process.pid
    for process in [int(one) for one in os.listdir("/proc") if one.isdigit()]:
        try:
            if parent(process) == driver:
                os.kill(process, signal.SIGKILL)
        except OSError:
            pass
    do("hung_up")
    do("await", "no_calls")
    do("await", "agent_is", "marie", "logged_out")
    marie.quit = marie.driver.service.process.kill


def guesses():
    """Another page is not let in; of four wrong passwords the exchange hears, of the fifth only the edge."""
    def connects(origin):
        bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        bare.check_hostname, bare.verify_mode = False, ssl.CERT_NONE
        wire = bare.wrap_socket(socket.create_connection(("127.0.0.3", int(edge)), 60, ("127.0.0.5", 0)))
        wire.sendall((f"GET / HTTP/1.1\r\nHost: edge\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                      f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: sip\r\nOrigin: {origin}\r\n\r\n").encode())
        return wire, wire.recv(4096).decode()

    def asks(wire, method, number, proof=""):
        text = (f"{method} sip:127.0.0.3 SIP/2.0\r\nVia: SIP/2.0/WSS x.invalid;branch=z9hG4bK{number}\r\nFrom: <sip:7001@x>;tag=t\r\nTo: <sip:7001@x>\r\n"
                f"Call-ID: guess\r\nCSeq: {number} {method}\r\nContact: <sip:guess@x.invalid;transport=ws>\r\nMax-Forwards: 70\r\n{proof}Content-Length: 0\r\n\r\n").encode()
        wire.sendall(b"\x81\xfe" + struct.pack("!HI", len(text), 0) + text)  # a mask of zeros
        answer = wire.recv(4096).decode("latin-1")
        return re.search(r"SIP/2.0 (\d+)", answer)[1], answer

    assert connects("https://evil.example")[1].startswith("HTTP/1.1 403")
    wire, answer = connects(address)
    assert answer.startswith("HTTP/1.1 101"), answer
    assert asks(wire, "INVITE", 1)[0] == "405"
    for number in range(4):
        status, answer = asks(wire, "REGISTER", 10 + number)
        assert status == "401", answer
        nonce = re.search('nonce="([^"]+)"', answer)[1]
        wrong = f'Authorization: Digest username="7001", realm="gcx", nonce="{nonce}", uri="sip:127.0.0.3", response="{"0" * 32}"\r\n'
        assert asks(wire, "REGISTER", 20 + number, wrong)[0] == "403"
    assert asks(wire, "REGISTER", 30)[0] == "403"


play(folder, [registers, guesses, talks, dials, reloads, vanishes], [marie])
