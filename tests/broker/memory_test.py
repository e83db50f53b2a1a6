# SPDX-License-Identifier: Apache-2.0
"""The peak of the resident memory against `memory`, where there is more than fits: a backlog on a
hundred partitions, small records and compressed ones, records that become a hundred, and a broker
of the output that hangs while the input goes on. And what a pipeline costs that can only wait.

Scaled is for every run of the tests, Full (the long lane) for what the documentation states. Both
have two brokers of their own: one hangs, and the tests beside this one should not."""

import collections
import concurrent.futures
import itertools
import os
import pathlib
import random
import re
import select
import shutil
import signal
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
PERFORMANCE = "org.apache.kafka.tools.ProducerPerformance"
# For what a loaded machine may take: nothing here is about how long it takes.
PATIENCE = 300
# Of one core, while there is nothing to do but to wait. librdkafka's threads poll without a pause
# at times, while a broker that takes connections answers nothing: printed, not judged.
IDLE = 0.05
TICKS = os.sysconf("SC_CLK_TCK")


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


Backlog = collections.namedtuple("Backlog", "make records compression")


def stat(process):
    """The fields of /proc/PID/stat behind the name, which may hold blanks."""
    return pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()


def cpu_seconds(process):
    """Of the threads of Millrace, and of those of librdkafka ("rdk:...")."""
    used = [0.0, 0.0]
    for thread in pathlib.Path(f"/proc/{process}/task").iterdir():
        try:
            name, fields = (thread / "comm").read_text(), stat(f"{process}/task/{thread.name}")
        except (FileNotFoundError, ProcessLookupError):  # it has ended
            continue
        used[name.startswith("rdk:")] += (int(fields[11]) + int(fields[12])) / TICKS
    return used


def await_state(process, states):
    """Waits until the kernel shows one of these states: a signal takes effect when it does."""
    deadline = time.monotonic() + PATIENCE
    while stat(process)[0] not in states:
        assert time.monotonic() < deadline, f"process {process} is in state {stat(process)[0]}"
        time.sleep(0.005)


def free_ports(number):
    """Not of those that the kernel gives to connections: brokers take a while to claim theirs."""
    found = []
    chance = random.SystemRandom()
    while len(found) < number:
        port = chance.randrange(20_000, 32_000)
        if port not in found and kafka.port_is_free(port):
            found.append(port)
    return found


class Cluster:
    """Broker 1 has the inputs and all that Kafka needs to know, broker 2 the outputs."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="millrace-memory-"))
        self.attempts = 0
        self.address = ""
        self.data = {}

    def begin(self):
        """A port that was free may be somebody else's a moment later: then again with others."""
        for last in (False, False, True):
            said = self.try_to_begin()
            if not said:
                break
            print(f"  the brokers did not start:\n{said}", flush=True)
            self.kill()
            assert not last
        # Kafka would make them when they are first used, wherever it likes.
        self.create("__consumer_offsets", 1, 4, **{"cleanup.policy": "compact"})
        self.create("__transaction_state", 1, 4, **{"cleanup.policy": "compact"})

    def try_to_begin(self):
        controller, *ports = free_ports(3)
        self.attempts += 1
        voters = f"controller.quorum.voters=1@127.0.0.1:{controller}"
        more = ([f"controller.port={controller}"],
                ["process.roles=broker", f"listeners=PLAINTEXT://127.0.0.1:{ports[1]}"])
        self.address = f"127.0.0.1:{ports[0]}"
        failed = ""
        with concurrent.futures.ThreadPoolExecutor() as both:
            starts = [both.submit(self.start, number, port, voters, *own)
                      for number, port, own in zip((1, 2), ports, more)]
            for done in map(concurrent.futures.Future.result,
                            concurrent.futures.as_completed(starts)):
                if done.returncode == kafka.EXIT_NO_JARS:
                    sys.exit(77)
                if done.returncode != 0 and not failed:
                    failed = done.stderr
                    self.kill()  # without it the other one would wait for long
        return failed

    def start(self, number, port, *properties):
        self.data[number] = self.folder / f"{number}.{self.attempts}"
        return subprocess.run(
            [sys.executable, kafka.__file__, "start", str(port), self.data[number], "heap=400m",
             f"start.timeout={PATIENCE}", f"cluster.id={CLUSTER}", f"node.id={number}",
             # Long enough that a broker keeps its partitions while it hangs.
             "broker.session.timeout.ms=300000", *properties],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)

    def create(self, name, broker, partitions, **settings):
        trial.Witness.ask("create", self.address, topics=[
            {"name": name, "broker": broker, "partitions": partitions, "settings": settings}])

    def delete(self, name):
        trial.Witness.ask("delete", self.address, topic=name)

    def fill(self, topic, backlog):
        """Writes the records, each once; gives up where none are written for long."""
        chance = random.Random(1)
        payloads = self.folder / topic
        payloads.write_text("".join(f"{backlog.make(chance)}\n" for _ in range(2000)))
        producer = subprocess.Popen(
            ["java", "-Xmx300m", "-XX:+UseSerialGC", "-Dlog4j2.level=ERROR", "-cp",
             f"{trial.LIBS}/*", PERFORMANCE, "--topic", topic, "--num-records",
             str(backlog.records), "--payload-file", payloads, "--throughput", "-1",
             "--producer-props", f"bootstrap.servers={self.address}", "acks=all",
             "enable.idempotence=true", "batch.size=65536", "linger.ms=20",
             f"compression.type={backlog.compression}", f"max.block.ms={PATIENCE * 1000}",
             f"delivery.timeout.ms={PATIENCE * 1000}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said = b""
        try:
            # It says every five seconds how far it is.
            while select.select([producer.stdout], [], [], PATIENCE)[0]:
                more = os.read(producer.stdout.fileno(), 65536)
                if not more:
                    break
                said += more
            else:
                raise AssertionError(f"filling {topic} stands still:\n{said.decode()[-2000:]}")
            done = producer.wait(PATIENCE)
        finally:
            producer.kill()
            producer.wait()
            producer.stdout.close()
        # With errors it goes on, and what failed is not in its last count.
        assert done == 0 and f"\n{backlog.records} records sent".encode() in b"\n" + said, (
            f"{topic} has not got all of its records:\n{said.decode()[-2000:]}")
        payloads.unlink()

    def output_broker(self):
        return int((self.data[2] / "broker.pid").read_text())

    def kill(self):
        for data in self.data.values():
            subprocess.run([sys.executable, kafka.__file__, "kill", data], check=False,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def end(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class Memory(trial.Trial):
    BACKLOGS = {}  # by name

    @classmethod
    def setUpClass(cls):
        began = time.monotonic()
        cls.cluster = Cluster()
        cls.addClassCleanup(cls.cluster.end)
        cls.cluster.begin()
        print(f"  two brokers: {time.monotonic() - began:.1f} s", flush=True)
        for topic, backlog in cls.BACKLOGS.items():
            began = time.monotonic()
            cls.cluster.create(topic, 1, PARTITIONS)
            cls.cluster.fill(topic, backlog)
            print(f"  {backlog.records} records in {topic}: {time.monotonic() - began:.1f} s",
                  flush=True)
        cls.numbers = itertools.count()

    def start(self, group, topic, guarantee, memory):
        folder = self.folder / group
        folder.mkdir()
        file = folder / "pipeline.yaml"
        file.write_text(
            f"pipeline: {group}\n"
            f"kafka: {{bootstrap.servers: '{self.cluster.address}'}}\n"
            f"input: {{topic: {topic}, group: {group}, start: earliest}}\n"
            + ("steps: [{explode: items}]\n" if topic == "explode" else "")
            + f"output: {{topic: out-{group}}}\n"
            "dead_letters: discard\n"
            f"memory: {memory}\n"
            f"report: {{every: {max(1000, self.BACKLOGS[topic].records // 50)} records}}\n"
            f"delivery: {{guarantee: {guarantee}}}\n")
        report = folder / "report.json"
        run = trial.Running(folder, "run", file, "--until-end", "--report-json", report)
        run.report_file = report
        return run

    def hang(self, run, topic, wait):
        """Stops the broker of the output in the middle of the run while wait(run) lasts; what that
        returns."""
        run.await_log(r"consumed=[1-9]", PATIENCE)
        broker = self.cluster.output_broker()
        os.kill(broker, signal.SIGSTOP)
        try:
            await_state(broker, "tT")
            found = wait(run)
            consumed = [int(each) for each in re.findall(r"consumed=(\d+)", run.log())]
            # Or it was no hang in the middle.
            self.assertLess(max(consumed), self.BACKLOGS[topic].records)
            self.assertIsNone(run.process.poll())
        finally:
            os.kill(broker, signal.SIGCONT)
        return found

    def expect_bounded(self, topic, guarantee, memory, wait):
        """Runs to the end of the topic; the output hangs for as long as wait(run) takes."""
        began = time.monotonic()
        group = f"memory-{next(self.numbers)}"
        self.cluster.create(f"out-{group}", 2, 8)
        try:
            run = self.start(group, topic, guarantee, memory)
            hung = self.hang(run, topic, wait)
            run.end(timeout=3 * PATIENCE)
        finally:
            trial.Processes.end_all()
            self.cluster.delete(f"out-{group}")
        report = self.expect_holds(run)
        records = self.BACKLOGS[topic].records
        peak = report["run"]["peak_rss_bytes"]
        bound = mebibytes(memory) + ALLOWANCE
        print(f"  | {topic} | {guarantee} | {memory} | {records} | {peak / 2**20:.0f} | "
              f"{bound / 2**20:.0f} | {hung} | {time.monotonic() - began:.1f} s, "
              f"{records / report['run']['cpu_seconds']:.0f} records per CPU second |", flush=True)
        self.assertEqual(report["totals"]["consumed"], records)
        self.assertLessEqual(peak, bound)


class Scaled(Memory):
    BACKLOGS = {"explode": Backlog(exploding, 12_000, "none")}

    def until_it_waits(self, run):
        """Until it has used up its memory, and does nothing any more but wait."""
        began = time.monotonic()
        while True:
            since, before = time.monotonic(), cpu_seconds(run.process.pid)
            time.sleep(1)  # the time over which the use of the processor is measured
            after, took = cpu_seconds(run.process.pid), time.monotonic() - since
            ours, library = ((later - sooner) / took for sooner, later in zip(before, after))
            used = f"{ours:.2f} cores, librdkafka {library:.2f}"
            if ours < IDLE:
                return used
            self.assertLess(time.monotonic() - began, PATIENCE, f"it goes on with {used}")

    def test_peak_of_explode_while_the_output_hangs(self):
        for guarantee in GUARANTEES:
            with self.subTest(guarantee=guarantee):
                self.expect_bounded("explode", guarantee, "64MiB", self.until_it_waits)


class Full(Memory):
    BACKLOGS = {"small": Backlog(small, 10_000_000, "none"),
                "zstd": Backlog(small, 10_000_000, "zstd"),
                "middling": Backlog(middling, 2_000_000, "none"),
                "explode": Backlog(exploding, 200_000, "none")}
    HANG = 60

    def for_a_minute(self, run):
        before = cpu_seconds(run.process.pid)
        time.sleep(self.HANG)  # the fault itself
        after = cpu_seconds(run.process.pid)
        ours, library = (later - sooner for sooner, later in zip(before, after))
        self.assertLess(ours, IDLE * self.HANG)
        return f"{ours:.2f} s, librdkafka {library:.2f} s"

    def test_peak_while_the_output_hangs_for_a_minute(self):
        for memory, topic, guarantee in itertools.product(
                ("64MiB", "128MiB", "512MiB"), self.BACKLOGS, GUARANTEES):
            with self.subTest(topic=topic, memory=memory, guarantee=guarantee):
                self.expect_bounded(topic, guarantee, memory, self.for_a_minute)


if __name__ == "__main__":
    trial.main()
