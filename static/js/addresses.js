// Address lists as people type and paste them: commas, semicolons, line ends; names in quotes; groups (RFC 5322 3.4).
// The server reads the same text again and has the last word (mail/address.py); this only cuts it into pieces.

const TOKEN = /"(?:[^"\\]|\\.)*"|\((?:[^()\\]|\\.)*\)|<[^<>]*>|[,;:\n]|[^",;:<(\n]+|./gsu;
const ATOM = "[^\\s\\p{Cc}()<>\\[\\]:;@\\\\,.\"]+";
const LABEL = "[\\p{L}\\p{N}](?:[\\p{L}\\p{N}\\p{M}_-]{0,61}[\\p{L}\\p{N}\\p{M}])?";
const SPEC = new RegExp(`^(?:${ATOM}(?:\\.${ATOM})*|"(?:[^"\\\\\\p{Cc}]|\\\\[ -~])*")@(?:${LABEL}(?:\\.${LABEL})*|\\[(?:IPv6:)?[0-9A-Fa-f:.]+\\])$`, "u");
const NEEDS_QUOTES = /[()<>[\]:;@\\,."\p{Cc}]/u;
const SCRIPTS = ["Latin", "Cyrillic", "Greek", "Armenian", "Hebrew", "Arabic"].map((name) => new RegExp(`\\p{Script=${name}}`, "u"));

/** True for what the server, too, takes for an address. */
export const valid = (address) => address.length <= 254 && SPEC.test(address);

/** The pieces of a list: {name, address, raw}. A name of a group goes; whoever is in it stays. */
export function read(text) {
  const found = [];
  let [words, raw] = [[], ""];
  const end = () => {
    found.push(...entries(words, raw.trim()));
    [words, raw] = [[], ""];
  };
  const tokens = text.replace(/\r\n?/g, "\n").match(TOKEN) ?? [];
  tokens.forEach((token, at) => {
    const group = token === ":" && tokens.indexOf(";", at) > 0 && !words.some((word) => word.startsWith("<"));
    if (token === "," || token === ";" || token === "\n") end();
    else if (group) [words, raw] = [[], ""];
    else {
      raw += token;
      words.push(token);
    }
  });
  end();
  return found;
}

function entries(words, raw) {
  if (!raw) return [];
  const angle = words.find((word) => word.startsWith("<"));
  const name = tidy(words.filter((word) => !/^[<(]/.test(word)).map(unquoted).join(""));
  if (angle) return [{ name, address: tidy(angle.slice(1, -1)), raw }];
  const apart = raw.split(/\s+/);
  if (apart.every(valid)) return apart.map((address) => ({ name: "", address, raw: address }));
  const comment = words.find((word) => word.startsWith("("))?.slice(1, -1) ?? "";
  const bare = tidy(words.filter((word) => !word.startsWith("(")).join(""));
  return [{ name: tidy(comment), address: bare, raw }];
}

const unquoted = (word) => (/^".*"$/s.test(word) ? word.slice(1, -1).replace(/\\(.)/gsu, "$1") : word);
const tidy = (text) => text.replace(/\s+/g, " ").trim();

/** As it stands in a field; read() gives the same back. */
export function written({ name, address }) {
  if (!name) return address;
  return `${NEEDS_QUOTES.test(name) ? `"${name.replace(/(["\\])/g, "\\$1")}"` : name} <${address}>`;
}

/** Is the text still inside quotes, a bracket or a comment, where a comma ends nothing? */
export function open(text) {
  const rest = text.replace(/"(?:[^"\\]|\\.)*"|\((?:[^()\\]|\\.)*\)|<[^<>]*>/gsu, "");
  return /["(<]/.test(rest) || /^[^@,;"<]*:/.test(rest);
}

/** A domain whose letters are of several scripts is shown as it travels, because it may pose as another (R6, R19). */
export function shown(address) {
  const at = address.lastIndexOf("@") + 1;
  const mixed = address.slice(at).split(".").some((label) => SCRIPTS.filter((script) => script.test(label)).length > 1);
  if (!at || !mixed) return address;
  try {
    return address.slice(0, at) + new URL(`http://${address.slice(at)}`).hostname;
  } catch {
    return address;
  }
}
