# tests/flows/chat_browser.py FOLDER - The customer of chat_browser.sh; FOLDER/site gets our site's port, FOLDER/port has the chat's.
import os, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from browser import Browser, Keys, Relay, Site, play, until

folder = sys.argv[1]
relay = Relay()
PAGE = """<!doctype html><html lang="{language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Shop</title>
<main><h1>Shop</h1><p><a href="#buy">Buy</a></p></main>
<script src="http://127.0.0.1:{port}/widget.js" data-queue="{queue}" data-name="Lea" data-email="lea@example.org" async></script></html>"""
server = f"http://127.0.0.1:{relay.port}"
pages = {"/": ("en", "service"), "/fr": ("fr-CA", "service"), "/de": ("de", "closed"), "/judged": ("en", "judged"), "/nowhere": ("en", "nowhere")}
site = Site({path: PAGE.format(language=language, queue=queue, port=relay.port) for path, (language, queue) in pages.items()},
            policy=f"default-src 'none'; script-src {server}; connect-src {server} {server.replace('http', 'ws')}")
with open(folder + "/site.new", "w") as file:
    file.write(str(site.port))
os.rename(folder + "/site.new", folder + "/site")
relay.to = int(until("the chat's port", lambda: os.path.exists(folder + "/port") and open(folder + "/port").read().strip()))
browser = Browser("customer", folder, root="[...document.querySelectorAll('body > div')].find((one) => one.shadowRoot).shadowRoot")
SCRIPT = "<img src=x onerror=\"document.title='stolen'\"><script>document.title='stolen'</script> & so on"


def written(text):
    return until(f"kept: {text}", lambda: browser.js(
        "return [...root.querySelectorAll('li.customer')].some((one) => one.innerText.includes(arguments[0]) && !one.classList.contains('unsent'))", text))


def begins_by_keyboard():
    browser.open(site.origin + "/")
    until("the widget is there", lambda: browser.js("return root !== null"))
    browser.press(Keys.TAB)  # the page's link
    browser.press(Keys.TAB)
    assert browser.focused() == "Open the chat", browser.focused()
    browser.press(Keys.ENTER)
    assert browser.focused() == "Your message", browser.focused()
    browser.sees("One moment, please.")
    browser.press("Where is my parcel?", Keys.ENTER)
    written("Where is my parcel?")


def shows_script_as_text():
    browser.press(SCRIPT, Keys.ENTER)
    written(SCRIPT)
    relay.say(type="message", index=900, at=0, role="agent", id="", **{"from": "<b>Eve</b>", "text": SCRIPT + " from us"})
    browser.sees(SCRIPT + " from us")
    browser.sees("<b>Eve</b>")
    relay.say(type="message", index=901, at=0, role="agent", id="", text='See (https://shop.example/a?b=1), javascript:alert(1) or http://x"onclick="y.')
    browser.sees("javascript:alert(1)")
    links = browser.js("return [...root.querySelectorAll('li a')].map((one) => [one.innerText, one.getAttribute('href'), one.target, one.rel, one.attributes.length])")
    assert links == [["https://shop.example/a?b=1"] * 2 + ["_blank", "noopener noreferrer", 3], ["http://x"] * 2 + ["_blank", "noopener noreferrer", 3]], links
    assert browser.driver.title == "Shop" and browser.js("return root.querySelectorAll('img, script').length") == 0


def tells_who_writes():
    relay.say(type="typing", on=True)
    browser.sees("Someone is writing")
    relay.say(type="typing", on=False)
    browser.sees_not("Someone is writing")
    relay.say(type="typing", on=True, **{"from": "$& <b>Eve</b>"})
    browser.sees("$& <b>Eve</b> is writing …")
    relay.say(type="joined", role="agent")
    browser.sees("An agent is here.")
    relay.say(type="joined", role="agent", **{"from": "Eve"})
    browser.sees("Eve is here.")
    relay.say(type="joined", role="agent", **{"from": "Adam"})
    relay.say(type="left", role="agent", **{"from": "Eve"})
    browser.sees("Adam is here.")
    relay.say(type="left", role="agent", **{"from": "Adam"})
    browser.sees("An agent is here.")
    relay.say(type="left", role="agent")
    browser.sees("The agent has left.")
    relay.say(type="read", index=800)
    shown = lambda: browser.js("return [...root.querySelectorAll('small')].map((one) => one.parentNode === [...root.querySelectorAll('li.customer')].pop() && one.innerText)")
    until("it is read", lambda: shown() == ["Read"])
    relay.say(type="idle", seconds=45)
    browser.sees("Are you still there?")


def reload_resumes():
    browser.driver.refresh()
    browser.sees("Where is my parcel?")
    browser.sees("One moment, please.")
    assert browser.focused() == "", f"the page's own focus is taken by {browser.focused()}"
    texts = browser.js("return [...root.querySelectorAll('li')].map((one) => one.innerText)")
    assert len(texts) == len(set(texts)) == 3, texts


def network_comes_back():
    relay.cut()
    browser.sees("The connection is lost.")
    browser.find("textarea").send_keys("While nobody hears", Keys.ENTER)
    assert browser.js("return root.querySelectorAll('li.unsent').length") == 1
    relay.mend()
    written("While nobody hears")
    browser.sees_not("The connection is lost.")
    assert browser.text().count("While nobody hears") == 1


def owes_nothing():
    for scheme in ("dark", "light"):
        browser.emulate(prefers_color_scheme=scheme)
        faults = browser.faults()
        assert not faults, (scheme, faults)
    tree = browser.tree()
    log = next(one for one in tree if one["role"] == "log")
    assert log["live"] == "polite" and log["name"] == "Chat", log
    assert next(one for one in tree if one["role"] == "status")["live"] == "polite"
    assert next(one for one in tree if one["role"] == "dialog")["name"] == "Chat"
    assert sum(one["role"] == "listitem" for one in tree) >= 4, "messages are a list"
    order, missed = browser.tab_order()
    assert not missed, missed
    assert order == ["Buy", "End the chat", "Hide the chat", "Chat", "Your message", "Attach a file", "Send"], order
    browser.driver.set_window_size(500, 600)
    assert not browser.faults(), browser.faults()
    browser.driver.set_window_size(1280, 800)


def file_named(name, content):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(content)
    return path


def brings_and_fetches_files():
    picker = browser.js("return root.querySelector('[type=file]')")
    assert browser.find("button", "Attach a file")
    before = browser.js("return root.querySelectorAll('li').length")
    picker.send_keys(file_named("a & <b>.png", b"\x89PNG" + bytes(300000)))
    written("a & <b>.png")
    picker.send_keys(file_named("large.png", bytes((1 << 20) + 1)))
    browser.sees("Not sent. The file is too large.")
    picker.send_keys(file_named("page.html", b"<script>"))
    browser.sees("Not sent. Files of this kind are not taken.")
    assert browser.js("return root.querySelectorAll('li').length") == before + 3
    browser.driver.refresh()
    browser.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": folder + "/down"})
    browser.click("button.file", "a & <b>.png")
    until("the file is there", lambda: any(os.path.getsize(f"{folder}/down/{one}") == 300004 for one in os.listdir(folder + "/down") if one.endswith(".png")))
    assert browser.driver.title == "Shop"


def file_is_lost_amid_its_way():
    relay.cut()
    browser.sees("The connection is lost.")
    browser.js("return root.querySelector('[type=file]')").send_keys(file_named("lost.png", b"\x89PNG"))
    browser.sees("Not sent. It was not kept.")
    relay.mend()
    browser.find("textarea").send_keys("Back again", Keys.ENTER)
    written("Back again")


def hides_and_counts():
    browser.find("textarea").send_keys(Keys.ESCAPE)
    assert browser.focused() == "Open the chat", browser.focused()
    relay.say(type="message", index=901, at=0, role="bot", id="", **{"from": "", "text": "Are you there?"})
    browser.find("button", "Open the chat (1)")
    browser.press(Keys.ENTER)
    browser.sees("Are you there?")


def ends_and_begins_anew():
    browser.click("button", "End the chat")
    browser.sees("The chat has ended.")
    assert browser.focused() == "Begin a new chat", browser.focused()
    browser.press(Keys.ENTER)
    browser.sees("One moment, please.")
    browser.sees_not("Where is my parcel?")
    browser.click("button", "End the chat")
    browser.sees("The chat has ended.")


def speaks_the_pages_language():
    browser.open(site.origin + "/fr")
    browser.click("button", "Ouvrir le chat")
    browser.sees("One moment, please.")
    assert browser.find("textarea", "Votre message")
    assert browser.js("return root.host.lang") == "fr"
    browser.click("button", "Terminer le chat")
    browser.sees("Le chat est terminé.")
    browser.open(site.origin + "/de")
    browser.click("button", "Chat öffnen")
    browser.sees("We are closed.")
    browser.sees("Der Chat ist beendet.")


def gives_a_mark():
    marks = lambda: browser.js("return [...root.querySelectorAll('.marks button')].map((one) => one.innerText).join('')")
    browser.open(site.origin + "/judged")
    browser.click("button", "Open the chat")
    browser.sees("Your mark, from 1 (bad) to 5 (very good)")
    browser.write("textarea", "2")
    browser.press(Keys.ENTER)
    written("2")  # the chat waits for an agent: it may be about anything, and the question stands, also in a page that is read again
    browser.driver.refresh()
    until("what was written", lambda: "2" in browser.js("return [...root.querySelectorAll('li.customer')].map((one) => one.lastChild.textContent)"))
    until("five buttons", lambda: marks() == "12345")
    for scheme in ("dark", "light"):
        browser.emulate(prefers_color_scheme=scheme)
        assert not (faults := browser.faults()), (scheme, faults)
    group = next(one for one in browser.tree() if one["role"] == "group")
    assert group["name"] == "Your mark, from 1 (bad) to 5 (very good)", group
    browser.tab_to("4")
    browser.press(Keys.ENTER)
    assert browser.focused() == "Your message", browser.focused()
    written("4")
    assert marks() == "", marks()
    browser.driver.refresh()
    until("what was written", lambda: "2" in browser.js("return [...root.querySelectorAll('li.customer')].map((one) => one.lastChild.textContent)"))
    assert marks() == "", marks()
    browser.click("button", "End the chat")
    browser.sees("The chat has ended.")


def says_what_is_wrong():
    browser.open(site.origin + "/nowhere")
    browser.click("button", "Open the chat")
    browser.sees("No agent can be reached now.")
    assert not (complaints := browser.complaints()) or all("WebSocket" in one or "lost.png" in one for one in complaints), complaints


play(folder, [begins_by_keyboard, shows_script_as_text, tells_who_writes, reload_resumes, network_comes_back, owes_nothing, brings_and_fetches_files,
              file_is_lost_amid_its_way,
              hides_and_counts, ends_and_begins_anew, speaks_the_pages_language, gives_a_mark, says_what_is_wrong], [browser])
