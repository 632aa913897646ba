// Files that are picked, dropped or pasted: each is a tile at once, measured before it goes, and uploaded by itself.
import { soon } from "./autosave.js";
import { element } from "./dom.js";
import { say } from "./notice.js";
import { bar, upload } from "./upload.js";
import { _, lang, number } from "./words.js";

const form = document.querySelector("[data-compose]");
const input = form.querySelector("input[type=file]");
const tiles = form.querySelector("[data-files]");
const wrong = form.querySelector("#files-error");
const limit = Number(form.dataset.limitMb);
const MB = 1_000_000; // decimal, as the server counts
const under = new Map(); // tile -> how to call it off

/** As the server writes it (web/filters.py). */
function size(bytes, digits = 1) {
  const form = bytes < MB ? { unit: "kilobyte" } : { unit: "megabyte", minimumFractionDigits: digits, maximumFractionDigits: digits };
  const text = number(bytes < MB ? Math.max(1, Math.round(bytes / 1000)) : bytes / MB, { style: "unit", ...form });
  return lang === "en" ? text.replace("kB", "KB") : text;
}

const octets = () => [...tiles.querySelectorAll(".file")].reduce((sum, tile) => sum + Number(tile.dataset.octets ?? 0), 0);

/** Files that are not at the server yet: the letter waits for them. */
export const busy = () => under.size > 0;

/** Once no file is on its way: whether all of them arrived. */
export async function arrived() {
  let whole = true;
  const note = (event) => { whole &&= event.detail; };
  form.addEventListener("uploaded", note);
  while (busy()) await new Promise((done) => { form.addEventListener("uploaded", done, { once: true }); });
  form.removeEventListener("uploaded", note);
  return whole;
}

/** Something besides a file is on its way, and the letter waits for it. Returns what to call when it ended, with whether it
 * is there. */
export function underway(stop) {
  const mark = {};
  under.set(mark, stop);
  return (whole) => {
    under.delete(mark);
    form.dispatchEvent(new CustomEvent("uploaded", { detail: whole }));
  };
}

function tile(file) {
  const name = element("b", "", file.name);
  name.dir = "auto";
  const kind = element("span", "k c7", file.name.includes(".") ? file.name.split(".").pop().slice(0, 4).toUpperCase() : "");
  kind.setAttribute("aria-hidden", "true");
  const far = element("span", "", size(file.size));
  const remove = element("button", "btn", _("Cancel"), element("span", "vh", ` ${file.name}`));
  remove.type = "button";
  const made = element("li", "file new", kind, element("span", "nm", name, far, bar(file.name)), remove);
  made.dataset.octets = file.size;
  remove.addEventListener("click", () => {
    made.remove();
    under.get(made)?.abort();
    wrong.textContent = "";
  });
  return made;
}

/** Why this file cannot go, in words; empty when it can. */
export function objection(file) {
  const total = octets() + file.size;
  if (total <= limit * MB) return "";
  return _("With %(file)s the files have %(size)s; a letter takes %(limit)s at most. Nothing of it was uploaded. Remove a file, or send it another way.", { file: file.name, size: size(total), limit: size(limit * MB, 0) });
}

async function send(file, made) {
  const stop = new AbortController();
  const progress = made.querySelector("progress");
  under.set(made, stop);
  let whole = false;
  try {
    const value = await upload(file, (share) => { progress.value = share; }, stop.signal);
    if (!made.isConnected) return;
    whole = true;
    const field = element("input");
    [field.type, field.name, field.value] = ["hidden", "keep", value];
    made.prepend(field);
    made.classList.remove("new");
    progress.remove();
    const [remove] = made.querySelectorAll("button");
    remove.firstChild.textContent = _("Remove");
    say(_("%(file)s is attached.", { file: file.name }));
  } catch (error) {
    failed(file, made, error.message);
  } finally {
    under.delete(made);
    form.dispatchEvent(new CustomEvent("uploaded", { detail: whole }));
    soon(0);
  }
}

function failed(file, made, words) {
  if (!made.isConnected || !words) return;
  made.querySelector("progress").replaceWith(element("span", "wrong", _("Not uploaded. %(why)s", { why: words })));
  const again = element("button", "btn", _("Try again"));
  again.type = "button";
  again.addEventListener("click", () => {
    made.remove();
    take([file]);
  });
  made.append(again);
  say(_("%(file)s was not uploaded. %(why)s", { file: file.name, why: words }));
}

function take(files) {
  wrong.textContent = "";
  for (const file of files) {
    const words = objection(file);
    if (words) {
      wrong.textContent = words;
      wrong.scrollIntoView({ block: "nearest" });
      continue;
    }
    const made = tile(file);
    tiles.append(made);
    send(file, made);
  }
}

input.addEventListener("change", () => {
  take([...input.files]);
  input.value = "";
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
  take([...event.dataTransfer.files]);
});
form.addEventListener("paste", (event) => {
  if (event.clipboardData?.files.length) take([...event.clipboardData.files]);
});
