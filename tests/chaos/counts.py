# SPDX-License-Identifier: Apache-2.0
"""What the insights of a chaos run must be: the pipeline's insights once more, in a few lines, from
the input as the independent reader dumped it; and whether they are."""

import collections
import datetime
import fractions
import json

INSIGHTS = """\
insights:
  - {count_by: d, name: devices}
  - {count_by: [d, keep], of: consumed, name: devices_of_all}
  - {distinct: u, name: users}
  - top: {of: u, limit: 20, also: {last: n}}
    name: top_users
  - {sum: a, name: amount}
  - {last: n, by: d, of: consumed, name: last_number}
  - window: {every: 10s, on: t, grace: 20s, count_by: d, name: by_device, topic: chaos-windows}
  - window:
      {every: 60s, hop: 20s, on: t, of: consumed, sum: a, name: amounts, topic: chaos-windows,
       as: {insight: insight, partition: partition, from: window_start, to: window_end, sum: value}}
state: {every: 1s}
"""
MAX_AHEAD = 3600 * 1000  # milliseconds, the default
PARTITIONS = 4
TOP = 20
SHOWN = 4  # sentences of each insight


def records(file):
    """The lines of a dump, each partition's in the order of offsets."""
    with open(file, encoding="ascii") as lines:
        for line in lines:
            partition, offset, timestamp, key, value = line.rstrip("\n").split("\t", 4)
            yield int(partition), int(offset), int(timestamp), key, value


class Edge:
    """The value of a key's last record that had one: in a partition by offset, between partitions
    by the record's timestamp, then by the greater text."""

    def __init__(self):
        self.of_partition = {}

    def take(self, partition, timestamp, value):
        self.of_partition[partition] = (timestamp, str(value), value)

    def value(self):
        return max(self.of_partition.values())[2] if self.of_partition else None


class Windows:
    """The windows of one insight in one input partition, in the order of offsets."""

    def __init__(self, size, hop, grace):
        self.size, self.hop, self.grace = size, hop, grace
        self.watermark = None
        self.values = collections.defaultdict(lambda: collections.defaultdict(fractions.Fraction))
        self.late = self.ahead = self.missing = 0

    def take(self, time, timestamp, group, amount):
        """`time` and `timestamp` in milliseconds; a group or amount that is not there is None."""
        if time is None:
            self.missing += 1
            return
        if time > timestamp + MAX_AHEAD:
            self.ahead += 1
            return
        last = time // self.hop * self.hop
        if group is None or amount is None:
            self.missing += 1
        else:
            for start in range(last - self.size + self.hop, last + 1, self.hop):
                if not self._is_closed(start):
                    self.values[start][group] += amount
            self.late += self._is_closed(last)
        # What it closes, it was in time for itself.
        self.watermark = time if self.watermark is None else max(self.watermark, time)

    def _is_closed(self, start):
        return (self.watermark is not None
                and self.watermark >= start + self.size + self.grace)

    def closed(self):
        return {start: groups for start, groups in self.values.items() if self._is_closed(start)}

    def open(self):
        return {start: groups for start, groups in self.values.items()
                if not self._is_closed(start)}


class Expected:
    """Of the input in a dump."""

    def __init__(self, dump):
        self.totals = collections.Counter()
        self.devices = collections.Counter()
        self.devices_of_all = collections.defaultdict(collections.Counter)
        self.users = collections.Counter()
        self.last_number_of_user = collections.defaultdict(Edge)
        self.amount = fractions.Fraction(0)
        self.last_number = collections.defaultdict(Edge)
        self.by_device = [Windows(10_000, 10_000, 20_000) for _ in range(PARTITIONS)]
        self.amounts = [Windows(60_000, 20_000, 0) for _ in range(PARTITIONS)]
        self.missing = collections.Counter()
        self.ends = [0] * PARTITIONS
        for partition, offset, timestamp, _, value in records(dump):
            self._take(partition, timestamp, value)
            self.ends[partition] = offset + 1
        for name in ("by_device", "amounts"):
            self.missing[name] = sum(windows.missing for windows in getattr(self, name))

    @staticmethod
    def outcome(record):
        """As the schema and the steps of the pipeline say."""
        if record is None or not isinstance(record["n"], int) or isinstance(record["n"], bool):
            return "dead_lettered"
        if not record["keep"]:
            return "filtered"
        return "dead_lettered" if record["late"] else "emitted"

    def _take(self, partition, timestamp, value):
        try:
            record = json.loads(value, parse_float=fractions.Fraction)
        except ValueError:
            record = None
        outcome = self.outcome(record)
        self.totals["consumed"] += 1
        self.totals[outcome] += 1
        record = record or {}
        device, user, amount, time = (record.get(name) for name in ("d", "u", "a", "t"))
        time = None if time is None else time * 1000
        self._count_all(partition, timestamp, record, device)
        self.amounts[partition].take(time, timestamp, "", amount)
        if outcome != "emitted":
            return
        self.missing["devices"] += device is None
        self.missing["users"] += user is None
        self.missing["top_users"] += user is None
        self.missing["amount"] += amount is None
        if device is not None:
            self.devices[device] += 1
        self.users[user] += 1
        self.last_number_of_user[user].take(partition, timestamp, record["n"])
        self.amount += amount or 0
        self.by_device[partition].take(time, timestamp, device, 1)

    def _count_all(self, partition, timestamp, record, device):
        if device is None:
            self.missing["devices_of_all"] += 1
            self.missing["last_number"] += 1
            return
        self.devices_of_all[device]["true" if record["keep"] else "false"] += 1
        self.last_number[device].take(partition, timestamp, record["n"])


# ------------------------------------------------------------------------------------ the verdict


def judge(expected, report, window_records):
    """Sentences on what is wrong with the fleet's report and with the windows on their topic."""
    wrong = []
    insights = report["insights"]

    def compare(what, must, found):
        if must != found:
            wrong.append(f"{what} is {_short(found)} instead of {_short(must)}")

    compare("the coverage", expected.ends, [part["next_offset"] for part in report["partitions"]])
    compare("the totals", dict(expected.totals),
            {name: report["totals"][name] for name in expected.totals})
    compare("not_counted", {name: count for name, count in expected.missing.items() if count},
            report["not_counted"])
    compare("insight devices", dict(expected.devices), insights["devices"]["counts"])
    compare("insight devices_of_all", {device: dict(kept) for device, kept
                                       in expected.devices_of_all.items()},
            insights["devices_of_all"]["counts"])
    compare("insight users", {"kind": "distinct", "value": len(expected.users),
                              "low": len(expected.users), "high": len(expected.users),
                              "exact": True}, insights["users"])
    compare("insight top_users", [
        {"key": user, "count": count, "error": 0,
         "last_n": expected.last_number_of_user[user].value()}
        for user, count in sorted(expected.users.items(), key=lambda item: (-item[1], item[0]))
    ][:TOP], insights["top_users"]["items"])
    compare("insight amount", expected.amount, fractions.Fraction(insights["amount"]["value"]))
    compare("insight last_number", {device: edge.value()
                                    for device, edge in expected.last_number.items()},
            insights["last_number"]["values"])
    for name in ("by_device", "amounts"):
        wrong += _judge_windows_in_report(name, getattr(expected, name), insights[name])
    closed, sentences = _closed(window_records)
    wrong += sentences
    for name in ("by_device", "amounts"):
        wrong += _judge_closed(name, getattr(expected, name), closed[name])
    return wrong


def describe(expected):
    """What was compared, in a few words."""
    closed = sum(len(windows.closed()) for name in ("by_device", "amounts")
                 for windows in getattr(expected, name))
    late = sum(windows.late for name in ("by_device", "amounts")
               for windows in getattr(expected, name))
    return (f"{len(expected.users)} users, {len(expected.last_number)} devices, {closed} closed "
            f"windows, {late} late records")


def _judge_windows_in_report(name, partitions, shown):
    wrong = []
    must = {"late": sum(windows.late for windows in partitions),
            "ahead": sum(windows.ahead for windows in partitions),
            "closed": sum(len(windows.closed()) for windows in partitions)}
    found = {key: shown[key] for key in must}
    if must != found:
        wrong.append(f"insight {name} has {found} instead of {must}")
    merged = collections.defaultdict(collections.Counter)
    for windows in partitions:
        for start, groups in windows.open().items():
            merged[start].update(groups)
    must = {utc(start): dict(groups) for start, groups in merged.items()}
    found = {window["start"]: window["counts"] if name == "by_device"
             else {"": fractions.Fraction(window["value"])} for window in shown["open"]}
    if must != found:
        wrong.append(f"insight {name} has open windows {_short(found)} instead of {_short(must)}")
    return wrong


def _closed(window_records):
    """{insight: {(partition, start): {group: value}}} of the topic, and what is wrong with it as
    such. `window_records` are what records() yields."""
    closed = {"by_device": {}, "amounts": {}}
    wrong = []
    seen = set()
    for _, _, _, key, value in window_records:
        if key in seen:
            wrong.append(f"window {key} is doubled")
            continue
        seen.add(key)
        record = json.loads(value)
        name = record["insight"]
        if name == "by_device":
            start, end = record["window"]["start"], record["window"]["end"]
            group = record["group"]["d"]
            value, size = record["value"], 10_000
            right = f"{name}/chaos-in/{record['partition']}/{start}/{group}"
        else:
            start, end, group = record["from"], record["to"], ""
            value, size = fractions.Fraction(record["sum"]), 60_000
            right = f"{name}/chaos-in/{record['partition']}/{start}"
        if key != right or utc(milliseconds(start) + size) != end:
            wrong.append(f"window {key} says of itself: {record}")
        closed[name].setdefault((record["partition"], milliseconds(start)), {})[group] = value
    return closed, wrong[:SHOWN]


def _judge_closed(name, partitions, found):
    must = {(partition, start): dict(groups) for partition, windows in enumerate(partitions)
            for start, groups in windows.closed().items()}
    wrong = []
    for what, windows in (("lost", must.keys() - found.keys()),
                          ("of no input record", found.keys() - must.keys())):
        if windows:
            partition, start = min(windows)
            wrong.append(f"{len(windows)} windows of {name} are {what}, the first: "
                         f"{utc(start)} of partition {partition}")
    for partition, start in sorted(must.keys() & found.keys()):
        groups, others = must[partition, start], found[partition, start]
        for group in sorted(groups.keys() | others.keys()):
            if groups.get(group) != others.get(group):
                wrong.append(f"window {utc(start)} of {name}, partition {partition}: "
                             f"{group or 'its value'} is {_short(others.get(group, 'lost'))} "
                             f"instead of {_short(groups.get(group, 'nothing'))}")
    return wrong[:SHOWN]


def utc(time):
    return datetime.datetime.fromtimestamp(time // 1000, datetime.timezone.utc).strftime(
        "%Y-%m-%dT%H:%M:%SZ")


def milliseconds(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()) * 1000


def _short(value):
    text = str(value)
    return text if len(text) <= 300 else text[:300] + "..."
