# tests/flows/mms_page.py FOLDER - Marie of mms_page.sh: what her page shows of a multimedia message. FOLDER/site gets a port when
# we are there; FOLDER/port and desk have the adapters'.
import base64, os, sys, urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from browser import Browser, Keys, Site, play, until

folder = sys.argv[1]
site = Site({})
with open(f"{folder}/site.new", "w") as file:
    file.write(str(site.port))
os.rename(f"{folder}/site.new", f"{folder}/site")
marie = Browser("marie", folder, width=1280, height=800)
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
WORDS = "<b onclick='alert(1)'>It leaks</b> & drips"


def port(name):
    return int(open(f"{folder}/{name}").read())


def part(head, text):
    return f"--in\r\n{head}\r\n\r\n{text}\r\n"


def delivers():
    until("the adapters are there", lambda: os.path.exists(f"{folder}/port") and os.path.exists(f"{folder}/desk"))
    body = ("--out\r\nContent-Type: text/xml\r\n\r\n<E><Header><TransactionID>p-1</TransactionID></Header><Body><DeliverReq><Sender>+491701234501</Sender>"
            "<Recipients><To>+4930123</To></Recipients><Subject>the kettle</Subject></DeliverReq></Body></E>\r\n"
            "--out\r\nContent-Type: multipart/related; boundary=in\r\n\r\n"
            + part("Content-Type: image/png; name=kettle.png\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <shot>", PNG)
            + part("Content-Type: text/plain; charset=utf-8\r\nContent-ID: <words>", WORDS)
            + part("Content-Type: image/gif; name=trap.gif", "<script>document.title = 'carried out'</script>")
            + part("Content-Type: application/smil", "<smil><body><par dur='3s'><text src='words'/></par><par><img src='cid:shot'/></par></body></smil>")
            + "--in--\r\n--out--\r\n")
    request = urllib.request.Request(f"http://127.0.0.1:{port('port')}/", body.encode(), {"Content-Type": "multipart/related; boundary=out",
        "Authorization": "Basic " + base64.b64encode(b"provider:secret").decode()})
    assert b">1000<" in urllib.request.urlopen(request, timeout=60).read()


# The desk's connection takes a while, as on a slow machine: what is clicked before it is there is done once it is.
SLOW = """
const Plain = WebSocket;
window.WebSocket = class {
    static OPEN = 1;
    constructor(address) {
        setTimeout(() => {
            this.plain = new Plain(address);
            for (const on of ["onopen", "onmessage", "onclose"]) this.plain[on] = (event) => this[on]?.(event);
        }, 1500);
    }
    get readyState() { return this.plain ? this.plain.readyState : 0; }
    send(text) { this.plain.send(text); }
    close() { this.plain?.close(); }
};"""


def is_shown_on_slides():
    marie.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": SLOW})
    marie.open(f"http://127.0.0.1:{port('desk')}/")
    marie.write("#login-name", "marie")
    marie.write("#login-password", "secret")
    marie.press(Keys.ENTER)
    marie.click("#work button", "Be ready")
    marie.click("#offers button", "Accept")
    until("there are slides", lambda: marie.js("return root.querySelectorAll('.slides > li').length") == 2)
    first, second = marie.js("return [...root.querySelectorAll('.slides > li')].map((one) => one.textContent)")
    assert WORDS in first and "3 s" in first, first
    assert "3 s" not in second, second
    assert marie.js("return root.querySelector('.slides b')") is None, "the text has become elements"
    until("the picture is loaded", lambda: marie.js("return root.querySelector('.slides li:nth-child(2) img')?.naturalWidth") == 1)
    files = marie.js("return [...root.querySelectorAll('.files a')].map((one) => one.textContent)")
    assert files == ["kettle.png", "trap.gif"], files
    # What calls itself a picture and is none is saved, and never opened.
    kind, place = marie.js("""const answer = new XMLHttpRequest();
        answer.open("GET", [...root.querySelectorAll(".files a")][1].href, false), answer.send();
        return [answer.getResponseHeader("Content-Type"), answer.getResponseHeader("Content-Disposition")]""")
    assert kind == "application/octet-stream" and place.startswith("attachment"), (kind, place)
    marie.write(".pane .between textarea", "The kettle is old.")
    marie.click("button", "Keep note")
    until("the note is kept", lambda: "The kettle is old." in marie.js("return root.querySelector('.pane .colleagues').innerText"))
    assert not (faults := marie.faults()), faults
    marie.click(".actions button", "Done")
    until("it is done", lambda: marie.js("return root.querySelectorAll('#own .entry').length") == 0)


play(folder, [delivers, is_shown_on_slides], [marie])
