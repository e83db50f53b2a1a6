# SPDX-License-Identifier: Apache-2.0
"""The Grafana board and the alert rules, as what they ask of Prometheus."""

import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
BOARD = ROOT / "docker" / "grafana" / "boards" / "millrace.json"
ALERTS = ROOT / "docker" / "prometheus" / "alerts.yml"
# Grafana's own variables, as Grafana would fill them in.
VARIABLES = {"$__rate_interval": "1m", "$instance": ".*"}
# What is only there once something happened.
MAY_BE_EMPTY = set()


def panels():
    return json.loads(BOARD.read_text())["panels"]


def queries():
    """(panel and letter, expression) of each query."""
    found = []
    for panel in panels():
        for target in panel.get("targets", []):
            expression = target["expr"]
            for name, value in VARIABLES.items():
                expression = expression.replace(name, value)
            found.append((f"{panel['title']} {target['refId']}", expression))
    return found


def alert_expressions():
    return re.findall(r"^\s+expr: (.*)$", ALERTS.read_text(), re.M)


def metrics_of(expression):
    """Names of metrics in it; functions are followed by a bracket, labels stand in braces."""
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\b(by|without) *\([^)]*\)", " ", expression)
    return set(re.findall(r"\b(?:millrace|process)_\w+\b(?! *\()", bare))
