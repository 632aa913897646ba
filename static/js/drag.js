// Rows are dragged to a folder: the row under the pointer, or all that are chosen. Ctrl copies. Escape is the browser's.
// The Move menu does the same without dragging.
import { run } from "./act.js";
import { element } from "./dom.js";

const TYPE = "application/x-pennypost-rows";
let dragged = [];
let over = null;

const folder = (event) => {
  const link = event.target.closest?.('#folders a.f[href^="/m/"]');
  return link && !link.hasAttribute("aria-current") ? link : null;
};

/** The name of a folder as forms give it. */
const name = (link) => decodeURIComponent(new URL(link.href).pathname.split("/")[2]);

function badge(count) {
  const shown = element("div", "dragged", String(count), element("span", "", count === 1 ? " message" : " messages"));
  document.body.append(shown);
  setTimeout(() => shown.remove());
  return shown;
}

document.addEventListener("dragstart", (event) => {
  const row = event.target.closest?.("#list .row");
  const box = row?.querySelector(".pick input");
  if (!box) return;
  dragged = box.checked ? [...document.querySelectorAll("#list .row:has(.pick input:checked)")] : [row];
  event.dataTransfer.clearData();
  event.dataTransfer.setData(TYPE, String(dragged.length));
  event.dataTransfer.effectAllowed = "copyMove";
  event.dataTransfer.setDragImage(badge(dragged.length), 16, 16);
});

function point(link) {
  over?.classList.remove("target");
  link?.classList.add("target");
  over = link;
}

document.addEventListener("dragover", (event) => {
  if (!dragged.length) return;
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
  run(event.ctrlKey ? "copy" : "move", dragged.filter((row) => row.isConnected), { dest: name(link) });
});

document.addEventListener("dragend", () => {
  dragged = [];
  point(null);
});
