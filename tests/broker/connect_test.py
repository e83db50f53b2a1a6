# SPDX-License-Identifier: Apache-2.0
"""`check --connect`: what Apache Kafka says of a pipeline's topics; asking changes nothing."""

import random
import time

import trial
from trial import Running, Witness

DAY = 24 * 3_600_000
UNKNOWN = ("unknown",
           "whether the topics may be written to: Kafka tells only when a record is written")


class Connect(trial.Trial):
    def setUp(self):
        super().setUp()
        self.name = f"connect-{random.SystemRandom().randrange(16**8):08x}"
        self.topics = {one: f"{self.name}-{one}" for one in ("in", "out", "dead")}

    def create(self, topic, partitions=2, **settings):
        settings = {name.replace("_", "."): str(value) for name, value in settings.items()}
        Witness.ask("create", topics=[
            {"name": self.topics[topic], "partitions": partitions, "settings": settings}])

    def check(self, code, *arguments, source=None, output="", kafka="", more=""):
        source = source or f"topic: {self.topics['in']}"
        path = self.folder / "pipeline.yaml"
        path.write_text(
            f"pipeline: {self.name}\n"
            f"kafka: {{bootstrap.servers: '${{BOOTSTRAP_SERVERS}}'{kafka}}}\n"
            f"input: {{{source}, group: {self.name}}}\n"
            f"output: {{topic: {self.topics['out']}{output}}}\n"
            f"dead_letters: {{topic: {self.topics['dead']}}}\n"
            "delivery: {guarantee: at_least_once}\n" + more)
        return Running(self.folder, "check", path, "--connect", *arguments,
                       **self.environment()).end(code)

    def environment(self):
        return {}

    def findings(self, *arguments, **members):
        """What was said, as pairs of weight and text, the connection's own line left out."""
        text = self.check(*arguments, **members).text()
        lines = text.split("What the brokers say:\n")[1].splitlines()
        found = [tuple(line.strip().split(maxsplit=1)) for line in lines]
        self.assertEqual(found[0], ("good", "connecting to Kafka: a broker answers"))
        return found[1:]

    def warnings(self, found):
        return [text for weight, text in found if weight == "warning"]


class Topics(Connect):
    def test_absent_ones_are_said_and_not_made(self):
        expected = [
            ("error", f"input topic {self.topics['in']} does not exist; run would wait for it"),
            ("good", f"group {self.name}: its offsets may be read"),
            ("good", f"state topic {self.name}.state does not exist; run makes it: 1 partition, "
                     "compacted"),
            *(("warning", f"{what} topic {self.topics[topic]} does not exist; run would ask the "
                          "brokers to make it, and wait for it where they do not")
              for what, topic in (("output", "out"), ("dead-letter", "dead"))),
            UNKNOWN]
        self.assertEqual(self.findings(2), expected)
        self.assertEqual(self.findings(2), expected)

    def test_what_fits(self):
        self.create("in", 3, retention_ms=7 * DAY)
        self.create("out", 3, retention_ms=-1)
        self.create("dead", 1, retention_ms=36 * 3_600_000, retention_bytes=1_000_000)
        self.assertEqual(self.findings(0), [
            ("good", f"input topic {self.topics['in']}: 3 partitions, kept for 7 days"),
            ("good", f"group {self.name}: its offsets may be read"),
            ("good", f"state topic {self.name}.state does not exist; run makes it: 3 partitions, "
                     "compacted"),
            ("good", f"output topic {self.topics['out']}: 3 partitions, kept for ever"),
            ("good", f"dead-letter topic {self.topics['dead']}: 1 partition, kept for 36 hours "
                     "and up to 1000000 bytes a partition"),
            UNKNOWN])

    def test_one_client_each_where_consumer_and_producer_differ(self):
        for topic in self.topics:
            self.create(topic)
        text = self.check(0, kafka=", producer: {client.id: me}").text()
        self.assertEqual(text.count("connecting as consumer: a broker answers"), 1)
        self.assertEqual(text.count("connecting as producer: a broker answers"), 1)

    def test_a_pattern(self):
        self.create("out")
        self.create("dead")
        pattern = {"source": f"topic_pattern: '^{self.name}-in-[ab]$'"}
        found = self.findings(0, **pattern)
        self.assertEqual(self.warnings(found),
                         [f"no topic matches ^{self.name}-in-[ab]$ so far"])
        for letter in "abc":
            self.topics[letter] = f"{self.name}-in-{letter}"
            self.create(letter, 1)
        found = self.findings(0, **pattern)
        self.assertEqual(self.warnings(found), [])
        said = [text.split(":")[0] for _, text in found if text.startswith("input topic")]
        self.assertEqual(said, [f"input topic {self.topics[letter]}" for letter in "ab"])


class Settings(Connect):
    def test_a_compacted_output_needs_keys(self):
        self.create("in")
        self.create("out", cleanup_policy="compact")
        self.create("dead")
        found = self.findings(2, output=", key: none")
        self.assertIn(("error", f"output topic {self.topics['out']} is compacted and takes no "
                                "record without a key, but 'output.key' is none"), found)
        self.assertIn(("good", f"output topic {self.topics['out']}: 2 partitions, compacted"),
                      found)
        self.assertEqual(len(self.warnings(self.findings(0, output=", key: keep"))), 1)
        self.assertEqual(self.warnings(self.findings(0, output=", key: user_id")), [])

    def test_a_compacted_input_and_dead_letter_topic(self):
        self.create("in", cleanup_policy="compact")
        self.create("out")
        self.create("dead", cleanup_policy="compact,delete")
        source = f"topic: {self.topics['in']}"
        first, second = self.warnings(self.findings(0, source=source))
        self.assertIn("its tombstones become dead letters", first)
        self.assertIn("refuses dead letters without a key", second)
        found = self.findings(0, source=source + ", tombstones: pass")
        self.assertEqual(self.warnings(found), [second])

    def test_record_sizes(self):
        self.create("in")
        self.create("out", max_message_bytes=10_000)
        self.create("dead", max_message_bytes=4_095)
        found = self.findings(2)
        self.assertIn(("error", f"dead-letter topic {self.topics['dead']}: max.message.bytes is "
                                "4095; a dead letter's own headers need 4096"), found)
        self.assertEqual(self.warnings(found), [
            f"output topic {self.topics['out']} takes records of up to 10000 bytes and the input "
            "of up to 1048588: what does not fit becomes a dead letter"])

    def test_fewer_partitions_than_the_input(self):
        self.create("in", 3)
        self.create("out", 2)
        self.create("dead", 1)
        self.assertEqual(self.warnings(self.findings(0)), [])
        self.assertEqual(self.warnings(self.findings(0, output=", partition: same_as_input")), [
            f"output topic {self.topics['out']} has 2 partitions and the input 3: 'same_as_input' "
            "puts several input partitions into one"])

    def test_an_input_that_is_soon_gone(self):
        self.create("in", retention_ms=600_000)
        self.create("out", retention_ms=600_000)
        self.create("dead")
        self.assertEqual(self.warnings(self.findings(0)), [
            f"input topic {self.topics['in']} keeps its records for 10 minutes only: what is not "
            "read in that time is lost"])


class State(Connect):
    """Where the insights' state is kept."""

    def setUp(self):
        super().setUp()
        self.state = f"{self.name}.state"
        self.topics["state"] = self.state
        for topic in ("in", "out", "dead"):
            self.create(topic)

    def said(self, *arguments, **members):
        return [found for found in self.findings(*arguments, **members) if self.state in found[1]]

    def test_one_that_is_there(self):
        self.create("state", 5, cleanup_policy="compact")
        self.assertEqual(self.said(0), [
            ("good", f"state topic {self.state}: 5 partitions, compacted")])

    def test_one_that_would_lose_it(self):
        self.create("state", cleanup_policy="delete")
        (weight, text), = self.said(2)
        self.assertEqual(weight, "error")
        self.assertIn("has cleanup.policy=delete", text)
        self.assertIn("set cleanup.policy=compact", text)

    def test_one_whose_records_are_too_small(self):
        self.create("state", cleanup_policy="compact", max_message_bytes=10_000)
        (weight, text), = self.said(2)
        self.assertEqual(weight, "error")
        self.assertIn("has max.message.bytes=10000", text)

    def test_none_is_needed(self):
        self.assertEqual(self.said(0, more="state: {durable: false}\n"), [])


class InsightTopics(Connect):
    MORE = ("insights: [{{window: {{every: 60s, on: time, count_by: kind, name: minutes,"
            " topic: {0}-windows}}}}]\n"
            "alerts: [{{when: 'lag > 5', topic: {0}-alerts}}]\n")

    def test_absent_ones_are_said_and_those_that_are_there_too(self):
        for topic in ("in", "out", "dead"):
            self.create(topic)
        more = self.MORE.format(self.name)
        windows, alerts = f"{self.name}-windows", f"{self.name}-alerts"
        self.assertEqual(self.warnings(self.findings(0, more=more)), [
            f"{what} topic {topic} does not exist; run would ask the brokers to make it, and wait "
            "for it where they do not"
            for what, topic in (("insight", windows), ("alert", alerts))])
        self.topics.update(windows=windows, alerts=alerts)
        self.create("windows", 3, max_message_bytes=20_000, retention_ms=DAY)
        self.create("alerts", 1, retention_ms=-1)
        found = self.findings(0, more=more)
        self.assertEqual(self.warnings(found), [])
        self.assertIn(("good", f"insight topic {windows}: 3 partitions, kept for 24 hours, records "
                               "of up to 20000 bytes"), found)
        self.assertIn(("good", f"alert topic {alerts}: 1 partition, kept for ever, records of up "
                               "to 1048588 bytes"), found)


class NoBroker(Connect):
    def environment(self):
        return {"BOOTSTRAP_SERVERS": "127.0.0.1:1"}

    def test_it_ends_within_its_wait(self):
        began = time.monotonic()
        run = self.check(1, "--wait", "2s")
        # One question, one attempt that may just have begun, and a busy machine.
        self.assertLess(time.monotonic() - began, 8)
        said = run.text().split("What the brokers say:\n")[1]
        self.assertEqual(said.count("\n"), 1, said)
        self.assertRegex(said, r"^  error    connecting to Kafka: .*127\.0\.0\.1:1")


if __name__ == "__main__":
    trial.main()
