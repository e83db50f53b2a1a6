# SPDX-License-Identifier: Apache-2.0
"""What goes wrong, in which order and when: a function of the seed."""

import dataclasses
import math
import random

NETWORK = ("stall both", "stall requests", "stall answers", "unanswered", "delay", "drop", "cut")


@dataclasses.dataclass
class Fault:
    kind: str
    gap: float  # seconds after the beginning of the one before
    victim: str = ""  # a member's slot, or `all`
    lasts: float = 0.0  # seconds until the restart, SIGCONT, the end of the network fault
    detail: str = ""
    broker: int = 0
    milliseconds: int = 0


def plan(seed, kills, brokers, session, slots="ab"):
    """`kills` SIGKILLs of the members `slots` and a mix of everything else, in a random order."""
    chance = random.Random(seed)
    kinds = (["kill"] * kills + ["term"] * math.ceil(kills / 5) + ["pause"] * math.ceil(kills / 5)
             + ["churn"] * math.ceil(kills / 8) + ["network"] * math.ceil(kills / 4)
             + ["broker_kill"] * max(1, kills // 10) + ["broker_restart"] * (kills // 10))
    chance.shuffle(kinds)
    faults = [_fault(chance, kind, brokers, session, slots) for kind in kinds]
    killed = 0
    for i, fault in enumerate(faults):  # a fault that kills both counts twice
        killed += {"kill": 2 if fault.victim == "all" else 1}.get(fault.kind, 0)
        if killed >= kills and fault.kind == "kill":
            rest = [other for other in faults[i + 1:] if other.kind != "kill"]
            return faults[:i + 1] + rest
    return faults


def _fault(chance, kind, brokers, session, slots):
    fault = Fault(kind, chance.uniform(2.5, 5.0), chance.choice(slots))
    if kind == "kill":
        if len(slots) > 1 and chance.random() < 0.1:
            fault.victim = "all"
        # Back before the group has noticed, or long after.
        fault.lasts = (chance.uniform(0.0, 0.5) if chance.random() < 0.6
                       else session + chance.uniform(0.5, 3.0))
    elif kind == "term":
        fault.lasts = chance.uniform(0.0, 1.5)
    elif kind == "pause":
        # Longer than the session; at times longer than a transaction may be open too.
        fault.lasts = session + (chance.uniform(0.5, 2.0) if chance.random() < 0.7
                                 else chance.uniform(4.0, 6.0))
    elif kind == "churn":
        fault.victim = "c"
        fault.lasts = chance.uniform(3.0, 6.0)
        fault.detail = chance.choice(("SIGTERM", "SIGKILL"))
    elif kind == "network":
        if chance.random() < 0.3:
            fault.victim = "all"
        fault.detail = chance.choice(NETWORK)
        fault.lasts = chance.uniform(0.5, 6.0)
        fault.milliseconds = chance.randrange(50, 300)
    else:
        fault.victim = ""
        fault.broker = chance.randrange(brokers)
        fault.lasts = chance.uniform(0.0, 1.0)
    return fault


def describe(fault):
    match fault.kind:
        case "kill":
            return f"SIGKILL {fault.victim}, started again after {fault.lasts:.1f} s"
        case "term":
            return f"SIGTERM {fault.victim}, started again {fault.lasts:.1f} s after its end"
        case "pause":
            return f"SIGSTOP {fault.victim} for {fault.lasts:.1f} s"
        case "churn":
            return f"a third member for {fault.lasts:.1f} s, then {fault.detail}"
        case "network":
            delay = f" by {fault.milliseconds} ms" if fault.detail == "delay" else ""
            return f"network of {fault.victim}: {fault.detail}{delay} for {fault.lasts:.1f} s"
        case "broker_kill":
            return f"broker {fault.broker + 1}: kill -9, started again after {fault.lasts:.1f} s"
        case _:
            return f"broker {fault.broker + 1}: clean stop, started again"
