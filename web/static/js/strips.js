/**
 * Lines above everything else that lead to another talk: one on hold, one at another device of this seat, one that was put off
 * for two minutes. They lead there by a press alone, and go when there is nothing to lead to.
 */

import { copyOf, part } from './part.js';
import { partnersOf } from './results.js';
import { knock } from './sound.js';
import { word } from './words.js';

/** @typedef {import('./calls.js').Calls} Calls */
/** @typedef {import('./directory.js').Directory} Directory */
/** @typedef {{ resume: (call: string) => void, end: (call: string) => void, take: (call: string) => void, ring: (post: string) => void }} Ways */

export class Strips {
  #root;
  #calls;
  #names;
  #ways;
  #held;
  #elsewhere;
  #backs;
  /** Whom one has put off, the latest last. @type {Set<string>} */
  #due = new Set();
  /** Of them those whose ring was missed. @type {Set<string>} */
  #missed = new Set();
  /** Of whom one was told by a sound. @type {Set<string>} */
  #told = new Set();

  /**
   * @param {HTMLElement} root
   * @param {Calls} calls
   * @param {Directory} names
   * @param {Ways} ways
   */
  constructor(root, calls, names, ways) {
    this.#root = root;
    this.#calls = calls;
    this.#names = names;
    this.#ways = ways;
    this.#held = part(root, 'held', HTMLElement);
    this.#elsewhere = part(root, 'elsewhere', HTMLElement);
    this.#backs = part(root, 'ring-backs', HTMLElement);
    part(root, 'resume', HTMLButtonElement).addEventListener('click', () => this.#with(this.#calls.held, this.#ways.resume));
    part(root, 'end-held', HTMLButtonElement).addEventListener('click', () => this.#with(this.#calls.held, this.#ways.end));
    part(root, 'take', HTMLButtonElement).addEventListener('click', () => this.#with(this.#calls.elsewhere, this.#ways.take));
  }

  /** A ring was missed here: it can be returned, by a tap. @param {string} post */
  missed(post) {
    this.#missed.add(post);
    this.due(post);
  }

  /** The person has come here to ring this seat: nothing sounds. @param {string} post */
  offer(post) {
    this.#missed.add(post);
    this.#due.delete(post);
    this.#due.add(post);
    this.#told.add(post);
    this.show();
  }

  /** Two minutes are over. @param {string} post */
  due(post) {
    this.#due.delete(post);
    this.#due.add(post);
    this.#told.delete(post);
    this.show();
  }

  /** One talks with somebody, or is about to: nothing is due any more. @param {Iterable<string>} posts */
  settle(posts) {
    for (const post of posts) this.#forget(post);
  }

  /** @param {string} post */
  #forget(post) {
    this.#due.delete(post);
    this.#missed.delete(post);
  }

  show() {
    const { held, elsewhere, here, shown } = this.#calls;
    this.#held.hidden = held === null || shown === 'incoming';
    if (held !== null) {
      const posts = this.#names.names(partnersOf(held));
      part(this.#held, 'held-text', HTMLElement).textContent = word('live-js-held', { posts });
      const isFree = here === null && elsewhere === null;
      part(this.#held, 'resume', HTMLButtonElement).disabled = !isFree;
      part(this.#held, 'held-why', HTMLElement).hidden = isFree;
    }
    this.#elsewhere.hidden = elsewhere === null || shown !== 'idle';
    this.#showDue(shown === 'idle' && elsewhere === null ? [...this.#due] : []);
  }

  /** @param {string[]} posts */
  #showDue(posts) {
    const rows = [...this.#backs.children].map((row) => /** @type {HTMLElement} */ (row));
    for (const row of rows) if (!posts.includes(row.dataset.post ?? '')) row.remove();
    for (const post of posts) if (!rows.some((row) => row.dataset.post === post)) this.#backs.append(this.#row(post));
    if (posts.some((post) => !this.#told.has(post))) knock();
    for (const post of posts) this.#told.add(post);
  }

  /** @param {string} post */
  #row(post) {
    const row = copyOf(this.#root, 'ring-back');
    const name = this.#names.name(post);
    row.dataset.post = post;
    part(row, 'ring-back-text', HTMLElement).textContent = word(this.#missed.has(post) ? 'live-js-ring-missed' : 'live-js-ring-back', { post: name });
    const ring = part(row, 'ring-back-ring', HTMLButtonElement);
    ring.setAttribute('aria-label', word('live-js-ring-back-ring', { post: name }));
    ring.addEventListener('click', () => this.#ways.ring(post));
    const not = part(row, 'ring-back-not', HTMLButtonElement);
    not.setAttribute('aria-label', word('live-js-ring-back-not', { post: name }));
    not.addEventListener('click', () => {
      this.#forget(post);
      this.show();
    });
    return row;
  }

  /**
   * @param {import('./calls.js').Known | null} known
   * @param {(call: string) => void} way
   */
  #with(known, way) {
    if (known !== null) way(known.call);
  }
}
