# desk_thread.py DIR TOP [page] - The agent, and the network, of desk_thread.sh; with `page` the desk's page in Chromium, too.
import hashlib, hmac, http.client, json, os, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DIR = sys.argv[1]
ANNA, OURS = "+491701234501", "+4930123"
lock, written, uploads = threading.Condition(), [], []


class Network(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def say(self, body, type="application/json"):
        self.send_response(200)
        self.send_header("Content-Type", type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.endswith("/media"):
            uploads.append((self.headers["Content-Type"], body))
            self.say(json.dumps({"id": f'file"{len(uploads)}'}).encode())
            return
        body = json.loads(body)
        with lock:
            written.append(body)
            name = f"out{len(written)}"
            lock.notify_all()
        self.say(json.dumps({"messages": [{"id": name}]}).encode())


server = ThreadingHTTPServer(("127.0.0.1", 0), Network)
threading.Thread(target=server.serve_forever, daemon=True).start()
with open(f"{DIR}/api.new", "w") as file:
    file.write(str(server.server_address[1]))
os.rename(f"{DIR}/api.new", f"{DIR}/api")


def wait_for(what, check):
    end = time.monotonic() + 60
    while not (found := check()):
        assert time.monotonic() < end, what
        time.sleep(0.02)
    return found


wait_for("all is there", lambda: os.path.exists(f"{DIR}/begin"))
from desk_client import *


def hook(**value):
    body = json.dumps({"entry": [{"changes": [{"value": {"metadata": {"phone_number_id": "77"}, "contacts": [{"profile": {"name": "Anna"}}], **value}}]}]}).encode()
    link = http.client.HTTPConnection("127.0.0.1", int(open(f"{DIR}/cloud.port").read()), timeout=60)
    link.request("POST", "/hook", body, {"X-Hub-Signature-256": "sha256=" + hmac.new(b"cloud secret", body, hashlib.sha256).hexdigest()})
    assert link.getresponse().status == 200


def posts(name, text):
    hook(messages=[{"from": ANNA[1:], "id": name, "timestamp": str(int(time.time())), "type": "text", "text": {"body": text}}])


def network_has(count):
    with lock:
        assert lock.wait_for(lambda: len(written) >= count, 60), written
    return written[count - 1]


def deliver(text):
    with open(f"{DIR}/deliver", "a") as out:
        out.write(f"{ANNA} {OURS} {text}\n")


def submitted(text):
    try:
        return any(line.rstrip("\n").endswith(text) for line in open(f"{DIR}/submitted"))
    except FileNotFoundError:
        return False


marie = Browser().log_in("marie", "secret")
desk = Desk(marie)
for media in ("sms", "social"):
    desk.ready(media)


def taken(media):
    offer = desk.expect("offer", media=media)
    desk.ask("accept", claim=offer["claim"])
    return desk.expect("opened", claim=offer["claim"])


# The conversation may be on its way to the agent still.
def says(item, key, text):
    while True:
        try:
            return desk.ask("message", ixn=item["ixn"], key=key, text=text)
        except AssertionError as why:
            assert why.args[0][2].get("code") == "no_privilege", why
            time.sleep(0.02)


def fares(item, key, *states):
    for state in states:
        desk.expect("delivery", ixn=item["ixn"], msg_id=f"marie:{key}", state=state)


def unsent(item, word):
    told = desk.expect("message", ixn=item["ixn"], visible="agents")
    assert word in told["text"], told


# Short messages, with a receipt; then the same person on the network, with statuses.
deliver("Where is my parcel?")
text = taken("sms")
says(text, "k1", "Good morning")
wait_for("it is sent", lambda: submitted("Good morning"))
fares(text, "k1", "accepted", "delivered")
posts("m1", "It is number 5")
post = taken("social")
assert post["data"]["reply_window"] == 2 and post["data"]["templates"] == "Templates", post
says(post, "k2", "It is on its way")
assert network_has(1)["text"] == {"body": "It is on its way"}, written
fares(post, "k2", "accepted")
hook(statuses=[{"id": "out1", "status": "delivered"}, {"id": "out1", "status": "sent"}])
fares(post, "k2", "delivered")
hook(statuses=[{"id": "out1", "status": "read"}, {"id": "out1", "status": "delivered"}])
fares(post, "k2", "read")
contact = marie.get(f"/api/stored?media=social&external_id={post['external_id']}")["contact"]


def thread(**query):
    return marie.get(f"/api/contacts/{contact}/thread?" + "&".join(f"{name}={value}" for name, value in query.items()))


wait_for("the marks are kept", lambda: thread()["lines"][0].get("state") == "read")
seen = [(one["media"], one["role"], one["text"], one.get("state")) for one in reversed(thread()["lines"])]
assert seen == [("sms", "customer", "Where is my parcel?", None), ("sms", "agent", "Good morning", "delivered"),
                ("social", "customer", "It is number 5", None), ("social", "agent", "It is on its way", "read")], seen
pages, page = [], {"limit": 3}
while page:
    got = thread(**page)
    pages += [one["text"] for one in got["lines"]]
    page = got.get("next") and {"limit": 3, **got["next"]}
assert pages == [text for _, _, text, _ in reversed(seen)], pages
marie.get("/api/contacts/999/thread", 404)

# The time for free answers is over: a template goes, as one; a free answer does not, and a field that is left is none.
wait_for("the time is over", lambda: time.time() * 1000 - thread()["lines"][1]["at"] > 2100)
says(post, "k3", "Sorry for the wait")
unsent(post, "templates only")
says(post, "k4", "Dear Anna, your parcel comes {1}.")
unsent(post, "templates only")
says(post, "k5", "Dear Anna, your parcel comes at 10.")
sent = network_has(2)
assert sent["type"] == "template" and sent["to"] == ANNA, sent
assert sent["template"] == {"name": "parcel_comes", "language": {"code": "en"}, "components": [
    {"type": "body", "parameters": [{"type": "text", "text": "Anna"}, {"type": "text", "text": "at 10"}]}]}, sent
fares(post, "k5", "accepted")
# The customer writes: answers are free again.
posts("m2", "Thank you")
desk.expect("message", ixn=post["ixn"], role="customer", text="Thank you")
says(post, "k6", "You are welcome")
assert network_has(3)["text"] == {"body": "You are welcome"}, written
fares(post, "k6", "accepted")

# An agent notes that the customer wants no posts: none goes, whoever writes it, until it is taken back.
refuse = lambda media, on, code=200, **why: marie.ask("PUT", f"/api/contacts/{contact}/refusals", {"media": media, "on": on, **why}, code)
assert [(one["media"], one["address"]) for one in refuse("social", True)["refusals"]] == [("social", ANNA)]
refuse("mms", True, 400)
says(post, "k7", "You should not get this")
unsent(post, "wants no messages")
refuse("social", False, 400)
refuse("social", False, 400, reason="x" * 401)
assert [one["media"] for one in marie.get(f"/api/contacts/{contact}")["refusals"]] == ["social"]
back = refuse("social", False, reason="They asked by telephone")
assert back["refusals"] == [] and [(one["noted"], one["agent"], one.get("reason")) for one in back["refusal_acts"]] == [
    (False, "marie", "They asked by telephone"), (True, "marie", None)], back
says(post, "k8", "Welcome back")
assert network_has(4)["text"] == {"body": "Welcome back"}, written
# What the customer has said by a word is shown, and no agent takes it back.
deliver("STOP")
told = wait_for("it is noted", lambda: marie.get(f"/api/contacts/{contact}")["refusals"])
assert [(one["media"], one["own"], one["word"]) for one in told] == [("sms", OURS, "STOP")], told
assert refuse("sms", False, reason="They want to know")["refusals"] == told
unsent(text, "wants no more messages")
says(text, "k9", "You should not get this")
unsent(text, "is not sent")
assert not submitted("You should not get this")
assert len(written) == 4, written


# A file goes as a file: it is brought to the network, and a message names it. One that is too large does not go, and to a
# number none goes: the desk refuses it.
def attaches(item, key, name, length, code=None):
    upload = marie.ask("POST", f"/api/uploads?name={name}&type=text/plain", plain=b"x" * length)["upload"]
    return desk.ask("message", code, ixn=item["ixn"], key=key, text=name, file=upload)


one_interaction = marie.get(f"/api/stored?media=social&external_id={post['external_id']}")["interaction"]
kept = lambda: {one["msg_id"]: one for one in marie.get(f"/api/interactions/{one_interaction}/transcript?limit=200")["messages"]}


# The time for free answers may be over before the file is: then once more.
def attaches_freely(key, name, length, done):
    for one in range(20):
        posts(f"{key}{one}", f"Please, {key} {one}")
        desk.expect("message", ixn=post["ixn"], role="customer", text=f"Please, {key} {one}")
        attaches(post, f"{key}{one}", name, length)
        wait_for("it goes or not", lambda: done(f"marie:{key}{one}") or f"unsent:marie:{key}{one}" in kept())
        if done(f"marie:{key}{one}"):
            return
    assert False, kept()


attaches_freely("f", "receipt.txt", 999, lambda name: len(written) > 4)
assert network_has(5)["document"] == {"id": 'file"1', "filename": "receipt.txt"}, written
assert uploads[0][0].startswith("multipart/form-data") and b"x" * 999 + b"\r\n" in uploads[0][1] and b'filename="receipt.txt"' in uploads[0][1], uploads
attaches_freely("g", "film.txt", 1001, lambda name: f"large:{name}" in kept())
assert len(uploads) == 1 and len(written) == 5, written
assert "Files cannot go to this customer" in attaches(text, "h", "receipt.txt", 9, "unsupported")["text"]


# What messengers bring besides texts, each once although it comes twice; an edit comes before its message.
def brings(name, type, **what):
    return {"from": ANNA[1:], "id": name, "timestamp": str(int(time.time())), "type": type, **what}


later = [brings("p1", "location", location={"latitude": 48.8799, "longitude": 2.355, "name": "Gare du Nord", "address": "18 rue de Dunkerque"}),
         brings("p2", "contacts", contacts=[{"name": {"formatted_name": "Bo Lee"}, "phones": [{"phone": "+4917099"}], "emails": [{"email": "bo@example.org"}]}]),
         brings("p3", "order", order={"product_items": [{"product_retailer_id": "tea", "quantity": 2, "item_price": 3.5, "currency": "EUR"}]}),
         brings("p4", "hologram"),
         brings("p8", "reaction", reaction={"message_id": "out1", "emoji": "\u2b50"}),
         brings("p5", "reaction", reaction={"message_id": "m2", "emoji": "\u2764"}),
         brings("p6", "edit", edit={"original_message_id": "m3", "message": {"text": {"body": "By the red door"}}}),
         brings("m3", "text", text={"body": "By the blue door"}),
         brings("p7", "revoke", revoke={"original_message_id": "m1"})]
for _ in range(2):
    hook(messages=later)
wait_for("all is kept", lambda: "c:deleted:m1" in kept())
told = kept()
assert not any("~" in one for one in told), told
assert told["c:p1"]["text"] == "Place: Gare du Nord, 18 rue de Dunkerque (48.8799, 2.355)" and told["c:p1"]["about"]["latitude"] == "48.8799", told
assert told["c:p2"]["about"]["lines"] == [{"name": "Bo Lee", "value": "+4917099"}, {"name": "Bo Lee", "value": "bo@example.org"}], told
assert told["c:p3"]["about"]["sum"] == "7.00" and "Sum: 7.00 EUR" in told["c:p3"]["text"], told
assert told["c:p4"]["text"] == "A message of a kind that gcx does not know: hologram", told
assert [(told[one]["kind"], told[one]["of"], told[one]["visible"]) for one in ("c:p8", "c:p5", "c:p6", "c:deleted:m1")] == [
    ("reaction", "marie:k2", "agents"), ("reaction", "c:m2", "agents"), ("edit", "c:m3", "agents"), ("deletion", "c:m1", "agents")], told
assert told["c:m1"]["text"] == "" and told["c:m1"]["taken_back"] > 0 and told["c:m3"]["text"] == "By the blue door", told
assert not any(one["text"] == "It is number 5" for one in thread(limit=50)["lines"])
assert marie.get("/api/search?q=number")["interactions"] == []


def drives(page):
    page.open(f"http://127.0.0.1:{PORT['desk']}/")
    page.write("#login-name", "marie")
    page.write("#login-password", "secret")
    page.press(Keys.ENTER)
    # The time for free answers is over: a template is chosen, and goes as one.
    wait_for("the time is over", lambda: time.time() * 1000 - [one for one in thread()["lines"] if one["text"] == "Thank you"][0]["at"] > 2100)
    until("the post is there", lambda: page.js("const one = [...root.querySelectorAll('#own .entry')].find((one) => /social/i.test(one.innerText)); one?.click(); return Boolean(one)"))
    page.sees("The time for a free answer is over: only a template is sent.")
    # Beside its message stands what was said later about it.
    until("the sign is there", lambda: page.js("return [...root.querySelectorAll('.log li')].some((one) => one.innerText.includes('Thank you') && one.querySelector('.sign')?.innerText === '\u2764')"))
    until("the edit is there", lambda: page.js("return [...root.querySelectorAll('.log li')].some((one) => one.querySelector('.text').innerText === 'By the red door' && /earlier text/.test(one.innerText) && one.querySelector('.earlier p').textContent === 'By the blue door')"))
    for words in ("Taken back by the customer at", "Map: 48.8799, 2.355", "bo@example.org", "7.00 EUR", "hologram"):
        page.sees(words)
    words = page.driver.execute_async_script("const done = arguments[0]; import(`${location.origin}/contents.js`).then(({ contentText }) => done(contentText(document.querySelector('.log .order').parentElement)))")
    assert words == "Order 2 tea 3.5 EUR Sum 7.00 EUR", words  # as the list of her work says it
    page.sees_not("It is number 5")
    assert page.js("return [...root.querySelectorAll('.log li.own')].some((one) => one.querySelector('.sign')?.innerText === '\u2b50' && one.querySelector('.mark.read'))")
    assert page.js("return performance.getEntriesByType('resource').every((one) => one.name.startsWith(location.origin))")
    if os.environ.get("GCX_PICTURES"):
        page.picture(os.path.join(os.environ['GCX_PICTURES'], 'contents.png'))
    page.click("button", "Templates …")
    page.click("dialog .choices .entry", "hello")
    reads = lambda: page.find(".composer textarea").get_attribute("value")
    until("it is filled in", lambda: reads() == "We are here again.")
    page.find(".composer textarea").send_keys(Keys.END, Keys.ENTER)
    assert network_has(6)["template"]["name"] == "hello", written
    # A template's field that is not known is asked for; what is left open is not sent without a question.
    page.click("button", "Templates …")
    page.write("dialog input", "parcel")
    page.press(Keys.ENTER)
    page.sees("what is not known")
    page.press(Keys.ENTER)
    until("it is filled in", lambda: reads().endswith("your parcel comes {1}."))
    page.js("window.confirm = (text) => { window.asked = text; return false; }")
    page.find(".composer textarea").send_keys(Keys.END, Keys.ENTER)
    until("it is asked", lambda: page.js("return window.asked") == "{contact.name}, {1} are not filled in. Send it so?")
    assert reads().endswith("your parcel comes {1}.")
    # Calls of campaigns are refused, and wanted again for a reason, which is kept.
    voice = lambda: [(one["noted"], one.get("reason")) for one in marie.get(f"/api/contacts/{contact}")["refusal_acts"] if one["media"] == "voice"]
    page.js("window.confirm = () => true")  # the question is answered with yes
    until("Call is there", lambda: page.js("const one = [...root.querySelectorAll('.refusals li')].find((one) => /^call/i.test(one.innerText)); one?.querySelector('button').click(); return Boolean(one)"))
    page.sees("No calls are wanted. Noted by Marie Laurent.")
    page.click(".refusals button", "Calls again …")
    page.press("She has asked for a call", Keys.ENTER)
    page.sees_not("No calls are wanted.")
    assert voice() == [(False, "She has asked for a call"), (True, None)], voice()
    # A colleague is asked.
    colleague = Desk(Browser().log_in("jean", "secret"))
    colleague.ready("im")
    page.js("return import(`${location.origin}/asks.js`).then((asks) => { asks.compose(null); })")
    page.write("dialog textarea", "Who has parcel 5?")
    page.click("dialog button", "Ask")
    offer = colleague.expect("offer", media="im")
    colleague.ask("accept", claim=offer["claim"])
    colleague.expect("opened", claim=offer["claim"])
    colleague.ask("message", ixn=offer["ixn"], key="j1", text="It is in Lyon")
    page.sees("It is in Lyon")
    # An offer shows what its customer says now: what was taken back is not shown, and what was changed as it is.
    other = lambda **what: hook(messages=[{"from": "491709999901", "timestamp": str(int(time.time())), **what}])
    words = lambda: page.js("return root.querySelector('#offers .first-words')?.innerText")
    other(id="o1", type="text", text={"body": "Good day"})
    other(id="o2", type="text", text={"body": "I am Bo, born in 1970"})
    until("it is offered", lambda: words() == "I am Bo, born in 1970")
    other(id="o3", type="edit", edit={"original_message_id": "o1", "message": {"text": {"body": "Good evening"}}})
    other(id="o4", type="revoke", revoke={"original_message_id": "o2"})
    until("it is as of now", lambda: words() == "Good evening")
    page.click("#offers button", "Accept")
    page.sees("Good evening")
    page.click(".pane:not([hidden]) .done", "Done")
    assert not (faults := page.faults()), faults


if len(sys.argv) > 3:
    from browser import Browser as Window, Keys, until
    window = Window("marie", DIR, width=1280, height=900)
    try:
        drives(window)
    except BaseException:
        print(window.text(), window.complaints())
        raise
    finally:
        window.quit()

# The conversation is over: what is taken back then is taken back there, and begins nothing; of a message that nobody has
# a conversation begins, so that it is not lost.
marie = Browser().log_in("marie", "secret")  # the page has taken the desk over
desk = Desk(marie)
desk.ready("social")
desk.ask("done", ixn=post["ixn"])
wait_for("it is over", lambda: marie.get(f"/api/interactions/{one_interaction}").get("ended"))
hook(messages=[brings("p9", "revoke", revoke={"original_message_id": "m2"})])
wait_for("it is taken back", lambda: kept()["c:m2"].get("taken_back"))
hook(messages=[brings("p10", "revoke", revoke={"original_message_id": "nobody's"})])
assert taken("social")["external_id"] != post["external_id"]
