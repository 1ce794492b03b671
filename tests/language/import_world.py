# tests/language/import_world.py - Plays calls both ways: by an evaluator of the source's format, and by gcxc test of what
# gcxc import has made of it. Used by import_asterisk.py and its like, one for each format.
#
# An evaluator reads the source alone, by what its manual says. It yields what a call meets, each with the line of the
# source that does it: ("play", "welcome"), ("ask", "menu"), ("wait", "sales"), ("agent", "Ann"), ("left", "sales"), ("end",).
# A call is compared until a line that the report does not call translated.
import os
import re
import subprocess
import sys


class Draw:
    """Numbers of a seed, the same on every machine."""

    def __init__(self, seed):
        self.state = seed % 2147483647 or 1

    def below(self, limit):
        self.state = self.state * 16807 % 2147483647
        return (self.state >> 7) % limit

    def one(self, values):
        return values[self.below(len(values))]


class Gone(Exception):
    """The caller has hung up: no key is left."""


class Caller:
    """What one call brings: its keys, each for one question; "" is silence."""

    def __init__(self, number, keys, when):
        self.number, self.keys, self.when = number, list(keys), when
        self.menu, self.digits, self.met, self.used = [], [], [], set()
        self.asked = set()

    def meets(self, line, *what):
        self.met.append((line, what))
        if len(self.met) > 60:
            raise Gone

    def uses(self, *rows):
        """Notes rows of the importer's tables that the call goes through, as "order linear" (import_rows.py)."""
        self.used.update(rows)

    def key(self, kind):
        self.asked.add(kind)
        if not self.keys:
            raise Gone
        key = self.keys.pop(0)[:1 if kind == "menu" else 99]
        (self.menu if kind == "menu" else self.digits).append(key)
        return key


def text(word):
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"').replace("{", "{{").replace("}", "}}") + '"'


def outcomes(keys):
    """The keys as outcomes of a step. Behind the last key the caller is silent: a test repeats the last outcome, and a
    menu that asks again would go round in no time."""
    return ", ".join(text(key) if key else "fail no_input" for key in [*keys, ""])


def test_of(strategy, title, world, callers, medium="call", data=""):
    """A test of gcx for the calls of one world, twenty minutes apart."""
    lines = [f"test {text(title)} {{", f"    at {world['when']:%Y-%m-%d %H:%M};"]
    for agent, groups in world["agents"]:
        lines.append(f"    agent {agent if re.fullmatch('[A-Za-z_][A-Za-z0-9_]*', agent) else text(agent)} {groups};")
    for number, caller in enumerate(callers):
        answers = ""
        if "menu" in caller.asked:
            answers += f" ivr.menu -> {outcomes(caller.menu)};"
        if "digits" in caller.asked:
            answers += f" ivr.digits -> {outcomes(caller.digits)};"
        when = f"after {20 * number}m: " if number else ""
        lines.append(f"    {when}{medium} {strategy} from \"+1555010{number}\" to {text(caller.number)}{data} hangs_up 10m"
                     + (f" {{{answers} }}" if answers else ";"))
    return "\n".join(lines + ["}"])


TREATMENTS = {"PlayAnnouncement": "play", "PlayAnnouncementAndDigits": "ask", "RecordUserAnnouncement": "record",
              "Say": "say"}


def met_of(timeline):
    """What each call of each test met, by the timelines of gcxc test -v: {title: {call: [what]}}."""
    tests, calls, last = {}, None, None
    for line in timeline.split("\n"):
        head = re.match(r"(?:ok|FAILED|failed) +(.*) \(", line)
        if head:
            calls = tests.setdefault(head.group(1), {})
            continue
        event = re.match(r" +[0-9.]+s +(\d+)? *(\w+) +(.*)", line)
        if calls is None or not event:
            continue
        call, who, what = event.groups()
        if what.startswith("strategy ") or who == "strategy":
            if "select fails" in what and last:
                calls[last].append(("left",))
            continue
        if not call:
            continue
        last = call
        met = calls.setdefault(call, [])
        treated = re.match(r"RequestApplyTreatment .*type=(\w+) params=\{(?:prompt|text)=(\"(?:[^\"\\]|\\.)*\"|[^,}]*)", what)
        if treated and treated.group(1) in TREATMENTS:
            plain = re.sub(r"\\(?:u\{([0-9a-f]+)\}|(.))",
                           lambda found: found.group(2) or chr(int(found.group(1), 16)), treated.group(2))
            met.append((TREATMENTS[treated.group(1)], plain[1:-1] if treated.group(2).startswith('"') else plain))
        elif what.startswith("RequestCallControl") and " op=answer" in what:
            met.append(("answer",))
        elif what.startswith("RequestCallControl") and (" op=disconnect" in what or " op=reject" in what):
            met.append(("end",))
        elif re.match(r"Select in vq (.*?): ", what):
            queue = re.match(r"Select in vq (.*?): ", what).group(1).strip('"')
            if not met or met[-1] != ("wait", queue):
                met.append(("wait", queue))
        elif what.startswith("EventEstablished") and " agent=" in what:
            met.append(("agent", re.search(r" agent=(\"[^\"]*\"|\S+)", what).group(1).strip('"')))
        elif what.startswith("RouteDefault"):
            met.append(("default",))
    return tests


def grades_of(report):
    """{line: [grade, remark]} of a report, the worst of each line."""
    order, grades = {"translated": 0, "with a remark": 1, "not translated": 2, "not reached": 3}, {}
    for line in report.split("\n"):
        told = re.match(r"(.*?):(\d+): .* \([^()]*\): (translated|with a remark|not translated|not reached)(?:: (.*))?$", line)
        if told:
            key, grade = (told.group(1), int(told.group(2))), (order[told.group(3)], told.group(4) or "")
            grades[key] = max(grades.get(key, (0, "")), grade)
    return grades


def judge(worlds, tests, grades, harmless):
    """Compares; returns how many calls are the same, came by what is quoted, are wrong."""
    same = quoted = wrong = 0
    why = {}
    for title, callers in worlds:
        left = False
        for number, caller in enumerate(callers):
            met = tests.get(title, {}).get(str(number + 1))
            # a test ends where an earlier call, which the evaluator has left, is asked what it has no answer to
            verdict = "quoted" if met is None and left else "same"
            if verdict == "quoted":
                quoted += 1
                continue
            place = -1
            for line, what in caller.met:
                place += what[0] != "asks"
                grade, remark = grades.get(line, (0, ""))
                remarks = [one for one in remark.split("; ") if not any(word in one for word in harmless)]
                if grade > 1 or (grade == 1 and remarks) or what[0] == "unknown":
                    verdict = "quoted"
                    why[(line, remark or what)] = why.get((line, remark or what), 0) + 1
                    break
                if what[0] == "asks":
                    continue
                seen = met[place] if met and place < len(met) else None
                if seen is None or seen[0] != what[0] or (what[0] in ("play", "ask", "wait", "agent", "record") and (
                        seen[1] not in what[1] if isinstance(what[1], list) else seen[1] != what[1])):
                    verdict = "wrong"
                    print(f"WRONG in {title}, call {number + 1}, {line}: {what} there, {seen} here")
                    print("    there:", [what for _, what in caller.met])
                    print("    here: ", met)
                    break
            if verdict == "same" and "IMPORT_USED" in os.environ:
                with open(os.environ["IMPORT_USED"], "a", encoding="utf-8") as file:
                    file.write("".join(row + "\n" for row in sorted(caller.used)))
            left = left or verdict != "same"
            same, quoted, wrong = same + (verdict == "same"), quoted + (verdict == "quoted"), wrong + (verdict == "wrong")
    for place in sorted(why, key=why.get, reverse=True)[:8]:
        print(f"    {why[place]} calls came by {place}")
    return same, quoted, wrong


def imported(gcxc, files, folder, *options):
    done = subprocess.run([gcxc, "import", *options, *files, "-o", folder], capture_output=True, text=True)
    if "report.txt" not in done.stdout:
        sys.exit(f"import of {files}: {done.stdout}{done.stderr}")
    if "error" in done.stderr:
        sys.exit(f"what is imported does not compile: {done.stderr}")
    return done.stdout


def played(gcxc, path):
    done = subprocess.run([gcxc, "test", "-v", path], capture_output=True, text=True)
    if "error:" in done.stderr:
        sys.exit(f"the tests do not compile: {done.stderr[:3000]}")
    return done.stdout
