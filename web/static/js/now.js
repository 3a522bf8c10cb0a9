/**
 * The board of a queue: shows each event of the server as it comes. The page has the same numbers without it.
 *
 * Words come with the page, as data of its root; numbers come with the event. Nothing is asked for.
 */
import { copyOf, part } from './part.js';

/** @typedef {{ inside: number | null, called: number | null, next: { number: number, from?: number, to?: number }[], waiting: number, expected: number, late_until_ms: number | null }} Board */

/** The hour as people in India say it, wherever the wall hangs. */
const HOUR = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Kolkata', hour: '2-digit', minute: '2-digit' });

/**
 * @param {string} text with `{name}` for each value
 * @param {Record<string, number | string>} values
 */
function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** @param {HTMLElement} root */
export function start(root) {
  const { events = '', range = '', soon = '', waiting = '', late = '' } = root.dataset;
  const inside = part(root, 'inside', HTMLElement);
  const nobody = part(root, 'nobody', HTMLElement);
  const empty = part(root, 'empty', HTMLElement);
  const call = part(root, 'call', HTMLElement);
  const called = part(root, 'called', HTMLElement);
  const next = part(root, 'next', HTMLElement);
  const line = part(root, 'waiting', HTMLElement);
  const delay = part(root, 'late', HTMLElement);
  new EventSource(events).addEventListener('board', ({ data }) => {
    /** @type {Board} */
    const board = JSON.parse(data);
    inside.textContent = String(board.inside ?? '');
    inside.hidden = board.inside === null;
    nobody.hidden = board.inside !== null;
    empty.hidden = board.next.length > 0;
    called.textContent = String(board.called ?? '');
    call.hidden = board.called === null;
    const said = board.late_until_ms === null ? '' : filled(late, { hour: HOUR.format(board.late_until_ms) });
    if (delay.textContent !== said) delay.textContent = said;
    delay.hidden = said === '';
    line.textContent = filled(waiting, { waiting: board.waiting, expected: board.expected });
    next.replaceChildren(...board.next.map(({ number, from, to }) => {
      const item = copyOf(root, 'line');
      const [shown, minutes] = item.children;
      shown.textContent = String(number);
      minutes.textContent = from === undefined || to === undefined ? soon : filled(range, { from, to });
      return item;
    }));
  });
}
