# SPDX-License-Identifier: Apache-2.0
"""`read` and `generate` against Apache Kafka; and the witness, shown that it can see."""

import json
import signal
import time

import trial
from trial import Running, Witness, login, record


class Read(trial.Trial):
    def read(self, topic, *arguments):
        return Running(self.folder, "read", topic, *arguments)

    def made(self):
        job = self.pipeline("read").create(partitions=1)
        Witness.ask("write", steps=[
            record(job.topic, login(f"u{i}"), key=None if i == 0 else f"k{i}",
                   headers=[("h", "\u00e9\x1b[31m")], timestamp=1_694_000_000_123)
            for i in range(10)])
        return job.topic

    def test_everything_of_a_record(self):
        topic = self.made()
        text = self.read(topic).end().text()
        self.assertEqual(text.count(f"{topic}[0]@"), 10)
        self.assertIn(f"{topic}[0]@0  2023-09-06T11:33:20.123Z  key=(null)\n"
                      f"    h: \u00e9\\x1b[31m\n  {login('u0')}\n", text)
        self.assertNotIn("\x1b", text)

    def test_from_and_count(self):
        topic = self.made()
        text = self.read(topic, "--from", "4", "--count", "3").end().text()
        self.assertEqual([f"@{i} " in text for i in range(10)], [4 <= i < 7 for i in range(10)])
        self.assertEqual(self.read(topic, "--from", "latest").end().text(), "")
        self.assertEqual(self.read(topic, "--from", "9").end().text().count("[0]@"), 1)
        self.read(topic, "--from", "soon").end(2)

    def test_follow(self):
        topic = self.made()
        run = self.read(topic, "--from", "latest", "--follow")
        # "latest" is where it is when it has begun, and it says nothing then: so write until it
        # shows something.
        deadline = time.monotonic() + trial.PATIENCE
        while "key=new" not in run.text():
            self.assertLess(time.monotonic(), deadline)
            Witness.ask("write", steps=[record(topic, login("new"), key="new")])
        self.assertNotIn("key=k9", run.text())
        run.signal(signal.SIGINT)
        run.end(0, timeout=3)

    def test_committed(self):
        topic = self.pipeline("committed").create(partitions=1).topic
        Witness.ask("write", transactional_id=topic, steps=[
            "begin", record(topic, "kept"), "commit", "begin", record(topic, "dropped"), "abort"])
        self.assertIn("dropped", self.read(topic).end().text())
        text = self.read(topic, "--committed").end().text()
        self.assertIn("kept", text)
        self.assertNotIn("dropped", text)

    def test_an_absent_topic_and_an_absent_broker(self):
        run = self.read("no-such-topic-here", "--wait", "1s").end(1)
        self.assertIn("no-such-topic-here does not exist", run.log())
        run = self.read("any", "--wait", "1s", "--brokers", "127.0.0.1:1").end(1)
        self.assertIn("127.0.0.1:1", run.log())


class Try(trial.Trial):
    def made(self):
        job = self.pipeline("try").create(partitions=2)
        Witness.ask("write", steps=[
            record(job.topic, login(f"u{i}"), key=f"k{i}", partition=i % 2) for i in range(10)])
        return job

    def outputs(self, job, *arguments):
        run = Running(self.folder, "try", job.file(), "--json", "--topic", job.topic,
                      *arguments).end()
        lines = [json.loads(line) for line in run.text().splitlines()]
        return sorted(json.loads(line["outputs"][0]["value"])["user_id"] for line in lines)

    def test_a_range_of_offsets(self):
        job = self.made()
        self.assertEqual(self.outputs(job, "--offsets", "1..3"), ["u2", "u3", "u4", "u5"])
        self.assertEqual(self.outputs(job, "--offsets", "3..", "--partition", "1"), ["u7", "u9"])
        self.assertEqual(self.outputs(job, "--offsets", "7..9"), [])

    def test_it_writes_and_commits_nothing(self):
        job = self.made()
        self.outputs(job, "--offsets", "0..")
        self.assertEqual(Witness.ask("read", topic=job.output)["records"], [])

    def test_only_committed_records(self):
        job = self.pipeline("try-committed").create(partitions=1)
        Witness.ask("write", transactional_id=job.topic, steps=[
            "begin", record(job.topic, login("kept")), "commit",
            "begin", record(job.topic, login("dropped")), "abort"])
        self.assertEqual(self.outputs(job, "--offsets", "0.."), ["kept"])


class Generate(trial.Trial):
    def test_the_environment_names_broker_and_topic(self):
        topic = self.pipeline("generate").topic
        run = Running(self.folder, "generate", "--records", 100, "--partitions", 3,
                      KAFKA_TOPIC=topic).end()
        self.assertIn(f"100 records sent to {topic}", run.text())
        records = Witness.ask("read", topic=topic)["records"]
        self.assertEqual(len(records), 100)
        self.assertEqual({one["partition"] for one in records}, {0, 1, 2})
        absent = Running(self.folder, "generate", "--records", 1, "--wait", "1s",
                         KAFKA_TOPIC=topic, BOOTSTRAP_SERVERS="127.0.0.1:1").end(1)
        self.assertIn("127.0.0.1:1", absent.log())

    def test_a_seed_repeats_every_byte(self):
        made = []
        for _ in range(2):
            job = self.pipeline("seed")
            job.generate(2000, "--defects", "20%", "--seed", 42)
            made.append([(one["partition"], one["key"], one["value"])
                         for one in Witness.ask("read", topic=job.topic)["records"]])
        self.assertEqual(*made)

    def test_a_signal_ends_it_and_it_says_how_many(self):
        job = self.pipeline("endless")
        run = Running(self.folder, "generate", "--topic", job.topic, "--rate", 5000)
        run.await_log(r"Sent [1-9]\d* records")
        run.signal(signal.SIGINT)
        run.end(0, timeout=10)
        sent = int(run.text().split()[0])
        self.assertEqual(len(Witness.ask("read", topic=job.topic)["records"]), sent)


class TheWitness(trial.Trial):
    def test_sees_whatever_is_tampered_with(self):
        job = self.pipeline("witness").create()
        job.generate(2000, "--defects", "20%", "--seed", 9)
        run = job.start("--until-end")
        self.expect_holds(run)
        found = Witness.ask("self_test", **job.evidence(reports=[str(run.report_file)]))
        print(f"  {found['trials']} trials")
        self.assertEqual(found["sentences"], [])
        self.assertGreater(found["trials"], 25)


if __name__ == "__main__":
    trial.main()
