/**
 * How a talk is conducted, with an officer, a citizen and the desk in real browsers: writing, hands, silence, a paper and a screen,
 * the lock, sending somebody out; with the keyboard alone, and without a barrier.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import axe from 'axe-core';
import { chromium, personsPage } from './browsers.mjs';
import { openHouse, until } from './house.mjs';
import { isLoud, received, seesAndHears, untilReceived, watchConnections } from './media.mjs';
import { book, follow, inState, invitationFor, linkIn, meetingOf, openDoor, press, staffsPage } from './story.mjs';

const PATIENCE = 300_000;
let house;
let browser;
let booked = 0;

before(async () => {
  house = await openHouse();
  browser = await chromium();
});

after(async () => {
  await browser?.close();
  await house?.stop();
});

/** Officer and citizen in a meeting of their own. */
async function talk(width = 360) {
  booked += 1;
  const [address, mobile, name] = [`talk${booked}@example.org`, `91000003${String(booked).padStart(2, '0')}`, `वार्ता ${'कखगघङचछजझटठड'[booked - 1]}`];
  const first = await personsPage(browser, { name, script: false, width: 360, height: 740 });
  await book(house, first, { query: 'स्वास्थ्य', post: /सचिव/, name, mobile, mail: address, subject: 'राशन कार्ड' });
  const door = linkIn((await invitationFor(house, address)).mail, '/j/');
  await first.browserContext().close();
  const officer = await staffsPage(house, browser, 'officer_health', watchConnections);
  const path = await meetingOf(officer, name);
  await follow(officer, `main a[href="${path}"]`);
  await press(officer, 'join');
  await inState(officer, 'meeting');
  const citizen = await personsPage(browser, { name: 'citizen', width, height: 740 });
  await watchConnections(citizen);
  await openDoor(citizen, door, mobile);
  await press(citizen, 'join');
  await inState(citizen, 'waiting');
  await press(officer, 'admit');
  await inState(citizen, 'meeting');
  await Promise.all([seesAndHears(citizen, 'the citizen'), seesAndHears(officer, 'the officer')]);
  return { officer, citizen, door, mobile, path, close: async () => { await citizen.browserContext().close(); await officer.close(); } };
}

/** The lines in a page's panel. */
const lines = (page) => page.$$eval('[data-test="line"] .line-text', (all) => all.map((one) => one.textContent));

async function writes(page, text) {
  if (await page.$eval('[data-test="panel"]', (panel) => panel.hidden)) await press(page, 'more');
  await page.type('[data-test="write-field"]', text);
  await page.keyboard.press('Enter');
}

/** The barriers on a page as it stands. */
async function barriers(page, where) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  const wide = await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);
  return [
    ...violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${where}: ${id}: ${help} ${node.html.slice(0, 160)}`)),
    ...(wide > 0 ? [`${where}: scrolls sideways by ${wide} px`] : []),
  ];
}

test('what is written reaches the other at once, is read by who comes later, and survives the server', { timeout: PATIENCE }, async () => {
  const { officer, citizen, path, close } = await talk();
  await writes(citizen, 'काग़ज़ मिल गया?');
  await until('the officer reads it on the stage', () => officer.$eval('[data-test="toast"]', (toast) => !toast.hidden && toast.textContent.includes('काग़ज़ मिल गया?')));
  assert.equal(await officer.$eval('[data-test="more-button"]', (button) => button.dataset.unread), '1');
  await writes(officer, 'जी हाँ');
  await until('the citizen reads the answer', async () => (await lines(citizen)).length === 2);
  assert.deepEqual(await lines(citizen), ['काग़ज़ मिल गया?', 'जी हाँ']);

  const desk = await staffsPage(house, browser, 'desk_health');
  await desk.goto(`${house.base}${path}`);
  await until('the desk reads what was written before it came', async () => (await lines(desk)).length === 2);

  await house.end("SIGKILL");
  await writes(citizen, 'क्या आप सुन रहे हैं?');
  assert.equal(await citizen.$eval('[data-test="write-field"]', (field) => field.value), 'क्या आप सुन रहे हैं?', 'what cannot be sent stays in the field');
  await house.start();
  await until('the line is back', () => citizen.evaluate(() => document.documentElement.dataset.line === 'up'));
  await seesAndHears(citizen, 'the citizen, after the restart');
  await citizen.focus('[data-test="write-field"]');
  await citizen.keyboard.press('Enter');
  await until('the officer reads all three', async () => (await lines(officer)).length === 3);
  const again = await personsPage(browser, { name: 'officer again', context: officer.browserContext() });
  await again.goto(`${house.base}${path}`);
  await press(again, 'join');
  await until('who loads the page anew reads all three', async () => (await lines(again)).length === 3);
  assert.deepEqual(await lines(again), ['काग़ज़ मिल गया?', 'जी हाँ', 'क्या आप सुन रहे हैं?']);
  await again.close();
  await desk.close();
  await close();
});

test('a caption stands below the pictures for everybody', { timeout: PATIENCE }, async () => {
  const { officer, citizen, close } = await talk();
  await press(officer, 'more');
  await officer.click('[data-test="caption-box"]');
  await officer.type('[data-test="write-field"]', 'आपका आवेदन मिल गया है');
  await officer.keyboard.press('Enter');
  await until('the citizen reads the caption', () => citizen.$eval('[data-test="captions"]', (box) => !box.hidden && box.textContent === 'आपका आवेदन मिल गया है'));
  await close();
});

test('who is silenced is heard by nobody until the own button is pressed', { timeout: PATIENCE }, async () => {
  const { officer, citizen, close } = await talk();
  await press(officer, 'more');
  await officer.locator('[data-test="silence-button"]').click();
  await until('the page of the citizen says so', () => citizen.$eval('[data-test="toast"]', (toast) => /माइक बंद किया/.test(toast.textContent)));
  assert.equal(await citizen.$eval('[data-test="microphone-button"]', (button) => button.dataset.on), 'false');
  await until('the officer sees that it is off', () => officer.$eval('[data-test="tile"]:not([hidden])', (tile) => tile.dataset.microphone === 'off'));
  await press(citizen, 'microphone');
  await until('and on again', () => officer.$eval('[data-test="tile"]:not([hidden])', (tile) => tile.dataset.microphone === 'on'));
  await seesAndHears(officer, 'the officer');
  await close();
});

test('a raised hand is seen and said, and the officer takes it down', { timeout: PATIENCE }, async () => {
  const { officer, citizen, close } = await talk();
  await press(citizen, 'more');
  await press(citizen, 'hand');
  await until('the hand is on the tile', () => officer.$eval('[data-test="tile"]:not([hidden])', (tile) => tile.dataset.hand === 'true'));
  await until('and is said', () => officer.$eval('[data-part="live"]', (live) => /हाथ उठाया/.test(live.textContent)));
  await press(officer, 'more');
  await officer.locator('[data-test="lower-button"]').click();
  await until('the hand is down', () => citizen.$eval('[data-test="hand-button"]', (button) => button.getAttribute('aria-pressed') === 'false'));
  await close();
});

test('a citizen shows a paper with the back camera and the face comes back by itself', { timeout: PATIENCE }, async () => {
  const { officer, citizen, path, close } = await talk();
  const settings = () => citizen.evaluate(() => document.querySelector('[data-test="own-video"]').srcObject?.getVideoTracks()[0]?.getSettings() ?? {});
  const face = await settings();
  await press(citizen, 'paper');
  await until('the camera has more lines', async () => ((await settings()).height ?? 0) > (face.height ?? 0));
  assert.ok((await settings()).frameRate <= 15, 'and fewer pictures');
  await untilReceived(officer, 'the paper is seen in full size', async (now) => now.frames > 0);
  const size = () => officer.$eval('[data-test="tile"]:not([hidden]) video', (video) => video.videoHeight);
  await until('the officer has the lines of a page', async () => (await size()) >= 700);
  await officer.setViewport({ width: 1280, height: 800 });
  await officer.locator('[data-test="tile"]:not([hidden]) [data-test="tile-hold"]').click();
  const isHeld = () => officer.$eval('[data-test="tile"]:not([hidden]) video', (video) => video.paused);
  assert.ok(await isHeld(), 'the officer holds the picture and reads');
  await officer.locator('[data-test="tile"]:not([hidden]) [data-test="tile-hold"]').click();
  assert.ok(!(await isHeld()), 'and lets it run');

  await press(citizen, 'page');
  await citizen.locator('[data-test="page-no"]').click();
  // The button takes no tap until the answer has arrived.
  await citizen.waitForSelector('[data-part="page"]:enabled');
  await citizen.$eval('[data-part="page"]', (button) => {
    button.click();
    button.click();
  });
  await citizen.locator('[data-test="page-yes"]').click();
  await until('the officer reads that a page was given', async () => (await lines(officer)).some((line) => line.includes('पन्ना')));
  const kept = await officer.evaluate(async (at) => {
    const answers = await Promise.all([1, 2].map((n) => fetch(`${at}/pages/${n}`)));
    const bitmap = await createImageBitmap(await answers[0].blob());
    return { statuses: answers.map((one) => one.status), height: bitmap.height };
  }, path);
  assert.deepEqual(kept.statuses, [200, 404], 'the one to which the citizen said yes');
  assert.equal(kept.height, (await settings()).height, 'in all its lines');
  assert.equal((await lines(officer)).length, 1, 'a double tap gives it once');
  await press(citizen, 'paper');
  await until('the face is back', async () => (await settings()).height === face.height);
  await seesAndHears(officer, 'the officer');
  await close();
});

test('a picture that is held is let go when its camera goes off', { timeout: PATIENCE }, async () => {
  const { officer, citizen, close } = await talk();
  await officer.setViewport({ width: 1280, height: 800 });
  await officer.locator('[data-test="tile"]:not([hidden]) [data-test="tile-hold"]').click();
  await press(citizen, 'camera');
  await until('the officer reads that the camera is off', () => officer.$('[data-test="tile"][data-picture="off"][data-held="false"]'));
  await press(citizen, 'camera');
  await until('and sees what comes next', () => officer.$eval('[data-test="tile"]:not([hidden])', (tile) => tile.dataset.picture === 'live' && !tile.querySelector('video').paused));
  await seesAndHears(officer, 'the officer');
  await close();
});

test('no question outlives the meeting', { timeout: PATIENCE }, async () => {
  const { officer, citizen, close } = await talk();
  await press(citizen, 'paper');
  await press(citizen, 'page');
  await citizen.waitForSelector('[data-test="page-question"][open]');
  await press(officer, 'end');
  await press(officer, 'end-all');
  for (const page of [citizen, officer]) {
    await inState(page, 'ended');
    assert.equal(await page.$('dialog[open]'), null);
  }
  await close();
});

test('the officer shows a screen beside the camera, and nobody else may until allowed', { timeout: PATIENCE }, async () => {
  const { officer, citizen, close } = await talk(1280);
  await press(citizen, 'more');
  assert.ok(await citizen.$eval('[data-test="screen-button"]', (button) => button.hidden), 'only the officer shows a screen');
  await press(officer, 'more');
  await press(officer, 'screen');
  await until('the citizen has two pictures', () => citizen.$eval('[data-test="stage"]', (stage) => stage.dataset.count === '2' && stage.dataset.screen === 'true'));
  await until('the screen is shown', () => citizen.$eval('[data-test="tile"][data-screen="true"]', (tile) => tile.dataset.picture === 'live'));
  assert.match(await citizen.$eval('[data-test="tile"][data-screen="true"] [data-test="tile-name"]', (name) => name.textContent), /स्क्रीन/);
  await press(officer, 'screen');
  await until('the screen is gone', () => citizen.$eval('[data-test="stage"]', (stage) => stage.dataset.count === '1'));

  await officer.locator('[data-test="allow-button"]').click();
  await press(citizen, 'screen');
  await until('the officer has two pictures', () => officer.$eval('[data-test="stage"]', (stage) => stage.dataset.screen === 'true' && stage.dataset.count === '2'));
  await officer.locator('[data-test="allow-button"]').click();
  await until('what is forbidden ends', () => officer.$eval('[data-test="stage"]', (stage) => stage.dataset.screen === 'false'));
  await until('at the page, too', () => citizen.$eval('[data-test="screen-button"]', (button) => button.hidden));
  await seesAndHears(officer, 'the officer');
  await close();
});

test('who is sent out cannot come back', { timeout: PATIENCE }, async () => {
  const { officer, citizen, door, close } = await talk();
  await press(officer, 'more');
  const remove = officer.locator('[data-test="remove-button"]');
  await remove.click();
  await remove.click();
  await inState(citizen, 'denied');
  await citizen.goto(door);
  await press(citizen, 'join');
  await inState(citizen, 'denied');
  await close();
});

test('everything of the panel is reached by the keyboard, has a name, and no barrier', { timeout: PATIENCE }, async () => {
  const found = [];
  const { officer, citizen, close } = await talk();
  await citizen.focus('[data-test="more-button"]');
  await citizen.keyboard.press('Enter');
  assert.equal(await citizen.evaluate(() => document.activeElement.dataset.part), 'write-field', 'the focus goes into the panel');
  await citizen.keyboard.type('नमस्ते');
  await citizen.keyboard.press('Enter');
  await until('it is written', async () => (await lines(officer)).length === 1);
  found.push(...await barriers(citizen, 'citizen at 360'));
  await citizen.keyboard.press('Escape');
  assert.equal(await citizen.evaluate(() => document.activeElement.dataset.part), 'more', 'and back to its button');
  found.push(...await barriers(citizen, 'citizen at 360, panel shut'));
  await officer.setViewport({ width: 1280, height: 800 });
  await press(officer, 'more');
  found.push(...await barriers(officer, 'officer at 1280'));
  await officer.setViewport({ width: 360, height: 740 });
  found.push(...await barriers(officer, 'officer at 360'));
  assert.deepEqual(found, []);
  assert.ok(isLoud(await received(officer)));
  assert.deepEqual([...citizen.complaints, ...officer.complaints], []);
  await close();
});
