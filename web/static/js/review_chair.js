/** What the chair alone has: the roll with a way to each seat, new items, and the direction that all see while it is written. */

import { part } from './part.js';
import { language, word } from './words.js';

/** Between two words of a line that is being written. */
const DRAFT_MS = 600;

export class ReviewChair {
  #root;
  #seat;
  #panel;
  #draft = 0;
  #hour = new Intl.DateTimeFormat(language === 'en' ? 'en-IN' : 'hi-IN', { timeZone: 'Asia/Kolkata', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

  /**
   * @param {HTMLElement} root
   * @param {import('./seat.js').Seat} seat
   * @param {import('./review_panel.js').ReviewPanel} panel
   */
  constructor(root, seat, panel) {
    this.#root = root;
    this.#seat = seat;
    this.#panel = panel;
    seat.line.signaling.on('roll', ({ lines }) => this.#roll(lines));
    this.#items();
    this.#directions();
  }

  #items() {
    const form = part(this.#root, 'item-form', HTMLFormElement);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#panel.step({ kind: 'add_item', text: field(form, 'text') });
      form.reset();
    });
    for (const button of this.#root.querySelectorAll('[data-add]')) {
      if (!(button instanceof HTMLButtonElement)) continue;
      button.addEventListener('click', () => {
        this.#panel.step({ kind: 'add_item', text: button.dataset.add ?? '', post: button.dataset.post ?? '' });
        button.disabled = true;
      });
    }
  }

  #directions() {
    const form = part(this.#root, 'direct-form', HTMLFormElement);
    form.addEventListener('input', () => {
      if (this.#draft !== 0) return;
      this.#draft = setTimeout(() => {
        this.#draft = 0;
        this.#panel.step({ kind: 'draft', text: field(form, 'text') });
      }, DRAFT_MS);
    });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      clearTimeout(this.#draft);
      this.#draft = 0;
      this.#panel.step({ kind: 'direct', post: field(form, 'post'), text: field(form, 'text'), due_in_days: Number(field(form, 'days')) });
      form.reset();
    });
  }

  /** @param {import('./protocol').RollLine[]} lines */
  #roll(lines) {
    const others = lines.filter(({ post }) => post !== this.#panel.review?.chair);
    const here = others.filter((line) => line.here);
    part(this.#root, 'roll-count', HTMLElement).textContent = word('live-js-review-here', { n: here.length, all: others.length });
    // Who is missed stands first: that is what a roll is called for.
    const missed = others.filter((line) => !line.here);
    this.#panel.list('review-roll', [...missed, ...here].map((line) => this.#row(line)));
    this.#owners(others.map(({ post }) => post));
  }

  /** @param {import('./protocol').RollLine} line @returns {import('./review_panel.js').Row} */
  #row({ post, here, came_ms: came, gaps }) {
    const key = came === undefined ? 'never' : !here ? 'gone' : gaps > 0 ? 'gaps' : 'came';
    const time = came === undefined ? '' : this.#hour.format(came);
    const text = word(`live-js-review-${key}`, { post: this.#seat.names.name(post), time, gaps });
    if (!here) return { post, text };
    const large = { text: word('live-js-review-large'), step: /** @type {const} */ ({ kind: 'spotlight', post }) };
    const aside = { text: word('live-js-review-aside'), step: /** @type {const} */ ({ kind: 'ask_aside', post }) };
    return { post, text, acts: [this.#panel.give(post), large, aside] };
  }

  /** @param {string[]} posts to whom a direction may be given */
  #owners(posts) {
    const select = part(this.#root, 'direct-post', HTMLSelectElement);
    if (select.options.length !== posts.length) select.replaceChildren(...posts.map((post) => new Option(this.#seat.names.name(post), post)));
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
function field(form, name) {
  return String(new FormData(form).get(name) ?? '');
}
