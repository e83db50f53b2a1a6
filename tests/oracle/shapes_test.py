# SPDX-License-Identifier: Apache-2.0
"""Shows that the oracle's comparison finds what is wrong, kind by kind, and with windows; no broker
and no DuckDB is needed."""

import copy
import json
import sys
import tempfile
import unittest

import shapes
import windows

START = 1_704_067_200_000
TEXT = "2024-01-01T00:00:00Z"


class Kinds(unittest.TestCase):
    def holds(self, check, rows, members, *more):
        self.assertEqual(check(rows, copy.deepcopy(members), *more), "")

    def fails(self, check, rows, members, *more):
        self.assertNotEqual(check(rows, copy.deepcopy(members), *more), "")

    def test_counts(self):
        rows = [("a", "x", 3), ("a", "y", 1), ("b", "x", 2)]
        self.holds(shapes.count_by, rows, {"counts": {"a": {"x": 3, "y": 1}, "b": {"x": 2}}})
        self.fails(shapes.count_by, rows, {"counts": {"a": {"x": 3, "y": 2}, "b": {"x": 2}}})
        self.fails(shapes.count_by, rows, {"counts": {"a": {"x": 3, "y": 1}}})
        self.fails(shapes.count_by, rows, {"counts": {"a": {"x": 3, "y": 1}, "b": {"x": 2, "": 0}}})
        self.holds(shapes.value, [(7,)], {"value": 7})
        self.fails(shapes.value, [(7,)], {"value": 8})
        self.fails(shapes.value, [(7,)], {"value": "7"})
        hours = {str(hour): 0 for hour in range(24)}
        self.holds(shapes.hours, [(3, 5)], {"counts": {**hours, "3": 5}})
        self.fails(shapes.hours, [(3, 5)], {"counts": {**hours, "4": 5}})

    def test_numbers(self):
        self.holds(shapes.integer, [(2 ** 60 + 1,)], {"value": 2 ** 60 + 1})
        self.fails(shapes.integer, [(2 ** 60 + 1,)], {"value": 2 ** 60})
        self.fails(shapes.integer, [(2,)], {"value": 2.0})
        tenths = [(int(0.1 * 2 ** 60) * 10, 1)]  # ten times the double that 0.1 is
        self.holds(shapes.fraction, tenths, {"value": 1})
        self.fails(shapes.fraction, tenths, {"value": 0.9999999999999999})  # what doubles add up to
        self.holds(shapes.fraction, [(3 << 60, 2)], {"value": 1.5})

    def test_edges(self):
        rows = [("a", '"49"'), ("b", "49"), ("c", "null")]
        self.holds(shapes.edges, rows, {"values": {"a": "49", "b": 49, "c": None}})
        self.fails(shapes.edges, rows, {"values": {"a": 49, "b": 49, "c": None}})
        self.fails(shapes.edges, rows, {"values": {"a": "49", "b": 49, "c": "null"}})

    def test_top(self):
        item = {"key": "a", "count": 3, "error": 0, "last_t": 7}
        self.holds(shapes.top, [("a", 3, "7")], {"items": [item]}, ("last_t",))
        for name, wrong in (("key", "b"), ("count", 4), ("error", 1), ("last_t", 8)):
            self.fails(shapes.top, [("a", 3, "7")], {"items": [{**item, name: wrong}]}, ("last_t",))
        rows = [("a", 9), ("b", 5), ("c", 4), ("d", 1)]

        def estimated(*items):
            return {"items": [dict(zip(("key", "count", "error"), item)) for item in items]}
        self.holds(shapes.top_with_errors, rows, estimated(("a", 9, 0), ("c", 6, 2)), 2)
        self.fails(shapes.top_with_errors, rows, estimated(("a", 9, 0), ("c", 6, 1)), 2)
        self.fails(shapes.top_with_errors, rows, estimated(("a", 8, 0), ("c", 6, 2)), 2)
        self.fails(shapes.top_with_errors, rows, estimated(("a", 9, 0), ("c", 4, 0)), 2)  # and b?
        self.fails(shapes.top_with_errors, rows, estimated(("c", 6, 2), ("a", 9, 0)), 2)
        self.fails(shapes.top_with_errors, rows, estimated(("a", 9, 0)), 2)
        self.fails(shapes.top_with_errors, rows, estimated(("e", 5, 4), ("a", 9, 0)), 2)

    def test_bounds(self):
        found = {"values": {"p50": 100.7, "p99.9": -3.0}, "relative_error": 0.0078125}
        self.holds(shapes.quantiles, [(0.5, 100), (0.999, -3)], found)
        self.fails(shapes.quantiles, [(0.5, 99), (0.999, -3)], found)
        self.fails(shapes.quantiles, [(0.5, 100)], found)
        exact = {"value": 5, "low": 5, "high": 5, "exact": True}
        about = {"value": 1000, "low": 984, "high": 1016, "exact": False}
        self.holds(shapes.distinct, [(5,)], exact)
        self.fails(shapes.distinct, [(6,)], exact)
        self.holds(shapes.distinct, [(1016,)], about)
        self.fails(shapes.distinct, [(1017,)], about)
        self.fails(shapes.distinct, [(984,)], {**about, "value": 900})

    def test_distinct_by(self):
        about = {"value": 1000, "low": 984, "high": 1016, "exact": False}
        exact = {"value": 5, "low": 5, "high": 5, "exact": True}
        found = {"by": {f"g{i}": about for i in range(30)} | {"x": exact}}
        rows = [(f"g{i}", 1000 + i % 10) for i in range(30)] + [("x", 5)]
        self.holds(shapes.distinct_by, rows, found)
        self.fails(shapes.distinct_by, [*rows[:-1], ("x", 6)], found)
        self.fails(shapes.distinct_by, rows[1:], found)
        # A few of many estimates are outside of their bounds, but not many, and never far.
        self.holds(shapes.distinct_by, [("g0", 1020), *rows[1:]], found)
        self.fails(shapes.distinct_by, [("g0", 1040), *rows[1:]], found)
        self.fails(shapes.distinct_by, [(f"g{i}", 1020) for i in range(5)] + rows[5:], found)


class Windows(unittest.TestCase):
    def read(self, *records):
        with tempfile.NamedTemporaryFile("w", suffix=".tsv") as file:
            for key, record in records:
                file.write(f"0\t0\t0\t{key}\t{json.dumps(record)}\t\\N\n")
            file.flush()
            return windows.read([file.name], "p", "in")

    def record(self, group="ios", value=3, start=TEXT, **members):
        key = f"w/in/1/{start}/{group}"
        return key, {"pipeline": "p", "insight": "w", "topic": "in", "partition": 1,
                     "window": {"start": start, "end": "-"}, "group": {"type": group},
                     "value": value, "final": True, **members}

    def test_what_is_right(self):
        found, wrong = self.read(self.record(), self.record("web", 2))
        self.assertEqual(wrong, [])
        rows = [(1, START, "ios", 3), (1, START, "web", 2), (None, START + 60_000, "ios", 9)]
        self.assertEqual(windows.check_closed("count_by", rows, found["w"]), [])
        shown = {"every_seconds": 60, "open": [{"start": "2024-01-01T00:01:00Z",
                                                "end": "2024-01-01T00:02:00Z",
                                                "counts": {"ios": 9}}]}
        self.assertEqual(windows.check_open("count_by", rows, copy.deepcopy(shown)), [])
        shown["open"][0]["counts"]["ios"] = 8
        self.assertNotEqual(windows.check_open("count_by", rows, copy.deepcopy(shown)), [])
        shown["open"] = []
        self.assertNotEqual(windows.check_open("count_by", rows, shown), [])

    def test_what_is_lost_doubled_or_wrong(self):
        rows = [(1, START, "ios", 3), (1, START + 60_000, "ios", 1)]
        second = self.record(value=1, start="2024-01-01T00:01:00Z")
        foreign = self.record(start="2025-01-01T00:00:00Z")
        found, wrong = self.read(self.record(), second)
        self.assertEqual(windows.check_closed("count_by", rows, found["w"]) + wrong, [])
        for records, words in (
                ((self.record(),), "lost"),
                ((self.record(), second, second), "twice"),
                ((second, self.record()), "after a later"),
                ((self.record(value=4), second), "instead of|and not"),
                ((self.record(), second, foreign), "not be there"),
                ((self.record(final=False), second), "other members"),
                ((self.record(partition=2), second), "not its key's"),
                ((self.record(pipeline="q"), second), "another pipeline"),
                ((self.record(more=1), second), "other members")):
            found, wrong = self.read(*records)
            sentences = wrong + windows.check_closed("count_by", rows, found["w"])
            self.assertRegex("\n".join(sentences), words)

    def test_books(self):
        rows = [(1, 2, 3, 4, START)]
        shown = {"ahead": 1, "late": 3, "closed": 4, "watermark": TEXT}
        self.assertEqual(windows.check_books(rows, shown, 2), [])
        self.assertNotEqual(windows.check_books(rows, shown, 1), [])
        for name in shown:
            self.assertNotEqual(windows.check_books(rows, {**shown, name: 0}, 2), [])
        late = [(START + 60_000 * i, 2) for i in range(103)]
        shown = {"late_windows": [{"start": shapes.utc(start), "late": 2} for start, _ in late[3:]],
                 "late_earlier": 6}
        self.assertEqual(windows.check_late(late, shown), [])
        self.assertNotEqual(windows.check_late(late, {**shown, "late_earlier": 5}), [])
        shown["late_windows"][9]["late"] = 3
        self.assertNotEqual(windows.check_late(late, shown), [])


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=1))
