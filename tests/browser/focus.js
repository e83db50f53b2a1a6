// SPDX-License-Identifier: Apache-2.0
// Where the focus is, and whether that can be seen.
const node = document.activeElement;
const shown = node.type === "radio" ? node.nextElementSibling : node;
const style = getComputedStyle(shown);
return {
  name: node.getAttribute("aria-label") || node.value || node.textContent.trim(),
  tag: node.tagName,
  outlined: node !== document.body && style.outlineStyle !== "none" &&
      parseFloat(style.outlineWidth) >= 2,
};
