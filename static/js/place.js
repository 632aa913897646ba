// Nothing jumps. After a button of the list or of a message was pressed, the page that follows shows the list where it
// was, with the focus on the row that took the place; Back and Reload bring the same pages, place and row. Only numbers
// are kept: of what a button did until the next page has read them, of a place in its entry of the history.
import { letters, uid } from "./letters.js";

const KEY = "place";
const FRESH = 15000;
const SOON = 150;
const pane = document.getElementById("list");
const rows = () => [...document.querySelectorAll(".row")];
const grown = () => pane.querySelectorAll(".batch").length;
const where = () => ({ leaves: grown(), list: pane.scrollTop, page: scrollY });

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return; // done in the background
  const row = event.submitter?.closest(".row") ?? (document.querySelector(".pick input:checked") ?? document.querySelector(".row.on"))?.closest(".row");
  const star = event.submitter?.classList.contains("star") ?? false;
  const index = rows().indexOf(row);
  if (!event.target.closest("#list, #message") || index < 0) return;
  sessionStorage.setItem(KEY, JSON.stringify({ ...where(), index, star, at: Date.now() }));
});

// ---- the entry of the history ----

let later = 0;
let row = 0;

function remember() {
  clearTimeout(later);
  later = 0;
  if (document.body.classList.contains("v-list")) history.replaceState({ ...history.state, place: { ...where(), row } }, "");
}

function soon() {
  later ||= setTimeout(remember, SOON);
}

pane.addEventListener("focusin", (event) => {
  const inside = event.target.closest(".row");
  row = inside ? uid(inside) : 0;
});
for (const it of [pane, window]) it.addEventListener("scroll", soon, { passive: true });
// The next page is fetched when one goes down to it, by what is not needed before.
for (const it of [pane, window]) it.addEventListener("scroll", () => import("./endless.js").catch(() => {}), { passive: true, once: true });
document.addEventListener("click", (event) => {
  if (event.target.closest?.("a[href]")) remember();
  // From a letter back to its list: to its row, which may lie anywhere.
  const index = rows().findIndex((it) => it.matches(".on"));
  if (!event.target.closest?.('#message a.narrow[data-keys="u"]') || index < 0) return;
  sessionStorage.setItem(KEY, JSON.stringify({ leaves: grown(), list: pane.scrollTop, page: 0, index, back: true, at: Date.now() }));
}, true);

// ---- the page that follows ----

/** The pages that were below each other, the place in them, and the row. */
async function restore(place, target) {
  if (grown() < place.leaves) {
    const { grow } = await import("./endless.js");
    while (grown() < place.leaves && await grow());
  }
  pane.scrollTop = place.list;
  scrollTo(0, place.page);
  target()?.focus({ preventScroll: !place.back });
}

const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
sessionStorage.removeItem(KEY);
const [arrival] = performance.getEntriesByType("navigation");
const { place } = history.state ?? {};
if (kept && Date.now() - kept.at < FRESH) {
  restore(kept, () => rows()[Math.min(kept.index, rows().length - 1)]?.querySelector(kept.star ? ".star" : ".open"));
} else if (place && arrival?.type !== "navigate") {
  row = place.row;
  restore(place, () => rows().find((it) => letters(it).includes(place.row))?.querySelector(".open") ?? pane);
} else if (document.activeElement === document.body && !location.hash) {
  // Reading begins here: the next Tab is the first control of the list, or of the letter.
  (document.body.classList.contains("v-message") ? document.getElementById("subject") : pane)?.focus({ preventScroll: true });
}
