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

/** A new element. What is given as text stays text. */
export function element(name, className = "", ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}
