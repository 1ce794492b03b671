# free_ports.py [COUNT] - Ports that no socket of this machine has now, for programs that cannot say which one the kernel gave
# them. They lie below those that the kernel gives to connections, so that none is taken before its program listens.
import random, socket, sys

held, count = [], int((sys.argv[1:] or ["1"])[0])
while len(held) < 2 * count:
    stream, datagrams, port = socket.socket(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM), random.randrange(12000, 20000)
    try:
        stream.bind(("0.0.0.0", port)), datagrams.bind(("0.0.0.0", port))
        held += [stream, datagrams]
    except OSError:
        pass
print(*[one.getsockname()[1] for one in held[::2]])
