/**
 * A confidential meeting on the page: the officer's switch, the mark with the digits to compare, and what is said where a
 * browser cannot take part. From the server's word on, nothing goes out before it can be sealed.
 */

import { optionalPart, part } from './part.js';
import { inLanguage, word } from './words.js';

/** @typedef {import('./sealing.js').Sealing} Sealing */
/** @typedef {import('./protocol').Participant} Participant */

/** What seals is loaded again after a moment, and after a longer one when that did not help. */
const RETRY_MS_MIN = 250;
const RETRY_MS_MAX = 8_000;

export class Confidential {
  #root;
  #box;
  #line;
  #isSealed = false;
  /** @type {Map<string, string>} digits by participant */
  #codes = new Map();
  /** @type {Participant[]} */
  #people = [];
  /** Whose browsers take no part. @type {Set<string>} */
  #cannot = new Set();
  #tries = 0;

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
      // Whoever comes again may come with another browser.
      for (const who of this.#cannot) if (!participants.some(({ participant }) => participant === who)) this.#cannot.delete(who);
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
      const [citizen] = this.#lost((role) => role === 'citizen');
      if (citizen !== undefined) line.send({ type: 'call_back', participant: citizen.participant });
    });
  }

  #sealed() {
    if (this.#isSealed) return;
    this.#isSealed = true;
    this.#line.hold();
    this.#box.hidden = false;
    part(this.#root, 'lines-open', HTMLElement).hidden = false;
    part(this.#root, 'seal-cannot', HTMLElement).hidden = canSeal();
    part(this.#box, 'seal-mark', HTMLElement).hidden = !canSeal();
    this.#removeSwitches();
    this.#show();
    if (canSeal()) this.#begin();
    else this.#tellOthers();
  }

  /** What can be pressed no more goes; a keyboard that was there goes on at the mark. */
  #removeSwitches() {
    for (const name of ['seal', 'record-menu']) {
      const gone = optionalPart(this.#root, name, HTMLElement);
      const hadFocus = gone?.contains(document.activeElement) === true;
      gone?.remove();
      if (hadFocus) part(this.#root, canSeal() ? 'seal-mark' : 'more', HTMLElement).focus();
    }
  }

  /** Everything stays silent until what seals has come: it is asked for until then. */
  async #begin() {
    const sealing = await load(this.#line, this.#tries).catch(() => null);
    if (sealing === null) this.#again();
    else this.#use(sealing);
  }

  /** Once more after a pause. The line says by itself when it is up again. */
  #again() {
    const isInside = ['waiting', 'meeting'].includes(document.documentElement.dataset.state ?? '');
    if (isInside) part(this.#root, 'reconnecting', HTMLElement).hidden = false;
    this.#tries += 1;
    setTimeout(() => this.#begin(), Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** this.#tries));
  }

  /** @param {Sealing} sealing */
  #use(sealing) {
    sealing.on('codes', (codes) => {
      this.#codes = codes;
      for (const who of codes.keys()) this.#cannot.delete(who);
      this.#show();
    });
    sealing.on('changed', (id) => {
      this.#box.dataset.key = String(id);
    });
    sealing.on('cannot', (who) => {
      this.#cannot.add(who);
      this.#show();
    });
    sealing.on('failed', () => {
      sealing.stop();
      this.#line.hold();
      this.#again();
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
    const awaited = this.#people.filter(({ participant, role }) => role !== 'outside' && !this.#cannot.has(participant)).length - 1;
    const text = known.length > 0 || awaited < 1 ? codes : word('live-js-seal-waits');
    if (code.textContent !== text) code.textContent = text;
    part(this.#box, 'seal-compare', HTMLElement).hidden = known.length === 0;
    // The office has the number of the citizen alone; nobody else may be promised a call.
    this.#name('seal-dial', this.#lost((role) => role === 'citizen').slice(0, 1));
    this.#name('seal-lost', this.#lost((role) => role !== 'citizen'));
  }

  /**
   * Who is inside with a browser that takes no part.
   *
   * @param {(role: import('./protocol').Role) => boolean} isMeant
   */
  #lost(isMeant) {
    return this.#people.filter(({ participant, role }) => this.#cannot.has(participant) && isMeant(role));
  }

  /**
   * Shows what is said about these, or nothing when there is nobody.
   *
   * @param {string} name of the part; its own part with `-name` takes the names
   * @param {Participant[]} people
   */
  #name(name, people) {
    const note = optionalPart(this.#root, name, HTMLElement);
    if (note === null) return;
    note.hidden = people.length === 0;
    const names = people.map(({ title }) => inLanguage(title)).join(', ');
    if (people.length > 0) part(note, `${name}-name`, HTMLElement).textContent = names;
  }
}

/**
 * A browser never asks again for a module that once did not come, so that each try asks in other words.
 *
 * @param {import('./line.js').Line} line
 * @param {number} tries before this one
 */
async function load(line, tries) {
  const module = await import(tries === 0 ? './sealing.js' : `./sealing.js?try=${tries}`);
  return /** @type {typeof import('./sealing.js')} */ (module).Sealing.begin(line);
}

/** Encoded transforms: Chromium and Firefox have them, and older telephones do not. */
function canSeal() {
  return 'RTCRtpScriptTransform' in window;
}
