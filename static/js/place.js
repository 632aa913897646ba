// After a button of the list or of a message was pressed, the page that follows shows the list where it was, with the
// focus on the row that took the place. Only numbers are kept, and only until that page has read them.
const KEY = "place";
const FRESH = 15000;
const pane = document.getElementById("list");
const rows = () => [...document.querySelectorAll(".row")];

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return; // done in the background
  const row = event.submitter?.closest(".row") ?? document.querySelector(".row:has(.pick input:checked), .row.on");
  const star = event.submitter?.classList.contains("star") ?? false;
  const index = rows().indexOf(row);
  if (!event.target.closest("#list, #message") || index < 0) return;
  const place = { index, star, list: pane.scrollTop, page: scrollY, at: Date.now() };
  sessionStorage.setItem(KEY, JSON.stringify(place));
});

const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
sessionStorage.removeItem(KEY);
if (pane && kept && Date.now() - kept.at < FRESH) {
  pane.scrollTop = kept.list;
  scrollTo(0, kept.page);
  const row = rows()[Math.min(kept.index, rows().length - 1)];
  row?.querySelector(kept.star ? ".star" : ".open")?.focus({ preventScroll: true });
}
