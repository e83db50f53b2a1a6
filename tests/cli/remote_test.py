# SPDX-License-Identifier: Apache-2.0
"""`millrace probe` and `millrace top` against servers that answer well, badly and with ill will.
remote_test.py PATH_OF_MILLRACE [unittest arguments]"""

import http.server
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

MILLRACE = ""
PATIENCE = 60
BOUNDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
          2.5, 5, 10, 30]


def vitals(seconds=100.0, **more):
    """What /vitals.json has; a thousand records more each second."""
    consumed = round(seconds * 1000)
    return {
        "version": 1, "pipeline": "user-login", "instance": None, "program": "0.1.0",
        "guarantee": "exactly_once", "phase": "running", "time_ms": 1700000000000,
        "started_ms": 1690000000000, "seconds": seconds,
        "totals": {"polled": consumed, "consumed": consumed, "emitted": consumed,
                   "filtered": 0, "dead_lettered": 0, "copies": 0, "exploded": 0, "pieces": 0,
                   "input_bytes": consumed * 100, "output_bytes": consumed * 100,
                   "uncommitted": 0},
        "dead_letters": {"parse:syntax": 7}, "lag": 0,
        "partitions": [{"topic": "user-login", "partition": 0, "ours": True, "position": 5,
                        "end": 5, "lag": 0, "consumed": consumed, "emitted": consumed,
                        "filtered": 0, "dead_lettered": 0, "status": "healthy", "reason": None,
                        "recounting": False}],
        "health": {"status": "healthy", "instance": None, "partitions": []},
        "alerts": [], "identity_broken": [], "samples": [], "bounds": BOUNDS, "stages": {},
        "batches": {"settled": 1, "processing": 0, "queued": 0, "unsettled": 0},
        "memory": {"limit_bytes": 1 << 30, "batch_bytes": 1 << 29, "batch_used_bytes": 1 << 20,
                   "state_bytes": 0, "budget_spent": False, "rss_bytes": 1 << 27,
                   "peak_rss_bytes": 1 << 27},
        "commits": {"count": 0, "sum_seconds": 0, "p50": 0, "p99": 0, "counts": [0] * 18,
                    "failed": 0, "since_seconds": 0.05, "every_seconds": 0.1},
        "rebalances": 0, "rewinds": 0, "clients": [], "cpu_seconds": seconds, **more}


class Server:
    """Answers each GET by `answer(handler)`, which may write whatever it likes."""

    def __init__(self, answer):
        outer = self
        self.requests = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # noqa: N802 (the library's name)
                outer.requests.append((self.path, dict(self.headers)))
                try:
                    answer(self)
                except (BrokenPipeError, ConnectionResetError):
                    pass

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def reply(handler, status, body, content_type="application/json"):
    body = body if isinstance(body, bytes) else body.encode()
    handler.send_response(status)
    handler.send_header("Content-Type", content_type)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


class Remote(unittest.TestCase):
    def serve(self, answer):
        server = Server(answer)
        self.addCleanup(server.close)
        return server

    def millrace(self, *arguments, **variables):
        environment = {name: value for name, value in os.environ.items()
                       if name != "MILLRACE_TOKEN"}
        return subprocess.run([MILLRACE, *arguments], stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=PATIENCE, check=False,
                              env={**environment, **variables})

    def expect(self, done, code, *words):
        self.assertEqual(done.returncode, code, (done.stdout, done.stderr))
        for word in words:
            self.assertIn(word, (done.stdout + done.stderr).decode())
        for byte in done.stdout + done.stderr:
            self.assertTrue(byte >= 0x20 or byte == 0x0A, (done.stdout, done.stderr))


class Probe(Remote):
    def test_ready_is_code_0_and_silent(self):
        server = self.serve(lambda handler: reply(handler, 200, "ready\n"))
        done = self.millrace("probe", server.url + "/readyz")
        self.expect(done, 0)
        self.assertEqual(done.stdout + done.stderr, b"")
        self.assertEqual(server.requests[0][0], "/readyz")

    def test_without_a_path_it_asks_readyz(self):
        server = self.serve(lambda handler: reply(handler, 200, ""))
        self.expect(self.millrace("probe", server.url), 0)
        self.assertEqual(server.requests[0][0], "/readyz")

    def test_not_ready_is_code_1_and_the_reason(self):
        server = self.serve(lambda handler: reply(handler, 503, "not ready: no partitions yet\n"))
        done = self.millrace("probe", server.url + "/readyz")
        self.expect(done, 1, "HTTP 503: not ready: no partitions yet")

    def test_the_token_is_sent(self):
        server = self.serve(lambda handler: reply(handler, 200, ""))
        self.expect(self.millrace("probe", server.url, "--token", "abc"), 0)
        self.expect(self.millrace("probe", server.url, MILLRACE_TOKEN="def"), 0)
        self.assertEqual([headers.get("Authorization") for _, headers in server.requests],
                         ["Bearer abc", "Bearer def"])

    def test_nobody_there_is_code_1(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
        self.expect(self.millrace("probe", f"http://127.0.0.1:{port}"), 1, "nobody listens there")

    def test_what_is_no_url_is_bad_usage(self):
        for url in ("ftp://host", "http://", "http://host:0", "http://host:70000", "http://h:1x",
                    "http://me@host", "http://host/a b", "http://host/\r\nX: y", ""):
            with self.subTest(url=url):
                self.expect(self.millrace("probe", url), 2)

    def test_a_reason_cannot_steer_the_terminal(self):
        server = self.serve(lambda handler: reply(
            handler, 503, b"\x1b[2J\x1b]0;title\x07\xc2\x9b31m\xff bad\rX" + b"y" * 10000))
        done = self.millrace("probe", server.url)
        self.expect(done, 1, "bad")
        self.assertNotIn(b"\xc2\x9b", done.stderr)
        self.assertLess(len(done.stderr), 4000)

    def test_a_redirect_is_not_followed(self):
        def answer(handler):
            handler.send_response(302)
            handler.send_header("Location", "/healthz")
            handler.send_header("Content-Length", "0")
            handler.end_headers()
        server = self.serve(answer)
        self.expect(self.millrace("probe", server.url), 1, "HTTP 302")
        self.assertEqual(len(server.requests), 1)

    def quickly(self, *arguments, **more):
        begun = time.monotonic()
        done = self.millrace(*arguments, **more)
        self.assertLess(time.monotonic() - begun, 20)
        return done

    def test_who_never_answers_is_given_up(self):
        gone = threading.Event()
        self.addCleanup(gone.set)
        server = self.serve(lambda handler: gone.wait(PATIENCE))
        self.expect(self.quickly("probe", server.url, "--timeout", "500ms"), 1,
                    "no whole answer in time")

    def test_a_byte_now_and_then_is_given_up(self):
        gone = threading.Event()
        self.addCleanup(gone.set)

        def answer(handler):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while not gone.wait(0.05):
                handler.wfile.write(b"X: y\r\n")
        server = self.serve(answer)
        self.expect(self.quickly("probe", server.url, "--timeout", "500ms"), 1,
                    "no whole answer in time")

    def test_headers_without_end_are_given_up(self):
        def answer(handler):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
            while True:
                handler.wfile.write(b"y" * 65536)
        server = self.serve(answer)
        self.expect(self.quickly("probe", server.url, "--timeout", "20s"), 1, "too large")

    def test_what_is_not_http_is_an_error(self):
        def answer(handler):
            handler.wfile.write(b"SSH-2.0-OpenSSH\r\n")
        self.expect(self.millrace("probe", self.serve(answer).url), 1, "not HTTP")

    def test_tls_with_who_does_not_speak_it_is_an_error(self):
        server = self.serve(lambda handler: reply(handler, 200, ""))
        self.expect(self.quickly("probe", server.url.replace("http:", "https:"), "--timeout",
                                 "2s"), 1)


class Top(Remote):
    def test_once_prints_a_frame_with_rates(self):
        seconds = iter(range(100, 200))
        server = self.serve(lambda handler: reply(handler, 200, json.dumps(vitals(next(seconds)))))
        done = self.millrace("top", server.url, "--once")
        self.expect(done, 0, "user-login", "healthy", "parse:syntax")
        self.assertRegex(done.stdout.decode(), r"consumed +101,000 +1,000 ")
        self.assertEqual({path for path, _ in server.requests}, {"/vitals.json"})

    def test_once_of_nobody_is_code_1(self):
        server = self.serve(lambda handler: reply(handler, 404, ""))
        done = self.millrace("top", server.url, "--once")
        self.expect(done, 1, "HTTP 404")
        self.assertEqual(done.stdout, b"")

    def test_without_the_token_it_says_what_is_missing(self):
        server = self.serve(lambda handler: reply(handler, 401, ""))
        self.expect(self.millrace("top", server.url, "--once"), 1, "MILLRACE_TOKEN")

    def test_several_have_a_line_each_and_a_sum(self):
        one = iter(range(100, 200))
        first = self.serve(lambda handler: reply(
            handler, 200, json.dumps(vitals(next(one), instance="engine-0", lag=5))))
        two = iter(range(100, 200))
        second = self.serve(lambda handler: reply(
            handler, 200, json.dumps(vitals(next(two), instance="engine-1", lag=7))))
        done = self.millrace("top", first.url, second.url, "--once")
        self.expect(done, 0, "engine-0", "engine-1")
        self.assertRegex(done.stdout.decode(), r"all 2 that answer +2,000 +2,000 +12 ")

    def test_hostile_names_cannot_steer_the_terminal(self):
        evil = "\x1b[2J\x1b]0;x\x07\u009b\u202e\r\n\t" + "宽" * 500
        bad = vitals(100)
        bad.update(pipeline=evil, instance=evil, guarantee=evil, dead_letters={evil: 3},
                   identity_broken=[evil], alerts=[{"name": evil, "state": "firing"}])
        bad["partitions"][0].update(topic=evil, reason=evil, status="unhealthy")
        bad["health"] = {"status": "unhealthy", "instance": evil, "partitions": [
            {"topic": evil, "partition": 1, "status": "unhealthy", "reason": evil,
             "position": None, "lag": None, "still_seconds": 1e300}]}
        server = self.serve(lambda handler: reply(handler, 200, json.dumps(bad)))
        done = self.millrace("top", server.url, "--once")
        self.expect(done, 0, "unhealthy")
        self.assertNotIn("\u009b", done.stdout.decode())
        self.assertNotIn("\u202e", done.stdout.decode())

    def test_nonsense_is_an_error_and_no_harm(self):
        deep = b'{"a":' * 100000
        for name, body, words in (
                ("empty", b"", "no JSON object"), ("html", b"<html>", "no JSON object"),
                ("array", b"[1]", "no JSON object"), ("deep", deep, "no JSON object"),
                ("other", b'{"version":1}', "not the vitals"),
                ("future", b'{"version":2,"totals":{}}', "not the vitals"),
                ("bytes", bytes(range(256)), "no JSON object")):
            with self.subTest(name):
                server = self.serve(lambda handler, body=body: reply(handler, 200, body))
                self.expect(self.millrace("top", server.url, "--once"), 1, words)

    def test_values_of_other_kinds_are_passed_over(self):
        wild = json.dumps({**{name: {"x": [None, -1, "y"]} for name in vitals()},
                           "version": 1, "totals": {"consumed": -5, "emitted": 1e400,
                                                    "filtered": "7", "dead_lettered": 2 ** 64},
                           "seconds": -1e308, "cpu_seconds": 1e308, "pipeline": 5,
                           "partitions": [1, None, {}, {"partition": 2 ** 40, "lag": -1}],
                           "health": {"status": "so-so"}}).replace("Infinity", "1e999")
        server = self.serve(lambda handler: reply(handler, 200, wild))
        self.expect(self.millrace("top", server.url, "--once"), 0, "consumed")

    def test_an_answer_without_end_takes_no_memory(self):
        def answer(handler):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n{\"version\":1,\"x\":\"")
            while True:
                handler.wfile.write(b"y" * 65536)
        server = self.serve(answer)
        done = self.millrace("top", server.url, "--once", "--timeout", "20s")
        self.expect(done, 1, "too large")

    def test_it_says_who_is_away_and_goes_on(self):
        turns = []

        def answer(handler):
            turns.append(len(turns))
            if 2 <= len(turns) <= 3:
                return reply(handler, 500, "")
            return reply(handler, 200, json.dumps(vitals(100 + len(turns))))
        server = self.serve(answer)
        with subprocess.Popen([MILLRACE, "top", server.url], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as top:
            lines = [top.stdout.readline().decode() for _ in range(4)]
            top.terminate()
            self.assertEqual(top.wait(PATIENCE), 0)
        self.assertIn("/s in", lines[0])
        self.assertIn("HTTP 500", lines[1])
        self.assertIn("HTTP 500", lines[2])
        self.assertIn("/s in", lines[3])

    def test_a_signal_does_not_wait_for_who_never_answers(self):
        gone, asked = threading.Event(), threading.Event()
        self.addCleanup(gone.set)

        def answer(_handler):
            asked.set()
            gone.wait(PATIENCE)
        server = self.serve(answer)
        for arguments, code in ((), 0), (("--once",), 1):
            asked.clear()
            with subprocess.Popen([MILLRACE, "top", server.url, "--timeout", "600s", *arguments],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL) as top:
                try:
                    self.assertTrue(asked.wait(PATIENCE))
                    top.send_signal(signal.SIGINT)
                    self.assertEqual(top.wait(PATIENCE), code)
                finally:
                    top.kill()

    def test_a_second_signal_ends_it_though_nobody_reads_what_it_says(self):
        server = self.serve(lambda handler: reply(handler, 200, json.dumps(vitals())))
        read, write = os.pipe()
        self.addCleanup(os.close, read)
        os.set_blocking(write, False)
        with self.assertRaises(BlockingIOError):
            while True:
                os.write(write, b"x" * 4096)
        os.set_blocking(write, True)
        with subprocess.Popen([MILLRACE, "top", server.url], stdin=subprocess.DEVNULL,
                              stdout=write, stderr=subprocess.DEVNULL) as top:
            os.close(write)
            deadline = time.monotonic() + PATIENCE
            while "pipe" not in pathlib.Path(f"/proc/{top.pid}/wchan").read_text():
                if time.monotonic() > deadline - PATIENCE + 5:
                    break  # not every kernel says where a process waits
                time.sleep(0.05)
            while top.poll() is None and time.monotonic() < deadline:
                top.send_signal(signal.SIGINT)
                time.sleep(0.2)  # signals of one kind that come at once are one
            code = top.poll()
            top.kill()
            self.assertEqual(code, 1)


if __name__ == "__main__":
    MILLRACE = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
