# desk_strategies.py - The console's strategies by requests, for desk_wire.py: two designers write, ask each other, publish.
import json
import os
import subprocess
import time

from desk_client import DIR, PORT, Refused, Socket, origin

SITE = "site {\n    skill Billing;\n    vq invoices;\n}\n"
BILLS = "/// A call about an invoice.\nstrategy bills on voice {\n    let who = select in vq invoices { skill Billing >= 5; } timeout 2m else stop \"nobody\";\n    route who else stop \"gone\";\n}\n"

TESTED = """
test "billed" {
    agent bea (Billing: 9) ready;
    call bills from "+33145550102" to "1800";
    expect routed to agent bea within 9s;
}
"""


def saved(who, path, text, seen="", code=200, **more):
    return who.ask("PUT", "/api/strategies/file", {"path": path, "text": text, "seen": seen, **more}, code)


def strategies(anne, paul, marie):
    assert anne.me["designer"] and paul.me["designer"] and not marie.me["designer"]
    marie.get("/api/strategies", 403)
    empty = anne.get("/api/strategies")
    assert empty == {"head": "", "files": [], "reviews": [], "four_eyes": True}, empty

    # She writes two files. What is no path of the repository is refused, and what another window has changed is kept.
    saved(anne, "site.gcx", SITE, message="The site")
    one = saved(anne, "lines/bills.gcx", BILLS)
    for path in ("../users", "/etc/passwd", "a/../../b", ".git/hooks/update", "lines", "a//b", "x" * 255 + ".gcx"):
        saved(anne, path, "x", code=400)
    saved(anne, "lines/bills.gcx", "mine", code=409)
    anne.ask("PUT", "/api/strategies/file", {"path": "site.gcx", "seen": ""}, 400)
    anne.get("/api/strategies/file?path=..%2Fusers", 400)
    anne.get("/api/strategies/file?path=nothing.gcx", 404)
    anne.get("/api/strategies/file?path=site.gcx&version=HEAD%5E", 404)
    assert anne.get("/api/strategies/file?path=lines%2Fbills.gcx") == {"path": "lines/bills.gcx", "id": one["id"], "text": BILLS}
    assert [row["path"] for row in anne.get("/api/strategies")["files"]] == ["lines/bills.gcx", "site.gcx"]
    assert paul.get("/api/strategies")["files"] == []

    # gcxc tells what is wrong with what is not saved yet, by file, line and column.
    found = anne.ask("POST", "/api/strategies/check", {})
    assert found["errors"] == 0, found
    found = anne.ask("POST", "/api/strategies/check", {"path": "lines/bills.gcx", "text": BILLS.replace("vq invoices", "vq invoice")})
    assert [(row["code"], row["file"], row["line"]) for row in found["diagnostics"]] == [("E0412", "lines/bills.gcx", 3)], found
    anne.ask("POST", "/api/strategies/check", {"path": "../site.gcx", "text": ""}, 400)

    # A text that names a file outside of the draft is refused, and nothing of that file is told: its first line says "root".
    for path in ("/etc/passwd", "../../../../../../etc/passwd"):
        for line in (f'source crm schema "{path}";', f'table rows from "{path}" {{ key k: str }}'):
            led = SITE.replace("}", line + "}")
            found = anne.ask("POST", "/api/strategies/check", {"path": "site.gcx", "text": led})
            row, = [row for row in found["diagnostics"] if row["severity"] == "error"]
            assert (row["file"], row["line"]) == ("site.gcx", 4) and "leads out of the site's folder" in row["message"], found
            assert "root" not in str(found), found
            anne.ask("POST", "/api/strategies/diagram", {"path": "site.gcx", "text": led, "play": True}, 409)

    # The diagram of what is not saved yet: a picture, and the lines of its boxes; without errors alone.
    drawn = anne.ask("POST", "/api/strategies/diagram", {"path": "lines/bills.gcx", "text": BILLS + TESTED, "play": True})
    box, = [one for one in drawn["boxes"] if one["text"].startswith("let who")]
    assert (box["file"], box["first"], box["last"], box["runs"] > 0) == ("lines/bills.gcx", 3, 3, True), drawn["boxes"]
    assert [(row["exit"], row["taken"] > 0) for row in drawn["ways"]["exits"] if (row["line"], row["step"]) == (4, "route")][:1] == [("", True)], drawn["ways"]
    assert "1 passed" in drawn["tests"] and drawn["frames"][0]["title"] == "strategy bills", drawn["tests"]
    assert (drawn["frames"][0]["svg"] or '<svg id="%s"' % box["id"]).count('id="%s"' % box["id"]) == 1, drawn["frames"]
    anne.ask("POST", "/api/strategies/diagram", {"path": "lines/bills.gcx", "text": "strategy"}, 409)
    anne.ask("POST", "/api/strategies/diagram", {"path": "../site.gcx", "text": ""}, 400)

    # A change that is made in the diagram is one of the text, which gcxc writes; an error, a place without a statement, is refused.
    place = {"path": "lines/bills.gcx", "text": BILLS, "line": box["first"], "column": box["column"]}
    had = anne.ask("POST", "/api/strategies/edit", place)
    assert [(row["name"], row["value"]) for row in had["values"]] == [("in", "vq invoices"), ("line", "skill Billing >= 5"), ("timeout", "2m"), ("else", 'stop "nobody"')], had
    assert had["line"] == 3 and "goal" in had["more"] and "answer" not in had["more"], had
    written = anne.ask("POST", "/api/strategies/edit", {**place, "set": ["timeout=3m", "goal=30s"], "insert": 'log.note("found")'})["text"]
    assert "goal 30s timeout 3m else" in written and 'log.note("found");' in written, written
    refused = anne.ask("POST", "/api/strategies/edit", {**place, "set": ["in=vq nowhere"]}, 409)["text"]
    assert "unknown vq 'nowhere'" in refused, refused
    anne.ask("POST", "/api/strategies/edit", {**place, "line": 1, "column": 1}, 409)
    anne.ask("POST", "/api/strategies/edit", {**place, "path": "../users"}, 400)

    # She plays a call by hand with what she writes: what asks, which boxes it has passed; an act that cannot be, and a command that
    # is none of the world's, are refused.
    asked = BILLS.replace("    let who", '    let code = ivr.digits(prompt hold, min: 4, max: 4) else stop "nobody";\n    let who')
    play = lambda *acts, code=200, text=asked: anne.ask("POST", "/api/strategies/play", {"path": "lines/bills.gcx", "text": text, "acts": acts}, code)
    site = anne.ask("POST", "/api/strategies/check", {"path": "site.gcx", "text": SITE.replace("}", "prompt hold; }")})
    assert site["errors"] == 0, site
    saved(anne, "site.gcx", SITE.replace("}", "    prompt hold;\n}"), anne.get("/api/strategies/file?path=site.gcx")["id"])
    begun = play("agent bea (Billing: 9) ready", "arrive +33145550102 bills")
    assert begun["asks"].startswith("ivr.digits(") and [(one["file"], one["first"]) for one in begun["way"]] == [("lines/bills.gcx", 3)], begun
    on = play("agent bea (Billing: 9) ready", "arrive +33145550102 bills", "key 4711", "continue")
    assert "asks" not in on and [one["first"] for one in on["way"]] == [3, 4, 5] and any("RequestRouteCall" in line for line in on["timeline"]), on
    late = play("arrive +33145550102 bills", "fails timeout", "continue")
    assert late["over"] and not begun["over"], late
    assert [one["exit"] for one in late["way"]][:1] == ["timeout"] and not [one for one in late["way"] if one["first"] == 4], late
    assert "nothing asks" in play("arrive +33145550102 bills", "key 4711", "key 4711", code=409)["text"]
    for act in ("source /etc/passwd", "graph /tmp/way.svg", "save x", "a 5s", "key 1\nsave x"):
        play("arrive +33145550102 bills", act, code=400)
    play("arrive +33145550102 bills", code=409, text="strategy")
    # Of a call that goes round and round she sees the end of its way.
    round_ = "strategy bills on voice {\n    let n = 0;\n    while n < 1500 { n = n + 1; delay 1s; }\n    stop \"end\";\n}\n"
    long = play("arrive +33145550102 bills", "continue", text=round_)
    assert len(long["way"]) == 2000 and long["left_out"] > 500 and "end" in long["way"][-1]["text"], (len(long["way"]), long["left_out"])
    assert begun["left_out"] == 0, begun
    # Days of calls, beside another version that meets the same callers.
    day = {"path": "lines/bills.gcx", "text": BILLS, "hourly": 60, "hours": 1, "replications": 2, "within_s": 20, "handling": "1m", "patience": "exponential(2m)", "agents": ["2 (Billing: 9)"]}
    simulated = anne.ask("POST", "/api/strategies/simulate", {**day, "against": "draft"})
    every, = [row for row in simulated["results"] if row["what"] == "all"]
    assert every["measures"]["sl"]["difference"]["mean"] == 0 and 0 < every["measures"]["sl"]["value"]["mean"] <= 1, every["measures"]["sl"]
    assert {len(row) for row in every["course"].values()} == {96} == {len(row) for row in every["old_course"].values()}
    anne.ask("POST", "/api/strategies/simulate", {**day, "agents": ["many"]}, 409)
    anne.ask("POST", "/api/strategies/simulate", {**day, "hourly": 0}, 400)
    for value in "handling", "patience": # no file of gcxvm's user is read for her
        refused = anne.ask("POST", "/api/strategies/simulate", {**day, value: "file(/etc/passwd)"}, 409)
        assert "cannot be read" in refused["text"] and "root" not in refused["text"], refused

    # Her editor speaks with a language server of its own, which is not led to other files.
    editor = lambda who: Socket(PORT["desk"], "/console/language", {"Cookie": who.cookie, "Origin": origin()})
    try:
        editor(marie)
        raise AssertionError("marie has an editor")
    except Refused as refused:
        assert "403" in str(refused), refused
    talk = editor(anne)
    root = talk.hear()["root"]
    talk.send({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"rootUri": root, "capabilities": {}}})
    assert talk.hear()["result"]["capabilities"]["hoverProvider"]
    talk.send({"jsonrpc": "2.0", "method": "initialized", "params": {}})
    talk.send({"jsonrpc": "2.0", "id": 2, "method": "workspace/symbol", "params": {"query": "bills"}})
    while (said := talk.hear()).get("id") != 2:
        pass
    assert [row["location"]["uri"] for row in said["result"]] == [f"{root}/lines/bills.gcx"], said
    talk.send({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": {"uri": "file:///etc/passwd", "languageId": "gcx", "version": 1, "text": ""}}})
    while (said := talk.hear()).get("type") != "end":
        pass
    assert said["code"] == 1013, said

    # Four eyes: he publishes it, and she cannot.
    anne.ask("POST", "/api/strategies/review", {"on": True, "title": "Bills have\na line"})
    review, = paul.get("/api/strategies")["reviews"]
    assert review["message"] == "Bills have a line" and review["by"] == "anne" and not review["mine"] and anne.get("/api/strategies")["reviews"][0]["mine"]
    decision = {"by": "anne", "commit": review["commit"], "approve": True}
    anne.ask("PUT", "/api/strategies/review", decision, 403)
    paul.ask("PUT", "/api/strategies/review", {**decision, "commit": "0" * 40}, 409)
    head = paul.ask("PUT", "/api/strategies/review", decision)["commit"]
    now = anne.get("/api/strategies")
    assert (now["head"], now.get("draft"), now["reviews"]) == (head, None, []), now
    paul.ask("PUT", "/api/strategies/review", decision, 404)
    rows = anne.get("/api/strategies/history?version=head")["commits"]
    assert [row["message"].strip() for row in rows][:2] == ["Bills have a line", "Changes site.gcx"] and rows[0]["by"] == rows[1]["by"] != rows[0]["approved_by"] and "approved_by" not in rows[1], rows

    # Its image is built once, and only of what is published; yesterday is played by it; what runs is told. gcxvm refuses a rollout
    # where nothing of that name runs, and says so.
    images = f"{DIR}/strategies/images"
    os.makedirs(images, exist_ok=True)
    for day in range(25):
        open(f"{images}/{day}.gcxb", "w").close()
        os.utime(f"{images}/{day}.gcxb", (day, day))
    assert paul.ask("POST", "/api/strategies/build", {"commit": "head"}) == {"commit": head}
    assert sorted(name.split("-")[0] for name in os.listdir(images)) == sorted([head, *(f"{day}.gcxb" for day in range(6, 25))])  # the newest twenty
    assert paul.ask("POST", "/api/strategies/build", {"commit": head}) == {"commit": head}
    paul.ask("POST", "/api/strategies/build", {"commit": "0" * 40}, 404)
    paul.ask("POST", "/api/strategies/what-if", {"commit": "0" * 40}, 404)
    paul.ask("POST", "/api/strategies/what-if", {"commit": "../../users"}, 404)
    # What comes now would be decided by it, too, but no strategy of that name runs there, as gcxctl says. Ten minutes are the most.
    shadow = {"commit": head, "point": "service", "seconds": 1}
    told = paul.ask("POST", "/api/strategies/shadow", shadow)["text"]
    assert "no strategy of that name" in told, told
    paul.ask("POST", "/api/strategies/shadow", {**shadow, "commit": "0" * 40}, 404)
    paul.ask("POST", "/api/strategies/shadow", {**shadow, "seconds": 3600}, 400)
    assert {"chats", "service"} & {row["dn"] for row in paul.get("/api/strategies/running/points")["routing_points"]}
    assert paul.get("/api/strategies/running/rollouts")["rollouts"] == []
    order = {"act": "begin", "point": "service", "commit": head, "steps": "5,100", "guard": ["abandoned:+1pt"], "why": "less waiting"}
    refused = paul.ask("POST", "/api/strategies/rollout", order, 409)["text"]
    assert "media" in refused, refused
    paul.ask("POST", "/api/strategies/rollout", {**order, "commit": "../../users"}, 400)
    paul.ask("POST", "/api/strategies/rollout", {"act": "back", "point": "service", "why": "none is open"}, 409)

    # He changes what she has published: as text, and for callers. With an error it is not published.
    his = paul.get("/api/strategies/file?path=lines%2Fbills.gcx")["id"]
    his = saved(paul, "lines/bills.gcx", BILLS.replace(">= 5", ">= 3"), his, message="Less is enough")["id"]
    differs = paul.get("/api/strategies/difference")
    assert [row["path"] for row in differs["files"]] == ["lines/bills.gcx"] and ">= 3" in differs["files"][0]["patch"]
    assert [(row["before"], row["after"]) for row in differs["callers"]["changes"]] == [("skill Billing >= 5;", "skill Billing >= 3;")], differs
    assert differs["from"] == head and differs["to"] == paul.get("/api/strategies")["draft"]["commit"], differs
    assert "<svg" in differs["callers"].get("picture", "<svg"), differs["callers"]  # none where Graphviz is not installed
    whole = paul.get(f"/api/strategies/difference?from=&to={head}")
    assert len(whole["files"]) == 2 and whole["callers"]["changes"] == [] and whole["callers"]["why"], whole
    assert [row["message"] for row in paul.get("/api/strategies/history?path=lines%2Fbills.gcx")["commits"]] == ["Less is enough", "Changes lines/bills.gcx"]
    paul.ask("PUT", "/api/strategies/file", {"path": "site.gcx", "remove": True, "seen": paul.get("/api/strategies/file?path=site.gcx")["id"]})
    paul.ask("POST", "/api/strategies/review", {"on": True})
    review, = anne.get("/api/strategies")["reviews"]
    text = anne.ask("PUT", "/api/strategies/review", {"by": "paul", "commit": review["commit"], "approve": True}, 409)["text"]
    assert "errors" in text, text
    anne.ask("PUT", "/api/strategies/review", {"by": "paul", "commit": review["commit"], "approve": False})
    assert anne.get("/api/strategies")["head"] == head
    paul.ask("POST", "/api/strategies/draft", {"act": "discard"})
    assert "draft" not in paul.get("/api/strategies")

    # What contradicts itself and is no strategy is asked about, and nothing is changed before. A choice is one of what was seen.
    def published(**texts):
        for name, text in texts.items():
            saved(anne, f"{name}.csv", text, ids.get(name, ""))
        anne.ask("POST", "/api/strategies/review", {"on": True})
        review, = paul.get("/api/strategies")["reviews"]
        paul.ask("PUT", "/api/strategies/review", {"by": "anne", "commit": review["commit"], "approve": True})
        ids.update({name: anne.get(f"/api/strategies/file?path={name}.csv")["id"] for name in texts})

    ids = {}
    published(numbers="one\n2\n", gone="one\n")
    saved(paul, "numbers.csv", "1\n2\n", ids["numbers"])
    paul.ask("PUT", "/api/strategies/file", {"path": "gone.csv", "remove": True, "seen": ids["gone"]})
    published(numbers="eins\n2\n", gone="eins\n")
    paul.ask("POST", "/api/strategies/review", {"on": True})
    review, = anne.get("/api/strategies")["reviews"]
    text = anne.ask("PUT", "/api/strategies/review", {"by": "paul", "commit": review["commit"], "approve": True}, 409)["text"]
    assert "gone.csv contradicts" in text, text
    update = lambda code=200, **more: paul.ask("POST", "/api/strategies/draft", {"act": "update", **more}, code)
    asked, before = update(), paul.get("/api/strategies")
    assert asked["choose"] == [{"path": "gone.csv", "what": "removed_by_me"}, {"path": "numbers.csv", "what": "lines"}], asked
    assert (asked["draft"], asked["published"]) == (before["draft"]["commit"], before["head"]), asked
    sides, commits = {"numbers.csv": "mine", "gone.csv": "published"}, {name: asked[name] for name in ("draft", "published")}
    for more in ({"choices": {"numbers.csv": "both"}}, {"choices": {"numbers.csv": ["mine"]}}, {"choices": ["mine"]}, {"draft": "0" * 41}):
        update(400, **{**commits, **more})
    for more in ({"choices": sides}, {"choices": sides, "draft": "0" * 40, "published": asked["published"]}, {"choices": sides, "draft": asked["draft"], "published": asked["draft"]}):
        assert update(**more) == asked, more
    part = update(**commits, choices={"numbers.csv": "mine", "../users": "mine", "/etc/passwd": "published", "": "mine", "x" * 100000: "mine"})
    assert part["choose"] == asked["choose"][:1] and paul.get("/api/strategies")["draft"] == before["draft"], part
    assert update(**commits, choices=sides) == {"both": []} and paul.get("/api/strategies")["draft"]["behind"] == 0
    assert [paul.get(f"/api/strategies/file?path={name}.csv")["text"] for name in ("numbers", "gone")] == ["1\n2\n", "eins\n"]
    paul.ask("POST", "/api/strategies/draft", {"act": "discard"})

    # A rollout that is done goes back, too: the image of before is activated, once.
    site = anne.get("/api/strategies/file?path=site.gcx")
    saved(anne, "site.gcx", site["text"].replace("}", "    queue desk;\n}"), site["id"])
    saved(anne, "asked.gcx", 'strategy asked on im {\n    log.note("rolled out");\n    route queue desk;\n}\n', message="Notes it")
    anne.ask("POST", "/api/strategies/review", {"on": True})
    review, = paul.get("/api/strategies")["reviews"]
    head = paul.ask("PUT", "/api/strategies/review", {"by": "anne", "commit": review["commit"], "approve": True})["commit"]
    paul.ask("POST", "/api/strategies/build", {"commit": head})
    runs = lambda: {row["dn"]: row["image"] for row in paul.get("/api/strategies/running/points")["routing_points"]}["knowers"]
    before = runs()
    paul.ask("POST", "/api/strategies/rollout", {"act": "begin", "point": "knowers", "commit": head, "steps": "100", "hold": "1s", "guard": ["abandoned:+1pt"], "why": "all at once"})
    while (row := paul.get("/api/strategies/running/rollouts")["rollouts"][-1])["open"]:
        time.sleep(0.05)
    assert row["state"] == "done" and row["in_force"] and row["image"] == runs() != before == row["control_image"], row
    # Who saw another rollout says nothing about this one, whether it is over or open.
    back = {"act": "back", "point": "knowers", "rollout": row["id"], "why": "it was worse"}
    assert "Another rollout" in paul.ask("POST", "/api/strategies/rollout", {**back, "rollout": row["id"] + 1}, 409)["text"]
    assert "not open any more" in paul.ask("POST", "/api/strategies/rollout", {**back, "act": "on"}, 409)["text"]
    marie.ask("POST", "/api/strategies/rollout", back, 403)
    paul.ask("POST", "/api/strategies/rollout", back)
    assert runs() == before and not paul.get("/api/strategies/running/rollouts")["rollouts"][-1]["in_force"]
    acts = json.loads(subprocess.run([f"{os.environ['top_builddir']}/gcxctl", "--socket", f"{DIR}/state/admin.sock", "--json", "audit", "knowers"], check=True, capture_output=True).stdout)["audit"]
    assert (acts[-1]["by"].split(" by ")[0], acts[-1]["old"], acts[-1]["new"], acts[-1]["why"]) == ("paul", f"version {row['image'][:12]}", f"activate, version {before[:12]}", "it was worse"), acts
    assert "does not run" in paul.ask("POST", "/api/strategies/rollout", back, 409)["text"]
