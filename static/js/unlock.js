// The sign-in page: a passkey fills in what a person would type, and the form goes its usual way. The fields it goes in
// are none that a browser offers to remember.
import "./made.js";
import { offer } from "./passkey.js";

const button = document.querySelector("[data-passkey]");

function send({ address, password, ticket }) {
  const form = button.form;
  for (const [name, value] of Object.entries({ user: address, password, ticket })) {
    const typed = form.querySelector(`.field [name=${name}]`);
    if (typed) typed.disabled = true;
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value });
    field.dataset.unlocked = "";
    form.append(field);
  }
  form.submit();
}

offer(button, document.getElementById("passkey-said"), send);

// A page that is gone back to holds nothing of it.
addEventListener("pagehide", () => {
  for (const field of document.querySelectorAll("[data-unlocked]")) field.remove();
  for (const field of button.form.querySelectorAll(".field [disabled]")) field.disabled = false;
});
