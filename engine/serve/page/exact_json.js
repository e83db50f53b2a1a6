// SPDX-License-Identifier: Apache-2.0
// JSON whose integers stay what they are: those that a double cannot hold become BigInt.

// Nobody who writes a record can know it, so no string of theirs is taken for a number.
const kMark = `\u0000${crypto.getRandomValues(new Uint32Array(4)).join("-")}:`;
const kMarkJson = JSON.stringify(kMark).slice(1, -1);
// A string as a whole, or a number as a whole.
const kTokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function mark(token) {
  if (token.length < 16 || !/^-?\d+$/.test(token) || Number.isSafeInteger(Number(token))) {
    return token;
  }
  return `"${kMarkJson}${token}"`;
}

export function parse(text) {
  return JSON.parse(text.replace(kTokens, mark), (name, value) =>
    typeof value === "string" && value.startsWith(kMark) ? BigInt(value.slice(kMark.length))
                                                         : value);
}
