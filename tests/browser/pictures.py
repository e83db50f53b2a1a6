#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The pictures of docs/dashboard.md, of the made-up engine: pictures.py FOLDER. They are to be
looked at after every change of the page."""

import pathlib
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True
import fixture  # noqa: E402 pylint: disable=wrong-import-position
from browser import Browser  # noqa: E402 pylint: disable=wrong-import-position

HOURS_UP = 8_054  # seconds
PLAYED = 900


def take(browser, file, width, height=None, dark=False, failing=False):
    now = int(time.time() * 1000)
    engine = fixture.Engine(now_ms=now - 1000 * (PLAYED + 2), started_ms=now - 1000 * HOURS_UP)
    server = fixture.Server(engine)
    try:
        browser.size(width, 900)
        browser.media(dark)
        browser.open(server.url)
        browser.until("the stream", server.listening)
        fixture.play(server, PLAYED)
        if failing:
            engine.fail()
            engine.health["partitions"][0]["lag"] = 25_057
        engine.advance(1, consumed=14_000)
        server.send()
        consumed = f"{engine.totals['consumed']:,}"
        browser.until("all events", lambda: browser.text("#flow .from .big") == consumed)
        browser.until("the identity", lambda: f"consumed\u00a0{consumed} =" in
                      (browser.text("#identity-terms") or ""))
        refused = f"{engine.totals['dead_lettered']:,}"
        browser.until("the insights", lambda: browser.text(
            "[data-insight='refused logins'] .amount span") == refused)
        browser.picture(file, width, height)
        if shutil.which("pngquant"):  # a third of the size
            subprocess.run(["pngquant", "--force", "--ext", ".png", "128", str(file)], check=True)
    finally:
        server.stop()
        browser.open("about:blank")


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    browser = Browser()
    try:
        take(browser, folder / "dashboard-light.png", 1280)
        take(browser, folder / "dashboard-dark.png", 1280, 1010, dark=True)
        take(browser, folder / "dashboard-failing.png", 1280, 1010, failing=True)
        take(browser, folder / "dashboard-narrow.png", 360, 1500)
    finally:
        browser.close()


if __name__ == "__main__":
    main()
