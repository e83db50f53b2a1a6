# SPDX-License-Identifier: Apache-2.0
"""The main job over 300,000 records in 4 partitions, watched by the independent witness: stopped
twice and continued; in one go; and again with other numbers of workers."""

import signal

import trial
from trial import CLOCK, merge, without_zeros

RECORDS = 300_000
# Many small requests make the run take seconds, and a stop drains all that has been read: both are
# kept small so that a signal hits the middle.
SLOWLY = {"kafka": ["batch.num.messages: 20"], "top": ["memory: 64MiB"]}


class MainJob(trial.Trial):
    @classmethod
    def setUpClass(cls):
        cls.shared = None

    def input(self):
        """The topic of 300,000 records, made by the first test that wants it."""
        if MainJob.shared is None:
            made = self.pipeline("job").create()
            sent = made.generate(RECORDS, "--defects", "5%", "--seed", 7, "--partitions", 4)
            self.assertIn(f"{RECORDS} records sent", sent.text())
            MainJob.shared = made
        return MainJob.shared

    def another(self, name, **changes):
        fresh = self.pipeline(name, **changes)
        fresh.input = self.input().input
        return fresh.create_outputs()

    def test_stopped_twice_and_continued(self):
        job = self.another("stopped", report="30000 records", **SLOWLY)
        reports = []
        for number in (signal.SIGINT, signal.SIGTERM):
            run = job.start()
            run.await_log(r"Report. consumed=\d+")
            run.signal(number)
            reports.append(self.expect_holds(run))
            self.assertEqual(reports[-1]["run"]["ended_by"], number.name)
        reports.append(self.expect_holds(job.start("--until-end")))

        consumed = [report["totals"]["consumed"] for report in reports]
        print(f"  consumed by the three runs: {consumed}")
        self.assertEqual(sum(consumed), RECORDS)
        self.assertTrue(all(count > 0 for count in consumed), "a signal missed the middle")
        for before, after in zip(reports, reports[1:]):
            for one, next_one in zip(before["partitions"], after["partitions"]):
                self.assertEqual(one["committed_offset"], next_one["first_offset"])
        found = job.check()
        print(f"  duplicates after two orderly stops: {found['duplicates']}")
        self.assertEqual(found["duplicates"], 0)
        merged = merge(reports)
        self.assertEqual(merged["totals"], found["totals"])
        self.assertEqual(merged["dead_letters"], found["dead_letters"])
        for name, counts in merged["insights"].items():
            self.assertEqual(without_zeros(counts),
                             without_zeros(found["insights"][name]["counts"]))

    def test_in_one_go_with_any_number_of_workers(self):
        jobs = []
        for workers in (0, 1, 8):
            top = [f"workers: {workers}"] if workers else []
            job = self.another(f"workers-{workers}", top=top)
            clock = ["--clock", CLOCK] if workers else []
            run = job.start("--until-end", *clock)
            report = self.expect_holds(run)
            print(f"  {workers or 'default'} workers: {report['run']}")
            self.assertEqual(report["run"]["ended_by"], "end of topics")
            found = job.check(reports=[str(run.report_file)],
                              **({"clock": CLOCK} if workers else {}))
            self.assertEqual(found["duplicates"], 0)
            del report["run"]
            jobs.append((found["checksums"], report))
        (_, default), (sums_one, by_one), (sums_eight, by_eight) = jobs
        self.assertEqual(by_one, by_eight)
        self.assertEqual(by_one, default)
        # How the input partitions lie among each other in an output partition depends on what was
        # polled when; what each of them wrote there does not. Outputs go where their key says, dead
        # letters stay in the partition of their record.
        self.assertEqual(len(sums_one), 4 * 4 + 4)
        self.assertEqual(sums_one, sums_eight)


if __name__ == "__main__":
    trial.main()
