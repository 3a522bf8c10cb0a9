/** A word that is left instead of a talk, in real browsers: recorded with a picture, told quietly, opened, played, and known to be heard. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { chromium, personsPage } from './browsers.mjs';
import { openHouse, until } from './house.mjs';
import { watchConnections } from './media.mjs';
import { follow, inState, press, staffsPage } from './story.mjs';
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
  house = await openHouse();
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

async function seat(name) {
  const page = await staffsPage(house, browser, name, watchConnections);
  pages.push(page);
  await inState(page, 'idle');
  await until('the line is warm', () => page.evaluate(() => document.documentElement.dataset.line === 'up'));
  return page;
}

/** Another page of somebody who is signed in. */
async function besides(name, path) {
  const page = await personsPage(browser, { name: path, context: house.sessions.get(name) });
  pages.push(page);
  await page.goto(`${house.base}${path}`);
  return page;
}

const tile = (page, post) => until(`${post} is there`, () => page.$(`.seat[data-post="${post}"][data-presence="available"]`));
const complaints = () => pages.flatMap((page) => page.complaints);
const stage = (page, wanted) => until(`the word is ${wanted}`, () => page.$(`[data-part="word-dialog"][data-word="${wanted}"][open]`));
const shut = (page) => until('the dialog is shut', () => page.$('[data-part="word-dialog"]:not([open])'));
const focused = (page, name) => until(`${name} has the keyboard`, () => page.evaluate((wanted) => document.activeElement?.getAttribute('data-part') === wanted, name));
/** Frames that a player has decoded. */
const frames = (page, selector) => page.$eval(selector, (one) => one.getVideoPlaybackQuality().totalVideoFrames);
/** Which cameras and microphones of the page run: what it holds of devices, beside its players. */
const isShut = (page) => page.$eval('[data-part="word-own"]', (one) => one.srcObject === null);
/** The page counts the seconds that are left of a word: so many of them have gone by. */
const hasRecorded = (page, seconds) => until(`${seconds} s are recorded`, () => page.evaluate((gone) => {
  const left = Number(/\d+/.exec(document.querySelector('[data-part="word-stop"]').textContent)?.[0]);
  return Number(document.querySelector('[data-part="word-dialog"]').dataset.secondsMax) - left >= gone;
}, seconds));
/** A ring counts as missed when it was not given up at once: by the clock of the page at which it rings. */
const hasRung = (page, ms) => page.evaluate(() => performance.now()).then((from) =>
  until('it has rung for a while', () => page.evaluate((at, long) => performance.now() - at >= long, from, ms)));

/** The board rings the head, who says no. */
async function ringsInVain(board, chamber) {
  await (await tile(board, HEALTH)).click();
  await inState(chamber, 'incoming');
  await press(chamber, 'later');
  await Promise.all([inState(board, 'idle'), inState(chamber, 'idle')]);
}

test('a ring that is sent away leaves a word with a picture: told quietly, played, and its leaver knows', { timeout: PATIENCE }, async () => {
  const [board, chamber] = [await seat('board'), await seat('chamber_1')];
  await ringsInVain(board, chamber);
  await board.waitForSelector(`[data-test="word-offer"][data-post="${HEALTH}"]`);
  await isWellAsItStands(board, 'word-offer');
  await board.click('[data-test="word-offer-button"]');
  await stage(board, 'choose');
  await isWellAsItStands(board, 'word-choose');
  await press(board, 'word-picture');
  await stage(board, 'recording');
  await until('one sees oneself', () => board.$eval('[data-part="word-own"]', (one) => one.videoWidth > 0));
  await isWellAsItStands(board, 'word-recording');
  await hasRecorded(board, 2);
  await press(board, 'word-stop');
  await stage(board, 'ready');
  assert.ok(await isShut(board), 'the devices are shut again');
  await board.$eval('[data-part="word-play-picture"]', (one) => one.play());
  await until('it can be looked at first', async () => (await frames(board, '[data-part="word-play-picture"]')) > 0);
  await isWellAsItStands(board, 'word-ready');
  await press(board, 'word-send');
  await shut(board);
  await board.waitForSelector('[data-test="word-sent"]');

  const chip = await until('the chamber is told', () => chamber.$('[data-test="missed-word"]'));
  const said = await chip.evaluate((one) => one.textContent);
  assert.ok(said.includes(hindi('word-was-left', { post: 'मुख्य सचिव' })), said);
  await inState(chamber, 'idle');
  await isWellAsItStands(chamber, 'word-chip');

  const list = await besides('chamber_1', '/mesh/missed');
  await isWell(list, 'missed');
  assert.equal(await list.$eval('[data-test="word-player"]', (one) => one.getAttribute('src')), null, 'nothing is loaded before it is opened');
  await list.click('[data-test="word-open"]');
  await until('it is played', async () => (await frames(list, '[data-test="word-player"]')) > 0);
  await isWellAsItStands(list, 'missed-played');
  await until('the chip is gone', async () => (await chamber.$('[data-test="missed-word"]')) === null);

  await until('the board is told that it was heard', () => board.$('[data-test="word-heard"]'));
  const own = await besides('board', '/mesh/missed');
  assert.equal(await own.$eval('[data-test="left-word"]', (one) => one.dataset.heard), 'true');
  await isWell(own, 'missed-left');
  assert.deepEqual(complaints(), []);
});

test('a word is left by the keyboard alone, and given up by it', { timeout: PATIENCE }, async () => {
  const [board, chamber] = [await seat('board'), await seat('chamber_1')];
  await (await tile(board, HEALTH)).focus();
  await board.keyboard.press('Space');
  await until('the bar offers it', () => board.$eval('[data-part="together-word"]', (one) => one.checkVisibility()));
  for (let n = 0; n < 3; n += 1) await board.keyboard.press('Tab');
  await focused(board, 'together-word');
  await isWellAsItStands(board, 'word-bar');
  await board.keyboard.press('Enter');
  await focused(board, 'word-sound');
  await board.keyboard.press('Enter');
  await focused(board, 'word-stop');
  await board.keyboard.press('Escape');
  await shut(board);
  await board.focus('[data-part="together-word"]');
  await board.keyboard.press('Enter');
  await focused(board, 'word-sound');
  await board.keyboard.press('Enter');
  await focused(board, 'word-stop');
  await hasRecorded(board, 2);
  await board.keyboard.press('Enter');
  await focused(board, 'word-send');
  await isWellAsItStands(board, 'word-sound-ready');
  await board.keyboard.press('Enter');
  await board.waitForSelector('[data-test="word-sent"]');
  await until('the chamber is told', () => chamber.$('[data-test="missed-word"]'));
  assert.equal((await chamber.$$('[data-test="missed-word"]')).length, 1, 'what was given up was not sent');
  assert.deepEqual(complaints(), []);
});

test('a missed ring is counted, returned from the list by a press, and counts no more when it was seen', { timeout: PATIENCE }, async () => {
  const [board, chamber] = [await seat('board'), await seat('chamber_1')];
  const left = () => chamber.evaluate(() => Number(document.querySelector('[data-test="missed-badge"]')?.getAttribute('data-count') ?? 0));
  const shown = () => chamber.$('[data-part="missed"][data-shown]');
  await until('the strip is read', shown);
  const before = await left();
  await (await tile(board, HEALTH)).click();
  await inState(chamber, 'incoming');
  await hasRung(chamber, 2_500);
  await press(board, 'cancel');
  await Promise.all([inState(board, 'idle'), inState(chamber, 'idle')]);
  await until('the badge counts it', async () => (await left()) === before + 1);
  const list = await besides('chamber_1', '/mesh/missed');
  await follow(list, '[data-test="missed"][data-new="true"] [data-test="seen-button"]');
  await until('it counts no more', async () => (await left()) === before);
  await chamber.close();
  pages = pages.filter((page) => page !== chamber);
  await list.click('[data-test="ring-back-link"]');
  await inState(list, 'idle');
  await until('it is offered and not done', () => list.$('[data-test="ring-back"][data-post="cs"]'));
  await until('the line is warm', () => list.evaluate(() => document.documentElement.dataset.line === 'up'));
  await list.click('[data-test="ring-back-button"]');
  await inState(board, 'incoming');
  await press(list, 'cancel');
  await Promise.all([inState(board, 'idle'), inState(list, 'idle')]);
  assert.deepEqual(complaints(), []);
});
