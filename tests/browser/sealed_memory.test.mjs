/**
 * What of a confidential meeting whoever administers the server could read: the frames of both sides are recorded before
 * they are sealed, and looked for in the server's memory and in all that goes over the line. In the same meeting before it
 * is confidential the same search finds them, so that it can fail.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { chromium } from './browsers.mjs';
import { openHouse, until } from './house.mjs';
import { seesAndHears, watchConnections } from './media.mjs';
import { inFile, inMemory } from './memory.mjs';
import { openMeeting } from './reach.mjs';
import { codes, makeConfidential, recordPlain, recordSealed, takeRecord } from './sealed.mjs';

const SCENE_MS = 300_000;
/** Bytes of each frame that are looked for, from its middle, and how large it must be. */
const PATTERN = 24;
const SOUND_MIN = 40;
/** Frames that the server has lately got: it keeps them for a second or two. */
const FRAMES = 400;

const middle = (frame) => frame.subarray((frame.length - PATTERN) >> 1, ((frame.length - PATTERN) >> 1) + PATTERN);
const recent = (frames, kind) => frames.filter((one) => one.kind === kind && one.bytes.length >= SOUND_MIN).slice(-FRAMES).map((one) => one.bytes);

test('of a confidential meeting neither sound nor picture is in the server\'s memory or on the line', { timeout: SCENE_MS }, async (t) => {
  const [browser, house] = await Promise.all([chromium(), openHouse({ isImpaired: true })]);
  const tap = join(house.folder, 'line');
  try {
    house.proxy.tap(tap);
    const prepare = async (page) => {
      await recordPlain(page);
      await watchConnections(page);
    };
    const { officer, citizen } = await openMeeting(house, { officers: browser, citizens: browser, mobile: '9100008003', mail: 'memory@example.org' }, prepare);
    const both = [officer, citizen];
    await Promise.all(both.map((page) => seesAndHears(page, 'a side')));

    const open = await until('frames in the clear are found', async () => {
      const frames = (await Promise.all(both.map((page) => takeRecord(page)))).flat();
      const found = {};
      for (const kind of ['video', 'audio']) {
        const patterns = recent(frames, kind).map(middle);
        found[kind] = `${inMemory(house.server.pid, patterns).found.size} of ${patterns.length}`;
        if (patterns.length === 0 || found[kind].startsWith('0 ')) return false;
      }
      return { frames, found };
    });
    t.diagnostic(`in the clear the server's memory has of video ${open.found.video}, of audio ${open.found.audio}`);

    await makeConfidential(officer);
    await Promise.all(both.map((page) => codes(page)));
    await Promise.all(both.map(recordSealed));
    await Promise.all(both.map((page) => seesAndHears(page, 'a side')));
    const unsealed = Buffer.concat((await Promise.all(both.map((page) => takeRecord(page)))).flat().concat(open.frames).map((one) => one.bytes));
    const frames = [];
    const sealed = await until('enough frames were sealed, of which the memory has the encrypted bytes', async () => {
      frames.push(...(await Promise.all(both.map((page) => takeRecord(page, 'sealed')))).flat());
      const texts = recent(frames, 'text').map(middle);
      const known = texts.length === 0 ? 0 : inMemory(house.server.pid, texts).found.size;
      return known > 0 && recent(frames, 'plain').length >= FRAMES && { frames, known };
    });
    // A frame that was sent before in the clear and came again byte by byte proves nothing.
    const patterns = recent(sealed.frames, 'plain').map(middle).filter((pattern) => !unsealed.includes(pattern));
    assert.ok(patterns.length > FRAMES / 4, `${patterns.length} frames are left`);
    const memory = inMemory(house.server.pid, patterns);
    assert.equal(memory.found.size, 0, 'nothing of them is in the memory');
    const line = inFile(tap, patterns);
    assert.ok(line.bytes > 1_000_000, 'the line was listened to');
    assert.equal(line.found.size, 0, 'nor on the line');
    t.diagnostic(`of ${patterns.length} frames nothing in ${memory.bytes >> 20} MiB of memory, which has ${sealed.known} encrypted ones, and in ${line.bytes >> 10} KiB of the line`);
    await Promise.all(both.map((page) => seesAndHears(page, 'a side')));
    assert.deepEqual((await Promise.all(both.map((page) => takeRecord(page)))).flat(), [], 'nothing went out unsealed meanwhile');
  } finally {
    await browser.close();
    await house.stop();
  }
});
