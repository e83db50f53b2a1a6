# SPDX-License-Identifier: Apache-2.0
"""Over HTTP without a broker: what is wrong with `serve`, and the demo.
serve_test.py PATH_OF_MILLRACE [unittest arguments]"""

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
import urllib.error
import urllib.request

LOGIN = pathlib.Path(__file__).resolve().parents[2] / "config" / "user-login.yaml"
MILLRACE = ""
PATIENCE = 60


def millrace(*arguments):
    return subprocess.run([MILLRACE, *map(str, arguments)], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=PATIENCE, check=False)


class Serve(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="millrace-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, *lines):
        path = self.folder / "pipeline.yaml"
        path.write_text("\n".join([LOGIN.read_text(), *lines, ""]))
        return path

    def test_check_says_where_it_answers(self):
        for lines, said in (([], "nothing"),
                            (["serve: {listen: '127.0.0.1:9464'}"],
                             "127.0.0.1:9464, without a token, without TLS"),
                            (["serve: {listen: '[::]:1', token: abc}"],
                             "[::]:1, with a token, without TLS")):
            done = millrace("check", self.file(*lines))
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stdout, rf"(?m)^  serves +{re.escape(said)}$")
            self.assertNotIn("abc", done.stdout + done.stderr)

    def test_what_is_wrong_with_it_ends_check_and_run_with_2(self):
        (self.folder / "wrong.pem").write_text("no PEM")
        for line, said in (
                ("serve: {listen: 'here:80'}", "'serve.listen' must be ADDRESS:PORT"),
                ("serve: {listen: 'localhost:1', tls: {certificate: none.pem, key: wrong.pem}}",
                 "'serve.tls.certificate' names the file"),
                ("serve: {listen: 'localhost:1', tls: {certificate: wrong.pem, key: wrong.pem}}",
                 "wrong.pem' is no certificate in PEM")):
            path = self.file(line)
            number = path.read_text().split("\n").index(line) + 1
            for command in ("check", "run"):
                done = millrace(command, path)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertRegex(done.stderr, rf"(?m)^{re.escape(str(path))}:{number}:\d+: ")
                self.assertIn(said, done.stderr)
        done = millrace("run", self.file(), "--serve", "here")
        self.assertEqual(done.returncode, 2)
        self.assertIn("'here' is not ADDRESS:PORT", done.stderr)

    def test_the_demo_answers(self):
        log = self.folder / "log"
        with log.open("w") as err:
            demo = subprocess.Popen([MILLRACE, "demo", "--serve", "127.0.0.1:0"],
                                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=err,
                                    text=True)
        self.addCleanup(demo.wait)
        self.addCleanup(demo.kill)
        deadline = time.monotonic() + PATIENCE
        url, consumed = None, 0
        while consumed == 0:
            self.assertLess(time.monotonic(), deadline, log.read_text())
            self.assertIsNone(demo.poll(), log.read_text())
            time.sleep(0.05)
            found = re.search(r"Answers at (\S+)", log.read_text())
            if not found:
                continue
            url = found.group(1)
            try:
                with urllib.request.urlopen(url + "vitals.json", timeout=PATIENCE) as answer:
                    consumed = json.load(answer)["totals"]["consumed"]
            except urllib.error.HTTPError as refused:
                self.assertEqual(refused.code, 503)
        with urllib.request.urlopen(url, timeout=PATIENCE) as page:
            self.assertIn("text/html", page.headers["Content-Type"])
        demo.send_signal(signal.SIGINT)
        text, _ = demo.communicate(timeout=PATIENCE)
        self.assertEqual(demo.returncode, 0, log.read_text())
        self.assertIn("identity: holds", text)

    def test_the_demo_can_do_without(self):
        done = millrace("demo", "--seconds", "1", "--no-serve")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("Answers at", done.stderr)


if __name__ == "__main__":
    MILLRACE = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
