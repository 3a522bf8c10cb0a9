/** The database is away for some seconds under a meeting: people are let in, come again, and all of it is written afterwards, once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KINDS, comesAgain, linesNow, openLobby, writtenOnce } from './away.mjs';
import { chromium } from './browsers.mjs';
import { inState, leavesAndComesAgain, press } from './story.mjs';
import { seesAndHears, watchConnections } from './media.mjs';

const SCENE_MS = 180_000;

for (const [kind, open] of Object.entries(KINDS)) {
  test(`${kind}: a meeting goes on, whoever waits is let in, who loads the page again comes back`, { timeout: SCENE_MS }, async (t) => {
    const [browser, stage] = await Promise.all([chromium(), open()]);
    try {
      const person = { name: 'Ram Kumar', mobile: '9100006001', mail: 'away@example.org' };
      const { officer, citizen, door, meeting } = await openLobby(stage.house, browser, person, watchConnections);
      const before = linesNow(stage.rows);
      const from = Date.now();
      await stage.begin();
      await press(officer, 'admit');
      await inState(citizen, 'meeting');
      await Promise.all([seesAndHears(officer, 'the officer'), seesAndHears(citizen, 'the citizen')]);
      await comesAgain(citizen);
      await comesAgain(officer);
      await leavesAndComesAgain(citizen, door);
      await Promise.all([seesAndHears(officer, 'the officer'), seesAndHears(citizen, 'the citizen')]);
      if (!kind.includes('PostgreSQL')) assert.equal(linesNow(stage.rows), before, 'nothing could be written');
      await stage.end();
      t.diagnostic(`away for ${Date.now() - from} ms`);
      await press(officer, 'end');
      await press(officer, 'end-all');
      const written = await writtenOnce(stage.rows, meeting, (lines) => lines.some((line) => line.act === 'meeting.end'));
      t.diagnostic(JSON.stringify(written));
      assert.deepEqual([...officer.complaints, ...citizen.complaints], []);
    } finally {
      await browser.close();
      await stage.close();
    }
  });
}
