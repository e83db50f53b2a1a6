# SPDX-License-Identifier: Apache-2.0
"""Records that nobody wants to get, and the settings that say what becomes of them."""

import base64
import json
import signal

import trial
from trial import Witness, login, merge, record

BIG = "123456789012345678901234567890"


def hostile(topic, partition=0):
    """One record of every kind; most are bad, and some only look so."""
    good = login()
    values = [
        None, b"", b"   ", b"\xef\xbb\xbf" + good.encode(), b"\xc3\x28", b"\xff" + good.encode(),
        good.replace("RU", "\x00"), good.replace("RU", "\\u0000"), good.replace("RU", "\\ud800"),
        good.replace("RU", "\\ud83d\\ude00"), good.replace("RU", "\U0001F600"),
        good.replace("RU", "\\x"), good + good, good + "}", good[:-1], good + "  \n", "\n" + good,
        good.replace(": ", ":"), "[" + good + "]", "1", "null", "true", '"text"', "tru", "{}",
        "{,}", good[:-1] + ",}", good.replace('"ip"', "ip"), good.replace("}", ', "x": 01}'),
        good.replace("}", ', "x": NaN}'), good.replace("}", ', "x": 1.}'),
        good.replace("}", f', "x": {BIG}}}'), good.replace("}", f', "x": -0.{BIG}e-{BIG[:3]}}}'),
        good.replace("}", ', "x": 1.50, "y": 1E5, "z": [1.0, {"a": 1, "b": 2}]}'),
        good.replace("}", ', "x": ' + "[" * 10_000 + "]" * 10_000 + "}"),
        good.replace("}", ', "x": ' + "[" * 511 + "]" * 511 + "}"),
        good.replace("}", ', "x": ' + "[" * 512 + "]" * 512 + "}"),
        good.replace("}", ', "x": ' + '{"a":' * 10_000 + "1" + "}" * 10_000 + "}"),
        "[" * 10_000, good.replace("}", ', "device_type": "ANDROID"}'),
        good.replace("}", ', "\\u0064evice_type": "Other"}'),
        good.replace("}", ', "\u00e9\\"\\n": "\u00e9\\"\\n\\/", "": {}}'),
        login(app_version="2.2.9"), login(app_version="10.0"), login(app_version="2.3"),
        login(app_version="2.3.0.0"), login(app_version="02.003.0"), login(app_version="v2.3.0"),
        login(app_version=""), login(app_version=2.3), login(app_version=BIG + ".1"),
        login(timestamp="1694479551"), login(timestamp=1.5), login(timestamp=253402300799),
        login(timestamp=253402300800), login(timestamp=-62135596800), login(timestamp=-1),
        good.replace(str(trial.GENERATED_AT), "1.694e9"),
        good.replace(str(trial.GENERATED_AT), BIG), login(timestamp=True),
        login(locale=None), good.replace('"RU"', "null"), login(device_type=7),
        login(device_type="\u00c4NDROID"), login(device_type="x" * 300 + "\u00e9"),
        login(created_at="taken"), login(processed_at="stays where it is", z=1),
        login(user=""), login(user="\u00e9\u00e9"), login(user="a\"b\\c\n"), login(user=7),
        login(blob="x" * 1_000_000), "x" * 1_000_000,
        "{" + ",".join(f'"m{i}": {i}' for i in range(12_000)) + "}",
    ]
    return [record(topic, value, key=None if i % 3 == 0 else f"key{i}", partition=partition,
                   headers=[("trace", f"t{i}"), ("null", None), ("trace", b"\x00\xff")][:i % 4],
                   timestamp=1_600_000_000_000 + i)
            for i, value in enumerate(values)]


class Values(trial.Trial):
    def put(self, job, steps=None):
        steps = steps or hostile(job.topic)
        Witness.ask("write", steps=steps)
        return len(steps)

    def run_and_check(self, job, records, **members):
        run = job.start("--until-end")
        report = self.expect_holds(run)
        self.assertEqual(report["totals"]["consumed"], records,
                         f"{report['partitions']}\n{run.log()}")
        found = job.check(reports=[str(run.report_file)], **members)
        self.assertEqual(found["duplicates"], 0)
        return report

    def test_every_kind(self):
        job = self.pipeline("hostile").create(partitions=1)
        report = self.run_and_check(job, self.put(job))
        print(f"  {report['totals']}\n  {report['dead_letters']}")
        values = [base64.b64decode(one["value"]).decode()
                  for one in Witness.ask("read", topic=job.output)["records"]]
        # The witness compares numbers by their text already; this is for the reader.
        self.assertEqual(len([value for value in values if f'"x": {BIG}' in value
                              or f'"x":{BIG}' in value]), 1)

    def test_each_setting_of_tombstones(self):
        for setting in ("dead_letter", "pass", "filter"):
            with self.subTest(setting):
                job = self.pipeline(f"tombstones-{setting}", **{"in": [f"tombstones: {setting}"]})
                job.create(partitions=2)
                steps = [record(job.topic, None if i % 2 else login(f"u{i}"), partition=i % 4 // 2,
                                key=None if i % 5 == 1 else f"k{i}", headers=[("h", f"{i}")])
                         for i in range(40)]
                report = self.run_and_check(job, self.put(job, steps), tombstones=setting)
                outcome = {"dead_letter": "dead_lettered", "pass": "emitted",
                           "filter": "filtered"}[setting]
                more = 20 if outcome == "emitted" else 0
                self.assertEqual(report["totals"]["emitted"], 20 + more)
                self.assertEqual(report["totals"][outcome], 20 + more)

    def test_each_setting_of_duplicate_members(self):
        for setting in ("last_wins", "dead_letter"):
            with self.subTest(setting):
                job = self.pipeline(f"duplicates-{setting}",
                                    **{"in": [f"duplicate_members: {setting}"]})
                job.create(partitions=1)
                self.run_and_check(job, self.put(job), duplicate_members=setting)

    def test_discarded_dead_letters(self):
        job = self.pipeline("discard", dead_letters="discard").create(partitions=1)
        report = self.run_and_check(job, self.put(job))
        self.assertGreater(report["totals"]["dead_lettered"], 20)

    def test_records_at_the_limit_of_a_message(self):
        # Headers and key count too: what fits in alone may not fit out with its new members.
        job = self.pipeline("limit").create(partitions=1)
        sizes = (1_000_000, 1_048_200, 1_048_380, 1_048_400, 2_000_000, 10)
        steps = [record(job.topic, login(f"u{i}", blob="x" * size), key="k")
                 for i, size in enumerate(sizes)]
        Witness.ask("write", steps=steps)
        report = self.expect_holds(job.start("--until-end"))
        self.assertEqual(report["totals"]["consumed"], len(steps))
        self.assertEqual(report["totals"]["emitted"] + report["totals"]["dead_lettered"],
                         len(steps))
        self.assertIn("output:too_large", report["dead_letters"])
        print(f"  {report['totals']} {report['dead_letters']}")
        letters = Witness.ask("read", topic=job.dead_letters)["records"]
        self.assertEqual(len(letters), report["totals"]["dead_lettered"])
        for letter in letters:
            headers = {name: base64.b64decode(value).decode() for name, value in letter["headers"]}
            sent = json.loads(base64.b64decode(steps[int(headers["millrace.offset"])]["value"]))
            value = base64.b64decode(letter["value"]).decode()
            if "millrace.truncated" in headers:
                self.assertTrue(json.dumps(sent).startswith(value))
            else:
                self.assertEqual(json.loads(value), sent)

    def test_generated_records_of_a_megabyte(self):
        job = self.pipeline("huge", top=["memory: 64MiB"]).create(partitions=2)
        job.generate(150, "--defects", "huge=60%,deep_nesting=10%", "--seed", 5)
        report = self.run_and_check(job, 150)
        print(f"  peak {report['run']['peak_rss_bytes'] >> 20} MiB with memory: 64MiB")


class Topics(trial.Trial):
    def test_several_topics(self):
        job = self.pipeline("several")
        job.input = [f"{job.name}-a", f"{job.name}-b"]
        job.create(partitions=2)
        for topic in job.input:
            Witness.ask("write", steps=hostile(topic, 1))
        run = job.start("--until-end")
        self.expect_holds(run)
        job.check(reports=[str(run.report_file)])

    def test_a_pattern(self):
        job = self.pipeline("pattern")
        job.input = [f"{job.name}-a", f"{job.name}-b"]
        job.changes["topic_pattern"] = f"^{job.name}-[a-z]$"
        job.create(partitions=2)
        for topic in job.input:
            Witness.ask("write", steps=hostile(topic))
        run = job.start()
        run.await_log(r"Assigned topic=\S+-b partition=1")
        # A topic that appears later is found too.
        job.input.append(f"{job.name}-c")
        Witness.ask("create", topics=[{"name": job.input[2], "partitions": 1}])
        Witness.ask("write", steps=hostile(job.input[2]))
        run.await_log(r"Assigned topic=\S+-c partition=0")
        run.signal(signal.SIGINT)
        first = self.expect_holds(run)
        rest = self.expect_holds(job.start("--until-end"))
        found = job.check()
        self.assertEqual(found["duplicates"], 0)
        self.assertEqual(merge([first, rest])["totals"], found["totals"])


class SecondSignal(trial.Trial):
    def test_it_ends_the_run_at_once(self):
        # Records that linger for a minute keep the drain waiting.
        job = self.pipeline("second", guarantee="at_least_once", kafka=[
            "linger.ms: 60000", "batch.num.messages: 1000000", "batch.size: 100000000",
        ]).create(partitions=1)
        job.generate(100)
        run = job.start()
        run.await_log("Assigned topic=")
        run.signal(signal.SIGINT)
        run.await_log("Stopping")
        run.signal(signal.SIGINT)
        run.end(None, timeout=2)
        print(f"  exit code {run.process.returncode}: {run.log().splitlines()[-1]}")
        self.assertEqual(run.process.returncode, 1)
        self.assertIn("stopped at once", run.log())


if __name__ == "__main__":
    trial.main()
