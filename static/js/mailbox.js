// What pages with a list and a reading pane load.
import "./main.js";
import "./select.js";
import "./rows.js";
import "./reader.js";
import "./toast.js";
import "./act.js";
import "./drag.js";
import "./swipe.js";
import "./place.js";
import "./print.js";
import "./watch.js";

// Letters on their way: most pages have none.
if (document.getElementById("outbox")?.dataset.outbox) import("./outbox.js");
