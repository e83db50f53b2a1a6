# SPDX-License-Identifier: Apache-2.0
"""A headless Chromium with what the tests ask of it: Debian's chromium, chromium-driver and
python3-selenium; nothing is downloaded.
"""

import json
import os
import shutil
import sys
import time

DEBIAN_PYTHON = "/usr/bin/python3"
NETWORK = "ERR_NETWORK_CHANGED"
DEADLINE = 60  # seconds; beside other tests everything takes its time


def find():
    """Module, browser and driver, or ends the program: 77 is "skipped", with CI=true a failure."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which(
        "google-chrome")
    driver = shutil.which("chromedriver")
    try:
        from selenium import webdriver  # pylint: disable=import-outside-toplevel
    except ImportError:
        webdriver = None
    if webdriver is None and sys.executable != DEBIAN_PYTHON and os.path.exists(DEBIAN_PYTHON):
        # Another Python came first in the path; the module is in Debian's own.
        os.execv(DEBIAN_PYTHON, [DEBIAN_PYTHON, *sys.argv])
    missing = [name for name, there in [("chromium", browser), ("chromium-driver", driver),
                                        ("python3-selenium", webdriver)] if not there]
    if not missing:
        return webdriver, browser, driver
    print(f"SKIPPED: the dashboard's tests need {', '.join(missing)} (Debian's packages).")
    if os.environ.get("CI") == "true":
        print("With CI=true that is a failure.")
        sys.exit(1)
    sys.exit(77)


class Browser:
    def __init__(self, width=1440, height=900, dark=False, still=False):
        webdriver, browser, driver = find()
        options = webdriver.ChromeOptions()
        options.binary_location = browser
        for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                         "--disable-dev-shm-usage", "--force-device-scale-factor=1", "--lang=en",
                         "--disable-component-update", "--no-first-run", "--disable-extensions",
                         f"--window-size={width},{height}"]:
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        service = __import__("selenium.webdriver.chrome.service",
                             fromlist=["Service"]).Service(driver)
        self.driver = webdriver.Chrome(service=service, options=options)
        self.driver.set_page_load_timeout(DEADLINE)
        self.driver.set_script_timeout(DEADLINE)
        self.entries = []
        self.size(width, height)
        self.media(dark, still)

    def close(self):
        self.driver.quit()

    def size(self, width, height=900):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})

    def media(self, dark=False, still=False):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce" if still else "no-preference"}]})

    def open(self, url):
        """Again where the machine's network changed meanwhile (a container that comes or goes):
        Chromium then gives up whatever it was loading."""
        for _ in range(5):
            self.driver.get(url)
            entries = self.driver.get_log("browser")
            if not any(NETWORK in entry["message"] for entry in entries):
                break
        self.entries += entries

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def text(self, selector):
        """Without white space at its ends; None where there is no such node."""
        return self.run("const n = document.querySelector(arguments[0]);"
                        "return n && n.textContent.trim();", selector)

    def texts(self, selector):
        return self.run("return [...document.querySelectorAll(arguments[0])]"
                        ".map(n => n.textContent.trim());", selector)

    def shown(self, selector):
        return self.run("const n = document.querySelector(arguments[0]);"
                        "return !!n && n.checkVisibility() && n.getClientRects().length > 0;",
                        selector)

    def rows(self, selector):
        """The cells of the body of a table."""
        return self.run("return [...document.querySelectorAll(arguments[0] + ' tbody tr')]"
                        ".map(r => [...r.cells].map("
                        "c => c.textContent.trim().replaceAll('\\u00a0', ' ')"
                        ".replaceAll('\\u2011', '-')));", selector)

    def press(self, key):
        from selenium import webdriver
        from selenium.webdriver.common.keys import Keys
        webdriver.ActionChains(self.driver).send_keys(getattr(Keys, key, key)).perform()

    def until(self, what, condition):
        """Waits for a condition on the page; a failure says what was waited for."""
        deadline = time.monotonic() + DEADLINE
        while True:
            found = condition()
            if found:
                return found
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {DEADLINE} s for: {what}")
            time.sleep(0.02)

    def console(self):
        """Errors and warnings since it was asked last."""
        entries = self.entries + self.driver.get_log("browser")
        self.entries = []
        return [entry for entry in entries
                if entry["level"] in ("SEVERE", "WARNING") and NETWORK not in entry["message"]]

    def requests(self):
        """Addresses that were asked for since it was asked last, in whatever way."""
        found = []
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                found.append(message["params"]["request"]["url"])
            if message["method"] == "Network.webSocketCreated":
                found.append(message["params"]["url"])
        return found

    def picture(self, path, width, height=None):
        """The whole page, or as much of it as `height` says, as PNG."""
        import base64
        full = self.run("return document.documentElement.scrollHeight")
        self.size(width, height or full)
        self.until("the charts have the new size", lambda: self.run(
            "return new Promise(done => requestAnimationFrame(() => requestAnimationFrame("
            "() => done(true))))"))
        data = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))
