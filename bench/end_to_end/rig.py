# SPDX-License-Identifier: Apache-2.0
"""What the benchmarks on a real Apache Kafka share: the broker, the input, the witness that says
whether the job was done (JobWitness.java), and a contender's run with what it took.

Every contender is measured alike, from outside:
  records per CPU second   input records over the CPU time of the contender's process, its start
                           included (the broker is not counted)
  records per second       input records over the time between the first and the last record that
                           the broker appended to its output topics; start and end do not count
  peak RSS                 of the contender's process
"""

import dataclasses
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import circumstances  # noqa: E402

ROOT = HERE.parents[1]
KAFKA = ROOT / "tests" / "broker" / "kafka" / "kafka.py"
LIBS = ROOT / "build" / "kafka" / "libs"
# The kinds that every contender can be asked to reject: JSON, but not what the schema says.
DEFECTS = (("missing_device_type", 0.6), ("string_timestamp", 0.2), ("null_locale", 0.2))
START_TIME = 1_694_000_000
GENERATED_BYTES = 212
PATIENCE = 1800.0


class Failure(Exception):
    """A contender did not do the job, or something needed is not there."""


def say(text):
    print(text, file=sys.stderr, flush=True)


@dataclasses.dataclass(frozen=True)
class Input:
    """One input topic, filled once and read by all runs."""

    records: int
    partitions: int = 4
    bytes: int = 190
    bad: float = 5.0

    @property
    def topic(self):
        return f"in-p{self.partitions}-b{self.bytes}-x{self.bad:g}"


@dataclasses.dataclass(frozen=True)
class Contender:
    """A program that does the job ("job"), or the floor. `command` and `environment` are functions
    of the run's names: {"name", "brokers", "input", "output", "dead_letters", "records",
    "partitions", "report"}. `ordered`: outputs keep the input's partitions and their order."""

    name: str
    command: object
    environment: object = lambda names: {}
    kind: str = "job"
    ordered: bool = True


class Witness:
    def __init__(self, brokers, heap, log):
        self.process = subprocess.Popen(
            ["java", f"-Xmx{heap}m", "-XX:+UseSerialGC", "-Dlog4j2.level=ERROR", "-cp",
             f"{LIBS}/*", str(HERE / "JobWitness.java"), brokers],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
            encoding="utf-8")

    def ask(self, command, **members):
        self.process.stdin.write(json.dumps({"command": command, **members}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline() or '{"error": "the witness died"}')
        if "error" in answer:
            raise Failure(f"the witness could not {command}: {answer['error']}")
        return answer

    def end(self):
        self.process.stdin.close()
        self.process.wait()


class Rig:
    """A Kafka of its own for as long as the `with` lasts."""

    def __init__(self, program, floor, heap="1g"):
        self.program, self.floor, self.heap = program, floor, heap
        self.inputs = {}
        self.runs = 0

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="millrace-bench-"))
        self.brokers = self.kafka("start", 0, self.folder / "broker", f"heap={self.heap}")
        self.witness = Witness(self.brokers, 1500, (self.folder / "witness.log").open("wb"))
        return self

    def __exit__(self, kind, error, trace):
        self.witness.end()
        self.kafka("stop", self.folder / "broker")
        if error is None:
            shutil.rmtree(self.folder)
        else:
            say(f"The logs are in {self.folder}.")

    @staticmethod
    def kafka(*arguments):
        done = subprocess.run([sys.executable, KAFKA, *map(str, arguments)], check=True,
                              stdout=subprocess.PIPE, text=True)
        return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""

    def create(self, partitions, *names):
        self.witness.ask("create", topics=[{"name": name, "partitions": partitions}
                                           for name in names])

    def fill(self, wanted):
        """Makes the input topic, and has the witness work out what must come of it."""
        say(f"filling {wanted.topic} with {wanted.records:,} records of {wanted.bytes} bytes, "
            f"{wanted.bad:g} % bad...")
        small = wanted.topic + ("-small" if wanted.bytes > GENERATED_BYTES else "")
        self.create(wanted.partitions, *{small, wanted.topic})
        shares = ",".join(f"{kind}={wanted.bad * share:.4f}%" for kind, share in DEFECTS)
        self.tool([self.program, "generate", "--brokers", self.brokers, "--topic", small,
                   "--records", str(wanted.records), "--seed", "1", "--start-time",
                   str(START_TIME), *(["--defects", shares] if wanted.bad > 0 else [])])
        if small != wanted.topic:  # the same records with a long member more
            self.tool([self.floor, "produce", "--brokers", self.brokers, "--input", small,
                       "--output", wanted.topic, "--records", str(wanted.records), "--append",
                       str(wanted.bytes - GENERATED_BYTES)])
            self.witness.ask("delete", topics=[small])
        found = self.witness.ask("input", topic=wanted.topic)
        if found["records"] != wanted.records:
            raise Failure(f"{wanted.topic} holds {found['records']} records")
        self.inputs[wanted] = found

    def tool(self, command):
        done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            raise Failure(f"{command[0]}: exit code {done.returncode}\n{done.stderr[-2000:]}")

    def measure(self, contender, wanted):
        """One run with a group and output topics of its own, verified; what it took."""
        self.runs += 1
        name = f"{contender.name}-{self.runs}".replace("_", "-").replace(" ", "-")
        names = {"name": name, "brokers": self.brokers, "input": wanted.topic,
                 "output": f"{name}-out", "dead_letters": f"{name}-dead",
                 "records": str(wanted.records), "partitions": str(wanted.partitions),
                 "report": str(self.folder / f"{name}.json"), "folder": str(self.folder)}
        self.create(wanted.partitions, names["output"], names["dead_letters"])
        sample = self.run(contender, names)
        found = self.witness.ask("verify", kind=contender.kind, input=wanted.topic,
                                 output=names["output"], dead_letters=names["dead_letters"],
                                 ordered=contender.ordered)
        if found["violations"]:
            raise Failure(f"{contender.name} did not do the job ({found['violations']} violations):"
                          "\n" + "\n".join(found["sentences"]) + f"\n{self.log(name)}")
        report = pathlib.Path(names["report"])
        if report.exists():
            said = json.loads(report.read_text(encoding="utf-8"))
            check_report(contender.name, said, self.inputs[wanted])
            sample["reported"] = {name: said["run"][name] for name in (
                "seconds", "cpu_seconds", "records_per_second", "peak_rss_bytes")}
        sample["name"] = name
        sample["seconds"] = max(found["last_ms"] - found["first_ms"], 1) / 1000
        sample["per_second"] = wanted.records / sample["seconds"]
        sample["per_cpu_second"] = wanted.records / sample["cpu_seconds"]
        # Also the state topic and the topics that a peer made for itself.
        self.witness.ask("delete", topics=[names["output"], names["dead_letters"], name])
        return sample

    def run(self, contender, names):
        """Runs it to its end; CPU, memory and time of its process."""
        with self.log_file(names["name"]).open("wb") as log:
            began = time.monotonic()
            process = subprocess.Popen(
                [str(part) for part in contender.command(names)], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, env={**os.environ, **contender.environment(names)})
            try:
                _, status, usage = wait(process.pid)
            except BaseException:
                process.kill()
                process.wait()
                raise
            wall = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise Failure(f"{contender.name}: exit code {process.returncode}\n"
                          f"{self.log(names['name'])}")
        return {"cpu_seconds": usage.ru_utime + usage.ru_stime, "wall_seconds": wall,
                "peak_rss_bytes": usage.ru_maxrss * 1024}

    def log_file(self, name):
        return self.folder / f"{name}.log"

    def log(self, name):
        return self.log_file(name).read_text(encoding="utf-8", errors="replace")[-3000:]


def wait(pid):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = os.wait4(pid, os.WNOHANG)
        if found[0] == pid:
            return found
        time.sleep(0.005)
    raise Failure(f"a run did not end within {PATIENCE:.0f} s")


def check_report(name, report, wanted):
    """What the engine says of itself must agree with what the witness read."""
    totals = report["totals"]
    if not report["identity"]["holds"]:
        raise Failure(f"{name}: the identity does not hold: {report['identity']['broken']}")
    found = (totals["consumed"], totals["emitted"], totals["dead_lettered"])
    if found != (wanted["records"], wanted["good"], wanted["bad"]):
        raise Failure(f"{name}: its report says {found}, the input is {wanted}")


def floor(program, mode="produce"):
    """The floor in one of its modes; "C" is produce."""
    return Contender(
        f"floor {mode}",
        lambda names: [program, mode, "--brokers", names["brokers"], "--input", names["input"],
                       "--output", names["output"], "--records", names["records"], "--group",
                       names["name"]],
        # Without idempotence a batch that is sent again may come behind the next one.
        kind="floor", ordered=mode in ("idempotent", "transactions"))


def millrace(program, guarantee, workers, name=None, job=HERE / "job.yaml", variables=()):
    """`variables`: of job.yaml, beside those that every run sets."""
    return Contender(
        name or f"millrace {guarantee}",
        lambda names: [program, "run", job, "--until-end", "--no-panel", "--report-json",
                       names["report"]],
        lambda names: {"BENCH_NAME": names["name"], "BENCH_BROKERS": names["brokers"],
                       "BENCH_INPUT": names["input"], "BENCH_OUTPUT": names["output"],
                       "BENCH_DEAD_LETTERS": names["dead_letters"], "BENCH_GUARANTEE": guarantee,
                       "BENCH_WORKERS": str(workers), **dict(variables)})


# ------------------------------------------------------------------------------------- results


def summary(values):
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


def spread(values, digits=0):
    middle = f"{statistics.median(values):,.{digits}f}"
    return f"{middle} ({min(values):,.{digits}f} to {max(values):,.{digits}f})"


def print_row(name, *cells):
    print(f"  {name:<40}" + "".join(f"{cell:>34}" for cell in cells).rstrip())


def describe(records, rounds):
    """The machine and the program, as far as they say what a figure means."""
    return {"commit": circumstances.commit(), "machine": circumstances.processor(),
            "cores": os.cpu_count(),
            "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
            "kernel": platform.release(), "busy_at_start": circumstances.busy(),
            "kafka": "Apache Kafka 4.2.0, one broker on the same machine",
            "build": "release preset, gcc, -O2 -g1", "records": records, "rounds": rounds}
