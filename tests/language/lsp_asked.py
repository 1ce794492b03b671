# tests/language/lsp_asked.py GCXC SOURCES - What an editor asks gcxc lsp of a whole site: one server, and after it one that
# is asked for diagnostics. Each function is named after what must hold.
import os
import re
import shutil
import sys
import traceback

from lsp_client import Client

gcxc, top = sys.argv[1:3]
TABLE = open(os.path.join(top, "compiler", "lsp", "requests.def")).read()
ABOUT_DOCUMENTS = re.findall(r'^DOCUMENT_REQUEST\("([^"]+)"', TABLE, re.M)
ABOUT_SITES = [one for one in re.findall(r'^SERVER_REQUEST\("([^"]+)"', TABLE, re.M) if one not in ("initialize", "shutdown")]
SITE = """site { queue desk; vq service; skill French; prompt hold; default timeout 3m; }
"""
SHARED = """/// How old a wait is.
function old(since: duration): bool { return since > 1m; }

subroutine greet(who: str) {
    let unread = 1;
    ivr.say("{who}") else {};
}
"""
MAIN = """import shared;

record Customer { name: str; tier: str }

strategy first on voice {
    attached { account: str }
    let who = select in vq service { skill French >= 1; } by longest_idle timeout 3m
        busy { ivr.music(prompt hold, 30s); delay 10s; ivr.say("Hello."); ivr.music(prompt hold, 20s); }
        else goto desk;
    greet(who: "you");
    for x in ["a", "b"] { priority += 1; attach account = x; }
    if old(since: 1m) { priority += 1; }
    if (priority > 1) == true { stop "x"; }
    let never_read = 5;
    switch to second(again: 1);
    desk: route queue desk answer 15s;
}

strategy second(again: int) on voice {
    if again > 1 { greet("me"); }
    route queue desk answer 15s;
}
"""
FILES = {"site.gcx": SITE, "shared.gcx": SHARED, "main.gcx": MAIN,
         "tests.gcx": "import main;\ntest \"ends at the desk\" { call second(again: 1); expect routed to queue desk; }\n"}


def site():
    for name, text in FILES.items():
        open(name, "w").write(text)


def document(client, name):
    return {"textDocument": {"uri": client.uri(name)}}


def everywhere(client, name):
    return {"start": {"line": 0, "character": 0}, "end": {"line": client.texts[name].count("\n") + 1, "character": 0}}


def decoded(client, name, data):
    """The words of a list of tokens, with their types and modifiers."""
    legend = client.capabilities["semanticTokensProvider"]["legend"]
    line = character = 0
    words = []
    for at in range(0, len(data), 5):
        down, right, length, kind, bits = data[at:at + 5]
        line, character = line + down, right if down else character + right
        said = client.says(name, {"start": {"line": line, "character": character},
                                  "end": {"line": line, "character": character + length}})
        words.append((said, legend["tokenTypes"][kind],
                      {word for i, word in enumerate(legend["tokenModifiers"]) if bits >> i & 1}))
    return words


def each_name_is_told_what_it_is(client):
    name = "main.gcx"
    first = client.ask("textDocument/semanticTokens/full", **document(client, name))
    words = decoded(client, name, first["data"])
    for wanted in [("first", "class", {"declaration"}), ("old", "function", set()), ("Customer", "struct", {"declaration"}),
                   ("ivr.music", "method", {"defaultLibrary"}), ("priority", "property", {"modification", "defaultLibrary"}),
                   ("account", "property", {"declaration"}), ("French", "enumMember", {"readonly"}), ("x", "variable", {"readonly"}),
                   ("desk", "label", {"declaration"}), ("again", "parameter", {"declaration"})]:
        assert wanted in words, (wanted, words)
    part = client.ask("textDocument/semanticTokens/range", range={"start": {"line": 2, "character": 0},
                                                                  "end": {"line": 3, "character": 0}}, **document(client, name))
    assert [word[0] for word in decoded(client, name, part["data"])] == ["Customer", "name", "tier"], part
    client.type(name, "let never_read = 5;", "\n    let \U0001F600e\u0301 = never_read;".replace("\U0001F600", "z"))
    second = client.ask("textDocument/semanticTokens/full/delta", previousResultId=first["resultId"], **document(client, name))
    data, (edit,) = list(first["data"]), second["edits"]
    assert len(edit["data"]) < 20 < len(data), edit
    data[edit["start"]:edit["start"] + edit["deleteCount"]] = edit["data"]
    whole = client.ask("textDocument/semanticTokens/full", **document(client, name))
    assert data == whole["data"]
    same = client.ask("textDocument/semanticTokens/full/delta", previousResultId=whole["resultId"], **document(client, name))
    assert same["edits"] == [], same
    lost = client.ask("textDocument/semanticTokens/full/delta", previousResultId="7000", **document(client, name))
    assert lost["data"] == data
    client.type(name, "let never_read = 5;", "", cut=len("\n    let ze\u0301 = never_read;"))


def types_and_times_stand_between_the_words(client):
    hints = client.ask("textDocument/inlayHint", **document(client, "main.gcx"),
                       range={"start": {"line": 2 ** 62, "character": 0}, "end": {"line": 99, "character": 0}})
    assert hints == [], hints
    name = "main.gcx"
    hints = client.ask("textDocument/inlayHint", range=everywhere(client, name), **document(client, name))
    lines = client.texts[name].split("\n")
    said = [(lines[one["position"]["line"]][:one["position"]["character"]].split(" ")[-1], one["label"]) for one in hints]
    assert ("who", ": target") in said and ("x", ": str") in said and ("never_read", ": int") in said, said
    times = [one["label"] for one in hints if "kind" not in one]
    assert times == ["30s", "40s", "from 40s", "again from 1m"], hints
    assert client.ask("textDocument/inlayHint", range={"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}},
                      **document(client, name)) == []


def declarations_of_all_files_are_found_by_some_of_their_letters(client):
    def found(query):
        return {(one["name"], os.path.basename(one["location"]["uri"]), one["containerName"])
                for one in client.ask("workspace/symbol", query=query)}
    assert found("gre") == {("greet", "shared.gcx", "")}, found("gre")
    assert {("first", "main.gcx", ""), ("account", "main.gcx", "first"), ("French", "site.gcx", ""),
            ("ends at the desk", "tests.gcx", "")} <= found("")
    assert found("SCND") == {("second", "main.gcx", "")}
    assert found("never_read") == set()


def who_calls_whom_is_told_over_all_files(client):
    def item(after):
        return client.at("prepareCallHierarchy", "main.gcx", after)[0]

    def calls(way, one):
        side = "from" if way == "incoming" else "to"
        return {(call[side]["name"], len(call["fromRanges"])) for call in client.ask("callHierarchy/%sCalls" % way, item=one)}
    greet = item("    gre")
    assert greet["detail"] == "subroutine" and os.path.basename(greet["uri"]) == "shared.gcx", greet
    assert calls("incoming", greet) == {("first", 1), ("second", 1)}, calls("incoming", greet)
    assert calls("outgoing", greet) == set()
    second = item("strategy sec")
    assert calls("incoming", second) == {("first", 1), ("ends at the desk", 1)}, calls("incoming", second)
    assert calls("outgoing", item("delay 10")) == {("greet", 1), ("old", 1), ("second", 1)}
    text = client.texts["main.gcx"]
    ends = text.rindex("}") + 1
    for text, wanted in [(text[:ends - 1], True), (text[:ends], False)]:
        place = {"line": text.count("\n"), "character": len(text) - text.rfind("\n") - 1}
        assert bool(client.ask("textDocument/prepareCallHierarchy", position=place, **document(client, "main.gcx"))) == wanted, place
    for odd in [{}, {"item": 1}, {"item": {"uri": "file:///nowhere.gcx"}}, {"item": {**second, "selectionRange": 7}}]:
        assert client.ask("callHierarchy/incomingCalls", **odd) == []


def actions(client, name, only=None, place=None):
    context = {"diagnostics": []}
    if only:
        context["only"] = only
    return client.ask("textDocument/codeAction", range=place or everywhere(client, name), context=context,
                      **document(client, name))


def a_finding_is_allowed_where_it_stands(client):
    name = "main.gcx"
    found = [one for one in client.found(name) if one["code"] == "L0101"]
    assert client.says(name, found[0]["range"]) == "never_read", client.found(name)
    there = actions(client, name, ["quickfix"], found[0]["range"])
    allow = [one for one in there if one["title"].startswith("Allow this finding")]
    assert len(allow) == 1 and not allow[0]["isPreferred"], there
    client.apply(allow[0]["edit"])
    assert "    // gcx:allow unused-variable\n    let never_read = 5;" in client.texts[name], client.texts[name]
    codes = client.codes(name)
    assert "L0101" not in codes and "L0001" in codes, codes
    client.type(name, "gcx:allow unused-variable", " it is a test")
    assert not {"L0101", "L0001"} & set(client.codes(name)), client.found(name)
    text = client.texts[name].replace("    // gcx:allow unused-variable it is a test\n", "")
    client.type(name, "", text, cut=len(client.texts[name]))
    assert "L0101" in client.codes(name)


def all_that_is_safe_is_mended_at_once(client):
    name = "main.gcx"
    fixable = [one["code"] for one in client.found(name)]
    assert {"L0101"} <= set(fixable), fixable
    assert [one["kind"] for one in actions(client, name, ["source"])] == ["source.fixAll"]
    assert actions(client, name, ["refactor"]) == []
    once = actions(client, name, ["source.fixAll"])
    client.apply(once[0]["edit"])
    open("mended.txt", "w").write(MAIN)
    shutil.copy("main.gcx", "kept.txt")
    assert os.system("'%s' lint --fix main.gcx >/dev/null 2>&1" % gcxc) in (0, 256)
    by_lint = open(name).read()
    shutil.move("kept.txt", "main.gcx")
    while actions(client, name, ["source.fixAll"]):
        client.apply(actions(client, name, ["source.fixAll"])[0]["edit"])
    assert client.texts[name] == by_lint, (client.texts[name], by_lint)
    client.type(name, "strategy first on voice {", " nonsense = ;")
    assert actions(client, name, ["source.fixAll"]) == [] # a program with errors is not changed
    client.tell("textDocument/didClose", **document(client, name))
    os.remove("mended.txt")


def an_editor_that_asks_is_published_nothing():
    client = Client(gcxc, start=False)
    client.capabilities = client.ask("initialize", rootUri=client.uri("."), capabilities={
        "textDocument": {"diagnostic": {}}, "workspace": {"diagnostics": {"refreshSupport": True}}})["capabilities"]
    client.tell("initialized")
    assert client.capabilities["diagnosticProvider"]["workspaceDiagnostics"] is True

    def told(last=()):
        return {os.path.basename(one["uri"]): one for one in
                client.ask("workspace/diagnostic", previousResultIds=list(last))["items"]}
    all_files = told() # no document is open
    assert set(all_files) == set(FILES) and all_files["main.gcx"]["version"] is None
    assert "L0101" in {one["code"] for one in all_files["shared.gcx"]["items"]}, all_files["shared.gcx"]
    again = told({"uri": one["uri"], "value": one["resultId"]} for one in all_files.values())
    assert {one["kind"] for one in again.values()} == {"unchanged"}
    texts = dict(FILES)
    for name in ("main.gcx", "shared.gcx"):
        client.texts[name], client.versions[name] = texts[name], 1
        client.tell("textDocument/didOpen", textDocument={"uri": client.uri(name), "version": 1, "text": texts[name]})
    report = client.ask("textDocument/diagnostic", **document(client, "main.gcx"))
    assert report["kind"] == "full" and "L0101" in {one["code"] for one in report["items"]}, report
    same = client.ask("textDocument/diagnostic", previousResultId=report["resultId"], **document(client, "main.gcx"))
    assert same == {"kind": "unchanged", "resultId": report["resultId"]}
    client.type("shared.gcx", "function ", "ol", cut=3) # main.gcx uses `old`: the editor is told to ask again
    while not any(one["method"] == "workspace/diagnostic/refresh" for one in client.messages):
        client.one()
    now = client.ask("textDocument/diagnostic", previousResultId=report["resultId"], **document(client, "main.gcx"))
    assert 1 in {one["severity"] for one in now["items"]}, now
    assert told()["main.gcx"]["version"] == 1
    assert client.diagnostics == {}, client.diagnostics
    assert client.end() == 0


def what_another_file_uses_is_not_called_unused(client):
    open("uses.gcx", "w").write("import shared;\nstrategy uses on voice { if old(since: 1m) { priority += limit; } "
                                "route queue desk answer 15s; }\n")
    client.open("shared.gcx", SHARED + "const limit = 5;\nconst spare = 6;\nstrategy third on voice { route queue desk answer 15s; }\n"
                                       "enum Tier { gold }\n")

    def unused():
        return {client.says("shared.gcx", one["range"]) for one in client.found("shared.gcx") if one["code"] in
                ("L0103", "L0104", "L0109")}
    assert unused() == {"spare", "Tier"}, client.found("shared.gcx")
    client.open("uses.gcx")
    for put, cut, wanted in ("spare", 5, {"limit", "Tier"}), ("limit", 5, {"spare", "Tier"}):
        client.type("uses.gcx", "priority += ", put, cut=cut) # nobody types in shared.gcx
        while unused() != wanted:
            client.one()
    client.tell("textDocument/didClose", **document(client, "uses.gcx"))
    os.remove("uses.gcx")
    client.tell("workspace/didChangeWatchedFiles", changes=[{"uri": client.uri("uses.gcx"), "type": 3}])
    while unused() != {"limit", "spare", "Tier"}:
        client.one()
    client.tell("textDocument/didClose", **document(client, "shared.gcx"))


def a_name_whose_file_has_moved_is_not_renamed_by_halves(client):
    open("lent.gcx", "w").write("function lent(n: int): int { return n; }\n")
    open("lends.gcx", "w").write("import lent;\nstrategy lends on voice { let n = lent(1); if n > 1 { stop \"n\"; } route queue desk; }\n")
    client.open("lends.gcx")

    def renamed():
        return client.at("rename", "lends.gcx", "let n = le", newName="given")["changes"]
    assert {name: len(edits) for name, edits in renamed().items()} == {client.uri("lends.gcx"): 1, client.uri("lent.gcx"): 1}
    for text in ["// moved\nfunction lent(n: int): int { return n; }\n", "function sent(n: int): int { return n; }\n"]:
        open("lent.gcx", "w").write(text)  # nobody has told the server yet
        refusal = client.refused("textDocument/rename", **document(client, "lends.gcx"), newName="given",
                                 position=client.position("lends.gcx", "let n = le"))
        assert "have changed" in refusal["message"], refusal
    for name in "lent.gcx", "lends.gcx":
        os.remove(name)
    client.tell("textDocument/didClose", **document(client, "lends.gcx"))


def asked_all(client, name, place, **more):
    """Every request, with that place for each that it can have."""
    numbers = [client.request(method, **{**document(client, name), "position": place, "positions": [place], "context": {},
                                         "range": {"start": place, "end": place}, "options": {}, "newName": "other",
                                         "previousResultId": "1", "query": "a", "command": "gcxc.nothing",
                                         "item": {"uri": client.uri(name), "selectionRange": {"start": place}}, **more})
               for method in ABOUT_DOCUMENTS + ABOUT_SITES]
    return [client.answer(number) for number in numbers]


def a_place_that_is_none_gives_an_answer(client):
    name = "odd.gcx"
    client.open(name, "strategy odd on voice { // \U0001F600\U0001F600\n    let a\u00e9 = \"\U0001F600 {ani}\U0001F600\"; stop a\u00e9;\n}\n")
    for place in [{"line": 0, "character": 10 ** 9}, {"line": 1, "character": 2 ** 63 - 1}, {"line": 2 ** 62, "character": 0},
                  {"line": 1, "character": 17}, {"line": -1, "character": 0}, {"line": 0, "character": -5}, {"line": 0.5},
                  {"line": "1", "character": []}, None, 7, [], {}]:
        asked_all(client, name, place)
        asked_all(client, name, {"line": 1, "character": 9}, range={"start": {"line": 9, "character": 1}, "end": place})
    for more in [{"context": 5}, {"context": {"only": [1, None, "quick\u0000"]}}, {"query": 1}, {"item": [1]}, {"query": "\u0000"},
                 {"previousResultIds": [7, {"uri": 1}]}, {"positions": 5}, {"previousResultId": 3}, {"textDocument": [1]}]:
        asked_all(client, name, {"line": 1, "character": 9}, **more)
    client.tell("textDocument/didClose", **document(client, name))


def a_file_that_is_gone_is_still_that_of_the_editor(client):
    os.mkdir("gone")
    shutil.copy("site.gcx", "gone/site.gcx")
    name = os.path.join("gone", "a.gcx")
    open(name, "w").write(MAIN)
    client.open(name, "strategy here on voice { let x = 1; route queue desk answer 15s; }\n")
    shutil.rmtree("gone")
    asked_all(client, name, {"line": 0, "character": 31})
    client.type(name, "let x = 1; ", "stop \"{x}\"; ")
    assert "E0013" in client.codes(name), client.found(name) # the site is gone, too
    client.tell("textDocument/didClose", **document(client, name))


def a_file_of_a_megabyte_is_answered(client):
    name = "large.gcx"
    one = "function f%d(a: int): int { let b = a; return b; } "
    for join, count in (("", 21000), ("\n", 2000)): # in one line, which was slow, and in many
        client.open(name, join.join(one % i for i in range(count)))
        assert join or len(client.texts[name]) > 2 ** 20
        tokens = client.ask("textDocument/semanticTokens/full", **document(client, name))
        assert len(tokens["data"]) == 5 * 5 * count, len(tokens["data"])
        for method in ("textDocument/inlayHint", "textDocument/foldingRange", "textDocument/completion", "textDocument/codeAction"):
            client.answer(client.request(method, range=everywhere(client, name), position={"line": 0, "character": 70},
                                         context={}, **document(client, name)))
        client.tell("textDocument/didClose", **document(client, name))


def two_editors_have_a_server_each():
    os.environ["XDG_CACHE_HOME"] = "/proc/nowhere" # nothing can be written there: the library has no copy
    both = [Client(gcxc), Client(gcxc)]
    for client in both:
        client.open("main.gcx", "import text;\n" + MAIN)
    both[0].type("main.gcx", "strategy first", "x")
    assert both[0].at("definition", "main.gcx", "import te") is None
    assert both[1].at("definition", "main.gcx", "strategy fir")["uri"] == both[1].uri("main.gcx")
    for client in both:
        asked_all(client, "main.gcx", client.position("main.gcx", "let wh"))
        assert client.end() == 0


def main():
    site()
    failed, client = 0, Client(gcxc)
    client.open("main.gcx")
    for session in [each_name_is_told_what_it_is, types_and_times_stand_between_the_words,
                    declarations_of_all_files_are_found_by_some_of_their_letters, who_calls_whom_is_told_over_all_files,
                    a_finding_is_allowed_where_it_stands, all_that_is_safe_is_mended_at_once,
                    what_another_file_uses_is_not_called_unused,
                    a_name_whose_file_has_moved_is_not_renamed_by_halves, a_place_that_is_none_gives_an_answer,
                    a_file_that_is_gone_is_still_that_of_the_editor, a_file_of_a_megabyte_is_answered]:
        try:
            session(client)
        except Exception:
            failed += 1
            print("FAILED", session.__name__)
            traceback.print_exc()
    assert client.end() == 0
    an_editor_that_asks_is_published_nothing()
    two_editors_have_a_server_each()
    return 1 if failed else 0


sys.exit(main())
