# switches_sip.py - The SIP exchange as a switch among those of switches_model.py: a trunk over which calls come to it and
# go from it, and the telephone of an agent there, which answers at once.
import os, re, select, sys, threading

argv, sys.argv = sys.argv, ["sip_front.py", ""]
from sip_front import Call as Caller, Telephone, bind, name, sdp
sys.argv = argv


def user_to_user(text):
    return f"User-to-User: {text.encode().hex()};encoding=hex\r\n" if text else ""


class Exchange:
    """What a Switch's trunk needs of another one: arrive(), and clear() of the call that came of it."""

    def __init__(self, world, port, trunk, behind):
        self.world, self.port, self.trunk, self.behind, self.calls = world, port, trunk, behind, {}
        self.phone = Telephone(port, "7003", "three")
        assert self.phone.register().startswith("SIP/2.0 200")
        threading.Thread(target=self.serve, args=(self.phone.own, self.phone.reply, self.rings), daemon=True).start()
        self.peer = Telephone(port, "x", "", "127.0.0.4")
        self.peer.own.close()
        self.peer.own = trunk
        threading.Thread(target=self.serve, args=(trunk, self.peer.reply, self.leaves), daemon=True).start()

    def serve(self, own, reply, invited):
        own.settimeout(None)
        seen = set()
        while True:
            text = own.recv(65536).decode()
            id = re.search("Call-ID: ([^\r]*)", text)[1]
            if text.startswith("INVITE") and id not in seen:
                seen.add(id)
                invited(text, id, reply)
            elif text.startswith(("BYE", "CANCEL")):
                reply(text, "200 OK")
                with self.world.lock:
                    call = self.calls.pop(id, None)
                    if call and call != "phone":
                        call.near = None
                        call.switch.clear(call, "remote_release")
                    self.world.lock.notify_all()

    def rings(self, text, id, reply):
        self.calls[id] = "phone"
        reply(text, "180 Ringing")
        reply(text, "200 OK", sdp(9, host="127.0.0.3"))

    # ---- from the exchange to the switch behind the trunk ----

    def leaves(self, text, id, reply):
        said = re.search("User-to-User: ([0-9a-f]+);encoding=hex", text)
        uui = bytes.fromhex(said[1]).decode() if said else None
        number = re.match("INVITE sip:97([^@]*)@", text)[1]
        with self.world.lock:
            call = self.behind.arrive("+33199", number, uui)
            self.calls[id] = call
        reply(text, "180 Ringing")
        self.world.until(lambda: call.state == "talking", "it is answered")
        reply(text, "200 OK", sdp(9, host="127.0.0.4"))

    # ---- from a switch to the exchange ----

    def arrive(self, ani, number, uui):
        leg = Leg(self)
        threading.Thread(target=leg.go, args=(number, uui), daemon=True).start()
        return leg

    def clear(self, leg, cause):
        leg.over = True


class Leg:
    """A call over the trunk to the exchange."""

    def __init__(self, switch):
        self.switch, self.state, self.near, self.over, self.device = switch, "ringing", None, False, "7003"

    def other_end(self):
        return self

    def go(self, number, uui):
        world = self.switch.world
        caller = Caller(self.switch.port, number, user_to_user(uui))
        caller.answered()
        with world.lock:
            self.state = "talking"
            if self.near:
                self.near.state = "talking out"
                self.near.switch.tell("Established", self.near, self.near.device)
            world.lock.notify_all()
        while not self.over:
            if select.select([caller.own], [], [], 0.02)[0] and "BYE sip" in caller.own.recv(65536).decode():
                break
        if self.over:
            caller.bye()
