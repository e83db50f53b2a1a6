# SPDX-License-Identifier: Apache-2.0
"""The job in Python as well as we can write it: batches both ways. Alone, verified:

  python3 bench/peers/peers.py build/release/millrace build/release/bench/floor/bench_floor \
      --only python_batched --rounds 1

confluent-kafka 2.16.1 and orjson 3.13.0; the schema's rules written by hand. It promises at least
once: offsets are committed only when all that was made of them has been acknowledged. The producer
is idempotent and every record stays in its partition, so that the order is kept. The insights are
in memory only: a restart begins them again.
"""

import collections
import functools
import json
import os
import time

import orjson
from confluent_kafka import Consumer, Producer

POLL = 1_000
COMMIT_EVERY = 1.0
UNACKNOWLEDGED = 200_000
STRINGS = ("user_id", "app_version", "device_type", "ip", "locale", "device_id")
TIME = "%Y-%m-%dT%H:%M:%S"

BROKERS = os.environ["BENCH_BROKERS"]
OUTPUT = os.environ["BENCH_OUTPUT"]
DEAD_LETTERS = os.environ["BENCH_DEAD_LETTERS"]
RECORDS = int(os.environ["BENCH_RECORDS"])

CONSUMER = {
    "bootstrap.servers": BROKERS,
    "group.id": os.environ["BENCH_NAME"],
    "auto.offset.reset": "earliest",
    "enable.auto.commit": False,
    "max.partition.fetch.bytes": 4 << 20,
    "queued.min.messages": 200_000,
    "fetch.wait.max.ms": 10,
}
PRODUCER = {
    "bootstrap.servers": BROKERS,
    "enable.idempotence": True,
    "linger.ms": 5,
    "batch.size": 1_000_000,
    "queue.buffering.max.messages": 2 * UNACKNOWLEDGED,
    "queue.buffering.max.kbytes": 256 << 10,
    "delivery.report.only.error": True,
}

pairs = collections.Counter()  # of all records by (app_version, device_type)
users = collections.Counter()
hours = collections.Counter()
failures = []


@functools.lru_cache(maxsize=4096)
def time_text(seconds):
    return time.strftime(TIME, time.gmtime(seconds))


def violation(record):
    """What is wrong with it, in the words of jsonschema; None where nothing is."""
    if type(record) is not dict:
        return f"{record!r} is not of type 'object'"
    for name in STRINGS:
        if name in record and type(record[name]) is not str:
            return f"{record[name]!r} is not of type 'string'"
    if "timestamp" in record and type(record["timestamp"]) is not int:
        return f"{record['timestamp']!r} is not of type 'integer'"
    for name in (*STRINGS, "timestamp"):
        if name not in record:
            return f"'{name}' is a required property"
    return None


def dead_letter(record, error):
    members = record if type(record) is dict else {}
    letter = {name: members.get(name) for name in (*STRINGS, "timestamp")}
    letter["error"] = error
    return {"value": orjson.dumps(letter)}


def process(messages, outputs, dead_letters):
    """Appends what is to be sent, each output to the list of its partition."""
    now = time_text(int(time.time()))
    good_users, good_pairs, good_hours = [], [], []
    for message in messages:
        if message.error() is not None:
            raise RuntimeError(message.error().str())
        try:
            record = orjson.loads(message.value())
        except orjson.JSONDecodeError as error:
            dead_letters.append(dead_letter(None, str(error)))
            continue
        try:
            user_id, version, device_type = (record["user_id"], record["app_version"],
                                             record["device_type"])
            ip, locale, device_id = record["ip"], record["locale"], record["device_id"]
            timestamp = record["timestamp"]
            fits = (type(user_id) is type(version) is type(device_type) is type(ip)
                    is type(locale) is type(device_id) is str and type(timestamp) is int)
        except (KeyError, TypeError):
            fits = False
        if not fits:
            dead_letters.append(dead_letter(record, violation(record)))
            continue
        outputs[message.partition()].append({"value": orjson.dumps({
            "user_id": user_id,
            "app_version": version,
            "device_type": device_type,
            "ip": ip,
            "locale": locale,
            "device_id": device_id,
            "created_at": time_text(timestamp),
            "processed_at": now,
        })})
        good_users.append(user_id)
        good_pairs.append((version, device_type))
        good_hours.append(timestamp // 3600 % 24)
    users.update(good_users)
    pairs.update(good_pairs)
    hours.update(good_hours)


def send(producer, topic, messages, **options):
    queued = producer.produce_batch(topic, messages, on_delivery=failed, **options)
    if queued != len(messages):  # its queue holds more than may be unacknowledged
        raise RuntimeError(f"{len(messages) - queued} of {len(messages)} records not taken")


def failed(error, _):
    failures.append(error)  # successes are not reported


def settle(consumer, producer):
    producer.flush()
    if failures:
        raise RuntimeError(f"{len(failures)} records not delivered, the first: {failures[0]}")
    consumer.commit(asynchronous=False)


def run(consumer, producer):
    done = unacknowledged = 0
    settled = time.monotonic()
    while done < RECORDS:
        messages = consumer.consume(POLL, timeout=0.1)
        outputs, dead_letters = collections.defaultdict(list), []
        process(messages, outputs, dead_letters)
        for partition, records in outputs.items():
            send(producer, OUTPUT, records, partition=partition)
        if dead_letters:
            send(producer, DEAD_LETTERS, dead_letters)
        done += len(messages)
        unacknowledged += len(messages)
        producer.poll(0)
        now = time.monotonic()
        late = now - settled >= COMMIT_EVERY or unacknowledged >= UNACKNOWLEDGED - POLL
        if unacknowledged > 0 and (late or done >= RECORDS):
            settle(consumer, producer)
            settled, unacknowledged = now, 0


def write_insights(path):
    device_types = collections.Counter()
    versions = collections.defaultdict(dict)
    for (version, device_type), number in pairs.items():
        device_types[device_type] += number
        versions[version][device_type] = number
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"device_types": device_types, "app_versions": versions, "users": len(users),
                   "top": users.most_common(10), "hours": hours}, file)


def main():
    consumer = Consumer(CONSUMER)
    producer = Producer(PRODUCER)
    consumer.subscribe([os.environ["BENCH_INPUT"]])
    try:
        run(consumer, producer)
    finally:
        consumer.close()
    write_insights(os.environ["BENCH_INSIGHTS"])


if __name__ == "__main__":
    main()
