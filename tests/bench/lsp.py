# tests/bench/lsp.py GCXC FILE [ROUNDS] - A line is typed into the middle of FILE, a letter at a time; prints the
# milliseconds from a keystroke to what is said of it, and to the answer of a completion and of a hover that are asked
# behind it: median and 99th per cent of each. Each round has one of the three.
import os
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "language"))
sys.dont_write_bytecode = True
from lsp_client import Client  # noqa: E402

client = Client(sys.argv[1])
path = sys.argv[2]
text = open(path, encoding="utf-8").read()
client.open(path, text)
at = text.index("\n    if customer?.tier", len(text) // 2)
before, after = text[:at], text[at:]
asked = [None, "textDocument/completion", "textDocument/hover"]
times = {method: [] for method in asked}
for turn in range(int(sys.argv[3]) if len(sys.argv) > 3 else 3):
    method = asked[turn % 3]
    for length in range(len(line := '\n    if customer?.tier == "gold" { priority += 1; }')):
        typed = before + line[:length + 1]
        place = client.place(before + line[:length], len(before) + length)
        client.texts[path] = typed + after
        client.versions[path] += 1
        began = time.monotonic()
        client.tell("textDocument/didChange", textDocument={"uri": client.uri(path), "version": client.versions[path]},
                    contentChanges=[{"range": {"start": place, "end": place}, "text": line[length]}])
        if method:
            client.ask(method, textDocument={"uri": client.uri(path)},
                       position={"line": place["line"], "character": place["character"] + (line[length] != "\n")})
        else:
            client.found(path)
        times[method].append(1000 * (time.monotonic() - began))
    client.texts[path] = text
    client.versions[path] += 1
    client.tell("textDocument/didChange", textDocument={"uri": client.uri(path), "version": client.versions[path]},
                contentChanges=[{"text": text}])
    client.found(path)
client.end()
print(*("%.1f %.1f" % (statistics.median(found), sorted(found)[len(found) * 99 // 100]) for found in times.values()))
