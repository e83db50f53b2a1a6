// SPDX-License-Identifier: Apache-2.0
// What became of the records: a stream that parts in three, each as broad as its share.
import {byId, lines, make, text} from "./dom.js";
import {bytes, count, plural, share} from "./format.js";

const kSvg = "http://www.w3.org/2000/svg";
const kBreadth = 180;  // of the whole stream, in pixels
const kRow = 46;       // the least that a label needs
const kOutcomes = [["emitted", "emitted"], ["filtered", "filtered"], ["dead_lettered", "dead"]];
const kLabels = {emitted: "emitted", filtered: "filtered", dead_lettered: "dead-lettered"};

let parts = null;

function build(flow) {
  const from = make("div", "from");
  from.append(make("div", "label", "consumed"), make("div", "big"));
  const svg = document.createElementNS(kSvg, "svg");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const to = make("div", "to");
  const rows = kOutcomes.map(([name, cls]) => {
    const band = document.createElementNS(kSvg, "path");
    band.setAttribute("class", `band ${cls}`);
    const end = document.createElementNS(kSvg, "rect");
    end.setAttribute("class", cls);
    svg.append(band, end);
    const row = make("div");
    const figure = make("div", "big");
    const label = make("div", "label");
    const part = make("b");
    label.append(`${kLabels[name]} `, part);
    row.append(label, figure);
    row.dataset.outcome = name;
    to.append(row);
    return {band, end, row, figure, part};
  });
  flow.append(from, svg, to);
  return {svg, consumed: from.lastElementChild, rows};
}

function draw(totals) {
  const whole = Number(totals.consumed);
  const breadths = kOutcomes.map(([name]) => {
    const n = Number(totals[name]);
    return n > 0 && whole > 0 ? Math.max(1, (kBreadth * n) / whole) : 0;
  });
  const heights = breadths.map((b) => Math.max(kRow, Math.ceil(b)));
  const height = heights.reduce((a, b) => a + b, 0);
  const {svg, rows} = parts;
  svg.setAttribute("viewBox", `0 0 100 ${height}`);
  svg.style.height = `${height}px`;
  let left = (height - breadths.reduce((a, b) => a + b, 0)) / 2;
  let top = 0;
  rows.forEach(({band, end, row}, i) => {
    const breadth = breadths[i];
    const right = top + (heights[i] - breadth) / 2;
    band.setAttribute("d", `M0 ${left} C50 ${left} 50 ${right} 98 ${right} V${right + breadth} ` +
                           `C50 ${right + breadth} 50 ${left + breadth} 0 ${left + breadth} Z`);
    end.setAttribute("x", "98");
    end.setAttribute("width", "2");
    end.setAttribute("y", String(right));
    end.setAttribute("height", String(breadth));
    row.style.height = `${heights[i]}px`;
    left += breadth;
    top += heights[i];
  });
}

// What no outcome counts: copies, pieces, what is under way.
function beside(totals) {
  const said = [];
  const under = BigInt(totals.polled) - BigInt(totals.consumed);
  if (under > 0n) said.push(`${plural(under, "record")} more polled and not settled, or given up`);
  if (Number(totals.exploded) > 0) {
    said.push(`${count(totals.exploded)} of the emitted went out in ` +
              plural(totals.pieces, "piece"));
  }
  if (Number(totals.copies) > 0) {
    said.push(`${plural(totals.copies, "copy", "copies")} went out on the way`);
  }
  said.push(`${bytes(totals.input_bytes)} read, ${bytes(totals.output_bytes)} acknowledged`);
  return said;
}

export function showFlow(vitals) {
  const {totals} = vitals;
  parts ??= build(byId("flow"));
  text(parts.consumed, count(totals.consumed));
  kOutcomes.forEach(([name], i) => {
    text(parts.rows[i].figure, count(totals[name]));
    text(parts.rows[i].part, share(totals[name], totals.consumed));
  });
  draw(totals);
  text(byId("outcomes-note"), "records since the start");
  lines(byId("outputs"), beside(totals));
}
