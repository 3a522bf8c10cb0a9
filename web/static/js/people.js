/**
 * Who is in the meeting, with the hands that are up first; and what officer and desk may do about each.
 */

import { copyOf, optionalPart, part } from './part.js';
import { inLanguage, word } from './words.js';

/** @typedef {import('./protocol').Participant} Participant */
/** @typedef {import('./signaling.js').Signaling} Signaling */

/** How long a first press on «send out» waits for the second. */
const SURE_MS = 5_000;

export class People {
  #root;
  #list;
  #count;
  #signaling;
  #own = '';
  /** @type {Participant[]} */
  #people = [];
  #handChanged;
  /** @type {Set<string>} whose hand was up when last looked */
  #hands = new Set();
  #live;

  /**
   * @param {HTMLElement} root the page of the meeting
   * @param {Signaling} signaling
   * @param {(isUp: boolean) => void} handChanged where the own hand is
   */
  constructor(root, signaling, handChanged) {
    this.#root = root;
    this.#signaling = signaling;
    this.#list = part(root, 'people', HTMLUListElement);
    this.#count = part(root, 'people-count', HTMLElement);
    this.#live = optionalPart(root, 'live', HTMLElement);
    this.#handChanged = handChanged;
    signaling.on('welcome', (welcome) => {
      this.#own = welcome.participant;
    });
    signaling.on('participants', ({ participants }) => this.#changed(participants));
  }

  /** @param {Participant[]} people */
  #changed(people) {
    this.#people = [...people].sort((a, b) => (a.hand_ms ?? Infinity) - (b.hand_ms ?? Infinity));
    // A hall stands for those who sit in it.
    this.#count.textContent = String(people.reduce((sum, one) => sum + (one.people?.length ?? 1), 0));
    this.#reconcile();
    this.#handChanged(people.some((one) => one.participant === this.#own && one.hand_ms !== undefined));
    const up = new Set(people.filter((one) => one.hand_ms !== undefined).map((one) => one.participant));
    const fresh = people.find((one) => up.has(one.participant) && !this.#hands.has(one.participant) && one.participant !== this.#own);
    if (fresh !== undefined && this.#live !== null) {
      this.#live.textContent = word('live-js-talk-hand-raised', { name: inLanguage(fresh.title) });
    }
    this.#hands = up;
  }

  /** Rows are kept while their person is here, so that a button does not move away under a finger. */
  #reconcile() {
    const rows = new Map([...this.#list.children].map((row) => [row.getAttribute('data-participant'), row]));
    const wanted = this.#people.map((one) => {
      const row = /** @type {HTMLElement} */ (rows.get(one.participant) ?? this.#row(one));
      this.#describe(row, one);
      return row;
    });
    for (const row of rows.values()) if (!wanted.includes(/** @type {HTMLElement} */ (row))) row.remove();
    wanted.forEach((row, at) => {
      if (this.#list.children[at] !== row) this.#list.insertBefore(row, this.#list.children[at] ?? null);
    });
  }

  /** @param {Participant} one */
  #row(one) {
    const row = copyOf(this.#root, 'person');
    const { participant } = one;
    row.dataset.participant = participant;
    const acts = optionalPart(row, 'person-acts', HTMLElement);
    if (acts === null) return row;
    // Nobody silences himself, the officer, or an encoder.
    if (participant === this.#own || one.role === 'officer' || one.role === 'outside') {
      acts.remove();
      return row;
    }
    const now = () => this.#people.find((other) => other.participant === participant) ?? one;
    const act = (/** @type {string} */ name, /** @type {() => void} */ deed) =>
      part(row, name, HTMLButtonElement).addEventListener('click', deed);
    act('lower', () => this.#signaling.send({ type: 'lower_hand', participant }));
    act('silence', () => this.#signaling.send({ type: 'silence', participant }));
    act('allow', () => this.#signaling.send({ type: 'allow_screen', participant, allowed: now().may_share !== true }));
    const remove = part(row, 'remove', HTMLButtonElement);
    act('remove', () => this.#remove(remove, now()));
    return row;
  }

  /**
   * @param {HTMLElement} row
   * @param {Participant} one
   */
  #describe(row, one) {
    const name = inLanguage(one.title);
    const isOwn = one.participant === this.#own;
    part(row, 'person-name', HTMLElement).textContent = isOwn ? `${name} (${word('live-js-talk-you')})` : name;
    const people = part(row, 'person-people', HTMLElement);
    people.textContent = (one.people ?? []).join(', ');
    people.hidden = one.people === undefined;
    part(row, 'person-hand', HTMLElement).hidden = one.hand_ms === undefined;
    part(row, 'person-hand-text', HTMLElement).textContent = word('live-js-talk-hand');
    part(row, 'person-microphone', HTMLElement).hidden = one.microphone && one.silenced !== true;
    if (optionalPart(row, 'person-acts', HTMLElement) === null) return;
    const lower = part(row, 'lower', HTMLButtonElement);
    lower.hidden = one.hand_ms === undefined;
    label(lower, word('live-js-talk-hand-down'), word('live-js-talk-hand-lower', { name }));
    const silence = part(row, 'silence', HTMLButtonElement);
    silence.disabled = one.silenced === true || !one.microphone;
    label(silence, word('live-js-talk-silence-short'), word('live-js-talk-silence', { name }));
    const may = one.may_share === true ? 'forbid' : 'allow';
    label(part(row, 'allow', HTMLButtonElement), word(`live-js-talk-${may}-short`), word(`live-js-talk-${may}`, { name }));
    const remove = part(row, 'remove', HTMLButtonElement);
    if (remove.dataset.sure !== 'true') label(remove, word('live-js-talk-remove-short'), word('live-js-talk-remove', { name }));
  }

  /**
   * Who is sent out cannot come back, so a second press is asked for.
   *
   * @param {HTMLButtonElement} button
   * @param {Participant} one
   */
  #remove(button, one) {
    if (button.dataset.sure === 'true') {
      this.#signaling.send({ type: 'deny', participant: one.participant });
      return;
    }
    button.dataset.sure = 'true';
    button.textContent = word('live-js-talk-remove-sure');
    button.removeAttribute('aria-label');
    setTimeout(() => {
      button.dataset.sure = 'false';
      const name = inLanguage(one.title);
      label(button, word('live-js-talk-remove-short'), word('live-js-talk-remove', { name }));
    }, SURE_MS);
  }
}

/**
 * @param {HTMLButtonElement} button
 * @param {string} text
 * @param {string} spoken says whom it is about
 */
function label(button, text, spoken) {
  if (button.textContent !== text) button.textContent = text;
  button.setAttribute('aria-label', spoken);
}
