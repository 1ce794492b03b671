#!/bin/sh
# Fails where a text of a page, or a sentence of the desk's program, has no row in a file of languages, or a row no text;
# where a translation has other names in braces than its English text; and where a page says a text without t().
# languages.list has the strings that look like texts and are none.
set -eu
cd "${top_srcdir:-$(dirname "$0")/../..}"
command -v python3 >/dev/null || { echo "languages: no python3"; exit 77; }
exec python3 - <<'END'
import glob, json, re, sys

WEB, CHAT = "runtime/web/languages", "runtime/adapters/chat/languages"
PAGES = sorted(glob.glob("runtime/*/pages/*.js") + glob.glob("runtime/adapters/desk/web/*.js"))
HTML = sorted(glob.glob("runtime/*/pages/*.html")) + ["runtime/adapters/desk/web/index.html"]
wrong = []

def rows(path):
    def once(pairs):
        names = [name for name, _ in pairs]
        wrong.extend(f"{path}: two rows of {name!r}" for name in set(names) if names.count(name) > 1)
        return dict(pairs)
    return json.load(open(path), object_pairs_hook=once)

def places(text):
    return set(re.findall(r"\{\w*\}", text))

def compare(folder, texts):
    for name in ("de", "es", "fr"):
        path = f"{folder}/{name}.json"
        have = rows(path)
        wrong.extend(f"{path}: no row for {text!r}, which {where} says" for text, where in sorted(texts.items()) if text not in have)
        wrong.extend(f"{path}: no page says {text!r}" for text in sorted(have.keys() - texts.keys()))
        for text, row in have.items():
            for form in [row] if isinstance(row, str) else row.values():
                other = places(form) ^ places(text) - ({"{count}"} if isinstance(row, dict) else set())
                if other and not (isinstance(row, dict) and other == {"{count}"}):
                    wrong.append(f"{path}: {form!r} and {text!r} differ in {' '.join(sorted(other))}")
                if form[:1].isspace() != text[:1].isspace() or form[-1:].isspace() != text[-1:].isspace():
                    wrong.append(f"{path}: {form!r} and {text!r} differ in the blank at an end")
    wrong.extend(f"{folder}/en.json: no page says {text!r}" for text in sorted(rows(f"{folder}/en.json").keys() - texts.keys()))

# ---- what pages say ----

# A string of JavaScript, a comment, or a pattern; and all before it in its line.
TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|//[^\n]*|/\*.*?\*/|(?<=[(,=:\[!&|?])\s*/(?![*/])(?:[^/\\\n\[]|\\.|\[(?:[^\]\\]|\\.)*\])+/', re.S)
SAYS = re.compile(r"[A-Z][a-z]+|.*[a-z] [a-z]|[,;( ]+[a-z]{2}|\d+ [a-z]{2}")
# Before a string that is no text: an attribute, a comparison, a name of the browser's.
NO_TEXT = re.compile(r"(?:\bt\(|\b(?:class|rel|type|role|sandbox|method|for|id|autocomplete|timeZone|style|zone): |[=!]== |from |case |import |"
                     r"\b(?:querySelector|querySelectorAll|matches|closest|getItem|setItem|removeItem|addEventListener|getModifierState|split|startsWith|endsWith|replace|RegExp|hasAttribute|removeAttribute|createElement|setRequestHeader)\()$")
try:
    known = {line.rstrip("\n") for line in open("tests/checks/languages.list") if not line.startswith("#")}
except FileNotFoundError:
    known = set()
texts, seen = {}, set()
for path in PAGES:
    source = open(path).read()
    for call in re.finditer(r'\bt\(("(?:[^"\\]|\\.)*")', source):
        texts[json.loads(call.group(1))] = path
    table = re.search(r"^export const KEYS = \[\n(.*?)^\];", source, re.S | re.M)
    for key, _, what, where in re.findall(r'\["(.*?)", "(.*?)", "(.*?)", "(.*?)"\]', table.group(1)) if table else ():
        texts.update({text: path for text in (key, what, where) if re.search("[a-z]{3}", text) and text != "everywhere"})
    source = source.replace(table.group(0), "") if table else source
    for token in TOKEN.finditer(source):
        said = token.group().strip()
        if said[0] == "`": # what stands between braces is code
            inside = re.sub(r"\$\{(?:[^{}]|\{[^{}]*\})*\}", "\0", said[1:-1])
            says = re.match(r"[A-Z][a-z]+|.*[a-z]{2} [a-z]{2}|.*[a-z]{2}[:.,]? \0|.*\0,? [a-z]{2}", inside, re.S)
        else:
            says = said[0] == '"' and SAYS.match(said[1:-1])
        before = source[source.rfind("\n", 0, token.start()) + 1:token.start()]
        if not says or NO_TEXT.search(before) or before.endswith("does(") and said[1].islower() or re.match(r'"[A-Z][A-Z0-9_ :;=-]+"$|["`](Alt|Ctrl|Control|Shift)\+\S+["`]$', said) or re.match(r"\s*:", source[token.end():]) and re.search(r"[{,]\s*$", before): continue
        if said in known: seen.add(said)
        else: wrong.append(f"{path}:{source.count(chr(10), 0, token.start()) + 1}: {said} is said without t(); if nobody reads it, put it into tests/checks/languages.list")
for path in HTML:
    source = re.sub(r"<(script|style|title).*?</\1>", "", open(path).read(), flags=re.S)
    for text, label in re.findall(r'>([^<>]*[A-Za-z]{2}[^<>]*)<|(?:aria-label|title|placeholder)="([^"]*)"', source):
        texts[(text or label).strip()] = path
wrong.extend(f"tests/checks/languages.list: no page has {said}" for said in sorted(known - seen))
# Whole sentences of the desk's own program, which a page shows as they come.
for path in [*glob.glob("runtime/adapters/desk/*.c"), "runtime/adapters/desk/codes.def"]:
    for said in re.findall(r'"[A-Z{][^"%\\]*[.?}]"' if path.endswith(".def") else r'"[A-Z][^"%\\]*[.?]"', re.sub(r'"\s*\n\s*"', "", open(path).read())):
        texts[json.loads(said)] = path
# Reports, and their figures that a page shows.
source = re.sub(r'"\s*\n\s*"', "", open("runtime/reports/reports.def").read())
for said in re.findall(r'^(?:REPORT\(\w+|FIGURE\(\w+, \w+, (?!PART)\w+|RATE\(\w+, \w+, \w+, \w+, \w+), ("(?:[^"\\]|\\.)*")', source, re.M):
    texts[json.loads(said)] = "reports.def"
compare(WEB, texts)

widget = open("runtime/adapters/chat/widget.js").read()
table = re.search(r"const TEXTS = \{\n(.*?)\n    \};", widget, re.S).group(1)
said = {json.loads(text): "widget.js" for text in re.findall(r'\w+: ("(?:[^"\\]|\\.)*")', table)}
compare(CHAT, said)

print(*(f"languages: {one}" for one in wrong[:60]), sep="\n", end="\n" if wrong else "")
if wrong:
    sys.exit(f"languages: {len(wrong)} are wrong")
print(f"languages: {len(texts)} texts of the pages and {len(said)} of the widget have their rows")
END
