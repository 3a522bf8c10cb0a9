/** The hotline as a mesh, in real browsers: several in one call, a ring in the middle of a call, adding, handing over, going to another device. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { chromium, personsPage } from './browsers.mjs';
import { openHouse, until } from './house.mjs';
import { received, seesAndHears, untilReceived, watchConnections } from './media.mjs';
import { inState, press, staffsPage } from './story.mjs';
import { isWell, isWellAsItStands } from './well.mjs';
import { words } from './words.mjs';

const PATIENCE = 240_000;
const [HEALTH, EDUCATION] = ['sec-hlt', 'sec-edu'];
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

/** Another device of a seat that is signed in: a window of its own, with the same cookies. */
async function device(name, path) {
  const page = await personsPage(browser, { name: path, width: 360, height: 740 });
  await page.browserContext().setCookie(...(await house.sessions.get(name).cookies()));
  pages.push(page);
  await watchConnections(page);
  await page.goto(`${house.base}${path}`);
  await isWarm(page);
  return page;
}

const text = (page, part) => page.$eval(`[data-part="${part}"]`, (one) => one.textContent.trim());
const isSeen = (page, part) => page.$eval(`[data-part="${part}"]`, (one) => one.checkVisibility());
const seen = (page, part) => until(`${part} is seen`, () => isSeen(page, part));
const gone = (page, part) => until(`${part} is gone`, async () => !(await isSeen(page, part)));
const tile = (page, post) => until(`${post} is there`, () => page.$(`.seat[data-post="${post}"][data-presence="available"]`));
/** What of this page is on the line. */
const sent = (page) => page.evaluate(() => window.watchedConnections.filter((one) => one.connectionState !== 'closed').flatMap((one) => one.getSenders()).filter((one) => one.track?.readyState === 'live').length);
const onButton = (page) => page.evaluate(() => document.activeElement instanceof HTMLButtonElement);
const count = (page, n) => until(`${n} pictures`, () => page.$(`[data-part="stage"][data-count="${n}"]`));
const memberIn = (page, post, state) => until(`${post} is ${state}`, () => page.$(`[data-test="member"][data-post="${post}"][data-state="${state}"]`));

/** A head rings another from the list in the chamber. */
async function ringFromChamber(page, post) {
  await page.click('[data-part="others"] > summary');
  await (await tile(page, post)).click();
  await inState(page, 'ringing');
}

async function talk(caller, callee) {
  await inState(callee, 'incoming');
  await press(callee, 'accept');
  await Promise.all([inState(caller, 'in-call'), inState(callee, 'in-call')]);
  await Promise.all([seesAndHears(caller, 'the caller'), seesAndHears(callee, 'the callee')]);
}

/** Picks a seat in the dialog behind «more». */
async function pick(page, purpose, post) {
  await press(page, 'more');
  await press(page, purpose);
  await page.locator(`[data-test="picker-seat"][data-post="${post}"]`).click();
}

const complaints = () => pages.flatMap((page) => page.complaints);

test('three are in one call by Space, Space, Enter on the board, and each is seen and heard by both others', { timeout: PATIENCE }, async () => {
  const [board, health, education] = [await seat('board'), await seat('chamber_1'), await seat('chamber_2')];
  for (const post of [HEALTH, EDUCATION]) {
    await (await tile(board, post)).focus();
    await board.keyboard.press('Space');
  }
  await until('both are chosen', async () => (await board.$$('.seat[aria-pressed="true"]')).length === 2);
  await inState(board, 'idle');
  await isWellAsItStands(board, 'mesh-chosen');
  await (await tile(board, EDUCATION)).focus();
  await board.keyboard.press('Enter');
  await Promise.all([inState(health, 'incoming'), inState(education, 'incoming'), inState(board, 'ringing')]);
  await isWellAsItStands(board, 'mesh-ringing');
  assert.equal(await onButton(health), false, 'a key that is held down does not accept');
  assert.match(await text(health, 'with'), new RegExp(hindi('live-js-with', { posts: '' }).trim()), 'who is rung knows who else is');
  assert.equal((await received(board)).packets, 0, 'nothing of those who are rung arrives');
  await press(health, 'accept');
  await inState(board, 'in-call');
  await memberIn(board, EDUCATION, 'rung');
  assert.equal(await sent(education), 0, 'the other one who is rung sends nothing');
  await press(education, 'accept');
  for (const page of pages) await inState(page, 'in-call');
  for (const page of pages) await count(page, 2);
  for (const page of pages) await seesAndHears(page, page.url());
  await isWellAsItStands(board, 'mesh-three');
  await press(health, 'end');
  await inState(health, 'idle');
  assert.equal(await sent(health), 0);
  await count(board, 1);
  await seesAndHears(education, 'who is left');
  await press(board, 'end');
  for (const page of pages) await inState(page, 'idle');
  assert.deepEqual(complaints(), []);
});

test('one who is rung is no longer rung, the others go on', { timeout: PATIENCE }, async () => {
  const [board, health, education] = [await seat('board'), await seat('chamber_1'), await seat('chamber_2')];
  await board.click('[data-part="choose"]');
  for (const post of [HEALTH, EDUCATION]) await (await tile(board, post)).click();
  await inState(board, 'idle');
  await press(board, 'together-go');
  await Promise.all([inState(health, 'incoming'), inState(education, 'incoming')]);
  const stop = await until('its ring can be stopped', () => board.$(`[data-test="member"][data-post="${EDUCATION}"] [data-part="member-stop"]`));
  await stop.click();
  await inState(education, 'idle');
  await inState(health, 'incoming');
  await press(health, 'later');
  await Promise.all([inState(board, 'idle'), inState(health, 'idle')]);
  const result = await text(board, 'result');
  for (const key of ['live-js-count-later', 'live-js-count-cancelled']) assert.ok(result.includes(hindi(key, { n: '1' })), result);
  assert.equal(await sent(board), 0);
  assert.deepEqual(complaints(), []);
});

test('the Chief Secretary rings into a call of two heads: it goes on, is held, and comes back', { timeout: PATIENCE }, async () => {
  const [board, health, education] = [await seat('board'), await seat('chamber_1'), await seat('chamber_2')];
  await ringFromChamber(health, EDUCATION);
  await talk(health, education);
  await board.locator(`.seat[data-post="${HEALTH}"]`).click();
  await inState(board, 'ringing');
  await seen(health, 'break-in');
  assert.equal(await health.evaluate(() => document.activeElement?.getAttribute('data-part')), 'break-caller', 'the keyboard is on no button');
  await inState(health, 'in-call');
  await seesAndHears(education, 'the other one, meanwhile,');
  await until('the caller is seen on the card', () => isSeen(health, 'ring-video'));
  await count(health, 1);
  assert.equal((await received(board)).packets, 0, 'who rings sees nothing of the call');
  await isWellAsItStands(health, 'mesh-break-in');

  await press(health, 'break-accept');
  await Promise.all([inState(board, 'in-call'), memberIn(education, HEALTH, 'held')]);
  await seen(health, 'held');
  assert.equal(await health.$eval('[data-part="resume"]', (button) => button.disabled), true);
  assert.ok(await isSeen(health, 'held-why'), 'and the page says why');
  await Promise.all([seesAndHears(board, 'the board'), seesAndHears(health, 'the head')]);
  await count(health, 1);
  await isWellAsItStands(health, 'mesh-held');
  await isWellAsItStands(education, 'mesh-waits');
  const before = await received(education);

  await press(board, 'end');
  await Promise.all([inState(board, 'idle'), inState(health, 'idle')]);
  assert.equal(await sent(health), 0, 'nothing is on the line before the way back is pressed');
  await isWellAsItStands(health, 'mesh-way-back');
  await press(health, 'resume');
  await inState(health, 'in-call');
  await gone(health, 'held');
  await untilReceived(education, 'the head is back', (now) => now.frames > before.frames + 10);
  await seesAndHears(health, 'the head, back again');
  await press(education, 'end');
  await Promise.all([inState(health, 'idle'), inState(education, 'idle')]);
  assert.deepEqual(complaints(), []);
});

test('a ring in the middle of a call that is not taken leaves the call alone', { timeout: PATIENCE }, async () => {
  const [board, health, education] = [await seat('board'), await seat('chamber_1'), await seat('chamber_2')];
  await ringFromChamber(health, EDUCATION);
  await talk(health, education);
  await board.locator(`.seat[data-post="${EDUCATION}"]`).click();
  await seen(education, 'break-in');
  await press(education, 'break-later');
  await inState(board, 'idle');
  assert.equal(await text(board, 'result'), hindi('live-js-call-declined-later', { post: await board.$eval(`.seat[data-post="${EDUCATION}"] [data-part="seat-title"]`, (one) => one.textContent) }));
  await gone(education, 'break-in');
  await seesAndHears(health, 'the call');
  await press(health, 'end');
  await Promise.all([inState(health, 'idle'), inState(education, 'idle')]);
  assert.deepEqual(complaints(), []);
});

test('somebody is added to a call, and then the call is handed over', { timeout: PATIENCE }, async () => {
  const [board, health, education] = [await seat('board'), await seat('chamber_1'), await seat('chamber_2')];
  await (await tile(board, HEALTH)).click();
  await talk(board, health);
  await press(board, 'more');
  await isWellAsItStands(board, 'mesh-more');
  await press(board, 'add');
  await isWellAsItStands(board, 'mesh-picker');
  await board.locator(`[data-test="picker-seat"][data-post="${EDUCATION}"]`).click();
  await press(board, 'picker-go');
  await inState(education, 'incoming');
  await memberIn(health, EDUCATION, 'rung');
  await press(education, 'accept');
  for (const page of pages) await count(page, 2);
  await seesAndHears(education, 'who was added');
  await press(education, 'end');
  await inState(education, 'idle');
  await memberIn(board, EDUCATION, 'left');

  await tile(health, EDUCATION);
  await pick(board, 'hand-over', EDUCATION);
  await press(board, 'picker-go');
  await inState(education, 'incoming');
  await seesAndHears(health, 'the call, meanwhile,');
  await press(education, 'accept');
  await Promise.all([inState(board, 'idle'), inState(education, 'in-call')]);
  assert.ok((await text(board, 'result')).startsWith(hindi('live-js-call-handed-over', { posts: '' }).trim()));
  assert.equal(await sent(board), 0);
  await Promise.all([seesAndHears(health, 'who stays'), seesAndHears(education, 'who took over')]);
  await press(health, 'end');
  await Promise.all([inState(health, 'idle'), inState(education, 'idle')]);
  assert.deepEqual(complaints(), []);
});

test('a seat is rung at all its devices, and its call goes from the chamber to the telephone', { timeout: PATIENCE }, async () => {
  const [board, chamber] = [await seat('board'), await seat('chamber_1')];
  const phone = await device('chamber_1', '/phone');
  assert.equal(await phone.$('[data-part="clock"]'), null, 'a telephone has its own clock');
  await isWellAsItStands(phone, 'mesh-phone');
  await (await tile(board, HEALTH)).click();
  await Promise.all([inState(chamber, 'incoming'), inState(phone, 'incoming')]);
  await press(chamber, 'accept');
  await inState(phone, 'idle');
  await seen(phone, 'elsewhere');
  assert.equal(await sent(phone), 0);
  await Promise.all([seesAndHears(board, 'the board'), seesAndHears(chamber, 'the chamber')]);
  await isWellAsItStands(phone, 'mesh-elsewhere');
  await press(phone, 'take');
  await inState(phone, 'in-call');
  await inState(chamber, 'idle');
  await seen(chamber, 'elsewhere');
  assert.equal(await sent(chamber), 0, 'the device before is shut');
  await Promise.all([seesAndHears(board, 'the board, with the telephone'), seesAndHears(phone, 'the telephone')]);
  await count(board, 1);
  await press(phone, 'end');
  for (const page of pages) await inState(page, 'idle');
  await gone(chamber, 'elsewhere');
  assert.deepEqual(complaints(), []);
});

test('one tile that is drawn onto another chooses both; all departments are rung after one question', { timeout: PATIENCE }, async () => {
  const [board, health, education] = [await seat('board'), await seat('chamber_1'), await seat('chamber_2')];
  await board.setViewport({ width: 1280, height: 2400 });
  const middle = async (post) => {
    const box = await (await tile(board, post)).boundingBox();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  const [from, to] = [await middle(HEALTH), await middle(EDUCATION)];
  await board.mouse.move(...from);
  await board.mouse.down();
  await board.mouse.move(...to, { steps: 8 });
  await board.mouse.up();
  await until('both are chosen', async () => (await board.$$('.seat[aria-pressed="true"]')).length === 2);
  await inState(board, 'idle');
  await press(board, 'together-back');
  assert.equal((await board.$$('.seat[aria-pressed]')).length, 0);
  await board.click('[data-part="all"]');
  assert.equal(await text(board, 'all-title'), hindi('live-js-all', { n: '2' }));
  await isWellAsItStands(board, 'mesh-all');
  await inState(health, 'idle');
  await press(board, 'all-yes');
  await Promise.all([inState(health, 'incoming'), inState(education, 'incoming')]);
  await press(board, 'cancel');
  for (const page of pages) await inState(page, 'idle');
  assert.deepEqual(complaints(), []);
});

test('a page that is loaded anew in the middle of a call sends nothing before its button is pressed', { timeout: PATIENCE }, async () => {
  const [board, health] = [await seat('board'), await seat('chamber_1')];
  await (await tile(board, HEALTH)).click();
  await talk(board, health);
  await health.reload();
  await inState(health, 'in-call');
  await untilReceived(health, 'the board is seen again', (now) => now.frames > 5);
  assert.equal(await sent(health), 0, 'neither picture nor sound goes out by itself');
  const before = await received(board);
  await press(health, 'camera');
  await untilReceived(board, 'the chamber is seen again', (now) => now.frames > before.frames + 10);
  await press(board, 'end');
  await Promise.all([inState(board, 'idle'), inState(health, 'idle')]);
  assert.equal(await sent(health), 0);
  assert.deepEqual(complaints(), []);
});

test('whoever holds the post reads in the ledger who rang and from when to when the chamber was seen', { timeout: PATIENCE }, async () => {
  const [board, chamber] = [await seat('board'), await seat('chamber_1')];
  await (await board.waitForSelector(`[data-post="${HEALTH}"][data-presence="available"]`)).click();
  await inState(chamber, 'incoming');
  await press(chamber, 'accept');
  await inState(board, 'in-call');
  await press(board, 'end');
  await inState(chamber, 'idle');
  await until('the call stands in the ledger', async () => {
    await chamber.goto(`${house.base}/chamber/ledger`);
    return chamber.$('[data-test="look"][data-seen="true"]');
  });
  await isWell(chamber, 'ledger');
});
