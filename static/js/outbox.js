// Letters on their way: the seconds run down here, what became of them is asked from the server, which keeps the time.
import { QUIETLY, part } from "./dom.js";
import { say } from "./notice.js";

const EVERY = 1000;
const PATIENCE = 3000; // between two questions while a letter is being handed over
const FADE = 20_000; // then "Sent" is no news any more
let box = document.getElementById("outbox");
let asked = 0;
let born = performance.now();

const seconds = () => [...box.querySelectorAll("[data-seconds]")];

/** Read the lines again, unless somebody is about to press one of their buttons. */
async function again() {
  asked = performance.now();
  const fresh = await part("outbox", box.dataset.outbox, QUIETLY).catch(() => null);
  if (!fresh) return;
  const held = box.contains(document.activeElement) && document.activeElement.getAttribute("formaction");
  box.replaceWith(fresh);
  box = fresh;
  born = performance.now();
  if (held) box.querySelector(`[formaction="${held}"]`)?.focus();
  for (const news of box.querySelectorAll(".good, .bad, .warn")) say(news.querySelector("p").textContent);
}

function tick() {
  if (!box.dataset.outbox) return;
  let due = false;
  for (const shown of seconds()) {
    const left = Math.max(0, Number(shown.textContent) - 1);
    shown.textContent = String(left);
    due ||= left === 0;
  }
  const now = performance.now();
  const moving = "moving" in box.dataset && (due || !seconds().length);
  const faded = "fading" in box.dataset && now - born > FADE;
  if (faded) for (const news of box.querySelectorAll(".good")) news.remove();
  if (moving && now - asked > PATIENCE) again();
}

// Undo of "send and archive" takes back the letter too.
document.addEventListener("acted", () => box && "moving" in box.dataset && again());

if (box) setInterval(tick, EVERY);
