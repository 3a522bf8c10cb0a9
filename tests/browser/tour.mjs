/**
 * A walk through every main page in one language, each shown to a visitor (a check, a camera).
 * The walk makes the world that the pages need: a booking, a request at the desk, a meeting, a ring.
 */
import { personsPage } from './browsers.mjs';
import { until } from './house.mjs';
import { codeFor, fill, follow, inState, invitationFor, linkIn, openDoor, press, signIn } from './story.mjs';

/** The pages in the order in which they are shown. */
export const PAGES = [
  'start', 'find', 'post', 'details', 'code', 'slip', 'sign-in', 'desk', 'outbox', 'join', 'waiting', 'meeting', 'board',
  'chamber', 'chamber-rung', 'chamber-call', 'not-found',
];

/**
 * @param {{ language: 'hi' | 'en', number: number }} how  `number` keeps the bookings of two tours apart
 * @param {(name: string, page: import('puppeteer-core').Page) => Promise<void>} visit
 */
export async function tour(house, browser, how, visit) {
  const contexts = [];
  const open = async (name) => {
    const page = await personsPage(browser, { name });
    contexts.push(page.browserContext());
    await page.goto(`${house.base}/?lang=${how.language}`);
    return page;
  };
  try {
    const door = await citizensPages(house, await open('citizen'), how, visit);
    const officer = await staffPages(house, await open('officer'), visit);
    await meetingPages(await open('guest'), officer, door, visit);
    await hotlinePages(house, await open('board'), await open('chamber'), visit);
  } finally {
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
  await fill(page, 'input[name="name"]', how.language === 'hi' ? 'सुनीता कुमारी' : 'Sunita Kumari');
  const mobile = `910000${String(3000 + how.number)}`;
  await fill(page, 'input[name="mobile"]', mobile);
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
  return { door: linkIn(invitation.mail, '/j/'), mobile };
}

async function staffPages(house, page, visit) {
  await page.goto(`${house.base}/sign-in`);
  await visit('sign-in', page);
  await signIn(page, house.links.officer_health);
  await page.goto(`${house.base}/desk`);
  await visit('desk', page);
  await page.goto(house.links.outbox);
  await visit('outbox', page);
  await page.goto(`${house.base}/desk`);
  return page;
}

async function meetingPages(guest, officer, { door, mobile }, visit) {
  await openDoor(guest, door, mobile);
  await inState(guest, 'preview');
  await visit('join', guest);
  await press(guest, 'join');
  await inState(guest, 'waiting');
  await visit('waiting', guest);
  await follow(officer, 'main a[href^="/meeting/"]');
  await inState(officer, 'preview');
  await press(officer, 'join');
  await inState(officer, 'meeting');
  await press(officer, 'admit');
  await inState(guest, 'meeting');
  await until('the picture is there', () => officer.$('[data-picture="live"]'));
  await visit('meeting', officer);
}

async function hotlinePages(house, board, chamber, visit) {
  await signIn(board, house.links.board);
  await signIn(chamber, house.links.chamber_1);
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
