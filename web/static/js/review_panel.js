/**
 * How a review stands: whose floor, whose clock, who asks to speak, the agenda, what was directed, the line that is being written,
 * and the word aside. Everybody sees the same; what the chair alone has is in `review_chair.js`.
 */

import { copyOf, part } from './part.js';
import { language, word } from './words.js';

/** @typedef {import('./protocol').Review} Review */
/** @typedef {import('./protocol').ReviewStep} Step */
/** @typedef {{ text: string, step: Step }} Act */
/** @typedef {{ text: string, post?: string, acts?: Act[], isOver?: boolean, isNow?: boolean }} Row */

const CLOCK_MINUTES = 5;

export class ReviewPanel {
  #root;
  #seat;
  #panel;
  #own = '';
  /** @type {Review | null} */
  #review = null;
  /** When the review was told, by this page's clock: lengths of time go on from there. */
  #at = 0;
  #day = new Intl.DateTimeFormat(language === 'en' ? 'en-IN' : 'hi-IN', { day: 'numeric', month: 'long', timeZone: 'UTC' });

  /**
   * @param {HTMLElement} root
   * @param {import('./seat.js').Seat} seat
   */
  constructor(root, seat) {
    this.#root = root;
    this.#seat = seat;
    this.#panel = part(root, 'review-panel', HTMLElement);
    const { signaling } = seat.line;
    signaling.on('welcome', ({ participant }) => {
      this.#own = participant;
    });
    signaling.on('review', (review) => this.#told(review));
    signaling.on('review_line', ({ text }) => this.#line(text));
    signaling.on('error', ({ about, code }) => about === 'review_step' && this.#failed(code));
    seat.on('idle', () => this.#close());
    this.#on('review-hand', () => this.step({ kind: 'hand', up: !this.#isAsking }));
    this.#on('aside-yes', () => this.step({ kind: 'answer_aside', agrees: true }));
    this.#on('aside-no', () => this.step({ kind: 'answer_aside', agrees: false }));
    this.#on('aside-end', () => this.step({ kind: 'end_aside' }));
    setInterval(() => this.#clocks(), 1_000);
  }

  /** The review in which this page is, if it is in one. */
  get review() {
    return this.#review;
  }

  get #isChair() {
    return this.#review?.chair === this.#own;
  }

  get #isAsking() {
    return this.#review?.hands.includes(this.#own) === true;
  }

  /** @param {Step} step */
  step(step) {
    if (this.#review !== null) this.#seat.line.send({ type: 'review_step', call: this.#review.call, step });
  }

  /** @param {string} post @returns {Act} */
  give(post) {
    return { text: word('live-js-review-give'), step: { kind: 'give_floor', post, minutes: CLOCK_MINUTES } };
  }

  /**
   * Shows a list anew if it is another than before.
   *
   * @param {string} name
   * @param {Row[]} rows
   */
  list(name, rows) {
    const list = part(this.#root, name, HTMLElement);
    const shown = [...list.children].filter((one) => one instanceof HTMLElement);
    const isSame = shown.length === rows.length && shown.every((one, n) => one.dataset.acts === actsOf(rows[n]));
    if (!isSame) list.replaceChildren(...rows.map((row) => this.#row(row)));
    // A clock that goes on changes words alone: the buttons keep the keyboard.
    for (const [n, row] of rows.entries()) describe(/** @type {HTMLElement} */ (list.children[n]), row);
  }

  /** @param {Row} row */
  #row(row) {
    const line = copyOf(this.#root, 'review-row');
    if (row.post !== undefined) line.dataset.post = row.post;
    line.dataset.acts = actsOf(row);
    part(line, 'row-acts', HTMLElement).append(...(row.acts ?? []).map((act) => this.#button(act)));
    return line;
  }

  /** @param {Act} act */
  #button({ text, step }) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'button-quiet';
    button.textContent = text;
    button.dataset.kind = step.kind;
    button.addEventListener('click', () => this.step(step));
    return button;
  }

  /** @param {string} name @param {() => void} act */
  #on(name, act) {
    part(this.#root, name, HTMLButtonElement).addEventListener('click', act);
  }

  /** @param {Review} review */
  #told(review) {
    this.#review = review;
    this.#at = performance.now();
    this.#root.dataset.review = 'on';
    for (const one of this.#panel.querySelectorAll('[data-chair]')) if (one instanceof HTMLElement) one.hidden = !this.#isChair;
    this.#show(review);
    this.#aside(review);
    this.#clocks();
  }

  /** @param {Review} review */
  #show({ floor, hands, items, taken_up: taken, directions }) {
    const name = (/** @type {string} */ post) => this.#seat.names.name(post);
    const mine = (/** @type {Act[]} */ acts) => (this.#isChair ? acts : []);
    const speaks = floor.some(({ post }) => post === this.#own);
    part(this.#root, 'review-own', HTMLElement).textContent = word(this.#isChair ? 'live-js-review-chair' : speaks ? 'live-js-review-speak' : 'live-js-review-silent');
    const hand = part(this.#root, 'review-hand', HTMLButtonElement);
    hand.hidden = this.#isChair || speaks;
    hand.setAttribute('aria-pressed', String(this.#isAsking));
    hand.textContent = word(this.#isAsking ? 'live-js-review-hand-down' : 'live-js-review-hand-up');
    const lower = (/** @type {string} */ post) => ({ text: word('live-js-review-lower'), step: /** @type {Step} */ ({ kind: 'lower_hand', post }) });
    this.list('review-hands', hands.map((post) => ({ text: name(post), post, acts: mine([this.give(post), lower(post)]) })));
    const agenda = items.map(({ text, post }, item) => {
      const isNow = taken === item;
      const whole = post === undefined ? text : word('live-js-review-item', { text, post: name(post) });
      const takeUp = { text: word('live-js-review-take-up'), step: /** @type {Step} */ ({ kind: 'take_up', item }) };
      return { text: isNow ? word('live-js-review-now', { text: whole }) : whole, isNow, acts: mine(isNow ? [] : [takeUp]) };
    });
    this.list('review-agenda', agenda);
    const due = (/** @type {Review['directions'][number]} */ { post, text, due: day }) => word('live-js-review-due', { post: name(post), text, day: this.#day.format(new Date(day)) });
    this.list('review-directions', directions.map((one) => ({ post: one.post, text: due(one) })));
  }

  /** @param {Review} review */
  #aside({ aside, chair }) {
    const isOwn = aside !== undefined && (aside.post === this.#own || chair === this.#own);
    const key = aside?.on !== true ? 'live-js-review-aside-waits' : isOwn ? 'live-js-review-aside-own' : 'live-js-review-aside-on';
    const told = part(this.#root, 'review-aside', HTMLElement);
    told.textContent = aside === undefined ? '' : word(key, { post: this.#seat.names.name(aside.post) });
    told.hidden = aside === undefined || (!aside.on && !this.#isChair);
    part(this.#root, 'aside-asked', HTMLElement).hidden = aside === undefined || aside.on || aside.post !== this.#own;
    part(this.#root, 'aside-end', HTMLElement).hidden = !isOwn || (!aside.on && !this.#isChair);
  }

  /** Clocks go on between two words of the server; red when they are over, and nothing is cut. */
  #clocks() {
    const review = this.#review;
    if (review === null) return;
    const since = performance.now() - this.#at;
    part(this.#root, 'review-clock', HTMLElement).textContent = clock(review.for_ms + since);
    const before = new Map(review.spoken.map(({ post, for_ms: ms }) => [post, ms]));
    const row = (/** @type {Review['floor'][number]} */ { post, for_ms: ms, clock_ms: of }) => {
      const isOver = ms + since > of;
      const values = { post: this.#seat.names.name(post), minutes: clock(ms + since + (before.get(post) ?? 0)), clock: clock(of) };
      const take = { text: word('live-js-review-take'), step: /** @type {Step} */ ({ kind: 'take_floor', post }) };
      const isLarge = review.spotlight === post;
      const size = { text: word(isLarge ? 'live-js-review-small' : 'live-js-review-large'), step: /** @type {Step} */ (isLarge ? { kind: 'spotlight' } : { kind: 'spotlight', post }) };
      return { post, isOver, text: word(isOver ? 'live-js-review-over' : 'live-js-review-clock', values), acts: this.#isChair ? [take, size] : [] };
    };
    this.list('review-floor', review.floor.map(row));
  }

  /** @param {string} text */
  #line(text) {
    const line = part(this.#root, 'review-line', HTMLElement);
    line.textContent = text === '' ? '' : word('live-js-review-types', { text });
    line.hidden = text === '';
  }

  /** @param {string} code */
  #failed(code) {
    part(this.#root, 'review-own', HTMLElement).textContent = word(code === 'text_refused' ? 'live-js-review-text-refused' : 'live-js-review-refused');
  }

  #close() {
    this.#review = null;
    delete this.#root.dataset.review;
    this.#line('');
  }
}

/** @param {Row | undefined} row what its buttons do */
function actsOf(row) {
  return JSON.stringify([row?.post, row?.acts?.map(({ step }) => step)]);
}

/**
 * @param {HTMLElement} line
 * @param {Row} row
 */
function describe(line, { text, isOver = false, isNow = false }) {
  line.dataset.over = String(isOver);
  line.dataset.now = String(isNow);
  const shown = part(line, 'row-text', HTMLElement);
  if (shown.textContent !== text) shown.textContent = text;
  for (const button of line.querySelectorAll('button')) button.setAttribute('aria-label', `${button.textContent}: ${text}`);
}

/** @param {number} ms @returns {string} minutes and seconds */
function clock(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
