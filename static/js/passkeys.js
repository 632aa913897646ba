// The page of passkeys: a new one locks the password that was typed on this page; Update locks it under one that is there.
import { ask, lock, make, possible, prove, sentence, unknown } from "./passkey.js";
import { _ } from "./words.js";

const form = document.getElementById("new");
const wrong = document.getElementById("passkey-error");
const status = document.getElementById("passkey-status");

function say(text, bad = false) {
  status.textContent = bad ? "" : text;
  wrong.hidden = !bad;
  wrong.querySelector(".grow").textContent = bad ? text : "";
}

const words = () => ({ address: form.elements.user.value, password: form.elements.password.value });
const fields = (more) => ({ csrf_token: form.elements.csrf_token.value, ...more });
const proofs = () => ({ password: form.elements.password.value, code: form.elements.code?.value ?? "" });

/** One proof by this passkey, and what it unlocks from now on. */
async function seal(id, told) {
  const proof = await prove(told);
  if (!proof.secret) throw new Error(_("This device gives out no secret for its passkeys, so they cannot unlock a password."));
  const sealed = await lock(proof.secret, proof.id, words());
  await ask(form.dataset.keep, fields({ id, answer: proof.answer, sealed }));
}

async function create() {
  const told = await ask(form.action, fields(proofs()));
  const made = await make(told);
  if (!made.able) {
    unknown(told, made.id);
    throw new Error(_("This device makes passkeys, but none that can unlock a password. Nothing was kept; delete it in the settings of your device."));
  }
  const sealed = made.secret ? await lock(made.secret, made.id, words()) : "";
  const kept = await ask(form.dataset.keep, fields({ answer: made.answer, sealed, name: form.elements.name.value }));
  if (kept.ask) {
    say(_("Once more, to lock your password…"));
    await seal(kept.id, kept.ask);
  }
}

const update = async (id) => seal(id, await ask(form.action, fields({ ...proofs(), id })));

async function run(work) {
  if (!form.reportValidity()) return;
  const buttons = document.querySelectorAll("[data-update], #new .btn");
  for (const each of buttons) each.disabled = true;
  say(_("Waiting for your device…"));
  try {
    await work();
    location.assign(location.pathname);
  } catch (error) {
    say(sentence(error), true);
  }
  for (const each of buttons) each.disabled = false;
}

/** Say so at once where it cannot work. */
async function look() {
  const able = possible && (await PublicKeyCredential.getClientCapabilities?.())?.["extension:prf"] !== false;
  if (able) return;
  say(_("This browser cannot use passkeys to unlock a password. Your password works as always."), true);
  for (const each of document.querySelectorAll("[data-update], #new .btn")) each.hidden = true;
}

if (form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run(create);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-update]");
    if (button) run(() => update(button.dataset.update));
  });
  look();
}
