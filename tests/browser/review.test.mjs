/**
 * A review of twenty: who is asked in comes by a link, the stage follows who speaks, a shown screen can be read, and nobody's
 * sound is starved. How long each takes is measured in `benches/review.mjs`.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import axe from 'axe-core';
import { chromium } from './browsers.mjs';
import { openHouse, until } from './house.mjs';
import { seesAndHears } from './media.mjs';
import { LIGHT, isLarge, openReview, shownAs } from './review.mjs';
import { looksForText, showsText, textSeen } from './screen_text.mjs';
import { inState, press } from './story.mjs';

const PATIENCE = 400_000;
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

async function barriers(page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help} ${node.html.slice(0, 160)}`));
}

const names = (page) => page.$$eval('[data-test="person"] [data-part="person-name"]', (all) => all.map((one) => one.textContent));
const microphone = (page) => press(page, 'microphone');

/** The lobby names who was asked in, and who sits in the hall. */
const namesThem = (officer) => until('the lobby says who waits', () => officer.$$eval('[data-test="lobby-row"]', (rows) => {
  const texts = rows.map((row) => row.textContent);
  return texts.some((text) => text.includes('मीना दुभाषिया (दुभाषिया)')) && texts.some((text) => text.includes('सीता देवी, मोहन राम, गीता देवी'));
}));

test('twenty meet: asked in by link, seen by who speaks, a screen that can be read, and sound for all', { timeout: PATIENCE }, async (t) => {
  const { officer, citizen, interpreter, room, guests } = await openReview(house, browser, { beforeAdmission: namesThem });
  t.after(guests.close);
  const pages = [officer, citizen, interpreter, room];
  await Promise.all(pages.map((page) => seesAndHears(page, 'each')));

  await press(officer, 'more');
  await until('all twenty are named', async () => (await names(officer)).length === LIGHT + 4);
  assert.equal(await officer.$eval('[data-part="people-count"]', (count) => count.textContent), String(LIGHT + 4 + 2), 'three sit in the hall');
  assert.deepEqual(await barriers(officer), []);
  await until('the door has locked itself, for all have come', () => officer.$eval('[data-part="lock"]', (lock) => lock.getAttribute('aria-pressed') === 'true'));
  const wide = await citizen.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);
  assert.equal(wide, 0, 'a phone of 360 px shows it without scrolling sideways');

  const silences = guests.watch(10_000);
  // One speaks at a time: of two who are equally loud the stage keeps whom it has.
  for (const page of [citizen, room, officer]) await microphone(page);
  await isLarge(citizen, await shownAs(citizen, 'मीना दुभाषिया'));
  await microphone(interpreter);
  await microphone(room);
  await isLarge(citizen, await shownAs(citizen, 'ग्राम कचहरी'));
  await microphone(officer);

  await showsText(officer, 0);
  const readers = [citizen, interpreter, room];
  await Promise.all(readers.map((page) => looksForText(page, 0)));
  await press(officer, 'screen');
  const shown = await Promise.all(readers.map((page) => textSeen(page, officer)));
  t.diagnostic(`a shown page of text could be read after ${shown.map((one) => Math.round(one.ms)).join(', ')} ms`);
  const longest = (await silences).map((one) => one.ms);
  t.diagnostic(`longest silence of a light client ${Math.round(Math.max(...longest))} ms`);
  assert.equal(longest.length, LIGHT);
  await Promise.all(readers.map((page) => seesAndHears(page, 'beside the screen each')));

  await press(officer, 'end');
  await press(officer, 'end-all');
  for (const page of pages) await inState(page, 'ended');
  assert.equal(await interpreter.$('[data-test="next-link"]'), null, 'the slip is not the guest’s');
  assert.deepEqual(pages.flatMap((page) => page.complaints), []);
});
