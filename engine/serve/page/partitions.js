// SPDX-License-Identifier: Apache-2.0
// The partitions: whose they are, where they are, how they are. Those that are ill come first.
import {byId, fill, number, text} from "./dom.js";
import {count, kNone, plural, printable} from "./format.js";

const kShown = 100;
const kRank = {unhealthy: 0, waiting: 1, healthy: 2};
const kShade = {unhealthy: "bad", waiting: "warn", healthy: "good"};

function row(p) {
  // Kafka's own tools print offsets without separators.
  const offset = (value) => number(value === null ? kNone : String(value));
  let status = p.status;
  if (p.recounting) status += ", recounting";
  if (p.reason) status += `: ${printable(p.reason)}`;
  return [
    {text: `${printable(p.topic)}/${p.partition}`, cls: "key", title: printable(p.topic)},
    {text: p.ours ? "this process" : "another member", cls: p.ours ? "hole" : "hole quiet"},
    {text: status, cls: `wrap status ${p.reason ? "long " : ""}${kShade[p.status] ?? ""}`},
    offset(p.position), offset(p.end), number(count(p.lag)),
    number(count(p.consumed)), number(count(p.emitted)), number(count(p.filtered)),
    number(count(p.dead_lettered)),
  ];
}

export function showPartitions(vitals) {
  const all = vitals.partitions;
  const ours = all.filter((p) => p.ours).length;
  const sick = all.filter((p) => p.status !== "healthy").length;
  text(byId("partitions-note"),
       `${plural(all.length, "partition")}, ${count(ours)} of them here` +
       `${sick ? `, ${count(sick)} not healthy` : ""}` +
       (vitals.rebalances ? `; ${plural(vitals.rebalances, "rebalance")}` : ""));
  const ordered = all.map((p, i) => [kRank[p.status] ?? 1, i, p])
      .sort((a, b) => a[0] - b[0] || a[1] - b[1]).map((entry) => entry[2]);
  const rows = ordered.slice(0, kShown).map(row);
  if (all.length > kShown) {
    rows.push([{text: `… and ${count(all.length - kShown)} more`, cls: "quiet", span: 10}]);
  }
  if (all.length === 0) rows.push([{text: "None is assigned yet.", cls: "quiet", span: 10}]);
  fill(byId("partitions").tBodies[0], rows);
}
