// Files on their way: shown as tiles as soon as they are picked or dropped, taken away again, and measured before they
// are uploaded. The browser's own file control stays the one place that holds them.
import { element } from "./dom.js";

const form = document.querySelector("[data-compose]");
const input = form.querySelector("input[type=file]");
const tiles = form.querySelector("[data-files]");
const wrong = form.querySelector("#files-error");
const limit = Number(form.dataset.limitMb);
const MB = 1_000_000; // decimal, as the server counts
let picked = [];

const size = (bytes) => (bytes < MB ? `${Math.max(1, Math.round(bytes / 1000))} KB` : `${(bytes / MB).toFixed(1)} MB`);

function tile(file) {
  const name = element("b", "", file.name);
  name.dir = "auto";
  const kind = element("span", "k c7", file.name.includes(".") ? file.name.split(".").pop().slice(0, 4).toUpperCase() : "");
  kind.setAttribute("aria-hidden", "true");
  const remove = element("button", "btn", "Remove", element("span", "vh", ` ${file.name}`));
  remove.type = "button";
  remove.addEventListener("click", () => hold(picked.filter((it) => it !== file)));
  return element("li", "file new", kind, element("span", "nm", name, element("span", "", size(file.size))), remove);
}

/** Why these files cannot go, in words; empty when they can. */
function objection() {
  const total = picked.reduce((sum, file) => sum + file.size, 0);
  if (total <= limit * MB) return "";
  return `These files have ${size(total)}; a letter takes ${limit} MB at most. Nothing was uploaded. Remove a file, or send it another way.`;
}

function hold(files) {
  const box = new DataTransfer();
  for (const file of files) box.items.add(file);
  picked = files;
  input.files = box.files;
  for (const old of tiles.querySelectorAll(".new")) old.remove();
  tiles.append(...files.map(tile));
  wrong.textContent = objection();
}

input.addEventListener("change", () => hold([...picked, ...input.files]));

form.addEventListener("submit", (event) => {
  if (!objection() || event.submitter?.value === "discard") return;
  event.preventDefault();
  event.stopImmediatePropagation();
  wrong.textContent = objection();
  wrong.scrollIntoView({ block: "nearest" });
});

const carries = (event) => event.dataTransfer?.types.includes("Files");
form.addEventListener("dragover", (event) => {
  if (!carries(event)) return;
  event.preventDefault();
  form.classList.add("over");
});
form.addEventListener("dragleave", () => form.classList.remove("over"));
form.addEventListener("drop", (event) => {
  form.classList.remove("over");
  if (!carries(event)) return;
  event.preventDefault();
  hold([...picked, ...event.dataTransfer.files]);
});
form.addEventListener("paste", (event) => {
  if (event.clipboardData?.files.length) hold([...picked, ...event.clipboardData.files]);
});
