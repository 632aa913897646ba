// One file on its way: it goes by itself, as soon as it is picked, and waits at the server for the next save. How far it
// came is seen, and it can be called off.
import { element } from "./dom.js";
import { signIn } from "./signin.js";
import { _ } from "./words.js";

const form = document.querySelector("[data-compose]");
const WHY = { 0: () => _("The connection was lost."), 413: () => _("It is too large for one letter."),
  429: () => _("That was much in a short time. Try again later."), 507: () => _("The disk of this site is full.") };

/** Send it. moved: told the share that has arrived. Resolves to the value of its keep field; fails with words. */
export function upload(file, moved, signal) {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.dataset.uploads);
    request.setRequestHeader("X-CSRFToken", form.elements.csrf_token.value);
    request.setRequestHeader("X-Name", encodeURIComponent(file.name.toWellFormed?.() ?? file.name));
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.upload.addEventListener("progress", ({ loaded, total }) => moved(total ? loaded / total : 1));
    const lost = () => fail(new Error(signal.aborted ? "" : WHY[request.status]?.() ?? _("This site answered %(status)s.", { status: request.status })));
    request.addEventListener("load", async () => {
      if (request.status === 200) return done(request.responseText);
      if (request.status === 401 && await signIn(request.responseText, form.elements.owner.value)) return upload(file, moved, signal).then(done, fail);
      return lost();
    });
    for (const name of ["error", "abort", "timeout"]) request.addEventListener(name, lost);
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

/** How far a file came, as an element; share: 0 to 1. */
export function bar(name) {
  const made = element("progress", "");
  made.max = 1;
  made.value = 0;
  made.setAttribute("aria-label", _("Uploading %(file)s", { file: name }));
  return made;
}
