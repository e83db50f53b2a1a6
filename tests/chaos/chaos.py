#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""chaos.py PROGRAM --guarantee exactly_once --records N --kills N --seed S: breaks everything that
can break around a running pipeline, and has an independent reader judge what came out.

Exit codes: 0 the guarantee holds, 1 it is violated (the logs are kept), 2 usage or the harness
itself failed, 77 Kafka's jars could not be fetched."""

import argparse
import pathlib
import random
import shutil
import signal
import sys
import time

import counts
import faults
import takeover
import verdict
import witness
from cluster import ROOT, Trouble, kafka, signal_name
from members import Settings
from run import PATIENCE, Run, Violation, say

# See planted.cc.
PLANTS = ("skip", "repeat", "swap", "commit_early", "lose_window", "repeat_window", "forget_window")
SECONDS_PER_FAULT = 5.5  # about: the pace of the feed is corrected after each


class Chaos(Run):
    """A run in which the faults of a plan happen."""

    def go(self):
        slots = "ab"[:self.options.instances]
        plan = faults.plan(self.options.seed, self.options.kills, self.options.brokers,
                           self.settings.session, slots)
        self.feed = witness.Feed(self.folder, self.cluster.bootstrap, self.options.records,
                                 self.options.seed, 0)
        for slot in slots:
            self.members[slot].start()
        self.pace(len(plan))
        self.until(lambda: all(self.works(slot) for slot in slots), PATIENCE,
                   "all members at work")
        next_fault = time.monotonic() + 1.0
        for number, fault in enumerate(plan):
            self.until(lambda: time.monotonic() >= next_fault, 600)
            self.until(lambda: self.ready(fault), 30)
            next_fault = time.monotonic() + fault.gap
            self.happen(fault)
            self.pace(len(plan) - number - 1)
        self.until(lambda: not self.events and self.quiet_since() is not None, PATIENCE,
                   "everything whole again")

    def pace(self, faults_left):
        """So that the input lasts as long as the faults do."""
        left = self.options.records - self.feed.sent
        self.feed.pace(max(200, min(20_000, left / (SECONDS_PER_FAULT * (faults_left + 1)))))

    def ready(self, fault):
        """Whether this fault would meet what it is meant for. One thing is broken at a time, but
        for faults that overlap because members come back late."""
        if fault.kind in ("broker_kill", "broker_restart", "network"):
            return self.quiet_since() is not None
        if fault.kind == "churn":
            return self.members["c"].process is None
        if fault.victim == "all":
            return self.works("a") and self.works("b")
        return self.works(fault.victim)

    # --------------------------------------------------------------------- what each fault does

    def happen(self, fault):
        # One that is not there or does not work may be taken all the same, but is not waited for.
        if fault.kind in ("kill", "term", "pause") and fault.victim != "all" \
                and not self.members[fault.victim].available():
            others = [slot for slot in "ab" if self.members[slot].available()]
            if not others:
                self.note(f"(left out, as nobody was there: {faults.describe(fault)})")
                return
            fault.victim = others[0]
        getattr(self, f"do_{fault.kind}")(fault)

    def do_kill(self, fault):
        slots = [slot for slot in ("ab" if fault.victim == "all" else fault.victim)
                 if self.members[slot].available()]
        for slot in slots:
            window = self.broken("a dead member")
            owned = self.kill(slot)
            self.note(f"SIGKILL {slot}, which had {owned or 'nothing'}, started again after "
                      f"{fault.lasts:.1f} s")
            self.later(fault.lasts, lambda slot=slot, window=window: self.revive(slot, window))

    def revive(self, slot, window):
        self.close(window)
        if not self.members[slot].runs():
            self.members[slot].start()

    def do_term(self, fault):
        self.note(faults.describe(fault))
        member = self.members[fault.victim]
        member.restart_after = fault.lasts
        member.terminate()

    def do_pause(self, fault):
        self.note(faults.describe(fault))
        window = self.broken("a stopped member")
        member = self.members[fault.victim]
        member.pause()

        def resume():
            member.resume()
            self.close(window)
        self.later(fault.lasts, resume)

    def do_churn(self, fault):
        self.note(faults.describe(fault))
        member = self.members["c"]
        if member.process is not None:
            return
        member.start()
        member.restart_after = None

        def leave():
            if not member.available():
                return
            if fault.detail == "SIGKILL":
                owned = self.kill("c")
                self.note(f"SIGKILL c, which had {owned or 'nothing'}, and does not come back")
            else:
                member.terminate()
        self.later(fault.lasts, leave)

    def do_network(self, fault):
        self.note(faults.describe(fault))
        window = self.broken("network")
        order = {"delay": ("delay", fault.victim, fault.milliseconds),
                 "drop": ("drop", fault.victim), "cut": ("cut", fault.victim),
                 "unanswered": ("stall", fault.victim, "answers")}
        self.network.order(*order.get(fault.detail, (
            "stall", fault.victim, fault.detail.split(" ")[-1])))

        def heal():
            if fault.detail == "unanswered":  # the answers that were held back are lost
                self.network.order("cut", fault.victim)
            self.network.order("heal", fault.victim)
            self.close(window)
        self.later(fault.lasts, heal)

    def do_broker_kill(self, fault):
        self.bring_down(fault, "kill")

    def do_broker_restart(self, fault):
        self.bring_down(fault, "stop")

    def bring_down(self, fault, how):
        self.note(faults.describe(fault))
        window = self.broken("broker")
        broker = self.cluster.brokers[fault.broker]
        broker.bounce(how, fault.lasts)

        def await_start():
            # A broker that has started is of use once the group's coordinator answers again.
            if broker.started() and self.group_is_fresh():
                self.close(window)
                self.note(f"broker {fault.broker + 1} is back")
            else:
                self.later(0.1, await_start)
        self.later(0.5, await_start)

    def on_end(self, member, code, told):
        super().on_end(member, code, told)
        if told:
            self.judge_end(member, code)
            if getattr(member, "restart_after", None) is not None:
                self.later(member.restart_after, member.start)
                member.restart_after = None

    def judge_end(self, member, code):
        """After SIGTERM: 0, and a report that adds up; 1 is right where brokers were out of reach
        meanwhile."""
        since = time.time() - 20
        disturbed = any(until is None or until > since for _, until, what in self.windows
                        if what in ("network", "broker"))
        if code == 1 and disturbed:
            return
        wrong = f"exit code {signal_name(code)}" if code != 0 else member.broken_report()
        if wrong:
            self.complaints.append(f"{member.slot} after SIGTERM at {self.seconds():.1f} s: "
                                   f"{wrong}\n{member.last_words()}")

    # -------------------------------------------------------------------------------- the end

    def drain(self):
        """The rest of the input, then SIGTERM to all."""
        self.words = "the rest of the input"
        self.feed.pace(20_000)
        self.until(self.feed.done, PATIENCE, "all of the input written")
        self.until(self.all_settled, PATIENCE, "everything settled")
        self.words = "the members end"
        for member in self.members.values():
            member.restart_after = None
            if member.available():
                member.terminate()
        self.until(lambda: not any(m.process for m in self.members.values()), 60,
                   "all members ended after SIGTERM")
        self.words = "reading to the end"
        self.follower.tell("end")
        self.until(lambda: self.follower.found is not None, PATIENCE, "all outputs read")

    def count(self):
        """What is wrong with the insights of all members, and with the windows on their topic, once
        all members have ended."""
        say("comparing insights...")
        expected = counts.Expected(witness.dump(self.plan, witness.INPUT,
                                                self.folder / "input.tsv"))
        member = self.members["a"]
        report, wrong = member.fleet()
        if report and [part["next_offset"] for part in report["partitions"]] != expected.ends:
            # A member died, and nobody had its partitions any more when it was over.
            say("the state is behind the input: a member runs once more...")
            self.words = member.finish()
            if self.words:
                wrong = f"{wrong} a, once more: {self.words}"
            report, more = member.fleet()
            wrong += more
        windows = witness.dump(self.plan, witness.WINDOWS[0], self.folder / "windows.tsv")
        found = counts.judge(expected, report, counts.records(windows)) if report else []
        self.counted = counts.describe(expected)
        return ([wrong] if wrong else []) + found

    def all_settled(self):
        status = self.follower.status
        offsets = status["group"].get("offsets", {})
        return (sum(status["inputs"]) == self.options.records
                and all(offsets.get(str(p), 0) >= status["inputs"][p]
                        for p in range(witness.PARTITIONS)))


def parse(arguments):
    parser = argparse.ArgumentParser(prog="./dev chaos", description=__doc__.split("\n\n")[0])
    parser.add_argument("program", type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--guarantee", choices=("exactly_once", "at_least_once"),
                        default="exactly_once")
    parser.add_argument("--records", type=int, default=200_000, help="of the input")
    parser.add_argument("--kills", type=int, default=20,
                        help="SIGKILLs of members; all other faults are added to them")
    parser.add_argument("--seed", type=int, help="of faults and records; printed if not given")
    parser.add_argument("--brokers", type=int, choices=(1, 3), default=1)
    parser.add_argument("--instances", type=int, choices=(1, 2), default=2)
    parser.add_argument("--plant", choices=PLANTS,
                        help="have the program do something wrong: the verdict must say so")
    parser.add_argument("--keep", action="store_true", help="keep the logs in any case")
    parser.add_argument("--takeover", action="store_true",
                        help="measure how long a dead member's partitions stand still instead")
    parser.add_argument("--rounds", type=int, default=3, help="of each measurement of --takeover")
    options = parser.parse_args(arguments)
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(10**6)
    options.program = options.program.resolve()
    return options


def planted(options):
    """The program to run, and its environment."""
    if not options.plant:
        return options.program, {}
    program = options.program.parent / "tests" / "chaos" / "millrace_planted"
    if not program.exists():
        raise Trouble(f"{program} has not been built")
    return program, {"MILLRACE_PLANT": options.plant}


def chaos(options, folder):
    """One run; whether the guarantee holds."""
    program, environment = planted(options)
    run = Chaos(folder, program, Settings(options.guarantee), options, environment)
    stopped = ""
    final = marks = miscounted = None
    try:
        try:
            run.go()
            run.drain()
        except Violation as violation:
            stopped = str(violation)
            say(stopped)
        if stopped:
            [marks] = witness.ask("markers", run.plan)
        else:
            say("reading everything once more from the beginning...")
            miscounted = run.count()
            [final, marks] = witness.ask("final", run.plan)
    finally:
        run.end()
    return verdict.give(run, stopped, final and final["found"], marks, miscounted)


def main(arguments):
    options = parse(arguments)
    # The folders of earlier runs with this seed are kept.
    folder = ROOT / "build" / "chaos" / f"{options.seed}-{time.strftime('%m%d-%H%M%S')}"
    folder.mkdir(parents=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        kafka("jars")
        if options.takeover:
            return takeover.measure(options, folder)
        holds = chaos(options, folder)
    except (Trouble, Violation) as trouble:  # before there was anything to judge
        say(f"chaos: {trouble}\nThe logs are in {folder}.")
        return 2
    if holds and not options.keep:
        shutil.rmtree(folder)
    else:
        print(f"The logs are in {folder}.")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
