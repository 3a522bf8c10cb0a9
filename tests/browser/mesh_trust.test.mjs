/** Auto-answer of a chamber, in real browsers: what its caller sees before the countdown is over, and what takes it back. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';
import { chromium } from './browsers.mjs';
import { openHouse, until } from './house.mjs';
import { received, seesAndHears, untilReceived, watchConnections } from './media.mjs';
import { inState, press, staffsPage } from './story.mjs';
import { isWell, isWellAsItStands } from './well.mjs';
import { words } from './words.mjs';

const PATIENCE = 240_000;
const HEALTH = 'sec-hlt';
const hindi = words('hi');
let house;
let browser;
/** The pages of one test. */
let pages = [];

before(async () => {
  house = await openHouse({ isNoon: true });
  browser = await chromium();
});

after(async () => {
  await browser?.close();
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

async function seat(name) {
  const page = await staffsPage(house, browser, name, watchConnections);
  pages.push(page);
  await isWarm(page);
  return page;
}

/** The occupant of the chamber lets the Chief Secretary in, by the page and its form. */
async function letsIn(page) {
  await page.goto(`${house.base}/chamber/auto-answer`);
  if ((await page.$('#caller-cs:checked')) === null) await page.click('#caller-cs');
  for (const [field, hour] of [['from', '08:00'], ['to', '20:00']]) {
    await page.$eval(`#${field}`, (input, value) => { input.value = value; }, hour);
  }
  await Promise.all([page.waitForNavigation(), page.click('[data-test="auto-button"]')]);
  await page.waitForSelector('[data-test="auto-standing"]');
}

async function sitsAndLetsIn() {
  const chamber = await seat('chamber_1');
  await letsIn(chamber);
  await isWell(chamber, 'trust-setting');
  await chamber.goto(`${house.base}/chamber`);
  await isWarm(chamber);
  return chamber;
}

const rings = async (board) => (await until('the head is free', () => board.$(`.seat[data-post="${HEALTH}"][data-presence="available"]`))).click();
const isSeen = (page, part) => page.$eval(`[data-part="${part}"]`, (one) => one.checkVisibility());
/** Tracks of this page that are on the line, by kind. */
const sent = (page) => page.evaluate(() => window.watchedConnections.filter((one) => one.connectionState !== 'closed')
  .flatMap((one) => one.getSenders()).map((one) => one.track).filter((track) => track?.readyState === 'live').map((track) => track.kind).sort());
/** How sharp the first picture on the stage is: the mean step between neighbouring points of one row in a hundred. */
const sharpness = (page) => page.evaluate(() => {
  const video = [...document.querySelectorAll('[data-part="stage"] video')].find((one) => one.videoWidth > 0 && one.checkVisibility());
  if (video === undefined) return null;
  const [width, height] = [320, 180];
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d');
  context.drawImage(video, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  let steps = 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 1; x < width; x += 1) {
      const at = 4 * (y * width + x);
      steps = Math.max(steps, Math.abs(data[at] - data[at - 4]) + Math.abs(data[at + 1] - data[at - 3]) + Math.abs(data[at + 2] - data[at - 2]));
    }
  }
  return steps;
});
/** A countdown does not wait for more than one look. */
async function photograph(page, name) {
  if (!process.env.PHOTOGRAPHS) return;
  const out = new URL('./out/', import.meta.url).pathname;
  mkdirSync(out, { recursive: true });
  await page.screenshot({ path: `${out}${name}.png` });
}
const complaints = () => pages.flatMap((page) => page.complaints);

test('a caller whom the occupant lets in sees a frosted picture at once and hears nothing, then all of it opens by itself', { timeout: PATIENCE }, async () => {
  const chamber = await sitsAndLetsIn();
  await isWellAsItStands(chamber, 'trust-rest');
  const board = await seat('board');
  await rings(board);
  await inState(chamber, 'incoming');
  assert.equal(await isSeen(chamber, 'opens'), true, 'the countdown is seen');
  await untilReceived(board, 'a frosted picture', (now) => now.frames > 3);
  assert.deepEqual(await sent(chamber), ['video'], 'no sound is on the line');
  const frosted = await sharpness(board);
  assert.equal(await isSeen(board, 'with'), true, 'the caller is told that it is frosted');
  const own = await board.$eval('[data-part="own-video"]', (one) => one.getBoundingClientRect().width / innerWidth);
  assert.ok(own < 0.5, 'the own picture does not cover it');
  await photograph(board, 'trust-frosted');
  await isWellAsItStands(chamber, 'trust-counts');
  await Promise.all([inState(board, 'in-call'), inState(chamber, 'in-call')]);
  await Promise.all([seesAndHears(board, 'the caller'), seesAndHears(chamber, 'the chamber')]);
  const clear = await until('the picture is clear', async () => {
    const now = await sharpness(board);
    return now > 2 * frosted && now;
  });
  assert.ok(frosted !== null && frosted < 150, `nothing is sharp before: ${frosted}, and ${clear} after`);
  assert.equal(await isSeen(chamber, 'opens'), true, 'it is said that it has opened by itself');
  await press(board, 'end');
  await Promise.all([inState(board, 'idle'), inState(chamber, 'idle')]);
  assert.deepEqual(await sent(chamber), []);
  await until('it stands in the ledger', async () => {
    await chamber.goto(`${house.base}/chamber/ledger`);
    return chamber.evaluate((said) => document.body.textContent.includes(said), hindi('ledger-act-standing'));
  });
  await isWell(chamber, 'trust-ledger');
  assert.deepEqual(complaints(), []);
});

test('a camera stands ready by one press at its machine: the screen says so, nothing leaves, and a talk begins with it', { timeout: PATIENCE }, async () => {
  const [chamber, board] = [await seat('chamber_1'), await seat('board')];
  const says = async (key) => until(`the screen says ${key}`, () => chamber.$eval('[data-part="camera-sentence"]', (one, said) => one.textContent === said, hindi(key)));
  await says('live-js-camera-stands-off');
  await press(chamber, 'camera-ready');
  await says('live-js-camera-stands-ready');
  assert.deepEqual(await sent(chamber), [], 'nothing of it is on the line');
  await isWellAsItStands(chamber, 'trust-ready');
  await rings(board);
  await inState(chamber, 'incoming');
  assert.deepEqual(await sent(chamber), [], 'a ring alone takes nothing of it');
  await press(chamber, 'accept');
  await Promise.all([seesAndHears(board, 'the caller'), seesAndHears(chamber, 'the chamber')]);
  await press(board, 'end');
  await Promise.all([inState(board, 'idle'), inState(chamber, 'idle')]);
  await says('live-js-camera-stands-ready');
  assert.deepEqual(await sent(chamber), []);
  await press(chamber, 'camera-ready');
  await says('live-js-camera-stands-off');
  assert.deepEqual(complaints(), []);
});

test('one tap in the countdown says no: nothing of the chamber is on the line any more', { timeout: PATIENCE }, async () => {
  const chamber = await sitsAndLetsIn();
  const board = await seat('board');
  await rings(board);
  await untilReceived(board, 'a frosted picture', (now) => now.frames > 0);
  await press(chamber, 'not-now');
  await Promise.all([inState(board, 'idle'), inState(chamber, 'idle')]);
  assert.deepEqual(await sent(chamber), []);
  assert.deepEqual(complaints(), []);
});

test('switched off by one tap on the chamber, a ring waits for its accept and shows nothing', { timeout: PATIENCE }, async () => {
  const chamber = await sitsAndLetsIn();
  await Promise.all([chamber.waitForNavigation(), chamber.click('[data-test="auto-off-button"]')]);
  await isWarm(chamber);
  const board = await seat('board');
  await rings(board);
  await inState(chamber, 'incoming');
  assert.equal(await isSeen(chamber, 'opens'), false);
  await until('its camera is open, for its own screen', () => chamber.evaluate(() => (document.querySelector('[data-part="own-video"]')?.currentTime ?? 0) > 0));
  assert.deepEqual(await sent(chamber), []);
  assert.equal((await received(board)).packets, 0);
  await press(board, 'cancel');
  await Promise.all([inState(board, 'idle'), inState(chamber, 'idle')]);
  assert.deepEqual(complaints(), []);
});
