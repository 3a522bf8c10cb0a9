/**
 * Confidential calls of two seats, in real browsers: sound and pictures go encrypted from page to page, the server forwards what
 * it cannot read, a third stays out, and both screens say truthfully what that means.
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { chromium, firefox } from './browsers.mjs';
import { openHouse, until } from './house.mjs';
import { received, seesAndHears, watchConnections } from './media.mjs';
import { inMemory } from './memory.mjs';
import { codes, keyChanges, keyOf, recordPlain, recordSealed, takeRecord } from './sealed.mjs';
import { inState, press, staffsPage } from './story.mjs';
import { isWellAsItStands } from './well.mjs';
import { words } from './words.mjs';

const PATIENCE = 240_000;
const [HEALTH, EDUCATION] = ['sec-hlt', 'sec-edu'];
const hindi = words('hi');
let house;
let browser;
let other;
/** The pages of one test. */
let pages = [];

before(async () => {
  house = await openHouse();
  [browser, other] = await Promise.all([chromium(), firefox()]);
});

after(async () => {
  await Promise.all([browser?.close(), other?.close()]);
  await house?.stop();
});

afterEach(async () => {
  for (const page of pages) await page.close();
  pages = [];
});

async function isWarm(page) {
  await inState(page, 'idle');
  await until('the line is warm', () => page.evaluate(() => document.documentElement.dataset.line === 'up'));
}

async function seat(name, prepare = watchConnections) {
  const page = await staffsPage(house, browser, name, prepare);
  pages.push(page);
  await isWarm(page);
  return page;
}

const tile = (page, post) => until(`${post} is there`, () => page.$(`.seat[data-post="${post}"][data-presence="available"]`));
const text = (page, part) => page.$eval(`[data-part="${part}"]`, (one) => one.textContent.trim());
const isSeen = (page, part) => page.$eval(`[data-part="${part}"]`, (one) => one.checkVisibility());
const saysSealed = (page, state = 'yes') => until(`the page says ${state}`, () => page.evaluate((wanted) => document.documentElement.dataset.sealed === wanted, state));
const complaints = () => pages.flatMap((page) => page.complaints);
/** Tracks of this page that are on a line. */
const sent = (page) => page.evaluate(() => window.watchedConnections.filter((one) => one.connectionState !== 'closed')
  .flatMap((one) => one.getSenders()).filter((one) => one.track?.readyState === 'live').length);

/** Rings one post for a confidential call, by keyboard alone. */
async function ringsConfidentially(page, post) {
  await page.focus('[data-test="confidential-button"]');
  await page.keyboard.press('Enter');
  assert.equal(await isSeen(page, 'confidential-hint'), true);
  await (await tile(page, post)).focus();
  await page.keyboard.press('Enter');
  await inState(page, 'ringing');
}

async function bothTalkSealed(...two) {
  for (const page of two) await inState(page, 'in-call');
  for (const page of two) await saysSealed(page);
  for (const page of two) assert.equal(await text(page, 'seal-title'), hindi('live-js-seal-mark'), 'in plain words');
  await until('both show the same digits', async () => {
    const [here, there] = await Promise.all(two.map((page) => codes(page)));
    return here[0] === there[0];
  });
  await Promise.all(two.map((page) => seesAndHears(page, page.url())));
  for (const page of two) assert.ok((await keyOf(page)) > 0);
}

test('a confidential ring shows nobody before it is taken, and then both see and hear each other, sealed', { timeout: PATIENCE }, async () => {
  const [board, health] = [await seat('board'), await seat('chamber_1')];
  await isWellAsItStands(board, 'mesh-sealed-board');
  await ringsConfidentially(board, HEALTH);
  await inState(health, 'incoming');
  await saysSealed(board, 'coming');
  assert.equal(await text(health, 'seal-title'), hindi('live-js-seal-title'), 'who is rung knows what for');
  await until('the camera of the one who rings is open', () => board.evaluate(() => (document.querySelector('[data-part="own-video"]')?.currentTime ?? 0) > 0));
  assert.deepEqual([await sent(board), await sent(health)], [0, 0], 'nothing is on a line that is not sealed');
  assert.equal((await received(health)).packets, 0);
  await isWellAsItStands(board, 'mesh-sealed-rings');
  await isWellAsItStands(health, 'mesh-sealed-rung');
  await press(health, 'accept');
  await bothTalkSealed(board, health);
  await isWellAsItStands(board, 'mesh-sealed-talk-board');
  await isWellAsItStands(health, 'mesh-sealed-talk');
  await press(board, 'more');
  for (const part of ['add', 'hand-over', 'seal']) assert.equal(await isSeen(board, part), false, `${part} is not offered`);
  assert.equal(await isSeen(board, 'seal-closed'), true);
  await isWellAsItStands(board, 'mesh-sealed-more');
  await board.keyboard.press('Escape');
  await press(health, 'end');
  await Promise.all([isWarm(board), isWarm(health)]);
  assert.deepEqual([await sent(board), await sent(health)], [0, 0]);

  // An ordinary call after it is one again, on a line without transforms.
  await (await tile(board, HEALTH)).click();
  await inState(health, 'incoming');
  await press(health, 'accept');
  await Promise.all([inState(board, 'in-call'), inState(health, 'in-call')]);
  await Promise.all([seesAndHears(board, 'the board'), seesAndHears(health, 'the head')]);
  assert.equal(await isSeen(board, 'sealing'), false);
  const bare = (page) => page.evaluate(() => window.watchedConnections.filter((one) => one.connectionState !== 'closed')
    .every((one) => [...one.getSenders(), ...one.getReceivers()].every(({ transform }) => transform == null)));
  assert.deepEqual([await bare(board), await bare(health)], [true, true]);
  await press(board, 'end');
  await Promise.all([inState(board, 'idle'), inState(health, 'idle')]);
  assert.deepEqual(complaints(), []);
});

test('a running call becomes confidential for both by one press, a page that is loaded anew comes back into it, and a third is refused', { timeout: PATIENCE }, async () => {
  const [board, health, education] = [await seat('board'), await seat('chamber_1'), await seat('chamber_2')];
  await (await tile(board, HEALTH)).click();
  await inState(health, 'incoming');
  await press(health, 'accept');
  await Promise.all([inState(board, 'in-call'), inState(health, 'in-call')]);
  await Promise.all([seesAndHears(board, 'the board'), seesAndHears(health, 'the head')]);
  await press(health, 'more');
  await isWellAsItStands(health, 'mesh-sealed-offer');
  await press(health, 'seal');
  await bothTalkSealed(board, health);
  assert.equal((await received(education)).packets, 0);

  const [before] = await codes(board);
  const key = await keyOf(board);
  await health.reload();
  await inState(health, 'in-call');
  await saysSealed(health);
  await keyChanges(board, key);
  await until('new digits, the same on both sides', async () => {
    const [[here], [there]] = await Promise.all([codes(board), codes(health)]);
    return here === there && here !== before;
  });
  assert.equal(await sent(health), 0, 'who comes back by loading the page is seen by a press of his own');
  await press(health, 'camera');
  await press(health, 'microphone');
  await Promise.all([seesAndHears(board, 'the board'), seesAndHears(health, 'the head')]);

  await press(board, 'end');
  await Promise.all([isWarm(board), isWarm(health)]);
  assert.equal((await received(education)).packets, 0, 'the third has heard nothing');
  assert.deepEqual(complaints(), []);
});

test('a ring of precedence in a confidential call is heard; taken, the call is held, and goes on sealed', { timeout: PATIENCE }, async () => {
  const [board, health, education] = [await seat('board'), await seat('chamber_1'), await seat('chamber_2')];
  await health.click('[data-part="others"] > summary');
  await ringsConfidentially(health, EDUCATION);
  await inState(education, 'incoming');
  await press(education, 'accept');
  await bothTalkSealed(health, education);
  await board.locator(`.seat[data-post="${HEALTH}"]`).click();
  await until('the ring is seen', () => isSeen(health, 'break-in'));
  assert.equal((await received(board)).packets, 0, 'who rings hears nothing of it');
  await press(health, 'break-accept');
  await Promise.all([inState(board, 'in-call'), until('the call of the Chief Secretary is not sealed', () => isSeen(health, 'sealing').then((seen) => !seen))]);
  await Promise.all([seesAndHears(board, 'the board'), seesAndHears(health, 'the head')]);
  await saysSealed(education, 'coming');
  await press(board, 'end');
  await Promise.all([inState(board, 'idle'), inState(health, 'idle')]);
  await press(health, 'resume');
  await bothTalkSealed(health, education);
  await press(education, 'end');
  await Promise.all([inState(health, 'idle'), inState(education, 'idle')]);
  assert.deepEqual(complaints(), []);
});

test('whose browser cannot seal is not rung, and it is said in words', { timeout: PATIENCE }, async () => {
  const old = async (page) => {
    await watchConnections(page);
    await page.evaluateOnNewDocument(() => { delete window.RTCRtpScriptTransform; });
  };
  const [board, health] = [await seat('board'), await seat('chamber_1', old)];
  await board.focus('[data-test="confidential-button"]');
  await board.keyboard.press('Enter');
  await (await tile(board, HEALTH)).click();
  await until('it is said', async () => (await text(board, 'result')) === hindi('live-js-seal-cannot-there'));
  await Promise.all([inState(board, 'idle'), inState(health, 'idle')]);
  await health.click('[data-part="others"] > summary');
  await health.click('[data-test="confidential-button"]');
  await health.click(`.seat[data-post="${EDUCATION}"]`);
  await until('it is said there, too', async () => (await text(health, 'result')) === hindi('live-js-seal-cannot-here'));
  await inState(health, 'idle');
  await (await tile(board, HEALTH)).click();
  await inState(health, 'incoming');
  await press(health, 'accept');
  await Promise.all([inState(board, 'in-call'), inState(health, 'in-call')]);
  await press(board, 'more');
  await press(board, 'seal');
  await until('the open call is not called sealed', async () => (await text(board, 'result')) === hindi('live-js-seal-cannot-there'));
  assert.equal(await isSeen(board, 'sealing'), false);
  await Promise.all([seesAndHears(board, 'the board'), seesAndHears(health, 'the head')]);
  await press(board, 'end');
  await Promise.all([inState(board, 'idle'), inState(health, 'idle')]);
});

test('Firefox and Chromium talk confidentially with the same digits', { timeout: PATIENCE }, async () => {
  // A house of its own: a printed link signs in one browser once.
  const own = await openHouse();
  const sits = async (where, name) => {
    const page = await staffsPage(own, where, name, watchConnections);
    pages.push(page);
    await isWarm(page);
    return page;
  };
  try {
    const [health, head] = [await sits(browser, 'chamber_1'), await sits(other, 'chamber_2')];
    await head.click('[data-part="others"] > summary');
    await ringsConfidentially(head, HEALTH);
    await inState(health, 'incoming');
    await press(health, 'accept');
    await bothTalkSealed(head, health);
    await press(head, 'end');
    await Promise.all([inState(head, 'idle'), inState(health, 'idle')]);
  } finally {
    await own.stop();
  }
});

/** Bytes of each frame that are looked for, from its middle, and how large it must be. */
const PATTERN = 24;
const SOUND_MIN = 40;
const FRAMES = 400;
const middle = (frame) => frame.subarray((frame.length - PATTERN) >> 1, ((frame.length - PATTERN) >> 1) + PATTERN);
const recent = (frames, kind) => frames.filter((one) => one.kind === kind && one.bytes.length >= SOUND_MIN).slice(-FRAMES).map((one) => middle(one.bytes));

test('of a confidential call neither sound nor picture is in the memory of the server', { timeout: PATIENCE }, async (t) => {
  const prepare = async (page) => {
    await recordPlain(page);
    await watchConnections(page);
  };
  const both = [await seat('board', prepare), await seat('chamber_1', prepare)];
  const [board, health] = both;
  await (await tile(board, HEALTH)).click();
  await inState(health, 'incoming');
  await press(health, 'accept');
  await Promise.all(both.map((page) => seesAndHears(page, 'a side')));
  const open = await until('frames in the clear are found, so that the search can fail', async () => {
    const frames = (await Promise.all(both.map((page) => takeRecord(page)))).flat();
    const found = ['video', 'audio'].map((kind) => inMemory(house.server.pid, recent(frames, kind)).found.size);
    return found.every((count) => count > 0) && { frames, found };
  });
  await press(board, 'more');
  await press(board, 'seal');
  await bothTalkSealed(board, health);
  await Promise.all(both.map(recordSealed));
  const plain = (await Promise.all(both.map((page) => takeRecord(page)))).flat();
  const unsealed = Buffer.concat([...open.frames, ...plain].map((one) => one.bytes));
  const frames = [];
  const sealed = await until('enough frames were sealed, of which the memory has the encrypted bytes', async () => {
    frames.push(...(await Promise.all(both.map((page) => takeRecord(page, 'sealed')))).flat());
    const known = inMemory(house.server.pid, recent(frames, 'text')).found.size;
    return known > 0 && recent(frames, 'plain').length >= FRAMES && known;
  });
  const patterns = recent(frames, 'plain').filter((pattern) => !unsealed.includes(pattern));
  assert.ok(patterns.length > FRAMES / 4, `${patterns.length} frames are left`);
  assert.equal(inMemory(house.server.pid, patterns).found.size, 0, 'nothing of them is in the memory');
  assert.deepEqual((await Promise.all(both.map((page) => takeRecord(page)))).flat(), [], 'nothing went out unsealed meanwhile');
  t.diagnostic(`in the clear ${open.found} are found; of ${patterns.length} sealed ones none, and ${sealed} of their encrypted bytes`);
});
