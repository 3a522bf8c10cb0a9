/**
 * What a seat is asked and what it has asked, above its wall. The server renders it; this part reads it again when the socket says
 * so, sends its forms without leaving the page (which would end a call), and sounds. It opens no device: a call is made by a press.
 */

import { optionalPart, part } from './part.js';
import { knock, Ring } from './sound.js';
import { word } from './words.js';

/** @typedef {import('./seat.js').Seat} Seat */

/** A seat without news reads again so often: another server may have been asked. */
const READ_MS = 60_000;
/** How long a terminal rings for a question whose minute is over. */
const DUE_RING_MS = 9_000;
/** The longest wait that a timer takes. */
const WAIT_MS_MAX = 2_000_000_000;

export class Questions {
  #box;
  #said;
  #seat;
  #ring = new Ring();
  #post = '';
  /** What was sounded of each question already. @type {Set<string>} */
  #told = new Set();
  #timer = 0;
  #reading = 0;

  /**
   * @param {HTMLElement} root
   * @param {Seat} seat
   */
  constructor(root, seat) {
    this.#seat = seat;
    this.#box = part(root, 'questions', HTMLElement);
    this.#said = part(root, 'questions-said', HTMLElement);
    seat.line.signaling.on('welcome', ({ participant }) => {
      this.#post = participant;
      this.read();
    });
    seat.line.signaling.on('questions', () => this.read());
    seat.on('talk', () => this.#ring.stop());
    seat.on('idle', () => this.#sound());
    this.#box.addEventListener('submit', (event) => this.#submit(event));
    this.#box.addEventListener('input', () => this.#ring.stop());
    setInterval(() => this.read(), READ_MS);
  }

  /** Reads what there is; what somebody is writing stays as it is. */
  async read() {
    if (this.#post === '') return;
    this.#reading += 1;
    const mine = this.#reading;
    const answer = await fetch(`/mesh/questions/strip?post=${this.#post}`, { credentials: 'same-origin' }).catch(() => null);
    if (answer === null || !answer.ok || answer.redirected || mine !== this.#reading) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').body;
    if (mine !== this.#reading) return;
    const rows = [...fresh.querySelectorAll('article')].map((row) => this.#kept(row));
    this.#box.replaceChildren(...rows);
    this.#sound();
  }

  /** A row that somebody writes in keeps its form and what is typed there. @param {HTMLElement} fresh */
  #kept(fresh) {
    const old = this.#box.querySelector(`article[data-question="${fresh.dataset.question}"]`);
    const form = old?.querySelector('form');
    if (!(old instanceof HTMLElement) || !form || form.dataset.asker === undefined) return document.importNode(fresh, true);
    const isDirty = old.contains(document.activeElement) || [...form.elements].some((field) => field instanceof HTMLInputElement && field.value !== field.defaultValue);
    if (!isDirty) return document.importNode(fresh, true);
    for (const name of ['left', 'reminded', 'standing', 'silent']) old.dataset[name] = fresh.dataset[name] ?? '';
    const [facts, now] = [old.querySelector('.asked-facts'), fresh.querySelector('.asked-facts')];
    if (facts !== null && now !== null) facts.replaceWith(document.importNode(now, true));
    return old;
  }

  /** Sounds what is new, and waits for the next set minute. */
  #sound() {
    clearTimeout(this.#timer);
    let next = Infinity;
    let cue = '';
    for (const row of this.#box.querySelectorAll('article')) {
      const left = Number(row.dataset.left);
      const id = row.dataset.question ?? '';
      const isToUs = row.dataset.standing !== undefined;
      if (left > 0) next = Math.min(next, left);
      this.#offer(row, left <= 0);
      if (!isToUs) continue;
      if (this.#isNew(`${id}/asked/${row.dataset.reminded}`)) cue ||= 'new';
      if (left <= 0 && row.dataset.silent === 'true' && this.#isNew(`${id}/due`)) cue = 'due';
    }
    if (next < WAIT_MS_MAX) this.#timer = setTimeout(() => this.read(), next + 50);
    if (cue === '') return;
    this.#said.textContent = word(`live-js-asked-${cue}`);
    if (cue === 'new') knock(0.3);
    else this.#ringDue();
  }

  /** Whether this was not sounded yet; in a talk nothing sounds, and it counts as new afterwards. @param {string} mark */
  #isNew(mark) {
    if (!this.#seat.isIdle || this.#told.has(mark)) return false;
    this.#told.add(mark);
    return true;
  }

  #ringDue() {
    this.#ring.start('called');
    setTimeout(() => this.#ring.stop(), DUE_RING_MS);
  }

  /**
   * Those who have not answered can be rung from here, once the minute is over.
   *
   * @param {HTMLElement} row
   * @param {boolean} isOver
   */
  #offer(row, isOver) {
    const button = optionalPart(row, 'ring-silent', HTMLButtonElement);
    if (button === null) return;
    button.hidden = !isOver;
    const posts = (row.dataset.silentPosts ?? '').split(' ').filter((post) => post !== '');
    button.onclick = () => this.#seat.ring(posts);
  }

  /** @param {SubmitEvent} event */
  async #submit(event) {
    const form = event.target;
    if (!(form instanceof HTMLFormElement)) return;
    event.preventDefault();
    this.#ring.stop();
    const does = event.submitter instanceof HTMLButtonElement ? event.submitter.value : '';
    const answer = await send(form, event.submitter);
    if (answer === null || !answer.ok) return this.#refused(form, answer);
    // What was typed is sent: the row that comes next has it.
    form.reset();
    if (document.activeElement instanceof HTMLElement && form.contains(document.activeElement)) document.activeElement.blur();
    if (does === 'send') this.#said.textContent = word('live-js-asked-sent');
    if (does === 'prepare') this.#said.textContent = word('live-js-asked-prepared');
    await this.read();
    if (does === 'call') this.#seat.ring([form.dataset.asker ?? '']);
  }

  /**
   * @param {HTMLFormElement} form
   * @param {Response | null} answer
   */
  async #refused(form, answer) {
    form.parentElement?.parentElement?.querySelector('.asked-errors')?.remove();
    form.before(await errorsOf(answer));
  }
}

/**
 * Sends a form as the browser would, and stays.
 *
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} submitter
 * @returns {Promise<Response | null>}
 */
export function send(form, submitter = null) {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form, submitter)) if (typeof value === 'string') fields.append(name, value);
  return fetch(form.action, { method: 'POST', body: fields, credentials: 'same-origin' }).catch(() => null);
}

/**
 * What the answered page says must be mended.
 *
 * @param {Response | null} answer
 * @returns {Promise<HTMLElement>}
 */
export async function errorsOf(answer) {
  const page = new DOMParser().parseFromString((await answer?.text()) ?? '', 'text/html');
  const found = page.querySelector('.asked-errors, .error-summary');
  if (found instanceof HTMLElement) return document.importNode(found, true);
  const line = document.createElement('p');
  line.className = 'asked-errors';
  line.setAttribute('role', 'alert');
  line.textContent = word('live-js-asked-failed');
  return line;
}

/** A field that is sent and not seen. @param {string} name */
export function hidden(name) {
  const field = document.createElement('input');
  Object.assign(field, { type: 'hidden', name, value: '1' });
  return field;
}

/** An id that nobody has had: 128 bits. */
export function freshId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
