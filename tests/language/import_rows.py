# tests/language/import_rows.py - Which rows of the importer's tables are called translated, and no call that was played both
# ways, with the same end, went through.
#
#     import_rows.py SOURCE USED
#
# USED has a row on each line, as the evaluators note them (Caller.uses). The name of a row that is lacking is printed.
import re
import sys

source, used = sys.argv[1], set(open(sys.argv[2], encoding="utf-8").read().split("\n"))
TEXT = r'"((?:[^"\\]|\\.)*)"'
ROWS = {
    "asterisk/applications.def": [(rf"^APPLICATION\({TEXT}, \w+, DONE", lambda m: ["application " + m[1].lower()])],
    "asterisk/queues.def": [
        (rf"^ORDER\({TEXT}, {TEXT}, DONE", lambda m: ["order " + m[1]]),
        (rf"^SETTING\({TEXT}, DONE", lambda m: ["setting " + m[1]]),
        (rf"^SETTING_AS\({TEXT}, {TEXT}, DONE", lambda m: [f"setting {m[1]} = {m[2]}"]),
        (r"^LETTER\('(.)', DONE", lambda m: ["letter " + m[1]])],
    "connect/actions.def": [
        (rf"^ACTION\({TEXT}, \w+, DONE", lambda m: ["action " + m[1]]),
        (rf"^PATH\({TEXT}, DONE", lambda m: ["path " + m[1]]),
        (rf"^OPERATOR\({TEXT}, DONE", lambda m: ["operator " + m[1]])],
    "taskrouter/workflow.def": [
        (rf"^KEY\((\w+), {TEXT}, DONE", lambda m: [f"key {m[1]}.{m[2]}"]),
        (rf"^KEY_AS\((\w+), {TEXT}, {TEXT}, DONE", lambda m: [f"key {m[1]}.{m[2]} = {m[3]}"]),
        (rf"^OPERATOR\({TEXT}, DONE, {TEXT}, {TEXT}", lambda m: [
            f"operator of a {whom} {m[1]}" for whom, form in (("task", m[2]), ("worker", m[3])) if form])],
    "studio/studio.def": [
        (rf"^WIDGET\({TEXT}, \w+, DONE", lambda m: ["widget " + m[1]]),
        (rf"^REFERENCE\({TEXT}", lambda m: ["reference " + m[1]]),
        (rf"^CONDITION\({TEXT}, DONE", lambda m: ["condition " + m[1]])],
}
for path, forms in ROWS.items():
    text = open(f"{source}/compiler/import/{path}", encoding="utf-8").read()
    for form, rows in forms:
        found = [row for match in re.finditer(form, text, re.M) for row in rows(match)]
        if not found:
            print(f"{path}: no row has the form {form}")
        for row in found:
            if row not in used:
                print(f"{path}: {row}")
