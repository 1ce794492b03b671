# callback_web.py FOLDER [page] - The customer of callback_web.sh, by HTTP, or at the widget. What the script is asked to do
# is a word in FOLDER/wants.
import json, os, secrets, sqlite3, sys, threading, time, urllib.error, urllib.request

folder, at_page = sys.argv[1], len(sys.argv) > 2
ORIGIN = None


def tell(name, text):
    with open(f"{folder}/{name}.new", "w") as file:
        file.write(str(text))
    os.rename(f"{folder}/{name}.new", f"{folder}/{name}")


def until(what, ask):
    end = time.monotonic() + 90
    while not (got := ask()):
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.05)
    return got


def wants(word):
    tell("wants", word)
    until(word, lambda: not os.path.exists(f"{folder}/wants"))


def ask(method, path="", body=None, origin=..., type="application/json"):
    request = urllib.request.Request(f"http://127.0.0.1:{int(open(f'{folder}/port').read())}/callbacks{path}", method=method,
                                     data=body if body is None or isinstance(body, bytes) else json.dumps(body).encode())
    if body is not None:
        request.add_header("Content-Type", type)
    if (origin := ORIGIN if origin is ... else origin):
        request.add_header("Origin", origin)
    try:
        answer = urllib.request.urlopen(request, timeout=60)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        assert answer.headers["X-Content-Type-Options"] == "nosniff", answer.headers
        text = answer.read().decode()
    return answer.status, json.loads(text) if text.startswith("{") else text


def state(id):
    return ask("GET", f"/{id}")[1].get("state")


def becomes(id, *states):
    seen = []
    def look():
        now = state(id)
        if now not in seen:
            seen.append(now)
        assert now in states, (seen, ask("GET", f"/{id}"))
        return now == states[-1]
    until(f"{id} is {states}, seen {seen}", look)


def over_http():
    new = lambda: secrets.token_urlsafe(24)
    code, offer = ask("GET")
    assert code == 200 and offer["now"] is True and len(offer["times"]) == 12, offer
    # Who may not, and what may not be asked.
    assert ask("GET", origin="https://evil.example")[0] == 403
    assert ask("POST", body={"id": new(), "number": "0145550101"}, origin="https://evil.example")[0] == 403
    assert ask("POST", body=b"number=0145550101", type="application/x-www-form-urlencoded") == (400, {"error": "invalid"})
    assert ask("POST", body={"id": "guessable", "number": "0145550101"})[0] == 400
    for number in ("+18005551212", "0899123456", "+33899123456", "no number", "15"):
        assert ask("POST", body={"id": new(), "number": number}) == (400, {"error": "number"}), number
    for at in (offer["times"][0] + 1000, "10:00"):
        assert ask("POST", body={"id": new(), "number": "0145550101", "at": at})[0] in (400, 409), at
    assert ask("POST", body={"id": new(), "number": "0145550101", "at": 1000}) == (409, {"error": "past"})
    assert ask("GET", f"/{new()}") == (404, {"error": "unknown"})
    # At a time: once under its id, the number has one at a time, and the time is taken by it.
    later, at = new(), offer["times"][0]
    for code in (202, 200):
        assert ask("POST", body={"id": later, "number": "01 45 55 01 02", "at": at}) == (code, {"state": "SCHEDULED", "at": at, "now": False})
    assert ask("POST", body={"id": new(), "number": "+33145550102"}) == (409, {"error": "duplicate"})
    assert ask("POST", body={"id": new(), "number": "0145550103", "at": at}) == (409, {"error": "full"})
    assert at not in ask("GET")[1]["times"]
    # Now: somebody is waited for; it is taken back before the number is dialled.
    first = new()
    assert ask("POST", body={"id": first, "number": "0145550104", "name": "Anna"})[1]["state"] == "QUEUED"
    code, gone = ask("DELETE", f"/{first}")
    assert (code, gone["state"], gone["reason"], gone["now"]) == (200, "COMPLETED", "CANCELLED", True), (code, gone)
    # Core and adapter are killed with one that waits and one that is booked: they stand as they did.
    second = new()
    assert ask("POST", body={"id": second, "number": "0145550101"})[0] == 202
    becomes(second, "QUEUED")
    # One is left by a release behind this one (the script says so in the file).
    promised = {"id": "promised-by-a-newer-release", "number": "0145550177", "at": offer["times"][11]}
    assert ask("POST", body=promised)[0] == 202
    # The core hangs: whoever is answered 503 asks again under the same id, once it is known that the core has it not.
    wants("hangs")
    third = {"id": new(), "number": "0145550105", "at": offer["times"][2]}
    assert ask("POST", body=third) == (503, {"error": "away"})
    assert ask("GET", f"/{third['id']}")[0] == 503 and ask("POST", body=third)[0] == 503
    wants("kills")
    # What this release does not know is not this one's to tell, to take back or to ask for anew.
    for method, path, body in (("GET", f"/{promised['id']}", None), ("DELETE", f"/{promised['id']}", None), ("POST", "", promised)):
        assert ask(method, path, body) == (503, {"error": "away"}), method
    assert ask("POST", body={"id": new(), "number": promised["number"]}) == (409, {"error": "duplicate"})
    until("nobody has the third", lambda: ask("GET", f"/{third['id']}")[0] == 404)
    # Whoever is told that it is taken is known to the next process, too: the answer waits for the contact store.
    lock, answers = sqlite3.connect(f"{folder}/contacts", isolation_level=None, timeout=20), []
    lock.execute("begin immediate")
    asks = threading.Thread(target=lambda: answers.append(ask("POST", body=third)))
    asks.start()
    asks.join(1)
    assert not answers, answers
    assert ask("GET", f"/{third['id']}")[0] == 503 and ask("POST", body=third)[0] == 503  # nor is anybody else told
    # A store that stays away lets nobody promise anything: the core lets the call go, and it may be asked for again.
    asks.join(20)
    assert answers == [(503, {"error": "away"})], answers
    until("the core has let the third go", lambda: ask("GET", f"/{third['id']}")[0] == 404)
    lock.execute("rollback")
    until("the third is promised", lambda: ask("POST", body=third)[0] in (200, 202))
    assert ask("GET", f"/{third['id']}")[1] == {"state": "SCHEDULED", "at": third["at"], "now": False}
    lock.execute("begin immediate")
    answers, asks = [], threading.Thread(target=lambda: answers.append(ask("DELETE", f"/{third['id']}")))
    asks.start()
    asks.join(1)
    assert not answers, answers
    lock.execute("rollback")
    asks.join(20)
    assert answers[0][1]["reason"] == "CANCELLED", answers
    assert state(later) == "SCHEDULED" and state(second) == "QUEUED" and state(first) == "COMPLETED"
    assert ask("DELETE", f"/{later}")[1]["reason"] == "CANCELLED"
    assert ask("DELETE", f"/{later}")[1]["reason"] == "CANCELLED"
    assert at in ask("GET")[1]["times"]
    # Too often.
    for number in range(9):
        if ask("POST", body={"id": new(), "number": f"014555020{number}", "at": offer["times"][number + 1]})[0] == 429:
            break
    else:
        raise AssertionError("nobody is tired of it")
    # Somebody is free: the number is dialled, and it is too late to take it back.
    wants("ready")
    becomes(second, "QUEUED", "ROUTING", "PROCESSING")
    assert ask("DELETE", f"/{second}") == (409, {"error": "late"})
    becomes(second, "PROCESSING", "COMPLETED")
    assert ask("GET", f"/{second}")[1]["reason"] == "AGENT_CONNECTED"


def by_widget():
    from browser import Browser, Keys
    WIDGET = "[...document.querySelectorAll('body > div')].find((one) => one.shadowRoot).shadowRoot"
    customer = Browser("customer", folder, root=WIDGET, width=500, height=800)
    customer.open(ORIGIN + "/")
    customer.click("button", "Open the chat")
    customer.click("button", "Call me back")
    until("the number is asked for", lambda: customer.focused() == "Your telephone number")
    customer.press("+1 800 555 1212", Keys.ENTER)
    customer.sees("This number cannot be called back.")
    # At a time; the page is loaded anew, and it is taken back.
    customer.js("root.querySelector('#tel').value = '01 45 55 01 02'; root.querySelector('#tel').form.dispatchEvent(new Event('input'));"
                "root.querySelector('#when').selectedIndex = 2")
    customer.click("button", "Call me")
    customer.sees("We call you on ")
    customer.driver.refresh()  # the chat is open still
    customer.click("button", "Call me back")
    customer.sees("We call you on ")
    customer.click("button", "I do not want it any more")
    customer.sees("We do not call you.")
    # As soon as possible: every state is shown.
    customer.js("root.querySelector('#tel').value = '0145550101'; root.querySelector('#tel').form.dispatchEvent(new Event('input'));"
                "root.querySelector('#when').selectedIndex = 0")
    customer.click("button", "Call me")
    customer.sees("We call you as soon as somebody is free.")
    if where := os.environ.get("GCX_KEEP"):
        customer.picture(f"{where}/callback.png")
    wants("ready")
    customer.sees("You are talking with us.")
    customer.sees("The call is over.")
    assert not (faults := [one for one in customer.faults() if "favicon" not in one and "400" not in one]), faults
    customer.quit()


sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
if at_page:
    from browser import Site
    site = Site({})
    ORIGIN = site.origin
    tell("site", site.port)
else:
    ORIGIN = "http://127.0.0.1:1"
    tell("site", 1)
until("all is there", lambda: os.path.exists(f"{folder}/begin"))
if at_page:
    site.pages["/"] = f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop</title><h1>Shop</h1>
<script src="http://127.0.0.1:{int(open(f"{folder}/port").read())}/widget.js" data-callback async></script></html>"""
    by_widget()
else:
    over_http()
