// Finds in the header while one types; Enter asks the server, which finds the same. Only where all fields are there.
import { ngettext, number } from "./words.js";
const box = document.getElementById("q");
const found = document.getElementById("found");
const rows = [...document.querySelectorAll(".fields > div")].map((row) => [row, row.textContent.toLowerCase()]);

function find() {
  const words = box.value.trim().replace(/\s+/g, " ").toLowerCase();
  let count = 0;
  for (const [row, text] of rows) {
    row.hidden = !text.includes(words);
    count += !row.hidden;
  }
  found.textContent = words ? ngettext("%(found)s of %(count)s field.", "%(found)s of %(count)s fields.", rows.length, { found: number(count) }) : ngettext("%(count)s field", "%(count)s fields", rows.length);
}

if (!new URLSearchParams(location.search).get("q")) box.addEventListener("input", find);
