/**
 * A confidential meeting: sound and pictures are encrypted from page to page, the server forwards what it cannot read and
 * still adapts, and everybody is told truthfully what that means.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chromium, firefox } from './browsers.mjs';
import { openHouse, until } from './house.mjs';
import { seesAndHears, watchConnections } from './media.mjs';
import { openMeeting } from './reach.mjs';
import { codes, isConfidential, keyOf, makeConfidential } from './sealed.mjs';

const SCENE_MS = 240_000;

for (const [name, other] of [['Chromium', chromium], ['Firefox', firefox]]) {
  test(`Chromium and ${name} see and hear each other in a confidential meeting, and both show the same digits`, { timeout: SCENE_MS }, async () => {
    const [browser, second, house] = await Promise.all([chromium(), other(), openHouse()]);
    try {
      const { officer, citizen } = await openMeeting(house, { officers: browser, citizens: second, mobile: '9100008001', mail: 'sealed@example.org' }, watchConnections);
      await Promise.all([seesAndHears(officer, 'the officer'), seesAndHears(citizen, 'the citizen')]);
      await makeConfidential(officer);
      await isConfidential(citizen);
      const [there, here] = await Promise.all([codes(officer), codes(citizen)]);
      assert.deepEqual(there, here);
      await Promise.all([seesAndHears(officer, 'the officer'), seesAndHears(citizen, 'the citizen')]);
      assert.ok((await keyOf(officer)) > 0 && (await keyOf(citizen)) > 0);
      assert.deepEqual([...officer.complaints, ...citizen.complaints], []);
    } finally {
      await Promise.all([browser.close(), second.close()]);
      await house.stop();
    }
  });
}
