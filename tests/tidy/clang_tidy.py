#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""clang_tidy.py BUILD_DIR [NAME...]: clang-tidy over the sources of a build, in parallel.

A source is not analysed again while nothing that it depends on has changed: its own text, the
headers that ninja recorded for it, there or in build/release (compilers do not differ in them), the
compiler's command line, .clang-tidy and clang-tidy itself.
Which ones were without findings is kept in ~/.cache, so that another clone need not find out anew.
With NAMEs only sources whose path contains one of them. Exit code 1 if there are findings.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ("engine", "bench", "tests")


def digest_of(path, known={}):  # the default is the memory: most headers are shared
    if path not in known:
        try:
            known[path] = hashlib.sha256(pathlib.Path(path).read_bytes()).digest()
        except OSError:
            known[path] = b""
    return known[path]


def dependencies(build):
    """What ninja recorded while building: output -> the files that it was made from."""
    if not (build / "build.ninja").exists():
        return {}
    text = subprocess.run(["ninja", "-C", str(build), "-t", "deps"], capture_output=True,
                          text=True, check=True).stdout
    found = {}
    for block in text.split("\n\n"):
        lines = block.splitlines()
        if lines and ": #deps" in lines[0]:
            files = [str((build / line.strip()).resolve()) for line in lines[1:]]
            found[lines[0].split(": #deps")[0]] = files
    return found


def key_of(entry, files, base, build):
    def moved(text):  # the same wherever the clone is
        return text.replace(str(build), "BUILD").replace(str(ROOT), "ROOT").encode()

    digest = hashlib.sha256(base)
    digest.update(moved(entry["command"]))
    for path in [entry["file"], *files]:
        digest.update(moved(path))
        digest.update(digest_of(path))
    return digest.hexdigest()


def cache_folder():
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    folder = pathlib.Path(base) / "millrace" / "clang-tidy"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def analyse(tool, build, path):
    began = time.monotonic()
    done = subprocess.run([tool, "--quiet", "-p", str(build), path], capture_output=True,
                          text=True, check=False)
    return done.returncode, done.stdout, done.stderr, time.monotonic() - began


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    names = sys.argv[2:]
    tool = shutil.which("clang-tidy-14") or shutil.which("clang-tidy")
    version = subprocess.run([tool, "--version"], capture_output=True, check=True).stdout
    base = version + (ROOT / ".clang-tidy").read_bytes()
    cache = cache_folder()
    recorded = dependencies(ROOT / "build" / "release") | dependencies(build)

    sources, work = set(), []
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["file"]).resolve()
        if path in sources or not path.is_relative_to(ROOT):
            continue
        relative = path.relative_to(ROOT)
        wanted = not names or any(name in str(relative) for name in names)
        if relative.parts[0] not in FOLDERS or not wanted:
            continue
        sources.add(path)
        output = re.search(r" -o (\S+)", entry["command"])
        files = recorded.get(output.group(1), []) if output else []
        key = key_of(entry, files, base, build)
        if not files or not (cache / key).exists():
            work.append((path, relative, key))

    print(f"clang-tidy: {len(work)} of {len(sources)} sources to analyse", flush=True)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        running = {pool.submit(analyse, tool, build, str(path)): (relative, key)
                   for path, relative, key in work}
        for number, done in enumerate(concurrent.futures.as_completed(running), 1):
            relative, key = running[done]
            code, out, err, seconds = done.result()
            verdict = "ok" if code == 0 else "FINDINGS"
            print(f"[{number}/{len(work)}] {relative} {verdict} ({seconds:.1f} s)", flush=True)
            if code == 0:
                (cache / key).touch()
            else:
                failed += 1
                print(out.replace(f"{ROOT}/", "") or err, flush=True)
    if failed:
        print(f"clang-tidy: findings in {failed} sources", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
