/**
 * «More» in a talk: other seats are added to it, or it is handed over to one. The seats are picked in a dialog, and nothing is
 * rung before its button is pressed.
 */

import { copyOf, part } from './part.js';
import { findable, latinDigits } from './seats.js';
import { inLanguage, keyOf, word } from './words.js';

/** @typedef {import('./calls.js').Calls} Calls */
/** @typedef {import('./directory.js').Directory} Directory */
/** @typedef {import('./directory.js').SeatInfo} SeatInfo */
/** @typedef {{ add: (posts: string[]) => void, handOver: (post: string) => void }} Purposes */

/** Where nobody can be rung. */
const AWAY = ['offline', 'vacant'];
/** Who has a part in the call already. */
const IN_CALL = ['inside', 'held', 'rung', 'frosted'];

export class Picking {
  #root;
  #calls;
  #names;
  #more;
  #dialog;
  #list;
  #field;
  #go;
  /** @type {'add' | 'hand-over'} */
  #purpose = 'add';
  /** @type {Set<string>} */
  #picked = new Set();
  /** @type {{ seat: SeatInfo, row: HTMLButtonElement }[]} */
  #rows = [];

  /**
   * @param {HTMLElement} root
   * @param {Calls} calls
   * @param {Directory} names
   * @param {Purposes} purposes
   */
  constructor(root, calls, names, { add, handOver }) {
    this.#root = root;
    this.#calls = calls;
    this.#names = names;
    this.#more = part(root, 'more-question', HTMLDialogElement);
    this.#dialog = part(root, 'picker', HTMLDialogElement);
    this.#list = part(root, 'picker-list', HTMLElement);
    this.#field = part(root, 'picker-field', HTMLInputElement);
    this.#go = part(root, 'picker-go', HTMLButtonElement);
    part(root, 'more', HTMLButtonElement).addEventListener('click', () => this.#more.showModal());
    part(root, 'add', HTMLButtonElement).addEventListener('click', () => this.#open('add'));
    part(root, 'hand-over', HTMLButtonElement).addEventListener('click', () => this.#open('hand-over'));
    part(root, 'picker-back', HTMLButtonElement).addEventListener('click', () => this.#dialog.close());
    this.#field.addEventListener('input', () => this.#filter());
    this.#field.addEventListener('keydown', (event) => this.#enter(event));
    this.#go.addEventListener('click', () => {
      const posts = [...this.#picked];
      const [first] = posts;
      this.#dialog.close();
      if (this.#purpose === 'add' && posts.length > 0) add(posts);
      else if (first !== undefined) handOver(first);
    });
  }

  /** A ring goes before it. */
  close() {
    this.#more.close();
    this.#dialog.close();
  }

  /** @param {'add' | 'hand-over'} purpose */
  #open(purpose) {
    this.#more.close();
    this.#purpose = purpose;
    this.#picked.clear();
    this.#field.value = '';
    part(this.#root, 'picker-title', HTMLElement).textContent = word(`live-js-pick-${purpose}`);
    part(this.#root, 'picker-text', HTMLElement).textContent = word(`live-js-pick-${purpose}-text`);
    const members = this.#calls.here?.members;
    const seats = this.#names.others.filter(({ post, presence }) => presence !== 'vacant' && !IN_CALL.includes(members?.get(post) ?? ''));
    const isAway = (/** @type {SeatInfo} */ { presence }) => Number(AWAY.includes(presence));
    this.#rows = seats.sort((a, b) => isAway(a) - isAway(b)).map((seat) => ({ seat, row: this.#row(seat) }));
    this.#list.replaceChildren(...this.#rows.map(({ row }) => row));
    this.#show();
    this.#filter();
    this.#dialog.showModal();
    this.#field.focus();
  }

  /** @param {SeatInfo} seat */
  #row(seat) {
    const row = copyOf(this.#root, 'picker-seat');
    if (!(row instanceof HTMLButtonElement)) throw new TypeError('a seat to be picked is a button');
    part(row, 'picker-number', HTMLElement).textContent = String(seat.number);
    part(row, 'picker-name', HTMLElement).textContent = inLanguage(seat.title);
    part(row, 'picker-presence', HTMLElement).textContent = word(keyOf('live-js-presence', seat.presence));
    row.dataset.post = seat.post;
    row.dataset.presence = seat.presence;
    row.disabled = AWAY.includes(seat.presence);
    row.addEventListener('click', () => this.#pick(seat.post));
    return row;
  }

  /** @param {string} post */
  #pick(post) {
    const isPicked = this.#picked.has(post);
    if (this.#purpose === 'hand-over') this.#picked.clear();
    if (isPicked) this.#picked.delete(post);
    else this.#picked.add(post);
    this.#show();
  }

  #show() {
    for (const { seat, row } of this.#rows) row.setAttribute('aria-pressed', String(this.#picked.has(seat.post)));
    const n = this.#picked.size;
    this.#go.disabled = n === 0;
    this.#go.textContent = n === 0 ? word(`live-js-pick-${this.#purpose}-none`) : word(`live-js-pick-${this.#purpose}-go`, { n });
  }

  #filter() {
    const wanted = latinDigits(this.#field.value.trim().normalize('NFC').toLocaleLowerCase());
    for (const { seat, row } of this.#rows) row.hidden = !findable(seat, wanted);
    part(this.#root, 'picker-none', HTMLElement).hidden = this.#rows.some(({ row }) => !row.hidden);
  }

  /** Enter in the field picks the only one that is left, or the one whose number it is. @param {KeyboardEvent} event */
  #enter(event) {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    const wanted = latinDigits(this.#field.value.trim());
    const shown = this.#rows.filter(({ row }) => !row.hidden && !row.disabled);
    const one = shown.find(({ seat }) => String(seat.number) === wanted) ?? (shown.length === 1 ? shown[0] : undefined);
    if (wanted === '' || one === undefined) return;
    this.#pick(one.seat.post);
    this.#field.value = '';
    this.#filter();
  }
}
