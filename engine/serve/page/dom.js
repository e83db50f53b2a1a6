// SPDX-License-Identifier: Apache-2.0
// What is shown goes through here, as text and never as markup: keys, reasons and samples come from
// records. Nodes are kept and only changed where something changed, so that focus, selection and
// scrolling stay.

export const byId = (id) => document.getElementById(id);

export function text(node, value) {
  const now = String(value);
  if (node.textContent !== now) node.textContent = now;
}

export function show(node, visible) {
  if (node.hidden === visible) node.hidden = !visible;
}

export function make(tag, className = "", content = "") {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (content !== "") node.textContent = content;
  return node;
}

// The first `count` children of `parent`, made by `create` where they are missing; what is beyond
// goes away.
export function children(parent, count, create) {
  while (parent.children.length > count) parent.lastElementChild.remove();
  while (parent.children.length < count) parent.append(create());
  return parent.children;
}

export function lines(list, sentences) {
  const nodes = children(list, sentences.length, () => make("li"));
  sentences.forEach((sentence, i) => text(nodes[i], sentence));
  show(list, sentences.length > 0);
}

// A list of terms: rows are [term, value, note]; no value is a line of its own.
export function facts(list, rows) {
  const nodes = children(list, rows.length, () => {
    const box = make("div");
    box.append(make("dt"), make("dd"), make("dd", "note"));
    return box;
  });
  rows.forEach(([term, figure, note = "", state = ""], i) => {
    const [dt, dd, small] = nodes[i].children;
    text(dt, term);
    text(dd, figure);
    text(small, note);
    show(small, note !== "");
    if (nodes[i].dataset.state !== state) nodes[i].dataset.state = state;
  });
}

// Rows of a table. A cell is a text, or {text, cls, title, parts}: parts are the segments of a bar,
// [from, to, class] in parts of 1.
export function fill(body, rows) {
  const nodes = children(body, rows.length, () => make("tr"));
  rows.forEach((row, r) => {
    const tr = nodes[r];
    while (tr.children.length > row.length) tr.lastElementChild.remove();
    row.forEach((given, c) => {
      const cell = typeof given === "object" && given !== null ? given : {text: given};
      let td = tr.children[c];
      if (!td) {
        td = document.createElement(c === 0 ? "th" : "td");
        if (c === 0) td.scope = "row";
        tr.append(td);
      }
      const span = cell.span ?? 1;
      if (td.colSpan !== span) td.colSpan = span;
      const cls = cell.cls ?? "";
      if (td.className !== cls) td.className = cls;
      if (cell.parts) {
        bar(td, cell.parts);
      } else {
        text(td, cell.text ?? "");
      }
      if (cell.title) td.title = cell.title;
      else td.removeAttribute("title");
    });
  });
}

export const number = (value) => ({text: value, cls: "n"});
export const key = (value) => ({text: value, cls: "key", title: value.length > 24 ? value : ""});

function bar(cell, parts) {
  let track = cell.firstElementChild;
  if (!track || track.className !== "track") {
    cell.textContent = "";
    track = make("div", "track");
    track.setAttribute("aria-hidden", "true");
    cell.append(track);
  }
  segments(track, parts);
}

export function segments(track, parts) {
  const nodes = children(track, parts.length, () => make("i"));
  parts.forEach(([from, to, cls], i) => {
    const node = nodes[i];
    if (node.className !== cls) node.className = cls;
    node.style.left = `${(100 * from).toFixed(2)}%`;
    node.style.width = `${(100 * Math.max(0, to - from)).toFixed(2)}%`;
  });
}

// A table with a head, and below it how many rows are not shown. Shows `few` rows, and up to `many`
// once the button is pressed.
export class RowList {
  constructor(parent, label, {few = 10, many = 200} = {}) {
    this.few = few;
    this.many = many;
    this.all = false;
    this.box = make("div", "scroll");
    this.box.tabIndex = 0;
    this.box.setAttribute("role", "region");
    this.box.setAttribute("aria-label", label);
    this.table = make("table");
    this.caption = make("caption", "hearing", label);
    this.head = make("tr");
    const thead = make("thead");
    thead.append(this.head);
    this.body = make("tbody");
    this.table.append(this.caption, thead, this.body);
    this.box.append(this.table);
    this.foot = make("p", "more");
    this.rest = make("span");
    this.button = make("button", "", "Show more");
    this.button.type = "button";
    this.button.addEventListener("click", () => {
      this.all = !this.all;
      this.draw();
    });
    this.foot.append(this.rest, this.button);
    parent.append(this.box, this.foot);
  }

  // `rows(limit)` gives the cells of the first ones.
  update(columns, total, rows) {
    const heads = children(this.head, columns.length, () => {
      const th = make("th");
      th.scope = "col";
      return th;
    });
    columns.forEach((column, i) => {
      const cell = typeof column === "object" ? column : {text: column};
      const cls = cell.cls ?? "";
      if (heads[i].className !== cls) heads[i].className = cls;
      text(heads[i], cell.text);
    });
    this.total = total;
    this.rows = rows;
    show(this.box, total > 0);
    this.draw();
  }

  draw() {
    const limit = this.all ? this.many : this.few;
    const shown = Math.min(limit, this.total);
    fill(this.body, this.rows(shown));
    text(this.rest, this.total > shown ? `… and ${(this.total - shown).toLocaleString("en")} more` :
                                         this.total === 0 ? "Nothing yet." : "");
    text(this.button, this.all ? "Show fewer" : "Show more");
    show(this.button, this.total > this.few);
    show(this.foot, this.total > this.few || this.total === 0);
  }
}
