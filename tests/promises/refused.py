# refused.py WHAT PORT - One peer of refused.sh, whom an adapter refuses.
import socket, struct, sys, urllib.error, urllib.request

what, port = sys.argv[1], int(sys.argv[2])


def line(text):
    peer = socket.create_connection(("127.0.0.1", port), 90)
    peer.sendall(text.encode())
    peer.settimeout(90)
    heard = b""
    while part := peer.recv(4096):
        heard += part
    return heard.decode()


def http(path, headers, body=None):
    try:
        urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, headers), timeout=90).read()
        return 200
    except urllib.error.HTTPError as error:
        return error.code


def bind(name, password):
    body = name.encode() + b"\0" + password.encode() + b"\0" + b"\0" + b"\x34\0\0\0"
    peer = socket.create_connection(("127.0.0.1", port), 90)
    peer.sendall(struct.pack("!IIII", 16 + len(body), 9, 0, 1) + body)
    return struct.unpack("!IIII", peer.makefile("rb").read(16))[2]


mail = "MAIL FROM:<anna@example.org>\r\nRCPT TO:<{}@shop.example>\r\n"
if what == "token":
    print(http("/work", {"Authorization": "Bearer no", "Content-Type": "application/json"}, b"{}"))
elif what == "path":
    print(http("/nowhere", {}))
elif what == "origin":
    print(http("/chat", {"Origin": "https://elsewhere.example", "Upgrade": "websocket", "Connection": "Upgrade",
                         "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}))
elif what == "bind":
    print(bind("gate", "wrong"))
elif what == "silent":
    socket.create_connection(("127.0.0.1", port), 90).close()
elif what == "nobody":
    print(line("LHLO mx\r\n" + mail.format("nobody") + "QUIT\r\n"))
elif what == "nonsense":
    print(line("LHLO mx\r\nNONSENSE\r\nQUIT\r\n"))
elif what == "mail":
    print(line("LHLO mx\r\n" + mail.format("service") + "DATA\r\nMessage-ID: <1@example.org>\r\n\r\nhello\r\n.\r\nQUIT\r\n"))
