# SPDX-License-Identifier: Apache-2.0
"""The peak of the resident memory against `memory`, where there is more than fits: a backlog on a
hundred partitions, small records and compressed ones, records that become a hundred, and a broker
of the output that hangs while the input goes on.

Scaled is for every run of the tests, Full (the long lane) for what the documentation states. Both
have two brokers of their own: one hangs, and the tests beside this one should not."""

import itertools
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import trial

sys.path.insert(0, str(trial.HERE / "kafka"))
import kafka  # noqa: E402

PARTITIONS = 100
ALLOWANCE = 64_000_000
GUARANTEES = ("exactly_once", "at_least_once")
CLUSTER = "MkU3OEVBNTcwNTJENDM2Qg"
TOPICS = "org.apache.kafka.tools.TopicCommand"
PERFORMANCE = "org.apache.kafka.tools.ProducerPerformance"


def mebibytes(memory):
    return int(memory.removesuffix("MiB")) << 20


def small(chance):
    """20 bytes."""
    return f'{{"a":{chance.randrange(10**7, 10**8)},"b":{chance.randrange(10)}}}'


def middling(chance):
    """200 bytes."""
    return f'{{"a":{chance.randrange(10**7, 10**8)},"c":"{chance.getrandbits(720):0180x}"}}'


def exploding(chance):
    items = ",".join(f'{{"q":{chance.randrange(10)},"n":{chance.randrange(1000)}}}'
                     for _ in range(100))
    return f'{{"a":{chance.randrange(10**7, 10**8)},"items":[{items}]}}'


class Cluster:
    """Broker 1 has the inputs and all that Kafka needs to know, broker 2 the outputs."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="millrace-memory-"))
        self.started = []
        self.address = ""

    def begin(self, fill):
        """Calls `fill` while there is no broker 2: whatever is made then lies on broker 1."""
        with socket.socket() as first, socket.socket() as second:
            for probe in (first, second):
                probe.bind(("127.0.0.1", 0))
            controller, output = (probe.getsockname()[1] for probe in (first, second))
        voters = f"controller.quorum.voters=1@127.0.0.1:{controller}"
        self.address = self.start(1, 0, f"controller.port={controller}", voters)
        # Kafka would make them when they are first used.
        for topic in ("__consumer_offsets", "__transaction_state"):
            self.create(topic, 1, 4, "--config", "cleanup.policy=compact")
        fill()
        self.start(2, output, voters, "process.roles=broker",
                   f"listeners=PLAINTEXT://127.0.0.1:{output}")

    def start(self, number, port, *properties):
        data = self.folder / str(number)
        self.started.append(data)
        done = subprocess.run(
            [sys.executable, kafka.__file__, "start", str(port), data, "heap=400m",
             # Long enough that a broker keeps its partitions while it hangs.
             f"cluster.id={CLUSTER}", f"node.id={number}", "broker.session.timeout.ms=120000",
             *properties], stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode == kafka.EXIT_NO_JARS:
            sys.exit(77)
        assert done.returncode == 0, done.stdout
        return done.stdout.split()[-1]

    def process(self, number):
        return int((self.folder / str(number) / "broker.pid").read_text())

    def tool(self, name, *arguments):
        done = subprocess.run(
            ["java", "-Xmx300m", "-XX:+UseSerialGC", "-Dlog4j2.level=ERROR", "-cp",
             f"{trial.LIBS}/*", name, *map(str, arguments)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def create(self, name, broker, partitions, *settings):
        self.tool(TOPICS, "--bootstrap-server", self.address, "--create", "--topic", name,
                  "--replica-assignment", ",".join([str(broker)] * partitions), *settings)

    def end(self):
        for data in self.started:
            subprocess.run([sys.executable, kafka.__file__, "kill", data], check=False,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        shutil.rmtree(self.folder, ignore_errors=True)


class Memory(trial.Trial):
    BACKLOGS = {}  # by name: what makes a record, how many, how they are compressed

    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster()
        cls.addClassCleanup(cls.cluster.end)
        cls.cluster.begin(cls.load_all)
        cls.numbers = itertools.count()

    @classmethod
    def load_all(cls):
        for name, (make, records, compression) in cls.BACKLOGS.items():
            cls.load(name, make, records, compression)

    @classmethod
    def load(cls, topic, make, records, compression):
        chance = random.Random(1)
        payloads = cls.cluster.folder / topic
        payloads.write_text("".join(f"{make(chance)}\n" for _ in range(2000)))
        cls.cluster.create(topic, 1, PARTITIONS)
        said = cls.cluster.tool(
            PERFORMANCE, "--topic", topic, "--num-records", records, "--payload-file", payloads,
            "--throughput", -1, "--producer-props", f"bootstrap.servers={cls.cluster.address}",
            "acks=1", "batch.size=65536", "linger.ms=20", f"compression.type={compression}")
        assert f"\n{records} records sent" in said, said

    def expect_bounded(self, topic, guarantee, memory, hang=0):
        """Runs to the end of the topic; the output hangs for so many seconds meanwhile."""
        records = self.BACKLOGS[topic][1]
        group = f"memory-{next(self.numbers)}"
        self.cluster.create(f"out-{group}", 2, 8)
        file = self.folder / f"{group}.yaml"
        file.write_text(
            f"pipeline: {group}\n"
            f"kafka: {{bootstrap.servers: '{self.cluster.address}'}}\n"
            f"input: {{topic: {topic}, group: {group}, start: earliest}}\n"
            + ("steps: [{explode: items}]\n" if topic == "explode" else "")
            + f"output: {{topic: out-{group}}}\n"
            "dead_letters: discard\n"
            f"memory: {memory}\n"
            "report: {every: 1000 records}\n"
            f"delivery: {{guarantee: {guarantee}}}\n")
        began = time.monotonic()
        report_file = self.folder / f"{group}.json"
        run = trial.Running(self.folder, "run", file, "--until-end", "--report-json", report_file)
        run.report_file = report_file
        if hang:
            run.await_log(r"consumed=[1-9]")
            broker = self.cluster.process(2)
            os.kill(broker, signal.SIGSTOP)
            try:
                time.sleep(hang)  # the fault itself
            finally:
                os.kill(broker, signal.SIGCONT)
        run.end(timeout=900)
        report = self.expect_holds(run)
        peak = report["run"]["peak_rss_bytes"]
        hung = f", output hangs {hang} s" if hang else ""
        print(f"  {topic}{hung}, {memory}, {guarantee}: peak {peak / 2**20:.0f} MiB, "
              f"{time.monotonic() - began:.1f} s, "
              f"{records / report['run']['cpu_seconds']:.0f} records per CPU second", flush=True)
        # What was given up for the hang is read again.
        self.assertGreaterEqual(report["totals"]["consumed"], records)
        self.assertLessEqual(peak, mebibytes(memory) + ALLOWANCE)


class Scaled(Memory):
    BACKLOGS = {"zstd": (small, 300_000, "zstd"), "explode": (exploding, 8_000, "none")}

    def test_peak_of_small_compressed_records(self):
        self.expect_bounded("zstd", "exactly_once", "64MiB")

    def test_peak_of_explode_while_the_output_hangs(self):
        for guarantee in GUARANTEES:
            self.expect_bounded("explode", guarantee, "64MiB", hang=4)


class Full(Memory):
    BACKLOGS = {"small": (small, 10_000_000, "none"), "zstd": (small, 10_000_000, "zstd"),
                "middling": (middling, 2_000_000, "none"), "explode": (exploding, 200_000, "none")}

    def test_peak(self):
        for topic, memory, guarantee in itertools.product(
                self.BACKLOGS, ("512MiB", "128MiB", "64MiB"), GUARANTEES):
            with self.subTest(topic=topic, memory=memory, guarantee=guarantee):
                self.expect_bounded(topic, guarantee, memory)

    def test_peak_while_the_output_hangs(self):
        for topic, guarantee in itertools.product(self.BACKLOGS, GUARANTEES):
            with self.subTest(topic=topic, guarantee=guarantee):
                self.expect_bounded(topic, guarantee, "512MiB", hang=60)


if __name__ == "__main__":
    trial.main()
