# smuggle.py - Requests that a proxy and we might read differently, for desk_wire.py and chat_wire.py: each is answered by
# 400, its connection ends, and what stands behind it is not answered.
FINE = b"Host: 127.0.0.1\r\n"
BEHIND = b"GET /behind HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
HEADS = [
    FINE + b"Content-Length: 0\r\nContent-Length: %d\r\n" % len(BEHIND),
    FINE + b"Content-Length : %d\r\n" % len(BEHIND),
    FINE + b"Transfer-Encoding: xchunked\r\n",
    FINE + b"Transfer-Encoding:\tchunked\r\n",
    FINE + b"Transfer-Encoding: chunked\r\n",
    FINE + b"Transfer-Encoding: chunked\r\nContent-Length: %d\r\n" % len(BEHIND),
    b"",
    FINE + b"Host: evil.example\r\n",
    FINE + b"X: a\0b\r\n",
    FINE + b"X: a\n",
    b"X: a\r\n " + FINE,
]


def answers(connect, *pieces):
    one, heard = connect(), b""
    for piece in pieces:
        one.sendall(piece)
    try:
        while some := one.recv(65536):
            heard += some
    except ConnectionError:
        pass
    one.close()
    return [part.split(b"\r\n")[0].decode() for part in heard.split(b"HTTP/1.1 ")[1:]]


# `connect` makes a connection; `path` is one that is answered by 200.
def smuggle(connect, path):
    good = f"GET {path} HTTP/1.1\r\n".encode() + FINE
    assert answers(connect, good + b"Connection: close\r\n\r\n") == ["200 OK"]
    for head in HEADS:
        wrong = f"POST {path} HTTP/1.1\r\n".encode() + head + b"\r\n"
        for pieces in ([wrong + BEHIND], [wrong[:30], wrong[30:], BEHIND], [wrong]):
            heard = answers(connect, *pieces)
            assert heard == ["400 Bad Request"], (pieces, heard)
        # Behind a good one on the same connection, which is answered, and in the same piece.
        heard = answers(connect, good + b"\r\n" + wrong + BEHIND)
        assert heard == ["200 OK", "400 Bad Request"], (head, heard)
    # evhttp takes the body of HEAD for the next request.
    heard = answers(connect, b"HEAD" + good[3:] + b"Content-Length: %d\r\n\r\n" % len(BEHIND) + BEHIND)
    assert heard == ["400 Bad Request"], heard
    # Two good ones in one piece are two.
    heard = answers(connect, good + b"\r\n" + good + b"Connection: close\r\n\r\n")
    assert heard == ["200 OK", "200 OK"], heard
