#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""guarantees.py PROGRAM [--records N] [--rounds N] [--json FILE]: what exactly once costs.

Starts an Apache Kafka of its own, sends N logins to four partitions, and has PROGRAM read them to
the end by each guarantee in turn, round by round, the order within a round by chance. Prints the
records per CPU second of the engine and per second, and the ratios exactly once over at least once,
median and range over the rounds.
"""

import argparse
import json
import os
import pathlib
import random
import re
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
KAFKA = ROOT / "tests" / "broker" / "kafka" / "kafka.py"
GUARANTEES = ("at_least_once", "exactly_once")


def kafka(*arguments):
    done = subprocess.run([sys.executable, KAFKA, *map(str, arguments)], check=True,
                          stdout=subprocess.PIPE, text=True)
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""


def pipeline(folder, guarantee, number, insights):
    """config/user-login.yaml with a group of its own, by this guarantee."""
    text = (ROOT / "config" / "user-login.yaml").read_text(encoding="utf-8")
    text = text.replace("  group: user-login ", f"  group: {guarantee}-{number} ")
    if not insights:
        text = re.sub(r"(?ms)^insights:\n.*?(?=^\S)", "", text)
    path = folder / f"{guarantee}-{number}.yaml"
    path.write_text(f"{text}\ndelivery: {{guarantee: {guarantee}, commit_every: 100ms}}\n",
                    encoding="utf-8")
    return path


def run(program, folder, guarantee, number, insights):
    report = folder / "report.json"
    subprocess.run([program, "run", pipeline(folder, guarantee, number, insights), "--until-end",
                    "--report-json", report], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    found = json.loads(report.read_text(encoding="utf-8"))
    assert found["identity"]["holds"], found["identity"]
    consumed = found["totals"]["consumed"]
    return {"per_cpu_second": consumed / found["run"]["cpu_seconds"],
            "per_second": consumed / found["run"]["seconds"]}


def spread(values):
    return f"{statistics.median(values):>10,.2f} ({min(values):,.2f} to {max(values):,.2f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--without-insights", action="store_true")
    parser.add_argument("--json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        address = kafka("start", 0, folder / "broker")
        os.environ["BOOTSTRAP_SERVERS"] = address
        try:
            rounds = measure(options, folder)
        finally:
            kafka("stop", folder / "broker")
    for measure_name, what in (("per_cpu_second", "records per CPU second"),
                               ("per_second", "records per second")):
        print(what)
        for guarantee in GUARANTEES:
            print(f"  {guarantee:<16}{spread([one[guarantee][measure_name] for one in rounds])}")
        ratios = [one["exactly_once"][measure_name] / one["at_least_once"][measure_name]
                  for one in rounds]
        print(f"  {'ratio':<16}{spread(ratios)}")
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(rounds, indent=1) + "\n",
                                              encoding="utf-8")


def measure(options, folder):
    print(f"sending {options.records:,} records...", file=sys.stderr, flush=True)
    subprocess.run([options.program, "generate", "--topic", "user-login", "--partitions", "4",
                    "--records", str(options.records), "--defects", "5%", "--seed", "1"],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    rounds = []
    for number in range(options.rounds + 1):
        order = list(GUARANTEES)
        random.shuffle(order)
        found = {guarantee: run(options.program, folder, guarantee, number,
                                not options.without_insights) for guarantee in order}
        print(f"round {number} of {options.rounds}: " + ", ".join(
            f"{guarantee} {found[guarantee]['per_cpu_second']:,.0f}/CPU s"
            for guarantee in GUARANTEES), file=sys.stderr, flush=True)
        if number > 0:  # the first warms the broker's page cache
            rounds.append(found)
    return rounds


if __name__ == "__main__":
    main()
