/**
 * The others of a call beside their pictures: who is rung, who is away and why, each rung one with a button that stops its ring.
 *
 * Nothing is shown while there is nothing to say: a talk of two has its picture alone.
 */

import { copyOf, part } from './part.js';
import { absentOf, countsOf } from './results.js';
import { keyOf, word } from './words.js';

/** @typedef {import('./calls.js').Known} Known */

/** So many stand in the open; of more there is one line, and the list behind it. */
const OPEN_MAX = 3;

export class Members {
  #root;
  #box;
  #sum;
  #list;
  #name;
  #stop;
  /** @type {string} the call whose list the person has opened or shut */
  #call = '';
  #isFew = true;
  /** @type {Map<string, HTMLElement>} by post */
  #rows = new Map();

  /**
   * @param {HTMLElement} root
   * @param {(post: string) => string} name
   * @param {(call: string, post: string) => void} stop stops a ring
   */
  constructor(root, name, stop) {
    this.#root = root;
    this.#box = part(root, 'members', HTMLDetailsElement);
    this.#sum = part(root, 'members-sum', HTMLElement);
    this.#list = part(root, 'members-list', HTMLElement);
    this.#name = name;
    this.#stop = stop;
  }

  /** @param {Known | null} known the call that is shown */
  show(known) {
    const absent = known === null ? [] : absentOf(known);
    this.#box.hidden = absent.length === 0;
    if (known === null || absent.length === 0) return;
    this.#sum.textContent = this.#tell(known);
    const wanted = new Set(absent.map(([post]) => post));
    for (const [post, row] of this.#rows) {
      if (wanted.has(post)) continue;
      row.remove();
      this.#rows.delete(post);
    }
    for (const [post, state] of absent) this.#row(known.call, post, state);
    const isFew = absent.length <= OPEN_MAX;
    if (isFew || this.#isFew || this.#call !== known.call) this.#box.open = isFew;
    this.#box.dataset.few = String(isFew);
    this.#isFew = isFew;
    this.#call = known.call;
  }

  /** The whole list in one line. @param {Known} known */
  #tell(known) {
    const n = [...known.members.values()].filter((state) => isRung(state)).length;
    const held = [...known.members.values()].filter((state) => state === 'held').length;
    const rung = n === 0 ? [] : [word('live-js-count-rung', { n })];
    const away = held === 0 ? [] : [word('live-js-count-held', { n: held })];
    return [...rung, ...away, ...countsOf(known).map(({ key, values }) => word(key, values))].join(' · ');
  }

  /**
   * @param {string} call
   * @param {string} post
   * @param {import('./calls.js').MemberState} state
   */
  #row(call, post, state) {
    const row = this.#rows.get(post) ?? copyOf(this.#root, 'member');
    const name = this.#name(post);
    part(row, 'member-text', HTMLElement).textContent = word(keyOf('live-js-member', state), { post: name });
    row.dataset.post = post;
    row.dataset.state = state;
    const stop = part(row, 'member-stop', HTMLButtonElement);
    if (!isRung(state) && stop === document.activeElement) part(this.#root, 'other', HTMLElement).focus();
    stop.hidden = !isRung(state);
    stop.setAttribute('aria-label', word('live-js-member-stop', { post: name }));
    stop.onclick = () => this.#stop(call, post);
    if (!this.#rows.has(post)) this.#list.append(row);
    this.#rows.set(post, row);
  }
}

/** Whether a seat may still be told that it is not wanted any more. @param {import('./calls.js').MemberState} state */
function isRung(state) {
  return state === 'rung' || state === 'frosted';
}
