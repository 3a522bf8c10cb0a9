/** A hearing of a grievance, by keyboard alone: cause list, call, marks, order, outcome, next date, slips of both parties. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chromium, personsPage } from './browsers.mjs';
import { askIn, comesByLink } from './crowd.mjs';
import { openHouse, until } from './house.mjs';
import { follow, inState, openDoor, press, staffsPage } from './story.mjs';
import { isWell } from './well.mjs';

const TEST_MS = 300_000;
const ORDER = 'अंचल अधिकारी एक सप्ताह में मापी कराएँ।';
const TABS_MAX = 200;
let house;
let browser;

before(async () => {
  house = await openHouse();
  browser = await chromium();
});

after(async () => {
  await browser?.close();
  await house?.stop();
});

/** Goes on with the Tab key until this has the focus. */
async function tabTo(page, selector) {
  for (let tabs = 0; tabs < TABS_MAX; tabs += 1) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${selector} is not reached by the Tab key on ${page.url()}`);
}

/** Presses this by keyboard, and waits for the page that comes of it. */
async function enter(page, selector) {
  await tabTo(page, selector);
  await Promise.all([page.waitForNavigation({ waitUntil: 'load' }), page.keyboard.press('Enter')]);
}

/** Chooses by keyboard: the radio button itself, or so many after the one that has the focus. */
async function choose(page, selector, steps = 0) {
  await tabTo(page, selector);
  if (steps === 0) await page.keyboard.press('Space');
  for (let step = 0; step < steps; step += 1) await page.keyboard.press('ArrowDown');
}

/** Marks a party: so many radio buttons and so many grounds down. */
async function mark(page, side, attendance, ground) {
  await choose(page, `input[id^="${side}-"][name="attendance"]`, attendance);
  await choose(page, `#${side}-ground`, ground);
  await enter(page, `[data-side="${side}"] [data-test="hearing-mark"] button`);
}

/** Opens the hearing that stands at this place of the day's list. */
async function openCase(page, place) {
  await follow(page, `[data-test="hearing-line"]:nth-child(${place}) [data-test="hearing-open"]`);
}

const blocks = (page) => page.$$eval('[data-test="hearing-blocks"] li', (all) => all.map((one) => one.textContent));
const standing = (page, side) => page.$eval(`[data-side="${side}"] .standing`, (line) => line.textContent);
const isShut = (page) => page.$eval('[data-test="hearing-close-button"]', (button) => button.disabled);
const closing = (page, attribute) => page.$eval('[data-test="hearing-close-button"]', (button, name) => button.getAttribute(name), attribute);

test('an officer hears a case by keyboard alone, from the cause list to the slips', { timeout: TEST_MS }, async () => {
  const officer = await staffsPage(house, browser, 'grievances');
  await officer.setJavaScriptEnabled(false);
  assert.equal((await officer.$$('[data-test="hearing-line"]')).length, 3, 'the demo has three cases today');
  await officer.setJavaScriptEnabled(true);
  await isWell(officer, 'hearings');
  await enter(officer, '[data-test="hearing-open"]');
  await isWell(officer, 'hearing-listed');
  await enter(officer, '[data-test="hearing-call"]');
  assert.equal((await blocks(officer)).length, 3, 'both parties and the order');
  assert.ok(await isShut(officer), 'the button is shut while an attendance is blank');
  assert.equal(await closing(officer, 'aria-describedby'), 'blocks', 'and says why');
  await isWell(officer, 'hearing-called');

  await mark(officer, 'complainant', 0, 1);
  assert.deepEqual(await blocks(officer), ['लोक प्राधिकार की उपस्थिति दर्ज नहीं है', 'आदेश नहीं लिखा गया है']);
  await mark(officer, 'authority', 3, 2);
  assert.match(await standing(officer, 'complainant'), /कार्यालय में उपस्थित.*सामने देखा/su);
  assert.match(await standing(officer, 'authority'), /प्रतिनिधि उपस्थित.*पंजी में हस्ताक्षर किया/su);
  assert.ok(await isShut(officer), 'there is no order yet');
  await tabTo(officer, '#text');
  await officer.keyboard.type(ORDER);
  await choose(officer, '#reading-aloud');
  await enter(officer, '[data-test="hearing-order-keep"]');
  assert.deepEqual(await blocks(officer).catch(() => []), []);
  assert.ok(!(await isShut(officer)));
  await isWell(officer, 'hearing-ordered');

  await choose(officer, '#disposal-interim');
  await officer.$eval('#day', (day) => { day.value = '2040-01-02'; });
  await enter(officer, '[data-test="hearing-close-button"]');
  assert.match(await officer.$eval('.error-summary', (summary) => summary.textContent), /60 कार्य दिवस.*अंतिम दिन/su);
  await officer.$eval('#day', (day) => { day.value = ''; });
  await choose(officer, '#start-none', 1);
  await enter(officer, '[data-test="hearing-close-button"]');
  assert.ok(await officer.$('[data-test="hearing-closed"]'), 'it is closed');
  assert.equal(await officer.$('[data-test="hearing-close-button"]'), null);
  await isWell(officer, 'hearing-closed');

  const slips = await officer.$$eval('[data-test="hearing-slips"] a', (links) => links.map((link) => link.href));
  assert.equal(slips.length, 2);
  for (const [side, slip] of slips.entries()) {
    await officer.goto(slip);
    assert.equal(await officer.$eval('[data-test="hearing-slip-order"]', (order) => order.textContent), ORDER);
    assert.match(await officer.$eval('[data-test="hearing-slip"]', (all) => all.textContent), /504110126090200017/u);
    await isWell(officer, `hearing-slip-${side}`);
  }
  const told = await house.sink.mail('dm-patna@example.in', (mail) => mail.text?.includes(ORDER));
  assert.match(told.text, /\/hearing\/[a-z0-9]+\/notice/u, 'the authority is told, with the way to its slip');
  await officer.goto(`${house.base}/hearings?lang=hi`);
  assert.match(await officer.$eval('[data-test="hearing-line"]', (line) => line.textContent), /अंतरिम आदेश/u);
});

test('the marks need no script', { timeout: TEST_MS }, async () => {
  const officer = await staffsPage(house, browser, 'grievances');
  await officer.setJavaScriptEnabled(false);
  await openCase(officer, 3);
  await follow(officer, '[data-test="hearing-call"]');
  await officer.click('label[for="complainant-telephone"]');
  await officer.select('#complainant-ground', 'spoke');
  await follow(officer, '[data-side="complainant"] [data-test="hearing-mark"] button');
  await until('the mark stands', async () => (await officer.$('[data-side="complainant"] .standing-blank')) === null);
  assert.ok(await officer.$('[data-side="authority"] .standing-blank'));
});

test('who joins by video is marked by the meeting, without a reason', { timeout: TEST_MS }, async () => {
  const officer = await staffsPage(house, browser, 'grievances');
  await openCase(officer, 2);
  await follow(officer, '[data-test="hearing-call"]');
  const page = await staffsPage(house, browser, 'grievances');
  await page.goto(officer.url());
  assert.match(await standing(page, 'complainant'), /दर्ज नहीं/u);
  // Two pages of one window: the one behind is not drawn.
  await officer.bringToFront();
  await follow(officer, '#call a[href^="/meeting/"]');
  await inState(officer, 'preview');
  await press(officer, 'join');
  await inState(officer, 'meeting');
  const citizen = await personsPage(browser, { name: 'complainant', width: 360, height: 740 });
  await citizen.goto(`${house.base}/outbox`);
  await openDoor(citizen, await citizen.$eval('a[href*="/j/"]', (link) => link.href), '0000050411');
  await inState(citizen, 'preview');
  await press(citizen, 'join');
  await inState(citizen, 'waiting');
  await press(officer, 'admit');
  await inState(citizen, 'meeting');
  await until('the meeting has seen the complainant', async () => {
    await page.reload();
    return /वीडियो से उपस्थित.*जुड़े रहे/su.test(await standing(page, 'complainant'));
  });
  assert.deepEqual(await blocks(page), ['लोक प्राधिकार की उपस्थिति दर्ज नहीं है', 'आदेश नहीं लिखा गया है']);
  const hearing = page.url();
  const people = await page.$eval('[data-test="hearing-ask-in"]', (link) => new URL(link.href).pathname);
  const link = await askIn(house, page, people.replace(/\/people$/u, ''), { kind: 'authority', name: 'अंचल अधिकारी' });
  await officer.bringToFront();
  const authority = await comesByLink(browser, link, { name: 'authority', width: 1280, height: 800 });
  await press(authority, 'join');
  await inState(authority, 'waiting');
  await press(officer, 'admit');
  await inState(authority, 'meeting');
  await page.goto(hearing);
  await until('the meeting has seen the authority', async () => {
    await page.reload();
    return /वीडियो से उपस्थित.*जुड़े रहे/su.test(await standing(page, 'authority'));
  });
  assert.deepEqual(await blocks(page), ['आदेश नहीं लिखा गया है']);
  await page.bringToFront();
  await page.click('[data-side="complainant"] summary');
  await page.click('label[for="complainant-absent"]');
  await page.select('#complainant-ground', 'no_answer');
  await follow(page, '[data-side="complainant"] [data-test="hearing-mark"] button');
  assert.match(await page.$eval('.error-summary', (summary) => summary.textContent), /बैठक में जुड़ा था/u);
});
