/**
 * The slip's print button: shown only where a script can print; the page prints as well without it.
 */
import { part } from './part.js';

/** @param {HTMLElement} root */
export function start(root) {
  const button = part(root, 'print', HTMLButtonElement);
  button.hidden = false;
  button.addEventListener('click', () => window.print());
}
