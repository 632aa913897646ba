// The session ended while somebody writes: the sign-in form comes over the letter, and then the letter goes on. The form
// is the server's own, out of the page that it answered with.
import { element, fragment } from "./dom.js";
import { make } from "./made.js";
import { offer } from "./passkey.js";
import { _ } from "./words.js";

let asking = null;

/** Every form of the page speaks with this token from now on. */
export function renew(page) {
  const token = page.querySelector("input[name=csrf_token]")?.value;
  if (token) for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = token;
  return Boolean(token);
}

/** Ask; resolves to whether the same person is signed in again. text: the page that said so. */
export function signIn(text, owner) {
  asking ??= ask(text, owner).finally(() => { asking = null; });
  return asking;
}

function ask(text, owner) {
  const page = fragment(text);
  const theirs = page.querySelector("form[action$='/login']");
  const reason = page.querySelector("#error")?.textContent.trim();
  if (!theirs) return Promise.resolve(false);
  make(theirs);
  const form = element("form", "");
  for (const name of ["csrf_token", "user", "password", "shared"]) {
    const field = theirs.querySelector(`[name=${name}]`);
    const row = field?.closest(".field, .opt") ?? field;
    if (row) form.append(row);
  }
  const { user, password, shared } = form.elements;
  for (const field of [user, password]) {
    field.removeAttribute("aria-invalid"); // the page that it comes from says that the session ended
    field.removeAttribute("aria-describedby");
  }
  [user.value, user.readOnly, password.autofocus] = [owner, true, true];
  if (shared) shared.checked = "shared" in document.documentElement.dataset;
  const wrong = element("p", "wrong");
  wrong.setAttribute("role", "alert");
  const enter = element("button", "btn btn-primary", _("Sign in"));
  const later = element("button", "btn", _("Not now"));
  later.type = "button";
  form.append(wrong, element("div", "acts", enter, later));
  const sheet = element("dialog", "dlg sheet", element("h2", "", _("You were signed out")), element("p", "", reason ? `${reason} ${_("Your letter is still here.")}` : _("Your letter is still here. Sign in, and it goes on.")), form);
  sheet.setAttribute("aria-label", _("You were signed out"));
  document.body.append(sheet);
  sheet.showModal();
  password.focus();
  return new Promise((done) => {
    let signedIn = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      enter.disabled = true;
      signedIn = await enterWith(form, wrong);
      enter.disabled = false;
      if (signedIn) sheet.close();
      else (form.elements.code ?? password).select();
    });
    make(theirs);
    const touch = theirs.querySelector("[data-passkey]");
    if (touch) {
      later.before(touch);
      offer(touch, wrong, async (found) => {
        if (found.address !== owner) throw new Error(_("This passkey is of another address."));
        signedIn = await enterWith(form, wrong, { user: found.address, password: found.password, ticket: found.ticket });
        if (signedIn) sheet.close();
        else throw new Error(wrong.textContent);
      });
    }
    later.addEventListener("click", () => sheet.close());
    sheet.addEventListener("close", () => {
      sheet.remove();
      done(signedIn);
    });
  });
}

/** The same form asks for the code of the second factor now. */
function askCode(form, theirs, page) {
  for (const row of form.querySelectorAll(".field, .opt, .making, .recovery, details, :scope > input, [data-passkey]")) row.remove();
  form.prepend(...theirs.querySelectorAll(":scope > .field, :scope > details, :scope > .making, :scope > .recovery, :scope > input"));
  form.dataset.door = "/login/code";
  form.elements.code.focus();
  return page.querySelector("#error")?.textContent ?? "";
}

async function enterWith(form, wrong, more = {}) {
  const fields = new URLSearchParams(new FormData(form));
  for (const [name, value] of Object.entries({ ...more, next: "/write" })) fields.set(name, value);
  try {
    const answer = await fetch(form.dataset.door ?? "/login", { method: "POST", body: fields });
    const page = fragment(await answer.text());
    if (answer.ok && page.querySelector("[data-compose]")) {
      document.getElementById("offline").hidden = true;
      return renew(page);
    }
    const code = page.querySelector("form[data-factor]");
    if (code) {
      wrong.textContent = askCode(form, code, page);
      return false;
    }
    const token = page.querySelector("input[name=csrf_token]");
    if (token) form.elements.csrf_token.value = token.value;
    wrong.textContent = page.querySelector("#error")?.textContent ?? _("That did not work (%(status)s).", { status: answer.status });
  } catch {
    wrong.textContent = _("This site does not answer. Try again in a moment.");
  }
  return false;
}
