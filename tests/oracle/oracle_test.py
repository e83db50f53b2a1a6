#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""oracle_test.py PROGRAM [--records N] [--rate N] [--kills N]: runs a pipeline with every kind of
insight over a topic, at both guarantees, kills it again and again, and compares its report and the
windows on its topics with what DuckDB says about the input as an independent reader dumped it.

The broker is the one that MILLRACE_TEST_BOOTSTRAP names; MILLRACE_TEST_SEED chooses other records
and other moments (an estimate's bounds hold with 95 %: of some seeds one will not).

Exit codes: 0 all is equal, or inside of the printed bound; 1 something is not, and its files are
kept; 77 skipped: there is no broker, or DuckDB could not be had."""

import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "broker"))
import duck  # noqa: E402
import records  # noqa: E402
import shapes  # noqa: E402
import trial  # noqa: E402
import windows  # noqa: E402

GUARANTEES = ("exactly_once", "at_least_once")
TOPICS = {"out": 2, "dead": 1, "totals": 1, "groups": 3, "windows": 2}
DUMPED = ("groups", "windows", "totals")
ALSO = ("last_t", "last_city", "first_app_version")
TOP_LIMIT = 200
WITHOUT_TOPIC = ("w_hours",)
SHOWN = 5  # sentences of each insight


def java(*arguments):
    return ["java", "-Xmx700m", "-XX:+UseSerialGC", "-Dlog4j2.level=ERROR", "-cp",
            f"{trial.classes(HERE / 'checker')}:{trial.LIBS}/*", "TopicFiles",
            *map(str, arguments)]


class Feed:
    """Writes the input in as many parts as there are kills, and one more: the next one where each
    member was killed over the last one."""

    def __init__(self, topic, file, options):
        self.process = subprocess.Popen(java("fill", trial.BOOTSTRAP, topic, file, options.rate),
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.records = options.records
        self.parts = options.kills + 1
        self.jobs = []
        self.lock = threading.Lock()
        self.written = 0
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.written = int(line)

    def go_on(self):
        with self.lock:
            part = min(job.kills for job in self.jobs) + 1
            self.process.stdin.write(f"{self.records * part // self.parts}\n")
            self.process.stdin.flush()

    def end(self):
        if self.process.wait() != 0:
            raise AssertionError("the feed failed")
        self.process.stdin.close()


class Job:
    """One guarantee's pipeline, and what happens to its members."""

    def __init__(self, folder, prefix, guarantee, chance, intervals):
        self.folder = folder / guarantee
        self.folder.mkdir()
        self.name = f"{prefix}.{guarantee}"
        self.input = f"{prefix}.in"
        self.guarantee = guarantee
        self.chance = chance
        self.intervals = intervals
        self.runs = 0
        self.kills = 0
        self.last = None
        self.logs = []
        self.wrong = []
        self.failure = None
        trial.Witness.ask("create", topics=[{"name": f"{self.name}.{topic}", "partitions": count}
                                            for topic, count in TOPICS.items()])

    def environment(self, member="a"):
        return {"NAME": self.name, "MEMBER": member, "INPUT": self.input,
                "GUARANTEE": self.guarantee, **self.intervals}

    def start(self, member):
        self.runs += 1
        report = self.folder / f"{self.name}.{member}.{self.runs}.json"
        run = trial.Running(self.folder, "run", HERE / "oracle.yaml", "--report-json", report,
                            **self.environment(member))
        run.report_file = report
        self.logs.append(run.err)
        return run

    def disturb(self, kills, feed):
        """Kills the member so many times while records come; in between a second one comes and
        goes. The member that is left at the end runs."""
        try:
            self.last = self.start("a")
            while self.kills < kills:
                self.await_work()
                # Where in an interval, and in one of the state, it is killed is the point of this.
                time.sleep(self.chance.uniform(0, 1.2))
                if self.kills % 3 == 1:
                    self.visit()
                self.last.signal(signal.SIGKILL)
                self.last.end(-signal.SIGKILL)
                self.kills += 1
                feed.go_on()
                self.last = self.start("a")
        except BaseException as failure:  # pylint: disable=broad-except  # told by the main thread
            self.failure = failure

    def await_work(self):
        """Until the member has settled records, or at times only until it counts again what it has
        no state of."""
        again = r"|Counting topic=" if self.chance.random() < 0.3 else ""
        self.last.await_log(r"consumed=[1-9]" + again)

    def visit(self):
        second = self.start("b")
        second.await_log(r"Assigned topic=\S+ partition=")
        time.sleep(self.chance.uniform(0, 1.5))
        how = self.chance.choice((signal.SIGTERM, signal.SIGKILL))
        second.signal(how)
        second.end(code=None)
        if second.process.returncode != (-how if how == signal.SIGKILL else 0):
            self.wrong.append(f"{how.name} ended b with {second.process.returncode}: {second.err}")

    def await_end(self, ends, patience):
        """Until all of the input is settled; then it stops in order."""
        deadline = time.monotonic() + patience
        while (found := trial.Witness.ask("committed", group=self.name)) != ends:
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.name}: stands at {found}, the ends are {ends}:\n"
                                     f"{self.last.log()[-3000:]}")
            time.sleep(0.1)
        self.last.signal(signal.SIGTERM)
        self.last.end(code=None)
        if self.last.process.returncode != 0:
            self.wrong.append(f"exit code {self.last.process.returncode}")
        report = trial.report_of(self.last)
        self.wrong += report["identity"]["broken"]
        return report

    def counted_again(self):
        """How many partitions' input was counted again, from where their state was."""
        return sum(log.read_text(errors="replace").count(" Counting topic=") for log in self.logs)

    def fleet(self):
        done = subprocess.run([trial.MILLRACE, "report", HERE / "oracle.yaml", "--json"],
                              env={**os.environ, "BOOTSTRAP_SERVERS": trial.BOOTSTRAP,
                                   **self.environment()},
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            self.wrong.append(f"millrace report: exit code {done.returncode}: {done.stderr}")
        return json.loads(done.stdout)


class Comparison:
    """What is wrong with one job, insight by insight."""

    def __init__(self, job, found):
        self.fleet = job.fleet()
        self.found = found  # closed windows
        self.wrong = []
        self.compared = set()
        self.job = job

    def say(self, name, sentences):
        for sentence in sentences[:SHOWN]:
            self.wrong.append(f"{self.job.guarantee}: {name}: {sentence}")
        if len(sentences) > SHOWN:
            self.wrong.append(f"{self.job.guarantee}: {name}: and {len(sentences) - SHOWN} more")

    def take(self, name, kind, rows):
        if kind == "pairs":
            return self.say(name, self._pairs(name, dict(rows)))
        shown = dict(self.fleet["insights"][name])
        self.compared.add(name)
        if kind.startswith("window of "):
            kind = kind.removeprefix("window of ")
            self.say(name, windows.check_open(kind, rows, json.loads(json.dumps(shown))))
            if name not in WITHOUT_TOPIC:
                self.say(name, windows.check_closed(kind, rows, self.found.get(name, {})))
        elif kind == "books":
            missing = self.fleet["not_counted"].get(name, 0)
            self.say(name, windows.check_books(rows, shown, missing))
        elif kind == "late":
            self.say(name, windows.check_late(rows, shown))
        else:
            shown.pop("kind")
            sentence = self._check(kind, rows, shown)
            self.say(name, [sentence] if sentence else [])

    @staticmethod
    def _check(kind, rows, shown):
        if kind == "top":
            return shapes.top(rows, shown, ALSO)
        if kind == "top_with_errors":
            return shapes.top_with_errors(rows, shown, TOP_LIMIT)
        return getattr(shapes, kind)(rows, shown)

    def _pairs(self, name, expected):
        found = self.fleet[name]
        if name == "not_counted":  # windows' are among their books
            found = {key: count for key, count in found.items() if not key.startswith("w_")}
        elif name == "totals":
            found = {key: found[key] for key in expected}
        sentence = shapes.differ({key: count for key, count in expected.items() if count}, found)
        return [sentence] if sentence else []

    def finish(self, report, totals):
        """What stands in more than one place is the same everywhere."""
        live = {name for name, insight in self.fleet["insights"].items() if insight.get("live")}
        left_out = self.fleet["insights"].keys() - self.compared - live
        if left_out:
            self.wrong.append(f"nothing was said about {sorted(left_out)}")
        for name in self.fleet["insights"].keys() - live:
            if report["insights"][name] != self.fleet["insights"][name]:
                self.say(name, ["the last run's report has something else than the fleet's"])
        if totals != {"counts": self.fleet["insights"]["total"]["counts"], "partitions": 4,
                      "last": True}:
            self.say("total", [f"its last record is {totals}"])


def last_record(dump):
    with open(dump, encoding="ascii") as file:
        return json.loads(list(file)[-1].split("\t")[4])


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("program")
    parser.add_argument("--records", type=int, default=60_000)
    parser.add_argument("--rate", type=int, default=6_000, help="records per second of the feed")
    parser.add_argument("--kills", type=int, default=3, help="of each guarantee")
    return parser.parse_args(arguments)


def examine(options, seed, folder):
    """One input, both guarantees; the sentences on what is wrong."""
    began = time.monotonic()

    def say(text):
        print(f"  {time.monotonic() - began:6.1f} s  {text}", flush=True)

    prefix = f"oracle-{random.SystemRandom().randrange(16**8):08x}"
    file = folder / "records.tsv"
    # Of 300,000 users neither a report nor a state is written in no time.
    users, span, intervals = (
        (25_000, 6, {"REPORT": "250ms", "STATE": "1s"}) if options.records < 500_000
        else (300_000, 24, {"REPORT": "1s", "STATE": "5s"}))
    records.write(file, seed, options.records, users, span * records.HOUR)
    say(f"made {options.records} records")
    trial.Witness.ask("create", topics=[{"name": f"{prefix}.in",
                                         "partitions": records.PARTITIONS}])
    chance = random.Random(seed)
    jobs = [Job(folder, prefix, guarantee, random.Random(chance.random()), intervals)
            for guarantee in GUARANTEES]
    feed = Feed(f"{prefix}.in", file, options)
    feed.jobs = jobs
    feed.go_on()
    threads = [threading.Thread(target=job.disturb, args=[options.kills, feed]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for job in jobs:
        if job.failure:
            raise job.failure
    say(f"the last SIGKILL was after {feed.written} records")
    feed.end()
    say("all of the input is written")

    input_dump = dump(folder, [f"{prefix}.in"])[0]
    ends = input_ends(input_dump, f"{prefix}.in")
    expected = []
    oracle = threading.Thread(target=lambda: expected.extend(duck.expectations(input_dump)))
    oracle.start()
    reports = [job.await_end(ends, 60 + options.records / 5_000) for job in jobs]
    say("all is settled, and the members have stopped")
    dumps = dump(folder, [f"{job.name}.{topic}" for job in jobs for topic in DUMPED])
    oracle.join()
    if not expected:
        raise AssertionError("DuckDB found nothing")
    wrong = []
    for job, report in zip(jobs, reports):
        groups, closed, totals, *dumps = dumps
        found, sentences = windows.read([groups, closed], job.name, f"{prefix}.in")
        comparison = Comparison(job, found)
        comparison.say("its members", job.wrong)
        comparison.say("records of windows", sentences)
        say(f"{job.guarantee}: {job.kills} SIGKILLs, {job.runs} starts, {job.counted_again()} "
            f"times a partition was counted again, {sum(map(len, found.values()))} windows closed")
        for name, kind, rows in expected:
            comparison.take(name, kind, rows)
        comparison.finish(report, last_record(totals))
        say(f"compared {len(comparison.compared)} insights with DuckDB")
        wrong += comparison.wrong
    return wrong


def dump(folder, topics):
    """The files that the independent reader wrote them to."""
    subprocess.run(java("dump", trial.BOOTSTRAP, folder, *topics), check=True)
    return [folder / f"{topic}.tsv" for topic in topics]


def input_ends(dump, topic):
    ends = {}
    with open(dump, "rb") as file:
        for line in file:
            partition, offset, _ = line.split(b"\t", 2)
            ends[f"{topic}-{int(partition)}"] = int(offset) + 1
    return ends


def main():
    if not trial.BOOTSTRAP:
        print("MILLRACE_TEST_BOOTSTRAP is not set: skipped.")
        return 77
    duck.run_with_it()
    options = parse(sys.argv[1:])
    trial.MILLRACE = str(pathlib.Path(options.program).resolve())
    seed = int(os.environ.get("MILLRACE_TEST_SEED", 1))
    print(f"MILLRACE_TEST_SEED={seed}", flush=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="millrace-oracle-"))
    try:
        wrong = examine(options, seed, folder)
    except Exception as failure:  # pylint: disable=broad-except
        wrong = [f"{type(failure).__name__}: {failure}"]
    finally:
        trial.Processes.end_all()
        trial.Witness.end()
    for sentence in wrong:
        print(f"WRONG: {sentence}")
    if wrong:
        print(f"Its files are in {folder}")
        return 1
    shutil.rmtree(folder)
    print("All is equal, or inside of the printed bound.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
