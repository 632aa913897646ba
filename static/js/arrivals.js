// What other devices and deliveries change in the list. Marks change in place. Rows come and go only while nobody is in
// the list, so that nothing moves under a pointer: until then new ones wait behind a button and gone ones are struck out.
import { recount } from "./counts.js";
import { QUIETLY, element, part } from "./dom.js";
import { copy, key, letters, mark, pick, tidy, uid, without } from "./letters.js";
import { reached } from "./live.js";
import { say } from "./notice.js";
import { held } from "./pending.js";
import { page } from "./watch.js";
import { _, ngettext } from "./words.js";

const OFTEN = 2000; // the list is fetched again after this time at the earliest,
const AGAIN = 10_000; // and after this time when that failed
const list = document.getElementById("list");
const head = list.querySelector(".head");
const { moves } = list.dataset; // "filter": marks take rows away; "order": the newest is not the first
const hovers = matchMedia("(hover: hover)");

const rows = (root = list) => [...root.querySelectorAll(".row")];
const by = (root) => new Map(rows(root).flatMap((row) => letters(row).map((number) => [number, row])));
const validity = () => list.querySelector(".row") && pick(list.querySelector(".row")).split(".")[0];
const waits = (row) => letters(row).some((number) => held(`${pick(row).split(".")[0]}.${number}`));
const pointed = () => hovers.matches && list.matches(":hover");
const loose = (row) => !row.closest(".pinned"); // what is pinned comes first, however old it is
// The pane itself has the focus when the page has just come: nobody is at a row.
const inside = () => pointed() || (list !== document.activeElement && list.contains(document.activeElement));
const onTop = () => list.scrollTop + scrollY < 5;

let waiting = null; // the list as the server has it, while rows of it wait
let said = 0; // how many of them were read out
let timer = 0;
let fetched = 0;
let asked = 0; // which fetch is the latest
let busy = false;
let stale = false;
let sure = page; // the counts that go with the rows

// ---- rows that are here ----

function strike(lost) {
  for (const row of lost) {
    if (row.matches(".gone")) continue;
    row.classList.add("gone");
    // Translators: read out in the row of a message, before its time.
    row.querySelector("time").before(element("span", "vh", _("no longer here, ")));
  }
  sweep();
  bereave(new Set(lost.flatMap((row) => letters(row).map((number) => `${pick(row).split(".")[0]}.${number}`))));
}

/** Take away what is struck out: not under a pointer, nor what has the focus or is chosen. */
function sweep() {
  if (pointed()) return;
  for (const row of list.querySelectorAll(".row.gone")) {
    if (!row.contains(document.activeElement) && !row.querySelector("input:checked")) row.remove();
  }
  tidy(list);
}

/** The open message is among those that were moved or deleted elsewhere. It stays readable, and where it is. */
function bereave(picks) {
  const letter = document.querySelector("#message .conv");
  if (!letter || letter.querySelector(".away") || !picks.has(document.querySelector('#message [name="uid"]').value)) return;
  const words = _("This message was moved or deleted on another device. You can still read it here.");
  letter.append(element("p", "note warn away", words));
  say(words);
}

// ---- rows that come ----

/** The first page as the server has it; what other pages stand below stays, without what is on the first one now. */
function above(fresh) {
  const next = by(fresh);
  for (const row of rows()) if (letters(row).some((number) => next.has(number))) row.remove();
  list.querySelector(".batch").before(fresh.querySelector(".batch"));
  tidy(list);
}

/** The server's list takes the place, with the rows that are here already: their ticks and their focus stay. */
function join() {
  const fresh = waiting;
  const known = by(list);
  const several = list.querySelectorAll(".batch").length > 1;
  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  const at = rows().indexOf(focused?.closest(".row"));
  const fixed = onTop() ? null : rows().find((row) => row.getBoundingClientRect().top > head.getBoundingClientRect().bottom);
  const before = fixed?.getBoundingClientRect().top;
  waiting = null;
  said = 0;
  for (const row of rows(fresh)) {
    const here = known.get(uid(row));
    if (here && key(here) === key(row)) row.replaceWith(here);
  }
  list.querySelector(".fresh")?.remove();
  if (several && rows(fresh).length) above(fresh);
  else {
    while (head.nextSibling) head.nextSibling.remove();
    while (fresh.querySelector(".head").nextSibling) head.parentNode.append(fresh.querySelector(".head").nextSibling);
  }
  if (fixed?.isConnected) for (const it of [list, window]) it.scrollBy(0, fixed.getBoundingClientRect().top - before);
  if (at >= 0) (focused.isConnected ? focused : rows()[at]?.querySelector(".open"))?.focus({ preventScroll: true });
  list.dispatchEvent(new CustomEvent("part", { bubbles: true }));
}

/** The same rows: only the numbers below them may be others. */
function keep() {
  if (list.querySelectorAll(".batch").length < 2) list.querySelector(".pager").replaceWith(waiting.querySelector(".pager"));
  list.querySelector(".fresh")?.remove();
  waiting = null;
}

function offer(words) {
  let pill = list.querySelector(".fresh");
  if (!pill) {
    const link = element("a", "btn btn-primary", document.querySelector('.lh [data-keys="N"] svg').cloneNode(true), "");
    link.href = list.dataset.url;
    link.addEventListener("click", pull);
    pill = element("p", "fresh", link);
    head.after(pill);
  }
  pill.firstChild.lastChild.data = words;
}

/** The button with the new messages: they come, and the focus is on the first. */
function pull(event) {
  event.preventDefault();
  join();
  list.scrollTop = 0;
  scrollTo(0, 0);
  rows()[0]?.querySelector(".open").focus({ preventScroll: true });
}

function compare(fresh, returned) {
  // What is being moved away at this moment may still be in it.
  const known = by(list);
  for (const row of rows(fresh)) if (waits(row) && !known.has(uid(row))) row.remove();
  const next = by(fresh);
  const lowest = Math.min(...rows().filter(loose).map(uid));
  const highest = Math.max(...known.keys());
  for (const row of rows(fresh)) {
    const here = known.get(uid(row));
    if (!here || key(here) !== key(row) || waits(row)) continue;
    copy(here, row);
    here.querySelector(".snip").replaceWith(row.querySelector(".snip").cloneNode(true));
  }
  // What fell off the end of the page is still there; what a filter no longer shows may stay until the reader goes on.
  const end = fresh.querySelector("[rel=next]") ? Math.min(...rows(fresh).filter(loose).map(uid)) : 0;
  if (!moves) strike(rows().filter((row) => uid(row) >= end && letters(row).every((number) => !next.has(number))));
  sure = { ...fresh.dataset };
  list.dataset.at = sure.at;
  recount(sure, fetched);
  const floor = moves === "order" ? highest : lowest;
  const come = rows(fresh).filter((row) => !known.has(uid(row)) && (!known.size || uid(row) > floor));
  const newest = come.every((row) => uid(row) > highest) && !fresh.querySelector("[rel=prev]");
  const words = newest ? ngettext("%(count)s new message", "%(count)s new messages", come.length) : ngettext("%(count)s more message", "%(count)s more messages", come.length);
  if (come.length > said) say(words);
  said = come.length;
  waiting = fresh;
  const shown = rows().map(key).slice(0, rows(fresh).length);
  if (next.size && rows(fresh).map(key).join(";") === shown.join(";") && fits(fresh)) keep();
  else if (returned) join();
  else settle();
  if (waiting && come.length) offer(words);
}

/** No row here is missing there: with other pages below, the first one cannot tell. */
function fits(fresh) {
  return list.querySelectorAll(".batch").length > 1 || rows().length === rows(fresh).length;
}

/** Nobody is in the list: what is gone goes, what waits comes. */
function settle() {
  if (inside()) return;
  sweep();
  if (waiting && onTop() && !moves && !list.querySelector("input:checked")) join();
}

// ---- asking ----

/** Ask for the list again. returned: what came is to be seen at once. */
export async function look(returned) {
  const mine = ++asked;
  clearTimeout(timer);
  timer = 0;
  fetched = Date.now();
  stale = false;
  busy = true;
  let fresh;
  try {
    fresh = await part("list", list.dataset.url, QUIETLY);
    reached();
  } catch (error) {
    reached(error);
    again(AGAIN);
  }
  if (mine !== asked) return;
  busy = false;
  if (fresh) compare(fresh, returned);
}

function again(after = OFTEN) {
  stale = true;
  if (!document.hidden && !timer) timer = setTimeout(look, Math.max(250, fetched + after - Date.now()));
}

function changed({ v, added, flags = {}, removed = [] }) {
  if (validity() !== String(v)) return again();
  for (const root of [list, waiting ?? list]) {
    const known = by(root);
    for (const [number, words] of Object.entries(flags)) {
      const row = known.get(Number(number));
      if (row && !held(`${v}.${number}`)) mark(row, Number(number), !words.includes("\\Seen"), words.includes("\\Flagged"));
    }
  }
  const gone = new Set(removed.filter((number) => !held(`${v}.${number}`)));
  strike(rows().filter((row) => letters(row).some((number) => gone.has(number)) && !without(row, gone)));
  bereave(new Set([...gone].map((number) => `${v}.${number}`)));
  // A list that is on its way may be older than these marks.
  const labelled = Object.values(flags).some((words) => words.some((word) => !word.startsWith("\\")));
  return added || removed.length || busy || labelled || list.querySelector(".marks") ? again() : null;
}

/** News of the document, from the first that mattered (watch.js). first: there were no counts before. */
export function hear({ type, data, watched }, first) {
  const { m } = list.dataset;
  const now = data.folders?.[m];
  if (type === "mail" && data.m === m) changed(data);
  if ((type === "changed" && data.m === m) || type === "again") again();
  if (type !== "counts") return;
  if (now && (first || watched !== m) && (now.unread !== Number(sure.unread) || now.total !== Number(sure.total))) again();
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  if (waiting) join();
  if (stale) look(true);
});
list.addEventListener("mouseleave", settle);
list.addEventListener("focusout", () => setTimeout(settle));
for (const it of [list, window]) it.addEventListener("scroll", () => waiting && settle(), { passive: true });
