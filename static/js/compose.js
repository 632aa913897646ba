// The letter is sent once, and is not left by accident. Everything else about writing is a plain form.
import "./files.js"; // first, so that a letter whose files are refused is not taken for one that is under way

const form = document.querySelector("[data-compose]");
const saved = form.querySelector("[data-saved]");
const SAYS = { send: "Sending…", save: "Saving…", attach: "Adding the files…" };
const PATIENCE = 60_000; // then the buttons work again: an upload may have been stopped

const letter = () => JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value.name ?? value]));
const before = letter();
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
  // A form that came back with a problem has not been saved, however little was typed since.
  if (!leaving && (letter() !== before || form.querySelector("#problem"))) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.isComposing) return;
  const button = [...form.querySelectorAll("[data-keys]")].find((it) => it.dataset.keys === `Control+${event.key}`);
  if (!button) return;
  event.preventDefault();
  button.click();
});

form.querySelector("#problem, [aria-invalid=true]")?.focus();
