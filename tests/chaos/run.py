# SPDX-License-Identifier: Apache-2.0
"""One chaos run: brokers, members and readers, and a clock that everything is done by."""

import heapq
import itertools
import sys
import time

import witness
from cluster import Cluster, Network, SLOTS, Trouble
from members import Member

HANG = 90.0  # seconds without progress while nothing is broken
AFTERMATH = 3.0  # seconds from a violation to the end of the run, for the sake of the logs
PATIENCE = 240.0  # for what must happen at the start and at the end


def say(text):
    print(text, file=sys.stderr, flush=True)


class Violation(Exception):
    """The program did what it must not do, and the run cannot go on."""


class Run:
    def __init__(self, folder, program, settings, options, environment=None):
        self.folder = folder
        self.options = options
        self.settings = settings
        self.began = time.monotonic()
        self.events = []  # (when, number, what)
        self.numbers = itertools.count()
        self.faults = []  # (seconds, text), as they really happened
        self.windows = []  # [from, until or None, what], seconds since 1970: something is broken
        self.instants = []  # seconds since 1970: a fault, or a rebalance
        self.complaints = []
        self.kills = 0
        self.kills_that_hit = 0
        self.moved = [0.0] * witness.PARTITIONS  # when a partition's outputs last grew
        self.counts = [0] * witness.PARTITIONS
        self.settled = [0.0] * witness.PARTITIONS  # when its committed offset last grew, or was all
        self.offsets = [-1] * witness.PARTITIONS
        self.membership = None
        self.seen_wrong = None  # when the reader first saw a violation
        self.next_word = 0.0
        self.words = ""
        self.counted = ""  # what the insights were compared over
        self.feed = self.follower = self.cluster = None
        self.members = {}
        self.network = Network(folder)
        try:
            self._start(program, environment or {})
        except BaseException:
            self.end()
            raise

    def _start(self, program, environment):
        say("starting brokers...")
        self.cluster = Cluster(self.folder, self.options.brokers, self.network)
        self.cluster.start()
        self.plan = witness.plan(self.cluster, self.options.seed, self.options.guarantee)
        self.follower = witness.Follower(self.folder, self.plan)
        for slot in SLOTS:
            self.members[slot] = Member(program, self.folder, slot, self.settings,
                                        self.cluster.bootstrap_of(slot), environment)
        if words := self.members["a"].check():
            raise Trouble(f"the pipeline is refused: {words}")
        self.until(lambda: self.follower.status, PATIENCE, "the reader reads")
        self.began = time.monotonic()

    def seconds(self):
        return time.monotonic() - self.began

    def later(self, delay, what):
        heapq.heappush(self.events, (time.monotonic() + delay, next(self.numbers), what))

    def note(self, text):
        self.faults.append((self.seconds(), text))
        self.instants.append(time.time())
        self.words = text

    # ------------------------------------------------------------------------- broken windows

    def broken(self, what):
        """Opens a window in which something is broken; close() it."""
        window = [time.time(), None, what]
        self.windows.append(window)
        return window

    @staticmethod
    def close(window):
        window[1] = time.time()

    def quiet_since(self):
        """When the last thing that was broken was whole again; None while something is not."""
        if any(until is None for _, until, _ in self.windows):
            return None
        return max([until for _, until, _ in self.windows], default=0.0)

    # ------------------------------------------------------------------------------ the clock

    def pump(self):
        """Does what is due, and looks at everything once."""
        while self.events and self.events[0][0] <= time.monotonic():
            heapq.heappop(self.events)[2]()
        self.follower.look()
        if self.feed:
            self.feed.look()
        self._look_at_progress()
        for member in self.members.values():
            told = member.told_to_end
            code = member.ended()
            if code is not None:
                self.on_end(member, code, told)
        self._word()
        time.sleep(0.02)

    def on_end(self, member, code, told):
        if not told:
            self.complaints.append(f"{member.slot} ended by itself with exit code {code} at "
                                   f"{self.seconds():.1f} s: {member.last_words()}")
            say(self.complaints[-1])
            self.later(1.0, lambda: None if member.runs() else member.start())

    def until(self, condition, timeout, what=""):
        """Pumps until the condition holds; False, or a violation if `what` is said, if it never
        did."""
        deadline = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > deadline:
                if what:
                    raise Violation(f"{what}: not within {timeout:.0f} s")
                return False
            self.pump()
        return True

    def _look_at_progress(self):
        status = self.follower.status
        if not status:
            return
        now = time.time()
        if status["violations"]:
            self.seen_wrong = self.seen_wrong or now
            if now - self.seen_wrong > AFTERMATH:
                raise Violation("the reader saw violations: the run was stopped")
        group = status["group"]
        membership = (group.get("state"), group.get("members"))
        if membership != self.membership:
            self.membership = membership
            self.instants.append(now)  # a rebalance may make repeats
        offsets = group.get("offsets", {})
        for partition in range(witness.PARTITIONS):
            count = status["by_partition"][partition]
            if count != self.counts[partition]:
                self.counts[partition] = count
                self.moved[partition] = status["now"] / 1000
            offset = offsets.get(str(partition), 0)
            if offset != self.offsets[partition] or offset >= status["inputs"][partition]:
                self.offsets[partition] = offset
                self.settled[partition] = now
        quiet = self.quiet_since()
        if quiet is None or not any(member.runs() for member in self.members.values()):
            self.settled = [now] * witness.PARTITIONS
            return
        for partition, since in enumerate(self.settled):
            if now - max(quiet, since) > HANG:
                raise Violation(f"partition {partition} of the input stands at offset "
                                f"{self.offsets[partition]} for {HANG:.0f} s, though nothing is "
                                "broken")

    def _word(self):
        if time.monotonic() < self.next_word:
            return
        self.next_word = time.monotonic() + 3.0
        status = self.follower.status
        if status:
            say(f"{self.seconds():6.1f} s  fed {self.feed.sent if self.feed else 0}, outputs "
                f"{status['read']}, settled {sum(max(0, o) for o in self.offsets)}, duplicated "
                f"{status['duplicated']}, violations {status['violations']}, kills {self.kills} "
                f"({self.kills_that_hit} hit); {self.words}")

    # ---------------------------------------------------------------------------- the members

    def group_is_fresh(self):
        group = self.follower.status.get("group", {})
        return time.time() - group.get("at", 0) / 1000 < 1.5

    def works(self, slot):
        """Whether the member owns partitions, one of which gave outputs within the last second."""
        member = self.members[slot]
        return (member.available() and time.monotonic() - member.began > 1.0
                and self.group_is_fresh()
                and any(time.time() - self.moved[p] < 1.0 for p in self.follower.owned(slot)))

    def kill(self, slot):
        """SIGKILL; returns the partitions that the member had."""
        owned = self.follower.owned(slot) if self.works(slot) else []
        self.members[slot].kill()
        self.kills += 1
        self.kills_that_hit += bool(owned)
        return owned

    def end(self):
        for member in self.members.values():
            member.end()
        for process in (self.feed, self.follower, self.network):
            if process:
                process.end()
        if self.cluster:
            self.cluster.end()
