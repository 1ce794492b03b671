# desk_roles.py - Each operation of openapi.json is asked by each role, and answered as desk_roles.list says. Of what is done
# for the role and is asked in desk_wire.py anyhow, only the acts of supervisors are asked here.
import http.client, json

from desk_client import API, PORT, TLS, TOP, origin

ROLES = "nobody", "agent", "designer", "leader", "rival"


def table():
    with open(f"{TOP}/tests/flows/desk_roles.list") as rows:
        return {row.split()[0]: dict(zip(ROLES, row.split()[1:], strict=True)) for row in rows if not row.startswith("#")}


class Asker:
    """One connection for all that a role asks."""

    def __init__(self, browser):
        self.browser, self.link = browser, http.client.HTTPSConnection("127.0.0.1", PORT["desk"], timeout=120, context=TLS)

    def ask(self, method, path, body):
        own = {"Origin": origin(), "Host": f"127.0.0.1:{PORT['desk']}", "Content-Type": "application/json"}
        if self.browser:
            own |= {"Cookie": self.browser.cookie, "X-CSRF-Token": self.browser.csrf}
        self.link.request(method, path, None if body is None else json.dumps(body), own)
        answer = self.link.getresponse()
        text = answer.read()
        return answer.status, json.loads(text)["text"] if answer.status in (401, 403) else ""


# `on`: of an operation, the path and body in place of its example. `why`: what a supervisor reads who may not do it. `between`
# is called now and then.
def roles(browsers, on, why, between):
    rows, askers = table(), {role: Asker(browsers[role]) for role in ROLES}
    operations = [(path, method, row) for path, methods in API["paths"].items() for method, row in methods.items()]
    assert rows.keys() == {row["operationId"] for _, _, row in operations}
    for _, method, row in operations:
        name, example = row["operationId"], row["x-example"]
        path, body = on.get(name, (example["path"], example.get("body")))
        between()
        for role, expected in rows[name].items():
            if expected == "ok" and (row.get("x-role") != "supervisor" or role != "leader" and (role != "rival" or method == "get")):
                continue
            status, text = askers[role].ask(method.upper(), path, body)
            fits = status not in (401, 403) if expected == "ok" else status == int(expected)
            assert fits, (name, role, expected, status, text)
            if role == "rival" and expected == "403" and row["x-role"] == "supervisor" and method != "get":
                assert why in text, (name, text)
