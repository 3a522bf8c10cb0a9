/** Adaptation in real browsers over a line that is made bad: the shortest proofs; `benches/adaptation.mjs` has all figures. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figures, layerRests, openCall, showStage, untilLines, watch } from './adaptation.mjs';
import { ground } from './ground.mjs';
import { until } from './house.mjs';

const SCENE_MS = 120_000;
const on = ground();

test('a smaller tile gets a smaller picture, and layers that nobody receives rest', { timeout: SCENE_MS }, async (t) => {
  const call = await openCall(on.house, { board: on.board, chamber: on.board });
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
  const call = await openCall(on.house, { board: on.board, chamber: on.other, seat: 'chamber_2' });
  try {
    for (const path of [call.boardPath, call.chamberPath]) path.both({ loss: 0.03, delayMs: 15 });
    // Each time hardly anything is missing; a machine that is busy for a moment may stop one of three times for a moment.
    const gaps = [];
    do {
      const [seen, back] = await Promise.all([watch(call.chamber, 16_000), watch(call.board, 16_000)]);
      for (const [who, one] of [['the chamber', seen], ['the board', back]]) {
        assert.ok(one.longestGapMs < 3_000 && one.framesPerSecond > 3, `${who} sees it move: ${JSON.stringify({ ...one, course: undefined })}`);
        assert.ok(one.missing < 0.05, `${who} hears nearly everything: ${one.missing}`);
      }
      // What Chromium sends in RED is made whole on the way; Firefox sends each frame once.
      assert.ok(seen.missing < 0.02, `the chamber hears all that came twice: ${seen.missing}`);
      gaps.push(Math.max(seen.longestGapMs, back.longestGapMs));
    } while (gaps.length < 3 && gaps.at(-1) >= 1_000);
    assert.ok(gaps.at(-1) < 1_000, `the picture does not stop for a second: ${gaps}`);
  } finally {
    await call.close();
  }
});

test('a line of 64 kb/s is left to the voice, both ways, in Firefox as well', { timeout: SCENE_MS }, async () => {
  const call = await openCall(on.house, { board: on.board, chamber: on.other, seat: 'chamber_2' });
  try {
    const peers = (page) => page.evaluate(() => window.watchedConnections.length);
    const before = await peers(call.chamber);
    call.chamberPath.both({ kbps: 64, delayMs: 40, queueMs: 600 });
    await until('the own camera rests', () => call.chamber.evaluate(() => document.documentElement.dataset.quality === 'voice'));
    await until('the queue is gone', async () => {
      const [there, here] = await Promise.all([watch(call.chamber, 3_000), watch(call.board, 3_000)]);
      return there.missing < 0.1 && here.missing < 0.1;
    });
    assert.equal(await peers(call.chamber), before, 'the line was kept');
  } finally {
    await call.close();
  }
});
