// SPDX-License-Identifier: Apache-2.0
// The insights, each as its kind wants it: a card with a title, what it shows, and what it could
// not count. Keys are texts of strangers.
import {BarChart} from "./charts.js";
import {RowList, byId, make, number, segments, show, text} from "./dom.js";
import {count, figure, kNone, printable, rate, share, value} from "./format.js";

const kTitles = {
  count_by: "Count by", count: "Count of", distinct: "Distinct", top: "Top",
  hours_of_day: "Hours of day:", quantiles: "Quantiles of", sum: "Sum of", min: "Smallest",
  max: "Largest", mean: "Mean of", first: "First", last: "Last", rate: "Rate of",
};
const kColumnsMax = 6;
const kClosedMax = 60;

// An insight without a name of its own is called "count_by_device_type": "Count by device_type".
function title(name, kind) {
  const begin = `${kind}_`;
  if (kTitles[kind] && name.startsWith(begin)) {
    return `${kTitles[kind]} ${printable(name.slice(begin.length))}`;
  }
  return printable(name);
}

const isObject = (v) => typeof v === "object" && v !== null && !Array.isArray(v);
const byCount = (a, b) => (a[1] < b[1] ? 1 : a[1] > b[1] ? -1 : a[0] < b[0] ? -1 : 1);
const add = (a, b) => (typeof a === typeof b && typeof a === "bigint" ? a + b :
    Number.isSafeInteger(Number(a) + Number(b)) ? Number(a) + Number(b) : BigInt(a) + BigInt(b));

// Leaves of nested objects: [[key, ...], leaf].
function leaves(node, isLeaf, path = [], found = []) {
  for (const [k, v] of Object.entries(node)) {
    if (isLeaf(v)) found.push([[...path, k], v]);
    else leaves(v, isLeaf, [...path, k], found);
  }
  return found;
}

const keyCell = (key) => {
  const shown = printable(key);
  return {text: shown, cls: "key", title: shown.length > 20 ? shown : ""};
};
const keysText = (keys) => keys.map(printable).join(" / ");

class Card {
  constructor(name, kind) {
    this.box = make("section", "card insight");
    this.box.dataset.insight = name;
    this.box.dataset.kind = kind;
    const top = make("div", "top");
    this.title = make("h3", "", title(name, kind));
    this.title.id = `insight-${++Card.made}`;
    this.note = make("span", "quiet");
    top.append(this.title, this.note);
    this.box.setAttribute("aria-labelledby", this.title.id);
    this.body = make("div");
    this.foot = make("p", "foot-note");
    this.box.append(top, this.body, this.foot);
    this.views = [];
  }

  remove() {
    for (const view of this.views) view.remove?.();
    this.box.remove();
  }
}
Card.made = 0;

// ------------------------------------------------------------------------------ one number

class Amount {
  constructor(card) {
    this.node = make("p", "amount");
    this.number = make("span");
    this.unit = make("small");
    this.node.append(this.number, this.unit);
    card.body.append(this.node);
  }

  show(shown, unit = "") {
    text(this.number, shown);
    text(this.unit, unit);
  }
}

function counter(card) {
  const amount = new Amount(card);
  return (result) => amount.show(count(result.value), "records");
}

function single(card) {
  const amount = new Amount(card);
  return (result) => {
    amount.show(result.value === null ? kNone : figure(result.value));
    text(card.note, result.value === null ? "nothing was counted" : "");
  };
}

function speed(card) {
  const amount = new Amount(card);
  return (result) => {
    amount.show(rate(result.value), "records/s");
    text(card.note, `live, over ${count(result.over_seconds)} s`);
  };
}

function distinct(card) {
  const amount = new Amount(card);
  const reach = make("div", "reach");
  reach.setAttribute("aria-hidden", "true");
  card.body.append(reach);
  const bounds = make("p", "quiet");
  card.body.append(bounds);
  return (result) => {
    amount.show(count(result.value), "different values");
    show(reach, !result.exact);
    show(bounds, !result.exact);
    text(card.note, result.exact ? "exact" : "estimate");
    if (result.exact) return;
    const [low, high, now] = [result.low, result.high, result.value].map(Number);
    // The middle three quarters are what lies between the bounds.
    const at = (v) => 0.125 + (0.75 * (v - low)) / Math.max(1, high - low);
    segments(reach, [[0.125, 0.875, "bsoft"], [at(now), at(now), "mark"]]);
    text(bounds, `between ${count(result.low)} and ${count(result.high)}`);
  };
}

// ---------------------------------------------------------------------------------- tables

function table(card, few = 10) {
  return new RowList(card.body, card.title.textContent, {few});
}

const kBar = {text: "", cls: "fillrow"};

function flatCounts(card) {
  const list = table(card);
  return (entries) => {
    const rows = entries.map(([k, n]) => [k, n]).sort(byCount);
    const total = rows.reduce((all, row) => add(all, row[1]), 0);
    const most = Number(rows[0]?.[1] ?? 1) || 1;
    text(card.note, rows.length === 1 ? "1 value" : `${count(rows.length)} values`);
    list.update(["Value", kBar, number("Records"), number("Share")], rows.length,
        (limit) => rows.slice(0, limit).map(([k, n]) => [
          keyCell(k), {parts: [[0, Number(n) / most, "b1"]], cls: "fillrow"}, number(count(n)),
          number(share(n, total)),
        ]));
  };
}

// Several fields: a row for each value of the first, parted by those of the others.
function nestedCounts(card) {
  card.box.classList.add("broad");
  const list = table(card);
  return (entries) => {
    const columns = new Map();
    const rows = entries.map(([k, inner]) => {
      const parts = new Map();
      let total = 0;
      for (const [path, n] of leaves(inner, (v) => !isObject(v))) {
        const name = keysText(path);
        parts.set(name, add(parts.get(name) ?? 0, n));
        columns.set(name, add(columns.get(name) ?? 0, n));
        total = add(total, n);
      }
      return [k, total, parts];
    }).sort(byCount);
    const all = rows.reduce((sum, row) => add(sum, row[1]), 0);
    const most = Number(rows[0]?.[1] ?? 1) || 1;
    const ordered = [...columns].sort(byCount).map((entry) => entry[0]);
    const named = ordered.slice(0, ordered.length > kColumnsMax ? kColumnsMax - 1 : kColumnsMax);
    const others = ordered.length - named.length;
    const heads = named.map((name, i) => ({text: name, cls: `n swatch s${i + 1}`}));
    if (others) heads.push({text: `${count(others)} others`, cls: "n swatch s7"});
    text(card.note, `${count(rows.length)} × ${count(columns.size)} values`);
    list.update(["Value", kBar, ...heads, number("All"), number("Share")], rows.length,
        (limit) => rows.slice(0, limit).map(([k, total, parts]) => {
          const counts = named.map((name) => parts.get(name) ?? 0);
          if (others) {
            counts.push([...parts].reduce(
                (sum, [name, n]) => (named.includes(name) ? sum : add(sum, n)), 0));
          }
          let from = 0;
          const bars = counts.map((n, i) => {
            const to = from + Number(n) / most;
            const part = [from, to, i < named.length ? `b${i + 1}` : "b7"];
            from = to;
            return part;
          });
          return [keyCell(k), {parts: bars, cls: "fillrow"}, ...counts.map((n) => number(count(n))),
                  number(count(total)), number(share(total, all))];
        }));
  };
}

function countBy(card) {
  let draw = null;
  let nested = null;
  return (result) => {
    const entries = Object.entries(result.counts);
    const now = entries.length > 0 && isObject(entries[0][1]);
    if (nested !== now || !draw) {
      card.body.textContent = "";
      nested = now;
      draw = now ? nestedCounts(card) : flatCounts(card);
    }
    draw(entries);
  };
}

function distinctBy(card) {
  const list = table(card);
  return (result) => {
    const rows = leaves(result.by, (v) => typeof v.exact === "boolean")
        .map(([path, d]) => [keysText(path), d.value, d]).sort(byCount);
    const most = Math.max(1, ...rows.slice(0, 1).map((row) => Number(row[2].high)));
    const exact = rows.every((row) => row[2].exact);
    text(card.note, `${count(rows.length)} groups${exact ? ", exact" : ""}`);
    const columns = ["Group", kBar, number("Values")];
    if (!exact) columns.push(number("Between"));
    list.update(columns, rows.length, (limit) => rows.slice(0, limit).map(([group, n, d]) => {
      const row = [keyCell(group), {parts: [[0, Number(d.low) / most, "b1"],
          [Number(d.low) / most, Number(d.high) / most, "bsoft"]], cls: "fillrow"},
          number(count(n))];
      if (!exact) row.push(number(d.exact ? "exact" : `${count(d.low)} – ${count(d.high)}`));
      return row;
    }));
  };
}

function top(card) {
  const list = table(card);
  return (result) => {
    const {items} = result;
    const exact = items.every((item) => Number(item.error) === 0);
    const also = Object.keys(items[0] ?? {}).filter((k) => !["key", "count", "error"].includes(k));
    if (also.length > 1) card.box.classList.add("broad");
    const most = Number(items[0]?.count ?? 1) || 1;
    text(card.note, items.length === 0 ? "" : exact ? "exact" : "each count with its error");
    const columns = ["Value", kBar, number(exact ? "Records" : "At most")];
    if (!exact) columns.push(number("At least"));
    list.update([...columns, ...also.map((name) => ({text: name.replace("_", " "), cls: ""}))],
        items.length, (limit) => items.slice(0, limit).map((item) => {
          const low = Number(item.count) - Number(item.error);
          const row = [
            keyCell(Array.isArray(item.key) ? keysText(item.key) : String(item.key)),
            {parts: [[0, low / most, "b1"], [low / most, Number(item.count) / most, "bsoft"]],
             cls: "fillrow"},
            number(count(item.count)),
          ];
          if (!exact) row.push(number(count(BigInt(item.count) - BigInt(item.error))));
          return [...row, ...also.map((name) => keyCell(item[name] === null ? kNone :
                                                                              value(item[name])))];
        }));
  };
}

function quantiles(card) {
  const list = table(card, 20);
  return (result) => {
    const rows = Object.entries(result.values)
        .sort((a, b) => Number(a[0].slice(1)) - Number(b[0].slice(1)));
    const most = Math.max(...rows.map((row) => Math.abs(Number(row[1] ?? 0)))) || 1;
    const e = result.relative_error;
    text(card.note, `${result.live ? "live, " : ""}within ${(100 * e).toFixed(1)}%`);
    list.update(["Quantile", kBar, number("Value"), number("Give or take")], rows.length,
        (limit) => rows.slice(0, limit).map(([name, v]) => {
          if (v === null) return [name, "", number(kNone), number("")];
          const size = Math.abs(Number(v)) / most;
          const off = Math.abs(Number(v)) * e;
          return [
            name,
            {parts: [[0, size * (1 - e), "b1"], [size * (1 - e), size * (1 + e), "bsoft"]],
             cls: "fillrow"},
            number(figure(v)),
            number(`± ${Number(off.toPrecision(2))}`),
          ];
        }));
  };
}

function edge(card) {
  const list = table(card);
  return (result) => {
    const rows = leaves(result.values, (v) => !isObject(v));
    text(card.note, `${count(rows.length)} groups`);
    list.update(["Group", "Value"], rows.length, (limit) => rows.slice(0, limit).map(
        ([path, v]) => [keyCell(keysText(path)), keyCell(value(v))]));
  };
}

// ---------------------------------------------------------------------------------- charts

function plot(card, label, options) {
  const box = make("div", "plot small");
  const canvas = make("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", label);
  box.append(canvas);
  card.body.append(box);
  const chart = new BarChart(canvas, options);
  card.views.push(chart);
  return [chart, canvas];
}

function asTable(card) {
  const details = make("details", "data");
  details.append(make("summary", "", "As a table"));
  card.body.append(details);
  return new RowList(details, card.title.textContent, {few: 24});
}

function hours(card) {
  card.box.classList.add("broad");
  const [chart, canvas] = plot(card, "", {format: (n) => `${count(n)} records`});
  const list = asTable(card);
  const names = Array.from({length: 24}, (_, h) => `${String(h).padStart(2, "0")}h`);
  return (result) => {
    const counts = names.map((_, h) => result.counts[h] ?? 0);
    const total = counts.reduce(add, 0);
    const most = counts.reduce((best, n, h) => (n > counts[best] ? h : best), 0);
    text(card.note, `UTC, ${count(total)} records`);
    chart.update(names, counts);
    canvas.setAttribute("aria-label", `Records in each hour of the day, UTC. Most at ` +
                        `${names[most]}: ${count(counts[most])}. The table below has all.`);
    list.update(["Hour", number("Records"), number("Share")], 24, (limit) =>
      counts.slice(0, limit).map((n, h) => [names[h], number(count(n)), number(share(n, total))]));
  };
}

// What stands for a window in the chart, and in words.
const kWindowKinds = {
  count: (w) => [w.value, count(w.value)],
  count_by: (w) => {
    const rows = leaves(w.counts, (v) => !isObject(v)).map(([p, n]) => [keysText(p), n])
        .sort(byCount);
    return [rows.reduce((all, row) => add(all, row[1]), 0), listed(rows)];
  },
  distinct: (w) => {
    if (!w.by) return [w.value, `${w.exact ? "" : "about "}${count(w.value)}`];
    const rows = leaves(w.by, (v) => typeof v.exact === "boolean")
        .map(([p, d]) => [keysText(p), d.value]).sort(byCount);
    return [null, listed(rows)];
  },
  top: (w) => [null, listed(w.items.map((item) => [value(item.key), item.count]))],
  hours_of_day: (w) => [Object.values(w.counts).reduce(add, 0), ""],
  quantiles: (w) => [null, Object.entries(w.values)
      .map(([name, v]) => `${name} ${figure(v)}`).join(", ")],
  first: (w) => [null, `${count(leaves(w.values, (v) => !isObject(v)).length)} groups`],
};
kWindowKinds.last = kWindowKinds.first;
for (const kind of ["sum", "min", "max", "mean"]) {
  kWindowKinds[kind] = (w) => [w.value, figure(w.value)];
}

function listed(rows) {
  const shown = rows.slice(0, 5).map(([k, n]) => `${k} ${count(n)}`).join(", ");
  return rows.length > 5 ? `${shown}, … and ${count(rows.length - 5)} more` : shown;
}

// 2024-01-01T00:00:00Z to 00:00:00, with its day where the windows are of several.
function times(open) {
  const one = new Set(open.map((w) => w.start.slice(0, 10))).size < 2;
  return (t) => (one ? t.slice(11) : t.slice(5)).replace("T", " ").replace("Z", "");
}

function windows(card) {
  card.box.classList.add("broad");
  const [chart, canvas] = plot(card, "", {format: figure});
  const list = new RowList(card.body, card.title.textContent, {few: 5});
  const counts = make("p", "foot-note");
  card.body.append(counts);
  return (result) => {
    const read = kWindowKinds[result.of] ?? (() => [null, ""]);
    const open = result.open.slice(-kClosedMax);
    const time = times(open);
    const rows = open.map((w) => [w, ...read(w)]);
    const charted = rows.length > 1 && rows.every((row) => row[1] !== null && row[1] !== undefined);
    show(canvas.parentElement, charted);
    if (charted) {
      chart.update(rows.map((row) => time(row[0].start)), rows.map((row) => row[1]));
      canvas.setAttribute("aria-label", `${card.title.textContent}: ${rows.length} open windows. ` +
                          "The table below has them.");
    }
    const every = `${figure(result.every_seconds)} s`;
    const hop = result.hop_seconds === result.every_seconds ? "" :
        `, one every ${figure(result.hop_seconds)} s`;
    text(card.note, `windows of ${every}${hop}, UTC`);
    const latest = rows.slice().reverse();
    list.update(["Open window", number("All"), "Of it"], result.open.length, (limit) =>
      latest.slice(0, limit).map(([w, n, words]) => [
        {text: `${time(w.start)} – ${time(w.end)}`, cls: "hole"},
        number(n === null || n === undefined ? "" : figure(n)),
        {text: words === count(n) ? "" : words, cls: "wrap"},
      ]));
    const mark = result.watermark === null ? "no event time yet" :
                                             `event time is at ${printable(result.watermark)}`;
    text(counts, `${mark}; ${count(result.closed)} windows closed; ${count(result.late)} records ` +
                 `late, ${count(result.ahead)} ahead`);
  };
}

const kKinds = {
  count: counter, count_by: countBy, distinct, top, hours_of_day: hours, quantiles, sum: single,
  min: single, max: single, mean: single, first: edge, last: edge, rate: speed, window: windows,
};

// A kind of a newer engine: its members as they are.
function unknown(card) {
  const pre = make("p", "wrap quiet");
  card.body.append(pre);
  return (result) => text(pre, printable(JSON.stringify(result, (k, v) =>
      (typeof v === "bigint" ? String(v) : v))));
}

// One number each: they stand together.
const kAmounts = new Set(["count", "distinct", "sum", "min", "max", "mean", "rate"]);

const cards = new Map();

// `missing` has what could not be counted: {not_counted, not_kept}, of the report.
export function showInsights(answer, missing) {
  const entries = Object.entries(answer.insights);
  show(byId("insights-section"), entries.length > 0);
  text(byId("insights-note"), answer.durable ?
      "since the beginning, of this process’s partitions" : "since the start of this run");
  const places = [byId("amounts"), byId("insights")];
  const next = [0, 0];
  for (const [name, card] of cards) {
    const now = answer.insights[name];
    if (!Object.hasOwn(answer.insights, name) || now.kind !== card.kind) {
      card.remove();
      cards.delete(name);
    }
  }
  entries.forEach(([name, result]) => {
    let card = cards.get(name);
    if (!card) {
      card = new Card(name, result.kind === "window" ? result.of : result.kind);
      card.kind = result.kind;
      const make_ = result.kind === "distinct" && result.by ? distinctBy :
          kKinds[result.kind] ?? unknown;
      card.draw = make_(card);
      cards.set(name, card);
    }
    const place = kAmounts.has(result.kind) && !result.by ? 0 : 1;
    const box = places[place];
    const before = box.children[next[place]++] ?? null;
    if (before !== card.box) box.insertBefore(card.box, before);
    try {
      card.draw(result);
    } catch (error) {
      text(card.note, "cannot be shown");
      console.error(`insight ${name}: ${error}`);
    }
    const said = [];
    const lacking = missing?.not_counted?.[name];
    const full = missing?.not_kept?.[name];
    if (lacking) said.push(`not counted: ${count(lacking)} records lack it`);
    if (full) said.push(`${count(full)} counted records had keys that found no room`);
    text(card.foot, said.join("; "));
    show(card.foot, said.length > 0);
  });
}
