// SPDX-License-Identifier: Apache-2.0
// Dead letters: how many by each rule, and the latest of them, masked.
import {RowList, byId, children, make, number, show, text} from "./dom.js";
import {clock, count, plural, printable, share} from "./format.js";

const kSamplesMax = 20;

let list = null;

export function showDeadLetters(vitals) {
  const rules = Object.entries(vitals.dead_letters)
      .sort((a, b) => Number(b[1]) - Number(a[1]) || (a[0] < b[0] ? -1 : 1));
  const total = vitals.totals.dead_lettered;
  text(byId("dead-note"), Number(total) === 0 ? "none" :
      `${plural(total, "record")}, ${share(total, vitals.totals.consumed)} of the consumed`);
  list ??= new RowList(byId("dead"), "Dead letters by reason", {few: 12});
  const most = Number(rules[0]?.[1] ?? 1);
  const columns = ["Rule", {text: "", cls: "fillrow"}, number("Records"), number("Share")];
  list.update(columns, rules.length, (limit) => rules.slice(0, limit).map(([rule, n]) => [
        {text: printable(rule), cls: "rule"},
        {parts: [[0, Number(n) / most, "bdead"]], cls: "fillrow"},
        number(count(n)), number(share(n, total)),
      ]));
  show(byId("dead"), rules.length > 0);
  samples(vitals.samples);
}

function samples(all) {
  const newest = all.slice(-kSamplesMax).reverse();
  const box = byId("samples");
  const nodes = children(box, newest.length || 1, () => {
    const sample = make("div", "sample");
    const line = make("p");
    line.append(make("span", "rule"), make("span", "quiet place"));
    sample.append(line, make("pre"));
    return sample;
  });
  show(nodes[0].lastElementChild, newest.length > 0);
  if (newest.length === 0) {
    text(nodes[0].firstElementChild.firstElementChild, "");
    text(nodes[0].firstElementChild.lastElementChild, "None yet.");
  }
  newest.forEach((sample, i) => {
    const [line, masked] = nodes[i].children;
    text(line.firstElementChild, printable(sample.rule));
    text(line.lastElementChild, `${printable(sample.topic)}/${sample.partition}, offset ` +
                                `${sample.offset}, ${clock(sample.time_ms)}`);
    text(masked, printable(sample.masked));
  });
}
