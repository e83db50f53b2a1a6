#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The dashboard of the real program, over a real Apache Kafka: what it shows of a pipeline that has
caught up is what /report says. program_test.py PATH_OF_MILLRACE [unittest arguments]

The broker is the one that MILLRACE_TEST_BOOTSTRAP names."""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True
from browser import Browser, find  # noqa: E402 pylint: disable=wrong-import-position
from fixture import CHART_JS, PAGE  # noqa: E402 pylint: disable=wrong-import-position

ROOT = pathlib.Path(__file__).resolve().parents[2]
BOOTSTRAP = os.environ.get("MILLRACE_TEST_BOOTSTRAP", "")
RECORDS = 3000
PATIENCE = 90
OUTCOMES = ("emitted", "filtered", "dead_lettered")


class Program:
    """A pipeline of its own that serves on a free port."""

    def __init__(self, millrace, folder, token=""):
        self.millrace = millrace
        self.folder = folder
        self.name = f"page-{uuid.uuid4().hex[:8]}"
        self.environment = {**os.environ, "BOOTSTRAP_SERVERS": BOOTSTRAP}
        text = (ROOT / "config" / "user-login.yaml").read_text()
        for old, new in [("  topic: user-login\n", f"  topic: {self.name}\n"),
                         ("  group: user-login ", f"  group: {self.name} "),
                         ("processed-user-login\n", f"{self.name}-out\n"),
                         ("  topic: user-login.dead-letters\n", f"  topic: {self.name}-dead\n")]:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        if token:
            text += f"serve: {{listen: '127.0.0.1:0', token: {token}}}\n"
        self.file = folder / f"{self.name}.yaml"
        self.file.write_text(text)
        self.serves = ["--serve", "127.0.0.1:0"] if not token else []
        self.generate(RECORDS)
        self.starts = 0
        self.start()

    def generate(self, records):
        subprocess.run([self.millrace, "generate", "--topic", self.name, "--records", str(records),
                        "--defects", "6%", "--seed", str(records), "--users", "100"],
                       env=self.environment, check=True, capture_output=True, timeout=PATIENCE)

    def start(self):
        self.starts += 1
        self.log = self.folder / f"{self.name}-{self.starts}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([self.millrace, "run", self.file, *self.serves],
                                            env=self.environment, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log)
        found = self.until("its address", lambda: re.search(r"Answers at (http://\S+?)/?\s",
                                                            self.log.read_text()))
        self.url = found.group(1) + "/"
        # The next start is at the same address, as a page is open there.
        if self.serves:
            self.serves = ["--serve", self.url.split("/")[2]]

    def until(self, what, condition):
        deadline = time.monotonic() + PATIENCE
        while True:
            found = condition()
            if found:
                return found
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"{what}: exit code {self.process.poll()}\n"
                                     f"{self.log.read_text()[-3000:]}")
            time.sleep(0.05)

    def ask(self, path):
        with urllib.request.urlopen(self.url + path, timeout=PATIENCE) as answer:
            return answer.read(), answer.headers

    def json(self, path):
        try:
            return json.loads(self.ask(path)[0])
        except OSError:  # not ready yet
            return None

    def caught_up(self, consumed):
        """Until that many records settled and were committed, and nothing is under way."""
        def done():
            vitals = self.json("vitals.json")
            return vitals and vitals["totals"]["consumed"] == consumed and vitals["lag"] == 0 and \
                vitals["totals"]["uncommitted"] == 0 and vitals
        return self.until("it catches up", done)

    def report(self, consumed):
        """The report once it is about so many records: it may be some seconds old."""
        def whole():
            report = self.json("report?format=json")
            return report if report["totals"]["consumed"] == consumed else None
        return self.until("the report of them", whole)

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE)
        assert code == 0, f"exit code {code}: {self.log.read_text()[-3000:]}"

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Dashboard(unittest.TestCase):
    millrace = ""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="millrace-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def begin(self, **options):
        self.program = Program(self.millrace, self.folder, **options)
        self.addCleanup(self.program.kill)
        self.browser = Browser()
        self.addCleanup(self.browser.close)

    def look(self, fragment=""):
        self.browser.open(self.program.url + fragment)
        self.browser.until("the board", lambda: self.browser.shown("#board"))
        self.browser.until("the insights", lambda: self.browser.shown("#insights .insight"))
        self.browser.until("the identity", lambda: self.browser.text("#identity"))

    def test_shows_what_the_report_says(self):
        self.begin()
        self.program.caught_up(RECORDS)
        self.look()

        self.compare(self.program.report(RECORDS))

        # As much again, with the page open.
        self.program.generate(RECORDS + 1)
        self.program.caught_up(2 * RECORDS + 1)
        self.browser.until("the new records", lambda: self.browser.text("#flow .from .big") ==
                           f"{2 * RECORDS + 1:,}")
        report = self.program.report(2 * RECORDS + 1)
        self.browser.until("the new identity", lambda: f"{2 * RECORDS + 1:,}" in
                           self.browser.text("#identity-terms"))
        self.browser.until("the new insights", lambda: self.counts("count_by_device_type") ==
                           self.expected(report["insights"]["count_by_device_type"]["counts"]))
        self.compare(report)
        self.assertEqual([entry["message"] for entry in self.browser.console()], [])
        self.assertEqual([url for url in self.browser.requests()
                          if not url.startswith((self.program.url, "data:", "about:"))], [])

        self.program.end()
        self.browser.until("the end is told", lambda: self.browser.text("#notices"))
        self.program.start()
        self.browser.until("it goes on by itself",
                           lambda: "live" in self.browser.text("#connection"))
        self.program.end()

    def counts(self, name):
        return {row[0]: row[2] for row in self.browser.rows(f"[data-insight='{name}']")}

    def expected(self, counts):
        largest = sorted(counts.items(), key=lambda e: (-e[1], e[0]))[:10]
        return {key: f"{n:,}" for key, n in largest}

    def compare(self, report):
        totals = report["totals"]
        self.assertTrue(report["identity"]["holds"])
        self.assertEqual(self.browser.text("#identity"), "holds")
        self.assertEqual(self.browser.text("#flow .from .big"), f"{totals['consumed']:,}")
        for outcome in OUTCOMES:
            self.assertEqual(self.browser.text(f"#flow [data-outcome={outcome}] .big"),
                             f"{totals[outcome]:,}")
        self.assertEqual({row[0]: row[2] for row in self.browser.rows("#dead")},
                         {rule: f"{n:,}" for rule, n in report["dead_letters"].items()})
        rows = {row[0]: row for row in self.browser.rows("#partitions")}
        for p in report["partitions"]:
            row = rows[f"{p['topic']}/{p['partition']}"]
            self.assertEqual(row[1:4], ["this process", "healthy", str(p["next_offset"])])
            self.assertEqual(row[5:], ["0", *(f"{p[name]:,}" for name in ("consumed", *OUTCOMES))])
        for row in self.browser.rows("#identity-terms"):
            self.assertEqual(row[2], "✓ holds", row)
        insights = report["insights"]
        self.assertEqual(self.counts("count_by_device_type"),
                         self.expected(insights["count_by_device_type"]["counts"]))
        self.assertEqual(self.browser.text("[data-insight='distinct_user_id'] .amount span"),
                         f"{insights['distinct_user_id']['value']:,}")
        hours = insights["hours_of_day_timestamp"]["counts"]
        self.assertEqual([row[1] for row in
                          self.browser.rows("[data-insight='hours_of_day_timestamp']")],
                         [f"{hours[str(h)]:,}" for h in range(24)])
        self.assertEqual([[row[0], row[2]] for row in
                          self.browser.rows("[data-insight='top_user_id']")],
                         [[item["key"], f"{item['count']:,}"]
                          for item in insights["top_user_id"]["items"]])

    def test_serves_the_files_as_they_are(self):
        self.begin()
        files = {"": PAGE / "index.html", "chart.js": CHART_JS}
        files |= {path.name: path for path in PAGE.iterdir()
                  if path.suffix in (".js", ".css", ".svg")}
        for path, file in files.items():
            with self.subTest(path=path):
                body, headers = self.program.ask(path)
                self.assertEqual(body, file.read_bytes())
                self.assertIn("default-src", headers["Content-Security-Policy"])
                self.assertNotIn("unsafe", headers["Content-Security-Policy"])

    def test_asks_for_the_token(self):
        self.begin(token="page-test-token")  # not a secret
        self.browser.open(self.program.url)
        self.browser.until("the question", lambda: self.browser.shown("#token"))

        self.browser.open("about:blank")
        self.look("#token=page-test-token")

        self.assertEqual(self.browser.run("return location.hash"), "")


def main():
    find()
    if not BOOTSTRAP:
        print("SKIPPED: MILLRACE_TEST_BOOTSTRAP names no broker.")
        sys.exit(77)
    Dashboard.millrace = sys.argv.pop(1)
    unittest.main(verbosity=2)


if __name__ == "__main__":
    main()
