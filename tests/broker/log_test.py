# SPDX-License-Identifier: Apache-2.0
"""What happens to the input's log itself: partitions are added, the topic is made anew, a batch on
the broker's disk is broken."""

import base64
import signal
import struct
import time

import faults_test
import trial
from trial import Witness, login, record


def users(job, bootstrap=""):
    return [base64.b64decode(one["key"]).decode()
            for one in Witness.ask("read", bootstrap, topic=job.output)["records"]]


# In a batch's header. What stands before the checksum, the offset of its first record among it, is
# not covered by it.
FORMAT = 16
FIRST_WITH_CHECKSUM = 21


def damage(segment, offset, byte):
    """Changes one byte of the batch that begins at an offset, in a log's file."""
    with segment.open("r+b") as file:
        at = 0
        while True:
            file.seek(at)
            begin, size = struct.unpack(">qi", file.read(12))
            if begin == offset:
                break
            at += 12 + size
        file.seek(at + byte)
        found = file.read(1)[0]
        file.seek(at + byte)
        file.write(bytes([found ^ 0x55]))


class Log(trial.Trial):
    def write(self, job, begin, end, partition=0, bootstrap=""):
        Witness.ask("write", bootstrap, steps=[
            record(job.topic, login(f"u{number}"), partition=partition)
            for number in range(begin, end)])

    def await_users(self, job, count, bootstrap=""):
        deadline = time.monotonic() + trial.PATIENCE
        while len(users(job, bootstrap)) < count:
            self.assertLess(time.monotonic(), deadline, users(job, bootstrap))
            time.sleep(0.05)

    def test_added_partitions_are_read_from_their_beginning(self):
        job = self.pipeline("added").create(partitions=1)
        self.write(job, 0, 10)
        run = job.start()
        self.await_users(job, 10)
        Witness.ask("add_partitions", topic=job.topic, partitions=2)
        self.write(job, 10, 20, partition=1)
        self.await_users(job, 20)
        run.signal(signal.SIGTERM)
        report = self.expect_holds(run)
        self.assertEqual(report["totals"]["consumed"], 20)
        self.assertEqual(sorted(users(job)), sorted(f"u{number}" for number in range(20)))

    def made_anew(self, *settings):
        """A run that has read 50 records of a topic, which is then deleted and made anew, with 10
        others. (So quickly that the group does not notice; it would begin again otherwise, as Kafka
        forgets the offsets with the topic.)"""
        job = self.pipeline("anew", **{"in": settings}).create(partitions=1)
        self.write(job, 0, 50)
        run = job.start()
        self.await_users(job, 50)
        Witness.ask("delete", topic=job.topic)
        deadline = time.monotonic() + trial.PATIENCE
        while True:
            try:
                Witness.ask("create", topics=[{"name": job.topic, "partitions": 1}])
                break
            except AssertionError:  # it is still being deleted
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.05)
        self.write(job, 100, 110)
        return job, run

    def test_a_topic_made_anew_stops_its_partition(self):
        job, run = self.made_anew()
        run.end(3)
        self.assertRegex(run.log(), r"made anew|truncated")
        self.assertIn("on_lost_offsets", run.log())
        self.assertEqual(len(users(job)), 50)

    def test_a_topic_made_anew_is_read_where_the_file_says_so(self):
        job, run = self.made_anew("on_lost_offsets: earliest")
        self.await_users(job, 60)
        run.signal(signal.SIGTERM)
        report = self.expect_holds(run)
        self.assertEqual(report["totals"]["consumed"], 60)
        self.assertEqual(Witness.ask("committed", group=job.group)[f"{job.topic}-0"], 10)

    def test_a_topic_deleted_while_it_is_read_does_not_keep_the_process(self):
        job = self.pipeline("gone").create(partitions=1)
        self.write(job, 0, 10)
        run = job.start()
        self.await_users(job, 10)
        Witness.ask("delete", topic=job.topic)
        run.await_log("does not exist any more")
        run.signal(signal.SIGTERM)
        run.end(None, timeout=25)
        print(f"  exit code {run.process.returncode}: {run.log().splitlines()[-1]}")
        self.assertIn(run.process.returncode, (0, 1, 3))
        self.assertIn("final report", run.text())
        self.assertEqual(len(users(job)), 10)

    def test_a_broken_batch_stops_its_partition_and_no_other(self):
        data = self.folder / "broker"
        address = faults_test.kafka("start", faults_test.free_port(), data, "heap=400m")
        self.addCleanup(faults_test.kafka, "kill", data)
        job = self.pipeline("broken")
        job.bootstrap = address
        job.create(partitions=3)
        for partition in range(3):
            for batch in range(5):  # each begins a batch
                self.write(job, batch * 10, batch * 10 + 10, partition, address)
        for partition, byte in ((0, FIRST_WITH_CHECKSUM + 50), (1, FORMAT)):
            damage(data / "log" / f"{job.topic}-{partition}" / "00000000000000000000.log", 30, byte)
        run = job.start("--until-end", BOOTSTRAP_SERVERS=address).end(3)
        self.assertRegex(run.log(), rf"Stopped topic={job.topic} partition=0: .*checksum")
        self.assertRegex(run.log(), rf"Stopped topic={job.topic} partition=1: .*format")
        committed = Witness.ask("committed", address, group=job.group)
        self.assertEqual([committed.get(f"{job.topic}-{partition}") for partition in range(3)],
                         [30, 30, 50])
        self.assertEqual(len(users(job, address)), 110)


if __name__ == "__main__":
    trial.main()
