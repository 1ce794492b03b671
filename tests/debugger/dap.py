# dap.py GCXDB FOLDER - An editor's sessions with gcxdb --dap, through debugpy's message channel, for dap.sh.
# dap.py GCXDB FOLDER SOCKET CONN_ID - One that attaches to a call of a running gcxvm, which waits in a step, for
# tests/flows/debug_attach.sh.
import json
import os
import queue
import subprocess
import sys

from debugpy.common import messaging

gcxdb, folder = sys.argv[1:3]
SHOP = os.path.join(folder, "shop.gcx")


class Editor:
    """A client of one gcxdb; events wait in a queue until they are expected."""

    def __init__(self):
        self.process = subprocess.Popen([gcxdb, "--dap"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.events, self.printed = queue.Queue(), ""
        stream = messaging.JsonIOStream.from_process(self.process)
        self.channel = messaging.JsonMessageChannel(stream, self)
        self.channel.start()

    def event(self, event):
        self.events.put(event)

    def disconnect(self):
        pass

    def ask(self, command, **arguments):
        return self.channel.request(command, arguments)

    def refused(self, command, **arguments):
        try:
            self.ask(command, **arguments)
        except messaging.MessageHandlingError as error:
            return str(error)
        raise AssertionError(f"{command} should be refused")

    def expect(self, name):
        while (event := self.events.get(timeout=90)).event != name:
            assert event.event == "output", (name, event)
            self.printed += event.body["output"]
        return event.body

    def launch(self, lines=(), functions=(), request="launch", **arguments):
        capabilities = self.ask("initialize", clientID="test", adapterID="gcx")
        assert capabilities["supportsStepBack"], capabilities
        launched = self.channel.send_request(request, arguments)
        self.expect("initialized")
        wanted = [{"line": line} if isinstance(line, int) else line for line in lines]
        found = self.ask("setBreakpoints", source={"path": SHOP}, breakpoints=wanted)["breakpoints"]
        self.ask("setFunctionBreakpoints", breakpoints=[{"name": name} for name in functions])
        self.ask("configurationDone")
        launched.wait_for_response()
        return found

    def at(self):
        """Where it stands: line, function, and the locals of the innermost frame."""
        stopped = self.expect("stopped")
        frames = self.ask("stackTrace", threadId=stopped["threadId"])["stackFrames"]
        self.frames, self.thread = frames, stopped["threadId"]
        return stopped["reason"], frames[0]["line"] if frames else 0, frames[0]["name"] if frames else ""

    def variables(self, scope, frame=0):
        scopes = self.ask("scopes", frameId=self.frames[frame]["id"])["scopes"]
        reference = next(one["variablesReference"] for one in scopes if one["name"] == scope)
        return {one["name"]: one["value"] for one in self.ask("variables", variablesReference=reference)["variables"]}

    def parts(self, of, **more):
        """The parts of a variable or value, by their names."""
        return {one["name"]: one for one in self.ask("variables", variablesReference=of["variablesReference"], **more)["variables"]}

    def scope(self, name, **more):
        scopes = self.ask("scopes", frameId=self.frames[0]["id"])["scopes"]
        return self.parts(next(one for one in scopes if one["name"] == name), **more)

    def value(self, expression, **more):
        return self.ask("evaluate", expression=expression, **more)["result"]

    def bye(self, ended=True):
        if ended:
            self.expect("terminated")
            assert self.expect("exited")["exitCode"] == 0
        self.ask("disconnect")
        assert self.process.wait(timeout=90) == 0


if len(sys.argv) > 3:
    socket, conn = sys.argv[3:]
    editor = Editor()
    editor.launch(request="attach", socket=socket, interaction=conn, bound="5m")
    at = editor.at()
    assert at[2].startswith("enterprise"), at
    assert editor.value("language") == "skill French", editor.variables("Attached data")
    editor.ask("continue", threadId=editor.thread)
    assert "pause" in editor.refused("next", threadId=editor.thread)
    editor.ask("pause", threadId=editor.thread)
    assert editor.at()[2].startswith("enterprise")
    editor.ask("continue", threadId=editor.thread)
    editor.bye(ended=False)  # while it goes on
    editor = Editor()
    editor.ask("initialize")
    assert "Which interaction" in editor.refused("attach", socket=socket)
    editor.expect("terminated")
    editor.ask("disconnect")
    sys.exit()


def line_of(text):
    with open(SHOP) as file:
        return next(number for number, line in enumerate(file, 1) if text in line)


total, twice = line_of("let total"), line_of("return twice")

# Breakpoints, with a condition; frames, variables; forwards and backwards.
editor = Editor()
found = editor.launch(
    [
        total,
        {"line": total + 1, "condition": "total == 99"},
        9999,
        {"line": twice, "logMessage": "twice {twice}"},
        {"line": twice, "hitCondition": "7"},
        {"line": twice, "condition": "thrice == 7"},
    ],
    program=SHOP,
    test="sold",
)
assert [one["verified"] for one in found] == [True, True, False, True, True, False], found
assert found[5]["message"] == "unknown name 'thrice'.", found
assert editor.at() == ("breakpoint", total, "shop")
assert [one["name"] for one in editor.ask("threads")["threads"]] == ["1 shop"]
data = editor.variables("Attached data")
assert (data["account"], data["code"], data["score"]) == ('"4711"', "***", "10"), data
assert editor.value("score * 2 + 1", context="watch") == "21"
assert "no" in editor.refused("evaluate", expression="nothing_such", context="hover")
editor.ask("next", threadId=editor.thread)
assert editor.at() == ("step", total + 1, "shop")
assert editor.variables("Locals") == {"total": "11"}
editor.ask("stepIn", threadId=editor.thread)
assert editor.at()[2] == "doubled" and len(editor.frames) == 2
assert editor.variables("Locals") == {"n": "11"} and editor.variables("Locals", 1) == {"total": "11"}
editor.ask("stepOut", threadId=editor.thread)
assert editor.at()[2] == "shop"
editor.ask("stepBack", threadId=editor.thread)
assert editor.at()[:2] == ("step", total + 1)
editor.ask("reverseContinue", threadId=editor.thread)
assert editor.at()[1] == total
assert "account" in editor.value("info data", context="repl")


def completed(text):
    return [one["label"] for one in editor.ask("completions", text=text, column=len(text) + 1)["targets"]]


assert completed("reverse-s") == ["reverse-step"] and "score" in completed("print sc")
assert completed("break agent pa") == ["paul"] and completed("info can") == ["candidates"]
assert completed("tbreak shop.g") == ["shop.gcx"], completed("tbreak shop.g")
editor.ask("continue", threadId=editor.thread)
editor.bye()
assert "twice 10" in editor.printed, editor.printed
assert 'The test "sold after ten seconds" has passed.' in editor.printed, editor.printed

# A function's breakpoint; the end is a place to go back from.
editor = Editor()
editor.launch(functions=["doubled"], program=SHOP, test="sold", stopOnEntry=True, stopOnEnd=True)
assert editor.at()[0] == "entry"
editor.ask("continue", threadId=editor.thread)
assert editor.at()[2] == "doubled"
editor.ask("setFunctionBreakpoints", breakpoints=[])
editor.ask("continue", threadId=editor.thread)
assert editor.at() == ("pause", 0, "")
assert "is over" in editor.refused("next", threadId=editor.thread)
editor.ask("stepBack", threadId=editor.thread)
assert editor.at()[0] == "step"
editor.bye(ended=False)

# What is watched, what fails, and what is set.
editor = Editor()
assert editor.launch([total], program=SHOP, test="sold")[0]["verified"]
assert editor.at()[1] == total
editor.ask("next", threadId=editor.thread)
editor.at()
frame = editor.frames[0]["id"]
scopes = editor.ask("scopes", frameId=frame)["scopes"]
reference = {one["name"]: one["variablesReference"] for one in scopes}
assert editor.ask("setVariable", variablesReference=reference["Locals"], name="total", value="2 + 1")["value"] == "3"
assert "secret" in editor.refused("setVariable", variablesReference=reference["Attached data"], name="code", value='"1"')
assert editor.ask("dataBreakpointInfo", name="customer")["dataId"] == "customer"
assert editor.ask("setDataBreakpoints", breakpoints=[{"dataId": "customer"}])["breakpoints"] == [{"verified": True}]
editor.ask("continue", threadId=editor.thread)
assert editor.at()[0] == "breakpoint"
assert "points: 3" in editor.variables("Attached data")["customer"]
editor.ask("setDataBreakpoints", breakpoints=[])
editor.ask("continue", threadId=editor.thread)
editor.bye()
editor = Editor()
editor.launch(program=SHOP, test="fails", stopOnEntry=True)
assert editor.at()[0] == "entry"
assert "No step" in editor.refused("exceptionInfo", threadId=editor.thread)
editor.ask("setExceptionBreakpoints", filters=["exit"])
editor.ask("continue", threadId=editor.thread)
assert editor.at()[0] == "exception"
info = editor.ask("exceptionInfo", threadId=editor.thread)
assert (info["exceptionId"], info["description"]) == ("timeout", "ivr.digits fails: timeout"), info
editor.ask("restart")
assert editor.at()[0] == "entry"
editor.ask("restart")  # it is there
wanted = [{"filterId": "exit", "condition": condition} for condition in ("unavailable", "priority > 5", "nothing >")]
found = editor.ask("setExceptionBreakpoints", filters=[], filterOptions=wanted)["breakpoints"]
assert [one["verified"] for one in found] == [True, True, False], found
editor.ask("setExceptionBreakpoints", filters=[], filterOptions=[{"filterId": "exit", "condition": "timeout"}])
editor.ask("continue", threadId=editor.thread)
assert editor.at()[0] == "exception"
editor.ask("setExceptionBreakpoints", filters=[])
editor.ask("continue", threadId=editor.thread)
editor.bye()
editor = Editor()
editor.launch(program=SHOP, test="fails", stopOnEntry=True)
assert editor.at()[0] == "entry"
editor.ask("setExceptionBreakpoints", filters=["exit"])
editor.ask("setExceptionBreakpoints", filters=[])
editor.ask("continue", threadId=editor.thread)
editor.bye()

# Somebody is the world, at the console.
editor = Editor()
editor.launch(program=SHOP)
assert editor.at()[0] == "entry"
editor.value('arrive +33145550101', context="repl")
assert editor.at()[0] == "pause"
editor.value("key 4711", context="repl")
assert editor.at()[0] == "pause"
editor.bye(ended=False)

# What cannot be: each gets a sentence, and the session goes on or ends in order.
editor = Editor()
assert "first" in editor.refused("launch", program=SHOP)
assert "from 1" in editor.refused("initialize", linesStartAt1=False)
editor.ask("initialize")
assert "first" in editor.refused("next", threadId=1)
assert "cannot" in editor.refused("launch", program=os.path.join(folder, "nothing.gcx"))
editor.expect("terminated")
editor.ask("disconnect")
assert editor.process.wait(timeout=90) == 1
for text in b"", b"nonsense\r\n\r\n", b"Content-Length: 99999999\r\n\r\n{}", b"Content-Length: 4\r\n\r\n[[[[":
    done = subprocess.run([gcxdb, "--dap"], input=text, capture_output=True, timeout=90)
    assert done.returncode == 1, done


def raw(*bodies):
    """What gcxdb answers to messages that are sent as these bytes."""
    text = b"".join(b"Content-Length: %d\r\n\r\n%s" % (len(body), body) for body in bodies)
    done = subprocess.run([gcxdb, "--dap"], input=text, capture_output=True, timeout=90)
    return [json.loads(part.split(b"\r\n\r\n")[1]) for part in done.stdout.split(b"Content-Length: ")[1:]]


# A message that is no JSON is refused by its number, and the session goes on; half a pair of UTF-16 is read.
first = b'{"seq":2,"type":"request","command":"initialize"}'
answers = raw(b"{nonsense", b'{"seq":7,"type":"request",', b"\xff" * 9, b"[" * 4000, first)
assert [(one["request_seq"], one["success"]) for one in answers] == [(0, False), (7, False), (0, False), (0, False), (2, True)]
assert "no JSON" in answers[0]["message"], answers
answers = raw(b'{"seq":3,"type":"request","command":"launch","arguments":{"program":"\\ud83d"}}', first)
assert "An initialize comes first" in answers[0]["message"] and answers[1]["success"], answers

# Within a busy block `next` goes to its next round; what the core computes of the interaction is an expression, too.
editor = Editor()
editor.launch([line_of("busy {")], program=SHOP, test="sold")
assert editor.at()[:2] == ("breakpoint", line_of("busy {"))
editor.ask("setBreakpoints", source={"path": SHOP}, breakpoints=[])
editor.ask("next", threadId=editor.thread)
assert editor.at() == ("step", line_of("busy {"), "shop.busy.1")
assert editor.value("waited > 8s") == "true"
editor.ask("next", threadId=editor.thread)
assert editor.at() == ("step", line_of("route who"), "shop")
editor.ask("continue", threadId=editor.thread)
editor.bye()
SHOP = os.path.join(folder, "../../strategies/reminder/reminder.gcx")
editor = Editor()
editor.launch([line_of("attach outcome = wish")], program=os.path.dirname(SHOP), test="presses 1")
editor.at()
assert editor.value("contact.number") == '"+33145550101"'
assert editor.value("contact.attempts + 1") == "2" and editor.value("contact.agent == none") == "true"
editor.ask("continue", threadId=editor.thread)
editor.bye()

# Values are opened part by part, in pages; fields are set, and a set value is what follows. The standard library's text
# comes by its reference, and a breakpoint is set there. A play that lasts is paused.
SHOP = os.path.join(folder, "parts/parts.gcx")
editor = Editor()
editor.launch([line_of("let again")], program=SHOP, test="long", stopOnEnd=True)
assert editor.at()[1] == line_of("let again")
local = editor.scope("Locals")
assert [local["many"][key] for key in ("value", "type", "indexedVariables")] == ["[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]", "list<int>", 10]
assert [one["value"] for one in editor.parts(local["many"], start=3, count=2).values()] == ["4", "5"]
assert list(editor.parts(local["many"], start=8, count=99)) == ["8", "9"]
assert editor.parts(local["many"], start=-7, count=-1)["9"]["evaluateName"] == "many.get(9)"
assert not editor.parts(local["many"], start=10) and not editor.parts({"variablesReference": 2**62})
assert list(editor.scope("Locals", start=1, count=1)) == ["lines"]
assert editor.parts(local["one"])["name"]["value"] == '"a"' and local["one"]["variablesReference"] > 2**15
order = editor.parts(editor.scope("Attached data")["order"])
assert {name: one["value"] for name, one in order.items() if name in ("id", "best")} == {
    "id": "7",
    "best": 'Line(name: "a", count: 1)',
}, order
assert order["best"]["evaluateName"] == "order.best" and order["id"]["variablesReference"] == 0
assert editor.parts(order["by"])["y"]["value"] == '"two"'
second = editor.parts(editor.parts(order["lines"])["1"])
assert second["name"]["value"] == '"b"', second
assert second["name"]["evaluateName"] == "order.lines.get(1).name", second
best = order["best"]["variablesReference"]
assert editor.ask("setVariable", variablesReference=best, name="name", value='"gold"')["value"] == '"gold"'
card = local["card"]["variablesReference"]
assert editor.parts(local["card"])["pin"]["value"] == "***"
assert "secret" in editor.refused("setVariable", variablesReference=card, name="pin", value='"1"')
assert "Elements" in editor.refused("setVariable", variablesReference=order["lines"]["variablesReference"], name="0", value="1")
assert editor.parts(order["best"])["name"]["value"] == '"gold"'
assert editor.ask("setExpression", expression="order.id", value="1 + 1")["value"] == "2"
result = editor.ask("evaluate", expression="order.best?.name", context="watch")
assert result["result"] == '"gold"', result
assert editor.parts(editor.ask("evaluate", expression="order", context="hover"))["id"]["value"] == "2"
editor.ask("evaluate", expression="unset", context="repl")
assert editor.at()[1] == line_of("let again")
assert "id: 7" in editor.variables("Attached data")["order"]
library = next(one for one in editor.ask("loadedSources")["sources"] if one["name"] == "text.gcx")
assert library["path"] == "<std>/text.gcx", library
content = editor.ask("source", source=library, sourceReference=library["sourceReference"])["content"]
trims = content.split("\n").index("function text_trim(s: str): str {") + 2
for wrong in 0, -1, 10**6, 2**62:
    assert "no such source" in editor.refused("source", sourceReference=wrong)
assert editor.ask("setBreakpoints", source=library, breakpoints=[{"line": trims}])["breakpoints"][0]["verified"]
editor.ask("restart")
assert editor.at()[:2] == ("breakpoint", trims)
assert editor.frames[0]["source"]["sourceReference"] == library["sourceReference"] and len(editor.frames) == 2
page = editor.ask("stackTrace", threadId=editor.thread, startFrame=1, levels=1)
assert [one["name"] for one in page["stackFrames"]] == ["parts"] and page["totalFrames"] == 2
assert editor.value("s.count + 1") == "4"
editor.ask("setBreakpoints", source=library, breakpoints=[])
editor.ask("setBreakpoints", source={"path": SHOP}, breakpoints=[])
asked = [editor.channel.send_request(command, {"threadId": editor.thread}) for command in ("continue", "threads", "pause")]
threads = [one.wait_for_response() for one in asked][1]["threads"]  # what is asked meanwhile is answered where it stands
assert editor.at()[0] == "pause" and threads[0]["name"] == "1 parts", threads
# A search backwards is paused, too, and the play begins again behind that.
asked = [editor.channel.send_request(command, {"threadId": editor.thread}) for command in ("reverseContinue", "pause")]
asked[1].wait_for_response()
assert editor.at()[0] in ("pause", "entry")
editor.ask("setFunctionBreakpoints", breakpoints=[{"name": "parts"}])
editor.ask("restart")
assert editor.at()[::2] == ("breakpoint", "parts")
editor.bye(ended=False)
