# tests/bench/lsp.py GCXC FILE - A line is typed into the middle of FILE, a letter at a time; prints the milliseconds from
# a keystroke to what is said of it, median and 99th per cent.
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
before, after, times = text[:at], text[at:], []
for _ in range(3):
    for length in range(len(line := '\n    if customer?.tier == "gold" { priority += 1; }')):
        typed = before + line[:length + 1]
        place = client.place(before + line[:length], len(before) + length)
        client.texts[path] = typed + after
        client.versions[path] += 1
        began = time.monotonic()
        client.tell("textDocument/didChange", textDocument={"uri": client.uri(path), "version": client.versions[path]},
                    contentChanges=[{"range": {"start": place, "end": place}, "text": line[length]}])
        client.found(path)
        times.append(1000 * (time.monotonic() - began))
    client.texts[path] = text
    client.versions[path] += 1
    client.tell("textDocument/didChange", textDocument={"uri": client.uri(path), "version": client.versions[path]},
                contentChanges=[{"text": text}])
    client.found(path)
client.end()
print("%.1f %.1f" % (statistics.median(times), sorted(times)[len(times) * 99 // 100]))
