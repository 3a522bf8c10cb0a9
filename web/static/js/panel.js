/**
 * The panel beside the talk: who is here, what was written, raise a hand, lock the door. On the desk's page it is always open.
 *
 * What may be done is decided by the server; a refused act only brings the state back.
 */

import { Chat } from './chat.js';
import { optionalPart, part } from './part.js';
import { People } from './people.js';
import { keyOf, word } from './words.js';

/** @typedef {import('./signaling.js').Signaling} Signaling */

const NOTE_MS = 8_000;
/** What was refused, in words; by the code of the error. */
const REFUSED = ['text_refused', 'screen_taken'];

export class Panel {
  #root;
  #panel;
  #more;
  #badge;
  #note;
  #chat;
  #hand;
  #lock;
  #isHandUp = false;
  #isLocked = false;
  #unread = 0;
  #timer = 0;

  /**
   * @param {HTMLElement} root the page of the meeting
   * @param {Signaling} signaling
   */
  constructor(root, signaling) {
    this.#root = root;
    this.#panel = part(root, 'panel', HTMLElement);
    this.#more = optionalPart(root, 'more', HTMLButtonElement);
    this.#badge = optionalPart(root, 'badge', HTMLElement);
    this.#note = part(root, 'panel-note', HTMLElement);
    this.#hand = optionalPart(root, 'hand', HTMLButtonElement);
    this.#lock = optionalPart(root, 'lock', HTMLButtonElement);
    new People(root, signaling, (up) => this.#showHand(up));
    this.#chat = new Chat(root, signaling, () => this.#came());
    this.#chat.on('failed', (key) => this.say(word(key)));
    this.#more?.addEventListener('click', () => this.#toggle());
    optionalPart(root, 'panel-close', HTMLButtonElement)?.addEventListener('click', () => this.close());
    this.#panel.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && this.#more !== null) this.close();
    });
    this.#hand?.addEventListener('click', () => signaling.send({ type: 'raise_hand', up: !this.#isHandUp }));
    this.#lock?.addEventListener('click', () => signaling.send({ type: 'lock_door', locked: !this.#isLocked }));
    signaling.on('conduct', (conduct) => this.#showLock(conduct.locked));
    signaling.on('error', (error) => {
      if (REFUSED.includes(error.code)) this.say(word(keyOf('live-js-talk', error.code === 'text_refused' ? 'refused' : 'screen-taken')));
    });
    this.#showHand(false);
    this.#showLock(false);
  }

  /** @param {string} sentence shown for a moment, and said by screen readers */
  say(sentence) {
    this.#note.textContent = sentence;
    this.#note.hidden = false;
    if (this.#panel.hidden) this.#chat.toast(sentence);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#note.hidden = true;
    }, NOTE_MS);
  }

  /** Closes the panel; the focus goes back to the button that opened it. */
  close() {
    if (this.#more === null || this.#panel.hidden) return;
    this.#open(false);
    this.#more.focus();
  }

  #toggle() {
    if (this.#panel.hidden) {
      this.#open(true);
      part(this.#root, 'write-field', HTMLInputElement).focus({ preventScroll: true });
    } else this.close();
  }

  /** @param {boolean} isOpen */
  #open(isOpen) {
    this.#panel.hidden = !isOpen;
    // The page's state shows and hides what is marked; the panel keeps to its own button.
    this.#panel.toggleAttribute('data-shut', !isOpen);
    this.#more?.setAttribute('aria-expanded', String(isOpen));
    if (isOpen) this.#count(0);
  }

  /** @returns {boolean} whether a new line is seen in the panel */
  #came() {
    const isSeen = !this.#panel.hidden;
    if (!isSeen) this.#count(this.#unread + 1);
    return isSeen;
  }

  /** @param {number} unread */
  #count(unread) {
    this.#unread = unread;
    if (this.#badge === null || this.#more === null) return;
    this.#more.dataset.unread = String(unread);
    this.#badge.hidden = unread === 0;
    this.#badge.textContent = String(unread);
    this.#badge.setAttribute('aria-label', word('live-js-talk-unread', { n: unread }));
  }

  /** @param {boolean} isUp */
  #showHand(isUp) {
    this.#isHandUp = isUp;
    if (this.#hand !== null) press(this.#hand, isUp, isUp ? 'live-js-talk-hand-down' : 'live-js-talk-hand-up');
  }

  /** @param {boolean} isLocked */
  #showLock(isLocked) {
    if (isLocked && !this.#isLocked && !this.#panel.hidden && this.#lock !== null) this.say(word('live-js-talk-locked'));
    this.#isLocked = isLocked;
    if (this.#lock !== null) press(this.#lock, isLocked, isLocked ? 'live-js-talk-unlock' : 'live-js-talk-lock');
  }
}

/**
 * @param {HTMLButtonElement} button
 * @param {boolean} isPressed
 * @param {string} key what a press will do
 */
export function press(button, isPressed, key) {
  part(button, 'label', HTMLElement).textContent = word(key);
  button.setAttribute('aria-pressed', String(isPressed));
}
