#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""latency.py PROGRAM [options]: how long a record takes at a fixed rate, and what that costs.

PROGRAM (millrace) does the job of job.yaml while LatencyProbe.java sends at the rate and reads what
is committed. A record's latency counts from when it was due, whether or not the sender was in time,
to when a read_committed reader has it. The engine's CPU, in cores, and how often its threads go to
sleep and are woken (voluntary context switches per second) are those of the same seconds, and of
seconds in which nothing comes. Each value of `latency` is measured under each guarantee; they take
turns, round by round, in an order by chance.

The ratios are figures over their targets, which are for 20,000 records per second and 4 partitions:
below 1 is met.
"""

import argparse
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import time

import rig

FIGURES = {"p50": 1, "p99": 1, "p999": 1, "max": 1, "cores": 3, "wakeups": 0,
           "idle_cores": 4, "idle_wakeups": 0}
TICKS = os.sysconf("SC_CLK_TCK")
PRESETS = ("low", "balanced", "relaxed")
GUARANTEES = ("at_least_once", "exactly_once")
# At least once: p99 in milliseconds, and cores.
TARGETS = {"low": (10, 0.33), "balanced": (20, 0.2), "relaxed": (30, 0.08)}
# Exactly once: p99 in milliseconds above the commit interval.
ABOVE_COMMIT = 25
IDLE_CORES = 0.01
# Behind the last record: its commit, and the last state, which may come 5 s later, are no idleness.
CALM = 7
WARM_UP = 6
# As many runs first whose figures are not kept: in its first minute a new broker stands still for
# hundreds of milliseconds at a time.
WARMS_THE_BROKER = 2


def several_of(known):
    def parse(text):
        chosen = text.split(",")
        for one in chosen:
            if one not in known:
                raise argparse.ArgumentTypeError(f"{one} is none of {', '.join(known)}")
        return chosen
    return parse


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--latency", type=several_of(PRESETS), default=list(PRESETS))
    parser.add_argument("--guarantee", type=several_of(GUARANTEES), default=list(GUARANTEES))
    parser.add_argument("--rate", type=int, default=20_000)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--warm-up", type=int, default=10)
    parser.add_argument("--idle", type=int, default=5, help="seconds without records, behind it")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--commit-every", type=int, default=100, help="milliseconds")
    parser.add_argument("--quick", action="store_true",
                        help="5 s in one round: whether it works, not how fast it is")
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    if options.quick:
        options.seconds, options.warm_up, options.rounds = 5, WARM_UP, 1
    if options.idle < 1:
        parser.error("--idle: at least 1")
    return options


class Usage:
    """What a process used since the last look: CPU, and how often its threads were woken."""

    def __init__(self, pid):
        self.folder = pathlib.Path(f"/proc/{pid}")
        self.before = self.look()

    def look(self):
        fields = (self.folder / "stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        wakeups = 0
        for task in (self.folder / "task").iterdir():
            try:
                status = (task / "status").read_text(encoding="ascii", errors="replace")
            except OSError:
                continue  # the thread has ended
            wakeups += int(re.search(r"(?m)^voluntary_ctxt_switches:\s*(\d+)", status)[1])
        return (time.monotonic(), (int(fields[11]) + int(fields[12])) / TICKS, wakeups)

    def since(self):
        """Cores, and wakeups per second."""
        before, self.before = self.before, self.look()
        seconds, cpu, wakeups = (now - then for now, then in zip(self.before, before))
        return cpu / seconds, max(wakeups, 0) / seconds


def measure(options, broker, guarantee, preset):
    broker.runs += 1
    name = f"latency-{guarantee.replace('_', '-')}-{preset}-{broker.runs}"
    names = {"name": name, "brokers": broker.brokers, "input": f"{name}-in",
             "output": f"{name}-out", "dead_letters": f"{name}-dead",
             "report": str(broker.folder / f"{name}.json")}
    broker.create(options.partitions, names["input"], names["output"], names["dead_letters"])
    contender = rig.millrace(options.program, guarantee, options.workers)
    command = [str(part) for part in contender.command(names) if part != "--until-end"]
    with broker.log_file(name).open("wb") as log:
        engine = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={
            **os.environ, **contender.environment(names), "BENCH_LATENCY": preset,
            "BENCH_COMMIT_EVERY": f"{options.commit_every}ms"})
    try:
        sample = probe(options, broker, names, engine)
    finally:
        engine.send_signal(signal.SIGTERM)
        engine.wait(60)
    if engine.returncode != 0:
        raise rig.Failure(f"{name}: exit code {engine.returncode}\n{broker.log(name)}")
    report = json.loads(pathlib.Path(names["report"]).read_text(encoding="utf-8"))
    sent = options.rate * (options.seconds + options.warm_up)
    rig.check_report(name, report, {"records": sent, "good": sent, "bad": 0})
    broker.witness.ask("delete", topics=[names["input"], names["output"], names["dead_letters"],
                                         name])
    return sample


def direct(options, broker):
    """What the sender, Kafka and the reader take when nothing is between them."""
    broker.runs += 1
    name = f"latency-direct-{broker.runs}"
    names = {"name": name, "input": f"{name}-in", "output": f"{name}-in"}
    broker.create(options.partitions, names["input"])
    sample = probe(options, broker, names, None)
    broker.witness.ask("delete", topics=[names["input"]])
    return sample


def probe(options, broker, names, engine):
    # The engine's first seconds, and the probe's, fall into the warm-up.
    command = ["java", "-Xmx600m", "-XX:+UseSerialGC", "-Dlog4j2.level=ERROR", "-cp",
               f"{rig.LIBS}/*", str(rig.HERE / "LatencyProbe.java"), broker.brokers, names["input"],
               names["output"], str(options.rate), str(options.seconds), str(options.warm_up)]
    sample = {}
    usage = Usage(engine.pid) if engine else None
    with broker.log_file(f"{names['name']}-probe").open("wb") as log, \
            subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                             text=True) as sender:
        for line in sender.stdout:
            if line.startswith("{"):
                sample.update(json.loads(line))
            elif usage and line.startswith("begin"):
                usage.since()
            elif usage and line.startswith("end"):
                sample["cores"], sample["wakeups"] = usage.since()
    if sender.returncode != 0 or "p99" not in sample or (engine and engine.poll() is not None):
        raise rig.Failure(f"the probe failed: {broker.log(names['name'] + '-probe')}\n"
                          f"{broker.log(names['name']) if engine else ''}")
    if usage and options.idle:
        time.sleep(CALM)
        usage.since()
        time.sleep(options.idle)  # the measured time itself
        sample["idle_cores"], sample["idle_wakeups"] = usage.since()
    return sample


def ratios_of(samples, commit_every):
    """Each figure over its target, by name: one number for each round."""
    ratios = {}
    for guarantee, presets in samples.items():
        for preset, own in presets.items():
            p99 = [sample["p99"] for sample in own]
            name = f"{guarantee}_{preset}"
            if guarantee == "exactly_once":
                ratios[f"{name}_p99"] = [one / (commit_every + ABOVE_COMMIT) for one in p99]
            else:
                limit, cores = TARGETS[preset]
                ratios[f"{name}_p99"] = [one / limit for one in p99]
                ratios[f"{name}_cores"] = [sample["cores"] / cores for sample in own]
            if "idle_cores" in own[0]:
                ratios[f"{name}_idle_cores"] = [one["idle_cores"] / IDLE_CORES for one in own]
    return ratios


def show(options, about, samples, ratios):
    print(f"{options.rate:,} records per second for {options.seconds} s, {options.partitions} "
          f"partitions, {options.rounds} rounds, {about['commit']}, {about['machine']}: median "
          "(least to most), ms")
    for guarantee, presets in samples.items():
        print()
        rig.print_row(guarantee, *presets)
        for figure, digits in FIGURES.items():
            rig.print_row(figure, *(rig.spread([s[figure] for s in own], digits)
                                    for own in presets.values()))
    print("\nover the targets, which are for 20,000 records per second and 4 partitions")
    for name, values in ratios.items():
        rig.print_row(name, rig.spread(values, 2))


def tell(options, number, guarantee, preset, sample):
    rig.say(f"round {number} of {options.rounds}: {guarantee:<14} {preset:<9}"
            f"p50 {sample['p50']:.1f} ms, p99 {sample['p99']:.1f} ms, "
            f"p99.9 {sample['p999']:.1f} ms, {sample['cores']:.3f} cores, "
            f"{sample['wakeups']:,.0f} wakeups/s; idle {sample['idle_cores']:.4f} "
            f"cores, {sample['idle_wakeups']:,.0f} wakeups/s")


def main():
    options = arguments()
    about = rig.describe(options.rate * options.seconds, options.rounds)
    samples = {guarantee: {preset: [] for preset in options.latency}
               for guarantee in options.guarantee}
    try:
        with rig.Rig(options.program, None) as broker:
            every = [(guarantee, preset) for guarantee in options.guarantee
                     for preset in options.latency]
            for guarantee, preset in (every * WARMS_THE_BROKER)[:WARMS_THE_BROKER]:
                tell(options, 0, guarantee, preset, measure(options, broker, guarantee, preset))
            for number in range(1, options.rounds + 1):
                for guarantee, preset in random.sample(every, len(every)):
                    sample = measure(options, broker, guarantee, preset)
                    samples[guarantee][preset].append(sample)
                    tell(options, number, guarantee, preset, sample)
    except rig.Failure as failure:
        rig.say(f"latency: {failure}")
        return 1
    ratios = ratios_of(samples, options.commit_every)
    show(options, about, samples, ratios)
    if options.json:
        options.json.write_text(json.dumps({
            **about, "rate": options.rate, "seconds": options.seconds,
            "partitions": options.partitions, "workers": options.workers,
            "commit_every_ms": options.commit_every, "quick": options.quick, "samples": samples,
            "figures": {guarantee: {preset: {figure: rig.summary([s[figure] for s in own])
                                             for figure in FIGURES}
                                    for preset, own in presets.items()}
                        for guarantee, presets in samples.items()},
            "ratios": {name: rig.summary(values)["median"] for name, values in ratios.items()},
            "ratio_ranges": {name: rig.summary(values) for name, values in ratios.items()},
        }, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
