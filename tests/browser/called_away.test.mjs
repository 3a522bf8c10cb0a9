/**
 * The Chief Secretary rings an officer who is in a citizen's meeting, in real browsers: the ring is seen and cuts nothing;
 * whoever takes it is away from the meeting, the citizen reads so, and the officer comes back by a button of his own.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chromium } from './browsers.mjs';
import { SCENE_MS, citizen, isOpenToAll, said, sees, talk } from './failures.mjs';
import { openHouse, until } from './house.mjs';
import { seesAndHears, watchConnections } from './media.mjs';
import { inState, press, staffsPage } from './story.mjs';

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

const isGone = (page, test) => page.waitForSelector(`[data-test="${test}"]`, { hidden: true });

test('a ring in the middle of a meeting is seen, is taken by a tap, and the meeting waits', { timeout: SCENE_MS }, async () => {
  const who = await citizen(house, browser, { before: watchConnections });
  const officer = await talk(house, browser, who, watchConnections);
  await Promise.all([seesAndHears(who.page, 'the citizen'), seesAndHears(officer, 'the officer')]);
  const board = await staffsPage(house, browser, 'board', watchConnections);
  await inState(board, 'idle');
  const tile = await until('the officer is shown in a meeting', () => board.$('[data-post="sec-hlt"][data-presence="in_meeting"]'));
  await tile.click();
  await sees(officer, 'call-waiting');
  assert.match(await said(officer, 'call-waiting'), /मुख्य सचिव/u);
  await isOpenToAll(officer, 'call-waiting');
  assert.equal(await who.page.$eval('[data-test="away-other"]', (note) => note.hidden), true, 'nobody is cut by a ring');

  const opened = new Promise((done) => { browser.once('targetcreated', done); });
  await officer.locator('[data-test="call-waiting-take"]').click();
  const phone = await (await opened).page();
  await phone.bringToFront();
  await inState(phone, 'incoming');
  await press(phone, 'accept');
  await Promise.all([inState(phone, 'in-call'), inState(board, 'in-call')]);
  await sees(who.page, 'away-other');
  assert.match(await said(who.page, 'away-other'), /समय रुका/u);
  await isOpenToAll(who.page, 'away-other');
  await until('the citizen sees the officer no more', () =>
    who.page.$$eval('[data-test="stage"] [data-test="tile"]', (tiles) => tiles.every((one) => one.hidden || one.dataset.picture !== 'live')));

  await press(board, 'end');
  await inState(phone, 'idle');
  await officer.bringToFront();
  await sees(officer, 'away-own');
  await isOpenToAll(officer, 'away-own');
  await press(officer, 'come-back');
  await isGone(who.page, 'away-other');
  await Promise.all([seesAndHears(who.page, 'the citizen again'), seesAndHears(officer, 'the officer again')]);
  await Promise.all([board.close(), phone.close(), officer.close(), who.page.close()]);
});
