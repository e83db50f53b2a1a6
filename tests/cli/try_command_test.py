# SPDX-License-Identifier: Apache-2.0
"""`millrace try`: what a pipeline makes of records from stdin and files. Topics are tested with a
broker. try_command_test.py PATH_OF_MILLRACE [unittest arguments]"""

import base64
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import unittest

MILLRACE = ""
PATIENCE = 60

PIPELINE = """\
pipeline: p
kafka: {bootstrap.servers: "127.0.0.1:1"}
input: {topic: in, group: g}
schema: {required: [id]}
steps:
  - drop_if: {field: id, equals: old}
  - emit: copies
  - add: {at: {now: rfc3339}}
output: {topic: out, key: id}
dead_letters: {topic: dead}
delivery: {guarantee: at_least_once}
"""


def try_(*arguments, text=""):
    given = text if isinstance(text, bytes) else text.encode()
    return subprocess.run([MILLRACE, "try", *map(str, arguments)], input=given,
                          capture_output=True, timeout=PATIENCE, check=False)


class Command(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="millrace-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.pipeline = self.write("p.yaml", PIPELINE)

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def expect(self, done, code):
        self.assertEqual(done.returncode, code, f"{done.args}:\n{done.stdout}\n{done.stderr}")
        return done

    def json_of(self, *arguments, text=""):
        done = self.expect(try_(self.pipeline, "--json", "--now", "2024-07-10T23:47:48Z",
                                *arguments, text=text), 0)
        return [json.loads(line) for line in done.stdout.splitlines()]


class Json(Command):
    def test_one_line_per_record(self):
        self.assertEqual(self.json_of(text='{"id":"a"}\n{"id":"old"}\n{}\n{'), [
            {"outcome": "emitted", "reason": None, "reason_text": None, "outputs": [
                {"topic": "copies", "key": "a", "value": '{"id":"a"}'},
                {"topic": "out", "key": "a", "value": '{"id":"a","at":"2024-07-10T23:47:48Z"}'}]},
            {"outcome": "filtered", "reason": None, "reason_text": None, "outputs": []},
            {"outcome": "dead_lettered", "reason": "schema:/required/id",
             "reason_text": "'id' is a required property", "outputs": [
                 {"topic": "dead", "key": None, "value": "{}"}]},
            {"outcome": "dead_lettered", "reason": "parse:syntax",
             "reason_text": self.json_of(text="{")[0]["reason_text"], "outputs": [
                 {"topic": "dead", "key": None, "value": "{"}]}])

    def test_bytes_that_are_no_text_are_a_record_like_others(self):
        value = b'{"id":"\xff"}'
        (line,) = self.json_of(text=value + b"\n")
        self.assertEqual((line["outcome"], line["reason"]), ("dead_lettered", "parse:utf8"))
        self.assertEqual(line["outputs"], [
            {"topic": "dead", "key": None, "value": '{"id":"\ufffd"}',
             "value_base64": base64.b64encode(value).decode()}])

    def test_empty_lines_are_none(self):
        self.assertEqual(len(self.json_of(text='\n{"id":1}\r\n\r\n\n{"id":2}')), 2)
        self.assertEqual(self.json_of(text=""), [])

    def test_the_lines_of_a_file(self):
        path = self.write("records.jsonl", '{"id":"a"}\n{}\n')
        self.assertEqual([line["outcome"] for line in self.json_of("--input", path)],
                         ["emitted", "dead_lettered"])

    def test_whole_files_are_records(self):
        one = self.write("one.json", '{\n  "id": "a"\n}\n')
        two = self.write("two.json", b"\x00\n\n")
        lines = self.json_of("--file", one, "--file", two, "--file", self.write("empty", ""))
        self.assertEqual([line["outcome"] for line in lines],
                         ["emitted", "dead_lettered", "dead_lettered"])
        self.assertEqual(lines[2]["reason"], "parse:empty")
        self.assertEqual(lines[1]["outputs"][0]["value"], "\x00\n\n")

    def test_times_go_to_stderr(self):
        done = self.expect(try_(self.pipeline, "--json", "--times", text='{"id":"a"}\n'), 0)
        self.assertEqual(len(done.stdout.splitlines()), 1)
        self.assertRegex(done.stderr.decode(), r"step 3, add +1 +\d+\n")


class Text(Command):
    def test_outcome_reason_outputs_and_times(self):
        done = self.expect(try_(self.pipeline, "--now", "2024-07-10T23:47:48Z",
                                text='{"id":"a"}\n{}\n{"id":"old"}\n'), 0)
        shown = done.stdout.decode()
        self.assertTrue(shown.startswith(
            "record 1: emitted\n"
            "  -> copies  key=a\n"
            '     {"id":"a"}\n'
            "  -> out  key=a\n"
            '     {"id":"a","at":"2024-07-10T23:47:48Z"}\n'
            "record 2: dead_lettered by schema:/required/id\n"
            "  'id' is a required property\n"
            "  -> dead  key=(null)\n"
            "     {}\n"
            "record 3: filtered\n"
            "\n"
            "station "), shown)
        self.assertRegex(shown, r"(?m)^step 1, drop_if +2 +\d+$")
        self.assertIn("3 records: 1 emitted, 1 filtered, 1 dead-lettered\n",
                      done.stderr.decode())

    def test_a_file_is_named(self):
        path = self.write("one.json", "{}")
        self.assertIn(f"record 1 ({path}): dead_lettered",
                      self.expect(try_(self.pipeline, "--file", path), 0).stdout.decode())


class Against(Command):
    def test_only_what_differs(self):
        other = self.write("q.yaml", PIPELINE.replace("equals: old", "equals: older"))
        done = self.expect(try_(self.pipeline, "--against", other, "--now", "2024-07-10T23:47:48Z",
                                text='{"id":"a"}\n{"id":"old"}\n{}\n'), 1)
        self.assertEqual(done.stdout.decode(),
                         "record 2:\n"
                         "  - filtered\n"
                         "  + emitted\n"
                         "  + -> copies  key=old\n"
                         '  +    {"id":"old"}\n'
                         "  + -> out  key=old\n"
                         '  +    {"id":"old","at":"2024-07-10T23:47:48Z"}\n')
        self.assertIn("3 records, 1 differ\n", done.stderr.decode())

    def test_json(self):
        other = self.write("q.yaml", PIPELINE.replace("at: {now", "on: {now"))
        done = self.expect(try_(self.pipeline, "--against", other, "--json",
                                text='{}\n{"id":1}'), 1)
        (line,) = map(json.loads, done.stdout.splitlines())
        self.assertEqual(line["record"], 2)
        self.assertIn('"at":', line["before"]["outputs"][1]["value"])
        self.assertIn('"on":', line["after"]["outputs"][1]["value"])

    def test_nothing_differs_whatever_the_time(self):
        done = self.expect(try_(self.pipeline, "--against", self.pipeline,
                                text='{"id":"a"}\n' * 2500), 0)
        self.assertEqual(done.stdout, b"")
        self.assertIn("2500 records, 0 differ", done.stderr.decode())


class Streams(Command):
    def test_each_line_is_answered_at_once(self):
        process = subprocess.Popen([MILLRACE, "try", self.pipeline, "--json"],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        # A line that never comes must fail the test, not hang it.
        timer = threading.Timer(PATIENCE, process.kill)
        timer.start()
        self.addCleanup(timer.cancel)
        for _ in range(3):
            process.stdin.write(b'{"id":"a"}\n')
            process.stdin.flush()
            self.assertEqual(json.loads(process.stdout.readline())["outcome"], "emitted")
        process.stdin.close()
        self.assertEqual(process.wait(PATIENCE), 0)

    def test_memory_does_not_grow_with_the_stream(self):
        # Sanitizers keep freed memory, to tell its use.
        if re.search(rb"__(a|t)san_init", pathlib.Path(MILLRACE).read_bytes()):
            self.skipTest("the program is built with a sanitizer")
        text = b'{"id":"a","more":"' + b"x" * 200 + b'"}\n'
        peaks = []
        path = self.folder / "records.jsonl"
        for count in (5_000, 200_000):
            # In pieces: what this process holds when it forks counts as the child's.
            with open(path, "wb") as file:
                for _ in range(count // 1_000):
                    file.write(text * 1_000)
            with open(self.folder / "out", "wb") as out:
                process = subprocess.Popen([MILLRACE, "try", self.pipeline, "--json", "--input",
                                            path], stdout=out, stderr=subprocess.DEVNULL)
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
            self.assertEqual(process.returncode, 0)
            peaks.append(usage.ru_maxrss)
            with open(self.folder / "out", "rb") as out:
                self.assertEqual(sum(1 for _ in out), count)
        self.assertLess(peaks[1], peaks[0] + 16 * 1024, "KiB")

    def test_a_long_line_between_short_ones(self):
        lines = self.json_of(text='{"id":1}\n{"id":2,"b":"' + "b" * 900_000 + '"}\n{"id":3}\n')
        self.assertEqual([line["outcome"] for line in lines], ["emitted"] * 3)


class Usage(Command):
    def test_wrong_usage_is_2_and_says_why(self):
        for arguments, words in (
                (["--input", "a", "--file", "b"], "exclude"),
                (["--topic", "t"], "belong together"),
                (["--offsets", "0..1"], "belong together"),
                (["--topic", "t", "--offsets", "5..1"], "FROM..TO"),
                (["--topic", "t", "--offsets", "5"], "FROM..TO"),
                (["--partition", "1"], "--topic"),
                (["--now", "noon"], "--now"),
                (["--input", "no/such"], "no/such"),
                (["--file", "no/such"], "no/such"),
                (["--against", "no/such.yaml"], "no/such.yaml"),
                (["--nonsense"], "nonsense")):
            with self.subTest(arguments):
                done = self.expect(try_(self.pipeline, *arguments), 2)
                self.assertIn(words, (done.stderr + done.stdout).decode())
                self.assertNotIn(b"record", done.stdout)

    def test_a_bad_pipeline(self):
        self.write("p.yaml", PIPELINE.replace("group", "gruop"))
        done = self.expect(try_(self.pipeline, text="{}"), 2)
        self.assertRegex(done.stderr.decode(), r"p\.yaml:3:\d+: .*gruop")

    def test_a_folder_is_no_input(self):
        done = try_(self.pipeline, "--input", self.folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(self.folder), done.stderr.decode())


if __name__ == "__main__":
    MILLRACE = sys.argv.pop(1)
    unittest.main(verbosity=2)
