# SPDX-License-Identifier: Apache-2.0
"""The job in Quix Streams, as a StreamingDataFrame. Alone, verified:

  python3 bench/peers/peers.py build/release/millrace build/release/bench/floor/bench_floor \
      --only quix --rounds 1

quixstreams 3.28.1. It promises at least once (its default; offsets are committed with a flush of
the producer every 5 s). A record has no key here, and Quix chooses the partition, so that the
order is not kept. The insights are in memory only, without Quix's state stores, which cost more.
"""

import collections
import functools
import json
import os
import time

from quixstreams import Application

STRINGS = ("user_id", "app_version", "device_type", "ip", "locale", "device_id")
TIME = "%Y-%m-%dT%H:%M:%S"

pairs = collections.defaultdict(int)  # of all records by (app_version, device_type)
users = collections.defaultdict(int)
hours = collections.defaultdict(int)


@functools.lru_cache(maxsize=4096)
def time_text(seconds):
    return time.strftime(TIME, time.gmtime(seconds))


def violation(record):
    """What is wrong with it, in the words of jsonschema; None where nothing is."""
    for name in STRINGS:
        if name in record and type(record[name]) is not str:
            return f"{record[name]!r} is not of type 'string'"
    if "timestamp" in record and type(record["timestamp"]) is not int:
        return f"{record['timestamp']!r} is not of type 'integer'"
    for name in (*STRINGS, "timestamp"):
        if name not in record:
            return f"'{name}' is a required property"
    return None


def process(record):
    try:
        user_id, version, device_type = (record["user_id"], record["app_version"],
                                         record["device_type"])
        ip, locale, device_id = record["ip"], record["locale"], record["device_id"]
        timestamp = record["timestamp"]
        fits = (type(user_id) is type(version) is type(device_type) is type(ip)
                is type(locale) is type(device_id) is str and type(timestamp) is int)
    except KeyError:
        fits = False
    if not fits:
        letter = {name: record.get(name) for name in (*STRINGS, "timestamp")}
        letter["error"] = violation(record)
        return letter
    pairs[version, device_type] += 1
    users[user_id] += 1
    hours[timestamp // 3600 % 24] += 1
    return {
        "user_id": user_id,
        "app_version": version,
        "device_type": device_type,
        "ip": ip,
        "locale": locale,
        "device_id": device_id,
        "created_at": time_text(timestamp),
        "processed_at": time_text(int(time.time())),
    }


def write_insights(path):
    device_types = collections.Counter()
    versions = collections.defaultdict(dict)
    for (version, device_type), number in pairs.items():
        device_types[device_type] += number
        versions[version][device_type] = number
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"device_types": device_types, "app_versions": versions, "users": len(users),
                   "top": collections.Counter(users).most_common(10), "hours": hours}, file)


def main():
    app = Application(
        broker_address=os.environ["BENCH_BROKERS"],
        consumer_group=os.environ["BENCH_NAME"],
        auto_offset_reset="earliest",
        auto_create_topics=False,
        loglevel="WARNING",
        consumer_extra_config={"max.partition.fetch.bytes": 4 << 20, "fetch.wait.max.ms": 10,
                               "queued.min.messages": 200_000},
        producer_extra_config={"linger.ms": 5, "batch.size": 1_000_000,
                               "queue.buffering.max.messages": 400_000})
    source = app.topic(os.environ["BENCH_INPUT"], value_deserializer="json")
    output = app.topic(os.environ["BENCH_OUTPUT"], value_serializer="json", key_serializer="bytes")
    dead_letters = app.topic(os.environ["BENCH_DEAD_LETTERS"], value_serializer="json",
                             key_serializer="bytes")
    frame = app.dataframe(source).apply(process)
    frame.to_topic(lambda value, *_: dead_letters if "error" in value else output,
                   key=lambda value: None)
    app.run(count=int(os.environ["BENCH_RECORDS"]), collect=False)
    write_insights(os.environ["BENCH_INSIGHTS"])


if __name__ == "__main__":
    main()
