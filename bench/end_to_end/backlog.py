# SPDX-License-Identifier: Apache-2.0
"""What memory a backlog takes: a large input on many partitions is read from its beginning, by each
guarantee, and the peak of the resident memory is compared with `memory` and 64 MB. That is what
docs/configuration.md states for a pipeline without insights. With those of job.yaml, which come on
top, the first guarantee is measured as well.
"""

import pathlib
import random
import re

import rig

ALLOWANCE = 64_000_000
PARTITIONS = 100
UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


def bytes_of(memory):
    number, unit = re.fullmatch(r"(\d+)([KMG]iB)", memory).groups()
    return int(number) * UNITS[unit]


def without_insights(folder):
    """job.yaml without its last part, in `folder`."""
    text = (rig.HERE / "job.yaml").read_text(encoding="utf-8")
    text, found = re.subn(r"(?ms)^insights:\n.*\Z", "", text)
    text = re.sub(r"(?m)^schema: (.*)$", lambda line: f"schema: {(rig.HERE / line[1]).resolve()}",
                  text)
    if found != 1:
        raise rig.Failure("job.yaml has no insights at its end")
    path = pathlib.Path(folder) / "without-insights.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def measure(options):
    """Samples by key, one of each round."""
    wanted = rig.Input(options.backlog_records, PARTITIONS)
    memory = (("BENCH_MEMORY", options.memory),)
    chance = random.Random(options.seed)
    with rig.Rig(options.program, options.floor) as broker:
        job = without_insights(broker.folder)
        runs = [(guarantee, guarantee, job) for guarantee in options.guarantee]
        runs.append((f"{options.guarantee[0]}_with_insights", options.guarantee[0],
                     rig.HERE / "job.yaml"))
        order = [(key, rig.millrace(options.program, guarantee, options.workers[0],
                                    f"backlog {key}", job, memory))
                 for key, guarantee, job in runs]
        samples = {key: [] for key, _ in order}
        broker.fill(wanted)
        for number in range(1, options.backlog_rounds + 1):
            for key, contender in chance.sample(order, len(order)):
                sample = broker.measure(contender, wanted)
                samples[key].append(sample)
                rig.say(f"backlog, round {number} of {options.backlog_rounds}: {key:<30}"
                        f"{sample['peak_rss_bytes'] / 1e6:>8,.0f} MB of "
                        f"{limit(options) / 1e6:,.0f} MB, {sample['per_second']:,.0f}/s, verified")
    return samples


def limit(options):
    return bytes_of(options.memory) + ALLOWANCE


def ratios_of(options, samples):
    return {f"{key}_backlog_rss_over_limit":
            [one["peak_rss_bytes"] / limit(options) for one in own]
            for key, own in samples.items()}


def targets(options):
    """What the ratios must be at most, by name."""
    return {f"{guarantee}_backlog_rss_over_limit": 1.0 for guarantee in options.guarantee}


def show(options, samples):
    print(f"\nbacklog of {options.backlog_records:,} records on {PARTITIONS} partitions, memory: "
          f"{options.memory}, {options.backlog_rounds} rounds; the limit is that and 64 MB: "
          f"{limit(options) / 1e6:,.0f} MB")
    rig.print_row("", "peak RSS, MB", "records per second")
    for key, own in samples.items():
        rig.print_row(key, rig.spread([one["peak_rss_bytes"] / 1e6 for one in own]),
                      rig.spread([one["per_second"] for one in own]))


def document(options, samples):
    return {"records": options.backlog_records, "partitions": PARTITIONS, "memory": options.memory,
            "limit_bytes": limit(options), "rounds": options.backlog_rounds,
            "peak_rss_bytes": {key: rig.summary([one["peak_rss_bytes"] for one in own])
                               for key, own in samples.items()},
            "samples": samples}
