# SPDX-License-Identifier: Apache-2.0
"""What a record costs: the engine and the floor on inputs of several shapes, in turn.

A case is a contender at a point of the axes. The first value of each axis is the base; a label
names what of a case is not as in the base (".partitions_100"). Within a round the inputs come in an
order by chance, and so do the contenders of an input, one behind the other: a ratio over the floor
is one of two runs of the same minute.
"""

import collections
import dataclasses
import itertools
import random
import time

import rig

Point = collections.namedtuple("Point", "partitions bytes bad workers")
FIGURES = ("per_cpu_second", "per_second", "peak_rss_bytes")
# Records of 5 KB take longer: an input of them has a fifth of the records.
LARGE_SHARE = 5
# A value of an axis over another one in the same round, and what it must be at least.
COMPARISONS = (("partitions", 100, 4, 0.9), ("bad", 50, 0, 0.6))
# What the ratios must be at least.
TARGETS = {"at_least_once_over_floor": 1.0, "exactly_once_over_floor": 0.95,
           "at_least_once_whole_machine_over_floor": 1.6, "exactly_once_over_at_least_once": 0.9}


@dataclasses.dataclass(frozen=True)
class Case:
    """`name` is that of the contender. `of_run` and `of_input` are its labels."""

    name: str
    point: Point
    of_run: str
    of_input: str
    contender: rig.Contender = dataclasses.field(compare=False)
    wanted: rig.Input = dataclasses.field(compare=False)

    @property
    def key(self):
        return self.name + self.of_run


def points(options):
    """All that the axes make together; with options.matrix the base, and from there along each."""
    axes = Point(options.partitions, options.bytes, options.bad, options.workers)
    if not options.matrix:
        return [Point(*values) for values in itertools.product(*axes)]
    base = Point(*(values[0] for values in axes))
    return list(dict.fromkeys(base._replace(**{axis: value})
                              for axis, values in zip(Point._fields, axes) for value in values))


def label(point, base, axes):
    return "".join(f".{axis}_{getattr(point, axis):g}" for axis in axes
                   if getattr(point, axis) != getattr(base, axis))


def cases(options):
    """Those of a round. The floor has one thread: it runs once for each input."""
    found = {}
    every = points(options)
    for point in every:
        of_run = label(point, every[0], Point._fields)
        of_input = label(point, every[0], Point._fields[:-1])
        share = LARGE_SHARE if options.matrix and point.bytes > rig.GENERATED_BYTES else 1
        wanted = rig.Input(max(options.records // share, 1), *point[:-1])
        alone = point._replace(workers=every[0].workers)
        contenders = [("floor", alone, of_input, rig.floor(options.floor))]
        contenders += [(f"floor_{mode}", alone, of_input, rig.floor(options.floor, mode))
                       for mode in options.floor_modes]
        contenders += [(guarantee, point, of_run,
                        rig.millrace(options.program, guarantee, point.workers))
                       for guarantee in options.guarantee]
        for name, at, of, contender in contenders:
            case = Case(name, at, of, of_input, contender, wanted)
            found.setdefault(case.key, case)
    return list(found.values())


def measure(options, order):
    """Samples of each key, by round; and what the witness found in each input."""
    samples = {}
    chance = random.Random(options.seed)
    groups = {}
    for case in order:
        groups.setdefault(case.wanted, []).append(case)
    with rig.Rig(options.program, options.floor) as broker:
        for wanted in groups:
            broker.fill(wanted)
        groups = list(groups.values())
        for case in chance.sample(groups[0], len(groups[0])):  # it warms the broker
            run(broker, case, f"round 0 of {options.rounds}")
        for number in range(1, options.rounds + 1):
            for group in chance.sample(groups, len(groups)):
                for case in chance.sample(group, len(group)):
                    samples.setdefault(case.key, []).append(
                        run(broker, case, f"round {number} of {options.rounds}"))
        return samples, dict(broker.inputs)


def run(broker, case, when):
    began = time.monotonic()
    sample = broker.measure(case.contender, case.wanted)
    rig.say(f"{when}: {case.key:<44}{sample['per_second']:>12,.0f}/s"
            f" {sample['per_cpu_second']:>12,.0f}/CPU s"
            f" {sample['peak_rss_bytes'] / 1e6:>6,.0f} MB"
            f"  verified, {time.monotonic() - began:.0f} s in all")
    return sample


# ------------------------------------------------------------------------------------- ratios


def ratios_of(order, samples):
    """Each a list: one of each round, against the floor, or the base, of that round."""
    found = {}
    for case in order:
        own, floor = samples[case.key], samples["floor" + case.of_input]
        if own is not floor:
            found[f"{case.name}_over_floor{case.of_run}"] = quotients(own, floor)
            found[f"{case.name}_whole_machine_over_floor{case.of_run}"] = quotients(
                own, floor, "per_second")
            found[f"{case.name}_per_second_over_floor_per_second{case.of_run}"] = quotients(
                own, floor, "per_second", "per_second")
        if case.name == "exactly_once" and "at_least_once" + case.of_run in samples:
            other = samples["at_least_once" + case.of_run]
            found[f"exactly_once_over_at_least_once{case.of_run}"] = quotients(own, other)
        if case.of_run:
            base = samples[case.name]
            found[f"{case.key}_over_base"] = quotients(own, base)
            found[f"{case.name}_per_second{case.of_run}_over_base"] = quotients(
                own, base, "per_second", "per_second")
    for name, own, over, axis, value, other, _ in comparisons(order):
        of = f"{axis}_{value}_over_{other}"
        found[f"{name}_{of}"] = quotients(samples[own], samples[over])
        found[f"{name}_per_second_{of}"] = quotients(samples[own], samples[over], "per_second",
                                                     "per_second")
    return found


def quotients(own, other, of="per_cpu_second", over="per_cpu_second"):
    return [a[of] / b[over] for a, b in zip(own, other)]


def comparisons(order):
    """(contender, key, key of the other, axis, value, other value, target) of each that is here,
    all else as in the base."""
    known = {(case.name, case.point): case.key for case in order}
    for (name, point), (axis, value, other, target) in itertools.product(
            [(case.name, case.point) for case in order if not case.of_run], COMPARISONS):
        own = known.get((name, point._replace(**{axis: value})))
        over = known.get((name, point._replace(**{axis: other})))
        if own and over:
            yield name, own, over, axis, value, other, target


def targets(order):
    """What the ratios must be at least, by name; the floor has none."""
    found = dict(TARGETS)
    for name, _, _, axis, value, other, target in comparisons(order):
        if not name.startswith("floor"):
            found[f"{name}_{axis}_{value}_over_{other}"] = target
    return found


# ------------------------------------------------------------------------------------ results


def show(options, order, samples):
    print(f"{options.records:,} records, {options.rounds} rounds")
    ratios = ratios_of(order, samples)
    rig.print_row("", "records per CPU second", "over C", "over base", "records per second",
                  "peak RSS, MB")
    for case in order:
        own = samples[case.key]
        over = [ratios.get(name) for name in (f"{case.name}_over_floor{case.of_run}",
                                              f"{case.key}_over_base")]
        rig.print_row(case.key, rig.spread([one["per_cpu_second"] for one in own]),
                      *(rig.spread(values, 2) if values else "" for values in over),
                      rig.spread([one["per_second"] for one in own]),
                      rig.spread([one["peak_rss_bytes"] / 1e6 for one in own]))


def document(order, samples, inputs):
    """Of each case: where it lies on the axes, and its figures with their spread."""
    ratios = ratios_of(order, samples)
    found = []
    for case in order:
        figures = {figure: rig.summary([one[figure] for one in samples[case.key]])
                   for figure in FIGURES}
        for name, ratio in (("over_floor", f"{case.name}_over_floor{case.of_run}"),
                            ("over_base", f"{case.key}_over_base")):
            if ratio in ratios:
                figures[name] = rig.summary(ratios[ratio])
        found.append({"key": case.key, "name": case.name, **case.point._asdict(),
                      "records": case.wanted.records,
                      "bytes_per_record": inputs[case.wanted]["bytes"] / case.wanted.records,
                      "figures": figures})
    return found
