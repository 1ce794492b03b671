"""walked.py - What the walks of agents at the desk share: the script in which they stand (walked_common.sh) kills, restores and posts when
it is told to, and an agent whose page comes back, and asks again for what it was told nothing of. argv: DIR TOP."""
import subprocess, sys, time, urllib.parse

from desk_client import *

GCXCTL = os.environ["top_builddir"] + "/gcxctl"
LOST = (OSError, EOFError, http.client.HTTPException, Refused, ValueError)
AGAIN = ("away", "busy", "overload", "lost", "outcome_unknown", "not_logged_in", "not_waiting", "store")
PATIENCE_S, BEGUN = 120, time.monotonic()


def site(*what):
    """The script does it, and it is done."""
    site_begins(*what)
    site_ends()


def site_begins(*what):
    print("do", *what, flush=True)


def site_ends():
    assert sys.stdin.readline() == "done\n"


def tell(*what):
    print(f"{time.monotonic() - BEGUN:.1f} s:", *what, file=sys.stderr, flush=True)


def until(what, check):
    end = time.monotonic() + PATIENCE_S
    while not (found := check()):
        assert time.monotonic() < end, f"never: {what() if callable(what) else what}"
        time.sleep(0.05)
    return found


def live():
    """The interactions that the core has, by `gcxctl interactions`; none where it is away."""
    run = subprocess.run([GCXCTL, "--socket", f"{DIR}/state/admin.sock", "interactions", "--live", "--json"], capture_output=True, text=True)
    rows = json.loads(run.stdout) if run.returncode == 0 else []
    return rows if isinstance(rows, list) else rows["interactions"]


class Agent:
    def __init__(self, name, media="email"):
        self.name, self.media, self.browser, self.desk = name, media, None, None

    def again(self, do):
        """Until an answer comes, whatever goes away meanwhile."""
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                if not self.desk:
                    for name in "desk", "chat":
                        if os.path.exists(f"{DIR}/{name}.port"):
                            PORT[name] = int(open(f"{DIR}/{name}.port").read())
                    self.browser = Browser().log_in(self.name, "secret")
                    self.desk = Desk(self.browser)
                    for one in self.media.split():
                        self.desk.ask("state", media=one, state="not_ready")
                return do()
            except LOST + (AssertionError,) as why:
                self.desk = None
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def tried(self, type, **more):
        """The reply, whatever it is."""
        def ask():
            self.desk.number += 1
            number = self.desk.number
            self.desk.send({"type": type, "id": number, **more})
            reply = self.desk.expect("reply", id=number)
            if reply.get("code") in AGAIN:
                raise OSError(str(reply))
            return reply
        return self.again(ask)

    def says(self, type, **more):
        reply = self.tried(type, **more)
        assert "code" not in reply, (self.name, type, more, reply)
        return reply

    def get(self, path, code=200):
        return self.again(lambda: self.browser.get(path, code))

    def held(self):
        """What the page has after a reload: the open ones by their numbers."""
        self.desk = None
        return self.again(lambda: {one["ixn"]: one for one in self.desk.held if one["type"] == "opened"})

    def lying(self):
        """Where what this agent may take lies: the number of each, and the place from which it is pulled."""
        lie = {one["id"]: {"queue": "desk"} for one in self.get("/api/queues/desk?limit=50").get("items", [])}
        return lie | {one["id"]: {"workbin": "later"} for one in self.get("/api/workbins/later?limit=50").get("items", [])}

    def take(self, fits, what):
        """The open work that fits, wherever it lies."""
        def found():
            for one in self.held().values():
                if fits(one):
                    return one
            for ixn, place in self.lying().items():
                self.tried("pull", **place, ids=[ixn])
            return None
        return until(lambda: f"{self.name} has {what}; held are {list(self.held().values())}", found)

    def stored(self, item):
        return self.get(f"/api/stored?media={item['media']}&external_id={urllib.parse.quote(item['external_id'])}")["interaction"]
