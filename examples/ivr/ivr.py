#!/usr/bin/env python3
"""ivr.py HOST PORT DN QUEUE - An interactive voice response on the CTI wire of gcx: Python 3 and nothing else.

It serves the IVR port DN: it takes every call that comes there, asks the caller for an account number, attaches what it
learnt to the call, and sends the call to the DN QUEUE, an ACD queue or a routing point. The agent's desktop then has the
customer's name before the telephone is answered.

    call --> EventEstablished at DN --> RequestApplyTreatment --> EventTreatmentEnd (digits)
                                              ^                        |
                                              '---- nothing keyed -----'
                                                                       |
                   QUEUE <-- RequestSingleStepTransfer <-- RequestAttachUserData

The wire is described in gcx-tserver(5): an object a line, each request with a ReferenceID that its answer bears. Sound and
keys are the exchange's work: a prompt is a file of its folder of prompts. If the wire asks for a password, GCX_PASSWORD is
that of the user GCX_USER. If this program dies, its calls go on by the strategy of the routing point DN.
"""
import json
import os
import socket
import sys
import time

# The customers by account number: in earnest a query of your own system stands in look_up().
CUSTOMERS = {"4711": {"name": "Dupont", "first": "Claire", "language": "fr"},
             "4712": {"name": "Okafor", "first": "Ada", "language": "en"}}
PROMPT = {"prompt": "account", "min": 4, "max": 8, "end": "#"}  # parameters of PlayAnnouncementAndDigits
TRIES = 2


def look_up(account):
    return CUSTOMERS.get(account)


class Call:
    """One caller at the port. `step` is the method that the next answer or event of the call goes to."""

    def __init__(self, wire, event):
        self.wire, self.conn, self.tries = wire, event["ConnID"], 0
        self.log(f"answered {event.get('ANI', 'somebody')}, who called {event.get('DNIS', '')}")
        self.ask_account()

    def log(self, text):
        print(f"{self.conn} {text}", flush=True)

    def ask(self, message, **members):
        self.wire.ask(message, self, ConnID=self.conn, **members)

    def ask_account(self):
        self.tries += 1
        self.step = self.played
        self.ask("RequestApplyTreatment", TreatmentType="PlayAnnouncementAndDigits", Parameters=PROMPT)

    def played(self, event):
        """EventTreatmentApplied answers the request; EventTreatmentEnd follows when the caller has keyed, or has not."""
        if event.get("CallState") == "interrupted":
            return  # the caller hangs up
        if event["Message"] == "EventTreatmentEnd":
            account = event.get("CollectedDigits", "")
            self.log(f"keyed {account or 'nothing'}")
            if look_up(account) is None and self.tries < TRIES:
                self.ask_account()
            else:
                self.attach(account)
        elif event["Message"] == "EventError":
            self.log(f"could not ask: {event['ErrorMessage']}")
            self.send_on()

    def attach(self, account):
        """The customer's name comes first: a desktop shows the data in their order."""
        customer = look_up(account)
        data = {"customer": customer["name"], "first_name": customer["first"], "language": customer["language"]} if customer else {}
        self.step = self.attached
        self.ask("RequestAttachUserData", UserData={**data, "account": account, "ivr": "account known" if customer else "unknown"})

    def attached(self, event):
        """The core keeps the data; while it is away the call goes on without them."""
        if event["Message"] == "EventError":
            self.log(f"could not attach: {event['ErrorMessage']}")
        if event.get("ReferenceID"):
            self.send_on()

    def send_on(self):
        self.step = self.sent
        self.ask("RequestSingleStepTransfer", OtherDN=self.wire.queue)

    def sent(self, event):
        """The queue does not take it: the port's own routing point has the call once we have been silent for a while."""
        if event["Message"] == "EventError":
            self.log(f"could not send it to {self.wire.queue}: {event['ErrorMessage']}")

    def over(self, event):
        self.log(f"left for {event['ThirdPartyDN']}" if "ThirdPartyDN" in event else "hung up")


class Wire:
    """The connection: it knows the calls at the port by ConnID, and of each open request whose it is."""

    def __init__(self, dn, queue):
        self.dn, self.queue, self.reference, self.token = dn, queue, 0, None

    def ask(self, message, call=None, **members):
        self.reference += 1
        if call:
            self.asked[self.reference] = call
        line = {"Message": message, "ReferenceID": self.reference, "ThisDN": self.dn, **members}
        self.socket.sendall(json.dumps(line).encode() + b"\n")

    def log_in(self):
        user = os.environ.get("GCX_USER", "ivr")
        secret = {"Token": self.token} if self.token else {"Password": os.environ.get("GCX_PASSWORD", "")}
        self.ask("RequestAuthenticate", User=user, **secret)

    def happened(self, event):
        """A call's event goes to the call: the answers to its requests, and what else happens to it at the port."""
        name, conn = event["Message"], event.get("ConnID")
        call = self.asked.pop(event.get("ReferenceID"), None) or self.calls.get(conn)
        if name == "EventAuthenticationRequired":
            self.log_in()
        elif name == "EventAuthenticated":
            self.token = event.get("Token")  # it serves in place of the password after a lost connection
        elif name == "EventLinkConnected":
            self.ask("RequestRegisterAddress", AddressType="IVRPort")
        elif name == "EventRegistered":
            print(f"serves {self.dn}", flush=True)
        elif name == "EventEstablished":
            self.calls[conn] = Call(self, event)
        elif name in ("EventReleased", "EventAbandoned"):
            if conn in self.calls:
                self.calls.pop(conn).over(event)
        elif call:
            call.step(event)
        elif name == "EventError":
            sys.exit(f"refused: {event['ErrorMessage']}")

    def serve(self, host, port):
        """One connection, until it is lost. Calls that were ours are no more: their routing point has them."""
        self.calls, self.asked = {}, {}
        with socket.create_connection((host, port), timeout=10) as self.socket:
            self.socket.settimeout(None)
            for line in self.socket.makefile("r", encoding="utf-8"):
                self.happened(json.loads(line))


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__.split("\n", 1)[0])
    host, port, dn, queue = sys.argv[1:]
    wire = Wire(dn, queue)
    while True:
        try:
            wire.serve(host, int(port))
        except OSError:
            pass
        print("the connection is lost", flush=True)
        time.sleep(1)


if __name__ == "__main__":
    main()
