// SPDX-License-Identifier: Apache-2.0
// What reaches beyond the window's right or left side; what scrolls by itself may be wider inside.
const width = document.documentElement.clientWidth;
const found = [];
if (document.documentElement.scrollWidth > width) {
  found.push(`the page is ${document.documentElement.scrollWidth} wide, the window ${width}`);
}
for (const node of document.querySelectorAll("body *")) {
  const box = node.getBoundingClientRect();
  if (box.width === 0 || node.closest(".skip, .hearing, svg")) continue;
  const scrolls = node.parentElement.closest(".scroll, .samples");
  if (!scrolls && (box.right > width + 0.5 || box.left < -0.5)) {
    found.push(`${node.tagName}.${node.className}#${node.id} ${box.left}-${box.right}: ` +
               node.textContent.trim().slice(0, 40));
  }
}
return found.slice(0, 10);
