/**
 * A sealed call on the page of a seat: its line goes sealed with it and open again after it, the mark with the digits to compare,
 * and what is said where a browser cannot take part.
 *
 * From the moment on at which a sealed call is here, no track of this page is on a line that is not sealed. The line itself is
 * changed once the server has answered, for until then it must know this page to be there.
 */

import { part } from './part.js';
import { word } from './words.js';

/** @typedef {import('./calls.js').Calls} Calls */
/** @typedef {import('./sealing.js').Sealing} Sealing */

/** What seals is loaded again after a moment, and after a longer one when that did not help. */
const RETRY_MS_MIN = 250;
const RETRY_MS_MAX = 8_000;

export class CallSealing {
  #root;
  #box;
  #calls;
  #line;
  /** The call for which the line is sealed, or about to be. @type {string | null} */
  #call = null;
  /** @type {Sealing | null} */
  #sealing = null;
  #isLocked = false;
  #code = '';
  /** The other one's browser takes no part. */
  #isLost = false;
  #tries = 0;
  #retry = 0;

  /**
   * @param {HTMLElement} root
   * @param {Calls} calls
   * @param {{ line: import('./line.js').Line, seal: (call: string) => void }} acts `seal`: the person makes this call sealed
   */
  constructor(root, calls, { line, seal }) {
    this.#root = root;
    this.#calls = calls;
    this.#line = line;
    this.#box = part(root, 'sealing', HTMLElement);
    line.signaling.on('welcome', () => {
      if (canSeal()) line.send({ type: 'can_seal' });
    });
    part(root, 'seal', HTMLButtonElement).addEventListener('click', () => {
      part(root, 'more-question', HTMLDialogElement).close();
      const { here } = calls;
      if (here !== null) seal(here.call);
    });
  }

  /** Before anything is attached for a call: nothing of a sealed one goes out but sealed. */
  lock() {
    const { here, ring } = this.#calls;
    if ((here ?? ring)?.sealed !== true || this.#isLocked) return;
    this.#isLocked = true;
    this.#line.lock();
    // It is asked for while it rings, so that nobody waits for it after.
    if (canSeal()) import('./sealing.js').catch(() => null);
  }

  /** Brings the line and the mark to where the calls stand, once what belongs to no call any more is off the line. */
  look() {
    const { here, ring } = this.#calls;
    const known = here ?? ring;
    const isSealed = known?.sealed === true;
    // Between two words of the server it is not known which call will be here.
    if (!this.#calls.isPending) this.#follow(here?.sealed === true && here.state === 'accepted' ? here.call : null, isSealed);
    this.#show(known);
  }

  /**
   * @param {string | null} call in which we are with somebody
   * @param {boolean} isSealed what is here or rings is sealed
   */
  #follow(call, isSealed) {
    if (call !== this.#call) {
      this.#stop();
      this.#call = call;
      if (call !== null && canSeal()) {
        this.#line.hold();
        this.#begin(call);
      } else if (call !== null) this.#tellOther(call);
    }
    if (isSealed || !this.#isLocked) return;
    this.#isLocked = false;
    this.#line.unlock();
  }

  /** The other one learns why nothing comes from here. @param {string} call */
  #tellOther(call) {
    const participant = this.#insideOf(call);
    const note = btoa(JSON.stringify({ kind: 'cannot' })).replaceAll('=', '');
    if (participant !== undefined) this.#line.send({ type: 'seal', participant, note });
  }

  #stop() {
    clearTimeout(this.#retry);
    this.#sealing?.stop();
    this.#sealing = null;
    this.#code = '';
    this.#isLost = false;
    this.#tries = 0;
    delete this.#box.dataset.key;
  }

  /** Everything stays silent until what seals has come: it is asked for until then. @param {string} call */
  async #begin(call) {
    const [other] = this.#calls.get(call)?.members.keys() ?? [];
    const two = { call, other: this.#insideOf(call) ?? other ?? '' };
    const sealing = await load(this.#line, two, this.#tries).catch(() => null);
    if (call !== this.#call) sealing?.stop();
    else if (sealing === null) this.#again(call);
    else this.#use(sealing, two);
  }

  /** @param {string} call @returns {string | undefined} who is in it with us, not who was */
  #insideOf(call) {
    return [...(this.#calls.get(call)?.members ?? [])].find(([, stands]) => stands === 'inside' || stands === 'held')?.[0];
  }

  /** @param {string} call */
  #again(call) {
    this.#tries += 1;
    this.#retry = setTimeout(() => this.#begin(call), Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** this.#tries));
  }

  /**
   * @param {Sealing} sealing
   * @param {import('./sealing.js').Two} two
   */
  #use(sealing, { call, other }) {
    this.#sealing = sealing;
    sealing.on('codes', (codes) => {
      this.#code = codes.get(other) ?? '';
      this.#isLost &&= this.#code === '';
      this.look();
    });
    sealing.on('changed', (id) => {
      this.#box.dataset.key = String(id);
    });
    sealing.on('cannot', () => {
      this.#isLost = true;
      this.look();
    });
    sealing.on('failed', () => {
      sealing.stop();
      this.#sealing = null;
      this.#code = '';
      this.#line.hold();
      this.#again(call);
    });
    this.#line.seal(sealing);
  }

  /** @param {import('./calls.js').Known | null} known */
  #show(known) {
    const isSealed = known?.sealed === true;
    const isTalk = isSealed && this.#calls.shown === 'in-call';
    this.#box.hidden = !isSealed;
    document.documentElement.dataset.sealed = !isSealed ? 'no' : isTalk && this.#code !== '' ? 'yes' : 'coming';
    part(this.#box, 'seal-cannot', HTMLElement).hidden = canSeal();
    part(this.#box, 'seal-mark', HTMLElement).hidden = !canSeal();
    part(this.#box, 'seal-title', HTMLElement).textContent = word(isTalk && this.#code !== '' ? 'live-js-seal-mark' : 'live-js-seal-title');
    const says = isTalk ? (this.#isLost ? 'live-js-seal-lost' : 'live-js-seal-waits') : this.#calls.shown === 'incoming' ? 'live-js-seal-rung' : 'live-js-seal-rings';
    const text = isTalk && this.#code !== '' ? `${this.#code.slice(0, 3)} ${this.#code.slice(3)}` : word(says);
    const code = part(this.#box, 'seal-code', HTMLElement);
    if (code.textContent !== text) code.textContent = text;
    part(this.#box, 'seal-compare', HTMLElement).hidden = !isTalk || this.#code === '';
    this.#offer(known, isSealed);
  }

  /**
   * Only a call of two is made sealed, and into a sealed one nobody is added.
   *
   * @param {import('./calls.js').Known | null} known
   * @param {boolean} isSealed
   */
  #offer(known, isSealed) {
    const others = [...(known?.members.values() ?? [])].filter((stands) => ['inside', 'held', 'rung', 'frosted'].includes(stands));
    const isOfTwo = known?.state === 'accepted' && others.length === 1 && others[0] === 'inside';
    for (const name of ['seal', 'seal-text']) part(this.#root, name, HTMLElement).hidden = isSealed || !isOfTwo || !canSeal();
    for (const name of ['add', 'hand-over']) part(this.#root, name, HTMLElement).hidden = isSealed;
    part(this.#root, 'seal-closed', HTMLElement).hidden = !isSealed;
    // A ring that this browser cannot take here is answered in another way, or at another device.
    part(this.#root, 'accept', HTMLElement).hidden = isSealed && !canSeal();
  }
}

/**
 * A browser never asks again for a module that once did not come, so that each try asks in other words.
 *
 * @param {import('./line.js').Line} line
 * @param {import('./sealing.js').Two} two
 * @param {number} tries before this one
 */
async function load(line, two, tries) {
  const module = await import(tries === 0 ? './sealing.js' : `./sealing.js?try=${tries}`);
  return /** @type {typeof import('./sealing.js')} */ (module).Sealing.begin(line, two);
}

/** Encoded transforms: Chromium and Firefox have them, and older telephones do not. */
export function canSeal() {
  return 'RTCRtpScriptTransform' in window;
}
