# tests/language/import_taskrouter.py - What TaskRouter does with a task, by an evaluator of its own, beside what the
# strategies do that gcxc import makes of a workflow.
#
#     import_taskrouter.py GCXC SEED CALLS FOLDER FILE...
#
# The evaluator has what TaskRouter's manual says of filters, targets and expressions. A task is a call here, its attributes
# are the call's data; workers are available or not for as long as the test is.
import datetime
import json
import re
import sys

from import_world import Caller, Draw, grades_of, imported, judge, met_of, played, test_of

HARMLESS = ("is made not ready", "no file has the task queue", "the directory has", "whether later filters",
            "a task without it")


class Unknown(Exception):
    pass


class Expression:
    """An expression; missing attributes make comparisons false."""

    def __init__(self, text, task, worker, counts, uses=lambda row: None):
        self.uses = uses
        self.words = re.findall(r"'[^']*'|\"[^\"]*\"|\[[^]]*\]|-?\d+(?:\.\d+)?|[A-Za-z_][\w.]*|[=!<>]=|<>|[=<>()]", text)
        self.task, self.worker, self.counts = task, worker, counts

    def holds(self):
        value = self.either()
        if self.words:
            raise Unknown
        return value

    def used(self, sign):
        self.uses(f"operator of a {'task' if self.worker is None else 'worker'} {sign}")

    def takes(self, word):
        if self.words and self.words[0].upper() == word:
            return self.words.pop(0)
        return None

    def either(self):
        value = self.both()
        while self.takes("OR"):
            self.used("OR")
            value = self.both() or value
        return value

    def both(self):
        value = self.one()
        while self.takes("AND"):
            self.used("AND")
            value = self.one() and value
        return value

    def one(self):
        if self.takes("("):
            value = self.either()
            if not self.takes(")"):
                raise Unknown
            return value
        left = self.term()
        sign = self.words.pop(0).upper()
        self.used(sign)
        right = self.term()
        if sign == "IN":
            return right is not None and left is not None and left in right
        if sign in ("HAS", "CONTAINS"):
            return left is not None and right is not None and right in left
        if left is None or right is None:
            return False
        if isinstance(left, str) != isinstance(right, str):
            return sign in ("!=", "<>")
        return {"==": left == right, "=": left == right, "!=": left != right, "<>": left != right, "<": left < right,
                ">": left > right, "<=": left <= right, ">=": left >= right}[sign]

    def term(self):
        word = self.words.pop(0)
        if word[0] in "'\"":
            return word[1:-1]
        if word[0] == "[":
            return [json.loads(one.strip().replace("'", '"')) for one in word[1:-1].split(",")]
        if word[0].isdigit() or word[0] == "-":
            return float(word)
        if word.lower() in ("true", "false"):
            return word.lower() == "true"
        kind, _, path = word.partition(".")
        if kind == "task":
            return self.task.get(path)
        if kind == "worker":
            return (self.worker or {}).get(path)
        if kind == "workers":
            return self.counts[path]
        return (self.worker if self.worker is not None else self.task).get(word)


def constants(text):
    """What the expressions compare attributes of the task with: {attribute: values}."""
    found = {}
    for name, value in re.findall(r"\b(?:task\.)?(\w+)\s*(?:==|!=|[<>]=?|IN|CONTAINS)\s*(\[[^]]*\]|'[^']*'|\"[^\"]*\"|\d+)", text):
        values = re.findall(r"'([^']*)'|\"([^\"]*)\"|(\d+)", value)
        found.setdefault(name, set()).update(one or two or int(three) for one, two, three in values)
    return found


def main():
    gcxc, seed, calls, folder, *files = sys.argv[1:]
    draw, workflows, queues, workers = Draw(int(seed)), [], {}, {}
    for path in files:
        data = json.load(open(path, encoding="utf-8"))
        for queue in data.get("task_queues", []):
            queues[queue["sid"]] = queue
        for worker in data.get("workers", []):
            own = worker["attributes"]
            workers[worker["friendly_name"]] = json.loads(own) if isinstance(own, str) else own
        if "configuration" in data:
            data["task_routing"] = json.loads(data["configuration"])["task_routing"]
        if "task_routing" in data:
            workflows.append((path, data))
    print(imported(gcxc, files, folder).split(";")[0])
    report = open(f"{folder}/report.txt", encoding="utf-8").read()
    grades = {}
    for line in report.split("\n"):
        told = re.match(r"(.*?):(\d+): (.*) \(([^()]*)\): (translated|with a remark|not translated|not reached)(?:: (.*))?$", line)
        if told:
            grades[(told.group(1), told.group(3))] = (
                ["translated", "with a remark", "not translated", "not reached"].index(told.group(5)), told.group(6) or "")
    groups = {sid: [name for name, worker in workers.items() if Expression(queue["target_workers"], {}, worker, {}).holds()]
              for sid, queue in queues.items()}
    worlds, texts = [], []
    for path, data in workflows:
        strategy = re.sub(r"\W", "_", data.get("friendly_name") or re.sub(r".*/|\.json", "", path))
        texts.append(f"import {strategy};")
        values = constants(" ".join(re.findall(r'"expression": *"((?:[^"\\]|\\.)*)"', open(path, encoding="utf-8").read())).replace('\\"', '"'))
        values.setdefault("language", set()).update({"es", "en"})
        for place in range(int(calls)):
            ready = [name for name in workers if draw.below(2)]
            world = {"when": datetime.datetime(2026, 3, 2, 10), "agents": []}
            for name, own in workers.items():
                skills = []
                for key, value in own.items():
                    for one in value if isinstance(value, list) else [value]:
                        if isinstance(one, bool) or isinstance(one, str):
                            skills.append(f'"{key} {str(one).lower() if isinstance(one, bool) else one}": 1')
                        else:
                            skills.append(f"{key}: {one}")
                there = ", ".join(f"group {queues[sid]['friendly_name']}" for sid in groups if name in groups[sid])
                world["agents"].append((name, f"({', '.join(skills)})" + (f" in {there}" if there else "")
                                        + (" ready" if name in ready else " logged_out")))
            task = {}
            for name in sorted(values):
                if draw.below(4):
                    one = draw.one(sorted(values[name], key=str))
                    task[name] = one + draw.below(3) - 1 if isinstance(one, int) else one
                    if name == "subject":
                        task[name] = draw.one(["my bill", "hello"])
            caller = Caller("1800", [], world["when"])
            caller.uses(*(f"key workflow.{key}" for key in data), *(f"key routing.{key}" for key in data["task_routing"]))
            run(path, data["task_routing"], task, ready, workers, groups, queues, caller)
            title = f"{strategy} {place}"
            worlds.append((title, [caller]))
            given = ", ".join(f"{name}: {json.dumps(value)}" for name, value in task.items())
            texts.append(test_of(strategy, title, world, [caller], data=f" with ({given})" if given else ""))
    with open(f"{folder}/played.gcx", "w", encoding="utf-8") as file:
        file.write("\n".join(texts) + "\n")
    same, quoted, wrong = judge(worlds, met_of(played(gcxc, f"{folder}/played.gcx")), grades, HARMLESS)
    print(f"calls: {same} the same, {quoted} came by what is quoted, {wrong} wrong")
    sys.exit(wrong > 0)


def run(path, routing, task, ready, workers, groups, queues, caller):
    for filter_ in routing["filters"]:
        name = filter_.get("filter_friendly_name") or filter_["friendly_name"]
        caller.meets((path, name), "asks")
        caller.uses(*(f"key filter.{key}" for key in filter_))
        if not Expression(filter_["expression"], task, None, {}, caller.uses).holds():
            continue
        for number, target in enumerate(filter_["targets"]):
            if wait(path, f"{name} target {number + 1}", target, task, ready, workers, groups, queues, caller):
                return
    caller.meets((path, "default"), "asks")
    if not wait(path, "default", routing["default_filter"], task, ready, workers, groups, queues, caller):
        caller.meets((path, "default"), "end")


def wait(path, name, target, task, ready, workers, groups, queues, caller):
    line, queue = (path, name), target["queue"]
    caller.uses(*(f"key {'default' if name == 'default' else 'target'}.{key}" for key in target))
    caller.uses(*(row for key, value in queues[queue].items() for row in (f"key queue.{key}", f"key queue.{key} = {value}")))
    if "known_worker_sid" in target:
        caller.meets(line, "unknown")
        return True
    fits = [one for one in groups[queue]
            if Expression(target.get("expression", "1==1"), task, workers[one], {}, caller.uses).holds()]
    best = [one for one in fits if one in ready]
    if not best and "skip_if" in target:
        counts = {"available": len([one for one in groups[queue] if one in ready])}
        counts["unavailable"] = len(groups[queue]) - counts["available"]
        if Expression(target["skip_if"], task, None, counts, caller.uses).holds():
            caller.meets(line, "asks")
            return False
    named = {"HAS task": "languages"}
    if any(key in target.get("expression", "") for key in named) and not any(
            task.get("language") in own["languages"] for own in workers.values()):
        caller.meets(line, "asks")  # nobody at all can match: the time passes without a wait
        return False
    caller.meets(line, "wait", queues[queue]["friendly_name"])
    if best:
        order = re.match(r"worker\.(\w+) DESC", target.get("order_by", ""))
        if order:
            most = max(workers[one].get(order.group(1), 0) for one in best)
            best = [one for one in best if workers[one].get(order.group(1), 0) == most]
        caller.meets(line, "agent", best)
        return True
    if "timeout" in target:
        caller.meets(line, "left")
    return "timeout" not in target


main()
