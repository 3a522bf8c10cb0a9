/**
 * One queue for three ways in real browsers: somebody at the office, a caller and a citizen by video; the officer is late,
 * the desk changes the order with a reason, the citizen steps out and comes back, and one tap calls the next.
 */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import axe from 'axe-core';
import { chromium, personsPage } from './browsers.mjs';
import { openHouse, until } from './house.mjs';
import { codeFor, fill, follow, inState, india, invitationFor, linkIn, openDoor, press, sitToday, staffsPage } from './story.mjs';

const JOURNEY_MS = 300_000;
const POST = 'sec-hlt';
const WIDTHS = [[360, 740], [1280, 800]];
const MAIL = 'turn@example.org';
const MOBILE = '9100005001';
/** In this last part of a day nobody can be given a time of the same day. */
const LATE_MINUTES = 60;
/** Where pictures of what is tested go, if somebody wants to look at them. */
const pictures = process.env.PICTURES;
let house;
let browser;

before(async () => {
  house = await openHouse();
  browser = await chromium();
  if (pictures) mkdirSync(pictures, { recursive: true });
});

after(async () => {
  await browser?.close();
  await house?.stop();
});

/** No barrier that axe-core knows and no sideways scrolling, on a phone and on a desk. */
async function isOpenToAll(page, name) {
  for (const [width, height] of WIDTHS) {
    await page.setViewport({ width, height });
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
    const found = violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`));
    const wide = await page.evaluate(() => document.scrollingElement.scrollWidth);
    if (wide > width) found.push(`scrolls sideways, ${wide} px wide`);
    assert.deepEqual(found, [], `${name} at ${width} px`);
    if (pictures) await page.screenshot({ path: `${pictures}/${name.replaceAll(' ', '-')}.${width}.png`, fullPage: true });
  }
  await page.setViewport({ width: WIDTHS[0][0], height: WIDTHS[0][1] });
}

const text = (page, part) => page.$eval(`[data-test="${part}"]`, (one) => (one.hidden ? '' : one.textContent.trim()));
const says = (page, part, wanted) => until(`${part} says ${wanted}`, async () => wanted.test(await text(page, part)));

/** Books the first time of today by video. @returns the link of the door */
async function bookToday() {
  const page = await personsPage(browser, { name: 'booking', width: 360, height: 740 });
  await until('a time today is offered', async () => {
    await page.goto(`${house.base}/post/${POST}?lang=hi`);
    const first = await page.$eval('form[action="/hold"] button[name="start"]', (one) => one.value);
    return new Date(Number(first) + 330 * 60_000).toISOString().slice(0, 10) === india().toISOString().slice(0, 10);
  });
  await follow(page, 'form[action="/hold"] button[name="start"]');
  await fill(page, 'input[name="name"]', 'सुनीता कुमारी');
  await fill(page, 'input[name="mobile"]', MOBILE);
  await fill(page, '[name="subject"]', 'पेंशन रुकी है');
  await fill(page, 'input[name="mail"]', MAIL);
  await page.click('input[name="channel"][value="video"]');
  await follow(page, 'main form[action^="/book/"] button[type="submit"]');
  await fill(page, 'input[name="code"]', await codeFor(house, MAIL));
  await follow(page, 'main form[action$="/code"] button[type="submit"]');
  await page.browserContext().close();
  const { mail } = await invitationFor(house, MAIL);
  return linkIn(mail, '/j/');
}

/** Writes somebody without a time into the queue. */
async function joins(officer, name, kind) {
  await officer.$$eval('details', (all) => { for (const one of all) one.open = one.querySelector('[name="kind"]') !== null; });
  await fill(officer, 'input[name="name"]', name);
  await follow(officer, `button[name="kind"][value="${kind}"]`);
  await until('the keys are there', () => officer.evaluate(() => document.documentElement.dataset.queue === 'ready'));
}

/** The numbers of those who wait, as the queue shows them. */
const order = (officer) => officer.$$eval('[data-test="queue-waiting"] .queue-number', (all) => all.map((one) => Number(one.textContent)));

/** Opens the order of a number and presses one of its steps. */
async function shifts(officer, number, step, reason) {
  const line = await officer.evaluateHandle((wanted) => {
    const lines = [...document.querySelectorAll('[data-test="queue-waiting"]')];
    return lines.find((one) => one.querySelector('.queue-number').textContent === String(wanted));
  }, number);
  await line.$eval('summary', (one) => one.click());
  await line.$eval('select', (one, wanted) => { one.value = wanted; }, reason);
  await line.$eval(`[data-test="queue-${step}"]`, (one) => one.click());
}

/** The citizen's page, with what it did to be noticed. */
async function comesToLobby(page, door) {
  await page.goto(door);
  await inState(page, 'preview');
  await press(page, 'join');
  await inState(page, 'waiting');
}

test('three ways, one queue: nobody loses a turn, and everybody sees the same', { timeout: JOURNEY_MS }, async (t) => {
  if (india().getUTCHours() * 60 + india().getUTCMinutes() > 24 * 60 - LATE_MINUTES) return t.skip('too late in the day');
  sitToday(house.folder, POST);
  const door = await bookToday();
  const officer = await staffsPage(house, browser, 'officer_health');
  await officer.goto(`${house.base}/queue?post=${POST}&lang=hi`);
  await joins(officer, 'रामू', 'token');
  await joins(officer, 'श्यामू', 'caller');
  const wall = await personsPage(browser, { name: 'wall', width: 1280, height: 800 });
  await wall.goto(`${house.base}/now/${POST}?lang=hi`);

  const citizen = await personsPage(browser, { name: 'citizen', width: 360, height: 740 });
  await citizen.evaluateOnNewDocument(() => {
    window.touched = 0;
    navigator.vibrate = () => { window.touched += 1; return true; };
  });
  await openDoor(citizen, `${door}?lang=hi`, MOBILE);
  await inState(citizen, 'preview');
  await press(citizen, 'join');
  await inState(citizen, 'waiting');
  await says(citizen, 'wait-token', /^टोकन \d+ · आपसे पहले \d+$/);
  const number = Number((await text(citizen, 'wait-token')).match(/\d+/)[0]);
  await says(citizen, 'place', /^आप क्रमांक \d+ पर हैं$/);
  await says(citizen, 'wait-range', /^लगभग \d+–\d+ मिनट$/);
  await says(citizen, 'wait-officer', /अभी मिलना शुरू नहीं किया/);
  await until('the officer sees him', async () => (await order(officer)).includes(number));
  const before = await order(officer);
  assert.equal(before.length, 3, 'the three stand in one queue');
  await isOpenToAll(citizen, 'waiting hi');
  await isOpenToAll(officer, 'queue hi');

  await t.test('the desk says something to those who wait', async () => {
    await officer.$eval('[data-test="queue-say"]', (one) => { one.closest('details').open = true; });
    await fill(officer, 'input[name="hi"]', 'पेंशन की पर्ची पास रखें।');
    await follow(officer, '[data-test="queue-say"]');
    await says(citizen, 'wait-message', /पेंशन की पर्ची पास रखें।/);
  });

  await t.test('a move in the order can be taken back for ten seconds, and then everybody affected sees the new place', async () => {
    await until('the keys are there', () => officer.evaluate(() => document.documentElement.dataset.queue === 'ready'));
    const last = before.at(-1);
    await shifts(officer, last, 'up', 'infirm');
    await officer.waitForSelector('[data-test="held-undo"]', { visible: true });
    await officer.click('[data-test="held-undo"]');
    assert.equal(await officer.$eval('[data-test="held"]', (one) => one.hidden), true);
    assert.deepEqual(await order(officer), before, 'nothing was sent');
    const place = Number((await text(citizen, 'place')).match(/\d+/)?.[0] ?? 1);
    const target = number === before[0] ? before[1] : number;
    await shifts(officer, target, 'up', 'bound');
    await until('the order has changed', async () => (await order(officer)).indexOf(target) === before.indexOf(target) - 1);
    assert.match(await text(officer, 'queue-moved'), /आगे किया गया: बस/);
    await until('the citizen sees his new place', async () => {
      const now = Number((await text(citizen, 'place')).match(/\d+/)?.[0] ?? 1);
      return target === number ? now === place - 1 : now === place + 1;
    });
  });

  await t.test('late by twenty minutes: one tap on the worklist tells the lobby, the wall and the mail', async () => {
    const desk = await staffsPage(house, browser, 'officer_health');
    await desk.goto(`${house.base}/desk?post=${POST}&lang=hi`);
    await until('the forms are held', () => desk.evaluate(() => document.documentElement.dataset.hold === 'ready'));
    await desk.click('[data-test="late-20"]');
    await says(desk, 'held', /20 मिनट की देरी: \d+ सेकंड में/);
    await isOpenToAll(desk, 'desk hi');
    await says(citizen, 'wait-officer', /^अधिकारी लगभग \d\d:\d\d बजे से मिलेंगे। आपकी बारी सुरक्षित है।$/);
    await says(wall, 'now-late', /बजे से मिलेंगे/);
    await house.sink.mail(MAIL, (one) => /अब लगभग \d\d:\d\d/.test(one.text ?? ''));
    await says(officer, 'late-said', /सबको बता दिया गया/);
    await isOpenToAll(wall, 'wall hi');
    await desk.close();
  });

  await t.test('who steps out and comes back stands where he stood, in his own language', async () => {
    const place = await text(citizen, 'wait-token');
    await press(citizen, 'leave-waiting');
    await inState(citizen, 'left');
    assert.ok((await order(officer)).includes(number), 'his place is kept');
    await comesToLobby(citizen, `${door}?lang=en`);
    await says(citizen, 'wait-token', /^Token \d+ · /);
    assert.equal((await text(citizen, 'wait-token')).match(/\d+/)[0], place.match(/\d+/)[0]);
    assert.match(await citizen.title(), /^(You are|Your turn|You are next)/);
    await isOpenToAll(citizen, 'waiting en');
  });

  await t.test('one tap calls the next: the office by number, the video by leading the officer there', async () => {
    await officer.bringToFront();
    const line = await order(officer);
    for (const next of line.slice(0, line.indexOf(number))) {
      await officer.click('[data-test="queue-next"]');
      await says(wall, 'now-called', new RegExp(`^${next}$`));
      await officer.locator('[data-test="queue-enter"]').click();
      await says(wall, 'now-inside', new RegExp(`^${next}$`));
      await says(citizen, 'wait-officer', /^The officer is in a meeting now/);
    }
    await until('he is next', async () => /^(You are next|It is your turn)/.test(await text(citizen, 'place')));
    await Promise.all([officer.waitForNavigation(), officer.click('[data-test="queue-next"]')]);
    assert.match(new URL(officer.url()).pathname, /^\/meeting\//, 'the officer is led to the meeting');
    await says(citizen, 'place', /^You have been called/);
    await until('the page makes itself noticed', () => citizen.evaluate(() => window.touched > 0));
    await inState(officer, 'preview');
    await press(officer, 'join');
    await inState(officer, 'meeting');
    assert.match(await text(officer, 'lobby-token'), new RegExp(`\\b${number}\\b`));
    await press(officer, 'admit');
    await inState(citizen, 'meeting');
    assert.doesNotMatch(await citizen.title(), /called/, 'the title is the page’s own again');
    await says(wall, 'now-inside', new RegExp(`^${number}$`));
    await press(officer, 'end');
    await press(officer, 'end-all');
    await inState(citizen, 'ended');
    await until('he has been heard', async () => (await text(wall, 'now-inside')) === '');
  });

  assert.deepEqual([...officer.complaints, ...citizen.complaints, ...wall.complaints], []);
});
