# SPDX-License-Identifier: Apache-2.0
"""What a run says over HTTP, beside what it says in its report: serve_test.py PATH_OF_MILLRACE"""

import json
import re
import signal
import socket
import time
import urllib.error
import urllib.request

import trial

RECORDS = 5000


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def get(url, accept="*/*"):
    """Status and body, whatever the status is."""
    request = urllib.request.Request(url, headers={"Accept": accept})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def samples(text):
    """The metrics, by name and labels as they stand there."""
    return {name: float(value) for name, value in
            re.findall(r"^(\w+(?:\{.*\})?) (\S+)$", text, re.M)}


def timeless(report):
    """A report without what is as of the moment, and without what only its end knows."""
    left_out = ("run", "final", "fleet", "identity")
    kept = {name: value for name, value in report.items() if name not in left_out}
    for partition in kept["partitions"]:
        partition.pop("committed_offset")
    return kept


class Serve(trial.Trial):
    def url_of(self, run):
        return run.await_log(r"Answers at (http://127\.0\.0\.1:\d+/)").group(1)

    def await_answer(self, url, wanted):
        deadline = time.monotonic() + trial.PATIENCE
        while True:
            status, text = get(url)
            if wanted(status, text):
                return text
            self.assertLess(time.monotonic(), deadline, f"{url}: {status} {text}")
            time.sleep(0.05)

    def test_metrics_report_and_vitals_say_the_same(self):
        job = self.pipeline("serve").create()
        job.generate(RECORDS, "--seed", 7)
        run = job.start("--serve", "127.0.0.1:0")
        url = self.url_of(run)
        self.await_answer(url + "readyz", lambda status, text: (status, text) == (200, "Ready.\n"))
        report = json.loads(self.await_answer(
            url + "report?format=json", lambda status, text: status == 200 and json.loads(
                text)["totals"]["consumed"] == RECORDS))
        # Nothing moves any more; the others may be of before that, the insights among the metrics
        # of up to 10 s before.
        users = 'millrace_insight_value{insight="distinct_user_id"}'
        metrics = samples(self.await_answer(url + "metrics", lambda _, text: (
            samples(text).get("millrace_records_consumed_total"),
            samples(text).get("millrace_uncommitted_offsets"), samples(text).get(users)) == (
                RECORDS, 0, report["insights"]["distinct_user_id"]["value"])))
        vitals = json.loads(self.await_answer(
            url + "vitals.json",
            lambda _, text: json.loads(text)["totals"]["consumed"] == RECORDS))
        self.await_answer(url + "insights.json", lambda _, text: json.loads(
            text)["insights"] == report["insights"])
        self.assertIn("records", get(url + "report")[1])
        totals = report["totals"]
        self.assertEqual(totals["consumed"], RECORDS)
        self.assertEqual(report["identity"], {"holds": True, "broken": []})
        for outcome in ("emitted", "filtered", "dead_lettered"):
            name = f'millrace_records_total{{outcome="{outcome}"}}'
            self.assertEqual(metrics[name], totals[outcome])
            self.assertEqual(vitals["totals"][outcome], totals[outcome])
            for partition in report["partitions"]:
                labels = (f'topic="{partition["topic"]}",partition="{partition["partition"]}",'
                          f'outcome="{outcome}"')
                self.assertEqual(metrics[f"millrace_partition_records_total{{{labels}}}"],
                                 partition[outcome])
        self.assertEqual({name: count for name, count in metrics.items()
                          if name.startswith("millrace_dead_letters_total")},
                         {f'millrace_dead_letters_total{{rule="{rule}"}}': count
                          for rule, count in report["dead_letters"].items()})
        self.assertEqual(metrics["millrace_ready"], 1)
        run.signal(signal.SIGTERM)
        final = self.expect_holds(run)
        self.assertEqual(timeless(final), timeless(report))

    def test_ready_only_once_a_broker_is_there(self):
        port = free_port()
        job = self.pipeline("away").create()
        run = job.start("--serve", "127.0.0.1:0", BOOTSTRAP_SERVERS=f"127.0.0.1:{port}")
        url = self.url_of(run)
        text = self.await_answer(url + "readyz", lambda _, text: "a broker at" in text)
        self.assertEqual(text, f"Not ready: starting, waiting for a broker at 127.0.0.1:{port}.\n")
        self.assertEqual(get(url + "healthz"), (200, "Alive.\n"))
        self.assertEqual(get(url + "report")[0], 503)
        self.assertIn('millrace_phase{phase="starting"} 1\n', get(url + "metrics")[1])
        run.signal(signal.SIGTERM)
        run.end()
        run = job.start("--serve", "127.0.0.1:0")
        self.await_answer(self.url_of(run) + "readyz", lambda status, _: status == 200)
        run.signal(signal.SIGTERM)
        self.expect_holds(run)

    def test_events_go_on_until_the_end_of_the_run(self):
        job = self.pipeline("events").create()
        run = job.start("--serve", "127.0.0.1:0")
        url = self.url_of(run)
        self.await_answer(url + "readyz", lambda status, _: status == 200)
        with urllib.request.urlopen(url + "events", timeout=trial.PATIENCE) as events:
            job.generate(RECORDS)
            consumed = 0
            for line in events:
                if line.startswith(b"data: "):
                    consumed = json.loads(line[6:])["totals"]["consumed"]
                if consumed == RECORDS:
                    break
            self.assertEqual(consumed, RECORDS)
            run.signal(signal.SIGTERM)
            while events.readline():
                pass
        self.expect_holds(run)

    def test_every_line_of_the_log_is_an_object(self):
        job = self.pipeline("json", top=["log: {format: json, level: debug}"]).create()
        job.generate(RECORDS)
        run = job.start("--until-end")
        self.expect_holds(run)
        lines = [json.loads(line) for line in run.log().splitlines()]
        started = [line for line in lines if line["message"].startswith("Started ")]
        self.assertEqual([line["group"] for line in started], [job.group])
        for line in lines:
            self.assertRegex(line["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
            self.assertIn(line["level"], ("debug", "info", "warning", "error"))

    def test_a_port_that_is_taken_ends_the_run_with_a_sentence(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            said = f"cannot listen on 127.0.0.1:{port}: the port is taken by another program"
            run = self.pipeline("taken").start("--serve", f"127.0.0.1:{port}")
            run.end(1)
            self.assertEqual(run.log(), f"millrace: {said}\n")
            run = self.pipeline("taken", top=[f"serve: {{listen: '127.0.0.1:{port}'}}",
                                              "log: {format: json}"]).start()
            run.end(1)
            self.assertRegex(json.loads(run.log())["message"],
                             rf"^\S+\.yaml:\d+:\d+: 'serve\.listen': {re.escape(said)}$")


if __name__ == "__main__":
    trial.main()
