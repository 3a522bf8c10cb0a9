/**
 * The lobby at the officer's and the desk's side: who waits, since when, and the two answers.
 *
 * Who may answer is decided by the server; a refused answer only brings the list back.
 */

import { copyOf, part } from './part.js';
import { knock } from './sound.js';
import { FirstInLine } from './waiting.js';
import { inLanguage, word } from './words.js';

/** @typedef {import('./protocol').Waiting} Waiting */

const MINUTE_MS = 60_000;
const REFRESH_MS = 20_000;
/** How long a first press on «not now» waits for the second. */
const SURE_MS = 5_000;

export class LobbyPanel {
  #root;
  #signaling;
  #list;
  #count;
  #empty;
  #live;
  /** @type {Waiting[]} */
  #waiting = [];

  /**
   * @param {HTMLElement} root the panel, with the list and the template `lobby-row`
   * @param {import('./signaling.js').Signaling} signaling
   */
  constructor(root, signaling) {
    this.#root = root;
    this.#signaling = signaling;
    this.#list = part(root, 'lobby-list', HTMLUListElement);
    this.#count = part(root, 'lobby-count', HTMLElement);
    this.#empty = part(root, 'lobby-empty', HTMLElement);
    this.#live = part(root, 'lobby-live', HTMLElement);
    signaling.on('lobby', (lobby) => this.#changed(lobby.waiting));
    new FirstInLine(root, signaling);
    setInterval(() => this.#tellTimes(), REFRESH_MS);
  }

  /** @param {Waiting[]} waiting longest wait first */
  #changed(waiting) {
    const known = new Set(this.#waiting.map((one) => one.participant));
    const fresh = waiting.filter((one) => !known.has(one.participant));
    this.#waiting = waiting;
    this.#reconcile();
    this.#count.textContent = String(waiting.length);
    this.#root.dataset.waiting = String(waiting.length);
    this.#empty.hidden = waiting.length > 0;
    const newest = fresh.at(-1);
    if (newest === undefined) return;
    this.#live.textContent = word('live-js-came', { name: inLanguage(newest.title) });
    knock();
  }

  /** Rows are kept while their person waits, so that a button does not move away under a finger. */
  #reconcile() {
    const rows = new Map([...this.#list.children].map((row) => [row.getAttribute('data-participant'), row]));
    const wanted = this.#waiting.map((one) => rows.get(one.participant) ?? this.#row(one));
    for (const row of rows.values()) if (!wanted.includes(row)) row.remove();
    wanted.forEach((row, at) => {
      if (this.#list.children[at] !== row) this.#list.insertBefore(row, this.#list.children[at] ?? null);
    });
    this.#tellTimes();
  }

  /** @param {Waiting} one */
  #row(one) {
    const row = copyOf(this.#root, 'lobby-row');
    row.dataset.participant = one.participant;
    const name = inLanguage(one.title);
    part(row, 'lobby-name', HTMLElement).textContent = name;
    const people = part(row, 'lobby-people', HTMLElement);
    people.textContent = (one.people ?? []).join(', ');
    people.hidden = one.people === undefined;
    const { participant } = one;
    const admit = part(row, 'admit', HTMLButtonElement);
    const deny = part(row, 'deny', HTMLButtonElement);
    admit.addEventListener('click', () => this.#signaling.send({ type: 'admit', participant }));
    deny.addEventListener('click', () => this.#deny(deny, one));
    admit.setAttribute('aria-label', word('live-js-admit-name', { name }));
    deny.setAttribute('aria-label', word('live-js-deny-name', { name }));
    return row;
  }

  /**
   * Somebody who is sent away cannot come back, so a second press is asked for.
   *
   * @param {HTMLButtonElement} button
   * @param {Waiting} one
   */
  #deny(button, one) {
    if (button.dataset.sure === 'true') {
      this.#signaling.send({ type: 'deny', participant: one.participant });
      return;
    }
    const [said, spoken] = [button.textContent, button.getAttribute('aria-label') ?? ''];
    button.dataset.sure = 'true';
    button.textContent = word('live-js-deny-sure');
    button.removeAttribute('aria-label');
    setTimeout(() => {
      button.dataset.sure = 'false';
      button.textContent = said;
      button.setAttribute('aria-label', spoken);
    }, SURE_MS);
  }

  #tellTimes() {
    for (const one of this.#waiting) {
      const row = this.#list.querySelector(`[data-participant="${CSS.escape(one.participant)}"]`);
      if (row === null) continue;
      const minutes = Math.max(0, Math.floor((Date.now() - one.since_ms) / MINUTE_MS));
      const text = minutes === 0 ? word('live-js-since-now') : word('live-js-since', { n: minutes });
      part(row, 'lobby-since', HTMLElement).textContent = text;
    }
  }
}
