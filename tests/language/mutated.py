#!/usr/bin/env python3
"""Sources with one token deleted, doubled, swapped with the next or misspelled: what gcxc check says of each.

usage: mutated.py GCXC SEED COUNT FILE...

A mutant is put beside its file, under a name of its own. Whatever it is: the exit status is 0 or 1, 1 only with an error
that has a line, diagnostics are in the order of the text and none is there twice, and it is over soon. Of a hundred
mutants at most four (mostly it is one: a brace too many or too few) have more than two errors more than the file itself:
what one error causes is not told. Which mutants there are changes with the files."""
import collections
import os
import random
import re
import subprocess
import sys
import tempfile

TOKEN = re.compile(rb'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|`[^`]*`|\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d)?|[A-Za-z_]\w*'
                   rb'|\d[\w.%]*|->|\.\.|==|!=|<=|>=|\?\?|\?\.|[+-]=|\S', re.S)
SAID = re.compile(r'^([^\s:]+):(\d+):(\d+): (error|warning): (.*) \[(\w+)\]$', re.M)
SECONDS = 20  # for one mutant, on a machine that does much else


def mutant(rng, text):
    tokens = [t for t in TOKEN.finditer(text) if not t.group().startswith((b'//', b'/*'))]
    at = rng.randrange(len(tokens) - 1)
    this, after = tokens[at], tokens[at + 1]
    word = this.group()
    how = rng.choice(['delete', 'double', 'swap', 'misspell'])
    if how == 'misspell' and not re.match(rb'[A-Za-z_]\w\w', word):
        how = rng.choice(['delete', 'double', 'swap'])
    if how == 'delete':
        out = text[:this.start()] + text[this.end():]
    elif how == 'double':
        out = text[:this.end()] + b' ' + word + text[this.end():]
    elif how == 'swap':
        out = (text[:this.start()] + after.group() + text[this.end():after.start()] + b' ' + word + b' ' +
               text[after.end():])
    else:
        letter = rng.randrange(1, len(word))
        out = text[:this.start() + letter] + bytes([rng.choice(b'abcdefghijklmnopqrstuvwxyz')]) + \
            text[this.start() + letter + 1:]
    return '%s of %r in line %d' % (how, word.decode(errors='replace'), text.count(b'\n', 0, this.start()) + 1), out


def check(gcxc, path):
    """The errors as (line, column, text, code), and what is wrong with the answer, or ''."""
    with open(path, 'rb') as source:
        own_site = re.search(rb'^site\b', source.read(), re.M)
    site = path if own_site else os.path.join(os.path.dirname(path), 'site.gcx')
    try:
        ended = subprocess.run([gcxc, 'check', '--site', site, path], capture_output=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return [], 'it takes more than %d s' % SECONDS
    said = ended.stderr.decode(errors='replace')
    if ended.returncode not in (0, 1):
        return [], 'status %d: %s' % (ended.returncode, said[-2000:])
    found = [m for m in SAID.findall(said) if m[0] == path]
    places = [(int(m[1]), int(m[2])) for m in found]
    if ended.returncode == 1 and not SAID.search(said):
        return [], 'no error has a line: ' + said[-500:]
    if places != sorted(places):
        return [], 'not in order: ' + said[-2000:]
    if len(set(found)) != len(found):
        return [], 'one is there twice: ' + said[-2000:]
    return [(int(m[1]), int(m[2]), m[4], m[5]) for m in found if m[3] == 'error'], ''


def main():
    gcxc, seed, count, files = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
    rng = random.Random(seed)
    before = {}
    many, failed = [], 0
    for number in range(count):
        file = rng.choice(files)
        with open(file, 'rb') as source:
            text = source.read()
        if file not in before:
            before[file] = collections.Counter((e[2], e[3]) for e in check(gcxc, file)[0])
        how, changed = mutant(rng, text)
        handle, path = tempfile.mkstemp(prefix='mutant_', suffix='.gcx', dir=os.path.dirname(file))
        with os.fdopen(handle, 'wb') as out:
            out.write(changed)
        errors, wrong = check(gcxc, path)
        os.unlink(path)
        if wrong:
            print('FAILED %s, %s: %s' % (file, how, wrong))
            failed += 1
        new = collections.Counter((e[2], e[3]) for e in errors) - before[file]
        if sum(new.values()) > 2:
            many.append('%s, %s: %s' % (file, how, ', '.join('%s [%s]' % e for e in new)))
    print('%d mutants, %d with more than two errors' % (count, len(many)))
    if len(many) * 25 > count:
        print('\n'.join(many))
        print('FAILED: too many errors are told that another one caused')
        failed += 1
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
