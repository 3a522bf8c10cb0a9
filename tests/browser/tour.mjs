/**
 * A walk through every main page in one language, each shown to a visitor (a check, a camera).
 * The walk makes the world that the pages need: a booking, a request at the desk, a meeting, a ring.
 */
import { personsPage } from './browsers.mjs';
import { until } from './house.mjs';
import { codeFor, fill, follow, inState, invitationFor, linkIn, meetingOf, openDoor, press, staffsPage } from './story.mjs';

/** The pages in the order in which they are shown. */
export const PAGES = [
  'start', 'find', 'post', 'details', 'code', 'slip', 'sign-in', 'desk', 'outbox', 'join', 'waiting', 'meeting', 'board',
  'chamber', 'chamber-rung', 'chamber-call', 'not-found',
];

const ENOUGH = Symbol('the last page that was wanted');
const NAMES = {
  hi: ['सुनीता कुमारी', 'रेखा सिंह', 'मोहन लाल'],
  en: ['Sunita Kumari', 'Rekha Singh', 'Mohan Lal'],
};

/**
 * @param {{ language: 'hi' | 'en', number: 0 | 1 | 2, last?: string }} how  `number` keeps the bookings of two tours
 *   apart; `last` ends the walk after that page
 * @param {(name: string, page: import('puppeteer-core').Page) => Promise<void>} show
 */
export async function tour(house, browser, how, show) {
  const visit = async (name, page) => {
    await show(name, page);
    if (name === how.last) throw ENOUGH;
  };
  const contexts = [];
  const pages = [];
  const open = async (name) => {
    const page = await personsPage(browser, { name });
    contexts.push(page.browserContext());
    await page.goto(`${house.base}/?lang=${how.language}`);
    return page;
  };
  try {
    const citizen = { name: NAMES[how.language][how.number], mobile: `910000${3000 + how.number}` };
    const door = await citizensPages(house, await open('citizen'), { ...how, citizen }, visit);
    const signedOut = await open('nobody');
    await signedOut.goto(`${house.base}/sign-in`);
    await visit('sign-in', signedOut);
    const staff = async (name) => {
      const page = await staffsPage(house, browser, name);
      const { href } = new URL(page.url());
      await page.goto(`${house.base}/?lang=${how.language}`);
      await page.goto(href);
      pages.push(page);
      return page;
    };
    const officer = await staff('officer_health');
    await visit('desk', officer);
    await meetingPages(await open('guest'), officer, { door, citizen }, visit);
    await visitOutbox(house, officer, visit);
    await hotlinePages(await staff('board'), await staff('chamber_1'), visit);
  } catch (error) {
    if (error !== ENOUGH) throw error;
  } finally {
    for (const page of pages) await page.close();
    for (const context of contexts) await context.close();
  }
}

async function citizensPages(house, page, how, visit) {
  const mail = `tour${how.number}@example.org`;
  await visit('start', page);
  await follow(page, 'a[href="/find"]');
  await fill(page, 'input[name="q"]', 'swasthya');
  await follow(page, 'form[action="/find"] button[type="submit"]');
  await visit('find', page);
  await follow(page, 'a[href^="/post/"]');
  await visit('post', page);
  await follow(page, 'form[action="/hold"] button[name="start"]');
  await fill(page, 'input[name="name"]', how.citizen.name);
  await fill(page, 'input[name="mobile"]', how.citizen.mobile);
  await fill(page, '[name="subject"]', how.language === 'hi' ? 'वृद्धावस्था पेंशन रुकी है' : 'Old age pension has stopped');
  await fill(page, 'input[name="mail"]', mail);
  await page.click('input[name="channel"][value="video"]');
  await visit('details', page);
  await follow(page, 'main form[action^="/book/"] button[type="submit"]');
  await visit('code', page);
  await fill(page, 'input[name="code"]', await codeFor(house, mail));
  await follow(page, 'main form[action$="/code"] button[type="submit"]');
  await visit('slip', page);
  const invitation = await invitationFor(house, mail);
  await page.goto(`${house.base}/post/nobody-at-all`);
  await visit('not-found', page);
  return linkIn(invitation.mail, '/j/');
}

async function visitOutbox(house, page, visit) {
  await page.goto(house.links.outbox);
  await visit('outbox', page);
}

async function meetingPages(guest, officer, { door, citizen }, visit) {
  await openDoor(guest, door, citizen.mobile);
  await inState(guest, 'preview');
  await visit('join', guest);
  await press(guest, 'join');
  await inState(guest, 'waiting');
  await visit('waiting', guest);
  await follow(officer, `main a[href="${await meetingOf(officer, citizen.name)}"]`);
  await inState(officer, 'preview');
  await press(officer, 'join');
  await inState(officer, 'meeting');
  await press(officer, 'admit');
  await inState(guest, 'meeting');
  await until('the picture is there', () => officer.$('[data-picture="live"]'));
  await visit('meeting', officer);
}

async function hotlinePages(board, chamber, visit) {
  await inState(chamber, 'idle');
  await until('the chamber has a line', () => chamber.evaluate(() => document.documentElement.dataset.line === 'up'));
  await visit('chamber', chamber);
  const tile = await until('the head is on the board', () => board.$('[data-post][data-presence="available"]'));
  await visit('board', board);
  await tile.click();
  await inState(chamber, 'incoming');
  await until('the caller is seen', () => chamber.$('[data-picture="live"]'));
  await visit('chamber-rung', chamber);
  await press(chamber, 'accept');
  await inState(chamber, 'in-call');
  await visit('chamber-call', chamber);
  await press(board, 'end');
  await inState(chamber, 'idle');
}
