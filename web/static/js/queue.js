/**
 * The officer's queue: one key a button, and what is shown is renewed in its place, so no key meets a page that is leaving.
 *
 * One act at a time: a key that is pressed while another act is on its way waits for the queue as that one left it.
 * Whoever is being written down for a token stays untouched, for the form lies outside what is renewed.
 */

import { Hold } from './hold.js';
import { part } from './part.js';

/** @param {EventTarget | null} target */
function isTyping(target) {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/** Today's queue of one post. Enhances the forms that the server rendered. */
class Queue {
  /** @param {HTMLElement} root  @throws {PartError} if the queue is missing from the page */
  constructor(root) {
    this.live = part(root, 'live', HTMLElement);
    this.failed = part(root, 'failed', HTMLElement);
    /** @type {(() => Promise<void>) | null} what comes when the act that is on its way is over; the latest only */
    this.next = null;
    this.isBusy = false;
    /** Something has changed that is not shown yet. */
    this.isStale = false;
    this.known = '';
    this.range = root.dataset.range ?? '';
    new Hold(root, (action, asked) => this.lastly(() => this.renew(action, asked)));
    this.live.addEventListener('toggle', () => this.look(), { capture: true });
    document.addEventListener('keydown', (event) => this.pressed(event));
    this.live.addEventListener('submit', (event) => this.submitted(event));
    new EventSource(root.dataset.events ?? '').addEventListener('board', ({ data }) => this.told(data));
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
    const key = CSS.escape(event.key.toLowerCase());
    if (this.isBusy) this.next = async () => this.button(key)?.click();
    else {
      const button = this.button(key);
      if (button === null) return;
      event.preventDefault();
      button.click();
    }
  }

  /** The button of a key in the queue as it is shown now. @param {string} key */
  button(key) {
    const found = this.live.querySelector(`button[data-key="${key}"]`);
    return found instanceof HTMLButtonElement && !found.disabled ? found : null;
  }

  /** @param {SubmitEvent} event */
  submitted(event) {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.dataset.held !== undefined) return;
    event.preventDefault();
    if (this.isBusy) return;
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form, event.submitter)) body.append(name, String(value));
    this.carry(() => this.renew(form.action, { method: 'POST', body }));
  }

  /** Somebody changed the queue, here or elsewhere. @param {string} data */
  told(data) {
    const { inside, called, next, waiting, expected, late_until_ms: late } = JSON.parse(data);
    const order = next.map((/** @type {{ number: number }} */ { number }) => number);
    const now = JSON.stringify([inside, called, order, waiting, expected, late]);
    for (const { number, from, to } of next) {
      const minutes = this.live.querySelector(`[data-minutes="${number}"]`);
      if (minutes !== null && from !== undefined) minutes.textContent = this.range.replace('{from}', from).replace('{to}', to);
    }
    this.isStale ||= this.known !== '' && this.known !== now;
    this.known = now;
    this.look();
  }

  /** Shows the queue as it is now, unless somebody is writing a reason: it would be gone under the hand. */
  look() {
    if (!this.isStale || this.live.querySelector('details[open]') !== null) return;
    const look = () => {
      this.isStale = false;
      return this.renew(window.location.href.replace(/&done=[^&]*/, ''));
    };
    if (!this.isBusy) this.carry(look);
    else this.next ??= async () => this.carry(look);
  }

  /** Waits for what is on its way, then acts. @param {() => Promise<void>} act  @returns {Promise<void>} */
  lastly(act) {
    return new Promise((done, fail) => {
      const told = () => this.carry(() => act().then(done, (error) => { fail(error); throw error; }));
      if (!this.isBusy) told();
      else {
        const before = this.next;
        this.next = async () => { await before?.(); await told(); };
      }
    });
  }

  /** @param {() => Promise<void>} act */
  async carry(act) {
    this.isBusy = true;
    try {
      await act();
      this.failed.hidden = true;
    } catch {
      this.failed.hidden = false;
    }
    this.isBusy = false;
    const { next } = this;
    this.next = null;
    await next?.();
  }

  /**
   * Asks, and puts what the answer shows in the place of what was shown.
   * @param {string} address  @param {RequestInit} [asked]
   */
  async renew(address, asked = {}) {
    const answer = await fetch(address, asked);
    if (!answer.ok) throw new Error(String(answer.status));
    const shown = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('[data-module="queue"] [data-part="live"]');
    // Whoever is signed out meanwhile is shown the door, not a queue.
    if (shown === null) return window.location.assign(answer.url);
    const hadFocus = this.live.contains(document.activeElement);
    this.live.replaceChildren(...shown.childNodes);
    if (hadFocus) this.live.querySelector('button')?.focus();
  }
}

/** @param {HTMLElement} root */
export function start(root) {
  new Queue(root);
  document.documentElement.dataset.queue = 'ready';
}
