# tests/language/import_asterisk.py - What Asterisk does with a call, by an evaluator of its own, beside what the strategies do
# that gcxc import makes of extensions.conf and queues.conf.
#
#     import_asterisk.py GCXC SEED CALLS FOLDER FILE...
#
# The evaluator has what Asterisk's manual says of an application, as far as callers and agents notice it, and leaves out
# what it does not know: a call ends there.
import datetime
import re
import sys

from import_world import Caller, Draw, Gone, grades_of, imported, judge, met_of, played, test_of

HARMLESS = ("is not answered the next one rings", "option t", "it waits without end", "the time for a key",
            "is refused there, and goes to s", "the directory must have")


class Unknown(Exception):
    pass


def conf(path):
    sections, name, templates = [], None, {}
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        line = re.sub(r"(?<!\\);.*", "", line).replace("\\;", ";").strip()
        head = re.match(r"\[([^]]*)\](?:\(([^)]*)\))?$", line)
        if head:
            keys = []
            for option in (head.group(2) or "").split(","):
                keys += templates.get(option.strip(), [])
            templates[head.group(1)] = keys
            if "!" not in (head.group(2) or ""):
                sections.append((head.group(1), keys))
            name = keys
        elif "=" in line and name is not None:
            key, value = line.split("=", 1)
            name.append((key.strip(), value.lstrip(">").strip(), (path, number)))
    return sections


def divided(text, separator):
    parts, depth, quoted, part = [], 0, False, ""
    for c in text:
        if c == '"':
            quoted = not quoted
        depth += 0 if quoted else (c in "([{") - (c in ")]}")
        if c == separator and depth <= 0 and not quoted:
            parts.append(part.strip())
            part = ""
        else:
            part += c
    return parts + [part.strip()]


class Plan:
    def __init__(self, paths):
        self.contexts, self.includes, self.globals, self.queues, self.general = {}, {}, {}, {}, {}
        for path in paths:
            sections = conf(path)
            if any(key in ("exten", "same") for _, keys in sections for key, _, _ in keys):
                self.read(sections)
            else:
                self.read_queues(sections)

    def read(self, sections):
        for name, keys in sections:
            if name == "globals":
                self.globals = {key: value for key, value, _ in keys}
                continue
            context, includes = self.contexts.setdefault(name, {}), self.includes.setdefault(name, [])
            extension, last = None, 0
            for key, value, line in keys:
                if key == "include":
                    includes.append(value)
                    continue
                if key not in ("exten", "same"):
                    continue
                if key == "exten":
                    own, value = value.split(",", 1)
                    if own.strip() != extension:
                        last = 0
                    extension = own.strip()
                priority, _, application = value.partition(",")
                place = re.match(r"\s*(n|s|\d+)(?:\+(\d+))?(?:\((.*)\))?\s*$", priority)
                if not place:
                    continue
                last = (last + 1 if place.group(1) == "n" else last if place.group(1) == "s" else int(place.group(1)))
                last += int(place.group(2) or 0)
                called = re.match(r"\s*([A-Za-z0-9]+)\s*(?:\((.*)\))?\s*$", application)
                if not called:
                    continue
                context.setdefault(extension, {})[last] = (place.group(3), called.group(1), called.group(2) or "", line)

    def read_queues(self, sections):
        for name, keys in sections:
            if name == "general":
                self.general = {key: value for key, value, _ in keys}
            else:
                self.queues[name] = {key: value for key, value, _ in keys}
                self.queues[name]["members"] = [divided(value, ",") for key, value, _ in keys if key == "member"]

    def find(self, context, number, depth=0):
        if context not in self.contexts or depth > 16:
            return None
        if number in self.contexts[context]:
            return context, number
        patterns = [name for name in self.contexts[context] if name.startswith("_")]
        fits = [name for name in patterns if re.fullmatch(expression(name[1:]), number)
                and number not in ("s", "t", "i", "h")]
        if fits:
            return context, min(fits, key=weights)
        for included in self.includes[context]:
            found = self.find(included, number, depth + 1)
            if found:
                return found
        return None


def places(pattern):
    return re.findall(r"\[[^]]*\]|.", pattern.replace("-", "") if "[" not in pattern else pattern)


def expression(pattern):
    return "".join({"X": "[0-9]", "Z": "[1-9]", "N": "[2-9]", ".": ".+", "!": ".*"}.get(
        place, place if place[0] == "[" else re.escape(place)) for place in places(pattern))


def weights(name):
    def weight(place):
        if place[0] == "[":
            return sum(1 for code in range(128) if re.fullmatch(place, chr(code)))
        return {"X": 10, "Z": 9, "N": 8, ".": 256, "!": 257}.get(place, 1)
    return [weight(place) for place in places(name[1:])] + [0]


class Call:
    """One call at one time; `memory` has what queues remember from call to call."""

    def __init__(self, plan, caller, world, memory):
        self.plan, self.caller, self.world, self.memory = plan, caller, world, memory
        self.variables, self.stack, self.line = dict(plan.globals), [], None
        self.variables["CALLERID(num)"] = caller.ani

    def value(self, text):
        while True:
            inner = re.search(r"\$\{([^${}]*)\}", text)
            if not inner:
                break
            text = text[:inner.start()] + self.variable(inner.group(1)) + text[inner.end():]
        while "$[" in text:
            begin = text.rindex("$[")
            end = text.index("]", begin)
            text = text[:begin] + self.computed(text[begin + 2:end]) + text[end + 1:]
        return text

    def variable(self, name):
        name, *cut = name.split(":")
        value = {"EXTEN": self.extension, "CONTEXT": self.context}.get(name, self.variables.get(name, ""))
        if cut:
            value = value[int(cut[0]):]
            value = value[:int(cut[1])] if len(cut) > 1 else value
        return value

    def computed(self, text):
        words = re.findall(r'"[^"]*"|[A-Za-z0-9_.]+|[<>!=]=|[<>=|&+()-]|\S', text)
        self.words = words
        try:
            value = self.either()
            return value if not self.words else ""
        except (Unknown, IndexError):
            return ""

    def either(self):
        value = self.both()
        while self.words and self.words[0] == "|":
            self.words.pop(0)
            other = self.both()
            value = value if value not in ("", "0") else other
        return value

    def both(self):
        value = self.compared()
        while self.words and self.words[0] == "&":
            self.words.pop(0)
            other = self.compared()
            value = value if value not in ("", "0") and other not in ("", "0") else "0"
        return value

    def compared(self):
        left = self.sum()
        while self.words and self.words[0] in ("=", "==", "!=", "<", ">", "<=", ">="):
            sign, right = self.words.pop(0), self.sum()
            numbers = re.fullmatch("-?[0-9.]+", left) and re.fullmatch("-?[0-9.]+", right)
            a, b = (float(left), float(right)) if numbers else (left, right)
            left = str(int({"=": a == b, "==": a == b, "!=": a != b, "<": a < b, ">": a > b, "<=": a <= b,
                            ">=": a >= b}[sign]))
        return left

    def sum(self):
        left = self.word()
        while self.words and self.words[0] in "+-":
            sign, right = self.words.pop(0), self.word()
            left = str(int(left) + int(right) if sign == "+" else int(left) - int(right))
        return left

    def word(self):
        word = self.words.pop(0)
        if word == "-":
            return str(-int(self.word()))
        if word == "(":
            value = self.either()
            if self.words.pop(0) != ")":
                raise Unknown
            return value
        if not re.fullmatch(r'"[^"]*"|[A-Za-z0-9_.]+', word):
            raise Unknown
        return word

    def holds(self, text):
        text = self.value(text)
        number = re.match(r"\s*[+-]?\d+", text)
        return int(number.group()) != 0 if number else text != ""

    def jump(self, label):
        parts = divided(self.value(label), ",")
        context, extension, known = self.context, self.extension, self.known
        if len(parts) > 1:
            context, extension = parts[-3] if len(parts) > 2 else context, parts[-2]
            found = self.plan.find(context, extension)
            if not found:
                raise Unknown
            known = found
        steps = self.plan.contexts[known[0]][known[1]]
        wanted = parts[-1]
        for priority, step in steps.items():
            if step[0] == wanted or str(priority) == wanted:
                self.context, self.extension, self.known, self.priority = context, extension, known, priority
                return
        raise Unknown

    def enter(self, extension):
        found = self.plan.find(self.context, extension)
        if found:
            self.extension, self.known, self.priority = extension, found, 1
        return found is not None

    def run(self, context):
        self.context, self.extension, self.known, self.priority = context, self.caller.number, None, 1
        if not self.enter(self.caller.number) and not self.enter("s"):
            return self.caller.meets(None, "end")
        for _ in range(500):
            step = self.plan.contexts[self.known[0]][self.known[1]].get(self.priority)
            if step is None:
                if self.stack and self.stack[-1][4]:
                    self.do("Return", "")
                    continue
                return self.caller.meets(self.line, "end")
            _, application, arguments, self.line = step
            if self.do(application.lower(), arguments) == "over":
                return
        raise Unknown

    def do(self, application, arguments):
        arguments_of = getattr(self, "do_" + application.lower(), None)
        if not arguments_of:
            self.caller.meets(self.line, "unknown", application)
            raise Unknown
        self.priority += 1
        self.caller.uses("application " + application.lower())
        return arguments_of(arguments)

    def do_noop(self, arguments):
        pass

    do_verbose = do_log = do_musiconhold = do_stopmixmonitor = do_noop

    def do_answer(self, arguments):
        self.caller.meets(self.line, "answer")

    def do_playback(self, arguments):
        self.caller.meets(self.line, "play", self.value(divided(arguments, ",")[0]))

    def do_wait(self, arguments):
        pass

    def do_background(self, arguments):
        files, steps = [divided(arguments, ",")[0]], self.plan.contexts[self.known[0]][self.known[1]]
        while steps.get(self.priority, ("", ""))[1].lower() == "background":
            files.append(divided(steps[self.priority][2], ",")[0])
            self.priority += 1
            self.caller.uses("application background")
        if steps.get(self.priority, ("", ""))[1].lower() != "waitexten":
            return self.caller.meets(self.line, "play", self.value("&".join(files)))
        self.priority += 1
        self.caller.uses("application waitexten")
        self.ask("&".join(files))

    def do_waitexten(self, arguments):
        self.ask("silence")

    def ask(self, prompt):
        self.caller.meets(self.line, "ask", prompt)
        names = set()

        def gather(context, depth=0):
            if context in self.plan.contexts and depth < 16:
                names.update(name for name in self.plan.contexts[context] if name not in ("s", "t", "i", "h"))
                for included in self.plan.includes[context]:
                    gather(included, depth + 1)
        gather(self.context)
        several = any(len(name) > 1 and not (name[0] == "_" and len(places(name[1:])) == 1) or name in ("_.", "_!")
                      for name in names)
        key = self.caller.key("digits" if several else "menu")
        if key == "":
            if self.priority not in self.plan.contexts[self.known[0]][self.known[1]]:
                self.enter("t")
        elif not self.enter(key) and not self.enter("i"):
            self.caller.meets(self.line, "end")
            raise Gone

    def do_read(self, arguments):
        parts = divided(arguments, ",") + ["", "", "", "", ""]
        for _ in range(int(parts[4] or 1)):
            self.caller.meets(self.line, "ask", parts[1] or "silence")
            self.variables[parts[0]] = self.caller.key("digits")[:int(parts[2] or 255)]
            if self.variables[parts[0]]:
                break

    def do_goto(self, arguments):
        self.jump(arguments)

    def branch(self, arguments):
        condition, ways = divided(arguments, "?")[0], "?".join(divided(arguments, "?")[1:])
        return condition, (divided(ways, ":") + ["", ""])[:2]

    def do_gotoif(self, arguments):
        condition, ways = self.branch(arguments)
        way = ways[0 if self.holds(condition) else 1]
        if way:
            self.jump(way)

    def do_gotoiftime(self, arguments):
        condition, ways = self.branch(arguments)
        way = ways[0 if during(divided(condition, ","), self.caller.when) else 1]
        if way:
            self.jump(way)

    def do_execif(self, arguments):
        condition, ways = self.branch(arguments)
        way = ways[0 if self.holds(condition) else 1]
        if way:
            called = re.match(r"(\w+)(?:\((.*)\))?$", way)
            self.priority -= 1
            return self.do(called.group(1), called.group(2) or "")

    def do_gosub(self, arguments):
        label = re.match(r"([^(]*)(?:\((.*)\))?$", arguments)
        self.called(label.group(1), divided(label.group(2), ",") if label.group(2) else [], False)

    def do_macro(self, arguments):
        name, *given = divided(arguments, ",")
        self.called(f"macro-{name},s,1", given, True)

    def called(self, label, given, macro):
        given = [self.value(one) for one in given]
        kept = {name: value for name, value in self.variables.items() if re.fullmatch(r"ARG\d+", name)}
        self.stack.append((self.context, self.extension, self.known, self.priority, macro, kept))
        self.jump(label)
        for name in kept:
            del self.variables[name]
        self.variables.update({f"ARG{place + 1}": value for place, value in enumerate(given)})

    def do_return(self, arguments):
        if not self.stack:
            self.caller.meets(self.line, "end")
            return "over"
        if arguments:
            self.variables["GOSUB_RETVAL"] = self.value(arguments)
        self.context, self.extension, self.known, self.priority, _, kept = self.stack.pop()
        for name in [name for name in self.variables if re.fullmatch(r"ARG\d+", name)]:
            del self.variables[name]
        self.variables.update(kept)

    do_macroexit = do_return

    def do_gosubif(self, arguments):
        condition, ways = self.branch(arguments)
        way = ways[0 if self.holds(condition) else 1]
        if way:
            self.do_gosub(way)

    def do_mset(self, arguments):
        for pair in divided(arguments, ","):
            self.do_set(pair.replace('"', ""))

    def do_set(self, arguments):
        name, value = arguments.split("=", 1)
        self.variables[name.strip().lstrip("_")] = self.value(value)

    def do_hangup(self, arguments):
        self.caller.meets(self.line, "end")
        return "over"

    def do_queue(self, arguments):
        parts = divided(arguments, ",") + [""] * 6
        queue = self.plan.queues.get(self.value(parts[0]))
        if queue is None:
            self.caller.meets(self.line, "unknown", "queue")
            raise Unknown
        self.caller.meets(self.line, "wait", parts[0])
        for key, value in [*self.plan.general.items(), *queue.items()]:
            self.caller.uses(f"setting {key}", f"setting {key} = {value}")
        self.caller.uses("order " + queue.get("strategy", "ringall"), *("letter " + letter for letter in parts[1]))
        members = [(member[2] if len(member) > 2 and member[2] else re.sub("^[^/]*/", "", member[0]).split("@")[0],
                    int(member[1] or 0) if len(member) > 1 else 0) for member in queue["members"]]
        there = [member for member in members if member[0] in self.world["ready"]]
        if there:
            least = min(penalty for _, penalty in there)
            best = [name for name, penalty in there if penalty == least]
            who = self.chosen(queue, self.value(parts[0]), [name for name, _ in members], best)
            self.caller.meets(self.line, "agent", who)
            return "over"
        if not parts[4]:
            raise Gone
        self.caller.meets(self.line, "left")
        self.variables["QUEUESTATUS"] = "TIMEOUT"

    def chosen(self, queue, name, members, best):
        strategy = queue.get("strategy", "ringall")
        if strategy == "linear":
            return best[0]
        if strategy in ("rrmemory", "rrordered", "roundrobin"):
            last = self.memory.get(name, len(members) - 1)
            order = [members[(last + 1 + place) % len(members)] for place in range(len(members))]
            who = next(one for one in order if one in best)
            self.memory[name] = members.index(who)
            return who
        return best


def during(parts, when):
    names = {1: "mon tue wed thu fri sat sun".split(), 3: "jan feb mar apr may jun jul aug sep oct nov dec".split()}
    parts += ["*"] * (4 - len(parts))
    now = [when.hour * 60 + when.minute, when.weekday() + 1, when.day, when.month]

    def number(place, text):
        if place == 0:
            return int(text.split(":")[0]) * 60 + int(text.split(":")[1])
        return names[place].index(text.lower()) + 1 if place in names else int(text)
    for place, part in enumerate(parts[:4]):
        if part == "*":
            continue
        fits = False
        for piece in part.split("&"):
            ends = [number(place, text.strip()) for text in piece.split("-")]
            low, high = ends[0], ends[-1]
            fits = fits or (low <= now[place] <= high if low <= high else now[place] >= low or now[place] <= high)
        if not fits:
            return False
    return True


def main():
    gcxc, seed, calls, folder, *files = sys.argv[1:]
    plan, draw = Plan(files), Draw(int(seed))
    told = imported(gcxc, files, folder)
    print(told.split(";")[0])
    report = open(f"{folder}/report.txt", encoding="utf-8").read()
    worlds, texts, strategies = [], [], re.findall(r": strategy (\w+)$", report, re.M)
    names = {re.sub(r"\W", "_", name): name for name in plan.contexts}
    for strategy in strategies:
        texts.append(f"import {strategy};")
    site, agents = open(f"{folder}/site.gcx", encoding="utf-8").read(), {}
    for name, queue in plan.queues.items():
        for member in queue["members"]:
            agent = member[2] if len(member) > 2 and member[2] else re.sub("^[^/]*/", "", member[0]).split("@")[0]
            if re.search(rf"group [^;]*\b{re.escape(name)}\b", site):
                agents.setdefault(agent, []).append(name)
    for strategy in strategies:
        context = names.get(strategy) or names.get(strategy.rstrip("_"))
        if not context:
            continue
        numbers = [name for name in plan.contexts[context] if name.isdigit()] + ["1800", "1811", "999", "2001"]
        for place in range(int(calls)):
            when = datetime.datetime(2026, 1 + draw.below(12), 1 + draw.below(28), draw.below(24), draw.below(60))
            ready = [agent for agent in agents if draw.below(3) > 0]
            world = {"when": when, "ready": ready, "agents": [
                (agent, " ".join(["in " + ", ".join(f'group "{group}"' if not group.isidentifier() else f"group {group}"
                                                          for group in groups)] + ["ready" if agent in ready else "logged_out"]))
                for agent, groups in agents.items()]}
            callers, memory = [], {}
            for number in range(1 + draw.below(3)):
                keys = [draw.one(["", "1", "2", "3", "0", "9", "1234", "5", "101", "4"]) for _ in range(draw.below(9))]
                caller = Caller(draw.one(numbers), keys, when + datetime.timedelta(minutes=20 * number))
                caller.ani = f"+1555010{number}"
                callers.append(caller)
                call = Call(plan, caller, world, memory)
                try:
                    call.run(context)
                except Gone:
                    pass
                except (Unknown, ValueError, KeyError, IndexError):  # a form that the evaluator does not know
                    caller.met.append((call.line, ("unknown",)))
            title = f"{strategy} {place}"
            worlds.append((title, callers))
            texts.append(test_of(strategy, title, world, callers))
    with open(f"{folder}/played.gcx", "w", encoding="utf-8") as file:
        file.write("\n".join(texts) + "\n")
    timeline = played(gcxc, f"{folder}/played.gcx")
    if "error:" in timeline:
        sys.exit(timeline[:2000])
    same, quoted, wrong = judge(worlds, met_of(timeline), grades_of(report), HARMLESS)
    print(f"calls: {same} the same, {quoted} came by what is quoted, {wrong} wrong")
    sys.exit(wrong > 0)


main()
