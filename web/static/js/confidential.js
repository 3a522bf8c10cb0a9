/**
 * A confidential meeting on the page: the officer's switch, the mark with the digits to compare, and what is said where a
 * browser cannot take part. From the server's word on, nothing goes out before it can be sealed.
 */

import { optionalPart, part } from './part.js';
import { inLanguage, word } from './words.js';

/** @typedef {import('./sealing.js').Sealing} Sealing */

export class Confidential {
  #root;
  #box;
  #line;
  #isSealed = false;
  /** @type {Map<string, string>} digits by participant */
  #codes = new Map();
  /** @type {import('./protocol').Participant[]} */
  #people = [];
  /** Whose browser takes no part. */
  #cannot = '';

  /**
   * @param {HTMLElement} root the page of the meeting
   * @param {import('./line.js').Line} line
   */
  constructor(root, line) {
    this.#root = root;
    this.#box = part(root, 'sealing', HTMLElement);
    this.#line = line;
    const { signaling } = line;
    signaling.on('sealed', () => this.#sealed());
    signaling.on('participants', ({ participants }) => {
      this.#people = participants;
      if (this.#isSealed && !canSeal()) this.#tellOthers();
      this.#show();
    });
    const question = optionalPart(root, 'seal-question', HTMLDialogElement);
    optionalPart(root, 'seal', HTMLButtonElement)?.addEventListener('click', () => question?.showModal());
    optionalPart(root, 'seal-yes', HTMLButtonElement)?.addEventListener('click', () => {
      question?.close();
      line.send({ type: 'seal_meeting' });
    });
    optionalPart(root, 'seal-dial', HTMLFormElement)?.addEventListener('submit', () => {
      line.send({ type: 'call_back', participant: this.#cannot });
    });
  }

  async #sealed() {
    if (this.#isSealed) return;
    this.#isSealed = true;
    this.#line.hold();
    this.#box.hidden = false;
    for (const name of ['seal', 'record-menu']) optionalPart(this.#root, name, HTMLElement)?.remove();
    part(this.#root, 'lines-open', HTMLElement).hidden = false;
    part(this.#root, 'seal-cannot', HTMLElement).hidden = canSeal();
    part(this.#box, 'seal-mark', HTMLElement).hidden = !canSeal();
    if (!canSeal()) {
      this.#tellOthers();
      return;
    }
    this.#show();
    const { Sealing } = await import('./sealing.js');
    const sealing = new Sealing(this.#line);
    sealing.on('codes', (codes) => {
      this.#codes = codes;
      this.#show();
    });
    sealing.on('changed', (id) => {
      this.#box.dataset.key = String(id);
    });
    sealing.on('cannot', (who) => {
      this.#cannot = who;
      this.#show();
    });
    this.#line.seal(sealing);
  }

  /** The officer learns why nobody is seen there. */
  #tellOthers() {
    const note = btoa(JSON.stringify({ kind: 'cannot' })).replaceAll('=', '');
    for (const { participant, role } of this.#people) {
      if (role === 'officer') this.#line.send({ type: 'seal', participant, note });
    }
  }

  #show() {
    if (!this.#isSealed) return;
    const code = part(this.#box, 'seal-code', HTMLElement);
    const known = this.#people.flatMap(({ participant, title }) => {
      const digits = this.#codes.get(participant);
      return digits === undefined ? [] : [{ name: inLanguage(title), code: `${digits.slice(0, 3)} ${digits.slice(3)}` }];
    });
    const [first] = known;
    const isAlone = known.length === 1 && first !== undefined;
    const codes = isAlone ? first.code : known.map((one) => word('live-js-seal-with', one)).join(' · ');
    // With oneself, and with whom nothing can be agreed, nothing is waited for.
    const awaited = this.#people.filter(({ participant, role }) => role !== 'outside' && participant !== this.#cannot).length - 1;
    const text = known.length > 0 || awaited < 1 ? codes : word('live-js-seal-waits');
    if (code.textContent !== text) code.textContent = text;
    part(this.#box, 'seal-compare', HTMLElement).hidden = known.length === 0;
    const form = optionalPart(this.#root, 'seal-dial', HTMLFormElement);
    const lost = this.#people.find(({ participant }) => participant === this.#cannot);
    if (form === null) return;
    form.hidden = lost === undefined;
    if (lost !== undefined) part(form, 'seal-dial-name', HTMLElement).textContent = inLanguage(lost.title);
  }
}

/** Encoded transforms: Chromium and Firefox have them, and older telephones do not. */
function canSeal() {
  return 'RTCRtpScriptTransform' in window;
}
