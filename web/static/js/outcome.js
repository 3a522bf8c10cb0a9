/**
 * The outcome by keys: d, f, n and x open one of the four, a digit takes its nth choice.
 *
 * A direction has two rows of choices: the digit takes the text first, then the due date, which sends the form. Escape
 * goes back to the text. What the keys do the form does as well.
 */

/** The form of an outcome. Enhances the form that the server rendered. */
export class OutcomeKeys {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    for (const hint of root.querySelectorAll('[data-hint], [data-part="keys"]')) {
      if (hint instanceof HTMLElement) hint.hidden = false;
    }
    document.addEventListener('keydown', (event) => this.pressed(event));
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const target = event.target;
    const isTyping = target instanceof HTMLElement && target.closest('textarea, select, dialog[open]') !== null;
    if (isTyping || event.ctrlKey || event.altKey || event.metaKey) return;
    const kind = this.root.querySelector(`details[data-key="${CSS.escape(event.key)}"]`);
    if (kind instanceof HTMLDetailsElement) this.open(kind);
    else if (event.key === 'Escape') this.unchoose();
    else if (/^[1-9]$/.test(event.key)) this.choose(Number(event.key) - 1);
    else return;
    event.preventDefault();
  }

  /** @param {HTMLDetailsElement} kind */
  open(kind) {
    for (const other of this.root.querySelectorAll('details[data-key]')) {
      if (other instanceof HTMLDetailsElement) other.open = other === kind;
    }
    kind.querySelector('summary')?.focus();
  }

  /** The row of choices whose turn it is. */
  choices() {
    const kind = this.root.querySelector('details[data-key][open]');
    const rows = [...(kind?.querySelectorAll('[data-choices]') ?? [])];
    const texts = rows.find((row) => row.querySelector('input[type="radio"]') !== null);
    const own = this.root.querySelector('textarea[name="own"]');
    const hasOwn = own instanceof HTMLTextAreaElement && own.value.trim() !== '';
    const isChosen = texts !== undefined && (hasOwn || texts.querySelector('input:checked') !== null);
    return isChosen ? rows[1] : rows[0];
  }

  /** @param {number} place */
  choose(place) {
    const choice = this.choices()?.querySelectorAll('input, button')[place];
    if (!(choice instanceof HTMLElement)) return;
    choice.focus();
    choice.click();
  }

  /** No text is chosen any more. */
  unchoose() {
    const chosen = this.root.querySelector('input[name="text"]:checked');
    if (chosen instanceof HTMLInputElement) chosen.checked = false;
  }
}

/** @param {HTMLElement} root */
export function start(root) {
  new OutcomeKeys(root);
}
