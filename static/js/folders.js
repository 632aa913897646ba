// Narrows the tree while one types; Enter asks the server, which finds the same. Only where all folders are there.
import { ngettext, number } from "./words.js";

const box = document.querySelector("[data-narrows]");
const found = document.getElementById("found");
const rows = [...document.querySelectorAll(".tree > li")].map((row) => [row, row.dataset.way.toLowerCase()]);

box?.addEventListener("input", () => {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const [row, text] of rows) {
    row.hidden = !words.every((word) => text.includes(word));
    count += !row.hidden;
  }
  found.textContent = words.length ? ngettext("%(found)s of %(count)s folder", "%(found)s of %(count)s folders", rows.length, { found: number(count) }) : ngettext("%(count)s folder", "%(count)s folders", rows.length);
});
