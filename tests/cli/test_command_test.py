# SPDX-License-Identifier: Apache-2.0
"""`millrace test`: cases beside a pipeline, their results, coverage and JUnit.
test_command_test.py PATH_OF_MILLRACE [unittest arguments]"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs" / "testing.md"
MILLRACE = ""

PIPELINE = """\
pipeline: p
kafka: {bootstrap.servers: "127.0.0.1:1"}
input: {topic: in, group: g}
schema: {required: [id]}
steps:
  - drop_if: {field: id, equals: old}
  - add: {at: {now: rfc3339}}
output: {topic: out}
dead_letters: {topic: dead}
delivery: {guarantee: at_least_once}
"""

CASES = """\
now: 2024-07-10T23:47:48Z
cases:
  - name: good
    input: {id: a}
    expect: {output: {id: a, at: 2024-07-10T23:47:48Z}}
  - name: old
    input: {id: old}
    expect: filtered
  - name: no id
    input: {}
    expect: {dead_letter: {reason: schema:/required/id, topic: dead, value: {}}}
"""


def test(*arguments):
    return subprocess.run([MILLRACE, "test", *map(str, arguments)], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60, check=False)


class Command(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="millrace-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.pipeline = self.write("p.yaml", PIPELINE)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def expect(self, done, code):
        self.assertEqual(done.returncode, code, f"{done.args}:\n{done.stdout}\n{done.stderr}")
        return done


class Results(Command):
    def test_all_pass(self):
        self.write("p.test.yaml", CASES)
        done = self.expect(test(self.pipeline), 0)
        self.assertEqual(done.stdout, "ok   good\nok   old\nok   no id\n"
                         f"{self.pipeline}: 3 of 3 cases passed\n")
        self.assertEqual(done.stderr, "")

    def test_a_failure_says_where_and_what(self):
        path = self.write("p.test.yaml", CASES.replace("{id: a, at", "{id: b, at"))
        done = self.expect(test(self.pipeline), 1)
        self.assertIn(f"FAIL good\n  {path}:3\n  the output differs first at /id:\n", done.stdout)
        self.assertRegex(done.stdout, r'(?m)^ +- +"id": "b"\n +\+ +"id": "a"$')
        self.assertIn("2 of 3 cases passed", done.stdout)

    def test_results_do_not_depend_on_the_day(self):
        self.write("p.test.yaml", CASES.replace("48Z}", "49Z}"))
        done = self.expect(test(self.pipeline), 1)
        self.assertEqual(done.stdout, self.expect(test(self.pipeline), 1).stdout)

    def test_filter_takes_some(self):
        self.write("p.test.yaml", CASES.replace("reason: schema", "reason: wrong"))
        done = self.expect(test(self.pipeline, "--filter", "o"), 1)
        self.assertIn("2 of 3 cases", done.stdout)
        done = self.expect(test(self.pipeline, "--filter", "goo"), 0)
        self.assertIn("1 of 1 cases", done.stdout)
        done = self.expect(test(self.pipeline, "--filter", "nothing has this"), 2)
        self.assertIn("nothing has this", done.stderr)

    def test_several_pipelines_and_files_come_in_order(self):
        self.write("p.test.yaml", CASES)
        self.write("p.more.test.yaml", CASES.replace("name: ", "name: more "))
        self.write("q.yaml", PIPELINE)
        self.write("q.test.yaml", CASES)
        done = self.expect(test(self.folder / "q.yaml", self.pipeline), 0)
        self.assertEqual([line.split(maxsplit=1)[1] for line in done.stdout.splitlines()
                          if line.startswith("ok")],
                         ["good", "old", "no id", "good", "old", "no id", "more good", "more old",
                          "more no id"])
        self.assertTrue(done.stdout.endswith("\n9 of 9 cases passed\n"), done.stdout)


class BadFiles(Command):
    def test_no_cases_says_where_they_would_stand(self):
        done = self.expect(test(self.pipeline), 2)
        self.assertIn(str(self.folder / "p.test.yaml"), done.stderr)
        self.assertEqual(done.stdout, "")

    def test_a_case_file_is_no_pipeline(self):
        path = self.write("p.test.yaml", CASES)
        done = self.expect(test(path), 2)
        self.assertIn("name the pipeline", done.stderr)

    def test_a_bad_pipeline(self):
        self.write("p.test.yaml", CASES)
        self.write("p.yaml", PIPELINE.replace("group", "gruop"))
        done = self.expect(test(self.pipeline), 2)
        self.assertRegex(done.stderr, r"p\.yaml:3:\d+: .*gruop")

    def test_bad_cases_say_everything_at_once(self):
        self.write("p.test.yaml", CASES.replace("input: {}", "inptu: {}").replace("now:", "nwo:"))
        done = self.expect(test(self.pipeline, "--coverage"), 2)
        self.assertRegex(done.stderr, r"p\.test\.yaml:1:1: .*'nwo'.*'now'")
        self.assertRegex(done.stderr, r"p\.test\.yaml:10:5: .*'inptu'.*'input'")

    def test_bad_files_win_over_failures_and_the_good_ones_run(self):
        self.write("p.test.yaml", CASES.replace("{id: a, at", "{id: b, at"))
        self.write("q.yaml", PIPELINE)
        done = self.expect(test(self.folder / "q.yaml", self.pipeline), 2)
        self.assertIn("2 of 3 cases passed", done.stdout)


class Coverage(Command):
    def test_full(self):
        self.write("p.test.yaml", CASES)
        done = self.expect(test(self.pipeline, "--coverage"), 0)
        self.assertIn("exercised\n", done.stdout)
        self.assertNotIn("not exercised", done.stdout)

    def test_what_no_case_exercised(self):
        self.write("p.test.yaml", CASES.split("  - name: old")[0])
        self.expect(test(self.pipeline), 0)
        done = self.expect(test(self.pipeline, "--coverage"), 1)
        self.assertIn("not exercised by any case:\n  rule schema:/required/id\n", done.stdout)
        self.assertIn(f"  step 1, drop_if ({self.pipeline}:6)\n", done.stdout)
        self.assertNotIn("step 2", done.stdout)
        self.assertRegex(done.stdout, r"rules 0 of \d+, steps 1 of 2 exercised\n")


class Junit(Command):
    def read(self, path):
        return xml.etree.ElementTree.parse(path).getroot()

    def test_results(self):
        path = self.write("p.test.yaml", CASES.replace("name: good", 'name: "<&\\"\\u00a0"')
                          .replace("{id: a, at", "{id: b, at"))
        out = self.folder / "out.xml"
        self.expect(test(self.pipeline, "--coverage", "--junit", out), 1)
        root = self.read(out)
        self.assertEqual(root.attrib, {"tests": "4", "failures": "1", "errors": "0"})
        suite = root.find("testsuite")
        self.assertEqual(suite.get("name"), str(path))
        self.assertEqual([case.get("name") for case in suite], ['<&"\xa0', "old", "no id"])
        failure = suite.find("testcase/failure")
        self.assertEqual(failure.get("message"), "the output differs first at /id:")
        self.assertIn('"id": "b"', failure.text)
        self.assertEqual(root.findall("testsuite")[1].get("name"), f"{self.pipeline} coverage")

    def test_coverage_and_bad_files_are_in_it(self):
        self.write("p.test.yaml", CASES.split("  - name: old")[0])
        out = self.folder / "out.xml"
        self.expect(test(self.folder / "none.yaml", self.pipeline, "--coverage", "--junit", out), 2)
        root = self.read(out)
        self.assertEqual(root.attrib, {"tests": "3", "failures": "1", "errors": "1"})
        self.assertIn("schema:/required/id", root.find(".//failure").text)

    def test_a_file_that_cannot_be_written(self):
        self.write("p.test.yaml", CASES)
        done = self.expect(test(self.pipeline, "--junit", self.folder / "no" / "out.xml"), 1)
        self.assertIn("out.xml", done.stderr)


class Document(Command):
    """What docs/testing.md shows is what happens."""

    def test_the_examples(self):
        blocks = re.findall(r"^```(\w+)\n(.*?)^```$", DOCUMENT.read_text(), re.M | re.S)
        folder = pathlib.Path(MILLRACE).resolve().parent
        environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
        commands = 0
        for kind, text in blocks:
            name = re.match(r"# (\S+\.yaml)\n", text)
            if kind == "yaml" and name:
                self.write(name.group(1), text)
            elif kind == "console":
                command, expected = text.removeprefix("$ ").split("\n", 1)
                with self.subTest(command):
                    done = subprocess.run(["bash", "-c", command], cwd=self.folder, timeout=60,
                                          capture_output=True, text=True, check=False,
                                          env=environment)
                    self.assertEqual(self.without_times(done.stdout),
                                     self.without_times(expected), done.stderr)
                commands += 1
        self.assertGreater(commands, 4)

    @staticmethod
    def without_times(text):
        return re.sub(r" +\d+$", "", text, flags=re.M)


if __name__ == "__main__":
    MILLRACE = sys.argv.pop(1)
    unittest.main(verbosity=2)
