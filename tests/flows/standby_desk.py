# standby_desk.py DIR TOP - An agent at the desk of the gcxvm that leads: logged in and ready for chats. When DIR/moved has
# the port of another one's desk, the browser goes there by the cookie that it has, and is as ready as it was.
import os, time

from desk_client import DIR, PORT, Browser, Desk

paul = Browser().log_in("paul", "other")
Desk(paul).ready("chat")
open(f"{DIR}/at_desk", "w").close()
while not os.path.exists(f"{DIR}/moved"):
    time.sleep(0.05)
PORT["desk"] = int(open(f"{DIR}/moved").read())
again = Desk(paul)
states = next((one for one in again.held if one["type"] == "states" and one["agent"] == "paul"), None) or again.expect("states", agent="paul")
assert states["states"].get("chat") == "ready", states
assert paul.get("/api/me")["name"] == "paul"
open(f"{DIR}/stayed", "w").close()
