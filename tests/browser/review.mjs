/**
 * A review of twenty: who books, an interpreter and a hall in real browsers, the others light clients that send sound all the
 * time and are not heard as speakers. All of them come by the links that the office made, and are let in.
 */
import { personsPage } from './browsers.mjs';
import { askIn, comesByLink, openGuests, placeBehind } from './crowd.mjs';
import { until } from './house.mjs';
import { watchConnections } from './media.mjs';
import { book, follow, inState, invitationFor, linkIn, meetingOf, openDoor, press, staffsPage } from './story.mjs';

/** The light clients beside the four pages. */
export const LIGHT = 16;
/** The same review with two pages, officer and citizen, for what four pages on one machine would only measure themselves by. */
const LIGHT_BESIDE_TWO = 18;
/** As quiet as somebody who breathes, in dBov. */
const MURMUR_DBOV = -80;
const SYLLABLES = ['क', 'ख', 'ग', 'घ', 'च', 'छ', 'ज', 'झ'];
const HALL = { kind: 'hall', name: 'ग्राम कचहरी, रामपुर', people: ['सीता देवी', 'मोहन राम', 'गीता देवी'] };

/** The officer lets everybody in who waits. */
async function admitsAll(officer, count) {
  await until(`${count} wait`, () => officer.$eval('[data-test="lobby"]', (lobby, wanted) => Number(lobby.dataset.waiting) >= wanted, count));
  await until('the lobby is empty', () => officer.evaluate(() => {
    for (const button of document.querySelectorAll('[data-test="admit-button"]')) button.click();
    return document.querySelector('[data-test="lobby"]').dataset.waiting === '0';
  }));
}

/** An interpreter and a hall with pages of their own, and colleagues; asked in by the officer on this meeting's page. */
async function asksAllIn(house, officer, path, light) {
  const links = light === LIGHT
    ? [await askIn(house, officer, path, { kind: 'interpreter', name: 'मीना दुभाषिया' }), await askIn(house, officer, path, HALL)]
    : [];
  const places = [];
  for (let n = 0; n < light; n += 1) {
    const who = { kind: 'colleague', name: `अधिकारी ${SYLLABLES[n % 8]}${SYLLABLES[Math.floor(n / 8)]}` };
    places.push(await placeBehind(house, await askIn(house, officer, path, who)));
  }
  return { links, places };
}

/** The same with two pages: officer and citizen. */
export const openReviewOfTwo = (house, browser) => openReview(house, browser, { light: LIGHT_BESIDE_TWO });

/**
 * @param {{ light?: number, beforeAdmission?: (officer: import('puppeteer-core').Page) => Promise<void> }} [wish]
 *   `beforeAdmission`: when all wait in the lobby
 * @returns the pages of those who have one, and the light clients
 */
export async function openReview(house, browser, { light = LIGHT, beforeAdmission = async () => {} } = {}) {
  const first = await personsPage(browser, { name: 'books', script: false, width: 360, height: 740 });
  const [name, mobile, mail] = ['समीक्षा देवी', '9100000600', 'review@example.org'];
  await book(house, first, { query: 'स्वास्थ्य', post: /सचिव/, name, mobile, mail, subject: 'राशन कार्ड' });
  const door = linkIn((await invitationFor(house, mail)).mail, '/j/');
  await first.browserContext().close();
  const officer = await staffsPage(house, browser, 'officer_health', watchConnections);
  const path = await meetingOf(officer, name);
  const { links, places } = await asksAllIn(house, officer, path, light);
  await follow(officer, `main a[href="${path}"]`);
  await press(officer, 'join');
  await inState(officer, 'meeting');
  const guests = openGuests(house, places, MURMUR_DBOV);
  const citizen = await personsPage(browser, { name: 'citizen', width: 360, height: 740 });
  await watchConnections(citizen);
  await openDoor(citizen, door, mobile);
  const asked = [];
  for (const link of links) asked.push(await comesByLink(browser, link, { name: 'asked in', prepare: watchConnections }));
  for (const page of [citizen, ...asked]) {
    await press(page, 'join');
    await inState(page, 'waiting');
  }
  await beforeAdmission(officer);
  await admitsAll(officer, light + 1 + asked.length);
  for (const page of [officer, citizen, ...asked]) await inState(page, 'meeting');
  await guests.inside;
  const [interpreter, room] = asked;
  return { officer, citizen, interpreter, room, guests };
}

/** Who a tile shows, by a word of its name. */
export const shownAs = (page, wanted) => until(`a tile of ${wanted}`, () => page.$$eval('[data-test="tile"]:not([hidden])',
  (tiles, word) => tiles.find((tile) => tile.textContent.includes(word))?.dataset.participant, wanted));

/** Waits until that one is shown large. */
export const isLarge = (page, participant) => until('the one who speaks is large', () => page.$$eval('[data-test="tile"]:not([hidden])',
  (tiles, wanted) => tiles.some((tile) => tile.dataset.participant === wanted && tile.dataset.large === 'true'), participant));
