// Opens the print dialog for the page that a "Print" link or button leads to. That page has no script of its own, so
// the page that opens it asks for the dialog, once, when everything is there: looked for, because an event of a window
// may pass before anybody can listen to it.
const OFTEN = 100; // milliseconds

function print(url) {
  const page = window.open(url, "_blank");
  const looks = setInterval(() => {
    if (page && !page.closed && (page.location.href === "about:blank" || page.document.readyState !== "complete")) return;
    clearInterval(looks);
    if (page && !page.closed) page.print();
  }, OFTEN);
  return page;
}

/** Where a button in the list leads to, with what is ticked; a link leads where it says. */
function target(control) {
  if (control.href) return control.href;
  const url = new URL(control.form.action);
  url.pathname = url.pathname.replace(/do$/, "print");
  const ticked = control.form.querySelectorAll(".pick input:checked");
  url.search = String(new URLSearchParams([...ticked].map((box) => ["uid", box.value])));
  return ticked.length ? url.href : null;
}

document.addEventListener("click", (event) => {
  const control = event.target.closest?.("[data-print]");
  if (!control || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const url = target(control);
  if (url && print(url)) event.preventDefault(); // a browser that blocks it follows the link
});
