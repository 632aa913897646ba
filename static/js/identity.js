// The signature follows the address under From, as long as nobody changed it; an answer below the quote begins there.
const form = document.querySelector("[data-compose]");
const from = form.querySelector("select[name=from]");
const body = form.querySelector("[name=body]");
const DASHES = "\n-- \n";

const signature = () => from.selectedOptions[0].dataset.signature;

/** Where this signature stands, with the line above it that belongs to it; null when it is not there as it was. */
function found(text, old) {
  const end = text.trimEnd();
  const whole = DASHES + old.trimEnd();
  if (end.endsWith(whole)) return [end.length - whole.length, end.length];
  // Above a quote it has no such line, and stands between empty ones.
  const at = text.indexOf(`\n\n${old}\n\n`);
  return at < 0 ? null : [at + 2, at + 2 + old.length];
}

function follow(before, now) {
  const text = body.value;
  const place = before && found(text, before);
  if (place) {
    const dashes = text.startsWith(DASHES, place[0]) ? DASHES : "";
    body.setRangeText(now && dashes + now, ...place, "preserve");
  } else if (now && !before) {
    body.setRangeText(`${text ? "" : "\n\n"}${DASHES}${now}\n`, text.length, text.length, "preserve");
  }
  body.dispatchEvent(new Event("input", { bubbles: true }));
}

if (from) {
  let before = signature();
  from.addEventListener("change", () => {
    follow(before, signature());
    before = signature();
    form.querySelector("[name=signed]").value = from.value;
  });
}

// A browser gives the focus that the page asks for when it draws, which may be after this; what is typed already stays.
if ("below" in body.dataset && body.autofocus && body.value === body.defaultValue) {
  const end = body.value.lastIndexOf(DASHES);
  const at = (end < 0 ? body.value.length : end) - 1;
  body.setSelectionRange(at, at);
  body.scrollTop = body.scrollHeight;
}
