// The only place where text becomes elements. The page allows one Trusted Types policy, this one, and it is for answers
// of our own server to a request of our own for a part of a page: those are templates, escaped where they are printed.
// Never give it anything else, above all nothing of a letter.
const policy = globalThis.trustedTypes?.createPolicy("pennypost", { createHTML: (text) => text });

/** Elements of a piece of a page. Scripts in it would not run. */
export function fragment(htmlText) {
  const parsed = new DOMParser().parseFromString(policy?.createHTML(htmlText) ?? htmlText, "text/html");
  const nodes = document.createDocumentFragment();
  nodes.append(...parsed.body.childNodes);
  return nodes;
}

/** A new element. What is given as text stays text. */
export function element(name, className = "", ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}
