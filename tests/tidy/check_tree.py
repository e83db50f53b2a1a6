#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_tree.py ROOT: the rules of the tree that neither compiler nor clang-format nor clang-tidy
checks. One line per violation, exit code 1 if there are any. self_test.py shows that each rule
can fail.
"""

import pathlib
import re
import subprocess
import sys

COLUMNS_MAX = 100
LINES_MAX = 800
SOURCE_SUFFIXES = {".cc", ".h", ".py", ".sh", ".cmake", ".java"}
SOURCE_NAMES = {"CMakeLists.txt", "dev", "run", "Dockerfile"}
# Text that comes from elsewhere or is data; no rule but the one on machine paths applies.
FOREIGN = re.compile(r"(^|/)(LICENSE|CHANGELOG\.md)$|(^|/)(golden|vectors|third_party|data)/")

# What each room may include; docs/architecture.md has the same table.
ALL = None
LAYERS = {
    "base": set(),
    "config": {"base"},
    "record": {"base"},
    "insights": {"base", "record"},
    "schema": {"base", "record"},
    "steps": {"base", "config", "record"},
    "plan": {"base", "config", "record", "insights", "schema", "steps"},
    "settlement": {"base"},
    "io": {"base", "record"},
    "state": {"base", "record", "insights", "io"},
    "flow": {"base", "config", "record", "insights", "plan", "settlement", "io", "state", "report"},
    "kafka": {"base", "config", "record", "io"},
    "report": {"base", "record", "insights"},
    "serve": {"base", "insights", "report"},
    "trial": {"base", "config", "record", "plan", "insights", "io", "steps"},
    "operate": {"base", "config", "record", "insights", "io", "kafka", "state"},
    "embedded": {"base", "config", "kafka"},
    "app": ALL,
    "cli": ALL,
}

# A library's headers, and the files of engine/ that may include them.
LIBRARIES = [
    ("rdkafka", r"^(librdkafka/|rdkafka)", r"^engine/(kafka|embedded)/"),
    ("oneTBB", r"^(tbb|oneapi)/", r"^engine/flow/"),
    ("simdjson", r"^simdjson", r"^engine/record/[^/]*\.cc$"),
    ("spdlog", r"^spdlog/", r"^engine/base/log\.cc$"),
    ("yaml-cpp", r"^yaml-cpp/", r"^engine/config/[^/]*\.cc$"),
    ("CLI11", r"^CLI/", r"^engine/cli/"),
    ("RE2", r"^re2/", r"^engine/(schema|steps)/"),
    ("OpenSSL", r"^openssl/", r"^engine/(serve|steps)/[^/]*\.cc$"),
    ("prometheus-cpp", r"^prometheus/", r"^engine/serve/metrics\.cc$"),
    ("date", r"^date/", r"^engine/steps/[^/]*\.cc$"),
    ("cpp-httplib", r"^httplib\.h$", r"^engine/(serve/[^/]*|cli/http_get)\.cc$"),
    ("xxHash", r"^xxh", r"^engine/insights/stable_hash\.cc$"),
]

# What C++ must not contain: name, pattern, which files, except which files. The text checked is
# the code without comments and strings, unless `raw`.
BANNED = [
    ("<iostream>: write with fmt, log through base/log.h",
     r"#include <iostream>|\bstd::c(out|err)\b", r".", r"^$", True),
    ("printf: write with fmt",
     r"\b(f|v|vf)?printf\s*\(", r".", r"^engine/base/check\.cc$", False),
    ("sleep: wait on a condition with a deadline, or pass a clock in",
     r"\b(sleep_for|sleep_until|usleep|nanosleep|sleep)\s*\(", r"^engine/", r"^$", False),
    ("`using namespace`, but for literals",
     r"\busing\s+namespace\b(?!\s+std::(\w+_)?literals)", r".", r"^$", False),
    ("standard locks: base/mutex.h has them with annotations",
     r"\bstd::(mutex|condition_variable|lock_guard|scoped_lock|recursive_mutex|shared_mutex)\b",
     r"^engine/", r"^engine/base/mutex\.h$", False),
]
# What no text of ours may contain. The words are cut in two here, so as not to find themselves.
BANNED_WORDS = [
    ("`FIX" "ME`: open an issue and name it", re.compile(r"\bFIX" r"ME\b|\bX" r"XX\b")),
    ("`TO" "DO` without an issue: name one, as in (#123)",
     re.compile(r"\bTO" r"DO\b(?!\(#(\d+)\))")),
]
# Where this tree was written, and hosts that a machine was configured with, are nobody's business.
MACHINE = [
    ("the path of a machine", re.compile(r"(?<![\w.$}/-])/(work|root|home)/[\w.]+")),
    ("the path of a machine", re.compile(r"(?<![\w.$}/-])/(work|root)(?![\w/-])")),
    ("a package host",
     re.compile(r"\b((deb|security|snapshot|ftp[\w.]*)\.debian\.org|(repo1?|repo)\.maven\.(apache\.)?org"
                r"|pypi\.org|registry\.npmjs\.org|crates\.io|proxy\.golang\.org|artifactory)\b")),
]


def strip_code(text):
    """C++ with comments and the insides of strings blanked; line numbers stay."""
    pattern = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"(?P<d>[^(\s]*)\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"', re.S)
    return pattern.sub(lambda m: '""' + "\n" * m.group().count("\n"), text)


def tracked_files(root):
    """Tracked and new files, as git sees them; without git, all but the build folder."""
    done = subprocess.run(["git", "-C", str(root), "ls-files", "-co", "--exclude-standard", "-z"],
                          capture_output=True, text=True, check=False)
    if done.returncode == 0:
        names = [name for name in done.stdout.split("\0") if name]
    else:
        names = [str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()]
        names = [n for n in names if n.split("/")[0] not in ("build", ".git", ".cache")]
    return sorted(n for n in names if (root / n).is_file() and "__pycache__" not in n)


class Tree:
    def __init__(self, root):
        self.root = root
        self.names = tracked_files(root)
        self.problems = []

    def report(self, name, line, text):
        place = f"{name}:{line}" if line else name
        self.problems.append(f"{place}: {text}")

    def check(self):
        for name in self.names:
            raw = (self.root / name).read_bytes()
            if b"\0" in raw:
                continue
            try:
                text = raw.decode()
            except UnicodeDecodeError:
                self.report(name, 0, "is not UTF-8")
                continue
            if not FOREIGN.search(name):
                self.check_text(name, text)
            if name not in ("tests/tidy/check_tree.py", "tests/tidy/self_test.py"):
                self.check_machine(name, text)
        self.check_listed()
        return self.problems

    def check_text(self, name, text):
        path = pathlib.PurePosixPath(name)
        is_source = path.suffix in SOURCE_SUFFIXES or path.name in SOURCE_NAMES
        if is_source:
            if "SPDX-License-Identifier: Apache-2.0" not in "\n".join(text.split("\n")[:3]):
                self.report(name, 1, "lacks the line SPDX-License-Identifier: Apache-2.0")
            self.check_shape(name, text)
            if path.suffix in (".cc", ".h"):
                self.check_cpp(name, text)
        if path.suffix == ".md":
            self.check_markdown(name, text)

    def check_shape(self, name, text):
        lines = text.split("\n")
        if len(lines) > LINES_MAX + 1:
            self.report(name, 0, f"has {len(lines) - 1} lines; {LINES_MAX} at most")
        if text and not text.endswith("\n"):
            self.report(name, len(lines), "lacks the newline at its end")
        for number, line in enumerate(lines, 1):
            # A line that is one long word (an address) cannot be broken.
            if len(line) > COLUMNS_MAX and " " in line.strip().lstrip("/# "):
                self.report(name, number, f"is {len(line)} columns wide; {COLUMNS_MAX} at most")
            if line != line.rstrip():
                self.report(name, number, "has white space at its end")
            if "\t" in line:
                self.report(name, number, "has a tab")
            for what, pattern in BANNED_WORDS:
                if pattern.search(line):
                    self.report(name, number, what)

    def check_cpp(self, name, text):
        stripped = strip_code(text)
        for what, pattern, where, unless, raw in BANNED:
            if not re.search(where, name) or re.search(unless, name):
                continue
            for match in re.finditer(pattern, text if raw else stripped):
                number = (text if raw else stripped).count("\n", 0, match.start()) + 1
                self.report(name, number, f"banned here: {what}")
        if name.endswith(".h") and "#pragma once" not in text:
            self.report(name, 1, "lacks #pragma once")
        for number, line in enumerate(text.split("\n"), 1):
            include = re.match(r'\s*#\s*include\s+([<"])([^>"]+)[>"]', line)
            if include:
                self.check_include(name, number, include.group(1), include.group(2))

    def check_include(self, name, number, quote, target):
        parts = name.split("/")
        if quote == '"' and not re.match(r"(engine|tests|bench)/", target):
            self.report(name, number, f'"{target}" is not rooted: "engine/…", "tests/…", "bench/…"')
        elif quote == '"' and not (self.root / target).is_file():
            self.report(name, number, f'"{target}" does not exist')
        if parts[0] != "engine":
            return
        for library, pattern, allowed in LIBRARIES:
            if re.search(pattern, target) and not re.search(allowed, name):
                self.report(name, number, f"{library} must not be included here: {target}")
        if target.startswith(("tests/", "bench/")):
            self.report(name, number, f"the engine must not include {target}")
        if target.startswith("engine/") and len(parts) > 2:
            self.check_layer(name, number, parts[1], target.split("/")[1])

    def check_layer(self, name, number, room, other):
        if room not in LAYERS:
            self.report(name, 0, f"engine/{room} is not in the table of rooms (check_tree.py)")
        elif LAYERS[room] is not ALL and other != room and other not in LAYERS[room]:
            self.report(name, number, f"engine/{room} must not include engine/{other}")

    def check_markdown(self, name, text):
        prose = re.sub(r"^(```|~~~).*?^\1[^\n]*$", lambda m: "\n" * m.group().count("\n"), text,
                       flags=re.S | re.M)
        titles = re.findall(r"^# \S.*$", prose, re.M)
        if len(titles) != 1:
            self.report(name, 0, f"has {len(titles)} titles (lines with one #); one is right")
        unquoted = re.sub(r"`[^`\n]*`", "", prose)
        for match in re.finditer(r"\]\(([^)\s]+)\)", unquoted):
            self.check_link(name, unquoted.count("\n", 0, match.start()) + 1, match.group(1))

    def check_link(self, name, number, link):
        if re.match(r"[a-z]+:", link):
            return
        path, _, anchor = link.partition("#")
        target = (self.root / name).parent / path if path else self.root / name
        if not target.exists():
            self.report(name, number, f"the link {link} leads nowhere")
        elif anchor and target.suffix == ".md":
            heads = re.findall(r"^#+ (.*)$", target.read_text(), re.M)
            anchors = {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in heads}
            if anchor not in anchors:
                self.report(name, number, f"the link {link} names no heading of {target.name}")

    def check_machine(self, name, text):
        for number, line in enumerate(text.split("\n"), 1):
            for what, pattern in MACHINE:
                found = pattern.search(line)
                if found:
                    self.report(name, number, f"names {what}: {found.group()}")

    def check_listed(self):
        """A .cc that no CMakeLists.txt names is dead, or was forgotten."""
        for name in self.names:
            path = pathlib.PurePosixPath(name)
            if path.suffix != ".cc" or path.parts[0] not in ("engine", "tests", "bench"):
                continue
            for folder in path.parents:
                lists = self.root / folder / "CMakeLists.txt"
                if lists.is_file():
                    wanted = str(path.relative_to(folder))
                    words = re.split(r"[\s()]+", lists.read_text())
                    if wanted not in words and path.stem not in words:
                        self.report(name, 0, f"is not named in {folder}/CMakeLists.txt")
                    break
            else:
                self.report(name, 0, "belongs to no CMakeLists.txt")


def main():
    problems = Tree(pathlib.Path(sys.argv[1]).resolve()).check()
    for problem in problems:
        print(problem)
    if problems:
        print(f"{len(problems)} violations")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
