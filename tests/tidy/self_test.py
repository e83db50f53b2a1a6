#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shows that check_tree.py and scan_secrets.py find what they are there to find: each case plants
one violation in a small, clean tree and expects exactly that one to be reported.
"""

import pathlib
import tempfile
import unittest

import check_tree
import scan_secrets

SPDX = "// SPDX-License-Identifier: Apache-2.0\n"
CLEAN = {
    "engine/base/CMakeLists.txt":
        "# SPDX-License-Identifier: Apache-2.0\nengine_library(NAME base SOURCES good.cc)\n",
    "engine/base/good.h": SPDX + "#pragma once\n",
    "engine/base/good.cc": SPDX + '#include "engine/base/good.h"\n// printf( and iostream\n',
    "engine/kafka/CMakeLists.txt":
        "# SPDX-License-Identifier: Apache-2.0\nengine_library(NAME kafka SOURCES client.cc)\n",
    "engine/kafka/client.cc": SPDX + "#include <librdkafka/rdkafka.h>\n",
    "docs/a.md": "# Title\n\n## One part\n\n[b](b.md#second-part) [here](#one-part) `[x](y.md)`\n"
                 "```sh\n# not a title\n```\n",
    "docs/b.md": "# Other\n\n## Second part\n",
    "config/a.yaml": "password: ${PASSWORD}\nsasl.password: file:secret.txt\n",
}
HEADER = SPDX + "#pragma once\n"
# The violation's parts are joined here, so that the scans do not find this file.
TREE_CASES = {
    "a wide line": ("engine/base/bad.h", HEADER + "//" + " wide" * 21 + "\n", "columns wide"),
    "no SPDX line": ("engine/base/bad.h", "#pragma once\n", "lacks the line SPDX"),
    "no pragma once": ("engine/base/bad.h", SPDX, "lacks #pragma once"),
    "a long file": ("engine/base/bad.h", HEADER + "//\n" * 800, "has 802 lines"),
    "no last newline": ("engine/base/bad.h", HEADER + "//", "lacks the newline"),
    "trailing space": ("engine/base/bad.h", HEADER + "// \n", "white space"),
    "a tab": ("engine/base/bad.h", HEADER + "\t//\n", "has a tab"),
    "a banned word": ("engine/base/bad.h", HEADER + "// FIX" "ME later\n", "open an issue"),
    "a bare to-do": ("engine/base/bad.h", HEADER + "// TO" "DO: later\n", "without an issue"),
    "iostream": ("engine/base/bad.h", HEADER + "#include <iostream>\n", "<iostream>"),
    "printf": ("engine/base/bad.h", HEADER + 'inline int f() { return printf("x"); }\n', "printf"),
    "a sleep": ("engine/base/bad.h", HEADER + "void f() { std::this_thread::sleep_for(x); }\n",
                "sleep"),
    "using namespace": ("engine/base/bad.h", HEADER + "using  namespace std;\n", "using namespace"),
    "a bare mutex": ("engine/base/bad.h", HEADER + "std::mutex m;\n", "standard locks"),
    "an upward include": ("engine/base/bad.h", HEADER + '#include "engine/kafka/client.cc"\n',
                          "engine/base must not include engine/kafka"),
    "an unrooted include": ("engine/base/bad.h", HEADER + '#include "good.h"\n', "is not rooted"),
    "a missing include": ("engine/base/bad.h", HEADER + '#include "engine/base/no.h"\n',
                          "does not exist"),
    "a room not in the table": ("engine/utils/bad.h", HEADER + '#include "engine/base/good.h"\n',
                                "not in the table"),
    "rdkafka elsewhere": ("engine/base/bad.h", HEADER + "#include <librdkafka/rdkafka.h>\n",
                          "rdkafka must not"),
    "oneTBB elsewhere": ("engine/base/bad.h", HEADER + "#include <tbb/flow_graph.h>\n",
                         "oneTBB must not"),
    "simdjson in a header": ("engine/record/bad.h", HEADER + "#include <simdjson.h>\n",
                             "simdjson must not"),
    "spdlog elsewhere": ("engine/base/bad.h", HEADER + "#include <spdlog/spdlog.h>\n",
                         "spdlog must not"),
    "yaml-cpp elsewhere": ("engine/base/bad.h", HEADER + "#include <yaml-cpp/yaml.h>\n",
                           "yaml-cpp must not"),
    "a dead source": ("engine/base/dead.cc", SPDX, "is not named in"),
    "two titles": ("docs/bad.md", "# One\n\n# Two\n", "has 2 titles"),
    "no title": ("docs/bad.md", "text\n", "has 0 titles"),
    "a dead link": ("docs/bad.md", "# One\n\n[a](none.md)\n", "leads nowhere"),
    "a dead anchor": ("docs/bad.md", "# One\n\n[a](b.md#third-part)\n", "names no heading"),
    "a machine path": ("docs/bad.md", "# One\n\nSee /ro" "ot/notes.\n", "path of a machine"),
    "a package host": ("docs/bad.md", "# One\n\nhttp://deb.deb" "ian.org/\n", "package host"),
    "not UTF-8": ("docs/bad.md", b"# One\n\xff\n", "not UTF-8"),
}
SECRET_CASES = {
    "a private key": "-----BEGIN RSA PRIV" "ATE KEY-----",
    "an AWS access key": "key = AK" "IAIOSFODNN7ABCDEFG",
    "an AWS secret": "aws_secret_access_key wJal" "rXUtnFEMIxK7MDENGxbPxRfiCYABCDEFGHIJ",
    "a GitHub token": "gh" "p_0123456789abcdefghijABCDEFGHIJ012345",
    "a JSON web token": "ey" "JhbGciOiJIUzI1NiJ9.ey" "JzdWIiOiIxMjM0NTY3ODkwIn0.SflKxwRJSMeKKF2QT4",
    "a password in an address": "postgres://user:hun" "ter2@db.example:5432/x",
    "a bearer token": "Authorization: Bear" "er 0123456789abcdef0123",
    "a password": "sasl.pass" "word: hunter2",
    "a JAAS password": 'sasl.jaas.config: PlainLoginModule required pass' 'word="bs";',
    "a random token in code": "const char* tok" 'en = "9fB3xQ7LkT2mVw8ZpR4cYd6H";',
}


def reported(files, check):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return check(root)


class TreeCheck(unittest.TestCase):
    def check(self, extra):
        return reported({**CLEAN, **extra}, lambda root: check_tree.Tree(root).check())

    def test_accepts_a_clean_tree(self):
        self.assertEqual(self.check({}), [])

    def test_finds_each_planted_violation(self):
        for what, (name, content, message) in TREE_CASES.items():
            with self.subTest(what):
                problems = self.check({name: content})
                self.assertEqual(len(problems), 1, problems)
                self.assertTrue(problems[0].startswith(name), problems)
                self.assertIn(message, problems[0])


class SecretScan(unittest.TestCase):
    def test_accepts_a_clean_tree(self):
        self.assertEqual(reported(CLEAN, scan_secrets.scan), [])

    def test_finds_each_planted_secret(self):
        for what, line in SECRET_CASES.items():
            name = "src/a.cc" if "code" in what else "config/a.yaml"
            with self.subTest(what):
                problems = reported({name: f"first line\n{line}\n"}, scan_secrets.scan)
                self.assertTrue(problems, "not found")
                self.assertTrue(all(p.startswith(f"{name}:2: ") for p in problems), problems)

    def test_never_prints_the_secret(self):
        line = "sasl.pass" "word: hunter2"
        self.assertNotIn("hunter2", str(reported({"a.yaml": line}, scan_secrets.scan)))

    def test_lets_a_marked_line_pass(self):
        line = "sasl.pass" "word: hunter2  # not a secret"
        self.assertEqual(reported({"a.yaml": line}, scan_secrets.scan), [])

    def test_finds_files_that_hold_secrets(self):
        self.assertEqual(len(reported({".env": "A=1\n"}, scan_secrets.scan)), 1)


if __name__ == "__main__":
    unittest.main()
