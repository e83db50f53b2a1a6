#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The dashboard in a real Chromium, over an engine that is none (fixture.py), in every state that
it can be in. dashboard_test.py [unittest arguments]
"""

import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True
import fixture  # noqa: E402 pylint: disable=wrong-import-position
from browser import Browser, find  # noqa: E402 pylint: disable=wrong-import-position

SCRIPTS = pathlib.Path(__file__).resolve().parent
OUTCOMES = ("emitted", "filtered", "dead_lettered")


def grouped(number):
    return f"{number:,}"


class Page(unittest.TestCase):
    """Each test has a server of its own; the browser is one, as starting it takes seconds."""

    browser = None

    @classmethod
    def setUpClass(cls):
        cls.browser = Browser()

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()

    def setUp(self):
        self.browser.size(1440)
        self.browser.media()
        self.browser.open("about:blank")
        self.browser.console()
        self.browser.requests()
        self.served = []
        self.may_fail = None  # errors of the console that belong to the test

    def serve(self, engine=None, **options):
        self.engine = engine or fixture.Engine()
        if engine is None:
            self.engine.advance(3)
        self.server = fixture.Server(self.engine, **options)
        self.served.append(self.server.url)
        self.addCleanup(self.server.stop)
        return self.server

    def open(self, engine=None, fragment="", **options):
        self.serve(engine, **options)
        self.browser.open(self.server.url + fragment)
        self.shown()

    def shown(self):
        """Until everything was asked for once."""
        self.browser.until("the board", lambda: self.browser.shown("#board"))
        self.browser.until("the insights", lambda: self.browser.shown("#insights .insight"))
        self.browser.until("the identity", lambda: self.browser.text("#identity"))
        self.browser.until("the stream", self.server.listening)

    def leave(self):
        """The page first, then its server: it would miss it."""
        self.quiet()
        self.browser.open("about:blank")
        self.server.stop()

    def tearDown(self):
        self.quiet()

    def quiet(self):
        """No error or warning in the console, and nothing asked for elsewhere."""
        errors = [entry["message"] for entry in self.browser.console()
                  if not (self.may_fail and re.search(self.may_fail, entry["message"]))]
        self.assertEqual(errors, [])
        elsewhere = [url for url in self.browser.requests()
                     if not url.removeprefix("blob:").startswith(
                         (*self.served, "data:", "about:"))]
        self.assertEqual(elsewhere, [])

    def script(self, name, *arguments):
        return self.browser.run((SCRIPTS / name).read_text(), *arguments)


class Figures(Page):
    def test_equal_the_report(self):
        engine = fixture.Engine()
        for _ in range(4):
            engine.advance(2)
        engine.phase = "finished"
        engine.totals["uncommitted"] = 0
        self.open(engine)

        report = engine.report()
        self.assertEqual(self.browser.text("#flow .from .big"),
                         grouped(report["totals"]["consumed"]))
        for outcome in OUTCOMES:
            row = f"#flow [data-outcome={outcome}]"
            self.assertEqual(self.browser.text(f"{row} .big"), grouped(report["totals"][outcome]))
            share = 100 * report["totals"][outcome] / report["totals"]["consumed"]
            self.assertEqual(self.browser.text(f"{row} b"), f"{share:.1f}%")
        self.assertEqual(self.browser.text("#h-lag ~ #lag-note"), "0 records, caught up")
        self.check_partitions(report)
        self.check_dead_letters(report)
        self.check_identity(report)
        self.check_insights(report["insights"])

    def check_partitions(self, report):
        rows = {row[0]: row for row in self.browser.rows("#partitions")}
        self.assertEqual(len(rows), len(report["partitions"]))
        for p in report["partitions"]:
            row = rows[f"{p['topic']}/{p['partition']}"]
            self.assertEqual(row[1], "another member" if p["partition"] == 5 else "this process")
            self.assertEqual(row[3], str(p["next_offset"]))
            self.assertEqual(row[6:], [grouped(p[name]) for name in ("consumed", *OUTCOMES)])

    def check_dead_letters(self, report):
        rows = {row[0]: row[2:] for row in self.browser.rows("#dead")}
        total = report["totals"]["dead_lettered"]
        self.assertEqual(rows, {rule: [grouped(n), f"{100 * n / total:.1f}%"]
                                for rule, n in report["dead_letters"].items()})
        samples = self.browser.texts("#samples .rule")
        self.assertEqual(sorted(samples), sorted(fixture.RULES))
        self.assertEqual(set(self.browser.texts("#samples pre")), {fixture.MASKED})

    def check_identity(self, report):
        self.assertEqual(self.browser.text("#identity"), "holds")
        terms = {row[0]: row[1:] for row in self.browser.rows("#identity-terms")}
        n = {name: grouped(value) for name, value in report["totals"].items()}
        sent = grouped(report["totals"]["emitted"] + report["totals"]["dead_lettered"])
        held = "✓ holds"
        self.assertEqual(terms["Outcomes"], [
            f"consumed {n['consumed']} = emitted {n['emitted']} + filtered {n['filtered']} + "
            f"dead-lettered {n['dead_lettered']}", held])
        self.assertEqual(terms["Offsets"],
                         [f"{n['consumed']} = consumed {n['consumed']} + gaps 0", held])
        self.assertEqual(terms["Deliveries"], [
            f"acknowledged {sent} = sent {sent} = emitted {n['emitted']} + dead-lettered "
            f"{n['dead_lettered']}", held])
        self.assertEqual(terms["Reads"],
                         [f"polled {n['consumed']} = consumed {n['consumed']} + given up 0", held])
        self.assertEqual(terms["Commits"], ["committed = next in 6 of 6 partitions", held])

    def insight(self, name):
        return f"[data-insight='{name}']"

    def rows_of(self, name):
        return self.browser.rows(self.insight(name))

    def check_insights(self, insights):
        by = insights["count_by_device_type"]["counts"]
        card = self.insight("count_by_device_type")
        self.assertEqual(self.browser.text(f"{card} h3"), "Count by device_type")
        self.assertEqual([[row[0], row[2]] for row in self.browser.rows(card)],
                         [[k, grouped(n)] for k, n in sorted(by.items(), key=lambda e: -e[1])])
        nested = insights["count_by_app_version_device_type"]["counts"]
        for row in self.browser.rows(self.insight("count_by_app_version_device_type")):
            counts = [nested[row[0]][d] for d in ("android", "ios", "web", "tv")]
            self.assertEqual(row[2:7], [grouped(n) for n in [*counts, sum(counts)]])
        distinct = insights["distinct_user_id"]
        self.assertEqual(self.browser.text(self.insight("distinct_user_id") + " .amount span"),
                         grouped(distinct["value"]))
        hours = insights["hours_of_day_timestamp"]["counts"]
        self.assertEqual([row[1] for row in self.rows_of("hours_of_day_timestamp")],
                         [grouped(hours[str(h)]) for h in range(24)])
        self.assertEqual(self.browser.text(self.insight("hours_of_day_timestamp") + " .foot-note"),
                         "not counted: 9 records lack it")
        items = insights["top_user_id"]["items"]
        self.assertEqual([[row[0], *row[2:]] for row in self.rows_of("top_user_id")],
                         [[i["key"], grouped(i["count"]), grouped(i["count"] - i["error"])]
                          for i in items])
        self.assertEqual([[row[0], *row[2:]] for row in self.rows_of("amount spread")],
                         [["p50", "24.5", "± 0.19"], ["p90", "118.25", "± 0.92"],
                          ["p99", "411", "± 3.2"], ["p99.9", "1,203.5", "± 9.4"]])
        self.assertEqual(self.browser.text(self.insight("refused logins") + " .amount span"),
                         grouped(insights["refused logins"]["value"]))
        self.assertEqual(self.browser.rows(self.insight("last_ip_by_device_id"))[1],
                         ["device-1", "10.0.1.7"])
        self.assertEqual(self.browser.rows(self.insight("distinct_device_id_by_country"))[0][2:],
                         ["5,120", "5,017 – 5,222"])
        window = self.browser.rows(self.insight("devices per minute"))[0]
        self.assertEqual(window, ["14:11:00 – 14:12:00", "631", "android 520, ios 111"])

    def test_change_with_an_event(self):
        self.open()
        before = self.engine.totals["consumed"]

        self.engine.advance(1, 4000)
        self.server.send()

        now = self.engine.totals["consumed"]
        self.assertGreater(now, before)
        self.browser.until("the new number",
                           lambda: self.browser.text("#flow .from .big") == grouped(now))
        self.assertRegex(self.browser.text("#keys dd"), r"^[\d,]+/s$")
        self.assertIn("live", self.browser.text("#connection"))

    def test_of_stages_are_of_the_last_minute(self):
        self.open()
        fixture.play(self.server, 90)
        self.browser.until("all events", lambda: self.browser.text("#flow .from .big") ==
                           grouped(self.engine.totals["consumed"]))

        rows = self.browser.rows("#stages")
        self.assertEqual(len(rows), 6)
        self.assertIn("in the last minute", self.browser.text("#batch-note"))
        whole = sum(float(row[2].strip("<%")) for row in rows[:5])
        self.assertAlmostEqual(whole, 100, delta=0.4)

    def test_are_formatted(self):
        self.serve()
        self.browser.open(self.server.url)
        for module, call, expected in [
                ("format", "count(1234567)", "1,234,567"),
                ("format", "count(12345678901234567890n)", "12,345,678,901,234,567,890"),
                ("format", "count(null)", "–"), ("format", "figure(0.1 + 0.2)", "0.3"),
                ("format", "figure(1e300)", "1e+300"), ("format", "figure(1234.5)", "1,234.5"),
                ("format", "share(1, 100000)", "<0.1%"),
                ("format", "share(99999, 100000)", ">99.9%"),
                ("format", "share(0, 0)", "–"), ("format", "share(5n, 10n)", "50.0%"),
                ("format", "bytes(1536)", "1.5 KiB"), ("format", "bytes(1023)", "1023 B"),
                ("format", "duration(0.00025)", "250 µs"),
                ("format", "duration(0.0125)", "12.5 ms"),
                ("format", "duration(Infinity)", "> 30 s"), ("format", "duration(59.94)", "59.9 s"),
                ("format", "span(3599)", "59 min 59 s"), ("format", "span(8054)", "2 h 14 min"),
                ("format", "span(7200)", "2 h"), ("format", "rate(3.14159)", "3.1"),
                ("format", "printable('a\\u202eb')", "a\\u202eb"),
                ("format", "printable('')", "(empty)"), ("format", "printable(' ')", '" "'),
                ("format", "value([\"a\", 1, null])", "a / 1 / null"),
                ("exact_json", "String(parse('{\"a\":9007199254740993}').a)", "9007199254740993"),
                ("exact_json", "typeof parse('9007199254740991')", "number"),
                ("exact_json", "parse('\"9007199254740993\"')", "9007199254740993"),
                ("exact_json", "parse('\"\\\\\\\\\\\\\"9007199254740993\"')",
                 '\\"9007199254740993'),
                ("exact_json", "parse('1.5e3')", 1500),
                ("exact_json", "Object.keys(parse('{\"__proto__\":1}')).join()", "__proto__"),
                ("engine", "quantile({count: 4, counts: [1, 2, 1]}, [1, 2], 0.5)", 2),
                ("engine", "quantile({count: 4, counts: [1, 2, 1]}, [1, 2], 0.25)", 1),
                ("engine", "quantile({count: 0, counts: [0]}, [], 0.5)", None)]:
            with self.subTest(call=call):
                found = self.browser.driver.execute_async_script(
                    f"const done = arguments[arguments.length - 1];"
                    f"import('/{module}.js').then(({{{call_names(call)}}}) => done({call}),"
                    f"error => done('error: ' + error));")
                self.assertEqual(found, expected)

    def test_come_out_of_a_stream_that_is_cut_anywhere(self):
        self.serve()
        self.browser.open(self.server.url)
        found = self.browser.driver.execute_async_script("""
            const done = arguments[0];
            import('/stream.js').then(({EventReader}) => {
              const text = ': hello\\r\\nevent: vitals\\r\\ndata: a\\r\\ndata: b\\r\\n\\r\\n' +
                           'data:c\\n\\nevent: x\\n\\ndata\\n\\n';
              const all = new Set();
              for (let cut = 0; cut <= text.length; ++cut) {
                for (let second = cut; second <= text.length; ++second) {
                  const events = [];
                  const reader = new EventReader((name, data) => events.push([name, data]));
                  reader.push(text.slice(0, cut));
                  reader.push(text.slice(cut, second));
                  reader.push(text.slice(second));
                  all.add(JSON.stringify(events));
                }
              }
              done([...all]);
            });""")
        self.assertEqual(found, ['[["vitals","a\\nb"],["message","c"],["message",""]]'])


def call_names(call):
    return next(name for name in ("count", "figure", "share", "bytes", "duration", "span", "rate",
                                  "printable", "value", "parse", "quantile")
                if re.search(rf"\b{name}\(", call))


class States(Page):
    def test_connecting_then_gone_then_back(self):
        self.may_fail = "ERR_(CONNECTION_|INCOMPLETE_CHUNKED_ENCODING|EMPTY_RESPONSE)"
        self.open()
        for _ in range(3):
            self.engine.advance(1)
            self.server.send()
        shown = grouped(self.engine.totals["consumed"])
        self.browser.until("the last figures",
                           lambda: self.browser.text("#flow .from .big") == shown)

        self.server.stop()

        self.browser.until("the notice", lambda: "has not answered since" in
                           (self.browser.text("#notices") or ""))
        self.assertEqual(self.browser.text("#flow .from .big"), shown)
        self.assertIn("no answer since", self.browser.text("#connection"))

        began = self.engine.time_ms
        self.server.engine = self.engine = fixture.Engine(now_ms=began + 5000)
        self.engine.advance(1, 50)
        self.server.start()

        now = grouped(self.engine.totals["consumed"])
        self.browser.until("the new life",
                           lambda: self.browser.text("#flow .from .big") == now)
        self.assertIn("began anew", self.browser.text("#notices"))
        self.assertNotIn("has not answered", self.browser.text("#notices"))
        self.browser.until("the stream", self.server.listening)
        self.engine.advance(1, 50)
        self.server.send()
        now = grouped(self.engine.totals["consumed"])
        self.browser.until("it goes on", lambda: self.browser.text("#flow .from .big") == now)
        rates = [cell for row in self.browser.rows("#series-table") for cell in row[1:]]
        self.assertFalse([cell for cell in rates if cell.startswith("-")], rates)
        self.assertTrue([cell for cell in rates if cell != "–"])
        self.browser.until("insights of the new life", lambda: self.browser.text(
            "[data-insight='refused logins'] .amount span") ==
            grouped(self.engine.results()["refused logins"]["value"]))

    def test_not_ready_and_why(self):
        self.may_fail = "503"
        self.serve(not_ready="Not ready: it waits for a broker at kafka:9092.\n")
        self.browser.open(self.server.url)
        self.browser.until("the reason", lambda: "kafka:9092" in self.browser.text("#notices"))
        self.assertFalse(self.browser.shown("#board"))

        self.server.not_ready = None

        self.shown()
        self.assertEqual(self.browser.text("#notices"), "")

    def test_started_and_nothing_to_show(self):
        self.may_fail = "503"
        self.serve()
        self.server.starts = True
        self.browser.open(self.server.url)
        self.browser.until("the reason", lambda: "no partition is assigned yet" in
                           (self.browser.text("#notices") or ""))
        self.assertEqual(self.browser.text("#connection"), "connected")
        self.assertFalse(self.browser.shown("#board"))

        self.server.starts = False
        self.server.send()

        self.shown()
        self.browser.until("no notice", lambda: self.browser.text("#notices") == "")

    def test_nothing_assigned(self):
        self.may_fail = "503"
        engine = fixture.Engine(partitions=0)
        self.serve(engine)
        self.browser.open(self.server.url)
        self.browser.until("the reason", lambda: "no partition is assigned yet" in
                           (self.browser.text("#notices") or ""))
        self.assertEqual(self.browser.rows("#partitions"), [["None is assigned yet."]])

        engine.partitions = fixture.Engine().partitions
        engine.first = [0] * 6
        engine.advance(1)
        self.server.send()

        self.browser.until("no notice", lambda: self.browser.text("#notices") == "")

    def test_finished(self):
        self.may_fail = r"ERR_"
        self.open()
        self.engine.phase = "finished"
        self.engine.advance(1, 0)
        self.server.send()
        self.browser.until("its phase", lambda: self.browser.text("#phase") == "finished")

        self.server.stop()

        self.browser.until("what became of it",
                           lambda: "finished at" in self.browser.text("#notices"))
        self.assertEqual(self.browser.text("#connection"), "finished")
        self.server.start()

    def test_failing(self):
        self.open()
        self.engine.fail()
        self.engine.advance(1)
        self.server.send()

        self.browser.until("its health",
                           lambda: self.browser.text("#health") == "unhealthy: 1 partition")
        self.assertEqual(self.browser.run("return document.title"),
                         "unhealthy: user-login – Millrace")
        notices = self.browser.texts("#notices .notice")
        self.assertIn("The identity does not hold: user-login/1: acknowledged 51,203, but sent "
                      "51,206.", notices)
        self.assertTrue(any("no broker leads the partition" in n for n in notices), notices)
        self.assertIn("The alert many-dead-letters fires.", notices)
        self.browser.until("the identity",
                           lambda: self.browser.text("#identity") == "DOES NOT HOLD")
        self.assertIn("✗ differs", [row[2] for row in self.browser.rows("#identity-terms")])
        self.assertTrue(self.browser.rows("#partitions")[0][2].startswith("unhealthy: "))
        self.assertEqual([row[:2] for row in self.browser.rows("#alerts")],
                         [["many-dead-letters", "firing"], ["far-behind", "pending"],
                          ["few-users", "ok"]])
        self.assertIn("spent", self.browser.text("#queues"))

    def test_what_is_wrong_is_announced_once(self):
        self.open()
        self.assertEqual(self.browser.text("#announcement[role=status]"), "")
        self.engine.fail()
        sick, waiting = self.engine.health["partitions"]
        sick["reason"] = "a commit has been under way for 45 s"
        self.engine.advance(1)
        self.server.send()
        self.browser.until("the announcement", lambda: "a commit has been under way for 45 s" in
                           self.browser.text("#announcement"))
        self.assertIsNone(self.browser.text("#notices[role], #notices [role]"))
        self.browser.run("window.changes = 0; new MutationObserver(() => ++window.changes)"
                         ".observe(document.getElementById('announcement'),"
                         "         {childList: true, characterData: true, subtree: true});")

        for seconds, words in ((59, "59 s"), (200, "3 min 20 s"), (7200, "2 h")):
            sick["still_seconds"] = seconds
            sick["lag"] += 1000
            sick["reason"] = f"a commit has been under way for {seconds} s"
            self.server.send()
            self.browser.until("the numbers", lambda w=words: f"for {w}, " in
                               self.browser.text("#notices"))
        self.assertEqual(self.browser.run("return window.changes"), 0)

        waiting["status"] = "unhealthy"
        self.server.send()
        self.browser.until("what is new", lambda: self.browser.text("#announcement").startswith(
            "user-login/4 is unhealthy"))
        self.assertNotIn("a commit", self.browser.text("#announcement"))

    def test_token(self):
        self.may_fail = "401"
        self.serve(token="a-token")  # not a secret
        self.browser.open(self.server.url)
        self.browser.until("the question", lambda: self.browser.shown("#token"))
        self.assertFalse(self.browser.shown("#board"))
        self.type_token("wrong")
        self.browser.until("it was tried", lambda: any(
            headers.get("Authorization") == "Bearer wrong" for _, headers in self.server.asked))
        self.browser.until("the question again", lambda: self.browser.shown("#token"))
        self.browser.until("what is wrong with it", lambda: self.browser.text(
            "#token-answer[role=status]") == "The token is wrong.")
        self.type_token("a-token")
        self.shown()
        self.assertFalse(self.browser.shown("#token"))

        self.browser.run("sessionStorage.clear()")
        self.browser.open("about:blank")
        self.browser.open(self.server.url + "#token=a-token")
        self.shown()
        self.assertEqual(self.browser.run("return location.href"), self.server.url)
        self.browser.driver.refresh()
        self.shown()
        self.assertFalse([path for path, headers in self.server.asked
                          if "a-token" in path or "a-token" in headers.get("Referer", "")])

        self.click_apart(".foot a[href=report]")
        self.browser.run("document.querySelector('.foot a[href=report]').click()")
        self.browser.until("the report", lambda: self.browser.run(
            "return location.protocol + document.body.innerText").startswith("blob:"))
        self.assertIn("Bearer a-token", [headers.get("Authorization") for path, headers
                                         in self.server.asked if path == "/report"])

    def click_apart(self, selector):
        """With Ctrl: what it leads to comes in a tab of its own, and this one stays."""
        from selenium import webdriver
        from selenium.webdriver.common.by import By
        from selenium.webdriver.common.keys import Keys
        driver = self.browser.driver
        here = driver.current_window_handle
        link = driver.find_element(By.CSS_SELECTOR, selector)
        webdriver.ActionChains(driver).key_down(Keys.CONTROL).click(link).key_up(
            Keys.CONTROL).perform()
        self.browser.until("another tab", lambda: len(driver.window_handles) == 2)
        self.assertEqual(self.browser.run("return location.href"), self.server.url)
        driver.switch_to.window(next(w for w in driver.window_handles if w != here))
        self.browser.until("the report there", lambda: self.browser.run(
            "return location.protocol + document.body.innerText").startswith("blob:{"))
        driver.close()
        driver.switch_to.window(here)

    def type_token(self, value):
        self.browser.run("document.getElementById('token-value').focus()")
        for key in value:
            self.browser.press(key)
        self.browser.press("ENTER")


class Hostile(Page):
    def setUp(self):
        super().setUp()
        engine = fixture.Engine()
        engine.advance(2)
        engine.hostile()
        self.open(engine)
        self.browser.until("the last insight",
                           lambda: self.browser.shown("[data-insight='no_window']"))

    def test_is_text_and_nothing_else(self):
        self.assertEqual(self.browser.run("return document.title"), f"<b>{'p' * 80} – Millrace")
        self.assertEqual(self.browser.run(
            "return document.querySelectorAll('main img, main script, main u, main i:not([class]), "
            "header b').length"), 0)
        keys = [row[0] for row in self.browser.rows("[data-insight='hostile_count_by']")]
        self.assertEqual(keys[:6], [*fixture.HOSTILE[:5], "(empty)"])
        self.assertEqual(keys[6:9], ['"  "', "\\u202egnp.exe", "a\\u0000b\\u000ac\\u0009d"])
        self.assertEqual(self.browser.text("[data-kind='of tomorrow'] h3"), "<i>name</i>")
        self.assertIn("<img src=x", self.browser.text("#samples"))
        self.assertEqual(self.browser.rows("[data-insight='top_pairs']")[0][0], "a / b")
        for name in ("nobody", "no_top", "no_window"):
            self.assertIn("Nothing yet.", self.browser.text(f"[data-insight='{name}']"))

    def test_large_numbers_are_exact(self):
        self.assertEqual(self.browser.text("[data-insight='big'] .amount span"),
                         grouped((1 << 63) + 1))
        self.assertEqual(self.browser.text("[data-insight='big_sum'] .amount span"),
                         grouped(((1 << 63) + 1) * 10))
        self.assertEqual(self.browser.rows("#partitions")[0][3], str((1 << 63) + 1))

    def test_thousands_of_rows_are_cut(self):
        card = "[data-insight='many']"
        self.assertEqual(len(self.browser.rows(card)), 10)
        self.assertEqual(self.browser.text(f"{card} .more span"), "… and 4,990 more")
        self.browser.run(f"document.querySelector(\"{card} button\").click()")
        self.assertEqual(len(self.browser.rows(card)), 200)
        self.assertEqual(self.browser.text(f"{card} .more span"), "… and 4,800 more")
        self.assertEqual(len(self.browser.rows("#partitions")), 101)
        self.assertEqual(self.browser.rows("#partitions")[-1], ["… and 1,900 more"])

    def test_breaks_no_layout(self):
        for width in (1440, 800, 360):
            self.browser.size(width)
            self.assertEqual(self.script("overflow.js"), [], f"at {width}")


class Access(Page):
    def test_contrast(self):
        for dark in (False, True):
            for failing in (False, True):
                with self.subTest(dark=dark, failing=failing):
                    self.browser.media(dark)
                    self.open()
                    if failing:
                        self.engine.fail()
                        self.server.send()
                        self.browser.until("the notices", lambda: self.browser.shown(".notice"))
                        self.browser.until("the identity", lambda: self.browser.text("#identity") !=
                                           "holds")
                    self.browser.run("document.querySelectorAll('details').forEach("
                                     "d => { d.open = true; })")
                    found = self.script("contrast.js")
                    self.assertGreater(found["checked"], 300)
                    self.assertEqual(found["low"], [])
                    self.leave()

    def test_keyboard(self):
        self.open()
        self.browser.press("TAB")
        self.assertEqual(self.focused(), "Skip to the figures")
        self.browser.until("the link is seen", lambda: self.browser.run(
            "return document.activeElement.getBoundingClientRect().top >= 0"))
        self.browser.press("ENTER")
        self.assertEqual(self.browser.run("return document.activeElement.id"), "main")

        self.browser.open("about:blank")
        self.browser.open(self.server.url)
        self.shown()
        expected = self.script("focusable.js")
        walked = []
        for _ in range(len(expected)):
            self.browser.press("TAB")
            seen = self.script("focus.js")
            walked.append(seen["name"])
            self.assertTrue(seen["outlined"], f"no outline: {seen['tag']} after {walked[-4:-1]}")
        self.assertEqual(walked, expected)
        self.assertGreater(len(walked), 15)

    def test_keys_work_what_a_mouse_does(self):
        self.open()
        self.browser.run("document.querySelector('#theme input:checked').focus()")
        self.browser.press("ARROW_RIGHT")
        self.assertEqual(self.browser.run("return document.activeElement.value"), "light")
        self.browser.press("ARROW_RIGHT")
        self.assertEqual(self.browser.run("return document.documentElement.dataset.theme"), "dark")
        card = "[data-insight='last_ip_by_device_id']"
        self.browser.run(f"document.querySelector(\"{card} button\").focus()")
        self.browser.press("ENTER")
        self.assertEqual(len(self.browser.rows(card)), 14)
        self.browser.run("document.querySelector('#board summary').focus()")
        self.browser.press("ENTER")
        self.assertTrue(self.browser.shown("#series-table"))
        self.browser.run("localStorage.clear()")

    def focused(self):
        return self.browser.run("return document.activeElement.textContent.trim()")

    def test_everything_has_a_name(self):
        self.open()
        self.assertEqual(self.script("names.js"), [])

    def test_narrow(self):
        for width in (360, 320):
            self.browser.size(width, 740)
            self.open()
            self.engine.fail()
            self.server.send()
            self.browser.until("the notices", lambda: self.browser.shown(".notice"))
            self.assertEqual(self.script("overflow.js"), [], f"at {width}")
            self.leave()

    def test_theme_is_remembered(self):
        self.open()
        self.assertEqual(self.theme(), "light")
        self.browser.media(dark=True)
        self.browser.until("the system's choice", lambda: self.theme() == "dark")
        self.browser.run("document.querySelector('#theme input[value=light]').click()")
        self.assertEqual(self.theme(), "light")
        self.browser.driver.refresh()
        self.shown()
        self.assertEqual(self.theme(), "light")
        self.browser.run("document.querySelector('#theme input[value=auto]').click()")
        self.assertEqual(self.theme(), "dark")
        self.browser.run("localStorage.clear()")

    def theme(self):
        return self.browser.run("return document.documentElement.dataset.theme")

    def test_reduced_motion(self):
        self.browser.media(still=True)
        self.open()
        moving = self.browser.run(
            "return [...document.querySelectorAll('*')].filter(n => {"
            "  const s = getComputedStyle(n);"
            "  return parseFloat(s.transitionDuration) > 0 || parseFloat(s.animationDuration) > 0;"
            "}).map(n => n.className || n.tagName)")
        self.assertEqual(moving, [])


class Security(Page):
    def test_no_module_writes_markup(self):
        for file in sorted(fixture.PAGE.glob("*.js")):
            found = re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|"
                               r"new Function|DOMParser|createContextualFragment",
                               file.read_text())
            self.assertEqual(found, [], file.name)
        page = (fixture.PAGE / "index.html").read_text()
        inline = r"\sstyle=|\son\w+=|<style|<script(?![^>]*src)|https?:"
        self.assertEqual(re.findall(inline, page), [])

    def test_the_charts_are_drawn(self):
        self.open()
        fixture.play(self.server, 30)
        self.browser.until("all events", lambda: self.browser.text("#flow .from .big") ==
                           grouped(self.engine.totals["consumed"]))
        for canvas in ("#throughput", "#lag", "[data-kind='hours_of_day'] canvas"):
            self.browser.until(f"{canvas} has colours", lambda c=canvas: self.browser.run(
                "const c = document.querySelector(arguments[0]);"
                "const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
                "const seen = new Set();"
                "for (let i = 0; i < d.length; i += 4) if (d[i + 3]) seen.add(d[i] * 65536 + "
                "d[i + 1] * 256 + d[i + 2]);"
                "return seen.size > 5", c))


if __name__ == "__main__":
    find()
    unittest.main(verbosity=2)
