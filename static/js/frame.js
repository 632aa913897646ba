// Gives the letter's frame the height of its letter, so that nothing scrolls inside something that scrolls. The frame
// has no script of its own; we may look in because it is of our origin. Measured when it is parsed, when its pictures
// have come, when its width changes and when a quote folds; never because its height changed, which could go on for ever.
import { listen } from "./mailto.js";

function fit(frame) {
  const mail = frame.contentDocument?.getElementById("mail");
  if (!mail) return;
  // What cannot become as narrow as a phone is made smaller, down to half; beyond that it scrolls sideways, in here only.
  mail.style.zoom = "";
  const over = mail.scrollWidth / mail.clientWidth;
  if (over > 1) mail.style.zoom = String(Math.max(0.5, 1 / over));
  // Browsers disagree on whether a box that is drawn smaller measures less; the box around it does.
  const tall = (over > 1 ? mail.ownerDocument.body : mail).offsetHeight;
  frame.style.height = `${tall + frame.offsetHeight - frame.clientHeight}px`; // and its border
}

/** Keys pressed inside the letter are meant for the page. */
function lend(frame, event) {
  const { key, code, ctrlKey, altKey, metaKey, shiftKey } = event;
  const again = new KeyboardEvent("keydown", { key, code, ctrlKey, altKey, metaKey, shiftKey, bubbles: true, cancelable: true });
  if (!frame.dispatchEvent(again)) event.preventDefault();
}

function ready(frame) {
  const letter = frame.contentDocument;
  fit(frame);
  for (const image of letter.images) if (!image.complete) image.addEventListener("load", () => fit(frame));
  letter.addEventListener("toggle", () => fit(frame), true); // a quote that folds; it does not bubble
  listen(letter);
  letter.addEventListener("keydown", (event) => lend(frame, event));
  for (const type of ["pointerdown", "pointermove", "wheel", "touchmove"]) {
    letter.addEventListener(type, () => document.dispatchEvent(new CustomEvent("used")), { passive: true });
  }
  let width = frame.clientWidth;
  new ResizeObserver(() => {
    if (frame.clientWidth === width) return;
    width = frame.clientWidth;
    fit(frame);
  }).observe(frame);
}

function watch(frame) {
  const letter = frame.contentDocument;
  if (!frame.isConnected) return;
  if (!letter || letter.URL === "about:blank" || letter.readyState === "loading") setTimeout(watch, 30, frame);
  else ready(frame);
}

function look(root) {
  for (const frame of root.querySelectorAll("iframe.body-frame")) {
    frame.addEventListener("load", () => fit(frame));
    watch(frame);
  }
}

look(document);
document.addEventListener("part", (event) => look(event.target));
