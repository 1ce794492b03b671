# tests/language/lsp_sessions.py GCXC SOURCES - Sessions with gcxc lsp, each a function named after what must hold.
import json
import os
import random
import re
import shutil
import sys
import traceback

from lsp_client import Client

gcxc, top = sys.argv[1:3]
MAIN, SITE, TESTS = "enterprise.gcx", "site.gcx", "tests.gcx"
TABLE = open(os.path.join(top, "compiler", "lsp", "requests.def")).read()
ABOUT_DOCUMENTS = re.findall(r'^DOCUMENT_REQUEST\("([^"]+)"', TABLE, re.M)
ABOUT_SITES = [one for one in re.findall(r'^SERVER_REQUEST\("([^"]+)"', TABLE, re.M) if one not in ("initialize", "shutdown")]


def enterprise():
    """A copy of the site in a folder of its own, which is the present one."""
    folder = os.path.join(os.environ.get("PWD", "."), "site%d" % enterprise.count)
    enterprise.count += 1
    shutil.copytree(os.path.join(top, "strategies", "enterprise"), folder)
    for name in os.listdir(folder): # other tests come and go
        if name.endswith(".gcx") and name not in (MAIN, SITE, TESTS):
            os.remove(os.path.join(folder, name))
    os.chdir(folder)


enterprise.count = 0


# ---- opening, typing, closing ----

def what_is_wrong_is_said_as_it_is_typed():
    client = Client(gcxc)
    assert client.open(MAIN) == []
    client.type(MAIN, "skill ", "Frensh", cut=6, skip=1)
    found = client.found(MAIN)
    assert [one["code"] for one in found] == ["E0412"], found
    assert client.says(MAIN, found[0]["range"]) == "Frensh" and found[0]["severity"] == 1
    assert "did you mean 'French'?" in found[0]["message"], found
    client.type(MAIN, "skill ", "French", cut=6, skip=1)
    assert client.found(MAIN) == []
    assert client.end() == 0


def a_file_that_is_open_stands_for_the_one_on_disk():
    client = Client(gcxc)
    client.open(MAIN)
    client.open(SITE)
    client.type(SITE, "queue desk", "s")
    assert client.found(SITE) == []
    while not client.diagnostics[client.uri(MAIN)]["diagnostics"]:
        client.one()
    assert {one["code"] for one in client.diagnostics[client.uri(MAIN)]["diagnostics"]} == {"E0412"}
    client.tell("textDocument/didClose", textDocument={"uri": client.uri(SITE)})
    while client.diagnostics[client.uri(MAIN)]["diagnostics"]:
        client.one()
    assert client.end() == 0


def what_is_wrong_in_another_file_is_said_of_that_file():
    text = open(MAIN).read().replace("route queue desk", "route queue desks")
    open(MAIN, "w").write(text)
    client = Client(gcxc)
    client.open(TESTS)
    while client.uri(MAIN) not in client.diagnostics:
        client.one()
    assert [one["code"] for one in client.diagnostics[client.uri(MAIN)]["diagnostics"]] == ["E0412"]
    client.tell("textDocument/didClose", textDocument={"uri": client.uri(TESTS)})
    while client.diagnostics[client.uri(MAIN)]["diagnostics"]:
        client.one()
    assert client.end() == 0


def a_second_place_is_a_related_one():
    client = Client(gcxc)
    found = client.open(MAIN, open(MAIN).read().replace("    desk:", "    let who = 1;\n    desk:"))
    taken = [one for one in found if one["code"] == "E0301"]
    assert taken and taken[0]["relatedInformation"][0]["message"] == "declared here", found
    place = taken[0]["relatedInformation"][0]["location"]
    assert place["uri"] == client.uri(MAIN) and client.says(MAIN, place["range"]) == "who"
    assert client.end() == 0


def characters_are_those_of_utf16_or_as_agreed():
    text = open(MAIN).read().replace("// The IVR asks;", "// \U0001F600\u00e9 The IVR asks;")
    text = text.replace('ivr.say("You', 'ivr.say("\U0001F600 {Yuo} You')
    client = Client(gcxc)
    assert client.capabilities["positionEncoding"] == "utf-16"
    found = client.open(MAIN, text)
    assert [client.says(MAIN, one["range"]) for one in found] == ["Yuo"], found
    client.type(MAIN, "\U0001F600\u00e9", "!")
    client.type(MAIN, '"\U0001F600 {', "ani", cut=3)
    assert client.found(MAIN) == [], client.found(MAIN)
    assert client.end() == 0
    client = Client(gcxc, ["utf-8", "utf-16"])
    assert client.capabilities["positionEncoding"] == "utf-8"
    found = client.open(MAIN, text)
    begin = found[0]["range"]["start"]
    assert text.encode().split(b"\n")[begin["line"]][begin["character"]:].startswith(b"Yuo")
    assert client.end() == 0


def a_quick_fix_writes_what_was_meant():
    client = Client(gcxc)
    client.open(MAIN, open(MAIN).read().replace("group overflow", "group overflwo"))
    found = client.found(MAIN)
    actions = client.ask("textDocument/codeAction", textDocument={"uri": client.uri(MAIN)}, range=found[0]["range"],
                         context={"diagnostics": found})
    assert [one["title"] for one in actions] == ["Write 'overflow'"], actions
    assert actions[0]["diagnostics"] == found[:1]
    client.apply(actions[0]["edit"])
    assert client.found(MAIN) == []
    assert client.end() == 0


# ---- asking ----

def labels(answer):
    return [one["label"] for one in answer["items"]]


def item(answer, label):
    return next(one for one in answer["items"] if one["label"] == label)


def hovered(client, path, after, skip=0):
    answer = client.at("hover", path, after, skip)
    return answer["contents"]["value"] if answer else None


def a_name_tells_its_type_and_what_is_written_of_it():
    client = Client(gcxc)
    client.open(MAIN)
    assert "let who: target" in hovered(client, MAIN, "route w")
    assert "attached customer: Customer?" in hovered(client, MAIN, "if cust")
    assert "name: str" in hovered(client, MAIN, "record Customer { na")
    assert "identify the caller" in hovered(client, MAIN, "first Custo")
    assert "skill French" in hovered(client, MAIN, "skill Fre")
    step = hovered(client, MAIN, "ivr.dig")
    assert "ivr.digits(prompt: prompt, min: int?" in step and "collects digits" in step and "`no_input`" in step, step
    assert "higher is served first" in hovered(client, MAIN, "{ prio")
    assert "claimed" in hovered(client, MAIN, "= sele")
    assert "first row" in hovered(client, MAIN, "customers fir")
    assert "tier: str" in hovered(client, MAIN, "customer?.ti")
    assert hovered(client, MAIN, "// The IV") is None
    assert client.end() == 0


def a_definition_is_found_in_the_file_where_it_is():
    client = Client(gcxc)
    client.open(MAIN)
    client.open(TESTS)
    for path, after, skip, file, word in [
            (MAIN, "queue de", 0, SITE, "desk"), (MAIN, "route w", 0, MAIN, "who"), (MAIN, "goto de", 0, MAIN, "desk"),
            (MAIN, "query cust", 0, SITE, "customers"), (MAIN, "first Cust", 0, MAIN, "Customer"),
            (MAIN, "customer?.ti", 0, MAIN, "tier"), (TESTS, "call enter", 0, MAIN, "enterprise"),
            (TESTS, "-> Cust", 0, MAIN, "Customer"), (TESTS, "expect acc", 0, MAIN, "account"),
            (TESTS, "prompt lang", 0, SITE, "language")]:
        place = client.at("definition", path, after, skip)
        assert place and place["uri"] == client.uri(file), (after, place)
        assert client.says(file, place["range"]) == word, (after, place)
    assert client.at("definition", TESTS, "import enter")["uri"] == client.uri(MAIN)
    assert client.at("definition", MAIN, "ivr.di") is None
    assert client.end() == 0


def references_are_those_of_all_files_of_the_site():
    client = Client(gcxc)
    client.open(MAIN)
    places = client.at("references", MAIN, "prompt acc", context={"includeDeclaration": True})
    found = sorted((os.path.basename(one["uri"]), client.says(os.path.basename(one["uri"]), one["range"]))
                   for one in places)
    assert found == [(MAIN, "account_number"), (SITE, "account_number"), (TESTS, "account_number")], found
    places = client.at("references", MAIN, "goto de", context={"includeDeclaration": False})
    assert len(places) == 3, places
    assert client.end() == 0


def a_new_name_stands_in_all_files_and_nothing_changes_its_meaning():
    client = Client(gcxc)
    client.open(MAIN)
    place = client.at("prepareRename", MAIN, "queue de")
    assert place["placeholder"] == "desk" and client.says(MAIN, place["range"]) == "desk"
    client.apply(client.at("rename", MAIN, "queue de", newName="front_desk"))
    client.apply(client.at("rename", MAIN, "skill Eng", newName="German"))
    client.apply(client.at("rename", MAIN, "prompt lang", newName="Prêts immo"))
    client.apply(client.at("rename", MAIN, "strategy ent", newName="entrance"))
    client.apply(client.at("rename", MAIN, "first Cust", newName="Person"))
    assert all(one["severity"] > 1 for one in client.found(MAIN)), client.found(MAIN)
    assert "queue front_desk" in client.texts[MAIN] and "queue front_desk" in open(SITE, encoding="utf-8").read()
    assert "skill German" in client.texts[MAIN] and "(German: 7)" in open(TESTS, encoding="utf-8").read()
    assert 'prompt "Prêts immo"' in client.texts[MAIN] and 'prompt "Prêts immo"' in open(TESTS, encoding="utf-8").read()
    assert "attached { account: str; language: skill" in client.texts[MAIN]
    assert "-> Person(" in open(TESTS, encoding="utf-8").read() and "customer: Person?" in client.texts[MAIN]
    assert "call entrance" in open(TESTS).read() and "import enterprise" in open(TESTS).read()
    client.open(TESTS)
    assert all(one["severity"] > 1 for one in client.found(TESTS)), client.found(TESTS)
    assert client.end() == 0


def files_beside_the_site_that_say_the_old_name_are_told():
    client = Client(gcxc)
    client.open(MAIN)
    client.messages.clear()
    client.apply(client.at("rename", MAIN, "skill Eng", newName="German"))
    said = [one["params"]["message"] for one in client.messages if one["method"] == "window/showMessage"]
    assert len(said) == 1 and "'English' also stands in " in said[0] and "directory.sql:12, " in said[0], said
    client.messages.clear()
    client.at("rename", MAIN, "let wh", newName="chosen")
    assert client.messages == [], client.messages
    assert client.end() == 0


def what_only_looks_like_the_name_is_not_changed_and_no_test_ends_otherwise():
    """A key is one for all strategies; a name that is compared with a text is refused. Renames by chance, on a copy of
    a strategy each: its tests end as before, whatever the name was."""
    site = os.getcwd()
    draw = random.Random(int(os.environ.get("GCX_SEED", "1")))
    total = refused = 0

    def renamed(folder, client, file, at):
        word = client.texts[file][at[0]:at[1]]
        number = client.request("textDocument/rename", textDocument={"uri": client.uri(file)}, newName="zq_" + word.lower(),
                                position=client.place(client.texts[file], at[0]))
        answer = client.answer(number)
        if "error" in answer:
            return answer["error"]["message"]
        shutil.copytree(".", "../changed")
        os.chdir("../changed")
        for uri, edits in answer["result"]["changes"].items():
            path = os.path.basename(uri)
            lines = open(path, encoding="utf-8").read().split("\n")
            for edit in sorted(edits, key=lambda one: (one["range"]["start"]["line"], -one["range"]["start"]["character"])):
                start, end = edit["range"]["start"], edit["range"]["end"]
                line = lines[start["line"]].encode("utf-16-le")
                lines[start["line"]] = (line[:2 * start["character"]] + edit["newText"].encode("utf-16-le") +
                                        line[2 * end["character"]:]).decode("utf-16-le")
            open(path, "w", encoding="utf-8").write("\n".join(lines))
        assert os.system("'%s' test . >told 2>&1" % gcxc) == 0, (folder, file, word, open("told").read())
        os.chdir("../copy")
        shutil.rmtree("../changed")
        return None

    def there(client, file, word):
        return next(m.span() for m in re.finditer(word, client.texts[file]))

    def begin(folder):
        shutil.copytree(os.path.join(top, "strategies", folder), site + "/copy")
        os.chdir(site + "/copy")
        client = Client(gcxc)
        for file in sorted(name for name in os.listdir(".") if name.endswith(".gcx")):
            client.open(file)
        return client

    def finish(client):
        assert client.end() == 0
        os.chdir(site)
        shutil.rmtree("copy")

    client = begin("web_chat")
    assert renamed("web_chat", client, "web_chat.gcx", there(client, "web_chat.gcx", "outcome")) is None
    finish(client)
    client = begin("knowledge_worker")
    why = renamed("knowledge_worker", client, "site.gcx", there(client, "site.gcx", "Contracts"))
    assert why and "the test 'the queue says the subject' (tests.gcx:" in why, why
    finish(client)
    client = begin("cascade") # an example of a rule says the name
    why = renamed("cascade", client, "site.gcx", there(client, "site.gcx", "lyon_vq"))
    assert why and "the test 'rule busy_is_said: wrong' (site.gcx:" in why, why
    finish(client)
    folders = sorted(name for name in os.listdir(os.path.join(top, "strategies"))
                     if os.path.isdir(os.path.join(top, "strategies", name)))
    for folder in draw.sample(folders, 3):
        client = begin(folder)
        names = [(file, m.span()) for file in client.texts for m in re.finditer(r"[A-Za-z_]\w*", client.texts[file])
                 if (place := client.ask("textDocument/prepareRename", textDocument={"uri": client.uri(file)},
                                         position=client.place(client.texts[file], m.start()))) and place["placeholder"] == m.group()]
        for file, at in draw.sample(names, min(4, len(names))):
            total += 1
            refused += renamed(folder, client, file, at) is not None
        finish(client)
    print("%d renames by chance, %d of them refused, 0 changed a test" % (total, refused))


def a_name_that_would_clash_is_refused():
    client = Client(gcxc)
    client.open(MAIN)
    where = {"textDocument": {"uri": client.uri(MAIN)}}
    for after, name in [("skill Eng", "French"), ("customer?.ti", "standing"), ("let wh", "account"), ("let wh", "while"), ("let wh", "1x"),
                        ("let wh", "a b"), ("let wh", ""), ("ivr.di", "digit"), ("attach acc", "language"),
                        ("strategy ent", "x.y"), ("record Cust", "str")]:
        error = client.refused("textDocument/rename", position=client.position(MAIN, after), newName=name, **where)
        assert error["code"] in (-32602, -32803), (after, name, error)
    assert client.found(MAIN) == []
    assert client.end() == 0


def arguments_by_name_take_the_new_name_too():
    site = open(SITE).read().replace("queue desk", "endpoint parcel(number: str): map<str> = get \"https://p.example/{number}\" timeout 2s;\n"
                                     "    signal paid(amount: int, note: str);\n    queue desk")
    open(SITE, "w").write(site)
    text = """strategy later(tier: str = "x") on voice { stop tier; }
strategy more on voice {
    attached { account: str }
    let parcel = http.parcel(number: ani) else [:];
    if parcel.count > 0 { stop "known"; }
    delay 1m;
    if account == "2" { stop "two"; }
    stop "end";
    on signal paid (p) { stop "{p.amount}{p.note}"; }
}
test "given" {
    http.parcel -> [:];
    call later(tier: "y") from "1" to "2";
    call more from "1" to "2" with (account: "1");
    after 1s: signal paid(1, note: "n");
    expect stopped "1n";
}
"""
    open("more.gcx", "w").write(text)
    client = Client(gcxc)
    found = client.open("more.gcx")
    assert [one for one in found if one["severity"] == 1] == [], found
    client.open(SITE)

    def named(path, after):
        answer = client.at("references", path, after, context={"includeDeclaration": False})
        return sorted((os.path.basename(one["uri"]), one["range"]["start"]["line"] + 1) for one in answer)

    assert named(SITE, "parcel(") == [("more.gcx", 4), ("site.gcx", site[:site.index("{number}")].count("\n") + 1)]
    assert named(SITE, "amount: int, ") == [("more.gcx", 9), ("more.gcx", 15)]
    assert named("more.gcx", "later(") == [("more.gcx", 1), ("more.gcx", 13)]
    keys = named("more.gcx", "attached { ")  # a key is one for all strategies
    assert [one for one in keys if one[0] == "more.gcx"] == [("more.gcx", 7), ("more.gcx", 14)], keys
    assert {one[0] for one in keys} == {"more.gcx", MAIN, TESTS}, keys
    assert "p: paid" in hovered(client, "more.gcx", "on signal paid (")
    assert hovered(client, "more.gcx", 'call more fr') is None
    assert client.end() == 0


def an_order_for_agents_is_offered_and_told():
    client = Client(gcxc)
    client.open(SITE, open(SITE).read().replace("vq service;", "vq service;\n    order for agents by rank { vq service after "
                                                "60s; others never; }", 1))
    for after, there in (("order ", ["for"]), ("order for ", ["agents"]), ("order for agents ", ["by"]),
                         ("order for agents by ", ["rank", "priority", "age"]), ("by rank { ", ["vq", "others"]),
                         ("by rank { vq ", ["service"]), ("{ vq service ", ["after", "never"]),
                         ("after 60s; ", ["vq", "others"]), ("60s; others ", ["after", "never"])):
        assert labels(client.at("completion", SITE, after)) == there, after
    assert "who has no profile" in hovered(client, SITE, "order for ag")
    assert "then the interaction's priority" in hovered(client, SITE, "by ra")
    assert client.end() == 0


def rules_are_offered_and_told():
    client = Client(gcxc)
    client.open(SITE, open(SITE).read().replace("vq service;", """vq service;
    lint { unused_variable, short_names error; }
    /// Names that say something.
    rule short_names for strategy { where name.count < 9; say "a short name"; wrong { stop "x"; } }
    // gcx:allow unused_variable as it is
""", 1))
    for after, there, not_there in (("lint { ", {"unused_variable", "style", "own", "short_names", "all"}, {"error", "queue"}),
                                    ("unused_variable, ", {"short_names", "silent_wait"}, {"error"}),
                                    ("short_names ", {"off", "note", "warning", "error"}, {"unused_variable"}),
                                    ("short_names error", {"error"}, {"unused_variable"}),
                                    ("// gcx:allow ", {"unused_variable", "short_names"}, {"style", "all"}),
                                    ("short_names for ", {"strategy", "ivr.play", "queue"}, {"where"}),
                                    ("for strategy { ", {"where", "say", "wrong"}, {"name"}),
                                    ("{ where ", {"name", "media", "has", "timeout"}, {"say"}),
                                    ("{ where name.", {"starts", "matches", "count"}, {"name"})):
        offered = set(labels(client.at("completion", SITE, after)))
        assert there <= offered and not not_there & offered, (after, offered)
    assert labels(client.at("completion", SITE, "unused_variable as ")) == []
    told = hovered(client, SITE, "short_na")
    assert "a short name" in told and "Names that say something." in told and "Here: error" in told, told
    assert "a variable whose value nobody reads" in hovered(client, SITE, "lint { unused_v")
    assert client.end() == 0


def what_could_stand_there_is_offered():
    client = Client(gcxc)
    client.open(MAIN)
    assert labels(client.at("completion", MAIN, "skill ")) == ["English", "French", "Sales"]
    assert labels(client.at("completion", MAIN, "goto ")) == ["desk"]
    assert labels(client.at("completion", MAIN, "query ")) == ["customers"]
    assert labels(client.at("completion", MAIN, "query customers ")) == ["first", "all", "value", "exec"]
    assert "longest_idle" in labels(client.at("completion", MAIN, "} by "))
    digits = item(client.at("completion", MAIN, "ivr."), "digits")
    assert digits["detail"].startswith("ivr.digits(") and "collects digits" in digits["documentation"]["value"]
    assert labels(client.at("completion", MAIN, "customer?.")) == ["name", "tier", "language"]
    assert labels(client.at("completion", MAIN, "// Someone who ")) == []
    client.type(MAIN, "// RouteCall carries the attached data to the agent's desktop.", "\n    let x = contact.")
    assert labels(client.at("completion", MAIN, "let x = contact.")) == [
        "verify", "id", "number", "zone", "campaign", "attempts", "agent", "due", "verified"]
    assert {"timeout", "busy", "else"} <= set(labels(client.at("completion", MAIN, "by longest_idle ")))
    there = labels(client.at("completion", MAIN, "route "))
    assert {"who", "account", "queue", "priority"} <= set(there) and "goto" not in there, there
    assert client.end() == 0


def completed(client, before, after):
    """What is offered between the two texts, in the order in which an editor shows it."""
    client.open("typed.gcx", before + after)
    offered = client.ask("textDocument/completion", textDocument={"uri": client.uri("typed.gcx")},
                         position=client.place(before + after, len(before)))["items"]
    client.tell("textDocument/didClose", textDocument={"uri": client.uri("typed.gcx")})
    return [one["label"] for one in sorted(offered, key=lambda one: one["sortText"])]


def a_place_has_its_own_words():
    client = Client(gcxc)
    begin, sql = "strategy s on voice { ", "strategy s on voice { let x = query customers first str `select "
    assert {"text", "hours", "enterprise"} <= set(completed(client, "import ", "\n"))
    assert completed(client, "strategy s on ", " { stop \"x\"; }")[:2] == ["voice", "voice.consult"]
    assert completed(client, begin + "stop \"x\"; on ", " }") == ["abandoned", "error"]
    assert completed(client, "test \"t\" { expect ", "; }")[0] == "routed to"
    assert completed(client, "test \"t\" { expect routed to ", "; }")[0] == "queue"
    nowhere = 'test "u" { agent eve ready; expect routed to queue elsewhere; expect joined vq nowhere; }\ntest "t" { '
    queues = completed(client, nowhere + "expect routed to queue ", "; }")
    assert "desk" in queues and "elsewhere" not in queues, queues
    assert "nowhere" not in completed(client, nowhere + "expect joined vq ", "; }")
    assert "eve" in completed(client, nowhere + "expect routed to agent ", "; }")
    assert "place" in completed(client, "test \"t\" { ", " }")
    assert {"answers", "busy", "no_answer", "unreachable"} <= set(completed(client, "test \"t\" { place porter ", "; }"))
    assert completed(client, sql + "* from ", "`; }") == ["customer"]
    assert "name" in completed(client, sql, " from customer`; }")
    assert "name" in completed(client, sql + "1 from customer where ", "`; }")
    assert "ani" in completed(client, sql + "1 from customer where name = {", "}`; }")
    assert "vq" in completed(client, begin + "connect in ", " {} else {}; }")
    assert completed(client, begin + "ivr.say(\"hello ", "\"); }") == []
    assert "ani" in completed(client, begin + "ivr.say(\"hello {", "}\"); }")
    assert client.end() == 0


def a_document_is_read_with_its_names_and_blocks():
    client = Client(gcxc)
    client.open(MAIN)
    uses = client.at("documentHighlight", MAIN, "let w")
    assert len(uses) >= 2 and uses[0]["kind"] == 3 and {client.says(MAIN, one["range"]) for one in uses} == {"who"}, uses
    uri = {"uri": client.uri(MAIN)}
    folds = client.ask("textDocument/foldingRange", textDocument=uri)
    assert folds and all(one["startLine"] < one["endLine"] for one in folds), folds
    place = client.position(MAIN, "let w")
    grown = client.ask("textDocument/selectionRange", textDocument=uri, positions=[place])[0]
    deep = 0
    assert client.says(MAIN, grown["range"]) == "who", grown
    while "parent" in grown:
        inner, grown, deep = grown["range"], grown["parent"], deep + 1
        assert len(client.says(MAIN, grown["range"])) > len(client.says(MAIN, inner))
    assert deep >= 1, grown
    # Wherever the cursor stands, each range is smaller than its parent.
    places = [{"line": line, "character": at} for line in range(3, 33) for at in range(0, 60, 3)]
    for grown in client.ask("textDocument/selectionRange", textDocument=uri, positions=places):
        while "parent" in grown:
            inner, grown = grown["range"], grown["parent"]
            assert inner["start"] != inner["end"] and inner != grown["range"] and client.says(MAIN, inner) in client.says(MAIN, grown["range"]), (inner, grown)
    # Where two statements meet at the cursor, each range still lies in its parent.
    open("meets.gcx", "w").write("strategy m on voice {\n    if priority > 1 { delay 1s; }if priority > 2 { delay 2s; }\n    route queue desk;\n}\n")
    client.open("meets.gcx")
    place = client.position("meets.gcx", "1s; }")
    grown = client.ask("textDocument/selectionRange", textDocument={"uri": client.uri("meets.gcx")}, positions=[place])[0]
    while "parent" in grown:
        inner, grown = grown["range"], grown["parent"]
        assert client.says("meets.gcx", inner) in client.says("meets.gcx", grown["range"]), (inner, grown)
    os.remove("meets.gcx")
    assert client.end() == 0


def a_schedule_and_an_enumeration_offer_what_they_have():
    site = open(SITE).read().replace("queue desk", "schedule hours zone \"Europe/Paris\" { mon..fri 08:00..18:00; }\n    queue desk")
    open(SITE, "w").write(site)
    text = "enum Tier { gold, silver }\nstrategy s on voice {\n    if hours. { }\n    let t = Tier.;\n    route queue desk;\n}\n"
    open("more.gcx", "w").write(text)
    client = Client(gcxc)
    client.open("more.gcx")
    assert {"open", "closes", "between"} <= set(labels(client.at("completion", "more.gcx", "if hours.")))
    assert item(client.at("completion", "more.gcx", "if hours."), "open")["detail"] == "open(at: time): bool"
    assert set(labels(client.at("completion", "more.gcx", "= Tier."))) == {"gold", "silver"}
    assert client.end() == 0


def a_view_offers_its_columns_and_the_sites_keys():
    client = Client(gcxc)
    site = "site {\n    queue mails;\n    attached { tier: str; size: int; secret card: str }\n    view urgent of queue mails { "
    for typed, wanted, others in [("where ", {"age", "priority", "tier", "size"}, {"received", "card", "where"}),
                                  ("where tier == \"gold\", ", {"left", "size"}, {"due"}),
                                  ("order by ", {"due", "size"}, {"age", "rank"}), ("order by -", {"received"}, {"age"}),
                                  ("columns from, ", {"subject", "tier"}, {"left", "card"}),
                                  ("", {"where", "order by", "columns"}, {"from", "tier"})]:
        offered = set(completed(client, site + typed, "; }\n}\n"))
        assert wanted <= offered and not others & offered, (typed, offered)
    assert client.end() == 0


def a_line_that_is_not_done_yet_gets_good_answers():
    client = Client(gcxc)
    client.open(MAIN)
    client.type(MAIN, "// RouteCall carries the attached data to the agent's desktop.", "\n    ")
    for typed, wanted in [("rou", {"route", "let", "who", "enterprise"}), ("te queue ", {"desk"}), ("desk else go", {"goto"}),
                          ("to ", {"desk"})]:
        after = client.texts[MAIN].split("\n    route who")[0].rsplit("\n", 1)[1]
        client.type(MAIN, "desktop.\n" + after, typed)
        there = set(labels(client.at("completion", MAIN, "desktop.\n" + after + typed)))
        assert wanted <= there, (typed, there)
    client.type(MAIN, "else goto ", "desk;\n    if customer?.", skip=2)
    assert [one["code"] for one in client.found(MAIN)].count("E0201") >= 1
    assert {"name", "tier"} <= set(labels(client.at("completion", MAIN, "desk;\n    if customer?.")))
    assert "attached customer: Customer?" in hovered(client, MAIN, "attach cust")
    assert "let who: target" in hovered(client, MAIN, "let w")
    assert client.end() == 0


def measures_and_statistics_are_offered_and_told():
    client = Client(gcxc)
    client.open(MAIN)
    client.type(MAIN, "record Customer { name: str; tier: str; language: str? }", "\nsite {\n    group sales;\n"
                "    statistic occupancy(agent, group) = busy_time / login_time over 15m;\n    counter lost;\n}\n")
    made = set(labels(client.at("completion", MAIN, "statistic occupancy(agent, group) = ")))
    assert {"busy_time", "offered", "waiting"} <= made, made
    client.type(MAIN, "attach account = ", "(vq service.")
    assert {"waiting", "ewt"} <= set(labels(client.at("completion", MAIN, "vq service.")))
    client.type(MAIN, "attach account = ", "it.")
    there = set(labels(client.at("completion", MAIN, "attach account = it.")))
    assert {"occupancy", "idle_time", "load", "level"} <= there and "offered" not in there, there
    assert "statistic occupancy(agent, group)" in hovered(client, MAIN, "statistic occup")
    assert client.end() == 0


def endpoints_and_signals_are_offered_and_led_to():
    client = Client(gcxc)
    client.open(SITE)
    client.type(SITE, "site {", "\n    /// What the parcel is.\n    endpoint parcel(number: str): str = get \"https://host/{number}\";\n"
                "    signal paid(amount: int);\n    table vips { key number: str; tier: str }\n")
    client.open(MAIN)
    client.type(MAIN, "record Customer { name: str; tier: str; language: str? }", "\nenum Way { air, sea }\n")
    client.type(MAIN, "attach account = ", "http.")
    offered = client.at("completion", MAIN, "attach account = http.")
    assert labels(offered) == ["parcel"] and "endpoint parcel(number: str)" in item(offered, "parcel")["detail"], offered
    assert "What the parcel is" in item(offered, "parcel")["documentation"]["value"]
    client.type(MAIN, "attach account = http.", "parcel(\"1\") else \"\";\n    let way = Way.sea;\n    let vip = vips[ani];\n"
                "    let tier = vip?.tier;\n    let paid = wait for paid timeout 1m else goto desk;\n"
                "    if paid.amount > 3 { goto desk; }\n    attach account = ")
    for after, file, word in [("http.par", SITE, "parcel"), ("= Wa", MAIN, "Way"), ("Way.se", MAIN, "sea"),
                              ("vip?.ti", SITE, "tier"), ("wait for pa", SITE, "paid"), ("paid.am", SITE, "amount")]:
        place = client.at("definition", MAIN, after)
        assert place and place["uri"] == client.uri(file) and client.says(file, place["range"]) == word, (after, place)
    assert "waits for" in hovered(client, MAIN, "= wai").lower()
    client.type(MAIN, "let paid = wait for ", "", cut=4)
    assert labels(client.at("completion", MAIN, "let paid = wait for ")) == ["paid"]
    assert client.end() == 0


def a_definition_in_the_standard_library_is_a_file():
    os.environ["XDG_CACHE_HOME"] = os.path.abspath("cache")
    client = Client(gcxc)
    client.open(MAIN)
    client.type(MAIN, "", "import phone;\n")
    client.type(MAIN, "customer: Customer? }", "\n    if phone_withheld(ani) { goto desk; }")
    assert client.found(MAIN) == []
    place = client.at("definition", MAIN, "if phone_with")
    path = place["uri"][len("file://"):]
    assert path.endswith("/gcx/stdlib/phone.gcx"), place
    with open(path, encoding="utf-8") as copy, open(os.path.join(top, "stdlib", "phone.gcx"), encoding="utf-8") as own:
        assert copy.read() == own.read()
    if path.startswith(os.environ["XDG_CACHE_HOME"]):
        assert os.stat(path).st_mode & 0o777 == 0o444
    assert client.says(path, place["range"]) == "phone_withheld", place
    assert client.at("definition", MAIN, "import pho")["uri"] == place["uri"]
    assert client.open(path) == []
    assert client.end() == 0


def the_arguments_of_a_step_are_shown():
    client = Client(gcxc)
    client.open(MAIN)
    help = client.at("signatureHelp", MAIN, "ivr.digits(prompt account_number, mi")
    assert help["signatures"][0]["label"].startswith("ivr.digits(") and help["activeParameter"] == 1, help
    assert client.at("signatureHelp", MAIN, "strategy ent") is None
    client.type(MAIN, "if customer?.tier", " == f(\"a, (; b\", ani, \"c, \\\"d, e")
    client.type(MAIN, "", "function f(a: str, b: str, c: str): str { return a; }\n")
    help = client.at("signatureHelp", MAIN, "f(\"a, (; b\", an")
    assert help["signatures"][0]["label"].startswith("function f(a") and help["activeParameter"] == 1, help
    help = client.at("signatureHelp", MAIN, "ani, \"c, \\\"d, e")
    assert help["activeParameter"] == 2, help
    assert client.end() == 0


def an_outline_shows_what_is_declared():
    client = Client(gcxc)
    client.open(MAIN)
    client.open(TESTS)
    outline = client.ask("textDocument/documentSymbol", textDocument={"uri": client.uri(MAIN)})
    assert [one["name"] for one in outline] == ["Customer", "enterprise"], outline
    assert [one["name"] for one in outline[1]["children"]] == ["account", "language", "customer", "who", "desk",
                                                               "abandoned"], outline
    lenses = client.ask("textDocument/codeLens", textDocument={"uri": client.uri(TESTS)})
    assert [one["command"]["arguments"] for one in lenses] == [
        [client.uri(TESTS), "a gold French caller reaches Marie"]], lenses
    assert client.end() == 0


def a_text_is_formatted_as_fmt_does_it():
    client = Client(gcxc)
    stored = open(MAIN).read()
    client.open(MAIN, stored.replace("    route who answer 15s", "  route   who answer  15s"))
    edits = client.ask("textDocument/formatting", textDocument={"uri": client.uri(MAIN)}, options={"tabSize": 4})
    client.apply({"changes": {client.uri(MAIN): edits}})
    assert client.texts[MAIN] == stored, client.texts[MAIN]
    assert client.ask("textDocument/formatting", textDocument={"uri": client.uri(MAIN)}, options={}) == []
    client.type(MAIN, "route who", " ((")
    assert client.ask("textDocument/formatting", textDocument={"uri": client.uri(MAIN)}, options={}) == []
    assert client.end() == 0


def a_lens_plays_a_test():
    client = Client(gcxc)
    client.open(TESTS)
    lens = client.ask("textDocument/codeLens", textDocument={"uri": client.uri(TESTS)})[0]["command"]
    result = client.ask("workspace/executeCommand", command=lens["command"], arguments=lens["arguments"])
    assert result["passed"] is True and "a gold French caller reaches Marie" in result["output"], result
    assert [one["params"]["type"] for one in client.messages] == [3, 4], client.messages
    client.type(TESTS, "agent marie within ", "2")
    error = client.refused("workspace/executeCommand", command=lens["command"], arguments=lens["arguments"])
    assert "store the file first" in error["message"], error
    client.type(TESTS, "routed to agent ", "paul", cut=5)
    open(TESTS, "w").write(client.texts[TESTS])
    result = client.ask("workspace/executeCommand", command=lens["command"], arguments=lens["arguments"])
    assert result["passed"] is False and "tests.gcx:" in result["output"], result
    for arguments in [[], [client.uri(TESTS), "none of that name"], [client.uri(TESTS), 1], ["x", "y"]]:
        client.refused("workspace/executeCommand", command="gcxc.test", arguments=arguments)
    client.refused("workspace/executeCommand", command="rm", arguments=["-rf"])
    assert client.end() == 0


def a_clause_tells_what_it_says():
    client = Client(gcxc)
    client.open(MAIN)
    client.open(SITE)
    client.type(MAIN, "priority += 50", "; priority += 1 every 10s to 120")
    client.type(MAIN, "timeout 3m", " until waited > 2m")
    assert client.found(MAIN) == [], client.found(MAIN)
    for path, after, skip, told in [
            (MAIN, " time", 0, "tries and pauses included"), (MAIN, " ans", 0, "how long it may ring"),
            (MAIN, "} b", 0, "which of those who match"), (MAIN, " unt", 0, "ends with `until`"),
            (MAIN, "   bus", 0, "cut off"), (MAIN, " tri", 0, "another try"), (MAIN, " ever", 0, "a second"),
            (MAIN, "10s t", 0, "where it ends"), (MAIN, "aft", 0, "lasted so long"),
            (SITE, "default time", 0, "tries and pauses included")]:
        said = hovered(client, path, after, skip)
        assert said and told in said, (after, said)
    answer = client.at("hover", MAIN, " ans")
    assert client.says(MAIN, answer["range"]) == "answer", answer
    client.type(MAIN, "// The IVR asks", " timeout")
    assert hovered(client, MAIN, "// The IVR asks time") is None
    client.type(MAIN, "route who ", "", cut=0)
    offered = client.at("completion", MAIN, "route who ")
    assert "how long it may ring" in item(offered, "answer")["documentation"]["value"], offered
    assert client.end() == 0


def what_was_never_stored_is_a_file_of_its_own():
    client = Client(gcxc)
    client.open(MAIN)
    name = "untitled:Untitled-1"
    client.uri = lambda path: path if path.startswith("untitled:") else Client.uri(client, path)
    text = """site { queue desk; }
strategy own on voice { let why = "now"; if ani == "" { stop why; } route queue desks; }
test "one" { call own; expect routed to queue desk; }
"""
    found = client.open(name, text)
    assert [one["code"] for one in found] == ["E0412"], found
    client.type(name, "queue desk", "s")
    assert [one["code"] for one in client.found(name)] == ["E0412"]
    client.type(name, "to queue desk", "s")
    assert client.found(name) == [], client.found(name)
    assert "let why: str" in hovered(client, name, "stop wh")
    place = client.at("definition", name, "queue des", 1)
    assert place["uri"] == name and client.says(name, place["range"]) == "desks", place
    edit = client.at("rename", name, "stop wh", newName="cause")
    assert list(edit["changes"]) == [name] and len(edit["changes"][name]) == 2, edit
    edit = client.at("rename", name, "queue des", 1, newName="counter_two")
    assert len(edit["changes"][name]) == 3, edit
    places = client.at("references", name, "queue des", context={"includeDeclaration": True})
    assert [one["uri"] for one in places] == [name] * 3, places
    assert [one["name"] for one in client.ask("textDocument/documentSymbol", textDocument={"uri": name})] == [
        "site", "own", "one"]
    error = client.refused("workspace/executeCommand", command="gcxc.test", arguments=[name, "one"])
    assert "store the file first" in error["message"], error
    # Another one does not know of it, one whose place is known is among the files there.
    assert client.open("untitled:Untitled-2", "strategy two on voice { route queue desk; }") != []
    there = "untitled:" + os.path.join(os.getcwd(), "new.gcx")
    assert client.open(there, "strategy two on voice { route queue desk; }\n") == []
    client.tell("textDocument/didClose", textDocument={"uri": name})
    assert client.end() == 0


def what_is_open_and_not_stored_is_renamed_with_the_rest():
    client = Client(gcxc)
    client.open(MAIN)
    client.open("new.gcx", "strategy two on voice { route queue desk; }\n")
    edit = client.at("rename", MAIN, "queue de", newName="evening_desk")
    assert client.uri("new.gcx") in edit["changes"], edit
    assert client.end() == 0


def a_file_goes_by_the_name_that_the_editor_has_for_it():
    os.symlink(".", "link")
    client = Client(gcxc)
    path = os.path.join("link", MAIN)
    client.open(path)
    place = client.at("definition", path, "route w")
    assert place["uri"] == client.uri(path), place
    client.type(path, "route queue desk", "s")
    found = client.found(path)
    assert [one["code"] for one in found] == ["E0412"], found
    client.type(path, "    desk:", "    let who = 1;\n", cut=0)
    for one in client.found(path):
        for other in one.get("relatedInformation", []):
            assert other["location"]["uri"] in (client.uri(path), client.uri(SITE)), other
    assert client.end() == 0


def every_document_has_its_own_site_and_what_changes_on_disk_is_seen():
    def store(path, text):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    os.mkdir("inner")
    store("inner/site.gcx", "site { queue other; }\n")
    store("inner/b.gcx", "strategy b on voice { route queue other; }\n")
    store("inner/b2.gcx", "strategy b2 on voice { route queue other; }\n")
    client = Client(gcxc)
    client.open(MAIN)
    assert client.open("inner/b.gcx") == []
    edit = client.at("rename", "inner/b.gcx", "queue oth", newName="third")
    assert sorted(edit["changes"]) == sorted(client.uri("inner/" + name) for name in ("site.gcx", "b.gcx", "b2.gcx")), edit
    edit = client.at("rename", MAIN, "queue de", newName="third")
    assert not any("inner" in uri for uri in edit["changes"]), edit
    for change, text in [(2, "site { queue another; }\n"), (2, "site { queue other; }\n"), (3, None)]:
        if text:
            store("inner/site.gcx", text)
        else:
            os.remove("inner/site.gcx")
        client.diagnostics.clear()
        client.tell("workspace/didChangeWatchedFiles", changes=[{"uri": client.uri("inner/site.gcx"), "type": change}])
        wrong = [one["code"] for one in client.found("inner/b.gcx")]
        assert wrong == ([] if text and " other" in text else ["E0412"]), (text, wrong)
        assert client.found(MAIN) == []
    assert client.end() == 0


def who_can_watch_files_is_asked_to():
    client = Client(gcxc, start=False)
    client.ask("initialize", capabilities={"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}})
    client.tell("initialized")
    asked = client.one()
    assert asked["method"] == "client/registerCapability", asked
    registration = asked["params"]["registrations"][0]
    assert registration["method"] == "workspace/didChangeWatchedFiles", asked
    watched = [one["globPattern"] for one in registration["registerOptions"]["watchers"]]
    assert watched == ["**/*.{gcx,sql,csv,pulled}", "**/holidays/*.txt"], asked
    client.send({"id": asked["id"], "result": None})
    assert client.open(MAIN) == []
    assert client.end() == 0
    client = Client(gcxc)
    assert client.open(MAIN) == [] and client.messages == []
    assert client.end() == 0


def who_is_refused_a_document_hears_of_it_once():
    client = Client(gcxc)
    client.open(MAIN)
    client.tell("textDocument/didOpen", textDocument={"uri": "http://x/y.gcx", "version": 1, "text": ""})
    for version in range(2, 20):
        client.tell("textDocument/didChange", textDocument={"uri": "http://x/y.gcx", "version": version},
                    contentChanges=[{"text": "x"}])
    client.at("hover", MAIN, "route w")
    assert len(client.messages) == 1, client.messages
    assert client.end() == 0


def whatever_a_text_holds_the_places_in_it_stay_the_editors():
    client = Client(gcxc)
    client.open(MAIN)
    # A NUL, and halves of a pair: as JSON.stringify() writes what a text can hold.
    place = client.position(MAIN, "// The IVR asks")
    line, column = place["line"], place["character"]

    def put(begin, end, text):
        client.versions[MAIN] += 1
        client.tell("textDocument/didChange", textDocument={"uri": client.uri(MAIN), "version": client.versions[MAIN]},
                    contentChanges=[{"range": {"start": {"line": line, "character": column + begin},
                                               "end": {"line": line, "character": column + end}}, "text": text}])
        return client.found(MAIN)
    for odd in ["\0", "\ud83d", "\ude00", "\ude00\ud83d", "\\\ud83d", "\ud83d\ude00\ud83d"]:
        width = len(odd.encode("utf-16-le", "surrogatepass")) // 2
        put(0, 0, odd)
        assert put(width, width, "\n! ") != []
        client.versions[MAIN] += 1
        client.tell("textDocument/didChange", textDocument={"uri": client.uri(MAIN), "version": client.versions[MAIN]},
                    contentChanges=[{"range": {"start": {"line": line, "character": column},
                                               "end": {"line": line + 1, "character": 2}}, "text": ""}])
        assert client.found(MAIN) == [], odd
    # Behind the end of a line is its end, also where CR and LF end it.
    client.texts[MAIN] = client.texts[MAIN].replace("\n", "\r\n")
    at = client.position(MAIN, "    // The IVR asks")
    at["character"] = 10000
    client.versions[MAIN] += 1
    client.tell("textDocument/didChange", textDocument={"uri": client.uri(MAIN), "version": client.versions[MAIN]},
                contentChanges=[{"text": client.texts[MAIN]}, {"range": {"start": at, "end": at}, "text": " x"}])
    assert client.found(MAIN) == []
    edits = client.ask("textDocument/formatting", textDocument={"uri": client.uri(MAIN)}, options={})
    assert all("\r" not in one["newText"] or "\r\n" in one["newText"] for one in edits), edits
    assert client.end() == 0


def a_declaration_that_is_cut_short_is_still_shown():
    client = Client(gcxc)
    fields = ";\n".join("    // \u20ac\u20ac\u20ac\u20ac\u20ac\n    f%d: str" % i for i in range(40))
    for more in range(24): # so that the end falls within a character here, beside one there
        name = "R" + "x" * more
        client.open("long.gcx", "record %s {\n%s }\nfunction f(r: %s): str { return r.f0; }\n" % (name, fields, name))
        said = hovered(client, "long.gcx", "f(r: R")
        assert said and "record R" in said, (more, said)
        client.tell("textDocument/didClose", textDocument={"uri": client.uri("long.gcx")})
        client.diagnostics.clear()
    assert client.end() == 0


def a_name_that_is_used_everywhere_is_renamed():
    client = Client(gcxc)
    uses = 12000
    client.open("uses.gcx", "function f(a: int): int {\n    let sum = 1;\n" + "    sum += a;\n" * uses +
                "    return sum;\n}\n")
    edit = client.at("rename", "uses.gcx", "let su", newName="total_of_all")
    assert len(edit["changes"][client.uri("uses.gcx")]) == uses + 2
    client.refused("textDocument/rename", textDocument={"uri": client.uri("uses.gcx")},
                   position=client.position("uses.gcx", "let su"), newName="a")
    assert client.end() == 0


def a_name_of_the_library_is_not_renamed():
    client = Client(gcxc)
    client.open(MAIN)
    client.type(MAIN, "", "import phone;\n")
    client.type(MAIN, "customer: Customer? }", "\n    if phone_withheld(ani) { goto desk; }")
    assert client.found(MAIN) == []
    assert client.at("prepareRename", MAIN, "if phone_with") is None
    client.refused("textDocument/rename", textDocument={"uri": client.uri(MAIN)},
                   position=client.position(MAIN, "if phone_with"), newName="other")
    assert client.end() == 0


# ---- whoever is no editor ----

def what_is_no_message_is_refused():
    for data in [b"hello\r\n\r\n", b"\r\n\r\n{}", b"Content-Length: x\r\n\r\n{}", b"Content-Length: -1\r\n\r\n",
                 b"Content-Length: 99999999999999999999\r\n\r\n", b"Content-Length: 33554433\r\n\r\n",
                 b"A: b\r\n\r\n{}", b"x" * 100000, b"A: b\r\n" * 10000, b"\0" * 5000 + b"\r\n"]:
        client = Client(gcxc, start=False)
        try:
            client.raw(data)
        except BrokenPipeError:
            pass
        try:
            client.process.stdin.close()
        except BrokenPipeError:
            pass
        assert client.gone() == 1, data[:40]


def what_is_no_request_is_answered_so():
    client = Client(gcxc, start=False)
    assert client.refused("textDocument/hover")["code"] == -32002
    for body, code in [(b"{", -32700), (b"[]", -32600), (b"[" * 100000, -32700), (b"\xff\xfe", -32700),
                       (b"{}", -32600), (b'{"id":1}', -32600), (b'{"id":1.5,"method":"shutdown"}', -32600),
                       (b'{"id":null,"method":"shutdown"}', -32600), (b'{"id":[],"method":"exit"}', -32600), (b'{"id":1,"id":2}', -32700)]:
        client.raw(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        assert client.one()["error"]["code"] == code, body[:20]
    client.ask("initialize", capabilities={})
    assert client.refused("initialize", capabilities={})["code"] == -32600
    assert client.refused("nothing/like/this")["code"] == -32601
    client.tell("nothing/like/this")
    client.tell("$/whatever")
    for params in [{}, {"textDocument": 1}, {"textDocument": {"uri": "file:///nowhere.gcx"}},
                   {"textDocument": {"uri": "http://x"}, "position": []}]:
        for method in ABOUT_DOCUMENTS:
            assert client.refused(method, **params)["code"] == -32602
        for method in ABOUT_SITES:
            client.answer(client.request(method, **params))
    assert client.end() == 0


def changes_that_cannot_be_are_not_made():
    client = Client(gcxc)
    for changes in [[{"range": {"start": {"line": -1, "character": 0}, "end": {"line": 0, "character": 0}}, "text": ""}],
                    [{"range": {"start": {"line": 2, "character": 0}, "end": {"line": 0, "character": 0}}, "text": ""}],
                    [{"range": 1, "text": ""}], [{}], [1], [{"text": "x" * (4 * 1024 * 1024 + 1)}], 7]:
        client.open(MAIN)
        client.tell("textDocument/didChange", textDocument={"uri": client.uri(MAIN), "version": 2},
                    contentChanges=changes)
        while not client.messages:
            client.one()
        assert client.messages.pop()["method"] == "window/showMessage"
        client.tell("textDocument/didClose", textDocument={"uri": client.uri(MAIN)})
        client.diagnostics.clear()
    for item in [{}, {"uri": "x", "text": ""}, {"uri": "file:///a%00b", "text": ""}, {"uri": 1}]:
        client.tell("textDocument/didOpen", textDocument=item)
        while not client.messages:
            client.one()
        client.messages.clear()
    far = {"line": 10 ** 9, "character": 10 ** 9}
    client.open(MAIN)
    client.tell("textDocument/didChange", textDocument={"uri": client.uri(MAIN), "version": 2},
                contentChanges=[{"range": {"start": far, "end": far}, "text": "\n// the end\n"}])
    client.versions[MAIN] = 2
    assert client.found(MAIN) == []
    assert client.end() == 0


def a_request_that_is_cancelled_is_answered_so():
    client = Client(gcxc)
    client.open(MAIN)
    bodies = []
    for message in [{"id": "a", "method": "textDocument/codeAction", "params": {}},
                    {"method": "$/cancelRequest", "params": {"id": "a"}}]:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        bodies.append(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    client.raw(b"".join(bodies))
    assert client.answer("a")["error"]["code"] == -32800
    assert client.end() == 0


def who_goes_without_a_word_is_not_waited_for():
    client = Client(gcxc)
    client.open(MAIN)
    client.process.stdin.close()
    assert client.gone() == 1
    client = Client(gcxc)
    client.tell("exit")
    assert client.gone() == 1


def whatever_is_typed_every_request_is_answered():
    methods = ABOUT_DOCUMENTS + [one for one in ABOUT_SITES if one != "workspace/executeCommand"]
    pieces = ["{", "}", "(", ")", '"', "`", ";", ".", "?.", ":", "goto ", "skill ", "let x = ", "query customers ", "else ",
              "race { ", "strategy a on voice { ", "site { ", "test \"x\" { ", "import enterprise;", "record R { a: R }",
              "\U0001F600", "\0", "\n", "///", "attach ", "for a in ", "select in vq service { ", "x = x.y[1];", "in "]
    random.seed(int(os.environ.get("GCX_SEED", "1")))
    rounds = int(os.environ.get("GCX_ROUNDS", "60"))
    client = Client(gcxc)
    texts = {path: open(path).read() for path in (MAIN, SITE, TESTS)}
    for path in texts:
        client.open(path)
    for _ in range(rounds):
        path = random.choice([MAIN, MAIN, SITE, TESTS])
        text = client.texts[path]
        begin = random.randrange(len(text) + 1)
        cut = random.choice([0, 0, 1, 5, 40])
        if random.random() < 0.2:
            text, begin, cut = texts[path], random.randrange(len(texts[path])), 0
        put = "".join(random.choice(pieces) for _ in range(random.randrange(3)))
        text = text[:begin] + put + text[begin + cut:]
        client.texts[path] = text
        client.versions[path] += 1
        client.tell("textDocument/didChange", textDocument={"uri": client.uri(path), "version": client.versions[path]},
                    contentChanges=[{"text": text}])
        lines = text.split("\n")
        line = random.randrange(len(lines))
        place = {"line": line, "character": random.randrange(len(lines[line]) + 2)}
        for method in [methods[random.randrange(len(methods))] for _ in range(3)]:
            client.answer(client.request(method, textDocument={"uri": client.uri(path)}, position=place, positions=[place],
                                         range={"start": place, "end": place}, context={"includeDeclaration": True},
                                         options={}, newName="other", query="e",
                                         item={"uri": client.uri(path), "selectionRange": {"start": place}}))
    assert client.end() == 0


def whatever_is_wrong_in_a_file_it_can_be_asked_about():
    goldens = os.path.join(top, "tests", "language")
    for name in os.listdir(goldens):
        if name.endswith((".gcx", ".sql", ".pulled")) and name != "site.gcx":
            shutil.copy(os.path.join(goldens, name), ".")
    shutil.copy(os.path.join(goldens, "site.gcx"), ".")
    random.seed(int(os.environ.get("GCX_SEED", "1")))
    client = Client(gcxc)
    for name in sorted(one for one in os.listdir(".") if one.endswith(".gcx")):
        text = open(name, "rb").read().decode("utf-8", "replace")
        if "\0" in text or len(text) > 100000:
            continue
        client.open(name, text)
        lines = text.split("\n")
        for method in ["hover", "definition", "completion", "signatureHelp", "prepareRename"] * 3:
            line = random.randrange(len(lines))
            client.answer(client.request("textDocument/" + method, textDocument={"uri": client.uri(name)},
                                         position={"line": line, "character": random.randrange(len(lines[line]) + 1)}))
        everywhere = {"start": {"line": 0, "character": 0}, "end": {"line": len(lines), "character": 0}}
        for method in ABOUT_DOCUMENTS:
            if method not in ("textDocument/references", "textDocument/rename"):
                client.answer(client.request(method, textDocument={"uri": client.uri(name)}, options={}, range=everywhere,
                                             position=everywhere["end"], positions=[everywhere["end"]], context={}))
        client.tell("textDocument/didClose", textDocument={"uri": client.uri(name)})
        client.diagnostics.clear()
    assert client.end() == 0


def a_text_that_nests_too_deep_is_refused_and_can_be_asked_about():
    for deep in ["1" + " + 1" * 60000, "xs" + "[0]" * 60000, "(" * 60000, "x" + ".y" * 60000]:
        client = Client(gcxc)
        text = "function f(): int { return " + deep + "; }\n"
        assert "E0202" in [one["code"] for one in client.open("deep.gcx", text)]
        for method in ["hover", "definition", "completion", "documentSymbol", "formatting", "codeAction", "codeLens"]:
            client.answer(client.request("textDocument/" + method, textDocument={"uri": client.uri("deep.gcx")},
                                         position={"line": 0, "character": 30}, options={}, context={},
                                         range={"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}))
        assert client.end() == 0


def large_site(lines=8000):
    """The enterprise strategy, over and over with other names: large enough that one strategy is checked by itself."""
    name, *body = open(MAIN).read().partition("strategy enterprise")
    strategy = "".join(body)
    count = lines // strategy.count("\n")
    open("large.gcx", "w").write(name + "\n".join(strategy.replace("enterprise", "large_%d" % i, 1) for i in range(count)))
    return "large.gcx", count


def told(client, path):
    return sorted(json.dumps(one, sort_keys=True) for one in client.found(path))


def told_as_a_whole(client, path):
    """What is said when all of the text has been checked, which an outline asks for."""
    client.ask("textDocument/documentSymbol", textDocument={"uri": client.uri(path)})
    return told(client, path)


def a_large_site_tells_at_once_of_the_strategy_that_is_typed_in():
    large, count = large_site()
    client = Client(gcxc)
    assert client.open(large) == []
    client.type(large, "skill ", "Frensh", cut=6, skip=2 * count - 1) # in the last one
    assert client.codes(large) == ["E0412"]
    whole = told_as_a_whole(client, large)
    assert len(whole) == 1, whole
    client.type(large, "priority += 50;", "\n    priority += ten;\n", skip=4)
    both = told(client, large) # the one in the last strategy has moved
    assert len(both) == 2 and sum("ten" in one for one in both) == 1, both
    assert {client.says(large, one["range"]) for one in client.found(large)} == {"Frensh", "ten"}
    assert told_as_a_whole(client, large) == both
    for broken in ['\n    if customer?.tier == "go', " {", "\n}", " }"]:
        client.type(large, "priority += ten;", broken, skip=0)
        client.found(large)
        client.type(large, "priority += ten;", "", cut=len(broken), skip=0)
        assert told(client, large) == both, broken
    client.type(large, "priority += ", "10", cut=3, skip=5)
    assert client.codes(large) == ["E0412"]
    assert "priority: int" in hovered(client, large, "\n    prio", skip=0)
    assert labels(client.at("completion", large, "priority += 10;\n", skip=0)).count("route") == 1
    client.type(large, "strategy large_3", "x") # its name is no statement: all is checked
    assert told(client, large) == told_as_a_whole(client, large)
    assert client.end() == 0


def what_is_told_of_one_strategy_is_what_the_whole_tells():
    large, count = large_site()
    random.seed(int(os.environ.get("GCX_SEED", "1")))
    pieces = ["priority += 1;", "let x = 1;", "route queue desk;", "stop;", "goto desk;", "x += 2;", "fail;", "}", "{", '"',
              "attach account = \"1\";", "if customer?.tier == \"gold\" { }", "switch to large_1;", "on error (e) { }",
              "ivr.play(prompt hold);", "desk: ", "\n"]
    client = Client(gcxc)
    client.open(large)
    for _ in range(int(os.environ.get("GCX_ROUNDS", "12"))):
        at = random.randrange(count)
        text = client.texts[large]
        begin = text.index("strategy large_%d " % at)
        end = text.find("\nstrategy large_", begin)
        within = (text.count("\n", 0, begin), text.count("\n", 0, end) if end >= 0 else 10 ** 9)
        place = text.index("\n", random.randrange(begin + 100, (end if end >= 0 else len(text)) - 30)) + 1
        put = "    " + random.choice(pieces) + "\n"
        there = client.place(text, place)
        for insert in (True, False): # and taken out
            range_ = {"start": there, "end": there if insert else client.place(text[:place] + put, place + len(put))}
            client.texts[large] = text[:place] + put + text[place:] if insert else text
            client.versions[large] += 1
            client.tell("textDocument/didChange",
                        textDocument={"uri": client.uri(large), "version": client.versions[large]},
                        contentChanges=[{"range": range_, "text": put if insert else ""}])
            lines = (within[0], within[1] + (put.count("\n") if insert else 0))

            def inside(said):
                return [one for one in said if lines[0] <= json.loads(one)["range"]["start"]["line"] < lines[1]]
            early, late = told(client, large), told_as_a_whole(client, large)
            assert put.strip() in ("{", "}", '"') or inside(early) == inside(late), (at, there, insert, put, early, late)
            assert insert or early == late, (at, there, insert, put, early, late)
    assert client.end() == 0


# ---- all of them ----

def main():
    home, failed = os.getcwd(), 0
    os.environ["PWD"] = home
    sessions = [one for name, one in globals().items()
                if getattr(one, "__module__", "") == __name__ and name not in ("main", "enterprise") and
                hasattr(one, "__code__") and one.__code__.co_argcount == 0]
    wanted = sys.argv[3:]
    for session in sessions:
        if wanted and session.__name__ not in wanted:
            continue
        os.chdir(home)
        enterprise()
        try:
            session()
        except Exception:
            failed += 1
            print("FAILED", session.__name__)
            traceback.print_exc()
    print("lsp: %d sessions, %d failed" % (len(sessions), failed))
    return 1 if failed else 0


sys.exit(main())
