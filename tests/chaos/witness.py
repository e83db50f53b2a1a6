# SPDX-License-Identifier: Apache-2.0
"""The Java side of a run: the feed that writes the input, and the independent reader."""

import json
import queue
import subprocess
import threading

from cluster import Trouble, java

INPUT = "chaos-in"
PARTITIONS = 4
# By the numbers that checker/Recipe.java gives them: outputs, copies, dead letters.
TOPICS = [("chaos-out", 4), ("chaos-copies", 2), ("chaos-dead", 2)]
WINDOWS = ("chaos-windows", 2)
GROUP = "chaos"


def plan(cluster, seed, guarantee):
    """What every class of the checker is told."""
    return json.dumps({
        "bootstrap": cluster.bootstrap, "seed": seed, "input": INPUT, "partitions": PARTITIONS,
        "topics": [{"name": name, "partitions": count} for name, count in TOPICS],
        "more_topics": [{"name": WINDOWS[0], "partitions": WINDOWS[1]}],
        "group": GROUP, "guarantee": guarantee, "replication": len(cluster.brokers),
        "folders": cluster.log_folders()})


def ask(command, plan_text, timeout=900):
    """Runs the reader to its end; its answers."""
    done = subprocess.run(java("Observer", command, plan_text, heap="900m"), text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout,
                          check=False)
    if done.returncode != 0:
        raise Trouble(f"the reader could not {command}: {done.stderr[-2000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def dump(plan_text, topic, file):
    """Writes a topic's committed records to a file; see Observer.java."""
    done = subprocess.run(java("Observer", "dump", plan_text, topic, file), text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False)
    if done.returncode != 0:
        raise Trouble(f"the reader could not dump {topic}: {done.stderr[-2000:]}")
    return file


class Process:
    """A Java process whose lines are taken as they come."""

    def __init__(self, folder, name, command):
        self.name = name
        self.errors = folder / f"{name}.err"
        with self.errors.open("wb") as err:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=err, text=True, start_new_session=True)
        self.lines = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line)

    def tell(self, line):
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended: next() says so, if it should not have

    def next(self):
        """The next line, or None. A process that failed raises."""
        try:
            return self.lines.get_nowait()
        except queue.Empty:
            if self.process.poll() not in (None, 0):
                raise Trouble(f"{self.name} died: {self.errors.read_text()[-2000:]}") from None
            return None

    def end(self):
        self.process.kill()
        self.process.wait()


class Feed(Process):
    def __init__(self, folder, bootstrap, records, seed, rate):
        super().__init__(folder, "feed", java("Feed", bootstrap, INPUT, PARTITIONS, records, seed,
                                              rate))
        self.records = records
        self.sent = 0
        self.rate = rate

    def look(self):
        while (line := self.next()) is not None:
            self.sent = int(line)

    def pace(self, rate):
        self.rate = rate
        self.tell(f"{rate:.0f}")

    def done(self):
        self.look()
        return self.sent >= self.records


class Follower(Process):
    """The reader that reads along; `status` is the newest of what it says."""

    def __init__(self, folder, plan_text):
        super().__init__(folder, "follower", java("Observer", "follow", plan_text, heap="900m"))
        self.status = {}
        self.found = None
        self.silences = []

    def look(self):
        while (line := self.next()) is not None:
            said = json.loads(line)
            if "found" in said:
                self.found = said["found"]
            else:
                self.status = said
                self.silences += said["silences"]

    def owned(self, slot):
        """The partitions that the group's coordinator says this member has."""
        return self.status.get("group", {}).get("members", {}).get(slot, [])
