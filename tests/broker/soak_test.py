# SPDX-License-Identifier: Apache-2.0
"""The long lane: what faults_test.py does once or twice, many times over."""

import killing
import trial


class Soak(trial.Trial):
    def test_nothing_is_lost_over_twenty_kills(self):
        killing.kill_and_check(self, records=200_000, kills=20, guarantee="exactly_once")


if __name__ == "__main__":
    trial.main()
