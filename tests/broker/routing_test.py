# SPDX-License-Identifier: Apache-2.0
"""One pipeline that writes to many topics: what arrives on each, in which order, with which key,
headers and timestamp, and that the report's numbers are those of the topics."""

import base64
import json
import random

import trial
from trial import Running, Witness, record

INPUTS = 4
OUTPUTS = 3
RECORDS = 400
BEGAN = 1_600_000_000_000
STEPS = """
steps:
  - emit: {raw}
  - stage:
      name: clean
      dead_letters: {amounts}
      steps:
        - cast: {{field: amount, to: int}}
        - valid_ip: ip
          dead_letters: {addresses}
  - drop_if: {{field: test, equals: true}}
  - explode: items
  - route:
      - {{when: {{field: country, in: [DE, AT]}}, topic: {german}}}
      - {{when: {{field: items.n, at_least: 2}}, topic: {large}}}
"""
TOPICS = ("in", "out", "dead", "raw", "amounts", "addresses", "german", "large")


def orders(seed):
    """Records of every kind, dealt over the input's partitions."""
    chance = random.Random(seed)
    for i in range(RECORDS):
        order = {"p": i % INPUTS, "i": i, "user": f"u{i % 7}",
                 "city": "K\u00f6ln \u20ac \U0001F600", "price": "1.50",
                 "amount": chance.choice(["7", 7, 7.0, "many"]),
                 "ip": chance.choice(["1.2.3.4", "::1", "here"]), "test": chance.random() < 0.1,
                 "country": chance.choice(["DE", "AT", "FR", "GB"]),
                 "items": [{"n": n} for n in range(chance.randrange(5))]}
        if chance.random() < 0.1:
            order["items"] = "none"
        yield order


def bytes_of(one, member):
    return None if one[member] is None else base64.b64decode(one[member])


class Expected:
    """What must arrive, by the plainest reading of the steps: lists of (record number, value)."""

    def __init__(self, sent):
        self.topics = {topic: [] for topic in TOPICS[1:]}
        self.counts = {"consumed": 0, "emitted": 0, "filtered": 0, "dead_lettered": 0, "copies": 0,
                       "exploded": 0, "pieces": 0, "dead_letters_discarded": 0}
        self.rules = {}
        for order in sent:
            self.counts["consumed"] += 1
            self.take(order["i"], dict(order), json.dumps(order))

    def take(self, number, order, value):
        self.put("raw", number, order)
        self.counts["copies"] += 1
        if order["amount"] == "many":
            return self.reject("amounts", number, value, "step:2:cast")
        order["amount"] = 7
        if order["ip"] == "here":
            return self.reject("addresses", number, value, "step:3:valid_ip")
        if order["test"]:
            self.counts["filtered"] += 1
            return None
        if order["items"] == "none":
            return self.reject("dead", number, value, "step:5:explode")
        if not order["items"]:
            self.counts["filtered"] += 1
            return None
        for item in order["items"]:
            topic = "german" if order["country"] in ("DE", "AT") else (
                "large" if item["n"] >= 2 else "out")
            self.put(topic, number, {**order, "items": item})
        self.counts["emitted"] += 1
        self.counts["exploded"] += 1
        self.counts["pieces"] += len(order["items"])
        return None

    def put(self, topic, number, order):
        self.topics[topic].append((number, json.dumps(order)))

    def reject(self, topic, number, value, rule):
        self.topics[topic].append((number, value))
        self.rules[rule] = self.rules.get(rule, 0) + 1
        self.counts["dead_lettered"] += 1


class Routing(trial.Trial):
    def setUp(self):
        super().setUp()
        self.name = f"routing-{random.SystemRandom().randrange(16**8):08x}"
        self.topics = {one: f"{self.name}-{one}" for one in TOPICS}
        Witness.ask("create", topics=[
            {"name": name, "partitions": INPUTS if one == "in" else OUTPUTS, "settings": {}}
            for one, name in self.topics.items()])
        self.sent = list(orders(seed=11))
        self.expected = Expected(self.sent)
        Witness.ask("write", steps=[
            record(self.topics["in"], json.dumps(order), key=f"k{order['i'] % 5}",
                   partition=order["p"], headers=[("trace", f"t{order['i']}")],
                   timestamp=BEGAN + order["i"]) for order in self.sent])

    def run_it(self, output):
        path = self.folder / "pipeline.yaml"
        path.write_text(
            f"pipeline: {self.name}\n"
            "kafka: {bootstrap.servers: '${BOOTSTRAP_SERVERS}'}\n"
            f"input: {{topic: {self.topics['in']}, group: {self.name}, "
            "batch: {max_records: 7}}\n"
            f"output: {{topic: {self.topics['out']}, encoding: spaced, {output}}}\n"
            f"dead_letters: {{topic: {self.topics['dead']}}}\n"
            "delivery: {guarantee: at_least_once}\n" + STEPS.format(**self.topics))
        report = self.folder / "report.json"
        running = Running(self.folder, "run", path, "--until-end", "--report-json", report)
        running.report_file = report
        return self.expect_holds(running)

    def arrived(self, topic):
        return Witness.ask("read", topic=self.topics[topic])["records"]

    def check_report(self, report):
        self.assertEqual(report["totals"], self.expected.counts)
        self.assertEqual(report["dead_letters"], self.expected.rules)
        sent = sum(len(self.arrived(topic)) for topic in TOPICS[1:])
        for count in ("sent", "acknowledged"):
            self.assertEqual(sum(one[count] for one in report["partitions"]), sent)
        counts = report["totals"]
        self.assertEqual(sent, counts["emitted"] - counts["exploded"] + counts["pieces"]
                         + counts["copies"] + counts["dead_lettered"])

    def check_topic(self, topic, key, partition, headers, timestamp):
        """The values of each topic, byte for byte; in order on each partition for each input
        partition; and what goes with each, by functions of the input's record."""
        arrived = self.arrived(topic)
        expected = self.expected.topics[topic]
        self.assertGreater(len(expected), 10)
        found = [(json.loads(bytes_of(one, "value"))["i"], bytes_of(one, "value").decode())
                 for one in arrived]
        self.assertEqual(sorted(found), sorted(expected))
        for input_partition in range(INPUTS):
            for output_partition in range(OUTPUTS):
                numbers = [number for (number, _), one in zip(found, arrived)
                           if one["partition"] == output_partition
                           and number % INPUTS == input_partition]
                self.assertEqual(numbers, sorted(numbers))
        # The pieces of one record keep their order too.
        for number in {number for number, _ in expected}:
            if len({one["partition"] for (i, _), one in zip(found, arrived) if i == number}) == 1:
                self.assertEqual([value for i, value in found if i == number],
                                 [value for i, value in expected if i == number])
        for (number, _), one in zip(found, arrived):
            order = self.sent[number]
            self.assertEqual(bytes_of(one, "key"), key(order))
            if partition is not None:
                self.assertEqual(one["partition"], partition(order))
            self.assertEqual([[name, base64.b64decode(value).decode()]
                              for name, value in one["headers"]], headers(order))
            self.assertTrue(timestamp(order, one["timestamp"]), one["timestamp"])

    def check_outputs(self, **members):
        for topic in ("out", "raw", "german", "large"):
            with self.subTest(topic):
                self.check_topic(topic, **members)

    def check_dead_letters(self):
        """Each with the original's bytes, key and headers, and why, on the topic of its step."""
        for topic in ("amounts", "addresses", "dead"):
            with self.subTest(topic):
                arrived = self.arrived(topic)
                found = []
                for one in arrived:
                    headers = {name: base64.b64decode(value).decode()
                               for name, value in one["headers"]}
                    value = bytes_of(one, "value").decode()
                    number = json.loads(value)["i"]
                    found.append((number, value))
                    self.assertEqual(bytes_of(one, "key"), f"k{number % 5}".encode())
                    self.assertEqual(headers["trace"], f"t{number}")
                    self.assertEqual(headers["millrace.partition"], str(number % INPUTS))
                    self.assertEqual(headers["millrace.offset"], str(number // INPUTS))
                    self.assertEqual(headers["millrace.timestamp"], str(BEGAN + number))
                    self.assertIn(headers["millrace.reason"], self.expected.rules)
                self.assertEqual(sorted(found), sorted(self.expected.topics[topic]))

    def test_record_time_same_partition_no_key_no_headers(self):
        report = self.run_it(
            "key: none, headers: drop, timestamp: record, partition: same_as_input")
        print(f"  {report['totals']} {report['dead_letters']}")
        self.check_report(report)
        self.check_outputs(key=lambda order: None, headers=lambda order: [],
                           partition=lambda order: order["p"] % OUTPUTS,
                           timestamp=lambda order, found: found == BEGAN + order["i"])
        self.check_dead_letters()

    def test_now_round_robin_key_of_a_field(self):
        self.check_report(self.run_it("key: user, partition: round_robin"))
        self.check_outputs(key=lambda order: order["user"].encode(),
                           headers=lambda order: [["trace", f"t{order['i']}"]],
                           partition=lambda order: order["i"] // INPUTS % OUTPUTS,
                           timestamp=lambda order, found: found > BEGAN + RECORDS)
        self.check_dead_letters()

    def test_by_key(self):
        self.check_report(self.run_it("key: keep"))
        homes = {}
        self.check_outputs(key=lambda order: f"k{order['i'] % 5}".encode(), partition=None,
                           headers=lambda order: [["trace", f"t{order['i']}"]],
                           timestamp=lambda order, found: found > BEGAN + RECORDS)
        for topic in ("out", "raw", "german", "large"):
            for one in self.arrived(topic):
                homes.setdefault(one["key"], set()).add(one["partition"])
        self.assertEqual({len(partitions) for partitions in homes.values()}, {1})
        self.assertGreater(len(set.union(*homes.values())), 1)


if __name__ == "__main__":
    trial.main()
