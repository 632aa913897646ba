// Keeps each setting as soon as it is changed, one field at a time, and lets the page follow at once. Removing something
// from a list stays what it is without script: a button that posts its form.
import { fragment } from "./dom.js";
import { _ } from "./words.js";

const root = document.documentElement;

function apply(field) {
  const name = field.dataset.applies;
  if (!name) return;
  // What is usual has no attribute, as in the pages that the server makes.
  if (["system", "comfortable", "16"].includes(field.value)) delete root.dataset[name];
  else root.dataset[name] = field.value;
}

function say(form, text, bad = false) {
  const place = form.querySelector(".saved");
  place.classList.toggle("bad", bad);
  place.textContent = text;
}

let queue = Promise.resolve(); // one after the other, so that the last word is the last one kept

function save(form, field) {
  const body = new FormData();
  body.set("csrf_token", form.elements.csrf_token.value);
  body.set(field.name, field.type === "checkbox" && !field.checked ? "0" : field.value);
  say(form, _("Saving…"));
  queue = queue.then(async () => {
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Part": "saved" } });
      if (answer.status !== 204) throw new Error(fragment(await answer.text()).querySelector(".wrong")?.textContent);
      const was = form.elements[`was.${field.name}`];
      if (was) was.value = field.type === "checkbox" && !field.checked ? "" : field.value;
      say(form, _("Saved"));
    } catch (error) {
      // The server's sentence about this field; a browser's own words about the network are not for the eye.
      const why = error instanceof TypeError || !error.message ? _("Try again.") : error.message;
      say(form, _("Not saved. %(why)s", { why }), true);
    }
  });
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-saves]");
  if (!form || !event.target.name) return;
  apply(event.target);
  save(form, event.target);
});

// Enter in a field: it is kept, and the page stays.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-saves]") || event.submitter?.name === "remove") return;
  event.preventDefault();
  document.activeElement?.blur();
});
