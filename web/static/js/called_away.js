/**
 * A call of the hotline in the middle of a meeting: the officer sees who rings, whoever waits for him reads that he comes
 * back, and he comes back by a button of his own. What the server has said is shown; nothing is judged here.
 */

import { optionalPart, part } from './part.js';
import { inLanguage, word } from './words.js';

/** @typedef {import('./protocol').Participant} Participant */

export class CalledAway {
  #waiting;
  #own;
  #other;
  #say;
  #root;
  #me = '';

  /**
   * @param {HTMLElement} root
   * @param {import('./signaling.js').Signaling} signaling
   * @param {(sentence: string) => void} say aloud, once
   */
  constructor(root, signaling, say) {
    this.#waiting = optionalPart(root, 'call-waiting', HTMLElement);
    this.#own = optionalPart(root, 'away-own', HTMLElement);
    this.#other = part(root, 'away-other', HTMLElement);
    this.#say = say;
    this.#root = root;
    optionalPart(root, 'come-back', HTMLButtonElement)?.addEventListener('click', () => signaling.send({ type: 'come_back' }));
    signaling.on('welcome', (welcome) => {
      this.#me = welcome.participant;
      if (this.#waiting !== null) this.#waiting.hidden = true;
    });
    signaling.on('call_waiting', ({ caller }) => this.#rings(caller));
    signaling.on('participants', ({ participants }) => this.#changed(participants.filter((one) => one.called_away === true)));
  }

  /** @param {import('./protocol').Peer | undefined} caller */
  #rings(caller) {
    if (this.#waiting === null) return;
    this.#waiting.hidden = caller === undefined;
    if (caller === undefined) return;
    const sentence = word('help-js-call-waiting', { post: inLanguage(caller.title) });
    part(this.#waiting, 'call-waiting-text', HTMLElement).textContent = sentence;
    this.#say(sentence);
  }

  /** @param {Participant[]} away */
  #changed(away) {
    this.#root.dataset.away = String(away.length > 0);
    if (this.#own !== null) this.#own.hidden = !away.some((one) => one.participant === this.#me);
    const other = away.find((one) => one.participant !== this.#me);
    const wasHidden = this.#other.hidden;
    this.#other.hidden = other === undefined;
    if (other === undefined) return;
    const sentence = word('help-js-away', { post: inLanguage(other.title) });
    part(this.#other, 'away-text', HTMLElement).textContent = sentence;
    if (wasHidden) this.#say(sentence);
  }
}
