/**
 * The officer's queue: one key a button, and the page is loaded again when somebody else changed the queue.
 *
 * Never while something is being typed: what was typed is not lost.
 */

/** @param {EventTarget | null} target */
function isTyping(target) {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/** @param {HTMLElement} root */
export function start(root) {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const button = root.querySelector(`button[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (!(button instanceof HTMLButtonElement) || button.disabled) return;
    event.preventDefault();
    button.click();
  });
  let known = '';
  new EventSource(root.dataset.events ?? '').addEventListener('board', ({ data }) => {
    const { inside, called, waiting, expected } = JSON.parse(data);
    const now = JSON.stringify([inside, called, waiting, expected]);
    const isOther = known !== '' && known !== now;
    known = now;
    const isOpen = root.querySelector('details[open]') !== null;
    if (isOther && !isOpen && !isTyping(document.activeElement)) window.location.reload();
  });
}
