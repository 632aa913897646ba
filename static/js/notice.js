// Words for those who do not see the page change: read out once, and taken away before they are met twice. urgent: at
// once, else when the reader has finished.
import { element } from "./dom.js";

const region = document.getElementById("status");
const alert = document.getElementById("alert");

export function say(words, urgent = false) {
  const spoken = element("span", "vh", words);
  (urgent ? alert : region).append(spoken);
  setTimeout(() => spoken.remove(), 4000);
}

// A notice that is in the page from the start is not read out; one that is added is.
const words = region.querySelector(".toast:not([hidden]) > :is(.tx, span)")?.textContent.trim();
if (words) setTimeout(say, 150, words, Boolean(region.querySelector(".toast.bad")));
