/**
 * The wall a page at a time: those who are inside, in the order of the board, as many as the screen has lines for. Who speaks is
 * shown on every page. Page Up and Page Down turn it.
 */

import { part } from './part.js';
import { word } from './words.js';

/** So many of a screen's lines are kept for those who speak, and for a screen that is shown. */
const KEPT = 3;

export class ReviewPages {
  #root;
  #seat;
  #size;
  #page = 0;
  #call = '';
  /** Where the others stand. @type {Map<string, string>} */
  #members = new Map();
  #told = '';

  /**
   * @param {HTMLElement} root
   * @param {import('./seat.js').Seat} seat
   * @param {number} pictures lines of this screen
   */
  constructor(root, seat, pictures) {
    this.#root = root;
    this.#seat = seat;
    this.#size = Math.max(1, pictures - KEPT);
    const { signaling } = seat.line;
    signaling.on('review', ({ call, spotlight }) => {
      this.#call = call;
      seat.stage.spotlight(spotlight ?? null);
      this.#show();
    });
    signaling.on('call', ({ members }) => {
      if (members.length > 0) this.#members = new Map(members.map(({ post, state }) => [post, state]));
      this.#show();
    });
    signaling.on('member', ({ member }) => {
      this.#members.set(member.post, member.state);
      this.#show();
    });
    signaling.on('welcome', () => {
      this.#told = '';
    });
    seat.on('idle', () => this.#forget());
    part(root, 'page-before', HTMLButtonElement).addEventListener('click', () => this.#turn(-1));
    part(root, 'page-after', HTMLButtonElement).addEventListener('click', () => this.#turn(1));
    addEventListener('keydown', (event) => this.#key(event));
  }

  /** Who is inside, in the order of the board. @returns {string[]} */
  get #inside() {
    return this.#seat.names.others.map(({ post }) => post).filter((post) => this.#members.get(post) === 'inside');
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const by = event.key === 'PageUp' ? -1 : event.key === 'PageDown' ? 1 : 0;
    const isTyping = event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLInputElement;
    if (by === 0 || isTyping || this.#call === '') return;
    event.preventDefault();
    this.#turn(by);
  }

  /** @param {number} by */
  #turn(by) {
    const pages = Math.max(1, Math.ceil(this.#inside.length / this.#size));
    this.#page = (this.#page + by + pages) % pages;
    this.#show();
  }

  #show() {
    const inside = this.#inside;
    const pages = Math.max(1, Math.ceil(inside.length / this.#size));
    this.#page = Math.min(this.#page, pages - 1);
    const first = this.#page * this.#size;
    const posts = inside.slice(first, first + this.#size);
    part(this.#root, 'review-pages', HTMLElement).hidden = this.#call === '' || pages === 1;
    const text = word('live-js-review-page', { from: first + 1, to: first + posts.length, all: inside.length });
    part(this.#root, 'page-text', HTMLElement).textContent = text;
    const told = posts.join(' ');
    if (this.#call === '' || posts.length === 0 || told === this.#told) return;
    this.#told = told;
    this.#seat.line.send({ type: 'review_step', call: this.#call, step: { kind: 'look', posts } });
  }

  #forget() {
    this.#seat.stage.spotlight(null);
    this.#call = '';
    this.#page = 0;
    this.#members.clear();
    this.#told = '';
  }
}
