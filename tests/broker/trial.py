# SPDX-License-Identifier: Apache-2.0
"""What the tests against Apache Kafka share: the witness (tests/broker/checker), pipelines with
topics and a group of their own, and processes that end with the test.

Every test is `NAME_test.py PATH_OF_MILLRACE [unittest arguments]`. The broker is the one that
MILLRACE_TEST_BOOTSTRAP names; without it a test is skipped (exit code 77)."""

import base64
import hashlib
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LIBS = ROOT / "build" / "kafka" / "libs"
MILLRACE = ""
BOOTSTRAP = os.environ.get("MILLRACE_TEST_BOOTSTRAP", "")
CLOCK = 1_700_000_000
GENERATED_AT = 1_694_000_000
# A machine that does other things too; nothing here takes as long by itself.
PATIENCE = 90.0


class Processes:
    """Ends whatever a test started and did not wait for."""

    started = []

    @classmethod
    def end_all(cls):
        for process in cls.started:
            if process.poll() is None:
                process.kill()
                process.wait()
        cls.started.clear()


class Witness:
    """One Java process that answers questions; see Checker.java."""

    process = None

    @classmethod
    def ask(cls, command, bootstrap="", **members):
        if cls.process is None:
            cls.process = subprocess.Popen(
                ["java", "-Xmx1400m", "-XX:+UseSerialGC", "-Dlog4j2.level=ERROR", "-cp",
                 f"{classes()}:{LIBS}/*", "Checker"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
                # A signal to the test's process group is not for the witness.
                start_new_session=True)
        question = {"command": command, "bootstrap": bootstrap or BOOTSTRAP, **members}
        cls.process.stdin.write(json.dumps(question) + "\n")
        cls.process.stdin.flush()
        answer = json.loads(cls.process.stdout.readline() or '{"error": "the witness died"}')
        if "error" in answer:
            raise AssertionError(f"the witness could not {command}: {answer['error']}")
        return answer

    @classmethod
    def end(cls):
        if cls.process is not None:
            cls.process.stdin.close()
            cls.process.wait()
            cls.process = None


def classes(checker=HERE / "checker"):
    """The folder with the compiled witness; compiled once for each state of the sources."""
    sources = sorted(checker.glob("*.java"))
    state = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    compiled = ROOT / "build" / "kafka" / "checker" / state
    if not compiled.exists():
        compiled.parent.mkdir(parents=True, exist_ok=True)
        fresh = tempfile.mkdtemp(dir=compiled.parent)
        subprocess.run(["javac", "-cp", f"{LIBS}/*", "-d", fresh, *map(str, sources)], check=True,
                       stderr=subprocess.DEVNULL)
        try:
            os.rename(fresh, compiled)
        except OSError:  # another test was faster
            shutil.rmtree(fresh)
    return compiled


class Running:
    """A process whose stdout and stderr go to files."""

    def __init__(self, folder, *arguments, **environment):
        number = len(Processes.started)
        self.out = folder / f"{number}.out"
        self.err = folder / f"{number}.err"
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen(
                [MILLRACE, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                env={**os.environ, "BOOTSTRAP_SERVERS": BOOTSTRAP, **environment})
        Processes.started.append(self.process)

    def log(self):
        return self.err.read_text(errors="replace")

    def text(self):
        return self.out.read_text(errors="replace")

    def await_log(self, pattern, timeout=PATIENCE):
        """Waits until the log matches; the match."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            found = re.search(pattern, self.log())
            if found:
                return found
            if self.process.poll() is not None:
                break
            time.sleep(0.005)
        raise AssertionError(f"the log never said {pattern!r} (exit code "
                             f"{self.process.poll()}):\n{self.log()[-4000:]}")

    def signal(self, number):
        self.process.send_signal(number)

    def end(self, code=0, timeout=PATIENCE):
        """Waits for the end and demands the exit code (None: any)."""
        try:
            found = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)
            self.process.wait()
            raise AssertionError(f"did not end within {timeout} s:\n{self.log()[-4000:]}") from None
        if code is not None and found != code:
            raise AssertionError(f"exit code {found} instead of {code}:\n{self.log()[-4000:]}\n"
                                 f"{self.text()[-4000:]}")
        return self


def replace_once(text, old, new):
    assert text.count(old) == 1, f"config/user-login.yaml should say {old!r} once"
    return text.replace(old, new)


class Pipeline:
    """config/user-login.yaml with topics and a group of its own."""

    def __init__(self, folder, name, topics=None, **changes):
        self.folder = folder
        self.name = name
        self.topic = f"{name}-in"
        self.input = topics or [self.topic]
        self.output = f"{name}-out"
        self.dead_letters = f"{name}-dead"
        self.group = name
        self.bootstrap = ""
        self.changes = changes
        self.reports = 0

    def variant(self, name, **changes):
        """The same input with another group and other outputs."""
        return Pipeline(self.folder, name, self.input, **{**self.changes, **changes})

    def discards(self):
        return self.changes.get("dead_letters") == "discard"

    def file(self):
        text = (ROOT / "config" / "user-login.yaml").read_text()
        source = f"topics: [{', '.join(self.input)}]"
        if "topic_pattern" in self.changes:
            source = f"topic_pattern: '{self.changes['topic_pattern']}'"
        text = replace_once(text, "  topic: user-login\n", f"  {source}\n")
        text = replace_once(text, "  group: user-login ", f"  group: {self.group} ")
        text = replace_once(text, "  topic: processed-user-login\n", f"  topic: {self.output}\n")
        letters = "dead_letters: discard\n" if self.discards() else (
            f"dead_letters:\n  topic: {self.dead_letters}\n")
        text = replace_once(text, "dead_letters:\n  topic: user-login.dead-letters\n", letters)
        # The checker counts exactly.
        text = replace_once(text, "  - distinct: user_id",
                            "  - {distinct: user_id, exact_up_to: 1000000}")
        text = replace_once(text, "  - top: {of: user_id,",
                            "  - top: {of: user_id, exact_up_to: 1000000,")
        text = replace_once(text, "report: {every: 60s}",
                            f"report: {{every: {self.changes.get('report', '60s')}}}")
        text = replace_once(text, "\ninput:\n",
                            "".join(f"\n  {line}" for line in self.changes.get("kafka", []))
                            + "\ninput:\n")
        text = replace_once(text, "\nschema:\n",
                            "".join(f"\n  {line}" for line in self.changes.get("in", []))
                            + "\nschema:\n")
        if "guarantee" in self.changes:
            text += f"delivery: {{guarantee: {self.changes['guarantee']}}}\n"
        text += "".join(f"{line}\n" for line in self.changes.get("top", []))
        path = self.folder / f"{self.name}.yaml"
        path.write_text(text)
        return path

    def create(self, partitions=4, outputs=4, **settings):
        topics = [{"name": name, "partitions": partitions, "settings": settings}
                  for name in self.input]
        self.create_outputs(outputs, topics)
        return self

    def create_outputs(self, outputs=4, topics=()):
        names = [self.output] if self.discards() else [self.output, self.dead_letters]
        Witness.ask("create", self.bootstrap, topics=[
            *topics, *({"name": name, "partitions": outputs} for name in names)])
        return self

    def generate(self, records, *arguments):
        return Running(self.folder, "generate", "--topic", self.topic, "--records", records,
                       "--start-time", GENERATED_AT, *arguments).end()

    def start(self, *arguments, **environment):
        self.reports += 1
        report = self.folder / f"{self.name}.{self.reports}.json"
        running = Running(self.folder, "run", self.file(), "--report-json", report, *arguments,
                          **environment)
        running.report_file = report
        return running

    def evidence(self, **members):
        members.setdefault("group", self.group)
        if not self.discards():
            members["dead_letters"] = self.dead_letters
        return {"input": self.input, "output": self.output, **members}

    def check(self, **members):
        """Asks the witness whether all that was to happen did happen; what it found."""
        found = Witness.ask("check", self.bootstrap, **self.evidence(**members))
        if found["violations"]:
            raise AssertionError(f"{found['violations']} violations:\n"
                                 + "\n".join(found["sentences"]))
        return found


def report_of(running):
    return json.loads(running.report_file.read_text())


def merge(reports):
    """What several runs, one behind the other, did together."""
    def add(into, more):
        for name, value in more.items():
            if isinstance(value, dict):
                add(into.setdefault(name, {}), value)
            else:
                into[name] = into.get(name, 0) + value

    merged = {"totals": {}, "dead_letters": {}, "insights": {}}
    for report in reports:
        add(merged["totals"], report["totals"])
        add(merged["dead_letters"], report["dead_letters"])
    # These are since the beginning.
    for name, insight in reports[-1]["insights"].items():
        if "counts" in insight:
            merged["insights"][name] = insight["counts"]
    return merged


def without_zeros(counts):
    return {name: without_zeros(value) if isinstance(value, dict) else value
            for name, value in counts.items() if value}


def record(topic, value, key=None, headers=(), partition=0, timestamp=None):
    """One step of the witness's `write`."""
    def text(data):
        if data is None:
            return None
        return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()

    step = {"topic": topic, "partition": partition, "key": text(key), "value": text(value),
            "headers": [[name, text(data)] for name, data in headers]}
    if timestamp is not None:
        step["timestamp"] = timestamp
    return step


def login(user="u", **members):
    """A good record as text; members may be replaced, added, or left out by None."""
    fields = {"user_id": user, "app_version": "2.3.0", "ip": "1.2.3.4", "locale": "RU",
              "device_id": "d", "timestamp": GENERATED_AT, "device_type": "iOS", **members}
    return json.dumps({name: value for name, value in fields.items() if value is not None},
                      ensure_ascii=False)


class Trial(unittest.TestCase):
    """A test with a folder for its files and names of its own."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="millrace-"))
        self.began = time.monotonic()
        self.addCleanup(self.clean_up)

    def clean_up(self):
        Processes.end_all()
        print(f"  {self.id()}: {time.monotonic() - self.began:.1f} s", flush=True)
        if not self._outcome.success:
            print(f"  its files are in {self.folder}", flush=True)
        else:
            shutil.rmtree(self.folder)

    def pipeline(self, name, **changes):
        return Pipeline(self.folder, f"{name}-{random.SystemRandom().randrange(16**8):08x}",
                        **changes)

    def expect_holds(self, running, code=0):
        """The report of a run that has ended in order."""
        running.end(code)
        report = report_of(running)
        self.assertEqual(report["identity"], {"holds": True, "broken": []})
        self.assertTrue(report["final"])
        return report


def main():
    global MILLRACE
    if not BOOTSTRAP:
        print("MILLRACE_TEST_BOOTSTRAP is not set: skipped.")
        sys.exit(77)
    MILLRACE = sys.argv.pop(1)
    try:
        unittest.main(module="__main__", verbosity=2)
    finally:
        Witness.end()
