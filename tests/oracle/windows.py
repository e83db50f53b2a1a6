# SPDX-License-Identifier: Apache-2.0
"""Holds closed windows, as records of topics, and open ones, as reports show them, against rows of
insights.sql. The functions return sentences on what is wrong."""

import collections
import datetime
import json

import shapes

LATE_SHOWN = 100  # of the windows that records came too late for, the last so many by themselves


def read(dumps, pipeline, input_topic):
    """What dumps of the topics have: {insight: {(partition, start): members}}, and what is wrong
    with single records."""
    found = collections.defaultdict(dict)
    wrong = []
    seen = set()
    newest = {}
    for topic in dumps:
        for output, key, record in _records(topic):
            insight, partition, start, members, sentence = _take(record, key, pipeline, input_topic)
            if sentence:
                wrong.append(f"{key}: {sentence}: {record}")
                continue
            if key in seen:
                wrong.append(f"{key} was written twice")
            seen.add(key)
            # Windows close in order, and their keys choose the output partition.
            place = (topic, output, insight, partition)
            if newest.get(place, start) > start:
                wrong.append(f"{key} comes after a later window")
            newest[place] = start
            _merge(found[insight].setdefault((partition, start), {}), members)
    return found, wrong


def _records(dump):
    with open(dump, encoding="ascii") as file:
        for line in file:
            output, _, _, key, text, hexed = line.rstrip("\n").split("\t")
            yield output, key, json.loads(text if hexed == r"\N" else bytes.fromhex(hexed))


def _take(record, key, pipeline, input_topic):
    """Insight, partition, start and members, and what is wrong with it."""
    name, topic, partition, start, *group = key.split("/")
    if "from" in record:  # with `as`
        start_text = record["from"]
        members = {"value": record["sum"]}
        final = record["last"]
        other = {"insight", "topic", "partition", "from", "to", "sum", "last"}
    else:
        start_text = record["window"]["start"]
        members = _members(record, list(record.get("group", {}).values()))
        final = record["final"]
        other = {"pipeline", "insight", "topic", "partition", "window", "value", "final"}
        if group:
            other.add("group")
        if record["pipeline"] != pipeline:
            return *[None] * 4, "another pipeline"
        if list(record.get("group", {}).values()) != group:
            return *[None] * 4, "its group is not the key's"
    if set(record) != other or final is not True:
        return *[None] * 4, "other members"
    if (record["insight"], record["topic"], str(record["partition"]), start_text) != (
            name, topic, partition, start) or topic != input_topic:
        return *[None] * 4, "its members are not its key's"
    return name, int(partition), _milliseconds(start_text), members, ""


def _milliseconds(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def _members(record, group):
    """What a report would show of the kind, from one group, or of the whole."""
    value = record["value"]
    if not group:
        return value if isinstance(value, dict) else {"value": value}
    for name in reversed(group):
        value = {name: value}
    return {"groups": value}


def _merge(into, more):
    for name, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = value


# How the kinds whose groups have records of their own call them in reports.
GROUPS = {"count_by": "counts", "distinct_by": "by", "edges": "values"}


def check_closed(kind, rows, found):
    """`rows` have the place and the start first; a place of None is a window that stays open."""
    check = getattr(shapes, kind)
    if kind == "top":
        check = lambda rows, members: shapes.top(rows, members, ("last_t",))
    expected = _by_window(row for row in rows if row[0] is not None)
    wrong = []
    lost = expected.keys() - found.keys()
    more = found.keys() - expected.keys()
    if lost:
        wrong.append(f"{len(lost)} windows are lost, the first: {_name(min(lost))}")
    if more:
        wrong.append(f"{len(more)} windows should not be there, the first: {_name(min(more))}")
    for window in sorted(expected.keys() & found.keys()):
        members = dict(found[window])
        if "groups" in members:
            members[GROUPS[kind]] = members.pop("groups")
        if sentence := check(expected[window], members):
            wrong.append(f"window {_name(window)}: {sentence}")
    return wrong


def check_open(kind, rows, shown):
    """Of the report: open windows are those of all partitions."""
    check = getattr(shapes, kind)
    if kind == "top":
        check = lambda rows, members: shapes.top(rows, members, ("last_t",))
    expected = _by_window(row for row in rows if row[0] is None)
    found = {(None, _milliseconds(window.pop("start"))): window for window in shown["open"]}
    if expected.keys() != found.keys():
        return [f"other windows are open: {sorted(map(_name, expected.keys() ^ found.keys()))}"]
    wrong = []
    for (_, start), members in found.items():
        if members.pop("end") != shapes.utc(start + int(shown["every_seconds"] * 1000)):
            wrong.append(f"open window {shapes.utc(start)} has another end")
        if sentence := check(expected[(None, start)], members):
            wrong.append(f"open window {shapes.utc(start)}: {sentence}")
    return wrong


def check_books(rows, shown, not_counted):
    ahead, missing, late, closed, watermark = rows[0]
    expected = {"ahead": ahead, "missing": missing, "late": late, "closed": closed,
                "watermark": None if watermark is None else shapes.utc(watermark)}
    found = {name: shown[name] for name in ("ahead", "late", "closed", "watermark")}
    sentence = shapes.differ(expected, {**found, "missing": not_counted})
    return [sentence] if sentence else []


def check_late(rows, shown):
    """Of the last windows by themselves, of the others together."""
    expected = {"windows": {shapes.utc(start): late for start, late in rows[-LATE_SHOWN:]},
                "earlier": sum(late for _, late in rows[:-LATE_SHOWN])}
    found = {"windows": {window["start"]: window["late"] for window in shown["late_windows"]},
             "earlier": shown["late_earlier"]}
    sentence = shapes.differ(expected, found, "late")
    return [sentence] if sentence else []


def _by_window(rows):
    windows = collections.defaultdict(list)
    for place, start, *row in rows:
        windows[(place, start)].append(row)
    return windows


def _name(window):
    partition, start = window
    return shapes.utc(start) + ("" if partition is None else f" of partition {partition}")
