// "Formatting" turns the text into a rich one and back. Nothing of the editor is loaded before that.
import { say } from "./notice.js";
import { _ } from "./words.js";

const form = document.querySelector("[data-compose]");
const tools = form.querySelector("[data-tools]");
const toggle = tools.querySelector("[data-format-toggle]");
const bar = tools.querySelector("[role=toolbar]");
const note = tools.querySelector("[data-format-note]");
const field = (name) => form.querySelector(`[name="${name}"]`);
const pictures = Object.fromEntries([...form.querySelectorAll("[data-pictures] li")].map((it) => [it.dataset.cid, it.dataset.url]));
let editor = null;

/** The same words in the other form, made by the server, which makes the one from the other when they are sent, too. */
async function converted(fields) {
  const data = new FormData();
  for (const [name, value] of Object.entries({ ...fields, csrf_token: field("csrf_token").value })) data.set(name, value);
  const answer = await fetch(tools.dataset.convert, { method: "POST", body: data });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.text();
}

/** How the letter begins with its looks: the message that is answered, a draft of another program. */
async function beginning() {
  const untouched = field("body").value === field("body").defaultValue;
  if (untouched && tools.dataset.start) {
    const answer = await fetch(tools.dataset.start, { headers: { "X-Part": "formatting" } });
    const found = answer.ok ? await answer.json() : {};
    Object.assign(pictures, found.pictures ?? {});
    if (found.html) return found.html;
  }
  return converted({ body: field("body").value });
}

function pressed(on) {
  toggle.setAttribute("aria-pressed", String(on));
  bar.hidden = !on;
}

/** Open with what the field holds, or with what the text becomes. */
async function open(html) {
  editor ??= await import("./editor.js");
  await editor.fetched(pictures);
  editor.open(html);
  pressed(true);
}

async function turned() {
  note.textContent = "";
  toggle.disabled = true;
  try {
    if (toggle.getAttribute("aria-pressed") === "true") {
      field("body").value = await converted({ html: editor.html() });
      field("html").value = field("format").value = "";
      editor.close();
      pressed(false);
      field("body").dispatchEvent(new Event("input", { bubbles: true }));
      field("body").focus();
      say(_("Plain text"));
    } else {
      await open(await beginning());
      editor.changed();
      editor.focus();
      say(_("Formatting is on"));
    }
  } catch {
    note.textContent = _("That did not work: this site does not answer. Your text is as it was.");
  }
  toggle.disabled = false;
}

toggle.addEventListener("click", turned);
toggle.hidden = false;

// A letter of this tab was brought back.
form.addEventListener("brought", () => {
  if (field("format").value) open(field("html").value);
  else if (toggle.getAttribute("aria-pressed") === "true") {
    editor.close();
    pressed(false);
  }
});

if (field("format").value && field("html").value) {
  open(field("html").value).catch(() => { note.textContent = _("The editor did not load. The text below is the letter without its formatting."); });
}
