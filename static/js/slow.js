// Nothing waits without saying so: a thin bar at once (message.css holds it back for 400 ms), words after three seconds.
import { element } from "./dom.js";
import { say } from "./notice.js";
import { _ } from "./words.js";

const WORDS = 3;
let latest = null;

/** A pane that waits for the mail server. stop: what the button does. Call the answer when the waiting is over. */
export function waiting(pane, stop) {
  const began = Date.now();
  const seconds = element("span", "num");
  const button = element("button", "btn", _("Stop"));
  const [before, after] = _("The mail server is slow, %(seconds)s s so far.").split("%(seconds)s");
  const words = element("span", "grow", before, seconds, after);
  const note = element("div", "slow", element("p", "note warn", words, button));
  button.addEventListener("click", stop);
  const timer = setInterval(() => {
    const passed = Math.floor((Date.now() - began) / 1000);
    if (passed < WORDS) return;
    seconds.textContent = String(passed);
    if (note.isConnected) return;
    pane.prepend(note);
    say(_("The mail server is slow."));
  }, 500);
  pane.setAttribute("aria-busy", "true");
  latest = timer;
  return () => {
    clearInterval(timer);
    note.remove();
    if (latest === timer) pane.removeAttribute("aria-busy"); // else it waits for the next already
  };
}
