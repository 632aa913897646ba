// What a page with an open letter and its list loads.
import "./mailbox.js";
import "./letter.js";
