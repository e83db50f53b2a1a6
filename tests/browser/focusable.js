// SPDX-License-Identifier: Apache-2.0
// What the Tab key should come to, in this order: of a group of radio buttons the chosen one.
const nodes = document.querySelectorAll("a[href], button, input, summary, [tabindex='0']");
return [...nodes].filter((n) => n.checkVisibility() && n.getClientRects().length > 0)
    .filter((n) => n.type !== "radio" || n.checked)
    .map((n) => n.getAttribute("aria-label") || n.value || n.textContent.trim());
