/** The sheet of a question fills while it is open and looked at; a sheet that has gone down with its server stays as it was. */

/** So often an open sheet is read again. */
const READ_MS = 3_000;

/** @param {HTMLElement} root */
export function start(root) {
  if (root.dataset.open !== 'true') return;
  setInterval(() => document.visibilityState === 'visible' && read(root), READ_MS);
}

/** @param {HTMLElement} root */
async function read(root) {
  const answer = await fetch(root.dataset.source ?? '', { credentials: 'same-origin' }).catch(() => null);
  if (answer === null || !answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').body;
  // Nothing is drawn anew under whoever reads or selects.
  if (fresh.textContent?.trim() === root.textContent?.trim()) return;
  root.replaceChildren(...[...fresh.children].map((one) => document.importNode(one, true)));
}
