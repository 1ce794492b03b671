# switches_model.py - Telephone switches in one process, with trunks between them, each behind the switch link of
# gcx-tserver(5): what switches.sh plays with. A number that begins with the code of a trunk goes to the other switch, with
# the call's correlator as user-to-user data. Faults are asked for by name.
#
# A model has one lock; whoever reads or changes it from outside uses `with world.lock`, or `world.until(...)`.
import json, os, socket, threading, time


class World:
    def __init__(self):
        self.lock = threading.Condition(threading.RLock())

    def until(self, holds, what, seconds=float(os.environ.get("PATIENCE", 60))):
        ends = time.time() + seconds
        with self.lock:
            while not holds():
                assert time.time() < ends, f"never: {what}"
                self.lock.wait(0.2)


class Call:
    def __init__(self, switch, ani, dnis):
        switch.last += 1
        self.switch, self.id, self.ani, self.dnis = switch, str(switch.last), ani, dnis
        self.state, self.device, self.point, self.visit = "new", None, None, 0
        self.correlator = self.main = self.treatment = self.uui = None
        self.brings, self.routed_with = {}, {}
        self.near = self.far = None  # the calls at other switches that lead here, and to which this one leads
        self.kind = "inbound"
        self.joined = None  # of a conference: the number at which its third one is
        switch.calls[self.id] = self

    def route_id(self):
        return f"r{self.id}-{self.visit}"

    def members(self):
        some = {**self.brings, "callID": self.id, "callingDevice": self.ani, "calledDevice": self.dnis, "callType": self.kind}
        if self.correlator:
            some["correlator"] = self.correlator
        if self.main:
            some["mainCallID"] = self.main.id
        return some

    def other_end(self):  # across any number of trunks, the call where nothing goes on
        return self.far.other_end() if self.far and self.state in ("out", "talking out") else self


class Switch:
    def __init__(self, world, name, points, devices, queues=()):
        self.world, self.name, self.last = world, name, 0
        self.calls, self.agents, self.trunks, self.faults = {}, {}, {}, {}
        self.kinds = {**{n: "routing_point" for n in points}, **{n: "extension" for n in devices},
                      **{n: "queue" for n in queues}}
        self.peer = self.stall = None
        self.stalled = []  # what waits for release()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    # ---- the link ----

    def accept(self):
        while True:
            peer, _ = self.socket.accept()
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        try:
            for line in peer.makefile("r"):
                request = json.loads(line)
                with self.world.lock:
                    self.answer(peer, request)
                    self.world.lock.notify_all()
        except (OSError, ValueError):
            pass
        with self.world.lock:
            if self.peer is peer:
                self.peer = None

    def send(self, peer, line):
        try:
            peer.sendall((json.dumps(line) + "\n").encode())
        except OSError:
            pass

    def tell(self, event, call=None, device=None, **more):
        line = {"event": event, **(call.members() if call else {}), **more}
        if device:
            line["device"] = device
        if self.peer:
            self.send(self.peer, line)

    def answer(self, peer, request):
        name, number = request["service"], request["invokeId"]
        if name == "SystemRegister":
            self.send(peer, {"result": number, "switch": self.name, "protocol": 1})
            self.peer = peer
        elif name == "Snapshot":
            counts = self.snapshot(peer, request.get("callID"))
            self.send(peer, {"result": number, **counts})
        elif name == "SystemStatus":
            self.send(peer, {"result": number})
        else:
            call = self.calls.get(request.get("callID"))
            perform = getattr(self, "serve_" + name, None)
            code = "unsupported" if not perform else "unknown_call" if "callID" in request and not call else None
            after = []
            if not code:
                code = perform(call, request, after)
            self.send(peer, {"error": number, "code": code, "text": code} if code else {"result": number})
            for act in after:
                self.later("service", act)

    # What happens at a place where the switch stalls waits until it is let go on.
    def later(self, place, act):
        if self.stall == place:
            self.stalled.append(act)
        else:
            act()

    def release(self):
        self.stall = None
        while self.stalled:
            self.stalled.pop(0)()

    def snapshot(self, peer, only):
        counts = {"devices": 0, "agents": 0, "calls": 0}
        if not only:
            for number, kind in self.kinds.items():
                self.send(peer, {"event": "SnapshotDevice", "device": number, "type": kind, "inService": True})
                counts["devices"] += 1
            for device, agent in self.agents.items():
                self.send(peer, {"event": "SnapshotAgent", "agent": agent, "device": device, "state": "ready"})
                counts["agents"] += 1
        states = {"point": "queued", "ringing": "alerting", "talking": "connected", "held": "held",
                  "out": "alerting", "talking out": "connected"}
        for call in self.calls.values():
            if only and call.id != only:
                continue
            line = {"event": "SnapshotCall", **call.members(),
                    "connections": [{"device": call.device, "state": states[call.state]}]}
            if call.joined:
                line["connections"].append({"device": call.joined, "state": "connected"})
            if call.state == "point":
                line["route"] = {"device": call.device, "routeID": call.route_id()}
            if call.treatment:
                line["treatment"] = call.treatment
            self.send(peer, line)
            counts["calls"] += 1
        return counts

    # ---- services ----

    def serve_AssociateData(self, call, request, after):
        call.correlator = request["correlator"]

    def serve_RouteSelect(self, call, request, after):
        if call.state != "point" or request["routeID"] != call.route_id():
            return "invalid_state"
        call.correlator = request.get("correlator", call.correlator)
        call.routed_with = request
        to, point = request["destination"], call.device
        code = self.refuses(to)
        if code:
            return code

        def go():
            call.treatment = None
            self.tell("RouteUsed", call, point, routeID=request["routeID"], destination=to,
                      how="default" if self.faults.get("default") == to else "instructed")
            self.goes(call, to)
        after.append(go)

    def serve_RouteReject(self, call, request, after):
        after.append(lambda: self.clear(call, request.get("cause", "refused")))

    serve_ClearCall = serve_RouteReject

    def serve_DeflectCall(self, call, request, after):
        if call.device != request["device"] or call.state not in ("ringing", "out"):
            return "invalid_state"
        if self.faults.pop("keeps", None):
            return "invalid_state"
        to = request["destination"]

        def go():
            far, call.far = call.far, None
            self.tell("Diverted", call, request["device"], destination=to, cause="no_answer")
            if far:
                far.near = None
                far.switch.clear(far, "remote_release")
            self.goes(call, to)
        after.append(go)

    def serve_AnswerCall(self, call, request, after):
        if call.state != "ringing" or call.device != request["device"]:
            return "invalid_state"
        after.append(lambda: self.answers(call))

    def serve_ClearConnection(self, call, request, after):
        if call.device != request["device"]:
            return "invalid_state"
        after.append(lambda: self.leaves(call))

    def serve_HoldCall(self, call, request, after):
        call.state = "held"
        after.append(lambda: self.tell("Held", call, call.device))

    def serve_RetrieveCall(self, call, request, after):
        call.state = "talking"
        after.append(lambda: self.tell("Retrieved", call, call.device))

    def serve_SingleStepTransferCall(self, call, request, after):
        device, to = request["device"], request["destination"]
        if call.state != "talking" or call.device != device or self.refuses(to):
            return "invalid_state"

        def go():
            self.tell("ConnectionCleared", call, device, cause="transferred")
            self.goes(call, to)
        after.append(go)

    def serve_ConsultationCall(self, call, request, after):
        device, to = request["device"], request["destination"]
        if call.state != "talking" or call.device != device or self.refuses(to):
            return "invalid_state"

        def go():
            call.state = "held"
            self.tell("Held", call, device)
            consult = Call(self, device, to)
            consult.main, consult.kind, consult.uui = call, "consult", request["correlator"]
            self.tell("Originated", consult, device)
            self.goes(consult, to)
        after.append(go)

    def serve_TransferCall(self, call, request, after):
        consult = next((one for one in self.calls.values() if one.main is call), None)
        if not consult or call.state != "held":
            return "invalid_state"

        def go():
            device = call.device
            call.state, call.device, call.far = consult.state, consult.device, consult.far
            if call.far:
                call.far.near = call
            self.tell("Transferred", call, device, secondaryCallID=consult.id)
            self.tell("ConnectionCleared", call, device, cause="transferred")
            del self.calls[consult.id]
            self.tell("CallCleared", consult, cause="transferred")
        after.append(go)

    def serve_ConferenceCall(self, call, request, after):
        consult = next((one for one in self.calls.values() if one.main is call), None)
        if not consult or call.state != "held" or consult.state != "talking out":
            return "invalid_state"

        def go():
            call.state, call.joined, call.far = "talking", consult.device, consult.far
            call.far.near = call
            self.tell("Conferenced", call, call.device, secondaryCallID=consult.id)
            self.tell("Retrieved", call, call.device)
            del self.calls[consult.id]
            self.tell("CallCleared", consult, cause="conferenced")
        after.append(go)

    def serve_SetAgentState(self, call, request, after):
        names = {"ready": "AgentReady", "not_ready": "AgentNotReady", "logged_out": "AgentLoggedOff"}
        name = names.get(request["state"], "AgentNotReady")
        after.append(lambda: self.tell(name, None, request["device"], agent=request["agent"]))

    def serve_ApplyTreatment(self, call, request, after):
        call.treatment = request["treatment"]
        after.append(lambda: self.tell("TreatmentStarted", call, None, treatment=request["treatment"]))

    def serve_StopTreatment(self, call, request, after):
        call.treatment = None
        after.append(lambda: self.tell("TreatmentEnded", call, None, treatment=request["treatment"], cause="stopped"))

    # ---- calls ----

    def trunk(self, to):
        for code, switch in self.trunks.items():
            if to.startswith(code):
                return switch, to[len(code):]
        return None, to

    def refuses(self, to):
        switch, number = self.trunk(to)
        if switch:
            return {"refuses": "no_circuit", "bars": "invalid_destination"}.get(self.faults.get("trunk"))
        return None if to in self.kinds else "invalid_destination"

    def goes(self, call, to):
        switch, number = self.trunk(to)
        if switch:
            call.state, call.device = "out", to
            self.tell("Delivered", call, to)
            if self.faults.get("trunk") == "loses":
                return
            uui = None if self.faults.get("uui") == "lost" else self.faults.get("uui") or call.uui or call.correlator
            times = 2 if self.faults.pop("twice", None) else 1
            self.later("trunk", lambda: self.crosses(call, switch, number, uui, times))
            return
        call.device = to
        kind = self.kinds[to]
        if kind == "routing_point":
            call.state, call.visit = "point", call.visit + 1
            self.tell("RouteRequest", call, to, routeID=call.route_id())
        elif kind == "queue":
            call.state = "ringing"
            self.tell("Queued", call, to)
        else:
            call.state = "ringing"
            self.tell("Delivered", call, to)

    def crosses(self, call, switch, number, uui, times):
        for _ in range(times):
            far = switch.arrive(call.ani, number, uui)
            if not far:
                self.clear(call, "invalid_number")
                return
            if not call.far:
                call.far, far.near = far, call

    def arrive(self, ani, to, uui=None, **brings):
        if to not in self.kinds:
            return None
        call = Call(self, ani, to)
        call.brings = brings
        call.correlator = uui
        self.goes(call, to)
        return call

    def answers(self, call):
        call.state = "talking"
        self.tell("Established", call, call.device)
        near = call.near
        while near and near.state == "out":
            near.state = "talking out"
            near.switch.tell("Established", near, near.device)
            near = near.near

    def completes(self, how, call):  # a transfer or a conference, which its agent has not asked the link for
        after = []
        assert not (self.serve_TransferCall if how == "Transfer" else self.serve_ConferenceCall)(call, {}, after)
        after[0]()

    def leaves(self, call):  # whoever has it at this switch; those of a conference stay
        if not call.joined:
            self.clear(call, "ok")
            return
        self.tell("ConnectionCleared", call, call.device, cause="ok")
        call.device, call.state, call.joined = call.joined, "talking out", None

    def clear(self, call, cause):
        if self.calls.pop(call.id, None) is None:
            return
        gone = cause if call.state in ("talking", "held", "talking out") else "abandoned"
        self.tell("ConnectionCleared", call, call.device, cause=gone)
        self.tell("CallCleared", call, cause=gone)
        near, far, call.near, call.far = call.near, call.far, None, None
        if far:
            far.near = None
            far.switch.clear(far, "remote_release")
        if near:
            near.far = None
            if near.joined:
                near.switch.tell("ConnectionCleared", near, near.joined, cause="remote_release")
                near.joined = None
            else:
                near.switch.clear(near, "remote_release")

    # ---- people ----

    def log_in(self, agent, device):
        self.agents[device] = agent
        self.tell("AgentLoggedOn", None, device, agent=agent)
        self.tell("AgentReady", None, device, agent=agent)

    def ringing_at(self, device):
        return next((one for one in self.calls.values() if one.state == "ringing" and one.device == device), None)
