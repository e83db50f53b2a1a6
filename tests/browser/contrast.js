// SPDX-License-Identifier: Apache-2.0
// Every text that is seen, against what lies under it, by WCAG 2's formula; and the colours of
// marks against the surface. Returns what is below 4.5 (3 for large text and marks).
const channel = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
const light = ([r, g, b]) =>
  0.2126 * channel(r / 255) + 0.7152 * channel(g / 255) + 0.0722 * channel(b / 255);
const ratio = (a, b) => {
  const [x, y] = [light(a), light(b)].sort((m, n) => n - m);
  return (x + 0.05) / (y + 0.05);
};
const parse = (text) => {
  const n = text.match(/[\d.]+/g).map(Number);
  return [n[0], n[1], n[2], n[3] ?? 1];
};
const over = (top, under) => top.slice(0, 3).map((v, i) => v * top[3] + under[i] * (1 - top[3]));
const ground = (node) => {
  const layers = [];
  for (let n = node; n; n = n.parentElement) {
    layers.push(parse(getComputedStyle(n).backgroundColor));
  }
  return layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255]);
};
const low = [];
let checked = 0;
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node = walker.nextNode(); node; node = walker.nextNode()) {
  const parent = node.parentElement;
  if (!node.data.trim() || parent.getClientRects().length === 0) continue;
  if (parent.closest(".hearing, noscript, canvas, .skip")) continue;
  const style = getComputedStyle(parent);
  const under = ground(parent);
  const found = ratio(over(parse(style.color), under), under);
  const size = parseFloat(style.fontSize);
  const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
  checked += 1;
  if (found < (large ? 3 : 4.5)) low.push(`${node.data.trim().slice(0, 40)}: ${found.toFixed(2)}`);
}
const root = getComputedStyle(document.documentElement);
const hex = (name) => root.getPropertyValue(`--${name}`).trim().match(/[0-9a-f]{2}/gi)
    .map((v) => parseInt(v, 16));
for (const name of ["c1", "c2", "c3", "c4", "c5", "c6", "c7", "emitted", "filtered", "dead",
                    "accent", "edge"]) {
  const found = ratio(hex(name), hex("surface"));
  if (found < 3) low.push(`--${name}: ${found.toFixed(2)}`);
}
// What Chart.js writes on its canvases.
for (const [text, under] of [["quiet", "surface"], ["surface", "text"]]) {
  if (ratio(hex(text), hex(under)) < 4.5) low.push(`--${text} on --${under}`);
}
return {checked, low};
