# tests/flows/desk_page.py FOLDER - The people of desk_page.sh. FOLDER/site gets our site's port; FOLDER/port and desk have the
# adapters', after each start anew. Our request to the script is a word in FOLDER/wants, which it takes away when it is done.
# If GCX_KEEP names a folder, pictures are put there.
import os, re, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from browser import Browser, Keys, Relay, Site, play, until
from tserver_stub import EVENTS, TServer

folder = sys.argv[1]


def tell(name, text):
    with open(f"{folder}/{name}.new", "w") as file:
        file.write(str(text))
    os.rename(f"{folder}/{name}.new", f"{folder}/{name}")


def wants(word):
    tell("wants", word)
    until(word, lambda: not os.path.exists(f"{folder}/wants"))


class Door(Relay):
    """Leads to the port that the adapter's file names now."""

    def __init__(self, name):
        self.file = f"{folder}/{name}"
        super().__init__()

    @property
    def to(self):
        return int(open(self.file).read())

    @to.setter
    def to(self, _):
        pass


site, tserver = Site({}), TServer()
tell("tserver", tserver.port)
tell("site", site.port)
chat, door = Door("port"), Door("desk")
for one in (chat, door):
    until(one.file, lambda: one.to)
desk = f"http://127.0.0.1:{door.port}"
site.pages["/"] = f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop</title><h1>Shop</h1>
<script src="http://127.0.0.1:{chat.port}/widget.js" data-queue="service" data-name="Anna Fournier" async></script></html>"""
WIDGET = "[...document.querySelectorAll('body > div')].find((one) => one.shadowRoot).shadowRoot"
customer = Browser("customer", folder, root=WIDGET, width=500, height=700)
marie, paul = (Browser(name, folder, width=1280, height=800) for name in ("marie", "paul"))


def keep(browser, name, width=None):
    if width:
        browser.driver.set_window_size(width, 800)
    assert not (faults := browser.faults()), faults
    if where := os.environ.get("GCX_KEEP"):
        browser.picture(f"{where}/{name}.png")
    if width:
        browser.driver.set_window_size(1280, 800)


def enters(browser):
    browser.open(desk + "/")
    browser.write("#login-name", browser.name)
    browser.write("#login-password", "secret")
    browser.press(Keys.ENTER)
    browser.find("#states select, #views button")


def state(browser, medium, text):
    browser.js("""const field = [...root.querySelectorAll('#states .field')].find((one) => one.textContent.startsWith(arguments[0])).querySelector('select');
        field.value = [...field.options].find((one) => one.text === arguments[1]).value; field.dispatchEvent(new Event('change'))""", medium, text)
    is_in(browser, medium, text)


def everywhere(browser, text):
    """One state for all media, chosen as a person does who uses the keyboard."""
    browser.js("const all = root.querySelector('#states select'); all.value = [...all.options].find((one) => one.text === arguments[0]).value; all.dispatchEvent(new Event('change'))", text)
    is_everywhere(browser, text)


def is_everywhere(browser, text):
    until(f"{browser.name} is {text}", lambda: browser.js("return root.querySelector('#states select').selectedOptions[0]?.text === arguments[0]", text))


def is_in(browser, medium, text):
    until(f"{browser.name} is {text}", lambda: browser.js("""const field = [...root.querySelectorAll('#states .field')].find((one) => one.textContent.startsWith(arguments[0]));
        return field.dataset.state === arguments[1].toLowerCase().replace(' ', '_').split(':')[0]""", medium, text))


def lines(browser, text):
    return browser.js("return [...root.querySelectorAll('.log li, [role=log] li')].filter((one) => one.innerText.includes(arguments[0])).length", text)


def once(browser, *texts):
    for text in texts:
        assert lines(browser, text) == 1, (browser.name, text, lines(browser, text))


def entry(browser):
    return browser.js("return root.querySelector('#own .entry').innerText")


def says_what_to_do():
    enters(marie)
    marie.sees("You are not ready: nothing is offered to you.")
    keep(marie, "page-idle")
    keep(marie, "page-idle-400", 400)
    marie.driver.set_window_size(400, 800)
    head = lambda: marie.js("return root.querySelector('header').getBoundingClientRect().height")
    until("the head has one line", lambda: head() < 60)
    marie.click("#fold")
    marie.find("#states select")
    keep(marie, "page-head-400", 400)
    marie.driver.set_window_size(400, 800)
    marie.click("#fold")
    until("the head has one line again", lambda: head() < 60)
    marie.driver.set_window_size(1280, 800)
    marie.press("?")  # no field has the focus
    marie.sees("accepts what was offered first")
    keep(marie, "page-keys-400", 400)
    marie.press(Keys.ESCAPE)
    marie.sees_not("accepts what was offered first")
    # A letter is the layout's; without a Latin one there, the place of the key counts; AltGr writes.
    found = lambda key, code, **more: marie.js("""document.body.dispatchEvent(new KeyboardEvent('keydown', {altKey: true, bubbles: true, key: arguments[0], code: arguments[1], ...arguments[2]}));
        const box = root.querySelector('dialog[open]'); box?.close(); return Boolean(box)""", key, code, more)
    assert [found("k", "KeyV"), found("v", "KeyK"), found("\u043b", "KeyK"), found("k", "KeyK", modifierAltGraph=True), found("k", "KeyK", ctrlKey=True)] == [True, False, True, False, False]
    marie.chord(Keys.ALT, "k")
    marie.write("dialog input", "?")
    marie.press(Keys.ESCAPE)
    marie.chord(Keys.ALT, "p")
    until("the state has the focus", lambda: marie.js("return document.activeElement === root.querySelector('#states select')"))
    marie.press("?")
    assert not marie.js("return root.querySelector('dialog[open]')"), "a field's `?` is its own"
    everywhere(marie, "Not ready: Lunch")
    is_in(marie, "Chat", "Not ready")
    is_in(marie, "E-mail", "Not ready")
    keep(marie, "page-lunch")
    marie.driver.refresh()
    is_everywhere(marie, "Not ready: Lunch")
    state(marie, "Chat", "Ready")
    is_everywhere(marie, "E-mail: not ready, Chat: ready")
    marie.click("#states summary")
    keep(marie, "page-by-medium")
    keep(marie, "page-by-medium-400", 400)
    marie.press(Keys.ESCAPE)
    everywhere(marie, "Not ready")
    marie.click("#work button", "Be ready")
    is_in(marie, "Chat", "Ready")
    is_in(marie, "E-mail", "Ready")
    marie.sees("You are ready: what is offered to you comes into the list of your work.")
    assert "Marie Laurent" in marie.js("return root.querySelector('#self').textContent")


def missed_offer_is_told():
    state(marie, "Chat", "Not ready")
    customer.open(site.origin + "/")
    customer.click("button", "Open the chat")
    customer.find("textarea").send_keys("My parcel has not come.", Keys.ENTER)
    until("it is kept", lambda: customer.js("return root.querySelector('li.customer:not(.unsent)')"))
    state(marie, "Chat", "Ready")
    until("the customer's words stand on the offer", lambda: "My parcel has not come." in marie.js("return root.querySelector('#offers').innerText"))
    marie.sees("You missed an offer.")
    is_in(marie, "Chat", "Not ready")
    is_in(marie, "E-mail", "Ready")
    state(marie, "E-mail", "Not ready: Lunch")
    marie.driver.refresh()
    marie.sees("You missed an offer.")
    for gone, back, words in ("core_away", "core_back", "The router is not there."), ("desk_away", None, "The connection is lost."):
        wants(gone)
        marie.sees(words)
        if back:
            wants(back)
        marie.sees_not(words)
        marie.sees("You missed an offer.")
        until("the reason is there again", lambda: marie.js("return [...root.querySelectorAll('#states details select')].map((one) => one.selectedOptions[0].text)") == ["Not ready: Lunch", "Not ready"])
    state(marie, "E-mail", "Ready")
    keep(marie, "page-missed")
    keep(marie, "page-missed-400", 400)
    marie.click("#missed button", "Be ready again")
    is_in(marie, "Chat", "Ready")
    until("the banner is gone", lambda: marie.js("return root.querySelector('#missed').hidden"))


def both_read_of_each_other():
    marie.click("#offers button", "Accept")
    marie.sees("My parcel has not come.")
    customer.sees("Marie Laurent is here.")
    marie.find(".pane:not([hidden]) textarea").send_keys("I look.")
    customer.sees("Marie Laurent is writing")
    assert customer.js("return root.querySelector('header').innerText").split("\n").count("Marie Laurent") == 1
    marie.press(Keys.ENTER)
    customer.sees("I look.")
    assert "Marie Laurent" in customer.js("return [...root.querySelectorAll('li')].find((one) => one.innerText.includes('I look.')).innerText")
    customer.driver.refresh()
    customer.sees("I look.")
    assert "Marie Laurent" in customer.js("return [...root.querySelectorAll('li')].find((one) => one.innerText.includes('I look.')).innerText")
    until("the list has the chat by its customer and last line", lambda: "Anna Fournier\nYou: I look." in entry(marie))
    customer.find("textarea").send_keys("Thank you")
    until("the list says that the customer writes", lambda: "writes …" in entry(marie))
    customer.press(Keys.ENTER)
    marie.sees("Thank you")
    until("the customer waits", lambda: "writes …" not in entry(marie) and "0:0" in entry(marie))
    customer.find("textarea").send_keys("and")
    until("the list says that the customer writes", lambda: "writes …" in entry(marie))
    until("who says nothing more does not write", lambda: "writes …" not in entry(marie) and "is writing" not in marie.text())
    customer.find("textarea").send_keys(" goodbye", Keys.ENTER)
    marie.sees("and goodbye")
    keep(marie, "page-chat")
    keep(marie, "page-chat-400", 400)
    keep(customer, "page-widget")


def what_waits_is_told_outside_of_the_page():
    marie.js("""window.told = []; window.asked = 0;
        window.Notification = class { static permission = "default"; static async requestPermission() { asked++; this.permission = "granted"; return "granted"; }
            constructor(title, { body }) { told.push(`${title}: ${body}`); } close() {} }""")
    marie.click("#self button", "Sounds …")
    assert marie.js("return asked") == 0, "the page asks for notifications before they are wanted"
    marie.js("[...root.querySelectorAll('dialog label')].find((one) => one.textContent === 'Notifications of the browser').querySelector('input').click()")
    marie.sees("What waits is told by the browser while you do not look at this page.")
    keep(marie, "page-sounds")
    marie.press(Keys.ESCAPE)
    marie.js("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    customer.find("textarea").send_keys("Are you there?", Keys.ENTER)
    until("the browser tells it", lambda: marie.js("return told") == ["Anna Fournier: Are you there?"])
    assert marie.driver.title.startswith("(1 new)"), marie.driver.title
    assert marie.js("return root.querySelector('link[rel=icon]').href").endswith("icon-waits.svg")
    marie.js("Object.defineProperty(document, 'hidden', {value: false, configurable: true}); document.dispatchEvent(new Event('visibilitychange', {bubbles: true}))")
    assert marie.driver.title == "gcx desk" and marie.js("return asked") == 1, marie.driver.title


def a_file_that_the_server_did_not_take_is_kept():
    """A 503 of a proxy, then a connection that ends: the page says so, keeps the file, and sends it once when it can."""
    marie.js("""const asked = window.fetch;
        window.fails = [() => Promise.resolve(new Response("no", {status: 503})), () => Promise.reject(new TypeError("timeout"))];
        window.fetch = (url, how) => (String(url).includes("api/uploads") && window.fails.length ? window.fails.shift()() : asked(url, how));
        const files = new DataTransfer(), picker = root.querySelector(".pane:not([hidden]) input[type=file]");
        files.items.add(new File(["a bill"], "bill.txt", {type: "text/plain"}));
        picker.files = files.files;
        picker.dispatchEvent(new Event("change"))""")
    for left in 1, 0:
        until(f"it is kept, {left} left", lambda: marie.js("return window.fails.length") == left and "Not sent: bill.txt" in marie.text())
        marie.sees("It may have been done")
        marie.click(".pane:not([hidden]) button", "Send again")
    customer.sees("bill.txt")
    until("nothing is kept", lambda: "Not sent:" not in marie.text())


# For an hour the page has slept, and its connection has died without a close: it is asked, and made anew, as soon as the page is awake.
def page_wakes_after_an_hour():
    door.mute = True
    customer.find("textarea").send_keys("I wait.", Keys.ENTER)
    customer.sees("I wait.")
    until("the words are lost", lambda: b"I wait." in door.unheard)
    marie.find(".pane:not([hidden]) textarea").send_keys("I am late.", Keys.ENTER)
    customer.sees("I am late.")
    assert marie.driver.execute_async_script("""const done = arguments[0];
        import(`${location.origin}/main.js`).then(({ desk: { socket } }) => { const before = socket.number;
            socket.heardAt -= 3600000;
            document.dispatchEvent(new Event("visibilitychange", {bubbles: true}));
            done(socket.number === before + 1); })"""), "the page does not ask whether the connection is alive"
    marie.sees("The connection is lost.")
    door.mute, door.unheard = False, b""
    marie.sees("I wait.")
    once(marie, "I wait.", "I am late.")
    until("her words have come", lambda: marie.js("return !root.querySelector('.log .unsent')"))
    once(marie, "I am late.")
    once(customer, "I am late.")


def core_comes_back():
    wants("core_away")
    marie.sees("The router is not there.")
    customer.find("textarea").send_keys("Do you have it?", Keys.ENTER)
    wants("core_back")
    marie.sees_not("The router is not there.")
    marie.sees("Do you have it?")
    customer.find("textarea").send_keys("The number is 4711.", Keys.ENTER)
    marie.sees("The number is 4711.")
    once(marie, "My parcel has not come.", "Thank you", "Do you have it?", "The number is 4711.", "I look.")
    once(customer, "Do you have it?", "I look.")


# An id of the customer's that looks like one of marie's.
def customer_cannot_pass_for_the_agent():
    customer.js("""const Socket = WebSocket; window.WebSocket = function (address) { const socket = new Socket(address), send = socket.send;
        socket.send = (text) => send.call(socket, text.includes('I am Marie') ? text.replace(/"id":"[^"]*"/, '"id":"marie:1"') : text); return socket; };
        window.WebSocket.OPEN = Socket.OPEN""")
    chat.cut()
    customer.sees("The connection is lost.")
    chat.mend()
    customer.find("textarea").send_keys("I am Marie.", Keys.ENTER)
    marie.sees("I am Marie.")
    for _ in range(2):
        assert marie.js("return [...root.querySelectorAll('.log li')].find((one) => one.innerText.includes('I am Marie.')).className") == "customer"
        marie.driver.refresh()
        marie.sees("I am Marie.")


def desk_comes_back():
    wants("desk_away")
    marie.sees("The connection is lost.")
    marie.sees_not("The connection is lost.")
    marie.find(".pane:not([hidden]) textarea").send_keys("I am back.", Keys.ENTER)
    customer.sees("I am back.")
    once(marie, "I am back.", "Do you have it?")


def a_dialog_about_what_is_gone_closes_and_says_so():
    marie.click(".pane:not([hidden]) button", "Hand on …")
    marie.sees("Hand on:")
    wants("chat_ended")
    until("it is gone", lambda: not marie.js("return root.querySelector('.pane')"))
    until("nobody is chosen for it", lambda: not marie.js("return root.querySelector('dialog')"))
    marie.sees("is not yours any more: the dialog is closed.")


def a_text_is_counted_as_the_adapter_divides_it():
    """The rows of tests/unit/sms_parts.def, by which sms_text looks at the adapter's own division."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../unit/sms_parts.def"), encoding="utf-8") as rows:
        found = re.findall(r'^DIVIDED\((\w+), (\d+), "(.*)", "(.*)", (\w+), "(.*)"\)$', rows.read(), re.M)
    assert len(found) > 9, found
    asked = lambda what, *given: marie.driver.execute_async_script("""const [what, ...given] = arguments, done = given.pop();
        import("/texts.js").then((module) => done(module[what](...given)), (error) => done(String(error)))""", what, *given)
    assert asked("cost", "a" * 306) == "3 messages, room for 150 more", "the setting texts_way"
    for way, times, text, more, coding, sizes in found:
        told = asked("texts", text * int(times) + more, way.lower())
        each = sizes.split("+")
        room = (153, 134) if way != "UDH16" else (152, 132)
        most = (160 if len(each) == 1 else room[0]) if coding == "GSM" else (140 if len(each) == 1 else room[1])
        left = (most - int(each[-1])) // (1 if coding == "GSM" else 2)
        assert told == {"count": len(each), "left": left, "plain": coding == "GSM"}, (way, text, more, told)


def a_hostile_text_is_shown_as_any_other():
    """Lines for which an expression would begin anew at each letter, or a loop at each line: minutes, or an exception."""
    assert marie.driver.execute_async_script("""const done = arguments[0], many = 200000, blanks = " ".repeat(many);
        const hostile = ["hi\\n-- Original Message" + blanks + "x", "\\n".repeat(many), "hi\\n> q\\n-----Original Message-----\\n" + "x\\n".repeat(many),
            "hi\\nOn " + "wrote:".repeat(50) + blanks + "x", "http://a/" + ".".repeat(many) + "x", "http://a/" + ").".repeat(many) + "x", "www.a.b ".repeat(many)];
        Promise.all([import("/letter.js"), import("/vcard.js")]).then(([letter, vcard]) => {
            for (const text of hostile) { letter.texts(text); vcard.cardsOf(text); }
            done([...letter.texts("Yes, at www.a.b/c.\\n-----Original Message-----\\n> Is it?").children].map((one) => [one.className, one.innerText, one.querySelectorAll("a").length]));
        }).catch((error) => done(String(error)))""") == [["said", "Yes, at www.a.b/c.", 1], ["quoted", "-----Original Message-----\n> Is it?", 0]]


def cards():
    """The calls that the page shows: number, state, buttons."""
    return marie.js("""return [...root.querySelectorAll('#phone .calls article')].map((one) => [one.getAttribute('aria-label'), one.dataset.state,
        [...one.querySelectorAll('button')].map((each) => each.innerText)])""")


def shows(*states):
    until(f"the page shows {states}", lambda: [one[1] for one in cards()] == list(states))


def notices(*texts):
    for text in texts:
        marie.sees(text)
    marie.js("root.querySelectorAll('#notes button').forEach((one) => one.click())")


def cut_while(*events):
    """The page is away while the T-Server says these."""
    door.cut()
    marie.sees("The connection is lost.")
    for message, conn, more in events:
        tserver.call(message, conn, **more) if conn else tserver.say(message, **more)
    door.mend()
    marie.sees_not("The connection is lost.")


def presses(text):
    marie.js("[...root.querySelectorAll('#phone .calls article button')].find((one) => one.innerText === arguments[0]).focus()", text)
    marie.press(Keys.ENTER)


def the_telephone_is_as_the_server_says():
    marie.write("#phone form input", "7001")
    marie.click("#phone form button", "Log in")
    phone = lambda: marie.js("const field = root.querySelector('#phone .field[data-state]'); return field.hidden ? 'none' : field.dataset.state")
    until("she is there", lambda: phone() == "not_ready")
    tserver.say("EventAgentReady", AgentID="marie")
    until("she is ready", lambda: phone() == "ready")
    tserver.say("EventDNOutOfService")
    marie.sees("The telephone is out of service: no calls come.")
    assert phone() == "away"
    marie.driver.refresh()
    marie.sees("The telephone is out of service: no calls come.")
    tserver.say("EventDNBackInService")
    marie.sees_not("The telephone is out of service")
    tserver.say("EventLinkDisconnected")
    marie.sees("The switch cannot be reached: no calls come.")
    tserver.say("EventLinkConnected")
    marie.sees_not("The switch cannot be reached")

    # After a lost connection the agent is as the T-Server says; whom it made not ready for that is ready again.
    for there, reasons, shown in ("ready", {}, "ready"), ("not_ready", {"desktop_lost": True}, "ready"), ("not_ready", {"reason": "lunch"}, "not_ready"), ("ready", {}, "ready"):
        tserver.breaks(there, **reasons)
        until("it is away", lambda: phone() == "none")
        until(f"she is {shown}, as the T-Server says {there} {reasons}", lambda: phone() == shown)
    tserver.there = ("", {})

    # A call that nobody answered is gone; so is one that ended while the page was away, and data that come late make none.
    tserver.call("EventRinging", "00a1")
    shows("ringing")
    marie.sees("called 1800")
    tserver.call("EventDiverted", "00a1", CallState="no_answer")
    shows()
    tserver.call("EventEstablished", "00a2")
    shows("talking")
    cut_while(("EventReleased", "00a2", {}), ("EventAttachedDataChanged", "00a2", {}), ("EventAgentNotReady", None, {"AgentID": "marie", "Reasons": {"reason": "no_answer"}}))
    shows()
    marie.sees("You missed an offer.")
    cut_while(("EventAgentLogout", None, {"AgentID": "marie"}))
    until("she is logged out", lambda: phone() == "none")
    tserver.calls.clear()
    marie.find("#phone form button", "Log in")
    marie.click("#phone form button", "Log in")
    until("she is there again", lambda: phone() == "not_ready")

    # However many it did not hear the end of, the next call is shown; the T-Server is asked which there are: once, though
    # there are as many.
    queries = lambda: sum(one["Message"] == "RequestQueryAddress" for one in tserver.asked)
    before = queries()
    for i in range(51):
        tserver.call("EventRinging", f"{0xb00 + i:04x}")
    until("the page shows fifty of them that talk", lambda: [one[1] for one in cards()] == ["talking"] * 50)
    tserver.call("EventAttachedDataChanged", "0b32", UserData={"parcel": "4712"})
    marie.sees("4712")
    assert queries() == before + 1, queries() - before
    tserver.calls = {"0b32": tserver.calls["0b32"]}
    tserver.say("EventRinging", ConnID="0b33", CallType="Inbound", ANI="1")
    shows("talking")
    assert cards()[0][0] == "Call +33145550b32", cards()
    tserver.call("EventReleased", "0b32")
    shows()


def the_focus_stays_and_nothing_ends_without_a_word():
    tserver.call("EventEstablished", "00c1")
    shows("talking")
    # What is pressed twice is asked once.
    holds = lambda: sum(one["Message"] in ("RequestHoldCall", "RequestRetrieveCall") for one in tserver.asked)
    before = holds()
    for text, then in ("Hold", "held"), ("Retrieve", "talking"):
        marie.js("const one = [...root.querySelectorAll('#phone .calls article button')].find((one) => one.innerText === arguments[0]); one.click(); one.click()", text)
        shows(then)
    assert holds() == before + 2, holds() - before
    presses("Mute")
    until("she is muted", lambda: "Unmute" in cards()[0][2])
    assert marie.focused() == "Unmute", marie.focused()
    tserver.calls["00c1"]["UserData"] = {"parcel": "47&11", "vq": "parcels"}
    tserver.call("EventAttachedDataChanged", "00c1", Muted=True)
    marie.sees("47&11")
    assert marie.focused() == "Unmute", marie.focused()
    # The site's links of calls stand beside it; its page in a frame stays as it is while the call changes.
    assert marie.js("return [...root.querySelectorAll('#phone .calls .links a')].map((one) => one.href)") == ["https://shop.example/parcels?id=47%2611"]
    marie.js("root.querySelector('#phone .calls .frames summary').click()")
    until("the page is shown", lambda: marie.js("const one = root.querySelector('#phone .calls iframe'); if (one) one.kept = true; return one?.src") == "https://shop.example/track/47%2611")
    marie.js("[...root.querySelectorAll('#phone .calls article button')].find((one) => one.innerText === 'Unmute').focus()")
    presses("Hold")
    shows("held")
    assert marie.js("return root.querySelector('#phone .calls iframe').kept"), "the frame was made anew"
    assert marie.focused() == "Retrieve", marie.focused()
    marie.sees("you are muted when it is back")
    marie.press(Keys.ENTER)
    shows("talking")
    until("the mute is there again", lambda: "Unmute" in cards()[0][2])
    marie.write("#phone form.row:last-of-type input", "7002")
    presses("Ask first")
    shows("held")
    tserver.call("EventConsultation", "00c1", Consultation={"State": "Ringing", "OtherDN": "7002"})
    marie.sees("7002 rings")
    assert marie.focused().startswith("Call +33"), marie.focused()
    assert "Conference" not in cards()[0][2] and "Hand over" in cards()[0][2], cards()
    tserver.call("EventConsultation", "00c1", Consultation={"State": "Released", "OtherDN": "7002", "CallState": "refused"})
    notices("7002 has declined. The call is still on hold: retrieve it, or ask somebody else.")
    assert cards()[0][2][:2] == ["Retrieve", "Release"], cards()
    tserver.call("EventReleased", "00c1")
    shows()
    # Who is asked is told by whom, and about which customer; when the call is theirs, it is a call like others.
    tserver.call("EventRinging", "00f1", CallType="Consult", ANI="7002", OtherDN="7002", About={"AgentID": "paul", "OtherDN": "+33145550101"})
    shows("ringing")
    marie.sees("Paul Simon asks you about +33145550101")
    tserver.call("EventEstablished", "00f1", About={"AgentID": "", "OtherDN": ""})
    marie.sees("7002 asks you about an unknown number")
    tserver.call("EventEstablished", "00f1")
    until("nobody asks any more", lambda: "asks you" not in marie.js("return root.querySelector('#phone').innerText"))
    tserver.call("EventReleased", "00f1")
    shows()
    for conn, cause, text in ("00d1", "busy", "is busy."), ("00d2", "invalid_number", "is no number that can be reached."), ("00d3", "refused", "has declined."), ("00d4", "no_answer", "does not answer."):
        tserver.call("EventDialing", conn, CallType="Outbound", OtherDN="+4930123")
        shows("dialing")
        tserver.call("EventReleased", conn, CallState=cause)
        notices(f"+4930123 {text}")
    # No other event makes a call of one that is not there.
    begin = {"EventRinging", "EventDialing", "EventEstablished", "EventHeld", "EventRetrieved", "EventMonitoring"}
    quiet = {"EventAuthenticationRequired", "EventAuthenticated", "EventUnregistered", "EventRegistered", "EventAddressInfo", "EventInvite", "EventAgentLogout"}
    for name in EVENTS:
        if name not in begin | quiet:
            tserver.say(name, ConnID="00e1", PreviousConnID="00e2", CallType="Inbound", ANI="+331", AgentID="marie")
    tserver.call("EventRinging", "00e3")
    shows("ringing")
    tserver.call("EventAbandoned", "00e3")
    shows()
    tserver.say("EventUnregistered", ErrorCode="no_privilege")
    notices("The T-Server has taken this telephone away from you")
    marie.find("#phone form button", "Log in")


def what_there_is_stays_through_each_fault():
    """Calls in each state, and the agent's, through a reload and the loss of the network, the desk, the router and the T-Server:
    the supervisor's page says what is lost, too, and is whole again."""
    enters(paul)
    paul.click("#views button", "Supervision")
    marie.write("#phone form input", "7001")
    marie.click("#phone form button", "Log in")
    marie.find("#phone form button", "Dial")
    tserver.there = ("ready", {})
    tserver.say("EventAgentReady", AgentID="marie")
    tserver.call("EventRinging", "0a01", State="Ringing")
    tserver.call("EventEstablished", "0a02", Muted=True)
    tserver.call("EventHeld", "0a03", State="Held")
    tserver.call("EventHeld", "0a04", State="Held", Consultation={"State": "Ringing", "OtherDN": "7002"})
    tserver.call("EventHeld", "0a05", State="Held", Consultation={"State": "Established", "OtherDN": "7003"})
    tserver.call("EventDialing", "0a06", State="Dialing", CallType="Outbound", OtherDN="+4930123")
    shows("ringing", "talking", "held", "held", "held", "dialing")
    whole = lambda: paul.js("return root.querySelector('.interactions .wrong')?.textContent === ''")
    until("the supervisor's page is whole", whole)
    page = lambda: (sorted(map(str, cards())), marie.js("return root.querySelector('#phone .field[data-state]')?.dataset.state"))
    was = page()
    assert "Unmute" in was[0][1] and any("Conference" in one for one in was[0]), was
    for fault in "reload", "network", "desk_killed", "core", "tserver":
        if fault == "reload":
            marie.driver.refresh()
        elif fault == "network":
            cut_while()
        elif fault == "tserver":
            tserver.breaks("ready")
        elif fault == "core":
            wants("core_away")
            marie.sees("The router is not there.")
            assert [one[1] for one in cards()] == ["ringing", "talking", "held", "held", "held", "dialing"], cards()
            paul.sees("The router does not answer: what is shown is old.")
            wants("core_back")
            for one in marie, paul:
                one.sees_not("The router is not there.")
            paul.sees_not("The router does not answer")
        else:
            wants(fault)
            for one in marie, paul:
                one.sees("The connection is lost.")
            for one in marie, paul:
                one.sees_not("The connection is lost.")
        until(f"the page is as it was before {fault}: {was} {page()}", lambda: page() == was)
        until("the supervisor's page is whole again", whole)
    # With a call the agent is asked before the log-out. What has ended meanwhile is told, unless it only rang.
    marie.click("header button", "Log out")
    asked = until("she is asked", lambda: marie.driver.switch_to.alert)
    assert asked.text == "You have a call: end it, or hand it on; if you log out all the same, it goes on at the telephone. Log out?", asked.text
    asked.dismiss()
    for gone in "0a01", "0a02":
        del tserver.calls[gone]
    tserver.breaks("ready")
    notices("The call with +33145550a02 has ended while the telephone was not connected.")
    shows("held", "held", "held", "dialing")
    assert "The call with +33145550a01" not in marie.text(), marie.text()
    for conn in list(tserver.calls):
        tserver.call("EventReleased", conn)
    shows()
    tserver.there = ("", {})
    tserver.say("EventAgentLogout", AgentID="marie")
    marie.find("#phone form button", "Log in")


def a_call_is_seen_where_the_list_is_not():
    marie.write("#phone form input", "7001")
    marie.click("#phone form button", "Log in")
    marie.find("#phone form button", "Dial")
    tserver.say("EventAgentReady", AgentID="marie")
    marie.driver.set_window_size(640, 400)
    marie.click("#turn button", "Conversation")
    tserver.call("EventRinging", "00a8")
    marie.click("#waiting", "The telephone rings: show")
    marie.find("#phone article button", "Answer")
    assert marie.focused() == "Call +331455500a8" and not marie.js("return root.querySelector('#waiting').checkVisibility()"), marie.focused()
    marie.click("#phone article button", "Answer")
    marie.sees("is answered …")
    marie.driver.set_window_size(1280, 800)
    tserver.call("EventEstablished", "00a8")
    shows("talking")
    # A state that is refused is not shown.
    chosen = "const one = root.querySelector('#phone .field[data-state] select'); return one.value"
    marie.js(chosen.replace("return one.value", "one.value = 'logout'; one.dispatchEvent(new Event('change'))"))
    notices("You have a call: end it or hand it on, then log out.")
    until("the state is the one that she has", lambda: marie.js(chosen) == "ready")


def what_failed_is_said_and_the_telephone_comes_back():
    marie.driver.set_window_size(1280, 800)
    tserver.call("EventEstablished", "00a8")
    shows("talking")
    # What a T-Server says for programs is a sentence for people.
    for code, text, sentence in (("busy", "the telephone has a call", "The telephone has a call already: end it first, or hand it on."),
                                 ("invalid_state", "not in this state of the call", "This cannot be done at the moment: it is not in the state for it."),
                                 ("out_of_service", "the setting `dialable` has it not", "The agent is not logged in, or cannot be reached at present."),
                                 ("past", "", "This time is past.")):
        tserver.refuses = {"RequestHoldCall": (code, text)}
        presses("Hold")
        notices(sentence)
    tserver.refuses = {}
    # What comes to nothing while the page is away is said when it is back.
    cut_while(("EventReleased", "00a8", {}))
    notices("The call with +331455500a8 is over.")
    tserver.call("EventEstablished", "00a8")
    shows("talking")
    tserver.call("EventDialing", "00a9", State="Dialing", CallType="Outbound", OtherDN="+4930123")
    shows("talking", "dialing")
    cut_while(("EventReleased", "00a9", {"CallState": "busy"}))
    notices("+4930123 is busy.")
    # So is what was said into a connection that had died without a close, and what the page has is not said twice.
    tserver.call("EventDialing", "00aa", State="Dialing", CallType="Outbound", OtherDN="+4930124")
    shows("talking", "dialing")
    door.mute = True
    tserver.call("EventReleased", "00aa", CallState="busy")
    until("it is said", lambda: b"is busy" in door.unheard)
    door.cut(untold=True)
    door.mute = False
    marie.sees("The connection is lost.")
    door.mend()
    notices("+4930124 is busy.")
    cut_while()
    assert "is busy" not in marie.js("return root.querySelector('#notes').textContent"), marie.text()  # of what was under way, a page may read that it was cut
    # Whoever has logged in again is at the telephone after the desk's end, too, as before; or reads that they are not.
    jane = Browser("jane", folder, width=1280, height=800)
    jane.name = "marie"
    enters(jane)
    state_of = "return root.querySelector('#phone .field[data-state]')?.dataset.state"
    until("the second log-in has the telephone", lambda: jane.js(state_of) == "ready")
    tserver.there = ("ready", {})
    for known in True, False:
        if not known:
            tserver.refuses = {"RequestAuthenticate": ("no_privilege", "")}
        wants("desk_killed")
        jane.sees("The connection is lost.")
        jane.sees_not("The connection is lost.")
        if known:
            until("it is there again", lambda: jane.js(state_of) == "ready" and jane.js("return root.querySelectorAll('#phone .calls article').length") == 1)
    jane.sees("You could not be logged in at your telephone again: log in there yourself.")
    tserver.refuses, tserver.there = {}, ("", {})
    tserver.calls.clear()
    marie.driver.refresh()
    marie.find("#phone form button", "Log in")


def each_message_of_the_server_is_heard():
    heard = marie.driver.execute_async_script("""const done = arguments[0];
        Promise.all([import("/main.js"), fetch("/openapi.json").then((one) => one.json())]).then(([main, api]) =>
            done(Object.keys(api["x-websocket"].server).filter((one) => one !== "reply" && typeof main.desk.socket.heard[one] !== "function")), (error) => done([String(error)]))""")
    assert heard == [], heard


def whom_to_call_is_found_and_a_call_is_finished():
    marie.write("#phone form input", "7001")
    marie.click("#phone form button", "Log in")
    marie.find("#phone form button", "Dial")
    # A colleague who is not logged in is found, and cannot be called.
    marie.write("#phone .finder input", "more")
    until("Jean is found", lambda: "Jean Moreau\nNot logged in" in marie.js("return root.querySelector('.finder .choices').innerText"))
    marie.js("root.querySelector('.finder .entry').click()")
    assert marie.js("return root.querySelector('.finder input').value") == "more"
    # By a part of the name, by the keyboard alone: the queue's number is dialled.
    marie.write("#phone .finder input", "par")
    until("the queue is found", lambda: "Parcels" in marie.js("return root.querySelector('.finder .choices').innerText"))
    marie.js("root.querySelector('.finder .star').click()")
    until("it is a favourite", lambda: marie.js("return root.querySelector('.finder .star').ariaPressed") == "true")
    assert not marie.faults(), marie.faults()
    marie.js("root.querySelector('.finder input').focus()")
    marie.press(Keys.ARROW_DOWN)
    marie.press(Keys.ENTER)
    until("it is chosen", lambda: marie.js("return root.querySelector('.finder input').value") == "Parcels")
    marie.press(Keys.ENTER)
    until("it is dialled", lambda: [one.get("OtherDN") for one in tserver.asked if one["Message"] == "RequestMakeCall"][-1:] == ["1801"])
    # The keys; a call has its time, a consultation a card, and who is in it names.
    tserver.call("EventEstablished", "0e01", Parties=[{"DN": "+33145550e01", "State": "Established"}, {"DN": "7002", "AgentID": "jean", "State": "Held"}])
    marie.sees("In this call: you, +33145550e01, Jean Moreau (on hold)")
    tserver.call("EventPartyChanged", "0e01", Monitors=[{"DN": "7003", "AgentID": "paul", "State": "Established", "MonitorMode": "Coach"}])
    marie.sees("Paul Simon listens, and whispers")
    marie.chord(Keys.ALT, "q")
    until("she is muted by a key", lambda: tserver.asked[-1]["Message"] == "RequestSetMuteOn")
    marie.js("const whom = root.querySelector('.finder input'); whom.value = ''; whom.dispatchEvent(new Event('input'))")
    for key in "n", "g":  # a transfer asks for its number
        marie.js("document.activeElement.blur()")
        marie.chord(Keys.ALT, key)
        until("the number is written next", lambda: marie.js("return document.activeElement === root.querySelector('.finder input')"))
    marie.write(".calls input[data-key=keys]", "4")
    until("the key is sent", lambda: tserver.asked[-1].get("DTMFDigits") == "4")
    marie.js("const keys = root.querySelector('.calls input[data-key=keys]'); keys.value = '4970 1234 5678 9012 345#'; keys.dispatchEvent(new Event('input'))")
    until("a number that is pasted is sent in pieces", lambda: [one["DTMFDigits"] for one in tserver.asked if "DTMFDigits" in one] == ["4", "4970123456789012", "345#"])
    marie.chord(Keys.ALT, "w")
    until("the code is chosen next", lambda: marie.js("return document.activeElement.dataset.key") == "wrapup")
    until("its time goes on", lambda: marie.js("return root.querySelector('.calls .timer').textContent").startswith("0:"))
    marie.chord(Keys.ALT, "h")
    shows("held")
    tserver.call("EventConsultation", "0e01", Consultation={"State": "Ringing", "OtherDN": "7002"})
    until("the question has a card", lambda: "7002 rings" in (marie.js("return root.querySelector('.consultation')?.innerText") or ""))
    tserver.call("EventConsultation", "0e01", Consultation={"State": "Established", "OtherDN": "7002"})
    marie.sees("7002 talks with you")
    marie.chord(Keys.ALT, "s")
    shows("talking")
    marie.sees("7002 is on hold")
    keep(marie, "swapped", 400)
    tserver.call("EventConsultation", "0e01", Consultation={"State": "Released", "OtherDN": "7002", "CallState": "refused"})
    notices("7002 has declined. Your call goes on.")
    marie.chord(Keys.ALT, "r")
    shows()
    # After it: a code and a note, which a reload does not lose; done, it is in the list.
    last = "[...root.querySelectorAll('.wraps article')].find((one) => one.ariaLabel.includes('0e01'))"
    until("it waits for its wrap-up", lambda: marie.js(f"return Boolean({last})"))
    marie.js(f"const one = {last}; one.querySelector('textarea').value = 'late by a day'; one.querySelector('select').value = 'parcel_late'; one.querySelector('form').dispatchEvent(new Event('input'))")
    marie.driver.refresh()
    until("it is there after a reload", lambda: marie.js(f"const one = {last}; return one && one.querySelector('textarea').value + one.querySelector('select').value") == "late by a dayparcel_late")
    marie.js(f"{last}.querySelector('[data-done]').click()")
    until("it is done", lambda: not marie.js(f"return Boolean({last})"))
    tserver.call("EventRinging", "0e02")
    shows("ringing")
    tserver.call("EventAbandoned", "0e02")
    until("the missed call is told", lambda: "missed" in marie.js("return root.querySelector('.calls-list summary').innerText"))
    marie.js("root.querySelector('.calls-list').open = true")
    until("both are listed", lambda: [word in marie.js("return root.querySelector('.ring').innerText") for word in ("+33145550e02", "Missed", "Parcel late")] == [True] * 3)
    assert not marie.faults(), marie.faults()
    marie.js("root.querySelector('.calls-list').open = false")
    marie.js("const one = root.querySelector('#phone .field[data-state] select'); one.value = 'logout'; one.dispatchEvent(new Event('change'))")
    marie.find("#phone form button", "Log in")


def a_call_goes_to_who_knows_by_two_ways():
    """By the site's routing point, and straight to the number where they are, which is shown."""
    shown = marie.driver.execute_async_script("""const done = arguments[0], fetched = window.fetch, json = {headers: {"Content-Type": "application/json"}};
        window.fetch = (path, ...more) => String(path).includes("/api/agents") ? Promise.resolve(new Response(JSON.stringify({agents: [{agent: "kim", display: "Kim Lane", dn: "7002", states: {}}]}), json)) : fetched(path, ...more);
        Promise.all(["main", "asks"].map((name) => import(`/${name}.js`))).then(async ([main, asks]) => {
            main.desk.me.asks_to = "1900";
            const row = document.createElement("p");
            row.append(...asks.actions({ixn: "1-00000000002a", asked: {call: "00c1", worker: "kim", name: "Kim Lane"}}));
            while (row.querySelectorAll("button").length < 4) await new Promise((go) => setTimeout(go, 10));
            window.fetch = fetched;
            done([...row.querySelectorAll("button")].map((one) => one.textContent));
        }, (error) => done(String(error)))""")
    assert shown == ["Transfer the call to Kim Lane", "Call Kim Lane first", "Transfer to 7002", "Call 7002 first"], shown


def another_window_goes_on_and_this_one_is_quiet():
    marie.write("#phone form input", "7001")
    marie.click("#phone form button", "Log in")
    marie.find("#phone form button", "Dial")
    marie.js("""window.again = new Set();
        const on = setInterval, off = clearInterval;
        window.setInterval = (...given) => { const timer = on(...given); again.add(timer); return timer; };
        window.clearInterval = (timer) => { again.delete(timer); off(timer); }""")
    tserver.call("EventRinging", "00f1")
    shows("ringing")
    assert marie.js("return again.size") == 1, "it does not ring"
    marie.js("new WebSocket(location.href.replace(/^http/, 'ws') + 'desk')")
    marie.sees("You went on in another window.")
    assert marie.js("return again.size") == 0, "it rings on"
    tserver.call("EventAbandoned", "00f1")
    marie.driver.refresh()
    marie.find("#states select")


def another_agent_in_the_same_browser_gets_nothing_of_this_one():
    marie.js("localStorage.setItem('gcx-desk-draft-marie-x', '{}')")
    assert 200 == marie.driver.execute_async_script("""const done = arguments[0];
        fetch("/api/login", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({name: "jean", password: "secret"})}).then((one) => done(one.status))""")
    door.cut()
    marie.sees("The connection is lost.")
    door.mend()
    marie.sees("The desk of Marie Laurent has ended in this window: another session has begun in this browser.")
    until("it is his desk, under his name", lambda: "Jean Moreau" in marie.js("return root.querySelector('#self').textContent"))
    assert not marie.js("return Object.keys(localStorage).some((one) => one.includes('-marie-'))")


def a_session_that_the_desk_has_forgotten_is_over():
    # First: an e-mail that waits out of sight to be done went back while there was no connection.
    assert marie.driver.execute_async_script("""const done = arguments[0], [pane, row] = ["article", "li"].map((one) => document.createElement(one));
        import("/work.js").then((work) => {
            const item = { ixn: "0-gone", claim: 1, media: "email", subject: "Lamp", pane, row, body: { close() {} } };
            document.body.append(pane);
            work.hold(item, { answer: "0-answer", ends: Date.now() + 600000 });
            work.whole([]);
            done([pane.isConnected, Boolean(work.comesBack(item.ixn))]); }).catch((error) => done(String(error)))""") == [False, False]
    marie.sees("Lamp is no longer yours: it went back while there was no connection. Your answer goes nevertheless.")
    door.cut()
    marie.sees("The connection is lost.")
    marie.driver.delete_all_cookies()  # as a desk without its old state: it answers 401
    door.mend()
    marie.sees("The session is over.")


# What was under way when the desk or the line to it was gone is no fault of the page: the icon, too, may have been.
def nobody_complains():
    for browser in (marie, paul):
        wrong = [one for one in browser.complaints() if not any(of in one for of in ("/api/", "WebSocket", "net::ERR_CONNECTION_"))]
        assert not wrong, (browser.name, wrong)


play(folder, [says_what_to_do, what_there_is_stays_through_each_fault, missed_offer_is_told, both_read_of_each_other, what_waits_is_told_outside_of_the_page, a_file_that_the_server_did_not_take_is_kept, page_wakes_after_an_hour, core_comes_back, customer_cannot_pass_for_the_agent,
              desk_comes_back, a_dialog_about_what_is_gone_closes_and_says_so, a_text_is_counted_as_the_adapter_divides_it, a_hostile_text_is_shown_as_any_other,
              the_telephone_is_as_the_server_says, the_focus_stays_and_nothing_ends_without_a_word, a_call_is_seen_where_the_list_is_not, what_failed_is_said_and_the_telephone_comes_back, each_message_of_the_server_is_heard, whom_to_call_is_found_and_a_call_is_finished, a_call_goes_to_who_knows_by_two_ways,
              another_window_goes_on_and_this_one_is_quiet, another_agent_in_the_same_browser_gets_nothing_of_this_one, a_session_that_the_desk_has_forgotten_is_over, nobody_complains], [customer, marie, paul])
