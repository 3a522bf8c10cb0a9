/** After a meeting: the outcome by thumb and by keys in at most three, the directions, and what the citizen reads of it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chromium, personsPage } from './browsers.mjs';
import { openHouse, until } from './house.mjs';
import { book, follow, inState, meetingOf, press, staffsPage } from './story.mjs';
import { isWell } from './well.mjs';

const TEST_MS = 300_000;
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

/** A citizen books, and the officer meets him and ends it; the address of his slip. */
async function met(number, officer) {
  const phone = await personsPage(browser, { name: `citizen ${number}`, width: 360, height: 740 });
  const name = `नागरिक ${number}`;
  const { slip } = await book(house, phone, {
    query: 'स्वास्थ्य', post: /सचिव/, name, mobile: `000000200${number}`, mail: `after${number}@example.com`, subject: 'अस्पताल में दवा नहीं मिलती',
  });
  await officer.goto(`${house.base}/desk?lang=hi`);
  await officer.goto(`${house.base}${await meetingOf(officer, name)}`);
  await inState(officer, 'preview');
  await press(officer, 'join');
  await inState(officer, 'meeting');
  await press(officer, 'end');
  await press(officer, 'end-all');
  await inState(officer, 'ended');
  return { phone, slip };
}

test('the officer goes from the end of the meeting to its outcome, in three keys', { timeout: TEST_MS }, async () => {
  const officer = await staffsPage(house, browser, 'officer_health');
  const { phone, slip } = await met(1, officer);
  await follow(officer, '[data-show="ended"] [data-test="next-link"]');
  await isWell(officer, 'outcome');
  await officer.waitForSelector('kbd:not([hidden])');
  await officer.keyboard.press('n');
  assert.deepEqual(await officer.$$eval('details[data-key][open]', (all) => all.map((one) => one.dataset.key)), ['n']);
  await officer.keyboard.press('d');
  await officer.keyboard.press('1');
  assert.ok(await officer.$eval('#text-report', (radio) => radio.checked), 'the digit takes the text first');
  await officer.keyboard.press('Escape');
  assert.ok(!(await officer.$eval('#text-report', (radio) => radio.checked)), 'and goes back');
  await officer.keyboard.press('2');
  await Promise.all([officer.waitForNavigation(), officer.keyboard.press('1')]);
  assert.equal(new URL(officer.url()).searchParams.get('done'), 'outcome');
  await isWell(officer, 'desk-after');

  await phone.goto(slip);
  assert.match(await phone.$eval('[data-test="slip-outcome"]', (section) => section.textContent), /समस्या का समाधान कराएँ/);
  assert.equal(await phone.$('[data-test="slip-ask"]'), null, 'he is asked after the due date, or when the post says that it is done');
  await isWell(phone, 'slip-direction');
  await officer.goto(`${house.base}/directions`);
  await isWell(officer, 'directions');
  await follow(officer, 'form[action$="/finish"] button');
  await phone.goto(slip);
  await isWell(phone, 'slip-ask');
  await phone.setJavaScriptEnabled(false);
  await follow(phone, '[data-test="slip-ask"] button[value="not_yet"]');
  assert.equal(await phone.$('[data-test="slip-ask"]'), null, 'one answer a due date');
  await officer.goto(`${house.base}/desk`);
  assert.match(await officer.$eval('[data-test="desk-directions"]', (banner) => banner.textContent), /अधूरा/);
  await officer.goto(`${house.base}/directions`);
  await isWell(officer, 'directions-reopened');
});

test('what the officer says is kept before the outcome goes out, and can be heard', { timeout: TEST_MS }, async () => {
  const officer = await staffsPage(house, browser, 'officer_health');
  const { phone, slip } = await met(3, officer);
  await follow(officer, '[data-show="ended"] [data-test="next-link"]');
  const outcome = officer.url();
  const voice = () => officer.$eval('[data-test="voice"]', (section) => section.dataset.voice);
  await press(officer, 'record');
  const second = () => officer.$eval('[data-part="record"]', (button) => /\b2\d\b/.test(button.textContent));
  await until('a second of it is recorded', second);
  assert.equal(await voice(), 'recording');
  await press(officer, 'record');
  await until('it is kept', async () => (await voice()) === 'kept');
  await officer.$eval('[data-part="play"]', (player) => { player.muted = true; return player.play(); });
  await until('it is heard', () => officer.$eval('[data-part="play"]', (player) => player.currentTime > 0));

  await press(officer, 'record');
  await until('a second of it is recorded again', second);
  await officer.click('[data-test="outcome-not_possible"] > summary');
  await follow(officer, 'button[name="reason"][value="papers"]');
  assert.equal(new URL(officer.url()).searchParams.get('done'), 'outcome', 'the outcome went out after the note was kept');
  assert.ok(await officer.$('[data-test="desk-voices"]'), 'the desk is to write it down');
  await officer.goto(outcome);
  await isWell(officer, 'outcome-voice');
  await officer.type('#said', 'काग़ज़ लेकर फिर आएँ');
  await follow(officer, 'form[action$="/voice/text"] button');
  await officer.goto(`${house.base}/desk`);
  assert.equal(await officer.$('[data-test="desk-voices"]'), null);

  await phone.setJavaScriptEnabled(false);
  await phone.goto(slip);
  await follow(phone, 'a[href$="/report"]');
  await phone.setJavaScriptEnabled(true);
  await isWell(phone, 'report-money');
  await phone.type('#text', 'पाँच सौ रुपये माँगे');
  await follow(phone, 'main form button[type="submit"]');
  assert.ok(await phone.$('[data-test="slip-report"]'));
  await isWell(phone, 'slip-report');
  const reader = await staffsPage(house, browser, 'board');
  await reader.goto(`${house.base}/reports`);
  assert.ok(await reader.$('[data-test="report"]'));
  await isWell(reader, 'reports');
});

test('each of the four outcomes takes at most three taps and no script', { timeout: TEST_MS }, async () => {
  const officer = await staffsPage(house, browser, 'officer_health');
  const ways = {
    direction: ['label[for="text-visit"]', 'button[name="due"][value="3"]'],
    next_date: ['[data-test="outcome-next_date"] > summary', 'button[name="start"]'],
    not_possible: ['[data-test="outcome-not_possible"] > summary', 'button[name="reason"][value="court"]'],
    forward: ['[data-test="outcome-forward"] > summary', 'button[name="to"]'],
  };
  const { slip, phone } = await met(2, officer);
  const outcome = await officer.$eval('[data-show="ended"] [data-test="next-link"]', (link) => link.href);
  await officer.setJavaScriptEnabled(false);
  let corrected = 0;
  for (const [kind, taps] of Object.entries(ways)) {
    await officer.goto(outcome);
    if (corrected > 0) await officer.type('#why', 'भूल से');
    // A correction begins with all four closed, so that nothing is pressed by mistake.
    if (corrected > 0 && kind === 'direction') await officer.click('[data-test="outcome-direction"] > summary');
    assert.ok(taps.length <= 3);
    // Whom it is directed to is suggested the next time.
    if (kind === 'direction') await officer.select('#owner', 'sec-edu');
    for (const tap of taps.slice(0, -1)) await officer.click(tap);
    await follow(officer, taps.at(-1));
    assert.equal(new URL(officer.url()).searchParams.get('done'), 'outcome', kind);
    corrected += 1;
    await phone.goto(slip);
    await isWell(phone, `slip-${kind}`);
  }
  await officer.setJavaScriptEnabled(true);
  await officer.goto(outcome);
  await isWell(officer, 'outcome-corrected');
});
