/** A strip that tells of a review: one that goes on and expects this seat, or the one in which it is, with the way to its wall. */

import { part } from './part.js';
import { inLanguage, word } from './words.js';

export class ReviewNote {
  #strip;
  #text;
  #join;
  #wall;
  /** @type {{ call: string, chair: string } | null} the review to which this seat may come */
  #expected = null;

  /**
   * @param {HTMLElement} root
   * @param {import('./signaling.js').Signaling} signaling
   * @param {(call: string, chair: string) => void} join
   */
  constructor(root, signaling, join) {
    this.#strip = part(root, 'review-note', HTMLElement);
    this.#text = part(root, 'review-note-text', HTMLElement);
    this.#join = part(root, 'review-join', HTMLButtonElement);
    this.#wall = part(root, 'review-wall', HTMLAnchorElement);
    this.#join.addEventListener('click', () => this.#expected !== null && join(this.#expected.call, this.#expected.chair));
    signaling.on('welcome', () => {
      this.#expected = null;
      this.#strip.hidden = true;
    });
    signaling.on('expected', ({ call, chair, on }) => {
      if (!on && this.#expected?.call !== call) return;
      this.#expected = on ? { call, chair: chair.post } : null;
      if (on) this.#text.textContent = word('live-js-review-expected', { post: inLanguage(chair.title) });
      this.#show(on, false);
    });
    signaling.on('review', () => {
      this.#text.textContent = word('live-js-review-on');
      // On the wall itself nothing need be said.
      this.#show(root.dataset.module !== 'review', true);
    });
    signaling.on('call', ({ state }) => {
      if (!['ringing', 'accepted'].includes(state) && this.#expected === null) this.#strip.hidden = true;
    });
  }

  /**
   * @param {boolean} isShown
   * @param {boolean} isInside
   */
  #show(isShown, isInside) {
    this.#strip.hidden = !isShown;
    this.#join.hidden = isInside;
    this.#wall.hidden = this.#wall.dataset.here === 'true';
  }
}
