// Reading by keys: from letter to letter of a conversation, quotes, and the message page by page. Folds and rows are what
// they move, which everybody can press.
import { shown } from "./dom.js";
import { say } from "./notice.js";
import { ours, pressed } from "./shortcuts.js";
import { _ } from "./words.js";

const PAGE = 0.9; // of what is seen, so that a line of it stays
const pane = () => document.getElementById("message");

/** From letter to letter: the lines of the others, and the head of the one that is open. */
function walk(by) {
  const all = [...pane().querySelectorAll(".talk summary, header.msg")].filter(shown);
  const told = document.activeElement.closest(".talk details")?.querySelector("summary");
  const to = all[all.indexOf(told ?? pane().querySelector("header.msg")) + by];
  if (to?.matches("header")) to.tabIndex = -1;
  to?.focus();
}

/** Quotes of all letters that are unfolded, also of those in frames: hidden if one is shown. */
function quotes() {
  const frames = [...pane().querySelectorAll("iframe.body-frame")].map((it) => it.contentDocument?.getElementById("mail"));
  const all = [...pane().querySelectorAll("details.quote"), ...frames.flatMap((it) => [...it?.querySelectorAll("details") ?? []])];
  const shown = all.some((it) => it.open);
  for (const it of all) it.open = !shown;
}

function unread() {
  const rows = [...document.querySelectorAll("#list .row")];
  const at = rows.findIndex((row) => row.matches(".on")) + 1;
  const next = [...rows.slice(at), ...rows.slice(0, at)].find((row) => row.matches(".unread:not(.on)"));
  if (next) next.querySelector(".open").click();
  else say(_("No other unread message in this list."));
}

/** A page of the message; behind its end comes the next unread one. */
function page(back) {
  const own = getComputedStyle(pane()).overflowY !== "visible";
  const box = own ? pane() : document.scrollingElement;
  const end = box.scrollHeight - box.clientHeight;
  if (!back && box.scrollTop >= end - 2) unread();
  else box.scrollTop += PAGE * box.clientHeight * (back ? -1 : 1);
}

function space(event) {
  if (pane()?.querySelector(".conv") && !document.activeElement.closest("#list, #folders, .row")) page(event.shiftKey);
  else return false;
  return true;
}

const KEYS = {
  n: () => walk(1),
  p: () => walk(-1),
  q: quotes,
  o: () => document.activeElement.closest("summary")?.click(),
};

document.addEventListener("keydown", (event) => {
  const key = pressed(event);
  if (!ours(event)) return;
  if (key === " ") {
    // On what Space presses by itself it is not ours.
    if (!event.target.closest?.("button, summary, input, label") && space(event)) event.preventDefault();
  } else if (KEYS[key] && !document.activeElement.closest(".row") && pane()?.querySelector(".conv")) {
    event.preventDefault();
    KEYS[key]();
  }
});

document.addEventListener("click", (event) => {
  const it = event.target.closest?.("[data-unfold]");
  if (it) for (const fold of pane().querySelectorAll(".talk details")) fold.open = it.dataset.unfold === "all";
});
