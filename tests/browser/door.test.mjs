/** The day itself in a real browser, in Hindi at 360 px: the counter, the queue, the gate with and without a line, the board. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import axe from 'axe-core';
import { chromium, personsPage } from './browsers.mjs';
import { openHouse, until } from './house.mjs';
import { codeFor, fill, follow, india, sitToday, staffsPage } from './story.mjs';

const JOURNEY_MS = 300_000;
const POST = 'sec-hlt';
const PHONE = { width: 360, height: 740 };
/** In this last part of a day nobody can be given a time of the same day. */
const LATE_MINUTES = 40;
let house;
let browser;

before(async () => {
  house = await openHouse();
  browser = await chromium(['--ignore-certificate-errors']);
});

after(async () => {
  house?.server.kill('SIGCONT');
  await browser?.close();
  await house?.stop();
});

/** No barrier that axe-core knows, and no sideways scrolling on a phone. */
async function isOpenToAll(page, name) {
  await page.setViewport(PHONE);
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  const found = violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`));
  const wide = await page.evaluate(() => document.scrollingElement.scrollWidth);
  if (wide > PHONE.width) found.push(`scrolls sideways, ${wide} px wide`);
  assert.deepEqual(found, [], name);
}

const text = (page, selector) => page.$eval(selector, (one) => one.textContent.trim());

test('a person without a telephone leaves the counter with a slip whose PIN opens it', { timeout: JOURNEY_MS }, async () => {
  const counter = await staffsPage(house, browser, 'counter');
  await isOpenToAll(counter, 'counter');
  await fill(counter, 'input[name="name"]', 'बुधनी देवी');
  await fill(counter, 'input[name="place"]', 'रामपुर, गया');
  await fill(counter, 'input[name="subject"]', 'राशन कार्ड में नाम जोड़ना');
  await Promise.all([counter.waitForNavigation(), counter.keyboard.press('Enter')]);
  await counter.waitForSelector('[data-test="counter-post"]');
  await isOpenToAll(counter, 'counter with times');
  await follow(counter, '[data-test="counter-times"] button[name="start"]');
  await isOpenToAll(counter, 'read back');
  await counter.keyboard.press('Space');
  await follow(counter, '[data-test="counter-book"]');
  await isOpenToAll(counter, 'printed slip');
  const [reference, pin] = [await text(counter, '[data-test="counter-reference"]'), await text(counter, '[data-test="counter-pin"]')];
  assert.match(reference, /^ES\d\d-\d{6}$/);
  const phone = await personsPage(browser, { name: 'phone', script: false, ...PHONE });
  await phone.goto(`${house.base}/mine?lang=hi`);
  await fill(phone, 'input[name="reference"]', reference);
  await fill(phone, 'input[name="pin"]', pin);
  await follow(phone, 'form[action="/mine"] button');
  assert.match(new URL(phone.url()).pathname, /^\/s\//);
  assert.match(await text(phone, 'main'), /बुधनी देवी/);
  await phone.browserContext().close();
  await follow(counter, 'a[href="/counter"]');
  assert.equal(await counter.$eval('input[name="name"]', (one) => one.value), '', 'the next person begins anew');
  assert.deepEqual(counter.complaints, []);
});

test('an officer calls with one key, and wall and phone see it at once', { timeout: JOURNEY_MS }, async () => {
  const officer = await staffsPage(house, browser, 'officer_health');
  await officer.goto(`${house.base}/queue?post=${POST}`);
  const wall = await personsPage(browser, { name: 'wall', ...PHONE });
  await wall.goto(`${house.base}/now/${POST}?lang=hi`);
  for (const name of ['रामू', 'श्यामू']) {
    await officer.$eval('details:has(input[name="name"])', (one) => { one.open = true; });
    await fill(officer, 'input[name="name"]', name);
    await follow(officer, 'button[name="kind"][value="token"]');
  }
  await isOpenToAll(officer, 'queue');
  await until('both numbers stand on the board', async () => (await wall.$$('[data-test="now-line"]')).length === 2);
  // Ranges are worked out once a second: a number that has just come stands without one until then.
  await until('number 1 has its range', async () => /^1\s+लगभग \d+–\d+ मिनट$/.test(await text(wall, '[data-test="now-line"]')));
  await isOpenToAll(wall, 'board');
  const press = (key) => officer.keyboard.press(key);
  await until('the keys are there', () => officer.evaluate(() => document.documentElement.dataset.queue === 'ready'));
  await officer.evaluate(() => document.activeElement?.blur());
  await press('n');
  await until('number 1 is called', async () => (await text(wall, '[data-test="now-called"]')) === '1');
  await press('a');
  await until('number 1 is inside', async () => (await text(wall, '[data-test="now-inside"]')) === '1');
  await press('n');
  await until('number 2 is called', async () => (await text(wall, '[data-test="now-called"]')) === '2');
  assert.doesNotMatch(await text(wall, 'main'), /रामू|श्यामू/, 'no name on a public wall');

  const plain = await personsPage(browser, { name: 'plain', script: false, ...PHONE });
  await plain.goto(`${house.base}/now/${POST}?lang=hi`);
  assert.equal(await text(plain, '[data-test="now-called"]'), '2');
  assert.ok(await plain.$('meta[http-equiv="refresh"]'), 'without a script the board loads itself again');
  assert.deepEqual([...officer.complaints, ...wall.complaints], []);
  await plain.browserContext().close();
  await wall.browserContext().close();
});

/** Books the first time of today in person: the reference number and the text of the pass. */
async function bookToday(mail) {
  const page = await personsPage(browser, { name: 'citizen', ...PHONE });
  await until('a time today is offered', async () => {
    await page.goto(`${house.base}/post/${POST}?lang=hi`);
    const first = await page.$eval('form[action="/hold"] button[name="start"]', (one) => one.value);
    return new Date(Number(first) + 330 * 60_000).toISOString().slice(0, 10) === india().toISOString().slice(0, 10);
  });
  await follow(page, 'form[action="/hold"] button[name="start"]');
  await fill(page, 'input[name="name"]', 'सुनीता कुमारी');
  await fill(page, 'input[name="mobile"]', '9100004001');
  await fill(page, '[name="subject"]', 'पेंशन रुकी है');
  await fill(page, 'input[name="mail"]', mail);
  await page.click('input[name="channel"][value="in_person"]');
  await follow(page, 'main form[action^="/book/"] button[type="submit"]');
  await fill(page, 'input[name="code"]', await codeFor(house, mail));
  await follow(page, 'main form[action$="/code"] button[type="submit"]');
  await page.waitForSelector('[data-test="slip-pass"]');
  await isOpenToAll(page, 'slip with a pass');
  const reference = await text(page, '.slip .slip-reference');
  await page.browserContext().close();
  return reference;
}

test('a gate lets people in without a line, and sends later what it marked', { timeout: JOURNEY_MS }, async (t) => {
  const minutes = india().getUTCHours() * 60 + india().getUTCMinutes();
  if (minutes > 24 * 60 - LATE_MINUTES) return t.skip('too late in the day for a time today');
  sitToday(house.folder, POST);
  const reference = await bookToday('gate@example.org');
  const gate = await staffsPage(house, browser, 'gate');
  await gate.setViewport(PHONE);
  const says = (name) => until(`the gate says ${name}`, () => gate.evaluate((wanted) => document.documentElement.dataset.gate === wanted, name));
  await says('ready');
  await until('the page is kept', () => gate.evaluate(() => Number(document.documentElement.dataset.kept ?? 0) > 3));
  await isOpenToAll(gate, 'gate');
  house.server.kill('SIGSTOP');
  await gate.reload({ waitUntil: 'domcontentloaded' });
  await says('away');
  await gate.bringToFront();
  await fill(gate, '[data-test="gate-q"]', reference.toLowerCase());
  await gate.keyboard.press('Enter');
  await gate.waitForSelector('[data-test="gate-good"]');
  assert.match(await text(gate, '[data-test="gate-good"]'), /सुनीता कुमारी/);
  await isOpenToAll(gate, 'gate with a visitor');
  await gate.click('[data-test="gate-in"]');
  await fill(gate, '[data-test="gate-q"]', 'ES26-000000');
  await gate.keyboard.press('Enter');
  await gate.waitForSelector('[data-test="gate-bad"]');
  await isOpenToAll(gate, 'gate that refuses');
  assert.equal(await gate.evaluate(() => JSON.parse(localStorage.getItem('gate-marks')).length), 1, 'the mark waits');

  house.server.kill('SIGCONT');
  await until('the mark is sent', () => gate.evaluate(() => JSON.parse(localStorage.getItem('gate-marks')).length === 0));
  const officer = await staffsPage(house, browser, 'officer_health');
  await officer.goto(`${house.base}/queue?post=${POST}`);
  const waiting = await officer.$$eval('[data-test="queue-waiting"]', (lines) => lines.map((line) => line.textContent));
  assert.ok(waiting.some((line) => line.includes('सुनीता कुमारी')), 'whoever went in is here in the queue');
});
