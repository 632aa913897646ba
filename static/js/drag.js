// Rows are dragged to a folder: the row under the pointer, or all that are chosen. Ctrl copies. Escape is the browser's.
// Of very many folders only those at the top are there: one that the pointer rests on unfolds. The Move menu does the
// same without dragging.
import { run } from "./act.js";
import { element, part } from "./dom.js";
import { ngettext } from "./words.js";

const TYPE = "application/x-pennypost-rows";
const REST = 600; // milliseconds
const nav = document.getElementById("folders");
let dragged = [];
let over = null;
let rests = null;
let timer = 0;

const folder = (event) => {
  const link = event.target.closest?.('#folders a.f[href^="/m/"]');
  return link && !link.hasAttribute("aria-current") ? link : null;
};

const name = (link) => link.dataset.under ?? new URL(link.href).pathname.split("/")[2]; // as URLs have it

/** The folders in this one, below it: from the page of folders, which has them all. */
async function unfold(link) {
  if (link.dataset.open !== undefined) return;
  link.dataset.open = "";
  const tree = await part("tree", `/folders?under=${name(link)}`).catch(() => null);
  const depth = Number(/\bin(\d)/.exec(link.className)?.[1] ?? 0) + 1;
  const lines = [...tree?.children ?? []].map((line) => {
    const found = line.querySelector(".nm");
    const made = element(found.localName, `f in${Math.min(4, depth + Number(/\bin(\d)/.exec(line.className)?.[1] ?? 0))}`);
    const words = element("span", "nm", found.textContent);
    words.dir = "auto";
    made.append(link.querySelector("svg").cloneNode(true), words);
    if (found.href) made.href = found.getAttribute("href");
    else made.dataset.under = line.dataset.under;
    return element("li", "", made);
  });
  link.closest("li").after(...lines);
}

/** The pointer is on this line of the folder list, or on none. */
function rest(link) {
  if (link === rests) return;
  rests = link;
  clearTimeout(timer);
  if (link && document.querySelector("#folders [data-hidden]")) timer = setTimeout(unfold, REST, link);
}

function badge(count) {
  const shown = element("div", "dragged", ngettext("%(count)s message", "%(count)s messages", count));
  document.body.append(shown);
  setTimeout(() => shown.remove());
  return shown;
}

document.addEventListener("dragstart", (event) => {
  const row = event.target.closest?.("#list .row");
  const box = row?.querySelector(".pick input");
  if (!box) return;
  dragged = box.checked ? [...document.querySelectorAll("#list .pick input:checked")].map((it) => it.closest(".row")) : [row];
  event.dataTransfer.clearData();
  event.dataTransfer.setData(TYPE, String(dragged.length));
  event.dataTransfer.effectAllowed = "copyMove";
  event.dataTransfer.setDragImage(badge(dragged.length), 16, 16);
  nav?.classList.add("dragging"); // no :hover is told while something is dragged, and what unfolded has to stay
});

function point(link) {
  over?.classList.remove("target");
  link?.classList.add("target");
  over = link;
}

document.addEventListener("dragover", (event) => {
  if (!dragged.length) return;
  rest(event.target.closest?.("#folders .f:is([href^='/m/'], [data-under])") ?? null);
  const link = folder(event);
  if (link !== over) point(link);
  if (!link) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = event.ctrlKey ? "copy" : "move";
});

document.addEventListener("drop", (event) => {
  const link = folder(event);
  if (!dragged.length || !link) return;
  event.preventDefault();
  run(event.ctrlKey ? "copy" : "move", dragged.filter((row) => row.isConnected), { dest: decodeURIComponent(name(link)) });
});

document.addEventListener("dragend", () => {
  dragged = [];
  rest(null);
  point(null);
  nav?.classList.remove("dragging");
});
