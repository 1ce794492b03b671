# two_switches.py DIR - Desktops at two T-Servers, for two_switches.sh: Bert at the south, then Anna at the north, at the
# same extension; she answers the call that waits there.
import json, socket, sys, time

DIR = sys.argv[1]


class Desktop:
    def __init__(self, place, agent, dn):
        port = int(open(f"{DIR}/{place}.cti").read())
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.lines = self.socket.makefile("r")
        self.dn, self.references = dn, 0
        self.ask("RequestRegisterAddress", "EventRegistered")
        self.ask("RequestAgentLogin", "EventAgentLogin", AgentID=agent)
        self.ask("RequestAgentReady", "EventAgentReady")

    def ask(self, message, answer, **more):
        self.references += 1
        line = {"Message": message, "ReferenceID": self.references, "ThisDN": self.dn, **more}
        self.socket.sendall((json.dumps(line) + "\n").encode())
        return self.hear(answer, ReferenceID=self.references)

    def hear(self, name, **more):
        for line in self.lines:
            event = json.loads(line)
            assert event.get("Message") != "EventError", event
            if event.get("Message") == name and all(event.get(key) == value for key, value in more.items()):
                return event
        raise EOFError(name)


def until(file):
    while True:
        try:
            return open(f"{DIR}/{file}")
        except OSError:
            time.sleep(0.05)


bert = Desktop("south", "bert", "7001")
open(f"{DIR}/bert.ready", "w").close()
until("anna.comes")
anna = Desktop("north", "anna", "7001")
call = anna.hear("EventRinging")
anna.ask("RequestAnswerCall", "EventEstablished", ConnID=call["ConnID"])
open(f"{DIR}/anna.talks", "w").close()
until("over")
# Nothing was told to Bert meanwhile: no call, and nobody has logged him out.
bert.socket.settimeout(0.2)
try:
    heard = [json.loads(line)["Message"] for line in bert.lines]
    assert False, f"his T-Server has closed his connection: {heard}"
except TimeoutError:
    pass
bert.socket.settimeout(60)
