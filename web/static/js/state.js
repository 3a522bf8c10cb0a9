/**
 * The state of the page, in one place: `<html data-state>` for style and tests, `hidden` for what
 * belongs to other states, a sentence in the live region for those who do not see it change.
 */

import { optionalPart } from './part.js';

export class PageState {
  #root;
  #live;
  /** @type {string[]} the states that are shown in dark colours */
  #dark;

  /** @param {HTMLElement} root the part that holds everything marked `data-show` */
  constructor(root) {
    this.#root = root;
    this.#dark = (root.dataset.dark ?? '').split(' ');
    this.#live = optionalPart(root, 'live', HTMLElement);
  }

  /** The name of the state that is shown now; empty before the first. */
  get name() {
    return document.documentElement.dataset.state ?? '';
  }

  /**
   * Shows what is marked with `data-show="… name …"` and hides what is marked for others only.
   * Moves the focus to the state's `data-focus` element, so that the keyboard follows the eye.
   *
   * @param {string} name
   * @param {string} [sentence] said aloud by screen readers
   */
  show(name, sentence = '') {
    const isNew = this.name !== name;
    document.documentElement.dataset.state = name;
    document.documentElement.dataset.colours = this.#dark.includes(name) ? 'dark' : 'light';
    /** @type {HTMLElement | null} */
    let target = null;
    for (const element of this.#root.querySelectorAll('[data-show]')) {
      if (!(element instanceof HTMLElement)) continue;
      element.hidden = !(element.dataset.show ?? '').split(' ').includes(name) || 'shut' in element.dataset;
    }
    for (const element of this.#root.querySelectorAll('[data-focus]')) {
      if (!(element instanceof HTMLElement)) continue;
      if ((element.dataset.focus ?? '').split(' ').includes(name)) target = element;
    }
    if (isNew) target?.focus({ preventScroll: true });
    if (sentence !== '') this.say(sentence);
  }

  /** @param {string} sentence said aloud by screen readers, shown to nobody else */
  say(sentence) {
    if (this.#live !== null) this.#live.textContent = sentence;
  }
}
