/** What the tests of a call on a bad line stand on. */
import { after, before } from 'node:test';
import { chromium, firefox } from './browsers.mjs';
import { openHouse } from './house.mjs';

/**
 * Opens a house whose lines can be made bad, and a browser of each kind, before the tests of a file, and closes them after.
 *
 * @returns {{ house: object, board: import('puppeteer-core').Browser, other: import('puppeteer-core').Browser }}
 *   empty until the first test; `board` is Chromium, `other` Firefox
 */
export function ground() {
  const on = {};
  before(async () => {
    on.house = await openHouse({ isImpaired: true });
    [on.board, on.other] = await Promise.all([chromium(), firefox()]);
  });
  after(async () => {
    await Promise.all([on.board?.close(), on.other?.close()]);
    await on.house?.stop();
  });
  return on;
}
