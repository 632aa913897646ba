// j and k, and the arrows once the list has the focus, walk from row to row. While a message is open and has the focus,
// they belong to its "newer" and "older" links instead (shortcuts.js).
import { ours } from "./shortcuts.js";

const links = () => [...document.querySelectorAll(".row .open")];

function step(key, at, count) {
  if (key === "j" || key === "ArrowDown") return Math.min(at + 1, count - 1);
  if (key === "k" || key === "ArrowUp") return Math.max(at - 1, 0);
  if (key === "Home") return 0;
  return key === "End" ? count - 1 : -1;
}

document.addEventListener("keydown", (event) => {
  const row = document.activeElement.closest(".row");
  if (row && event.key === "o" && ours(event)) row.querySelector(".open").click();
  const letter = event.key === "j" || event.key === "k";
  if (!ours(event) || (!row && (!letter || document.querySelector("#message .conv")))) return;
  const all = links();
  const to = all[step(event.key, all.indexOf(row?.querySelector(".open")), all.length)];
  if (!to) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  to.focus();
}, true); // before shortcuts.js, which would press the bar's links
