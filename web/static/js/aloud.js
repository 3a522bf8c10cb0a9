/**
 * Reads the page to whoever cannot read it, with the voice that the browser has. No other host is asked, and where there is
 * no voice of the page's language there is no button.
 */

import { language } from './words.js';

/** Browsers lose their voice in the middle of longer pieces. */
const PIECE_MAX = 180;
const READ = 'h1, h2, h3, p, li, dt, dd, label, legend, summary, button, a.button, a.button-quiet, a.choice-card';

/** @param {HTMLElement} button */
export function start(button) {
  if (!('speechSynthesis' in window)) return;
  const look = () => {
    button.hidden = voice() === undefined;
  };
  look();
  // Some browsers know their voices only a moment later.
  speechSynthesis.addEventListener?.('voiceschanged', look);
  button.addEventListener('click', () => {
    if (speechSynthesis.speaking || speechSynthesis.pending) speechSynthesis.cancel();
    else read(button);
  });
  addEventListener('pagehide', () => speechSynthesis.cancel());
}

function voice() {
  return speechSynthesis.getVoices().find((one) => one.lang.toLowerCase().startsWith(language));
}

/** @param {HTMLElement} button */
function read(button) {
  const pieces = piecesOf(document.querySelector('main') ?? document.body);
  const say = (/** @type {boolean} */ isOn) => button.setAttribute('aria-pressed', String(isOn));
  pieces.forEach((piece, at) => {
    const spoken = new SpeechSynthesisUtterance(piece);
    spoken.lang = language === 'en' ? 'en-IN' : 'hi-IN';
    spoken.voice = voice() ?? null;
    spoken.rate = 0.9;
    if (at === 0) spoken.onstart = () => say(true);
    if (at === pieces.length - 1) spoken.onend = () => say(false);
    spoken.onerror = () => say(false);
    speechSynthesis.speak(spoken);
  });
}

/**
 * What stands on the page and can be seen, in its order, in pieces that a voice takes in one breath.
 *
 * @param {Element} root
 * @returns {string[]}
 */
export function piecesOf(root) {
  const parts = [...root.querySelectorAll(READ)].filter((one) => one instanceof HTMLElement && one.offsetParent !== null && one.parentElement?.closest(READ) === null);
  const lines = parts.map((one) => /** @type {HTMLElement} */ (one).innerText.replace(/\s+/g, ' ').trim());
  return lines.filter((line) => line !== '').flatMap((line) => line.match(new RegExp(`.{1,${PIECE_MAX}}(?:[।.!?·,;:]|\\s|$)`, 'gu')) ?? [line]);
}
