#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scan_secrets.py ROOT: looks for secrets in tracked and new files. Prints the place and the kind
of each find, never the secret, and ends with code 1 if there are any.

A line that must hold something that looks like one (a test of this very scan, a password of a
broker that lives for seconds) says so with the words: not a secret
"""

import math
import pathlib
import re
import sys

import check_tree

ALLOWED = "not a secret"
PATTERNS = [
    ("a private key", r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    ("an AWS access key", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    ("an AWS secret key", r"(?i)aws_?secret\w*\W+[0-9A-Za-z/+]{40}\b"),
    ("a GitHub token", r"\b(?:gh[pousr]_[0-9A-Za-z]{36,}|github_pat_[0-9A-Za-z_]{50,})\b"),
    ("a GitLab token", r"\bglpat-[0-9A-Za-z_-]{20,}\b"),
    ("a Slack token", r"\bxox[abprs]-[0-9A-Za-z-]{10,}\b"),
    ("a Google key", r"\bAIza[0-9A-Za-z_-]{35}\b"),
    ("a JSON web token", r"\beyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{10,}"),
    ("an API key of the form sk-…", r"\bsk-[0-9A-Za-z_-]{20,}\b"),
    ("a password in an address",
     r"\b[a-z][a-z0-9+.-]*://[^\s/:@\"'`<>]+:(?P<value>[^\s/@\"'`<>]+)@"),
    ("a bearer token", r"(?i)\bbearer\s+(?P<value>[0-9A-Za-z._~+/-]{20,}=*)"),
]
# `password: hunter2` in configuration, and the like in properties and code. References to the
# environment or a file are how a secret should come in; words in angle brackets are placeholders.
ASSIGNED = re.compile(
    r"""(?ix) [\w.-]* (?:password|passwd|passphrase|secret|api[_.-]?key|token) ["']?
        \s* [:=] \s* ["']? (?P<value>[^\s"',;#{}()]+)""")
CONFIGURATION = {".yaml", ".yml", ".properties", ".ini", ".env", ".toml", ".conf", ".json", ".xml"}
SECRET_FILES = {".env", "id_rsa", "id_ed25519", ".netrc", ".pgpass"}
HARMLESS = re.compile(r"^(\$.*|<.*|file:.*|\*+|x+|\.{3}|…|true|false|null|none|changeme|[|>-]|"
                      r"(string|number|integer|boolean))$", re.I)


def entropy(text):
    """Bits per character: random keys have 4 and more, words and names less."""
    return -sum(text.count(c) / len(text) * math.log2(text.count(c) / len(text))
                for c in set(text))


def find_secrets(name, text):
    suffix = pathlib.PurePosixPath(name).suffix
    for number, line in enumerate(text.split("\n"), 1):
        if ALLOWED in line:
            continue
        for kind, pattern in PATTERNS:
            match = re.search(pattern, line)
            if match and not HARMLESS.match(match.groupdict().get("value") or "-----"):
                yield number, kind
        for match in ASSIGNED.finditer(line):
            value = match.group("value").strip("\\")
            if HARMLESS.match(value):
                continue
            # In configuration every value counts; in code and prose only what looks random.
            if suffix in CONFIGURATION or (
                    len(value) >= 20 and re.search(r"\d", value) and entropy(value) > 3.7
                    and re.fullmatch(r"[0-9A-Za-z_+/=-]+", value)):
                yield number, "a password, token or key"


def scan(root):
    problems = []
    for name in check_tree.tracked_files(root):
        if pathlib.PurePosixPath(name).name in SECRET_FILES:
            problems.append(f"{name}: a file of this name holds secrets")
        text = (root / name).read_bytes().decode(errors="replace")
        for number, kind in find_secrets(name, text):
            problems.append(f"{name}:{number}: looks like {kind}")
    return problems


def main():
    problems = scan(pathlib.Path(sys.argv[1]).resolve())
    for problem in problems:
        print(problem)
    if problems:
        print(f"{len(problems)} possible secrets. If one is none, write `{ALLOWED}` on its line.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
