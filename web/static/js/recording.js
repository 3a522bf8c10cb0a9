/**
 * The recording of a meeting on the page: the question, the mark while it runs, the officer's switch.
 *
 * Who is recorded is decided by the server, which was told this person's answer; nothing is recorded here.
 */

import { optionalPart, part } from './part.js';
import { inLanguage, keyOf, word } from './words.js';

/** @typedef {import('./protocol').Recording} State */
/** @typedef {import('./protocol').Participant} Participant */

/** @type {State} */
const OFF = { on: false, refused: [], unanswered: [] };

export class RecordingPanel {
  #root;
  #line;
  #mark;
  #question;
  #note;
  /** @type {State} */
  #state = OFF;
  /** @type {Participant[]} */
  #participants = [];
  /** A socket was welcomed and has not said yet whether a recording runs. */
  #isAwaited = false;

  /**
   * @param {HTMLElement} root
   * @param {import('./line.js').Line} line
   */
  constructor(root, line) {
    this.#root = root;
    this.#line = line;
    this.#mark = part(root, 'record-mark', HTMLElement);
    this.#question = part(root, 'record-question', HTMLElement);
    this.#note = part(root, 'record-note', HTMLElement);
    const { signaling } = line;
    signaling.on('welcome', () => {
      this.#isAwaited = true;
    });
    signaling.on('recording', ({ type: _, ...state }) => {
      this.#isAwaited = false;
      this.#show(state);
    });
    signaling.on('participants', (message) => {
      // What runs is told after a welcome before this; of what was not told nothing is left.
      if (this.#isAwaited && this.#state.on) this.#show(OFF);
      this.#isAwaited = false;
      this.#participants = message.participants;
      this.#showOthers();
    });
    signaling.on('error', (error) => {
      if (error.about === 'record') this.#tell(word('live-js-record-refused'));
    });
    this.#on('record-yes', () => this.#answer(true));
    this.#on('record-no', () => this.#answer(false));
    this.#on('record-change', () => this.#answer(this.#state.you !== 'agreed'));
    this.#on('record-stop', () => line.send({ type: 'record', on: false }));
    optionalPart(root, 'record-form', HTMLFormElement)?.addEventListener('submit', (event) => this.#begin(event));
  }

  /**
   * @param {string} name
   * @param {() => void} act
   */
  #on(name, act) {
    optionalPart(this.#root, name, HTMLButtonElement)?.addEventListener('click', act);
  }

  /** @param {boolean} agrees */
  #answer(agrees) {
    this.#line.send({ type: 'record_consent', agrees });
  }

  /** @param {SubmitEvent} event */
  #begin(event) {
    event.preventDefault();
    const reason = part(this.#root, 'record-reason', HTMLInputElement);
    if (reason.value.trim() !== '') this.#line.send({ type: 'record', on: true, reason: reason.value.trim() });
  }

  /** @param {State} state */
  #show(state) {
    const before = this.#state;
    this.#state = state;
    this.#root.dataset.on = String(state.on);
    this.#root.dataset.you = state.you ?? '';
    this.#mark.hidden = !state.on;
    const you = state.you ?? 'asked';
    part(this.#root, 'record-text', HTMLElement).textContent = word(keyOf('live-js-record-mark', you));
    const change = optionalPart(this.#root, 'record-change', HTMLButtonElement);
    if (change !== null) {
      change.hidden = you === 'asked';
      change.textContent = word(you === 'agreed' ? 'live-js-record-leave-out' : 'live-js-record-take-in');
    }
    this.#ask(before);
    this.#showOthers();
    if (state.on && !before.on) this.#tell('');
    if (!state.on && before.on) this.#tell(word(keyOf('live-js-record-ended', state.ended ?? 'unknown')));
    if (state.on && (before.you !== state.you || !before.on)) this.#say(word(keyOf('live-js-record-mark', you)));
  }

  /**
   * The question stands until it is answered. It comes into the focus, so that it is read out and the keys answer it,
   * but not out of a field in which somebody writes.
   *
   * @param {State} before
   */
  #ask(before) {
    const isAsked = this.#state.on && this.#state.you === 'asked';
    const wasAsked = before.on && before.you === 'asked';
    part(this.#root, 'record-question-text', HTMLElement).textContent = isAsked
      ? word('live-js-record-ask', { reason: this.#state.reason ?? '' })
      : '';
    const hadFocus = this.#question.contains(document.activeElement);
    this.#question.hidden = !isAsked;
    if (isAsked && !wasAsked && !isWriting()) part(this.#root, 'record-question-title', HTMLElement).focus();
    if (!isAsked && hadFocus) optionalPart(this.#root, 'record-change', HTMLButtonElement)?.focus();
  }

  /** The officer sees who said no and who has not answered. */
  #showOthers() {
    const others = optionalPart(this.#root, 'record-others', HTMLElement);
    if (others === null) return;
    this.#showSwitch();
    const lines = [
      this.#names('live-js-record-refused-by', this.#state.refused),
      this.#names('live-js-record-unanswered-by', this.#state.unanswered),
    ].filter((line) => line !== '');
    const text = lines.length > 0 ? lines.join(' ') : word('live-js-record-all');
    if (others.textContent === text) return;
    others.textContent = text;
    if (this.#state.on && this.#state.refused.length > 0) this.#say(text);
  }

  /** Begin or stop, whichever there is to do. What was pressed goes, and the keyboard stays at the menu. */
  #showSwitch() {
    const menu = part(this.#root, 'record-menu', HTMLDetailsElement);
    const [gone, now] = this.#state.on ? ['record-form', 'record-running'] : ['record-running', 'record-form'];
    const old = part(menu, gone, HTMLElement);
    if (old.contains(document.activeElement)) menu.querySelector('summary')?.focus();
    old.hidden = true;
    part(menu, now, HTMLElement).hidden = false;
  }

  /**
   * @param {string} key
   * @param {string[]} ids
   */
  #names(key, ids) {
    const named = this.#participants.filter((one) => ids.includes(one.participant));
    const names = named.map((one) => inLanguage(one.title)).join(', ');
    return names === '' ? '' : word(key, { names });
  }

  /** @param {string} text shown and read out; empty: nothing */
  #tell(text) {
    this.#note.textContent = text;
    this.#note.hidden = text === '';
    if (text !== '') this.#say(text);
  }

  /** @param {string} text */
  #say(text) {
    part(this.#root, 'record-live', HTMLElement).textContent = text;
  }
}

function isWriting() {
  const active = document.activeElement;
  return active instanceof HTMLTextAreaElement || (active instanceof HTMLInputElement && active.value !== '');
}
