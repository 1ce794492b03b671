# tests/language/lsp_sessions.py GCXC SOURCES - Sessions with gcxc lsp, each a function named after what must hold.
import json
import os
import shutil
import sys
import traceback

from lsp_client import Client

gcxc, top = sys.argv[1:3]
MAIN, SITE, TESTS = "enterprise.gcx", "site.gcx", "tests.gcx"


def enterprise():
    """A copy of the site in a folder of its own, which is the present one."""
    folder = os.path.join(os.environ.get("PWD", "."), "site%d" % enterprise.count)
    enterprise.count += 1
    shutil.copytree(os.path.join(top, "strategies", "enterprise"), folder)
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
                       (b"{}", -32600), (b'{"id":1}', -32600), (b'{"id":1,"id":2}', -32700)]:
        client.raw(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        assert client.one()["error"]["code"] == code, body[:20]
    client.ask("initialize", capabilities={})
    assert client.refused("initialize", capabilities={})["code"] == -32600
    assert client.refused("nothing/like/this")["code"] == -32601
    client.tell("nothing/like/this")
    client.tell("$/whatever")
    for params in [{}, {"textDocument": 1}, {"textDocument": {"uri": "file:///nowhere.gcx"}},
                   {"textDocument": {"uri": "http://x"}, "position": []}]:
        for method in client.ask_methods if hasattr(client, "ask_methods") else ["codeAction"]:
            assert client.refused("textDocument/" + method, **params)["code"] == -32602
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


# ---- all of them ----

def main():
    home, failed = os.getcwd(), 0
    os.environ["PWD"] = home
    sessions = [one for name, one in globals().items()
                if callable(one) and getattr(one, "__module__", "") == __name__ and name not in ("main", "enterprise")]
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
