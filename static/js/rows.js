// j and k, and the arrows once the list has the focus, walk from row to row, Page Down and Up by a screen of them. While a message is open and has the focus,
// they belong to its "newer" and "older" links instead (shortcuts.js).
import { lone, pressed } from "./shortcuts.js";

const links = () => [...document.querySelectorAll(".row .open")];

/** How many rows are seen at once, but one. */
function screen() {
  const seen = Math.min(document.getElementById("list").clientHeight, innerHeight);
  return Math.max(1, Math.floor(seen / document.querySelector(".row").offsetHeight) - 1);
}

function step(key, at, count) {
  if (key === "j" || key === "ArrowDown") return Math.min(at + 1, count - 1);
  if (key === "k" || key === "ArrowUp") return Math.max(at - 1, 0);
  if (key === "PageDown") return Math.min(at + screen(), count - 1);
  if (key === "PageUp") return Math.max(at - screen(), 0);
  if (key === "Home") return 0;
  return key === "End" ? count - 1 : -1;
}

document.addEventListener("keydown", (event) => {
  const row = document.activeElement.closest(".row");
  const key = pressed(event);
  if (!lone(event)) return;
  if (row && key === "o") row.querySelector(".open").click();
  const letter = key === "j" || key === "k";
  if (!row && (!letter || document.querySelector("#message .conv"))) return;
  const all = links();
  const to = all[step(key, all.indexOf(row?.querySelector(".open")), all.length)];
  if (!to) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  to.focus();
}, true); // before shortcuts.js, which would press the bar's links
