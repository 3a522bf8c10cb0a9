/**
 * Several seats of the board in one call: chosen by taps once the toggle is pressed, by Space, or by drawing one tile onto another;
 * or all heads of departments at once, after a question. Nobody is rung before the button of the bar or of the question.
 */

import { Dragging } from './dragging.js';
import { part } from './part.js';
import { word } from './words.js';

/** @typedef {import('./directory.js').Directory} Directory */
/** @typedef {import('./seats.js').SeatInfo} SeatInfo */
/** @typedef {import('./seats.js').SeatWall} SeatWall */

/** Who can be rung together with all others of a kind: whoever sits there, and whoever is near. */
const THERE = ['available', 'away'];

export class Choosing {
  #root;
  #toggle;
  #bar;
  #go;
  #askButton;
  #groupButton;
  #wordButton;
  #all;
  #question;
  #names;
  #ring;
  /** @type {SeatWall | null} */
  #wall = null;
  /** @type {Set<string>} */
  #chosen = new Set();
  #isOn = false;

  /**
   * @param {HTMLElement} root
   * @param {Directory} names
   * @param {{ ring: (posts: string[]) => void, ask: (posts: string[]) => void, leave: (post: string) => void }} purposes
   */
  constructor(root, names, { ring, ask, leave }) {
    this.#root = root;
    this.#names = names;
    this.#ring = ring;
    this.#toggle = part(root, 'choose', HTMLButtonElement);
    this.#bar = part(root, 'together', HTMLElement);
    this.#go = part(root, 'together-go', HTMLButtonElement);
    this.#all = part(root, 'all', HTMLButtonElement);
    this.#question = part(root, 'all-question', HTMLDialogElement);
    this.#toggle.addEventListener('click', () => (this.#isOn ? this.clear() : this.#begin()));
    this.#go.addEventListener('click', () => this.go());
    this.#groupButton = part(root, 'together-group', HTMLButtonElement);
    this.#askButton = part(root, 'together-ask', HTMLButtonElement);
    this.#askButton.addEventListener('click', () => ask([...this.#chosen]));
    this.#wordButton = part(root, 'together-word', HTMLButtonElement);
    this.#wordButton.addEventListener('click', () => leave(this.chosen[0] ?? ''));
    part(root, 'together-back', HTMLButtonElement).addEventListener('click', () => this.#back());
    this.#all.addEventListener('click', () => this.#ask());
    part(root, 'all-yes', HTMLButtonElement).addEventListener('click', () => this.#ringAll());
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && this.#isOn && !this.#question.open) this.#back();
    });
  }

  /** @param {SeatWall} wall */
  use(wall) {
    this.#wall = wall;
    new Dragging(part(this.#root, 'seats', HTMLElement), (post, onto) => {
      this.#begin();
      for (const one of [post, onto]) this.#add(one);
      this.#show();
    });
  }

  /**
   * A tile is tapped, or Space is pressed on it.
   *
   * @param {SeatInfo} seat
   * @param {'tap' | 'space'} how
   * @returns {boolean} whether it is chosen or left out by it; a tap rings otherwise
   */
  choose(seat, how) {
    if (how === 'tap' && !this.#isOn) return false;
    this.#begin();
    if (!this.#chosen.delete(seat.post)) this.#add(seat.post);
    this.#show();
    return true;
  }

  /** Those that are chosen. @returns {string[]} */
  get chosen() {
    return [...this.#chosen];
  }

  /** Chooses these and no others; who is not there is left out. @param {string[]} posts */
  only(posts) {
    this.#chosen.clear();
    this.#begin();
    for (const post of posts) this.#add(post);
    this.#show();
  }

  /** Rings those that are chosen. @returns {boolean} whether there is anybody */
  go() {
    const posts = [...this.#chosen];
    if (posts.length === 0) return false;
    this.clear();
    this.#ring(posts);
    return true;
  }

  /** Nobody is chosen any more, and a tap rings again. */
  clear() {
    this.#chosen.clear();
    this.#isOn = false;
    this.#question.close();
    this.#show();
  }

  #begin() {
    this.#isOn = true;
    this.#show();
  }

  /** @param {string} post */
  #add(post) {
    const seat = this.#names.others.find((one) => one.post === post);
    if (seat !== undefined && seat.presence !== 'vacant') this.#chosen.add(post);
  }

  /** The keyboard goes back to where choosing began. */
  #back() {
    const wasInBar = this.#bar.contains(document.activeElement);
    this.clear();
    if (wasInBar) this.#toggle.focus();
  }

  #show() {
    const n = this.#chosen.size;
    this.#toggle.setAttribute('aria-pressed', String(this.#isOn));
    this.#bar.hidden = !this.#isOn;
    this.#go.disabled = n === 0;
    this.#askButton.disabled = n === 0;
    this.#groupButton.disabled = n === 0;
    // A word goes to one seat.
    this.#wordButton.hidden = n !== 1;
    part(this.#go, 'together-text', HTMLElement).textContent = word('live-js-together', { n });
    const text = n === 0 ? word('live-js-choose') : this.#names.list([...this.#chosen]);
    part(this.#bar, 'together-names', HTMLElement).textContent = text;
    this.#wall?.mark(this.#isOn ? this.#chosen : null);
  }

  /** The heads of departments who are there. */
  #heads() {
    return this.#names.others.filter(({ group, presence }) => group === 'department' && THERE.includes(presence)).map(({ post }) => post);
  }

  #ask() {
    const n = this.#heads().length;
    const says = ['live-js-all-nobody', 'live-js-all-one'][n] ?? 'live-js-all';
    part(this.#root, 'all-title', HTMLElement).textContent = word(says, { n });
    part(this.#root, 'all-text', HTMLElement).hidden = n === 0;
    part(this.#root, 'all-yes', HTMLButtonElement).hidden = n === 0;
    this.#question.showModal();
  }

  #ringAll() {
    const posts = this.#heads();
    this.clear();
    if (posts.length > 0) this.#ring(posts);
  }
}
