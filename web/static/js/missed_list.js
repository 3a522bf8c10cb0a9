/**
 * The list of what was missed: a word is opened and played where it stands. Without this file its button loads the page again, and
 * the player is there.
 */

import { send } from './questions.js';

/** @param {HTMLElement} root */
export function start(root) {
  root.addEventListener('submit', (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.dataset.open === undefined) return;
    event.preventDefault();
    open(form);
  });
}

/** @param {HTMLFormElement} form */
async function open(form) {
  const word = form.parentElement;
  const player = word?.querySelector('video, audio');
  const failed = word?.querySelector('[role="alert"]');
  if (!(player instanceof HTMLMediaElement) || !(failed instanceof HTMLElement) || word === null) return;
  failed.hidden = true;
  const answer = await send(form);
  if (answer === null || !answer.ok) {
    failed.hidden = false;
    return;
  }
  word.dataset.heard = 'true';
  player.src = player.dataset.src ?? '';
  player.hidden = false;
  form.hidden = true;
  word.closest('article')?.querySelector('.missed-new')?.remove();
  player.focus();
  // Where the browser wants one more press its own button is there.
  await player.play().catch(() => {});
}
