# tests/flows/browser.py - What the tests with a browser share: headless Chromium, a web site, a relay before a server, and
# what a page owes to people who use the keyboard or a screen reader.
import http.server, json, os, shutil, signal, socket, struct, sys, threading, time, urllib.request

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.keys import Keys

from websocket import WebSocket

PATIENCE_S = 180  # bounds a test that has failed; none is timed by it
CONTROLS = {"button", "textbox", "searchbox", "link", "checkbox", "combobox", "listbox", "radio", "tab", "menuitem", "spinbutton", "slider"}
LANDMARKS = {"dialog", "log", "navigation", "region", "table", "tablist", "list", "grid", "form"}


def until(what, ask):
    begun, pause = time.monotonic(), 0.03
    while (waited := time.monotonic() - begun) < PATIENCE_S:
        try:
            got = ask()
        except Exception as error:  # the page is between two states
            got, what_failed = None, error
        if got:
            return got
        time.sleep(pause)
        pause = min(pause * 1.4, max(0.25, waited / 20))  # each look costs some milliseconds of a processor
    raise AssertionError(f"never: {what}")


class Site:
    """Pages at an origin of their own: a dictionary of paths and texts."""

    def __init__(self, pages, policy=None):
        self.pages = pages

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                page = pages.get(self.path.split("?")[0])
                self.send_response(200 if page else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                if policy:
                    self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write((page or "").encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Relay:
    """A network that can be cut, between a browser and the server at `port`."""

    def __init__(self, port=None):
        self.to, self.up, self.mute, self.pairs = port, True, False, []  # mute: its WebSocket hears nothing
        self.webs, self.dead, self.unheard = set(), set(), b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            near = self.listener.accept()[0]
            if not self.up:
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                near.close()
                continue
            self.pairs.append((near, far))
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self.pump, args=(source, sink), daemon=True).start()

    def pump(self, source, sink):
        try:
            while some := source.recv(65536):
                if b"\r\nSec-WebSocket-Key: " in some:
                    self.webs.add(sink)
                if self.mute and source in self.webs:
                    self.unheard += some
                else:
                    sink.sendall(some)
        except OSError:
            pass
        for one in (source, sink):
            if one in self.dead:
                continue
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self, untold=False):
        """Untold: the server does not hear of it, as its connections have died without a close."""
        self.up = False
        for near, far in self.pairs:
            if untold:
                self.dead.add(far)
            for one in (near,) if untold else (near, far):
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
        self.pairs = []

    def mend(self):
        self.up = True

    def say(self, **message):
        """To the browser, as if the server had: a text frame of a WebSocket on the last connection."""
        payload = json.dumps(message).encode()
        length = bytes([len(payload)]) if len(payload) < 126 else b"\x7e" + struct.pack(">H", len(payload))
        self.pairs[-1][0].sendall(b"\x81" + length + payload)


class Chromium:
    """A process of headless Chromium. Each window has cookies and a storage of its own, as another person's browser has: a
    window costs half a second of a processor, a process three times as much."""
    running = {}  # by what they are started with

    def __init__(self, name, folder, language, arguments):
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        profile = os.path.join(folder, "profile." + name)
        for one in ("headless=new", "no-sandbox", "disable-dev-shm-usage", "disable-gpu", f"lang={language}",
                    f"user-data-dir={profile}", "no-first-run", "disable-extensions", "disable-background-networking",
                    "disable-component-update", "autoplay-policy=no-user-gesture-required", "force-color-profile=srgb", *arguments):
            options.add_argument("--" + one)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
        self.at, self.said, self.devtools = self.driver.current_window_handle, [], None
        self.first = self.at

    def ask(self, method, **params):
        """Asks the process itself; chromedriver asks its pages only."""
        if not self.devtools:
            host = self.driver.capabilities["goog:chromeOptions"]["debuggerAddress"]
            with urllib.request.urlopen(f"http://{host}/json/version") as answer:
                path = json.load(answer)["webSocketDebuggerUrl"].split(host)[1]
            self.devtools = WebSocket(socket.create_connection(host.split(":")), host, path, {})
        self.devtools.send({"id": 1, "method": method, "params": params})
        while (heard := self.devtools.hear()).get("id") != 1:
            pass
        return heard["result"]

    def window(self, width, height):
        if self.first:
            window, self.first = self.first, None
            return window
        whose = self.ask("Target.createBrowserContext")["browserContextId"]
        return self.ask("Target.createTarget", url="about:blank", browserContextId=whose, newWindow=True, width=width, height=height)["targetId"]

    def show(self, window):
        if self.at != window:
            self.driver.switch_to.window(window)
            self.at = window

    def complaints(self, origin):
        """What was said at this origin, or at none."""
        self.said += [one["message"] for one in self.driver.get_log("browser") if one["level"] == "SEVERE"]
        mine = [one for one in self.said if one.startswith(origin) or not one.startswith("http")]
        self.said = [one for one in self.said if one not in mine]
        return mine


class Browser:
    """A window of headless Chromium. `root` is a JavaScript expression for the document or shadow root that is looked at."""

    def __init__(self, name, folder, root="document", width=1280, height=800, language="en", arguments=()):
        self.name, self.root, started = name, root, (folder, language, arguments)
        if started not in Chromium.running:
            Chromium.running[started] = Chromium(name, *started)
        self.chromium = Chromium.running[started]
        self.window = self.chromium.window(width, height)
        self.driver.set_window_size(width, height)
        self.driver.execute_cdp_cmd("Emulation.setFocusEmulationEnabled", {"enabled": True})

    @property
    def driver(self):
        self.chromium.show(self.window)
        return self.chromium.driver

    def js(self, script, *arguments):
        return self.driver.execute_script(f"const root = {self.root}; {script}", *arguments)

    def open(self, address):
        self.driver.get(address)

    def text(self):
        return self.js("return root.body ? root.body.innerText : [...root.children].map((one) => one.innerText || '').join('\\n')")

    def sees(self, text):
        return until(f"{self.name} sees: {text}", lambda: text in self.text())

    def sees_not(self, text):
        return until(f"{self.name} no longer sees: {text}", lambda: text not in self.text())

    def find(self, css, text=None):
        """The visible element; with `text`, the one that has it as its text or its label."""
        return until(f"{self.name}: {css} {text or ''}", lambda: self.js(SHOWN + "return shown(arguments[0], arguments[1])", css, text))

    def click(self, css, text=None):
        """Clicks the visible element, once nothing else lies above its middle. The page itself does it, within one look: no
        element moves away meanwhile, and chromedriver's mouse costs a tenth of a second of a processor for each click."""
        until(f"{self.name} clicks {css} {text or ''}", lambda: self.js(SHOWN + """
            const one = shown(arguments[0], arguments[1]);
            if (!one || one.disabled) return false;
            one.scrollIntoView({block: 'nearest', inline: 'nearest', behavior: 'instant'});
            const { left, top, width, height } = one.getBoundingClientRect();
            if (!one.contains(one.getRootNode().elementFromPoint(left + width / 2, top + height / 2))) return false;
            const say = (kind, Kind) => one.dispatchEvent(new Kind(kind, {bubbles: true, cancelable: true, composed: true}));
            say('pointerdown', PointerEvent);
            if (say('mousedown', MouseEvent)) one.closest('button, a[href], input, select, textarea, summary, [tabindex]')?.focus({preventScroll: true});
            say('pointerup', PointerEvent);
            say('mouseup', MouseEvent);
            one.click();
            return true""", css, text))

    def write(self, css, text):
        field = self.find(css)
        field.clear()
        field.send_keys(text)

    def press(self, *keys):
        webdriver.ActionChains(self.driver).send_keys(*keys).perform()

    def chord(self, modifier, key):
        webdriver.ActionChains(self.driver).key_down(modifier).send_keys(key).key_up(modifier).perform()

    def focused(self):
        return self.js(FOCUS + "return said(focus())")

    def tab_to(self, label):
        """Tab, or Shift+Tab where that is nearer, until what is called so has the focus. Answers how many were pressed."""
        far, back = self.js(FOCUS + """
            const within = root.querySelector('dialog[open]') || root;
            const all = [...within.querySelectorAll('button, a[href], input, select, textarea, summary, [tabindex="0"], [contenteditable=true]')].filter((one) =>
                !one.disabled && one.tabIndex >= 0 && one.checkVisibility({visibilityProperty: true}) && !(one.type === 'radio' && !one.checked));
            const own = focus(), at = all.includes(own) ? all.indexOf(own) : all.filter((one) => own && own.compareDocumentPosition(one) & 2).length - 0.5;
            const to = all.findIndex((one) => said(one).split('\\n')[0] === arguments[0]);
            return [Math.ceil(Math.abs(to - at)), to < at]""", label)
        for count in range(1, 200):
            keys = webdriver.ActionChains(self.driver)
            if back:
                keys.key_down(Keys.SHIFT)
            for _ in range(far if count == 1 else 1):
                keys.send_keys(Keys.TAB)
            if back:
                keys.key_up(Keys.SHIFT)
            keys.perform()
            if self.focused().split("\n")[0] == label:
                return far + count - 1
        raise AssertionError(f"Tab does not come to {label}")

    def tree(self):
        """Chromium's accessibility tree: role, name and properties of what it does not ignore."""
        nodes = self.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
        return [{"role": one["role"]["value"], "name": one.get("name", {}).get("value", ""),
                 **{p["name"]: p["value"].get("value") for p in one.get("properties", ())}}
                for one in nodes if not one["ignored"]]

    def emulate(self, **features):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia",
                                    {"features": [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]})

    def picture(self, path):
        self.driver.save_screenshot(path)

    def complaints(self):
        """What the console says of errors: a policy that was broken, an exception."""
        return self.chromium.complaints(self.js("return location.origin"))

    def quit(self):
        """Ends the process, with all its windows."""
        for started, one in list(Chromium.running.items()):
            if one is self.chromium:
                del Chromium.running[started]
                one.driver.quit()

    # ---- what a page owes ----

    def faults(self):
        """Controls and landmarks without a name, names without what is written on the control, text without contrast, ids
        twice, a page wider than its window."""
        found = [f"a {one['role']} has no name" for one in self.tree()
                 if one["role"] in CONTROLS | LANDMARKS - {"list", "form"} and not one["name"].strip()]
        found += self.js(CONTRAST)
        found += self.js(NAMED)
        found += self.js("const seen = new Set(); return [...root.querySelectorAll('[id]')].filter((one) => seen.has(one.id) || !seen.add(one.id))"
                         ".map((one) => 'the id ' + one.id + ' is there twice')")
        found += self.js("const page = document.documentElement; return page.scrollWidth > page.clientWidth ? ['the page is ' + page.scrollWidth"
                         " + ' wide in a window of ' + page.clientWidth] : []")
        return found

    def tab_order(self, limit=200):
        """What Tab comes to, from the page's start until it is round; what it does not come to although one could click it."""
        self.js("const start = document.createElement('span'); start.tabIndex = -1; document.body.prepend(start); start.focus(); start.remove()")
        self.js("root.querySelectorAll('[data-tabbed]').forEach((one) => one.removeAttribute('data-tabbed'))")
        self.js(FOCUS + """
            const order = window.tabs = [];
            let last = null;
            const comes = () => {
                const one = focus();
                if (one === last || !one || one === document.body) return;
                last = one;
                if (one.dataset.tabbed) { for (const from of [root, document]) from.removeEventListener("focusin", comes); order.round = true; return; }
                one.dataset.tabbed = "1";
                order.push(said(one));
            };
            for (const from of [root, document]) from.addEventListener("focusin", comes);""")
        for _ in range(0, limit, 20):
            self.press(*[Keys.TAB] * 20)
            if self.js("return window.tabs.round"):
                break
        order = self.js("return window.tabs")
        missed = self.js("""
            const reached = (one) => one.dataset.tabbed || one.disabled || one.tabIndex < 0 || !one.checkVisibility({visibilityProperty: true})
                || one.type === 'radio' && root.querySelector('[data-tabbed][name="' + one.name + '"]');
            return [...root.querySelectorAll('button, a[href], input, select, textarea, [tabindex="0"]')].filter((one) => !reached(one))
                .map((one) => (one.getAttribute('aria-label') || one.innerText || one.id || one.tagName).trim());""")
        return order, missed


SHOWN = """
const says = (one) => (one.getAttribute('aria-label') || one.innerText || one.value || '').trim();
const shown = (css, text) => [...root.querySelectorAll(css)].find((one) => one.checkVisibility({visibilityProperty: true})
    && (text === null || says(one) === text || says(one).split('\\n')[0] === text));
"""
# Who says what is written on a control means that control.
NAMED = """
const seen = (one) => one.innerText ?? [...one.querySelectorAll('text')].map((line) => line.textContent).join(' '); // of a picture's part
const words = (text) => text.toLowerCase().replace(/[^\\p{L}]+/gu, ' ').trim();
return [...root.querySelectorAll(['button', 'a[href]', 'summary', '[role=button]', '[role=link]', '[role=tab]', '[role=option]', '[role=menuitem]'].map((one) => one + '[aria-label]').join())]
    .filter((one) => one.checkVisibility({visibilityProperty: true}) && !words(one.getAttribute('aria-label')).includes(words(seen(one))))
    .map((one) => `"${seen(one).trim()}" stands on a control that is called "${one.getAttribute('aria-label')}"`);
"""
FOCUS = """
const focus = () => { let one = document.activeElement; while (one && one.shadowRoot && one.shadowRoot.activeElement) one = one.shadowRoot.activeElement; return one; };
const said = (one) => {
    const by = one && one.getAttribute('aria-labelledby');
    return one && one !== document.body ? (by ? one.getRootNode().getElementById(by).innerText : one.getAttribute('aria-label') || one.labels && one.labels[0] && one.labels[0].innerText || one.innerText || one.id || one.tagName).trim() : '';
};
"""
CONTRAST = """
const parse = (text) => { const m = text.match(/[\\d.]+/g).map(Number); return text.startsWith('color(srgb') ? [m[0] * 255, m[1] * 255, m[2] * 255, m[3] ?? 1] : [m[0], m[1], m[2], m[3] ?? 1]; };
const over = (a, b) => [0, 1, 2].map((i) => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
const up = (one) => one.parentElement || (one.getRootNode().host ?? null);
const ground = (one) => {
    const layers = [];
    for (let at = one; at; at = up(at)) { const c = parse(getComputedStyle(at).backgroundColor); layers.push(c); if (c[3] === 1) break; }
    return layers.reverse().reduce((under, layer) => over(layer, under), matchMedia('(prefers-color-scheme: dark)').matches
        && getComputedStyle(document.documentElement).colorScheme.includes('dark') ? [18, 18, 18, 1] : [255, 255, 255, 1]);
};
const light = (c) => { const [r, g, b] = c.slice(0, 3).map((v) => v / 255).map((v) => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
const found = new Set();
const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
    const one = walk.currentNode.parentElement, text = walk.currentNode.data.trim();
    if (!one || !text || ['STYLE', 'SCRIPT', 'NOSCRIPT', 'OPTION', 'TITLE'].includes(one.tagName) || !one.checkVisibility({visibilityProperty: true, opacityProperty: true}) || one.closest(':disabled')) continue;
    const style = getComputedStyle(one), back = ground(one);
    const a = light(over(parse(style.color), back)), b = light(back), ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    const size = parseFloat(style.fontSize), large = size >= 24 || size >= 18.66 && style.fontWeight >= 700;
    if (ratio < (large ? 3 : 4.5)) found.add(`"${text.slice(0, 40)}" has a contrast of ${ratio.toFixed(2)} only`);
}
return [...found];
"""


def play(folder, parts, browsers):
    """The parts in their order. Of one that fails, a picture of every window is kept in GCX_PICTURES."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        for part in parts:
            try:
                part()
            except BaseException as error:
                print(f"FAILED: {part.__name__}: {type(error).__name__}: {error}")
                where = os.environ.get("GCX_PICTURES", folder)
                os.makedirs(where, exist_ok=True)
                for browser in browsers:
                    picture = os.path.join(where, f"{part.__name__}.{browser.name}.png")
                    browser.picture(picture)
                    print(f"--- {browser.name}: {picture}\n{browser.complaints()}")
                raise
            print(f"{part.__name__}: ok", flush=True)
    finally:
        for browser in browsers:
            browser.quit()
