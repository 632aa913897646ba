// A passkey gives out a secret of its own (WebAuthn, PRF extension) after its owner was recognised. With it address and
// password are locked and unlocked here, in the browser; the server sees the locked box, never the secret.
import { _ } from "./words.js";
const INFO = new TextEncoder().encode("pennypost passkey 1");
const [SALT, NONCE, BLOCK] = [32, 12, 256];

/** Whether this browser can have passkeys at all. */
export const possible = Boolean(globalThis.PublicKeyCredential && globalThis.crypto?.subtle);

const octets = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));

const letters = (buffer) => btoa(Array.from(new Uint8Array(buffer), (each) => String.fromCharCode(each)).join(""))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** What the server asked for, with octets where it wrote letters. */
function options(told) {
  const named = (list) => list?.map((each) => ({ ...each, id: octets(each.id) }));
  return {
    ...told,
    challenge: octets(told.challenge),
    ...(told.user && { user: { ...told.user, id: octets(told.user.id) } }),
    ...(told.allowCredentials && { allowCredentials: named(told.allowCredentials) }),
    ...(told.excludeCredentials && { excludeCredentials: named(told.excludeCredentials) }),
    extensions: { prf: { eval: { first: octets(told.extensions.prf.eval.first) } } },
  };
}

/** An answer for the server. Its extension results stay here: the secret is among them. */
function answer(made, names) {
  const response = Object.fromEntries(names.filter((name) => made.response[name]).map((name) => [name, letters(made.response[name])]));
  return JSON.stringify({ id: made.id, rawId: made.id, type: made.type, response, clientExtensionResults: {} });
}

/** A new passkey. secret: null where the device gives it for a proof only; able: whether it has one at all. */
export async function make(told) {
  const made = await navigator.credentials.create({ publicKey: options(told) });
  const { prf } = made.getClientExtensionResults();
  return { id: made.id, able: Boolean(prf?.enabled || prf?.results), secret: prf?.results?.first ?? null, answer: answer(made, ["clientDataJSON", "attestationObject"]) };
}

/** A proof by a passkey, and its secret. */
export async function prove(told) {
  const made = await navigator.credentials.get({ publicKey: options(told) });
  const secret = made.getClientExtensionResults().prf?.results?.first ?? null;
  return { id: made.id, secret, answer: answer(made, ["clientDataJSON", "authenticatorData", "signature", "userHandle"]) };
}

/** Tell the device that a passkey is of no use here, where it wants to know. */
export function unknown(told, id) {
  PublicKeyCredential.signalUnknownCredential?.({ rpId: told.rp?.id ?? told.rpId, credentialId: id })?.catch(() => {});
}

async function key(secret, salt) {
  const whole = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  return crypto.subtle.deriveKey({ name: "HKDF", hash: "SHA-256", salt, info: INFO }, whole, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

const cipher = (nonce, id) => ({ name: "AES-GCM", iv: nonce, additionalData: new TextEncoder().encode(id) });

/** Lock a value under a passkey's secret: letters for the server. Its length does not tell the password's. */
export async function lock(secret, id, value) {
  const [salt, nonce] = [SALT, NONCE].map((size) => crypto.getRandomValues(new Uint8Array(size)));
  const words = new TextEncoder().encode(JSON.stringify(value));
  const padded = new Uint8Array(Math.ceil((words.length + 1) / BLOCK) * BLOCK).fill(32); // JSON does not mind spaces
  padded.set(words);
  const locked = await crypto.subtle.encrypt(cipher(nonce, id), await key(secret, salt), padded);
  return letters(new Uint8Array([...salt, ...nonce, ...new Uint8Array(locked)]).buffer);
}

/** The reverse. Fails when one octet is another, or the secret. */
async function unlock(secret, id, sealed) {
  const all = octets(sealed);
  const [salt, nonce, locked] = [all.slice(0, SALT), all.slice(SALT, SALT + NONCE), all.slice(SALT + NONCE)];
  try {
    const words = await crypto.subtle.decrypt(cipher(nonce, id), await key(secret, salt), locked);
    return JSON.parse(new TextDecoder().decode(words));
  } catch {
    throw new Error(_("What is kept for this passkey does not open: it was changed, or is damaged. Sign in with your password, then choose Update beside the passkey."));
  }
}

/** Ask the server; its own sentence when it says no. */
export async function ask(url, fields) {
  const reply = await fetch(url, { method: "POST", body: new URLSearchParams(fields) });
  const told = await reply.json().catch(() => ({}));
  if (!reply.ok) throw new Error(told.error ?? _("That did not work. Reload this page and try again."));
  return told;
}

const SAID = {
  NotAllowedError: () => _("No passkey was used. Try again, or use your password."),
  InvalidStateError: () => _("This device has a passkey for you already."),
  SecurityError: () => _("This browser allows no passkeys on this site."),
  NotSupportedError: () => _("This device cannot make such a passkey."),
  TypeError: () => _("This site does not answer. Try again in a moment."),
};

/** What to tell a person about something that went wrong here. */
export const sentence = (error) => SAID[error.name]?.() ?? (error.name === "Error" ? error.message : _("That did not work. Try again, or use your password."));

/** Address, password and the ticket of a passkey that its owner picked. */
async function unlocked(url, csrf_token) {
  const proof = await prove(await ask(`${url}/challenge`, { csrf_token }));
  const { sealed, ticket } = await ask(url, { csrf_token, answer: proof.answer });
  if (!proof.secret) throw new Error(_("This passkey gives out no secret in this browser, so it unlocks nothing. Use your password."));
  return { ...await unlock(proof.secret, proof.id, sealed), ticket };
}

/** A button that signs in: shown where it can work. use: what to do with address, password and ticket. */
export function offer(button, said, use) {
  if (!possible) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    [button.disabled, said.hidden, said.textContent] = [true, false, _("Waiting for your passkey…")];
    try {
      await use(await unlocked(button.dataset.passkey, button.form.elements.csrf_token.value));
      said.hidden = true;
    } catch (error) {
      said.textContent = sentence(error);
    }
    button.disabled = false;
  });
}
