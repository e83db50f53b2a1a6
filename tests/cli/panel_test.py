# SPDX-License-Identifier: Apache-2.0
"""The live panel, on a pseudo terminal. panel_test.py PATH_OF_MILLRACE [unittest arguments]"""

import json
import os
import re
import signal
import sys
import termios
import time
import unittest

from remote_test import Server, reply, vitals
from terminal import Terminal

MILLRACE = ""
PATIENCE = 60
DEMO = ("demo", "--rate", "2000", "--users", "50")
LOG_LINE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (info|warning|error) \S.*$")


class Panel(unittest.TestCase):
    def start(self, *arguments, columns=100, rows=30, **environment):
        terminal = Terminal([MILLRACE, *arguments], columns, rows, **environment)
        self.addCleanup(terminal.close)
        return terminal

    def end(self, terminal):
        terminal.type("\x03")  # Ctrl+C
        self.assertEqual(terminal.wait(PATIENCE), 0, terminal.screen.text())

    def assert_clean(self, terminal):
        """No panel is left, modes are what they were, the cursor is shown and colours are off."""
        text = terminal.screen.text()
        self.assertNotIn("per second", text)
        self.assertIn("identity: holds", text)
        self.assertNotIn(b"\x1b[?", terminal.raw)
        styles = re.findall(rb"\x1b\[([\d;]*)m", terminal.raw)
        self.assertIn(styles[-1:], ([], [b"0"], [b""]))

    def assert_log_lines_whole(self, terminal):
        lines = [line for line in terminal.screen.text().splitlines()
                 if re.search(r"\d{3}Z ", line)]
        for line in lines:
            self.assertRegex(line[:terminal.screen.columns], LOG_LINE)
        return lines

    def test_it_appears_and_goes(self):
        terminal = self.start(*DEMO)
        modes = termios.tcgetattr(terminal.descriptor)
        terminal.wait_for(r"(?s)user-login   running 00:\d\d   healthy.*consumed +[\d,]+ +[\d,]+ ",
                          PATIENCE)
        terminal.wait_for(r"partitions +lag", PATIENCE)
        self.assertIn("\x1b[2m", terminal.raw.decode(errors="replace"))
        self.assertEqual(termios.tcgetattr(terminal.descriptor), modes)
        self.end(terminal)
        self.assert_clean(terminal)
        self.assertTrue(any("Stopping (SIGINT)" in line
                            for line in self.assert_log_lines_whole(terminal)))

    def test_signals_end_it_on_a_terminal_that_takes_no_output(self):
        server = Server(lambda handler: reply(handler, 200, json.dumps(vitals())))
        self.addCleanup(server.close)
        for arguments in (DEMO, ("top", server.url)):
            with self.subTest(arguments[0]):
                terminal = self.start(*arguments)
                terminal.wait_for(r"per second", PATIENCE)
                terminal.type("\x13")  # Ctrl+S
                deadline = time.monotonic() + PATIENCE
                ended = (0, 0)
                while ended[0] == 0 and time.monotonic() < deadline:
                    os.kill(terminal.pid, signal.SIGINT)  # typed, it would let the output go on
                    time.sleep(0.5)  # signals of one kind that come at once are one
                    ended = os.waitpid(terminal.pid, os.WNOHANG)
                self.assertNotEqual(ended[0], 0, "it does not end")
                terminal.code = os.waitstatus_to_exitcode(ended[1])
                # 0: it had nothing left to write when the first one came.
                self.assertIn(terminal.code, (0, 1))

    def test_it_is_drawn_once_on_the_screen_however_often(self):
        terminal = self.start(*DEMO)
        terminal.wait_for(r"(?s)running 00:(0[3-9]|[1-5]).*next offset", PATIENCE)
        self.assertEqual(terminal.screen.shown().count("per second"), 2,
                         terminal.screen.text())  # of the records, and of the partitions
        self.end(terminal)
        self.assert_clean(terminal)

    def test_it_follows_the_size_of_the_terminal(self):
        terminal = self.start(*DEMO)
        terminal.wait_for(r"next offset", PATIENCE)
        terminal.resize(60, 12)
        terminal.wait_for(r"dead-lettered", PATIENCE)
        self.assertNotIn("next offset", terminal.screen.shown())
        terminal.resize(40, 5)
        terminal.wait_for(r"(?m)^00:\d\d  [\d,]+/s in", PATIENCE)
        self.assertNotIn("per second", terminal.screen.shown())
        terminal.resize(120, 40)
        terminal.wait_for(r"next offset", PATIENCE)
        self.end(terminal)
        self.assert_clean(terminal)

    def test_without_colours(self):
        terminal = self.start(*DEMO, NO_COLOR="1")
        terminal.wait_for(r"per second", PATIENCE)
        self.end(terminal)
        self.assertEqual(re.findall(rb"\x1b\[[\d;]*m", terminal.raw), [])

    def test_none_where_it_is_not_wanted(self):
        for arguments, environment in (((*DEMO, "--no-panel"), {}), (DEMO, {"TERM": "dumb"})):
            with self.subTest(environment=environment):
                terminal = self.start(*arguments, **environment)
                terminal.wait_for(r"Z .*info.* 00:0\d  [\d,]+ records/s", PATIENCE)
                self.end(terminal)
                self.assertNotIn(b"per second", terminal.raw)
                self.assertNotIn(b"\x1b[J", terminal.raw)

    def test_a_second_signal_leaves_a_clean_terminal_too(self):
        terminal = self.start(*DEMO)
        terminal.wait_for(r"per second", PATIENCE)
        os.kill(terminal.pid, signal.SIGINT)
        os.kill(terminal.pid, signal.SIGTERM)
        # The drain may be over before the second one comes.
        self.assertIn(terminal.wait(PATIENCE), (0, 1))
        self.assertNotIn("per second", terminal.screen.text())

    def test_top_shows_the_same_panel(self):
        seconds = iter(range(100, 1000))
        server = Server(lambda handler: reply(
            handler, 200, json.dumps(vitals(next(seconds), pipeline="登录-ログイン"))))
        self.addCleanup(server.close)
        terminal = self.start("top", server.url)
        terminal.wait_for(r"(?s)登录-ログイン   running 01:\d\d.*consumed +[\d,]+ +1,000 ",
                          PATIENCE)
        self.end(terminal)
        self.assertNotIn(b"\x1b[?", terminal.raw)


if __name__ == "__main__":
    MILLRACE = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
