// SPDX-License-Identifier: Apache-2.0
// What a screen reader could not name: charts, tables, fields, regions; and heads that are skipped.
const found = [];
const named = (n) => n.getAttribute("aria-label") || n.labels?.length ||
    (n.getAttribute("aria-labelledby") ?? "").split(" ").some((id) => document.getElementById(id));
for (const n of document.querySelectorAll("canvas")) {
  if (n.getAttribute("role") !== "img" || !named(n)) found.push(`canvas ${n.id}`);
  if (n.id !== "lag" && !n.closest("section").querySelector("table")) {
    found.push(`no table: ${n.id}`);
  }
}
for (const n of document.querySelectorAll("table")) {
  if (!n.querySelector("thead th[scope=col]")) found.push(`no head: ${n.id}`);
  if ([...n.querySelectorAll("tbody tr")].some((r) => !r.querySelector("th[scope=row]"))) {
    found.push(`a row without a head: ${n.id}`);
  }
}
for (const n of document.querySelectorAll("input, section, [role=region], dl.keys")) {
  if (!named(n)) found.push(`${n.tagName} ${n.id} ${n.className}`);
}
for (const n of document.querySelectorAll("button, a, summary, fieldset > legend")) {
  if (!n.textContent.trim()) found.push(`${n.tagName} without words`);
}
const ids = [...document.querySelectorAll("[id]")].map((n) => n.id);
if (new Set(ids).size !== ids.length) found.push("two nodes with one id");
let last = 0;
for (const n of document.querySelectorAll("h1, h2, h3")) {
  const level = Number(n.tagName[1]);
  if (level > last + 1) found.push(`${n.textContent}: ${n.tagName} after h${last}`);
  last = level;
}
if (!document.documentElement.lang || !document.title) found.push("language or title");
return found;
