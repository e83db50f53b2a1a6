#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""guard.py PROGRAM [--json FILE] [--record]: whether a record still costs the instructions that it
did when they were recorded.

Runs each case of PROGRAM (guard_process_run) once under callgrind, which counts instead of
measuring: the same program gives the same count on a busy machine too. recorded.json beside this
file has the instructions per record and what they were counted with. A case that is more than 3 %
away fails, in either direction: what became cheaper is recorded anew, so that it stays so.

Exit code 0: all as recorded; 1: not; 77: there is nothing to compare with, as compiler, flags,
simdjson or its kernel are others than those recorded (valgrind shows the program a CPU with AVX2
and without AVX-512, where the machine has AVX2).
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

RECORDED = pathlib.Path(__file__).resolve().parent / "recorded.json"
TOLERANCE = 0.03
# Case of PROGRAM: batches of it.
CASES = {"p3": 10, "p3_with_insights": 10, "merge": 10, "order": 5, "fifty_rules": 5,
         "dead_letters": 10}
# What the counts depend on, as PROGRAM says it.
CIRCUMSTANCES = ("compiler", "flags", "simdjson", "kernel")


def count(program, case):
    """Instructions per record, and the circumstances."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "callgrind.out"
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", "--collect-atstart=no",
             "--toggle-collect=counted_part", f"--callgrind-out-file={out}",
             program, case, str(CASES[case])],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"guard: the case {case} ended with {done.returncode}:\n{done.stderr[-2000:]}")
        said = json.loads(done.stdout)
        total = re.search(r"^totals: (\d+)$", out.read_text(encoding="utf-8"), re.MULTILINE)
    if total is None or int(total.group(1)) == 0:
        sys.exit(f"guard: callgrind counted nothing in the case {case}: was counted_part inlined?")
    return int(total.group(1)) / said["records"], {name: said[name] for name in CIRCUMSTANCES}


def count_all(program):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as threads:
        found = dict(zip(CASES, threads.map(lambda case: count(program, case), CASES)))
    circumstances = found[next(iter(CASES))][1]
    return {case: one for case, (one, _) in found.items()}, circumstances


def compare(found, recorded):
    """The sentences of what differs."""
    sentences = []
    for case, now in found.items():
        before = recorded.get(case)
        if before is None:
            sentences.append(f"The case {case} is not recorded: ./dev bench guard --record.")
        elif abs(now / before - 1) > TOLERANCE:
            sentences.append(
                f"The case {case} takes {now:,.1f} instructions a record, and {before:,.1f} are "
                f"recorded: {100 * (now / before - 1):+.1f} %. Mend what made it so, or record it "
                "with ./dev bench guard --record and a line in docs/benchmarks.md that says why.")
    return sentences


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    if shutil.which("valgrind") is None:
        print("guard: skipped: valgrind is not here.")
        return 77
    found, circumstances = count_all(options.program)
    rounded = {case: round(one, 1) for case, one in found.items()}
    if options.record:
        RECORDED.write_text(json.dumps({**circumstances, "instructions_per_record": rounded},
                                       indent=2) + "\n", encoding="utf-8")
    document = json.loads(RECORDED.read_text(encoding="utf-8"))
    recorded = document["instructions_per_record"]
    ratios = {case: one / recorded[case] for case, one in found.items() if case in recorded}
    if options.json:
        options.json.write_text(json.dumps({
            **circumstances, "tolerance": TOLERANCE, "instructions_per_record": rounded,
            "recorded": document, "ratios": ratios}, indent=2) + "\n", encoding="utf-8")
    print(f"{'instructions per record':<24}{'found':>10}{'recorded':>10}{'ratio':>8}")
    for case, one in found.items():
        of = f"{recorded[case]:>10,.1f}{ratios[case]:>8.3f}" if case in recorded else ""
        print(f"  {case:<22}{one:>10,.1f}{of}")
    for name in CIRCUMSTANCES:
        if circumstances[name] != document[name]:
            print(f"guard: skipped: {name} is {circumstances[name]!r} here, and the counts were "
                  f"recorded with {document[name]!r}.")
            return 77
    sentences = compare(found, recorded)
    for sentence in sentences:
        print(f"guard: {sentence}")
    return 1 if sentences else 0


if __name__ == "__main__":
    sys.exit(main())
