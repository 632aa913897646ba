// Whether the sender of the open letter is known: asked after the letter is there, so that nobody waits for it.
import { part, QUIETLY } from "./dom.js";

async function look(root) {
  for (const place of root.querySelectorAll(".met[data-src]")) {
    const { src } = place.dataset;
    delete place.dataset.src;
    try {
      const told = await part("met", src, QUIETLY);
      if (told.childElementCount && place.isConnected) place.append(...told.childNodes);
    } catch {
      // The letter is there all the same; the link in its details asks again.
    }
  }
}

look(document);
document.addEventListener("part", (event) => look(event.target));
