/** The whole story in real browsers: a booking in Hindi without JavaScript, the desk, the mail, the meeting; then the hotline. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chromium, firefox, personsPage } from './browsers.mjs';
import { openHouse, until } from './house.mjs';
import { received, seesAndHears, untilReceived, watchConnections } from './media.mjs';
import { book, follow, inState, invitationFor, linkIn, meetingOf, openDoor, press, staffsPage } from './story.mjs';

const STORY_MS = 300_000;
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

test('a request to a minister is booked in Hindi without JavaScript, accepted at the desk and invited by mail', { timeout: STORY_MS }, async () => {
  const citizen = await personsPage(browser, { name: 'citizen', script: false, width: 360, height: 740 });
  await book(house, citizen, {
    query: 'swasthya mantri', post: /मंत्री/, name: 'सीता देवी', mobile: '9100000101', mail: 'sita@example.org',
    subject: 'अस्पताल में दवा नहीं मिलती',
  });
  assert.equal(await citizen.$eval('html', (html) => html.lang), 'hi');
  assert.equal(await citizen.$('a[href^="/j/"]'), null, 'a request has no door yet');
  const slip = citizen.url();

  const desk = await staffsPage(house, browser, 'desk_minister');
  // Once the keys are there, a decision can be taken back for ten seconds; then it is sent by itself.
  await desk.waitForSelector('[data-part="help-button"]:not([hidden])');
  await desk.locator('form[action^="/desk/"][action$="/accept"] button').click();
  await desk.waitForSelector('.desk-card-pending [data-undo]', { visible: true });

  const { calendar, mail } = await invitationFor(house, 'sita@example.org');
  assert.match(calendar, /METHOD:REQUEST/);
  assert.match(mail.text, /सीता देवी/);
  await citizen.goto(slip);
  assert.ok(await citizen.$('a[href^="/j/"]'), 'the accepted appointment has a door');
  assert.deepEqual([...citizen.complaints, ...desk.complaints], []);
});

/** Books with an officer (confirmed at once) and gives what the mail brought. */
async function bookedWithHealth(number) {
  const address = `citizen${number}@example.org`;
  const name = ['राम कुमार', 'गीता सिंह'][number - 1];
  const mobile = `910000020${number}`;
  const page = await personsPage(browser, { name, script: false, width: 360, height: 740 });
  await book(house, page, {
    query: 'स्वास्थ्य', post: /सचिव/, name, mobile, mail: address, subject: 'राशन कार्ड',
  });
  const { calendar, mail } = await invitationFor(house, address);
  assert.match(calendar, /METHOD:REQUEST/);
  await page.browserContext().close();
  return { door: linkIn(mail, '/j/'), mobile, name };
}

/** Officer and citizen meet, see and hear each other, one goes and comes back, and it ends. */
async function meet(citizenBrowser, number) {
  const { door, mobile, name } = await bookedWithHealth(number);
  const officer = await staffsPage(house, browser, 'officer_health', watchConnections);
  await follow(officer, `main a[href="${await meetingOf(officer, name)}"]`);
  await inState(officer, 'preview');
  await press(officer, 'join');
  await inState(officer, 'meeting');

  const citizen = await personsPage(citizenBrowser, { name: 'citizen', width: 360, height: 740 });
  await watchConnections(citizen);
  await openDoor(citizen, door, mobile);
  await inState(citizen, 'preview');
  await press(citizen, 'join');
  await inState(citizen, 'waiting');
  const waiting = await received(citizen);
  assert.equal(waiting.frames, 0, 'nothing is seen from the lobby');

  await press(officer, 'admit');
  await inState(citizen, 'meeting');
  await Promise.all([seesAndHears(citizen, 'the citizen'), seesAndHears(officer, 'the officer')]);

  await press(citizen, 'end');
  await inState(citizen, 'left');
  await press(citizen, 'return');
  await inState(citizen, 'preview');
  await press(citizen, 'join');
  await inState(citizen, 'meeting');
  await Promise.all([seesAndHears(citizen, 'the citizen, back again'), seesAndHears(officer, 'the officer, after the return')]);

  await press(officer, 'end');
  await press(officer, 'end-all');
  await inState(citizen, 'ended');
  await inState(officer, 'ended');
  assert.deepEqual([...citizen.complaints, ...officer.complaints], []);
  await citizen.browserContext().close();
  await officer.close();
}

test('officer and citizen meet by the link of the mail, see and hear each other, and it ends', { timeout: STORY_MS }, async () => {
  await meet(browser, 1);
});

test('the same meeting with the citizen in Firefox ESR', { timeout: STORY_MS }, async () => {
  const other = await firefox();
  try {
    await meet(other, 2);
  } finally {
    await other.close();
  }
});

test('the Chief Secretary rings a department head and both are face to face once it is accepted', { timeout: STORY_MS }, async () => {
  const board = await staffsPage(house, browser, 'board', watchConnections);
  const chamber = await staffsPage(house, browser, 'chamber_1', watchConnections);
  for (const page of [board, chamber]) {
    await inState(page, 'idle');
    await until('the line is warm', () => page.evaluate(() => document.documentElement.dataset.line === 'up'));
  }
  const tile = await until('the head is present on the board', () => board.$('[data-post][data-presence="available"]'));
  await tile.click();
  await inState(chamber, 'incoming');
  await untilReceived(chamber, 'the caller is seen first', (now) => now.frames > 5);
  const before = await received(board);
  assert.equal(before.frames, 0, 'the board sees nothing of the chamber before it accepts');
  assert.equal(before.packets, 0, 'no packet of the chamber arrives before it accepts');
  await press(chamber, 'accept');
  await Promise.all([inState(board, 'in-call'), inState(chamber, 'in-call')]);
  await Promise.all([seesAndHears(board, 'the board'), seesAndHears(chamber, 'the chamber')]);
  await press(board, 'end');
  await Promise.all([inState(board, 'idle'), inState(chamber, 'idle')]);
  assert.deepEqual([...board.complaints, ...chamber.complaints], []);
});
