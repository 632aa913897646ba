// The letter is sent once, and is not left by accident. Everything else about writing is a plain form.
import "./files.js"; // first, so that a letter whose files are refused is not taken for one that is under way

const form = document.querySelector("[data-compose]");
const saved = form.querySelector("[data-saved]");
const SAYS = { send: "Sending…", save: "Saving…", attach: "Adding the files…" };
const PATIENCE = 60_000; // then the buttons work again: an upload may have been stopped

const letter = () => JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value.name ?? value]));
const before = letter();
// A form that came back with a problem, and not from Drafts, is nowhere else, however little was typed since.
const unsaved = form.querySelector("#problem") && !saved.textContent.trim();
let leaving = false;

form.addEventListener("submit", (event) => {
  if (leaving) {
    event.preventDefault();
    return;
  }
  leaving = true;
  saved.textContent = SAYS[event.submitter?.value] ?? "";
  setTimeout(() => {
    leaving = false;
    saved.textContent = "";
  }, PATIENCE);
});

addEventListener("beforeunload", (event) => {
  if (!leaving && (unsaved || letter() !== before)) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.isComposing) return;
  const button = [...form.querySelectorAll("[data-keys]")].find((it) => it.dataset.keys === `Control+${event.key}`);
  if (!button) return;
  event.preventDefault();
  button.click();
});

// Without script Enter in the subject saves (the form's first button); with it, it goes on to the text.
form.elements.subject.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  form.elements.body.focus();
});

(form.querySelector("[data-safe]") ?? form.querySelector("#problem, [aria-invalid=true]"))?.focus();
