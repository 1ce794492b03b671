# tests/flows/desk_browser.py FOLDER - The people of desk_browser.sh. FOLDER/site and FOLDER/smtp get ports of ours; FOLDER/port, lmtp
# and desk have the adapters'. If GCX_KEEP names a folder, a picture of each page is put there, as the documents have them.
import contextlib, json, os, re, smtplib, socket, sqlite3, subprocess, sys, threading, time
from email.message import EmailMessage

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from browser import Browser, Keys, Relay, Site, play, until

folder, BEGAN = sys.argv[1], time.strftime("%Y-%m-%d")
site = Site({})
sink = Relay()  # nobody listens there: what is sent waits in the adapter
sink.up = False


def tell(name, port):
    with open(f"{folder}/{name}.new", "w") as file:
        file.write(str(port))
    os.rename(f"{folder}/{name}.new", f"{folder}/{name}")


def heard(name):
    return int(until(name, lambda: os.path.exists(f"{folder}/{name}") and open(f"{folder}/{name}").read().strip()))


tell("smtp", sink.port)
tell("site", site.port)
chat, lmtp = heard("port"), heard("lmtp")
relay = Relay(heard("desk"))
desk = f"http://127.0.0.1:{relay.port}"
site.pages["/"] = f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Where is my parcel?</title><h1>Shop</h1>
<script src="http://127.0.0.1:{chat}/widget.js" data-queue="service" data-name="Anna Fournier" async></script></html>"""
PICTURE = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
                        "0000000c49444154789c63b0ae3a0200026d017a74929a4a0000000049454e44ae426082")
WIDGET = "[...document.querySelectorAll('body > div')].find((one) => one.shadowRoot).shadowRoot"
SCRIPT = "<img src=x onerror=\"document.title='stolen'\">"
customer = Browser("customer", folder, root=WIDGET, width=500, height=700)
marie, jean, sam = (Browser(name, folder, width=1440, height=980) for name in ("marie", "jean", "sam"))


def keep(browser, name):
    if where := os.environ.get("GCX_KEEP"):
        browser.picture(f"{where}/{name}.png")


def ctl(*words):
    """What gcxctl answers, as JSON."""
    return subprocess.run([f"{os.environ['top_builddir']}/gcxctl", "--socket", f"{folder}/state/admin.sock", "--json", *words], check=True, capture_output=True, text=True).stdout


def owes_nothing(browser, name):
    for scheme in ("dark", "light"):
        browser.emulate(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
        faults = browser.faults()
        assert not faults, (name, scheme, faults)
    keep(browser, name)


def reaches_all(browser):
    order, missed = browser.tab_order()
    assert order and not missed, missed
    return order


def enters(browser):
    browser.write("#login-name", browser.name)
    browser.write("#login-password", "secret")
    browser.press(Keys.ENTER)
    browser.find("#states select, #views button")


def state(browser, medium, text):
    browser.js("""const field = [...root.querySelectorAll('#states .field')].find((one) => one.textContent.startsWith(arguments[0])).querySelector('select');
        field.value = [...field.options].find((one) => one.text === arguments[1]).value; field.dispatchEvent(new Event('change'))""", medium, text)
    until(f"{browser.name} is {text}", lambda: browser.js("""const field = [...root.querySelectorAll('#states .field')].find((one) => one.textContent.startsWith(arguments[0]));
        return field.dataset.state === arguments[1].toLowerCase().replace(' ', '_').split(':')[0]""", medium, text))


def by_keys(browser, label, *keys):
    """Tab comes to what is called so, and the keys are pressed there: the focus is nowhere set by the test."""
    for _ in range(150):
        if browser.focused().split("\n")[0] == label:
            return browser.press(*keys)
        browser.press(Keys.TAB)
    raise AssertionError(f"Tab does not come to {label}")


def asks(browser):
    """What the page asks the server from now on, each as its type and how."""
    browser.driver.execute_async_script("""const done = arguments[0];
        import(`${location.origin}/main.js`).then((main) => { const socket = main.desk.socket, ask = Object.getPrototypeOf(socket).ask;
            window.asked = [];
            socket.ask = (type, fields = {}) => { if (!["watch", "look"].includes(type)) asked.push([type, fields.how].filter(Boolean).join(" ")); return ask.call(socket, type, fields); };
            const { closed } = socket.heard; // comes late, as it may: what was given away is not asked for again meanwhile
            socket.heard = { ...socket.heard, closed: (message) => setTimeout(closed, 300, message) }; done(); })""")
    return lambda: browser.js("return window.asked")


def letter_comes(name, subject, text, to="service"):
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"], letter["Message-ID"] = f"{name}@weber.example", f"{to}@shop.example", subject, f"<{name}@weber.example>"
    letter.set_content(text)
    with smtplib.LMTP("127.0.0.1", lmtp) as server:
        server.sendmail(letter["From"], [f"{to}@shop.example"], letter.as_bytes())


def logs_in():
    for browser in (marie, jean):
        browser.open(desk + "/")
        browser.find("#login")
    owes_nothing(marie, "desk-login")
    marie.write("#login-name", "marie")
    marie.write("#login-password", "wrong")
    marie.press(Keys.ENTER)
    marie.sees("The name or the password is wrong.")
    enters(marie)
    marie.sees("Nothing. Work that you accept")
    marie.driver.refresh()
    marie.sees("Nothing. Work that you accept")
    print("time to usable:", marie.js("return Math.round(performance.getEntriesByName('usable')[0].startTime)"), "ms after the page was asked for;",
          marie.js("return performance.getEntriesByType('resource').filter((one) => !one.name.includes('/api/')).reduce((sum, one) => sum + one.decodedBodySize, 0)"), "bytes")
    state(marie, "Chat", "Ready")
    state(marie, "E-mail", "Ready")
    state(marie, "Damages", "Not ready")


def chat_is_offered_and_answered():
    customer.open(site.origin + "/")
    customer.click("button", "Open the chat")
    until("they write", lambda: customer.focused() == "Your message")
    customer.press("Hello, my parcel has not come. " + SCRIPT, Keys.ENTER)
    customer.sees("One moment, please.")
    marie.sees("Offered to you")
    marie.find("#offers article")
    assert marie.driver.title.startswith("(1 offered)"), marie.driver.title
    marie.chord(Keys.ALT, "a")
    marie.sees("Hello, my parcel has not come. " + SCRIPT)
    until("marie can write", lambda: marie.focused() == "Your message")
    marie.press("Good morning, I look ")
    customer.sees("Marie Laurent is writing")
    marie.press("where it is.", Keys.ENTER)
    customer.sees("Good morning, I look where it is.")
    with open(f"{folder}/bill.pdf", "wb") as file:
        file.write(b"%PDF")
    marie.js("return root.querySelector('.composer [type=file]')").send_keys(f"{folder}/bill.pdf")
    customer.find("button.file", "bill.pdf")
    # A file that is pasted goes as a file, once she says so, and its name is not written; a text with its picture is a text.
    pastes = """const data = new DataTransfer(), one = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
        window.confirm = (text) => { window.asked = text; return arguments[1]; };
        data.items.add(new File(['%PDF'], 'list.pdf')); data.setData('text/plain', arguments[0]);
        root.querySelector('.composer textarea').dispatchEvent(one); return [one.defaultPrevented, window.asked]"""
    assert marie.js(pastes, "Some words", True) == [False, None]
    assert marie.js(pastes, "/home/marie/list.pdf", False) == [True, "Send list.pdf?"]
    marie.js(pastes, "/home/marie/list.pdf", True)
    customer.find("button.file", "list.pdf")
    assert marie.js("return [...root.querySelectorAll('.log li.own')].filter((one) => one.innerText.includes('list.pdf')).length") == 1
    customer.js("return root.querySelector('[type=file]')").send_keys(f"{folder}/bill.pdf")
    marie.find(".log li.customer a", "bill.pdf")
    until("it is acknowledged", lambda: marie.js("return root.querySelector('.log li.own:not(.unsent)')"))
    customer.press("Thank you")
    marie.sees("is writing")
    customer.press("! (www.shop.example/a). https://bank.example@evil.example/", Keys.ENTER)
    marie.sees("Thank you!")
    links = marie.js("return [...root.querySelectorAll('.log li.customer .text a')].map((one) => [one.innerText, one.href, one.target, one.rel, one.nextSibling?.textContent || ''])")[-2:]
    assert [one[:2] + one[4:] for one in links] == [["www.shop.example/a", "https://www.shop.example/a", "). "], ["https://bank.example@evil.example/", "https://bank.example@evil.example/", " [evil.example]"]], links
    assert {(one[2], one[3]) for one in links} == {("_blank", "noopener noreferrer nofollow")}, links
    assert marie.js("return root.querySelectorAll('.log img').length") == 0 and "stolen" not in marie.driver.title


def what_is_written_is_kept_and_enter_twice_says_nothing():
    written = lambda: marie.js("return [root.querySelector('.composer textarea').value, root.querySelector('.composer .check input').checked]")
    said = lambda: marie.js("return root.querySelectorAll('.log li.own').length")
    before = said()
    marie.press("He is a liar")
    marie.click(".composer .check input")
    marie.driver.refresh()
    until("it is still for colleagues only", lambda: written() == ["He is a liar", True])
    marie.js("root.querySelector('.composer .check input').focus()")
    marie.press(Keys.ENTER)
    marie.write(".composer textarea", "")
    marie.click(".composer .check input")
    # What a macro says to the customer does not go to colleagues, and the chat is not over by it.
    marie.click(".composer .check input")
    marie.js("root.querySelector('.composer textarea').focus()")
    marie.press("/comes")
    marie.find(".slash:not([hidden]) [aria-selected=true]", "Comes tomorrow")
    marie.press(Keys.ENTER)
    marie.sees("For colleagues only is chosen")
    assert said() == before and "it comes tomorrow" not in written()[0], written()
    marie.click(".composer .check input")
    # What is too long for one message stays where it is, with its end.
    marie.js("const field = root.querySelector('.composer textarea'); field.focus(); field.select(); document.execCommand('insertText', false, 'ё'.repeat(2000) + ' end')")
    marie.click(".composer button", "Send")
    marie.sees("This is too long for one message")
    assert said() == before and written()[0].endswith("ё end"), written()
    marie.write(".composer textarea", "")
    marie.click("button", "Standard responses …")
    marie.find(".choices button", "late")
    # A doubled Enter: the second one comes when the focus does.
    marie.js("""const field = root.querySelector('.composer textarea');
        field.addEventListener('focus', () => field.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, cancelable: true})), {once: true})""")
    marie.press("late", Keys.ENTER)
    until("the response is put in", lambda: "it comes tomorrow" in written()[0])
    until("she may write on", lambda: marie.focused() == "Your message")
    until("the next Enter sends", lambda: marie.js("return root.querySelector('.composer textarea').dataset.sends") == "")
    marie.driver.refresh()
    until("what was put in is kept", lambda: "it comes tomorrow" in (written()[0] if marie.js("return root.querySelector('.composer')") else ""))
    marie.find(".log li.own")
    assert said() == before, said()
    marie.write(".composer textarea", "")


def a_stroke_finds_responses_and_tags_are_given():
    field = lambda: marie.js("return root.querySelector('.composer textarea').value")
    said = lambda: marie.js("return root.querySelectorAll('.log li.own').length")
    before = said()
    marie.press("/nothing has this", Keys.ESCAPE)
    marie.write(".composer textarea", "")
    marie.press("Well, /ne")
    marie.find(".slash:not([hidden]) [aria-selected=true]", "new")
    assert not (faults := marie.faults()), faults
    asked = asks(marie)
    marie.press(Keys.ENTER)
    marie.find("dialog label", "place")  # {order} is not known either; the contact's name is
    marie.write("dialog input", "Order 7,")
    marie.press(Keys.TAB, "in Paris", Keys.ENTER)
    until("it is filled in", lambda: field() == "Well, It is open, Anna Fournier: Order 7, in Paris")
    # That somebody writes is told again where it takes long.
    assert said() == before and set(asked()) <= {"typing"}, asked()
    marie.write(".composer textarea", "")
    marie.js("""const one = root.querySelector('.pane:not([hidden]) .tags select'); one.value = 'urgent'; one.dispatchEvent(new Event('change'))""")
    marie.find(".pane:not([hidden]) .tag button[aria-label=\"Remove the tag Urgent\"]")
    assert not (faults := marie.faults()), faults
    marie.click(".pane:not([hidden]) .tag button")
    until("the tag is gone", lambda: not marie.js("return root.querySelector('.pane:not([hidden]) .tag')"))
    # Other data change while she is there: she may choose on.
    data = """return Promise.all(["main", "work"].map((name) => import(`${location.origin}/${name}.js`))).then(([main, work]) => { const [one] = work.all(); %s })"""
    marie.js("root.querySelector('.pane:not([hidden]) .tags select').focus();" + data % "return main.ask('data', {ixn: one.ixn, pairs: {order: '7'}})")
    until("the data are there", lambda: marie.js(data % "return one.data.order === '7'"))
    assert marie.focused() == "Add a tag", marie.focused()
    marie.js(data % "return main.ask('data', {ixn: one.ixn, delete: ['order']})")
    marie.js("root.querySelector('.composer textarea').focus()")


def reload_and_lost_network():
    marie.press("A draft")
    marie.driver.refresh()
    marie.sees("Good morning, I look where it is.")
    assert marie.js("return root.querySelector('.log').innerText").count("Thank you!") == 1
    assert marie.js("return root.querySelector('.composer textarea').value") == "A draft"
    relay.cut()
    marie.sees("The connection is lost.")
    marie.sees("Your work stays yours for 60 seconds")
    customer.press("Are you still there?", Keys.ENTER)
    marie.find(".composer textarea").send_keys(" of the dark", Keys.ENTER)
    marie.find(".log li.unsent")
    relay.mend()
    marie.driver.refresh()  # what was said without a connection is said now, once
    marie.sees("Are you still there?")
    marie.sees_not("The connection is lost.")
    customer.sees("A draft of the dark")
    until("it is acknowledged", lambda: not marie.js("return root.querySelector('.log li.unsent')"))
    assert marie.js("return root.querySelector('.log').innerText").count("of the dark") == 1 and customer.text().count("of the dark") == 1
    for offline in (True, False):
        marie.driver.execute_cdp_cmd("Network.enable", {})
        marie.driver.execute_cdp_cmd("Network.emulateNetworkConditions", {"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1})
        (marie.sees if offline else marie.sees_not)("The connection is lost.")


# A mail that wants to load whatever a page can load: nothing leaves the page until the agent wants its pictures.
HOSTILE = """<html><head><base href="LEAK/"><meta http-equiv="refresh" content="0;url=LEAK/refresh"><link rel="stylesheet" href="LEAK/css"><link rel="preconnect" href="LEAK">
<link rel="dns-prefetch" href="LEAK"><link rel="prefetch" href="LEAK/prefetch"><link rel="preload" as="image" href="LEAK/preload"><link rel="icon" href="LEAK/icon">
<style>@import url("LEAK/import"); @font-face {{ font-family: F; src: url("LEAK/font"); }} body {{ background: url("LEAK/css-background"); font-family: F; }} td:hover {{ cursor: url("LEAK/cursor"), auto; }}</style></head>
<body background="LEAK/body" onload="new Image().src='LEAK/onload'"><script>fetch("LEAK/script"); top.location = "LEAK/top"</script>
<table border="1" background="LEAK/table"><tr><th>Part</th><th>Price</th></tr><tr><td style="background:u\\72l(LEAK/escaped)">Wheel</td><td>12 EUR</td></tr></table>
<img src="cid:100%"><img id="far" src="LEAK/picture.png" srcset="LEAK/srcset 2x" onerror="fetch('LEAK/onerror')"><img src="//LEAKHOST/nothing"><picture><source srcset="LEAK/source"><img src="LEAK/fallback"></picture>
<iframe src="LEAK/iframe"></iframe><iframe srcdoc="<img src='LEAK/srcdoc'>"></iframe><object data="LEAK/object"></object><embed src="LEAK/embed"><video src="LEAK/video" poster="LEAK/poster" autoplay></video>
<audio src="LEAK/audio" autoplay></audio><svg><image href="LEAK/svg"/><use href="LEAK/use#a"/></svg><input type="image" src="LEAK/input"><form action="LEAK/form"><input name="a" autofocus><button>Go</button></form>
<div style="list-style-image:image-set('LEAK/set' 1x);content:url(LEAK/content)">A list</div><a href="javascript:alert(1)">Run</a> <a href="LEAK/link" ping="LEAK/ping">www.bank.example</a> <a href="https://shop.example/a">our shop</a>
<math><mtext><img src="LEAK/math"></mtext></math><noscript><img src="LEAK/noscript"></noscript></body></html>"""


# Each by itself: what is broken in one does not hide the next.
TRICKS = """<img src=LEAK/1>|<img src=x onerror="fetch('LEAK/2')">|<p style="background:url(LEAK/3)">x</p>|<p style="background:u\\72l(LEAK/4)">x</p>|<style>@import 'LEAK/5';</style>
<style>@font-face{font-family:F;src:url(LEAK/6)}*{font-family:F}</style>|<style>*{background:url('LEAK/7')}</style>|<svg><style>*{fill:url(LEAK/8)}</style><image href=LEAK/8 /></svg>|<svg onload="fetch('LEAK/9')">
<math><mi><style><img src=LEAK/10></style></mi></math>|<base href=LEAK/11/><img src=a>|<meta http-equiv=refresh content="0;url=LEAK/12">|<link rel=dns-prefetch href=LEAK/13><link rel=preconnect href=LEAK>
<link rel=stylesheet href=LEAK/14>|<iframe src=LEAK/15></iframe>|<iframe srcdoc="<img src=LEAK/16>">|<object data=LEAK/17><embed src=LEAK/17></object>|<video src=LEAK/18 poster=LEAK/18></video>|<form action=LEAK/19><input type=image src=LEAK/19></form>
<img srcset="LEAK/20 1x, LEAK/20 2x">|<picture><source srcset=LEAK/21><img></picture>|<table background=LEAK/22><tr><td background=LEAK/22>x</table>|<body background=LEAK/23>|<!-- <img src=LEAK/24> --!><img src=LEAK/24>|<!--><img src=LEAK/25>
<noscript><img src=LEAK/26></noscript>|<template><img src=LEAK/27></template>|<a href="javascript:fetch('LEAK/28')" ping=LEAK/28>x</a>|<a href="data:text/html,<img src=LEAK/29>">x</a>|<img src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'><image href='LEAK/30'/></svg>">
<img src="cid:../../LEAK/31">|<img src="//LEAKHOST/32">|<img src=" LEAK/33">|<img src="LEAK\t/34">|<input autofocus onfocus="fetch('LEAK/35')">|<details open ontoggle="fetch('LEAK/36')">x</details>|<p style="content:url(LEAK/37);cursor:url(LEAK/37),auto;mask:url(LEAK/37)">x</p>
NESTED|<style>@media all{p{list-style-image:image-set('LEAK/39' 1x)}}</style><p>x</p>|<xmp><img src=LEAK/40></xmp>|<plaintext><img src=LEAK/41>|<select><style></select><img src=LEAK/42>""".replace("\n", "|").replace("NESTED", "<table><tr><td>" * 100 + "<img src=LEAK/38>").split("|")


def plays_the_hostile(browser, port):
    """Shows each of TRICKS in its frame, all at once."""
    shown = browser.driver.execute_async_script("""const [tricks, done] = arguments;
        import(`${location.origin}/letter.js`).then(async ({ framed }) => {
            const holder = document.createElement("div");
            document.body.append(holder);
            await Promise.all(tricks.map((html) => new Promise((drawn) => holder.append(framed({ html, parts: [], part: {}, wanted: false }, drawn)))));
            const bad = [...holder.children].flatMap((one) => [...one.contentDocument.body.querySelectorAll("*")].filter((each) =>
                /^(script|iframe|object|embed|form|input|link|meta|base|svg|math|video|template)$/i.test(each.tagName) || [...each.attributes].some((at) => /^on|srcset|ping|background|^action$/.test(at.name) || /^javascript:|^data:text/i.test(at.value))).map((each) => each.outerHTML));
            await new Promise((soon) => requestAnimationFrame(() => requestAnimationFrame(soon)));
            const count = holder.children.length;
            holder.remove();
            done([count, bad]);
        });""", [one.replace("LEAKHOST", f"127.0.0.1:{port}").replace("LEAK", f"http://127.0.0.1:{port}") for one in TRICKS])
    assert shown == [len(TRICKS), []], shown


def hostile_mail_loads_nothing():
    asked = []
    leak = socket.create_server(("127.0.0.1", 0))

    def count():
        while True:
            one = leak.accept()[0]  # a connection without a request counts, too
            one.settimeout(20)
            try:
                asked.append(one.recv(2000))
                one.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: image/png\r\nContent-Length: %d\r\n\r\n" % len(PICTURE) + PICTURE)
            except OSError:
                asked.append(b"")
            one.close()

    threading.Thread(target=count, daemon=True).start()
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"], letter["Message-ID"] = "trick@weber.example", "service@shop.example", "An offer", "<hostile@weber.example>"
    letter["Disposition-Notification-To"] = "trick@weber.example"
    letter.set_content("Wheel 12 EUR, see https://shop.example/a.\n\n" + "".join(f"> line {n}\n" for n in range(9)))
    letter.add_alternative(HOSTILE.format().replace("LEAKHOST", f"127.0.0.1:{leak.getsockname()[1]}").replace("LEAK", f"http://127.0.0.1:{leak.getsockname()[1]}"), subtype="html")
    with smtplib.LMTP("127.0.0.1", lmtp) as server:
        server.sendmail("trick@weber.example", ["service@shop.example"], letter.as_bytes())
    marie.click("#bins button", "mail")
    marie.click("button", "Take An offer")
    marie.click("#own .entry", "E-MAIL")
    frame = "const pane = root.querySelector('.pane:not([hidden]) .letter'), within = pane.querySelector('iframe').contentDocument;"
    until("the mail is shown", lambda: "Wheel" in marie.js(frame + "return within.body.innerText"))
    assert marie.js(frame + "return within.querySelectorAll('td').length") == 2
    links = marie.js(frame + "return [...within.querySelectorAll('a')].map((one) => [one.innerText, one.href, one.target, one.rel])")
    assert links[0][:2] == ["Run", ""] and links[1][0].startswith("www.bank.example [127.0.0.1]") and links[2][1:] == ["https://shop.example/a", "_blank", "noopener noreferrer nofollow"], links
    assert not marie.js(frame + "return within.querySelectorAll('script, link, iframe, form, input, object, [onerror], [srcset], [background]').length")
    marie.sees("asks for a receipt when this was read. None was sent.")
    owes_nothing(marie, "desk-letter")
    marie.driver.set_window_size(400, 900)
    owes_nothing(marie, "desk-letter-narrow")
    marie.driver.set_window_size(1440, 980)
    assert asked == [], asked
    marie.click(".letter button", "As text")
    assert marie.js(frame + "return [...pane.querySelectorAll('.text a')].map((one) => one.href)") == ["https://shop.example/a"]
    marie.click(".letter summary", "9 lines of earlier mails")
    marie.sees("line 8")
    marie.click(".letter button", "With layout")
    assert asked == [], asked
    for _ in range(2):  # once more does nothing
        marie.click(".pane:not([hidden]) .editor button", "Quote")
        until("the table is quoted", lambda: marie.js("return root.querySelectorAll('.pane:not([hidden]) .rich td').length") == 2)
    quoted = marie.js("const rich = root.querySelector('.pane:not([hidden]) .rich'); return [...new Set([...rich.querySelectorAll('*')].flatMap((one) => [...one.attributes].map((each) => `${one.tagName} ${each.name}`)))].sort()")
    assert quoted == ["A href", "TABLE border"] and marie.js("return root.querySelectorAll('.rich blockquote').length") == 1, quoted
    marie.js("root.querySelector('.pane:not([hidden]) .rich').replaceChildren()")
    marie.click(".pane:not([hidden]) .editor button", "Layout")
    assert asked == [], asked
    plays_the_hostile(marie, leak.getsockname()[1])
    assert asked == [], asked
    marie.click(".letter button", "Show its pictures")
    until("the pictures come", lambda: any(b"/picture.png" in one for one in asked))
    assert not [one for one in asked if any(word in one for word in (b"script", b"onload", b"iframe", b"object", b"ping", b"import", b"font", b"refresh", b"prefetch"))], asked
    marie.click(".pane:not([hidden]) .done", "Done")
    until("it is gone", lambda: "An offer" not in marie.js("return root.querySelector('#own').innerText"))


ZONE = "BEGIN:VTIMEZONE\r\nTZID:{}\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
INVITATION = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n" + ZONE.format("Asia/Tokyo") + ZONE.format("Europe/Berlin") + """BEGIN:VEVENT\r\nUID:meet-1@weber.example\r\nSUMMARY:The new\\, larger hall\\nand its plan\r\nDTSTART;TZID=Europe/Berlin:20270301T093000\r\n
DTEND;TZID=Europe/Berlin:20270301T103000\r\nLOCATION:Hall 2\r\nORGANIZER;CN=Lea Weber:mailto:lea@weber.example\r\nATTENDEE;CN="Shop, Ltd":mailto:office@shop.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n""".replace("\r\n\n", "\r\n")


def invitation_is_read_and_an_answer_is_taken_back():
    letter, inner = EmailMessage(), EmailMessage()
    letter["From"], letter["To"], letter["Subject"], letter["Message-ID"] = "lea@weber.example", "office@shop.example", "Come to us", "<invites@weber.example>"
    letter.set_content("Will you come?")
    letter.add_alternative(INVITATION, subtype="calendar", params={"method": "REQUEST"})
    inner["From"], inner["Subject"] = "max@weber.example", "The plan of the hall"
    inner.set_content("It has two doors.")
    inner.add_alternative("<table><tr><td>It has</td><td><b>two</b> doors</td></tr></table><script>document.title = 'stolen'</script>", subtype="html")
    inner.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="hall.pdf")
    letter.make_mixed()
    letter.add_attachment(inner)
    with smtplib.LMTP("127.0.0.1", lmtp) as server:
        server.sendmail("lea@weber.example", ["office@shop.example"], letter.as_bytes())
    marie.click("#bins button", "mail")
    marie.click("button", "Take Come to us")
    marie.click("#own .entry", "E-MAIL")
    marie.sees("The new, larger hall")
    marie.sees("Europe/Berlin")
    marie.sees("Shop, Ltd, office@shop.example")
    marie.click(".letter summary", "The plan of the hall")
    until("its layout is there", lambda: marie.js("return root.querySelector('.opened iframe')?.contentDocument?.querySelectorAll('td b').length") == 1)
    marie.sees("From: max@weber.example")
    marie.click(".opened button", "As text")
    marie.sees("It has two doors.")
    marie.find(".letter .files a", "hall.pdf")
    text = lambda: marie.js("return root.querySelector('.pane:not([hidden]) .editor textarea').value")
    until("the signature is there", lambda: text() == "\n\n-- \nThe office, Marie Laurent")
    marie.click(".editor summary", "Bcc, time, receipt")
    marie.js("""const field = root.querySelector('.pane:not([hidden]) .editor input[type=datetime-local]'), at = new Date(Date.now() + 3 * 86400000);
        field.value = new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16); field.dispatchEvent(new Event('input', { bubbles: true }))""")
    owes_nothing(marie, "desk-later")
    marie.click(".invitation button", "Accept")

    def accepted():
        with contextlib.closing(sqlite3.connect(f"{folder}/contacts", timeout=30)) as store:
            return store.execute("select count(*) from parts where type like 'text/calendar; method=REPLY%' and interaction is not null").fetchone()[0]

    until("the answer for the calendar is sent", lambda: accepted() == 1)
    with contextlib.closing(sqlite3.connect(f"{folder}/contacts", timeout=30)) as store:
        calendar = store.execute("select bytes from pieces where part = (select id from parts where type like 'text/calendar; method=REPLY%')").fetchone()[0]
    assert ZONE.format("Europe/Berlin").encode() in calendar and b"Tokyo" not in calendar and b"DTSTART;TZID=Europe/Berlin:20270301" in calendar, calendar
    # A second mail about the same is merged into it.
    letter_comes("lea", "Come to us, again", "I forgot the hour.", "office")
    marie.click("#bins button", "mail")
    marie.click("button", "Take Come to us, again")
    until("the second is taken", lambda: "Come to us, again" in marie.js("return root.querySelector('#own').innerText"))
    marie.js("[...root.querySelectorAll('#own .entry')].find((one) => one.innerText.includes('Come to us, again')).click()")
    own = lambda: marie.js("return root.querySelector('#own').innerText")
    for again in (True, False):
        marie.click(".pane:not([hidden]) .editor button", "Merge …")
        marie.click(".choices button", "Come to us")
        until("it is merged", lambda: "Come to us, again" not in own())
        if again:
            marie.chord(Keys.ALT, "z")
            until("it is one of its own again", lambda: "Come to us, again" in own())
            until("its text is there", lambda: "I forgot the hour." in marie.js("return root.querySelector('.pane:not([hidden]) .letter').innerText"))
    marie.sees_not("the dialog is closed")
    # A part of it becomes a second e-mail, by keyboard alone; taken back, it is a part again.
    marie.js("[...root.querySelectorAll('#own .entry')].find((one) => one.innerText.includes('Come to us')).click()")
    marie.tab_to("Split …")
    marie.press(Keys.ENTER)
    until("a part can be written", lambda: marie.focused() == "The part")
    marie.press("Will you come?", Keys.TAB, ": lunch", Keys.TAB, "me")
    owes_nothing(marie, "desk-split")
    marie.tab_to("Split")
    marie.press(Keys.ENTER)
    marie.find("#notes button", "Undo")
    until("she has it", lambda: "lunch" in own())
    marie.click(".pane:not([hidden]) .standing button", "Come to us")
    until("the whole is shown", lambda: "Will you come?" in marie.js("return root.querySelector('.pane:not([hidden]) .letter').innerText"))
    owes_nothing(marie, "desk-thread")
    marie.chord(Keys.ALT, "z")
    until("it is a part again", lambda: "lunch" not in own())
    marie.js("[...root.querySelectorAll('#own .entry')].find((one) => one.innerText.includes('Come to us')).click()")
    marie.sees("I forgot the hour.")
    assert marie.js("return root.querySelector('.pane:not([hidden]) .colleagues').innerText").count("I forgot the hour.") == 1
    marie.find(".pane:not([hidden]) .editor textarea").send_keys("We come.")
    for place, value in enumerate(("max@weber.example", "Boss <boss@weber.example>")):
        marie.js("const field = root.querySelectorAll('.pane:not([hidden]) .editor .fields input')[arguments[0]]; field.value = arguments[1]; field.dispatchEvent(new Event('input', { bubbles: true }))", place, value)
    with open(f"{folder}/plan.txt", "w") as file:
        file.write("Two doors")
    marie.js("return root.querySelector('.pane:not([hidden]) .editor [type=file]')").send_keys(f"{folder}/plan.txt")
    until("the file is there", lambda: "plan.txt" in marie.js("return root.querySelector('.pane:not([hidden]) .editor .files').innerText"))
    undo_lasts = "const done = arguments[1]; import(`${location.origin}/main.js`).then((main) => { main.desk.me.undo = arguments[0]; done(); })"
    marie.driver.execute_async_script(undo_lasts, 300)
    # A note that nobody was told yet is not lost unasked.
    note = "root.querySelector('.pane:not([hidden]) .between textarea')"
    marie.js(f"window.questions = []; window.confirm = (text) => {{ questions.push(text); return false; }}; {note}.value = 'He called twice'")
    marie.click(".pane:not([hidden]) .editor button", "Send and finish")
    until("she is asked", lambda: marie.js("return questions.length") == 1)
    marie.js(f"{note}.value = ''")
    marie.click(".pane:not([hidden]) .editor button", "Send and finish")
    until("it is out of sight", lambda: "Come to us" not in own())
    marie.find("#notes button", "Undo")
    relay.cut()
    marie.sees("The connection is lost.")
    marie.chord(Keys.ALT, "z")
    marie.sees("The server is not connected. Your request was not done.")
    relay.mend()
    marie.sees_not("The connection is lost.")
    marie.chord(Keys.ALT, "z")
    # All is as it was before: the customer's mail is hers, and the letter can be changed whole, its files, too.
    until("the letter is there", lambda: "We come." in text() and "Come to us" in own())
    fields = lambda: marie.js("return [...root.querySelectorAll('.pane:not([hidden]) .editor .fields input')].map((one) => one.value)")
    assert fields()[:2] == ["max@weber.example", "Boss <boss@weber.example>"] and fields()[4], fields()
    assert "plan.txt" in marie.js("return root.querySelector('.pane:not([hidden]) .editor .files').innerText")
    until("the answer is no work of its own", lambda: bin_count("workbin later") == "0" and own().count("Come to us") == 1)
    # So it is where the page was loaded again meanwhile.
    marie.click(".pane:not([hidden]) .editor button", "Send and finish")
    until("it is out of sight again", lambda: "Come to us" not in own())
    marie.driver.refresh()
    marie.find("#notes .sent button", "Undo")
    assert "Come to us" not in own()
    # A refusal that does not say that it is on its way leaves the Undo there.
    marie.driver.execute_async_script("""const done = arguments[0]; import(`${location.origin}/main.js`).then(({ desk: { socket } }) => {
        const real = socket.ask;
        socket.ask = (type, ...rest) => {
            if (type !== "pull") return real.call(socket, type, ...rest);
            socket.ask = real;
            return Promise.reject(Object.assign(new Error("The router is busy now."), { code: "busy" }));
        };
        done();
    })""")
    marie.chord(Keys.ALT, "z")
    marie.sees("The router is busy now.")
    marie.chord(Keys.ALT, "z")
    until("both are there", lambda: "We come." in text() and own().count("Come to us") == 1)
    assert fields()[:2] == ["max@weber.example", "Boss <boss@weber.example>"] and fields()[4], fields()
    until("the answer is gone", lambda: bin_count("workbin later") == "0")
    # A desk that was started anew does not know yet what she has: the page keeps it, and says nothing of it.
    marie.driver.execute_async_script("const done = arguments[0]; import(`${location.origin}/work.js`).then((work) => { work.whole([], true); done(); })")
    assert "Come to us" in own() and "no longer yours" not in text(), text()
    # Sent again and not taken back, it is done once the note goes.
    marie.driver.execute_async_script(undo_lasts, 300)
    marie.click(".pane:not([hidden]) .editor button", "Send and finish")
    until("it is out of sight once more", lambda: "Come to us" not in own())
    marie.click("#notes .sent button", "Dismiss")
    until("it is done", lambda: ended("<invites@weber.example>") and bin_count("workbin later") == "1")
    assert kept_files("plan.txt") == 3
    marie.click("#bins button", "later")
    marie.click(".listing button", "Take Re: Come to us")
    until("the answer is taken", lambda: "Come to us" in own())
    marie.js("window.confirm = () => true; [...root.querySelectorAll('#own .entry')].find((one) => one.innerText.includes('Come to us')).click()")
    marie.click(".pane:not([hidden]) .done", "Discard")
    until("it is discarded", lambda: "Come to us" not in own())
    # So is the answer for the calendar, which lies in the queue of what is to be released.
    marie.click("#bins button", "outgoing")
    until("it is taken", lambda: marie.js("const one = [...root.querySelectorAll('.listing button')].find((one) => (one.ariaLabel || '').startsWith('Take Accepted: ')); one?.click(); return Boolean(one)"))
    marie.click("#own .entry", "E-MAIL")
    marie.click(".pane:not([hidden]) .done", "Discard")
    until("nothing is left", lambda: not marie.js("return root.querySelector('#own').innerText.includes('Accepted')") and marie.js("return root.querySelector('#bins [data-bin=\"queue outgoing\"] .count').innerText") == "1")


def bin_count(name):
    return marie.js("return root.querySelector(`#bins [data-bin='${arguments[0]}'] .count`)?.innerText", name)


def ended(external_id):
    with contextlib.closing(sqlite3.connect(f"{folder}/contacts", timeout=30)) as store:
        return store.execute("select count(*) from interactions where external_id = ? and ended is not null", (external_id.strip("<>"),)).fetchone()[0]


def kept_files(name):
    with contextlib.closing(sqlite3.connect(f"{folder}/contacts", timeout=30)) as store:
        return store.execute("select count(*) from parts where name = ? and interaction is not null", (name,)).fetchone()[0]


def mail_is_taken_and_answered():
    letter = EmailMessage()
    letter["From"], letter["To"] = "The office <office@weber.example>", "service@shop.example"
    letter["Reply-To"], letter["Cc"] = "Paul Weber <paul@weber.example>", '"Berg, Lea" <lea@weber.example>, Service <service@shop.example>, team@shop.example'
    letter["Subject"], letter["Message-ID"] = "Invoice 20-1187 is wrong", "<one@weber.example>"
    letter.set_content(f"Good morning,\n\nthe invoice has the old address. {SCRIPT}\n\n> On 20 October you wrote\n")
    letter.add_attachment(PICTURE, maintype="image", subtype="png", filename="plan.png", disposition="inline", cid="<plan@weber.example>")
    letter.add_attachment(b"%PDF old address", maintype="application", subtype="pdf", filename="invoice.pdf")
    letter.add_attachment(b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Paul Weber\r\nitem1.TEL;TYPE=CELL:+49 170\r\n  5550101\r\nORG:Weber\\, Sons;Office\r\nEMAIL:Office@Weber.example\r\nEND:VCARD\r\n",
                          maintype="text", subtype="vcard", filename="paul.vcf")
    with smtplib.LMTP("127.0.0.1", lmtp) as server:
        server.sendmail("paul@weber.example", ["service@shop.example"], letter.as_bytes())
    marie.click("#bins button", "mail")
    marie.sees("Invoice 20-1187 is wrong")
    until("the list has the name", lambda: "The office" in marie.js("return root.querySelector('.listing tbody').innerText"))
    owes_nothing(marie, "desk-queue")
    marie.click("button", "Take Invoice 20-1187 is wrong")
    marie.find("#own .entry", "E-MAIL")
    marie.click("#own .entry", "E-MAIL")
    marie.sees("the invoice has the old address. " + SCRIPT)
    marie.sees("The office")  # who has written, not who wants the answer
    marie.sees("Answers go to paul@weber.example")
    fields = lambda: marie.js("return [...root.querySelectorAll('.editor input')].map((one) => one.value).slice(0, 2)")
    until("the answer goes where the customer wants it", lambda: fields() == ["paul@weber.example", ""])
    named = ['"Paul Weber" <paul@weber.example>', '"Berg, Lea" <lea@weber.example>']
    copy_to = lambda whom: marie.js("const one = root.querySelectorAll('.editor input')[1]; one.value = arguments[0]; one.dispatchEvent(new Event('input', { bubbles: true }))", whom)
    copy_to("boss@shop.example")
    marie.click(".editor button", "Answer all")
    until("who had a copy gets one, and no address of ours", lambda: fields() == named)
    marie.click("#notes .undo button", "Undo")
    until("whom she had named is named again", lambda: fields() == ["paul@weber.example", "boss@shop.example"])
    copy_to("")
    marie.click(".editor button", "Answer all")
    until("nobody else was named, and nothing is to be undone", lambda: fields() == named and not marie.js("return root.querySelectorAll('#notes .undo').length"))
    marie.driver.refresh()
    marie.click("#own .entry", "E-MAIL")
    until("that is kept without a text", lambda: fields() == named)
    marie.find(".pane:not([hidden]) .editor textarea").send_keys("Dear Paul")
    for i in range(3):
        marie.js("root.querySelectorAll('.pane:not([hidden]) .editor input')[arguments[0]].focus()", i)
        marie.press(Keys.ENTER)
    marie.find(".pane:not([hidden]) .editor textarea").clear()
    assert answers() == 0 and fields() == named, fields()
    marie.click("#about button", "As one thread")
    until("it is in the thread", lambda: "Invoice 20-1187 is wrong" in marie.js("return root.querySelector('#about .thread li')?.innerText || ''"))
    marie.click("#about button", "As one thread")
    marie.click(".letter .files a", "invoice.pdf")
    until("the picture is drawn", lambda: marie.js("const one = root.querySelector('.letter .pictures img[alt=\"plan.png\"]'); return one && one.naturalWidth > 0"))
    assert "plan.png" not in marie.js("return root.querySelector('.letter .files').innerText")
    marie.find("#about .field input").send_keys("20-1187", Keys.TAB)
    marie.sees("Order is kept")
    until("the link has its key, and the one without stays away", lambda: marie.js("return [...root.querySelectorAll('#about .links a')].map((one) => one.href)") == ["https://shop.example/orders?id=20-1187"])
    # A page of the site is loaded once its frame is opened.
    marie.js("root.querySelector('#about .frames summary').click()")
    frame = until("the frame is there", lambda: marie.js("""const all = [...root.querySelectorAll('#about .frames details')], one = root.querySelector('#about iframe');
        return one && [all.length, one.src, one.sandbox.value, one.referrerPolicy]"""))
    assert frame == [1, "https://crm.example/orders/20-1187", "allow-scripts allow-forms allow-same-origin allow-popups", "no-referrer"], frame
    marie.click(".editor button", "Articles …")
    marie.find(".choices button", "Parcels")
    marie.press("set inv")
    until("an article is found by beginnings", lambda: marie.js("return [...root.querySelectorAll('.choices .subject')].map((one) => one.innerText)") == ["How an invoice is set right"])
    owes_nothing(marie, "desk-articles")
    marie.press(Keys.ENTER)
    marie.sees("We send it again:")
    until("its layout is shown", lambda: marie.js("return root.querySelector('.article').innerHTML").startswith("<p>We send <b>it</b> again:</p><ul><li>with the <a href=\"https://shop.example/new\""))
    by_keys(marie, "Put in the text", Keys.ENTER)
    answer = lambda: marie.js("return root.querySelector('.pane:not([hidden]) .editor textarea').value")
    until("the article is in the answer as text", lambda: answer() == "We send it again:\n\n- with the new (https://shop.example/new) address.")
    # A draft that the helper has finished stands in place of what was written, and that comes back.
    marie.find(".pane:not([hidden]) .editor textarea").clear()
    marie.find(".pane:not([hidden]) .editor textarea").send_keys("Soon.")
    marie.click(".editor button", "Suggestions …")
    marie.js("const one = [...root.querySelectorAll('dialog select')].at(-1); one.value = 'draft'; one.dispatchEvent(new Event('change'))")
    by_keys(marie, "Ask the helper", Keys.ENTER)
    marie.click("dialog button", "Put in its place")
    until("the whole draft is there, once", lambda: answer() == "Soon.\n\nKind regards")
    marie.chord(Keys.ALT, "z")
    until("what was written is there again", lambda: answer() == "Soon.")
    # A card is shown, and taken into the contact after a look.
    marie.sees("Weber, Sons, Office")
    marie.click(".letter button", "Take into the contact …")
    proposed = lambda: marie.js("return [...root.querySelectorAll('dialog select')].map((one) => one.value + ' ' + one.nextElementSibling?.value)")
    until("the card's number is in the form", lambda: "phone +49 170 5550101" in proposed())
    assert not any("weber" in one.lower() for one in proposed()), proposed()  # the contact has it already
    marie.press(Keys.ESCAPE)
    marie.click(".letter button", "Translate")
    marie.sees("this bill has the old address.")
    marie.sees("the invoice has the old address.")
    marie.find(".pane:not([hidden]) .editor textarea").clear()
    # What a macro has done is taken back, and where it went, it comes back.
    marie.find(".pane:not([hidden]) .editor textarea").send_keys("/urg")
    marie.find(".slash:not([hidden]) [aria-selected=true]", "Urgent")
    marie.sees("undo until it is taken")
    marie.press(Keys.ENTER)
    gone = lambda: marie.js("return root.querySelector('#own .entry:not([data-media=chat])')?.innerText.includes('E-MAIL') ? 0 : 1")
    until("it lies in the workbin", gone)
    marie.find("#notes button", "Undo")
    marie.chord(Keys.ALT, "z")
    marie.find("#own .entry", "E-MAIL")
    until("its tag is gone", lambda: "urgent" not in marie.js("return [...root.querySelectorAll('.pane:not([hidden]) .tags .tag')].map((one) => one.innerText).join()"))
    marie.js("location.hash = 'contact=1'")
    until("the link is followed and taken from the address", lambda: marie.js("return !location.hash"))
    marie.click("#own .entry", "E-MAIL")
    marie.click("button", "Standard responses …")
    marie.find(".choices button", "late")
    assert "late" in marie.js("return root.querySelector('.choices button').innerText"), "the category of the mail is not first"
    marie.press("late", Keys.ENTER)
    until("the response is there", lambda: "it comes tomorrow" in marie.js("return root.querySelector('.editor textarea').value"))
    owes_nothing(marie, "desk-mail")
    reaches_all(marie)
    marie.click(".pane:not([hidden]) .pin", "Keep beside")
    marie.click("#own .entry", "CHAT")
    assert marie.js("return [...root.querySelectorAll('.pane')].filter((one) => one.checkVisibility()).length") == 2
    owes_nothing(marie, "desk-agent")
    for width in (1000, 500):
        marie.driver.set_window_size(width, 800)
        faults = marie.faults()
        assert not faults, (width, faults)
    marie.driver.set_window_size(1440, 980)


def answers():
    with contextlib.closing(sqlite3.connect(f"{folder}/contacts", timeout=30)) as store:
        return store.execute("select count(*) from interactions where direction = 'out' and agent = 'marie' and ixn is not null").fetchone()[0]


def goes_with(name):
    """How many letters of ours have this file."""
    with contextlib.closing(sqlite3.connect(f"{folder}/contacts", timeout=30)) as store:
        return store.execute("select count(*) from parts join interactions on parts.interaction = interactions.id where name = ? and direction = 'out'", (name,)).fetchone()[0]


def mail_keeps_its_draft_and_files():
    marie.click("#own .entry", "E-MAIL")
    with open(f"{folder}/terms.txt", "w") as file:
        file.write("terms")
    files = lambda: marie.js("return [...root.querySelectorAll('.pane:not([hidden]) .editor .files li')].map((one) => one.innerText)")
    chosen = lambda name: marie.driver.find_element("css selector", ".pane:not([hidden]) .editor input[type=file]").send_keys(f"{folder}/{name}")
    # One that is dropped onto the answer is attached; elsewhere it does not take the place of the page.
    drops = """const data = new DataTransfer(), one = new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true, composed: true });
        data.items.add(new File(['%PDF'], 'bill.pdf')); root.querySelector(arguments[0]).dispatchEvent(one); return one.defaultPrevented"""
    for where in ("#list", ".pane:not([hidden]) .editor textarea"):
        assert files() == [] and marie.js(drops, where), where
    marie.find("button", "Do not attach bill.pdf")
    # A file that takes its time comes, whatever becomes of another one meanwhile; an answer waits for it, and does not go without.
    marie.js("""const { fetch } = window;
        window.fetch = (path, more) => String(path).includes("api/uploads") ? new Promise((done) => { window.goes = done; }).then(() => fetch(path, more)) : fetch(path, more)""")
    chosen("terms.txt")
    until("it is on its way", lambda: files()[0] == "terms.txt …")
    marie.click("button", "Do not attach bill.pdf")
    marie.js("goes()")
    marie.find("button", "Do not attach terms.txt")
    assert len(files()) == 1, files()
    marie.click("button", "Do not attach terms.txt")
    chosen("terms.txt")
    until("it is on its way", lambda: files() == ["terms.txt …"])
    asked = asks(marie)
    marie.click(".pane:not([hidden]) .editor button", "Send")
    relay.cut()
    marie.sees("The connection is lost.")
    marie.js("goes()")
    until("it did not come", lambda: files() == [])
    until("she may write on", lambda: not marie.js("return root.querySelector('.pane:not([hidden]) .editor textarea').readOnly"))
    assert asked() == [], asked()
    relay.mend()
    marie.sees_not("The connection is lost.")
    chosen("terms.txt")
    marie.js("goes()")
    marie.find("button", "Do not attach terms.txt")
    relay.cut()
    marie.sees("The connection is lost.")
    marie.click("button", "Send and finish")
    marie.sees("is not connected. Your request was not done.")
    relay.mend()
    marie.sees_not("The connection is lost.")
    marie.driver.refresh()
    marie.click("#own .entry", "E-MAIL")
    marie.find("button", "Do not attach terms.txt")
    until("the draft is there", lambda: "it comes tomorrow" in marie.js("return root.querySelector('.pane:not([hidden]) .editor textarea')?.value ?? ''"))
    until("the field is there", lambda: marie.js("return root.querySelector('#about .field input')?.value") == "20-1187")
    # By the keyboard; whoever presses Enter too often hands on one thing, and says nothing to the next customer.
    marie.click("#own .entry", "CHAT")
    marie.write(".pane:not([hidden]) .composer textarea", "Do not say this")
    marie.click("#own .entry", "E-MAIL")
    asked = asks(marie)
    by_keys(marie, "Hand on …", Keys.ENTER, Keys.ENTER)
    until("she may look for whom", lambda: marie.js("return document.activeElement.closest('dialog')"))
    marie.js("root.querySelector('dialog input[type=search]').focus()")
    marie.press("later", Keys.ENTER, Keys.ENTER, Keys.ENTER, Keys.ENTER)
    marie.sees_not("Hand on:")
    marie.press(Keys.ENTER, Keys.ENTER)
    assert [one for one in asked() if one not in ("typing", "draft")] == ["move place"], asked()
    assert marie.js("return root.querySelector('.composer textarea').value") == "Do not say this" and not marie.js("return root.querySelector('dialog')")
    marie.write(".composer textarea", "")
    until("it lies in the workbin", lambda: marie.js("return root.querySelector('#bins [data-bin=\"workbin later\"] .count').innerText") == "1")
    marie.click("#bins button", "later")
    marie.click("button", "Take Invoice 20-1187 is wrong")
    marie.click("#own .entry", "E-MAIL")
    marie.find("button", "Do not attach terms.txt")
    until("the draft is there", lambda: "it comes tomorrow" in marie.js("return root.querySelector('.pane:not([hidden]) .editor textarea')?.value ?? ''"))
    marie.click("button", "Layout")
    marie.click(".pane:not([hidden]) .rich")
    marie.chord(Keys.CONTROL, Keys.END)
    marie.chord(Keys.CONTROL, "b")
    marie.press(" For sure.")
    assert not (faults := marie.faults()), faults
    # It is sent, the page does not hear so, and is loaded again: the same mail goes, once.
    relay.mute = True
    marie.click(".pane:not([hidden]) .editor button", "Send")
    until("the answer is at the router", lambda: answers() == 1)
    assert not marie.js("return root.querySelector('.pane:not([hidden]) .rich').isContentEditable"), "what is written now goes nowhere"
    relay.cut()
    relay.mute = False
    relay.mend()
    marie.driver.refresh()
    marie.click("#own .entry", "E-MAIL")
    until("the draft is there", lambda: "For sure." in marie.js("return root.querySelector('.pane:not([hidden]) .rich')?.innerText ?? ''"))
    marie.click("button", "Send and finish")
    until("the mail is done", lambda: marie.js("return root.querySelectorAll('#own li').length") == 1)
    until("the answer waits to be sent", lambda: marie.js("return [...root.querySelectorAll('#bins [data-bin=\"queue outgoing\"] .count')].some((one) => one.innerText === '1')"))
    assert answers() == 1, answers()


def colleague_comes_and_leaves():
    enters(jean)
    state(jean, "Chat", "Ready")
    marie.click(".pane:not([hidden]) button", "Hand on …")
    marie.find(".choices button", "Jean Moreau")
    marie.click("dialog label", "Conference")
    marie.press(Keys.TAB, Keys.TAB, Keys.ENTER)
    jean.click("#offers button", "Accept")
    jean.sees("Good morning, I look where it is.")
    marie.sees("with Jean Moreau")
    marie.click(".pane:not([hidden]) label", "For colleagues only")
    marie.find(".pane:not([hidden]) textarea").send_keys("Do you know?", Keys.ENTER)
    jean.sees("Do you know?")
    jean.find(".pane:not([hidden]) textarea").send_keys("I am Jean, and know it.", Keys.ENTER)
    customer.sees("I am Jean, and know it.")
    marie.sees("I am Jean, and know it.")
    # The second line of their talk is no more the customer's than the first one was.
    marie.find(".pane:not([hidden]) textarea").send_keys("I do not.", Keys.ENTER)
    jean.sees("I do not.")
    assert "Do you know?" not in customer.text() and "I do not." not in customer.text()
    marie.click(".pane:not([hidden]) label", "For colleagues only")
    marie.js("window.questions = []; window.before = window.confirm; window.confirm = (text) => { questions.push(text); return false; }")
    marie.click(".pane:not([hidden]) .done", "Done")
    assert marie.js("window.confirm = window.before; return questions") == ["It ends for Jean Moreau, too. End it?"]
    jean.click("button", "Leave")
    jean.sees("Nothing. Work that you accept")
    marie.sees_not("with Jean Moreau")
    marie.click(".pane:not([hidden]) button", "Hand on …")
    marie.click("dialog label", "Consult")
    marie.click(".choices button", "Jean Moreau")
    jean.click("#offers button", "Accept")
    jean.sees("consultation by Marie Laurent")
    marie.sees("Jean Moreau reads")
    jean.find(".pane:not([hidden]) textarea").send_keys("Ask for the number, @marie.")
    marie.sees("Jean Moreau writes")
    jean.press(Keys.ENTER)
    marie.sees("Ask for the number, @marie.")
    marie.find("#mentions h2", "You are named")
    owes_nothing(marie, "desk-named")
    marie.click("#mentions button", "Seen")
    until("it is seen", lambda: marie.js("return root.querySelector('#mentions').hidden"))
    assert "Ask for the number" not in customer.text()
    jean.find(".pane:not([hidden]) textarea").send_keys("And then")
    jean.js("window.questions = []; window.confirm = (text) => { questions.push(text); return false; }")
    jean.click("button", "Leave")
    until("he is asked, as he has not said it", lambda: jean.js("return questions.length") == 1)
    jean.js("window.confirm = () => true")
    jean.click("button", "Leave")
    jean.sees("Nothing. Work that you accept")
    marie.sees_not("Jean Moreau reads")
    colleague_reads_a_draft()


def colleague_reads_a_draft():
    field = "return root.querySelector('.pane:not([hidden]) textarea')"
    marie.write(".pane:not([hidden]) textarea", "It comes tomorow.")
    marie.click(".pane:not([hidden]) button", "Let a colleague read it …")
    until("jean is there to be asked", lambda: marie.js("return root.querySelector('dialog option[value=jean]')"))
    marie.js("const list = root.querySelector('dialog select'); list.value = 'jean'; list.dispatchEvent(new Event('change'))")
    marie.click("dialog button", "Ask them")
    marie.find("#notes .done", "Jean Moreau is asked to read it")  # nothing else on her page says so
    jean.sees("Please read my answer before it is sent.")
    jean.click("#mentions button", "Read the draft …")
    jean.write("dialog textarea", "It comes tomorrow.")
    owes_nothing(jean, "desk-second")
    jean.click("dialog button", "Give back changed")
    until("jean is done", lambda: jean.js("return root.querySelector('#mentions').hidden"))
    marie.sees("has changed your answer")
    marie.click("#mentions button", "Take it over")
    until("it is taken over", lambda: marie.js(field + ".value") == "It comes tomorrow.")
    marie.click("#notes p:last-child button", "Undo")
    until("it is as before", lambda: marie.js(field + ".value") == "It comes tomorow.")
    marie.write(".pane:not([hidden]) textarea", "")
    assert "It comes tom" not in customer.text()


def mail_is_read_by_a_colleague():
    jean.click(".pane:not([hidden]) button", "Let a colleague read it …")
    until("marie is there to be asked", lambda: jean.js("return root.querySelector('dialog option[value=marie]')"))
    jean.js("const list = root.querySelector('dialog select'); list.value = 'marie'; list.dispatchEvent(new Event('change'))")
    jean.click("dialog button", "Ask them")
    marie.sees("Please read my answer before it is sent.")
    marie.click("#mentions button", "Read the draft …")
    marie.click("dialog button", "Approve")
    jean.sees("says your answer is good")
    jean.click("#mentions button", "Seen")
    jean.write(".pane:not([hidden]) .between textarea", "@marie is this the second one?")
    jean.click(".pane:not([hidden]) .between button", "Tell them")
    jean.sees("is this the second one?")
    marie.sees("Jean Moreau names you")
    marie.click("#mentions button", "Open")
    until("what it is about is shown, with the note", lambda: "is this the second one?" in marie.js("return root.querySelector('[aria-label=\"A note that names you\"]')?.innerText || ''"))
    owes_nothing(marie, "desk-note")
    marie.click("#mentions button", "Seen")
    until("it is seen", lambda: marie.js("return root.querySelector('#mentions').hidden"))
    jean.click("#own .entry", "E-MAIL")


def answer_is_reviewed():
    jean.click("#bins button", "outgoing")
    jean.click("button", "Take Re: Invoice 20-1187 is wrong")
    jean.sees("You are not logged in for this medium: become ready or not ready first.")  # but for chats
    state(jean, "E-mail", "Not ready")
    jean.click("button", "Take Re: Invoice 20-1187 is wrong")
    jean.click("#own .entry", "E-MAIL")
    jean.sees("An answer by Marie Laurent, not sent yet.")
    until("the files are there", lambda: jean.find("button", "Do not attach terms.txt"))
    mail_is_read_by_a_colleague()
    jean.find(".rich").click()
    assert "For sure." in jean.js("return root.querySelector('.rich b, .rich strong').innerText")
    jean.chord(Keys.CONTROL, Keys.END)
    jean.press(" It is on us.")
    jean.click("button", "Keep this version")
    jean.sees("version 2")
    asked = asks(jean)
    by_keys(jean, "Give back …", Keys.ENTER)
    until("jean can write", lambda: jean.focused() == "What shall be changed?")
    jean.press("Name the new address, please.")
    by_keys(jean, "Give back", Keys.ENTER, Keys.ENTER)
    jean.sees("Nothing. Work that you accept")
    jean.press(Keys.ENTER)
    assert asked() == ["move return"], asked()
    marie.click("#bins button", "returned")
    marie.click("button", "Take Re: Invoice 20-1187 is wrong")
    marie.click("#own .entry", "E-MAIL")
    marie.sees("It came back to you: Name the new address, please.")
    until("the last version is there", lambda: "It is on us." in marie.js("return root.querySelector('.pane:not([hidden]) .rich').innerText"))
    owes_nothing(marie, "desk-review")
    reaches_all(marie)
    marie.click("button", "Send on")
    until("it is gone", lambda: marie.js("return root.querySelectorAll('#own li').length") == 1)
    reviewer_releases_by_keyboard()
    marie.click("button", "Find …")
    marie.press("invoice address", Keys.ENTER)
    marie.find(".found details summary").click()
    marie.sees("the invoice has the old address.")
    marie.write("dialog input", "office@weber.example")
    marie.press(Keys.ENTER)
    marie.click(".found button", "The office")
    until("the contact and both mails", lambda: marie.js("return root.querySelector('#about h2').innerText === 'The office' && root.querySelectorAll('#about .history li').length") == 2)
    # Words are found in this history alone.
    marie.write("#about .find-in", "xylophone")
    marie.sees("Nothing matches.")
    marie.write("#about .find-in", "address")
    until("what has the word", lambda: 0 < marie.js("return root.querySelectorAll('#about .history details').length") < 3)
    owes_nothing(marie, "desk-history-words")
    # What a colleague has is shown to be read, with who has it.
    jean.js("location.hash = 'ixn=' + arguments[0]", marie.js("return root.querySelector('#work .pane[data-ixn]').dataset.ixn"))
    jean.sees("Marie Laurent has it since")
    until("it can be read", lambda: "I am Jean, and know it." in jean.js("return root.querySelector('#work .before')?.innerText || ''"))
    owes_nothing(jean, "desk-others")
    jean.js("location.hash = 'ixn=1-00000000zzzz'")
    jean.sees("is not open: it is done, or was never here.")


def outgoing(browser, count):
    until(f"{count} in outgoing", lambda: browser.js("return root.querySelector('#bins [data-bin=\"queue outgoing\"] .count').innerText") == str(count))


def reviewer_releases_by_keyboard():
    """Two answers, and no mouse. Enter twice takes one, and lets one go."""
    letter_comes("lea", "Where is it?", "I wait.")
    marie.click("#bins button", "parcels")  # a view of the site: its columns, sorted by a click on a head, and filtered
    marie.sees("View parcels")
    cells = lambda of: marie.js("return [...root.querySelectorAll(arguments[0])].map((one) => one.innerText)", f".listing:not([hidden]) {of}")
    until("the site's columns", lambda: cells("th") == ["From", "Subject", "category"] and "parcels" in cells("td"))
    for way in ("ascending", "descending", "none"):
        marie.click(".listing th button", "From")
        until(way, lambda: marie.js("return root.querySelector('.listing th').ariaSort") == way)
    marie.write(".listing input[type=search]", "no such thing")
    marie.sees("Nothing matches.")
    marie.write(".listing input[type=search]", "WHERE")
    until("it is there again", lambda: "Where is it?" in cells("td"))
    until("and counted", lambda: marie.js("return root.querySelector('#bins [data-bin=\"view parcels\"] .count').innerText") == "1")
    marie.click("#bins button", "mail")
    marie.click("button", "Take Where is it?")
    marie.click("#own .entry", "E-MAIL")
    marie.find(".pane:not([hidden]) .editor textarea").send_keys("Here it is.")
    marie.click("button", "Send and finish")
    outgoing(jean, 2)
    jean.driver.refresh()
    outgoing(jean, 2)
    asked = asks(jean)
    by_keys(jean, "outgoing", Keys.ENTER)
    jean.sees("2 in it")
    by_keys(jean, "Take the next", Keys.ENTER, Keys.ENTER)
    jean.find("#own .entry", "E-MAIL")
    outgoing(jean, 1)
    jean.press(Keys.ENTER)
    assert asked() == ["pull"], asked()
    by_keys(jean, "Take the next", Keys.ENTER)
    outgoing(jean, 0)
    by_keys(jean, "E-MAIL", Keys.ENTER)
    jean.sees("An answer by Marie Laurent, not sent yet.")
    by_keys(jean, "Approve and send", Keys.ENTER, Keys.ENTER)
    for _ in range(4): jean.press(Keys.ENTER)  # the answer is there, and the message that it went is not
    outgoing(jean, 1)
    until("she has the other one", lambda: jean.js("return root.querySelectorAll('#own .entry').length") == 1)
    jean.press(Keys.ENTER, Keys.ENTER)
    assert asked() == ["pull", "pull", "move place"], asked()
    until("the focus is at no button", lambda: jean.js("return !document.activeElement.matches('button, body')"))
    by_keys(jean, "Approve and send", Keys.ENTER)
    outgoing(jean, 2)
    jean.sees("Nothing. Work that you accept")


def group_works_from_its_workbin():
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"], letter["Message-ID"] = "lea@example.org", "team@shop.example", "For the team", "<two@weber.example>"
    letter.set_content("Who can help me?")
    with smtplib.LMTP("127.0.0.1", lmtp) as server:
        server.sendmail("lea@example.org", ["team@shop.example"], letter.as_bytes())
    marie.click('#bins [data-bin="workbin later of helpers"]')
    marie.click("button", "Take For the team")
    marie.click("#own .entry", "E-MAIL")
    marie.sees("Who can help me?")
    marie.click(".pane:not([hidden]) button", "Done")
    until("it is done", lambda: marie.js("return root.querySelectorAll('#own li').length") == 1)


def what_is_done_by_keyboard_alone():
    """A contact is found, changed and as it was; the keys are told; lunch, and back. The focus is set nowhere."""
    heading = lambda: marie.js("return root.querySelector('#about h2').innerText")
    marie.chord(Keys.ALT, "k")
    marie.press("office@weber.example", Keys.ENTER)
    # Several people may have one name: the address tells who is who, also before two become one.
    assert "office@weber.example" in marie.find(".found button", "The office").text
    marie.tab_to("The office")
    marie.press(Keys.ENTER)
    until("the contact is shown", lambda: heading() == "The office")
    marie.tab_to("Merge …")
    marie.press(Keys.ENTER)
    until("another one can be looked for", lambda: marie.focused() == "Name or address")
    marie.press("lea@weber", Keys.ENTER)
    until("who was found has an address", lambda: "lea@weber.example" in marie.js("return root.querySelector('dialog .found button').innerText"))
    owes_nothing(marie, "desk-merge")
    marie.press(Keys.ESCAPE)
    marie.tab_to("Change …")
    marie.press(Keys.ENTER)
    until("the name can be changed", lambda: marie.focused() == "Name")
    marie.press(Keys.END, " Junior", Keys.ENTER)
    until("it is changed", lambda: heading() == "The office Junior")
    marie.tab_to("Undo")
    marie.press(Keys.ENTER)
    until("it is as it was", lambda: heading() == "The office")
    marie.tab_to("Change …")
    marie.press(Keys.ENTER)
    until("the name can be changed", lambda: marie.focused() == "Name")
    marie.press(Keys.END, " Senior", Keys.ENTER)
    until("it is changed", lambda: heading() == "The office Senior")
    marie.chord(Keys.ALT, "z")
    until("it is as it was", lambda: heading() == "The office")
    marie.tab_to("Change …")
    marie.press("?")
    marie.find("dialog table")
    assert not (faults := marie.faults()), faults
    marie.press(Keys.ESCAPE)
    until("the keys are gone", lambda: not marie.js("return root.querySelector('dialog')"))
    states = lambda: marie.js("return [...root.querySelectorAll('#states details .field')].map((one) => one.querySelector('select').value)")
    marie.chord(Keys.ALT, "p")
    marie.press("not ready: l")
    until("all media are at lunch", lambda: set(states()) == {"not_ready:lunch"})
    marie.press(Keys.UP, Keys.UP)
    until("all media are ready", lambda: set(states()) == {"ready"})
    state(marie, "Damages", "Not ready")


def row_of(browser, text, act):
    """Presses the button of the live interaction that has the text."""
    until(f"{browser.name}: {act}", lambda: browser.js("""const row = [...root.querySelectorAll('.interactions tr')].find((one) => one.innerText.includes(arguments[0]));
        const button = row && [...row.querySelectorAll('button')].find((one) => one.innerText === arguments[1]); if (button) button.click(); return Boolean(button)""", text, act))


def supervisor_monitors_and_takes_over():
    sam.open(desk + "/")
    enters(sam)
    sam.click("#views button", "Supervision")
    row_of(sam, "Anna Fournier", "Monitor")
    sam.sees("Good morning, I look where it is.")
    until("sam can write", lambda: sam.focused() == "Your message")
    sam.press("Be kind", Keys.ENTER)
    marie.sees("Sam Blanc, supervisor, for colleagues")
    sam.driver.refresh()
    sam.sees("You, for colleagues")
    until("he looks on, and reads who reads", lambda: re.search("· monitored( · with .*)? · Marie Laurent reads", sam.js("return root.querySelector('.pane:not([hidden]) header').innerText.replace(/\\s+/g, ' ')")))
    assert "Be kind" not in customer.text()
    sam.click("#views button", "Supervision")
    until("marie has it", lambda: sam.js("return [...root.querySelectorAll('.interactions tr')].some((one) => one.innerText.includes('Anna Fournier') && one.innerText.includes('Marie Laurent'))"))
    sam.click("#views button", "Desk")
    sam.click("button", "Take over")
    marie.sees("is no longer yours: somebody else has it now")
    until("sam has it", lambda: sam.find(".actions button", "Done"))
    sam.find(".pane:not([hidden]) textarea").send_keys("Sam is here.", Keys.ENTER)
    customer.sees("Sam is here.")
    sam.click("#views button", "Supervision")
    until("sam is shown to have it", lambda: sam.js("return [...root.querySelectorAll('.interactions tr')].some((one) => one.innerText.includes('Anna Fournier') && one.innerText.includes('Sam Blanc'))"))
    row_of(sam, "Anna Fournier", "Move …")
    sam.find(".choices button", "Marie Laurent")
    assert "Sam" not in sam.js("return root.querySelector('.choices').innerText"), "who has it now"
    assert not (faults := sam.faults()), faults
    sam.click(".choices button", "Marie Laurent")
    marie.click("#offers button", "Accept")
    marie.sees("Sam is here.")


def chat_is_handed_on_and_finished():
    marie.click(".pane:not([hidden]) button", "Hand on …")
    marie.find(".choices button", "Jean Moreau")
    assert not (faults := marie.faults()), faults
    asked = asks(marie)
    marie.press("jean", Keys.TAB, Keys.TAB, "She has waited since Monday.", Keys.TAB, Keys.ENTER, Keys.ENTER)
    jean.find("#offers article")
    jean.sees("She has waited since Monday.")
    owes_nothing(jean, "desk-offer")
    jean.click("#offers button", "Accept")
    jean.sees("Good morning, I look where it is.")
    marie.sees("Nothing. Work that you accept")
    assert asked() == ["move transfer"], asked()
    jean.find(".pane:not([hidden]) textarea").send_keys("It comes tomorrow.", Keys.ENTER)
    customer.sees("It comes tomorrow.")
    reaches_all(jean)
    # Each goes on with what the other has begun, and has the own text beside it.
    text = lambda browser: browser.js("return root.querySelector('.pane:not([hidden]) .composer textarea').value")

    def hands(giver, taker, name):
        giver.click(".pane:not([hidden]) button", "Hand on …")
        giver.find(".choices button", name)
        giver.press(name.split()[0].lower(), Keys.TAB, Keys.TAB, "You know it.", Keys.TAB, Keys.ENTER, Keys.ENTER)
        taker.click("#offers button", "Accept")
        taker.sees("It comes tomorrow.")

    jean.find(".pane:not([hidden]) textarea").send_keys("At your")
    lies = lambda browser: browser.driver.execute_async_script("const done = arguments[0]; import(`${location.origin}/work.js`).then((work) => done(work.all()[0].data.draft || ''))")
    until("it lies with the chat", lambda: lies(jean) == "At your")
    hands(jean, marie, "Marie Laurent")
    until("marie has what he wrote", lambda: text(marie) == "At your")
    marie.sees("Begun by Jean Moreau")
    marie.find(".pane:not([hidden]) textarea").send_keys(" neighbour's")
    until("it lies with the chat", lambda: lies(marie) == "At your neighbour's")
    hands(marie, jean, "Jean Moreau")
    until("jean has what she made of it", lambda: text(jean) == "At your neighbour's")
    jean.click(".composer button", "Take what you had written")
    until("he has his own", lambda: text(jean) == "At your")
    jean.chord(Keys.ALT, "z")
    until("he has hers again", lambda: text(jean) == "At your neighbour's")
    jean.find(".pane:not([hidden]) textarea").clear()
    # A colleague writes while it is finished: what was begun stays in sight until she takes it away.
    jean.click(".pane:not([hidden]) button", "Hand on …")
    jean.click("dialog label", "Conference")
    jean.click(".choices button", "Marie Laurent")
    marie.click("#offers button", "Accept")
    marie.sees("It comes tomorrow.")
    marie.find(".pane:not([hidden]) textarea").send_keys("Shall we ring you")
    until("it stands there", lambda: text(marie).endswith("Shall we ring you"))
    jean.js("window.questions = []; window.confirm = (text) => questions.push(text) > 1")
    for times in 1, 2:
        jean.find(".pane:not([hidden]) textarea").send_keys("/comes")
        jean.find(".slash:not([hidden]) [aria-selected=true]", "Comes tomorrow")
        jean.press(Keys.ENTER)
        until("he is asked, as it ends for her, too", lambda: jean.js("return questions") == times * ["It ends for Marie Laurent, too. End it?"])
    customer.sees("Dear Anna Fournier, it comes tomorrow.")
    jean.sees("Nothing. Work that you accept")
    customer.sees("The chat has ended.")
    marie.sees("Shall we ring you")
    marie.sees("somebody finished it.")
    marie.click("#notes .note button", "Dismiss")
    keep(customer, "chat-widget")


# There is no telephone at this desk: what the router answers is said here, and kept what it is asked.
RECORDS = """return Promise.all(["main", "records"].map((name) => import(`${location.origin}/${name}.js`))).then(([main, records]) => {
    const socket = main.desk.socket, record = {campaign: "winter", record: 7, number: "+33145550101", attempts: 1, result: "other", state: "preview", fields: {colour: "red"}};
    window.said = [];
    socket.ask = (type, fields = {}) => { said.push({type, ...fields}); return window.gone ? Promise.reject({code: "gone"}) : Promise.resolve(["get", "status"].includes(fields.op) ? {record: {...record}} : {}); };
    window.over = () => { delete socket.ask; records.forget(); };
    records.show(true);
})"""


def record_is_previewed_called_and_done():
    marie.js(RECORDS)
    marie.click("#records button", "Next record")
    marie.sees("Winter, called once")
    assert marie.focused() == "Record +33145550101", marie.focused()
    assert not (faults := marie.faults()), faults
    marie.js("const input = root.querySelector('#records .field input'); input.value = 'green'; root.querySelector('#records select').value = 'ok'")
    marie.click("#records button", "Save")
    marie.click("#records button", "Call back")
    marie.sees("When shall it be called?")
    marie.js("root.querySelector('#records input[type=datetime-local]').value = '2031-02-03T10:30'")
    marie.click("#records fieldset button", "Call back")
    marie.click("#records button", "Dial")
    buttons = lambda: marie.js("return [...root.querySelectorAll('#records article > .row:nth-of-type(2) button')].filter((one) => one.checkVisibility()).map((one) => one.innerText)")
    until("she may dial it again, and not skip it", lambda: buttons() == ["Dial"])
    again = "return import(`${location.origin}/records.js`).then((records) => records.again())"
    marie.js(again)
    until("it is as the router says after a new connection", lambda: buttons() == ["Dial", "Skip"])
    marie.click("#records button", "Done")
    marie.sees("The record is done.")
    said = [one for one in marie.js("return said") if one["op"] != "status"]
    assert [one["op"] for one in said] == ["get", "update", "reschedule", "dial", "processed"], said
    assert said[1]["fields"] == {"colour": "green"} and said[1]["result"] == "ok" and said[2]["at"] > 0, said
    assert all(one["type"] == "record" for one in said) and said[4]["record"] == 7, said
    marie.click("#records button", "Next record")
    marie.find("#records article")
    marie.js("window.gone = true; " + again)
    until("a record that another one has is gone", lambda: marie.js("return !root.querySelector('#records article')"))
    marie.js("window.gone = false")
    marie.js("over()")


# A telephone that cannot be answered from here says so once; then its calls have no button for it. What comes with the
# call is shown as text, whatever it is.
def telephone_that_is_answered_by_hand():
    marie.js("""return Promise.all(["main", "phone", "wire"].map((name) => import(`${location.origin}/${name}.js`))).then(([main, phone, wire]) => {
        const socket = main.desk.socket, heard = phone.heard;
        window.said = [];
        socket.ask = (type, fields = {}) => { said.push(fields.op); return Promise.reject(new wire.Refusal("unsupported", "It is answered at the telephone.")); };
        window.over = () => { delete socket.ask; main.desk.me.phone = false; phone.make_(); };
        main.desk.me.phone = true;
        phone.make_();
        heard.phone({type: "phone", state: "not_ready", reason: "lunch", dn: "7001", calls: []});
        const odd = "<img src=x onerror=\\"document.title='stolen'\\"><script>document.title='stolen'</script>";
        heard.call({type: "call", conn: "1", state: "ringing", number: "+33145550101", data: {customer: "Dupont", user_to_user: odd, [odd]: "x"}});
        heard.call({type: "call", conn: "2", state: "ringing", number: odd, data: {}});
    })""")
    marie.sees("Dupont")
    shown = marie.js("""const phone = root.querySelector('#phone'), said = [phone.innerText, phone.querySelectorAll('img, script').length, document.title];
        return import(`${location.origin}/phone.js`).then((phone) => { phone.heard.call({type: "call", conn: "2", state: "released"}); return said; })""")
    assert shown[0].count("<script>document.title='stolen'</script>") >= 2 and shown[1] == 0 and shown[2] != "stolen", shown
    assert marie.js("return root.querySelector('#phone article').innerText").count("Answer") == 1
    marie.chord(Keys.ALT, "t")
    marie.sees("Answer at the telephone.")
    assert not (faults := marie.faults()), faults
    marie.js("""return import(`${location.origin}/phone.js`).then((phone) => phone.heard.call({type: "call", conn: "1", state: "talking", number: "+33145550101", recording: "on", parties: [{number: "7".repeat(90)}]}))""")
    marie.sees("is recorded")
    assert marie.js("const list = root.querySelector('#list'); return list.scrollWidth <= list.clientWidth"), "a long name makes the column wider than it is"
    marie.click("#phone article button", "Pause recording")
    assert not (faults := marie.faults()), faults
    assert (said := marie.js("return said")) == ["answer", "record_pause"], said
    assert not marie.js("return [...root.querySelectorAll('#phone button')].some((one) => one.innerText == 'Answer')")
    marie.js("over()")


# No act leaves the focus on a button of something else, and none leaves it at the page's start.
def second_enter_does_no_harm():
    marie.js("""return Promise.all(["main", "work"].map((name) => import(`${location.origin}/${name}.js`))).then(([main, work]) => {
        const socket = main.desk.socket;
        window.said = [];
        socket.ask = (type, fields = {}) => { said.push(type); return Promise.resolve({}); };
        window.revoked = (claim) => work.heard.revoked({claim});
        window.over = () => { delete socket.ask; };
        for (const claim of [901, 902]) work.heard.offer({type: "offer", ixn: `1-00000000${claim}a`, claim, media: "email", from: "a@b.example", subject: `Offer ${claim}`, countdown: 60000, data: {}});
    })""")
    marie.js("root.querySelectorAll('#offers article')[0].querySelectorAll('button')[1].focus()")
    marie.press(Keys.ENTER)
    until("one is left", lambda: marie.js("return root.querySelectorAll('#offers article').length") == 1)
    marie.press(Keys.ENTER)
    assert marie.focused() == "Offered to you", marie.focused()
    assert marie.js("return said") == ["reject"], marie.js("return said")
    marie.js("revoked(902); over(); root.querySelector('#missed').hidden = false; root.querySelector('#missed').replaceChildren(document.createElement('button')); root.querySelector('#missed button').focus()")
    marie.js("root.querySelector('#missed').replaceChildren(); root.querySelector('#missed').hidden = true")
    until("the focus is not at the page's start", lambda: marie.js("return document.activeElement.id") == "work")


# Push preview: the record is shown with the time left, dialled, and the agent's still when nobody was reached.
def record_is_asked_about():
    marie.js(RECORDS)
    question = """return import(`${location.origin}/records.js`).then((records) => records.question({type: "question", ticket: "1a", ...arguments[0]}))"""
    marie.js(question, {"campaign": "winter", "record": 8, "number": "+33145550102", "fields": {"colour": "red"}, "left": 20000})
    marie.sees("Winter, called 0 times")
    marie.sees("20 s")
    assert not (faults := marie.faults()), faults
    assert "Done" not in marie.js("return root.querySelector('#records article').innerText")
    marie.click("#records article button", "Dial")
    marie.js(question, {"over": "accepted"})
    marie.sees("The number is dialled.")
    marie.click("#records article button", "Save")
    marie.js(question, {"over": "dropped"})
    marie.sees("The number reached nobody.")
    said = marie.js("return said")
    assert [(one["type"], one["op"]) for one in said] == [("phone", "accept"), ("record", "update")] and said[0]["ticket"] == "1a", said
    marie.js(question, {"number": "+33145550103", "data": {"customer": {"name": "Dupont"}}, "left": 20000})
    marie.sees("Dupont")
    marie.click("#records article button", "Decline")
    marie.js(question, {"over": "rejected"})
    assert marie.focused() == "Records", marie.focused()
    marie.sees("It goes to the next agent.")
    assert marie.js("return root.querySelectorAll('#records article').length") == 0
    marie.js("over()")


def supervisor_looks_on():
    sam.click("#views button", "Supervision")
    for text in ("Live interactions", "Parked", "Console"):
        sam.sees(text)
    state(jean, "Chat", "Ready")
    owes_nothing(sam, "desk-supervisor")
    reaches_all(sam)


# The console says what each agent does, without a log-in as an agent; a table is one stop of Tab, and what was chosen stays.
def console_shows_them_as_they_are():
    row = lambda: sam.js("return [...root.querySelectorAll('.agents tbody tr')].find((one) => one.textContent.includes('Marie Laurent'))?.innerText")
    ctl("set", "shifts", "all", "hours=mon..sun 00:00..24:00", "--why", "every day")
    sam.open(desk + "/console/")
    state(marie, "Chat", "Ready")
    until("marie is ready", lambda: "\tReady" in row())
    # For an hour the page has slept, and its connection has died without a close: it is made anew, and what was done meanwhile is there.
    teams = lambda: sam.js("return [...root.querySelectorAll('.agents tbody tr')].find((one) => one.textContent.includes('Jean Moreau'))?.innerText")
    until("jean is in the team", lambda: "helpers" in teams())
    relay.mute = True
    ctl("assign", "jean", "--leave", "helpers", "--for", "1h", "--why", "a training")
    sam.js("window.awake = Date.now; Date.now = () => window.awake.call(Date) + 3600000; document.dispatchEvent(new Event('visibilitychange', {bubbles: true}))")
    sam.sees("The connection is lost")
    sam.js("Date.now = window.awake")
    relay.cut()
    relay.mute = False
    relay.mend()
    for one in (sam, marie):
        one.sees_not("The connection is lost")
    until("it is seen who has left the team", lambda: "not in helpers until" in teams())
    ctl("assign", "jean", "--undo", "helpers", "--why", "it is over")
    for medium in ("E-mail", "Chat"):
        state(marie, medium, "Not ready")
    until("marie is not ready again", lambda: "Not ready" in row())
    if jean.js("return Boolean(root.querySelector('#states .field[data-state=ready]'))"):
        state(jean, "Chat", "Not ready")
    # A customer waits: who and why are two presses away, and so they are when Marie talks.
    customer.open(site.origin + "/")
    customer.click("button", "Open the chat")
    customer.find("textarea, input").send_keys("Is somebody there?", Keys.ENTER)
    sam.click(".queues tbody button.link", "1")
    sam.click("dialog button", "Why Anna Fournier")
    sam.sees("It waits in chats")
    assert not (faults := sam.faults()), faults
    # It is moved before the others, and back to its place.
    priority = lambda: json.loads(ctl("audit"))["audit"][-1]["new"]
    sam.click("dialog button", "Change all shown …")
    assert not (faults := sam.faults()), faults
    # Somebody else acts first: that is told in place of the second act, which the next press does.
    ctl("change", json.loads(ctl("interactions", "--live"))["interactions"][-1]["ixn"], "priority=3", "--why", "it is urgent")
    sam.press(Keys.TAB)
    sam.js("document.activeElement.select()")
    sam.press("7", Keys.TAB, "a promise", Keys.ENTER)
    sam.sees("(priority 3): it is urgent")
    sam.press(Keys.ENTER)
    sam.sees("priority 7")
    assert priority() == "priority 7", priority()
    sam.click("button", "Undo")
    until("it is at its place again", lambda: priority() == "priority 3")
    sam.press(Keys.ESCAPE)
    state(marie, "Chat", "Ready")
    marie.click("#offers button", "Accept")
    until("marie talks", lambda: "On contact" in row())
    sam.click(".agents tbody button.link", "Chat, chats")
    sam.sees("Marie Laurent was chosen")
    acts = "const box = root.querySelector('dialog[open]').getBoundingClientRect(); return [...root.querySelectorAll('dialog[open] td.acts button')].map((one) => [one.textContent, one.getBoundingClientRect().right <= box.right])"
    assert sam.js(acts) == [["Watch", True], ["Change …", True], ["Why", True]], sam.js(acts)
    keep(sam, "console-contacts")
    sam.press(Keys.ESCAPE)
    marie.click(".actions button", "Done")
    until("the chat is over", lambda: "On contact" not in row())
    # What the queue is to reach is set for all, with who and why; its line and its people are shown.
    sam.click(".queues button", "Target of chats …")
    assert not (faults := sam.faults()), faults
    sam.js("root.querySelector('dialog select').value = '30'; root.querySelector('dialog input').value = '90'; [1, 2].forEach((at) => { root.querySelectorAll('dialog input')[at].value = 50 - 10 * at; })")
    for _ in range(4):
        sam.press(Keys.TAB)
    sam.press("many complain", Keys.ENTER)
    sam.sees("A wait is too long only after it is long.")
    sam.js("root.querySelectorAll('dialog input')[2].value = ''")
    sam.click("dialog button.first", "Set")
    sam.sees("90 % in 30 s")
    goals = lambda: [(row["key"], row["fields"]) for row in json.loads(ctl("settings", "queue_targets", "--whole"))["rows"]]
    assert goals() == [("chats", {"queue": "chats", "seconds": "30", "percent": "90", "long": "40"})], goals()
    # What another has set meanwhile is told before it is overwritten; what is emptied is taken away.
    sam.click(".queues button", "Target of chats …")
    sam.js("root.querySelectorAll('dialog input')[1].value = ''")
    ctl("set", "queue_targets", "chats", "percent=85", "--why", "another shift")
    for _ in range(4):
        sam.press(Keys.TAB)
    sam.press("still many", Keys.ENTER)
    sam.sees("chats was changed")
    sam.sees("85 % in 30 s")
    sam.click("dialog button.first", "Set")
    sam.sees("90 % in 30 s")
    assert goals() == [("chats", {"queue": "chats", "seconds": "30", "percent": "90"})], goals()
    assert sam.js("return Boolean(root.querySelector('.queues tbody svg path.waiting'))")
    # Who should be at work is seen beside who is.
    until("marie is in her shift, and how much of it", lambda: re.search(r"until 12:00.*\t\d+ %", row(), re.S))
    sam.click(".agents button", "State of Marie Laurent …")
    sam.js("const field = root.querySelector('dialog select'); field.value = 'not_ready:lunch'")
    sam.write("dialog input", SCRIPT)
    # What the server does not answer is told where it was asked, and may be asked again.
    sam.js("window.answered = fetch; window.fetch = () => Promise.reject(new TypeError('away'))")
    sam.press(Keys.ENTER)
    sam.sees("Marie Laurent: The connection was lost. It may have been done")
    sam.js("window.fetch = window.answered")
    sam.press(Keys.ENTER)
    until("it is set", lambda: "Lunch" in row() and SCRIPT in row())
    sam.sees("Marie Laurent: Not ready: Lunch")
    state(marie, "Chat", "Not ready")
    # She is taken out of the team for an hour: her row says so, and the list of all that is assigned for a while puts her back.
    def assigns(what, why):
        sam.click(".agents button", "Assign skills and teams to Marie Laurent …")
        sam.js("const what = root.querySelector('dialog select'); what.value = arguments[0]; what.dispatchEvent(new Event('change'))", what)
        assert not (faults := sam.faults()), faults
        sam.js("[...root.querySelectorAll('dialog input[list]')].find((one) => !one.disabled).value = 'helpers'")
        sam.write("dialog input:not([list], [type=number])", why)
        sam.press(Keys.ENTER)
    assigns("leave", "a training")
    until("she is out of the team, and it is said how long", lambda: "not in helpers until" in row())
    until("the list has it", lambda: "a training" in sam.js("return root.querySelector('.assigned tbody').innerText"))
    # What she had by hand before is in force again where a change of it is undone at once.
    assigns("join", "a mistake")
    until("she is in the team", lambda: "not in helpers" not in row())
    sam.click(".undo button", "Undo")
    until("the training goes on, until its time", lambda: "not in helpers until" in row())
    sam.click(".assigned tbody button", "Undo Marie Laurent, not in helpers …")
    sam.write("dialog input", "it is over")
    sam.press(Keys.ENTER)
    until("she is in the team again", lambda: "not in helpers" not in row() and "helpers" in row() and not sam.js("return root.querySelector('.assigned').checkVisibility()"))
    # What waits until somebody takes it is seen as well: the mail behind the figure is moved, and back to where it was.
    sam.click(".bins tbody button.link", "3")
    until("the mails behind it", lambda: sam.js("return root.querySelectorAll('dialog tbody tr').length") == 3)
    sam.js("root.querySelector('dialog tbody button').click()")
    sam.find("dialog:last-of-type input[type=number]")
    def moves():
        sam.js("const what = root.querySelector('dialog:last-of-type select'); what.value = 'move'; what.dispatchEvent(new Event('change')); root.querySelector('dialog:last-of-type input[list]').value = 'mail'")
        sam.write("dialog:last-of-type input:not([list], [type=number], [placeholder])", "a mistake")
        sam.press(Keys.ENTER)
        until("it waits elsewhere", lambda: len(waits()) == 2)
    waits = lambda: sam.js("return root.querySelector('.bins tbody').innerText").split("\n")
    moves()
    sam.click("button", "Undo")
    until("it waits where it was", lambda: len(waits()) == 1 and "\t3\t" in waits()[0])
    # What somebody else has done with it since it was moved is not undone.
    moved = json.loads(ctl("audit"))["audit"][-1]
    until("the mails are behind it again", lambda: sam.js("return root.querySelectorAll('dialog tbody tr').length") == 3)
    sam.js("[...root.querySelectorAll('dialog tbody button')].find((one) => one.textContent === 'Change …').click()")
    sam.find("dialog:last-of-type input[type=number]")
    moves()
    last = json.loads(ctl("audit"))["audit"][-1]
    ctl("change", last["key"], "priority=4", "--why", "it is urgent here")
    sam.click("button", "Undo")
    sam.sees("(priority 4): it is urgent here")
    assert len(waits()) == 2, waits()
    ctl("move", last["key"], moved["new"].split()[-1], "--why", "as it was")
    until("it waits where it was", lambda: len(waits()) == 1 and "\t3\t" in waits()[0])
    sam.press(Keys.ESCAPE)
    sam.click(".people button", sam.js("return root.querySelector('.people tbody [data-zero]').innerText"))
    sam.click(".agents button", "Agent")
    sam.driver.refresh()
    until("sorted as before", lambda: sam.js("return root.querySelector('.agents [aria-sort]')?.innerText") == "Agent")
    sam.js("root.querySelector('.agents select').value = ''; root.querySelector('.agents select').dispatchEvent(new Event('change'))")
    owes_nothing(sam, "console-now")
    stops = reaches_all(sam)
    assert len(stops) - stops.index("Log out") <= 14, stops  # those of the four tables and the telephone, behind the head with its pages
    sam.tab_to("Agent")
    sam.press(Keys.ARROW_DOWN, Keys.END)
    assert sam.js("return document.activeElement.closest('tr') === root.querySelector('.agents tbody tr:not([hidden])')")
    # Who waits for somebody who is not here is warned of, in the row and above it.
    warned = sam.js("""return import(`${location.origin}/console/queues.js`).then(({ Queues }) => {
        const one = new Queues({ name: 'sam' }, {}), hour = { answered: 0, abandoned: 0, within_s: [] };
        root.querySelector('#now').prepend(one.element);
        one.has([{ contacts: [{ ixn: '7', talks: true, vq: null, of: 'calls' }, { ixn: '8', talks: true, vq: 'mails' }, { ixn: '9', talks: true, vq: null }] }]);
        one.whole([{ name: 'calls', waiting: 3, nobody_can: 1, longest_wait_us: 1, last_hour: hour }, { name: 'mails', waiting: 1, longest_wait_us: 1, last_hour: hour }]);
        const said = [one.warning, ...one.element.querySelectorAll('[data-column=nobody], tbody tr')].map((part) => part.textContent), talks = one.all().map(({ name, talks }) => [name, [...talks]]);
        one.element.remove();
        return [...said, talks]; })""")
    assert warned.pop() == [["calls", ["7"]], ["mails", ["8"]]]  # what was taken over is still of its queue
    assert warned[:2] == ["Nobody who is here can take what waits: calls, 1.", "Warning"] and ["nobody who is here can take it" in row for row in sorted(warned[2:])] == [True, False], warned
    # Of whoever talks by telephone the acts on the call are seen, however narrow the page is; the rest is behind a button.
    for width, height in ((400, 800), (1024, 800), (1440, 980)):
        sam.driver.set_window_size(width, height)
        acts = sam.js("""return import(`${location.origin}/console/agents.js`).then(({ Agents }) => {
            const one = new Agents({ name: 'sam', agent: 'sam' });
            root.querySelector('#now').prepend(one.element);
            one.whole([{ name: 'zoe', display: 'Zoe', state: 'ready', media: { voice: 'ready' }, contacts: [{ ixn: '1', media: 'voice', vq: 'calls', talks: true, listen: true, take_over: true, listeners: [{ by: 'sam', how: 'listen', hears: true }] }] }]);
            const acts = [...one.element.querySelectorAll('td.acts button')], seen = ({ left, right }) => left >= 0 && right <= innerWidth;
            const said = acts.filter((act) => seen(act.getBoundingClientRect())).map((act) => act.textContent);
            one.element.remove();
            return said; })""")
        assert acts == ["Listen", "Whisper", "Join", "Take over …", "Hang up", "More …"], (width, acts)
        assert width > 400 or not (faults := sam.faults()), faults


# What gcxrecords has written of this day is a report, with lines and a table; what is not known is said.
def console_reports_what_was():
    sam.open(desk + "/console/#/reports")
    sam.find(".reports select")
    sam.js("const days = root.querySelectorAll('.reports input[type=date]'); days[0].value = arguments[0]; days[1].value = arguments[1]", BEGAN, time.strftime("%Y-%m-%d"))
    subprocess.run([f"{os.environ['top_builddir']}/gcxrecords", "--once", f"{folder}/gcx.conf", f"sqlite:{folder}/records.db"], check=True, capture_output=True)
    sam.js("root.querySelector('.reports select').value = 'service_level'; const by = [...root.querySelectorAll('.reports select')]; by[1].value = 'quarter'; by[2].value = 'queue'; root.querySelector('.reports input[type=number]').value = '45'")
    sam.click(".reports button", "Show")
    until("the report", lambda: "chats" in (sam.js("return root.querySelector('.report table')?.innerText") or ""))
    assert "within 45 s (%)" in sam.js("return root.querySelector('.report table').innerText").lower()
    assert sam.js("return root.querySelector('.chart path.line-0').getAttribute('d').startsWith('M')")
    csv = sam.js("return fetch(root.querySelector('a.button').href).then((answer) => Promise.all([answer.headers.get('Content-Disposition'), answer.text()]))")
    assert "service_level.csv" in csv[0] and csv[1].startswith("quarter,utc,queue,offered,"), csv
    # What will come, and who is needed for it, from four weeks in which six came in each quarter of an hour of a morning.
    with contextlib.closing(sqlite3.connect(f"{folder}/records.db", timeout=60)) as records:
        today = time.time() // 86400 * 86400
        for number in range(28 * 16 * 6):
            at = time.strftime("%Y-%m-%d %H:%M:%S.000", time.gmtime(today - (number // 96 + 1) * 86400 + 9 * 3600 + number % 96 // 6 * 900))
            records.execute("INSERT INTO vq_visits (journal, batch, n, ixn, quarter, entered, vq, outcome, waited_ms) VALUES (9, ?, 0, 'f', ?, ?, 'past', 'distributed', 0)", (number, at, at))
            records.execute("INSERT INTO offers (journal, batch, n, ixn, quarter, made, vq, outcome, handle_ms) VALUES (9, ?, 0, 'f', ?, ?, 'past', 'answered', 300000)", (number, at, at))
        records.commit()
    sam.write("[list=forecast-queues]", "past")
    sam.click("[aria-labelledby=forecast-title] button", "Show")
    sam.sees("hours of agents are needed, so that 80 % are answered within 20 s.")
    needed = sam.js("return [...root.querySelectorAll('[aria-labelledby=forecast-title] .answer tbody tr')].filter((row) => row.cells.length === 5).map((row) => Number(row.cells[4].textContent))")
    assert len(needed) >= 16 and max(needed) in (3, 4), needed
    owes_nothing(sam, "console-reports")
    # The customer is found by her name and by a word of hers; the way of her chat says who was chosen, and what was written.
    sam.click("#pages a", "History")
    sam.write(".reports input", "Hello, my parcel has not come")
    sam.press(Keys.ENTER)
    until("chats are found", lambda: sam.js("const all = [...root.querySelectorAll('.found tbody button.link')]; all.at(-1)?.click(); return all.length"))
    sam.sees("Marie Laurent was chosen after")
    sam.click("button", "Show what was written")
    sam.sees("Hello, my parcel has not come. " + SCRIPT)
    owes_nothing(sam, "console-history")
    # What one page does not hold is read on request; of one day, all of it is there at once.
    with contextlib.closing(sqlite3.connect(f"{folder}/records.db", timeout=60)) as records:
        for i in range(250):
            at = f"2025-03-{1 + i // 25:02} 08:00:{i % 25:02}.000"
            records.execute("INSERT INTO interactions (journal, batch, n, ixn, quarter, media, ani, received) VALUES (9, ?, 0, ?, ?, 'voice', '+49891234509', ?)", (i, f"9-{i:012x}", at[:14] + "00:00.000", at))
        records.commit()
    sam.click("#pages a", "History")
    sam.find(".reports form input[type=search]")
    search = lambda number, *days: sam.js("const [q, from, to] = ['type=search', 'type=date', 'type=date'].map((kind, i) => root.querySelectorAll(`.reports form input[${kind}]`)[i === 2 ? 1 : 0]); [q.value, from.value, to.value] = arguments; q.form.requestSubmit()", number, *days)
    rows = lambda: sam.js("return root.querySelector('.found .count').textContent + (root.querySelector('.found > .row button').hidden ? '' : ' and more')")
    search("089 1234509", "2025-03-01", "2025-03-31")
    until("a page of them", lambda: rows() == "200 and more")
    sam.click(".found button", "Further rows")
    until("all of them", lambda: rows() == "250")
    # Of what has not ended twenty are shown, and the others on request, though a page of the router's may have none.
    sam.js("""window.realFetch = fetch;
        const row = (i) => ({ ixn: `1-${i}`, media: 'voice', ani: `+4989${i}`, state: 'queued', arrived_us: 1e15 });
        const pages = { null: { interactions: [], next: '1' }, 1: { interactions: Array.from({ length: 30 }, (_, i) => row(i)), next: null } };
        window.fetch = (url, more) => (url.pathname.endsWith('/supervisor/interactions')
            ? Promise.resolve(new Response(JSON.stringify(pages[url.searchParams.get('from')]), { headers: { 'Content-Type': 'application/json' } })) : realFetch(url, more))""")
    search("089 1234509", "2025-03-01", "2025-03-01")
    until("those of a day", lambda: rows() == "25")
    until("twenty of them", lambda: sam.js("return root.querySelectorAll('.reports li').length") == 20)
    sam.click(".reports button", "Further rows that have not ended yet")
    until("all of them", lambda: sam.js("return root.querySelectorAll('.reports li').length") == 30)
    assert sam.js("window.fetch = realFetch; return root.querySelector('.reports div > button').hidden")
    assert 'chats' in sam.js("return [...root.querySelectorAll('#choose-queue option')].map((one) => one.value)")
    # The audit says in which way a supervisor heard a call; the records of before do not.
    heard = sam.js("""return import(`${location.origin}/console/history_story.js`).then(({ story }) => {
        const row = (second, what, object = 'interaction') => ({ at: `2026-03-02T09:00:0${second}Z`, what, object, actor: 'lead', key: '7009' });
        const way = { interactions: [{}], owners: [], parties: [{ role: 'supervisor', dn: '7009', agent: 'lead', established: row(1).at, ended: row(7).at }] };
        const told = (audit) => story({ ...way, audit }).map(({ text }) => text);
        return [told([row(1, 'listen'), row(2, 'end'), row(3, 'whisper'), row(4, 'listen', 'agent'), row(5, 'join'), row(6, 'take_over')]), told(undefined)]; })""")
    assert heard == [["lead listens", "lead whispers", "lead joins the call", "lead took the call over from 7009", "lead is there no longer"], ["lead is there as supervisor", "lead is there no longer"]], heard
    # The hour that comes twice when clocks go back is two, and two agents of one name are two.
    twice = sam.js("""return import(`${location.origin}/console/reports.js`).then(({ linesOf }) => {
        const row = (utc, hour, agent, calls) => ({ hour: `2026-10-25 ${hour}`, utc: `2026-10-25T${utc}:00Z`, agent, calls });
        return linesOf({}, [row('00:00', '02:00', 'ann', 5), row('01:00', '02:00', 'ann', 7), row('01:00', '02:00', 'bob', 2), row('02:00', '03:00', 'ann', 9)], 'agent', { name: 'calls' }); })""")
    assert twice == {"labels": ["02:00 (00:00 UTC)", "02:00 (01:00 UTC)", "03:00"], "lines": [{"name": "ann", "values": [5, 7, 9]}, {"name": "bob", "values": [None, 2, None]}]}, twice
    called = sam.js("""window.plain = fetch;
        window.fetch = async (path) => new Response(JSON.stringify(String(path).includes('agents') ? { agents: [['ann1', 'Ann'], ['ann2', 'Ann'], ['bob', 'Bob']].map(([name, display]) => ({ name, display })) } : { queues: [] }), { headers: { 'Content-Type': 'application/json' } });
        return import(`${location.origin}/console/people.js`).then(async ({ calledOf, peopleLoad }) => { await peopleLoad(); window.fetch = window.plain; return ['ann1', 'ann2', 'bob'].map(calledOf); })""")
    assert called == ["Ann (ann1)", "Ann (ann2)", "Bob"], called
    sam.driver.set_window_size(400, 800)
    assert not (faults := sam.faults()), faults
    sam.driver.set_window_size(1440, 980)
    sam.click("#pages a", "Now")


# Chance draws what is reviewed; the agent is told, reads it and objects, and the supervisor reads that.
def work_is_reviewed():
    sam.click("#pages a", "Quality")
    sam.find(".reports select")
    sam.js("for (const field of root.querySelectorAll('.reports input[type=date]')) field.value = arguments[0]; root.querySelector('.reports input[type=date]').value = arguments[1]", time.strftime("%Y-%m-%d"), BEGAN)
    sam.click(".reports button", "Draw")
    until("samples are there", lambda: sam.js("return [...root.querySelectorAll('.samples tbody tr')].some((row) => row.innerText.includes('Marie Laurent') && row.innerText.includes('To be reviewed'))"))
    owes_nothing(sam, "console-quality")
    # Of very many samples the further ones are one press away.
    samples = lambda: sam.js("return [...root.querySelectorAll('.samples tbody tr')].length")
    sam.js("""window.plain = fetch; window.fetch = async (path, ...more) => {
        const answer = await plain(path, ...more);
        if (!String(path).includes("quality/samples")) return answer;
        const said = await answer.json(), first = !String(path).includes("before=");
        if (first) said.samples = said.samples.slice(0, 1);
        return new Response(JSON.stringify(first ? { ...said, next: 1000000 } : said), { headers: answer.headers });
    }; const which = root.querySelector('.samples .top select'); which.value = ''; which.dispatchEvent(new Event('change'))""")
    until("one is shown", lambda: samples() == 1)
    sam.click(".samples button", "Further rows")
    until("all are", lambda: samples() > 1)
    assert not sam.js("return [...root.querySelectorAll('.samples button')].some((one) => one.textContent === 'Further rows' && one.checkVisibility())")
    sam.js("window.fetch = window.plain")
    sam.js("[...root.querySelectorAll('.samples tbody tr')].find((row) => row.innerText.includes('Marie Laurent') && row.innerText.includes('To be reviewed')).querySelector('button.link').click()")
    sam.find(".review fieldset")
    sam.js("for (const [name, value] of [['greeting', 4], ['answer', 1]]) root.querySelector(`input[name=points-${name}][value='${value}']`).click(); root.querySelector('.review fieldset .field input').value = 'It was her first name.'; const all = root.querySelector('.review textarea'); all.value = 'Quick and kind.'; all.dispatchEvent(new Event('input', { bubbles: true }))")
    sam.driver.refresh()  # what was not saved is there again
    until("the draft", lambda: sam.js("return root.querySelector('.review textarea')?.value") == "Quick and kind.")
    assert sam.js("return [...root.querySelectorAll('.review input:checked')].map((one) => one.value).concat(root.querySelector('.review fieldset .field input').value)") == ["4", "1", "It was her first name."]
    owes_nothing(sam, "console-review")
    reaches_all(sam)
    sam.driver.set_window_size(400, 800)
    assert not (faults := sam.faults()), faults
    keep(sam, "console-review-narrow")
    sam.driver.set_window_size(1440, 980)
    sam.click(".review button", "Done")  # an empty number says nothing
    sam.sees("Not answered yet: 1")
    sam.click(".review label", "Does not apply")
    sam.click(".review button", "Done")
    sam.sees("Marie Laurent has not seen it yet.")
    assert not sam.js("return Object.keys(localStorage).filter((one) => one.includes('-sample-'))")
    marie.sees("Your work was reviewed")
    marie.click("#self button", "Reviews (1) …")
    marie.sees("It was her first name.")
    marie.sees("reviewed by Sam Blanc")
    owes_nothing(marie, "desk-reviews")
    marie.write("dialog textarea", "She gave no other.")
    marie.click("dialog label", "I object to this review")
    marie.click("dialog button", "Say it")
    marie.sees("You have objected")
    marie.click("dialog header button")
    sam.js("dispatchEvent(new HashChangeEvent('hashchange'))")
    sam.sees("They object to it.")
    sam.sees("She gave no other.")
    owes_nothing(sam, "console-reviewed")
    sam.click("#pages a", "Now")


# What is promised and how the channels are; an alert is silenced for a while, with who and why; the wall has large figures.
def console_shows_the_day_and_the_wall():
    # What is late is so by the router's clock: that of this browser goes an hour ahead.
    sam.js("window.awake = Date.now; Date.now = () => window.awake.call(Date) + 3600000")
    sam.click("#pages a", "Today")
    sam.sees("Channels")
    until("the channels are shown", lambda: sam.js("return root.querySelectorAll('.channels tbody tr').length") >= 3)
    now = sam.js("return import(`${location.origin}/console/figures.js`).then(({ nowUs }) => { const now = nowUs(); Date.now = window.awake; return now; })") / 1e6
    assert abs(now - time.time()) < 60, now
    for part in ("What asks for somebody", "Replies that are due", "Call-backs", "Campaigns"):
        sam.sees(part)
    owes_nothing(sam, "console-today")
    reaches_all(sam)
    # An alert is silenced with a reason, and heard again by one press.
    sam.js("""window.plain = fetch; window.fetch = async (path, ...more) => {
        const answer = await plain(path, ...more);
        if (!String(path).includes("supervisor/links")) return answer;
        const said = await answer.json();
        said.links[0] = { ...said.links[0], name: "chat", state: "down", neighbours: {} };
        said.links[1] = { ...said.links[1], name: "switch", state: "up", neighbours: { exchange: "no answer", lists: "up" } };
        return new Response(JSON.stringify(said), { headers: answer.headers });
    }""")
    sam.click("#pages a", "Now")
    sam.click("#pages a", "Today")
    sam.sees("The channel chat is down.")
    sam.sees("The channel switch has trouble: exchange: no answer.")
    sam.click("button", "Silence link chat …")
    sam.write("dialog input", SCRIPT)
    sam.press(Keys.ENTER)
    sam.sees(f"by sam: {SCRIPT}")
    sam.click("button", "Undo link chat")
    sam.sees_not("by sam: ")
    assert json.loads(ctl("settings", "silenced_alerts", "--whole"))["rows"] == []
    sam.js("window.fetch = window.plain")
    sam.click("#pages a", "Wall")
    # A table comes in pieces, of which the last makes it whole.
    pieces = sam.js("""return import(`${location.origin}/console/pieces.js`).then(({ take }) => {
        const table = { told: [], whole(rows) { this.told.push(rows); } };
        return [take(table, { rows: [1], whole: true, last: false }), take(table, { rows: [2], whole: false, last: true }), table.told]; })""")
    assert pieces == [False, True, [[1, 2]]], pieces
    until("the queue is on the wall", lambda: "90 % in 30 s" in sam.js("return root.querySelector('.walled')?.innerText || ''"))
    owes_nothing(sam, "console-wall")
    sam.driver.set_window_size(400, 800)
    assert not (faults := sam.faults()), faults
    sam.driver.set_window_size(1440, 980)
    sam.click("#pages a", "Now")
    sam.sees("Queues")


# A prompt is what a text says, or another file; who has changed it stands beside it, and it is taken back by one press.
def console_changes_what_callers_hear():
    heard = lambda: os.path.exists(f"{folder}/prompts/welcome.wav") and os.path.getsize(f"{folder}/prompts/welcome.wav")
    sam.click("#pages a", "Change")
    sam.click("button", "Change welcome …")
    sam.js("root.querySelector('dialog textarea').focus()")
    sam.press("Welcome at the shop.")
    sam.click("dialog button", "Say it")
    until("the text is spoken", lambda: sam.js("return Boolean(root.querySelector('dialog audio')?.src)"))
    sam.js("root.querySelector('dialog input[maxlength=\"200\"]').focus()")
    sam.press("a new shop")
    owes_nothing(sam, "console-prompt")
    sam.click("dialog button.first", "Change")
    until("the prompt", lambda: heard() == 44 + 2 * 8000)
    sam.sees("a new shop")
    sam.click("button", "Hear welcome")
    until("it is heard", lambda: sam.js("return root.querySelector('.prompts > audio').duration === 1"))
    # Another language beside it; who hears no sound in theirs is still shown when that of all is taken back.
    sam.click("button", "Another language of welcome …")
    sam.find("dialog input[type=file]").send_keys(f"{folder}/spoken/en/text.wav")
    sam.js("root.querySelector('dialog input[maxlength=\"24\"]').focus()")
    sam.press("fr")
    sam.js("root.querySelector('dialog input[maxlength=\"200\"]').focus()")
    sam.press("a shop in Lyon")
    until("the sound is there", lambda: sam.js("return Boolean(root.querySelector('dialog audio')?.src)"))
    sam.click("dialog button.first", "Change")
    sam.sees("a shop in Lyon")
    assert os.path.exists(f"{folder}/prompts/fr/welcome.wav")
    owes_nothing(sam, "console-prompts")
    sam.click("button", "Undo welcome")
    until("it is taken back", lambda: not heard())
    sam.sees("There is none")
    sam.find("button", "Change welcome …")
    sam.click("button", "Undo welcome (fr)")
    until("that, too", lambda: not os.path.exists(f"{folder}/prompts/fr/welcome.wav"))


# What a site lets supervisors change is changed by the keyboard, told with who and why, and taken back by one press.
def console_changes_what_the_site_lets_it():
    said = lambda: sam.js("return root.querySelector('.setting')?.innerText || ''")
    sam.click("#pages a", "Change")
    sam.click("button", "patience")
    sam.sees("How long a chat waits for somebody at a desk.")
    field = ".setting form input"
    sam.find(field)
    sam.js("root.querySelector(arguments[0]).select()", field)
    sam.press("6h", Keys.TAB, Keys.TAB, "a busy day", Keys.ENTER)
    assert "30s to 30m" in sam.js("return root.querySelector(arguments[0]).validationMessage", field)
    sam.js("root.querySelector(arguments[0]).select()", field)
    sam.press("6m")
    sam.click("button", "What would it do?")
    until("it is tried", lambda: any(one in sam.text() for one in ("Nobody is there, and nobody is expected in these hours, in the strategies of this setting.", "This is what it would do.", "Nobody gets an agent there")))
    sam.js("root.querySelector(arguments[0]).focus()", field)
    ctl("set", "patience=7m", "--why", "a first one")  # by somebody else: what sam has written stays
    sam.press(Keys.TAB, Keys.ARROW_DOWN, Keys.TAB, Keys.ENTER)
    sam.sees("has changed patience: a first one. What you have written is still here.")
    until("it stays", lambda: "a first one" in said() and sam.js("return document.activeElement.value") == "a busy day")
    sam.press(Keys.ENTER)
    until("it is changed", lambda: "By hand" in said() and "a busy day" in said())
    assert "Then back to\n7m" in said(), said()
    owes_nothing(sam, "console-change")
    sam.click("button", "Undo patience")
    sam.sees("patience: back to 7m, which lasts")
    until("the lasting one is in force", lambda: "a first one" in said() and "a busy day" not in sam.js("return root.querySelector('.setting dl').innerText"))
    sam.click("button", "Undo patience")
    until("and nothing by hand", lambda: "By hand" not in said())
    sam.sees("Taken back at the console")
    sam.click("button", "All settings")
    sam.click("button", "hours")
    # Days that go on behind Sunday, and what was written beside an act, stay.
    week = sam.js("return import(`${location.origin}/console/hours.js`).then(({ read }) => read('sat..mon 10:00..12:00').week.map((spans) => spans.length))")
    assert week == [1, 0, 0, 0, 0, 1, 1], week
    until("the calendar", lambda: sam.js("const day = root.querySelector('.month [tabindex=\"0\"]'); day?.focus(); return day === document.activeElement && day"))
    sam.press(Keys.ARROW_DOWN, Keys.ENTER)
    until("the day is asked", lambda: sam.js("return document.activeElement.matches('dialog select')"))
    sam.press("C", Keys.TAB, Keys.ENTER)
    until("the day is put in", lambda: sam.js("return root.querySelector('.special li')?.innerText.includes('closed')"))
    owes_nothing(sam, "console-hours")
    sam.tab_to("Why")
    sam.press("a bridge day", Keys.ENTER)
    until("the day is closed", lambda: "a bridge day" in said() and "; 20" in said())
    sam.js("const field = root.querySelector('.week input'); field.value = '08:15'; field.dispatchEvent(new Event('input', { bubbles: true }))")
    sam.click("button", "Add a day to FR …")
    until("the day is asked", lambda: sam.js("const day = root.querySelector('dialog [type=date]'); if (day) day.value = '2031-05-02'; return day"))
    sam.tab_to("Why")
    sam.press("a feast", Keys.ENTER)
    sam.sees("FR 2031-05-02: 2031-05-02 10:00..12:00, sam: a feast")
    sam.click("button", "Undo FR 2031-05-02")
    until("the day is taken back", lambda: "FR 2031-05-02: " not in said())
    assert sam.js("return [...root.querySelectorAll('.week input')].slice(0, 2).map((one) => one.value)") == ["08:15", "17:00"]
    assert "mon 08:15..17:00" in said(), said()
    # A new row of a key that is there changes no other.
    sam.click("button", "All settings")
    sam.click("button", "queue_targets")
    sam.click("button", "Add a row …")
    sam.find("dialog input")
    sam.js("root.querySelector('dialog input').value = 'chats'")
    sam.write("dialog input[maxlength='200']", "a new one")
    sam.press(Keys.ENTER)
    sam.sees("queue_targets has a row chats already, and it was not changed.")
    sam.press(Keys.ESCAPE)
    sam.driver.set_window_size(400, 800)
    assert not (faults := sam.faults()), faults
    sam.driver.set_window_size(1440, 980)
    sam.click("#pages a", "Now")


# A file is written, gcxc says what is wrong as it is typed, it is saved, and published; the next change says what it means for callers.
def strategies_are_written_and_published():
    site = "site { skill Billing; vq invoices; prompt hold; }\n"
    bills = "/// A call about an invoice.\nstrategy bills on voice {\nlet who = select in vq invoice { skill Billing >= 5; } by longest_idle timeout 2m busy { ivr.music(prompt hold, 20s); } else stop \"nobody\";\nroute who answer 15s else stop \"gone\";\n}\n"
    files = lambda: sam.js("return [...root.querySelectorAll('.files button')].map((one) => one.innerText)")

    def begins(path, text):
        sam.click("button", "New file …")
        sam.write("dialog input", path)
        sam.press(Keys.ENTER)
        until(path, lambda: sam.js("return root.querySelector('#path')?.innerText") == path)
        sam.write(".code textarea", text)

    sam.js("localStorage.setItem('gcx-console-plain', 'yes')")  # the field that every build has
    sam.click("#pages a", "Strategies")
    sam.sees("Nothing is published yet.")
    begins("site.gcx", site)
    sam.press(Keys.TAB, "The site", Keys.TAB, Keys.ENTER)
    until("it is saved", lambda: files() == ["site.gcx"])
    begins("lines/bills.gcx", bills)
    sam.sees("unknown vq 'invoice'")
    owes_nothing(sam, "console-strategies")
    reaches_all(sam)
    # The message leads to its place; what is written in the place is checked again, and kept over a reload.
    sam.click(".messages button")
    sam.press(Keys.ARROW_RIGHT * 7, "s")
    sam.sees("gcxc finds nothing wrong.")
    # The diagram follows the cursor, and its boxes lead to their lines.
    line = lambda: sam.js("const field = root.querySelector('.code textarea'); return field ? field.value.slice(0, field.selectionStart).split('\\n').length : 0")
    until("the diagram follows", lambda: "let who" in sam.js("return root.querySelector('.pictures .here')?.textContent || ''"))
    sam.js("[...root.querySelectorAll('.pictures [role=button]')].find((one) => one.getAttribute('aria-label').startsWith('route who')).dispatchEvent(new MouseEvent('click'))")
    until("a box leads to its line", lambda: line() == 4)
    # Text and diagram stand beside each other, and the picture is made larger by a key.
    places = lambda: sam.js("const [text, drawn, picture] = ['.code', '.pictures', '.pictures svg'].map((one) => root.querySelector(one).getBoundingClientRect()); return [text.right <= drawn.left, Math.abs(text.top - drawn.top) < 120, picture.width]")
    beside, level, wide = places()
    assert beside and level, places()
    sam.js("root.querySelector('.pictures [role=button]').dispatchEvent(new KeyboardEvent('keydown', { key: '+', bubbles: true }))")
    assert places()[2] > wide * 1.2, places()
    keep(sam, "console-diagram")
    # What is changed at a box stands in the text; what gcxc refuses is told where it was asked for.
    sam.click("button", "Change the step …")
    until("what the step has", lambda: sam.js("return [...root.querySelectorAll('dialog input')].map((one) => one.value)")[:2] == ["who", "15s"])
    assert not (faults := sam.faults()), faults
    keep(sam, "console-change-step")
    sam.write("dialog .field:nth-of-type(2) input", "none")
    sam.press(Keys.ENTER)
    sam.sees("error:")
    sam.write("dialog .field:nth-of-type(2) input", "25s")
    sam.press(Keys.ENTER)
    until("it is written in the text", lambda: "answer 25s" in sam.js("return root.querySelector('.code textarea').value"))
    until("the diagram is drawn anew", lambda: "answer 25s" in sam.js("return root.querySelector('.pictures').textContent"))
    # The tests are played as they are written.
    sam.js("root.querySelector('.tested input[type=checkbox]').click()")
    sam.js("const field = root.querySelector('.code textarea'); field.value += 'test \"nobody\" {\\n    call bills from \"+33145550101\" to \"1800\";\\n    expect stopped \"nobody\";\\n}\\n'; field.dispatchEvent(new Event('input'))")
    until("the test has passed", lambda: "1 passed" in sam.js("return root.querySelector('.tested .tests').innerText"))
    # Each way has a sign for whether a test took it, and those that none took are told.
    assert {"✓", "✗"} <= {one[0] for one in sam.js("return [...root.querySelectorAll('.pictures .sign')].map((one) => one.textContent)")}
    assert "route never ends with" in sam.js("return root.querySelector('[aria-label=\\'Ways that no test took\\']').innerText")
    # A call is played by hand: its way stands in the diagram and as a list.
    passed = lambda: sam.js("return [[...root.querySelectorAll('.pictures .passed')].length, [...root.querySelectorAll('.walked li')].map((one) => one.innerText)]")
    sam.click(".playing button", "Call")
    until("the call waits", lambda: passed()[0] >= 1 and "let who" in passed()[1][0])
    sam.click(".playing button", "To the end")
    until("nobody has come", lambda: passed()[0] >= 2 and "fails: timeout" in " ".join(passed()[1]))
    assert "the call is over" in sam.js("return root.querySelector('.playing [role=status]').innerText")
    sam.click(".playing button", "One act back")
    until("it waits again", lambda: "fails" not in " ".join(passed()[1]))
    assert not (faults := sam.faults()), faults
    keep(sam, "console-play")
    sam.driver.refresh()
    sam.click(".files button", "lines/bills.gcx")
    until("what was written is there", lambda: "vq invoices {" in sam.js("return root.querySelector('.code textarea')?.value || ''"))
    sam.chord(Keys.CONTROL, "s")
    until("both are saved", lambda: files() == ["lines/bills.gcx", "site.gcx"])
    sam.click("button", "Ask for approval …")
    sam.write("dialog input", "Calls about bills")
    sam.press(Keys.ENTER)
    sam.click("#reviews ~ ul button", "sam: Calls about bills")
    sam.sees("It cannot be said")
    sam.click("button", "Approve")
    sam.sees("You have no draft: what you see is published.")
    sam.click(".files button", "lines/bills.gcx")
    until("the file is there", lambda: ">= 5" in sam.js("return root.querySelector('.code textarea')?.value || ''"))
    sam.js("const field = root.querySelector('.code textarea'); field.value = field.value.replace('>= 5', '>= 3'); field.dispatchEvent(new Event('input'))")
    sam.click("button", "Save")
    sam.click("button", "What changes")
    sam.sees("skill Billing >= 5; → skill Billing >= 3;")
    sam.click(".patch button", "lines/bills.gcx, beside each other")
    until("both lines in one row", lambda: any(">= 5" in one and ">= 3" in one for one in sam.js("return [...root.querySelectorAll('.both-texts tbody tr')].map((one) => one.innerText)")))
    assert sam.js("const drawn = root.querySelector('.pictures svg'); return drawn.querySelectorAll('g.node').length > 3 && !drawn.querySelector('script, foreignObject, a')")
    owes_nothing(sam, "console-difference")
    # The draft meets random calls, and so does what is published.
    sam.click("button", "Simulation")
    until("the strategy of the draft", lambda: sam.js("return root.querySelector('.simulate select')?.value") == "bills")
    sam.js("for (const [at, value] of [[1, '1'], [2, '2']]) root.querySelectorAll('.studio-right input[type=number]')[at].value = value; root.querySelector('.studio-right textarea').value = '2 (Billing: 9)'")
    sam.click(".studio-right button", "Simulate")
    until("three courses of both", lambda: sam.js("return root.querySelectorAll('.studio-right .charted .key').length") == 6)
    assert not (faults := sam.faults()), faults
    assert "object" not in sam.js("return root.querySelector('.studio-right tbody').innerText")
    keep(sam, "console-simulation")
    sam.click("button", "History")
    sam.sees("Changes lines/bills.gcx")
    sam.driver.set_window_size(400, 800)
    assert not (faults := sam.faults()), faults
    sam.click(".files button", "lines/bills.gcx")
    sam.click("button", "History of this file")
    sam.click("tbody tr:last-child button", "As it was at Changes lines/bills.gcx")
    until("it is as it was", lambda: ">= 5" in sam.js("return root.querySelector('.code textarea')?.value || ''"))
    # Undo brings back what stood there before; and whoever wrote for another text than the one of now sees that one first.
    code = lambda: sam.js("return root.querySelector('.code textarea')?.value || ''")
    sam.js("document.execCommand('undo')")
    until("what stood there is back", lambda: code() and ">= 5" not in code())
    saved = code()
    sam.js("""const field = root.querySelector('.code textarea'); field.focus(); field.select(); document.execCommand('insertText', false, '// mine');
        for (const key of Object.keys(localStorage)) if (key.includes('-lines/bills.gcx')) localStorage.setItem(key, localStorage.getItem(key).replace(/"id":"[0-9a-f]+"/, '"id":"0123456789012345678901234567890123456789"'))""")
    sam.click(".files button", "lines/bills.gcx")
    sam.sees("The file was changed elsewhere since you wrote this")
    assert code() == "// mine", code()
    sam.click("button", "Take its text now")
    until("it is the text of now", lambda: code() == saved)
    assert not sam.js("return root.querySelector('.newer')")
    assert not (faults := sam.faults()), faults
    sam.driver.set_window_size(1440, 980)
    # Others change the line of a table that Sam has changed, and a file that she has removed: she is shown both sides, and says which stays.
    publishes = lambda path, text: jean.js("""const [path, text] = arguments;
        return import(`${location.origin}/wire.js`).then(async ({ get, post, putTo }) => {
            const { files } = await get('api/strategies');
            await putTo('api/strategies/file', { path, text, seen: files.find((one) => one.path === path)?.id || '' });
            await post('api/strategies/review', { on: true });
            const { commit } = (await get('api/strategies')).reviews.find(({ by }) => by === 'jean');
            await putTo('api/strategies/review', { by: 'jean', commit, approve: true });
        })""", path, text)

    def takes_in():
        sam.click("#pages a", "Now")
        sam.click("#pages a", "Strategies")
        sam.click("button", "Take in")

    publishes("numbers.csv", "one\n2\n")
    publishes("gone.csv", "one\n")
    takes_in()
    until("what others have published is there", lambda: {"gone.csv", "numbers.csv"} <= set(files()))
    sam.click(".files button", "gone.csv")
    until("the file is there", lambda: code() == "one\n")
    sam.write(".code textarea", "one\nnot saved\n")
    sam.click("button", "Remove")
    gone = lambda: "gone.csv not saved yet" in " ".join(sam.js("return root.querySelector('.files').innerText").split())
    until("it is gone, but for what was not saved", gone)
    sam.click(".files button", "numbers.csv")
    until("the file is there", lambda: code() == "one\n2\n")
    sam.write(".code textarea", "1\n2\n")
    sam.click("button", "Save")
    until("it is saved", lambda: sam.js("return root.querySelector('.studio-file .quiet').textContent") == "")
    sam.write(".code textarea", "1\n2\nnot saved\n")
    publishes("numbers.csv", "eins\n2\n")
    publishes("gone.csv", "eins\n")
    takes_in()
    sam.sees("You have removed it, and others have changed it.")
    sam.sees("You and others have changed the same lines.")
    assert "-eins\n" in sam.text() and "+1\n" in sam.text(), sam.text()
    owes_nothing(sam, "console-take-in")
    reaches_all(sam)
    for file, side in (("gone.csv", "Take theirs"), ("numbers.csv", "Keep my lines")):
        sam.click(".studio-right button", "Take in")  # nothing is sent before all is chosen
        sam.js("""[...[...root.querySelectorAll('fieldset')].find((one) => one.querySelector('legend').textContent === arguments[0]).querySelectorAll('label')]
            .find((one) => one.textContent === arguments[1]).click()""", file, side)
    assert gone()
    sam.click(".studio-right button", "Take in")
    until("theirs is there again", lambda: "gone.csv" in files() and not gone())
    sam.sees("What your draft changes")
    sam.click(".files button", "numbers.csv")
    until("what was not saved is there", lambda: code() == "1\n2\nnot saved\n")
    sam.click(".files button", "gone.csv")
    until("what was not saved when it was removed is there", lambda: code() == "one\nnot saved\n")
    sam.click("button", "Take its text now")
    until("it is theirs", lambda: code() == "eins\n")
    # A file that is open, and that others alone have changed, is shown as it is then.
    publishes("gone.csv", "zwei\n")
    sam.click("#pages a", "Now")
    sam.click("#pages a", "Strategies")
    sam.click(".files button", "gone.csv")
    until("it is as it was", lambda: code() == "eins\n")
    sam.click("button", "Take in")
    until("it is as others have published it", lambda: code() == "zwei\n")
    # What another window has written meanwhile is no change of what this one saves; and the page may be left while it saves.
    sam.write(".code textarea", "eins\nzwei\n")
    sam.js("""const key = Object.keys(localStorage).find((one) => one.includes('-gone.csv\\n')), kept = JSON.parse(localStorage.getItem(key));
        localStorage.setItem(key.replace(/\\n.*/, '\\nclosed'), JSON.stringify({ ...kept, value: { ...kept.value, text: 'of another window' } }));
        [...root.querySelectorAll('button')].find((one) => one.innerText === 'Save').click();
        [...root.querySelectorAll('#pages a')].find((one) => one.innerText === 'Now').click()""")
    sam.sees("gone.csv is saved in your draft")
    assert not (notes := sam.js("return [...root.querySelectorAll('.note')].map((one) => one.innerText)")), notes
    sam.click("#pages a", "Strategies")
    sam.click(".files button", "gone.csv")
    sam.sees("The file was changed elsewhere since you wrote this")
    assert code() == "of another window", code()
    sam.click("button", "Take its text now")
    until("it is what was saved", lambda: code() == "eins\nzwei\n")
    # Two windows on one file write over no text of each other's: each tells the other's, and what a closed one has left is taken.
    sam.write(".code textarea", "of the first\n")
    first, there = sam.window, set(sam.driver.window_handles)
    sam.js("window.open(location.href)")
    sam.window, = set(sam.driver.window_handles) - there
    sam.driver.execute_cdp_cmd("Emulation.setFocusEmulationEnabled", {"enabled": True})
    sam.click(".files button", "gone.csv")
    until("the first one's is offered", lambda: "of the first" in sam.js("return root.querySelector('.newer pre')?.textContent || ''"))
    assert code() == "eins\nzwei\n", code()
    sam.write(".code textarea", "of the second\n")
    sam.driver.refresh()
    sam.click(".files button", "gone.csv")
    until("its own is there after a reload", lambda: code() == "of the second\n")
    sam.driver.close()
    sam.window = first
    sam.sees("Another window has a text of this file that is not saved")
    assert code() == "of the first\n", code()
    owes_nothing(sam, "console-windows")
    sam.click("button", "Take its text")
    until("it is the second one's", lambda: code() == "of the second\n" and not sam.js("return root.querySelector('.newer')"))
    sam.driver.refresh()
    sam.click(".files button", "gone.csv")
    until("it is there after a reload", lambda: code() == "of the second\n")
    sam.click("button", "Save")
    until("it is saved", lambda: sam.js("return root.querySelector('.studio-file .quiet').textContent") == "")
    assert not sam.js("return Object.keys(localStorage).some((one) => one.includes('-gone.csv'))")
    # Where nobody can say which windows are there, what another one has written is copied, and stays.
    sam.js("""return import(`${location.origin}/wire.js`).then(async ({ get }) => {
            const { agent } = await get('api/me'), { id } = await get('api/strategies/file', { path: 'gone.csv' }), at = Date.now();
            localStorage.setItem(`gcx-desk-draft-strategy-${agent}-gone.csv\\nanother`, JSON.stringify({ at, value: { text: 'of another\\n', id, at } }));
            navigator.locks.query = () => Promise.reject(new Error('There are no locks.'));
        })""")
    sam.click(".files button", "gone.csv")
    until("it is there", lambda: code() == "of another\n")
    both = lambda: sam.js("return Object.keys(localStorage).filter((one) => one.includes('-gone.csv\\n')).length") == 2
    assert both()
    sam.write(".code textarea", "of this one\n")
    sam.sees("Another window has a text of this file that is not saved")
    assert not sam.js("return [...root.querySelectorAll('.newer button')].some((one) => one.innerText === 'Discard …' && one.checkVisibility())")
    sam.click("button", "Take its text")
    until("it is the other one's", lambda: code() == "of another\n")
    assert both()
    sam.js("delete navigator.locks.query; for (const key of Object.keys(localStorage)) if (key.includes('-gone.csv\\n')) localStorage.removeItem(key)")
    # Of two files that are chosen one after the other the second is shown, though the first comes later.
    sam.js("""const real = window.fetch, held = new Promise((done) => { window.let_go = done; });
        window.fetch = async (path, ...more) => {
            if (!String(path).includes('numbers.csv')) return real(path, ...more);
            window.fetch = real;
            await held;
            return real(path, ...more).finally(() => setTimeout(() => { window.came = true; }, 300));
        };""")
    sam.click(".files button", "numbers.csv")
    sam.click(".files button", "lines/bills.gcx")
    until("the second is shown", lambda: sam.js("return root.querySelector('#path')?.innerText") == "lines/bills.gcx")
    sam.js("window.let_go()")
    until("the first has come", lambda: sam.js("return window.came"))
    assert sam.js("return root.querySelector('#path').innerText") == "lines/bills.gcx"
    # A file that cannot be read takes the place of nothing: the rollouts that are shown are looked at again.
    sam.click("button", "Rollouts")
    sam.sees("There was no rollout yet.")
    sam.js("""window.real = window.fetch;
        window.looks = 0;
        window.fetch = async (path, ...more) => {
            if (String(path).includes('numbers.csv')) throw new Error('It cannot be read.');
            if (String(path).includes('running/rollouts')) window.looks++;
            return window.real(path, ...more);
        };""")
    sam.click(".files button", "numbers.csv")
    until("the file is not read", lambda: sam.js("return root.querySelector('.note')"))
    sam.js("window.looks = 0")
    until("the rollouts are looked at", lambda: sam.js("return window.looks") > 0)
    sam.js("window.fetch = window.real")
    sam.click(".note button")
    sam.click("#pages a", "Now")
    # What a shadow has found of a version is still there when its rollout has begun.
    found = sam.js("""const real = window.fetch, answers = [['running/rollouts', { rollouts: [] }], ['running/points', { routing_points: [{ dn: 'service', strategy: 'talks' }] }], ['shadow', { text: 'They differ in nothing.' }], ['', {}]];
        let looks = 0;
        window.fetch = (path) => {
            if (String(path).includes('running/rollouts')) looks++;
            return Promise.resolve(new Response(JSON.stringify(answers.find(([part]) => String(path).includes(part))[1]), { headers: { 'Content-Type': 'application/json' } }));
        };
        return import(`${location.origin}/console/strategies_rollout.js`).then(async ({ rolloutsOf }) => {
            const one = await rolloutsOf(() => {}, 'c0ffee'), said = one.querySelector('pre'), texts = [];
            const is = async (holds) => { while (!holds()) await new Promise((done) => setTimeout(done)); texts.push(said.hidden ? null : said.textContent); };
            [...one.querySelectorAll('button')].find((button) => button.textContent === 'What both decide from now on').click();
            await is(() => said.textContent.includes('nothing'));
            one.querySelector('form').dispatchEvent(new Event('submit', { cancelable: true }));
            await is(() => looks === 2);
            return texts;
        }).finally(() => { window.fetch = real; })""")
    assert found == ["They differ in nothing."] * 2, found


# In the editor, where the build has it: what gcxc answers is for the text that it was asked about, and harms no other.
def the_editor_changes_the_text_that_gcxc_has_read():
    if not sam.driver.execute_async_script("const done = arguments[0]; fetch('/api/me').then((answer) => answer.json()).then((me) => done(me.editor))"):
        return
    within = "root.querySelector('.code.editor').shadowRoot"
    code = lambda: sam.js(f"return [...{within}.querySelectorAll('.cm-line')].map((one) => one.textContent).join('\\n')")
    late = lambda after_ms: sam.js("window.late = arguments[0]", after_ms)
    meanwhile = "The text was changed meanwhile: do it again."

    def writes(before, text):
        sam.js(f"{within}.querySelector('.cm-content').focus()")
        sam.chord(Keys.CONTROL, Keys.HOME)
        lines = code().split(before)[0].split("\n") if before else [""]
        sam.press(Keys.ARROW_DOWN * (len(lines) - 1) + Keys.ARROW_RIGHT * len(lines[-1]) + text)

    sam.js("""localStorage.removeItem('gcx-console-plain');
        const { send } = WebSocket.prototype;
        WebSocket.prototype.send = function (text) { window.language = this; if (window.late) setTimeout(() => send.call(this, text), window.late); else send.call(this, text); };""")
    sam.click("#pages a", "Strategies")
    sam.click(".files button", "lines/bills.gcx")
    until("the file is there", lambda: "vq invoices {" in code())
    # A name is to be another one, and something is written before the answer comes.
    asked = lambda: sam.js("return root.querySelector('dialog input')?.value") == "who"
    until("it asks for the name", lambda: asked() or writes("who = select", Keys.F2))  # gcxc may not be there yet
    sam.write("dialog input", "whom")
    late(1500)
    sam.press(Keys.ENTER)
    writes("", "// above" + Keys.ENTER)
    sam.sees(meanwhile)
    late(0)
    assert code().startswith("// above\n") and "let who = select" in code() and "whom" not in code(), code()
    sam.click(".note button")
    # The server closes the connection of a text that is too large for it: the page says what is missing then.
    sam.js("const { onclose } = window.language; window.language.onclose = null; window.language.close(); onclose({ code: 1009 })")
    sam.sees("This file is too large for help while it is written")
    until("the connection is closed", lambda: sam.js("return window.language.readyState === WebSocket.CLOSED"))
    # It is asked again when the file is saved, which may be smaller then.
    sam.click("button", "Save")
    until("there is help again", lambda: "This file is too large" not in sam.text())
    sam.js("localStorage.setItem('gcx-console-plain', 'yes')")
    sam.click("#pages a", "Now")


# Marie accepts a mail, begins the answer and leaves it: she is warned and loses it, and Jean goes on with what she wrote.
def what_is_left_lying_goes_on():
    state(jean, "E-mail", "Not ready")
    state(marie, "E-mail", "Ready")
    letter_comes("max", "Is the shop open?", "On Sunday?", to="soon")
    marie.click("#offers button", "Accept")
    marie.click("#own .entry", "E-MAIL")
    marie.sees("reply in")
    marie.find(".pane:not([hidden]) .editor textarea").send_keys("From ten o'clock on")
    marie.sees("wants a reply by")
    keep(marie, "desk-reply-due")
    marie.sees("it was not replied to in time, and goes to somebody else")
    state(jean, "E-mail", "Ready")
    jean.click("#offers button", "Accept")
    jean.click("#own .entry", "E-MAIL")
    jean.sees("Begun by Marie Laurent")
    until("what she wrote is there", lambda: jean.js("return root.querySelector('.pane:not([hidden]) .editor textarea').value") == "From ten o'clock on")
    keep(jean, "desk-begun")
    jean.find(".pane:not([hidden]) .editor textarea").send_keys(", yes.")
    until("it is kept with the mail", lambda: jean.driver.execute_async_script("""const done = arguments[0];
        import(`${location.origin}/work.js`).then((work) => done(work.all().some((one) => (one.data.draft || "").endsWith("yes."))))"""))
    jean.js("localStorage.clear()")  # as another browser of his
    jean.driver.refresh()
    jean.sees("You began it at another browser")
    until("what he wrote is there", lambda: jean.js("return root.querySelector('.pane:not([hidden]) .editor textarea').value") == "From ten o'clock on, yes.")
    jean.click("button", "Send and finish")
    until("it is answered", lambda: "Is the shop open?" not in jean.js("return root.querySelector('#own').innerText"))
    for browser in (jean, marie):
        state(browser, "E-mail", "Not ready")


def a_whole_day_by_keyboard_alone():
    """From log in to log out marie's hands are on the keys: no event of a mouse is sent, and the focus is set nowhere."""
    own = lambda: marie.js("return root.querySelector('#own').innerText")

    def at(label, *keys):
        marie.tab_to(label)
        marie.press(*keys)

    jean.open(desk + "/")
    until("jean is asked for", lambda: jean.js("return root.querySelector('#login')?.checkVisibility() || root.querySelector('#states select')"))
    if jean.js("return root.querySelector('#login').checkVisibility()"):
        enters(jean)
    state(jean, "Chat", "Not ready")
    marie.js("window.mouse = 0; for (const kind of ['pointerdown', 'mousedown', 'mousemove', 'wheel', 'touchstart']) addEventListener(kind, () => { window.mouse++; }, true)")
    at("Log out", Keys.ENTER)
    marie.sees("You are logged out.")
    at("Name", "marie", Keys.TAB, "secret", Keys.ENTER)
    marie.sees("Nothing. Work that you accept")
    marie.chord(Keys.ALT, "p")
    marie.press("ready")
    # A chat: accepted, answered, handed on with a reason.
    customer.open(site.origin + "/")
    customer.click("button", "Open the chat")
    until("they write", lambda: customer.focused() == "Your message")
    customer.press("Is it open today?", Keys.ENTER)
    marie.find("#offers article")
    marie.chord(Keys.ALT, "a")
    until("marie can write", lambda: marie.focused() == "Your message")
    marie.press("I ask a colleague.", Keys.ENTER)
    customer.sees("I ask a colleague.")
    state(jean, "Chat", "Ready")
    marie.chord(Keys.ALT, "m")
    marie.find(".choices button", "Jean Moreau")
    marie.press("jean", Keys.TAB, Keys.TAB, "Knows the hours.", Keys.TAB, Keys.ENTER)
    jean.find("#offers article")
    jean.sees("Knows the hours.")
    jean.chord(Keys.ALT, "a")
    marie.sees("Nothing. Work that you accept")
    # A mail: all who had it are answered, with a file.
    before = answers()
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Cc"] = "Ida Weber <ida@weber.example>", "service@shop.example", "lea@weber.example"
    letter["Subject"], letter["Message-ID"] = "The terms", "<terms@weber.example>"
    letter.set_content("May I have the terms?")
    with smtplib.LMTP("127.0.0.1", lmtp) as server:
        server.sendmail("ida@weber.example", ["service@shop.example"], letter.as_bytes())
    letter_comes("ole", "No question", "It has come.")
    at("mail", Keys.ENTER)
    marie.sees("No question")
    at("Take The terms", Keys.ENTER)
    until("she has it", lambda: "The terms" in own())
    marie.chord(Keys.ALT, "1")
    marie.sees("May I have the terms?")
    marie.chord(Keys.ALT, "c")
    until("all are answered", lambda: "lea@weber.example" in marie.js("return [...root.querySelectorAll('.pane:not([hidden]) .editor input')].map((one) => one.value)"))
    with open(f"{folder}/terms.txt", "w") as file:
        file.write("terms")
    marie.driver.execute_cdp_cmd("Page.setInterceptFileChooserDialog", {"enabled": True})
    marie.js("addEventListener('click', (event) => { if (event.target.type === 'file') window.chooses = event.target; }, true)")
    marie.chord(Keys.ALT, "u")
    until("a file is asked for", lambda: marie.js("return window.chooses")).send_keys(f"{folder}/terms.txt")
    marie.find("button", "Do not attach terms.txt")
    at("Your answer", "Here they are.")
    keep(marie, "desk-keyboard")
    marie.chord(Keys.CONTROL, Keys.ENTER)
    until("it is sent", lambda: answers() == before + 1 and "The terms" not in own())
    # Another one needs no answer: a note, the wrap-up code, done.
    at("mail", Keys.ENTER)
    at("Take No question", Keys.ENTER)
    until("she has it", lambda: "No question" in own())
    marie.chord(Keys.ALT, "1")
    at("For colleagues only", "Nothing to do.", Keys.TAB, Keys.ENTER)
    until("the note is kept", lambda: "Nothing to do." in marie.js("return root.querySelector('.pane:not([hidden]) .colleagues').innerText"))
    at("Wrap-up code", "q")
    marie.chord(Keys.ALT, "x")
    until("it is done", lambda: "No question" not in own())
    # A macro answers, tags and finishes.
    letter_comes("uwe", "Where it is", "It has not come.")
    at("mail", Keys.ENTER)
    at("Take Where it is", Keys.ENTER)
    until("she has it", lambda: "Where it is" in own())
    marie.chord(Keys.ALT, "1")
    at("Your answer", "/comes")
    marie.find(".slash:not([hidden]) [aria-selected=true]", "Comes tomorrow")
    marie.press(Keys.ENTER)
    until("the macro has answered and finished", lambda: answers() == before + 2 and "Where it is" not in own())
    # A call and a text: what the server would say comes from here, and what it is asked stays here.
    marie.js("""return Promise.all(["main", "phone", "work"].map((name) => import(`${location.origin}/${name}.js`))).then(([main, phone, work]) => {
        const { desk } = main, before = desk.me.conversations;
        window.said = [];
        desk.socket.ask = (type, fields = {}) => { if (type === "ping") return Object.getPrototypeOf(desk.socket).ask.call(desk.socket, type, fields); if (!["look", "draft", "typing"].includes(type)) said.push([type, fields.op || fields.text || fields.wrapup || ""].join(" ").trim()); return Promise.resolve({ok: true}); };
        desk.me.phone = true;
        desk.me.conversations = [...before, "sms"];
        window.call = (state) => phone.heard.call({type: "call", conn: "1", state, number: "+33145550101", data: {}});
        window.over = () => { delete desk.socket.ask; desk.me.phone = false; desk.me.conversations = before; phone.make_(); };
        phone.make_();
        phone.heard.phone({type: "phone", state: "ready", reason: "", dn: "7001", calls: []});
        call("ringing");
        work.heard.opened({type: "opened", claim: "1", ixn: "1-0000000000zz", media: "sms", external_id: "1", from: "+33145550102", received: Date.now(), may: ["message", "done"], data: {}, others: [], stored: Promise.resolve({interaction: 1})});
    })""")
    marie.sees("rings")
    marie.chord(Keys.ALT, "t")
    marie.js("call('talking')")
    marie.find("#phone button", "Hold")
    marie.chord(Keys.ALT, "h")
    marie.js("call('held')")
    marie.find("#phone button", "Retrieve")
    marie.chord(Keys.ALT, "h")
    marie.js("call('talking')")
    marie.find("#phone button", "Hold")
    marie.chord(Keys.ALT, "r")
    marie.js("call('released')")
    until("the text is in her hands", lambda: "+33145550102" in own())
    marie.chord(Keys.ALT, "1")
    until("she can write", lambda: marie.focused() == "Your message")
    marie.press("Tomorrow at ten.", Keys.ENTER)
    until("it is said", lambda: "message Tomorrow at ten." in marie.js("return said"))
    marie.chord(Keys.ALT, "x")
    until("it is done", lambda: "+33145550102" not in own())
    assert (said := marie.js("return said")) == ["phone answer", "phone hold", "phone retrieve", "phone release", "message Tomorrow at ten.", "done"], said
    marie.js("over()")
    # Lunch; then a mail of last month is looked for.
    states = lambda: marie.js("return [...root.querySelectorAll('#states details .field')].map((one) => one.querySelector('select').value)")
    marie.chord(Keys.ALT, "p")
    marie.press("not ready: l")
    until("all media are at lunch", lambda: set(states()) == {"not_ready:lunch"})
    marie.chord(Keys.ALT, "k")
    marie.press("no quest", Keys.ENTER)
    marie.find(".found summary")
    marie.press(Keys.TAB, Keys.TAB, Keys.ENTER)
    marie.sees("It has come.")
    marie.sees("Nothing to do.")
    marie.press(Keys.ESCAPE)
    marie.driver.execute_async_script("const done = arguments[0]; import(`${location.origin}/undo.js`).then(({ undoable }) => { undoable('Set aside.', () => {}); done(); })")
    marie.driver.execute_async_script("const done = arguments[0]; import(`${location.origin}/dom.js`).then(({ make, noteTo }) => { noteTo(make('p', { class: 'note' }, 'This was not sent: He is rude')); done(); })")
    at("Log out", Keys.ENTER)
    marie.sees("You are logged out.")
    assert not marie.js("return root.querySelector('#notes').innerText"), "whoever logs in next could undo and read it"
    assert marie.js("return window.mouse") == 0, "a mouse was used, or the page was loaded anew"
    # The customer ends the chat in mid-sentence: what was begun and the code that is chosen are there, also after a reload.
    jean.write(".pane:not([hidden]) .composer textarea", "We are open un")
    jean.js("const code = [...root.querySelectorAll('.pane:not([hidden]) header select')].at(-1); code.value = 'question_answered'; code.dispatchEvent(new Event('change', { bubbles: true }))")
    customer.click("button", "End the chat")
    jean.sees("The customer has gone: this was not sent.")
    jean.driver.refresh()
    jean.click("#own .entry", "CHAT")
    jean.sees("The customer has gone: this was not sent.")
    assert jean.js("return root.querySelector('.pane:not([hidden]) .composer textarea').value") == "We are open un"
    assert jean.js("return [...root.querySelectorAll('.pane:not([hidden]) header select')].at(-1).value") == "question_answered"
    owes_nothing(jean, "desk-over")
    jean.click(".pane:not([hidden]) .done", "Done")
    jean.sees("Nothing. Work that you accept")
    at("Name", "marie", Keys.TAB, "secret", Keys.ENTER)
    marie.sees("Nothing. Work that you accept")


def takes(browser, subject, where="mail"):
    browser.click("#bins button", where)
    browser.click("button", f"Take {subject}")
    until(f"{browser.name} has {subject}", lambda: browser.js("const one = [...root.querySelectorAll('#own .entry')].find((one) => one.innerText.includes(arguments[0])); one?.click(); return Boolean(one)", subject))
    until(f"{browser.name} reads {subject}", lambda: browser.js("return [...root.querySelectorAll('.pane:not([hidden]) h2')].some((one) => one.innerText === arguments[0])", subject))


# What was forwarded went to somebody else; what is written next is an answer to the customer again.
def the_next_answer_goes_to_the_customer():
    fields = lambda: marie.js("return [...root.querySelectorAll('.pane:not([hidden]) .editor .fields :is(input, select)')].map((one) => one.value)")
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"], letter["Message-ID"] = "eva@weber.example", "service@shop.example", "Whose is it", "<whose@weber.example>"
    letter.set_content("Please tell me.")
    letter.add_attachment(PICTURE, maintype="image", subtype="png", filename="damage.png", disposition="inline", cid="<damage@weber.example>")
    with smtplib.LMTP("127.0.0.1", lmtp) as server:
        server.sendmail("eva@weber.example", ["service@shop.example"], letter.as_bytes())
    takes(marie, "Whose is it")
    begun = fields()
    assert begun[0] == "eva@weber.example" and begun[2] == "Re: Whose is it", begun
    goes_to = lambda whom: marie.js("const one = root.querySelector('.pane:not([hidden]) .editor .fields input'); one.value = arguments[0]; one.dispatchEvent(new Event('input', { bubbles: true }))", whom)
    goes_to("eva@home.example")
    marie.click(".pane:not([hidden]) .editor button", "Forward")  # before the letter is seen, it may be
    attached = lambda: marie.js("return root.querySelector('.pane:not([hidden]) .editor .files').innerText")
    until("it is to be forwarded with its file", lambda: fields()[2] == "Fwd: Whose is it" and "damage.png" in attached())
    marie.click("#notes .undo button", "Undo")
    until("it is an answer again, without the file", lambda: fields() == ["eva@home.example", *begun[1:]] and not attached())
    assert marie.js("return root.querySelector('.pane:not([hidden]) .editor textarea').value") == ""
    goes_to("eva@weber.example")
    marie.click(".pane:not([hidden]) .editor button", "Forward")
    until("it is to be forwarded", lambda: fields()[2] == "Fwd: Whose is it")
    marie.js("""const [to, , , bcc, , receipt] = root.querySelectorAll('.pane:not([hidden]) .editor .fields :is(input, select)');
        to.value = "insurer@else.example"; bcc.value = "boss@weber.example"; receipt.value = "yes"; to.dispatchEvent(new Event('input', { bubbles: true }))""")
    before = answers()
    marie.click(".pane:not([hidden]) .editor button", "Send")  # its file is on the way, and goes with it
    until("it is forwarded", lambda: goes_with("damage.png") == 1 and answers() == before + 1 and fields() != ["insurer@else.example", "", "Fwd: Whose is it", "boss@weber.example", "", "yes"])
    assert fields() == begun, fields()
    marie.click(".pane:not([hidden]) .done", "Done")
    marie.sees("Nothing. Work that you accept")


# Undo takes back what the act did, and nothing that was written and given since.
def undo_leaves_what_was_written_since():
    text = lambda: marie.js("const one = root.querySelector('.pane:not([hidden]) .editor textarea'); return one.hidden ? root.querySelector('.pane:not([hidden]) .rich').innerHTML : one.value")
    tags = lambda: marie.js("return [...root.querySelectorAll('.pane:not([hidden]) .tags .tag')].map((one) => one.innerText.replace('×', '').trim())")
    letter_comes("eva", "How long", "Still not here.")
    takes(marie, "How long")
    marie.find(".pane:not([hidden]) .editor textarea").send_keys("/gree")
    marie.find(".slash:not([hidden]) [aria-selected=true]", "Greet")
    marie.press(Keys.ENTER)
    until("the macro has answered and tagged", lambda: "it comes tomorrow" in text() and tags() == ["Urgent"])
    marie.find("#notes .undo button", "Undo")
    marie.press(" And I am sorry.")
    marie.js("const one = root.querySelector('.pane:not([hidden]) .tags select'); one.value = 'parcel'; one.dispatchEvent(new Event('change'))")
    until("another tag is given", lambda: tags() == ["Urgent", "Parcel"])
    marie.chord(Keys.ALT, "z")
    marie.sees("What you have written since stays in the field.")
    until("the macro's tag is gone", lambda: tags() == ["Parcel"])
    assert text().endswith("it comes tomorrow. And I am sorry."), text()
    # What was written with layout comes back with it.
    marie.click(".pane:not([hidden]) .editor button", "Layout")
    marie.js("const rich = root.querySelector('.pane:not([hidden]) .rich'); rich.innerHTML = '<p><b>Soon</b></p>'; rich.dispatchEvent(new Event('input', { bubbles: true }))")
    marie.driver.execute_async_script("""const done = arguments[0]; Promise.all(["work", "undo"].map((name) => import(`${location.origin}/${name}.js`))).then(([work, { undoable }]) => {
        undoable('It is taken over.', work.all()[0].body.draftTake('Tomorrow')); done(); })""")
    assert text() == "Tomorrow", text()
    marie.chord(Keys.ALT, "z")
    until("it has its layout", lambda: text() == "<p><b>Soon</b></p>")
    marie.js("window.confirm = () => true")
    marie.click(".pane:not([hidden]) .done", "Done")
    marie.sees("Nothing. Work that you accept")


# What was written, whatever becomes of the letter, is not lost without a question; a signature alone is no answer.
def nothing_that_was_written_is_lost():
    text = lambda: marie.js("return root.querySelector('.pane:not([hidden]) .editor textarea').value")
    copy = "root.querySelectorAll('.pane:not([hidden]) .editor .fields input')[1]"
    for subject in ("How many", "How much"):
        letter_comes("eva", subject, "Tell me.", "office")
        takes(marie, subject)
        until("it is signed", lambda: "The office" in text())
    before = answers()
    marie.click(".pane:not([hidden]) .editor button", "Send")
    marie.sees("The answer is empty.")
    # A macro that puts it elsewhere, and Undo: it is all there again, and lies with the letter at once.
    marie.js(f"const field = root.querySelector('.pane:not([hidden]) .editor textarea'), copy = {copy}; copy.value = 'max@weber.example'; field.value = 'long '.repeat(1000);"
             "for (const one of [field, copy]) one.dispatchEvent(new Event('input', { bubbles: true })); field.focus(); field.setSelectionRange(5000, 5000)")
    marie.press("/urg")
    marie.find(".slash:not([hidden]) [aria-selected=true]", "Urgent")
    marie.press(Keys.ENTER)
    until("it lies in the workbin", lambda: "How much" not in marie.js("return root.querySelector('#own').innerText"))
    marie.chord(Keys.ALT, "z")
    until("she has it again", lambda: marie.js("const one = [...root.querySelectorAll('#own .entry')].find((one) => one.innerText.includes('How much')); one?.click(); return Boolean(one)"))
    until("all is there", lambda: text() == "long " * 1000 and marie.js(f"return {copy}.value") == "max@weber.example")
    assert marie.driver.execute_async_script("const done = arguments[0]; import(`${location.origin}/work.js`).then((work) => done(work.all().find((one) => one.subject === 'How much').data.draft.length))") == 4000
    # Whoever merges it, or ends it by a macro, is asked first.
    marie.js("window.questions = []; window.confirm = (text) => { questions.push(text); return false; }")
    marie.click(".pane:not([hidden]) .editor button", "Merge …")
    marie.click(".choices button", "How many")
    until("she is asked", lambda: marie.js("return questions.length") == 1)
    marie.press(Keys.ESCAPE)
    marie.js("const field = root.querySelector('.pane:not([hidden]) .editor textarea'); field.focus(); field.setSelectionRange(5000, 5000)")
    marie.press("/clo")
    marie.find(".slash:not([hidden]) [aria-selected=true]", "Close")
    marie.press(Keys.ENTER)
    until("she is asked again", lambda: marie.js("return questions.length") == 2)
    assert text() == "long " * 1000 and answers() == before, answers()
    marie.js("window.confirm = () => true")
    for left in (1, 0):
        marie.click(".pane:not([hidden]) .done", "Done")
        until("it is done", lambda: marie.js("return root.querySelectorAll('#own .entry').length") == left)


def puts(browser, where):
    browser.click(".pane:not([hidden]) button", "Hand on …")
    browser.click(".choices button", where)
    browser.sees("Nothing. Work that you accept")


# Two write at one answer, one after the other: each goes on from the other's text, and has the own one beside it.
def a_colleague_goes_on_with_a_draft():
    text = lambda browser: browser.js("return root.querySelector('.pane:not([hidden]) .editor textarea').value")
    kept = lambda browser: browser.driver.execute_async_script("const done = arguments[0]; import(`${location.origin}/work.js`).then((work) => done(work.all()[0].data.draft || ''))")
    letter_comes("eva", "The price", "How much is it?")
    takes(marie, "The price")
    marie.find(".pane:not([hidden]) .editor textarea").send_keys("It costs 12 EUR")
    until("it lies with the mail", lambda: kept(marie) == "It costs 12 EUR")
    puts(marie, "mail")
    takes(jean, "The price")
    until("jean has what she wrote", lambda: text(jean) == "It costs 12 EUR")
    jean.find(".pane:not([hidden]) .editor textarea").send_keys(", and 9 from Monday on.")
    theirs = "It costs 12 EUR, and 9 from Monday on."
    until("it lies with the mail", lambda: kept(jean) == theirs)
    puts(jean, "mail")
    takes(marie, "The price")
    until("she has what he made of it", lambda: text(marie) == theirs)
    assert not (faults := marie.faults()), faults
    marie.click(".editor button", "Take what you had written")
    until("she has her own", lambda: text(marie) == "It costs 12 EUR")
    marie.chord(Keys.ALT, "z")
    until("she has his again", lambda: text(marie) == theirs)
    marie.find(".pane:not([hidden]) .editor textarea").send_keys(" Yours")
    marie.driver.refresh()
    marie.click("#own .entry", "E-MAIL")
    until("she goes on with his", lambda: text(marie) == theirs + " Yours")
    marie.find(".editor button", "Take what you had written")
    marie.click(".pane:not([hidden]) .editor button", "Send")
    marie.sees("Sent at")
    assert not marie.js("return root.querySelector('.pane:not([hidden]) .own-before').checkVisibility()")  # it was for the answer that is sent
    marie.click(".pane:not([hidden]) .done", "Done")
    marie.sees("Nothing. Work that you accept")
    # A reviewer who began another version finds the one that the author made since.
    takes(jean, "Re: The price", "outgoing")
    until("jean has the version", lambda: text(jean) == theirs + " Yours")
    jean.find(".pane:not([hidden]) .editor textarea").send_keys(", Jean")
    puts(jean, "outgoing")
    takes(marie, "Re: The price", "outgoing")
    until("marie has her version", lambda: text(marie) == theirs + " Yours")
    marie.find(".pane:not([hidden]) .editor textarea").send_keys(", Marie")
    marie.click("button", "Send on")
    marie.sees("Nothing. Work that you accept")
    takes(jean, "Re: The price", "outgoing")
    until("jean has the newer version", lambda: text(jean) == theirs + " Yours, Marie")
    jean.click(".editor button", "Take what you had written")
    until("jean has his own", lambda: text(jean) == theirs + " Yours, Jean")
    jean.js("window.confirm = () => true")
    jean.click(".pane:not([hidden]) .done", "Discard")
    jean.sees("Nothing. Work that you accept")


# The server gives a long conversation in pieces, and each piece is asked for once.
def what_was_said_is_shown_whole():
    all_of = lambda lines: marie.js("""const [lines] = arguments, real = window.fetch, asked = [];
        window.fetch = (path, ...rest) => {
            const url = new URL(path), after = Number(url.searchParams.get('after') || 0);
            if (!url.pathname.endsWith('/interactions/7/transcript')) return real(path, ...rest);
            asked.push(after);
            const messages = Array.from({ length: Math.min(Number(url.searchParams.get('limit')), lines - after) }, (_, at) => ({ index: after + at + 1 }));
            return Promise.resolve(new Response(JSON.stringify({ messages }), { headers: { 'Content-Type': 'application/json' } }));
        };
        return import(`${location.origin}/contact.js`).then(({ transcriptWhole }) => transcriptWhole(7))
            .then((all) => [all.length, all.at(-1)?.index, asked]).finally(() => { window.fetch = real; })""", lines)
    assert all_of(403) == [403, 403, [0, 200, 400]], all_of(403)
    assert all_of(200) == [200, 200, [0, 200]] and all_of(3) == [3, 3, [0]], (all_of(200), all_of(3))


def nobody_complains():
    for browser in (marie, jean, sam):
        wrong = [one for one in browser.complaints() if "/api/me" not in one and "/api/login" not in one and "WebSocket" not in one
                 and not ("/letter" in one and ("Blocked script" in one or "Security Policy" in one))  # what a hostile mail wanted
                 and not ("/api/" in one and "net::ERR_" in one)  # the network was cut: the page asks again
                 and not ("/api/open/1-00000000zzzz " in one and "404" in one)  # a link to what is not there
                 and not (("/api/supervisor/settings/patience" in one or "/api/supervisor/settings/queue_targets" in one or "/api/supervisor/interactions/" in one) and "409" in one)  # somebody else was first
                 and not ("/api/strategies/" in one and "409" in one)]  # a text that is being written has no diagram, a change may have an error
        assert not wrong, (browser.name, wrong)
    marie.tab_to("Log out")
    marie.press(Keys.ENTER)
    marie.sees("You are logged out.")


# Texts of the pages that stand there in English, and so without a mark. Rows of tables are the site's.
UNMARKED = """const texts = [...root.querySelectorAll('[aria-label], [title], [placeholder]')].flatMap((one) => ['aria-label', 'title', 'placeholder'].map((name) => one.getAttribute(name) || ''));
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) if (walk.currentNode.parentElement.checkVisibility() && !walk.currentNode.parentElement.closest('td, tbody th')) texts.push(walk.currentNode.data);
    return fetch('/languages/fr.json').then((answer) => answer.json()).then((rows) => [...new Set(texts)].filter((text) => /[a-z]{3}/.test(text) && Object.hasOwn(rows, text)));"""


def pages_speak_a_language_of_the_site():
    sam.open(desk + "/")
    sam.sees("Supervision")
    sam.js("const choice = [...root.querySelectorAll('#self select')][0]; choice.value = 'he'; choice.dispatchEvent(new Event('change'))")
    sam.sees("⟦Log out")
    assert sam.js("return [root.documentElement.lang, root.documentElement.dir]") == ["he", "rtl"]
    for place, ready in (("/", "⟦In your hands"), ("/console/#/now", "⟦Longest wait"), ("/console/#/change", "⟦What you may change"), ("/console/#/history", "⟦Ended interactions"), ("/console/#/today", "⟦Today")):
        sam.open(desk + place)
        sam.sees(ready)
        for width in (1440, 400):
            sam.driver.set_window_size(width, 900)
            assert not (faults := sam.faults()), (place, width, faults)
            cut = sam.js("return [...root.querySelectorAll('header a, header button, header select')].filter((one) => one.checkVisibility() && (one.getBoundingClientRect().left < 0 || one.getBoundingClientRect().right > innerWidth)).map((one) => one.innerText)")
            assert not [one for one in cut if not one.startswith("⟦To the")], (place, width, cut)
            keep(sam, f"language-{width}-{place.strip('/#').replace('/', '')}")
        assert not (unmarked := sam.js(UNMARKED)), (place, unmarked)
    sam.driver.set_window_size(1440, 980)
    sam.js("localStorage.removeItem('gcx-language')")
    sam.open(desk + "/")
    sam.sees("Log out")


play(folder, [logs_in, chat_is_offered_and_answered, what_is_written_is_kept_and_enter_twice_says_nothing, a_stroke_finds_responses_and_tags_are_given, reload_and_lost_network, hostile_mail_loads_nothing, mail_is_taken_and_answered,
              mail_keeps_its_draft_and_files, invitation_is_read_and_an_answer_is_taken_back, colleague_comes_and_leaves, answer_is_reviewed, group_works_from_its_workbin, what_is_done_by_keyboard_alone,
              supervisor_monitors_and_takes_over, chat_is_handed_on_and_finished,
              record_is_previewed_called_and_done, second_enter_does_no_harm, record_is_asked_about, telephone_that_is_answered_by_hand, what_is_left_lying_goes_on,
              supervisor_looks_on, console_shows_them_as_they_are, console_shows_the_day_and_the_wall, console_changes_what_callers_hear, console_changes_what_the_site_lets_it, console_reports_what_was, work_is_reviewed, strategies_are_written_and_published,
              the_editor_changes_the_text_that_gcxc_has_read,
              the_next_answer_goes_to_the_customer, undo_leaves_what_was_written_since, nothing_that_was_written_is_lost, a_colleague_goes_on_with_a_draft, what_was_said_is_shown_whole, a_whole_day_by_keyboard_alone, pages_speak_a_language_of_the_site, nobody_complains], [customer, marie, jean, sam])
