// SPDX-License-Identifier: Apache-2.0
// Inside the engine: where a batch spends its life, what is queued, memory, commits, the clients of
// Kafka, and the alerts.
import {byId, facts, fill, number, segments, show, text} from "./dom.js";
import {bytes, count, duration, figure, kNone, plural, printable, rate, share} from "./format.js";

const kStages = [
  ["wait", "waits for a worker", 7],
  ["process", "is processed", 2],
  ["order", "waits for its turn", 3],
  ["deliver", "is handed over", 4],
  ["settle", "is acknowledged and committed", 1],
];

// What was measured between two moments; all of it where there is no earlier one.
export function between(now, before) {
  if (!before) return now;
  return {
    count: now.count - before.count,
    sum_seconds: Math.max(0, now.sum_seconds - before.sum_seconds),
    counts: now.counts.map((n, i) => n - before.counts[i]),
  };
}

// The upper bound of where that share of them ends, as the engine does it.
export function quantile(durations, bounds, q) {
  if (durations.count <= 0) return null;
  let rest = Math.max(1, Math.ceil(q * durations.count));
  for (let i = 0; i < durations.counts.length; ++i) {
    rest -= durations.counts[i];
    if (rest <= 0) return i < bounds.length ? bounds[i] : Infinity;
  }
  return Infinity;
}

const mean = (d) => (d.count > 0 ? d.sum_seconds / d.count : null);

export function showBatch(vitals, history) {
  const old = history.minuteAgo();
  const fresh = old && vitals.stages.settle.count > old.stages.settle.count;
  const stages = kStages.map(([name]) => between(vitals.stages[name], fresh && old.stages[name]));
  const means = stages.map((d) => mean(d) ?? 0);
  const whole = means.reduce((a, b) => a + b, 0);
  const n = stages.at(-1).count;
  text(byId("batch-note"), n === 0 ? "no batch yet" :
      `${plural(n, "batch", "batches")} ${fresh ? "in the last minute" : "since the start"}`);
  let from = 0;
  segments(byId("batch-bar"), means.map((m, i) => {
    const to = whole > 0 ? from + m / whole : from;
    const part = [from, to, `b${kStages[i][2]}`];
    from = to;
    return part;
  }));
  const rows = kStages.map(([, words, shade], i) => [
    {text: words, cls: `swatch s${shade}`},
    number(duration(mean(stages[i]))), number(share(means[i], whole)),
    number(duration(quantile(stages[i], vitals.bounds, 0.5))),
    number(duration(quantile(stages[i], vitals.bounds, 0.99))),
  ]);
  rows.push([{text: "from read to committed"}, number(n ? duration(whole) : kNone), number(""),
             number(""), number("")]);
  fill(byId("stages").tBodies[0], rows);
}

export function showQueues(vitals) {
  const {batches, memory} = vitals;
  const spent = memory.budget_spent ? "spent: reading waits" : "";
  facts(byId("queues"), [
    ["In workers", plural(batches.processing, "batch", "batches")],
    ["In order, to be handed over", plural(batches.queued, "batch", "batches")],
    ["Handed over, not settled", plural(batches.unsettled, "batch", "batches")],
    ["Settled", plural(batches.settled, "batch", "batches")],
    ["Memory for batches", `${bytes(memory.batch_used_bytes)} of ${bytes(memory.batch_bytes)}, ` +
     share(memory.batch_used_bytes, memory.batch_bytes), spent, spent ? "warn" : ""],
    ["Insights’ state", bytes(memory.state_bytes)],
    ["Whole process", `${bytes(memory.rss_bytes)}, at most ${bytes(memory.peak_rss_bytes)}`],
  ]);
}

export function showCommits(vitals, history) {
  const {commits} = vitals;
  const old = history.minuteAgo();
  const fresh = old && commits.count > old.commits.count;
  const recent = between(commits, fresh && old.commits);
  facts(byId("commits"), [
    ["Commits", count(commits.count)],
    ["Failed", count(commits.failed), "", Number(commits.failed) > 0 ? "warn" : ""],
    ["Every", duration(commits.every_seconds)],
    ["Last one", commits.since_seconds === null ? "none yet" :
                                                  `${duration(commits.since_seconds)} ago`],
    [fresh ? "Mean, last minute" : "Mean", duration(mean(recent))],
    ["p50, p99 ≤", `${duration(quantile(recent, vitals.bounds, 0.5))}, ` +
                   duration(quantile(recent, vitals.bounds, 0.99))],
    ["Rewinds", count(vitals.rewinds), "", Number(vitals.rewinds) > 0 ? "warn" : ""],
  ]);
}

export function showClients(vitals, history) {
  const old = history.minuteAgo();
  const seconds = old ? (vitals.time_ms - old.time_ms) / 1000 : 0;
  const per = (client, name) => {
    const was = old?.clients.find((c) => c.name === client.name);
    if (!was || seconds <= 0 || client[name] < was[name]) return bytes(client[name]);
    return `${bytes((client[name] - was[name]) / seconds)}/s`;
  };
  show(byId("clients-card"), vitals.clients.length > 0);
  fill(byId("clients").tBodies[0], vitals.clients.map((c) => [
    printable(c.name),
    {text: `${count(c.brokers_up)} of ${count(c.brokers)}`,
     cls: c.brokers_up < c.brokers ? "n warn" : "n"},
    number(plural(c.queued_messages, "message")), number(bytes(c.queued_bytes)),
    number(per(c, "sent_bytes")), number(per(c, "received_bytes")),
    number(count(c.requests)), number(count(c.request_timeouts)),
    number(count(c.request_errors)), number(duration(c.round_trip_seconds)),
    number(duration(c.throttle_seconds)),
  ]));
}

export function showAlerts(vitals) {
  const shade = {ok: "good", pending: "warn", firing: "bad"};
  show(byId("alerts-card"), vitals.alerts.length > 0);
  fill(byId("alerts").tBodies[0], vitals.alerts.map((a) => [
    {text: printable(a.name), cls: "wrap"},
    {text: a.state, cls: shade[a.state] ?? ""},
    number(a.value === null ? "not known" : figure(a.value)),
  ]));
}

export function showSeries(points) {
  const rows = points.slice(-30).reverse().filter((p) => p.emitted !== null).map((p) => [
    new Date(p.time).toLocaleTimeString("en-GB"), number(rate(p.emitted)), number(rate(p.filtered)),
    number(rate(p.dead)), number(count(p.lag)),
  ]);
  fill(byId("series-table").tBodies[0], rows);
}
