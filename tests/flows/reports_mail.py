# tests/flows/reports_mail.py DIR - DIR/mail, a report as a mail, is handed to exim as `sendmail -t` is, and comes to a server of
# ours with its table and its CSV. Without exim, or without the rights of root, the mail goes there by itself.
import email, email.policy, os, shutil, smtplib, socketserver, subprocess, sys, threading

folder, heard = sys.argv[1], []


class Taker(socketserver.StreamRequestHandler):
    def handle(self):
        say = lambda line: self.wfile.write(line + b"\r\n")
        say(b"220 sink")
        for line in self.rfile:
            if line[:4].upper() == b"DATA":
                say(b"354 go on")
                heard.append(b"".join(iter(self.rfile.readline, b".\r\n")))
            say(b"221 bye" if line[:4].upper() == b"QUIT" else b"250 sink")
            if line[:4].upper() == b"QUIT":
                return


mail = open(f"{folder}/mail", "rb").read()
os.environ["PATH"] += ":/usr/sbin"
with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Taker) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    if shutil.which("exim4") and shutil.which("setpriv") and os.getuid() == 0:
        spool = f"{folder}/spool"
        os.mkdir(spool)
        shutil.chown(spool, "nobody", "nogroup")
        os.chmod(folder, 0o755)
        with open(f"{folder}/exim.conf", "w") as conf:
            conf.write(f"primary_hostname = mx.example\nspool_directory = {spool}\nlog_file_path = {spool}/%slog\nexim_user = nobody\nexim_group = nogroup\n"
                       "begin routers\nall:\n  driver = manualroute\n  route_list = * 127.0.0.1\n  transport = out\n  self = send\n"
                       f"begin transports\nout:\n  driver = smtp\n  port = {port}\n  allow_localhost\n  hosts_avoid_tls = *\n")
        done = subprocess.run(["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "exim4", "-C", f"{folder}/exim.conf", "-odi", "-t", "-oi"], input=mail, capture_output=True, timeout=120)
        assert done.returncode == 0 and heard, (done, [open(os.path.join(spool, one)).read() for one in os.listdir(spool) if one in ("mainlog", "paniclog")])
    else:
        smtplib.SMTP("127.0.0.1", port).sendmail("gcx@shop.example", ["head@shop.example"], mail)
    server.shutdown()
letter = email.message_from_bytes(heard[0], policy=email.policy.default)
assert letter["To"] == "head@shop.example" and letter["Subject"] == "service_level, 2024-10-10 to 2024-10-20", letter.as_string()
table, csv = letter.iter_parts()
assert table.get_content_type() == "text/plain" and "level_20s" in table.get_content(), table
assert csv.get_filename() == "service_level.csv" and csv.get_content_type() == "text/csv"
rows = csv.get_content().splitlines()
assert rows[0].startswith("day,utc,queue,offered,") and len(rows) > 11, rows[:3]
