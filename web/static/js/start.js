/**
 * Starts the page's parts: each `data-module` loads its own file and nothing else.
 * A name that is not in the table is not loaded, whatever the page says.
 */

/** @type {Record<string, () => Promise<{ start: (root: HTMLElement) => void }>>} */
const modules = {
  meeting: () => import('./meeting.js'),
  board: () => import('./board.js'),
  review: () => import('./review.js'),
  desk: () => import('./desk.js'),
  chamber: () => import('./chamber.js'),
  kiosk: () => import('./kiosk.js'),
  'kiosk-open': () => import('./kiosk_open.js'),
  check: () => import('./check.js'),
  gate: () => import('./gate.js'),
  hold: () => import('./hold.js'),
  now: () => import('./now.js'),
  queue: () => import('./queue.js'),
  aloud: () => import('./aloud.js'),
  print: () => import('./print.js'),
  outcome: () => import('./outcome.js'),
  voice: () => import('./voice_note.js'),
  'question-sheet': () => import('./question_sheet.js'),
  'missed-list': () => import('./missed_list.js'),
  copy: () => import('./copy.js'),
};

for (const root of document.querySelectorAll('[data-module]')) {
  const load = root instanceof HTMLElement ? modules[root.dataset.module ?? ''] : undefined;
  if (load !== undefined) load().then((module) => module.start(/** @type {HTMLElement} */ (root)));
}
