/** Questions over the hotline, in real browsers: asked by the keyboard on the board, answered by cards and by a call, the sheet printed. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { chromium, personsPage } from './browsers.mjs';
import { openHouse, until } from './house.mjs';
import { watchConnections } from './media.mjs';
import { fill, inState, press, staffsPage } from './story.mjs';
import { isWell, isWellAsItStands } from './well.mjs';
import { words } from './words.mjs';

const PATIENCE = 240_000;
const [HEALTH, EDUCATION, AGRICULTURE] = ['sec-hlt', 'sec-edu', 'sec-agr'];
const DISTRICT = 'dm-patna';
const hindi = words('hi');
let house;
let browser;
/** The pages of one test. */
let pages = [];

before(async () => {
  house = await openHouse();
  house.links.chamber_3 = `${house.linkOf(AGRICULTURE)}?next=/chamber`;
  house.links.chamber_dm = `${house.linkOf(DISTRICT)}?next=/chamber`;
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

const text = (page, selector) => page.$eval(selector, (one) => one.textContent.trim());
const says = (page, selector, wanted) => until(`${selector} says ${wanted}`, async () => (await text(page, selector)).includes(wanted));
const counts = (n, all) => hindi('asking-counts', { n: String(n), all: String(all) });
const tile = (page, post) => until(`${post} is there`, () => page.$(`.seat[data-post="${post}"][data-presence="available"]`));
const asked = (page) => page.waitForSelector('[data-test="asked"]');
const complaints = () => pages.flatMap((page) => page.complaints);

/** Chooses seats on the board and asks, by the keyboard alone. */
async function asks(board, posts, question) {
  for (const post of posts) {
    await (await tile(board, post)).focus();
    await board.keyboard.press('Space');
  }
  await until('all are chosen', async () => (await board.$$('.seat[aria-pressed="true"]')).length === posts.length);
  for (const name of ['together-go', 'together-ask']) {
    await board.keyboard.press('Tab');
    assert.equal(await board.evaluate(() => document.activeElement?.getAttribute('data-part')), name);
  }
  await board.keyboard.press('Enter');
  await until('the dialog has the keyboard', () => board.evaluate(() => document.activeElement?.getAttribute('data-part') === 'ask-text'));
  await board.keyboard.type(question);
  await isWellAsItStands(board, 'ask-dialog');
  await board.keyboard.press('Enter');
  await until('it was asked', () => board.$('[data-test="own-question"]'));
}

/** Fills the card by the keyboard alone, and sends it by Enter. */
async function answers(page, { by, next }) {
  await asked(page);
  await page.focus('[data-test="asked"] summary');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.type(by);
  await page.focus('[data-test="asked-form"] input[name="next"]');
  await page.keyboard.type(next);
  await page.keyboard.press('Enter');
  await until('it is sent', async () => (await page.$('[data-test="asked"]')) === null);
}

test('the board asks three by the keyboard alone: two answer by cards, one rings, and the sheet fills and prints', { timeout: PATIENCE }, async () => {
  const board = await seat('board');
  const chambers = [await seat('chamber_1'), await seat('chamber_2'), await seat('chamber_3')];
  const [health, education, agriculture] = chambers;
  await asks(board, [HEALTH, EDUCATION, AGRICULTURE], 'यह संचिका कहाँ है?');
  for (const chamber of chambers) await asked(chamber);
  for (const page of [board, ...chambers]) await inState(page, 'idle');
  await says(board, '[data-test="own-counts"]', counts(0, 3));
  await isWellAsItStands(board, 'ask-board');
  await isWellAsItStands(health, 'ask-chamber');
  const path = await board.$eval('[data-test="sheet-link"]', (link) => link.getAttribute('href'));
  const sheet = await besides('board', path);

  await answers(health, { by: 'अवर सचिव, वित्त', next: 'सहमति लेकर आदेश' });
  await says(board, '[data-test="own-counts"]', counts(1, 3));
  await says(sheet, '[data-test="sheet-counts"]', counts(1, 3));
  await answers(education, { by: 'निदेशक', next: 'आज ही जाँच' });
  await says(board, '[data-test="own-counts"]', counts(2, 3));

  await agriculture.click('[data-test="asked"] summary');
  await isWellAsItStands(agriculture, 'ask-card');
  await agriculture.click('[data-test="call"]');
  await Promise.all([inState(agriculture, 'ringing'), inState(board, 'incoming')]);
  // The sheet is another page of the same window: what is behind is not drawn.
  await board.bringToFront();
  await press(board, 'accept');
  await Promise.all([inState(agriculture, 'in-call'), inState(board, 'in-call')]);
  await press(board, 'end');
  await Promise.all([inState(agriculture, 'idle'), inState(board, 'idle')]);
  await says(board, '[data-test="own-counts"]', counts(3, 3));

  await sheet.bringToFront();
  await says(sheet, '[data-test="sheet-counts"]', counts(3, 3));
  await says(sheet, `[data-test="sheet-seat"][data-post="${HEALTH}"]`, 'अवर सचिव, वित्त');
  await isWell(sheet, 'ask-sheet');
  await sheet.emulateMediaType('print');
  assert.equal(await sheet.$eval('.site-header', (one) => one.checkVisibility()), false, 'what is printed is the sheet alone');
  assert.equal((await sheet.$$('[data-test="sheet-seat"]')).length, 3);
  const paper = Buffer.from(await sheet.pdf({ format: 'A4' })).toString('latin1');
  assert.equal(paper.match(/\/Type\s*\/Page\b/g)?.length, 1, 'three answers fit on one page of A4');
  assert.deepEqual(complaints(), []);
});

test('what somebody writes stays while other questions come, and what must be mended is said at the form', { timeout: PATIENCE }, async () => {
  const [board, health] = [await seat('board'), await seat('chamber_1')];
  await asks(board, [HEALTH], 'पहला प्रश्न');
  await asked(health);
  await health.click('[data-test="asked"] summary');
  await fill(health, '[data-test="asked-form"] input[name="with"]', 'अवर सचिव');
  await asks(board, [HEALTH], 'दूसरा प्रश्न');
  await until('both are there', async () => (await health.$$('[data-test="asked"]')).length === 2);
  assert.equal(await health.$eval('[data-test="asked-form"] input[name="with"]', (field) => field.value), 'अवर सचिव');
  await fill(health, '[data-test="asked-form"] input[name="next"]', '…');
  await health.click('[data-test="asked"] [data-test="send"]');
  await until('it says what to mend', () => health.$('[data-test="asked"] .asked-errors'));
  await inState(health, 'idle');
  await isWellAsItStands(health, 'ask-mend');
  await fill(health, '[data-test="asked-form"] input[name="next"]', 'आज ही आदेश');
  await health.click('[data-test="asked"] [data-test="send"]');
  await until('one is left', async () => (await health.$$('[data-test="asked"]')).length === 1);
  assert.deepEqual(complaints().filter((one) => !/\b422\b/.test(String(one))), []);
});

test('those who are chosen become a group of the post, and its chip chooses them again', { timeout: PATIENCE }, async () => {
  const [board, health, education] = [await seat('board'), await seat('chamber_1'), await seat('chamber_2')];
  for (const post of [HEALTH, EDUCATION]) {
    await (await tile(board, post)).focus();
    await board.keyboard.press('Space');
  }
  await board.click('[data-test="together-group"]');
  await until('the name has the keyboard', () => board.evaluate(() => document.activeElement?.getAttribute('data-part') === 'group-name'));
  await board.keyboard.type('बाढ़ नियंत्रण');
  await isWellAsItStands(board, 'group-dialog');
  await board.keyboard.press('Enter');
  const chip = await until('the group has a chip', () => board.$('[data-test="own-group"]'));
  await board.click('[data-test="together-back"]');
  await until('nobody is chosen', async () => (await board.$$('.seat[aria-pressed]')).length === 0);
  await chip.click();
  await until('both are chosen', async () => (await board.$$('.seat[aria-pressed="true"]')).length === 2);
  await isWellAsItStands(board, 'group-chosen');
  await press(board, 'together-go');
  await Promise.all([inState(health, 'incoming'), inState(education, 'incoming')]);
  await press(board, 'cancel');
  for (const page of pages) await inState(page, 'idle');
  await isWell(await besides('board', '/mesh/groups/cs'), 'groups');
  assert.deepEqual(complaints(), []);
});

test('a district that missed the ring of the Chief Secretary returns it by one press, and rings him otherwise not at all', { timeout: PATIENCE }, async () => {
  const [board, district] = [await seat('board'), await seat('chamber_dm')];
  await district.click('[data-part="others"] > summary');
  await (await tile(district, 'cs')).click();
  await until('it is refused', async () => (await district.$eval('[data-part="result"]', (one) => one.textContent.trim())) !== '');
  await inState(district, 'idle');
  await (await tile(board, DISTRICT)).click();
  await inState(district, 'incoming');
  await press(board, 'cancel');
  await Promise.all([inState(district, 'idle'), inState(board, 'idle')]);
  await until('the missed ring can be returned', () => district.$('[data-test="ring-back"][data-post="cs"]'));
  await isWellAsItStands(district, 'missed');
  await district.click('[data-test="ring-back-button"]');
  await inState(board, 'incoming');
  await press(board, 'accept');
  await Promise.all([inState(board, 'in-call'), inState(district, 'in-call')]);
  await press(district, 'end');
  await Promise.all([inState(board, 'idle'), inState(district, 'idle')]);
  assert.deepEqual(complaints(), []);
});

test('the centre reads the numbers of use', { timeout: PATIENCE }, async () => {
  await seat('board');
  const use = await besides('board', '/mesh/use');
  assert.equal((await use.$$('[data-test="use-figure"]')).length, 5);
  await isWell(use, 'use');
});

test('the pages of questions stand in both languages at both widths', { timeout: PATIENCE }, async () => {
  const board = await seat('board');
  await isWell(board, 'ask-board-page');
  await isWell(await besides('board', '/mesh/questions'), 'ask-list');
  await isWell(await besides('board', `/mesh/ask/cs?to=${HEALTH}`), 'ask-form');
});
