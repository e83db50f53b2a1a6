# SPDX-License-Identifier: Apache-2.0
"""The members of the group: copies of the program that share one pipeline."""

import json
import os
import signal
import subprocess
import time

import counts

SESSION = 2.0  # seconds
COMMIT_EVERY = 0.1
TRANSACTION_TIMEOUT = 5.0

PIPELINE = """\
pipeline: chaos
{top}
kafka:
  bootstrap.servers: "{bootstrap}"
  client.id: {slot}
  consumer: {{heartbeat.interval.ms: {heartbeat}}}
input: {{topic: chaos-in, group: chaos}}
schema:
  type: object
  required: [p, n, h, items, late, keep]
  properties:
    p: {{type: integer}}
    n: {{type: integer}}
    items: {{type: array, minItems: 1}}
steps:
  - drop_if: {{field: keep, equals: false}}
  - emit: chaos-copies
  - reject_if: {{field: late, equals: true}}
  - explode: items
output: {{topic: chaos-out}}
dead_letters: {{topic: chaos-dead}}
delivery:
  guarantee: {guarantee}
  commit_every: {commit_every}ms
  transaction_timeout: {transaction}ms
report: {{every: 10s}}
memory: 64MiB
stop_deadline: 10s
"""


class Settings:
    """What the pipelines of a run say; by default short times, so that a fault every few seconds
    meets members that are at work."""

    def __init__(self, guarantee, session=SESSION, transaction=TRANSACTION_TIMEOUT, named=True):
        self.guarantee = guarantee
        self.session = session
        self.transaction = transaction
        self.named = named  # whether members have an instance name

    def pipeline(self, slot, bootstrap):
        top = [f"session_timeout: {self.session * 1000:.0f}ms"]
        if self.named:
            top.append(f"instance: {slot}")
        return PIPELINE.format(
            top="\n".join(top), bootstrap=bootstrap, slot=slot, guarantee=self.guarantee,
            heartbeat=int(min(self.session * 150, 3000)), commit_every=int(COMMIT_EVERY * 1000),
            transaction=int(self.transaction * 1000)) + counts.INSIGHTS


class Member:
    """One copy, again and again: its process, its logs, its reports."""

    def __init__(self, program, folder, slot, settings, bootstrap, environment):
        self.program = program
        self.folder = folder
        self.slot = slot
        self.environment = environment
        self.file = folder / f"{slot}.yaml"
        self.file.write_text(settings.pipeline(slot, bootstrap))
        self.starts = 0
        self.process = None
        self.paused = False
        self.told_to_end = False
        self.began = 0.0
        self.report = None

    def check(self):
        """What the program says about the pipeline, empty where it is good."""
        done = subprocess.run([self.program, "check", self.file], capture_output=True, text=True,
                              check=False, env=self._environment())
        return "" if done.returncode == 0 else done.stdout + done.stderr

    def fleet(self):
        """What `millrace report` says of all members together, and what is wrong with it."""
        done = subprocess.run([self.program, "report", self.file, "--json"], capture_output=True,
                              text=True, check=False, env=self._environment())
        try:
            return json.loads(done.stdout), "" if done.returncode == 0 else (
                f"millrace report: exit code {done.returncode}: {done.stderr}")
        except ValueError:
            return None, f"millrace report: exit code {done.returncode}: {done.stderr}"

    def finish(self):
        """Runs once more, to the end of the input; what is wrong with that."""
        self.start(["--until-end"])
        code = self.process.wait(60)
        self.process = None
        return f"exit code {code} after the end" if code else self.broken_report()

    def _environment(self):
        return {**os.environ, **self.environment}

    def start(self, arguments=()):
        self.starts += 1
        self.report = self.folder / f"{self.slot}.{self.starts}.json"
        with (self.folder / f"{self.slot}.{self.starts}.err").open("wb") as err, \
                (self.folder / f"{self.slot}.{self.starts}.out").open("wb") as out:
            self.process = subprocess.Popen(
                [self.program, "run", self.file, "--report-json", self.report, *arguments],
                stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=self._environment(),
                start_new_session=True)
        self.began = time.monotonic()
        self.paused = False
        self.told_to_end = False

    def runs(self):
        return self.process is not None and self.process.poll() is None

    def available(self):
        """Whether a fault may take it."""
        return self.runs() and not self.paused and not self.told_to_end

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process = None
        self.paused = False

    def terminate(self):
        self.told_to_end = True
        self.process.send_signal(signal.SIGTERM)

    def pause(self):
        self.paused = True
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        if self.paused and self.process is not None:
            self.paused = False
            self.began = time.monotonic()
            self.process.send_signal(signal.SIGCONT)

    def ended(self):
        """The exit code of a process that ended without SIGKILL of ours; once."""
        if self.process is None or self.process.poll() is None:
            return None
        code = self.process.returncode
        self.process = None
        return code

    def last_words(self):
        lines = (self.folder / f"{self.slot}.{self.starts}.err").read_text(errors="replace")
        return "\n".join(lines.splitlines()[-3:])

    def broken_report(self):
        """What is wrong with the final report of the last run; empty if nothing. A run that a
        signal ended before its start was over has read nothing and makes none."""
        if not self.report.exists() and "before the start was over" in self.last_words():
            return ""
        try:
            report = json.loads(self.report.read_text())
        except (OSError, ValueError) as e:
            return f"no final report: {e}"
        if not report["final"]:
            return "the report is not final"
        if not report["identity"]["holds"]:
            return f"the identity does not hold: {report['identity']['broken']}"
        return ""

    def end(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
