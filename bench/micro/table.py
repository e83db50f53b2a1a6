#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""table.py PROGRAM [--json FILE] [--rounds N]: what process costs per record, as ratios.

Runs PROGRAM (bench_process) in rounds, its benchmarks in random order within each, so that what
else the machine does meets all of them alike; prints the median of each with its spread, and the
ratios of the medians that the targets are about.
"""

import argparse
import json
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile

# Name, numerator, denominator, target: all of times per record, but for the last, of rates.
RATIOS = [
    ("p3_over_dom_parse", "BM_Login_P3/real_time/threads:1", "BM_Login_DomParse", "at most 2.0"),
    ("p3_with_five_insights_over_p3", "BM_Login_P3Insights/real_time",
     "BM_Login_P3/real_time/threads:1", "at most 1.3"),
    ("add_to_state_over_p3", "BM_Login_AddToState/50000", "BM_Login_P3/real_time/threads:1",
     "at most 0.1 by workers"),
    ("add_to_full_state_over_p3", "BM_Login_AddToState/400000", "BM_Login_P3/real_time/threads:1",
     "at most 0.1 by workers"),
    ("walk_over_dom_parse", "BM_Login_Walk", "BM_Login_DomParse", ""),
    ("fifty_rules_over_dom_parse", "BM_Wide_FiftyRules", "BM_Wide_DomParse", ""),
    ("order_over_dom_parse", "BM_Order_Process", "BM_Order_DomParse", ""),
    ("order_walk_over_dom_parse", "BM_Order_Walk", "BM_Order_DomParse", ""),
]
ONE, TWO = "BM_Login_P3/real_time/threads:1", "BM_Login_P3/real_time/threads:2"


def measure(program, rounds):
    """Nanoseconds per record of each benchmark, by round."""
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        subprocess.run(
            [program, f"--benchmark_repetitions={rounds}", "--benchmark_min_time=0.1",
             "--benchmark_filter=-DistinctUsers",  # of memory, and long
             "--benchmark_enable_random_interleaving=true", f"--benchmark_out={out.name}",
             "--benchmark_out_format=json"],
            check=True, stdout=subprocess.DEVNULL)
        runs = json.load(open(out.name, encoding="utf-8"))["benchmarks"]
    times = {}
    for run in runs:
        if run["run_type"] == "iteration":
            times.setdefault(run["run_name"], []).append(1e9 / run["items_per_second"])
    return times


def commit(folder):
    result = subprocess.run(["git", "-C", folder, "describe", "--always", "--dirty"],
                            capture_output=True, text=True, check=False)
    return result.stdout.strip() or "unknown"


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    print(f"{options.rounds} rounds of about 2 s", file=sys.stderr, flush=True)
    times = measure(options.program, options.rounds)
    medians = {name: statistics.median(values) for name, values in times.items()}

    print(f"{'ns per record':<42}{'median':>9}{'least':>9}{'most':>9}")
    for name, values in times.items():
        print(f"  {name:<40}{medians[name]:>9.1f}{min(values):>9.1f}{max(values):>9.1f}")
    ratios = {name: medians[of] / medians[over] for name, of, over, _ in RATIOS}
    targets = {name: target for name, _, _, target in RATIOS}
    ratios["two_threads_over_one"] = medians[ONE] / medians[TWO]
    targets["two_threads_over_one"] = "at least 1.9"
    print("\nratios of the medians")
    for name, value in ratios.items():
        print(f"  {name:<40}{value:>9.2f}  {targets[name]}".rstrip())

    if options.json:
        document = {
            "commit": commit(pathlib.Path(__file__).resolve().parent),
            "machine": processor(),
            "rounds": options.rounds,
            "ns_per_record": {name: {"median": medians[name], "least": min(values),
                                     "most": max(values)} for name, values in times.items()},
            "ratios": ratios,
        }
        options.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
