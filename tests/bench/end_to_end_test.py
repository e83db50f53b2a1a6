# SPDX-License-Identifier: Apache-2.0
"""What bench/end_to_end works out without a broker: which cases a run has, the ratios of made-up
samples, and the charts of them."""

import copy
import pathlib
import sys
import tempfile
import types
import unittest
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench" / "end_to_end"))
sys.dont_write_bytecode = True

import backlog  # noqa: E402
import chart  # noqa: E402
import end_to_end  # noqa: E402
import plot  # noqa: E402
import rates  # noqa: E402
import rig  # noqa: E402
import throughput  # noqa: E402

SVG = "{http://www.w3.org/2000/svg}"


def asked(**changed):
    members = {"program": "millrace", "floor": "bench_floor", "matrix": True, "records": 1000,
               "partitions": [4, 100], "bytes": [190, 5000], "bad": [5.0, 0.0, 50.0],
               "workers": [2, 1], "guarantee": ["at_least_once", "exactly_once"],
               "floor_modes": [], "rates": [20_000, 1_000], "latency": ["low", "relaxed"],
               "latency_seconds": 5, "latency_rounds": 2, "memory": "512MiB",
               "backlog_records": 10, "backlog_rounds": 1}
    return types.SimpleNamespace(**{**members, **changed})


def sampled(order):
    """Two rounds: the floor does 100 and 200, an engine half of that, with many partitions or bad
    records a quarter."""
    found = {}
    for case in order:
        of = 1.0 if case.name == "floor" else 0.5
        if case.point.partitions == 100 or case.point.bad == 50:
            of /= 2
        found[case.key] = [{"per_cpu_second": rate * of, "per_second": rate * of * 2,
                            "peak_rss_bytes": 1e8} for rate in (100.0, 200.0)]
    return found


def document(options):
    order = throughput.cases(options)
    samples = sampled(order)
    inputs = {case.wanted: {"bytes": 212 * case.wanted.records} for case in order}
    return {"commit": "0123abc", "machine": "a processor", "cores": 2, "memory_bytes": 8e9,
            "busy_at_start": 0.01, "kafka": "a broker", "build": "a build", "records": 1000,
            "rounds": 2, "cases": throughput.document(order, samples, inputs), "samples": samples,
            "latency": rates.document(options, latencies(options)),
            "backlog": backlog.document(options, {"exactly_once": [{"peak_rss_bytes": 3e8}]})}


def latencies(options):
    return {case: [{"p50": 5.0, "p99": 10.0 * of, "p999": 20.0 * of,
                    **({} if case.name == "direct" else {"cores": 0.1})} for of in (1, 3)]
            for case in rates.cases(options)}


class Cases(unittest.TestCase):
    def test_the_matrix_goes_along_each_axis_alone(self):
        order = throughput.cases(asked())
        keys = [case.key for case in order]
        self.assertEqual(len(keys), len(set(keys)))
        self.assertEqual(keys[:3], ["floor", "at_least_once", "exactly_once"])
        self.assertIn("exactly_once.bad_50", keys)
        self.assertNotIn("exactly_once.partitions_100.bad_50", keys)
        self.assertNotIn("floor.workers_1", keys)  # it has one thread
        self.assertEqual(len(keys), 3 * 5 + 2)

    def test_otherwise_the_axes_are_multiplied(self):
        keys = [case.key for case in throughput.cases(asked(matrix=False))]
        self.assertIn("exactly_once.partitions_100.bad_50.workers_1", keys)
        self.assertEqual(len(keys), 2 * 2 * 3 * (1 + 2 * 2))

    def test_only_the_matrix_takes_fewer_large_records(self):
        for matrix, records in ((True, 200), (False, 1000)):
            large = [case for case in throughput.cases(asked(matrix=matrix))
                     if case.point.bytes == 5000]
            self.assertEqual({case.wanted.records for case in large}, {records})

    def test_the_other_rates_are_measured_balanced_and_each_rate_directly(self):
        keys = [rates.key(case) for case in rates.cases(asked(guarantee=["exactly_once"]))]
        self.assertEqual(keys, ["direct.rate_20000", "direct.rate_1000",
                                "exactly_once.low.rate_20000", "exactly_once.relaxed.rate_20000",
                                "exactly_once.balanced.rate_1000"])


class Ratios(unittest.TestCase):
    def test_each_is_to_a_run_of_the_same_round(self):
        order = throughput.cases(asked())
        ratios = throughput.ratios_of(order, sampled(order))
        self.assertEqual(ratios["at_least_once_over_floor"], [0.5, 0.5])
        self.assertEqual(ratios["at_least_once_over_floor.partitions_100"], [0.5, 0.5])
        self.assertEqual(ratios["exactly_once.partitions_100_over_base"], [0.5, 0.5])
        self.assertEqual(ratios["exactly_once_partitions_100_over_4"], [0.5, 0.5])
        self.assertEqual(ratios["floor_per_second_bad_50_over_0"], [0.5, 0.5])
        self.assertEqual(ratios["at_least_once_whole_machine_over_floor"], [1.0, 1.0])
        self.assertEqual(ratios["exactly_once_over_at_least_once.workers_1"], [1.0, 1.0])

    def test_a_target_is_met_or_missed_by_the_median(self):
        order = throughput.cases(asked())
        least = throughput.targets(order)
        self.assertEqual(least["exactly_once_bad_50_over_0"], 0.6)
        self.assertNotIn("floor_bad_50_over_0", least)
        found = end_to_end.judged({"a": [0.5, 0.7, 0.8], "b": [2.0], "c": [1.0]},
                                  {"a": 0.7}, {"b": 1.0})
        self.assertEqual(found, {"a": {"at_least": 0.7, "met": True},
                                 "b": {"at_most": 1.0, "met": False}})

    def test_latency_is_held_against_the_direct_way_at_the_same_rate(self):
        ratios = rates.ratios_of(latencies(asked()))
        self.assertEqual(ratios["at_least_once.low.rate_20000_p99_over_direct"], [1.0, 1.0])
        self.assertEqual(ratios["at_least_once_low_p99_over_target"], [1.0, 3.0])
        self.assertNotIn("at_least_once_balanced_p99_over_target", ratios)  # of another rate


class Backlog(unittest.TestCase):
    def test_the_limit_is_the_memory_that_is_set_and_64_mb(self):
        self.assertEqual(backlog.limit(asked(memory="512MiB")), (512 << 20) + 64_000_000)
        self.assertEqual(backlog.bytes_of("1GiB"), 1 << 30)

    def test_the_job_without_insights_is_the_job_but_for_them(self):
        with tempfile.TemporaryDirectory() as folder:
            text = backlog.without_insights(folder).read_text(encoding="utf-8")
        whole = (rig.HERE / "job.yaml").read_text(encoding="utf-8")
        self.assertNotIn("insights:", text)
        self.assertIn("format_time", text)
        self.assertEqual(len(text.splitlines()),
                         whole.splitlines().index("insights:"))
        schema = next(line for line in text.splitlines() if line.startswith("schema: "))
        self.assertTrue(pathlib.Path(schema.removeprefix("schema: ")).is_file())


class Charts(unittest.TestCase):
    def setUp(self):
        self.document = document(asked())
        self.charts = {name: svg for name, svg in plot.charts(self.document) if svg}

    def test_there_is_one_of_each_kind(self):
        self.assertEqual(set(self.charts), {"over-floor", "partitions", "bad", "bytes", "workers",
                                            "latency", "latency-rates", "memory"})

    def test_all_are_small_drawings_that_say_where_they_were_measured(self):
        for name, svg in self.charts.items():
            with self.subTest(name):
                root = xml.etree.ElementTree.fromstring(svg)
                texts = " ".join(text.text for text in root.iter(f"{SVG}text"))
                self.assertIn("0123abc", texts)
                self.assertIn("a processor", texts)
                self.assertLess(len(svg), 20_000)
                for box in root.iter(f"{SVG}rect"):
                    self.assertGreaterEqual(float(box.get("height")), 0)
                    self.assertGreaterEqual(float(box.get("width")), 0)

    def test_nothing_leaves_the_picture(self):
        for name, svg in self.charts.items():
            root = xml.etree.ElementTree.fromstring(svg)
            height = float(root.get("height"))
            with self.subTest(name):
                for line in root.iter(f"{SVG}line"):
                    for end in ("y1", "y2"):
                        self.assertTrue(0 <= float(line.get(end)) <= height)
                    for end in ("x1", "x2"):
                        self.assertTrue(0 <= float(line.get(end)) <= chart.WIDTH)

    def test_a_chart_says_that_the_machine_was_busy(self):
        said = "the machine was busy before: 60%"
        self.assertNotIn(said, self.charts["over-floor"])
        busy = dict(plot.charts({**self.document, "busy_at_start": 0.6}))
        self.assertIn(said, busy["over-floor"])

    def test_one_value_of_an_axis_is_no_chart(self):
        alone = document(asked(workers=[2]))
        self.assertIsNone(plot.along(alone, "workers"))

    def test_a_case_that_was_not_measured_leaves_a_gap(self):
        less = copy.deepcopy(self.document)
        less["cases"] = [case for case in less["cases"] if case["key"] != "exactly_once.bad_0"]
        xml.etree.ElementTree.fromstring(plot.along(less, "bad"))

    def test_a_file_of_latency_alone_has_its_chart(self):
        one = {"median": 5.0, "least": 4.0, "most": 9.0}
        alone = {name: self.document[name] for name in (
            "commit", "machine", "cores", "memory_bytes", "busy_at_start", "kafka", "build",
            "rounds")}
        alone.update(rate=20_000, seconds=20, partitions=4, commit_every_ms=100, figures={
            "exactly_once": {"low": {"p50": one, "p99": one, "p999": one}}})
        self.assertEqual({name for name, svg in plot.charts(alone) if svg}, {"latency"})

    def test_the_peers_have_one_too(self):
        one = {"median": 0.5, "least": 0.4, "most": 0.6}
        alone = {name: self.document[name] for name in (
            "commit", "machine", "cores", "memory_bytes", "busy_at_start", "kafka", "build",
            "rounds")}
        alone.update(
            contenders={"floor": {"measured": True, "guarantee": "none"},
                        "quix": {"measured": True, "guarantee": "at least once"},
                        "other": {"measured": False, "why": "not here"}},
            ratio_ranges={"quix_over_floor": one, "quix_without_start_over_floor": one})
        svg = dict(plot.charts(alone))["peers"]
        self.assertIn("Quix, at least once", svg)
        self.assertIn("other", svg)  # as not measured

    def test_an_axis_begins_at_zero_and_covers_the_highest(self):
        for most in (0.004, 0.7, 1.0, 1.01, 3, 48, 99.9, 1234):
            every = chart.ticks(most)
            self.assertEqual(every[0], 0)
            self.assertGreaterEqual(every[-1], most)
            self.assertTrue(3 <= len(every) <= 8, every)
            self.assertEqual(len({chart.on_axis(tick, every) for tick in every}), len(every))


if __name__ == "__main__":
    unittest.main()
