/**
 * A review of twenty: whoever books, an interpreter and a hall in real browsers, the others light clients that speak. Who is
 * asked in comes by a link; the stage follows who speaks, a shown screen can be read at once, and nobody's sound is starved.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import axe from 'axe-core';
import { chromium, personsPage } from './browsers.mjs';
import { askIn, comesByLink, openGuests, placeBehind } from './crowd.mjs';
import { openHouse, until } from './house.mjs';
import { seesAndHears, watchConnections } from './media.mjs';
import { looksForText, showsText, textSeen } from './screen_text.mjs';
import { book, follow, inState, invitationFor, linkIn, meetingOf, openDoor, press, staffsPage } from './story.mjs';

const PATIENCE = 400_000;
const LIGHT = 16;
/** The light clients send all the time, and are not heard as speakers. */
const MURMUR_DBOV = -80;
const SYLLABLES = ['क', 'ख', 'ग', 'घ', 'च', 'छ', 'ज', 'झ'];
/** A machine that draws five pages and runs the server takes longer than the second that a person waits: the bench measures. */
const READ_MS_MAX = 5_000;
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

/** The officer lets everybody in who waits. */
async function admitsAll(officer, count) {
  await until(`${count} wait`, () => officer.$eval('[data-test="lobby"]', (lobby, wanted) => Number(lobby.dataset.waiting) >= wanted, count));
  await until('the lobby is empty', () => officer.evaluate(() => {
    for (const button of document.querySelectorAll('[data-test="admit-button"]')) button.click();
    return document.querySelector('[data-test="lobby"]').dataset.waiting === '0';
  }));
}

async function barriers(page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help} ${node.html.slice(0, 160)}`));
}

const names = (page) => page.$$eval('[data-test="person"] [data-part="person-name"]', (all) => all.map((one) => one.textContent));
const microphone = (page) => press(page, 'microphone');

/** Packets of sound that came, and those that were made up. */
const sound = (page) => page.evaluate(async () => {
  const sum = { samples: 0, concealed: 0 };
  for (const pc of window.watchedConnections) {
    for (const line of (await pc.getStats()).values()) {
      if (line.type !== 'inbound-rtp' || line.kind !== 'audio') continue;
      sum.samples += line.totalSamplesReceived ?? 0;
      sum.concealed += (line.concealedSamples ?? 0) - (line.silentConcealedSamples ?? 0);
    }
  }
  return sum;
});

test('twenty meet: asked in by link, seen by who speaks, a screen that can be read, and sound for all', { timeout: PATIENCE }, async (t) => {
  const first = await personsPage(browser, { name: 'books', script: false, width: 360, height: 740 });
  const [name, mobile, mail] = ['समीक्षा देवी', '9100000600', 'review@example.org'];
  await book(house, first, { query: 'स्वास्थ्य', post: /सचिव/, name, mobile, mail, subject: 'राशन कार्ड' });
  const door = linkIn((await invitationFor(house, mail)).mail, '/j/');
  await first.browserContext().close();
  const officer = await staffsPage(house, browser, 'officer_health', watchConnections);
  const path = await meetingOf(officer, name);

  const hall = { kind: 'hall', name: 'ग्राम कचहरी, रामपुर', people: ['सीता देवी', 'मोहन राम', 'गीता देवी'] };
  const links = [
    await askIn(house, officer, path, { kind: 'interpreter', name: 'मीना दुभाषिया' }),
    await askIn(house, officer, path, hall),
  ];
  const light = [];
  for (let n = 0; n < LIGHT; n += 1) {
    const who = { kind: 'colleague', name: `अधिकारी ${SYLLABLES[n % 8]}${SYLLABLES[Math.floor(n / 8)]}` };
    light.push(await placeBehind(house, await askIn(house, officer, path, who)));
  }

  await follow(officer, `main a[href="${path}"]`);
  await press(officer, 'join');
  await inState(officer, 'meeting');
  const guests = openGuests(house, light, MURMUR_DBOV);
  t.after(guests.close);
  const citizen = await personsPage(browser, { name: 'citizen', width: 360, height: 740 });
  await watchConnections(citizen);
  await openDoor(citizen, door, mobile);
  const interpreter = await comesByLink(browser, links[0], { name: 'interpreter', prepare: watchConnections });
  const room = await comesByLink(browser, links[1], { name: 'hall', prepare: watchConnections });
  for (const page of [citizen, interpreter, room]) {
    await press(page, 'join');
    await inState(page, 'waiting');
  }
  await until('the lobby names who was asked in, and who sits in the hall', () => officer.$$eval('[data-test="lobby-row"]', (rows) => {
    const texts = rows.map((row) => row.textContent);
    return texts.some((text) => text.includes('मीना दुभाषिया (दुभाषिया)')) && texts.some((text) => text.includes('सीता देवी, मोहन राम, गीता देवी'));
  }));
  await admitsAll(officer, LIGHT + 3);
  const pages = [officer, citizen, interpreter, room];
  for (const page of pages) await inState(page, 'meeting');
  await guests.inside;
  await Promise.all(pages.map((page) => seesAndHears(page, 'each')));

  await press(officer, 'more');
  await until('all twenty are named', async () => (await names(officer)).length === LIGHT + 4);
  assert.equal(await officer.$eval('[data-part="people-count"]', (count) => count.textContent), String(LIGHT + 4 + 2), 'three sit in the hall');
  assert.deepEqual(await barriers(officer), []);
  await until('the door has locked itself, for all have come', () => officer.$eval('[data-part="lock"]', (lock) => lock.getAttribute('aria-pressed') === 'true'));
  const wide = await citizen.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);
  assert.equal(wide, 0, 'a phone of 360 px shows it without scrolling sideways');

  const before = await Promise.all(pages.map(sound));
  const silences = guests.watch(20_000);
  // Who speaks is large; the others of the real browsers are quiet meanwhile.
  await microphone(citizen);
  await microphone(room);
  for (const speaker of [interpreter, room]) {
    const own = await until('a tile of the speaker', () => officer.$$eval('[data-test="tile"]:not([hidden])', (tiles, wanted) => tiles.find((tile) => tile.textContent.includes(wanted))?.dataset.participant, speaker === room ? 'ग्राम कचहरी' : 'मीना दुभाषिया'));
    if (speaker === room) {
      await microphone(interpreter);
      await microphone(room);
    }
    await until('the one who speaks is large', () => citizen.$$eval('[data-test="tile"]:not([hidden])', (tiles, wanted) => tiles.some((tile) => tile.dataset.participant === wanted && tile.dataset.large === 'true'), own));
  }
  for (const page of [citizen, interpreter]) await microphone(page);

  await showsText(officer);
  const readers = [citizen, interpreter, room];
  await Promise.all(readers.map(looksForText));
  await press(officer, 'screen');
  const shown = await Promise.all(readers.map((page) => textSeen(page, officer)));
  t.diagnostic(`a shown page of text could be read after ${shown.map((one) => Math.round(one.ms)).join(', ')} ms, ${shown.map((one) => one.db.toFixed(1)).join(', ')} dB`);
  for (const one of shown) assert.ok(one.ms < READ_MS_MAX, `the text could be read after ${one.ms} ms`);

  const longest = (await silences).map((one) => one.ms);
  t.diagnostic(`longest silence of a light client ${Math.round(Math.max(...longest))} ms`);
  assert.ok(Math.max(...longest) < 1_000, `nobody heard nothing for a second: ${longest}`);
  const now = await Promise.all(pages.map(sound));
  const made = now.map((one, at) => (one.concealed - before[at].concealed) / (one.samples - before[at].samples));
  t.diagnostic(`sound made up: ${made.map((share) => (100 * share).toFixed(2)).join(', ')} %`);
  assert.ok(Math.max(...made) < 0.05, `nearly all sound came: ${made}`);

  await press(officer, 'end');
  await press(officer, 'end-all');
  for (const page of pages) await inState(page, 'ended');
  assert.equal(await interpreter.$('[data-test="next-link"]'), null, 'the slip is not the guest’s');
  assert.deepEqual(pages.flatMap((page) => page.complaints), []);
});
