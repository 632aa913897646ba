// Several rows at once: Shift for a range, with the mouse or with j, k and the arrows; some of the page by what they are;
// and the number in the bar.
import { control, lone, ours, press, pressed } from "./shortcuts.js";
import { _, ngettext } from "./words.js";

const rows = () => [...document.querySelectorAll("#list .row")].filter((row) => row.querySelector(".pick input"));
const box = (row) => row.querySelector(".pick input");
const boxes = () => rows().map(box);
const whole = () => document.querySelector("[name=whole]");
const starred = (row) => Boolean(row.querySelector('.star[aria-pressed="true"]'));
let last = null;

const WHICH = {
  none: () => false,
  read: (row) => !row.matches(".unread"),
  unread: (row) => row.matches(".unread"),
  starred,
  unstarred: (row) => !starred(row),
};

function count() {
  const all = boxes();
  const chosen = all.filter((it) => it.checked).length;
  const everything = whole()?.checked && whole().parentElement.querySelector(".num").textContent;
  const words = document.querySelector(".bulk .sel");
  if (words) words.textContent = everything ? _("All %(count)s", { count: everything }) : chosen ? ngettext("%(count)s selected", "%(count)s selected", chosen) : _("Selected");
  document.querySelector('[data-select="all"]')?.setAttribute("aria-pressed", String(chosen > 0 && chosen === all.length));
}

document.addEventListener("click", (event) => {
  const it = event.target;
  if (!it.matches?.(".pick input")) return;
  const all = boxes();
  if (event.shiftKey && all.includes(last)) {
    const [from, to] = [all.indexOf(last), all.indexOf(it)].sort((a, b) => a - b);
    for (const between of all.slice(from, to + 1)) between.checked = it.checked;
  }
  last = it;
  count();
});

// Shift and the mouse would also select the text between.
document.addEventListener("mousedown", (event) => {
  if (event.shiftKey && event.target.closest?.(".pick")) event.preventDefault();
});

/** All of the page (again: none of it), or those that are so. */
function choose(which) {
  const all = rows();
  const every = !all.every((row) => box(row).checked);
  for (const row of all) box(row).checked = which === "all" ? every : WHICH[which](row);
  if (whole() && which !== "all") whole().checked = false;
  count();
}

document.addEventListener("click", (event) => {
  const it = event.target.closest?.("[data-select]");
  if (!it) return;
  choose(it.dataset.select);
  const menu = it.closest("details.menu");
  if (menu) menu.open = false;
});

document.addEventListener("change", (event) => {
  if (event.target.name === "whole") count();
});

/** Shift and a step: the row of the focus and the one that it goes to. */
function extend(by) {
  const all = rows();
  const at = all.indexOf(document.activeElement.closest("#list .row"));
  const to = all[at + by];
  if (at < 0 || !to) return false;
  // Going back over what was chosen takes it away again.
  if (box(all[at]).checked && box(to).checked) box(all[at]).checked = false;
  else for (const row of [all[at], to]) box(row).checked = true;
  last = box(to);
  to.querySelector(".open").focus();
  count();
  return true;
}

const STEPS = { J: 1, K: -1, ArrowDown: 1, ArrowUp: -1 };

document.addEventListener("keydown", (event) => {
  const inList = document.activeElement.closest("#list");
  const all = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "a";
  if (all && inList && !event.target.matches?.("input:not([type=checkbox]), select") && rows().length) {
    event.preventDefault();
    for (const it of boxes()) it.checked = true;
    count();
  } else if (event.shiftKey && lone(event) && STEPS[pressed(event)] && extend(STEPS[pressed(event)])) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}, true); // before rows.js, for which Shift is nothing

// Space chooses the row; on what it presses by itself it is not ours.
document.addEventListener("keydown", (event) => {
  if (pressed(event) !== " " || !ours(event) || !document.activeElement.closest(".row")) return;
  if (event.target.closest?.("button, summary, input, label")) return;
  event.preventDefault();
  const box = control("x");
  if (box && !event.shiftKey) press(box);
});

document.addEventListener("part", count); // rows with ticks may have come or gone
count(); // a reload keeps the ticks
