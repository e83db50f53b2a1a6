# SPDX-License-Identifier: Apache-2.0
"""`offsets show` and `offsets rewind`: run, stop, rewind, run; what the insights then are, and that
nobody's offsets are moved who still reads."""

import json
import os
import re
import signal
import subprocess

import trial
from trial import Running

RECORDS = 400
PARTITIONS = 3


class Offsets(trial.Trial):
    changes = {}

    def job(self, name="offsets", **changes):
        return self.pipeline(name, **{**self.changes, **changes})

    def filled(self, *arguments, **changes):
        """A pipeline that has read all of its input."""
        job = self.job(**changes).create(partitions=PARTITIONS, outputs=2)
        job.generate(RECORDS)
        first = self.expect_holds(job.start("--until-end", *arguments))
        self.assertEqual(first["totals"]["consumed"], RECORDS)
        return job, first

    def offsets(self, what, job, *arguments, code=0, **environment):
        return Running(self.folder, "offsets", what, job.file(), *arguments,
                       **environment).end(code)

    def rewind(self, job, *arguments, code=0):
        return self.offsets("rewind", job, "--yes", *arguments, code=code)

    def shown(self, job):
        return json.loads(self.offsets("show", job, "--json").text())

    def committed(self, job):
        return {one["partition"]: one["committed"] for one in self.shown(job)["partitions"]}

    def fleet(self, job):
        """The insights as the state topic has them; the identity of the report holds."""
        report = Running(self.folder, "report", job.file(), "--json").end(0)
        return json.loads(report.text())

    def again(self, job):
        return self.expect_holds(job.start("--until-end"))


def counts(report):
    """Every number of the insights that are counts."""
    found = {}
    for name, insight in report["insights"].items():
        if "counts" in insight:
            found[name] = trial.without_zeros(insight["counts"])
    return found


def doubled(value):
    return {name: doubled(one) for name, one in value.items()} if isinstance(value, dict) \
        else 2 * value


class Durable:
    """Of each guarantee whose insights outlive the process."""

    def test_back_to_the_beginning_the_insights_begin_anew(self):
        job, first = self.filled()
        before = self.committed(job)
        said = self.rewind(job, "--to", "earliest").text()
        self.assertRegex(said, r"begin anew there")
        self.assertRegex(said, rf"Moved {PARTITIONS} partitions")
        self.assertEqual(set(self.committed(job).values()), {0})
        second = self.again(job)
        self.assertEqual(second["totals"]["consumed"], RECORDS)
        self.assertEqual(counts(second), counts(first))
        self.assertEqual(counts(self.fleet(job)), counts(first))
        # It is not only as many: they are behind where they were, by what the commits took.
        for partition, offset in self.committed(job).items():
            self.assertGreaterEqual(offset, before[partition])
        third = self.again(job)
        self.assertEqual(third["totals"]["consumed"], 0)
        self.assertEqual(counts(third), counts(first))

    def test_back_to_the_beginning_with_the_insights_kept(self):
        job, first = self.filled()
        self.rewind(job, "--to", "earliest", "--keep-insights")
        second = self.again(job)
        self.assertEqual(second["totals"]["consumed"], RECORDS)
        self.assertEqual(counts(second), doubled(counts(first)))
        self.assertEqual(counts(self.fleet(job)), doubled(counts(first)))
        self.assertEqual(counts(self.again(job)), doubled(counts(first)))

    def test_a_run_that_dies_before_its_first_commit_changes_nothing(self):
        job, first = self.filled()
        self.rewind(job, "--to", "earliest")
        before = self.shown(job)["partitions"]
        for one in before:
            self.assertEqual(one["insights"]["then"], "reset")
            self.assertIn("moved=reset", one["metadata"])
        # The same again, with another wish: the last one counts.
        self.rewind(job, "--to", "5", "--keep-insights")
        self.rewind(job, "--to", "earliest")
        self.assertEqual(counts(self.again(job)), counts(first))

    def test_forward_with_the_insights_kept(self):
        job, first = self.filled()
        job.generate(RECORDS)
        self.rewind(job, "--to", "latest", "--keep-insights")
        second = self.again(job)
        self.assertEqual(second["totals"]["consumed"], 0)
        self.assertEqual(counts(second), counts(first))
        job.generate(RECORDS)
        self.assertEqual(counts(self.again(job)), doubled(counts(first)))

    def test_without_it_the_next_run_complains(self):
        # What this command is for: somebody else's commit says nothing about the insights.
        job, _ = self.filled()
        for one in self.shown(job)["partitions"]:
            self.assertEqual(one["insights"]["then"], "goes_on")
            self.assertEqual(one["lag"], 0)
        text = self.offsets("show", job).text()
        self.assertRegex(text, r"(?m)^Group: Empty, 0 members$")
        self.assertEqual(len(re.findall(r"state written up to \d+ +insights: go on$", text,
                                        re.MULTILINE)), PARTITIONS)


class ExactlyOnce(Durable, Offsets):
    changes = {"guarantee": "exactly_once"}


class AtLeastOnce(Durable, Offsets):
    changes = {"guarantee": "at_least_once"}


class Plain(Offsets):
    """Insights that last as long as the process: offsets alone are moved."""

    changes = {"guarantee": "at_least_once", "top": ["state: {durable: false}"]}

    def test_back_to_the_beginning(self):
        job, first = self.filled()
        said = self.rewind(job, "--to", "earliest").text()
        self.assertNotIn("insights", said)
        for one in self.shown(job)["partitions"]:
            self.assertEqual((one["committed"], one["metadata"], one["insights"]), (0, "", None))
        second = self.again(job)
        self.assertEqual(second["totals"]["consumed"], RECORDS)
        self.assertEqual(counts(second), counts(first))

    def test_exactly_once_too(self):
        job, _ = self.filled(guarantee="exactly_once")
        self.rewind(job, "--to", "earliest")
        self.assertEqual(self.again(job)["totals"]["consumed"], RECORDS)


class Where(Offsets):
    changes = {"guarantee": "exactly_once"}

    def test_one_partition_to_an_offset(self):
        job, first = self.filled()
        ends = self.committed(job)
        text = self.rewind(job, "--to", "10", "--partition", "1").text()
        self.assertRegex(text, rf"(?m)^{job.topic}/1 +{ends[1]} +10 +{ends[1] - 10} offsets are "
                         "read again")
        self.assertEqual(self.committed(job), {**ends, 1: 10})
        second = self.again(job)
        self.assertLess(second["totals"]["consumed"], RECORDS)
        # Ten records of the partition are in no insight any more.
        total = [sum(report["insights"]["count_by_device_type"]["counts"].values())
                 for report in (first, second)]
        self.assertLess(total[1], total[0])
        self.fleet(job)

    def test_an_offset_that_the_log_does_not_have(self):
        job, _ = self.filled()
        before = self.committed(job)
        text = self.rewind(job, "--to", "1000000", "--partition", f"{job.topic}/0").text()
        self.assertIn("the log has no 1000000: the nearest that it has", text)
        self.assertEqual({**self.committed(job), 0: before[0]}, before)
        self.assertGreaterEqual(self.committed(job)[0], before[0])
        self.assertIn("the input has no partition 7",
                      self.rewind(job, "--to", "0", "--partition", "7", code=2).log())

    def test_times(self):
        job, _ = self.filled()
        before = self.committed(job)
        self.rewind(job, "--to", "1h")
        self.assertEqual(set(self.committed(job).values()), {0})
        text = self.rewind(job, "--to", "2040-01-01T00:00:00Z").text()
        self.assertEqual(text.count("no record of that time or later: the end"), PARTITIONS)
        for partition, offset in self.committed(job).items():
            self.assertGreaterEqual(offset, before[partition])
        self.assertIn("not 'yesterday'", self.rewind(job, "--to", "yesterday", code=2).log())


class Refused(Offsets):
    changes = {"guarantee": "at_least_once"}

    def test_while_somebody_reads(self):
        job = self.job().create(partitions=PARTITIONS, outputs=2)
        job.generate(RECORDS)
        run = job.start(INSTANCE="")
        run.await_log(r"[Aa]ssigned")
        refused = self.rewind(job, "--to", "earliest", code=1)
        self.assertRegex(refused.log(), r"the group has 1 member, whose offsets nobody else may")
        self.assertRegex(refused.log(), rf"millrace.* at 127\.0\.0\.1, which has {job.topic}/0, ")
        run.signal(15)
        run.end(0)
        before = self.committed(job)
        self.rewind(job, "--to", "earliest")
        self.assertNotEqual(self.committed(job), before)

    def test_while_a_copy_that_died_is_still_a_member(self):
        job = self.job(top=["instance: one", "session_timeout: 20s"])
        job.create(partitions=PARTITIONS, outputs=2)
        job.generate(RECORDS)
        self.expect_holds(job.start("--until-end"))
        refused = self.rewind(job, "--to", "earliest", code=1)
        self.assertRegex(refused.log(), r"\(instance one\) at 127\.0\.0\.1")
        self.assertRegex(refused.log(), r"counts as a member for 20 s more")

    def test_without_a_yes(self):
        job, _ = self.filled()
        before = self.committed(job)
        asked = self.offsets("rewind", job, "--to", "earliest", code=2)
        self.assertIn("nothing was moved (--yes moves without asking)", asked.log())
        said = self.offsets("rewind", job, "--to", "earliest", "--dry-run").text()
        self.assertRegex(said, rf"(?m)^{job.topic}/2 +{before[2]} +0 +{before[2]} offsets are read")
        self.assertEqual(self.committed(job), before)
        # Nothing to do.
        self.assertIn("Nothing moves", self.rewind(job, "--to", str(before[0]), "--partition",
                                                   "0").text())

    def test_a_signal_ends_the_question(self):
        job, _ = self.filled()
        before = self.committed(job)
        master, terminal = os.openpty()
        self.addCleanup(os.close, master)
        with subprocess.Popen([trial.MILLRACE, "offsets", "rewind", job.file(), "--to", "earliest"],
                              stdin=terminal, stdout=subprocess.PIPE,
                              env={**os.environ, "BOOTSTRAP_SERVERS": trial.BOOTSTRAP}) as asking:
            self.addCleanup(asking.kill)
            os.close(terminal)
            said = b""
            while b"[y/N] " not in said:
                said += os.read(asking.stdout.fileno(), 4096) or self.fail(said)
            asking.send_signal(signal.SIGINT)
            try:
                self.assertEqual(asking.wait(60), -signal.SIGINT)
            finally:
                asking.kill()
        self.assertEqual(self.committed(job), before)


if __name__ == "__main__":
    trial.main()
