#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An engine that is none: serves the real files of the dashboard and made-up figures that add up,
so that every state of the page can be brought about. To look at it by hand:

    python3 tests/browser/fixture.py [PORT] [--failing] [--hostile] [--token TOKEN]
"""

import http.server
import json
import math
import pathlib
import queue
import random
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "engine/serve/page"
CHART_JS = pathlib.Path("/usr/share/javascript/chart.js/chart.min.js")
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
         ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
# As strict as a policy can be with which the page still works.
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
          "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
BOUNDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0,
          2.5, 5.0, 10.0, 30.0]
STAGES = {"wait": 0.0006, "process": 0.0031, "order": 0.0004, "deliver": 0.0012, "settle": 0.062}
RULES = {"schema:/required/device_type": 60, "parse:syntax": 25, "step:4:format_time": 11,
         "schema:/properties/user_id/type": 4}
MASKED = '{"app_version":"*****","device_id":"************","ip":"*******","timestamp":0}'
# Each of them would show if it were taken for markup, or if it broke the layout.
HOSTILE = ["<img src=x onerror=\"document.title='owned'\">",
           "<script>document.title='owned'</script>",
           "__proto__", "constructor", "toString", "", "  ", "\u202egnp.exe", "a\u0000b\nc\td",
           "k" * 256, "👩‍🚀" * 20, "&lt;b&gt;", "${alert(1)}", "{{7*7}}", "%s%n", "null", "0", "-1",
           "\u0000big1-2-3-4:12"]


class Engine:
    """The figures of a run. Everything follows from what advance() was told."""

    def __init__(self, seed=7, partitions=6, now_ms=None, started_ms=None):
        self.random = random.Random(seed)
        self.time_ms = now_ms or int(time.time() * 1000)
        self.started_ms = started_ms or self.time_ms
        self.pipeline = "user-login"
        self.phase = "running"
        self.totals = dict.fromkeys(["polled", "consumed", "emitted", "filtered", "dead_lettered",
                                     "copies", "exploded", "pieces", "dead_letters_discarded",
                                     "input_bytes", "output_bytes", "uncommitted"], 0)
        self.dead_letters = {}
        self.partitions = [
            {"topic": "user-login", "partition": p, "ours": p != 5, "position": 1000 * p,
             "end": 1000 * p, "lag": 0, "consumed": 0, "emitted": 0, "filtered": 0,
             "dead_lettered": 0, "status": "healthy", "reason": None, "recounting": False}
            for p in range(partitions)]
        self.first = [p["position"] for p in self.partitions]
        self.stages = {name: {"counts": [0] * (len(BOUNDS) + 1), "sum_seconds": 0.0}
                       for name in STAGES}
        self.commits = {"counts": [0] * (len(BOUNDS) + 1), "sum_seconds": 0.0}
        self.samples = []
        self.health = {"status": "healthy", "instance": None, "partitions": []}
        self.alerts = []
        self.identity_broken = []
        self.budget_spent = False
        self.insights = None
        self.not_counted = {"hours_of_day_timestamp": 9}
        self.cpu = 0.0

    def measure(self, durations, mean):
        seconds = self.random.lognormvariate(0, 0.5) * mean
        at = next((i for i, bound in enumerate(BOUNDS) if seconds <= bound), len(BOUNDS))
        durations["counts"][at] += 1
        durations["sum_seconds"] += seconds

    def advance(self, seconds=1, produced=12000, consumed=None):
        """`produced` and `consumed` are records per second."""
        self.time_ms += int(1000 * seconds)
        ours = [p for p in self.partitions if p["ours"]]
        self.cpu += 0.61 * seconds
        left = None if consumed is None else int(consumed * seconds)
        for i, p in enumerate(ours):
            p["end"] += int(produced * seconds / len(ours)) + self.random.randrange(3)
            n = p["end"] - p["position"]
            if left is not None:
                n = min(n, left // (len(ours) - i))
                left -= n
            if p["status"] == "unhealthy":
                n = 0
            self.settle(p, n)
        for _ in range(int(10 * seconds)):
            self.measure(self.commits, 0.021)
        self.totals["uncommitted"] = self.random.randrange(900) if self.phase == "running" else 0

    def settle(self, p, n):
        dead = n * 5 // 100
        filtered = n // 100
        p["position"] += n
        p["lag"] = p["end"] - p["position"]
        for name, part in {"consumed": n, "dead_lettered": dead, "filtered": filtered,
                           "emitted": n - dead - filtered}.items():
            p[name] += part
            self.totals[name] += part
        self.totals["polled"] += n
        self.totals["input_bytes"] += 412 * n
        self.totals["output_bytes"] += 431 * n
        for rule, percent in RULES.items():
            count = dead * percent // 100
            if rule == next(iter(RULES)):
                count = dead - sum(dead * other // 100 for other in list(RULES.values())[1:])
            if count:
                self.dead_letters[rule] = self.dead_letters.get(rule, 0) + count
                self.samples = [s for s in self.samples if s["rule"] != rule or
                                s["offset"] > p["position"] - 1] + [
                    {"topic": p["topic"], "partition": p["partition"], "offset": p["position"] - 1,
                     "time_ms": self.time_ms, "rule": rule, "masked": MASKED}]
        for name, mean in STAGES.items():
            for _ in range(min(40, n // 400 + 1 if n else 0)):
                self.measure(self.stages[name], mean)

    def durations(self, measured):
        count = sum(measured["counts"])
        return {"count": count, "sum_seconds": round(measured["sum_seconds"], 6), "p50": 0.05,
                "p99": 0.1, "counts": list(measured["counts"])}

    def vitals(self):
        ours = [p for p in self.partitions if p["ours"]]
        lags = [p["lag"] for p in ours]
        mib = 1 << 20
        unsettled = 4 if any(lags) else 0
        return {
            "version": 1, "pipeline": self.pipeline, "instance": "engine-0", "program": "0.1.0",
            "guarantee": "exactly_once", "phase": self.phase, "time_ms": self.time_ms,
            "started_ms": self.started_ms, "seconds": (self.time_ms - self.started_ms) / 1000,
            "totals": dict(self.totals), "dead_letters": dict(self.dead_letters),
            "lag": None if None in lags else sum(lags),
            "partitions": [dict(p) for p in self.partitions], "health": self.health,
            "alerts": self.alerts, "identity_broken": self.identity_broken,
            "samples": self.samples, "bounds": BOUNDS,
            "stages": {name: self.durations(stage) for name, stage in self.stages.items()},
            "batches": {"settled": sum(self.stages["settle"]["counts"]), "processing": 2,
                        "queued": 1, "unsettled": unsettled},
            "memory": {"limit_bytes": 512 * mib, "batch_bytes": 256 * mib,
                       "batch_used_bytes": 256 * mib if self.budget_spent else 38 * mib,
                       "state_bytes": 11 * mib, "budget_spent": self.budget_spent,
                       "rss_bytes": 203 * mib, "peak_rss_bytes": 231 * mib},
            "commits": {**self.durations(self.commits), "failed": 0,
                        "since_seconds": 0.084, "every_seconds": 0.1},
            "rebalances": 1, "rewinds": 0,
            "clients": [
                {"name": name, "brokers_up": 3, "brokers": 3, "queued_messages": queued,
                 "queued_bytes": 410 * queued, "sent_bytes": 40 * self.totals[bytes_],
                 "received_bytes": self.totals[bytes_],
                 "requests": 120 + self.totals["polled"] // 9, "request_timeouts": 0,
                 "request_errors": 0, "round_trip_seconds": 0.0021,
                 "throttle_seconds": 0}
                for name, queued, bytes_ in [("consumer", 8112, "input_bytes"),
                                             ("producer", 1204, "output_bytes")]],
            "cpu_seconds": self.cpu,
        }

    def report(self):
        held = not self.identity_broken
        partitions = [
            {"topic": p["topic"], "partition": p["partition"], "first_offset": first,
             "next_offset": p["position"],
             "committed_offset": p["position"] if self.phase == "finished" else None,
             "consumed": p["consumed"], "gaps": 0, "emitted": p["emitted"],
             "filtered": p["filtered"], "dead_lettered": p["dead_lettered"], "copies": 0,
             "exploded": 0, "pieces": 0, "dead_letters_discarded": 0,
             "sent": p["emitted"] + p["dead_lettered"],
             "acknowledged": p["emitted"] + p["dead_lettered"] - (0 if held else 3),
             "stopped": None}
            for p, first in zip(self.partitions, self.first)]
        names = ["consumed", "emitted", "filtered", "dead_lettered", "copies", "exploded", "pieces",
                 "dead_letters_discarded"]
        return {
            "version": 1, "pipeline": self.pipeline, "final": self.phase == "finished",
            "totals": {name: self.totals[name] for name in names},
            "dead_letters": self.dead_letters, "partitions": partitions,
            "identity": {"holds": held, "broken": self.identity_broken},
            "insights": self.results(), "not_counted": self.not_counted, "not_kept": {},
            "durable": True,
            "run": {"ended_by": None, "seconds": 1, "polled": self.totals["polled"], "discarded": 0,
                    "health": self.health, "alerts": self.alerts},
        }

    def results(self):
        if self.insights is not None:
            return self.insights
        n = self.totals["emitted"]
        versions = {"2.3.0": 43, "2.4.1": 29, "2.5.0": 28}
        devices = {"android": 52, "ios": 36, "web": 9, "tv": 3}
        hours = [8, 14, 22, 29, 36, 43, 51, 58, 65, 71, 72, 71, 73, 64, 57, 50, 43, 35, 28, 20, 14,
                 7, 0, 0]
        users = n // 17
        start = "2026-11-21T14:%02d:00Z"
        return {
            "count_by_device_type": {"kind": "count_by", "counts": {
                d: n * share // 100 for d, share in devices.items()}},
            "count_by_app_version_device_type": {"kind": "count_by", "counts": {
                v: {d: n * share * part // 10000 for d, share in devices.items()}
                for v, part in versions.items()}},
            "distinct_user_id": {"kind": "distinct", "value": users, "low": users * 984 // 1000,
                                 "high": users * 1016 // 1000, "exact": users < 10000},
            "hours_of_day_timestamp": {"kind": "hours_of_day", "counts": {
                str(h): n * share // 1000 for h, share in enumerate(hours)}},
            "top_user_id": {"kind": "top", "items": [
                {"key": f"user-{17 * i % 101}", "count": 3 + n // (120 + 9 * i),
                 "error": min(n // 9000, 3 * i)} for i in range(10)]},
            "amount spread": {"kind": "quantiles", "relative_error": 0.0078125,
                              "values": {"p50": 24.5, "p90": 118.25, "p99": 411.0,
                                         "p99.9": 1203.5}},
            "sum_amount": {"kind": "sum", "value": 31.25 * n},
            "refused logins": {"kind": "count", "value": self.totals["dead_lettered"]},
            "rate_records": {"kind": "rate", "live": True, "value": 11874.2, "over_seconds": 60},
            "last_ip_by_device_id": {"kind": "last", "values": {
                f"device-{i}": f"10.0.{i}.{7 * i}" for i in range(14)}},
            "distinct_device_id_by_country": {"kind": "distinct", "by": {
                c: {"value": v, "low": v if e else v * 98 // 100,
                    "high": v if e else v * 102 // 100, "exact": e}
                for c, v, e in [("DE", 5120, False), ("FR", 2210, False),
                                                ("CH", 61, True), ("LI", 4, True)]}},
            "devices per minute": {
                "kind": "window", "of": "count_by", "every_seconds": 60, "hop_seconds": 60,
                "watermark": "2026-11-21T14:11:42Z", "open": [
                    {"start": start % m, "end": start % (m + 1),
                     "counts": {"android": 300 + 20 * m, "ios": 210 - 9 * m}} for m in range(12)],
                "closed": 117, "late": 3, "ahead": 0, "late_windows": [], "late_earlier": 3},
        }

    def hostile(self):
        """Keys that attack the page, tables that are too long, numbers that no double can hold."""
        big = (1 << 63) + 1
        many = {f"key-{i:05}": 5000 - i for i in range(5000)}
        self.insights = {
            "hostile_count_by": {"kind": "count_by",
                                 "counts": {k: 1000 - i for i, k in enumerate(HOSTILE)}},
            "hostile_nested": {"kind": "count_by", "counts": {
                k: {h: 2 + i for i, h in enumerate(HOSTILE)} for k in HOSTILE}},
            "hostile_top": {"kind": "top", "items": [
                {"key": k, "count": 1000 - i, "error": i, "last_<b>x": HOSTILE[0],
                 "first_y": None} for i, k in enumerate(HOSTILE)]},
            "top_pairs": {"kind": "top", "items": [{"key": ["a", "b"], "count": 3, "error": 0}]},
            "hostile_last": {"kind": "last", "values": {k: k for k in HOSTILE}},
            "hostile_distinct": {"kind": "distinct", "by": {
                k: {"value": 5, "low": 4, "high": 6, "exact": False} for k in HOSTILE}},
            "many": {"kind": "count_by", "counts": many},
            "big": {"kind": "count", "value": big},
            "big_sum": {"kind": "sum", "value": big * 10},
            "nothing": {"kind": "min", "value": None},
            "no_quantile": {"kind": "quantiles", "values": {"p50": None}, "relative_error": 0.01},
            "nobody": {"kind": "count_by", "counts": {}},
            "no_top": {"kind": "top", "items": []},
            "no_window": {"kind": "window", "of": "count", "every_seconds": 60, "hop_seconds": 30,
                          "watermark": None, "open": [], "closed": 0, "late": 0, "ahead": 0,
                          "late_windows": [], "late_earlier": 0},
            "<i>name</i>": {"kind": "of tomorrow", "value": big, "html": "<b>x</b>"},
        }
        self.pipeline = "<b>" + "p" * 80
        self.not_counted = {"hostile_count_by": 3}
        self.dead_letters = {k or "(none)": 9 for k in HOSTILE}
        self.samples = [{"topic": "<u>t</u>", "partition": 0, "offset": 7, "time_ms": self.time_ms,
                         "rule": k, "masked": k} for k in HOSTILE]
        self.partitions[0]["position"] = big
        self.partitions[0]["reason"] = HOSTILE[0]
        idle = {"consumed": 0, "emitted": 0, "filtered": 0, "dead_lettered": 0, "position": 7}
        self.partitions += [{**self.partitions[1], **idle, "partition": n}
                            for n in range(6, 2000)]
        self.first += [7] * 1994

    def fail(self):
        """A partition that does not move, one that waits, an alert, an identity that is broken."""
        reason = "it cannot be read: no broker leads the partition"
        waiting = "another producer's transaction is open in the input since offset 5120"
        self.partitions[2].update(status="unhealthy", reason=reason)
        self.partitions[4].update(status="waiting", reason=waiting)
        place = {name: self.partitions[2][name] for name in ("topic", "partition", "position")}
        self.health = {"status": "unhealthy", "instance": None, "partitions": [
            {**place, "status": "unhealthy", "reason": reason, "lag": self.partitions[2]["lag"],
             "still_seconds": 45},
            {"topic": "user-login", "partition": 4, "status": "waiting", "reason": waiting,
             "position": self.partitions[4]["position"], "lag": 12, "still_seconds": 61}]}
        self.alerts = [{"name": "many-dead-letters", "state": "firing", "value": 0.071},
                       {"name": "far-behind", "state": "pending", "value": 40210},
                       {"name": "few-users", "state": "ok", "value": None}]
        self.identity_broken = ["user-login/1: acknowledged 51,203, but sent 51,206."]
        self.budget_spent = True


class Server:
    """Serves an Engine on a port of its own. stop() and start() are what a restart looks like."""

    def __init__(self, engine, token=None, not_ready=None, port=0):
        self.engine = engine
        self.token = token
        self.not_ready = not_ready  # what /events says instead
        self.starts = False         # nothing comes, as the pipeline waits for a broker
        self.port = port
        self.asked = []  # path and headers
        self.lock = threading.Lock()
        self.streams = []
        self.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    def start(self):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):  # noqa: N802, the library's name
                outer.answer(self)

            def log_message(self, *_):
                pass

        class Quiet(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # a browser that goes away

        self.http = Quiet(("127.0.0.1", self.port), Handler)
        self.port = self.http.server_address[1]
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def stop(self):
        self.http.shutdown()
        self.http.server_close()
        with self.lock:
            for stream in self.streams:
                stream.put(None)
            self.streams = []

    def send(self, vitals=None):
        """The next event, to every page that listens."""
        data = json.dumps(vitals or self.engine.vitals())
        with self.lock:
            for stream in self.streams:
                stream.put(data)

    def listening(self):
        with self.lock:
            return len(self.streams)

    def answer(self, request):
        path = request.path.split("?")[0]
        self.asked.append((request.path, dict(request.headers)))
        if path == "/" or (PAGE / path[1:]).is_file() or path == "/chart.js":
            file = {"/": PAGE / "index.html", "/chart.js": CHART_JS}.get(path, PAGE / path[1:])
            return self.reply(request, 200, file.read_bytes(), TYPES[file.suffix])
        if self.token and request.headers.get("Authorization") != f"Bearer {self.token}":
            given = request.headers.get("Authorization")
            return self.reply(request, 401,
                              b"The token is wrong.\n" if given else b"a token is needed\n",
                              "text/plain")
        if path == "/events":
            return self.stream(request)
        if path == "/readyz":
            sick = self.starts or not any(p["ours"] for p in self.engine.partitions)
            return self.reply(request, 503 if sick else 200,
                              b"no partition is assigned yet.\n" if sick else b"ready\n",
                              "text/plain")
        answers = {"/vitals.json": self.engine.vitals, "/report": self.engine.report,
                   "/insights.json": self.insights}
        if path not in answers:
            return self.reply(request, 404, b"not found\n", "text/plain")
        return self.reply(request, 200, json.dumps(answers[path]()).encode(), "application/json")

    def insights(self):
        return {"pipeline": self.engine.pipeline, "time_ms": self.engine.time_ms, "durable": True,
                "insights": self.engine.results()}

    def reply(self, request, status, body, kind):
        request.send_response(status)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(body)))
        request.send_header("Content-Security-Policy", POLICY)
        request.send_header("X-Content-Type-Options", "nosniff")
        # A connection that stays open would be answered after stop().
        request.send_header("Connection", "close")
        request.close_connection = True
        request.end_headers()
        request.wfile.write(body)

    def stream(self, request):
        if self.not_ready:
            return self.reply(request, 503, self.not_ready.encode(), "text/plain")
        request.send_response(200)
        request.send_header("Content-Type", "text/event-stream")
        request.send_header("Cache-Control", "no-store")
        request.send_header("Connection", "close")
        request.end_headers()
        request.close_connection = True
        events = queue.Queue()
        if not self.starts:
            events.put(json.dumps(self.engine.vitals()))
        with self.lock:
            self.streams.append(events)
        while True:
            try:
                data = events.get(timeout=2)
            except queue.Empty:
                request.wfile.write(b": still here\n\n")
                request.wfile.flush()
                continue
            if data is None:
                return None
            request.wfile.write(f"event: vitals\ndata: {data}\n\n".encode())
            request.wfile.flush()


def play(server, seconds, produced=12000):
    """What the last `seconds` looked like, up to now, in one go: load that comes and goes."""
    engine = server.engine
    for i in range(seconds):
        wave = 1 + 0.06 * math.sin(i / 40) + 0.04 * ((i * 7919 % 97) / 97 - 0.5)
        burst = 1.9 if 520 < i % 900 < 600 else 1
        engine.advance(1, produced * wave * burst, 1.22 * produced * (0.97 + 0.03 * math.sin(i)))
        server.send()


def main():
    arguments = sys.argv[1:]
    token = arguments[arguments.index("--token") + 1] if "--token" in arguments else None
    port = int(arguments[0]) if arguments and arguments[0].isdigit() else 8099
    engine = Engine()
    server = Server(engine, token=token, port=port)
    engine.advance(1)
    if "--hostile" in arguments:
        engine.hostile()
    if "--failing" in arguments:
        engine.fail()
    print(server.url, flush=True)
    while True:
        time.sleep(1)
        engine.advance(1)
        server.send()


if __name__ == "__main__":
    main()
