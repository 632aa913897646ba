// What a button does to messages is seen at once: rows change or leave, and the request goes in the background. When it
// fails they are back, and words say why. The forms are the page's own, so that without this script they are simply sent.
import { element, filled } from "./dom.js";
import { letters, pick } from "./letters.js";
import { hold } from "./pending.js";
import { close, closable, go } from "./reader.js";
import { acted, send } from "./toast.js";
import { _, ngettext } from "./words.js";

const LEAVING = new Set(["archive", "delete", "erase", "junk", "notjunk", "move", "snooze", "unsnooze"]);
const OTHER = new Set(["print", "forward"]);
const list = document.getElementById("list");
const wide = matchMedia("(min-width: 44rem)");
const box = (row) => row.querySelector(".pick input");
const rows = () => [...list.querySelectorAll(".row")];

/** How a row looks for the moment. Returns how it looked. */
function paint(row, { unread, starred }) {
  const star = row.querySelector("button.star");
  const before = { unread: row.matches(".unread"), starred: star?.getAttribute("aria-pressed") === "true" };
  if (unread !== undefined && unread !== before.unread) {
    row.classList.toggle("unread", unread);
    row.querySelector(".from > .vh")?.remove();
    if (unread) row.querySelector(".from").prepend(element("span", "vh", _("Unread, ")));
  }
  if (starred !== undefined && star) {
    star.name = starred ? "unstar" : "star";
    star.setAttribute("aria-pressed", String(starred));
  }
  return before;
}

/** Where a deed does nothing, because the rows are there already. */
const HOME = { archive: "archive", delete: "trash", junk: "junk", notjunk: "inbox", unsnooze: "inbox" };
const stays = (name) => (row) => HOME[name] && row.closest("[data-role]")?.dataset.role === HOME[name];

const LOOKS = { read: { unread: false }, unread: { unread: true }, star: { starred: true }, unstar: { starred: false } };

/** Change or take away these rows. Returns what puts everything back, and what ends it when it went well. */
function ahead(name, gone) {
  if (LOOKS[name]) {
    const before = gone.map((row) => [row, paint(row, LOOKS[name])]);
    return { back: () => before.forEach(([row, looked]) => paint(row, looked)), done() {} };
  }
  if (!LEAVING.has(name)) return { back() {}, done() {} };
  return leave(gone.filter((row) => !stays(name)(row)));
}

function leave(gone) {
  const all = rows();
  const focused = gone.some((row) => row.contains(document.activeElement)) || document.activeElement.closest(".bulk");
  const last = all.indexOf(gone[gone.length - 1]);
  const next = all.slice(last + 1).find((row) => !gone.includes(row)) ?? all.slice(0, last + 1).reverse().find((row) => !gone.includes(row));
  const places = gone.map((row) => {
    const place = document.createComment("");
    row.replaceWith(place);
    return [place, row];
  });
  headings();
  if (focused) (next?.querySelector(".open") ?? list).focus({ preventScroll: true });
  list.dispatchEvent(new CustomEvent("part", { bubbles: true }));
  return {
    back() {
      for (const [place, row] of places) place.replaceWith(row);
      headings();
      list.dispatchEvent(new CustomEvent("part", { bubbles: true }));
    },
    done: () => places.forEach(([place]) => place.remove()),
  };
}

/** A day without rows has no heading. */
function headings() {
  for (const day of list.querySelectorAll(".rows")) {
    day.hidden = !day.querySelector(".row");
    if (day.previousElementSibling?.matches(".day")) day.previousElementSibling.hidden = day.hidden;
  }
}

/** Do it to these rows (of the list's own form). fields: more of the form, such as dest. */
export function run(name, chosen, fields = {}) {
  const form = list.querySelector('form[action*="/do"]');
  const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value, do: name, ...fields });
  for (const row of chosen) body.append("uid", box(row).value);
  return perform(form.action, name, chosen, body);
}

async function perform(url, name, chosen, body) {
  const picks = body.getAll("uid");
  const release = hold(picks);
  const step = ahead(name, chosen);
  const { ok } = await send(url, body);
  release();
  if (ok) step.done();
  else step.back();
  acted(ok && (name === "pin" || name === "unpin" || (LEAVING.has(name) && !rows().length)));
  return ok;
}

/** A question before what cannot be undone; the focus is on the safe answer. */
function sure(count) {
  const what = count
    ? ngettext("This message will be gone from the mail server. This cannot be undone.", "These %(count)s messages will be gone from the mail server. This cannot be undone.", count)
    : _("Everything that is listed here will be gone from the mail server. This cannot be undone.");
  const title = _("Delete for ever?");
  // Translators: a button: do not delete them.
  const no = element("button", "btn", _("Keep"));
  const yes = element("button", "btn btn-danger", _("Delete for ever"));
  const sheet = element("dialog", "dlg", element("h2", "", title), element("p", "", what), element("div", "acts", no, yes));
  sheet.setAttribute("aria-label", title);
  document.body.append(sheet);
  sheet.showModal();
  no.focus();
  return new Promise((answer) => {
    yes.addEventListener("click", () => { sheet.returnValue = "yes"; sheet.close("yes"); });
    no.addEventListener("click", () => sheet.close(""));
    sheet.addEventListener("close", () => {
      sheet.remove();
      answer(sheet.returnValue === "yes");
    });
  });
}

// ---- forms ----

function asked(form, button) {
  const body = new URLSearchParams(filled(form, button));
  if (button.classList.contains("star")) return { name: button.name, chosen: [button.closest(".row")], body: starred(body, button) };
  // The letter that is open may be one of several in its row, which then stays.
  const chosen = rows().filter((row) => (form.closest("#list") ? box(row)?.checked : open(row, body)));
  return { name: button.value.split(" ")[0], chosen, body };
}

const open = (row, body) => row.matches(".on") && box(row)?.value.split("/").pop() === body.get("uid");

function starred(body, button) {
  for (const name of ["uid", "whole"]) body.delete(name);
  body.append("uid", button.value);
  return body;
}

async function listed(form, button) {
  const { name, chosen, body } = asked(form, button);
  const whole = body.has("whole");
  if (name === "erase" && !body.has("sure")) {
    if (!await sure(whole ? 0 : chosen.length)) return;
    body.set("sure", "1");
  }
  for (const menu of form.querySelectorAll("details.menu[open]")) menu.open = false;
  if (!whole) return void perform(form.action, name, chosen, body);
  form.elements.whole.checked = false;
  for (const row of chosen) box(row).checked = false;
  list.dispatchEvent(new CustomEvent("part", { bubbles: true }));
  const { ok, line } = await send(form.action, body);
  if (ok && !["asks", "moving"].some((mark) => mark in line.dataset)) acted(true);
}

/** The open message: after it has left, what comes next opens, or the list is there. */
async function opened(form, button) {
  const { name, chosen, body } = asked(form, button);
  const then = name === "archive" && button.value.split(" ")[1] || body.get("next");
  const next = LEAVING.has(name) && rows().find((row) => pick(row) === then)?.querySelector(".open").href;
  const from = location.href;
  if (name === "erase" && !await sure(1)) return;
  if (name === "erase") body.set("sure", "1");
  const going = LEAVING.has(name) || name === "unread";
  const at = rows().findIndex((row) => letters(row).includes(Number(body.get("uid").split(".")[1])));
  const doing = perform(form.action, name, chosen, body);
  if (next) go(`${next}${next.includes("?") ? "&" : "?"}peek=1`);
  else if (going) close(rows()[Math.max(0, Math.min(at, rows().length - 1))]);
  const ok = await doing;
  if (!ok && going) go(from);
  else if (ok && !going) go(from, { again: true });
}

document.addEventListener("submit", (event) => {
  const { target: form, submitter: button } = event;
  const acts = button && (button.name === "do" || button.matches("button.star")) && /\/do$/.test(new URL(form.action).pathname);
  if (!acts || OTHER.has(button.value) || button.hasAttribute("formaction")) return;
  // Without dialogs: the page that asks.
  if (button.value === "erase" && !window.HTMLDialogElement) return;
  // Without a moment: the page that asks for one.
  if (button.value === "snooze" && !form.elements.until?.value) return;
  if (form.closest("#list")) {
    event.preventDefault();
    listed(form, button);
  } else if (form.closest("#message") && wide.matches && closable()) {
    event.preventDefault();
    opened(form, button);
  }
});
