/**
 * A device that is taken away in the middle of a talk: by a telephone call, by another app, by a machine that slept.
 * Said in words; taken again by itself when the browser allows it, otherwise by one tap. The place is kept meanwhile.
 */

import { part } from './part.js';
import { word } from './words.js';

/** @typedef {import('./controls.js').Controls} Controls */
/** @typedef {import('./peer.js').Kind} Kind */

export class Interruption {
  #note;
  #text;
  #again;
  #back;
  #trouble;
  #controls;
  /** @type {Set<Kind>} taken away, and not given up by the person */
  #missing = new Set();
  #wasHidden = false;

  /**
   * @param {HTMLElement} root
   * @param {Controls} controls
   */
  constructor(root, controls) {
    this.#note = part(root, 'interrupted', HTMLElement);
    this.#text = part(root, 'interrupted-text', HTMLElement);
    this.#again = part(root, 'take-again', HTMLButtonElement);
    this.#back = part(root, 'back-waiting', HTMLElement);
    this.#trouble = part(root, 'trouble', HTMLElement);
    this.#controls = controls;
    controls.on('interrupted', ({ kind, isGone }) => this.#lost(kind, isGone));
    controls.on('resumed', (kind) => this.#found(kind));
    controls.on('changed', () => this.#pressed());
    this.#again.addEventListener('click', () => this.#takeAgain());
    document.addEventListener('visibilitychange', () => this.#seen());
  }

  /**
   * @param {Kind} kind
   * @param {boolean} isGone the track has ended; it does not come back by itself
   */
  #lost(kind, isGone) {
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

  /** The person has switched something: what is on now is missing no more. */
  #pressed() {
    for (const kind of this.#missing) if (this.#controls.isLive(kind)) this.#missing.delete(kind);
    this.#tell();
  }

  #tell() {
    const kinds = [...this.#missing];
    const [only] = kinds;
    this.#note.hidden = only === undefined;
    if (only === undefined) {
      this.#again.hidden = true;
      return;
    }
    this.#text.textContent = word(`help-js-interrupted-${kinds.length > 1 ? 'both' : only}`);
  }

  async #takeAgain() {
    for (const kind of [...this.#missing]) {
      if (await this.#controls.reopen(kind)) this.#missing.delete(kind);
    }
    this.#tell();
    this.#again.hidden = this.#missing.size === 0;
  }

  /** Who comes back to the page finds everything as it was; what did not come back by itself is tried once. */
  #seen() {
    if (document.visibilityState === 'hidden') {
      this.#wasHidden = true;
      return;
    }
    this.#back.hidden = !this.#wasHidden;
    if (this.#missing.size > 0) this.#takeAgain();
  }
}
