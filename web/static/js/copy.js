/**
 * Copies a text that stands in a field; shown only where a script can. Where there is no clipboard the text is marked, so
 * that it can be copied by hand.
 */
import { part } from './part.js';

/** How long the button says that it is done. */
const DONE_MS = 3_000;

/** @param {HTMLElement} root */
export function start(root) {
  const field = part(root, 'copy-text', HTMLInputElement);
  const button = part(root, 'copy', HTMLButtonElement);
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener('click', () => {
    field.select();
    navigator.clipboard?.writeText(field.value).then(() => {
      button.textContent = button.dataset.done ?? '';
      part(root, 'copy-live', HTMLElement).textContent = button.textContent;
      setTimeout(() => {
        button.textContent = label;
      }, DONE_MS);
    }, () => {});
  });
}
