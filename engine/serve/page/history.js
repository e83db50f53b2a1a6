// SPDX-License-Identifier: Apache-2.0
// What was seen since the page was opened: an hour of it, a moment per second. Counters begin anew
// when the engine does; nothing is taken between two of its lives.

const kKeptMs = 3_600_000;
const kKeptFull = 61;  // moments of which everything is kept: a minute

const kCounters = ["polled", "consumed", "emitted", "filtered", "dead_lettered", "input_bytes",
                   "output_bytes"];

export class History {
  constructor() {
    this.samples = [];
    this.full = [];
    this.life = 0;
    this.restarted = null;  // when another life was first seen
  }

  push(vitals) {
    const sample = {time: vitals.time_ms, lag: vitals.lag === null ? null : Number(vitals.lag),
                    cpu: vitals.cpu_seconds};
    for (const name of kCounters) sample[name] = Number(vitals.totals[name]);
    const last = this.samples.at(-1);
    const began = last && (vitals.started_ms !== this.started || vitals.time_ms < last.time ||
                           kCounters.some((name) => sample[name] < last[name]));
    if (began) {
      this.life += 1;
      this.restarted = vitals.time_ms;
      this.full = [];
    }
    if (last && !began && vitals.time_ms === last.time) return;
    this.started = vitals.started_ms;
    sample.life = this.life;
    // A clock that was set back: what lies ahead of now is of no use.
    while (this.samples.length && this.samples.at(-1).time > sample.time) this.samples.pop();
    this.samples.push(sample);
    while (this.samples[0].time < sample.time - kKeptMs) this.samples.shift();
    this.full.push(vitals);
    if (this.full.length > kKeptFull) this.full.shift();
  }

  // The moment of `seconds` ago in this life, or the oldest one younger than that; null: there is
  // but one.
  before(seconds) {
    const now = this.samples.at(-1);
    let found = null;
    for (let i = this.samples.length - 2; i >= 0; --i) {
      const sample = this.samples[i];
      if (sample.life !== now.life || now.time - sample.time > 1000 * seconds + 500) break;
      found = sample;
    }
    return found;
  }

  // Per second, over the last `seconds`; null: not known yet.
  rate(name, seconds) {
    const old = this.before(seconds);
    const now = this.samples.at(-1);
    return old ? ((now[name] - old[name]) * 1000) / (now.time - old.time) : null;
  }

  // The oldest kept of the last minute's vitals, else null.
  minuteAgo() {
    return this.full.length > 1 ? this.full[0] : null;
  }

  // Points from now - range to now, some 120 of them: time, rates of outcomes, lag. A
  // point without a value (null) is where nothing is known.
  series(range) {
    const now = this.samples.at(-1);
    if (!now) return {points: [], now: 0, age: 0};
    // What is young shows every second of itself.
    const age = Math.min(range, (now.time - this.samples[0].time) / 1000);
    const bucket = 1000 * Math.max(1, Math.ceil(age / 120));
    const lasts = [];
    for (const sample of this.samples) {
      if (sample.time < now.time - 1000 * range - bucket) continue;
      const at = Math.floor(sample.time / bucket);
      if (lasts.length && lasts.at(-1).at === at && lasts.at(-1).sample.life === sample.life) {
        lasts.at(-1).sample = sample;
      } else {
        lasts.push({at, sample});
      }
    }
    const points = [];
    for (let i = 1; i < lasts.length; ++i) {
      const from = lasts[i - 1].sample;
      const to = lasts[i].sample;
      const time = to.time - from.time;
      const apart = from.life !== to.life || time > Math.max(2.5 * bucket, 5000);
      if (apart) points.push({time: from.time + 1, emitted: null, filtered: null, dead: null,
                              lag: null});
      const per = (name) => (apart || time <= 0 ? null : ((to[name] - from[name]) * 1000) / time);
      points.push({time: to.time, emitted: per("emitted"), filtered: per("filtered"),
                   dead: per("dead_lettered"), lag: to.lag});
    }
    return {points, now: now.time, age};
  }
}
