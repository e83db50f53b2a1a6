# SPDX-License-Identifier: Apache-2.0
"""From what was seen to a verdict."""

import json

from members import COMMIT_EVERY, SESSION

# At least once: a repeat may go back as far as what was written since the last commit: an interval,
# and the time that a commit takes, next to brokers, readers and another member on the same machine.
COMMIT_TAKES = 1.5
# A member that its group goes on without finds out by its next heartbeat, a third of the session
# later, and writes what the next owner writes too until then.
UNAWARE = SESSION / 3 + 1.0
# After a broker or a network came back, leaders and coordinators are still to be found.
RECOVERY = 5.0


def give(run, stopped, final, marks, miscounted=None):
    """Prints everything and the verdict; whether the guarantee holds. `miscounted` are sentences on
    the insights, None where they were not looked at."""
    options = run.options
    wrong = [stopped] if stopped else []
    wrong += run.complaints
    print(f"chaos: {options.guarantee}, {options.records} records, {options.kills} kills, "
          f"seed {options.seed}, {options.brokers} broker(s), {options.instances} instances"
          + (f", planted: {options.plant}" if options.plant else ""))
    print("faults:")
    for when, text in run.faults:
        print(f"  {when:6.1f} s  {text}")
    print(f"kills: {run.kills}, of which {run.kills_that_hit} hit a member that owned partitions "
          "and was at work")
    if run.follower.found or run.follower.status:
        wrong += judge("while it ran", run.follower.found or run.follower.status, options)
    if final:
        wrong += judge("from the beginning", final, options)
        wrong += judge_logs(final, marks)
    if miscounted is not None:
        print(f"insights and windows, over all restarts: {run.counted}: "
              f"{'wrong' if miscounted else 'exact'}")
        wrong += miscounted
    if options.guarantee == "exactly_once" and marks["aborted"] < run.kills_that_hit / 2:
        print("note: few transactions were aborted; most faults missed an open one")
    print(f"transactions: {marks['committed']} committed, {marks['aborted']} aborted at least "
          f"(markers on the outputs: {marks['commit_markers']} commit, {marks['abort_markers']} "
          f"abort); records of aborted transactions in the log: {marks['aborted_records']}")
    if options.guarantee == "at_least_once" and final:
        wrong += judge_replays(run, final["replays"])
    for sentence in wrong:
        print(f"VIOLATION: {sentence}")
    (run.folder / "result.json").write_text(json.dumps({
        "faults": run.faults, "windows": run.windows, "instants": run.instants,
        "follower": run.follower.found or run.follower.status, "final": final, "markers": marks,
        "violations": wrong}, indent=1))
    print(f"in {run.seconds():.0f} s")
    print("verdict: " + ("VIOLATED" if wrong else "holds"))
    return not wrong


def judge(when, found, options):
    print(f"read {when}: {found['input']} records of the input, {found['read']} outputs; "
          f"lost {found['lost']}, duplicated {found['duplicated']}, out of order "
          f"{found['out_of_order']}, foreign {found['foreign']}, wrong content "
          f"{found['bad_content']}, wrong provenance {found['bad_provenance']}")
    wrong = []
    if found["violations"]:
        wrong.append(f"read {when}: {found['violations']} violations: "
                     + "; ".join(found["sentences"][:10]))
    if found.get("bad_input"):
        wrong.append("the input itself is not as it was meant: a fault of the harness")
    if "offsets" in found:
        if found["input"] != options.records:
            wrong.append(f"the input has {found['input']} records instead of {options.records}")
        if found["offsets"] != found["input_ends"]:
            wrong.append(f"the group's offsets {found['offsets']} are not the ends of the input "
                         f"{found['input_ends']}")
    return wrong


def judge_logs(final, marks):
    """What the reader was given must be what the log says is committed, record for record."""
    wrong = []
    for partition, delivered in final["delivered"].items():
        committed = marks["committed_records"].get(partition, 0)
        if committed != delivered:
            wrong.append(f"{partition}: the log has {committed} committed records, the reader got "
                         f"{delivered}")
    return wrong


def judge_replays(run, replays):
    """What repeated must have been written since the last commit before the fault."""
    wrong = []
    longest = most = 0
    allowed = COMMIT_EVERY + COMMIT_TAKES
    for replay in replays:
        most = max(most, replay["length"])
        span = (replay["until"] - replay["since"]) / 1000
        longest = max(longest, span)
        # A member that was stopped sends what it had queued when it wakes up, with its old time.
        since = min(replay["since"], replay["at"]) / 1000
        until = max(replay["until"], replay["at"]) / 1000
        broken = sum(max(0.0, min(until, end + RECOVERY) - max(since, begin - RECOVERY))
                     for begin, end, what in run.windows
                     if end is not None and what != "a dead member")
        begins = since - COMMIT_EVERY - UNAWARE
        if not broken and not any(begins <= at <= until for at in run.instants):
            wrong.append(f"a repeat that no fault explains: {replay}")
        if span > allowed + broken:
            wrong.append(f"a repeat goes back {span:.2f} s, which is more than {allowed:.1f} s and "
                         f"{broken:.1f} s of faults: {replay}")
    total = sum(replay["length"] for replay in replays)
    print(f"repeats: {total} records in {len(replays)} runs, the longest {most} records; the "
          f"oldest record repeated had been written {longest:.2f} s before the newest "
          f"(bound: {allowed:.1f} s, and the time in which something was broken)")
    return wrong[:5]
