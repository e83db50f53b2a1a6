#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""latency.py PROGRAM [options]: how long a record takes at a fixed rate.

PROGRAM (millrace) does the job of job.yaml while LatencyProbe.java sends at the rate and reads what
is committed. A record's latency counts from when it was due, whether or not the sender was in time,
to when a read_committed reader has it. Also the engine's CPU, in cores, while it does so and when
nothing comes. The guarantees take turns, round by round; the order is by chance.
"""

import argparse
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

import rig

FIGURES = ("p50", "p99", "p999", "max", "cores", "idle_cores")
TICKS = os.sysconf("SC_CLK_TCK")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--rate", type=int, default=20_000)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--warm-up", type=int, default=10)
    parser.add_argument("--idle", type=int, default=5, help="seconds without records, behind it")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--commit-every", default="100ms")
    parser.add_argument("--guarantee", type=lambda text: text.split(","),
                        default=["at_least_once", "exactly_once"])
    parser.add_argument("--json", type=pathlib.Path)
    return parser.parse_args()


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def measure(options, broker, guarantee):
    broker.runs += 1
    name = f"latency-{guarantee.replace('_', '-')}-{broker.runs}"
    names = {"name": name, "brokers": broker.brokers, "input": f"{name}-in",
             "output": f"{name}-out", "dead_letters": f"{name}-dead",
             "report": str(broker.folder / f"{name}.json")}
    broker.create(options.partitions, names["input"], names["output"], names["dead_letters"])
    contender = rig.millrace(options.program, guarantee, options.workers)
    command = [str(part) for part in contender.command(names) if part != "--until-end"]
    with broker.log_file(name).open("wb") as log:
        engine = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={
            **os.environ, **contender.environment(names),
            "BENCH_COMMIT_EVERY": options.commit_every})
    try:
        sample = probe(options, broker, names, engine.pid)
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


def probe(options, broker, names, pid):
    # The engine's first seconds, and the probe's, fall into the warm-up.
    began, before = time.monotonic(), cpu_seconds(pid)
    done = subprocess.run(
        ["java", "-Xmx600m", "-XX:+UseSerialGC", "-Dlog4j2.level=ERROR", "-cp", f"{rig.LIBS}/*",
         str(rig.HERE / "LatencyProbe.java"), broker.brokers, names["input"], names["output"],
         str(options.rate), str(options.seconds), str(options.warm_up)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
        timeout=options.seconds + options.warm_up + 180)
    if done.returncode != 0:
        raise rig.Failure(f"the probe failed: {done.stderr[-2000:]}\n{broker.log(names['name'])}")
    used = cpu_seconds(pid) - before
    sample = json.loads(done.stdout)
    # Its seconds at rate; the probe's own start, in which nothing came, is not among them.
    sample["cores"] = used / (options.seconds + options.warm_up)
    sample["probe_seconds"] = time.monotonic() - began
    before = cpu_seconds(pid)
    time.sleep(options.idle)  # the measured time itself
    sample["idle_cores"] = (cpu_seconds(pid) - before) / options.idle
    return sample


def main():
    options = arguments()
    about = rig.describe(options.rate * options.seconds, options.rounds)
    samples = {guarantee: [] for guarantee in options.guarantee}
    try:
        with rig.Rig(options.program, None) as broker:
            for number in range(options.rounds):
                order = list(samples)
                random.shuffle(order)
                for guarantee in order:
                    sample = measure(options, broker, guarantee)
                    samples[guarantee].append(sample)
                    rig.say(f"round {number + 1} of {options.rounds}: {guarantee:<16}"
                            f"p50 {sample['p50']:.1f} ms, p99 {sample['p99']:.1f} ms, "
                            f"p99.9 {sample['p999']:.1f} ms, {sample['cores']:.2f} cores, "
                            f"idle {sample['idle_cores']:.3f}")
    except rig.Failure as failure:
        rig.say(f"latency: {failure}")
        return 1
    print(f"{options.rate:,} records per second for {options.seconds} s, {options.rounds} rounds, "
          f"{about['commit']}, {about['machine']}: median (least to most), ms")
    rig.print_row("", *samples)
    for figure in FIGURES:
        digits = 3 if figure.endswith("cores") else 1
        rig.print_row(figure, *(rig.spread([s[figure] for s in own], digits)
                                for own in samples.values()))
    if options.json:
        options.json.write_text(json.dumps({
            **about, "rate": options.rate, "partitions": options.partitions,
            "workers": options.workers, "commit_every": options.commit_every, "samples": samples,
            "latency_ms": {guarantee: {figure: rig.summary([s[figure] for s in own])
                                       for figure in FIGURES}
                           for guarantee, own in samples.items()}}, indent=1) + "\n",
            encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
