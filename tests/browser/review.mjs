/**
 * A review of twenty: who books, an interpreter and a hall in real browsers, the others light clients that send sound all the
 * time and are not heard as speakers. All of them come by the links that the office made, and are let in.
 */
import { personsPage } from './browsers.mjs';
import { askIn, comesByLink, openGuests, placeBehind } from './crowd.mjs';
import { until } from './house.mjs';
import { watchConnections } from './media.mjs';
import { book, follow, inState, invitationFor, linkIn, meetingOf, openDoor, press, staffsPage } from './story.mjs';

/** The light clients. */
export const LIGHT = 16;
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

/**
 * @param {(officer: import('puppeteer-core').Page) => Promise<void>} [beforeAdmission] when all wait in the lobby
 * @returns the pages of those who have one, and the light clients
 */
export async function openReview(house, browser, beforeAdmission = async () => {}) {
  const first = await personsPage(browser, { name: 'books', script: false, width: 360, height: 740 });
  const [name, mobile, mail] = ['समीक्षा देवी', '9100000600', 'review@example.org'];
  await book(house, first, { query: 'स्वास्थ्य', post: /सचिव/, name, mobile, mail, subject: 'राशन कार्ड' });
  const door = linkIn((await invitationFor(house, mail)).mail, '/j/');
  await first.browserContext().close();
  const officer = await staffsPage(house, browser, 'officer_health', watchConnections);
  const path = await meetingOf(officer, name);
  const links = [await askIn(house, officer, path, { kind: 'interpreter', name: 'मीना दुभाषिया' }), await askIn(house, officer, path, HALL)];
  const places = [];
  for (let n = 0; n < LIGHT; n += 1) {
    const who = { kind: 'colleague', name: `अधिकारी ${SYLLABLES[n % 8]}${SYLLABLES[Math.floor(n / 8)]}` };
    places.push(await placeBehind(house, await askIn(house, officer, path, who)));
  }
  await follow(officer, `main a[href="${path}"]`);
  await press(officer, 'join');
  await inState(officer, 'meeting');
  const guests = openGuests(house, places, MURMUR_DBOV);
  const citizen = await personsPage(browser, { name: 'citizen', width: 360, height: 740 });
  await watchConnections(citizen);
  await openDoor(citizen, door, mobile);
  const interpreter = await comesByLink(browser, links[0], { name: 'interpreter', prepare: watchConnections });
  const room = await comesByLink(browser, links[1], { name: 'hall', prepare: watchConnections });
  for (const page of [citizen, interpreter, room]) {
    await press(page, 'join');
    await inState(page, 'waiting');
  }
  await beforeAdmission(officer);
  await admitsAll(officer, LIGHT + 3);
  for (const page of [officer, citizen, interpreter, room]) await inState(page, 'meeting');
  await guests.inside;
  return { officer, citizen, interpreter, room, guests };
}

/** Who a tile shows, by a word of its name. */
export const shownAs = (page, wanted) => until(`a tile of ${wanted}`, () => page.$$eval('[data-test="tile"]:not([hidden])',
  (tiles, word) => tiles.find((tile) => tile.textContent.includes(word))?.dataset.participant, wanted));

/** Waits until that one is shown large. */
export const isLarge = (page, participant) => until('the one who speaks is large', () => page.$$eval('[data-test="tile"]:not([hidden])',
  (tiles, wanted) => tiles.some((tile) => tile.dataset.participant === wanted && tile.dataset.large === 'true'), participant));
