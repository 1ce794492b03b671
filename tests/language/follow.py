#!/usr/bin/env python3
"""follow.py GCXC SOURCE WORK MOST - Puts single mistakes into good strategies, and counts where more than one error is told.

One mistake is one error: what another error has caused is not told. MOST is how many of the mistakes may have more;
that number holds for the seeds 1 to 7: which mistakes are drawn depends on the strategies and plays that are there, so
it leaves room for others. FOLLOW_SEED draws others, by hand. One gcxc checks all."""
import collections, os, random, re, subprocess, sys

gcxc, source, work, most = sys.argv[1:4] + [int(sys.argv[4])]
draw = random.Random(int(os.environ.get("FOLLOW_SEED", 7)))
RUNS = 260
TYPES = ["int", "str", "bool", "duration", "float"]


def wrong_name(word):
    if len(word) < 3:
        return word + "x"
    at = draw.randrange(1, len(word) - 1)
    return word[:at] + word[at + 1 :]


def other_type(word):
    return draw.choice([name for name in TYPES if name != word])


# A kind of mistake: where it is made (the first group, or all that matches), and what stands there afterwards.
KINDS = {
    "no field": (r"\b([A-Za-z_]\w*: *(?:int|str|bool|duration)\??;)", ""),
    "another field": (r"[{;] *([A-Za-z_]\w*): *(?:int|str|bool|duration)", wrong_name),
    "another type": (r":\s*(int|str|bool|duration|float)\b", other_type),
    "unknown type": (r":\s*(int|str|bool|duration)\b", wrong_name),
    "another result": (r"\): *(int|str|bool|duration)\b", other_type),
    "no result": (r"\)(: *(?:int|str|bool|duration)\??) *\{", ""),
    "no argument": (r"\(([^(),\n]+,\s*)[^()\n]*\)", ""),
    "one argument more": (r"\w\(()(?=[^)])", "7, "),
    "another function": (r"^(?:function|strategy|subroutine|record|enum|const)\s+([A-Za-z_]\w*)", wrong_name),
    "another variable": (r"\blet\s+([A-Za-z_]\w*)", wrong_name),
    "another queue": (r"\bqueue ([A-Za-z_]\w*)", wrong_name),
    "another prompt": (r"\bprompt ([A-Za-z_]\w*)", wrong_name),
    "another member": (r"\.([A-Za-z_]\w*)", wrong_name),
    "another label": (r"\bgoto ([A-Za-z_]\w*)", wrong_name),
    "no name of the site": (r"^ {4}(?:skill|group|queue|vq|prompt)\b[^;{}]*;", ""),
    "names twice": (r"^( {4}(?:skill|group|queue|vq|prompt)\b[^;{}]*;\n)", lambda line: line + line),
    "no quote": (r'(")', ""),
    "no semicolon": (r"(;)", ""),
    "no brace": (r"(\{)", ""),
    "no bracket": (r"(\))", ""),
    "= for a colon": (r"(?<=\w)(:)(?= )", " ="),
    "; for a comma": (r"(,)", ";"),
    "text for a number": (r"(?<=[ (=])(\d+)(?=[;,) ])", lambda word: '"' + word + '"'),
    "number for a text": (r'("[^"\n{}]*")', "5"),
}


def read(path):
    with open(path, encoding="utf8") as file:
        return file.read()


def sites():
    for name in sorted(os.listdir(source + "/strategies")):
        folder = f"{source}/strategies/{name}"
        if os.path.exists(folder + "/site.gcx"):
            yield {file: read(f"{folder}/{file}") for file in sorted(os.listdir(folder)) if re.search(r"\.(gcx|sql)$", file)}
    beside = {name: read(f"{source}/tests/language/{name}") for name in ("site.gcx", "customers.sql")}
    for name in sorted(os.listdir(source + "/tests/language")):
        if re.match(r"(all-|play-).*\.gcx$", name):
            text = read(f"{source}/tests/language/{name}")
            of_its_own = re.search(r"^site\b", text, re.M)
            yield {**beside, **({"site.gcx": text} if of_its_own else {name: text})}


def write(folder, files):
    os.makedirs(folder)
    for name, text in files.items():
        with open(f"{folder}/{name}", "w", encoding="utf8") as file:
            file.write(text)


def check(folder):
    done = subprocess.run([gcxc, "check", folder], cwd=work, capture_output=True, check=False)
    text = (done.stdout + done.stderr).decode("utf8", "replace")
    told = collections.defaultdict(list)
    for line in text.split("\n"):
        error = re.match(rf"{folder}/(\d+)/.*: error: ", line)
        if error:
            told[int(error[1])].append(line)
    return told


every = list(sites())
for number, files in enumerate(every):
    write(f"{work}/good/{number}", files)
wrong = check("good")
good = [files for number, files in enumerate(every) if number not in wrong]
made = {}
for run in range(RUNS):
    kind = list(KINDS)[run % len(KINDS)]
    pattern, becomes = KINDS[kind]
    while True:
        files = dict(draw.choice(good))
        name = draw.choice([file for file in files if file.endswith(".gcx")])
        places = [place.span(place.lastindex or 0) for place in re.finditer(pattern, files[name], re.M)]
        if places:
            break
    begin, end = draw.choice(places)
    before = files[name][begin:end]
    files[name] = files[name][:begin] + (becomes(before) if callable(becomes) else becomes) + files[name][end:]
    write(f"{work}/bad/{run}", files)
    made[run] = f"{kind}: {before!r} in {name}"
told = check("bad")
more = [run for run in made if len(told[run]) > 1]
print(f"follow: {RUNS} mistakes, {sum(1 for run in made if told[run])} with an error, {len(more)} with more than one")
if len(good) < 100 or sum(1 for run in made if told[run]) < RUNS / 2:
    sys.exit("follow: too little was tried")
if len(more) > most:
    for run in more:
        print(made[run], *told[run], sep="\n    ")
    sys.exit(f"follow: at most {most} may have more than one error")
