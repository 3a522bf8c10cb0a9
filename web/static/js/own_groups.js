/**
 * Own groups on the board: a press on a chip chooses the seats of the group, so that they can be rung or asked together; those that
 * are chosen become a group by a name.
 */

import { part } from './part.js';
import { errorsOf, freshId, hidden, send } from './questions.js';

/** @typedef {import('./directory.js').Directory} Directory */
/** @typedef {{ choose: (posts: string[]) => void, chosen: () => string[] }} Chosen */

export class OwnGroups {
  #root;
  #names;
  #chosen;
  #box;
  #dialog;
  #form;
  #errors;

  /**
   * @param {HTMLElement} root
   * @param {Directory} names
   * @param {Chosen} chosen
   */
  constructor(root, names, chosen) {
    this.#root = root;
    this.#names = names;
    this.#chosen = chosen;
    this.#box = part(root, 'own-groups', HTMLElement);
    this.#dialog = part(root, 'group-dialog', HTMLDialogElement);
    this.#form = part(root, 'group-form', HTMLFormElement);
    this.#errors = part(root, 'group-errors', HTMLElement);
    this.#box.addEventListener('click', (event) => this.#press(event));
    part(root, 'together-group', HTMLButtonElement).addEventListener('click', () => this.#open());
    part(root, 'group-back', HTMLButtonElement).addEventListener('click', () => this.close());
    this.#form.addEventListener('submit', (event) => this.#submit(event));
  }

  close() {
    this.#dialog.close();
  }

  /** @param {MouseEvent} event */
  #press(event) {
    const chip = event.target instanceof Element ? event.target.closest('button') : null;
    if (chip !== null) this.#chosen.choose((chip.dataset.seats ?? '').split(' '));
  }

  #open() {
    this.#errors.replaceChildren();
    part(this.#form, 'group-id', HTMLInputElement).value = freshId();
    part(this.#root, 'group-names', HTMLElement).textContent = this.#names.list(this.#chosen.chosen());
    this.#dialog.showModal();
    part(this.#form, 'group-name', HTMLInputElement).focus();
  }

  /** @param {SubmitEvent} event */
  async #submit(event) {
    event.preventDefault();
    for (const old of this.#form.querySelectorAll('input[name^="to-"]')) old.remove();
    for (const post of this.#chosen.chosen()) this.#form.append(hidden(`to-${post}`));
    const answer = await send(this.#form);
    if (answer === null || !answer.ok) {
      this.#errors.replaceChildren(await errorsOf(answer));
      return;
    }
    this.#form.reset();
    this.close();
    await this.#read();
  }

  async #read() {
    const answer = await fetch(this.#box.dataset.source ?? '', { credentials: 'same-origin' }).catch(() => null);
    if (answer === null || !answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').body;
    this.#box.replaceChildren(...[...fresh.children].map((one) => document.importNode(one, true)));
  }
}
