# sms_application.py FOLDER send|states PREFIX COUNT - An application that sends that many short messages, PREFIX-1 and so on, each to
# a number of its own, and is told 202; or that asks what became of them: a line "ID STATE" each.
import http.client, json, sys

folder, what, prefix, count = sys.argv[1:]
with open(folder + "/http.port") as file:
    link = http.client.HTTPConnection("127.0.0.1", int(file.read()), timeout=60)
for n in range(1, int(count) + 1):
    id = f"{prefix}-{n}"
    body = json.dumps({"id": id, "to": f"+4917055{n:05}", "text": f"message {id}."}) if what == "send" else None
    link.request("POST" if body else "GET", "/messages" if body else "/messages/" + id, body, {"Authorization": "Bearer ours"})
    answer = link.getresponse()
    said = json.loads(answer.read())
    assert answer.status == (202 if body else 200), (id, answer.status, said)
    print(id, said["state"])
