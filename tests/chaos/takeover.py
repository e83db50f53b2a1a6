# SPDX-License-Identifier: Apache-2.0
"""How long the partitions of a member that was killed stand still, and what decides it."""

import statistics
import time

import witness
from members import Settings
from run import PATIENCE, Run, say

# Session timeout, transaction timeout: the defaults, and short ones.
TIMES = [(10.0, 10.0), (2.0, 5.0)]
RESTART_AFTER = 0.1


class Takeover(Run):
    def begin(self):
        """A stream without end, and two members at work."""
        self.feed = witness.Feed(self.folder, self.cluster.bootstrap, 10**9, self.options.seed,
                                 2000)
        for slot in "ab":
            self.members[slot].start()
        self.settle()

    def settle(self):
        self.until(lambda: self.works("a") and self.works("b"), PATIENCE, "both members at work")
        self.until(lambda: False, 2)

    def once(self, restart):
        """Seconds until the last of the killed member's partitions gave outputs again that a
        reader of committed records saw, and how long the other member's gave none meanwhile."""
        owned = self.kill("a")
        self.follower.tell(f"mark {time.time() * 1000:.0f}")
        killed = time.time()
        if restart:
            self.later(RESTART_AFTER, self.members["a"].start)
        others = [p for p in range(witness.PARTITIONS) if p not in owned]

        def moved():
            return self.follower.status.get("moved", {})
        self.until(lambda: self.moved_since(killed, moved()), PATIENCE, "take-over")
        stood = max((moved()[str(p)] / 1000 - killed for p in owned), default=0.0)
        if not restart:
            self.members["a"].start()
        self.settle()
        silent = max((silence["to"] - silence["from"] for silence in self.follower.silences
                      if silence["partition"] in others and killed * 1000 < silence["to"]
                      and silence["from"] < (killed + stood) * 1000), default=0) / 1000
        return owned, [stood, silent]

    def moved_since(self, killed, moved):
        """All partitions have; what was said before the kill is an answer to an older question."""
        return len(moved) == witness.PARTITIONS and all(at / 1000 >= killed
                                                        for at in moved.values())


def measure(options, folder):
    rows = []
    complaints = []
    for session, transaction in TIMES:
        for named in (True, False):
            settings = Settings(options.guarantee, session, transaction, named)
            place = folder / f"{session:.0f}-{transaction:.0f}-{'named' if named else 'unnamed'}"
            place.mkdir()
            run = Takeover(place, options.program, settings, options)
            try:
                run.begin()
                for restart in (True, False):
                    found = []
                    for _ in range(options.rounds):
                        owned, seconds = run.once(restart)
                        found.append(seconds)
                        say(f"session {session:.0f} s, transaction {transaction:.0f} s, "
                            f"{'instance' if named else 'no instance'}, "
                            f"{'restart' if restart else 'no restart'}: it had {owned}; "
                            f"{seconds[0]:.2f} s; the other's were silent for "
                            f"{seconds[1]:.2f} s")
                    rows.append((session, transaction, named, restart, found))
                complaints += run.complaints
            finally:
                run.end()
    table(options, rows)
    late = [row for row in rows if row[2] and row[3]
            and statistics.median(seconds[0] for seconds in row[4]) >= 3.0]
    for sentence in complaints:
        print(f"VIOLATION: {sentence}")
    print("with `instance` and a restart the partitions move again within 3 s: "
          + ("no" if late else "yes"))
    return 1 if late or complaints else 0


def table(options, rows):
    print(f"take-over after SIGKILL, {options.guarantee}, {options.brokers} broker(s), 2 members, "
          f"{witness.PARTITIONS} partitions, 2,000 records/s; seconds until the dead member's "
          "partitions give committed outputs again, and for which the other's gave none, median "
          f"and worst of {options.rounds}; a restart comes {RESTART_AFTER} s after the kill")
    print("| `session_timeout` | `transaction_timeout` | `instance` | restart "
          "| the dead member's | worst | the other's | worst |")
    print("|---|---|---|---|---|---|---|---|")
    for session, transaction, named, restart, found in rows:
        cells = [f"{session:.0f} s", f"{transaction:.0f} s", "yes" if named else "no",
                 f"after {RESTART_AFTER} s" if restart else "no"]
        for of in (0, 1):
            times = [seconds[of] for seconds in found]
            cells += [f"{statistics.median(times):.1f}", f"{max(times):.1f}"]
        print(f"| {' | '.join(cells)} |")
