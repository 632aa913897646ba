// Buttons that only scripts know are made by script: a browser of text shows what style sheets hide, and presses none of
// them. In their place the page has an empty element that looks like one: data-made is what it says, data-words the
// class of these words. The keys of a menu are printed here, too.
import { element } from "./dom.js";

export function make(root) {
  for (const it of root.querySelectorAll("[data-made]")) {
    const button = element("button", "", ...it.childNodes, element("span", it.dataset.words, it.dataset.made));
    for (const { name, value } of it.attributes) if (!/^data-(?:made|words)$/.test(name)) button.setAttribute(name, value);
    button.type = "button";
    it.replaceWith(button);
  }
  for (const it of root.querySelectorAll(".pop > :is([data-keys], [data-key])")) {
    if (it.querySelector("kbd")) continue;
    const key = element("kbd", "", (it.dataset.key ?? it.dataset.keys).replace("Control", "Ctrl").replaceAll("+", " "));
    key.setAttribute("aria-hidden", "true");
    it.append(key);
  }
}

make(document);
document.addEventListener("part", (event) => make(event.target));
