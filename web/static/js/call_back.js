/**
 * A line that is too weak even for a voice: the officer is offered the telephone, the citizen reads that the officer will
 * call. What the server has said is shown; nothing is judged here.
 */

import { optionalPart, part } from './part.js';
import { inLanguage } from './words.js';

/** @typedef {import('./signaling.js').Signaling} Signaling */

export class CallBack {
  /**
   * @param {HTMLElement} root
   * @param {Signaling} signaling
   */
  constructor(root, signaling) {
    const told = optionalPart(root, 'called-back', HTMLElement);
    signaling.on('called_back', () => {
      if (told !== null) told.hidden = false;
    });
    const offer = optionalPart(root, 'faint', HTMLFormElement);
    if (offer === null) return;
    let participant = '';
    signaling.on('faint', ({ lines: [line] }) => {
      offer.hidden = line === undefined;
      participant = line?.participant ?? '';
      if (line !== undefined) part(offer, 'faint-name', HTMLElement).textContent = inLanguage(line.title);
    });
    // The form itself opens the page with the number.
    offer.addEventListener('submit', () => signaling.send({ type: 'call_back', participant }));
  }
}
