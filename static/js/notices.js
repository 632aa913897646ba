// The button in Settings that turns notifications on for this browser. Only here is the browser asked for its permission.
import { want, wanted } from "./wanted.js";
import { _ } from "./words.js";

const button = document.querySelector("[data-notices]");
const said = document.getElementById("notices-said");

function show(words = "") {
  const on = wanted();
  button.textContent = on ? _("Stop telling me in this browser") : _("Tell me of new mail in this browser");
  said.textContent = words || (on ? _("On in this browser, while this site is open in a tab and until you sign out.") : _("Off in this browser."));
}

async function press() {
  if (wanted()) {
    want(false);
    return show();
  }
  const answer = await Notification.requestPermission();
  want(answer === "granted");
  return show(answer === "granted" ? "" : _("Your browser does not allow it for this site. Its own settings can change that; nothing else is missing."));
}

if (!globalThis.Notification || !globalThis.isSecureContext) {
  button.remove();
  said.textContent = _("This browser cannot show notifications here.");
} else {
  button.hidden = false;
  button.addEventListener("click", press);
  show();
}
