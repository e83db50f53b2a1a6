// SPDX-License-Identifier: Apache-2.0
// Whether the numbers add up, with the terms that are compared: from the report, whose verdict it
// is. The terms are added up here once more.
import {byId, fill, lines, text} from "./dom.js";
import {clock, count, printable} from "./format.js";

// A number stays on the line of its name, and a name on one.
const term = (name, number) =>
  `${name.replace("-", "\u2011").replace(" ", "\u00a0")}\u00a0${count(number)}`;
const sum = (parts, name) => parts.reduce((all, p) => all + BigInt(p[name] ?? 0), 0n);

function terms(report) {
  const {totals, partitions, run} = report;
  const big = (name) => BigInt(totals[name]);
  const rows = [];
  const outcomes = big("emitted") + big("filtered") + big("dead_lettered");
  rows.push(["Outcomes", `${term("consumed", totals.consumed)} = ` +
             `${term("emitted", totals.emitted)} + ${term("filtered", totals.filtered)} + ` +
             term("dead-lettered", totals.dead_lettered), outcomes === big("consumed")]);

  const read = partitions.filter((p) => p.first_offset !== null && p.next_offset !== null);
  const offsets = read.reduce(
      (all, p) => all + BigInt(p.next_offset) - BigInt(p.first_offset), 0n);
  const consumed = sum(read, "consumed");
  const gaps = sum(read, "gaps");
  // What another member read in between is in no member of the report; that the rest adds up, the
  // verdict says.
  const rest = offsets - consumed - gaps;
  const elsewhere = rest !== 0n && report.identity.holds ? ` + ${term("read by others", rest)}` :
                                                            "";
  rows.push(["Offsets", `${count(offsets)} = ${term("consumed", consumed)} + ` +
             term("gaps", gaps) + elsewhere, rest === 0n || elsewhere !== ""]);

  const sent = sum(partitions, "sent");
  const acknowledged = sum(partitions, "acknowledged");
  const due = big("emitted") - big("exploded") + big("pieces") + big("copies") +
      big("dead_lettered") - big("dead_letters_discarded");
  let made = term("emitted", totals.emitted);
  if (Number(totals.exploded) > 0) {
    made += ` − ${term("exploded", totals.exploded)} + ${term("pieces", totals.pieces)}`;
  }
  if (Number(totals.copies) > 0) made += ` + ${term("copies", totals.copies)}`;
  made += ` + ${term("dead-lettered", totals.dead_lettered)}`;
  if (Number(totals.dead_letters_discarded) > 0) {
    made += ` − ${term("discarded", totals.dead_letters_discarded)}`;
  }
  rows.push(["Deliveries", `${term("acknowledged", acknowledged)} = ${term("sent", sent)} = ` +
             made, acknowledged === sent && sent === due]);

  const polled = BigInt(run.polled);
  const known = big("consumed") + BigInt(run.discarded);
  const under = polled - known;
  rows.push(["Reads", `${term("polled", polled)} = ${term("consumed", totals.consumed)} + ` +
             term("given up", run.discarded) +
             (report.final ? "" : ` + ${term("under way", under)}`),
             report.final ? under === 0n : under >= 0n]);

  if (report.final) {
    const at = read.filter((p) => p.committed_offset !== null &&
                                  BigInt(p.committed_offset) >= BigInt(p.next_offset));
    rows.push(["Commits", `committed = next in ${at.length} of ${read.length} partitions`,
               at.length === read.length]);
  }
  return rows;
}

export function showIdentity(report) {
  const {holds, broken} = report.identity;
  const verdict = byId("identity");
  text(verdict, holds ? "holds" : "DOES NOT HOLD");
  verdict.dataset.state = holds ? "good" : "bad";
  fill(byId("identity-terms").tBodies[0], terms(report).map(([name, text_, ok]) => [
    name, {text: text_, cls: "wrap"},
    {text: ok ? "✓ holds" : "✗ differs", cls: ok ? "good" : "bad"},
  ]));
  lines(byId("identity-broken"), broken.map(printable));
}

export function identityAsOf(time) {
  text(byId("identity-note"), `as of ${clock(time)}`);
}
