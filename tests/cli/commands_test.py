# SPDX-License-Identifier: Apache-2.0
"""The command line without a broker: exit codes, what goes to stdout and what to stderr, and the
demo. commands_test.py PATH_OF_MILLRACE [unittest arguments]"""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOGIN = ROOT / "config" / "user-login.yaml"
MILLRACE = ""
COMMANDS = ("run", "check", "demo", "generate", "read", "test", "try")
# Under a sanitizer and beside other tests everything takes its time.
PATIENCE = 60


def environment(**more):
    kept = {name: value for name, value in os.environ.items()
            if name not in ("BOOTSTRAP_SERVERS", "KAFKA_TOPIC")}
    return {**kept, **more}


def millrace(*arguments, timeout=PATIENCE, **variables):
    return subprocess.run([MILLRACE, *map(str, arguments)], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=timeout, check=False,
                          env=environment(**variables))


def unused_address():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


class Cli(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="millrace-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def expect(self, done, code):
        self.assertEqual(done.returncode, code, f"{done.args}:\n{done.stdout}\n{done.stderr}")
        return done

    def file(self, text):
        path = self.folder / "pipeline.yaml"
        path.write_text(text)
        return path

    def edited(self, old, new):
        text = LOGIN.read_text()
        self.assertEqual(text.count(old), 1, old)
        return self.file(text.replace(old, new))


class Usage(Cli):
    def test_help_names_every_command(self):
        done = self.expect(millrace("--help"), 0)
        for command in COMMANDS:
            self.assertRegex(done.stdout, rf"(?m)^  {command} ")
        self.assertIn("Exit codes: 0", done.stdout)
        self.assertEqual(done.stderr, "")

    def test_help_of_each_command_has_an_example(self):
        for command in COMMANDS:
            with self.subTest(command):
                done = self.expect(millrace(command, "--help"), 0)
                self.assertIn(f"Example: millrace {command}", done.stdout)

    def test_version(self):
        self.assertRegex(self.expect(millrace("--version"), 0).stdout, r"\d+\.\d+\.\d+")

    def test_wrong_usage_is_2_and_says_why(self):
        for arguments in ([], ["fly"], ["run"], ["run", "--nonsense", LOGIN], ["check"], ["read"],
                          ["run", LOGIN, "--wait", "soon"], ["run", LOGIN, "--clock", "-1"],
                          ["generate", "--defects", "5"], ["generate", "--defects", "no=5%"],
                          ["generate", "--records", "many"], ["generate", "--records", "0"],
                          ["demo", "--seconds", "0"], ["demo", "--defects", "200%"],
                          ["read", "topic", "--from", "soon"], ["read", "topic", "--count", "0"]):
            with self.subTest(arguments):
                done = self.expect(millrace(*arguments, BOOTSTRAP_SERVERS=unused_address()), 2)
                self.assertNotEqual(done.stderr + done.stdout, "")


class Check(Cli):
    def test_what_ships_is_good(self):
        done = self.expect(millrace("check", LOGIN), 0)
        self.assertIn("user-login.yaml: good", done.stdout)
        self.assertIn("Limits in force:", done.stdout)
        self.assertEqual(done.stderr, "")

    def test_every_error_is_said_with_its_place(self):
        path = self.edited("  group: user-login ", "  gruop: user-login ")
        path.write_text(path.read_text().replace("- lowercase: device_type", "- lowercase: 7:"))
        for command in ("check", "run"):
            with self.subTest(command):
                done = self.expect(millrace(command, path), 2)
                self.assertEqual(done.stdout, "")
                self.assertRegex(done.stderr, rf"(?m)^{re.escape(str(path))}:\d+:\d+: ")

    def test_an_unknown_key_names_the_nearest(self):
        done = self.expect(millrace("check", self.edited("  group: u", "  gruop: u")), 2)
        self.assertRegex(done.stderr, r"pipeline\.yaml:\d+:3: .*gruop")
        self.assertIn("'group'", done.stderr)

    def test_a_key_that_is_not_supported_yet(self):
        path = self.edited("report: {every: 60s}", "report: {every: 60s, topic: reports}")
        done = self.expect(millrace("check", path), 2)
        self.assertIn("'topic' in 'report' is not supported yet", done.stderr)

    def limits(self, *lines):
        """The limits that check prints of the shipped file with these lines, by name."""
        path = self.file("\n".join([LOGIN.read_text(), *lines, ""]))
        said = self.expect(millrace("check", path), 0).stdout
        pairs = (line.strip().split("  ", 1)
                 for line in said.split("Limits in force:\n")[1].splitlines())
        return {name: value.strip() for name, value in pairs}

    def test_the_limits_say_what_is_guaranteed(self):
        limits = self.limits()
        self.assertEqual(limits["guarantee"], "exactly once")
        self.assertRegex(limits["transactional id"], r"^user-login/RANDOM \(.*'instance'")
        self.assertEqual(limits["transaction timeout"], "10s")
        self.assertEqual(limits["commit every"], "100ms")
        self.assertEqual(limits["what cannot be delivered"], "stops its partition")
        self.assertEqual(limits["session timeout"], "10s, dynamic member")
        self.assertEqual(limits["lost offsets"], "stop their partition")
        self.assertEqual(limits["dead letters"], "any number")
        self.assertEqual(limits["stalled after"], "30s")
        self.assertRegex(limits["memory"], r"^512 MiB: batches \d+, read ahead \d+, .*\d+$")
        self.assertEqual(sum(map(int, re.findall(r" (\d+)(?:,|$)", limits["memory"]))), 512)

    def test_the_limits_say_how_many_keys_each_insight_keeps(self):
        limits = self.limits()
        self.assertEqual(limits["keys of insights"], "256 bytes each; of a partition:")
        self.assertEqual(limits["count_by_device_type"],
                         "the first 100000, of the others how many records")
        self.assertEqual(limits["distinct_user_id"], "10000 exactly, beyond them an estimate")
        self.assertEqual(limits["top_user_id"], "100000 exactly, beyond them with their error")
        self.assertNotIn("hours_of_day_timestamp", limits)

    def test_the_limits_name_a_named_instance(self):
        limits = self.limits("instance: a-1", "session_timeout: 6s", "stalled_after: 2m",
                             "delivery: {transaction_timeout: 20s, on_failure: dead_letter}")
        self.assertEqual(limits["transactional id"], "user-login/a-1")
        self.assertEqual(limits["transaction timeout"], "20s")
        self.assertEqual(limits["what cannot be delivered"], "a dead letter")
        self.assertEqual(limits["session timeout"], "6s, static member a-1")
        self.assertEqual(limits["stalled after"], "2m")

    def test_the_limits_say_what_waits_and_how_long(self):
        limits = self.limits()
        self.assertEqual(limits["latency"],
                         "balanced: poll 5 ms, linger 2 ms, fetch 1 byte or 500 ms")
        self.assertRegex(limits["batch"], r", 5 ms$")
        self.assertRegex(self.limits("latency: relaxed")["latency"], r"^relaxed: poll 2 ms, ")

    def test_the_limits_of_at_least_once(self):
        limits = self.limits("instance: a-1", "delivery: {guarantee: at_least_once}")
        self.assertEqual(limits["guarantee"], "at least once")
        self.assertEqual(limits["transactional id"], "user-login/a-1/offsets")
        plain = self.limits("delivery: {guarantee: at_least_once}", "state: {durable: false}")
        self.assertEqual(plain["transactional id"], "none: plain commits")
        self.assertEqual(plain["transaction timeout"], "none")

    def test_the_limits_show_the_breaker_and_lost_offsets(self):
        path = self.edited("  topic: user-login.dead-letters\n",
                           "  topic: user-login.dead-letters\n  stop_above: {share: 2.5%}\n")
        path.write_text(path.read_text().replace("  start: earliest ",
                                                 "  on_lost_offsets: latest\n  start: earliest "))
        said = self.expect(millrace("check", path), 0).stdout
        self.assertRegex(said, r"(?m)^  dead letters +the run stops above 2\.5 % of the last 10000")
        self.assertRegex(said, r"(?m)^  lost offsets +go on at the end$")

    def test_dead_letters_must_be_decided(self):
        path = self.edited("dead_letters:\n  topic: user-login.dead-letters\n", "")
        done = self.expect(millrace("check", path), 2)
        self.assertIn("dead_letters", done.stderr)

    def test_a_missing_file(self):
        for command in ("check", "run"):
            with self.subTest(command):
                done = self.expect(millrace(command, self.folder / "none.yaml"), 2)
                self.assertIn("none.yaml", done.stderr)
                self.assertEqual(done.stdout, "")

    def test_what_is_no_pipeline(self):
        for text in ("", "- a\n", "pipeline: [\n", "\x00", "a: &a [*a, *a]\n", "\t- x\n"):
            with self.subTest(text):
                self.assertIn("pipeline.yaml", self.expect(
                    millrace("check", self.file(text)), 2).stderr)

    def test_one_bad_file_among_good_ones(self):
        done = self.expect(millrace("check", LOGIN, self.file("pipeline: x\n"), LOGIN), 2)
        self.assertEqual(done.stdout.count(": good"), 2)


    def test_a_warning_stops_nothing(self):
        path = self.edited("  required: [user_id,", "  requierd: []\n  required: [user_id,")
        done = self.expect(millrace("check", path), 0)
        self.assertIn("pipeline.yaml: good", done.stdout)
        self.assertRegex(done.stderr, rf"(?m)^{re.escape(str(path))}:\d+:\d+: warning: .*requierd")
        self.assertIn('"required"', done.stderr)

    def test_the_schema_of_the_configuration_is_all_that_schema_prints(self):
        done = self.expect(millrace("check", "--schema"), 0)
        self.assertIn("pipeline", json.loads(done.stdout)["properties"])
        self.assertEqual(done.stderr, "")
        for more in ([LOGIN], ["--connect"]):
            self.expect(millrace("check", "--schema", *more), 2)

    def test_wait_goes_with_connect(self):
        self.assertIn("--connect", self.expect(millrace("check", LOGIN, "--wait", "1s"), 2).stderr)


class WithoutBroker(Cli):
    def test_check_connect_says_so_once(self):
        address = unused_address()
        began = time.monotonic()
        done = self.expect(millrace("check", LOGIN, "--connect", "--wait", "1s",
                                    BOOTSTRAP_SERVERS=address), 1)
        self.assertLess(time.monotonic() - began, 10)
        said = done.stdout.split("What the brokers say:\n")[1]
        self.assertRegex(said, rf"\A  error    connecting to Kafka: .*{address}.*\n\Z")

    def test_a_bad_file_outweighs_an_absent_broker(self):
        bad = self.file("pipeline: x\n")
        self.expect(millrace("check", bad, LOGIN, "--connect", "--wait", "1s",
                             BOOTSTRAP_SERVERS=unused_address()), 2)

    def test_run_gives_up_after_its_wait(self):
        address = unused_address()
        began = time.monotonic()
        done = self.expect(millrace("run", LOGIN, "--wait", "1s", BOOTSTRAP_SERVERS=address), 1)
        self.assertLess(time.monotonic() - began, 10)
        self.assertEqual(done.stdout, "")
        self.assertRegex(done.stderr, rf"(?m)^millrace: .*{address}")

    def test_run_waits_until_a_signal(self):
        run = subprocess.Popen([MILLRACE, "run", LOGIN], stdout=subprocess.PIPE, text=True,
                               stderr=subprocess.PIPE, env=environment(
                                   BOOTSTRAP_SERVERS=unused_address()))
        self.addCleanup(run.kill)
        run.stderr.readline()  # it says what it waits for
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=PATIENCE)
        self.assertEqual(run.returncode, 0, err)
        self.assertEqual(out, "")


    def test_a_signal_ends_who_waits_for_an_answer(self):
        for arguments in (("doctor", LOGIN, "--wait", "600s"),
                          ("check", LOGIN, "--connect", "--wait", "600s"),
                          ("offsets", "show", LOGIN, "--wait", "600s"),
                          ("offsets", "rewind", LOGIN, "--to", "earliest", "--wait", "600s"),
                          ("probe", "http://{}/readyz", "--timeout", "600s")):
            with self.subTest(arguments[0]), socket.create_server(("127.0.0.1", 0)) as silent:
                silent.settimeout(PATIENCE)
                address = f"127.0.0.1:{silent.getsockname()[1]}"
                command = [MILLRACE, *(str(one).format(address) for one in arguments)]
                with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL,
                                      env=environment(BOOTSTRAP_SERVERS=address)) as waiting:
                    self.addCleanup(waiting.kill)
                    connection, _ = silent.accept()
                    waiting.send_signal(signal.SIGINT)
                    try:
                        self.assertEqual(waiting.wait(PATIENCE), -signal.SIGINT)
                    finally:
                        waiting.kill()
                        connection.close()

    def test_times_before_1970_are_refused(self):
        for arguments in (("offsets", "rewind", LOGIN, "--to", "1969-12-31T23:59:59.999Z"),
                          ("dead-letters", "list", LOGIN, "--since", "100000d")):
            done = self.expect(millrace(*arguments, BOOTSTRAP_SERVERS=unused_address()), 2)
            self.assertIn("is before 1970", done.stderr)


class Demo(Cli):
    def test_it_ends_by_itself_with_the_report(self):
        report = self.folder / "r.json"
        done = self.expect(millrace("demo", "--seconds", 5, "--report-json", report), 0)
        found = json.loads(report.read_text())
        self.assertEqual(found["identity"], {"holds": True, "broken": []})
        totals = found["totals"]
        self.assertGreater(totals["consumed"], 1000)
        self.assertEqual(totals["consumed"], totals["emitted"] + totals["filtered"]
                         + totals["dead_lettered"])
        for part in ("emitted", "filtered", "dead_lettered"):
            self.assertGreater(totals[part], 0, part)
        self.assertEqual(totals["dead_lettered"], sum(found["dead_letters"].values()))
        counts = found["insights"]["count_by_device_type"]["counts"]
        self.assertEqual(sum(counts.values()), totals["emitted"])
        self.assertEqual(set(counts), {"android", "iOS"})
        self.assertIn("identity: holds", done.stdout)
        self.assertIn(f"{totals['consumed']:,}", done.stdout)

    def test_each_signal_ends_it_with_the_report_on_stdout_only(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number.name):
                demo = subprocess.Popen([MILLRACE, "demo", "--rate", "5000"], text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env=environment())
                self.addCleanup(demo.kill)
                lines = []
                for line in demo.stderr:  # until records flow
                    lines.append(line)
                    if re.search(r"consumed [1-9]", line):
                        break
                demo.send_signal(number)
                out, err = demo.communicate(timeout=PATIENCE)
                self.assertEqual(demo.returncode, 0, "".join(lines) + err)
                self.assertTrue(out.startswith(
                    f"user-login: final report, ended by {number.name}\n"), out[:200])
                self.assertIn("identity: holds", out)
                self.assertNotRegex(out, r"\d{4}-\d\d-\d\dT")
                self.assertNotIn("identity: holds", err)

    def test_a_report_that_cannot_be_written(self):
        done = self.expect(millrace("demo", "--seconds", 1, "--report-json",
                                    self.folder / "no" / "r.json"), 1)
        self.assertIn("r.json", done.stderr)
        self.assertIn("identity: holds", done.stdout)


if __name__ == "__main__":
    MILLRACE = sys.argv.pop(1)
    unittest.main(verbosity=2)
