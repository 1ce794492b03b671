# tests/language/lsp_client.py - An editor's half of the Language Server Protocol: enough to play whole sessions.
import json
import os
import select
import subprocess
import urllib.parse


class Client:
    """One gcxc lsp, in a folder of its own; what it says is kept until somebody asks."""

    def __init__(self, gcxc, encodings=None, start=True):
        self.process = subprocess.Popen([gcxc, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.bytes = b""
        self.number = 0
        self.texts = {}
        self.versions = {}
        self.diagnostics = {}
        self.messages = []
        if start:
            general = {"positionEncodings": encodings} if encodings else {}
            self.capabilities = self.ask("initialize", processId=os.getpid(), rootUri=None,
                                         capabilities={"general": general})["capabilities"]
            self.tell("initialized")

    def raw(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.raw(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def receive(self, seconds=30):
        while True:
            head, mark, rest = self.bytes.partition(b"\r\n\r\n")
            if mark:
                length = int(head.split(b":")[1])
                if len(rest) >= length:
                    self.bytes = rest[length:]
                    return json.loads(rest[:length])
            if not select.select([self.process.stdout], [], [], seconds)[0]:
                raise AssertionError("gcxc lsp says nothing")
            data = os.read(self.process.stdout.fileno(), 65536)
            if not data:
                raise EOFError
            self.bytes += data

    def one(self, seconds=30):
        message = self.receive(seconds)
        if message.get("method") == "textDocument/publishDiagnostics":
            self.diagnostics[message["params"]["uri"]] = message["params"]
        elif "method" in message:
            self.messages.append(message)
        return message

    def tell(self, method, **params):
        self.send({"method": method, "params": params})

    def request(self, method, **params):
        self.number += 1
        self.send({"id": self.number, "method": method, "params": params})
        return self.number

    def answer(self, number):
        while True:
            message = self.one()
            if "method" not in message and message.get("id") == number:
                return message

    def ask(self, method, **params):
        answer = self.answer(self.request(method, **params))
        assert "error" not in answer, answer
        return answer["result"]

    def refused(self, method, **params):
        answer = self.answer(self.request(method, **params))
        assert "error" in answer, answer
        return answer["error"]

    # Documents, by path; a place is said by the text in front of it.

    def uri(self, path):
        return "file://" + urllib.parse.quote(os.path.abspath(path))

    def open(self, path, text=None):
        if text is None:
            text = open(path, encoding="utf-8").read()
        self.texts[path], self.versions[path] = text, 1
        self.tell("textDocument/didOpen", textDocument={"uri": self.uri(path), "languageId": "gcx", "version": 1,
                                                        "text": text})
        return self.found(path)

    def position(self, path, after, skip=0):
        text = self.texts[path]
        at = -1
        for _ in range(skip + 1):
            at = text.index(after, at + 1)
        return self.place(text, at + len(after))

    def place(self, text, at):
        before = text[:at]
        line = before.rsplit("\n", 1)[-1]
        return {"line": before.count("\n"), "character": len(line.encode("utf-16-le")) // 2}

    def type(self, path, after, put, cut=0, skip=0):
        """Puts `put` behind the text `after`, in place of `cut` characters."""
        text = self.texts[path]
        start = self.position(path, after, skip)
        at = -1
        for _ in range(skip + 1):
            at = text.index(after, at + 1)
        at += len(after)
        end = self.place(text, at + cut)
        self.texts[path] = text[:at] + put + text[at + cut:]
        self.versions[path] += 1
        self.tell("textDocument/didChange",
                  textDocument={"uri": self.uri(path), "version": self.versions[path]},
                  contentChanges=[{"range": {"start": start, "end": end}, "text": put}])

    def found(self, path):
        """What is said of the present version."""
        uri = self.uri(path)
        while self.diagnostics.get(uri, {}).get("version") != self.versions.get(path):
            self.one()
        return self.diagnostics[uri]["diagnostics"]

    def codes(self, path):
        return [one["code"] for one in self.found(path)]

    def at(self, method, path, after, skip=0, **more):
        return self.ask("textDocument/" + method, textDocument={"uri": self.uri(path)},
                        position=self.position(path, after, skip), **more)

    def says(self, path, span):
        """The text of a range."""
        lines = self.texts[path].split("\n") if path in self.texts else open(path, encoding="utf-8").read().split("\n")

        def cut(line, units):
            return line.encode("utf-16-le")[:2 * units].decode("utf-16-le")
        start, end = span["start"], span["end"]
        if start["line"] == end["line"]:
            line = lines[start["line"]]
            return cut(line, end["character"])[len(cut(line, start["character"])):]
        return "\n".join(lines[start["line"]:end["line"] + 1])

    def apply(self, edit):
        """A WorkspaceEdit, on the texts that are open and the files that are not; only what is said of both."""
        for uri, edits in edit["changes"].items():
            path = os.path.relpath(urllib.parse.unquote(uri[7:]))
            text = self.texts.get(path) if path in self.texts else open(path, encoding="utf-8").read()
            lines = text.split("\n")

            def offset(place):
                before = sum(len(line) + 1 for line in lines[:place["line"]])
                return before + len(lines[place["line"]].encode("utf-16-le")[:2 * place["character"]]
                                    .decode("utf-16-le"))
            spans = sorted(((offset(e["range"]["start"]), offset(e["range"]["end"]), e["newText"]) for e in edits),
                           reverse=True)
            for begin, end, new in spans:
                text = text[:begin] + new + text[end:]
            if path in self.texts:
                self.texts[path] = text
                self.versions[path] += 1
                self.tell("textDocument/didChange",
                          textDocument={"uri": uri, "version": self.versions[path]}, contentChanges=[{"text": text}])
            else:
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)

    def end(self):
        """The status of a proper goodbye."""
        self.ask("shutdown")
        self.tell("exit")
        self.process.stdin.close()
        status = self.process.wait(90)
        self.process.stdout.close()
        return status

    def gone(self):
        """The status where it goes by itself."""
        try:
            while True:
                self.one()
        except EOFError:
            pass
        self.process.stdin.close()
        status = self.process.wait(90)
        self.process.stdout.close()
        return status
