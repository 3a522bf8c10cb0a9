/** What the tests of failures share: a booked citizen, an officer at the meeting, what every state that is shown owes everybody. */
import assert from 'node:assert/strict';
import axe from 'axe-core';
import { personsPage } from './browsers.mjs';
import { book, follow, inState, invitationFor, linkIn, meetingOf, press, staffsPage } from './story.mjs';

export const SCENE_MS = 240_000;
export const PHONE = { width: 360, height: 740 };
const NAMES = ['सीता देवी', 'मोहन प्रसाद', 'रुक्मिणी देवी', 'अशोक राम', 'फूलमती देवी', 'शंकर साह', 'मीना खातून', 'गोपाल मांझी', 'लक्ष्मी कुमारी', 'हरिहर यादव', 'सलमा बेगम', 'जगदीश ठाकुर', 'किरण देवी', 'बैजनाथ पासवान', 'तारा देवी', 'रामाशीष महतो'];
let booked = 0;

/**
 * Books a meeting by video on a device of its own.
 *
 * @param {{ language?: string, mobile?: string, before?: (page: import('puppeteer-core').Page) => Promise<unknown> }} [wish]
 * @returns the citizen: name, mobile, the page of the device that is known, the door's link, the slip's, its day
 */
export async function citizen(house, browser, { language = 'hi', mobile, before = async () => {} } = {}) {
  const number = booked;
  booked += 1;
  const name = NAMES[number % NAMES.length];
  const called = mobile ?? `91000040${String(number).padStart(2, '0')}`;
  const page = await personsPage(browser, { name, ...PHONE });
  await before(page);
  const mail = `failure${number}@example.org`;
  const { slip } = await book(house, page, {
    query: 'swasthya', post: /सचिव|Secretary/u, name, mobile: called, mail, subject: 'राशन कार्ड में नाम जोड़ना', language,
  });
  const invitation = await invitationFor(house, mail);
  return { name, mobile: called, page, slip, day: invitation.calendar.match(/DTSTART[^:]*:(\d{8})/u)[1], door: linkIn(invitation.mail, '/j/') };
}

/** The officer's page of the meeting with this citizen, inside it. */
export async function officerMeets(house, browser, name, before) {
  const officer = await staffsPage(house, browser, 'officer_health', before);
  await follow(officer, `main a[href="${await meetingOf(officer, name)}"]`);
  await inState(officer, 'preview');
  await press(officer, 'join');
  await inState(officer, 'meeting');
  return officer;
}

/** Both inside: the citizen has joined by the link and was let in. */
export async function talk(house, browser, who, before) {
  await who.page.goto(who.door);
  await inState(who.page, 'preview');
  await press(who.page, 'join');
  await inState(who.page, 'waiting');
  const officer = await officerMeets(house, browser, who.name, before);
  await press(officer, 'admit');
  await inState(who.page, 'meeting');
  return officer;
}

/** No barrier that axe-core knows and no sideways scrolling, on a telephone and on a desk. */
export async function isOpenToAll(page, name) {
  const found = [];
  await page.evaluate(axe.source);
  for (const width of [1280, PHONE.width]) {
    await page.setViewport({ width, height: PHONE.height });
    const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
    found.push(...violations.flatMap(({ id, nodes }) => nodes.map((node) => `${width}: ${id}: ${node.html.slice(0, 160)}`)));
    const wide = await page.evaluate(() => document.scrollingElement.scrollWidth);
    if (wide > width) found.push(`${width}: scrolls sideways, ${wide} px wide`);
  }
  assert.deepEqual(found, [], name);
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}.png` });
}

export const isShown = (page, test) => page.$eval(`[data-test="${test}"]`, (one) => one.checkVisibility({ visibilityProperty: true }));
export const said = (page, test) => page.$eval(`[data-test="${test}"]`, (one) => one.textContent.replace(/\s+/gu, ' ').trim());

/** Waits until a part of the page can be seen. */
export const sees = (page, test) => page.waitForSelector(`[data-test="${test}"]`, { visible: true });

/** The words of a locale file. */
export { words } from './words.mjs';
