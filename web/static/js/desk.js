/**
 * The worklist by keys: j and k go from card to card, one key decides, and for ten seconds u takes it back.
 *
 * What the keys do the forms of the page do as well. A decision is sent when its ten seconds are over, or when the page
 * is left; until then nothing has left this machine.
 */

import { optionalPart, part } from './part.js';
import { word } from './words.js';

const UNDO_MS = 10_000;
const TICK_MS = 1_000;

/**
 * A decision that can still be taken back.
 * @typedef {{ card: HTMLElement, form: HTMLFormElement, body: URLSearchParams, act: string, until: number, timer: number }} Pending
 */

/** The worklist of one post. Enhances the cards that the server rendered. */
export class DeskList {
  /** @param {HTMLElement} root  @throws {PartError} if the cards or the help are missing from the page */
  constructor(root) {
    this.root = root;
    this.help = part(root, 'help', HTMLDialogElement);
    /** @type {Pending[]} the latest last */
    this.pending = [];
    root.addEventListener('submit', (event) => this.submitted(event));
    document.addEventListener('keydown', (event) => this.pressed(event));
    window.addEventListener('pagehide', () => this.flush());
    for (const button of root.querySelectorAll('[data-undo]')) {
      const card = button.closest('[data-card]');
      button.addEventListener('click', () => this.undo(this.pending.find((one) => one.card === card)));
    }
    part(root, 'help-button', HTMLButtonElement).hidden = false;
    part(root, 'help-button', HTMLButtonElement).addEventListener('click', () => this.help.showModal());
  }

  /** Cards on which something can still be decided, in the order of the page. */
  cards() {
    return /** @type {HTMLElement[]} */ ([...this.root.querySelectorAll('[data-card]')]).filter((card) => !card.hidden);
  }

  /** The card that has the focus, or holds what has it. */
  current() {
    const found = document.activeElement?.closest('[data-card]');
    return found instanceof HTMLElement ? found : null;
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const target = event.target;
    const isTyping = target instanceof HTMLElement && target.closest('input, textarea, select, dialog[open]') !== null;
    if (isTyping || event.ctrlKey || event.altKey || event.metaKey) return;
    const act = /** @type {Record<string, () => void>} */ ({
      j: () => this.step(1),
      ArrowDown: () => this.step(1),
      k: () => this.step(-1),
      ArrowUp: () => this.step(-1),
      a: () => this.decide('accept'),
      p: () => this.decide('propose'),
      d: () => this.decide('decline'),
      r: () => this.follow('redirect'),
      q: () => this.follow('ask'),
      u: () => this.undo(),
      '?': () => this.help.showModal(),
    })[event.key];
    const reason = /^[1-9]$/.test(event.key) ? () => this.chooseReason(Number(event.key) - 1) : undefined;
    const chosen = act ?? reason;
    if (chosen === undefined) return;
    event.preventDefault();
    chosen();
  }

  /** @param {1 | -1} by */
  step(by) {
    const cards = this.cards();
    const current = this.current();
    const place = current === null ? -1 : cards.indexOf(current);
    const next = cards[current === null ? 0 : Math.min(Math.max(place + by, 0), cards.length - 1)];
    next?.focus();
    next?.scrollIntoView({ block: 'nearest' });
  }

  /** @param {string} act */
  decide(act) {
    const form = (this.current() ?? this.cards()[0])?.querySelector(`form[data-act="${act}"]`);
    if (form instanceof HTMLFormElement) this.keep(form, new FormData(form));
  }

  /** @param {string} act */
  follow(act) {
    const link = (this.current() ?? this.cards()[0])?.querySelector(`a[data-act="${act}"]`);
    if (link instanceof HTMLAnchorElement) link.click();
  }

  /** @param {SubmitEvent} event */
  submitted(event) {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.dataset.act === undefined) return;
    event.preventDefault();
    this.keep(form, new FormData(form, event.submitter));
  }

  /**
   * Keeps a decision for ten seconds and says so on its card.
   * @param {HTMLFormElement} form  @param {FormData} data
   */
  keep(form, data) {
    const card = form.closest('[data-card]');
    if (!(card instanceof HTMLElement) || this.pending.some((one) => one.card === card)) return;
    const body = new URLSearchParams();
    for (const [name, value] of data) body.append(name, String(value));
    const timer = window.setInterval(() => this.tick(), TICK_MS);
    this.pending.push({ card, form, body, act: form.dataset.act ?? '', until: Date.now() + UNDO_MS, timer });
    card.classList.add('desk-card-pending');
    this.tick();
    this.stepFrom(card);
  }

  /** @param {HTMLElement} card */
  stepFrom(card) {
    const cards = this.cards();
    const rest = cards.slice(cards.indexOf(card) + 1);
    const open = rest.find((one) => !this.pending.some((kept) => kept.card === one));
    (open ?? card).focus();
  }

  /** The latest decline gets another of its reasons. @param {number} place */
  chooseReason(place) {
    const latest = this.pending.at(-1);
    const reasons = latest?.form.querySelectorAll('option');
    const option = reasons?.[place];
    if (latest === undefined || latest.act !== 'decline' || option === undefined) return;
    latest.body.set('reason', option.value);
    this.tick();
  }

  /** Says how long each can still be taken back, and sends what is over. */
  tick() {
    const now = Date.now();
    for (const one of [...this.pending]) {
      if (one.until <= now) this.send(one);
      else this.say(one, word(`desk-js-${one.act}`, this.values(one, now)));
    }
  }

  /** @param {Pending} one  @param {number} now */
  values(one, now) {
    const chosen = [...one.form.querySelectorAll('option')].find((option) => option.value === one.body.get('reason'));
    return { seconds: Math.ceil((one.until - now) / TICK_MS), reason: chosen?.textContent?.trim() ?? '' };
  }

  /** @param {Pending} one  @param {string} text */
  say(one, text) {
    const line = part(one.card, 'pending', HTMLElement);
    line.hidden = false;
    const said = part(one.card, 'pending-text', HTMLElement);
    if (said.textContent !== text) said.textContent = text;
  }

  /** Takes a decision back: the latest, if none is named. @param {Pending} [one] */
  undo(one = this.pending.at(-1)) {
    if (one === undefined) return;
    this.pending = this.pending.filter((other) => other !== one);
    window.clearInterval(one.timer);
    one.card.classList.remove('desk-card-pending');
    part(one.card, 'pending', HTMLElement).hidden = true;
    one.card.focus();
  }

  /** @param {Pending} one */
  async send(one) {
    this.pending = this.pending.filter((other) => other !== one);
    window.clearInterval(one.timer);
    try {
      const answer = await fetch(one.form.action, { method: 'POST', body: one.body, keepalive: true });
      if (!answer.ok) throw new Error(String(answer.status));
      const overtaken = new URL(answer.url).searchParams.get('done') === 'already';
      this.say(one, word(overtaken ? 'desk-js-already' : 'desk-js-sent'));
      const undo = optionalPart(one.card, 'undo', HTMLButtonElement);
      if (undo !== null) undo.hidden = true;
      for (const left of one.card.querySelectorAll('form[data-act], a[data-act]')) left.remove();
    } catch {
      one.card.classList.remove('desk-card-pending');
      this.say(one, word('desk-js-failed'));
    }
  }

  /** Sends everything at once: the page is being left. */
  flush() {
    for (const one of [...this.pending]) this.send(one);
  }
}

/** @param {HTMLElement} root */
export function start(root) {
  new DeskList(root);
}
