"""merged_back.py DIR TOP - Marie merges e-mails, and takes each merge back; merged_back.sh kills and restores meanwhile."""
import itertools, sys
sys.path.insert(0, f"{sys.argv[2]}/tests/flows")
from walked import *

marie, anne, numbers = Agent("marie"), Agent("anne"), itertools.count(1)


class Mail:
    """A customer's e-mail: `one` of the customer `who`."""
    def __init__(self, who, one=None):
        self.who, self.one = who, one or who
        site("post", self.who, self.one)

    def fits(self, item):
        return item["media"] == "email" and item["subject"] == f"about {self.one}"

    def take(self):
        return marie.take(self.fits, f"the e-mail of {self.one}")


def merged(first, second):
    """The second is merged into the first. Returns what Undo says."""
    into, item = first.take(), second.take()
    number = marie.stored(item)
    words = text_of(item)
    into = marie.held()[into["ixn"]]
    marie.says("merge", ixn=item["ixn"], into=into["ixn"])
    assert second.one not in works(), works()
    return {"ixn": into["ixn"], "key": f"undo{next(numbers)}", "text": words, "subject": item["subject"], "from": number}


def works():
    """What is open, by what its customer wrote of: marie's, and what lies where she may take it."""
    for ixn, place in marie.lying().items():
        marie.tried("pull", **place, ids=[ixn])
    return sorted(one["subject"].removeprefix("about ") for one in marie.held().values() if one["media"] == "email")


def text_of(item):
    return anne.get(f"/api/interactions/{anne.stored(item)}/transcript")["messages"][0]["text"]


def answered(mail, other):
    """The agent answers as the page does, with a quotation, and is done with it."""
    item = mail.take()
    text = text_of(item)
    assert f"from {mail.one}" in text and f"from {other.one}" not in text, (mail.one, text)
    assert item["from"] == f"{mail.who}@example.org", item
    marie.says("send", ixn=item["ixn"], key=f"answer{next(numbers)}", to=[item["data"].get("reply_to") or item["from"]], subject=f"Re: {item['subject']}",
               text=f"Answer to {mail.one}\n\n> " + text.strip().replace("\n", "\n> "))
    reply = marie.tried("done", ixn=item["ixn"])
    assert reply.get("code") in (None, "gone", "unknown", "no_privilege"), reply
    site("got", mail.who, mail.one, other.one)
    return anne.get(f"/api/interactions/{anne.stored(item)}")["contact"]


def history_is(contact, mail, other):
    """The customer's history has this e-mail and its answer, and nothing that the other one wrote or was answered."""
    theirs = [line for line in anne.get(f"/api/contacts/{contact}/thread")["lines"] if line.get("visible") != "agents"]
    texts = "\n".join(line["text"] for line in theirs)
    assert f"from {mail.one}" in texts and f"Answer to {mail.one}" in texts, (mail.one, texts)
    if mail.who != other.who:
        assert f"from {other.one}" not in texts and f"Answer to {other.one}" not in texts, (mail.one, texts)
    subjects = {one["subject"] for one in anne.get(f"/api/contacts/{contact}/history")["interactions"]}
    assert f"about {mail.one}" in subjects and (mail.who == other.who or f"about {other.one}" not in subjects), subjects


def are_two(first, second):
    """Both are open, each once, and go to their end as if they had never been one."""
    until(lambda: f"two works: {works()}", lambda: works() == sorted((first.one, second.one)))
    contacts = answered(first, second), answered(second, first)
    assert (contacts[0] == contacts[1]) == (first.who == second.who), contacts
    history_is(contacts[0], first, second)
    history_is(contacts[1], second, first)
    until(lambda: f"all is done: {works()}", lambda: works() == [])


def pair(of_one):
    n = next(numbers)
    if of_one:
        return Mail(f"c{n}", f"c{n}first"), Mail(f"c{n}", f"c{n}second")
    return Mail(f"c{n}"), Mail(f"d{n}")


def in_history(mail):
    """The agent who is told that it is in its customer's history finds it there, with its words."""
    [contact] = [one["contact"] for one in marie.get(f"/api/contacts?q={mail.who}@")["contacts"]]
    [one] = [one for one in marie.get(f"/api/contacts/{contact}/history")["interactions"] if one["subject"] == f"about {mail.one}"]
    assert one["result"] == "merged", one
    assert f"from {mail.one}" in marie.get(f"/api/interactions/{one['interaction']}/transcript")["messages"][0]["text"]


def refused(first, second, reply):
    assert reply["code"] == "invalid" and "of two customers" in reply["text"] and "in its customer's history" in reply["text"], reply
    in_history(second)
    answered(first, second)
    until(lambda: f"all is done: {works()}", lambda: works() == [])


def played(victim, of_one, amid):
    tell(f"{'amid the undo' if amid else 'between'}: {victim}, of {'one customer' if of_one else 'two customers'}")
    first, second = pair(of_one)
    undo = merged(first, second)
    if victim and not amid:
        site(victim)
    if amid:
        site_begins(victim)
    reply = marie.tried("split", **undo)
    if amid:
        site_ends()
        again = marie.tried("split", **undo)
        assert "code" in again or reply.get("ixn") in (None, again["ixn"]), (reply, again)
    if "code" not in reply:
        return are_two(first, second)
    assert victim in ("desk", "restore") and not of_one, (victim, reply)
    # Amid the undo the desk may have kept the part before it was killed: then it comes back as a mail does.
    if amid and until("the part is there or not", lambda: [works()])[0] == sorted((first.one, second.one)):
        return are_two(first, second)
    refused(first, second, reply)


ALL = bool(os.environ.get("ALL"))
for victim in "", "core", "email", "database", "desk", "restore":
    for of_one in (False, True) if ALL or victim in ("", "desk", "restore") else (False,):
        played(victim, of_one, False)
for victim in "core", "email", "database", "desk":
    for of_one in (False, True) if ALL else (False,):
        played(victim, of_one, True)
for how in "", "all":
    tell(f"a backup from before the merge is put back {how}")
    first, second = pair(False)
    first.take(), second.take()
    site("backup")
    marie.says("split", **merged(first, second))
    site("put_back", how)
    are_two(first, second)
tell("each merge was taken back")
