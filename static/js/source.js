// Finds in the header while one types; Enter asks the server, which finds the same. Only where all fields are there.
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
  found.textContent = words ? `${count} of ${rows.length} fields` : `${rows.length} fields`;
}

if (!new URLSearchParams(location.search).get("q")) box.addEventListener("input", find);
