# SPDX-License-Identifier: Apache-2.0
"""Where a figure was measured, as far as it says what the figure means: the commit, the processor,
and what else it was doing. Never the name of the machine."""

import pathlib
import platform
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]


def commit():
    """As git calls it, with -dirty behind it where files differ; or "unknown"."""
    done = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"],
                          capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def processor():
    """Its model, or the architecture where the kernel names no model."""
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def busy(seconds=1):
    """The share of all cores' time that anything took within some seconds from now, 0 to 1. Unlike
    the load average it forgets what has just ended, such as another measurement."""
    before = spent()
    time.sleep(seconds)  # the measured time itself
    idle, total = (now - then for now, then in zip(spent(), before))
    return 1 - idle / total if total > 0 else 0.0


def spent():
    """Ticks of all cores since the start: idle ones (waiting for disks included), and all."""
    line = pathlib.Path("/proc/stat").read_text(encoding="ascii").splitlines()[0]
    ticks = [int(word) for word in line.split()[1:9]]
    return ticks[3] + ticks[4], sum(ticks)
