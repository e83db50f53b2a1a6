# SPDX-License-Identifier: Apache-2.0
"""Holds the JSON of insights, as docs/insights.md has it, against rows of insights.sql. Each
function returns what is wrong: nothing, or a sentence."""

import datetime
import json

RELATIVE_ERROR = 0.0078125  # of quantiles
ESTIMATES_OUTSIDE = 0.1  # of many estimates with bounds of 95 %, so large a share at most


def nested(rows):
    """Rows of keys and a value as objects in objects."""
    top = {}
    for *keys, last, value in rows:
        inner = top
        for key in keys:
            inner = inner.setdefault(key, {})
        inner[last] = value
    return top


def differ(expected, found, where=""):
    """The first difference; whether a number is written as 1 or 1.0 makes none."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted(expected.keys() | found.keys()):
            if key not in found or key not in expected:
                return f"{where}/{key} is {found.get(key, 'absent')!r}, and not " \
                       f"{expected.get(key, 'absent')!r}"
            if wrong := differ(expected[key], found[key], f"{where}/{key}"):
                return wrong
        return ""
    same = expected == found and isinstance(expected, str) == isinstance(found, str) \
        and isinstance(expected, bool) == isinstance(found, bool)
    return "" if same else f"{where or 'it'} is {found!r}, and not {expected!r}"


def utc(milliseconds, digits=0):
    moment = datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.timezone.utc)
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    # The report writes milliseconds where there are some.
    return f"{text}.{milliseconds % 1000:03}Z" if digits or milliseconds % 1000 else f"{text}Z"


# ------------------------------------------------------------------ what each kind's rows must be


def count_by(rows, members):
    return differ({"counts": nested(rows)}, members)


def value(rows, members):
    return differ({"value": rows[0][0] if rows else None}, members)


def integer(rows, members):
    if not isinstance(members["value"], int):
        return f"{members['value']} is no integer"
    return value(rows, members)


def fraction(rows, members):
    """Of a sum in parts of 2^60 and a divisor; / of Python's integers is rounded once."""
    parts, divisor = rows[0]
    return differ({"value": parts / (divisor << 60)}, members)


def hours(rows, members):
    return differ({"counts": {**{str(hour): 0 for hour in range(24)},
                              **{str(hour): count for hour, count in rows}}}, members)


def edges(rows, members):
    return differ({"values": nested((*keys, json.loads(text)) for *keys, text in rows)}, members)


def top(rows, members, also=()):
    return differ({"items": [{"key": key, "count": count, "error": 0, **{
        name: json.loads(text) if text else None for name, text in zip(also, texts)}}
        for key, count, *texts in rows]}, members)


def top_with_errors(rows, members, limit):
    """count - error <= true <= count, of those that are shown; of the others, no more than that."""
    true = dict(rows)
    items = members["items"]
    if len(items) != min(limit, len(true)):
        return f"there are {len(items)} items"
    if items != sorted(items, key=lambda item: (-item["count"], item["key"].encode())):
        return "its items are not in order"
    for item in items:
        count = true.pop(item["key"], 0)
        if not item["count"] - item["error"] <= count <= item["count"]:
            return f"{item}: the true count is {count}"
    rest = max(true.values(), default=0)
    if rest > items[-1]["count"]:
        return f"a key that is not shown was there {rest} times, the last one shown: {items[-1]}"
    return ""


def quantiles(rows, members):
    if len(rows) != len(members["values"]):
        return f"there are {len(members['values'])} quantiles"
    if members["relative_error"] != RELATIVE_ERROR:
        return f"the relative error is {members['relative_error']}"
    for share, true in rows:
        found = members["values"][f"p{float(share * 100):g}"]
        if abs(found - true) > RELATIVE_ERROR * abs(true):
            return f"p{float(share * 100):g} is {found}, and truly {true}"
    return ""


def distinct(rows, members):
    return _estimate(rows[0][0], members)


def _estimate(true, found):
    if found["exact"]:
        return differ({"value": true, "low": true, "high": true, "exact": True}, found)
    if not found["low"] <= found["value"] <= found["high"]:
        return f"{found} is not within its own bounds"
    return "" if found["low"] <= true <= found["high"] else f"{found}: the true number is {true}"


def distinct_by(rows, members):
    """Bounds that hold with 95 % may be wrong of a few, but only by a little."""
    estimates = outside = 0
    groups = {}

    def check(expected, found, where):
        nonlocal estimates, outside
        if sorted(expected) != sorted(found):
            return f"{where} has other groups: {set(expected) ^ set(found)}"
        for name, true in expected.items():
            place = f"{where}/{name}"
            if isinstance(true, dict):
                wrong = check(true, found[name], place)
            else:
                estimate = found[name]
                wrong = _estimate(true, estimate)
                estimates += not estimate["exact"]
                width = estimate["high"] - estimate["low"]
                if wrong and not estimate["exact"] and abs(estimate["value"] - true) < width:
                    outside += 1
                    wrong = ""
            if wrong:
                return f"{place}: {wrong}"
        return ""

    groups = nested(rows)
    if wrong := check(groups, members["by"], ""):
        return wrong
    if outside > max(1, ESTIMATES_OUTSIDE * estimates):
        return f"of {estimates} estimates {outside} are outside of their bounds"
    return ""
