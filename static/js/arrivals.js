// What other devices and deliveries change in the list. Marks change in place. Rows come and go only while nobody is in
// the list, so that nothing moves under a pointer: until then new ones wait behind a button and gone ones are struck out.
import { recount } from "./counts.js";
import { QUIETLY, element, part } from "./dom.js";
import { reached } from "./live.js";
import { say } from "./notice.js";
import { held } from "./pending.js";

const OFTEN = 2000; // the list is fetched again after this time at the earliest,
const AGAIN = 10_000; // and after this time when that failed
const list = document.getElementById("list");
const head = list.querySelector(".head");
const filtered = new URL(list.dataset.url, location.href).searchParams.has("only");
const hovers = matchMedia("(hover: hover)");

// The clock of pages without script (views/mailbox.py) is not needed here.
const here = new URL(location);
if (here.searchParams.has("refresh")) {
  here.searchParams.delete("refresh");
  location.replace(here);
}

const rows = (root = list) => [...root.querySelectorAll(".row")];
const pick = (row) => row.querySelector(".open").pathname.split("/").pop(); // "uidvalidity.uid"
const uid = (row) => Number(pick(row).split(".")[1]);
const by = (root) => new Map(rows(root).map((row) => [pick(row), row]));
const pointed = () => hovers.matches && list.matches(":hover");
const inside = () => pointed() || list.contains(document.activeElement);
const onTop = () => list.scrollTop + scrollY < 5;

let waiting = null; // the list as the server has it, while rows of it wait
let said = 0; // how many of them were read out
let timer = 0;
let fetched = 0;
let asked = 0; // which fetch is the latest
let busy = false;
let stale = false;
let sure = { ...list.dataset }; // the counts that go with the rows

// ---- rows that are here ----

function mark(row, unread, starred) {
  const from = row.querySelector(".from");
  const star = row.querySelector("button.star");
  row.classList.toggle("unread", unread);
  from.querySelector(".vh")?.remove();
  if (unread) from.prepend(element("span", "vh", "Unread, "));
  if (!star) return;
  star.name = starred ? "unstar" : "star";
  star.setAttribute("aria-pressed", String(starred));
}

function strike(lost) {
  for (const row of lost) {
    if (row.matches(".gone")) continue;
    row.classList.add("gone");
    row.querySelector(".att").append(element("span", "vh", "no longer here, "));
  }
  sweep();
  bereave(new Set(lost.map(pick)));
}

/** Take away what is struck out: not under a pointer, nor what has the focus or is chosen. */
function sweep() {
  if (pointed()) return;
  for (const row of list.querySelectorAll(".row.gone")) {
    if (row.contains(document.activeElement) || row.querySelector("input:checked")) continue;
    const day = row.parentElement;
    row.remove();
    if (day.children.length) continue;
    day.previousElementSibling.remove();
    day.remove();
  }
}

/** The open message is among those that were moved or deleted elsewhere. It stays readable, and where it is. */
function bereave(picks) {
  const letter = document.querySelector("#message .conv");
  if (!letter || letter.querySelector(".away") || !picks.has(document.querySelector('#message [name="uid"]').value)) return;
  const words = "This message was moved or deleted on another device. You can still read it here.";
  letter.append(element("p", "note warn away", words));
  say(words);
}

// ---- rows that come ----

/** The server's list takes the place, with the rows that are here already: their ticks and their focus stay. */
function join() {
  const fresh = waiting;
  const known = by(list);
  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  const at = rows().indexOf(focused?.closest(".row"));
  const fixed = onTop() ? null : rows().find((row) => row.getBoundingClientRect().top > head.getBoundingClientRect().bottom);
  const before = fixed?.getBoundingClientRect().top;
  waiting = null;
  said = 0;
  for (const row of rows(fresh)) if (known.has(pick(row))) row.replaceWith(known.get(pick(row)));
  while (head.nextSibling) head.nextSibling.remove();
  while (fresh.querySelector(".head").nextSibling) head.parentNode.append(fresh.querySelector(".head").nextSibling);
  if (fixed?.isConnected) for (const it of [list, window]) it.scrollBy(0, fixed.getBoundingClientRect().top - before);
  if (at >= 0) (focused.isConnected ? focused : rows()[at]?.querySelector(".open"))?.focus({ preventScroll: true });
  list.dispatchEvent(new CustomEvent("part", { bubbles: true }));
}

/** The same rows: only the numbers below them may be others. */
function keep() {
  list.querySelector(".pager").replaceWith(waiting.querySelector(".pager"));
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
  for (const row of rows(fresh)) if (held(pick(row)) && !by(list).has(pick(row))) row.remove();
  const known = by(list);
  const next = by(fresh);
  const lowest = Math.min(...rows().map(uid));
  const highest = Math.max(...rows().map(uid));
  for (const [key, row] of next) {
    if (!known.has(key) || held(key)) continue;
    mark(known.get(key), row.matches(".unread"), Boolean(row.querySelector('[aria-pressed="true"]')));
    known.get(key).querySelector(".marks").replaceWith(row.querySelector(".marks").cloneNode(true));
  }
  // What fell off the end of the page is still there; what a filter no longer shows may stay until the reader goes on.
  const end = fresh.querySelector("[rel=next]") ? Math.min(...rows(fresh).map(uid)) : 0;
  if (!filtered) strike(rows().filter((row) => !next.has(pick(row)) && uid(row) >= end));
  sure = { ...fresh.dataset };
  list.dataset.at = sure.at;
  recount(sure, fetched);
  const come = rows(fresh).filter((row) => !known.has(pick(row)) && (!known.size || uid(row) > lowest));
  const kind = come.every((row) => uid(row) > highest) && !fresh.querySelector("[rel=prev]") ? "new" : "more";
  const words = `${come.length} ${kind} message${come.length === 1 ? "" : "s"}`;
  if (come.length > said) say(words);
  said = come.length;
  waiting = fresh;
  if (next.size && [...next.keys()].join() === rows().map(pick).join()) keep();
  else if (returned) join();
  else settle();
  if (waiting && come.length) offer(words);
}

/** Nobody is in the list: what is gone goes, what waits comes. */
function settle() {
  if (inside()) return;
  sweep();
  if (waiting && onTop() && !filtered && !list.querySelector("input:checked")) join();
}

// ---- asking ----

async function look(returned) {
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
  const known = by(list);
  if (![...known.keys()][0]?.startsWith(`${v}.`)) return again();
  for (const [number, words] of Object.entries(flags)) {
    for (const root of [known, by(waiting ?? list)]) {
      const row = root.get(`${v}.${number}`);
      if (row && !held(`${v}.${number}`)) mark(row, !words.includes("\\Seen"), words.includes("\\Flagged"));
    }
  }
  const picks = removed.map((number) => `${v}.${number}`).filter((key) => !held(key));
  strike(picks.map((key) => known.get(key)).filter(Boolean));
  bereave(new Set(picks));
  // A list that is on its way may be older than these marks.
  const labelled = Object.values(flags).some((words) => words.some((word) => !word.startsWith("\\")));
  return added || removed.length || busy || labelled || list.querySelector(".marks:not(:empty)") ? again() : null;
}

let first = true;
document.addEventListener("news", ({ detail: { type, data, watched } }) => {
  const { m } = list.dataset;
  const now = data.folders?.[m];
  if (type === "mail" && data.m === m) changed(data);
  if ((type === "changed" && data.m === m) || type === "again") again();
  if (type !== "counts") return;
  // Who watches this folder is told every change; but from when this page was made until the first news there is a gap.
  if (now && (first || watched !== m) && (now.unread !== Number(sure.unread) || now.total !== Number(sure.total))) again();
  first = false;
});

// This page itself did something. whole: what came of it is to be seen at once.
document.addEventListener("acted", ({ detail: { whole } }) => look(whole));

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  if (waiting) join();
  if (stale) look(true);
});
list.addEventListener("mouseleave", settle);
list.addEventListener("focusout", () => setTimeout(settle));
for (const it of [list, window]) it.addEventListener("scroll", () => waiting && settle(), { passive: true });
