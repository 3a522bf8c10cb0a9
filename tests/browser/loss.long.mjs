/** A lossy line between two makes of browser: for a quiet machine, so `./test --long` runs it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openCall, watch } from './adaptation.mjs';
import { chromium, firefox } from './browsers.mjs';
import { openHouse } from './house.mjs';

const SCENE_MS = 120_000;
let house;
let board;

before(async () => {
  house = await openHouse({ isImpaired: true });
  board = await chromium();
});

after(async () => {
  await board?.close();
  await house?.stop();
});

test('three in a hundred packets lost each way leave the picture moving, in Firefox as well', { timeout: SCENE_MS }, async () => {
  const other = await firefox();
  const call = await openCall(house, { board, chamber: other });
  try {
    for (const path of [call.boardPath, call.chamberPath]) path.both({ loss: 0.03, delayMs: 15 });
    const [seen, back] = await Promise.all([watch(call.chamber, 8_000), watch(call.board, 8_000)]);
    for (const [who, one] of [['the chamber', seen], ['the board', back]]) {
      assert.ok(one.longestGapMs < 3_000 && one.framesPerSecond > 3, `${who} sees it move: ${JSON.stringify({ ...one, course: undefined })}`);
      assert.ok(one.missing < 0.05, `${who} hears nearly everything: ${one.missing}`);
    }
  } finally {
    await call.close();
    house.sessions?.delete('chamber_1');
    await other.close();
  }
});
