# SPDX-License-Identifier: Apache-2.0
"""Holds the JSON Schema of the configuration (millrace check --schema) to the parser: what we ship
is valid by it, and what the parser refuses by shape it refuses too.
config_schema_test.py PATH_OF_MILLRACE [unittest arguments]"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

try:
    import jsonschema
    import yaml
except ImportError as error:
    print(f"skipped: {error}; install python3-jsonschema and python3-yaml")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "engine" / "config" / "pipeline.schema.json"
MILLRACE = ""
ALIASES = re.compile(r"BOOTSTRAP_SERVERS|KAFKA_\w+|CONSUMER_\w+|PRODUCER_\w+|LOGGER_LEVEL")

SMALLEST = {
    "pipeline": "pipeline: p",
    "kafka": "kafka: {bootstrap.servers: 'h:1'}",
    "input": "input: {topic: in, group: g}",
    "output": "output: {topic: out}",
    "dead_letters": "dead_letters: discard",
    "delivery": "delivery: {guarantee: at_least_once}",
}


class Loader(yaml.SafeLoader):
    """Reads scalars as the engine does: null, true, false and JSON's numbers; all else is text."""


Loader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
        ("null", r"(~|null|Null|NULL|)$", ["~", "n", "N", ""]),
        ("bool", r"(true|false)$", list("tf")),
        ("int", r"-?(0|[1-9][0-9]*)$", list("-0123456789")),
        ("float", r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$", list("-0123456789"))):
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), first)


def pipeline(text):
    """A pipeline of these keys, completed by those of the smallest one."""
    given = {line.split(":")[0] for line in text.splitlines() if re.match(r"\w+:", line)}
    rest = [line for key, line in SMALLEST.items() if key not in given]
    return "\n".join([*rest, text]) + "\n"


def step(text):
    return f"steps: [{text}]"


# What the parser takes, and looks odd.
GOOD = [
    "workers: '4'",
    "pipeline: 5",
    "pipeline: a.b-c_d",
    "memory: 1 GiB",
    "memory: '${MEMORY:-1GiB}'",
    "workers: ${WORKERS:-2}",
    "latency: low",
    "latency: '${LATENCY:-relaxed}'",
    "stop_deadline: ${DEADLINE:-1m}",
    "log: {level: '${LEVEL:-info}'}",
    "log: {level: WARNING}",
    "log: {format: json}",
    "log: {}",
    "serve: {listen: '127.0.0.1:9464'}",
    "serve: {listen: '[::1]:0', token: abc}",
    "serve: {listen: '${LISTEN:-localhost:9464}', token: '${TOKEN:-7}'}",
    "report: {every: 1 record}",
    "report: {every: '${EVERY:-5s}'}",
    "input: {topic: '${TOPIC:-in}', group: 7, batch: {max_wait: 0, max_records: '10'}}",
    "input: {topic_pattern: '^a.*', group: g, values: any, start: '${START:-latest}'}",
    "input: {topics: [a, b], group: g}",
    "output: {topic: out, key: none, headers: drop, timestamp: record, encoding: spaced}",
    "output: {topic: out, key: {field: keep}, partition: '${PARTITION:-by_key}'}",
    "output: {topic: out, key: 'a[0][\"b.c\"].d'}",
    "dead_letters: {topic: dead}",
    "dead_letters: {topic: dead, format: {fields: [a, b], error: why}}",
    "dead_letters: {topic: dead, format: '${FORMAT:-envelope}'}",
    "delivery: {guarantee: at_least_once, commit_every: 10ms}",
    "delivery: {guarantee: '${GUARANTEE:-exactly_once}', commit_every: 5s}",
    "delivery: {transaction_timeout: 15m, on_failure: stop}",
    "delivery: {}",
    "delivery: {on_failure: dead_letter}\ndead_letters: {topic: dead}",
    "state: {durable: false}",
    "state: {}",
    "instance: 7",
    "instance: ${INSTANCE:-a.b-c_d}",
    "session_timeout: 30m\nstalled_after: ${STALLED:-1s}",
    "input: {topic: in, group: g, on_lost_offsets: latest}",
    "dead_letters: {topic: dead, stop_above: {share: 50%}}",
    "dead_letters: {topic: dead, stop_above: {share: '0.5 %', over: 10000 records}}",
    "dead_letters: {topic: dead, stop_above: {share: '${SHARE:-5%}', over: 7}}",
    "kafka: {bootstrap.servers: 'h:1', consumer: {fetch.wait.max.ms: 50}, ssl.ca.pem: ''}",
    "schema: true",
    "schema: {type: object}\nschema_draft: draft-07\nformats: assert",
    "schema: {}\nschema_sources: [{prefix: 'http://localhost:1234/', dir: .}]",
    "insights: [{count_by: [a, b.c]}, {top: {of: a, limit: '5'}}, {distinct: a, name: n}]",
    "insights: []\nsteps: []",
    "insights: [{count: records, of: filtered, when: {field: a, equals: 1}, name: n}]",
    "insights: [{rate: records}, {sum: a}, {min: a}, {max: a.b}, {mean: a, after: true}]",
    "insights: [{quantiles: a}, {quantiles: {of: a, at: [0.5, '0.999']}, name: n}]",
    "insights: [{quantiles: {latency_of: a, at: 0.5}, from: '%F %T'}]",
    "insights: [{quantiles: {latency_of: {timestamp: true}}, of: consumed}]",
    "insights: [{top: {of: a, also: {last: b, first: [c, d]}, exact_up_to: 5}}]",
    "insights: [{distinct: a, by: [b, c], exact_up_to: 1000, keys_max: 7, after: false}]",
    "insights: [{last: a, by: b, keys_max: '1000000'}, {first: a, by: [b]}]",
    "insights: [{hours_of_day: a, from: unix_milliseconds, of: '${OF:-consumed}'}]",
    "insights: [{window: {every: 60s, on: t, count_by: a}}]",
    "insights: [{window: {every: '${W:-1h}', hop: 5m, on: {timestamp: true}, grace: 0, sum: a}}]",
    "insights: [{window: {every: 1h, on: a.b, from: rfc3339, hours_of_day: c, after: true}}]",
    "insights: [{window: {every: 2s, on: t, max_ahead: 5s, close_idle_after: never, min: a}}]",
    "insights: [{window: {every: 2s, on: t, close_idle_after: 5m, last: a, by: b, keys_max: 5}}]",
    "insights: [{window: {every: 2s, on: t, sum: a, topic: t, as: {v: value, s: window_start}}}]",
    "insights: [{count_by: a, topic: t, every: 60s, as: {device_type_counts: counts}}]",
    "insights: [{rate: records, topic: t, as: {v: '${SOURCE:-value}'}}]",
    step("{keep_if: {field: a, equals: null}}"),
    step("{drop_if: {any: [{field: a, in: [1, x]}, {not: {field: b, exists: true}}]}}"),
    step("{reject_if: {field: v, version_below: 2.3.0, lexicographic: true}}"),
    step("{keep_if: {field: n, at_least: '5', less_than: 1e3}}"),
    step("{drop_if: {field: i, ip_in: '::1'}}, {drop_if: {field: i, ip_in: [10.0.0.0/8]}}"),
    step("{rename: {a: b}}, {remove: a}, {keep_only: [c, d]}, {trim: [a, b], dead_letters: t}"),
    step("{add: {a: [1, {b: 2}], b: {constant: {c: 1}}, t: {now: '%F'}, k: {key: true}}}"),
    step("{add: {e: {environment: {name: MILLRACE_TEST_ABSENT, default: ''}}, h: {header: x}}}"),
    step("{default: {a: 1, b: {c: 2}}}, {default: {values: {a: null}, when: null}}"),
    step("{default: {values: 5}}"),
    step("{replace: {field: a, pattern: b, with: ''}}, {lowercase: a}, {uppercase: [b.c]}"),
    step("{lookup: {field: a, table: {x: 1}, unmapped: null, into: b}}"),
    step("{cast: {field: a, to: int}}, {cast: {field: b, to: '${TO:-bool}'}}"),
    step("{format_time: {field: t, from: unix_seconds, as: '%Y', zone: Europe/Berlin}}"),
    step("{parse_time: {field: t, from: rfc3339, truncate: true, into: u}}"),
    step("{valid_ip: ip}, {valid_ip: {field: ip, version: 4, otherwise: {text: reject}}}"),
    step("{mask: {field: a, keep_last: 4}}, {mask: {field: b, sha256: true}}"),
    step("{unwrap: .}, {emit: copy}, {emit: {topic: other}}"),
    step("{explode: {field: items, piece: element, empty: reject}}"),
    step("{route: [{when: {field: a, exists: true}, topic: x}, {topic: y}]}"),
    step("{stage: {name: s, dead_letters: d, steps: [{trim: a}]}}"),
]

# What the parser refuses for its shape: unknown keys at every level, wrong types, wrong words,
# what may not stand together, what is missing.
BAD = [
    "workerz: 4",
    "workers: 0",
    "workers: [1]",
    "workers: many",
    "workers:",
    "memory: 5 apples",
    "memory: {a: 1}",
    "stop_deadline: 5",
    "pipeline: a b",
    "pipeline: [p]",
    "serve: {}",
    "log: {level: loud}",
    "log: {levels: info}",
    "log: {format: xml}",
    "serve: {listen: 9464}",
    "serve: {listen: 'kafka:9464'}",
    "serve: {listen: '127.0.0.1:9464', token: [a]}",
    "serve: {listen: '127.0.0.1:9464', tls: {certificate: a}}",
    "log: info",
    "report: {every: soon}",
    "report: {each: 1s}",
    "report: 5s",
    "kafka: {group.id: x, bootstrap.servers: 'h:1'}",
    "kafka: {acks: 0, bootstrap.servers: 'h:1'}",
    "kafka: {session.timeout.ms: 6000, bootstrap.servers: 'h:1'}",
    "kafka: {bootstrap.servers: [a]}",
    "kafka: {bootstrap.servers: {path: x}}",
    "kafka: {bootstrap.servers: 'h:1', consumer: {bootstrap.servers: h}}",
    "kafka: {bootstrap.servers: 'h:1', producer: {retries: 1}}",
    "kafka: {bootstrap.servers: 'h:1', consumer: 3}",
    "kafka: {bootstrap.servers: 'h:1', 'a b': 3}",
    "kafka: {bootstrap.servers: 'h:1', log_cb: x}",
    "kafka: localhost",
    "input: {topic: in, topics: [a], group: g}",
    "input: {topics: in, group: g}",
    "input: {topics: [], group: g}",
    "input: {topics: [a, a], group: g}",
    "input: {topic: a/b, group: g}",
    "input: {topic_pattern: a.*, group: g}",
    "input: {topic: in, gruop: g, group: g}",
    "input: {topic: in, group: g, gaps: forbid}",
    "input: {topic: in, group: g, start: now}",
    "input: {topic: in, group: g, on_lost_offsets: reset}",
    "input: {topic: in, group: g, values: all}",
    "input: {topic: in, group: g, tombstones: drop}",
    "input: {topic: in, group: g, duplicate_members: first}",
    "input: {topic: in, group: g, batch: {max_records: 0}}",
    "input: {topic: in, group: g, batch: {max_wait: 5}}",
    "input: {topic: in, group: g, batch: {size: 5}}",
    "input: {topic: in, group: [g]}",
    "input: [in]",
    "schema: []",
    "schema:",
    "schema: {}\nschema_draft: draft-04",
    "schema: {}\nformats: true",
    "formats: assert",
    "schema_sources: [{prefix: 'http://x/', dir: .}]",
    "schema: {}\nschema_sources: {prefix: 'http://x/', dir: .}",
    "schema: {}\nschema_sources: [{prefix: x, dir: .}]",
    "schema: {}\nschema_sources: [{prefix: 'http://x/'}]",
    "schema: {}\nschema_sources: [{prefix: 'http://x/', dir: ., url: y}]",
    "output: {topic: out, keys: a}",
    "output: {topic: out, key: [a]}",
    "output: {topic: out, key: {path: a}}",
    "output: {topic: out, headers: true}",
    "output: {topic: out, timestamp: later}",
    "output: {topic: out, partition: same}",
    "output: {topic: out, encoding: utf8}",
    "output: {topic: ..}",
    "dead_letters: dead",
    "dead_letters: {}",
    "dead_letters: {topic: d, key: none}",
    "dead_letters: {topic: d, stop_above: 5%}",
    "dead_letters: {topic: d, stop_above: {}}",
    "dead_letters: {topic: d, stop_above: {share: 0.5}}",
    "dead_letters: {topic: d, stop_above: {share: half}}",
    "dead_letters: {topic: d, stop_above: {share: 5%, over: 0}}",
    "dead_letters: {topic: d, stop_above: {share: 5%, over: 10s}}",
    "dead_letters: {topic: d, stop_above: {share: 5%, of: 10}}",
    "dead_letters: {topic: d, format: json}",
    "dead_letters: {topic: d, format: {}}",
    "dead_letters: {topic: d, format: {fields: []}}",
    "dead_letters: {topic: d, format: {fields: [a], errors: x}}",
    "delivery: exactly_once",
    "delivery: {guarantee: at_most_once}",
    "delivery: {guarantee: at_least_once, commit_every: often}",
    "delivery: {on_failure: skip}",
    "delivery: {transaction_timeout: 10}",
    "delivery: {instance: a}",
    "state: durable",
    "state: {durable: 1}",
    "state: {every: 5d}",
    "instance: a b",
    "instance: [a]",
    "instance:",
    "session_timeout: 10",
    "stalled_after: never",
    "latency: 5ms",
    "latency: [low]",
    "insights: {distinct: a}",
    "insights: [a]",
    "insights: [{}]",
    "insights: [{distinct: a, count_by: b}]",
    "insights: [{countby: a}]",
    "insights: [{distinct: [a]}]",
    "insights: [{top: a}]",
    "insights: [{top: {limit: 3}}]",
    "insights: [{top: {of: a, limit: 0}}]",
    "insights: [{top: {of: a, by: b}}]",
    "insights: [{count_by: [a, b, c, d, e, f, g, h, i]}]",
    "insights: [{distinct: a, name: 'x y'}]",
    "insights: [{count: a}]",
    "insights: [{rate: [records]}]",
    "insights: [{of: consumed, name: a}]",
    "insights: [{distinct: a, of: rejected}]",
    "insights: [{distinct: a, after: 1}]",
    "insights: [{distinct: a, when: {field: b}}]",
    "insights: [{distinct: a, window: 60s}]",
    "insights: [{window: {on: t, sum: a}}]",
    "insights: [{window: {every: 60s, sum: a}}]",
    "insights: [{window: {every: 60s, on: t}}]",
    "insights: [{window: {every: 60s, on: t, sum: a, min: b}}]",
    "insights: [{window: {every: 60s, on: t, rate: records}}]",
    "insights: [{window: {every: 60s, on: {timestamp: false}, sum: a}}]",
    "insights: [{window: {every: 60s, on: t, sum: a}, name: n}]",
    "insights: [{window: {every: 60s, on: t, sum: a, window: {}}}]",
    "insights: [{window: {every: 60s, on: t, sum: a, close_idle_after: soon}}]",
    "insights: [{window: {every: 60s, on: t, sum: a, as: {v: value}}}]",
    "insights: [{sum: a, on: t}]",
    "insights: [{sum: a, every: 5s}]",
    "insights: [{sum: a, as: {v: value}}]",
    "insights: [{sum: a, topic: t, as: {}}]",
    "insights: [{sum: a, topic: t, as: {v: count}}]",
    "insights: [{sum: a, topic: t, as: {not_shown: value}}]",
    "insights: [{distinct: a, keys_max: 5}]",
    "insights: [{distinct: a, from: rfc3339}]",
    "insights: [{distinct: a, exact_up_to: 0}]",
    "insights: [{distinct: a, exact_up_to: 1000001}]",
    "insights: [{count_by: a, by: b}]",
    "insights: [{top: {of: a, also: b}}]",
    "insights: [{top: {of: a, also: {}}}]",
    "insights: [{top: {of: a, also: {max: b}}}]",
    "insights: [{top: {of: a, exact_up_to: many}}]",
    "insights: [{top: {of: a}, exact_up_to: 5}]",
    "insights: [{first: a}]",
    "insights: [{last: [a], by: b}]",
    "insights: [{hours_of_day: a, from: seconds}]",
    "insights: [{quantiles: {at: [0.5]}}]",
    "insights: [{quantiles: {of: a, latency_of: b}}]",
    "insights: [{quantiles: {of: a, at: []}}]",
    "insights: [{quantiles: {of: a, at: [0.5, 1]}}]",
    "insights: [{quantiles: {of: a, at: p50}}]",
    "insights: [{quantiles: {latency_of: {timestamp: false}}}]",
    "insights: [{quantiles: {latency_of: {offset: true}}}]",
    "steps: {trim: a}",
    "steps: [trim]",
    "steps:",
    step("{}"),
    step("{lowercas: a}"),
    step("{script: x}"),
    step("{trim: a, uppercase: b}"),
    step("{trim: a, note: b}"),
    step("{trim: a, dead_letters: discard}"),
    step("{trim: {a: b}}"),
    step("{trim: []}"),
    step("{keep_if: a}"),
    step("{keep_if: {}}"),
    step("{keep_if: {field: a}}"),
    step("{keep_if: {equals: 1}}"),
    step("{keep_if: {field: a, equal: 1}}"),
    step("{keep_if: {field: a, in: 1}}"),
    step("{keep_if: {field: a, in: []}}"),
    step("{keep_if: {field: a, exists: 'true'}}"),
    step("{keep_if: {field: a, at_least: many}}"),
    step("{keep_if: {field: a, exists: true, all: [{field: b, exists: true}]}}"),
    step("{keep_if: {field: a, lexicographic: true, exists: true}}"),
    step("{drop_if: {all: []}}"),
    step("{drop_if: {any: [{field: a, exits: true}]}}"),
    step("{drop_if: {not: [{field: a, exists: true}]}}"),
    step("{reject_if: {field: a, matches: [b]}}"),
    step("{rename: a}"),
    step("{rename: {}}"),
    step("{rename: {a: [b]}}"),
    step("{keep_only: {a: b}}"),
    step("{add: {}}"),
    step("{add: {a: {}}}"),
    step("{add: {a: {nwo: rfc3339}}}"),
    step("{add: {a: {now: rfc3339, key: true}}}"),
    step("{add: {a: {now: later}}}"),
    step("{add: {a: {key: false}}}"),
    step("{add: {a: {environment: {default: x}}}}"),
    step("{default: {}}"),
    step("{default: {values: {a: 1}, when: never}}"),
    step("{default: {values: {a: 1}, then: absent}}"),
    step("{default: {a: 1, when: 'null'}}"),
    step("{replace: {field: a, pattern: b}}"),
    step("{replace: {field: a, pattern: b, with: c, all: true}}"),
    step("{lookup: {field: a}}"),
    step("{lookup: {field: a, table: {x: y}, csv: f.csv}}"),
    step("{lookup: {field: a, table: {x: y}, header: true}}"),
    step("{lookup: {field: a, table: [x]}}"),
    step("{lookup: {field: a, table: {x: y}, unmapped: drop}}"),
    step("{cast: {field: a, to: date}}"),
    step("{cast: {field: a}}"),
    step("{cast: a}"),
    step("{parse_time: {field: a, from: unix_seconds}}"),
    step("{parse_time: {field: a, from: rfc3339, as: '%F'}}"),
    step("{format_time: {field: a, from: unix_seconds}}"),
    step("{format_time: {field: a, from: seconds, as: rfc3339}}"),
    step("{format_time: {field: a, from: unix_seconds, as: rfc3339, accept_text: 1}}"),
    step("{valid_ip: {field: a, version: 5}}"),
    step("{valid_ip: {field: a, otherwise: [x]}}"),
    step("{valid_ip: [a]}"),
    step("{mask: {field: a}}"),
    step("{mask: {field: a, drop: true, sha256: true}}"),
    step("{mask: {field: a, drop: false}}"),
    step("{mask: {field: a, keep_last: 1001}}"),
    step("{mask: {field: a, hmac_sha256: {}}}"),
    step("{unwrap: {into: b}}"),
    step("{explode: {field: a, piece: half}}"),
    step("{explode: {field: a, empty: keep}}"),
    step("{emit: a b}"),
    step("{emit: {to: a}}"),
    step("{route: []}"),
    step("{route: {topic: a}}"),
    step("{route: [{when: {field: a, exists: true}}]}"),
    step("{route: [{topic: a, if: {field: a, exists: true}}]}"),
    step("{stage: {steps: [{trim: a}]}}"),
    step("{stage: {name: s, steps: []}}"),
    step("{stage: {name: s, steps: [{trim: a}], topic: t}}"),
    step("{stage: {name: s, steps: [{stage: {name: t, steps: [{trim: a}]}}]}}"),
    step("{stage: {name: s, steps: [{trim: a}]}, dead_letters: d}"),
]


def yaml_blocks(document):
    return re.findall(r"^```yaml\n(.*?)^```$", document.read_text(), re.MULTILINE | re.DOTALL)


def is_step(item):
    steps = json.loads(SCHEMA.read_text())["$defs"]["step"]["properties"]
    return isinstance(item, dict) and not item.keys() - steps.keys()


class ConfigSchema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.schema = json.loads(SCHEMA.read_text())
        cls.validator = jsonschema.Draft202012Validator(cls.schema)

    def problems(self, text):
        found = self.validator.iter_errors(yaml.load(text, Loader))
        return [f"{error.json_path}: {error.message}" for error in found]

    def check(self, text):
        """The exit code of `millrace check` of such a file, and what it says."""
        variables = {name: value for name, value in os.environ.items()
                     if not ALIASES.fullmatch(name)}
        with tempfile.TemporaryDirectory(prefix="millrace-") as folder:
            path = pathlib.Path(folder) / "p.yaml"
            path.write_text(text)
            done = subprocess.run([MILLRACE, "check", path], stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True, timeout=60, check=False,
                                  env=variables)
        return done.returncode, done.stdout + done.stderr

    def test_check_prints_the_schema(self):
        done = subprocess.run([MILLRACE, "check", "--schema"], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60, check=False)

        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, SCHEMA.read_text())

    def test_it_is_a_schema(self):
        jsonschema.Draft202012Validator.check_schema(self.schema)

    def test_the_files_that_we_ship_are_valid(self):
        files = [path for path in (ROOT / "config").rglob("*.yaml")
                 if not path.name.endswith((".test.yaml", ".schema.yaml")) and
                 path.parent.name != "kubernetes"]  # manifests: tests/kubernetes reads them
        self.assertTrue(files)
        for path in files:
            with self.subTest(path=path):
                self.assertEqual(self.problems(path.read_text()), [])

    def test_the_examples_of_the_document_are_valid(self):
        blocks = yaml_blocks(ROOT / "docs" / "configuration.md")
        self.assertGreaterEqual(len(blocks), 20)
        for block in blocks:
            with self.subTest(block=block):
                self.assertEqual(self.problems(pipeline(block)), [])

    def test_the_examples_of_the_steps_are_valid(self):
        document = ROOT / "docs" / "steps.md"
        for block in yaml_blocks(document) if document.exists() else []:
            read = yaml.load(block, Loader)
            if isinstance(read, dict) and "steps" in read:
                text = pipeline(block)
            elif isinstance(read, list) and all(is_step(item) for item in read):
                text = pipeline("steps:\n" + block)
            else:
                continue
            with self.subTest(block=block):
                self.assertEqual(self.problems(text), [])

    def test_what_the_parser_takes_is_valid(self):
        for text in GOOD:
            with self.subTest(text=text):
                code, said = self.check(pipeline(text))
                self.assertEqual(code, 0, said)
                self.assertEqual(self.problems(pipeline(text)), [])

    def test_what_the_parser_refuses_is_not_valid(self):
        for text in BAD:
            with self.subTest(text=text):
                code, said = self.check(pipeline(text))
                self.assertEqual(code, 2, said)
                self.assertNotEqual(self.problems(pipeline(text)), [])

    def test_required_keys_are_required(self):
        for key in ("pipeline", "dead_letters"):
            text = "\n".join(line for name, line in SMALLEST.items() if name != key)
            with self.subTest(key=key):
                self.assertEqual(self.check(text)[0], 2)
                self.assertNotEqual(self.problems(text), [])

    def test_what_the_environment_can_fill_may_be_left_out(self):
        text = "\n".join(SMALLEST[key] for key in ("pipeline", "dead_letters"))
        self.assertEqual(self.problems(text), [])


if __name__ == "__main__":
    MILLRACE = sys.argv.pop(1)
    unittest.main()
