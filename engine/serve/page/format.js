// SPDX-License-Identifier: Apache-2.0
// Numbers, times and texts of others, as people read them. Units always; nothing known is "–".

export const kNone = "–";

function known(value) {
  return value !== null && value !== undefined && !Number.isNaN(value);
}

// 1,234,567, of a number or a BigInt.
export function count(value) {
  if (!known(value)) return kNone;
  const whole = typeof value === "bigint" ? String(value) : String(Math.round(value));
  return whole.replace(/\B(?=(\d{3})+$)/g, ",");
}

// What an insight says: an integer in full, anything else with six figures.
export function figure(value) {
  if (!known(value)) return kNone;
  if (typeof value === "bigint" || Number.isInteger(value)) {
    return Math.abs(Number(value)) < 1e21 ? count(value) : String(value);
  }
  const text = String(Number(value.toPrecision(6)));
  if (/e/.test(text)) return text;
  const [whole, part] = text.split(".");
  return whole.replace(/\B(?=(\d{3})+$)/g, ",") + (part ? `.${part}` : "");
}

// Of records per second and the like: 12,340 or 3.4.
export function rate(value) {
  if (!known(value)) return kNone;
  return value >= 100 || value === 0 ? count(value) : value.toFixed(1);
}

// 12,340 to 12.3k: for axes.
export function short(value) {
  const size = Math.abs(value);
  for (const [unit, letter] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]]) {
    if (size >= unit) return Number((value / unit).toPrecision(3)) + letter;
  }
  return String(Number(value.toPrecision(3)));
}

export function share(part, whole) {
  const all = Number(whole);
  if (!known(part) || !(all > 0)) return kNone;
  const percent = (100 * Number(part)) / all;
  // What there is, and is not all, is shown neither as nothing nor as all.
  if (percent > 0 && percent < 0.05) return "<0.1%";
  if (percent < 100 && percent >= 99.95) return ">99.9%";
  return `${percent.toFixed(1)}%`;
}

export function bytes(value) {
  if (!known(value)) return kNone;
  let size = Number(value);
  let unit = "B";
  for (const next of ["KiB", "MiB", "GiB", "TiB"]) {
    if (size < 1024) break;
    size /= 1024;
    unit = next;
  }
  return `${unit === "B" || size >= 100 ? Math.round(size) : size.toFixed(1)} ${unit}`;
}

// A duration that was measured: 250 µs, 1.25 ms, 3.4 s.
export function duration(seconds) {
  if (!known(seconds)) return kNone;
  if (seconds === Infinity) return "> 30 s";
  if (seconds >= 60) return span(seconds);
  const three = (value) => Number(value.toPrecision(3)).toString();
  if (seconds >= 1) return `${three(seconds)} s`;
  if (seconds >= 0.001) return `${three(seconds * 1e3)} ms`;
  return seconds === 0 ? "0 ms" : `${three(seconds * 1e6)} µs`;
}

// How long something goes on: 42 s, 3 min 20 s, 2 h 14 min, 3 d 4 h.
export function span(seconds) {
  if (!known(seconds)) return kNone;
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const units = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  const first = units.findIndex(([, size]) => whole >= size);
  const [name, size] = units[first];
  const [under, smaller] = units[first + 1];
  const rest = Math.floor((whole % size) / smaller);
  return `${Math.floor(whole / size)} ${name}${rest ? ` ${rest} ${under}` : ""}`;
}

const kClock = new Intl.DateTimeFormat("en-GB", {timeStyle: "medium"});

// 14:03:07, here.
export function clock(milliseconds) {
  return kClock.format(new Date(milliseconds));
}

export function plural(number, one, many = `${one}s`) {
  return `${count(number)} ${number === 1 || number === 1n ? one : many}`;
}

// Text of a record or of a stranger: control characters, and those that turn the direction of
// writing or cannot be seen, as escapes.
const kUnseen =
    /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
const kTextMax = 300;

export function printable(text) {
  if (text === "") return "(empty)";
  if (text.length < 20 && text.trim() === "") return JSON.stringify(text);
  const cut = text.length > kTextMax ? `${text.slice(0, kTextMax).toWellFormed?.() ??
      text.slice(0, kTextMax)}…` : text;
  return cut.replace(kUnseen, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

// A value of JSON as text: of strings their content.
export function value(json) {
  if (typeof json === "string") return printable(json);
  if (json === null || json === undefined) return "null";
  if (typeof json === "bigint" || typeof json !== "object") return String(json);
  return printable(Array.isArray(json) ? json.map(value).join(" / ") : JSON.stringify(json));
}
