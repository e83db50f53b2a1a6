#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""end_to_end.py PROGRAM FLOOR [options]: how fast the whole engine is, on a real Apache Kafka.

PROGRAM (millrace) does the job of job.yaml, FLOOR (bench_floor) only moves the records. They run in
turn, round by round, in an order by chance, each with a group and topics of its own on the same
broker; the answer of every run is verified before its time counts. The first round only warms the
broker. "C" is the floor's records per CPU second.

Each axis takes a list: --partitions 4,1,16,100 measures all four in each round. The first value of
each is the base; what differs from it is in the name of a row, and has a ratio over the base too.

--matrix measures all that we say of the engine, about an hour: every axis from the base (4
partitions, 190 bytes, 5 % bad, 2 workers), latencies at fixed rates beside those of a sender and a
reader with nothing between them, and the memory that a large backlog takes. --parts does a part of
it. plot.py draws the file that --json writes.
"""

import argparse
import collections
import json
import os
import pathlib
import random
import sys
import time

import backlog
import latency
import rates
import rig
import throughput

PARTS = ("throughput", "latency", "backlog")


def numbers(kind):
    return lambda text: [kind(part.rstrip("%")) for part in text.split(",")]


def workers_to_measure():
    """Two, and from one by doubling to one for each core."""
    cores = os.cpu_count()
    doubled = [2 ** power for power in range(cores.bit_length()) if 2 ** power <= cores]
    return list(dict.fromkeys([min(2, cores), *doubled, cores]))


# Without --matrix, with --quick, with --matrix.
DEFAULTS = {
    "records": (5_000_000, 500_000, 1_500_000),
    "rounds": (5, 3, 5),
    "partitions": ([4], [4], [4, 1, 16, 100]),
    "bytes": ([190], [190], [190, 5000]),
    "bad": ([5.0], [5.0], [5.0, 0.0, 1.0, 10.0, 50.0]),
    "workers": ([2], [2], workers_to_measure()),
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("floor", type=pathlib.Path)
    parser.add_argument("--records", type=int,
                        help="default 5,000,000; --quick 500,000; --matrix 1,500,000")
    parser.add_argument("--rounds", type=int, help="default 5; --quick 3")
    parser.add_argument("--quick", action="store_true", help="a few minutes")
    parser.add_argument("--matrix", action="store_true", help="everything; about an hour")
    parser.add_argument("--parts", type=latency.several_of(PARTS), metavar="PART,PART",
                        help=f"of {', '.join(PARTS)}: default the first; --matrix all")
    parser.add_argument("--partitions", type=numbers(int))
    parser.add_argument("--bytes", type=numbers(int), help="190 or 5000")
    parser.add_argument("--bad", type=numbers(float), help="percent, 0 to 50")
    parser.add_argument("--workers", type=numbers(int))
    parser.add_argument("--guarantee", type=latency.several_of(latency.GUARANTEES),
                        default=list(latency.GUARANTEES))
    parser.add_argument("--floor-modes", type=numbers(str), default=[],
                        help="also idempotent, transactions: what these cost the floor")
    of_latency = parser.add_argument_group("latency")
    of_latency.add_argument("--rates", type=numbers(int), default=[20_000, 1_000, 40_000],
                            help="records per second; default 20000,1000,40000")
    of_latency.add_argument("--latency", type=latency.several_of(latency.PRESETS),
                            default=list(latency.PRESETS), help="at the first rate")
    of_latency.add_argument("--latency-seconds", type=int, default=15)
    of_latency.add_argument("--latency-rounds", type=int, default=3)
    of_backlog = parser.add_argument_group("backlog")
    of_backlog.add_argument("--backlog-records", type=int, default=10_000_000)
    of_backlog.add_argument("--backlog-rounds", type=int, default=1)
    of_backlog.add_argument("--memory", default="512MiB", help="default 512MiB")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    if options.quick and options.matrix:
        parser.error("--quick or --matrix, not both")
    column = 2 if options.matrix else 1 if options.quick else 0
    for name, values in DEFAULTS.items():
        if getattr(options, name) is None:
            setattr(options, name, values[column])
    options.parts = options.parts or list(PARTS if options.matrix else PARTS[:1])
    return options


# Of a part: `show` prints it; ratios, each a list with one of each round; what their medians have
# to be at least and at most; members of the JSON.
Found = collections.namedtuple("Found", "show ratios at_least at_most members")


def measured(options, part):
    if part == "throughput":
        order = throughput.cases(options)
        samples, inputs = throughput.measure(options, order)
        return Found(lambda: throughput.show(options, order, samples),
                     throughput.ratios_of(order, samples), throughput.targets(order), {},
                     {"cases": throughput.document(order, samples, inputs),
                      "samples": {case.key: samples[case.key] for case in order}})
    if part == "latency":
        samples = rates.measure(options, rates.cases(options))
        return Found(lambda: rates.show(options, samples), rates.ratios_of(samples), {},
                     rates.targets(samples), {"latency": rates.document(options, samples)})
    samples = backlog.measure(options)
    return Found(lambda: backlog.show(options, samples), backlog.ratios_of(options, samples), {},
                 backlog.targets(options), {"backlog": backlog.document(options, samples)})


def judged(ratios, least, most):
    """Of the ratios that have a target: what it is, and whether the median is within it."""
    found = {}
    for name, values in ratios.items():
        median = rig.summary(values)["median"]
        if name in least:
            found[name] = {"at_least": least[name], "met": median >= least[name]}
        elif name in most:
            found[name] = {"at_most": most[name], "met": median <= most[name]}
    return found


def show_ratios(ratios, targets, only_targets):
    print("\nratios, each to a run of the same round" + (
        "; the JSON has many more" if only_targets else ""))
    for name, values in ratios.items():
        if only_targets and name not in targets:
            continue
        target = targets.get(name, {})
        said = "".join(f"  {kind.replace('_', ' ')} {target[kind]:g}: "
                       f"{'met' if target['met'] else 'missed'}"
                       for kind in ("at_least", "at_most") if kind in target)
        print(f"  {name:<84}{rig.spread(values, 2):<24}{said}".rstrip())


def main():
    options = arguments()
    about = rig.describe(options.records, options.rounds)
    began = time.monotonic()
    parts, failure = [], None
    try:
        for part in options.parts:
            parts.append(measured(options, part))
            rig.say(f"{part} is done, {time.monotonic() - began:,.0f} s since the start")
    except rig.Failure as reason:
        rig.say(f"end_to_end: {reason}")
        if not parts:
            return 1
        failure = str(reason)  # the parts that are whole are worth keeping
    print(f"seed {options.seed}, {about['commit']}, {about['machine']}: median (least to most)")
    for part in parts:
        part.show()
    ratios, at_least, at_most, members = (
        {name: one for part in parts for name, one in getattr(part, field).items()}
        for field in Found._fields[1:])
    targets = judged(ratios, at_least, at_most)
    show_ratios(ratios, targets, options.matrix)
    if options.json:
        options.json.write_text(json.dumps({
            **about, "seed": options.seed, "seconds": round(time.monotonic() - began, 1),
            "options": {name: getattr(options, name) for name in (
                "partitions", "bytes", "bad", "workers", "guarantee", "quick", "matrix", "parts")},
            "failure": failure, **members, "ratios": medians_of(ratios),
            "ratio_ranges": {name: rig.summary(values) for name, values in ratios.items()},
            "targets": targets,
        }, indent=1) + "\n", encoding="utf-8")
    return 1 if failure else 0


def medians_of(ratios):
    medians = {name: rig.summary(values)["median"] for name, values in ratios.items()}
    for guarantee in ("exactly_once", "at_least_once"):  # the second, where both were run
        name = f"{guarantee}_whole_machine_over_floor"
        if name in medians:
            medians["whole_machine_over_floor"] = medians[name]
    return medians


if __name__ == "__main__":
    sys.exit(main())
