// A finger swipes a row: to the right archives, to the left deletes, or what the reader has chosen. Word and picture come out under it; let go before
// two fifths of the width and it goes back. The outer edge belongs to the browser's own gestures. Undo is in the line
// that follows, and everything here is in the bar as well.
import { run } from "./act.js";
import { element } from "./dom.js";

const EDGE = 24; // pixels
const ENOUGH = 0.4; // of the width
const SLOP = 10; // pixels until it is a swipe, and not a tap or a scroll
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const list = document.getElementById("list");
let swipe = null;

/** The control of the bar that a direction stands for: none where the bar has none. */
function button(row, right) {
  const wish = (list.dataset.swipes ?? "archive delete").split(" ")[right ? 0 : 1];
  if (wish === "snooze") return list.querySelector('.bulk summary[data-keys="b"]');
  const does = (name) => list.querySelector(`.bulk [name=do][value="${name}"]`);
  if (wish === "read") return does(row.matches(".unread") ? "read" : "unread");
  if (wish === "star") return does(row.querySelector('.star[aria-pressed="true"]') ? "unstar" : "star");
  return does(wish) ?? (wish === "junk" ? does("notjunk") : null);
}

/** Do it to this row. What asks something first asks it in the bar, where the row is chosen now. */
function act(does, row) {
  if (does.localName === "button") return void run(does.value, [row]);
  row.querySelector(".pick input").click();
  does.parentElement.open = true;
}

function uncover(row, right) {
  const does = button(row, right);
  if (!does) return null;
  const word = element("span", "", does.textContent.trim());
  const under = element("div", `under ${right ? "right" : "left"} ${does.value ?? ""}`, does.querySelector("svg").cloneNode(true), word);
  under.setAttribute("aria-hidden", "true");
  row.before(under);
  under.style.top = `${row.offsetTop}px`;
  under.style.height = `${row.offsetHeight}px`;
  return under;
}

function end() {
  swipe?.under?.remove();
  if (swipe) {
    swipe.row.style.transform = "";
    swipe.row.classList.remove("swiped");
  }
  swipe = null;
}

list.addEventListener("touchstart", (event) => {
  end();
  const [finger] = event.touches;
  const row = event.target.closest(".row");
  const edge = finger.clientX < EDGE || finger.clientX > innerWidth - EDGE;
  if (event.touches.length > 1 || !row?.querySelector(".pick input") || edge || list.querySelector(".pick input:checked")) return;
  swipe = { row, x: finger.clientX, y: finger.clientY, on: false, far: 0, under: null, right: null };
}, { passive: true });

list.addEventListener("touchmove", (event) => {
  if (!swipe) return;
  const [finger] = event.touches;
  const [x, y] = [finger.clientX - swipe.x, finger.clientY - swipe.y];
  if (!swipe.on) {
    if (Math.abs(y) > SLOP && Math.abs(y) >= Math.abs(x)) return void end();
    if (Math.abs(x) < SLOP) return;
    swipe.on = true;
    swipe.row.classList.add("swiped");
  }
  // touch-action: pan-y keeps the browser from scrolling sideways; up and down are no longer wanted now.
  if (event.cancelable) event.preventDefault();
  const right = x > 0;
  if (right !== swipe.right) {
    swipe.under?.remove();
    swipe.right = right;
    swipe.under = uncover(swipe.row, right);
  }
  swipe.far = swipe.under ? Math.abs(x) / swipe.row.offsetWidth : 0;
  swipe.under?.classList.toggle("ready", swipe.far >= ENOUGH);
  if (!calm.matches) swipe.row.style.transform = `translateX(${swipe.under ? x : x / 8}px)`;
}, { passive: false });

list.addEventListener("touchend", (event) => {
  if (!swipe?.on) return void end();
  event.preventDefault(); // no tap
  const { row, far, right } = swipe;
  end();
  if (far >= ENOUGH) act(button(row, right), row);
}, { passive: false });

list.addEventListener("touchcancel", end);
