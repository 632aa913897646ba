// Near its end the list goes on by itself: the page behind the link "Older" is fetched and put below. After ten of them
// the link is a link again, so that a page never grows without end.
import { part } from "./dom.js";
import { letters, tidy } from "./letters.js";

const MOST = 10; // pages below each other
const AHEAD = 1.25; // heights of the window
const REST = 5000; // milliseconds after a failure
const list = document.getElementById("list");
const leaves = () => [...list.querySelectorAll(".batch")];
const next = () => list.querySelector(".pager [rel=next]");
let going = null; // the page that is on its way
let rest = 0;

const grown = () => leaves().length;

function put(fresh) {
  const here = new Set([...list.querySelectorAll(".row")].flatMap(letters));
  for (const row of fresh.querySelectorAll(".row")) {
    // What moved down meanwhile is here already.
    if (letters(row).some((number) => here.has(number))) row.remove();
  }
  leaves().pop().after(...fresh.querySelectorAll(".batch"));
  tidy(list);
  turn(fresh.querySelector(".pager"));
}

/** The links below the list: from its first page to its last. */
function turn(pager) {
  const old = list.querySelector(".pager");
  if (!pager) {
    old.querySelector("[rel=next]").remove();
    return;
  }
  const focused = document.activeElement === next();
  const [from] = old.querySelector(".num").textContent.split("–");
  pager.querySelector(".num").textContent = `${from}–${pager.querySelector(".num").textContent.split("–")[1]}`;
  pager.querySelector("[rel=prev]")?.remove();
  const newer = old.querySelector("[rel=prev]");
  if (newer) pager.querySelector(".num").after(newer, " ");
  old.replaceWith(pager);
  if (focused) next()?.focus({ preventScroll: true });
}

/** One page more, if there is one. True when it came; who asks while it is on its way waits for the same. */
export function grow() {
  return going ??= fetched().finally(() => { going = null; });
}

async function fetched() {
  const link = next();
  if (!link || grown() >= MOST) return false;
  try {
    const fresh = await part("list", link.href);
    // The list may have been exchanged while it came.
    if (!link.isConnected) return false;
    put(fresh);
    list.dispatchEvent(new CustomEvent("part", { bubbles: true }));
    return true;
  } catch {
    rest = Date.now() + REST;
    return false;
  }
}

function look() {
  const link = next();
  if (link?.offsetParent && Date.now() > rest && link.getBoundingClientRect().top < AHEAD * innerHeight) grow();
}

for (const it of [list, window]) it.addEventListener("scroll", look, { passive: true });
look();
