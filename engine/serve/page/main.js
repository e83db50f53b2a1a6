// SPDX-License-Identifier: Apache-2.0
// The dashboard. Vitals come every second by the stream; insights and the report are asked for,
// less often where an answer takes long. Everything is shown from the last answer, at most once a
// frame.
import {TimeChart} from "./charts.js";
import {showDeadLetters} from "./dead_letters.js";
import {byId, make, show, text} from "./dom.js";
import {showAlerts, showBatch, showClients, showCommits, showQueues, showSeries} from "./engine.js";
import {parse} from "./exact_json.js";
import {showFlow} from "./flow.js";
import {count, rate} from "./format.js";
import {lagNote, showHead, showLink, showNotices} from "./head.js";
import {History} from "./history.js";
import {identityAsOf, showIdentity} from "./identity.js";
import {showInsights} from "./insights.js";
import {showPartitions} from "./partitions.js";
import {Stream, follow, request, setToken, takeToken} from "./stream.js";

const kOpenMs = 1500;  // an event comes at once where there is any
const kRangeKey = "millrace.range";
const kOutcomes = [
  {name: "emitted", label: "emitted", colour: "emitted"},
  {name: "filtered", label: "filtered", colour: "filtered"},
  {name: "dead", label: "dead-lettered", colour: "dead"},
];

const history = new History();
const link = {state: "connecting", since: Date.now(), reason: "", waiting: ""};
let vitals = null;
let report = null;
let range = 600;
let frame = 0;
let plots = null;

function draw() {
  frame = 0;
  showLink(link, vitals);
  showNotices(vitals, history, link);
  show(byId("token"), link.state === "refused");
  text(byId("token-answer"), link.state === "refused" ? link.reason : "");
  show(byId("board"), vitals !== null);
  if (!vitals) return;
  plots ??= {
    throughput: new TimeChart(byId("throughput"), kOutcomes, {stacked: true, unit: "/s"}),
    lag: new TimeChart(byId("lag"), [{name: "lag", label: "lag", colour: "accent"}],
                       {unit: " records"}),
  };
  for (const part of kParts) safely(part);
}

// A part that meets what it does not know leaves the others alone.
const failed = new Set();
function safely(part) {
  try {
    part();
  } catch (error) {
    if (!failed.has(part)) console.error(error);
    failed.add(part);
  }
}

function drawSeries() {
  const series = history.series(range);
  plots.throughput.update(series, range);
  plots.lag.update(series, range);
  describe(series.points);
  const notes = [`${count(vitals.lag)} records`, lagNote(vitals, history)];
  text(byId("lag-note"), notes.filter(Boolean).join(", "));
  showSeries(series.points);
}

const kParts = [
  () => showHead(vitals, history), drawSeries, () => showFlow(vitals),
  () => showDeadLetters(vitals), () => showPartitions(vitals), () => showBatch(vitals, history),
  () => showQueues(vitals), () => showCommits(vitals, history), () => showClients(vitals, history),
  () => showAlerts(vitals),
];

function soon() {
  if (!frame) frame = requestAnimationFrame(draw);
}

// What the two charts show, in words; not every second, as a reader of it would never end.
let described = 0;
function describe(points) {
  if (Date.now() - described < 10_000) return;
  described = Date.now();
  const rates = points.filter((p) => p.emitted !== null)
      .map((p) => p.emitted + p.filtered + p.dead);
  const lags = points.filter((p) => p.lag !== null).map((p) => p.lag);
  const most = (values) => values.reduce((a, b) => Math.max(a, b), 0);
  byId("throughput").setAttribute("aria-label", "Throughput over time, by outcome: now " +
      `${rate(rates.at(-1))}, at most ${rate(most(rates))} records per second. The table below ` +
      "has the numbers.");
  byId("lag").setAttribute("aria-label", `Lag over time: now ${count(lags.at(-1))}, at most ` +
      `${count(most(lags))} records.`);
}

function legend() {
  for (const {label, colour} of kOutcomes) {
    byId("throughput-legend").append(make("li", `swatch s${colour}`, `${label}/s`));
  }
}

function ranges() {
  try {
    const kept = Number(localStorage.getItem(kRangeKey));
    if ([120, 600, 3600].includes(kept)) range = kept;
  } catch { /* no storage: ten minutes */ }
  for (const input of document.querySelectorAll("#range input")) {
    input.checked = Number(input.value) === range;
    input.addEventListener("change", () => {
      range = Number(input.value);
      try {
        localStorage.setItem(kRangeKey, String(range));
      } catch { /* as above */ }
      soon();
    });
  }
}

// ------------------------------------------------------------------------------ what is asked

// Asks again and again while the engine answers and somebody looks; `poke` asks at once.
class Poll {
  constructor(path, seconds, accept, take) {
    Object.assign(this, {path, seconds, accept, take, timer: 0, busy: false});
    document.addEventListener("visibilitychange", () => this.poke());
  }

  poke() {
    clearTimeout(this.timer);
    if (!this.busy) this.ask();
  }

  async ask() {
    this.timer = 0;
    if ((link.state !== "live" && link.state !== this.also) || document.hidden) return;
    this.busy = true;
    const began = performance.now();
    const asked = Date.now();
    try {
      const answer = await request(this.path, this.accept, AbortSignal.timeout(20_000));
      this.take(answer, await answer.text(), asked);
    } catch { /* the stream says whether the engine is there */ }
    this.busy = false;
    const took = performance.now() - began;
    clearTimeout(this.timer);
    // What costs the engine much is asked for less often, but what is shown gets no older than that.
    const rest = Math.min(10 * took, 15_000);
    this.timer = setTimeout(() => this.ask(), Math.max(1000 * this.seconds, rest));
  }
}

let insights = null;

const polls = [
  new Poll("insights.json", 2, "application/json", (answer, body) => {
    if (!answer.ok) return;
    insights = parse(body);
    showInsights(insights, report);
  }),
  new Poll("report?format=json", 5, "application/json", (answer, body, asked) => {
    if (!answer.ok) return;
    report = parse(body);
    showIdentity(report);
    identityAsOf(asked);
    if (insights) showInsights(insights, report);
  }),
];
// Asked only while nothing is assigned: an answer that says "not ready" is an error to a browser.
const ready = new Poll("readyz", 2, "text/plain", (answer, body) => {
  link.waiting = answer.ok ? "" : body.trim().slice(0, 300);
  soon();
});
ready.also = "open";

function onVitals(now) {
  const first = vitals === null || vitals.started_ms !== now.started_ms;
  const broke = vitals?.identity_broken.length !== now.identity_broken.length;
  const ended = now.phase === "finished" && vitals?.phase !== "finished";
  vitals = now;
  history.push(now);
  if (first || ended || broke) for (const poll of polls) poll.poke();
  if (now.phase === "running" && !now.partitions.some((p) => p.ours)) {
    if (!ready.timer) ready.poke();
  } else {
    clearTimeout(ready.timer);
    ready.timer = 0;
    link.waiting = "";
  }
  soon();
}

// Connected, and nothing comes: it starts, and says what it waits for.
function askWhy() {
  if (link.state === "open") ready.poke();
}

const stream = new Stream("events", (name, data) => {
  if (name === "vitals") onVitals(parse(data));
}, (state, reason = "") => {
  const was = link.state;
  if (was !== state) {
    if (was === "live") link.since = Date.now();
    link.state = state;
    if (state === "live") for (const poll of polls) poll.poke();
    if (state === "open") setTimeout(askWhy, kOpenMs);
  }
  link.reason = reason;
  soon();
});

byId("token").addEventListener("submit", (event) => {
  event.preventDefault();
  setToken(byId("token-value").value.trim());
  byId("token-value").value = "";
  link.reason = "";  // until there is another one
  text(byId("token-answer"), "");
  stream.again();
});
addEventListener("hashchange", () => {
  if (takeToken()) stream.again();
});
for (const anchor of document.querySelectorAll(".foot a")) anchor.addEventListener("click", follow);

takeToken();
legend();
ranges();
stream.run();
