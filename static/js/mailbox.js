// What pages with a list and a reading pane load.
import "./main.js";
import "./select.js";
import "./rows.js";
import "./reader.js";
import "./toast.js";
import "./act.js";
import "./place.js";
import "./print.js";
import "./watch.js";

// Letters on their way: most pages have none.
if (document.getElementById("outbox")?.dataset.outbox) import("./outbox.js").catch(() => {});

// What only a finger or only a mouse can do, where there is one and before it has moved.
if (matchMedia("(any-pointer: coarse)").matches) import("./swipe.js").catch(() => {});
document.addEventListener("pointerover", function near({ target }) {
  if (!target.closest?.(".row")) return;
  document.removeEventListener("pointerover", near);
  import("./drag.js").catch(() => {});
});
