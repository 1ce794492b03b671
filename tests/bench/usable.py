"""usable.py DIR ROUNDS: ms from the start of a page's load, with an empty cache, until who looks at it in headless Chromium
can act: at the desk until the name can be written, and, who has logged in, until the states can be chosen; on a page with
the widget until its button is there. Prints the three medians, each followed by that of a page of as many bytes in one script, from Python's
own server, which shows one field. In DIR: desk.port, chat.port; `site` gets the port of our pages."""
import os, statistics, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "flows"))
from browser import Browser, Site, until

folder, rounds = sys.argv[1], int(sys.argv[2])
site = Site({})
with open(folder + "/site.new", "w") as file:
    file.write(str(site.port))
os.rename(folder + "/site.new", folder + "/site")
desk, chat = (until(name, lambda: os.path.exists(f"{folder}/{name}.port") and open(f"{folder}/{name}.port").read().strip())
              for name in ("desk", "chat"))
site.pages["/"] = f'<!doctype html><title>Shop</title><h1>Shop</h1><script src="http://127.0.0.1:{chat}/widget.js" data-queue="service" async></script>'
FIELD = "document.querySelector('#field')"
NAME = "document.querySelector('#login-name')"
STATES = "document.querySelector('#states select')"
WIDGET = "([...document.querySelectorAll('body > div')].find((one) => one.shadowRoot) || {shadowRoot: document}).shadowRoot.querySelector('button')"
WEIGHT = """return performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))
    .reduce((sum, one) => sum + one.decodedBodySize, 0)"""

browser = Browser("bench", folder)
browser.driver.execute_cdp_cmd("Network.enable", {})
browser.driver.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})


# The median of the rounds, and the page's bytes.
def usable(address, what):
    watch = browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": f"""
        const watch = setInterval(() => {{
            const one = document.body && {what};
            if (one && one.checkVisibility({{visibilityProperty: true}})) {{ window.usable = performance.now(); clearInterval(watch); }}
        }}, 1);"""})["identifier"]
    times = []
    for _ in range(rounds):
        browser.open(address)
        times.append(until(address, lambda: browser.js("return window.usable")))
    browser.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", {"identifier": watch})
    return statistics.median(times), browser.js(WEIGHT)


def beside(address, what):
    ours, weight = usable(address, what)
    site.pages["/plain"] = '<!doctype html><title>plain</title><body><script src="/plain.js" defer></script>'
    site.pages["/plain.js"] = f"/*{'x' * max(int(weight), 0)}*/ document.body.innerHTML = '<input id=field>'"
    return f"{ours:.0f} {usable(site.origin + '/plain', FIELD)[0]:.0f}"


try:
    told = [beside(f"http://127.0.0.1:{desk}/", NAME)]
    browser.open(f"http://127.0.0.1:{desk}/")
    browser.write("#login-name", "marie")
    browser.write("#login-password", "secret")
    browser.click("#login button")
    browser.find("#states select")
    told.append(beside(f"http://127.0.0.1:{desk}/", STATES))
    told.append(beside(site.origin + "/", WIDGET))
    print(*told)
finally:
    browser.quit()
