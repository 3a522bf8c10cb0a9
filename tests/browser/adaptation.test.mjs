/** Adaptation in real browsers over a line that is made bad: the shortest proofs; `benches/adaptation.mjs` has all figures. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { figures, layerRests, openCall, showStage, untilLines, watch } from './adaptation.mjs';
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

test('a smaller tile gets a smaller picture, and layers that nobody receives rest', { timeout: SCENE_MS }, async (t) => {
  const call = await openCall(house, { board, chamber: board });
  try {
    if ((await figures(call.board)).layers < 3) return t.skip('the server answers without layers');
    await untilLines(call.chamber, 540);
    await showStage(call.chamber, 450, 252);
    await untilLines(call.chamber, 270);
    await showStage(call.chamber, 220, 124);
    await untilLines(call.chamber, 135);
    await layerRests(call.board, 'f');
    await showStage(call.chamber, 0, 0);
    await untilLines(call.chamber, 540);
    assert.deepEqual([...call.board.complaints, ...call.chamber.complaints], []);
  } finally {
    await call.close();
  }
});

test('of three in a hundred packets lost each way hardly any is heard, and the picture moves, in Firefox as well', { timeout: SCENE_MS }, async () => {
  const other = await firefox();
  try {
    const call = await openCall(house, { board, chamber: other, seat: 'chamber_2' });
    try {
      for (const path of [call.boardPath, call.chamberPath]) path.both({ loss: 0.03, delayMs: 15 });
      const [seen, back] = await Promise.all([watch(call.chamber, 8_000), watch(call.board, 8_000)]);
      for (const [who, one] of [['the chamber', seen], ['the board', back]]) {
        assert.ok(one.longestGapMs < 1_000 && one.framesPerSecond > 3, `${who} sees it move: ${JSON.stringify({ ...one, course: undefined })}`);
        assert.ok(one.missing < 0.05, `${who} hears nearly everything: ${one.missing}`);
      }
      // What Chromium sends in RED is made whole on the way; Firefox sends each frame once.
      assert.ok(seen.missing < 0.02, `the chamber hears all that came twice: ${seen.missing}`);
    } finally {
      await call.close();
    }
  } finally {
    await other.close();
  }
});
