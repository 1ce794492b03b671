# tests/language/import_connect.py - What Amazon Connect does with a call, by an evaluator of its own, beside what the
# strategies do that gcxc import makes of a contact flow.
#
#     import_connect.py GCXC SEED CALLS FOLDER FILE...
#
# The evaluator has what the flow language's manual says of an action. It leaves out what it does not know: a call ends there.
import datetime
import json
import re
import sys

from import_world import Caller, Draw, Gone, grades_of, imported, judge, met_of, played, test_of

HARMLESS = ("is the switch's", "the directory has the group", "some seconds old", "customer queue flow", "the contact may live on",
            "what comes meanwhile", "fifty times at once", "the end key alone")
DAYS = "MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY SUNDAY".split()


class Unknown(Exception):
    pass


class Flow:
    def __init__(self, path, data, hours):
        self.path, self.start, self.hours = path, data["StartAction"], hours
        self.actions = {action["Identifier"]: {"Parameters": {}, "Transitions": {}, **action} for action in data["Actions"]}
        self.about = data.get("Metadata", {}).get("ActionMetadata", {})
        self.strategy = re.sub(r"\W", "_", data.get("Metadata", {}).get("name") or re.sub(r".*/|\..*", "", path))
        self.lines = {}
        for number, line in enumerate(open(path, encoding="utf-8"), 1):
            for one in re.findall(r'"Identifier": "([^"]*)"', line):
                self.lines.setdefault(one, (path, number))

    def queue(self, action):
        about = self.about.get(action["Identifier"], {})
        name = about.get("parameters", {}).get("QueueId", {}).get("displayName")
        shown = about.get("queue", "")
        name = name or (shown.get("text") if isinstance(shown, dict) else shown)
        return name or action["Parameters"]["QueueId"].rpartition("/")[2]


class Call:
    def __init__(self, flow, caller, ready, flows):
        self.flow, self.caller, self.ready, self.flows = flow, caller, ready, flows
        self.attributes, self.stored, self.queue, self.rounds = {}, "", None, {}

    def value(self, text):
        known = {"$.StoredCustomerInput": self.stored, "$.CustomerEndpoint.Address": "+15550100",
                 "$.SystemEndpoint.Address": self.caller.number, "$.Channel": "VOICE"}
        if text in known:
            self.caller.uses("path " + text)
            return known[text]
        if text.startswith("$.Attributes."):
            self.caller.uses("path $.Attributes.")
            return self.attributes.get(text[13:], "")
        if re.search(r"\$(?!\.)|\$\.[\w.]*\[", text):
            raise Unknown
        if text.startswith("$.") and re.fullmatch(r"\$\.[\w.]*\w", text):
            raise Unknown
        return re.sub(r"\$\.[\w.]*\w", lambda found: self.value(found.group()), text)

    def error(self, action, kind):
        errors = {error["ErrorType"]: error["NextAction"] for error in action["Transitions"].get("Errors", [])}
        return errors.get(kind, action["Transitions"].get("NextAction"))

    def condition(self, action, value, otherwise):
        for one in action["Transitions"].get("Conditions", []):
            sign, operand = one["Condition"]["Operator"], one["Condition"]["Operands"][0]
            self.caller.uses("operator " + sign)
            if sign.startswith("Number"):
                if not re.fullmatch(r"-?\d+", str(value)):
                    continue
                a, b = int(value), int(operand)
                holds = {"NumberGreaterThan": a > b, "NumberGreaterOrEqualTo": a >= b, "NumberLessThan": a < b,
                         "NumberLessOrEqualTo": a <= b}[sign]
            else:
                holds = {"Equals": value == operand, "TextStartsWith": str(value).startswith(operand),
                         "TextContains": operand in str(value)}[sign]
            if holds:
                return one["NextAction"]
        return otherwise

    def run(self):
        at = self.flow.start
        for _ in range(300):
            action = self.flow.actions.get(at)
            if action is None:
                return
            self.line, self.at = self.flow.lines[at], at
            do = getattr(self, "do_" + action["Type"].lower(), None)
            if not do:
                self.caller.meets(self.line, "unknown", action["Type"])
                return
            self.caller.uses("action " + action["Type"])
            try:
                at = do(action, action["Parameters"])
            except (KeyError, TypeError, IndexError, AttributeError):  # a form that the evaluator does not know
                raise Unknown from None
        raise Unknown

    def prompt(self, parameters):
        if parameters.get("Text"):
            return self.value(parameters["Text"])
        shown = self.flow.about.get(self.at, {})
        named = shown.get("parameters", {}).get("PromptId", {}).get("displayName") or shown.get("promptName")
        return named or parameters["PromptId"].rpartition("/")[2]

    def do_updateflowloggingbehavior(self, action, parameters):
        return action["Transitions"]["NextAction"]

    do_updatecontacteventhooks = do_updatecontacttexttospeechvoice = do_updatecontactroutingbehavior = do_updateflowloggingbehavior
    do_updatecontactrecordingbehavior = do_wait = do_updateflowloggingbehavior

    def do_messageparticipant(self, action, parameters):
        self.caller.meets(self.line, "say" if parameters.get("Text") else "play", self.prompt(parameters))
        return action["Transitions"]["NextAction"]

    def do_getparticipantinput(self, action, parameters):
        self.caller.meets(self.line, "ask", [self.prompt(parameters)])
        if parameters.get("StoreInput", "False").lower() == "true":
            most = int(parameters.get("InputValidation", {}).get("CustomValidation", {}).get("MaximumLength", 20))
            keys = self.caller.key("digits")
            if "#" in keys:
                raise Unknown
            self.stored = keys[:most] or "Timeout"
            return action["Transitions"]["NextAction"]
        key = self.caller.key("menu")
        if key == "":
            return self.error(action, "InputTimeLimitExceeded")
        return self.condition(action, key, self.error(action, "NoMatchingCondition"))

    def do_compare(self, action, parameters):
        return self.condition(action, self.value(parameters["ComparisonValue"]), self.error(action, "NoMatchingCondition"))

    def do_checkhoursofoperation(self, action, parameters):
        about = self.flow.about.get(action["Identifier"], {})
        hours = self.flow.hours[about.get("Hours", {}).get("text")]
        now = self.caller.when
        minute, is_open = now.hour * 60 + now.minute, False
        for one in hours["Config"]:
            begins, ends = (one[key]["Hours"] * 60 + one[key]["Minutes"] for key in ("StartTime", "EndTime"))
            is_open = is_open or (one["Day"] == DAYS[now.weekday()] and begins <= minute < ends)
        return self.condition(action, str(is_open), None)

    def do_updatecontactattributes(self, action, parameters):
        self.attributes.update({name: self.value(value) for name, value in parameters["Attributes"].items()})
        return action["Transitions"]["NextAction"]

    def do_updatecontacttargetqueue(self, action, parameters):
        self.queue = self.flow.queue(action)
        return action["Transitions"]["NextAction"]

    def do_loop(self, action, parameters):
        done = self.rounds.get(action["Identifier"], 0)
        more = done < int(parameters["LoopCount"])
        self.rounds[action["Identifier"]] = done + 1 if more else 0
        return self.condition(action, "ContinueLooping" if more else "DoneLooping", None)

    def do_checkmetricdata(self, action, parameters):
        if parameters["MetricType"] != "NumberOfAgentsAvailable":
            raise Unknown
        return self.condition(action, len(self.ready.get(self.flow.queue(action), [])), self.error(action, "NoMatchingCondition"))

    def do_transfercontacttoqueue(self, action, parameters):
        if self.queue is None:
            return self.error(action, "NoMatchingError")
        self.caller.meets(self.line, "wait", self.queue)
        if not self.ready.get(self.queue):
            raise Gone
        self.caller.meets(self.line, "agent", self.ready[self.queue])
        return None

    def do_disconnectparticipant(self, action, parameters):
        self.caller.meets(self.line, "end")
        return None

    do_endflowexecution = do_disconnectparticipant

    def do_transfertoflow(self, action, parameters):
        about = self.flow.about.get(action["Identifier"], {})
        name = about.get("parameters", {}).get("ContactFlowId", {}).get("displayName") or about.get("ContactFlow", {}).get("text")
        if name not in self.flows:
            self.caller.meets(self.line, "unknown", name)
            return None
        self.flow, self.rounds = self.flows[name], {}
        return self.flow.start


def main():
    gcxc, seed, calls, folder, *files = sys.argv[1:]
    draw, hours = Draw(int(seed)), {}
    data = {path: json.load(open(path, encoding="utf-8")) for path in files}
    for path, one in data.items():
        for given in [one.get("HoursOfOperation")] + one.get("HoursOfOperations", []):
            if given:
                hours[given["Name"]] = given
    print(imported(gcxc, files, folder).split(";")[0])
    report = open(f"{folder}/report.txt", encoding="utf-8").read()
    grades = grades_of(report)
    site = re.search(r"^    group (.*?);", open(f"{folder}/site.gcx", encoding="utf-8").read(), re.M | re.S)
    groups = {one.strip().strip('"') for one in site.group(1).split(",")} if site else set()
    worlds, texts = [], []
    flows = {one.get("Metadata", {}).get("name"): Flow(path, one, hours) for path, one in data.items() if "Actions" in one}
    for path, one in data.items():
        if "Actions" not in one:
            continue
        flow = Flow(path, one, hours)
        flow.strategy = re.search(rf"^{re.escape(path)}: strategy (\w+)$", report, re.M).group(1)
        queues = sorted({other.queue(action) for other in flows.values() for action in other.actions.values()
                         if str(action["Parameters"].get("QueueId", "$")).startswith("arn")} & groups)
        texts.append(f"import {flow.strategy};")
        for place in range(int(calls)):
            when = datetime.datetime(2026, 3, 2 + draw.below(7), 6 + draw.below(16), draw.one([0, 29, 30, 59]))
            ready, agents = {}, []
            for number, queue in enumerate(queues):
                there = draw.below(3) > 0
                if there:
                    ready[queue] = [f"agent{number}"]
                agents.append((f"agent{number}", f"in group \"{queue}\" " + ("ready" if there else "logged_out")))
            keys = [draw.one(["", "1", "2", "3", "#", "2", "1234", "1099", "5", "1"]) for _ in range(draw.below(8))]
            caller = Caller("1800", keys, when)
            call = Call(flow, caller, ready, flows)
            try:
                call.run()
            except Gone:
                pass
            except Unknown:
                caller.met.append((call.line, ("unknown",)))
            title = f"{flow.strategy} {place}"
            worlds.append((title, [caller]))
            texts.append(test_of(flow.strategy, title, {"when": when, "agents": agents}, [caller]))
    with open(f"{folder}/played.gcx", "w", encoding="utf-8") as file:
        file.write("\n".join(texts) + "\n")
    same, quoted, wrong = judge(worlds, met_of(played(gcxc, f"{folder}/played.gcx")), grades, HARMLESS)
    print(f"calls: {same} the same, {quoted} came by what is quoted, {wrong} wrong")
    sys.exit(wrong > 0)


main()
