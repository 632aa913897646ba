// What pages with a list and a reading pane load.
import "./main.js";
import "./select.js";
import "./rows.js";
import "./reader.js";
import "./seen.js";
import "./frame.js";
import "./talk.js";
import "./toast.js";
import "./act.js";
import "./drag.js";
import "./swipe.js";
import "./endless.js";
import "./place.js";
import "./print.js";
import "./trust.js";
import "./arrivals.js";
import "./outbox.js";
