/** Whom a chair calls in: seats one by one, or a group at a press; those who can be rung. */

import { part } from './part.js';
import { word } from './words.js';

/** @typedef {import('./protocol').Seat} SeatInfo */

const GROUPS = /** @type {const} */ (['department', 'division', 'district']);
const CANNOT = ['vacant', 'offline'];

export class ReviewChoice {
  #seat;
  #list;
  #count;
  #go;
  /** @type {Set<string>} */
  #chosen = new Set();

  /**
   * @param {HTMLElement} root
   * @param {import('./seat.js').Seat} seat
   */
  constructor(root, seat) {
    this.#seat = seat;
    this.#list = part(root, 'choose-list', HTMLElement);
    this.#count = part(root, 'choose-count', HTMLElement);
    this.#go = part(root, 'review-open', HTMLButtonElement);
    part(root, 'choose-groups', HTMLElement).append(...GROUPS.map((group) => this.#groupButton(group)));
    this.#list.addEventListener('change', (event) => this.#changed(event.target));
    part(root, 'choose-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      if (this.#chosen.size > 0) seat.ring([...this.#chosen], 'open_review');
    });
    seat.line.signaling.on('seats', () => this.#fill());
    seat.line.signaling.on('seat', () => this.#fill());
  }

  /** @param {SeatInfo['group']} group */
  #groupButton(group) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'chip';
    button.dataset.test = 'choose-group';
    button.dataset.group = group;
    button.textContent = word('live-js-review-choose-all', { group: word(`live-js-review-group-${group}`) });
    button.addEventListener('click', () => {
      const own = this.#seat.names.others.filter((one) => one.group === group && !CANNOT.includes(one.presence));
      const isAll = own.every(({ post }) => this.#chosen.has(post));
      for (const { post } of own) {
        if (isAll) this.#chosen.delete(post);
        else this.#chosen.add(post);
      }
      this.#fill();
    });
    return button;
  }

  /** @param {EventTarget | null} box */
  #changed(box) {
    if (!(box instanceof HTMLInputElement)) return;
    if (box.checked) this.#chosen.add(box.value);
    else this.#chosen.delete(box.value);
    this.#tell();
  }

  #fill() {
    for (const seat of this.#seat.names.others) this.#show(seat);
    this.#tell();
  }

  /** @param {SeatInfo} seat */
  #show({ post, presence }) {
    const known = this.#list.querySelector(`input[value="${post}"]`);
    const box = known instanceof HTMLInputElement ? known : this.#box(post);
    box.disabled = CANNOT.includes(presence);
    if (box.disabled) this.#chosen.delete(post);
    box.checked = this.#chosen.has(post);
  }

  /** @param {string} post */
  #box(post) {
    const label = document.createElement('label');
    const box = document.createElement('input');
    box.type = 'checkbox';
    box.value = post;
    label.className = 'review-seat';
    label.dataset.test = 'choose-seat';
    label.append(box, ` ${this.#seat.names.name(post)}`);
    this.#list.append(label);
    return box;
  }

  #tell() {
    this.#go.disabled = this.#chosen.size === 0;
    this.#count.textContent = word('live-js-review-chosen', { n: this.#chosen.size });
  }
}
