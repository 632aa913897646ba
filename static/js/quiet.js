// The dialog before a quiet reader is signed out. idle.js counts; this is fetched when the last minute begins.
import { element } from "./dom.js";
import { _, ngettext } from "./words.js";

const ALOUD = [30, 10]; // seconds that are read out; the first number comes with the dialog
const { shared } = document.documentElement.dataset;

/** Show it. seconds: that are left. stay, leave: what its buttons do. */
export function warn(seconds, stay, leave) {
  const why = shared === undefined ? _("Nothing was done here for a long time.") : _("Nothing was done here for a few minutes, and others may use this computer.");
  const words = element("p", "", why, " ", _("A letter that you were writing goes into Drafts."));
  const number = element("p", "left");
  const aloud = element("p", "vh");
  const on = element("button", "btn btn-primary", _("Stay signed in"));
  const off = element("button", "btn", _("Sign out now"));
  const title = element("h2", "", _("Are you still there?"));
  const dialog = element("dialog", "dlg quiet", title, words, number, aloud, element("div", "acts", on, off));
  [title.id, words.id] = ["quiet-h", "quiet-p"];
  for (const [key, value] of Object.entries({ role: "alertdialog", "aria-labelledby": "quiet-h", "aria-describedby": "quiet-p" })) dialog.setAttribute(key, value);
  number.setAttribute("aria-hidden", "true");
  aloud.setAttribute("role", "status");
  for (const button of [on, off]) button.type = "button";
  on.addEventListener("click", stay);
  off.addEventListener("click", leave);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    stay();
  });
  // Any key that does not move between the buttons, or press the other one.
  dialog.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (["Tab", "Shift", "Control", "Alt", "Meta"].includes(event.key) || document.activeElement === off) return;
    event.preventDefault();
    stay();
  });
  document.body.append(dialog);
  dialog.showModal();
  on.focus();
  words.append(" ", ngettext("You are signed out in %(count)s second.", "You are signed out in %(count)s seconds.", seconds));
  return dialog;
}

export function count(dialog, left) {
  const seconds = Math.max(0, Math.ceil(left / 1000));
  dialog.querySelector(".left").textContent = seconds;
  if (ALOUD.includes(seconds)) dialog.querySelector("[role=status]").textContent = ngettext("%(count)s second", "%(count)s seconds", seconds);
}
