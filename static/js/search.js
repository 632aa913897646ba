// The page of what was found. A search of many folders goes on as a stream: each folder is put in place as soon as the
// server has searched it, until somebody stops it. Without script the page has a link that goes on.
import { element, fragment } from "./dom.js";
import { say } from "./notice.js";
import "./rows.js";
import "./select.js";
import "./reader.js";
import "./seen.js";
import "./frame.js";
import "./talk.js";
import "./place.js";
import "./print.js";
import "./trust.js";

const BETWEEN = "\x1e"; // as views/search.py writes it
const far = document.querySelector("[data-rest]");
const hits = document.getElementById("hits");

function put(piece) {
  for (const part of [...fragment(piece).children]) {
    if (part.id === "progress") document.getElementById("progress").replaceWith(part);
    else hits.append(part);
  }
  hits.dispatchEvent(new CustomEvent("part", { bubbles: true }));
}

async function read(url, stop) {
  const answer = await fetch(url, { signal: stop.signal });
  if (!answer.ok || !answer.body) throw new Error(`answered ${answer.status}`);
  const reader = answer.body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const pieces = (rest + decoder.decode(value, { stream: true })).split(BETWEEN);
    rest = pieces.pop();
    pieces.forEach(put);
  }
}

function ended(words) {
  const progress = document.getElementById("progress");
  if (words) progress.append(". ", words);
  say(progress.textContent);
}

if (far) {
  const goOn = far.querySelector("a"); // for later: where this page stopped by itself
  const button = far.querySelector("[data-stop]");
  const stop = new AbortController();
  button.hidden = false;
  button.addEventListener("click", () => stop.abort());
  addEventListener("pagehide", () => stop.abort());
  read(far.dataset.rest, stop).then(() => ended(""), (reason) => {
    const again = element("a", "", "Search them again");
    again.href = goOn?.href ?? location.href;
    ended(reason.name === "AbortError" ? "Stopped" : element("span", "", "The connection was lost. ", again));
  }).finally(() => button.remove());
}
