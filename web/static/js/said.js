/** What the page says of itself: what came of a call, how the line is, and the tap that a browser may want before it plays sound. */

import { part } from './part.js';
import { word } from './words.js';

const RESULT_MS = 8_000;

export class Said {
  #root;
  #state;
  #result;
  #timer = 0;

  /**
   * @param {HTMLElement} root
   * @param {import('./state.js').PageState} state
   * @param {import('./line.js').Line} line
   */
  constructor(root, state, line) {
    this.#root = root;
    this.#state = state;
    this.#result = part(root, 'result', HTMLElement);
    line.on('up', () => this.#tellLine('up'));
    line.on('down', () => this.#tellLine('down'));
    line.on('quality', (quality) => {
      document.documentElement.dataset.quality = quality;
      part(root, 'quality-text', HTMLElement).textContent = word(`live-js-quality-${quality}`);
    });
  }

  /** @param {string} sentence shown for a while; empty takes the one before away */
  result(sentence) {
    clearTimeout(this.#timer);
    this.#result.textContent = sentence;
    this.#result.hidden = sentence === '';
    this.#timer = setTimeout(() => (this.#result.hidden = true), RESULT_MS);
    if (sentence !== '') this.#state.say(sentence);
  }

  /** @param {'up' | 'down'} line */
  #tellLine(line) {
    document.documentElement.dataset.line = line;
    part(this.#root, 'reconnecting', HTMLElement).hidden = line === 'up';
    if (line === 'down') this.#state.say(word('live-js-line-down'));
  }
}
