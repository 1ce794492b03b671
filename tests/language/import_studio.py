# tests/language/import_studio.py - What Twilio Studio does with a call, by an evaluator of its own, beside what the
# strategies do that gcxc import makes of a flow.
#
#     import_studio.py GCXC SEED CALLS FOLDER FILE...
#
# The evaluator has what Studio's manual says of a widget: conditions do not tell capital from small letters, and blanks
# around a text do not count. A call that is handed to a workflow waits in the queue of the first filter that fits. What the
# evaluator does not know ends a call there.
import datetime
import json
import re
import sys

from import_world import Caller, Draw, Gone, grades_of, imported, judge, met_of, played, test_of

HARMLESS = ("is not recognised", "the first one counts", "no whole number", "from_country", "is not done", "ten times in a row", "the voice is", "its language is", "before the next")


class Unknown(Exception):
    pass


def plain(text):
    return text.strip(" \t\r\n").lower()


def number(text):
    return int(text) if re.fullmatch(r"\d{1,18}", text) else None


HOLDS = {
    "equal_to": lambda v, o: v == o,
    "not_equal_to": lambda v, o: v != o,
    "matches_any_of": lambda v, o: v in [plain(one) for one in o.split(",")],
    "does_not_match_any_of": lambda v, o: v not in [plain(one) for one in o.split(",")],
    "is_blank": lambda v, o: v == "",
    "is_not_blank": lambda v, o: v != "",
    "contains": lambda v, o: o in v,
    "does_not_contain": lambda v, o: o not in v,
    "starts_with": lambda v, o: v.startswith(o),
    "does_not_start_with": lambda v, o: not v.startswith(o),
    "less_than": lambda v, o: number(v) is not None and number(v) < int(o),
    "greater_than": lambda v, o: number(v) is not None and number(v) > int(o),
}


class Flow:
    def __init__(self, path, data):
        self.path, self.sid, flow = path, data.get("sid"), data.get("definition", data)
        self.start = flow["initial_state"]
        self.states = {}
        for state in flow["states"]:
            self.states.setdefault(state["name"], state)
        self.lines = {}
        for place, line in enumerate(open(path, encoding="utf-8"), 1):
            for one in re.findall(r'"name": ?"([^"]*)"', line):
                self.lines.setdefault(one, (path, place))


class Call:
    """A call in a flow. `given`: what the flow that runs this one passes; None: a call comes to the flow itself."""
    def __init__(self, flow, caller, workflows, ready, flows=(), given=None):
        self.flow, self.caller, self.workflows, self.ready = flow, caller, workflows, ready
        self.flows, self.given, self.runs = flows, given, {}
        self.known = {"trigger.call.From": "+15550100", "trigger.call.To": caller.number,
                      "contact.channel.address": "+15550100", "flow.channel.address": caller.number}
        self.runs_of = {name for name, state in flow.states.items() if state["type"] == "run-subflow"}
        self.gathers = {name for name, state in flow.states.items() if state["type"] == "gather-input-on-call"}
        self.sets = {one["key"] for state in flow.states.values() for one in state.get("properties", {}).get("variables", [])}

    def value(self, text):
        def said(found):
            path = found.group(1)
            gather = re.fullmatch(r"widgets\.([\w-]+)\.Digits", path)
            if gather and gather.group(1) in self.gathers:
                return self.known.get(path, "")
            if path.startswith("flow.variables.") and path[15:] in self.sets:
                return self.known.get(path, "")
            if self.given is not None and path.startswith("trigger.parent.parameters."):
                return self.given.get(path[26:], "")
            run = re.fullmatch(r"widgets\.([\w-]+)\.(\w+)", path)
            if run and run.group(1) in self.runs_of:
                return self.runs.get(run.group(1), {}).get(run.group(2), "")
            if path not in self.known:
                raise Unknown
            self.caller.uses("reference " + path)
            return self.known[path]
        if "{%" in text:
            raise Unknown
        return re.sub(r"\{\{\s*(.*?)\s*\}\}", said, text)

    def next(self, state, event):
        for one in state["transitions"]:
            if one["event"] == event:
                return one.get("next")
        return None

    def run(self):
        at = self.flow.start
        for _ in range(300):
            if at is None:
                if self.given is None:
                    self.caller.meets(self.line, "end")
                return
            state = self.flow.states[at]
            self.line = self.flow.lines[at]
            do = getattr(self, "do_" + state["type"].replace("-", "_"), None)
            self.caller.uses("widget " + state["type"])
            try:
                if not do:
                    raise Unknown
                at = do(state, state.get("properties", {}))
            except Unknown:
                self.caller.meets(self.line, "unknown", state["type"])
                raise Gone

    def do_trigger(self, state, properties):
        return self.next(state, "incomingCall" if self.given is None else "incomingParent")

    def do_run_subflow(self, state, properties):
        run = [flow for flow in self.flows if flow.sid == properties["flow_sid"]]
        if not run:
            raise Unknown
        given = {one["key"]: self.value(one["value"]) for one in properties["parameters"]}
        call = Call(run[0], self.caller, self.workflows, self.ready, self.flows, given)
        call.run()
        self.runs[state["name"]] = {path[15:]: value for path, value in call.known.items() if path.startswith("flow.variables.")}
        return self.next(state, "completed")

    def prompt(self, properties):
        if properties.get("say"):
            return self.value(properties["say"])
        return self.value(properties["play"]).rpartition("/")[2] if properties.get("play") else "silence"

    def do_say_play(self, state, properties):
        if not properties.get("say") and not properties.get("play"):
            raise Unknown
        for _ in range(int(properties.get("loop", 1)) or 1000):
            self.caller.meets(self.line, "say" if properties.get("say") else "play", self.prompt(properties))
        return self.next(state, "audioComplete")

    def do_gather_input_on_call(self, state, properties):
        end = properties.get("finish_on_key", "#")
        most = properties.get("number_of_digits") if properties.get("stop_gather", True) else None
        kind = "menu" if most == 1 else "digits"
        if kind == "digits" and not end:
            raise Unknown
        self.caller.meets(self.line, "ask", [self.prompt(properties)])
        keys = self.caller.key(kind)
        if end and end in keys:  # digits end there; a lone end key is told as a remark
            keys = keys[:keys.index(end)]
        keys = keys[:most] if most else keys
        self.known[f"widgets.{state['name']}.Digits"] = keys
        return self.next(state, "keypress" if keys else "timeout")

    def do_split_based_on(self, state, properties):
        for one in state["transitions"]:
            if one["event"] != "match":
                continue
            if len(one["conditions"]) != 1 or one["conditions"][0]["type"] not in HOLDS:
                raise Unknown
            condition = one["conditions"][0]
            value, operand = plain(self.value(condition["arguments"][0])), plain(self.value(condition.get("value", "")))
            self.caller.uses("condition " + condition["type"])
            if HOLDS[condition["type"]](value, operand):
                return one.get("next")
        return self.next(state, "noMatch")

    def do_set_variables(self, state, properties):
        for one in properties["variables"]:
            self.known["flow.variables." + one["key"]] = self.value(str(one["value"]))
        return self.next(state, "next")

    def do_send_to_flex(self, state, properties):
        workflow = self.workflows.get(properties.get("workflow"))
        if not workflow:
            raise Unknown
        task = json.loads(self.value(properties.get("attributes") or properties.get("task_attributes") or "{}"))
        queue = workflow["task_routing"]["default_filter"]["queue"]
        for filter_ in workflow["task_routing"]["filters"]:
            wanted = [re.fullmatch(r"(\w+) (==|>) '?(\w+)'?", one).groups() for one in filter_["expression"].split(" AND ")]
            if all(name in task and (str(task[name]) == value if sign == "==" else task[name] > int(value))
                   for name, sign, value in wanted):
                queue = filter_["targets"][0]["queue"]
                break
        self.caller.meets(self.line, "wait", queue_names[queue])
        if not self.ready.get(queue):
            raise Gone
        self.caller.meets(self.line, "agent", self.ready[queue])
        raise Gone

    do_enqueue_call = do_send_to_flex


queue_names = {}


def main():
    gcxc, seed, calls, folder, *files = sys.argv[1:]
    draw, workflows, flows = Draw(int(seed)), {}, []
    for path in files:
        data = json.load(open(path, encoding="utf-8"))
        if "states" in data.get("definition", data):
            flows.append(Flow(path, data))
        if "task_routing" in data:
            workflows[data["sid"]] = data
        queue_names.update({one["sid"]: one["friendly_name"] for one in data.get("task_queues", [])})
    print(imported(gcxc, files, folder).split(";")[0])
    report = open(f"{folder}/report.txt", encoding="utf-8").read()
    grades = grades_of(report)
    worlds, texts = [], []
    for flow in flows:
        strategy = re.search(rf"^{re.escape(flow.path)}: strategy (\w+)$", report, re.M)
        if not strategy:
            continue
        strategy = strategy.group(1)
        texts.append(f"import {strategy};")
        for place in range(int(calls)):
            ready, agents = {}, []
            for queue, name in sorted(queue_names.items()):
                there = draw.below(3) > 0
                if there:
                    ready[queue] = [f"agent {queue}"]
                agents.append((f"agent {queue}", f"in group \"{name}\" " + ("ready" if there else "logged_out")))
            keys = [draw.one(["", "1", "2", "3", "4", "5", "2", "1234", "1099", "50", "7777", "2", "*"]) for _ in range(draw.below(8))]
            caller = Caller(draw.one(["1800", "1800", "1800", "1755", "1955", "1701"]), keys, datetime.datetime(2026, 3, 2, 10))
            try:
                Call(flow, caller, workflows, ready, flows).run()
            except Gone:
                pass
            title = f"{strategy} {place}"
            worlds.append((title, [caller]))
            texts.append(test_of(strategy, title, {"when": caller.when, "agents": agents}, [caller]))
    with open(f"{folder}/played.gcx", "w", encoding="utf-8") as file:
        file.write("\n".join(texts) + "\n")
    same, quoted, wrong = judge(worlds, met_of(played(gcxc, f"{folder}/played.gcx")), grades, HARMLESS)
    print(f"calls: {same} the same, {quoted} came by what is quoted, {wrong} wrong")
    sys.exit(wrong > 0)


main()
