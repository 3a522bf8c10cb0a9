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
   * @param {() => void} goOn where the keyboard goes when what it was on is hidden
   */
  constructor(root, signaling, goOn) {
    const told = optionalPart(root, 'called-back', HTMLElement);
    if (told !== null) tellCitizen(told, signaling, goOn);
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

/**
 * The note stands until it is read and shut; the server says it again on each new socket.
 *
 * @param {HTMLElement} told
 * @param {Signaling} signaling
 * @param {() => void} goOn
 */
function tellCitizen(told, signaling, goOn) {
  let isRead = false;
  signaling.on('called_back', () => {
    told.hidden = isRead;
  });
  part(told, 'called-back-close', HTMLButtonElement).addEventListener('click', () => {
    isRead = true;
    told.hidden = true;
    goOn();
  });
}
