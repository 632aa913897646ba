// What scripts say, in the reader's language. They are written in English; for another one the page brings a table of the
// same sentences (web/speech.py) beside its script, which does not wait for it: until it is there, English is said.
export const lang = document.documentElement.lang;
const said = (text) => globalThis[Symbol.for("pennypost words")]?.[text];
const filled = (text, values) => text.replace(/%\((\w+)\)s/g, (place, name) => values[name] ?? place);

/** 1,204: with the digits that pages have in every language. more: options of Intl.NumberFormat. */
export const number = (value, more) => value.toLocaleString(lang, { numberingSystem: "latn", ...more });

/** The sentence. values: of %(name)s in it. */
export const _ = (text, values = {}) => filled(said(text) ?? text, values);

/** The same for a number of things. %(count)s is the number as people write it. */
export function ngettext(one, many, count, values = {}) {
  const form = said(one)?.[new Intl.PluralRules(lang).select(count)] ?? (count === 1 ? one : many);
  return filled(form, { count: number(count), ...values });
}
