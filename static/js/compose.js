// The letter is sent once, and is not left by accident. Everything else about writing is a plain form.
import "./main.js";
import "./keyboard.js";
import "./recipients.js";
import { left, save, unkept } from "./autosave.js"; // first: it decides what of a submission becomes a new page
import { submit } from "./dom.js";
import { arrived, busy } from "./files.js";
import "./identity.js";
import "./format.js";
import { _ } from "./words.js";

const form = document.querySelector("[data-compose]");
const saved = form.querySelector("[data-saved]");
const wrong = form.querySelector("#files-error");
const [sending, adding, saving] = [() => _("Sending…"), () => _("Adding the files…"), () => _("Saving")];
const SAYS = { send: sending, archive: sending, attach: adding, both: saving, template: saving };
const PATIENCE = 60_000; // then the buttons work again: an upload may have been stopped
let leaving = false;

form.addEventListener("submit", (event) => {
  if (event.defaultPrevented || leaving) {
    event.preventDefault();
    return;
  }
  leaving = true;
  left(true);
  saved.textContent = SAYS[event.submitter?.value]?.() ?? "";
  setTimeout(() => {
    leaving = false;
    left(false);
    saved.textContent = "";
  }, PATIENCE);
});

addEventListener("beforeunload", (event) => {
  if (!leaving && (unkept() || busy())) event.preventDefault();
});

// A computer that was quiet for too long asks nobody (idle.js).
document.addEventListener("quiet", ({ detail }) => { leaving ||= detail.last; });

// A letter goes with every file that its writer sees on it: it waits for those that are on their way.
form.addEventListener("submit", async (event) => {
  const wish = event.submitter?.value;
  if (!busy() || !["send", "archive", "onward"].includes(wish)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (wish === "onward") {
    wrong.textContent = _("Its files are still on their way.");
    return;
  }
  if (wrong.dataset.waiting) return;
  wrong.dataset.waiting = "1";
  wrong.textContent = _("It is sent as soon as its files are there.");
  const button = event.submitter;
  const whole = await arrived();
  delete wrong.dataset.waiting;
  wrong.textContent = whole ? "" : _("Not sent: a file of it was called off, or did not arrive. Press Send again to send it without.");
  if (whole) submit(form, button);
}, { capture: true });

/** What a key presses here; a label brings its field, from behind its fold if it must. */
function press(it) {
  const fold = it.control?.closest("details.cc");
  if (fold) fold.open = true;
  if (fold) it.control.focus();
  else it.click();
}

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const keys = `Control+${event.shiftKey ? "Shift+" : ""}${key}`;
  const it = [...form.querySelectorAll("[data-keys]")].find((one) => one.dataset.keys === keys);
  if (!it) return;
  event.preventDefault();
  press(it);
});

// Esc closes what is open first; then the letter, which is in Drafts before it is gone from sight.
document.addEventListener("keydown", async (event) => {
  if (event.key !== "Escape" || event.isComposing || event.defaultPrevented || document.querySelector("dialog[open], details.menu[open]")) return;
  if (busy() || !(await save())) return;
  form.querySelector("[data-close]").click();
});

// Without script Enter in the subject saves (the form's first button); with it, it goes on to the text.
form.elements.subject.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  (form.querySelector("[data-rich]:not([hidden] *)") ?? form.elements.body).focus();
});

(form.querySelector("[data-safe]") ?? form.querySelector("#problem, [aria-invalid=true]"))?.focus();
