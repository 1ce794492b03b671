#!/usr/bin/env python3
"""A helper for the desk (gcx-desk(8), setting `helper`): suggests answers by rules, without a model.

    helper.py --port 8490 rules.txt

A line of the rules is some words, a colon, and the answer: where the customer's last text has one of the words, the
answer is suggested. The summary is the first line that each side has written. A line that begins with `>` has a
language and, around `=`, words and how that language says them: a translation replaces those words, and leaves others.
A draft and a translation are the whole text: they stand in place of what was written. Whoever has a model puts it
where these functions are: a request comes as JSON, the suggestions go back as JSON, and nothing else is asked of a
helper.
"""
import argparse
import json
import re
import unicodedata
from http.server import BaseHTTPRequestHandler, HTTPServer

BODY_MAX = 4 << 20


def folded(text):
    """The text in small letters, without accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in apart if not unicodedata.combining(one))


def rules_of(path):
    """The rules of the file: pairs of words and answer."""
    rules = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            words, colon, answer = line.strip().partition(":")
            if colon and not line.startswith(("#", ">")):
                rules.append(([folded(word) for word in words.split()], answer.strip()))
    return rules


def words_of(path):
    """The table of translations: by language, pairs of words and what they become, the longest first."""
    table = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            found = re.match(r"> *([a-z]+) +(.+?) *= *(.+)", line.strip())
            if found:
                table.setdefault(found[1], []).append((found[2], found[3]))
    return {language: sorted(pairs, key=lambda pair: -len(pair[0])) for language, pairs in table.items()}


def replies(rules, request):
    """The answers whose words stand in what the customer wrote last."""
    said = [one["text"] for one in request["messages"] if one["by"] == "customer"]
    last = folded(said[-1]) if said else ""
    return [{"title": words[0], "text": answer} for words, answer in rules if any(word in last for word in words)]


def drafts(rules, request):
    """What the agent has begun, ended politely."""
    begun = (request.get("text") or "").strip()
    return [{"title": "", "text": begun + "\n\nKind regards"}] if begun else replies(rules, request)


def summaries(_, request):
    """The first line of each side."""
    first = {}
    for one in request["messages"]:
        first.setdefault(one["by"], one["text"].strip().splitlines()[0] if one["text"].strip() else "")
    return [{"title": "", "text": "\n".join(f"{by}: {line}" for by, line in first.items())}] if first else []


TABLE = {}


def translations(_, request):
    """The text with the words that the table has for the language; a text without one has no translation."""
    pairs = TABLE.get(request.get("language", "").casefold()[:2], [])
    known = {words.casefold(): other for words, other in pairs}
    pattern = "|".join(rf"(?<!\w){re.escape(words)}(?!\w)" for words, _other in pairs)
    text = request.get("text") or ""
    said = re.sub(pattern, lambda found: known[found[0].casefold()], text, flags=re.IGNORECASE) if pairs else text
    return [{"title": "", "text": said}] if said != text else []


KINDS = {"reply": replies, "draft": drafts, "summary": summaries, "translation": translations}


class Helper(BaseHTTPRequestHandler):
    """Takes one request after another."""

    rules = []

    def do_POST(self):
        try:
            length = int(self.headers.get("Content-Length", "0"))
            if not 0 <= length <= BODY_MAX:
                raise ValueError("too long")
            request = json.loads(self.rfile.read(length))
            found = KINDS.get(request["kind"], lambda *_: [])(self.rules, request)
            code, answer = 200, {"suggestions": found}
        except (ValueError, KeyError, TypeError, AttributeError) as why:
            code, answer = 400, {"error": str(why)}
        text = json.dumps(answer).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        """Says nothing: what customers write stands in no log."""


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--port", type=int, default=8490, help="on this machine; 0: a free one")
    options.add_argument("--port-file", help="where the port is written once it listens")
    options.add_argument("rules")
    given = options.parse_args()
    Helper.rules = rules_of(given.rules)
    TABLE.update(words_of(given.rules))
    server = HTTPServer(("127.0.0.1", given.port), Helper)
    if given.port_file:
        with open(given.port_file, "w", encoding="ascii") as file:
            file.write(str(server.server_port))
    server.serve_forever()


if __name__ == "__main__":
    main()
