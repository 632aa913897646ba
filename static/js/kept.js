// What was typed and is not in Drafts, for a tab that crashes or is reloaded: in the tab's own store, which ends with the
// tab. On a shared computer nothing is kept.
import { element } from "./dom.js";
import { _, lang } from "./words.js";

const NAME = "pennypost-letter";
const shared = "shared" in document.documentElement.dataset;
const FIELDS = ["to", "cc", "bcc", "subject", "body", "message_id", "draft", "revision", "in_reply_to", "references", "mode", "origin", "owner", "from", "html", "format"];

const field = (form, name) => form.querySelector(`[name="${name}"]`);

export function forget() {
  try {
    sessionStorage.removeItem(NAME);
  } catch { /* a browser that keeps nothing has nothing to forget */ }
}

/** Keep it; false where that is not done, or there is no room. */
export function keep(form) {
  if (shared) return false;
  try {
    const fields = Object.fromEntries(FIELDS.map((name) => [name, field(form, name)?.value ?? ""]));
    sessionStorage.setItem(NAME, JSON.stringify({ ...fields, when: Date.now() }));
    return true;
  } catch {
    return false;
  }
}

function found(form) {
  try {
    const letter = JSON.parse(sessionStorage.getItem(NAME));
    const mine = !shared && letter?.owner === field(form, "owner").value;
    if (letter && !mine) forget();
    return mine ? letter : null;
  } catch {
    return null;
  }
}

/** Offer what an earlier page of this tab left behind, unless this page has it. back: called when it was brought back. */
export function offer(form, place, back) {
  const letter = found(form);
  if (!letter) return;
  if (["to", "cc", "bcc", "subject", "body", "html"].every((name) => (letter[name] ?? "") === field(form, name).value)) {
    forget();
    return;
  }
  const time = new Date(letter.when).toLocaleTimeString(lang, { hour: "2-digit", minute: "2-digit", ...(lang === "en" && { hourCycle: "h23" }) });
  const words = element("p", "", element("b", "", _("This tab kept a letter of %(time)s that is not in Drafts.", { time })), " ", _("It may be newer than what you see here. If it was being sent, look in Sent first."));
  const take = element("button", "btn", _("Bring it back"));
  const drop = element("button", "btn", _("Forget it"));
  const note = element("div", "note warn", element("div", "grow", words), element("div", "acts", take, drop));
  for (const button of [take, drop]) button.type = "button";
  take.addEventListener("click", () => {
    for (const name of FIELDS) {
      if (!field(form, name) || !(name in letter)) continue;
      field(form, name).value = letter[name];
      field(form, name).dispatchEvent(new Event("input", { bubbles: true }));
    }
    form.querySelector("details.cc").open ||= Boolean(letter.cc || letter.bcc);
    note.remove();
    form.dispatchEvent(new Event("brought"));
    back();
    field(form, "body").focus();
  });
  drop.addEventListener("click", () => {
    forget();
    note.remove();
  });
  place.append(note);
}
