#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Grafana board, the alert rules and the container files, held to docs/metrics.md and to each
other. Needs neither Docker nor Grafana; compose_test.py lets Prometheus answer the queries."""

import pathlib
import re
import unittest

import board

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| `((?:millrace|process)_\w+)` \| (counter|gauge|histogram) \| ([^|]*) \|",
                 re.M)
# What Prometheus itself adds to what it scrapes.
TARGET_LABELS = {"job", "instance"}
COLUMNS = 24


def documented():
    """Metrics of docs/metrics.md with their type and labels."""
    text = (ROOT / "docs" / "metrics.md").read_text()
    return {name: (kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels
            in ROW.findall(text)}


def sample_names(metrics):
    """Names under which Prometheus has them, with their labels."""
    samples = {}
    for name, (kind, labels) in metrics.items():
        if kind == "histogram":
            samples |= {f"{name}_bucket": labels | {"le"}, f"{name}_sum": labels,
                        f"{name}_count": labels}
        else:
            samples[name] = labels
    return samples


def labels_of(expression):
    selected = re.findall(r"(\w+) *(?:=~|!~|!=|=)\s*\"", expression)
    grouped = re.findall(r"\b(?:by|without) *\(([^)]*)\)", expression)
    return set(selected) | {label.strip() for group in grouped for label in group.split(",")}


class Board(unittest.TestCase):
    def setUp(self):
        self.samples = sample_names(documented())
        self.assertGreater(len(self.samples), 40, "the tables of docs/metrics.md were not found")

    def check_expression(self, where, expression):
        metrics = board.metrics_of(expression)
        self.assertTrue(metrics or "up{" in expression, f"{where} asks for no metric of ours")
        for metric in metrics:
            self.assertIn(metric, self.samples, f"{where}: {metric} is not in docs/metrics.md")
        known = TARGET_LABELS.union(*(self.samples[metric] for metric in metrics))
        self.assertLessEqual(labels_of(expression), known, f"{where}: {expression}")

    def test_asks_only_for_metrics_and_labels_that_there_are(self):
        for where, expression in board.queries():
            self.check_expression(where, expression)

    def test_alert_rules_ask_only_for_metrics_that_there_are(self):
        self.assertGreater(len(board.alert_expressions()), 5)
        for expression in board.alert_expressions():
            self.check_expression("alerts.yml", expression)

    def test_counters_are_shown_as_rates(self):
        kinds = {name: kind for name, (kind, _) in documented().items()}
        for where, expression in board.queries():
            for metric in board.metrics_of(expression):
                if kinds.get(metric) == "counter":
                    self.assertRegex(expression, rf"(rate|increase)\({metric}\b", where)

    def test_legends_name_labels_of_the_query(self):
        for panel in board.panels():
            for target in panel.get("targets", []):
                wanted = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
                self.assertLessEqual(wanted, labels_of(target["expr"]), panel["title"])

    def test_panels_do_not_overlap(self):
        taken, ids = set(), set()
        for panel in board.panels():
            self.assertNotIn(panel["id"], ids)
            ids.add(panel["id"])
            at = panel["gridPos"]
            self.assertLessEqual(at["x"] + at["w"], COLUMNS)
            cells = {(x, y) for x in range(at["x"], at["x"] + at["w"])
                     for y in range(at["y"], at["y"] + at["h"])}
            self.assertFalse(taken & cells, panel["title"])
            taken |= cells

    def test_shows_what_was_asked_for(self):
        shown = set().union(*(board.metrics_of(expression) for _, expression in board.queries()))
        for metric in ("millrace_records_total", "millrace_lag_offsets",
                       "millrace_dead_letters_total", "millrace_batch_stage_seconds_bucket",
                       "millrace_commit_seconds_bucket",
                       "process_resident_memory_bytes", "millrace_alert_state"):
            self.assertIn(metric, shown)


class Files(unittest.TestCase):
    def test_the_compose_pipeline_does_what_the_example_does(self):
        """The witness judges the compose test by the schema and steps of config/user-login.yaml."""
        def lines(name, section):
            text = (ROOT / "config" / name).read_text()
            found = re.search(rf"^{section}:.*?(?=^\w)", text, re.M | re.S).group()
            bare = [re.sub(r"\s+#.*$", "", line).rstrip() for line in found.split("\n")]
            return [line for line in bare if line and not line.lstrip().startswith("#")]

        for section in ("input", "schema", "steps", "output", "dead_letters"):
            self.assertEqual(lines("compose/user-login.yaml", section),
                             lines("user-login.yaml", section), section)

    def test_the_image_has_the_version_of_the_project(self):
        version = re.search(r"project\(millrace VERSION (\S+)",
                            (ROOT / "CMakeLists.txt").read_text()).group(1)
        self.assertIn(f"image: millrace:{version}\n", (ROOT / "compose.yaml").read_text())

    def test_the_broker_is_the_one_that_the_tests_run_on(self):
        version = re.search(r"<kafka.version>(\S+)</kafka.version>",
                            (ROOT / "tests/broker/kafka/pom.xml").read_text()).group(1)
        self.assertIn(f"image: apache/kafka:{version}\n", (ROOT / "compose.yaml").read_text())


if __name__ == "__main__":
    unittest.main(verbosity=2)
