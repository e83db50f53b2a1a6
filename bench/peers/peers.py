#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""peers.py PROGRAM FLOOR [options]: the same job in what users would pick instead.

PROGRAM (millrace), FLOOR (bench_floor) and the peers run in turn, round by round, in an order by
chance, each with a group and topics of its own on one Apache Kafka; the answer of every run is
verified before its time counts. The first round only warms the broker. "C" is the floor's records
per CPU second. Each reads a quarter of its records too: what the rest took is its rate without its
start. README.md says what the peers are and promise.
"""

import argparse
import dataclasses
import json
import pathlib
import random
import sys
import time

import install

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "end_to_end"))

import rig  # noqa: E402  (it lives beside its first user)

GUARANTEES = ("at_least_once", "exactly_once")
SHORT = 5.0
PART = 4  # what is measured once more reads so much less
JAVA = ("-Xms2g", "-Xmx2g", "-XX:+UseParallelGC")


@dataclasses.dataclass(frozen=True)
class Peer:
    """`share`: of --records that it reads, from an input of its own; a slow one needs fewer for the
    same seconds of work, and one that is slow to get warm more. `beside`: the guarantee of
    millrace's that it is compared with. `variables`: of its process."""

    name: str
    promise: str
    insights: str
    install: object   # -> what `command` takes, or install.Missing
    command: object
    versions: object
    share: float = 1.0
    ordered: bool = False
    beside: str = "at_least_once"
    variables: tuple = ()


PEERS = (
    Peer("python_single", "none: offsets go ahead of outputs", "in memory",
         lambda: install.python("python_single"),
         lambda program: [program, HERE / "python_single" / "job.py"],
         lambda program: install.python_versions(program, "confluent-kafka", "jsonschema"),
         share=0.05),
    Peer("python_batched", "at least once", "in memory",
         lambda: install.python("python_batched"),
         lambda program: [program, HERE / "python_batched" / "job.py"],
         lambda program: install.python_versions(program, "confluent-kafka", "orjson"),
         ordered=True),
    Peer("kafka_streams", "exactly once", "in memory",
         lambda: install.maven("kafka_streams"),
         lambda classes: ["java", *JAVA, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp",
                          classes, "StreamsJob"],
         lambda classes: install.java_versions("kafka_streams", **{
             "kafka-streams": "kafka-streams", "jackson-databind": "jackson-databind"}),
         share=2.0, ordered=True, beside="exactly_once"),
    Peer("redpanda_connect", "at least once", "none",
         lambda: install.go("redpanda_connect"),
         lambda program: [program, "run", HERE / "redpanda_connect" / "connect.yaml"],
         lambda program: install.go_versions(program, "github.com/redpanda-data/connect/v4",
                                             "github.com/twmb/franz-go"),
         variables=(("GOGC", "400"),)),
    Peer("quix", "at least once", "in memory",
         lambda: install.python("quix"),
         lambda program: [program, HERE / "quix" / "job.py"],
         lambda program: install.python_versions(program, "quixstreams", "confluent-kafka",
                                                 "orjson"),
         share=0.3),
)


@dataclasses.dataclass(frozen=True)
class SizedInput(rig.Input):
    """Several inputs of one shape, told apart by how many records they hold."""

    @property
    def topic(self):
        return f"{super().topic}-n{self.records}"


@dataclasses.dataclass(frozen=True)
class Entry:
    """One that runs in every round."""

    key: str
    contender: rig.Contender
    wanted: SizedInput
    promise: str
    insights: str
    beside: str = ""  # of a peer: the key that it is compared with

    def part(self):
        return dataclasses.replace(self.wanted, records=max(self.wanted.records // PART, 1))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("floor", type=pathlib.Path)
    parser.add_argument("--records", type=int, help="default 1,000,000; with --quick 200,000")
    parser.add_argument("--rounds", type=int, help="default 5; with --quick 3")
    parser.add_argument("--quick", action="store_true", help="a few minutes")
    parser.add_argument("--only", type=lambda text: text.split(","), metavar="NAME,NAME",
                        default=[peer.name for peer in PEERS],
                        help="of " + ", ".join(peer.name for peer in PEERS))
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    unknown = set(options.only) - {peer.name for peer in PEERS}
    if unknown:
        parser.error(f"--only: there is no peer {', '.join(sorted(unknown))}")
    options.records = options.records or (200_000 if options.quick else 1_000_000)
    options.rounds = options.rounds or (3 if options.quick else 5)
    return options


# ----------------------------------------------------------------------------- what is measured


def installed(options):
    """The peers that are here, with their commands and versions, and why others are not."""
    found, missing = {}, {}
    for peer in PEERS:
        if peer.name not in options.only:
            missing[peer.name] = "left out by --only"
            continue
        try:
            program = peer.install()
        except install.Missing as reason:
            rig.say(f"peers: {reason}")
            missing[peer.name] = str(reason).splitlines()[0]
            continue
        found[peer] = ([str(part) for part in peer.command(program)], peer.versions(program))
    return found, missing


def entries(options, found):
    whole = SizedInput(options.records, options.partitions)
    floor = rig.floor(options.floor)
    yield Entry("floor", floor, whole, "none", "none")
    for guarantee in GUARANTEES:
        yield Entry(f"millrace_{guarantee}", rig.millrace(options.program, guarantee, 2), whole,
                    guarantee.replace("_", " "), "durable")
    for peer, (command, _) in found.items():
        contender = rig.Contender(
            peer.name, lambda names, command=command: command,
            lambda names, peer=peer: environment(names) | dict(peer.variables),
            ordered=peer.ordered)
        wanted = SizedInput(max(round(options.records * peer.share), 1), options.partitions)
        yield Entry(peer.name, contender, wanted, peer.promise, peer.insights,
                    f"millrace_{peer.beside}")


def environment(names):
    return {"BENCH_NAME": names["name"], "BENCH_BROKERS": names["brokers"],
            "BENCH_INPUT": names["input"], "BENCH_OUTPUT": names["output"],
            "BENCH_DEAD_LETTERS": names["dead_letters"], "BENCH_RECORDS": names["records"],
            "BENCH_FOLDER": names["folder"],
            "BENCH_INSIGHTS": str(insights_file(names["folder"], names["name"]))}


def insights_file(folder, name):
    return pathlib.Path(folder) / f"{name}.insights.json"


def measure(options, order):
    """Samples of each entry, by round."""
    samples = {}
    chance = random.Random(options.seed)
    with rig.Rig(options.program, options.floor) as broker:
        for wanted in dict.fromkeys(one for entry in order
                                    for one in (entry.wanted, entry.part())):
            broker.fill(wanted)
        counted = {}
        for number in range(options.rounds + 1):
            chance.shuffle(order)
            for entry in order:
                began = time.monotonic()
                sample = measured(broker, entry, entry.wanted, counted)
                part = measured(broker, entry, entry.part(), counted)
                sample["without_start_per_cpu_second"] = rate_between(entry, part, sample)
                rig.say(f"round {number} of {options.rounds}: {entry.key:<24}"
                        f"{sample['per_second']:>12,.0f}/s {sample['per_cpu_second']:>12,.0f}/CPU s"
                        f"{sample['without_start_per_cpu_second']:>12,.0f} without start"
                        f" {sample['peak_rss_bytes'] / 1e6:>6,.0f} MB"
                        f"  verified, {time.monotonic() - began:.0f} s in all")
                if number > 0:  # the first warms the broker's page cache
                    samples.setdefault(entry.key, []).append(sample)
    return samples


def measured(broker, entry, wanted, counted):
    sample = broker.measure(entry.contender, wanted)
    check_insights(broker, entry, wanted, sample["name"], counted)
    return sample


def rate_between(entry, part, whole):
    """Of the records that the whole has more. A part that took longer says nothing: then 0."""
    more = whole["cpu_seconds"] - part["cpu_seconds"]
    return (entry.wanted.records - entry.part().records) / more if more > 0 else 0.0


# ------------------------------------------------------------------------------ the insights too


def check_insights(broker, entry, wanted, name, counted):
    """Whoever counts must have counted the same: `counted` has what the first of an input said. Of
    the top users only the numbers, as equals come in any order."""
    found = insights_of_peer(broker, entry, name) or insights_of_engine(broker, name)
    if found is None:
        return
    good = broker.inputs[wanted]["good"]
    if sum(found["hours"].values()) != good or sum(found["device_types"].values()) != good:
        raise rig.Failure(f"{entry.key} counted other than the {good} good records: {found}")
    first = counted.setdefault(wanted, {})
    for what, value in found.items():
        if first.setdefault(what, value) != value:
            raise rig.Failure(f"{entry.key} counted {what} as {value}, another as {first[what]}")


def insights_of_peer(broker, entry, name):
    path = insights_file(broker.folder, name)
    if entry.insights == "none" or not entry.beside:
        return None
    said = json.loads(path.read_text(encoding="utf-8"))
    return {"device_types": said["device_types"], "app_versions": said["app_versions"],
            "hours": busy(said["hours"]), "users": said["users"],
            "top": [number for _, number in said["top"]]}


def insights_of_engine(broker, name):
    """Without those of users, which it estimates: how many, and how often the first ones came."""
    path = broker.folder / f"{name}.json"
    if not path.exists():
        return None
    said = json.loads(path.read_text(encoding="utf-8"))["insights"]
    return {"device_types": said["count_by_device_type"]["counts"],
            "app_versions": said["count_by_app_version_device_type"]["counts"],
            "hours": busy(said["hours_of_day_timestamp"]["counts"])}


def busy(hours):
    return {hour: number for hour, number in hours.items() if number > 0}


# -------------------------------------------------------------------------------------- results


def ratios_of(order, samples):
    """Each a list: one of each round, against another run of that round."""
    found = {}
    for entry in order:
        if entry.key != "floor":
            found[f"{entry.key}_over_floor"] = quotients(samples[entry.key], samples["floor"])
            found[f"{entry.key}_without_start_over_floor"] = quotients(
                samples[entry.key], samples["floor"], "without_start_per_cpu_second")
    for entry in order:
        if entry.beside:
            ours, theirs = samples[entry.beside], samples[entry.key]
            found[f"{entry.beside}_over_{entry.key}"] = quotients(ours, theirs)
            found[f"{entry.beside}_without_start_over_{entry.key}"] = quotients(
                ours, theirs, "without_start_per_cpu_second")
            found[f"{entry.beside}_per_second_over_{entry.key}_per_second"] = quotients(
                ours, theirs, "per_second")
            found[f"{entry.key}_rss_over_{entry.beside}_rss"] = quotients(
                theirs, ours, "peak_rss_bytes")
    return found


def quotients(own, other, of="per_cpu_second"):
    return [a[of] / b[of] if b[of] > 0 else 0.0 for a, b in zip(own, other)]


def print_table(order, samples, ratios, missing):
    print(f"  {'':<24}{'records':>10}{'records per CPU second':>36}{'over C':>24}"
          f"{'the same without the start':>36}{'records per second':>36}"
          f"{'peak RSS, MB':>24}{'seconds':>9}")
    for entry in order:
        own = samples[entry.key]
        over = ratios.get(f"{entry.key}_over_floor", [1.0] * len(own))
        seconds = rig.summary([one["seconds"] for one in own])["median"]
        print(f"  {entry.key:<24}{entry.wanted.records:>10,}"
              f"{rig.spread([one['per_cpu_second'] for one in own]):>36}{rig.spread(over, 3):>24}"
              f"{rig.spread([one['without_start_per_cpu_second'] for one in own]):>36}"
              f"{rig.spread([one['per_second'] for one in own]):>36}"
              f"{rig.spread([one['peak_rss_bytes'] / 1e6 for one in own]):>24}"
              f"{seconds:>8,.1f}{'*' if seconds < SHORT else ''}")
    for name, reason in missing.items():
        print(f"  {name:<24}not measured: {reason}")
    print(f"  * less than {SHORT:g} s of work: what a start takes weighs more than it should")
    print("\nguarantee; order within a partition; insights")
    for entry in order:
        kept = "kept" if entry.contender.ordered else "not kept"
        print(f"  {entry.key:<24}{entry.promise}; {kept}; {entry.insights}")
    print("\nratios, each to the run of the same round")
    for name, values in ratios.items():
        print(f"  {name:<76}{rig.spread(values, 3)}")


def write_json(options, about, order, samples, ratios, found, missing):
    peers = {peer.name: {"measured": True, "versions": versions} for peer, (_, versions)
             in found.items()}
    for entry in order:
        peers.setdefault(entry.key, {"measured": True}).update(
            records=entry.wanted.records, guarantee=entry.promise, insights=entry.insights,
            order_kept=entry.contender.ordered)
    for name, reason in missing.items():
        peers[name] = {"measured": False, "why": reason}
    options.json.write_text(json.dumps({
        **about, "seed": options.seed,
        "options": {"partitions": options.partitions, "quick": options.quick,
                    "only": options.only},
        "contenders": peers, "samples": samples,
        "ratios": {name: rig.summary(values)["median"] for name, values in ratios.items()},
        "ratio_ranges": {name: rig.summary(values) for name, values in ratios.items()},
    }, indent=1) + "\n", encoding="utf-8")


def main():
    options = arguments()
    about = rig.describe(options.records, options.rounds)
    began = time.monotonic()
    found, missing = installed(options)
    order = list(entries(options, found))
    try:
        samples = measure(options, list(order))  # by chance is the order of running only
    except rig.Failure as failure:
        rig.say(f"peers: {failure}")
        return 1
    about["seconds"] = round(time.monotonic() - began, 1)
    ratios = ratios_of(order, samples)
    print(f"{options.records:,} records or a share of them, {options.rounds} rounds, "
          f"seed {options.seed}, {about['commit']}, {about['machine']}: median (least to most)")
    for peer, (_, versions) in found.items():
        print(f"  {peer.name}: " + ", ".join(f"{name} {one}" for name, one in versions.items()))
    print_table(order, samples, ratios, missing)
    if options.json:
        write_json(options, about, order, samples, ratios, found, missing)
    return 0


if __name__ == "__main__":
    sys.exit(main())
