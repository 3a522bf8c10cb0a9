/** The chips above the wall: all seats, or those of one group. Shown where there is more than one group to choose from. */

import { part } from './part.js';

/** @typedef {import('./directory.js').Directory} Directory */
/** @typedef {import('./seats.js').SeatWall} SeatWall */

export class Groups {
  #box;
  #chips;
  #names;
  #wall;

  /**
   * @param {HTMLElement} root
   * @param {Directory} names
   * @param {SeatWall} wall
   */
  constructor(root, names, wall) {
    this.#names = names;
    this.#wall = wall;
    this.#box = part(root, 'groups', HTMLElement);
    this.#chips = [...this.#box.querySelectorAll('button')];
    for (const chip of this.#chips) chip.addEventListener('click', () => this.#choose(chip));
  }

  /** The seats have come. */
  show() {
    const present = new Set(this.#names.others.map(({ group }) => String(group)));
    const chips = this.#chips.filter((chip) => chip.dataset.group !== '');
    for (const chip of chips) chip.hidden = !present.has(chip.dataset.group ?? '');
    this.#box.hidden = chips.filter((chip) => !chip.hidden).length < 2;
    const chosen = this.#chips.find((chip) => chip.getAttribute('aria-pressed') === 'true');
    if (this.#box.hidden || chosen?.hidden) this.#choose(this.#chips[0]);
  }

  /** @param {HTMLButtonElement | undefined} chosen */
  #choose(chosen) {
    for (const chip of this.#chips) chip.setAttribute('aria-pressed', String(chip === chosen));
    this.#wall.only(chosen?.dataset.group ?? '');
  }
}
