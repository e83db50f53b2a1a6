#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""table.py PROGRAM [--json FILE] [--rounds N]: what each stage of a batch's life costs per record.

Runs PROGRAM (bench_micro) in rounds, its benchmarks in random order within each, so that what else
the machine does meets all of them alike; prints the median of each with its spread, and the ratios
of the medians that the targets are about.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import circumstances  # noqa: E402

WALK = "BM_Login_Walk"
P3 = "BM_Login_P3"
P3_INSIGHTS = "BM_Login_P3Insights"
DOM = "BM_Login_DomParse"
MERGE = "BM_Insights_Merge/users:50000"
MERGE_FULL = "BM_Insights_Merge/users:400000"
ADDED = "BM_Insights_Added/users:{}/manual_time"

# What the table calls the benchmarks that are stages of P3, in the order of a batch's life.
STAGES = [
    ("copy to the batch, one batch", "BM_Copy/batches:1"),
    ("copy to the batch, 64 under way", "BM_Copy/batches:64"),
    ("walk", WALK),
    ("schema", "BM_Valid/login_types"),
    ("steps", "BM_Steps/manual_time/threads:1"),
    ("steps, two threads", "BM_Steps/manual_time/threads:2"),
    ("encode", "BM_Encode/spaced/manual_time/threads:1"),
    ("encode, two threads", "BM_Encode/spaced/manual_time/threads:2"),
    ("five insights, into the shard", "BM_Insights_Shard/manual_time/threads:1"),
    ("five insights, two threads", "BM_Insights_Shard/manual_time/threads:2"),
    ("process: walk to count", P3),
    ("process with five insights", P3_INSIGHTS),
    ("graph, one worker", "BM_Graph_Hop/workers:1/process_time"),
    ("graph, two workers", "BM_Graph_Hop/workers:2/process_time"),
    ("hand over, deliver's part", "BM_HandOver/deliver/iterations:100/manual_time"),
    ("hand over, settle's part", "BM_HandOver/settle/iterations:100/manual_time"),
    ("ticket", "BM_Settlement_Ticket"),
    ("offset ledger", "BM_Settlement_Ledger"),
    ("books, without insights", "BM_Settlement_Books/manual_time"),
    ("merge, 50,000 users", MERGE),
    ("merge, every user new", MERGE_FULL),
]

# Of times per record: name, numerator, denominator, target.
RATIOS = [
    ("p3_over_dom_parse", P3, DOM, "at most 2.0"),
    ("p3_with_five_insights_over_p3", P3_INSIGHTS, P3, ""),
    ("merge_over_process", MERGE, P3, ""),
    ("merge_every_user_new_over_process", MERGE_FULL, P3, ""),
    ("walk_over_dom_parse", WALK, DOM, ""),
    ("fifty_rules_over_dom_parse", "BM_Wide_FiftyRules", "BM_Wide_DomParse", ""),
    ("order_over_dom_parse", "BM_Order_Process", "BM_Order_DomParse", ""),
    ("order_walk_over_dom_parse", "BM_Order_Walk", "BM_Order_DomParse", ""),
    ("copy_over_process", "BM_Copy/batches:64", P3, ""),
    ("schema_over_process", "BM_Valid/login_types", P3, ""),
    ("steps_over_process", "BM_Steps/manual_time/threads:1", P3, ""),
    ("encode_over_process", "BM_Encode/spaced/manual_time/threads:1", P3, ""),
    ("shard_over_process", "BM_Insights_Shard/manual_time/threads:1", P3, ""),
    ("graph_over_process", "BM_Graph_Hop/workers:2/process_time", P3, ""),
    ("deliver_over_process", "BM_HandOver/deliver/iterations:100/manual_time", P3, ""),
    ("settle_over_process", "BM_HandOver/settle/iterations:100/manual_time", P3, ""),
    ("books_over_process", "BM_Settlement_Books/manual_time", P3, ""),
]


def measure(program, rounds):
    """The runs of each benchmark, by round."""
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        subprocess.run(
            [program, f"--benchmark_repetitions={rounds}", "--benchmark_min_time=0.1",
             "--benchmark_filter=-DistinctUsers|BM_Compile",  # of memory and long; of no record
             "--benchmark_enable_random_interleaving=true", f"--benchmark_out={out.name}",
             "--benchmark_out_format=json"],
            check=True, stdout=subprocess.DEVNULL)
        runs = json.load(open(out.name, encoding="utf-8"))["benchmarks"]
    found = {}
    for run in runs:
        if run["run_type"] == "iteration":
            found.setdefault(run["run_name"], []).append(run)
    return found


def ratios_of(medians, runs):
    """(name, value, target) of each."""
    found = [(name, medians[of] / medians[over], target) for name, of, over, target in RATIOS]
    # What the insights add: in the worker, and where the shards are added to the state. In the
    # first, as in the input of end_to_end, every record has a user that the state has forgotten.
    for name, users in (("insights_over_process", 400_000),
                        ("insights_of_50000_users_over_process", 50_000)):
        found.append((name, statistics.median(
            (run["process_with_ns"] - run["process_ns"] + run["merge_ns"]) / run["process_ns"]
            for run in runs[ADDED.format(users)]), "at most 0.30"))
    for name, of, target in (("two_threads_over_one", P3, "at least 1.9"),
                             ("two_threads_over_one_with_insights", P3_INSIGHTS, ""),
                             ("two_threads_over_one_of_walk", WALK, "")):
        found.append((name, medians[f"{of}/real_time/threads:1"]
                      / medians[f"{of}/real_time/threads:2"], target))
    return found


def print_rows(rows, times, rates):
    for label, name in rows:
        values = times[name]
        rate = f"{rates[name] / 1e6:>9,.0f}" if name in rates else ""
        print(f"  {label:<46}{statistics.median(values):>10,.2f}{min(values):>10,.2f}"
              f"{max(values):>10,.2f}{rate}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    print(f"{options.rounds} rounds of about 12 s on an idle machine", file=sys.stderr, flush=True)
    began = time.monotonic()
    runs = measure(options.program, options.rounds)
    times = {name: [1e9 / run["items_per_second"] for run in own] for name, own in runs.items()}
    rates = {name: statistics.median(run["bytes_per_second"] for run in own)
             for name, own in runs.items() if "bytes_per_second" in own[0]}
    medians = {name: statistics.median(values) for name, values in times.items()}

    print(f"{'ns per record':<48}{'median':>10}{'least':>10}{'most':>10}{'MB/s':>9}")
    print("stages of P3, batches of 1,000 logins")
    print_rows(STAGES, times, rates)
    print("benchmarks by name")
    apart = {name for _, name in STAGES} | {ADDED.format(users) for users in (50_000, 400_000)}
    print_rows([(name, name) for name in times if name not in apart], times, rates)
    ratios = ratios_of(medians, runs)
    print("\nratios of the medians")
    for name, value, target in ratios:
        print(f"  {name:<46}{value:>10.3f}  {target}".rstrip())

    if options.json:
        document = {
            "commit": circumstances.commit(),
            "machine": circumstances.processor(),
            "rounds": options.rounds,
            "seconds": round(time.monotonic() - began, 1),
            "ns_per_record": {
                name: {"median": medians[name], "least": min(values), "most": max(values),
                       **({"bytes_per_second": rates[name]} if name in rates else {})}
                for name, values in times.items()},
            "stages": {label: medians[name] for label, name in STAGES},
            "ratios": {name: value for name, value, _ in ratios},
        }
        options.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
