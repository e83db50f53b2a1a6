# SPDX-License-Identifier: Apache-2.0
"""DuckDB, which computes what insights must be: in a virtual environment under build/oracle."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = "duckdb==2.0.0"
HOME = HERE.parents[1] / "build" / "oracle" / PACKAGE.replace("==", "-")
EXIT_SKIPPED = 77


def run_with_it():
    """Starts this program again by the Python that has DuckDB, if this is another one."""
    if pathlib.Path(sys.prefix) == HOME:
        return
    if not HOME.exists():
        _install()
    python = HOME / "bin" / "python"
    os.execv(python, [python, *sys.argv])


def _install():
    print(f"Fetching {PACKAGE} from PyPI into build/oracle (25 MB, once)...", flush=True)
    HOME.parent.mkdir(parents=True, exist_ok=True)
    fresh = pathlib.Path(tempfile.mkdtemp(dir=HOME.parent))
    for command in ([sys.executable, "-m", "venv", fresh],
                    [fresh / "bin" / "python", "-m", "pip", "--disable-pip-version-check",
                     "install", "--quiet", "--retries", "2", "--timeout", "15", PACKAGE]):
        try:
            done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True,
                                  stderr=subprocess.STDOUT, timeout=300)
        except subprocess.TimeoutExpired:
            done = subprocess.CompletedProcess(command, 1, "no answer within 300 s")
        if done.returncode != 0:
            print(f"SKIPPED: {PACKAGE} could not be installed from PyPI:\n{done.stdout.strip()}")
            shutil.rmtree(fresh)
            sys.exit(EXIT_SKIPPED)
    try:
        os.rename(fresh, HOME)
    except OSError:  # another test was faster
        shutil.rmtree(fresh)


def expectations(input_file):
    """Yields what insights.sql says: name, kind and rows."""
    import duckdb  # pylint: disable=import-outside-toplevel
    parts = re.split(r"^--- (\w+): (.+)$", (HERE / "insights.sql").read_text(), flags=re.MULTILINE)
    with duckdb.connect() as database:
        database.execute("set variable input = ?", [str(input_file)])
        database.execute("set timezone = 'UTC'")
        database.execute(parts[0])
        for name, kind, query in zip(parts[1::3], parts[2::3], parts[3::3]):
            yield name, kind, database.execute(query).fetchall()
