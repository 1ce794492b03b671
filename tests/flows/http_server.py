"""tests/flows/http_server.py PORT-FILE LOG - The server that http_wire.sh asks: the path decides how it answers."""
import http.server
import json
import os
import sys
import threading
import time
import urllib.parse

lock = threading.Lock()
seen = set()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def say(self, status, body, headers=()):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def note(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        with lock, open(sys.argv[2], "a", encoding="utf-8") as log:
            log.write(f"{self.command} {self.path} auth={self.headers.get('Authorization')} "
                      f"key={self.headers.get('Idempotency-Key')} body={body}"
                      f"{' ' + self.headers['Content-Type'] if 'xml' in self.headers.get('Content-Type', '') else ''}\n")

    def late(self):
        """The first of a kind is answered when nobody is there to hear of it."""
        with lock:
            first = (self.command, self.path) not in seen
            seen.add((self.command, self.path))
        if first:
            time.sleep(30)
        self.say(200, 9)

    def do_GET(self):
        self.note()
        if "/late/" in self.path:
            return self.late()
        if "/plain/" in self.path:
            return self.say(200, b"a plain word")
        number = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path.removeprefix("/base/parcels/"))
        lines = [{"what": "a", "weight": 1.5, "takes": 90}, {"what": "b", "weight": 2, "takes": 0.5, "more": [1]}]
        good = {"state": "lost", "number": number, "lines": lines, "weight": None, "extra": {"a": 5}, "unknown": {}}
        if number == "slow":
            time.sleep(10)
        if number == "broken":
            self.say(500, {})
        elif number == "moved":
            self.say(302, good, [("Location", "/elsewhere")])
        elif number == "wrong":
            self.say(200, dict(good, lines="none"))
        elif number == "nojson":
            self.say(200, b"<html>")
        elif number == "huge":
            self.say(200, dict(good, number="x" * 100000))
        elif number == "deep":
            self.say(200, b"[" * 1000 + b"]" * 1000)
        else:
            self.say(200, good)

    def do_POST(self):
        self.note()
        if "/late/" in self.path:
            return self.late()
        if "/cut/" in self.path:
            self.close_connection = True
            self.connection.close()
        elif self.path.endswith("/soap"):
            self.say(200, b"""<?xml version="1.0" encoding="utf-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><r:FindResponse xmlns:r="urn:parcels">
  <r:state>lost</r:state> <r:weight>2.5</r:weight> <r:tags>a</r:tags> <r:tags>b</r:tags>
  <r:left><r:what>a</r:what><r:weight>1</r:weight><r:takes>90</r:takes></r:left> <r:due>2026-03-02T10:00:00Z</r:due>
</r:FindResponse></soap:Body></soap:Envelope>""")
        elif self.path.endswith("/check"):
            self.say(200, True)
        elif self.path.endswith("/word"):
            self.say(200, "815042")
        elif self.path.endswith("/words"):
            self.say(200, {"words": "815042", "open": True})
        else:
            self.say(201, 7)

    def do_PUT(self):
        self.note()
        if "/late/" in self.path:
            return self.late()
        self.say(200, 8)

    def do_DELETE(self):
        self.note()
        self.say(204, b"")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_):
        pass


server = Server(("127.0.0.1", 0), Handler)
with open(sys.argv[1] + ".new", "w", encoding="utf-8") as port:
    port.write(str(server.server_address[1]))
os.rename(sys.argv[1] + ".new", sys.argv[1])
server.serve_forever()
