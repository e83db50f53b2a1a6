# SPDX-License-Identifier: Apache-2.0
"""Topics whose offsets are not all records: transactions, committed and aborted, with their control
records, also at the very end; and a compacted topic with holes."""

import time

import trial
from trial import Witness, login, record

DIRTY = {"cleanup.policy": "compact", "segment.ms": "1000", "min.cleanable.dirty.ratio": "0.01",
         "max.compaction.lag.ms": "1000"}


class Gaps(trial.Trial):
    def run_to_end(self, job, records, offsets):
        """Runs to the end; the identity holds, and what is not a record is a gap."""
        run = job.start("--until-end")
        report = self.expect_holds(run)
        self.assertEqual(report["totals"]["consumed"], records)
        found = sum(part["next_offset"] - part["first_offset"] for part in report["partitions"])
        gaps = sum(part["gaps"] for part in report["partitions"])
        self.assertEqual(found, offsets)
        self.assertEqual(gaps, offsets - records)
        job.check(reports=[str(run.report_file)])
        # Once more, with nothing to read: the end has been reached and committed.
        again = self.expect_holds(job.start("--until-end"))
        self.assertEqual(again["totals"]["consumed"], 0)

    def write(self, steps, **members):
        Witness.ask("write", steps=steps, **members)

    def test_transactions_up_to_the_very_end(self):
        job = self.pipeline("transactions").create(partitions=2)
        steps = []
        for number in range(20):
            aborted = number % 3 == 1 or number >= 18
            steps.append("begin")
            steps += [record(job.topic, login(f"{'aborted' if aborted else 'good'}-{number}-{i}"),
                             partition=i % 2) for i in range(10)]
            steps.append("abort" if aborted else "commit")
        self.write(steps, transactional_id=job.name)

        # 8 of the 20 transactions are aborted; each ends in a marker in both partitions.
        self.run_to_end(job, 120, 20 * (10 + 2))
        users = [one["key"] for one in Witness.ask("read", topic=job.output)["records"]]
        self.assertEqual(len(users), 120)

    def test_a_topic_of_nothing_but_aborted_records(self):
        job = self.pipeline("aborted").create(partitions=1)
        self.write(["begin", *(record(job.topic, login(f"u{i}")) for i in range(50)), "abort"],
                   transactional_id=job.name)

        self.run_to_end(job, 0, 51)

    def test_records_that_follow_while_it_runs(self):
        job = self.pipeline("following").create(partitions=1)
        run = job.start()
        run.await_log("Assigned topic=")
        for number in range(3):
            self.write(["begin", record(job.topic, login(f"a{number}")), "abort", "begin",
                        record(job.topic, login(f"u{number}")), "commit"],
                       transactional_id=job.name)
        deadline = time.monotonic() + trial.PATIENCE
        while Witness.ask("committed", group=job.group).get(f"{job.topic}-0") != 12:
            self.assertLess(time.monotonic(), deadline, "the last control record stays uncommitted")
        run.signal(2)
        report = self.expect_holds(run)
        self.assertEqual(report["partitions"][0]["next_offset"], 12)
        self.assertEqual(report["partitions"][0]["gaps"], 9)
        job.check(reports=[str(run.report_file)])

    def test_a_compacted_topic(self):
        job = self.pipeline("compacted").create(partitions=1, **DIRTY)
        self.write([record(job.topic, login(f"user{i % 7}", n=i), key=f"k{i % 7}")
                    for i in range(200)])
        # The segment that is written to is never compacted; it rolls with a later record.
        deadline = time.monotonic() + trial.PATIENCE
        while True:
            time.sleep(1.1)
            self.write([record(job.topic, login("last"), key="last")])
            left = len(Witness.ask("read", topic=job.topic)["records"])
            if left < 100:
                break
            self.assertLess(time.monotonic(), deadline, "Kafka never compacted the topic")
        # Compaction goes on while the engine reads: both see some state of it, so the counts are
        # compared within the report, and the witness says whether any record was lost.
        run = job.start("--until-end")
        report = self.expect_holds(run)
        part = report["partitions"][0]
        self.assertGreater(part["gaps"], 100)
        self.assertEqual(part["next_offset"] - part["first_offset"],
                         part["consumed"] + part["gaps"])
        self.assertEqual(part["next_offset"], part["committed_offset"])
        self.assertLess(part["consumed"], 100)


if __name__ == "__main__":
    trial.main()
