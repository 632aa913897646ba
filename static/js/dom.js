// The only place where text becomes elements. The page allows one Trusted Types policy, this one, and it is for answers
// of our own server to a request of our own for a part of a page: those are templates, escaped where they are printed.
// Never give it anything else, above all nothing of a letter.
// The one address of a script that it lets through is that of our service worker.
const WORKER = "/sw.js";
const policy = globalThis.trustedTypes?.createPolicy("pennypost", { createHTML: (text) => text, createScriptURL: () => WORKER });

export const workerUrl = () => policy?.createScriptURL(WORKER) ?? WORKER;

/** Elements of a piece of a page. Scripts in it would not run. */
export function fragment(htmlText) {
  const parsed = new DOMParser().parseFromString(policy?.createHTML(htmlText) ?? htmlText, "text/html");
  const nodes = document.createDocumentFragment();
  nodes.append(...parsed.body.childNodes);
  return nodes;
}

/** For requests that nobody made: they do not keep a quiet reader signed in. */
export const QUIETLY = { headers: { "X-Background": "1" } };

/** One region of a page: "message", "list" or "folders". Fails when anything else comes: an error, or the sign-in page. */
export async function part(name, url, more = {}) {
  const answer = await fetch(url, { ...more, headers: { ...more.headers, "X-Part": name } });
  const region = answer.ok && fragment(await answer.text()).querySelector(`#${name}`);
  if (!region) throw Object.assign(new Error(`answered ${answer.status}`), { signedOut: answer.url.includes("/login") });
  return region;
}

/** Whether it is shown; engines of 2021 tell it less exactly. */
export const shown = (it) => (it.checkVisibility ? it.checkVisibility() : it.getClientRects().length > 0);

/** Send a form by one of its buttons, as a press on it would. Engines of 2021 need the press. */
export function submit(form, button) {
  if (form.requestSubmit) form.requestSubmit(button);
  else if (button) button.click();
  else form.submit();
}

/** What a form sends when this button is pressed. Engines of 2021 leave the button out. */
export function filled(form, button) {
  const data = new FormData(form);
  if (button?.name) data.append(button.name, button.value);
  return data;
}

/** A new element. What is given as text stays text. */
export function element(name, className = "", ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}
