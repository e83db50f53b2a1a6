#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""profile.py PROGRAM FLOOR [--records N] [--guarantee G] [--json FILE]: where the engine's CPU time
goes, by stage of a record's life and by thread.

Runs PROGRAM (millrace) on the job of bench/end_to_end/job.yaml, on an Apache Kafka of its own, with
a profiler around it, and sorts what that saw by the table in stages.py. The run is verified like
those of end_to_end.py, so that what is profiled did the job. The profiler is perf, which looks at
the CPU's clock some 2,000 times a second; where perf may not, callgrind counts instructions of
fewer records, at about 1/50 of the speed: waiting and the kernel are not in its numbers.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import stages

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "end_to_end"))
import rig  # noqa: E402

HZ = 1999
LINE = re.compile(r"^\s*(?P<comm>\S.*?)\s+(?P<pid>\d+)/(?P<tid>\d+)\s+(?P<ip>[0-9a-f]+) "
                  r"(?P<symbol>.*) \((?P<library>[^()]*)\)\s*$")
SYMBOLS_SHOWN = 12


class Perf:
    """Samples of the CPU clock."""

    name = "perf"
    unit = "ns per record"
    records = 1_000_000

    def __init__(self, folder):
        self.file = folder / "perf.data"

    @staticmethod
    def refusal():
        """Why it cannot run here; None where it can."""
        if shutil.which("perf") is None:
            return "perf is not here"
        with tempfile.NamedTemporaryFile() as out:
            done = subprocess.run(["perf", "record", "-q", "-e", "cpu-clock", "-o", out.name, "--",
                                   "true"], capture_output=True, text=True, check=False)
        return None if done.returncode == 0 else f"perf cannot record: {done.stderr.strip()[-300:]}"

    def around(self, command):
        # The clock rather than a counter of cycles: virtual machines often have none.
        return ["perf", "record", "-q", "-e", "cpu-clock", "-F", str(HZ), "-o", self.file, "--",
                *command]

    def samples(self):
        done = subprocess.run(["perf", "script", "-i", self.file, "-F", "comm,pid,tid,ip,sym,dso"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              check=True)
        found, main = [], ""
        for line in done.stdout.splitlines():
            match = LINE.match(line)
            if match is None or match["comm"].startswith("perf"):  # before it becomes PROGRAM
                continue
            main = match["pid"]
            symbol = "" if match["symbol"] == "[unknown]" else match["symbol"]
            found.append(stages.Sample(match["tid"], match["comm"],
                                       library_of(match["library"]), symbol, 1e9 / HZ))
        return found, main


class Callgrind:
    """Instructions, counted by thread."""

    name = "callgrind"
    unit = "instructions per record"
    records = 50_000

    def __init__(self, folder):
        self.folder = folder
        self.program = ""

    @staticmethod
    def refusal():
        return None if shutil.which("valgrind") else "valgrind is not here"

    def around(self, command):
        self.program = pathlib.Path(command[0]).name
        return ["valgrind", "--tool=callgrind", "--separate-threads=yes",
                f"--callgrind-out-file={self.folder / 'callgrind.out'}", *command]

    def samples(self):
        found = []
        for path in sorted(self.folder.glob("callgrind.out-*")):
            thread = path.name.rsplit("-", 1)[1]
            own = [stages.Sample(thread, "", library, symbol, cost)
                   for (library, symbol), cost in self_costs(path).items()]
            # Threads have no names here, but librdkafka's do nothing of the program's own.
            ours = sum(one.weight for one in own if one.library == self.program)
            comm = "rdk:" if ours < 0.01 * sum(one.weight for one in own) else self.program
            found += [stages.Sample(thread, comm, one.library, one.symbol, one.weight)
                      for one in own]
        return found, "01"


def self_costs(path):
    """Instructions by (library, function) of one file of callgrind, without those of callees."""
    names = {}

    def name(kind, text):
        number, _, given = text.partition(" ")
        if given:
            names[kind, number] = given
        return names.get((kind, number), text)

    costs, library, symbol, called = {}, "", "", False
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("ob="):
            library = library_of(name("ob", line[3:]))
        elif line.startswith("fn="):
            symbol = name("fn", line[3:])
        elif line.startswith(("cfn=", "cob=")):
            name(line[1:3], line[4:])
        elif line.startswith("calls="):
            called = True  # the next line is the cost of the callee
        elif line[:1].isdigit() or line[:1] in "+-*":
            if not called:
                key = (library, symbol)
                costs[key] = costs.get(key, 0) + int((line.split() + ["0", "0"])[1])
            called = False
    return costs


def library_of(path):
    return "kernel" if path.startswith("[kernel") or path.endswith(".ko") else path.split("/")[-1]


def choose(folder, wanted):
    for profiler in (Perf, Callgrind):
        if wanted not in (None, profiler.name):
            continue
        refusal = profiler.refusal()
        if refusal is None:
            return profiler(folder)
        rig.say(f"{refusal}.")
    sys.exit("profile: there is no profiler that can run here.")


def run(options, profiler):
    """The samples of one run that did the job."""
    base = rig.millrace(options.program, options.guarantee, options.workers)
    profiled = rig.Contender(f"profiled {options.guarantee}",
                             lambda names: profiler.around(base.command(names)), base.environment)
    with rig.Rig(options.program, options.floor) as broker:
        wanted = rig.Input(options.records)
        broker.fill(wanted)
        taken = broker.measure(profiled, wanted)
    samples, main = profiler.samples()
    return taken, samples, main


def print_table(title, rows, records, total, unit):
    print(f"{title:<44}{unit:>26}{'share':>9}")
    for label, weight in sorted(rows.items(), key=lambda row: -row[1]):
        print(f"  {label:<42}{weight / records:>26,.1f}{100 * weight / total:>7.1f} %")


def summed(weights, part):
    found = {}
    for key, weight in weights.items():
        found[key[part]] = found.get(key[part], 0) + weight
    return found


def identifier(stage):
    return re.sub(r"[^a-z0-9]+", "_", stage.lower().replace("'", ""))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("floor", type=pathlib.Path)
    parser.add_argument("--records", type=int)
    parser.add_argument("--guarantee", choices=("at_least_once", "exactly_once"),
                        default="exactly_once")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--profiler", choices=("perf", "callgrind"))
    parser.add_argument("--symbols", action="store_true",
                        help="the largest symbols of every stage, and not of `other` alone")
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    about = rig.describe(options.records, 1)
    with tempfile.TemporaryDirectory(prefix="millrace-profile-") as folder:
        profiler = choose(pathlib.Path(folder), options.profiler)
        options.records = options.records or profiler.records
        about["records"] = options.records
        try:
            taken, samples, first = run(options, profiler)
        except rig.Failure as failure:
            rig.say(f"profile: {failure}")
            return 1
    weights, symbols = stages.table(samples, first)
    total = sum(weights.values())
    by_stage, by_thread = summed(weights, 0), summed(weights, 1)
    print(f"{options.records:,} records, {options.guarantee}, {profiler.name}, {len(samples):,} "
          f"samples, {about['commit']}, {about['machine']}")
    print(f"{taken['per_cpu_second']:,.0f} records per CPU second, profiler included\n")
    print_table("stage", by_stage, options.records, total, profiler.unit)
    print()
    print_table("thread", {stages.THREADS[kind]: weight for kind, weight in by_thread.items()},
                options.records, total, profiler.unit)
    shown = list(symbols) if options.symbols else [stages.OTHER]
    for stage in shown:
        if symbols[stage]:
            print(f"\n{stage}:")
        for name, weight in symbols[stage].most_common(SYMBOLS_SHOWN):
            print(f"  {name:<88}{100 * weight / total:>6.2f} %")
    if options.json:
        options.json.write_text(json.dumps({
            **about, "guarantee": options.guarantee, "profiler": profiler.name,
            "unit": profiler.unit, "samples": len(samples), "sample": taken,
            "per_record": {name: weight / options.records for name, weight in by_stage.items()},
            "per_record_by_thread": {stages.THREADS[kind]: weight / options.records
                                     for kind, weight in by_thread.items()},
            "per_record_by_stage_and_thread": {
                f"{stage}, {stages.THREADS[kind]}": weight / options.records
                for (stage, kind), weight in weights.items()},
            "symbols": {stage: {name: weight / options.records for name, weight
                                in own.most_common(20)} for stage, own in symbols.items()},
            "ratios": {f"share_of_{identifier(name)}": weight / total
                       for name, weight in by_stage.items()},
        }, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
