/**
 * Time to the first picture: on the hotline (warm lines) and in a meeting (a new connection each time).
 *
 * Prints median and range over RUNS runs (20). Times are read in the pages: the tap in a capturing listener, the frame
 * in `requestVideoFrameCallback`. Never polls the page while a run is being timed.
 */
import { chromium, personsPage } from '../tests/browser/browsers.mjs';
import { openHouse, until } from '../tests/browser/house.mjs';
import { dark, firstFrameAfter, forget, keepTimes, tapAt, tell } from './frames.mjs';
import { book, follow, inState, invitationFor, linkIn, meetingOf, openDoor, press, staffsPage } from '../tests/browser/story.mjs';

const RUNS = Number(process.env.RUNS ?? 20);

/** The chamber sees its own picture: its camera is open. */
const seesItself = (page) => until('the own picture is there', () =>
  page.evaluate(() => (document.querySelector('[data-part="own-video"]')?.currentTime ?? 0) > 0));

/**
 * @param {boolean} isHasty accepts while the camera is still opening, as no person can
 */
async function hotline(house, browser, isHasty) {
  const board = await staffsPage(house, browser, 'board', keepTimes);
  const chamber = await staffsPage(house, browser, 'chamber_1', keepTimes);
  for (const page of [board, chamber]) {
    await inState(page, 'idle');
    await until('the line is warm', () => page.evaluate(() => document.documentElement.dataset.line === 'up'));
  }
  const results = { ring: [], caller: [], chamber: [] };
  for (let run = 0; run < RUNS; run += 1) {
    await Promise.all([dark(board), dark(chamber)]);
    await Promise.all([forget(board), forget(chamber)]);
    const tile = await until('the head is free', () => board.$('[data-post][data-presence="available"]'));
    await tile.click();
    await inState(chamber, 'incoming');
    const ring = await tapAt(board, 'tile');
    results.ring.push(await firstFrameAfter(chamber, ring) - ring);
    if (!isHasty) await seesItself(chamber);
    await press(chamber, 'accept');
    await Promise.all([inState(board, 'in-call'), inState(chamber, 'in-call')]);
    const accept = await tapAt(chamber, 'accept');
    results.caller.push(await firstFrameAfter(board, accept) - accept);
    results.chamber.push(await firstFrameAfter(chamber, accept) - accept);
    await press(board, 'end');
    await Promise.all([inState(board, 'idle'), inState(chamber, 'idle')]);
  }
  const how = isHasty ? 'hotline, camera still opening' : 'hotline, warm';
  tell(`${how}: accept tap → first frame at the caller`, results.caller);
  tell(`${how}: accept tap → next frame at the chamber`, results.chamber);
  tell(`${how}: ring tap → the caller is seen in the chamber`, results.ring);
  await Promise.all([board.close(), chamber.close()]);
}

async function meeting(house, browser) {
  const booking = await personsPage(browser, { name: 'booking', script: false });
  await book(house, booking, {
    query: 'swasthya', post: /सचिव/, name: 'Ram Kumar', mobile: '9100004001', mail: 'bench@example.org', subject: 'ration card',
  });
  const door = linkIn((await invitationFor(house, 'bench@example.org')).mail, '/j/');
  const officer = await staffsPage(house, browser, 'officer_health', keepTimes);
  await follow(officer, `main a[href="${await meetingOf(officer, 'Ram Kumar')}"]`);
  await inState(officer, 'preview');
  await press(officer, 'join');
  await inState(officer, 'meeting');
  const citizen = await personsPage(browser, { name: 'citizen' });
  await keepTimes(citizen);
  const results = { citizen: [], officer: [] };
  for (let run = -1; run < RUNS; run += 1) {
    await dark(officer);
    // On a new device the door asks for the last four digits; from then on it is known.
    if (run < 0) await openDoor(citizen, door, '9100004001');
    else await citizen.goto(door);
    await inState(citizen, 'preview');
    await Promise.all([forget(citizen), forget(officer)]);
    await press(citizen, 'join');
    // The first time is only for the lobby: whoever was admitted comes straight back in.
    if (run < 0) await press(officer, 'admit');
    await inState(citizen, 'meeting');
    const join = await tapAt(citizen, 'join');
    const seen = [await firstFrameAfter(citizen, join) - join, await firstFrameAfter(officer, join) - join];
    if (run >= 0) {
      results.citizen.push(seen[0]);
      results.officer.push(seen[1]);
    }
    await press(citizen, 'end');
    await inState(citizen, 'left');
  }
  tell('meeting, cold: «Join» → first frame at the citizen', results.citizen);
  tell('meeting, cold: «Join» of the citizen → first frame at the officer', results.officer);
  await Promise.all([citizen.browserContext().close(), officer.close()]);
}

const house = await openHouse();
const browser = await chromium();
const wanted = process.argv[2];
try {
  if (wanted !== 'meeting') {
    await hotline(house, browser, false);
    await hotline(house, browser, true);
  }
  if (wanted !== 'hotline') await meeting(house, browser);
} finally {
  await browser.close();
  await house.stop();
}
