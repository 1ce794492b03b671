# customer.py FOLDER - The customer's end of `quickstart --stay`: a web page with the chat and a letter to write, and a mail
# server that takes the answers and shows them there. Ports are the kernel's choice, told in FOLDER/site and FOLDER/smtp; those
# of the adapters are read from FOLDER/chat and FOLDER/lmtp. Loopback only; ended by its process id.
import email.message, email.policy, html, http.server, os, smtplib, socketserver, sys, threading, urllib.parse

folder = sys.argv[1]
answers = []  # mails, the newest first

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>A shop</title>
<style>body { font: 17px/1.5 system-ui, sans-serif; max-width: 42rem; margin: 2rem auto; padding: 0 1rem }
label { display: block; margin: .6rem 0 } input, textarea { font: inherit; width: 100%; box-sizing: border-box }
pre { white-space: pre-wrap; background: #eee; padding: .8rem }</style></head><body>
<h1>A shop</h1><p>You are its customer. <b>Chat</b> with the button below on the right, or write an <b>e-mail</b>:</p>
<form method="post" action="/mail">
<label>From <input name="from" type="email" value="anna@example.org" required></label>
<label>Subject <input name="subject" value="My parcel" required></label>
<label>Text <textarea name="text" rows="4" required>Where is it?</textarea></label>
<button>Send</button></form>
<h2>What has come back by e-mail</h2>ANSWERS<p><a href="/">Look again</a></p>
<script src="http://127.0.0.1:PORT/widget.js" data-queue="web" data-name="Anna" data-email="anna@example.org"></script></body></html>
"""


def told(name):
    with open(os.path.join(folder, name)) as file:
        return file.read().strip()


def tell(name, port):
    with open(os.path.join(folder, name + ".new"), "w") as file:
        file.write(f"{port}\n")
    os.rename(file.name, os.path.join(folder, name))


class Site(http.server.BaseHTTPRequestHandler):
    def log_message(self, *unused):
        pass

    def answer(self, code, text="", location=None):
        body = text.encode()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        shown = "".join(f"<pre>{html.escape(one)}</pre>" for one in answers) or "<p>Nothing yet.</p>"
        if self.path != "/":
            return self.answer(404, "There is nothing here.")
        self.answer(200, PAGE.replace("PORT", told("chat")).replace("ANSWERS", shown))

    def do_POST(self):
        length = min(int(self.headers.get("Content-Length", 0)), 100_000)
        fields = dict(urllib.parse.parse_qsl(self.rfile.read(length).decode()))
        letter = email.message.EmailMessage()
        try:
            letter["From"] = email.utils.formataddr(("Anna", fields["from"]))
            letter["To"] = "service@shop.example"
            letter["Subject"] = fields["subject"]
            letter["Message-ID"] = email.utils.make_msgid(domain="example.org")
            letter.set_content(fields["text"])
            with smtplib.LMTP("127.0.0.1", int(told("lmtp"))) as door:
                door.send_message(letter)
        except (KeyError, ValueError, OSError, smtplib.SMTPException) as why:
            return self.answer(502, f"It could not be sent: {html.escape(str(why))}")
        self.answer(303, location="/")


class Mailbox(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        self.say("220 mailbox")
        while line := self.rfile.readline(2000):
            word = line.strip().upper()
            if word.startswith(b"EHLO"):
                self.say("250 mailbox")
            elif word == b"DATA":
                self.say("354 go on")
                self.take()
                self.say("250 taken")
            elif word == b"QUIT":
                return self.say("221 good-bye")
            else:
                self.say("250 well")

    def take(self):
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        letter = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        text = letter.get_body(("plain",))
        answers.insert(0, f"To: {letter['To']}\nSubject: {letter['Subject']}\n\n{text.get_content() if text else ''}")
        print(f"    a mail has come for {letter['To']}: {letter['Subject']}", flush=True)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
mailbox = Server(("127.0.0.1", 0), Mailbox)
threading.Thread(target=mailbox.serve_forever, daemon=True).start()
tell("smtp", mailbox.server_address[1])
tell("site", site.server_address[1])
site.serve_forever()
