/**
 * Keeps what a form sends for ten seconds, in which it can be taken back. One at a time: the next one sends the one before.
 *
 * Without this script the form is sent at once. Nothing leaves this machine before its time is over, or the page is left.
 */

import { part } from './part.js';

const HOLD_MS = 10_000;
const TICK_MS = 250;

/** @typedef {{ action: string, body: URLSearchParams, text: string, until: number }} Held */

/** Forms marked `data-held` inside a part of the page, and the line in which what is kept is said. */
export class Hold {
  /**
   * @param {HTMLElement} root with the parts `held`, `held-text` and `held-undo`
   * @param {(action: string, asked: RequestInit) => Promise<void>} send rejects when it was not done
   * @throws {PartError} if the line is missing from the page
   */
  constructor(root, send) {
    this.send = send;
    this.line = part(root, 'held', HTMLElement);
    this.said = part(root, 'held-text', HTMLElement);
    /** Says aloud what is kept and what became of it, and not each second. */
    this.live = part(root, 'held-live', HTMLElement);
    this.undo = part(root, 'held-undo', HTMLButtonElement);
    /** @type {Held | null} */
    this.held = null;
    root.addEventListener('submit', (event) => this.submitted(event));
    this.undo.addEventListener('click', () => this.takeBack());
    window.addEventListener('pagehide', () => this.flush());
    setInterval(() => this.tick(), TICK_MS);
  }

  /** @param {SubmitEvent} event */
  submitted(event) {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.dataset.held === undefined) return;
    event.preventDefault();
    this.flush();
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form, event.submitter)) body.append(name, String(value));
    const text = (event.submitter?.dataset.heldText ?? '').replace('{n}', body.get('number') ?? '');
    this.held = { action: form.action, body, text, until: Date.now() + HOLD_MS };
    form.closest('details')?.removeAttribute('open');
    this.line.hidden = false;
    this.undo.hidden = false;
    this.tick();
    this.live.textContent = this.said.textContent;
    this.undo.focus();
  }

  tick() {
    if (this.held === null) return;
    const left = this.held.until - Date.now();
    if (left <= 0) this.flush();
    else this.tell(this.held.text.replace('{seconds}', String(Math.ceil(left / 1_000))));
  }

  /** @param {string} text */
  tell(text) {
    if (this.said.textContent !== text) this.said.textContent = text;
  }

  /** @param {string} text */
  end(text) {
    if (this.held !== null) return;
    this.tell(text);
    this.live.textContent = text;
  }

  takeBack() {
    this.held = null;
    this.line.hidden = true;
  }

  /** Sends what is kept now. */
  async flush() {
    const { held } = this;
    if (held === null) return;
    this.held = null;
    this.undo.hidden = true;
    try {
      await this.send(held.action, { method: 'POST', body: held.body, keepalive: true });
      this.end(this.line.dataset.sent ?? '');
    } catch {
      this.end(this.line.dataset.failed ?? '');
    }
  }
}

/** @param {HTMLElement} root */
export function start(root) {
  new Hold(root, async (action, asked) => {
    const answer = await fetch(action, asked);
    if (!answer.ok) throw new Error(String(answer.status));
  });
  document.documentElement.dataset.hold = 'ready';
}
