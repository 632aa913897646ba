// The browser asks its user whether links to mail addresses open here (HTML, registerProtocolHandler). Only by a press.
import { element } from "./dom.js";
import { say } from "./notice.js";
import { _ } from "./words.js";

const button = document.querySelector("[data-mailto]");
const { title, text } = button.parentElement.dataset;
button.before(element("h2", "", title), element("p", "", text));

button.addEventListener("click", () => {
  try {
    navigator.registerProtocolHandler("mailto", `${location.origin}${button.dataset.mailto}?u=%s`);
    say(_("Now answer your browser."));
  } catch {
    button.insertAdjacentText("afterend", ` ${_("This browser does not allow it here: it wants a page under https.")}`);
    button.disabled = true;
  }
});
