# SPDX-License-Identifier: Apache-2.0
"""`doctor` on a real Apache Kafka: what is wrong is found, named and comes with what to do; what is
well is said to be; and nothing is written, joined or made."""

import json
import pathlib
import random
import shutil
import tempfile
import time

import secured
import trial
from secured import password
from trial import Running, Witness

RECORDS = 200


class Doctor(trial.Trial):
    def look(self, job, *arguments, code=0, **environment):
        """The findings, by weight and what they are about."""
        run = Running(self.folder, "doctor", job.file(), "--json", *arguments,
                      **environment).end(code)
        self.assertNotIn("Assigned", run.log())
        return json.loads(run.text())["findings"]

    def about(self, findings, about, weight=None):
        return [one for one in findings
                if one["about"] == about and weight in (None, one["weight"])]

    def one(self, findings, about, weight):
        found = self.about(findings, about, weight)
        self.assertEqual(len(found), 1, findings)
        return found[0]

    def filled(self, **changes):
        job = self.pipeline("doctor", **changes).create(partitions=2, outputs=2)
        job.generate(RECORDS)
        self.expect_holds(job.start("--until-end"))
        return job


class Healthy(Doctor):
    def test_nothing_is_wrong(self):
        job = self.filled()
        before = Witness.ask("committed", group=job.group)
        findings = self.look(job)
        self.assertEqual(self.about(findings, "brokers")[0]["text"],
                         f"{trial.BOOTSTRAP} answers; it is Kafka 4.0 or later")
        self.assertEqual([one["text"] for one in self.about(findings, "lag")],
                         [f"{job.topic}/{partition}: 0 to read" for partition in range(2)])
        self.one(findings, "clock", "unknown")
        self.one(findings, "transactions", "good")
        self.one(findings, "retention", "good")
        states = [one["text"] for one in self.about(findings, "state", "good")]
        self.assertRegex(states[-1], r"^topic .*\.state: states of 2 of 2 partitions, \d+ KiB$")
        self.assertEqual(self.about(findings, "state", "error"), [])
        # Nobody reads; and the generator's bad records are on their topic.
        self.assertIn("has no members", self.one(findings, "group", "warning")["text"])
        letters = self.about(findings, "dead letters")
        self.assertEqual(len(letters), 1)
        self.assertRegex(letters[0]["text"], rf"^topic {job.dead_letters}: \d+ records")
        self.assertEqual(Witness.ask("committed", group=job.group), before)

    def test_text_says_how_many(self):
        text = Running(self.folder, "doctor", self.filled().file()).end(0).text()
        self.assertRegex(text, r"\nerrors=0 warnings=\d+ unknown=\d+ good=\d+\n$")

    def test_members_and_lag(self):
        job = self.pipeline("doctor").create(partitions=2, outputs=2)
        run = job.start()
        run.await_log("Assigned topic")
        findings = self.look(job)
        members = self.about(findings, "group", "good")
        self.assertIn("is Stable, with 1 member", members[0]["text"])
        self.assertIn(f"which has {job.topic}/0, {job.topic}/1", members[1]["text"])
        run.signal(15)
        run.end(0)
        job.generate(RECORDS)
        lags = [one["text"] for one in self.about(self.look(job), "lag")]
        self.assertEqual(len([text for text in lags if "to read, the oldest of them" in text]), 2)


class Trouble(Doctor):
    def test_an_open_transaction_of_another_program(self):
        job = self.filled()
        record = trial.record(job.topic, trial.login(), partition=1)
        Witness.ask("write", transactional_id=f"{job.name}-other",
                    steps=["begin", record, record, "hold"])
        found = self.one(self.look(job), "transactions", "warning")
        self.assertRegex(found["text"], rf"^{job.topic}/1: a transaction of another program is "
                         r"open at offset \d+, since .* ago\): readers of committed records see "
                         r"nothing of the 2 offsets behind it$")
        self.assertIn(f"describe-producers --topic {job.topic} --partition 1", found["todo"])

    def test_offsets_that_somebody_moved(self):
        job = self.filled()
        # As Kafka's own tool does it: without a word about the insights.
        secured.run("python3", secured.KAFKA, "tool",
                    "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
                    "--bootstrap-server", trial.BOOTSTRAP, "--group", job.group, "--topic",
                    job.topic, "--reset-offsets", "--to-earliest", "--execute")
        found = self.about(self.look(job, code=1), "state", "error")
        self.assertEqual(len(found), 2)
        for one in found:
            self.assertIn("the group's committed offset was moved since; it is at offset 0; run "
                          "stops this partition", one["text"])
            self.assertIn("offsets rewind", one["todo"])
        # What it says helps.
        Running(self.folder, "offsets", "rewind", job.file(), "--to", "1", "--yes").end(0)
        self.assertEqual(self.about(self.look(job), "state", "error"), [])
        self.expect_holds(job.start("--until-end"))

    def test_a_state_that_is_damaged(self):
        job = self.pipeline("doctor").create(partitions=2, outputs=2)
        state = f"{job.name}-state"
        job.changes = {"top": [f"state: {{topic: {state}}}"]}
        job.generate(RECORDS)
        first = self.expect_holds(job.start("--until-end"))
        # (Where a partition's state is not, nobody looks for it.)
        Witness.ask("write", steps=[
            trial.record(state, "\x01junk", key=f"{job.group}/{job.topic}/1", partition=partition)
            for partition in range(2)])
        found = self.one(self.look(job, code=1), "state", "error")
        self.assertIn(f"{job.topic}/1: the state in topic {state} is damaged: its manifest cannot "
                      "be read", found["text"])
        self.assertIn("millrace offsets rewind", found["todo"])
        Running(self.folder, "offsets", "rewind", job.file(), "--to", "earliest", "--yes").end(0)
        self.assertEqual(self.about(self.look(job), "state", "error"), [])
        second = self.expect_holds(job.start("--until-end"))
        self.assertEqual(second["insights"], first["insights"])
        self.assertEqual(self.about(self.look(job), "state", "error"), [])

    def test_records_that_are_gone(self):
        job = self.filled()
        Running(self.folder, "offsets", "rewind", job.file(), "--to", "earliest", "--yes").end(0)
        described = self.folder / "delete.json"
        described.write_text(json.dumps({"version": 1, "partitions": [
            {"topic": job.topic, "partition": 0, "offset": 20}]}))
        secured.run("python3", secured.KAFKA, "tool", "org.apache.kafka.tools.DeleteRecordsCommand",
                    "--bootstrap-server", trial.BOOTSTRAP, "--offset-json-file", described)
        found = self.one(self.look(job, code=1), "retention", "error")
        self.assertRegex(found["text"], rf"^{job.topic}/0: the committed offset 0 is not in the "
                         r"log, which has 20 to \d+: records were deleted before they were read$")

    def test_records_from_the_future(self):
        job = self.filled()
        Witness.ask("write", steps=[trial.record(job.topic, trial.login(), timestamp=int(
            (time.time() + 3600) * 1000))])
        found = self.one(self.look(job), "clock", "warning")
        self.assertRegex(found["text"], rf"^records of {job.topic} are up to (59|60) min ahead of "
                         "this machine's clock$")

    def test_one_of_the_listed_brokers_is_away(self):
        job = self.filled()
        findings = self.look(job, "--wait", "2s",
                             BOOTSTRAP_SERVERS=f"127.0.0.1:1,{trial.BOOTSTRAP}")
        found = self.one(findings, "brokers", "warning")
        self.assertRegex(found["text"], r"^127\.0\.0\.1:1: .*[Cc]onnection refused")
        self.assertIn("take it out of bootstrap.servers", found["todo"])

    def test_no_broker_at_all(self):
        job = self.pipeline("doctor")
        findings = self.look(job, "--wait", "1s", code=1, BOOTSTRAP_SERVERS="127.0.0.1:1")
        self.assertEqual([one["weight"] for one in findings], ["error"])


class Secured(Doctor):
    """Rights that are missing, and a password that is wrong."""

    broker = None

    @classmethod
    def setUpClass(cls):
        base = pathlib.Path(tempfile.mkdtemp(prefix="millrace-doctor-"))
        cls.addClassCleanup(shutil.rmtree, base)
        cls.broker = secured.Broker(base, ["blind", "all"])
        cls.addClassCleanup(cls.broker.stop)
        cls.broker.allow(*secured.rights("blind", topics="DESCRIBE,DESCRIBE_CONFIGS,WRITE"),
                         *secured.rights("all"))

    def file_for(self, user, secret=None):
        name = f"secured-{random.SystemRandom().randrange(16**8):08x}"
        Witness.ask("create", self.broker.addresses["PLAINTEXT"], topics=[
            {"name": f"{name}-{one}", "partitions": 1, "settings": {}}
            for one in ("in", "out", "dead")] + [
            {"name": f"{name}.state", "partitions": 1,
             "settings": {"cleanup.policy": "compact"}}])
        file = self.folder / "password.txt"
        file.write_text((secret or password(user)) + "\n")
        path = self.folder / "pipeline.yaml"
        path.write_text(
            f"pipeline: {name}\nkafka: " + json.dumps({
                "bootstrap.servers": self.broker.addresses["SASL_PLAINTEXT"],
                "security.protocol": "sasl_plaintext", "sasl.mechanisms": "PLAIN",
                "sasl.username": user, "sasl.password": {"file": str(file)}}) +
            f"\ninput: {{topic: {name}-in, group: {name}}}\noutput: {{topic: {name}-out}}\n"
            f"dead_letters: {{topic: {name}-dead}}\n")
        return name, path

    def findings(self, path, code):
        run = Running(self.folder, "doctor", path, "--json", "--wait", "3s").end(code)
        return json.loads(run.text())["findings"]

    def test_a_right_that_is_missing(self):
        name, path = self.file_for("blind")
        rights = [one["text"] for one in self.about(self.findings(path, 1), "rights", "error")]
        self.assertIn(f"reading topic {name}-in: not permitted by the broker's ACLs (or the topic "
                      "does not exist)", rights)

    def test_all_rights(self):
        _, path = self.file_for("all")
        self.assertEqual(self.about(self.findings(path, 0), "rights", "error"), [])

    def test_a_wrong_password(self):
        _, path = self.file_for("all", secret="wr0ng-" + "sesame")
        found = self.findings(path, 1)
        self.assertEqual([one["about"] for one in found], ["brokers"])
        self.assertRegex(found[0]["text"], "[Uu]ser ?name or (the )?password")


if __name__ == "__main__":
    trial.main()
