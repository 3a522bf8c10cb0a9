/**
 * A terminal that has no seat yet, or none any more: it shows that it has its key, or shows a code until somebody enrols it.
 *
 * The key is made here and never leaves: the browser keeps it where no script can read its private half.
 */

import { ask, Refused } from './kiosk_server.js';
import { keepWaitingPage } from './kiosk_keep.js';
import { forgetKey, ownKey } from './kiosk_key.js';
import { part } from './part.js';
import { PageState } from './state.js';

/** How often it looks whether somebody has typed the code, and whether somebody holds the post. */
const LOOK_MS = 2_000;
/** How long it rests after a question that failed. */
const REST_MS = 1_000;

/** @param {HTMLElement} root */
export function start(root) {
  new Opening(root).run();
  keepWaitingPage();
}

class Opening {
  #state;
  #code;
  #mark;
  /** When the code that is shown is no good any more, by the time since the page began. */
  #goodUntil = 0;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#state = new PageState(root);
    this.#code = part(root, 'code', HTMLElement);
    this.#mark = part(root, 'mark', HTMLElement);
  }

  async run() {
    if (globalThis.crypto?.subtle === undefined || globalThis.indexedDB === undefined) return this.#state.show('unsupported');
    this.#state.show('connecting');
    for (;;) {
      const pause = await this.#step().catch((error) => this.#failed(error));
      if (pause === null) return undefined;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  /** @returns {Promise<number | null>} how long to rest; nothing when the terminal is in */
  async #step() {
    const key = await ownKey();
    const { challenge } = await ask('/kiosk/challenge', { public_key: key.text });
    const signature = await key.sign(`sachivalaya terminal 1\n${location.origin}\n${key.text}\n${challenge}`);
    await ask('/kiosk/session', { public_key: key.text, challenge, signature });
    location.replace('/kiosk');
    return null;
  }

  /** @param {unknown} error @returns {Promise<number>} */
  async #failed(error) {
    const code = error instanceof Refused ? error.code : '';
    if (code === 'terminal-unknown') return this.#showCode().catch(() => this.#connecting());
    if (code === 'terminal-vacant') {
      this.#state.show('vacant');
      return LOOK_MS;
    }
    if (code === 'terminal-revoked') {
      await forgetKey();
      return 0;
    }
    return this.#connecting();
  }

  #connecting() {
    // A code that is still good stays: it can be typed elsewhere.
    if (this.#goodUntil < performance.now()) this.#state.show('connecting');
    return REST_MS;
  }

  async #showCode() {
    if (this.#goodUntil < performance.now()) {
      const { text } = await ownKey();
      const told = await ask('/kiosk/pair', { public_key: text });
      this.#goodUntil = performance.now() + told.lasts_ms;
      this.#code.textContent = told.code.replace(/^(....)/, '$1 ');
      this.#mark.textContent = told.mark;
    }
    this.#state.show('code');
    return LOOK_MS;
  }
}
