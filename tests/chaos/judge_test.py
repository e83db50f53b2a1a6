# SPDX-License-Identifier: Apache-2.0
"""Shows that the judge of the chaos runs finds what is lost, repeated, swapped or foreign in
made-up streams, and what is wrong in made-up insights and windows, and that a verdict follows."""

import collections
import contextlib
import copy
import io
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import types
import unittest

import cluster
import counts
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
              windows=(), miscounted=()):
        found = {**GOOD, **(found or {})}
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        run = types.SimpleNamespace(
            folder=pathlib.Path(folder.name),
            options=types.SimpleNamespace(guarantee=guarantee, records=100, kills=1, seed=1,
                                          brokers=1, instances=2, plant=None),
            faults=[], complaints=list(complaints), kills=1, kills_that_hit=1,
            windows=[[KILLED, KILLED + 1, "a dead member"], *windows], instants=[KILLED, 1500.0],
            seconds=lambda: 1.0, counted="",
            follower=types.SimpleNamespace(found=found, status=found))
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            result = verdict.give(run, stopped, found, {**MARKS, **(marks or {})}, miscounted)
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
        self.assertFalse(self.holds(miscounted=["window by_device/... is doubled"]))

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


class Watermarks(unittest.TestCase):
    """By hand: windows of 10 s, 3 s of grace; times in seconds here."""

    def windows(self, times, size=10, hop=10, grace=3):
        windows = counts.Windows(size * 1000, hop * 1000, grace * 1000)
        for time in times:
            windows.take(None if time is None else time * 1000, 100_000, "x", 1)
        return windows

    def count(self, windows):
        return {start // 1000: groups["x"] for start, groups in windows.items()}

    def test_a_window_closes_when_the_watermark_is_its_grace_beyond_its_end(self):
        self.assertEqual(self.count(self.windows([1, 12]).closed()), {})
        self.assertEqual(self.count(self.windows([1, 13]).closed()), {0: 1})
        self.assertEqual(self.count(self.windows([1, 13]).open()), {10: 1})

    def test_what_comes_after_that_is_late(self):
        windows = self.windows([1, 12, 9, 13, 9, 14])
        self.assertEqual(self.count(windows.closed()), {0: 2})
        self.assertEqual(self.count(windows.open()), {10: 3})
        self.assertEqual(windows.late, 1)

    def test_a_time_far_ahead_moves_nothing(self):
        windows = self.windows([1, 100 + 3601, 2])
        self.assertEqual(windows.ahead, 1)
        self.assertEqual(self.count(windows.open()), {0: 2})
        self.assertEqual(self.count(self.windows([1, 100 + 3600]).closed()), {0: 1})

    def test_a_record_counts_in_each_of_its_windows_that_is_open(self):
        windows = self.windows([4, 25, 11], size=20, hop=10, grace=0)
        # 4 is in [-10, 10) and [0, 20), 25 in [10, 30) and [20, 40); it closes both of 4, and with
        # them one of the two of 11.
        self.assertEqual(self.count(windows.closed()), {-10: 1, 0: 1})
        self.assertEqual(self.count(windows.open()), {10: 2, 20: 1})
        self.assertEqual(windows.late, 0)

    def test_a_record_without_a_time_or_a_group_is_missing(self):
        windows = self.windows([None])
        windows.take(50_000, 100_000, None, 1)
        windows.take(1000, 100_000, "x", 1)  # the one before has moved the watermark
        self.assertEqual((windows.missing, windows.late), (2, 1))


class Insights(unittest.TestCase):
    """A made-up input, what is right of it, and each thing in it spoilt."""

    def setUp(self):
        chance = random.Random(5)
        with tempfile.NamedTemporaryFile("w", suffix=".tsv") as file:
            for offset in range(400):
                for partition in range(counts.PARTITIONS):
                    file.write(f"{partition}\t{offset}\t{1_800_000_000_000 + offset}\tk\t"
                               f"{self.value(chance, partition, offset)}\n")
            file.flush()
            self.expected = counts.Expected(file.name)
        self.report, self.windows = right(self.expected)

    def value(self, chance, partition, number):
        if chance.random() < 0.05:
            return "{"
        record = {"p": partition, "n": number, "keep": chance.random() > 0.1,
                  "late": chance.random() < 0.1, "d": f"d{chance.randrange(3)}",
                  "u": f"u{chance.randrange(60)}", "a": chance.randrange(100) + 0.25,
                  "t": 1_700_000_000 + number + chance.randrange(40)}
        for name in ("d", "a", "t"):
            if chance.random() < 0.05:
                del record[name]
        return json.dumps(record)

    def judge(self, spoil_report=lambda report: None, spoil_windows=lambda windows: windows):
        report = copy.deepcopy(self.report)
        spoil_report(report)
        return counts.judge(self.expected, report, spoil_windows(list(self.windows)))

    def test_the_right_ones_hold(self):
        self.assertEqual(self.judge(), [])
        self.assertGreater(sum(windows.late for windows in self.expected.by_device), 0)
        self.assertGreater(len(self.windows), 100)

    def test_a_wrong_insight_is_found(self):
        def spoil(path, change):
            def do(report):
                *way, last = path
                for name in way:
                    report = report[name]
                report[last] = change(report[last])
            wrong = self.judge(spoil_report=do)
            self.assertEqual(len(wrong), 1, (path, wrong))

        def more(number):
            return number + 1
        spoil(("partitions", 2, "next_offset"), more)
        spoil(("totals", "emitted"), more)
        spoil(("not_counted", "devices"), more)
        spoil(("insights", "devices", "counts", "d1"), more)
        spoil(("insights", "devices_of_all", "counts", "d0", "false"), more)
        spoil(("insights", "users", "value"), more)
        spoil(("insights", "users", "exact"), lambda exact: not exact)
        spoil(("insights", "top_users", "items", 3, "count"), more)
        spoil(("insights", "top_users", "items", 19, "last_n"), more)
        spoil(("insights", "top_users", "items"), lambda items: [items[1], items[0], *items[2:]])
        spoil(("insights", "amount", "value"), lambda amount: amount + 0.25)
        spoil(("insights", "last_number", "values", "d2"), more)
        spoil(("insights", "by_device", "late"), more)
        spoil(("insights", "by_device", "closed"), more)
        spoil(("insights", "amounts", "ahead"), more)
        spoil(("insights", "by_device", "open"), lambda windows: windows[1:])
        spoil(("insights", "amounts", "open", 0, "value"), more)

    def test_a_wrong_window_is_found(self):
        def found(words, change):
            wrong = self.judge(spoil_windows=change)
            self.assertTrue(any(words in sentence for sentence in wrong), (words, wrong))

        found("is doubled", lambda windows: [*windows, windows[7]])
        found("is doubled", lambda windows: [*windows, windows[-1]])
        # One group of a window is another value of it, all of them are the window.
        parts = [window[3].rsplit("/", 1)[0] for window in self.windows]
        several = next(part for part in parts if parts.count(part) > 1)
        found("instead of", lambda windows: [
            w for i, w in enumerate(windows) if i != parts.index(several)])
        found("are lost", lambda windows: [w for w in windows if not w[3].startswith(several)])
        found("are lost", lambda windows: windows[:-1])
        found("of no input record", lambda windows: [
            *windows, changed(windows[-1], lambda record: None, "2033-01-01T00:00:00Z",
                              "2033-01-01T00:01:00Z")])

        def more(record):
            record["sum"] += 1
        found("instead of", lambda windows: [*windows[:-1], changed(windows[-1], more)])

        def other(record):
            record["partition"] = (record["partition"] + 1) % counts.PARTITIONS
        found("says of itself", lambda windows: [*windows[:-1], changed(windows[-1], other)])


def changed(window, change, start=None, end=None):
    """A window of `amounts` with something else in it."""
    partition, offset, timestamp, key, value = window
    record = json.loads(value)
    change(record)
    if start:
        record["from"], record["to"] = start, end
        key = f"amounts/chaos-in/{record['partition']}/{start}"
    return partition, offset, timestamp, key, json.dumps(record)


def right(expected):
    """A report and records of windows that say what is expected."""
    def shown(partitions, write):
        merged = collections.defaultdict(collections.Counter)
        for windows in partitions:
            for start, groups in windows.open().items():
                merged[start].update(groups)
        return {"late": sum(w.late for w in partitions), "ahead": sum(w.ahead for w in partitions),
                "closed": sum(len(w.closed()) for w in partitions),
                "open": [{"start": counts.utc(start), **write(groups)}
                         for start, groups in sorted(merged.items())]}

    users = sorted(expected.users.items(), key=lambda item: (-item[1], item[0]))[:counts.TOP]
    report = {
        "partitions": [{"next_offset": end} for end in expected.ends],
        "totals": dict(expected.totals), "not_counted": dict(+expected.missing),
        "insights": {
            "devices": {"counts": dict(expected.devices)},
            "devices_of_all": {"counts": {device: dict(kept) for device, kept
                                          in expected.devices_of_all.items()}},
            "users": {"kind": "distinct", "value": len(expected.users),
                      "low": len(expected.users), "high": len(expected.users), "exact": True},
            "top_users": {"items": [
                {"key": user, "count": count, "error": 0,
                 "last_n": expected.last_number_of_user[user].value()} for user, count in users]},
            "amount": {"value": float(expected.amount)},
            "last_number": {"values": {device: edge.value() for device, edge
                                       in expected.last_number.items()}},
            "by_device": shown(expected.by_device, lambda groups: {"counts": dict(groups)}),
            "amounts": shown(expected.amounts, lambda groups: {"value": float(groups[""])})}}
    records = []
    for partition, windows in enumerate(expected.by_device):
        for start, groups in sorted(windows.closed().items()):
            span = {"start": counts.utc(start), "end": counts.utc(start + 10_000)}
            for device, count in groups.items():
                records.append((0, 0, 0, f"by_device/chaos-in/{partition}/{span['start']}/{device}",
                                json.dumps({"insight": "by_device", "partition": partition,
                                            "window": span, "group": {"d": device},
                                            "value": int(count)})))
    for partition, windows in enumerate(expected.amounts):
        for start, groups in sorted(windows.closed().items()):
            records.append((0, 0, 0, f"amounts/chaos-in/{partition}/{counts.utc(start)}",
                            json.dumps({"insight": "amounts", "partition": partition,
                                        "from": counts.utc(start),
                                        "to": counts.utc(start + 60_000),
                                        "sum": float(groups[""])})))
    return report, records


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
