#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""end_to_end.py PROGRAM FLOOR [options]: how fast the whole engine is, on a real Apache Kafka.

PROGRAM (millrace) does the job of job.yaml, FLOOR (bench_floor) only moves the records. They run in
turn, round by round, in an order by chance, each with a group and topics of its own on the same
broker; the answer of every run is verified before its time counts. The first round only warms the
broker. "C" is the floor's records per CPU second.

Each axis takes a list: --partitions 4,1,16,100 measures all four in each round. The first value of
each is the base; what differs from it is in the name of a row, and has a ratio over the base too.
"""

import argparse
import itertools
import json
import pathlib
import random
import sys
import time

import rig


def numbers(kind):
    return lambda text: [kind(part.rstrip("%")) for part in text.split(",")]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("floor", type=pathlib.Path)
    parser.add_argument("--records", type=int, help="default 5,000,000; with --quick 500,000")
    parser.add_argument("--rounds", type=int, help="default 5; with --quick 3")
    parser.add_argument("--quick", action="store_true", help="a few minutes")
    parser.add_argument("--partitions", type=numbers(int), default=[4])
    parser.add_argument("--bytes", type=numbers(int), default=[190], help="190 or 5000")
    parser.add_argument("--bad", type=numbers(float), default=[5.0], help="percent, 0 to 50")
    parser.add_argument("--workers", type=numbers(int), default=[2])
    parser.add_argument("--guarantee", type=numbers(str),
                        default=["at_least_once", "exactly_once"])
    parser.add_argument("--floor-modes", type=numbers(str), default=[],
                        help="also idempotent, transactions: what these cost the floor")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    options.records = options.records or (500_000 if options.quick else 5_000_000)
    options.rounds = options.rounds or (3 if options.quick else 5)
    return options


def entries(options):
    """(key, contender, input) of all that runs in a round. A key is (name, run's label, input's
    label); a label names what is not as in the base."""
    found = []
    for partitions, size, bad in itertools.product(options.partitions, options.bytes, options.bad):
        wanted = rig.Input(options.records, partitions, size, bad)
        of_input = (label(options.partitions, "partitions", partitions)
                    + label(options.bytes, "bytes", size) + label(options.bad, "bad", bad))
        found.append((("floor", of_input, of_input), rig.floor(options.floor), wanted))
        for mode in options.floor_modes:
            found.append(((f"floor_{mode}", of_input, of_input), rig.floor(options.floor, mode),
                          wanted))
        for guarantee, workers in itertools.product(options.guarantee, options.workers):
            of_run = of_input + label(options.workers, "workers", workers)
            found.append(((guarantee, of_run, of_input),
                          rig.millrace(options.program, guarantee, workers), wanted))
    return found


def label(values, axis, value):
    return "" if value == values[0] else f".{axis}_{value:g}"


def measure(options):
    """Samples of each entry, by round."""
    samples = {}
    chance = random.Random(options.seed)
    with rig.Rig(options.program, options.floor) as broker:
        order = entries(options)
        for wanted in dict.fromkeys(wanted for _, _, wanted in order):
            broker.fill(wanted)
        for number in range(options.rounds + 1):
            chance.shuffle(order)
            for key, contender, wanted in order:
                began = time.monotonic()
                sample = broker.measure(contender, wanted)
                rig.say(f"round {number} of {options.rounds}: {key[0] + key[1]:<44}"
                        f"{sample['per_second']:>12,.0f}/s {sample['per_cpu_second']:>12,.0f}/CPU s"
                        f" {sample['peak_rss_bytes'] / 1e6:>6,.0f} MB"
                        f"  verified, {time.monotonic() - began:.0f} s in all")
                if number > 0:  # the first warms the broker's page cache
                    samples.setdefault(key, []).append(sample)
    return samples


def ratios_of(samples):
    """Each a list: one of each round, against the floor, or the base, of that round."""
    found = {}
    for (name, of_run, of_input), own in samples.items():
        floor = samples[("floor", of_input, of_input)]
        if own is not floor:
            found[f"{name}_over_floor{of_run}"] = quotients(own, floor)
            found[f"{name}_whole_machine_over_floor{of_run}"] = quotients(
                own, floor, "per_second")
            found[f"{name}_per_second_over_floor_per_second{of_run}"] = quotients(
                own, floor, "per_second", "per_second")
        if of_run:
            base = samples[(name, "", "")]
            found[f"{name}{of_run}_over_base"] = quotients(own, base)
            found[f"{name}_per_second{of_run}_over_base"] = quotients(
                own, base, "per_second", "per_second")
    return found


def quotients(own, other, of="per_cpu_second", over="per_cpu_second"):
    return [a[of] / b[over] for a, b in zip(own, other)]


def main():
    options = arguments()
    about = rig.describe(options.records, options.rounds)
    began = time.monotonic()
    try:
        found = measure(options)
    except rig.Failure as failure:
        rig.say(f"end_to_end: {failure}")
        return 1
    # By chance is the order of running, not that of the table.
    samples = {key: found[key] for key, _, _ in entries(options)}
    print(f"{options.records:,} records, {options.rounds} rounds, seed {options.seed}, "
          f"{about['commit']}, {about['machine']}: median (least to most)")
    rig.print_row("", "records per CPU second", "records per second", "peak RSS, MB")
    for key, own in samples.items():
        rig.print_row(key[0] + key[1], rig.spread([one["per_cpu_second"] for one in own]),
                      rig.spread([one["per_second"] for one in own]),
                      rig.spread([one["peak_rss_bytes"] / 1e6 for one in own]))
    ratios = ratios_of(samples)
    print("\nratios, each to the run of the same round")
    for name, values in ratios.items():
        print(f"  {name:<84}{rig.spread(values, 2)}")
    if options.json:
        medians = {name: rig.summary(values)["median"] for name, values in ratios.items()}
        for guarantee in ("exactly_once", "at_least_once"):  # the second, where both were run
            name = f"{guarantee}_whole_machine_over_floor"
            if name in medians:
                medians["whole_machine_over_floor"] = medians[name]
        options.json.write_text(json.dumps({
            **about, "seed": options.seed, "seconds": round(time.monotonic() - began, 1),
            "options": {name: getattr(options, name) for name in (
                "partitions", "bytes", "bad", "workers", "guarantee", "quick")},
            "samples": {key[0] + key[1]: own for key, own in samples.items()},
            "ratios": medians,
            "ratio_ranges": {name: rig.summary(values) for name, values in ratios.items()},
        }, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
