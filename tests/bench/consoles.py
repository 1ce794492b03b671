"""consoles.py DIR CONSOLES SECONDS ROWS: in the world of consoles.sh, so many consoles look at Now (a WebSocket each), and none in
turn, each for SECONDS: what gcxvm and the desk's plugin take of a core, and how much of it so many consoles cost. Then
Chromium shows Now: the time until it is usable and until its rows stand there, what its main thread takes while rows change,
and how long it takes from a click or a key to the next picture (INP). A line for each; what has a goal says whether it is met,
and else this ends with 1. With PAGE_ONLY in the environment the page alone is measured. In DIR: desk, the port; pids: of gcxvm and of the plugin."""
import asyncio, base64, json, os, statistics, struct, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "flows"))
DIR, CONSOLES, SECONDS, ROWS = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
PORT, PIDS = int(open(f"{DIR}/desk").read()), open(f"{DIR}/pids").read().split()
HEAD = f"Host: 127.0.0.1:{PORT}\r\nOrigin: http://127.0.0.1:{PORT}\r\n"
ROUNDS, CORE_PERCENT, INP_MS = 3, 2, 100
missed = []


def told(text, figure=None, goal=None):
    good = goal is None or figure < goal
    if not good:
        missed.append(text)
    print(text + ("" if goal is None else f"; the goal is less than {goal}: {'met' if good else 'MISSED'}"), flush=True)


def cpu_ms():
    return [sum(int(open(f"/proc/{pid}/task/{task}/schedstat").read().split()[0]) for task in os.listdir(f"/proc/{pid}/task")) / 1e6 for pid in PIDS]


def memory_kib():
    return [int(next(line for line in open(f"/proc/{pid}/status") if line.startswith("VmRSS")).split()[1]) for pid in PIDS]


# ---- so many consoles ----

class Console:
    async def look(self, name):
        self.heard = 0
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        body = json.dumps({"name": name, "password": "secret"})
        writer.write(f"POST /api/login HTTP/1.1\r\n{HEAD}Content-Type: application/json\r\nConnection: close\r\n"
                     f"Content-Length: {len(body)}\r\n\r\n{body}".encode())
        answer = (await reader.read()).decode()
        writer.close()
        assert answer.startswith("HTTP/1.1 200 "), answer[:300]
        cookie = answer.split("Set-Cookie: ")[1].split(";")[0]
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", PORT)
        self.writer.write(f"GET /console/live HTTP/1.1\r\n{HEAD}Upgrade: websocket\r\nConnection: Upgrade\r\nCookie: {cookie}\r\n"
                          f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n\r\n".encode())
        head = await self.reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 "), head
        self.task = asyncio.create_task(self.listen())

    async def listen(self):
        while True:
            first, length = await self.reader.readexactly(2)
            if length >= 126:
                length = struct.unpack(">H" if length == 126 else ">Q", await self.reader.readexactly(2 if length == 126 else 8))[0]
            text = await self.reader.readexactly(length)
            if first & 15 == 9:
                self.writer.write(b"\x8a" + bytes([128 | length]) + b"\0\0\0\0" + text)
            elif first & 15 == 1:
                self.heard += len(text)

    def leave(self):
        self.task.cancel()
        self.writer.close()


async def taken(count):
    """ms of CPU time per second of gcxvm and of the plugin while so many look; KiB of memory; bytes a second to each."""
    consoles = [Console() for _ in range(count)]
    for n, one in enumerate(consoles):
        await one.look(f"s{n}")
    await asyncio.sleep(3)  # all rows have come
    begun, began, heard = cpu_ms(), time.monotonic(), sum(one.heard for one in consoles)
    await asyncio.sleep(SECONDS)
    seconds = time.monotonic() - began
    share = [(b - a) / seconds for a, b in zip(begun, cpu_ms())]
    memory, heard = memory_kib(), sum(one.heard for one in consoles) - heard
    assert not count or heard, "nothing was told"
    for one in consoles:
        one.leave()
    await asyncio.sleep(1)
    return *share, memory[1], heard / seconds / max(count, 1)


async def consoles():
    plays = {count: [] for count in (0, 1, CONSOLES)}
    for _ in range(ROUNDS):
        for count in plays:
            plays[count].append(await taken(count))
    none, one, many = ([statistics.median(column) for column in zip(*plays[count])] for count in plays)
    for name, at in (("gcxvm", 0), ("the desk's plugin", 1)):
        told(f"{name} takes {none[at] / 10:.2f} % of a core without a console, {one[at] / 10:.2f} with one, {many[at] / 10:.2f} with {CONSOLES}")
    cost = (many[0] - none[0]) / 10
    told(f"{CONSOLES} consoles cost gcxvm {cost:.2f} % of a core", cost, CORE_PERCENT)
    told(f"{CONSOLES} consoles cost the desk's plugin {(many[1] - none[1]) / 10:.2f} % of a core, each one after the first {(many[1] - one[1]) / 10 / (CONSOLES - 1):.3f}")
    told(f"a console costs the plugin {(many[2] - one[2]) / (CONSOLES - 1):.0f} KiB and hears {many[3] / 1024:.1f} KiB a second")


# ---- one browser ----

WATCH = """
    window.seen = {}; // by interaction: ms of the longest of its events, rounded to 8 by the browser; those in which the page's program ran; where
    new PerformanceObserver((list) => {
        for (const one of list.getEntries()) if (one.interactionId) {
            const [ms, own, at] = seen[one.interactionId] || [0, 0, ""], ran = Math.round(one.processingEnd - one.processingStart);
            seen[one.interactionId] = [Math.max(ms, one.duration), Math.max(own, ran), own > ran && at || `${one.name} ${one.target?.textContent.slice(0, 20) || one.target?.id || ""}`];
        }
    }).observe({ type: "event", durationThreshold: 16, buffered: true });"""


def renderers(parent):
    """The processes below this one that draw a page; the thread with the process's number is the page's main thread."""
    found, below = [], {parent}
    for pid in sorted(int(one) for one in os.listdir("/proc") if one.isdigit()):
        try:
            if int(open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[1]) not in below:
                continue
            below.add(pid)
            if b"--type=renderer" in open(f"/proc/{pid}/cmdline", "rb").read():
                found.append(pid)
        except OSError:  # it has ended
            pass
    return found


def page():
    try:
        from browser import Browser, Keys, until
        browser = Browser("bench", DIR, width=1440, height=980)
    except Exception as error:
        return told(f"Chromium and selenium are not there: the page is not measured ({type(error).__name__})")
    asks = browser.driver.execute_cdp_cmd
    try:
        browser.open(f"http://127.0.0.1:{PORT}/console/")
        until("the name can be written", lambda: browser.focused() == "Name")
        browser.press(f"s{CONSOLES}", Keys.TAB, "secret", Keys.ENTER)
        rows = lambda: browser.js("return Number(root.querySelector('.agents [role=grid]')?.getAttribute('aria-rowcount') ?? 0)") > ROWS
        until("all rows", rows)
        asks("Network.enable", {})
        asks("Network.setCacheDisabled", {"cacheDisabled": True})
        asks("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
        usable, shown = [], []
        for _ in range(5):
            browser.open(f"http://127.0.0.1:{PORT}/console/")
            until("all rows", rows)
            at = lambda name: browser.js("return performance.getEntriesByName(arguments[0])[0].startTime", name)
            usable.append(at("usable"))
            shown.append(at("shown"))
        told(f"Now is usable after {statistics.median(usable):.0f} ms, its rows stand there after {statistics.median(shown):.0f} (the cache empty)")

        threads = renderers(browser.driver.service.process.pid)
        busy_s = lambda: sum(int(open(f"/proc/{pid}/task/{pid}/schedstat").read().split()[0]) for pid in threads) / 1e9
        begun, began = busy_s(), time.monotonic()
        time.sleep(SECONDS)
        idle = (busy_s() - begun) / (time.monotonic() - began)
        told(f"the page's main thread takes {100 * idle:.1f} % of a core while rows change")

        count = 0

        def press(key, text=None):
            nonlocal count
            count += 1
            asks("Input.dispatchKeyEvent", {"type": "keyDown", "key": key, "code": key, **({"text": text} if text else {}),
                                            "windowsVirtualKeyCode": {"ArrowDown": 40, "ArrowUp": 38, "PageDown": 34, "PageUp": 33, "Backspace": 8, "Escape": 27, "Enter": 13}.get(key, ord(key[0].upper()))})
            asks("Input.dispatchKeyEvent", {"type": "keyUp", "key": key, "code": key})
            time.sleep(0.1)

        def click(css):
            nonlocal count
            count += 1
            # A person clicks at what is seen: the picture after the scrolling has come.
            where = browser.driver.execute_async_script("""const [css, done] = arguments, one = [...document.querySelectorAll(css)].find((one) => one.checkVisibility());
                one.scrollIntoView({block: 'center', behavior: 'instant'});
                requestAnimationFrame(() => requestAnimationFrame(() => {
                    const {left, top, width, height} = one.getBoundingClientRect();
                    done({x: left + width / 2, y: top + height / 2});
                }))""", css)
            for kind in ("mousePressed", "mouseReleased"):
                asks("Input.dispatchMouseEvent", {"type": kind, "button": "left", "clickCount": 1, **where})
            time.sleep(0.1)

        began, begun = time.monotonic(), busy_s()
        while time.monotonic() - began < 3 * SECONDS:
            for column in ("called", "state", "for", "called"):
                click(f".agents th[data-column={column}] button")
            for key in ("ArrowDown", "ArrowDown", "PageDown", "PageDown", "PageUp", "ArrowUp"):
                press(key)
            click("#find-agents")
            for key in "agent 41":
                press(key, key)
            for _ in "agent 41":
                press("Backspace")
            click(".queues th[data-column] button")
            click(".agents td button.link:not([hidden])")  # the interactions behind a figure
            press("Escape")
        seconds, busy = time.monotonic() - began, busy_s() - begun
        told(f"the same under a person's hands: {100 * busy / seconds:.1f} %; a click or key takes {1000 * (busy - idle * seconds) / count:.0f} ms of it on average")
        time.sleep(1)
        slow = sorted(browser.js("return Object.values(seen)"), reverse=True)
        longest = [one for one, _, _ in slow] + [16] * (count - len(slow))
        told(f"{count} clicks and keys while {ROWS + 30} rows change: {len(slow)} took 16 ms or more until the next picture")
        told("the slowest: " + ", ".join(f"{at} {ms:.0f} ms, of which {own} the page's program" for ms, own, at in slow[:5]))
        told(f"INP, the 98th percentile: {longest[count // 50]:.0f} ms", longest[count // 50], INP_MS)
        told(f"the worst: {longest[0]:.0f} ms", longest[0], INP_MS)
    finally:
        browser.quit()


if not os.environ.get("PAGE_ONLY"):
    asyncio.run(consoles())
page()
sys.exit(1 if missed else 0)
