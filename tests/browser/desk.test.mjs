/** The desk and the day: one key decides and can be taken back, the officer is called away, and the citizen answers on his slip. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chromium, personsPage } from './browsers.mjs';
import { openHouse, until } from './house.mjs';
import { book, fill, follow, staffsPage } from './story.mjs';
import { isWellAsItStands as isWell } from './well.mjs';

const TEST_MS = 240_000;
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

/** A citizen asks the Health Minister; the address of his slip. */
async function asks(number) {
  const page = await personsPage(browser, { name: `citizen ${number}` });
  await page.setViewport({ width: 360, height: 740 });
  const { slip } = await book(house, page, {
    query: 'स्वास्थ्य',
    post: /मंत्री/,
    name: `नागरिक ${number}`,
    mobile: `000000100${number}`,
    mail: `day${number}@example.com`,
    subject: 'राशन कार्ड में नाम जोड़ना',
    channel: 'in_person',
  });
  return { page, slip };
}

test('one key decides, ten seconds take it back, and what is left is sent', { timeout: TEST_MS }, async () => {
  const citizens = [await asks(1), await asks(2), await asks(3)];
  const desk = await staffsPage(house, browser, 'desk_minister');
  const states = () => desk.$$eval('[data-card]', (cards) => cards.map((card) => card.classList.contains('desk-card-pending')));
  await until('the keys are there', () => desk.$eval('[data-part="help-button"]', (button) => !button.hidden));
  assert.deepEqual(await states(), [false, false, false]);
  await isWell(desk, 'desk');

  await desk.keyboard.press('j');
  const focused = () => desk.evaluate(() => [...document.querySelectorAll('[data-card]')].indexOf(document.activeElement));
  assert.equal(await focused(), 0);
  await desk.keyboard.press('a');
  assert.deepEqual(await states(), [true, false, false], 'it is kept back for a while');
  assert.equal(await focused(), 1, 'and the next is at hand');
  await desk.keyboard.press('u');
  assert.deepEqual(await states(), [false, false, false]);
  await citizens[0].page.reload();
  assert.match(await citizens[0].page.$eval('h1', (title) => title.textContent), /अनुरोध मिला/, 'nothing has left the desk');

  await desk.keyboard.press('a');
  await desk.keyboard.press('p');
  await desk.keyboard.press('d');
  await desk.keyboard.press('1');
  assert.deepEqual(await states(), [true, true, true]);
  await isWell(desk, 'desk-pending');
  await until('all three are sent', () =>
    desk.$$eval('[data-part="pending-text"]', (lines) => lines.every((line) => line.textContent.startsWith('✔'))));
  const titles = [];
  for (const { page } of citizens) {
    await page.reload();
    titles.push(await page.$eval('h1', (title) => title.textContent.trim()));
  }
  const ends = titles.map((title) => title.replace(/^\S+\s/, '')).sort();
  assert.deepEqual(ends, ['कार्यालय ने दूसरा समय सुझाया है', 'मुलाकात तय है', 'यह मुलाकात अभी संभव नहीं है'].sort());

  await desk.keyboard.press('?');
  assert.ok(await desk.$eval('[data-part="help"]', (dialog) => dialog.open), 'the keys are listed');
  await isWell(desk, 'desk-keys');
});

test('the officer is called away: preview, act, press notice, and the citizen on a small phone', { timeout: TEST_MS }, async () => {
  const { page: phone, slip } = await asks(4);
  const was = await phone.$eval('.slip dl', (facts) => facts.textContent);
  const desk = await staffsPage(house, browser, 'desk_minister');
  await desk.goto(`${house.base}/desk`);
  await follow(desk, 'a[href^="/desk/away/"]');
  await isWell(desk, 'away');
  const near = new Date(Date.now() + 5.5 * 3_600_000);
  const far = new Date(near.getTime() + 5 * 24 * 3_600_000);
  for (const [name, at] of [['from', near], ['to', far]]) {
    await desk.$eval(`#${name}`, (field, value) => { field.value = value; }, at.toISOString().slice(0, 16));
  }
  await desk.click('#reason-assembly');
  await fill(desk, '#authority', 'विभागीय आदेश 12');
  await follow(desk, 'main form button[type="submit"]');
  await isWell(desk, 'away-preview');
  await follow(desk, 'main form[method="post"] button[type="submit"]');
  await isWell(desk, 'away-done');
  const done = desk.url().split('?')[0];
  await follow(desk, 'a[href$="/press"]');
  await isWell(desk, 'press');
  await phone.goto(slip);
  assert.match(await phone.$eval('main', (main) => main.textContent), /विधान सभा का सत्र/);
  assert.notEqual(await phone.$eval('.slip dl', (facts) => facts.textContent), was, 'another time');
  await isWell(phone, 'slip-displaced');
  await phone.setJavaScriptEnabled(false);
  await follow(phone, 'form[action$="/agree"] button');
  await follow(phone, 'form[action$="/wait"] button');
  assert.match(await phone.$eval('main', (main) => main.textContent), /अब न बताएँ/);
  await desk.goto(done);
  await follow(desk, 'form[action$="/undo"] button');
  await desk.goto(`${house.base}/desk`);
  await follow(desk, 'a[href^="/desk/emergency/"]');
  await isWell(desk, 'emergency');
  await desk.goto(`${house.base}/desk`);
  await follow(desk, 'a[href$="/ask"]');
  await isWell(desk, 'ask');
  await desk.goto(`${house.base}/desk`);
  await follow(desk, 'a[href$="/redirect"]');
  await isWell(desk, 'redirect');
});
