/**
 * The officer's queue: one key a button, and what is shown is renewed in its place, so no key meets a page that is leaving.
 *
 * One act at a time: a key that is pressed while another act is on its way waits for the queue as that one left it.
 * Whoever is being written down for a token stays untouched, for the form lies outside what is renewed.
 */

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
    this.known = '';
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
    if (!(form instanceof HTMLFormElement)) return;
    event.preventDefault();
    if (this.isBusy) return;
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form, event.submitter)) body.append(name, String(value));
    this.carry(() => this.renew(form.action, { method: 'POST', body }));
  }

  /** Somebody changed the queue, here or elsewhere. @param {string} data */
  told(data) {
    const { inside, called, waiting, expected } = JSON.parse(data);
    const now = JSON.stringify([inside, called, waiting, expected]);
    const isOther = this.known !== '' && this.known !== now;
    this.known = now;
    const look = () => this.renew(window.location.href.replace(/&done=[^&]*/, ''));
    if (!isOther) return;
    if (!this.isBusy) this.carry(look);
    else this.next ??= async () => this.carry(look);
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
