// What a person would point at: the first control of a kind with a name, seen and not disabled; null when there is none.
// Named exactly so before named so and more ("Inbox" before "Inbox 3 unread"). Old engines run this, too.
(kind, wanted) => {
  const KINDS = {
    button: "button, input[type=submit]", link: "a[href]", menu: "summary", row: "a.open", folder: "#folders a[href], form.bar a.narrow, .sheet a.ib",
    field: "input:not([type=hidden]):not([type=checkbox]):not([type=radio]), textarea, select",
    box: "input[type=checkbox], input[type=radio]",
  };
  const plain = (text) => text.replace(/\s+/g, " ").trim();
  const words = (it) => {
    if (it.nodeType === 3) return it.data;
    if (it.nodeType !== 1 || it.getAttribute("aria-hidden") === "true" || getComputedStyle(it).display === "none") return "";
    return [...it.childNodes].map(words).join("");
  };
  const name = (it) => plain(it.getAttribute("aria-label") || (it.labels ? [...it.labels].map(words).join(" ") : "") || words(it));
  const seen = (it) => {
    const shown = it.type === "file" ? it.parentElement : it;
    return shown.getClientRects().length > 0 && getComputedStyle(shown).visibility === "visible" && !it.disabled
      && (!shown.checkVisibility || shown.checkVisibility());
  };
  const found = [...document.querySelectorAll(KINDS[kind])].filter(seen).map((it) => [name(it), it]);
  const more = (text) => (kind === "row" || kind === "menu" ? text.includes(wanted) : text.startsWith(wanted) && /^[\s:,(]/.test(text.slice(wanted.length)));
  const it = (found.find(([text]) => text === wanted) || found.find(([text]) => more(text)) || [])[1] || null;
  return kind === "box" && it ? it.closest("label") || it : it;
}
