"""A web server that takes rows of gcxrecords (records.sh): its arguments are a folder and a secret.

The first requests are answered by 503 and 401, the fifth row is refused for ever, the answer to the sixth one is cut, and each signature is looked at. The folder gets
`hook.port`, `hook.ids` with the id of each row that was taken or refused, `hook.events` with the word of each event, and `hook.odd` where something is not as
gcxrecords(8) says.
"""
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

folder, secret = sys.argv[1], sys.argv[2].encode()
seen = []


def note(name, text):
    with open(f"{folder}/{name}", "a", encoding="ascii") as file:
        file.write(text + "\n")


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        which, when = self.headers["Gcx-Id"], self.headers["Gcx-Time"]
        code = hmac.new(secret, f"{when}.{which}.".encode() + body, hashlib.sha256).hexdigest()
        row = json.loads(body)
        if self.headers["Gcx-Signature"] != f"v1={code}" or abs(time.time() - int(when)) > 86400:
            note("hook.odd", f"{which}: the signature is another one")
        if which != f"{row['journal']}-{row['batch']}-{'e' if row['table'] == 'events' else ''}{row['n']}":
            note("hook.odd", f"{which}: the row is another one")
        seen.append(which)
        status = (503, 401)[len(seen) - 1] if len(seen) < 3 else 400 if len(set(seen)) == 5 and which == seen[-1] else 204
        if status not in (503, 401):
            note(*(("hook.events", f"{which} {row['event']} {row.get('state')}") if row["table"] == "events" else ("hook.ids", which)))
        cut = len(set(seen)) >= 6 and which == list(dict.fromkeys(seen))[5]
        self.send_response(200 if cut else status)
        if cut:
            self.send_header("Content-Length", "100")
        self.end_headers()
        if cut:
            self.wfile.write(b"the rest never comes")

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Receiver)
with open(f"{folder}/hook.port.new", "w", encoding="ascii") as file:
    file.write(str(server.server_port))
os.rename(f"{folder}/hook.port.new", f"{folder}/hook.port")
server.serve_forever()
