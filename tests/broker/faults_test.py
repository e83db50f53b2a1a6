# SPDX-License-Identifier: Apache-2.0
"""What interrupts a run without asking: SIGKILL, a second member that comes and goes, a broker that
restarts, brokers and topics that are not there."""

import random
import signal
import socket
import subprocess
import sys
import time

import killing
import trial
from trial import ROOT, Running, Witness, report_of

KAFKA = ROOT / "tests" / "broker" / "kafka" / "kafka.py"


def kafka(*arguments):
    done = subprocess.run([sys.executable, KAFKA, *map(str, arguments)], check=False,
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"kafka.py {arguments}: {done.stderr}")
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""


def free_port():
    """A port below those that Linux gives to clients: a client that tries again and again on one
    of those, where nobody listens, at last meets itself, and then the port is taken."""
    while True:
        port = random.randrange(15_000, 32_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


class Killed(trial.Trial):
    def test_at_least_once_loses_nothing_and_keeps_the_order_of_first_occurrences(self):
        killing.kill_and_check(self, records=100_000, kills=4, guarantee="at_least_once")

    def test_exactly_once_repeats_nothing_either(self):
        killing.kill_and_check(self, records=100_000, kills=4, guarantee="exactly_once")


class TwoMembers(trial.Trial):
    def test_nothing_is_lost_when_a_member_comes_late_and_goes(self):
        job = self.pipeline("two", report="5000 records", **killing.SLOWLY).create()
        job.generate(40_000, "--defects", "5%", "--seed", 3)
        feed = Running(self.folder, "generate", "--topic", job.topic, "--records", 120_000,
                       "--rate", 12_000, "--defects", "5%", "--seed", 4, "--start-time", "1")
        first = job.start()
        first.await_log(r"consumed=\d+ ")
        second = job.start()
        second.await_log(r"Assigned topic=\S+ partition=")
        first.await_log(r"Giving back 4 partitions")
        second.await_log(r"consumed=\d+ ")
        second.signal(signal.SIGTERM)
        reports = [self.expect_holds(second)]
        feed.end()
        first.await_log(r"(?s)Giving back 4 partitions.*Giving back 2 partitions.*Assigned")
        first.signal(signal.SIGINT)
        reports.append(self.expect_holds(first))
        reports.append(self.expect_holds(job.start("--until-end")))
        consumed = [report["totals"]["consumed"] for report in reports]
        found = job.check()
        print(f"  late member, first member, rest: {consumed}; "
              f"duplicates: {found['duplicates']}")
        self.assertGreater(consumed[0], 0)
        self.assertGreater(consumed[1], 0)
        # Both handed over in order, so nothing had to be repeated.
        self.assertEqual(sum(consumed), 160_000 + found["duplicates"])


    def test_until_end_means_the_end_whoever_comes_and_goes(self):
        job = self.pipeline("share", report="5000 records", top=killing.SLOWLY["top"], kafka=[
            "batch.num.messages: 5", "heartbeat.interval.ms: 200"]).create()
        job.generate(40_000, "--defects", "5%", "--seed", 6)
        first = job.start("--until-end")
        first.await_log(r"consumed=\d+ ")
        second = job.start("--until-end")
        second.await_log(r"Assigned topic=\S+ partition=")
        reports = [self.expect_holds(second), self.expect_holds(first)]
        consumed = [report["totals"]["consumed"] for report in reports]
        found = job.check()
        print(f"  late member, first member: {consumed}; duplicates: {found['duplicates']}")
        self.assertEqual([report["run"]["ended_by"] for report in reports], 2 * ["end of topics"])
        self.assertEqual(sum(consumed), 40_000 + found["duplicates"])


class Absent(trial.Trial):
    def test_a_topic_is_waited_for_and_said_once(self):
        job = self.pipeline("absent")
        run = job.start()
        run.await_log(r"Topic \S+ does not exist yet")
        time.sleep(1.5)  # time enough to say it again, if it did
        job.create()
        job.generate(1000)
        run.await_log(r"Assigned topic=\S+ partition=3")
        deadline = time.monotonic() + trial.PATIENCE
        while sum(Witness.ask("committed", group=job.group).values()) < 1000:
            self.assertLess(time.monotonic(), deadline)
        run.signal(signal.SIGINT)
        report = self.expect_holds(run)
        self.assertEqual(run.log().count("does not exist"), 1, run.log())
        job.check(reports=[str(run.report_file)])
        self.assertEqual(report["totals"]["consumed"], 1000)

    def test_waiting_for_a_topic_ends(self):
        job = self.pipeline("never")
        began = time.monotonic()
        run = job.start("--wait", "2s").end(1)
        self.assertLess(time.monotonic() - began, 6)
        self.assertIn(f"topic {job.topic} does not exist", run.log())
        self.assertEqual(run.text(), "")

    def test_a_signal_ends_the_waiting_for_a_topic(self):
        run = self.pipeline("signalled").start()
        run.await_log("does not exist yet")
        began = time.monotonic()
        run.signal(signal.SIGTERM)
        run.end(0)
        self.assertLess(time.monotonic() - began, 2)

    def test_waiting_for_a_broker_ends(self):
        address = f"127.0.0.1:{free_port()}"
        run = self.pipeline("nobody").start("--wait", "2s", BOOTSTRAP_SERVERS=address).end(1)
        self.assertRegex(run.log(), rf"millrace: .*{address}")

    def test_without_a_limit_it_keeps_trying_until_a_signal(self):
        address = f"127.0.0.1:{free_port()}"
        run = self.pipeline("patient").start(BOOTSTRAP_SERVERS=address)
        run.await_log(address)
        time.sleep(3)
        self.assertIsNone(run.process.poll())
        self.assertEqual(run.log().count("No broker at"), 1, run.log())
        began = time.monotonic()
        run.signal(signal.SIGINT)
        run.end(0)
        self.assertLess(time.monotonic() - began, 2.5)


class Restarted(trial.Trial):
    def begun(self, name, records, *arguments, **changes):
        """A broker of this test's own, and a run that is in the middle of its work there."""
        data = self.folder / "broker"
        address = kafka("start", free_port(), data, "heap=400m")
        self.addCleanup(kafka, "kill", data)
        job = self.pipeline(name, report="5000 records", **{**killing.SLOWLY, **changes})
        job.bootstrap = address
        job.create()
        here = {"BOOTSTRAP_SERVERS": address}
        Running(self.folder, "generate", "--topic", job.topic, "--records", records, "--defects",
                "5%", "--start-time", "1", **here).end()
        run = job.start(*arguments, **here)
        run.await_log(r"consumed=\d+ ")
        kafka("kill", data)
        return data, address, job, run, here

    def test_a_stop_while_the_broker_is_away_ends_in_time_and_loses_nothing(self):
        data, address, job, run, here = self.begun(
            "away", 100_000, top=[*killing.SLOWLY["top"], "stop_deadline: 3s"])
        began = time.monotonic()
        run.signal(signal.SIGTERM)
        run.end(None, timeout=30)
        print(f"  ended with {run.process.returncode} after {time.monotonic() - began:.1f} s: "
              f"{run.log().splitlines()[-1]}")
        self.assertEqual(run.process.returncode, 1)
        self.assertLess(time.monotonic() - began, 3 + 5 + 1)
        self.assertIn("final report", run.text(), run.log())
        kafka("start", address.rsplit(":", 1)[1], data, "heap=400m")
        self.expect_holds(job.start("--until-end", **here))
        print(f"  duplicates: {job.check()['duplicates']}")

    def test_a_broker_that_restarts_in_the_middle_costs_nothing(self):
        data, address, job, run, job_environment = self.begun("restart", 100_000, "--until-end")
        port = address.rsplit(":", 1)[1]
        self.assertIsNone(run.process.poll(), run.log())
        self.assertEqual(kafka("start", port, data, "heap=400m"), address)
        run.end(None)
        code = run.process.returncode
        print(f"  the run that met the restart ended with {code}")
        report = report_of(run)
        if code == 0:
            self.assertTrue(report["identity"]["holds"])
            self.assertEqual(report["totals"]["consumed"], 100_000)
        else:
            self.assertIn(code, (1, 3))
            self.expect_holds(job.start("--until-end", **job_environment))
        found = job.check()
        print(f"  duplicates: {found['duplicates']}")


if __name__ == "__main__":
    trial.main()
