# tests/flows/tserver_stub.py - A T-Server's clients' wire for the tests of the desk's page: it says what a test wants it to
# say, and keeps what it is asked. The events that it may say are those of runtime/adapters/cti/events.def.
import json, os, re, socket, threading

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
with open(f"{TOP}/runtime/adapters/cti/events.def") as rows:
    EVENTS = ["Event" * (kind == "PARTY_EVENT") + name for kind, name in re.findall(r"^(EVENT|PARTY_EVENT)\((\w+)\)$", rows.read(), re.M)]
STATES = {"RequestAgentLogin": "EventAgentLogin", "RequestAgentReady": "EventAgentReady", "RequestAgentNotReady": "EventAgentNotReady", "RequestAgentLogout": "EventAgentLogout"}
CALLS = {"RequestHoldCall": "EventHeld", "RequestRetrieveCall": "EventRetrieved", "RequestInitiateTransfer": "EventHeld", "RequestReleaseCall": "EventReleased",
         "RequestSetMuteOn": "EventMuteOn", "RequestSetMuteOff": "EventMuteOff", "RequestReconnectCall": "EventRetrieved",
         "RequestAlternateCall": "EventRetrieved", "RequestSendDTMF": "EventDTMFSent"}
MORE = {"RequestSetMuteOn": {"Muted": True}, "RequestAlternateCall": {"Consultation": {"State": "Established", "OtherDN": "7002", "Aside": True}}}


class TServer:
    """`calls`: what it says that there is at the telephone, by ConnID; `asked`: the requests; `there`: the state in which the
    agent is there already, and why; `refuses`: how it refuses a request, by its message."""

    def __init__(self, port=0, says=None):
        self.says = {**CALLS, **(says or {})}  # the event by which it answers a request about a call
        self.calls, self.asked, self.link, self.state, self.there, self.refuses = {}, [], None, "in", ("", {}), {}
        self.listener = socket.create_server(("127.0.0.1", port))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            self.link = self.listener.accept()[0]
            try:
                self.say("EventAuthenticationRequired")
                for line in self.link.makefile():
                    self.answer(json.loads(line))
            except ConnectionError:  # who is killed with words of ours unread resets it
                pass

    def breaks(self, state, **reasons):
        """The connection is lost; the agent is in this state when it is there again."""
        self.there = (state, reasons)
        self.link.shutdown(socket.SHUT_RDWR)

    def say(self, message, **more):
        assert message in EVENTS, message
        self.link.sendall(json.dumps({"Message": message, "ThisDN": "7001", **more}).encode() + b"\n")

    def call(self, message, conn, **more):
        """An event of a call, with all that is known of it."""
        about = self.calls.setdefault(conn, {"ConnID": conn, "CallType": "Inbound", "ANI": f"+3314555{conn[-4:]}", "DNIS": "1800", "OtherDN": "1800", "UserData": {}})
        about.update({key: more[key] for key in ("State", "Consultation", "Muted", "OtherDN", "CallType") if key in more})
        told = {**about, **more}
        if message in ("EventReleased", "EventDiverted", "EventAbandoned"):
            del self.calls[conn]
        self.say(message, **told)

    def answer(self, asked):
        self.asked.append(asked)
        name, ref = asked["Message"], {"ReferenceID": asked["ReferenceID"]}
        if name in self.refuses:
            self.say("EventError", ErrorCode=self.refuses[name][0], ErrorMessage=self.refuses[name][1], **ref)
        elif name == "RequestAuthenticate":
            self.say("EventAuthenticated", Token="of-marie", **ref)
            self.say("EventLinkConnected")
        elif name in ("RequestRegisterAddress", "RequestQueryAddress"):
            self.say("EventRegistered" if name == "RequestRegisterAddress" else "EventAddressInfo", DNState=self.state, Calls=[{"State": "Established", **one} for one in self.calls.values()],
                     **({"AgentID": "marie", "AgentState": self.there[0]} if self.there[0] else {}), **ref)
        elif name in STATES:
            self.say(STATES[name], AgentID="marie", AgentWorkMode="ManualIn", **({"Reasons": self.there[1]} if name == "RequestAgentLogin" else {}), **ref)
        elif name in self.says and asked.get("ConnID") in self.calls:
            self.call(self.says[name], asked["ConnID"], **MORE.get(name, {}), **ref)
        elif name in self.says:  # the answer is an event of no call that is there
            self.say(self.says[name], **ref)
