/**
 * The server is killed in the middle of three meetings, with somebody in a lobby, and started again: all come back by themselves
 * to what they were. `RUNS` kills it more than once; the times are printed.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chromium, personsPage } from './browsers.mjs';
import { openHouse, until } from './house.mjs';
import { seesAndHears, watchConnections } from './media.mjs';
import { openMeeting } from './reach.mjs';
import { book, follow, inState, invitationFor, linkIn, meetingOf, openDoor, press, staffsPage } from './story.mjs';

const RUNS = Number(process.env.RUNS ?? 1);
const PATIENCE = 300_000 + RUNS * 60_000;
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

const lines = (page) => page.$$eval('[data-test="line"] .line-text', (all) => all.map((one) => one.textContent));
const state = (page) => page.evaluate(() => document.documentElement.dataset.state);
const loads = (page) => page.evaluate(() => performance.timeOrigin);

async function writes(page, text) {
  if (await page.$eval('[data-test="panel"]', (panel) => panel.hidden)) await press(page, 'more');
  await page.type('[data-test="write-field"]', text);
  await page.keyboard.press('Enter');
}

const connections = (page) => page.evaluate(() => window.watchedConnections.length);

/** When a connection that the page has made since shows pictures, in ms from `from`. */
async function backAfter(page, from, made) {
  await until('the line is up', () => page.evaluate(() => document.documentElement.dataset.line === 'up'));
  await until('pictures come on another connection', () => page.evaluate(async (before) => {
    const newest = window.watchedConnections.at(-1);
    if (window.watchedConnections.length <= before || newest.connectionState !== 'connected') return false;
    return [...(await newest.getStats()).values()].some((one) => one.type === 'inbound-rtp' && one.kind === 'video' && one.framesDecoded > 0);
  }, made));
  return Date.now() - from;
}

/** The officer's next page stands in a window of its own, with the same session: what is behind another is not drawn. */
async function anotherWindow() {
  const cookies = await house.sessions.get('officer_health').cookies();
  const context = await browser.createBrowserContext();
  await context.setCookie(...cookies);
  house.sessions.set('officer_health', context);
}

/** Somebody in the lobby of a fourth meeting, with the officer who has not called yet. */
async function waitsElsewhere() {
  const [name, mobile, mail] = ['मीना देवी', '9100000494', 'waits@example.org'];
  const first = await personsPage(browser, { name, script: false });
  await book(house, first, { query: 'स्वास्थ्य', post: /सचिव/, name, mobile, mail, subject: 'राशन कार्ड' });
  const door = linkIn((await invitationFor(house, mail)).mail, '/j/');
  await first.browserContext().close();
  const officer = await staffsPage(house, browser, 'officer_health');
  await follow(officer, `main a[href="${await meetingOf(officer, name)}"]`);
  await press(officer, 'join');
  await inState(officer, 'meeting');
  const citizen = await personsPage(browser, { name });
  await openDoor(citizen, door, mobile);
  await press(citizen, 'join');
  await inState(citizen, 'waiting');
  await until('the officer sees who waits', () => officer.$eval('[data-test="lobby"]', (lobby) => lobby.dataset.waiting === '1'));
  return { officer, citizen };
}

test('all six people of three meetings come back, with their roles, the queue and what was written', { timeout: PATIENCE }, async (t) => {
  const meetings = [];
  for (const number of [1, 2, 3]) {
    const who = { officers: browser, citizens: browser, mobile: `910000049${number}`, mail: `three${number}@example.org`, name: `Citizen ${'abc'[number - 1]}` };
    const meeting = await openMeeting(house, who, watchConnections);
    await writes(meeting.citizen, `पहली बात ${number}`);
    await writes(meeting.officer, `उत्तर ${number}`);
    await until('both lines are there', async () => (await lines(meeting.citizen)).length === 2);
    meetings.push(meeting);
    await anotherWindow();
  }
  const waiting = await waitsElsewhere();
  const pages = meetings.flatMap(({ officer, citizen }) => [officer, citizen]);
  const loaded = await Promise.all(pages.map(loads));
  const times = [];
  for (let run = 0; run < RUNS; run += 1) {
    await Promise.all(pages.map((page) => seesAndHears(page, 'before the end')));
    const made = await Promise.all(pages.map(connections));
    await house.end('SIGKILL');
    await house.start();
    const from = Date.now();
    times.push(...await Promise.all(pages.map((page, at) => backAfter(page, from, made[at]))));
    await Promise.all(pages.map((page) => seesAndHears(page, 'after the restart')));
    await until('the queue is what it was', () => waiting.officer.$eval('[data-test="lobby"]', (lobby) => lobby.dataset.waiting === '1'));
    assert.equal(await state(waiting.citizen), 'waiting');
  }
  const sorted = times.toSorted((a, b) => a - b);
  t.diagnostic(`from «it serves» to pictures: median ${sorted[Math.floor(sorted.length / 2)]} ms, worst ${sorted.at(-1)} ms, n ${sorted.length}`);
  assert.deepEqual(await Promise.all(pages.map(loads)), loaded, 'nobody loaded a page anew');
  for (const [at, { officer, citizen }] of meetings.entries()) {
    assert.deepEqual(await Promise.all([officer, citizen].map(state)), ['meeting', 'meeting']);
    await writes(citizen, `दूसरी बात ${at + 1}`);
    const wanted = [`पहली बात ${at + 1}`, `उत्तर ${at + 1}`, `दूसरी बात ${at + 1}`];
    for (const page of [officer, citizen]) await until('all lines are there, each once', async () => JSON.stringify(await lines(page)) === JSON.stringify(wanted));
    // The officer is still the officer: he ends it for both.
    await press(officer, 'end');
    await press(officer, 'end-all');
    await Promise.all([inState(officer, 'ended'), inState(citizen, 'ended')]);
  }
  await press(waiting.officer, 'admit');
  await inState(waiting.citizen, 'meeting');
});
