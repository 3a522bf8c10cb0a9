/**
 * What a seat has missed, above its wall: a number that leads to the list, and who has left a word. The server renders it; this
 * part reads it again when the socket says so, after each ring, and now and then. It never sounds and rings nobody: the list's
 * «ring back» comes here as an offer in a strip, and a press on that rings.
 */

import { part } from './part.js';

/** @typedef {import('./seat.js').Seat} Seat */

/** Another server may have taken the word. */
const READ_MS = 60_000;
/** What came of a ring stands in rows so long after it. */
const WRITTEN_MS = 1_500;

export class Missed {
  #box;
  #post = '';
  #reading = 0;
  #back = new URL(window.location.href).searchParams.get('back');

  /**
   * @param {HTMLElement} root
   * @param {Seat} seat
   */
  constructor(root, seat) {
    this.#box = part(root, 'missed', HTMLElement);
    const { signaling } = seat.line;
    signaling.on('welcome', ({ participant }) => {
      this.#post = participant;
      this.read();
    });
    signaling.on('missed', () => this.read());
    signaling.on('seats', () => this.#offer(seat));
    seat.on('idle', () => setTimeout(() => this.read(), WRITTEN_MS));
    setInterval(() => this.read(), READ_MS);
  }

  /** Reads what there is. What is the same stays, and with it where the keyboard is. */
  async read() {
    if (this.#post === '') return;
    this.#reading += 1;
    const mine = this.#reading;
    const answer = await fetch(`/mesh/missed/strip?post=${this.#post}`, { credentials: 'same-origin' }).catch(() => null);
    if (answer === null || !answer.ok || answer.redirected || mine !== this.#reading) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').body;
    if (mine !== this.#reading || fresh.innerHTML === this.#box.dataset.shown) return;
    this.#box.dataset.shown = fresh.innerHTML;
    this.#box.replaceChildren(...[...fresh.children].map((one) => document.importNode(one, true)));
  }

  /** The list was left to ring somebody back: once, also when the page is loaded again. @param {Seat} seat */
  #offer(seat) {
    if (this.#back === null) return;
    seat.offerBack(this.#back);
    this.#back = null;
    const here = new URL(window.location.href);
    here.searchParams.delete('back');
    window.history.replaceState(null, '', here);
  }
}
