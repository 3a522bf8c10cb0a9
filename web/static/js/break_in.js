/**
 * A ring in the middle of a talk: a card over it, while the talk goes on. It asks and decides nothing; whoever is rung is seen and
 * heard by the ringing one only after a press on the card, and the talk is on hold then.
 */

import { part } from './part.js';
import { word } from './words.js';

/** @typedef {import('./calls.js').Known} Known */
/** @typedef {import('./directory.js').Directory} Directory */

export class BreakIn {
  #card;
  #behind;
  #names;
  #call = '';

  /**
   * @param {HTMLElement} root
   * @param {Directory} names
   * @param {{ accept: (call: string) => void, decline: (call: string, reason: 'later' | 'telephone') => void }} answers
   */
  constructor(root, names, { accept, decline }) {
    this.#card = part(root, 'break-in', HTMLElement);
    this.#behind = part(root, 'other', HTMLElement);
    this.#names = names;
    part(root, 'break-accept', HTMLButtonElement).addEventListener('click', () => accept(this.#call));
    part(root, 'break-later', HTMLButtonElement).addEventListener('click', () => decline(this.#call, 'later'));
    part(root, 'break-telephone', HTMLButtonElement).addEventListener('click', () => decline(this.#call, 'telephone'));
  }

  /**
   * @param {Known | null} ring
   * @param {'ringing' | 'talk'} over what goes on below it
   * @returns {boolean} whether it is a new one
   */
  show(ring, over) {
    // The keyboard goes to the name of the talk behind it, to no button.
    if (ring === null && this.#card.contains(document.activeElement)) this.#behind.focus({ preventScroll: true });
    this.#card.hidden = ring === null;
    const call = ring?.call ?? '';
    const isNew = call !== '' && call !== this.#call;
    this.#call = call;
    if (ring === null) return false;
    const heading = part(this.#card, 'break-caller', HTMLElement);
    heading.textContent = this.#names.name(ring.caller);
    const others = part(this.#card, 'break-with', HTMLElement);
    others.hidden = ring.others.length === 0 && !ring.sealed;
    others.textContent = ring.sealed ? word('live-js-seal-title') : word('live-js-with', { posts: this.#names.names(ring.others) });
    part(this.#card, 'break-accept-text', HTMLElement).textContent = word(over === 'talk' ? 'live-js-break-accept' : 'live-js-break-accept-ringing');
    // The heading and no button: a key that is held down must not answer.
    if (isNew) heading.focus({ preventScroll: true });
    return isNew;
  }
}
