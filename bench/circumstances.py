# SPDX-License-Identifier: Apache-2.0
"""Where a figure was measured, as far as it says what the figure means: the commit and the
processor. Never the name of the machine."""

import pathlib
import platform
import subprocess

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
