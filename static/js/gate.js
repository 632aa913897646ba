// Whoever says at sign-in that this computer is shared does not want the browser to remember what was typed: neither for
// the next form nor for Back.
import "./zone.js";

const form = document.querySelector("form");
const shared = form.querySelector("#shared");
const usual = new Map([...form.querySelectorAll(".field input")].map((field) => [field, field.autocomplete]));

function apply() {
  form.autocomplete = shared.checked ? "off" : "";
  for (const [field, words] of usual) field.autocomplete = shared.checked ? "off" : words;
}

shared?.addEventListener("change", apply);
if (shared) apply();
