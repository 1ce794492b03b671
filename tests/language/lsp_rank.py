# tests/language/lsp_rank.py GCXC FILE... - How high stands what was typed next: each word of each file is taken out, and
# completion is asked where it stood. Tells the median rank of what is offered, with nothing typed yet and with the first
# letter typed, and the share that is not offered; -v: the commonest words that are not, with the words before them.
# Names that a file declares are left out, as nobody can know a new name, and so are remarks and what is read to a caller.
#
# --every N asks of each N-th word only. --median M --lacking PERCENT: the status is 1 where it is worse.
import argparse
import collections
import os
import re
import statistics

from lsp_client import Client


def words(text):
    """Where the words of code are: none in remarks and strings, but those in braces within, and in SQL."""
    at, inside, found = 0, [], []
    while at < len(text):
        char, now = text[at], inside[-1] if inside else ""
        if now in ('"', "`"):
            if char == "\\" and now == '"':
                at += 1
            elif char == now:
                inside.pop()
            elif char == "{" and text[at + 1:at + 2] == "{":
                at += 1
            elif char == "{":
                inside.append("{")
            elif now == "`" and (word := re.compile(r"[A-Za-z_]\w*").match(text, at)):
                found.append(word.span())
                at = word.end() - 1
        elif text.startswith("//", at):
            at = (text.find("\n", at) + len(text)) % len(text)
        elif char in '"`':
            inside.append(char)
        elif now == "{" and char == "}":
            inside.pop()
        elif word := re.compile(r"[0-9][\w.:]*|[A-Za-z_]\w*").match(text, at):
            if not char.isdigit():
                found.append(word.span())
            at = word.end() - 1
        at += 1
    return found


def declared(client, path):
    """Where the names are that the file declares."""
    data = client.ask("textDocument/semanticTokens/full", textDocument={"uri": client.uri(path)})["data"]
    starts = [0]
    for line in client.texts[path].split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    line = character = 0
    found = set()
    for at in range(0, len(data), 5):
        line, character = line + data[at], data[at + 1] + (0 if data[at] else character)
        if data[at + 4] & 1:
            found.add(starts[line] + character)
    return found


def rank(offered, text, start, end):
    """The rank of the word in what is offered, in the editor's order; several words can be offered as one."""
    for number, label in enumerate(offered, 1):
        if text.startswith(label, start) and not re.match(r"\w", text[start + len(label):][:1]) and start + len(label) >= end:
            return number
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("gcxc")
    parser.add_argument("files", nargs="+")
    parser.add_argument("-v", action="store_true")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--median", type=float, default=1000)
    parser.add_argument("--lacking", type=float, default=100)
    args = parser.parse_args()
    client, number, lacking = Client(args.gcxc), 0, collections.Counter()
    ranks = {"": [], "a letter": []}
    for path in args.files:
        text = open(path, encoding="utf-8").read()
        if not text.isascii():
            text = text.encode("ascii", "replace").decode()
        client.open(path, text)
        new, uri = declared(client, path), {"uri": client.uri(path)}
        for start, end in words(text):
            number += 1
            if start in new or number % args.every:
                continue
            place = client.place(text, start)
            for back in (False, True):
                client.versions[path] += 1
                stop = place if back else client.place(text, end)
                client.tell("textDocument/didChange", textDocument={**uri, "version": client.versions[path]},
                            contentChanges=[{"range": {"start": place, "end": stop}, "text": text[start:end] if back else ""}])
                if not back:
                    items = client.ask("textDocument/completion", textDocument=uri, position=place)["items"]
            offered = [one["label"] for one in sorted(items, key=lambda one: one["sortText"])]
            got = rank(offered, text, start, end)
            if got is None:
                before = re.sub(r"\s+", " ", text[max(0, start - 40):start])
                lacking[(text[start:end], " ".join(re.findall(r"\w+|\S", before)[-2:]))] += 1
                continue
            ranks[""].append(got)
            ranks["a letter"].append(rank([one for one in offered if one.startswith(text[start])], text, start, end))
        client.tell("textDocument/didClose", textDocument=uri)
    status, total = client.end(), len(ranks[""]) + sum(lacking.values())
    share = 100 * sum(lacking.values()) / total
    medians = {typed: statistics.median(of) for typed, of in ranks.items()}
    print("completion: of %d words %.1f %% are not offered; the others stand at rank %g in the median, %g with the first letter"
          % (total, share, medians[""], medians["a letter"]))
    if args.v:
        for (word, before), times in lacking.most_common(60):
            print("%5d  %s | %s" % (times, before, word))
        for typed, of in ranks.items():
            print("typed %-9s" % (typed or "nothing"), {limit: "%.0f %%" % (100 * sum(one <= limit for one in of) / len(of))
                                                        for limit in (1, 3, 5, 10, 20)})
    return 1 if status or share > args.lacking or medians["a letter"] > args.median else 0


if __name__ == "__main__":
    raise SystemExit(main())
