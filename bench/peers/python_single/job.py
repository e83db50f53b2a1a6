# SPDX-License-Identifier: Apache-2.0
"""The job as the pipelines in use today are written: one record at a time. Alone, verified:

  python3 bench/peers/peers.py build/release/millrace build/release/bench/floor/bench_floor \
      --only python_single --rounds 1

confluent-kafka 2.6.0 and jsonschema 4.23.0, as those pipelines pin them, with their settings: poll
one, json.loads, JSON Schema, produce without waiting, a flush and a log line for each dead letter,
offsets committed by the client every 5 s however far the outputs are. That promises neither at
least once nor an order. Two things are kinder than there: the schema is compiled once, and the end
waits for what was not sent yet. The insights are added, as one of those pipelines counts its own.
"""

import collections
import json
import logging
import os
import time

from confluent_kafka import Consumer, Producer
from jsonschema import Draft202012Validator, ValidationError

FIELDS = ("user_id", "app_version", "device_type", "ip", "locale", "device_id", "timestamp")
TIME = "%Y-%m-%dT%H:%M:%S"
SCHEMA = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in FIELDS[:-1]}
    | {"timestamp": {"type": "integer"}},
    "required": list(FIELDS),
}

BROKERS = os.environ["BENCH_BROKERS"]
OUTPUT = os.environ["BENCH_OUTPUT"]
DEAD_LETTERS = os.environ["BENCH_DEAD_LETTERS"]
RECORDS = int(os.environ["BENCH_RECORDS"])

device_types = collections.Counter()
versions = collections.defaultdict(collections.Counter)
users = collections.Counter()
hours = collections.Counter()


def transform(record):
    return {
        "user_id": record["user_id"],
        "app_version": record["app_version"],
        "device_type": record["device_type"],
        "ip": record["ip"],
        "locale": record["locale"],
        "device_id": record["device_id"],
        "created_at": time.strftime(TIME, time.gmtime(record["timestamp"])),
        "processed_at": time.strftime(TIME, time.gmtime()),
    }


def count(record):
    device_types[record["device_type"]] += 1
    versions[record["app_version"]][record["device_type"]] += 1
    users[record["user_id"]] += 1
    hours[record["timestamp"] // 3600 % 24] += 1


def reject(producer, record, error):
    logging.error("Validation error: %s - sent to %s", error.message, DEAD_LETTERS)
    letter = {name: record.get(name) for name in FIELDS}
    letter["error"] = error.message
    producer.produce(DEAD_LETTERS, value=json.dumps(letter).encode("utf-8"))
    producer.flush()


def run(consumer, producer):
    validator = Draft202012Validator(SCHEMA)
    done = 0
    while done < RECORDS:
        message = consumer.poll(1.0)
        if message is None:
            continue
        if message.error():
            raise RuntimeError(message.error().str())
        record = json.loads(message.value().decode("utf-8"))
        try:
            validator.validate(record)
        except ValidationError as error:
            reject(producer, record, error)
        else:
            producer.produce(OUTPUT, value=json.dumps(transform(record)).encode("utf-8"))
            count(record)
        done += 1


def main():
    consumer = Consumer({"bootstrap.servers": BROKERS, "group.id": os.environ["BENCH_NAME"],
                         "auto.offset.reset": "earliest"})
    producer = Producer({"bootstrap.servers": BROKERS})
    consumer.subscribe([os.environ["BENCH_INPUT"]])
    try:
        run(consumer, producer)
    finally:
        producer.flush()
        consumer.close()
    with open(os.environ["BENCH_INSIGHTS"], "w", encoding="utf-8") as file:
        json.dump({"device_types": device_types, "app_versions": versions, "users": len(users),
                   "top": users.most_common(10), "hours": hours}, file)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    main()
