/**
 * «Confidential» over the tiles: pressed, the next tile rings for a sealed call, by a tap or by Enter. Never rings by itself.
 */

import { optionalPart, part } from './part.js';

export class Confidence {
  #button;
  #hint;
  #isOn = false;

  /**
   * @param {HTMLElement} root has the tiles
   * @param {() => void} [chosen] it is pressed: what else was chosen to be done with a tile is not meant
   */
  constructor(root, chosen = () => {}) {
    this.#button = part(root, 'confidential', HTMLButtonElement);
    this.#hint = part(root, 'confidential-hint', HTMLElement);
    this.#button.addEventListener('click', () => {
      this.#isOn = !this.#isOn;
      if (this.#isOn) chosen();
      this.#show();
    });
    optionalPart(root, 'choose', HTMLButtonElement)?.addEventListener('click', () => this.clear());
    root.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape' && this.#isOn) this.clear();
    });
  }

  get isOn() {
    return this.#isOn;
  }

  /** How the next tile rings. @returns {'open' | 'sealed'} */
  get how() {
    return this.#isOn ? 'sealed' : 'open';
  }

  /** A tile rings as ever. */
  clear() {
    this.#isOn = false;
    this.#show();
  }

  #show() {
    this.#button.setAttribute('aria-pressed', String(this.#isOn));
    this.#hint.hidden = !this.#isOn;
  }
}
