// SPDX-License-Identifier: Apache-2.0
// The head of the page: who runs, how it is, the key figures, and in sentences what is wrong.
import {byId, children, facts, make, show, text} from "./dom.js";
import {bytes, clock, count, duration, plural, printable, rate, share, span} from "./format.js";

const kNoticesMax = 6;

// "exactly_once" as people say it.
const words = (name) => name.replaceAll("_", " ");

function healthWords(health) {
  if (health.status === "healthy") return "healthy";
  const sick = health.partitions.filter((p) => p.status === health.status).length;
  if (sick === 0) return health.status;
  return `${health.status}: ${plural(sick, "partition")}`;
}

// Where the lag goes: its note, and whether that is a worry.
export function lagNote(vitals, history) {
  if (vitals.lag === null) return "not known";
  if (Number(vitals.lag) === 0) return "caught up";
  const old = history.before(30);
  const now = history.samples.at(-1);
  if (!old || old.lag === null || now.time - old.time < 3000) return "";
  const change = ((now.lag - old.lag) * 1000) / (now.time - old.time);
  if (change < 0 && now.lag / -change < 86_400) {
    return `caught up in ${span(now.lag / -change)}`;
  }
  return change > 0.5 ? `grows by ${rate(change)}/s` : "steady";
}

function keys(vitals, history) {
  const {totals, memory, commits} = vitals;
  const speed = history.rate("consumed", 5);
  const flow = speed === null ? "records" : `records, ${bytes(history.rate("input_bytes", 5))}/s`;
  const cpu = history.rate("cpu", 10);
  const since = commits.since_seconds;
  const late = since !== null && vitals.phase === "running" && Number(totals.uncommitted) > 0 &&
      since > Math.max(10, 20 * commits.every_seconds);
  return [
    ["Throughput", speed === null ? "–" : `${rate(speed)}/s`, flow],
    ["Lag, records", count(vitals.lag), lagNote(vitals, history)],
    ["Consumed, records", count(totals.consumed), `since ${clock(vitals.started_ms)}`],
    ["Emitted", share(totals.emitted, totals.consumed), `${count(totals.emitted)} records`],
    ["Dead-lettered", share(totals.dead_lettered, totals.consumed),
     `${count(totals.dead_lettered)} records`],
    ["Last commit", since === null ? "none yet" : `${duration(since)} ago`,
     Number(totals.uncommitted) > 0 ? `${count(totals.uncommitted)} to commit` :
                                      "nothing to commit", late ? "warn" : ""],
    ["Memory", bytes(memory.rss_bytes), `limit ${bytes(memory.limit_bytes)}`],
    ["Up", span(vitals.seconds), cpu === null ? `since ${clock(vitals.started_ms)}` :
                                                `${cpu.toFixed(2)} processors`],
  ];
}

export function showHead(vitals, history) {
  const name = printable(vitals.pipeline);
  text(byId("pipeline"), name);
  text(byId("instance"), vitals.instance ? `instance ${printable(vitals.instance)}` : "");
  const health = byId("health");
  text(health, healthWords(vitals.health));
  health.dataset.state =
      {healthy: "good", waiting: "warn", unhealthy: "bad"}[vitals.health.status] ?? "warn";
  text(byId("phase"), words(vitals.phase));
  text(byId("guarantee"), words(vitals.guarantee));
  for (const id of ["health", "phase", "guarantee"]) show(byId(id), true);
  facts(byId("keys"), keys(vitals, history));
  text(byId("program"), `Millrace ${printable(vitals.program)}`);
  const sick = vitals.health.status === "healthy" ? "" : `${vitals.health.status}: `;
  document.title = `${sick}${name} – Millrace`;
}

// With the engine's own reason, which may say that it is not ready too.
function notReady(reason) {
  const why = printable(reason.replace(/^not ready(: |\.?$)/i, ""));
  return why === "(empty)" ? "The engine is not ready yet." : `The engine is not ready yet: ${why}`;
}

// What a sentence is about: itself, but for the numbers in it, which change every second.
const withoutNumbers = (sentence) =>
    sentence.replace(/\d[\d.,:]*( (s|min|h|d)\b)?( \d+ (s|min|h)\b)?/g, "#");

// What is wrong, as sentences: [kind, text, what it is about], the worst first; the last one only
// where it is not the text without its numbers.
function sentences(vitals, history, link) {
  const found = [];
  if (link.state === "gone" && vitals?.phase === "finished") {
    found.push(["warn", `The pipeline finished at ${clock(vitals.time_ms)}. These are its last ` +
                        "figures; the page goes on when it runs again."]);
  } else if (link.state === "gone" || (link.state === "starting" && vitals)) {
    const as = vitals ? ` What is shown is as of ${clock(vitals.time_ms)}.` : "";
    found.push(["bad", `The engine has not answered since ${clock(link.since)}.${as} The page ` +
                       "asks again until it does."]);
  }
  if (link.state === "starting") {
    found.push(["warn", notReady(link.reason)]);
  }
  if (link.state === "open" && link.waiting) {
    const as = vitals ? ` What is shown is as of ${clock(vitals.time_ms)}.` : "";
    found.push(["warn", notReady(link.waiting) + as]);
  }
  if (!vitals) return found;
  for (const broken of vitals.identity_broken) {
    found.push(["bad", `The identity does not hold: ${printable(broken)}`]);
  }
  if (vitals.health.instance) found.push(["bad", printable(vitals.health.instance)]);
  for (const p of vitals.health.partitions) {
    const still = p.still_seconds ? ` for ${span(p.still_seconds)}` : "";
    const lag = p.lag === null || p.lag === undefined ? "" : `, ${count(p.lag)} offsets behind`;
    found.push([p.status === "unhealthy" ? "bad" : "warn",
                `${printable(p.topic)}/${p.partition} is ${p.status}${still}${lag}: ` +
                printable(p.reason ?? ""),
                `${p.topic}/${p.partition} ${p.status} ${withoutNumbers(p.reason ?? "")}`]);
  }
  for (const alert of vitals.alerts) {
    if (alert.state === "firing") {
      found.push(["bad", `The alert ${printable(alert.name)} fires.`, `alert ${alert.name}`]);
    }
  }
  if (vitals.memory.budget_spent) {
    found.push(["warn", "The memory for batches is spent: reading waits until outputs are " +
                        "acknowledged."]);
  }
  if (link.waiting && link.state === "live") {
    found.push(["warn", notReady(link.waiting)]);
  }
  if (history.restarted !== null && vitals.time_ms - history.restarted < 60_000) {
    found.push(["info", `The engine began anew at ${clock(vitals.started_ms)}: its counters too.`]);
  }
  return found;
}

export function showNotices(vitals, history, link) {
  const found = sentences(vitals, history, link);
  const more = found.length - kNoticesMax;
  if (more > 0) found.splice(kNoticesMax, more, ["info", `… and ${plural(more, "more thing")}.`]);
  const nodes = children(byId("notices"), found.length, () => make("p", "notice"));
  found.forEach(([kind, sentence], i) => {
    nodes[i].dataset.kind = kind;
    text(nodes[i], sentence);
  });
  announce(found);
}

// To who listens, each sentence once: read out whenever a number in it changes, it would never end.
let announced = new Set();
function announce(found) {
  const about = found.map(([, sentence, what]) => what ?? withoutNumbers(sentence));
  const fresh = found.filter((_, i) => !announced.has(about[i]));
  const gone = [...announced].some((what) => !about.includes(what));
  if (fresh.length || gone) {
    text(byId("announcement"), fresh.map(([, sentence]) => sentence).join(" "));
  }
  announced = new Set(about);
}

export function showLink(link, vitals) {
  const node = byId("connection");
  const finished = link.state === "gone" && vitals?.phase === "finished";
  const said = {
    connecting: "connecting",
    open: "connected",
    live: vitals ? `live, ${clock(vitals.time_ms)}` : "live",
    gone: finished ? "finished" : `no answer since ${clock(link.since)}`,
    starting: "not ready yet",
    refused: "token needed",
  }[link.state];
  text(node, said);
  node.dataset.state = finished ? "finished" : link.state;
}
