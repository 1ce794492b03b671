"""desk_tasks.py DIR: an agent does common tasks at the desk by the keyboard alone. Prints a line for each: the keys that were
pressed (a chord is one, Tab counts), the seconds for which the page let the agent wait, and the seconds in all, with 0.28 s
for a key (the average typist of Card, Moran and Newell); "- - -": this version has it not. Then the page: requests, bytes,
bytes by gzip, ms until it could be used. In DIR: port, lmtp, desk; `site` gets the port of our page."""
import gzip, os, smtplib, sqlite3, sys, time, urllib.request
from email.message import EmailMessage

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "flows"))
import browser
from browser import Browser, Keys, Site, play, until

KEY_S = 0.28
browser.PATIENCE_S = int(os.environ.get('PATIENCE_S', browser.PATIENCE_S))
WIDGET = "[...document.querySelectorAll('body > div')].find((one) => one.shadowRoot).shadowRoot"
folder = sys.argv[1]
site = Site({})
with open(folder + "/site.new", "w") as file:
    file.write(str(site.port))
os.rename(folder + "/site.new", folder + "/site")
chat, lmtp, desk = (until(name, lambda: os.path.exists(f"{folder}/{name}") and open(f"{folder}/{name}").read().strip()) for name in ("port", "lmtp", "desk"))
site.pages["/"] = f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop</title><h1>Shop</h1>
<script src="http://127.0.0.1:{chat}/widget.js" data-queue="service" data-name="Anna Fournier" async></script></html>"""
customer = Browser("customer", folder, root=WIDGET, width=500, height=700)
marie, jean = (Browser(name, folder, width=1440, height=980) for name in ("marie", "jean"))
keys = waited = 0
SHOWN = "[...root.querySelectorAll(arguments[0])].filter((one) => one.checkVisibility()).map((one) => one.innerText + (one.value ?? '')).join('\\n')"


def press(*pressed):
    global keys
    for one in pressed:
        keys += len(one)
    marie.press(*pressed)


def alt(key):
    global keys
    keys += 1
    marie.chord(Keys.ALT, key)


def sees(text, css="body"):
    global waited
    begun = time.monotonic()
    until(f"{css}: {text}", lambda: text in marie.js("return " + SHOWN, css))
    waited += time.monotonic() - begun


def go(label):
    """Tab, or Shift+Tab where that is nearer, until what is called so has the focus."""
    global keys
    keys += marie.tab_to(label)


def task(name, part, there=True):
    global keys, waited
    keys = waited = 0
    if there:
        part()
        print(f"{name}: {keys} {waited:.2f} {keys * KEY_S + waited:.1f}", flush=True)
    else:
        print(f"{name}: - - -", flush=True)


def all_states(word, shown):
    for medium in ("E-mail", "Chat", "Work"):
        go(medium)
        press(word)
        until(f"{medium} is {shown}", lambda: marie.js("return document.activeElement.selectedOptions[0].text") == shown)
    time.sleep(1.2)


def ready():
    press("marie", Keys.TAB, "secret", Keys.ENTER)
    sees("In your hands")
    if NEW():
        alt("p")
        press("ready")
        until("ready", lambda: marie.js("return root.querySelector('#states .field').dataset.state") == "ready")
    else:
        all_states("ready", "Ready")


def chat_comes():
    customer.open(site.origin + "/")
    customer.click("button", "Open the chat")
    until("they write", lambda: customer.focused() == "Your message")
    customer.press("Where is my parcel?", Keys.ENTER)
    marie.find("#offers article")


def answers():
    alt("a")
    sees("Where is my parcel?", ".log")
    if NEW():
        press("/late")
        sees("late", ".slash")
        press(Keys.ENTER)
    else:
        go("Standard responses …")
        press(Keys.ENTER)
        sees("late", ".choices")
        press("late", Keys.ENTER)
    sees("it comes tomorrow", ".composer textarea")
    time.sleep(0.4)  # an Enter that comes sooner is a second one of the choice
    press(Keys.ENTER)
    sees("it comes tomorrow", ".log")


def tags():
    go("Add a tag")
    press("u")
    sees("Urgent", ".tag")


def hands_on():
    if NEW():
        alt("m")
    else:
        go("Hand on …")
        press(Keys.ENTER)
    sees("Jean Moreau", ".choices")
    press("jean")
    go("Reason, for who takes it")
    press("She has waited since Monday.", Keys.TAB, Keys.ENTER)
    jean.find("#offers article")
    jean.click("#offers button", "Accept")
    sees("Nothing. Work that you accept")


def mail_comes():
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Cc"] = "Paul Weber <paul@weber.example>", "service@shop.example", "lea@weber.example"
    letter["Subject"], letter["Message-ID"] = "Invoice 20-1187", "<one@weber.example>"
    letter.set_content("The invoice has the old address.\n")
    with smtplib.LMTP("127.0.0.1", int(lmtp)) as server:
        server.sendmail("paul@weber.example", ["service@shop.example"], letter.as_bytes())
    until("the mail waits", lambda: "1" == marie.js("return root.querySelector('#bins [data-bin=\"queue mail\"] .count')?.innerText"))
    marie.js("document.activeElement.blur()")


def answers_all():
    global keys
    go("mail")
    press(Keys.ENTER)
    sees("Invoice 20-1187", ".listing")
    go("Take Invoice 20-1187")
    press(Keys.ENTER)
    sees("Invoice 20-1187", "#own")
    alt("1")
    sees("has the old address", ".letter")
    press("Dear Paul, here it is.")
    if marie.js("return Boolean(root.querySelector('[aria-keyshortcuts=\"Alt+C\"]'))"):
        alt("c")
        marie.driver.find_element("css selector", ".pane:not([hidden]) input[type=file]")
    else:
        go("Answer all")
        press(Keys.ENTER)
        go("Attach …")
    keys += 1  # Alt+U or Enter; then the file is chosen in a window of the system
    marie.driver.find_element("css selector", ".pane:not([hidden]) input[type=file]").send_keys(f"{folder}/responses.csv")
    sees("responses.csv", ".editor")
    go("Send and finish")
    press(Keys.ENTER)
    sees("Nothing. Work that you accept")


def undoes():
    alt("z")
    sees("here it is", ".editor textarea")


def sends_again():
    marie.js("[...root.querySelectorAll('.pane:not([hidden]) button')].find((one) => one.innerText === 'Send and finish').click()")
    marie.sees("Nothing. Work that you accept")


def lunch():
    time.sleep(1.2)  # a list of states forgets what was typed before
    for word, state in (("not ready: l", "not_ready"), ("ready", "ready")):
        if NEW():
            alt("p")
            press(word)
            until(state, lambda: marie.js("return root.querySelector('#states .field').dataset.state") == state)
            time.sleep(1.2)
        else:
            all_states(word, "Ready" if state == "ready" else "Not ready: Lunch")


def called_last_month():
    with sqlite3.connect(f"{folder}/contacts", timeout=30) as store:
        month = int((time.time() - 30 * 86400) * 1e6)
        row = store.execute("insert into contacts (tenant, name, made, changed) values ('', 'Zoé Lambert', ?, ?)", (month, month)).lastrowid
        call = store.execute("insert into interactions (tenant, media, external_id, contact, direction, agent, received, ended, messages)"
                             " values ('', 'voice', 'call-1', ?, 'in', 'jean', ?, ?, 1)", (row, month, month)).lastrowid
        store.execute("insert into messages (interaction, n, msg_id, at, role, sender, kind, visible, text) values (?, 1, 'n', ?, 'agent', 'jean', 'text', 'agents', 'She moves in March.')", (call, month))
    store.close()
    marie.js("document.activeElement.blur()")


def finds_call():
    if NEW():
        alt("k")
    else:
        go("Find …")
        press(Keys.ENTER)
    press("Zoé L", Keys.ENTER)
    sees("Zoé Lambert", ".found")
    go("Zoé Lambert")
    press(Keys.ENTER)
    sees("CALL", "#about")
    go(marie.js("return root.querySelector('#about .history summary').innerText.trim().split('\\n')[0]"))
    press(Keys.ENTER)
    sees("She moves in March.", "#about")


def contact():
    go("Change …")
    press(Keys.ENTER)
    sees("Change the contact", "dialog")
    press(Keys.END, " Roy", Keys.ENTER)
    sees("Zoé Lambert Roy", "#about h2")
    go("Undo")
    press(Keys.ENTER)
    until("it is undone", lambda: marie.js("return root.querySelector('#about h2').innerText") == "Zoé Lambert")


def says_it_comes():
    alt("a")
    sees("Where is my parcel?", ".log")
    if NEW():
        press("/comes")
        sees("Comes tomorrow", ".slash")
        press(Keys.ENTER)
    else:
        go("Standard responses …")
        press(Keys.ENTER)
        sees("late", ".choices")
        press("late", Keys.ENTER)
        sees("it comes tomorrow", ".composer textarea")
        press(Keys.ENTER, Keys.ENTER)
        sees("it comes tomorrow", ".log")
        go("Order")
        press("late", Keys.TAB)
        go("Wrap-up code")
        press("parcel")
        go("Done")
        press(Keys.ENTER)
    sees("Nothing. Work that you accept")


def page():
    names = marie.js("return performance.getEntriesByType('resource').map((one) => one.name).filter((one) => !one.includes('/api/'))") + [f"http://127.0.0.1:{desk}/"]
    texts = [urllib.request.urlopen(name).read() for name in names]
    usable = marie.js("return performance.getEntriesByName('usable')[0]?.startTime ?? 0")
    print(f"page: {len(texts)} {sum(map(len, texts))} {sum(len(gzip.compress(one)) for one in texts)} {usable:.0f}")


def all_tasks():
    for browser in (jean, marie):
        browser.open(f"http://127.0.0.1:{desk}/")
        until("the name can be written", lambda: browser.focused() == "Name")
    global NEW
    task("log in, and be ready for all media", ready)
    jean.write("#login-name", "jean")
    jean.write("#login-password", "secret")
    jean.press(Keys.ENTER)
    jean.find("#states select")
    chat_comes()
    jean.js("""return import(`${location.origin}/main.js`).then((main) => main.ask("state", {media: "chat", state: "ready"}))""")
    task("accept a chat and answer by a standard response", answers)
    task("give a tag", tags, NEW())
    task("hand on a chat with a note", hands_on)
    mail_comes()
    task("answer an e-mail to all with a file", answers_all)
    task("take back what was just sent", undoes, NEW())
    if NEW():
        sends_again()
    task("lunch, and back", lunch)
    called_last_month()
    task("find a customer's call of last month", finds_call)
    task("change a contact, and undo it", contact, NEW())
    jean.js("""return import(`${location.origin}/main.js`).then((main) => main.ask("state", {media: "chat", state: "not_ready"}))""")
    jean.click(".pane:not([hidden]) .done", "Done")
    customer.js("localStorage.clear(); sessionStorage.clear()")
    chat_comes()
    task("say that it comes, note that, and finish", says_it_comes)
    page()


# Of today's desk: one state for all media, and what came with it.
def NEW():
    return marie.js("return Boolean(root.querySelector('#states details'))")


play(folder, [all_tasks], [customer, marie, jean])
