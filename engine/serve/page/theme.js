// SPDX-License-Identifier: Apache-2.0
// Light or dark: what was chosen here before, else what the system prefers. Runs before anything is
// painted, so it is a plain script. Whoever paints by itself listens to "millrace-theme".
(() => {
  const kKey = "millrace.theme";
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const choices = ["auto", "light", "dark"];
  let choice = "auto";
  try {
    const kept = localStorage.getItem(kKey);
    if (choices.includes(kept)) choice = kept;
  } catch { /* no storage: the choice lasts until the page is closed */ }

  function apply() {
    const now = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
    document.documentElement.dataset.theme = now;
    document.dispatchEvent(new Event("millrace-theme"));
  }
  apply();
  dark.addEventListener("change", apply);

  addEventListener("DOMContentLoaded", () => {
    for (const input of document.querySelectorAll("#theme input")) {
      input.checked = input.value === choice;
      input.addEventListener("change", () => {
        choice = input.value;
        try {
          localStorage.setItem(kKey, choice);
        } catch { /* as above */ }
        apply();
      });
    }
  });
})();
