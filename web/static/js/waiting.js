/**
 * Waiting for one's turn: the place in the queue of the post, the range of minutes, where the officer is.
 *
 * What the server does not say is not shown. A change is said aloud once and politely, a range only when it has moved by
 * as much as matters; a quiet chime and a touch of vibration come when it is nearly the turn.
 */

import { optionalPart, part } from './part.js';
import { knock } from './sound.js';
import { inLanguage, keyOf, word } from './words.js';

/** @typedef {Extract<import('./protocol').ServerMessage, { type: 'waiting' }>} Waiting */
/** @typedef {Extract<import('./protocol').ServerMessage, { type: 'lobby' }>} Lobby */

/** Nearly the turn: nobody is before, or it may begin within so many minutes. */
const NEAR_MINUTES = 5;
/** A range that moves by less than this is shown, and not said. */
const SAID_AGAIN_MINUTES = 5;
const TOUCH_MS = [120, 90, 120];
const HOUR = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Kolkata', hour: '2-digit', minute: '2-digit' });

/** How near the turn is: a step nearer is heard. @param {Waiting} waiting  @returns {'far' | 'near' | 'called'} */
function nearness({ called, position, minutes, begins_at_ms: begins }) {
  if (called) return 'called';
  if (begins !== undefined && begins > Date.now()) return 'far';
  return position === 1 || (minutes !== undefined && minutes.from <= NEAR_MINUTES) ? 'near' : 'far';
}

const STEPS = ['far', 'near', 'called'];

/** The waiting room of a citizen. Fills the section that the server rendered. */
export class WaitingRoom {
  #root;
  #state;
  #title = document.title;
  /** @type {Waiting | null} */
  #last = null;
  /** Where the range began that was said last, in minutes from then, and when. */
  #said = { from: 0, at: 0 };

  /**
   * @param {HTMLElement} root
   * @param {import('./signaling.js').Signaling} signaling
   * @param {import('./state.js').PageState} state
   * @throws {PartError} if the section lacks its place
   */
  constructor(root, signaling, state) {
    this.#root = root;
    this.#state = state;
    part(root, 'place', HTMLElement);
    signaling.on('waiting', (waiting) => this.#told(waiting));
    new MutationObserver(() => this.#leaves()).observe(document.documentElement, { attributeFilter: ['data-state'] });
  }

  /** @param {Waiting} waiting */
  #told(waiting) {
    const place = placeOf(waiting);
    const range = waiting.called || waiting.minutes === undefined ? '' : rangeOf(waiting.minutes);
    const officer = officerOf(waiting);
    this.#show('place', place);
    this.#show('wait-range', range);
    this.#show('wait-token', tokenOf(waiting));
    this.#show('wait-officer', officer);
    this.#show('wait-message-text', waiting.message === undefined ? '' : inLanguage(waiting.message));
    part(this.#root, 'wait-message', HTMLElement).hidden = waiting.message === undefined;
    const last = this.#last;
    this.#last = waiting;
    const near = nearness(waiting);
    document.documentElement.dataset.turn = near;
    this.#state.show('waiting');
    document.title = word('turn-js-title', { place, title: this.#title });
    if (last === null || placeOf(last) !== place || officerOf(last) !== officer || this.#hasMoved(waiting)) this.#say(waiting);
    if (last !== null && STEPS.indexOf(near) > STEPS.indexOf(nearness(last))) attend();
  }

  /** @param {string} name  @param {string} text */
  #show(name, text) {
    const line = part(this.#root, name, HTMLElement);
    if (line.textContent !== text) line.textContent = text;
    line.hidden = text === '';
  }

  /** @param {Waiting} waiting */
  #hasMoved({ minutes, called }) {
    if (minutes === undefined || called) return false;
    const gone = (Date.now() - this.#said.at) / 60_000;
    return Math.abs(this.#said.from - gone - minutes.from) >= SAID_AGAIN_MINUTES;
  }

  /** @param {Waiting} waiting */
  #say(waiting) {
    this.#said = { from: waiting.minutes?.from ?? 0, at: Date.now() };
    const range = waiting.called || waiting.minutes === undefined ? '' : rangeOf(waiting.minutes);
    this.#state.say([placeOf(waiting), range, officerOf(waiting)].filter((text) => text !== '').join('. '));
  }

  /** Whoever waits no longer reads the page's own title again. */
  #leaves() {
    if (this.#state.name === 'waiting' || this.#last === null) return;
    document.title = this.#title;
    this.#last = null;
    delete document.documentElement.dataset.turn;
  }
}

/** @param {Waiting} waiting */
function placeOf({ called, position }) {
  if (called) return word('turn-js-called');
  return word(position === 1 ? 'live-js-place-next' : 'live-js-place', { n: position });
}

/** @param {import('./protocol').Minutes} minutes */
function rangeOf({ from, to }) {
  return word('turn-js-range', { a: from, b: to });
}

/** @param {Waiting} waiting */
function tokenOf({ number, position, called }) {
  if (number === undefined) return '';
  const token = word('turn-js-token', { n: number });
  if (called) return token;
  return `${token} · ${position === 1 ? word('turn-js-before-none') : word('turn-js-before', { n: position - 1 })}`;
}

/** Where the officer is, if he is not here; nothing when it is the turn. @param {Waiting} waiting */
function officerOf({ called, officer, begins_at_ms: begins }) {
  if (called) return '';
  if (begins !== undefined && begins > Date.now()) return word('turn-js-begins', { hour: HOUR.format(begins) });
  return officer === undefined ? '' : word(keyOf('turn-js', officer));
}

/** A quiet chime and a touch: it is nearly the turn. Neither asks for leave, and a browser that refuses is not pressed. */
function attend() {
  knock();
  navigator.vibrate?.(TOUCH_MS);
}

/** Who is called next in the queue of the post, above the lobby of the officer and of his desk. */
export class FirstInLine {
  #line;
  #text;
  #link;
  #meeting;

  /**
   * @param {HTMLElement} root
   * @param {import('./signaling.js').Signaling} signaling
   */
  constructor(root, signaling) {
    this.#line = part(root, 'lobby-first', HTMLElement);
    this.#text = part(root, 'lobby-first-text', HTMLElement);
    this.#link = part(root, 'lobby-first-link', HTMLAnchorElement);
    this.#meeting = root.closest('[data-meeting]')?.getAttribute('data-meeting') ?? '';
    signaling.on('lobby', (lobby) => this.#told(lobby, root));
  }

  /** @param {Lobby} lobby  @param {HTMLElement} root */
  #told({ first, waiting }, root) {
    this.#line.hidden = first === undefined;
    if (first !== undefined) {
      const isHere = first.meeting === this.#meeting;
      this.#text.textContent = isHere ? word('turn-js-first-here') : word(keyOf('turn-js-first', first.way), { n: first.number });
      this.#link.hidden = isHere || first.meeting === undefined;
      if (first.meeting !== undefined) this.#link.href = `/meeting/${first.meeting}`;
    }
    for (const one of waiting) {
      const row = root.querySelector(`[data-participant="${CSS.escape(one.participant)}"]`);
      const token = row === null ? null : optionalPart(row, 'lobby-token', HTMLElement);
      if (token !== null) token.textContent = one.number === undefined ? '' : word('turn-js-token', { n: one.number });
    }
  }
}
