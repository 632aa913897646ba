// Opens a message beside the list without loading the list again: the server answers a request with "X-Part: message"
// with the reading pane alone. Anything unexpected (signed out, gone, offline) falls back to following the link.
import { listTitle, recount } from "./counts.js";
import { part } from "./dom.js";
import { mark as markRow, uid } from "./letters.js";
import { waiting } from "./slow.js";

const wide = matchMedia("(min-width: 44rem)");
const pane = () => document.getElementById("message");
const here = () => location.pathname + location.search;

const closed = document.body.classList.contains("v-list") ? { pane: pane(), url: here() } : null;
let shown = here();
let asked = new AbortController();

async function open(url) {
  asked.abort();
  const began = Date.now();
  const mine = new AbortController();
  asked = mine;
  const done = waiting(pane(), () => mine.abort());
  try {
    const [letter] = await Promise.all([part("message", url, { signal: mine.signal }), import("./letter.js")]);
    show(letter, letter.dataset.title, "v-message");
    recount(letter.dataset, began);
    letter.querySelector("h1")?.focus({ preventScroll: true });
  } finally {
    done();
  }
}

function show(section, title, view) {
  pane().replaceWith(section);
  document.title = title;
  document.body.classList.remove("v-list", "v-message");
  document.body.classList.add(view);
  section.dispatchEvent(new CustomEvent("part", { bubbles: true }));
}

/** A row whose message, of a conversation the newest, has been read. */
export function read(row) {
  markRow(row, uid(row), false, null);
}

/** Follow the address with the list: which row is open, which has been read. Returns the row that was open before. */
function mark(url) {
  const before = document.querySelector(".row.on .open");
  for (const link of document.querySelectorAll(".row .open")) {
    const row = link.closest(".row");
    const current = link.pathname + link.search === url;
    row.classList.toggle("on", current);
    if (!current) {
      link.removeAttribute("aria-current");
      continue;
    }
    link.setAttribute("aria-current", "true");
    if (!("unseen" in pane().dataset)) read(row);
    row.scrollIntoView({ block: "nearest" });
  }
  return before;
}

/** A page has one h1: the folder's name, or the subject when a message is open. */
function rank(level) {
  const old = document.getElementById("list-h");
  if (!old || old.localName === level) return;
  const heading = document.createElement(level);
  heading.id = old.id;
  heading.dir = old.dir;
  heading.append(...old.childNodes);
  old.replaceWith(heading);
}

/** Whether the list can take the place of the open message without being loaded again. */
export const closable = () => Boolean(closed);

/** Back to the list. row: where the focus goes. */
export function close(row) {
  asked.abort();
  shown = closed.url;
  history.pushState(null, "", closed.url);
  show(closed.pane, listTitle(), "v-list");
  rank("h1");
  mark("");
  (row?.querySelector(".open") ?? document.getElementById("list")).focus({ preventScroll: true });
}

/** Open a message that nobody pressed a link for. again: it is open, and something about it has changed. */
export async function go(url, { again = false } = {}) {
  const { scrollTop } = pane();
  try {
    await open(url);
  } catch (reason) {
    if (reason.name !== "AbortError") location.assign(url);
    return;
  }
  shown = new URL(url).pathname + new URL(url).search;
  if (here() !== shown) history.pushState(null, "", url);
  if (again) pane().scrollTop = scrollTop;
  mark(shown);
  rank("h2");
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.('a:is([data-part="message"], .open)');
  const plain = !event.button && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || !wide.matches || event.defaultPrevented) return;
  event.preventDefault();
  open(link.href).then(() => {
    shown = link.pathname + link.search;
    history.pushState(null, "", link.href);
    mark(shown);
    rank("h2");
  }).catch((reason) => {
    if (reason.name !== "AbortError") location.assign(link.href);
  });
});

addEventListener("popstate", () => {
  if (here() === shown) return; // only the part behind # has changed: the folder drawer
  shown = here();
  if (closed?.url === shown) {
    asked.abort();
    show(closed.pane, listTitle(), "v-list");
    rank("h1");
    mark("")?.focus();
    return;
  }
  open(location.href).then(() => {
    mark(shown);
    rank("h2");
  }).catch((reason) => {
    if (reason.name !== "AbortError") location.reload();
  });
});

document.querySelector(".row.on")?.scrollIntoView({ block: "nearest" });
