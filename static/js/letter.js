// What an open letter needs beside its page; reader.js fetches it with the first that is opened.
import "./seen.js";
import "./frame.js";
import "./talk.js";
import "./trust.js";
