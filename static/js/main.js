// What every signed-in page loads. Each file is one idea and works alone; they speak through the page and through one
// event, "part", fired on a region that has just been swapped in. Nothing here is needed to read or write mail.
// Pages with a list load mailbox.js, the letter page compose.js: each is one script that begins with this one.
import "./made.js"; // first: the others look for its buttons
import "./session.js";
import "./shell.js";
import "./present.js";
import "./idle.js";
import "./zone.js";
import "./menus.js";
import "./notice.js";
import "./shortcuts.js";
import "./live.js";
import "./counts.js";
import "./offline.js";
import "./mailto.js";
