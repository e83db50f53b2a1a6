# SPDX-License-Identifier: Apache-2.0
"""Passwords, certificates and permissions: with the right ones the pipeline runs; with a wrong one
it ends within 10 s with one sentence that says which, and without a secret in anything it says. And
what it says where one address leads to two clusters, as this is where two of them run."""

import base64
import json
import pathlib
import random
import re
import shutil
import socket
import tempfile
import threading
import time
import unittest

import secured
import trial
from secured import password
from trial import Running, Witness

# What issue and documents promise.
WITHIN = 10.0
RECORDS = 40
WRONG_PASSWORD = "wr0ng-" + "sesame"
USERS = {
    "all": secured.rights("all"),
    "stranger": [],
    "unread": secured.rights("unread", topics="WRITE,DESCRIBE,DESCRIBE_CONFIGS"),
    "unwritten": secured.rights("unwritten", topics="READ,DESCRIBE,DESCRIBE_CONFIGS"),
    "ungrouped": secured.rights("ungrouped", group=False),
    "untransacted": secured.rights("untransacted", transactions=False),
    # May write where a test says so.
    "lettered": secured.rights("lettered", topics="READ,DESCRIBE,DESCRIBE_CONFIGS"),
    # Loses a right in the middle.
    "outcast": [],
}


def setUpModule():
    """One broker for all; it stops whatever happens."""
    base = pathlib.Path(tempfile.mkdtemp(prefix="millrace-secured-"))
    unittest.addModuleCleanup(shutil.rmtree, base)
    Secured.broker = secured.Broker(base, USERS)
    unittest.addModuleCleanup(Secured.broker.stop)
    Secured.broker.allow(*[right for rights in USERS.values() for right in rights],
                         *secured.rights("CN=client"))


class Secured(trial.Trial):
    broker = None

    def setUp(self):
        super().setUp()
        self.plain = self.broker.addresses["PLAINTEXT"]
        self.name = f"security-{random.SystemRandom().randrange(16**8):08x}"
        self.topics = {one: f"{self.name}-{one}" for one in ("in", "out", "dead")}
        self.state = f"{self.name}.state"
        Witness.ask("create", self.plain, topics=[
            {"name": topic, "partitions": 2, "settings": {}} for topic in self.topics.values()] + [
            {"name": self.state, "partitions": 2, "settings": {"cleanup.policy": "compact"}}])
        self.write(0, RECORDS)

    def write(self, first, end):
        Witness.ask("write", self.plain, steps=[
            trial.record(self.topics["in"], json.dumps({"n": n}, separators=(",", ":")),
                         key=str(n), partition=n % 2) for n in range(first, end)])

    def outputs(self):
        """The numbers on the output topic as a reader of committed records sees them, sorted."""
        found = Witness.ask("read", self.plain, topic=self.topics["out"])["records"]
        return sorted(json.loads(base64.b64decode(one["value"]))["n"] for one in found)

    def sasl(self, user, secret=None, listener="SASL_PLAINTEXT", mechanism="PLAIN"):
        """Properties of a client with a password, which it reads from a file."""
        file = self.folder / "password.txt"
        file.write_text((secret or password(user)) + "\n")
        own = {"bootstrap.servers": self.broker.addresses[listener],
               "security.protocol": secured.LISTENERS[listener].lower(),
               "sasl.mechanisms": mechanism, "sasl.username": user,
               "sasl.password": {"file": str(file)}}
        return {**own, **self.trust()} if listener == "SASL_SSL" else own

    def trust(self, authority="ca"):
        return {"ssl.ca.location": str(self.broker.certificates.file(authority))}

    def tls(self, certificate="client", authority="ca"):
        own = {"bootstrap.servers": self.broker.addresses["SSL"], "security.protocol": "ssl",
               **self.trust(authority)}
        if certificate:
            own["ssl.certificate.location"] = str(self.broker.certificates.file(certificate))
            own["ssl.key.location"] = str(self.broker.certificates.key(certificate))
        return own

    def pipeline(self, properties, more=""):
        """JSON is YAML, too."""
        path = self.folder / "pipeline.yaml"
        path.write_text(
            f"pipeline: {self.name}\n"
            f"kafka: {json.dumps(properties)}\n"
            f"input: {{topic: {self.topics['in']}, group: {self.name}}}\n"
            f"output: {{topic: {self.topics['out']}}}\n"
            f"dead_letters: {{topic: {self.topics['dead']}}}\n" + more)
        return path

    def start(self, properties, *arguments, more="", **environment):
        return Running(self.folder, "run", self.pipeline(properties, more), *arguments,
                       **environment)

    def assert_no_secret(self, running):
        for text in (running.log(), running.text()):
            for user in USERS:
                self.assertNotIn(password(user), text)
            self.assertNotIn(WRONG_PASSWORD, text)

    def expect_works(self, properties, more="", **environment):
        run = self.start(properties, "--until-end", more=more, **environment).end(0)
        self.assertEqual(self.outputs(), list(range(RECORDS)))
        committed = Witness.ask("committed", self.plain, group=self.name)
        self.assertEqual(set(committed.values()), {RECORDS // 2})
        self.assert_no_secret(run)

    def expect_refused(self, properties, sentence, code=1, more="", checked=True, **environment):
        """`run`, and unless said otherwise `check --connect` too, end in time, and say why once."""
        began = time.monotonic()
        run = self.start(properties, more=more, **environment).end(code, timeout=3 * WITHIN)
        self.assertLess(time.monotonic() - began, WITHIN, run.log())
        said = [line for line in run.log().splitlines() if re.search(sentence, line)]
        self.assertEqual(len(said), 1, run.log())
        self.assert_no_secret(run)
        self.assertEqual(self.outputs(), [])
        if not checked:
            return
        began = time.monotonic()
        check = Running(self.folder, "check", self.folder / "pipeline.yaml", "--connect",
                        **environment).end(None, timeout=3 * WITHIN)
        self.assertLess(time.monotonic() - began, WITHIN)
        self.assertNotEqual(check.process.returncode, 0)
        self.assertRegex(check.text() + check.log(), sentence)
        self.assert_no_secret(check)


class Works(Secured):
    def test_a_password_from_a_file(self):
        self.expect_works(self.sasl("all"))

    def test_a_password_from_the_environment(self):
        self.expect_works({**self.sasl("all"), "sasl.password": "${SECURITY_TEST_PASSWORD}"},
                          SECURITY_TEST_PASSWORD=password("all"))

    def test_at_least_once(self):
        self.expect_works(self.sasl("all"), more="delivery: {guarantee: at_least_once}\n")

    def test_a_password_over_tls(self):
        self.expect_works(self.sasl("all", listener="SASL_SSL"))

    def test_a_client_certificate(self):
        self.expect_works(self.tls())

    def test_plain_commits_need_no_right_to_transactions(self):
        self.expect_works(self.sasl("untransacted"), more=(
            "delivery: {guarantee: at_least_once}\nstate: {durable: false}\n"))


class WrongPassword(Secured):
    def test_wrong_password(self):
        self.expect_refused(self.sasl("all", WRONG_PASSWORD),
                            "authentication failed .*Invalid username or password")

    def test_unknown_user(self):
        self.expect_refused(self.sasl("nobody", WRONG_PASSWORD),
                            "authentication failed .*Invalid username or password")

    def test_mechanism_that_is_not_enabled(self):
        self.expect_refused(self.sasl("all", listener="SCRAM"),
                            "authentication failed .*(mechanism|SCRAM-SHA-512)")

    def test_scram_where_librdkafka_cannot_do_it(self):
        properties = self.sasl("all", listener="SCRAM", mechanism="SCRAM-SHA-512")
        if not self.library_is_older_than_2_6_1():
            self.skipTest("this librdkafka can do SCRAM")
        self.expect_refused(properties, "SCRAM needs librdkafka 2.6.1 or newer", code=2)

    def library_is_older_than_2_6_1(self):
        check = Running(self.folder, "check", self.pipeline(
            self.sasl("all", listener="SCRAM", mechanism="SCRAM-SHA-512"))).end(None)
        return "SCRAM needs" in check.text() + check.log()

    def test_scram(self):
        if self.library_is_older_than_2_6_1():
            self.skipTest("this librdkafka cannot do SCRAM")
        self.broker.add_scram_user("all")
        self.expect_works(self.sasl("all", listener="SCRAM", mechanism="SCRAM-SHA-512"))

    def test_scram_with_a_wrong_password(self):
        if self.library_is_older_than_2_6_1():
            self.skipTest("this librdkafka cannot do SCRAM")
        self.broker.add_scram_user("all")
        self.expect_refused(
            self.sasl("all", WRONG_PASSWORD, listener="SCRAM", mechanism="SCRAM-SHA-512"),
            "authentication failed .*invalid credentials")

    def test_a_password_where_none_is_wanted(self):
        self.expect_refused({**self.sasl("all"), "bootstrap.servers": self.plain},
                            "authentication failed")


class WrongTls(Secured):
    def test_authority_that_is_not_trusted(self):
        self.expect_refused(self.tls(authority="stranger"),
                            "does not trust the certificate .*ssl.ca.location")

    def test_no_client_certificate(self):
        self.expect_refused(self.tls(certificate=None), "do not accept our client certificate")

    def test_client_certificate_of_a_stranger(self):
        self.expect_refused(self.tls(certificate="impostor"),
                            "do not accept our client certificate")


class NotPermitted(Secured):
    def test_nothing_at_all(self):
        self.expect_refused(self.sasl("stranger"),
                            f"topic {self.name}-in: not permitted by the broker's ACLs")

    def test_reading_the_input(self):
        self.allow_state("unread", "READ")
        self.expect_refused(self.sasl("unread"), f"reading topic {self.name}-in: not permitted")

    def test_the_group(self):
        self.expect_refused(self.sasl("ungrouped"), f"group {self.name}.*: not permitted")

    def test_the_transactional_id(self):
        self.expect_refused(self.sasl("untransacted"), f"{self.name}.*not permitted",
                            checked=False)

    def test_the_offset_transactions_of_at_least_once(self):
        self.expect_refused(self.sasl("untransacted"), f"{self.name}.*not permitted",
                            more="delivery: {guarantee: at_least_once}\n", checked=False)

    def allow_state(self, user, operation="WRITE"):
        """The insights' state, and nothing else."""
        right = f"User:{user};TOPIC;{self.state};{operation}"
        self.broker.allow(right)
        self.addCleanup(self.broker.forbid, right)

    def test_making_the_state_topic(self):
        Witness.ask("delete", self.plain, topic=[self.state])
        self.expect_refused(self.sasl("unwritten"), f"do not permit to create topic {self.state}.*"
                            "Describe, DescribeConfigs, Read and Write")

    def test_writing_the_state(self):
        for one in ("dead", "out"):
            may_write = f"User:lettered;TOPIC;{self.topics[one]};WRITE"
            self.broker.allow(may_write)
            self.addCleanup(self.broker.forbid, may_write)
        run = self.start(self.sasl("lettered"), "--until-end").end(1)
        self.assertRegex(run.log(), f"{self.state}.*not permitted by the broker's ACLs")
        self.assertEqual(Witness.ask("committed", self.plain, group=self.name), {})

    def test_writing_the_output(self):
        # Kafka tells only when a record is written; what was read is not committed.
        self.allow_state("unwritten")
        run = self.start(self.sasl("unwritten"), "--until-end").end(1)
        self.assertRegex(run.log(), f"{self.name}-out.*not permitted by the broker's ACLs")
        self.assertEqual(self.outputs(), [])
        self.assertEqual(Witness.ask("committed", self.plain, group=self.name), {})

    def test_writing_the_output_at_least_once(self):
        may_write = [f"User:lettered;TOPIC;{self.topics[one]};WRITE" for one in ("dead", "out")]
        self.broker.allow(may_write[0])
        self.allow_state("lettered")
        more = "delivery: {guarantee: at_least_once}\n"
        run = self.start(self.sasl("lettered"), more=more).end(3)
        for partition in range(2):
            self.assertRegex(run.log(), rf"Stopped topic={self.topics['in']} "
                             rf"partition={partition}: offset 0 cannot be delivered: "
                             rf"{self.topics['out']}-\d: not permitted by the broker's ACLs")
        self.assertEqual(self.outputs(), [])
        # The insights of nothing are written down, at the offset where they begin.
        committed = Witness.ask("committed", self.plain, group=self.name)
        self.assertEqual(set(committed.values()), {0})
        # And once it may, nothing is missing.
        self.broker.allow(may_write[1])
        self.start(self.sasl("lettered"), "--until-end", more=more).end(0)
        self.assertEqual(set(self.outputs()), set(range(RECORDS)))

    def test_writing_anything_at_least_once(self):
        # Who may write to no topic is not even given the number that an idempotent producer needs.
        self.expect_refused(
            self.sasl("unwritten"), "run ends: .*Write on an output topic, or IdempotentWrite",
            checked=False,
            more="delivery: {guarantee: at_least_once}\nstate: {durable: false}\n")
        self.assertEqual(Witness.ask("committed", self.plain, group=self.name), {})

    def test_a_right_that_is_taken_away_in_the_middle(self):
        may_write = f"User:outcast;TOPIC;{self.topics['out']};WRITE"
        others = [right for right in secured.rights("outcast", "READ,DESCRIBE,DESCRIBE_CONFIGS")]
        self.broker.allow(may_write, *others)
        self.addCleanup(self.broker.forbid, may_write, *others)
        self.allow_state("outcast")
        run = self.start(self.sasl("outcast"))
        self.await_outputs(RECORDS)
        self.broker.forbid(may_write)
        self.write(RECORDS, 2 * RECORDS)
        run.end(1)
        self.assertRegex(run.log(), f"{self.name}-out.*not permitted by the broker's ACLs")
        self.assertEqual(self.outputs(), list(range(RECORDS)))
        committed = Witness.ask("committed", self.plain, group=self.name)
        self.assertEqual(set(committed.values()), {RECORDS // 2})
        # And once it is given back, all the rest comes, and nothing of it twice.
        self.broker.allow(may_write)
        self.start(self.sasl("outcast"), "--until-end").end(0)
        self.assertEqual(self.outputs(), list(range(2 * RECORDS)))

    def await_outputs(self, count):
        deadline = time.monotonic() + trial.PATIENCE
        while len(self.outputs()) < count:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)


class TwoClusters:
    """One address that leads a client to one cluster or the other, by its client.id: as a name or a
    balancer with brokers of two clusters behind it would do by chance."""

    def __init__(self, clusters):
        self.clusters = clusters
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listening.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listening.accept()
            except OSError:  # closed
                return
            threading.Thread(target=self.connect, args=[client], daemon=True).start()

    def connect(self, client):
        with client:
            request = client.recv(1 << 16)
            # Size, API, version, number, and then the client.id with its own size.
            size = int.from_bytes(request[12:14], "big")
            name = request[14:14 + size].decode()
            host, port = self.clusters[name].rsplit(":", 1)
            with socket.create_connection((host, int(port))) as broker:
                broker.sendall(request)
                back = threading.Thread(target=self.copy, args=[broker, client], daemon=True)
                back.start()
                self.copy(client, broker)
                back.join()

    @staticmethod
    def copy(source, sink):
        try:
            while data := source.recv(1 << 16):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def close(self):
        self.listening.close()


class OtherCluster(Secured):
    """The input is on this broker, the output on the one that all tests share."""

    def setUp(self):
        super().setUp()
        Witness.ask("create", topics=[
            {"name": self.topics[one], "partitions": 2} for one in ("out", "dead")])
        both = TwoClusters({"reads": self.plain, "writes": trial.BOOTSTRAP})
        self.addCleanup(both.close)
        self.properties = {"bootstrap.servers": both.address,
                           "consumer": {"client.id": "reads"}, "producer": {"client.id": "writes"}}

    def outputs(self):
        found = Witness.ask("read", topic=self.topics["out"])["records"]
        return sorted(json.loads(base64.b64decode(one["value"]))["n"] for one in found)

    def test_exactly_once_ends_at_once(self):
        self.expect_refused(self.properties, "leads the consumer to cluster .* and the "
                            "producer to cluster .*guarantee: at_least_once", checked=False)
        self.assertEqual(Witness.ask("committed", self.plain, group=self.name), {})

    def test_at_least_once_works(self):
        self.expect_works(self.properties, more="delivery: {guarantee: at_least_once}\n")


if __name__ == "__main__":
    trial.main()
