/**
 * A device that is taken away in the middle of a talk: by a telephone call, by another app, by a machine that slept.
 * Said in words; taken again by itself when the browser allows it, otherwise by one tap. The place is kept meanwhile.
 *
 * What the person has switched off is never missed, and nothing is taken again once the talk is over.
 */

import { part } from './part.js';
import { word } from './words.js';

/** @typedef {import('./controls.js').Controls} Controls */
/** @typedef {import('./peer.js').Kind} Kind */

/** Only there may a device be taken again without a tap. */
const STATES = ['waiting', 'meeting'];

export class Interruption {
  #note;
  #text;
  #again;
  #back;
  #trouble;
  #controls;
  #state;
  /** @type {Set<Kind>} taken away, and not given up by the person */
  #missing = new Set();
  /** What was told last. @type {Kind} */
  #told = 'audio';
  #wasHidden = false;

  /**
   * @param {HTMLElement} root
   * @param {Controls} controls
   * @param {import('./state.js').PageState} state
   */
  constructor(root, controls, state) {
    this.#note = part(root, 'interrupted', HTMLElement);
    this.#text = part(root, 'interrupted-text', HTMLElement);
    this.#again = part(root, 'take-again', HTMLButtonElement);
    this.#back = part(root, 'back-waiting', HTMLElement);
    this.#trouble = part(root, 'trouble', HTMLElement);
    this.#controls = controls;
    this.#state = state;
    controls.on('interrupted', ({ kind, isGone }) => this.#lost(kind, isGone));
    controls.on('resumed', (kind) => this.#found(kind));
    controls.on('changed', () => this.#pressed());
    this.#again.addEventListener('click', () => this.#takeAgain());
    document.addEventListener('visibilitychange', () => this.#seen());
  }

  /** The talk is over: nothing is missed any more. */
  stop() {
    this.#missing.clear();
    this.#wasHidden = false;
    for (const shown of [this.#note, this.#again, this.#back]) shown.hidden = true;
  }

  /**
   * @param {Kind} kind
   * @param {boolean} isGone the track has ended; it does not come back by itself
   */
  #lost(kind, isGone) {
    if (!['joining', ...STATES].includes(this.#state.name)) return;
    this.#missing.add(kind);
    this.#tell();
    if (isGone) this.#again.hidden = false;
    // It is said here, with the way on.
    this.#trouble.hidden = true;
  }

  /** @param {Kind} kind */
  #found(kind) {
    this.#missing.delete(kind);
    this.#tell();
  }

  /** Something was switched: what is on now, or is not wanted any more, is missing no more. */
  #pressed() {
    for (const kind of this.#missing) {
      if (this.#controls.isLive(kind) || !this.#controls.isWanted(kind)) this.#missing.delete(kind);
    }
    this.#tell();
  }

  #tell() {
    const kinds = [...this.#missing];
    const [only] = kinds;
    const hadFocus = this.#again === document.activeElement;
    this.#note.hidden = only === undefined;
    if (only === undefined) {
      this.#again.hidden = true;
      // The keyboard goes on where the device is switched.
      if (hadFocus) this.#controls.focus(this.#told);
      return;
    }
    this.#told = only;
    this.#text.textContent = word(`help-js-interrupted-${kinds.length > 1 ? 'both' : only}`);
  }

  async #takeAgain() {
    let isTaken = false;
    for (const kind of [...this.#missing]) {
      // The talk may have ended while the one before was opening.
      if (!this.#missing.has(kind) || !(await this.#controls.reopen(kind))) continue;
      this.#found(kind);
      isTaken = true;
    }
    this.#again.hidden = this.#missing.size === 0;
    if (isTaken && this.#missing.size === 0) this.#state.say(word('help-js-taken-again'));
  }

  /** Who comes back to the page finds everything as it was; what did not come back by itself is tried once. */
  #seen() {
    if (!STATES.includes(this.#state.name)) return;
    if (document.visibilityState === 'hidden') {
      this.#wasHidden = true;
      return;
    }
    this.#back.hidden = !this.#wasHidden;
    if (this.#missing.size > 0) this.#takeAgain();
  }
}
