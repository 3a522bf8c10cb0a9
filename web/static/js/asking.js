/** Asking those that are chosen on the board, in a dialog: the form is the one of the page for it, and nobody leaves the board. */

import { part } from './part.js';
import { errorsOf, freshId, hidden, send } from './questions.js';
import { word } from './words.js';

/** @typedef {import('./directory.js').Directory} Directory */

export class Asking {
  #root;
  #names;
  #done;
  #dialog;
  #form;
  #errors;
  /** @type {string[]} */
  #posts = [];

  /**
   * @param {HTMLElement} root
   * @param {Directory} names
   * @param {(said: string) => void} done a question was asked
   */
  constructor(root, names, done) {
    this.#root = root;
    this.#names = names;
    this.#done = done;
    this.#dialog = part(root, 'ask-dialog', HTMLDialogElement);
    this.#form = part(root, 'ask-form', HTMLFormElement);
    this.#errors = part(root, 'ask-errors', HTMLElement);
    part(root, 'ask-back', HTMLButtonElement).addEventListener('click', () => this.close());
    this.#form.addEventListener('submit', (event) => this.#submit(event));
  }

  /** @param {string[]} posts */
  open(posts) {
    this.#posts = posts;
    this.#errors.replaceChildren();
    part(this.#root, 'ask-names', HTMLElement).textContent = this.#names.list(posts);
    this.#dialog.showModal();
    part(this.#form, 'ask-text', HTMLInputElement).focus();
  }

  close() {
    this.#dialog.close();
  }

  /** @param {SubmitEvent} event */
  async #submit(event) {
    event.preventDefault();
    const button = part(this.#form, 'ask-send', HTMLButtonElement);
    button.disabled = true;
    for (const old of this.#form.querySelectorAll('input[name^="to-"]')) old.remove();
    for (const post of this.#posts) this.#form.append(hidden(`to-${post}`));
    const answer = await send(this.#form);
    button.disabled = false;
    if (answer === null || !answer.ok) {
      this.#errors.replaceChildren(await errorsOf(answer));
      return;
    }
    this.#form.reset();
    // The next question has an id of its own.
    part(this.#form, 'ask-id', HTMLInputElement).value = freshId();
    this.close();
    this.#done(word('live-js-ask-done'));
  }
}
