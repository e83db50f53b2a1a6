#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""plot.py JSON... [--to FOLDER]: the charts of docs/benchmarks, from what the benchmarks wrote.

Takes the files of `end_to_end --json`, `peers --json` and `latency --json`, and draws what is in
them: over-floor.svg, partitions.svg, bad.svg, bytes.svg, workers.svg, latency.svg,
latency-rates.svg and memory.svg; peers.svg of peers, whose ratios are to runs of its own rounds. Of
two files that have the same chart the last one counts. Every chart shows medians, with whiskers
from the least to the most of the rounds, and says what it was measured with.
"""

import argparse
import json
import pathlib
import statistics
import sys

import chart

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAMES = {"at_least_once": "at least once", "exactly_once": "exactly once", "floor": "bare loop",
         "floor_idempotent": "bare loop, idempotent",
         "floor_transactions": "bare loop, transactions"}
LOOKS = {"at_least_once": "a", "exactly_once": "b", "floor": "c"}
PERCENTILES = (("p50", "p50", "p"), ("p99", "p99", "q"), ("p999", "p99.9", "r"))
PRESETS = ("low", "balanced", "relaxed")
# Axis: what it is called, what its values are called, the value that the others are held against
# and what that is called, and what the last of them must be at least.
AXES = {
    "partitions": ("partitions", "{:g}", 4, "{:g} partition", 0.9),
    "bad": ("share of bad records", "{:g} %", 0, "{:g} % bad", 0.6),
    "bytes": ("bytes of a record", "{:g} B", 190, "{:g} B", None),
    "workers": ("workers", "{:g}", 1, "{:g} worker", None),
}

# A share of the machine: what a kernel and a shell take is less.
BUSY = 0.1


def spread(values):
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


def name_of(name):
    return NAMES.get(name, name.replace("_", " "))


def foot(document, *more):
    busy = document["busy_at_start"]
    rounds = f"{document['rounds']} round{'s' if document['rounds'] != 1 else ''}"
    return [
        *more,
        f"Medians of {rounds} in an order by chance; whiskers from the least to the most. Every "
        "answer was verified.",
        f"{document['kafka']}; {document['cores']} cores, {document['machine']}, "
        f"{document['memory_bytes'] / 1e9:.0f} GB; {document['build']}; commit "
        f"{document['commit']}"
        + (f"; the machine was busy before: {busy:.0%}" if busy > BUSY else "")]


# --------------------------------------------------------------------------------- throughput


class Cases:
    """The cases of an end_to_end file, and ratios of their samples, round by round."""

    def __init__(self, document):
        self.cases = document["cases"]
        self.samples = document["samples"]
        # The first of each name has the first values of all axes.
        self.base = {axis: self.cases[0][axis] for axis in AXES}
        # What a record of an input that is called so has on the average.
        self.bytes = {case["bytes"]: round(case["bytes_per_record"]) for case in self.cases
                      if all(case[axis] == self.base[axis] for axis in AXES if axis != "bytes")}
        self.names = list(dict.fromkeys(case["name"] for case in self.cases))

    def key(self, name, **at):
        """Of the case that is there, all else as in the base; or None."""
        wanted = {**self.base, **at}
        for case in self.cases:
            if case["name"] == name and all(case[axis] == wanted[axis] for axis in AXES):
                return case["key"]
        return None

    def values(self, axis):
        """Those of an axis that are measured with all else as in the base, in order."""
        return sorted({case[axis] for case in self.cases
                       if all(case[other] == self.base[other] for other in AXES if other != axis)})

    def ratio(self, key, over, of="per_cpu_second"):
        if key is None or over is None:
            return None
        return spread([own[of] / other[of] for own, other
                       in zip(self.samples[key], self.samples[over])])


def over_floor(document):
    cases = Cases(document)
    floor = cases.key("floor")
    rows = [name for name in cases.names if name != "floor"]
    series = [chart.Series("", "a", [cases.ratio(cases.key(name), floor) for name in rows])]
    return chart.lying(
        "Records per CPU second of the process, over those of the bare loop",
        foot(document, f"The job of bench/end_to_end/job.yaml: {input_note(document, cases)} The "
             "bare loop (bench/floor) parses, appends a member and produces, without a guarantee."),
        chart.Panel("", "over the bare loop of the same round; dashed: the bare loop", "",
                    [name_of(name) for name in rows], series, (1.0,)))


def along(document, axis):
    """Against one axis: over the bare loop on the same input, and each over itself at one value; of
    workers that is by the clock. None if there is only one value."""
    cases = Cases(document)
    values = cases.values(axis)
    if len(values) < 2:
        return None
    title, shape, against, shape_against, target = AXES[axis]
    against = against if against in values else cases.base[axis]
    of = "per_second" if axis == "workers" else "per_cpu_second"
    over, itself = [], []
    for name in ("at_least_once", "exactly_once", "floor"):
        keys = [cases.key(name, **{axis: value}) for value in values]
        if keys.count(None) >= len(keys) - 1:
            continue  # the bare loop has no workers
        floors = [cases.key("floor", **({axis: value} if axis != "workers" else {}))
                  for value in values]
        over.append(chart.Series(name_of(name), LOOKS[name], [
            None if name == "floor" else cases.ratio(key, floor)
            for key, floor in zip(keys, floors)]))
        itself.append(chart.Series(name_of(name), LOOKS[name], [
            cases.ratio(key, cases.key(name, **{axis: against}), of) for key in keys]))
    shown = cases.bytes if axis == "bytes" else {value: value for value in values}
    categories = [shape.format(shown[value]) for value in values]
    unit = "1 = as there" + (
        f"; dashed: at {categories[-1]} at least {target:g} is wanted" if target else "")
    what = "Records per second" if of == "per_second" else "Each"
    there = shape_against.format(shown[against])
    if axis in ("partitions", "workers") and against != 1:
        there += "s"
    return chart.upright(
        f"Records per CPU second of the process, by {title}",
        foot(document, input_note(document, cases, axis)),
        [chart.Panel("Over the bare loop on the same input", "dashed: the bare loop", title,
                     categories, over, (1.0,)),
         chart.Panel(f"{what} over itself at {there}", unit, title,
                     categories, itself, (target,) if target else (), 1.0)])


def input_note(document, cases, axis=""):
    """What the axis does not say of the input and the engine."""
    said = {axis: f"{cases.base[axis]:g} {axis}" for axis in ("partitions", "workers")}
    said = {"bytes": f"{cases.bytes[cases.base['bytes']]} bytes each",
            "bad": f"{cases.base['bad']:g} % bad", **said}
    others = ", ".join(words for other, words in said.items() if other != axis)
    fewer = min(case["records"] for case in document["cases"])
    of_large = f" ({fewer:,} of the large ones)" if axis == "bytes" else ""
    return f"{document['records']:,} records{of_large}, {others}."


# ------------------------------------------------------------------------------------ latency


def find(cases, **wanted):
    return next((case for case in cases
                 if all(case[name] == value for name, value in wanted.items())), None)


def latency_foot(document, found):
    return foot({**document, "rounds": found["rounds"]},
                f"{found['seconds']} s at the rate, {found['partitions']} partitions, a commit "
                f"each {found['commit_every_ms']} ms. From when a record was due, whether or not "
                "the sender was in time, to when a read_committed reader has it. Direct: sender "
                "and reader with nothing between them but Kafka.")


def percentiles(title, document, rows):
    """`rows`: (label, case) of each; those without a case are left out."""
    rows = [(label, case["figures"]) for label, case in rows if case]
    series = [chart.Series(words, look, [figures[figure] for _, figures in rows])
              for figure, words, look in PERCENTILES]
    return chart.lying(title, latency_foot(document, document["latency"]), chart.Panel(
        "", "milliseconds", "", [label for label, _ in rows], series))


def latency_by_setting(document):
    cases = document["latency"]["cases"]
    rate = next(case["rate"] for case in cases if case["latency"])
    rows = [("direct", find(cases, name="direct", rate=rate))]
    rows += [(f"{name_of(name)}, {preset}", find(cases, name=name, latency=preset, rate=rate))
             for name in ("at_least_once", "exactly_once") for preset in PRESETS]
    return percentiles(f"Latency at {rate:,} records per second, by the setting of `latency`",
                       document, rows)


def latency_by_rate(document):
    cases = document["latency"]["cases"]
    rates = sorted({case["rate"] for case in cases})
    if len(rates) < 2:
        return None
    rows = [(f"{name_of(name)}, {rate:,}/s", find(
        cases, name=name, rate=rate, latency="" if name == "direct" else "balanced"))
            for name in ("direct", "at_least_once", "exactly_once") for rate in rates]
    return percentiles("Latency by records per second, `latency: balanced`", document, rows)


def of_latency_alone(document):
    """A file of latency.py as the part "latency" of one of end_to_end."""
    cases = [{"name": name, "latency": preset, "rate": document["rate"], "figures": figures}
             for name, presets in document["figures"].items()
             for preset, figures in presets.items()]
    return {**document, "latency": {
        "seconds": document["seconds"], "partitions": document["partitions"],
        "commit_every_ms": document["commit_every_ms"], "rounds": document["rounds"],
        "cases": cases}}


# ------------------------------------------------------------------------------------- memory


def memory(document):
    found = document["backlog"]
    peaks = [{name: value / 1e6 for name, value in peak.items()}
             for peak in found["peak_rss_bytes"].values()]
    return chart.lying(
        "Peak of the resident memory, reading a backlog",
        foot({**document, "rounds": found["rounds"]},
             f"{found['records']:,} records on {found['partitions']} partitions, `memory: "
             f"{found['memory']}`. Insights come on top of the limit, which is for what goes "
             "without."),
        chart.Panel("", f"MB; dashed: `memory` and 64 MB, {found['limit_bytes'] / 1e6:,.0f} MB", "",
                    [name_of(name).replace("_", " ") for name in found["peak_rss_bytes"]],
                    [chart.Series("", "a", peaks)], (found["limit_bytes"] / 1e6,)))


# -------------------------------------------------------------------------------------- peers


def label_of_peer(name, about):
    program = name.split("_at_least")[0].split("_exactly")[0]
    return f"{program.replace('_', ' ').capitalize()}, {about['guarantee'].split(':')[0]}"


def peers(document):
    rows = [name for name, about in document["contenders"].items()
            if about["measured"] and name != "floor"]
    ranges = document["ratio_ranges"]
    rows.sort(key=lambda name: -ranges[f"{name}_over_floor"]["median"])
    missing = [name_of(name) for name, about in document["contenders"].items()
               if not about["measured"]]
    return chart.lying(
        "The same job by others: records per CPU second over the bare loop",
        foot(document, "bench/peers/README.md says what each is and promises; insights are kept "
             "over a restart by Millrace only."
             + (f" Not measured here: {', '.join(missing)}." if missing else "")),
        chart.Panel("", "over the bare loop of the same round; dashed: the bare loop", "", [
            label_of_peer(name, document["contenders"][name]) for name in rows], [
            chart.Series("with the start of the process", "a",
                         [ranges[f"{name}_over_floor"] for name in rows]),
            chart.Series("without it", "d",
                         [ranges[f"{name}_without_start_over_floor"] for name in rows])], (1.0,)))


# --------------------------------------------------------------------------------------- main


def charts(document):
    """(name, SVG or None) of all that this document has."""
    if "contenders" in document:
        yield "peers", peers(document)
    if "cases" in document:
        yield "over-floor", over_floor(document)
        for axis in AXES:
            yield axis, along(document, axis)
    if "commit_every_ms" in document:
        document = of_latency_alone(document)
    if "latency" in document:
        yield "latency", latency_by_setting(document)
        yield "latency-rates", latency_by_rate(document)
    if "backlog" in document:
        yield "memory", memory(document)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("json", type=pathlib.Path, nargs="+")
    parser.add_argument("--to", type=pathlib.Path, default=ROOT / "docs" / "benchmarks",
                        help="default docs/benchmarks")
    options = parser.parse_args()
    found = {}
    for path in options.json:
        drawn = dict(charts(json.loads(path.read_text(encoding="utf-8"))))
        if not drawn:
            print(f"plot: there is nothing to draw in {path}", file=sys.stderr)
            return 1
        found.update((name, svg) for name, svg in drawn.items() if svg)
    options.to.mkdir(parents=True, exist_ok=True)
    for name, svg in found.items():
        path = options.to / f"{name}.svg"
        path.write_text(svg, encoding="utf-8")
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
