"""im_kills.py FOLDER TOP GCXCTL - Ann, who asks, and Kim, who answers, for im_kills.sh. Each says something until its client
has the receipt, and the other has it; then it is the other's turn."""
import asyncio, os, sys, time

import im_people
from im_people import LONG, Person, agent_is, is_asked, server, until

FOLDER, EACH, POINT = sys.argv[1], 8, "billing@kw.localhost"
book = open(f"{FOLDER}/said", "a", buffering=1)


class Talker(Person):
    """`heard`: texts by the ids of their messages, in the order in which they came first; `twice`: ids that came again."""
    def __init__(self, name):
        super().__init__(name)
        self.heard, self.twice, self.received = {}, [], set()

    def on_message(self, message):
        super().on_message(message)
        for child in message.xml:
            if child.tag == "{urn:xmpp:receipts}received":
                self.received.add(child.get("id"))
        if message["type"] != "error" and message["body"] and message["id"]:
            if message["id"] in self.heard:
                self.twice.append(message["id"])
            self.heard.setdefault(message["id"], message["body"])

    async def says(self, to, text):
        name, end = "m-" + text.replace(" ", "-"), time.monotonic() + LONG
        while name not in self.received:
            if time.monotonic() > end:
                raise SystemExit(f"FAILED: {self.name} has no receipt for {text!r}; {self.inbox[-5:]}")
            self.send_raw(f"<message to='{to}' type='chat' id='{name}'><body>{text}</body><request xmlns='urn:xmpp:receipts'/></message>")
            for _ in range(50):
                if name not in self.received:
                    await asyncio.sleep(0.01)
        print(text, file=book)

    async def has(self, text):
        await until(f"{self.name} reads {text!r}", lambda: text in self.heard.values(), lambda: list(self.heard.values())[-5:])


async def goes_on(number):
    while number > int(open(f"{FOLDER}/round").read()) * EACH:
        if os.path.exists(f"{FOLDER}/enough"):
            return False
        await asyncio.sleep(0.01)
    return True


async def scene(running):
    running.append(await server())
    ann, kim = Talker("ann"), Talker("kim")
    for one in (ann, kim):
        await one.come()
    await agent_is("kim", "ready")
    asked = asyncio.ensure_future(is_asked([kim]))
    await ann.says(POINT, "ann 1")
    _, window, _ = await asked
    kim.say(window, "1")
    await until("kim has it", lambda: any("ann 1" in text and "You are with" in text for text in kim.heard.values()))
    number = 1
    while await goes_on(number):
        if number > 1:
            await ann.says(POINT, f"ann {number}")
            await kim.has(f"ann {number}")
        await kim.says(window, f"re ann {number}")
        await ann.has(f"re ann {number}")
        number += 1
    for one, start, first in ((ann, "re ann ", 1), (kim, "ann ", 2)):
        texts = [text for text in one.heard.values() if text.startswith(start) and text.split()[-1].isdigit()]
        wanted = [f"{start}{count}" for count in range(first, number)]
        if texts != wanted:
            raise SystemExit(f"FAILED: {one.name} has read {texts}")
    print(f"all is read; with the same id again: {len(ann.twice)} by ann, {len(kim.twice)} by kim")
    for one in (ann, kim):
        await one.disconnect()


im_people.begin(FOLDER, sys.argv[3])
im_people.play(scene)
