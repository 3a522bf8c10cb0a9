/** A review in real browsers: the chair calls in, everybody is silent, a hand, the floor, a late one, a word aside, and a direction that all see. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { chromium } from './browsers.mjs';
import { openHouse, until } from './house.mjs';
import { isLoud, received, seesAndHears, untilReceived, watchConnections } from './media.mjs';
import { inState, press, staffsPage } from './story.mjs';
import { isWell, isWellAsItStands } from './well.mjs';
import { words } from './words.mjs';

const PATIENCE = 240_000;
const [HEALTH, EDUCATION] = ['sec-hlt', 'sec-edu'];
const hindi = words('hi');
let house;
let browser;
/** The pages of one test. */
let pages = [];

before(async () => {
  house = await openHouse();
  browser = await chromium();
});

after(async () => {
  await browser?.close();
  await house?.stop();
});

afterEach(async () => {
  // Nobody is still in a call when the next test sits down at the same seats.
  for (const page of pages) {
    if (await page.evaluate(() => document.documentElement.dataset.state !== 'in-call')) continue;
    await press(page, 'end').catch(() => {});
    await inState(page, 'idle');
  }
  for (const page of pages) await page.close();
  pages = [];
});

async function isWarm(page) {
  await inState(page, 'idle');
  await until('the line is warm', () => page.evaluate(() => document.documentElement.dataset.line === 'up'));
}

/** A seat; with `path` at another page than its link leads to. */
async function seat(name, path) {
  const page = await staffsPage(house, browser, name, watchConnections);
  pages.push(page);
  if (path !== undefined) await page.goto(`${house.base}${path}`);
  await isWarm(page);
  return page;
}

const text = (page, part) => page.$eval(`[data-part="${part}"]`, (one) => one.textContent.trim());
const isSeen = (page, part) => page.$eval(`[data-part="${part}"]`, (one) => one.checkVisibility());
const seen = (page, part) => until(`${part} is seen`, () => isSeen(page, part));
const says = (page, part, key) => until(`${part} says ${key}`, async () => (await text(page, part)) === hindi(key));
const row = (page, list, post) => until(`${post} is in ${list}`, () => page.$(`[data-part="${list}"] [data-post="${post}"]`));
const click = (page, selector) => page.$eval(selector, (one) => one.click());
const lines = (page, kind) => page.evaluate((of) => window.watchedConnections.at(-1).getTransceivers().filter((one) => one.direction === 'recvonly' && one.receiver.track.kind === of).length, kind);
const soundOf = async (page) => {
  const sum = await page.evaluate(async () => {
    let packets = 0;
    for (const pc of window.watchedConnections.filter((one) => one.connectionState !== 'closed')) {
      for (const line of (await pc.getStats()).values()) if (line.type === 'inbound-rtp' && line.kind === 'audio') packets += line.packetsReceived ?? 0;
    }
    return packets;
  });
  return sum;
};

/** The chair calls both in; Health comes, Education says later. */
async function sitting() {
  const [chair, health, education] = [await seat('board', '/review'), await seat('chamber_1', '/review'), await seat('chamber_2')];
  for (const post of [HEALTH, EDUCATION]) {
    await until(`${post} can be chosen`, () => chair.$(`input[value="${post}"]:not(:disabled)`));
    await click(chair, `input[value="${post}"]`);
  }
  await click(chair, '[data-part="review-open"]');
  await Promise.all([inState(health, 'incoming'), inState(education, 'incoming')]);
  await press(education, 'later');
  await press(health, 'accept');
  await Promise.all([inState(chair, 'in-call'), inState(health, 'in-call')]);
  return { chair, health, education };
}

test('the chair calls in, everybody is seen and silent, and who raises a hand is heard when the chair gives the floor', { timeout: PATIENCE }, async () => {
  const { chair, health, education } = await sitting();
  assert.deepEqual([await lines(chair, 'audio'), await lines(education, 'audio')], [8, 3], 'the wall has its own connection, a warm seat its few lines');
  await Promise.all([seesAndHears(health, 'Health, the chair'), untilReceived(chair, 'the chair sees Health', (now) => now.frames > 10)]);
  await says(chair, 'review-own', 'live-js-review-chair');
  await says(health, 'review-own', 'live-js-review-silent');
  assert.equal(await soundOf(chair), 0, 'not a packet of the sound of one who has not the floor');
  await row(chair, 'review-roll', HEALTH);
  await click(health, '[data-part="review-hand"]');
  await row(chair, 'review-hands', HEALTH);
  await click(chair, `[data-part="review-hands"] [data-post="${HEALTH}"] [data-kind="give_floor"]`);
  await says(health, 'review-own', 'live-js-review-speak');
  await untilReceived(chair, 'the chair hears Health', isLoud);
  await row(health, 'review-floor', HEALTH);
  // Education said later, and comes by its own button.
  await seen(education, 'review-note');
  await press(education, 'review-join');
  await inState(education, 'in-call');
  await seesAndHears(education, 'Education, the others');
  for (const page of [chair, health]) await until('two pictures', () => page.$('[data-part="stage"][data-count="2"]'));
  await isWellAsItStands(chair, 'review-chair');
  await isWellAsItStands(health, 'review-head');
  assert.deepEqual(pages.flatMap((page) => page.complaints), []);
});

test('a direction is seen as it is typed, stands in the review, and is on the list of the post', { timeout: PATIENCE }, async () => {
  const { chair, health } = await sitting();
  await row(chair, 'review-roll', HEALTH);
  await chair.type('#direct-text', 'सभी जिलों में दवा पहुँचाएँ');
  await until('the line is seen by the other', async () => (await text(health, 'review-line')).includes('दवा पहुँचाएँ'));
  await chair.select('#direct-post', HEALTH);
  await click(chair, '[data-test="direct-give"]');
  await row(health, 'review-directions', HEALTH);
  await until('the line is gone', async () => !(await isSeen(health, 'review-line')));
  await health.goto(`${house.base}/directions`);
  const given = await health.$$eval('[data-test="direction"]', (cards) => cards.map((card) => card.textContent));
  assert.ok(given.some((card) => card.includes('सभी जिलों में दवा पहुँचाएँ') && card.includes(hindi('after-from-review'))), given.join('\n'));
});

test('a word aside begins when both have agreed, and the others are told so', { timeout: PATIENCE }, async () => {
  const { chair, health, education } = await sitting();
  await seen(education, 'review-note');
  await press(education, 'review-join');
  await inState(education, 'in-call');
  await row(chair, 'review-roll', HEALTH);
  await until('Health is present', () => chair.$(`[data-part="review-roll"] [data-post="${HEALTH}"] [data-kind="ask_aside"]`));
  await click(chair, `[data-part="review-roll"] [data-post="${HEALTH}"] [data-kind="ask_aside"]`);
  await seen(health, 'aside-asked');
  await press(health, 'aside-yes');
  for (const page of [chair, health]) {
    await says(page, 'review-aside', 'live-js-review-aside-own');
    await until('only the other is in the picture', () => page.$('[data-part="stage"][data-count="1"]'));
  }
  await until('Education sees and hears nobody', () => education.$('[data-part="stage"][data-count="0"]'));
  await untilReceived(chair, 'the chair hears Health', isLoud);
  await click(health, '[data-part="aside-end"]');
  await until('all are together again', () => education.$('[data-part="stage"][data-count="2"]'));
});

test('the page is well before a review begins', { timeout: PATIENCE }, async () => {
  const page = await seat('board', '/review');
  await isWell(page, 'review-choose');
  const before = await received(page);
  assert.equal(before.sent, 0, 'nothing leaves a wall that nobody has opened');
});
