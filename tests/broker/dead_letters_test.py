# SPDX-License-Identifier: Apache-2.0
"""`millrace dead-letters` and `millrace topics create` against a real Apache Kafka. What a replay
sent is judged by the witness, a reader of committed records that is not librdkafka."""

import base64
import collections
import json
import os
import pathlib
import random
import re
import shutil
import signal
import tempfile
import time

import secured
import trial
from trial import Running, Witness, record

BAD = '{"n":"bad"}'


def text(data):
    return None if data is None else base64.b64decode(data)


class Letters(trial.Trial):
    """A pipeline that keeps records whose n is a number, and its topics."""

    partitions = 3

    def setUp(self):
        super().setUp()
        self.name = f"letters-{random.SystemRandom().randrange(16**8):08x}"
        self.input, self.output = f"{self.name}-in", f"{self.name}-out"
        self.dead = f"{self.name}-dead"
        self.parking, self.progress = f"{self.dead}.parking", f"{self.name}.replay-progress"

    def make(self, *topics):
        Witness.ask("create", topics=[
            {"name": topic, "partitions": self.partitions, "settings": {}}
            for topic in topics or (self.input, self.output, self.dead)])

    def file(self, dead_letters="", more="", steps="[]", pipeline="", topic=None):
        path = self.folder / "pipeline.yaml"
        path.write_text(
            f"pipeline: {pipeline or self.name}\n"
            "kafka: {bootstrap.servers: '${BOOTSTRAP_SERVERS}'}\n"
            f"input: {{{topic or 'topic: ' + self.input}, group: {self.name}}}\n"
            f"schema: {{type: object, properties: {{n: {{type: integer}}}}}}\n"
            f"steps: {steps}\n"
            f"output: {{topic: {self.output}}}\n"
            f"dead_letters: {{topic: {self.dead}{dead_letters}}}\n" + more)
        return path

    def letter(self, number, reason="step:1:x", attempts=None, value=None, partition=None,
               timestamp=None, **replaced):
        """A dead letter as `run` writes it, of offset `number` of the input."""
        partition = number % self.partitions if partition is None else partition
        own = {"reason": reason, "reason_text": "It is not right.", "value_pointer": "/n",
               "topic": self.input, "partition": str(partition), "offset": str(number),
               "timestamp": "1600000000000", "pipeline": self.name, **replaced}
        if attempts is not None:
            own["attempts"] = str(attempts)
        return record(self.dead, f'{{"n":{number}}}' if value is None else value,
                      key=f"key{number}", partition=number % self.partitions,
                      headers=[("trace", f"t{number}"), ("null", None)]
                      + [(f"millrace.{name}", data) for name, data in own.items()
                         if data is not None], timestamp=timestamp)

    def put(self, *letters):
        Witness.ask("write", steps=list(letters))

    def millrace(self, *arguments, code=0):
        return Running(self.folder, *arguments).end(code)

    def replay(self, *arguments, code=0, file=None):
        """The summary."""
        done = self.millrace("dead-letters", "replay", file or self.file(), "--json", *arguments,
                             code=code)
        return json.loads(done.text())

    def list(self, *arguments):
        return json.loads(self.millrace("dead-letters", "list", self.file(), "--json",
                                        *arguments).text())

    def read(self, topic):
        return Witness.ask("read", topic=topic)["records"]

    def numbers(self, topic):
        return sorted(json.loads(text(one["value"]))["n"] for one in self.read(topic))


class List(Letters):
    def test_groups_by_rule_with_times_partitions_and_a_masked_sample(self):
        self.make()
        self.put(*(self.letter(n, "step:4:format_time" if n % 2 else "step:40:cast",
                               timestamp=1_700_000_000_000 + n) for n in range(10)),
                 self.letter(10, pipeline="another"), record(self.dead, "foreign"))

        found = self.list()

        self.assertEqual((found["count"], found["foreign"], found["other_pipelines"]), (10, 1, 1))
        groups = {group["reason"]: group for group in found["groups"]}
        group = groups["step:4:format_time"]
        self.assertEqual((group["count"], group["left"]), (5, 5))
        self.assertEqual(group["first"], "2023-11-14T22:13:20.001Z")
        self.assertEqual(group["last"], "2023-11-14T22:13:20.009Z")
        self.assertEqual({one["partition"]: one["count"] for one in group["partitions"]},
                         {0: 2, 1: 2, 2: 1})
        self.assertEqual(group["sample"]["offset"], 9)
        self.assertNotIn("9", group["sample"]["masked"])
        self.assertNotIn("value", group["sample"])
        shown = self.list("--show-values", "--reason", "step:4")
        self.assertEqual([one["reason"] for one in shown["groups"]], ["step:4:format_time"])
        self.assertEqual(shown["groups"][0]["sample"]["value"], '{"n":9}')
        self.assertEqual(self.list("--partition", "1")["count"], 3)
        self.assertEqual(self.list("--since", "2023-11-14T22:13:20.008Z")["count"], 2)
        self.assertEqual(self.list("--since", "1h")["count"], 0)
        self.assertEqual(self.list("--limit", "3")["count"], 3)

    def test_shows_one_letter_whole(self):
        self.make()
        self.put(*(self.letter(n) for n in range(5)))

        shown = self.millrace("dead-letters", "show", self.file(), "--partition", 1, "--offset", 4)

        for part in (f"of {self.input}-1 at 4", "step:1:x", "It is not right.", "key4",
                     "trace: t4", '{"n":4}', "2020-09-13T12:26:40.000Z", "null: (null)"):
            self.assertIn(part, shown.text())
        self.assertNotIn("millrace.", shown.text())
        there = self.millrace("dead-letters", "show", self.file(), "--partition", 1, "--offset", 1,
                              "--in-dead-letters")
        self.assertIn(f"of {self.input}-1 at 4", there.text())
        none = self.millrace("dead-letters", "show", self.file(), "--partition", 0, "--offset", 4,
                             code=1)
        self.assertIn("no dead letter is there", none.log())

    def test_a_topic_that_is_missing_is_said(self):
        self.make(self.input)
        for command in (["list"], ["replay"], ["show", "--partition", 0, "--offset", 0]):
            done = self.millrace("dead-letters", command[0], self.file(), *command[1:], code=1)
            self.assertIn(f"dead-letter topic {self.dead} does not exist", done.log())


class Replay(Letters):
    def test_records_go_back_as_they_were_once(self):
        self.make()
        self.put(*(self.letter(n) for n in range(20)))

        first = self.replay()
        again = self.replay()

        self.assertEqual((first["replayed"], first["left"], first["complete"]), (20, 0, True))
        self.assertEqual((again["replayed"], again["done_before"]), (0, 20))
        back = self.read(self.input)
        self.assertEqual(len(back), 20)
        for one in back:
            number = json.loads(text(one["value"]))["n"]
            self.assertEqual(text(one["key"]).decode(), f"key{number}")
            self.assertEqual(one["partition"], number % self.partitions)
            self.assertEqual([(name, text(data)) for name, data in one["headers"]],
                             [("trace", f"t{number}".encode()), ("null", None),
                              ("millrace.attempts", b"1")])

    def test_what_a_filter_leaves_another_one_takes_and_none_repeats(self):
        self.make()
        self.put(*(self.letter(n, f"step:{n % 3}:x") for n in range(30)))

        first = self.replay("--reason", "step:1")
        self.assertEqual((first["replayed"], first["skipped_by_filter"]), (10, 20))
        limited = self.replay("--partition", "1", "--limit", "4")
        # Partition 1 has those of the first filter only.
        self.assertEqual((limited["replayed"], limited["left"]), (0, 20))
        self.assertEqual(self.replay("--reason", "step:2", "--limit", "4")["replayed"], 4)
        self.assertEqual(self.replay()["replayed"], 16)

        self.assertEqual(self.numbers(self.input), list(range(30)))
        self.assertEqual(sum(group["left"] for group in self.list()["groups"]), 0)

    def test_what_was_replayed_too_often_is_parked(self):
        self.make()
        self.put(*(self.letter(n, attempts=n) for n in range(6)))

        found = self.replay()

        self.assertEqual((found["replayed"], found["parked"]), (3, 3))
        self.assertEqual(self.numbers(self.input), [0, 1, 2])
        self.assertEqual({text(dict(one["headers"])["millrace.attempts"]).decode()
                          for one in self.read(self.input)}, {"1", "2", "3"})
        self.assertEqual(self.numbers(self.parking), [3, 4, 5])
        self.assertEqual({text(dict(one["headers"])["millrace.reason"])
                          for one in self.read(self.parking)}, {b"step:1:x"})
        self.assertEqual(self.replay()["parked"], 0)

    def test_through_the_plan_writes_outputs_and_new_letters(self):
        self.make()
        self.put(*(self.letter(n) for n in range(9)),
                 *(self.letter(n, value=BAD, attempts=1) for n in range(9, 12)))

        found = self.replay("--through-plan")

        self.assertEqual(found["became"], {"emitted": 9, "filtered": 0, "dead_lettered": 3})
        self.assertEqual(self.numbers(self.output), list(range(9)))
        self.assertEqual(self.read(self.input), [])
        new = [dict(one["headers"]) for one in self.read(self.dead)][-100:]
        new = [one for one in new if text(one["millrace.reason"]).startswith(b"schema")]
        self.assertEqual(len(new), 3)
        self.assertEqual({text(one["millrace.attempts"]) for one in new}, {b"2"})
        self.assertEqual({text(one["millrace.offset"]) for one in new}, {b"9", b"10", b"11"})
        # They are letters of their own: the next replay takes them.
        self.assertEqual(self.replay("--through-plan")["replayed"], 3)

    def test_the_counter_goes_round_with_a_record_that_dies_again(self):
        self.make()
        Witness.ask("write", steps=[record(self.input, BAD, key="k")])
        for attempt in range(1, 4):
            self.millrace("run", self.file(), "--until-end")
            self.assertEqual(self.replay()["replayed"], 1, attempt)
        self.millrace("run", self.file(), "--until-end")

        self.assertEqual(self.replay()["parked"], 1)
        attempts = [text(dict(one["headers"]).get("millrace.attempts"))
                    for one in self.read(self.dead)]
        self.assertEqual(attempts, [None, b"1", b"2", b"3"])

    def test_a_dry_run_sends_and_makes_nothing(self):
        self.make()
        self.put(*(self.letter(n, attempts=n) for n in range(5)))

        for way in ([], ["--through-plan"]):
            found = self.replay("--dry-run", *way)
            self.assertEqual((found["replayed"], found["parked"]), (3, 2))

        self.assertEqual(self.read(self.input) + self.read(self.output), [])
        self.assertIn(f"would be made         parking topic of dead letters: {self.parking}",
                      self.millrace("topics", "create", self.file(), "--dry-run").text())
        self.assertEqual(self.replay()["replayed"], 3)

    def test_a_second_replay_ends_the_first_one(self):
        self.make()
        self.put(*(self.letter(n) for n in range(400)))
        first = Running(self.folder, "dead-letters", "replay", self.file(), "--rate", 5)
        first.await_log("Replaying dead letters")

        second = self.replay()
        first.end(1)

        self.assertIn(f"another replay of pipeline {self.name} has begun", first.log())
        self.assertTrue(second["complete"])
        self.assertEqual(self.numbers(self.input), list(range(400)))

    def test_hostile_letters(self):
        self.make()
        big = json.dumps({"n": 7, "x": "y" * 1_000_000})
        self.put(self.letter(0), self.letter(1, topic=None), self.letter(2, reason=None),
                 self.letter(3, offset="x"), self.letter(4, offset="-1"),
                 self.letter(5, partition=-1), self.letter(6, attempts="x"),
                 self.letter(7, value=big), self.letter(8, topic=self.output),
                 self.letter(9, truncated="5000"), self.letter(10, topic="no-such-topic"),
                 record(self.dead, None, key="k"), record(self.dead, b"\xff\x00"))

        found = self.replay()

        self.assertEqual((found["replayed"], found["foreign"], found["not_replayable"]), (2, 8, 3))
        self.assertEqual(self.numbers(self.input), [0, 7])
        self.assertEqual(self.read(self.output), [])

    def test_an_envelope_gives_the_record_back(self):
        self.make()
        values = ['{"n":"\\u00e9\\n"}', "\xff\x00".encode("latin-1"), None]
        Witness.ask("write", steps=[record(self.input, value, key=b"\xfe" if n == 1 else f"k{n}")
                                    for n, value in enumerate(values)])
        file = self.file(dead_letters=", format: envelope")
        self.millrace("run", file, "--until-end")

        self.assertEqual(self.replay(file=file)["replayed"], 3)

        back = collections.Counter((one["key"], one["value"]) for one in self.read(self.input))
        self.assertEqual((len(back), set(back.values())), (3, {2}))

    def test_some_members_are_no_record_whatever_the_file_says_by_now(self):
        self.make()
        Witness.ask("write", steps=[record(self.input, BAD, key="k")])
        self.millrace("run", self.file(dead_letters=", format: {fields: [n], error: why}"),
                      "--until-end")

        found = self.replay()

        self.assertEqual((found["replayed"], found["not_replayable"]), (0, 1))
        self.assertEqual(len(self.read(self.input)), 1)

    def test_notes_that_the_brokers_would_delete_are_refused(self):
        self.make()
        self.put(self.letter(0))
        Witness.ask("create", topics=[{"name": self.progress, "partitions": 1,
                                       "settings": {"cleanup.policy": "delete",
                                                    "retention.ms": "3600000"}}])

        done = self.millrace("dead-letters", "replay", self.file(), code=1)

        self.assertIn("has cleanup.policy=delete", done.log())
        self.assertEqual(self.read(self.input), [])

    def test_one_that_is_stopped_is_not_done(self):
        self.make()
        self.put(*(self.letter(n) for n in range(100)))
        run = Running(self.folder, "dead-letters", "replay", self.file(), "--rate", 5)
        run.await_log("Replaying dead letters")
        run.signal(signal.SIGINT)
        run.end(1)
        self.assertIn("It did not come to the end", run.text())

    def test_what_is_too_large_for_where_it_goes_stays(self):
        self.make(self.input, self.output, self.dead)
        for name in (self.input, self.parking):
            small = f"{name}-small"
            Witness.ask("create", topics=[{"name": small, "partitions": 3,
                                           "settings": {"max.message.bytes": "2000"}}])
        self.put(*(self.letter(n, topic=f"{self.input}-small", attempts=3 if n > 2 else 0,
                               value=json.dumps({"n": n, "x": "y" * (5000 if n % 3 else 1)}))
                   for n in range(6)))

        found = self.replay("--parking-topic", f"{self.parking}-small",
                            file=self.file(topic=f"topics: [{self.input}, {self.input}-small]"))

        self.assertEqual((found["replayed"], found["parked"], found["not_replayable"]), (1, 1, 4))

    def test_a_topic_made_anew_is_noticed(self):
        self.make()
        self.put(*(self.letter(n) for n in range(30)))
        self.replay()
        Witness.ask("delete", topic=[self.dead])
        time.sleep(1)  # until the broker has forgotten it
        self.make(self.dead)
        for count in (3, 60):
            self.put(*(self.letter(n) for n in range(count)))
            done = self.millrace("dead-letters", "replay", self.file(), code=1)
            self.assertIn("it was deleted and made anew", done.log())


class Killed(Letters):
    KILLS = 20
    LETTERS = 3000

    def test_nothing_is_lost_or_repeated(self):
        self.kill_and_check(self.input, self.KILLS)

    def test_nor_is_it_through_the_plan(self):
        self.kill_and_check(self.output, self.KILLS // 2, "--through-plan")

    def kill_and_check(self, target, kills, *way):
        seed = int(os.environ.get("MILLRACE_TEST_SEED", random.SystemRandom().randrange(10**6)))
        print(f"  MILLRACE_TEST_SEED={seed}")
        chance = random.Random(seed)
        self.make()
        # Every seventh is to be parked.
        self.put(*(self.letter(n, f"step:{n % 2}:x", attempts=3 if n % 7 == 0 else n % 3)
                   for n in range(self.LETTERS)))
        sent = []
        for _ in range(kills):
            run = Running(self.folder, "dead-letters", "replay", self.file(), "--rate", 40, *way,
                          *chance.choice([[], ["--reason", "step:0"], ["--reason", "step:1"]]))
            run.await_log("Replaying dead letters")
            time.sleep(chance.uniform(0, 1.5))  # where in a transaction is the point of this test
            run.signal(signal.SIGKILL)
            run.end(-signal.SIGKILL)
            sent.append(len(self.read(target)))
        print(f"  sent after each kill: {sent}")
        self.assertGreater(len(set(sent)), 3, "the kills hit no replay under way")
        self.assertLess(sent[-1], self.LETTERS // 2, "nothing was left to be done")

        last = self.replay(*way)

        self.assertTrue(last["complete"])
        self.assertEqual(last["left"], 0)
        again = collections.Counter(self.numbers(target) + self.numbers(self.parking))
        self.assertEqual([n for n, count in again.items() if count != 1], [])
        self.assertEqual(len(again), self.LETTERS)
        self.assertEqual(self.numbers(self.parking),
                         [n for n in range(self.LETTERS) if n % 7 == 0])


class Denied(Letters):
    """Users who may not do what a command needs."""

    @classmethod
    def setUpClass(cls):
        base = pathlib.Path(tempfile.mkdtemp(prefix="millrace-secured-"))
        cls.addClassCleanup(shutil.rmtree, base)
        users = {"reader": secured.rights("reader", topics="READ,DESCRIBE", transactions=False),
                 "writer": secured.rights("writer", transactions=False), "stranger": []}
        cls.broker = secured.Broker(base, users)
        cls.addClassCleanup(cls.broker.stop)
        cls.broker.allow(*[right for rights in users.values() for right in rights])

    def setUp(self):
        super().setUp()
        self.plain = self.broker.addresses["PLAINTEXT"]

    def pipeline_of(self, user):
        secret = self.folder / "password.txt"
        secret.write_text(secured.password(user) + "\n")
        properties = {"bootstrap.servers": self.broker.addresses["SASL_PLAINTEXT"],
                      "security.protocol": "sasl_plaintext", "sasl.mechanisms": "PLAIN",
                      "sasl.username": user, "sasl.password": {"file": str(secret)}}
        path = self.file()
        path.write_text(path.read_text().replace(
            "{bootstrap.servers: '${BOOTSTRAP_SERVERS}'}", json.dumps(properties)))
        return path

    def test_each_says_what_is_missing(self):
        Witness.ask("create", self.plain, topics=[
            {"name": topic, "partitions": 3, "settings": {}}
            for topic in (self.input, self.output, self.dead)])
        Witness.ask("write", self.plain, steps=[self.letter(n) for n in range(5)])

        done = self.millrace("dead-letters", "list", self.pipeline_of("stranger"), code=1)
        self.assertRegex(done.log(), "(?i)permi|authori")
        done = self.millrace("dead-letters", "list", self.pipeline_of("reader"))
        self.assertIn("5 dead letters", done.text())
        done = self.millrace("dead-letters", "replay", self.pipeline_of("reader"), "--wait", "10s",
                             code=1)
        self.assertRegex(done.log(), f"creating topic {self.parking}")
        done = self.millrace("topics", "create", self.pipeline_of("reader"), code=1)
        self.assertIn("grant Create on it", done.text())
        Witness.ask("create", self.plain, topics=[
            {"name": self.parking, "partitions": 1, "settings": {}},
            {"name": self.progress, "partitions": 1, "settings": {"cleanup.policy": "compact"}}])
        done = self.millrace("dead-letters", "replay", self.pipeline_of("writer"), "--wait", "10s",
                             code=1)
        self.assertIn(f"transactional id {self.name}/dead-letters/replay", done.log())
        self.assertEqual(Witness.ask("read", self.plain, topic=self.input)["records"], [])


class Topics(Letters):
    def create(self, *arguments, code=0, topic=None):
        return self.millrace("topics", "create", self.file(topic=topic), *arguments,
                             code=code).text()

    def test_makes_what_is_missing_once(self):
        missing = self.create(code=1)
        self.assertIn(f"failed                input topic: {self.input}, does not exist", missing)
        # How many partitions they would have is not known.
        for topic in (self.output, self.dead, self.parking, f"{self.name}.state"):
            self.assertRegex(missing, rf"(?m)^failed +[a-z -]+: {topic}, was not made: ")
        self.assertRegex(missing, rf"(?m)^made +[a-z ]+: {self.progress}, partitions=1")

        Witness.ask("create", topics=[{"name": self.input, "partitions": 5, "settings": {}}])
        made = self.create()

        for topic in (self.output, self.dead, self.parking, f"{self.name}.state"):
            self.assertRegex(made, rf"(?m)^made +[a-z -]+: {topic}, partitions=5")

    def test_of_a_pattern_the_widest_topic_counts(self):
        topic = f'topic_pattern: "^{self.name}-in.*"'
        none = self.create(topic=topic, code=1)
        self.assertRegex(none, rf"(?m)^failed +output topic: {self.output}, was not made: ")
        Witness.ask("create", topics=[
            {"name": f"{self.input}-{count}", "partitions": count, "settings": {}}
            for count in (2, 6, 3)])

        made = self.create(topic=topic)

        for name in (self.output, self.dead, f"{self.name}.state"):
            self.assertRegex(made, rf"(?m)^made +[a-z -]+: {name}, partitions=6")

    def test_the_input_that_it_makes_counts(self):
        dry = self.create("--input", "--dry-run")
        self.assertRegex(dry, rf"(?m)^would be made +output topic: {self.output}, "
                              "partitions as the input will have")
        made = self.create("--input")
        count = re.search(rf"(?m)^made +output topic: {self.output}, partitions=(\d+)$", made)[1]
        self.assertRegex(self.create("--partitions", count),
                         rf"(?m)^there already +output topic: {self.output}, ")

    def test_makes_everything_with_the_input(self):
        dry = self.create("--input", "--partitions", 4, "--dry-run")
        self.assertNotIn("\nmade ", dry)
        made = self.create("--input", "--partitions", 4, "--dead-letters-retention", "720h")
        again = self.create("--input", "--partitions", 4, "--dead-letters-retention", "720h")

        topics = [self.input, self.output, self.dead, self.parking, self.progress,
                  f"{self.name}.state"]
        for topic in topics:
            self.assertRegex(dry, rf"(?m)^would be made +[a-z -]+: {topic}, ")
            self.assertRegex(made, rf"(?m)^made +[a-z -]+: {topic}, ")
            self.assertRegex(again, rf"(?m)^there already +[a-z -]+: {topic}, ")
        self.assertRegex(made, rf"{self.output}, partitions=4\n")
        self.assertRegex(made, rf"{self.dead}, partitions=4, retention.ms=2592000000\n")
        self.assertRegex(made, rf"{self.progress}, partitions=1, cleanup.policy=compact\n")

    def test_says_what_differs_and_changes_nothing(self):
        self.make()
        Witness.ask("create", topics=[
            {"name": f"{self.name}.state", "partitions": 1,
             "settings": {"cleanup.policy": "delete"}}])

        said = self.create("--partitions", 5, code=1)

        self.assertRegex(said, rf"there, but different +output topic: {self.output}, it has 3 "
                               "partitions and not 5")
        self.assertIn(f"--alter --topic {self.output} --partitions 5", said)
        self.assertIn(f"--entity-name {self.name}.state --add-config cleanup.policy=compact", said)
        self.assertRegex(self.create("--partitions", 5, code=1), "there, but different +output")


if __name__ == "__main__":
    trial.main()
