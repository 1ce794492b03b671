"""tests/flows/https_server.py CERTS PORTS LOG - What https_wire.sh asks: a server for each certificate of the folder CERTS
(NAME.pem with NAME.key), and one without TLS called plain. The ports come into PORTS as lines NAME=PORT."""
import http.server
import os
import ssl
import sys
import threading

certs, ports, log = sys.argv[1:]
lock = threading.Lock()
numbers = {}


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_):
        pass


def handler(name):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            with lock, open(log, "a", encoding="utf-8") as out:
                out.write(f"{name} {self.command} {self.path} {body}\n")
            moved = self.path.endswith("/moved")
            self.send_response(307 if moved else 200)
            if moved:
                self.send_header("Location", f"http://127.0.0.1:{numbers['plain']}/elsewhere")
            self.send_header("Content-Length", "1")
            self.end_headers()
            self.wfile.write(b"7")

        do_GET = do_POST = do_PUT = do_DELETE = answer

    return Handler


names = ["plain"] + sorted(name[:-4] for name in os.listdir(certs) if name.endswith(".pem") and os.path.exists(f"{certs}/{name[:-4]}.key"))
for name in names:
    server = Server(("127.0.0.1", 0), handler(name))
    if name != "plain":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{certs}/{name}.pem", f"{certs}/{name}.key")
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    numbers[name] = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
with open(ports + ".new", "w", encoding="utf-8") as out:
    out.writelines(f"{name}={number}\n" for name, number in numbers.items())
os.rename(ports + ".new", ports)
threading.Event().wait()
