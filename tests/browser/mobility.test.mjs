/** A call whose way is lost or changes under it, in real browsers: it goes on over the connection that it has. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figures, openCall, watch } from './adaptation.mjs';
import { ground } from './ground.mjs';
import { until } from './house.mjs';

const SCENE_MS = 120_000;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const on = ground();

/** The ICE name of the server as each live connection of a page knows it, and how many connections it has ever made. */
function names(page) {
  return page.evaluate(() => ({
    made: window.watchedConnections.length,
    theirs: window.watchedConnections
      .filter((pc) => pc.connectionState !== 'closed')
      .map((pc) => /^a=ice-ufrag:(\S+)/m.exec(pc.currentRemoteDescription?.sdp ?? '')?.[1] ?? ''),
  }));
}

/** Waits until the page has begun ICE anew on the connection that it had. */
async function beginsAnew(page, before) {
  const now = await until('ICE has begun anew', async () => {
    const found = await names(page);
    return found.theirs.join() !== before.theirs.join() && found;
  }, 10_000);
  assert.equal(now.made, before.made, 'it is the same connection');
  return now;
}

for (const [who, seat] of [['Chromium', 'chamber_1'], ['Firefox', 'chamber_2']]) {
  test(`another network under a call: ICE begins anew at once and nothing stops, in ${who}`, { timeout: SCENE_MS }, async (t) => {
    const call = await openCall(on.house, { board: on.board, chamber: who === 'Firefox' ? on.other : on.board, seat });
    try {
      const first = await names(call.chamber);
      const seen = watch(call.chamber, 3_000);
      await call.chamber.evaluate(() => window.dispatchEvent(new Event('online')));
      await beginsAnew(call.chamber, first);
      const { longestGapMs, framesPerSecond } = await seen;
      t.diagnostic(`longest time without a new frame: ${longestGapMs.toFixed(0)} ms`);
      assert.ok(longestGapMs < 1_000 && framesPerSecond > 5, `it goes on: ${longestGapMs} ms, ${framesPerSecond} frames a second`);
      assert.equal(await call.chamber.evaluate(() => document.documentElement.dataset.line), 'up');
    } finally {
      await call.close();
    }
  });

  test(`a silence under a call: ICE begins anew by itself, and the call comes back with the line, in ${who}`, { timeout: SCENE_MS }, async (t) => {
    const call = await openCall(on.house, { board: on.board, chamber: who === 'Firefox' ? on.other : on.board, seat });
    try {
      await pause(2_000);
      const first = await names(call.chamber);
      const from = Date.now();
      call.chamberPath.both({ loss: 1 });
      await beginsAnew(call.chamber, first);
      t.diagnostic(`silence was found and answered after ${Date.now() - from} ms`);
      await pause(1_000);
      const { frames } = await figures(call.chamber);
      call.chamberPath.heal();
      const healed = Date.now();
      await until('pictures come again', async () => (await figures(call.chamber)).frames > frames + 5);
      t.diagnostic(`pictures again ${Date.now() - healed} ms after the line`);
      assert.equal((await names(call.chamber)).made, first.made, 'it is the same connection');
      assert.deepEqual(call.chamber.complaints, []);
    } finally {
      await call.close();
    }
  });
}

test('a line that only loses and delays is left alone', { timeout: SCENE_MS }, async () => {
  const call = await openCall(on.house, { board: on.board, chamber: on.board });
  try {
    call.chamberPath.both({ loss: 0.03, delayMs: 60, jitterMs: 20 });
    await pause(2_000);
    const first = await names(call.chamber);
    await pause(12_000);
    assert.deepEqual(await names(call.chamber), first, 'neither a new connection nor new names');
  } finally {
    await call.close();
  }
});
