/**
 * The words that scripts show. They come from `web/locales` by way of `<script id="words">`;
 * no sentence that a person reads stands in a script.
 */

/** @type {Record<string, string>} */
const table = JSON.parse(document.getElementById('words')?.textContent || '{}');

/**
 * The text of a key, with `{$name}` replaced by the values given. An unknown key shows itself,
 * so that a missing translation is seen and never stops a call.
 *
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function word(key, values = {}) {
  const text = table[key] ?? key;
  return text.replace(/\{\$(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/**
 * The key of a word for one of the protocol's names: `in_call` under `live-js-presence` is
 * `live-js-presence-in-call`.
 *
 * @param {string} prefix
 * @param {string} name
 */
export function keyOf(prefix, name) {
  return `${prefix}-${name.replaceAll('_', '-')}`;
}

/** `hi` or `en`: the language that the server rendered the page in. */
export const language = document.documentElement.lang.startsWith('en') ? 'en' : 'hi';

/**
 * The wording of a text that the server holds in both languages.
 *
 * @param {{ hi: string, en: string }} text
 * @returns {string}
 */
export function inLanguage(text) {
  return language === 'en' ? text.en : text.hi;
}
