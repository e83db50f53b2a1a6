# SPDX-License-Identifier: Apache-2.0
"""How long a record takes at several rates and settings of `latency`, beside the same record
straight from the sender to the reader ("direct"): what Kafka and the probe alone take. latency.py
measures each; here they take turns, in an order by chance. The settings are compared at the first
rate, the other rates with `balanced`.
"""

import collections
import random
import types

import latency
import rig

Case = collections.namedtuple("Case", "name latency rate")
FIGURES = {"p50": 1, "p99": 1, "p999": 1, "cores": 3, "idle_cores": 4}
# Seconds without records, behind the run: of those at the first rate.
IDLE = 5
PARTITIONS = 4
COMMIT_EVERY = 100  # milliseconds
# What the targets of latency.py are for.
TARGET_RATE = 20_000


def key(case):
    return ".".join((case.name, *([case.latency] if case.latency else []), f"rate_{case.rate}"))


def cases(options):
    found = [Case("direct", "", rate) for rate in options.rates]
    for guarantee in options.guarantee:
        found += [Case(guarantee, preset, options.rates[0]) for preset in options.latency]
        found += [Case(guarantee, "balanced", rate) for rate in options.rates[1:]]
    return found


def measure(options, order):
    """Samples of each case, by round."""
    samples = {case: [] for case in order}
    chance = random.Random(options.seed)
    with rig.Rig(options.program, options.floor) as broker:
        for case in order[-latency.WARMS_THE_BROKER:]:
            run(options, broker, case, f"round 0 of {options.latency_rounds}")
        for number in range(1, options.latency_rounds + 1):
            for case in chance.sample(order, len(order)):
                samples[case].append(run(options, broker, case,
                                         f"round {number} of {options.latency_rounds}"))
    return samples


def run(options, broker, case, when):
    asked = types.SimpleNamespace(
        program=options.program, rate=case.rate, seconds=options.latency_seconds,
        warm_up=latency.WARM_UP, idle=IDLE if case.rate == options.rates[0] else 0,
        partitions=PARTITIONS, workers=options.workers[0], commit_every=COMMIT_EVERY)
    if case.name == "direct":
        sample = latency.direct(asked, broker)
    else:
        sample = latency.measure(asked, broker, case.name, case.latency)
    cores = f", {sample['cores']:.3f} cores" if "cores" in sample else ""
    rig.say(f"latency, {when}: {key(case):<40}p50 {sample['p50']:.1f} ms, "
            f"p99 {sample['p99']:.1f} ms, p99.9 {sample['p999']:.1f} ms{cores}, sender late by "
            f"{sample['worst_send_delay']:.1f} ms at most")
    return sample


def ratios_of(samples):
    """Each a list, one of each round: over direct at that rate, and over the targets."""
    found = {}
    for case, own in samples.items():
        straight = samples[Case("direct", "", case.rate)]
        if case.name != "direct":
            found[f"{key(case)}_p99_over_direct"] = [
                one["p99"] / other["p99"] for one, other in zip(own, straight)]
        if case.name != "direct" and case.rate == TARGET_RATE:
            found.update((f"{name}_over_target", values) for name, values in latency.ratios_of(
                {case.name: {case.latency: own}}, COMMIT_EVERY).items())
    return found


def targets(samples):
    """What the ratios must be at most, by name."""
    return {name: 1.0 for name in ratios_of(samples) if name.endswith("_over_target")}


def show(options, samples):
    print(f"\nlatency: {options.latency_seconds} s at a fixed rate, {PARTITIONS} partitions, "
          f"commit_every {COMMIT_EVERY} ms, {options.latency_rounds} rounds")
    rig.print_row("", *(figure.replace("_", " ") if "cores" in figure else f"{figure}, ms"
                        for figure in FIGURES))
    for case, own in samples.items():
        rig.print_row(key(case), *(rig.spread([one[figure] for one in own], digits)
                                   for figure, digits in FIGURES.items() if figure in own[0]))


def document(options, samples):
    return {"seconds": options.latency_seconds, "partitions": PARTITIONS,
            "commit_every_ms": COMMIT_EVERY, "rounds": options.latency_rounds,
            "cases": [{"key": key(case), **case._asdict(), "figures": {
                figure: rig.summary([one[figure] for one in own]) for figure in FIGURES
                if figure in own[0]}} for case, own in samples.items()],
            "samples": {key(case): own for case, own in samples.items()}}
