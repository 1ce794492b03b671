# tests/flows/standby_cut.py FOLDER SOCKET - For standby_cut.sh: a switch with several links that knows no terms, and tells
# all of them everything; and a way to the database at SOCKET that can be cut without a word. Its ports are FOLDER/switch.port
# and FOLDER/database.port. Lines of its input: `ring ANI`, `cut`, `mend`. FOLDER/switch.log has what each link has asked
# for: `LINK SERVICE ANI`.
import os, select, socket, sys, threading

sys.path.insert(0, os.path.dirname(__file__))
from switches_model import Switch, World

folder, database = sys.argv[1:]
log = open(f"{folder}/switch.log", "a", buffering=1)
passing = threading.Event()
passing.set()


class Open(Switch):
    def __init__(self, world):
        self.peers = []
        super().__init__(world, "open", ["1800"], ["7001"], ["5900", "5901"])

    def tell(self, event, call=None, device=None, **more):
        for self.peer in self.peers:
            super().tell(event, call, device, **more)

    def answer(self, peer, request):
        if request["service"] == "SystemRegister":
            self.peers.append(peer)
        call = self.calls.get(request.get("callID"))
        if request["service"] != "SystemStatus":
            log.write(f"{self.peers.index(peer) + 1} {request['service']} {call.ani if call else '-'}\n")
        super().answer(peer, request)


def carry(near):
    far = socket.socket(socket.AF_UNIX)
    far.connect(database)
    while True:
        for one in select.select([near, far], [], [])[0]:
            bytes = one.recv(65536)
            passing.wait()
            if not bytes:
                near.close(), far.close()
                return
            (far if one is near else near).sendall(bytes)


def way():
    while True:
        threading.Thread(target=lambda near: carry(near), args=(door.accept()[0],), daemon=True).start()


def note(name, port):
    with open(f"{folder}/{name}.new", "w") as file:
        file.write(str(port))
    os.rename(f"{folder}/{name}.new", f"{folder}/{name}.port")


world = World()
switch = Open(world)
door = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=way, daemon=True).start()
note("switch", switch.port)
note("database", door.getsockname()[1])
for line in sys.stdin:
    word, *more = line.split()
    if word == "ring":
        with world.lock:
            switch.arrive(more[0], "1800")
    elif word == "cut":
        passing.clear()
    else:
        passing.set()
