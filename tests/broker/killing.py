# SPDX-License-Identifier: Apache-2.0
"""A pipeline that is killed again and again, and what the witness says afterwards."""

import os
import random
import signal
import time

# Many small requests and little read ahead, so that there is a middle to hit.
SLOWLY = {"kafka": ["batch.num.messages: 20"], "top": ["memory: 64MiB"]}


def kill_and_check(test, records, kills, guarantee):
    """Sends `records`, runs and SIGKILLs the pipeline `kills` times, lets it come to the end, and
    has the witness check that nothing was lost and first occurrences are in order, and with
    exactly_once that nothing was repeated."""
    seed = int(os.environ.get("MILLRACE_TEST_SEED", random.SystemRandom().randrange(10**6)))
    print(f"  MILLRACE_TEST_SEED={seed}")
    chance = random.Random(seed)
    # A dead member's group waits for the session timeout.
    job = test.pipeline("killed", report="5000 records", guarantee=guarantee,
                        top=[*SLOWLY["top"], "session_timeout: 2s", "instance: only"],
                        kafka=SLOWLY["kafka"]).create()
    job.generate(records, "--defects", "5%", "--seed", seed)
    for _ in range(kills):
        run = job.start()
        run.await_log(r"consumed=\d+ ")
        time.sleep(chance.uniform(0, 0.2))  # where in the interval is the point of this test
        run.signal(signal.SIGKILL)
        run.end(-signal.SIGKILL)
    report = test.expect_holds(job.start("--until-end"))
    found = job.check()
    print(f"  duplicates after {kills} kills: {found['duplicates']}, "
          f"the last run read {report['totals']['consumed']}")
    test.assertGreater(report["totals"]["consumed"], 0)
    if guarantee == "exactly_once":
        test.assertEqual(found["duplicates"], 0)
