// A mail link begins a letter here, in a message as anywhere on the page. By POST, so that no address gets into a URL.
// Without script the browser asks whatever it knows for such links.
function field(name, value) {
  const input = document.createElement("input");
  Object.assign(input, { type: "hidden", name, value });
  return input;
}

/** A click on a link, also on one inside the frame of a letter. With Ctrl or the middle button: in another tab. */
export function press(event) {
  const link = event.target.closest?.('a[href^="mailto:"]');
  const home = document.body.dataset.letters;
  const token = document.querySelector("[name=csrf_token]")?.value;
  if (!link || !home || !token || event.defaultPrevented || event.button > 1 || event.altKey) return;
  event.preventDefault();
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action: home, hidden: true });
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) Object.assign(form, { target: "_blank", rel: "noopener" });
  form.append(field("csrf_token", token), field("u", link.getAttribute("href")));
  document.body.append(form);
  form.submit();
  form.remove();
}

/** Listen in a document. */
export function listen(page) {
  page.addEventListener("click", press);
  page.addEventListener("auxclick", press);
}

listen(document);
