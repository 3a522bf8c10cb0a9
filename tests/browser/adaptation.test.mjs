/** Adaptation in real browsers over a line that is made bad: the shortest proofs; `benches/adaptation.mjs` has all figures. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { figures, openCall, showStage, untilLines } from './adaptation.mjs';
import { chromium } from './browsers.mjs';
import { openHouse, until } from './house.mjs';

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

test('a smaller tile gets a smaller picture, and layers that nobody receives rest', { timeout: SCENE_MS }, async (t) => {
  const call = await openCall(house, { board, chamber: board });
  try {
    if ((await figures(call.board)).layers < 3) return t.skip('the server answers without layers');
    await untilLines(call.chamber, 540);
    await showStage(call.chamber, 450, 252);
    await untilLines(call.chamber, 270);
    await showStage(call.chamber, 220, 124);
    await untilLines(call.chamber, 135);
    await until('the largest layer rests', async () => {
      const first = (await figures(call.board)).sentFrames.f;
      await new Promise((done) => setTimeout(done, 1_000));
      return (await figures(call.board)).sentFrames.f === first;
    });
    await showStage(call.chamber, 0, 0);
    // On a busy machine the line looks narrow, and the way to the top is long.
    await untilLines(call.chamber, 270, { most: 540 });
    assert.deepEqual([...call.board.complaints, ...call.chamber.complaints], []);
  } finally {
    await call.close();
  }
});
