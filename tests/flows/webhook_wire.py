"""webhook_wire.py FOLDER - Three networks in one: their APIs, which gcx-webhook writes to and asks, and the calls that
they make. Ports of the adapters stand in FOLDER/NAME.port. Our own port is written to FOLDER/api."""
import sys

sys.dont_write_bytecode = True
import webhook_networks as networks
from webhook_networks import answers, asked, bot, closed, limited, lock, mentions, silent, must, wait_for, written

folder = sys.argv[1]
files = networks.files
files["at-home"] = (200, b'"http://127.0.0.1:9/private"', 0)
files["at-moved"] = (200, None, 0)
files["moved"] = (302, b"https://localhost/private", 0)
files["large"] = (200, bytes(1024 * 1024 + 1), 0)
files["page"] = (200, b"<script>alert(1)</script>", 0)
files["lamp"] = (200, networks.PICTURE, 0.3)


def call(*given):
    return networks.call(folder, *given)


def cloud(*given, **more):
    return networks.cloud(folder, *given, **more)


def messages():
    return [one for one in written if "status" not in one[2]]


def picture(name, **more):
    return {"type": "image", "image": {"id": name, "mime_type": "image/png", **more}}


def said(update):
    must(networks.said(folder, update), 200, "an update")


def begin():
    must(call("cloud", "GET", "/?hub.verify_token=our+word&hub.challenge=12345"), (200, "12345"), "the challenge")
    must(call("cloud", "GET", "/?hub.verify_token=another&hub.challenge=12345")[0], 403, "a wrong word")
    must(call("cloud", "GET", "/")[0], 404, "nothing is here")
    must(call("cloud", "POST", "/hook", b"{}")[0], 403, "no signature")
    must(cloud([("1", "m1", "hello")], secret=b"guessed"), 403, "another secret")
    must(cloud([("1", "m1", "hello")], spoil=True), 403, "another body")
    must(cloud([("1", "m1", "hello"), ("2", "m2", "hi")]), 200, "two people write")
    wait_for("both are answered", lambda: len(messages()) == 2)
    must(sorted(w[2]["to"] for w in messages()), ["+491701", "+491702"], "to whom")
    must(messages()[0][0], "/v1/77/messages", "the account's messages")
    must(messages()[0][1]["Authorization"], "Bearer the token", "we are known")
    must(messages()[0][2]["text"], {"body": "Thank you, we read it."}, "the words")
    must(cloud([("1", "m1", "hello")]), 200, "it comes again")
    must(cloud([("1", "m3", "are you there?")], [("out1", "delivered"), ("nobody", "failed")]), 200, "more, and a status")
    for name in ("x1", "x2"):
        must(cloud([("9", name, "not ours")], account="78"), 200, "for another account")
    # The network wants us to wait: the answer comes once, later.
    with lock:
        answers.append((429, (("Retry-After", "1"),)))
    networks.names.append("x" * 70000)  # which no status could name; it was taken, and the next ones go
    must(cloud([("3", "m4", "a third one")]), 200, "a third")
    wait_for("the third is answered", lambda: len(messages()) == 3)
    must(networks.said(folder, bot(9, "hello"), "wrong"), 403, "a wrong secret")
    said(bot(9, "hello"))
    wait_for("the bot answers", lambda: len(messages()) == 4)
    must(messages()[3][0], "/v1/botthe%20token/sendMessage", "the bot's address")
    must(messages()[3][2], {"chat_id": "42", "text": "Thank you, we read it.", "reply_markup": {
        "one_time_keyboard": True, "resize_keyboard": True, "keyboard": [[{"text": str(mark)} for mark in range(1, 6)]]}},
         "the bot's words, with a button for each mark")
    must(cloud([("699", "o1", "of our other account")]), 200, "one of ours writes")
    said({"update_id": 7, "edited_message": {"message_id": 9, "chat": {"id": 42}, "edit_date": 1700000009, "text": "hullo"}})
    # Files come with their messages, and behind a slow one nobody is overtaken.
    must(cloud([("4", "p1", picture("lamp", caption="my lamp")), ("4", "p2", "do you see it?")]), 200, "a picture, and a word")
    must(cloud([("4", "p3", picture("gone"))]), 200, "one that is not there")
    must(cloud([("4", "p4", picture("at-home"))]), 200, "one that lies at a host that nobody named")
    must(cloud([("4", "p5", picture("at-moved"))]), 200, "one that moved there")
    must(cloud([("4", "p6", picture("large"))]), 200, "one that is too large")
    must(cloud([("4", "p7", {"type": "document", "document": {"id": "page", "mime_type": "text/html", "filename": "../a.html"}})]), 200, "a page")
    networks.busy.append("lamp")
    must(cloud([("5", "p8", {"type": "document", "document": {"id": "lamp", "filename": ".."}})]), 200, "one that is had later")
    said(bot(10, photo=networks.photo("lamp"), caption="my lamp"))
    # The answer stands in the thread of the mention, and is seen by whom the mention was.
    wait_for("the mention is answered", lambda: any("status" in w[2] for w in written))
    post = [w for w in written if "status" in w[2]][0]
    must(post[2], {"status": "@ann@example.org Thank you, we read it.", "in_reply_to_id": "900", "visibility": "direct"},
         "in its thread")
    must(bool(post[1]["Idempotency-Key"]), True, "known if it comes twice")
    must("thumb" in str(asked), False, "the largest size is asked for")
    wait_for("it goes on behind the mention", lambda: any("min_id=31" in path for path in asked))


def again():
    """After the adapters' death: who writes goes on in the same conversation, what comes again is known."""
    del asked[:]
    must(cloud([("1", "m1", "hello"), ("1", "m5", "still there?")]), 200, "goes on")
    said(bot(9, "hello"))
    must(cloud([], [("out2", "failed")]), 200, "what became of a message of before")
    wait_for("asked again", lambda: len(asked) > 1)
    must([path for path in asked if "min_id=31" not in path], [], "where the next poll goes on")
    mentions.append(networks.mention(41, "<p>And now so that all can read it</p>", visibility="public"))
    wait_for("the mention is read", lambda: any("min_id=41" in path for path in asked))
    must(len(written), 7, "nobody is answered twice")


def anew(message, notification, answered):
    """Their conversations are over: they begin others. What was taken before all that is no new message."""
    must(cloud([("3", "m4", "a third one")]), 200, "the last process took it")
    said(bot(message, "once more"))
    mentions.append(networks.mention(notification, "<p>Once more</p>"))
    wait_for("the mention is read", lambda: any(f"min_id={notification}" in path for path in asked))
    wait_for("it is answered", lambda: len(written) >= answered)
    must(len(written), answered, "both are answered, or none is")


def last():
    """One conversation is full, and goes on in another; the network limits one customer, and another one is answered."""
    for number in range(100, 112):
        said(bot(number, f"more {number}"))
    limited.append("+4917088")
    must(cloud([("88", "q1", "hello")]), 200, "one who is limited")
    must(cloud([("89", "q2", "hello")]), 200, "another one")
    wait_for("the other one is answered", lambda: any(w[2]["to"] == "+4917089" for w in written if "to" in w[2]))
    asks = next(w[2]["interactive"] for w in written if w[2].get("to") == "+4917089")
    must(asks["body"], {"text": "Thank you, we read it."}, "the question")
    must([row["title"] for row in asks["action"]["sections"][0]["rows"]], list("54321"), "its buttons")
    must([w for w in written if w[2].get("to") == "+4917088"], [], "the one who is limited")
    limited.clear()
    must(cloud([("89", "q3", 3000 * "\u00e9" + " is the end")]), 200, "a text longer than a message of ours")
    wait_for("that one is answered", lambda: any(w[2].get("to") == "+4917088" for w in written))


def refusal():
    closed.append("+4917091")
    must(cloud([("91", "r1", "hello")]), 200, "one to whom the network lets nobody write")


def silence():
    silent.append("+4917090")
    must(cloud([("90", "s1", "hello")]), 200, "one to whom an answer is under way")
    wait_for("the network has it", lambda: any(w[2].get("to") == "+4917090" for w in written))


def once():
    must(len([w for w in written if w[2].get("to") == "+4917090"]), 1, "nothing that may have arrived is sent again")


own = f"http://127.0.0.1:{networks.serve(folder)}"
files["at-moved"] = (200, f'"{own}/media/moved"'.encode(), 0)
mentions.append(networks.mention(31, "<p>Where is my <b>parcel</b>?</p>", media_attachments=[{"id": "5", "type": "image", "url": own + "/media/open/lamp"}]))
for line in sys.stdin:
    {"begin": begin, "again": again, "anew1": lambda: anew(11, 42, 9), "anew2": lambda: anew(12, 43, 9),
     "last": last, "refusal": refusal,
     "silence": silence, "once": once}[line.strip()]()
    print("done", line.strip(), flush=True)
