"""webhook_wire.py FOLDER - Three networks in one: their APIs, which gcx-webhook writes to and asks, and the calls that
they make. Ports of the adapters stand in FOLDER/NAME.port. Our own port is written to FOLDER/api."""
import sys

sys.dont_write_bytecode = True
import webhook_networks as networks
from webhook_networks import answers, asked, bot, lock, mentions, must, wait_for, written

folder = sys.argv[1]
mentions.append(networks.mention(31, "<p>Where is my <b>parcel</b>?</p>"))


def call(*given):
    return networks.call(folder, *given)


def cloud(*given, **more):
    return networks.cloud(folder, *given, **more)


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
    wait_for("both are answered", lambda: len(written) == 2)
    must(sorted(w[2]["to"] for w in written), ["+491701", "+491702"], "to whom")
    must(written[0][0], "/v1/77/messages", "the account's messages")
    must(written[0][1]["Authorization"], "Bearer the token", "we are known")
    must(written[0][2]["text"], {"body": "Thank you, we read it."}, "the words")
    must(cloud([("1", "m1", "hello")]), 200, "it comes again")
    must(cloud([("1", "m3", "are you there?")], [("out1", "delivered"), ("nobody", "failed")]), 200, "more, and a status")
    for name in ("x1", "x2"):
        must(cloud([("9", name, "not ours")], account="78"), 200, "for another account")
    # The network wants us to wait: the answer comes once, later.
    with lock:
        answers.append((429, (("Retry-After", "1"),)))
    must(cloud([("3", "m4", "a third one")]), 200, "a third")
    wait_for("the third is answered", lambda: len(written) == 3)
    must(networks.said(folder, bot(9, "hello"), "wrong"), 403, "a wrong secret")
    said(bot(9, "hello"))
    wait_for("the bot answers", lambda: len(written) == 4)
    must(written[3][0], "/v1/botthe%20token/sendMessage", "the bot's address")
    must(written[3][2], {"chat_id": "42", "text": "Thank you, we read it."}, "the bot's words")
    said({"update_id": 7, "edited_message": {"message_id": 9, "chat": {"id": 42}, "edit_date": 1700000009, "text": "hullo"}})
    # The answer stands in the thread of the mention, and is seen by whom the mention was.
    wait_for("the mention is answered", lambda: any("status" in w[2] for w in written))
    post = [w for w in written if "status" in w[2]][0]
    must(post[2], {"status": "@ann@example.org Thank you, we read it.", "in_reply_to_id": "900", "visibility": "direct"},
         "in its thread")
    must(bool(post[1]["Idempotency-Key"]), True, "known if it comes twice")
    wait_for("it goes on behind the mention", lambda: any("min_id=31" in path for path in asked))


def again():
    """After the adapters' death: who writes goes on in the same conversation, what comes again is known."""
    del asked[:]
    must(cloud([("1", "m1", "hello"), ("1", "m5", "still there?")]), 200, "goes on")
    said(bot(9, "hello"))
    wait_for("asked again", lambda: len(asked) > 1)
    must([path for path in asked if "min_id=31" not in path], [], "where the next poll goes on")
    must(len(written), 5, "nobody is answered twice")


networks.serve(folder)
for line in sys.stdin:
    {"begin": begin, "again": again}[line.strip()]()
    print("done", line.strip(), flush=True)
