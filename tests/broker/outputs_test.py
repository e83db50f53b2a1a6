# SPDX-License-Identifier: Apache-2.0
"""What happens to the topics that a run writes to: partitions are added, a topic is deleted while
the run goes on, the broker's disk is full."""

import base64
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import faults_test
import trial
from kafka import kafka as brokers
from trial import Running, Witness

INPUTS = 2
# How soon the producer looks at its topics again of itself (five minutes are the default), and for
# how long it takes one that is not there for one that is about to be (half a minute).
NOTICES_SOON = {"topic.metadata.refresh.interval.ms": 200,
                "topic.metadata.propagation.max.ms": 1000}
NOTICES_LATE = {}


class Broker:
    """One of this file's own, which makes no topic by itself. One of its disks is small, where that
    can be had."""

    BYTES = 128 << 20
    used = {}  # by the number of disks

    def __init__(self, disks):
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="millrace-outputs-"))
        self.data = self.base / "kafka"
        self.small = self.data / "log"
        self.small.mkdir(parents=True)
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={self.BYTES}", "tmpfs", str(self.small)],
            check=False, capture_output=True, text=True)
        self.not_small = mounted.stderr.strip() if mounted.returncode != 0 else ""
        unittest.addModuleCleanup(self.end)
        self.port = faults_test.free_port()
        self.properties = ["heap=400m", "auto.create.topics.enable=false"]
        if disks == 2:
            self.properties += [f"log.dirs={self.small},{self.base}/other",
                                f"metadata.log.dir={self.base}/metadata"]
        self.start()

    @classmethod
    def of(cls, disks):
        if disks not in cls.used:
            cls.used[disks] = cls(disks)
        return cls.used[disks]

    def start(self):
        self.address = faults_test.kafka("start", self.port, self.data, *self.properties)

    def kill(self):
        faults_test.kafka("kill", self.data)

    def runs(self):
        return brokers.running_pid(self.data) is not None

    def log(self):
        return (self.data / "broker.log").read_text(errors="replace")

    def end(self):
        self.kill()
        if not self.not_small:
            # Lazily: the process that was killed may still hold its files.
            subprocess.run(["umount", "--lazy", str(self.small)], check=True)
        shutil.rmtree(self.base)


class Job:
    """A pipeline of records {"n": …} with topics and a group of its own."""

    def __init__(self, test, name, guarantee, more, kafka, source):
        self.test = test
        self.name = f"{name}-{random.SystemRandom().randrange(16**8):08x}"
        self.input = source.input if source else f"{self.name}-in"
        self.output = f"{self.name}-out"
        self.file = test.folder / f"{self.name}.yaml"
        # JSON is YAML, too.
        self.file.write_text(
            f"pipeline: {self.name}\n"
            f"kafka: {json.dumps({'bootstrap.servers': test.broker.address, **kafka})}\n"
            f"input: {{topic: {self.input}, group: {self.name}}}\n"
            f"output: {{topic: {self.output}, key: user}}\n"
            "dead_letters: discard\n"
            f"delivery: {{guarantee: {guarantee}, transaction_timeout: 4s}}\n"
            f"{more}")

    def create(self, outputs=3):
        if self.input.startswith(self.name):
            self.test.create(self.input, INPUTS)
        self.test.create(self.output, outputs)
        return self

    def start(self, *arguments):
        report = self.test.folder / f"{self.name}.{len(trial.Processes.started)}.json"
        run = Running(self.test.folder, "run", self.file, "--report-json", report, *arguments)
        run.report_file = report
        return run

    def write(self, first, end, padding=0):
        chance = random.Random(first)
        self.test.ask("write", steps=[
            trial.record(self.input, json.dumps({
                "n": n, "user": f"u{n % 40}",
                # Random, so that it cannot be compressed by much.
                "padding": base64.b64encode(chance.randbytes(padding)).decode()}),
                partition=n % INPUTS)
            for n in range(first, end)])

    def outputs(self):
        """(partition, number) of each record that a reader of committed ones sees, in order."""
        found = self.test.ask("read", topic=self.output)["records"]
        return [(one["partition"], json.loads(base64.b64decode(one["value"]))["n"])
                for one in found]

    def await_outputs(self, numbers):
        """Waits until each of these numbers is there; all outputs then."""
        deadline = time.monotonic() + trial.PATIENCE
        missing = set(numbers)
        while missing:
            self.test.assertLess(time.monotonic(), deadline, missing)
            time.sleep(0.05)
            found = self.outputs()
            missing = set(numbers) - {number for _, number in found}
        return found

    def committed(self):
        return sum(self.test.ask("committed", group=self.name).values())


class Outputs(trial.Trial):
    DISKS = 1

    def setUp(self):
        super().setUp()
        self.broker = Broker.of(self.DISKS)

    def ask(self, command, **members):
        return Witness.ask(command, self.broker.address, **members)

    def create(self, topic, partitions):
        """Waits where one of that name is still being deleted."""
        deadline = time.monotonic() + trial.PATIENCE
        while True:
            try:
                return self.ask("create", topics=[{"name": topic, "partitions": partitions}])
            except AssertionError:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.05)

    def job(self, name, guarantee, more="", kafka=NOTICES_SOON, source=None):
        """With topics of its own, or with the input of another."""
        return Job(self, name, guarantee, more, kafka, source)

    def expect_each_once(self, outputs, numbers):
        self.assertEqual(sorted(number for _, number in outputs), list(numbers))

    def expect_first_occurrences_in_order(self, outputs):
        """Of each input partition on each output partition."""
        highest = {}
        seen = set()
        for partition, number in outputs:
            if number in seen:
                continue
            seen.add(number)
            place = (partition, number % INPUTS)
            self.assertGreater(number, highest.get(place, -1))
            highest[place] = number


class PartitionsAdded(Outputs):
    def test_they_are_not_written_to_before_the_next_start(self):
        job = self.job("wider", "exactly_once").create()
        job.write(0, 200)
        run = job.start()
        homes = {number % 40: partition
                 for partition, number in job.await_outputs(range(200))}
        self.ask("add_partitions", topic=job.output, partitions=12)
        for first in range(200, 1000, 200):
            job.write(first, first + 200)
            found = job.await_outputs(range(first, first + 200))
        # Each user where it was, and so none on a new partition.
        self.assertEqual({(number % 40, partition) for partition, number in found},
                         set(homes.items()))
        self.assertEqual(set(homes.values()), {0, 1, 2})
        run.signal(signal.SIGTERM)
        self.expect_holds(run)
        job.write(1000, 1200)
        self.expect_holds(job.start("--until-end"))
        found = job.outputs()
        self.assertGreater(max(partition for partition, _ in found), 2)
        self.expect_each_once(found, range(1200))


class Deleted(Outputs):
    """An output topic is deleted while the run goes on."""

    def deleted(self, guarantee, kafka):
        job = self.job("deleted", guarantee, "session_timeout: 3s\nstalled_after: 2s\n"
                       "stop_deadline: 2s\n", kafka).create()
        job.write(0, 100)
        run = job.start()
        job.await_outputs(range(100))
        self.ask("delete", topic=job.output)
        job.write(100, 200)
        return job, run

    def wait_for_it(self, kafka):
        job, run = self.deleted("exactly_once", kafka)
        run.await_log(f"Waiting for the partitions of output topic {job.output}: .*not exist")
        run.await_log(f"Health: {job.input}/[01] is unhealthy")
        self.assertEqual(job.committed(), 100)
        return job, run

    def test_exactly_once_waits_for_it_and_goes_on(self):
        # The call that sends refuses the records where the topic is known to be gone; where it is
        # not, they are on their way to it.
        for kafka in (NOTICES_SOON, NOTICES_LATE):
            with self.subTest(kafka):
                job, run = self.wait_for_it(kafka)
                self.create(job.output, 3)
                self.expect_each_once(job.await_outputs(range(100, 200)), range(100, 200))
                run.signal(signal.SIGTERM)
                self.assertEqual(self.expect_holds(run)["totals"]["consumed"], 200)
                self.assertEqual(job.committed(), 200)

    def test_a_stop_while_it_waits_ends_with_code_1_and_loses_nothing(self):
        job, run = self.wait_for_it(NOTICES_SOON)
        run.signal(signal.SIGTERM)
        run.end(1, timeout=2 + 5 + 1)
        self.assertIn("final report", run.text())
        self.assertEqual(job.committed(), 100)
        self.create(job.output, 3)
        self.expect_holds(job.start("--until-end"))
        self.expect_each_once(job.outputs(), range(100, 200))

    def test_at_least_once_stops_each_partition_at_its_first_record_for_it(self):
        job, run = self.deleted("at_least_once", NOTICES_SOON)
        run.end(3)
        for partition in range(INPUTS):
            self.assertRegex(
                run.log(), f"Stopped topic={job.input} partition={partition}: offset 50 "
                f"cannot be delivered: {job.output}-[012]: the topic or partition does not exist")
        self.assertEqual(job.committed(), 100)
        self.create(job.output, 3)
        self.expect_holds(job.start("--until-end"))
        self.expect_first_occurrences_in_order(job.await_outputs(range(100, 200)))


class FullDisk(Outputs):
    """A disk of the broker is full in the middle of two runs, one of each guarantee."""

    RECORDS = 4000
    PADDING = 1500
    # Less than the outputs of either.
    ROOM = 3 << 20
    # What a broker that is away costs is kept short; it is another test's matter.
    SHORT = "session_timeout: 3s\nstalled_after: 2s\n"

    def setUp(self):
        super().setUp()
        if self.broker.not_small:
            self.skipTest(f"no disk that could be full: {self.broker.not_small}")
        self.filler = self.broker.small / "filler"
        self.addCleanup(self.filler.unlink, missing_ok=True)

    def begin(self):
        """The two pipelines, and their runs, which will not get to the end of their work."""
        first = self.job("full", "exactly_once", self.SHORT).create()
        first.write(0, self.RECORDS, self.PADDING)
        second = self.job("full", "at_least_once", self.SHORT, source=first).create()
        with self.filler.open("wb") as file:
            free = shutil.disk_usage(self.broker.small).free
            os.posix_fallocate(file.fileno(), 0, free - self.ROOM)
        return [first, second], [first.start(), second.start()]

    def await_broker(self, done):
        deadline = time.monotonic() + trial.PATIENCE
        while not done():
            self.assertLess(time.monotonic(), deadline, self.broker.log()[-4000:])
            time.sleep(0.05)

    def make_room(self):
        # A broker that has seen a disk fail does not look at it again before its next start.
        self.broker.kill()
        self.filler.unlink()
        self.broker.start()

    def expect_all_is_done(self, jobs, runs):
        consumed = []
        for job, run in zip(jobs, runs):
            job.await_outputs(range(self.RECORDS))
            run.signal(signal.SIGTERM)
            consumed.append(self.expect_holds(run)["totals"]["consumed"])
            self.assertEqual(job.committed(), self.RECORDS)
        # What was acknowledged, but not committed, is read and counted again at least once.
        self.assertEqual(consumed[0], self.RECORDS)
        self.assertGreaterEqual(consumed[1], self.RECORDS)
        self.expect_each_once(jobs[0].outputs(), range(self.RECORDS))
        found = jobs[1].outputs()
        print(f"  at least once, {len(found) - self.RECORDS} of {self.RECORDS} are there again")
        self.expect_first_occurrences_in_order(found)


class OnlyDiskFull(FullDisk):
    def test_a_broker_that_stops_itself_is_waited_for(self):
        jobs, runs = self.begin()
        self.await_broker(lambda: not self.broker.runs())
        for run in runs:
            run.await_log("reaches no broker at .* any more; still trying")
            run.await_log("Health: .* unhealthy")
        self.make_room()
        self.expect_all_is_done(jobs, runs)


class OneOfTwoDisksFull(FullDisk):
    """The broker goes on without what is on that disk: the long lane has it."""

    DISKS = 2

    def test_partitions_that_are_away_are_waited_for(self):
        jobs, runs = self.begin()
        self.await_broker(lambda: "offline log director" in self.broker.log())
        runs[0].await_log("Health: .* unhealthy")
        self.assertTrue(self.broker.runs())
        self.make_room()
        self.expect_all_is_done(jobs, runs)


if __name__ == "__main__":
    trial.main()
