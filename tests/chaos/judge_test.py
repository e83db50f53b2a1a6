# SPDX-License-Identifier: Apache-2.0
"""Shows that the judge of the chaos runs finds what is lost, repeated, swapped or foreign in
made-up streams, and that a verdict follows from it."""

import contextlib
import io
import pathlib
import subprocess
import sys
import tempfile
import types
import unittest

import cluster
import faults
import verdict

GOOD = {"input": 100, "read": 200, "lost": 0, "duplicated": 0, "out_of_order": 0, "foreign": 0,
        "bad_content": 0, "bad_provenance": 0, "bad_input": 0, "violations": 0, "sentences": [],
        "offsets": {"0": 100}, "input_ends": {"0": 100}, "delivered": {"chaos-out-0": 200},
        "replays": []}
MARKS = {"committed": 9, "aborted": 3, "commit_markers": 9, "abort_markers": 3,
         "aborted_records": 5, "open_records": 0, "committed_records": {"chaos-out-0": 200}}
KILLED = 1000.0  # seconds since 1970


class Ledgers(unittest.TestCase):
    def test_made_up_streams(self):
        cluster.kafka("jars")
        done = subprocess.run(cluster.java("SelfTest"), capture_output=True, text=True,
                              check=False)
        print(done.stdout)
        self.assertEqual(done.returncode, 0, done.stderr)


class Verdicts(unittest.TestCase):
    def holds(self, guarantee="exactly_once", found=None, marks=None, complaints=(), stopped="",
              windows=()):
        found = {**GOOD, **(found or {})}
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        run = types.SimpleNamespace(
            folder=pathlib.Path(folder.name),
            options=types.SimpleNamespace(guarantee=guarantee, records=100, kills=1, seed=1,
                                          brokers=1, instances=2, plant=None),
            faults=[], complaints=list(complaints), kills=1, kills_that_hit=1,
            windows=[[KILLED, KILLED + 1, "a dead member"], *windows], instants=[KILLED, 1500.0],
            seconds=lambda: 1.0,
            follower=types.SimpleNamespace(found=found, status=found))
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            result = verdict.give(run, stopped, found, {**MARKS, **(marks or {})})
        self.assertIn("verdict: " + ("holds" if result else "VIOLATED"), printed.getvalue())
        return result

    def test_a_good_run_holds(self):
        self.assertTrue(self.holds())
        self.assertTrue(self.holds("at_least_once"))

    def test_each_flaw_is_a_violation(self):
        self.assertFalse(self.holds(found={"violations": 1, "lost": 1}))
        self.assertFalse(self.holds(found={"input": 99}))
        self.assertFalse(self.holds(found={"offsets": {"0": 99}}))
        self.assertFalse(self.holds(complaints=["a ended by itself"]))
        self.assertFalse(self.holds(stopped="it hangs"))

    def test_the_reader_must_get_what_the_log_says_is_committed(self):
        self.assertFalse(self.holds(marks={"committed_records": {"chaos-out-0": 199}}))
        self.assertFalse(self.holds(marks={"committed_records": {}}))

    def replay(self, since, until, at):
        return {"length": 3, "first": 7, "since": since * 1000, "until": until * 1000,
                "at": at * 1000}

    def test_repeats_from_the_last_interval_are_within_the_bound(self):
        near = self.replay(KILLED - 0.3, KILLED - 0.1, KILLED + 3)
        self.assertTrue(self.holds("at_least_once", {"replays": [near], "duplicated": 3}))

    def test_a_repeat_without_a_fault_is_a_violation(self):
        alone = self.replay(KILLED + 100, KILLED + 100.1, KILLED + 100.2)
        self.assertFalse(self.holds("at_least_once", {"replays": [alone], "duplicated": 3}))
        after_rebalance = self.replay(1499.9, 1500, 1501)
        self.assertTrue(self.holds("at_least_once", {"replays": [after_rebalance]}))
        by_two_owners = self.replay(1501.5, 1501.5, 1501.5)
        self.assertTrue(self.holds("at_least_once", {"replays": [by_two_owners]}))
        long_after = self.replay(1502, 1502, 1502)
        self.assertFalse(self.holds("at_least_once", {"replays": [long_after]}))

    def test_repeats_from_long_before_are_not(self):
        far = self.replay(KILLED - 60, KILLED - 0.1, KILLED + 3)
        self.assertFalse(self.holds("at_least_once", {"replays": [far], "duplicated": 3}))
        self.assertFalse(self.holds("at_least_once", {"replays": [far]},
                                    windows=[[KILLED - 60, KILLED, "a dead member"]]))
        self.assertTrue(self.holds("at_least_once", {"replays": [far], "duplicated": 3},
                                   windows=[[KILLED - 60, KILLED - 1, "broker"]]))


class Plans(unittest.TestCase):
    def test_a_seed_is_a_plan(self):
        self.assertEqual(faults.plan(7, 20, 3, 2.0), faults.plan(7, 20, 3, 2.0))
        self.assertNotEqual(faults.plan(7, 20, 3, 2.0), faults.plan(8, 20, 3, 2.0))

    def test_every_kind_of_fault_is_in_it_and_the_kills_are_as_many_as_asked_for(self):
        for seed in range(50):
            plan = faults.plan(seed, 20, 1, 2.0)
            kills = sum(2 if f.victim == "all" else 1 for f in plan if f.kind == "kill")
            self.assertIn(kills, (20, 21), seed)
            self.assertEqual({fault.kind for fault in plan},
                             {"kill", "term", "pause", "churn", "network", "broker_kill",
                              "broker_restart"})
            self.assertTrue(all(2.5 <= fault.gap <= 5 for fault in plan))
            self.assertTrue(all(fault.lasts > 2 for fault in plan if fault.kind == "pause"))


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=1))
