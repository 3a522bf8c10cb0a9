/**
 * The server ends under running meetings: it is killed, told to end, or another takes over from it. How long the
 * media of all is away, while nobody touches anything.
 *
 *   cargo build --release -p load
 *   tests/browser/run --program benches/restart.mjs killed|ended|succeeded
 *
 * MEETINGS (10) run at once, RUNS (10) times the server ends. The last meeting has pictures and is held in real browsers.
 * In the others light clients speak (`load guests`), who come in as pages and leave their places to those: twenty pages
 * would need more than the two processors that they share with the server.
 */
import { chromium } from '../tests/browser/browsers.mjs';
import { openGuests } from '../tests/browser/crowd.mjs';
import { openHouse, until } from '../tests/browser/house.mjs';
import { openMeeting } from '../tests/browser/reach.mjs';
import { firstFrameAfter, forget, keepTimes, longestGap, tell } from './frames.mjs';

const MEETINGS = Number(process.env.MEETINGS ?? 10);
const RUNS = Number(process.env.RUNS ?? 10);
/** Between two ends: the pages are steady again. */
const STEADY_MS = 3_000;
const WATCHED_MS = 6_000;
/** What came before the end of the server is played no later. */
const PLAYED_LATE_MS = 150;
const NAMES = ['Anil', 'Usha', 'Ram', 'Sita', 'Mohan', 'Gita', 'Hari', 'Lata', 'Vijay', 'Rekha', 'Suresh', 'Meena'];
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Somebody whose device has no camera. */
async function withoutCamera(page) {
  await keepTimes(page);
  await page.evaluateOnNewDocument(() => {
    const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    const none = () => Promise.reject(new DOMException('', 'NotFoundError'));
    navigator.mediaDevices.getUserMedia = (wish) => (wish.video ? none() : original(wish));
  });
}

/** Notes when received sound was played, from now on. */
function listen(page) {
  return page.evaluate(() => {
    let newest = -Infinity;
    window.times.sounds = [];
    setInterval(() => {
      const receivers = window.watchedConnections.at(-1).getReceivers();
      const played = Math.max(...receivers.flatMap((one) => one.getSynchronizationSources().map((source) => source.timestamp)));
      if (played <= newest) return;
      newest = played;
      window.times.sounds.push(performance.timeOrigin + performance.now());
    }, 20);
  });
}

const firstSoundAfter = (page, instant) => until('sound', () => page.evaluate((from) => window.times.sounds.find((at) => at >= from), instant));

/** When the page had a connection again. The sound is later: a fake microphone beeps twice a second, and is silent in between. */
const pathAfter = (page, instant) => until('a connection', () => page.evaluate((from) => window.times.steps.find(([name, at]) => at >= from && name === 'DTLS connected')?.[1], instant));

/** The newest token of the place of a page, by which whoever has it is back in it. */
const tokenOf = (page) => page.evaluate(() => {
  const [key] = Object.keys(sessionStorage).filter((one) => one.startsWith('resume:'));
  return `${JSON.parse(key.slice('resume:'.length)).meeting} ${sessionStorage.getItem(key)}`;
});

/** @returns the pages of the last meeting, and the people of the others */
async function openMeetings(house, browser) {
  const tokens = [];
  let pages;
  for (let place = 0; place < MEETINGS; place += 1) {
    const name = `${NAMES[place % NAMES.length]} Kumar ${String.fromCharCode(65 + place)}`;
    const wish = { officers: browser, citizens: browser, name, mobile: `91000071${String(place).padStart(2, '0')}`, mail: `restart${place}@example.org` };
    const isLast = place === MEETINGS - 1;
    const { officer, citizen } = await openMeeting(house, wish, isLast ? keepTimes : withoutCamera);
    pages = [officer, citizen];
    if (isLast) break;
    tokens.push(...await Promise.all(pages.map(tokenOf)));
    await officer.close();
    await citizen.browserContext().close();
  }
  await Promise.all(pages.map(listen));
  const guests = openGuests(house, tokens);
  await guests.inside;
  return { pages, guests };
}

const joins = (page) => page.evaluate(() => window.watchedConnections.length);

/** The server ends by a signal and is started again: from the moment when it says that it serves. */
async function signalled(house, { pages, guests }, signal) {
  const told = { path: [], frame: [], sound: [], guests: [], down: [] };
  for (let run = 0; run < RUNS; run += 1) {
    await pause(STEADY_MS);
    await Promise.all(pages.map(forget));
    const watching = guests.watch(WATCHED_MS);
    const ended = Date.now();
    await house.end(signal);
    const gone = Date.now() + PLAYED_LATE_MS;
    await house.start();
    const up = Date.now();
    const since = (at) => Math.max(0, at - up);
    const [frames, sounds, paths] = await Promise.all([
      Promise.all(pages.map((page) => firstFrameAfter(page, gone))),
      Promise.all(pages.map((page) => firstSoundAfter(page, gone))),
      Promise.all(pages.map((page) => pathAfter(page, gone))),
    ]);
    told.path.push(...paths.map(since));
    told.frame.push(...frames.map(since));
    told.sound.push(...sounds.map(since));
    told.guests.push(...(await watching).map((one) => since(one.ended_ms)));
    told.down.push(up - ended);
  }
  tell(`${signal}: the server says that it serves → a new connection stands`, told.path);
  tell(`${signal}: the server says that it serves → a picture`, told.frame);
  tell(`${signal}: the server says that it serves → sound`, told.sound);
  tell(`${signal}: the server says that it serves → sound of light clients`, told.guests);
  tell(`${signal}: order → the server serves again`, told.down);
}

async function succeeded(house, { pages, guests }) {
  const watched = () => Promise.all([
    Promise.all(pages.map((page) => longestGap(page, WATCHED_MS))),
    Promise.all(pages.map((page) => longestGap(page, WATCHED_MS, 'sounds'))),
    guests.watch(WATCHED_MS),
  ]);
  const [usualGaps, usualSilences, usualGuests] = await watched();
  const told = { gaps: [], silences: [], guests: [], orders: [] };
  for (let run = 0; run < RUNS; run += 1) {
    await pause(STEADY_MS);
    const watching = watched();
    const from = Date.now();
    await house.succeed();
    told.orders.push(Date.now() - from);
    const [gaps, silences, others] = await watching;
    told.gaps.push(...gaps);
    told.silences.push(...silences);
    told.guests.push(...others.map((one) => one.ms));
  }
  tell('usual longest gap of the picture', usualGaps);
  tell('another takes over: longest gap of the picture', told.gaps);
  tell('usual longest gap of the sound', usualSilences);
  tell('another takes over: longest gap of the sound', told.silences);
  tell('usual longest gap of the sound of light clients', usualGuests.map((one) => one.ms));
  tell('another takes over: longest gap of the sound of light clients', told.guests);
  tell('another takes over: order → it serves', told.orders);
}

const ways = {
  killed: (house, all) => signalled(house, all, 'SIGKILL'),
  ended: (house, all) => signalled(house, all, 'SIGTERM'),
  succeeded,
};
const way = ways[process.argv[2]];
if (way === undefined) throw new Error(`one of ${Object.keys(ways).join(', ')}`);
const house = await openHouse();
const browser = await chromium();
try {
  const all = await openMeetings(house, browser);
  const { pages, guests } = all;
  await Promise.all(pages.map((page) => page.evaluate(() => { window.isSame = true; })));
  const before = await Promise.all(pages.map(joins));
  await way(house, all);
  const more = (await Promise.all(pages.map(joins))).map((now, place) => now - before[place]);
  const same = await Promise.all(pages.map((page) => page.evaluate(() => window.isSame === true)));
  const light = (await guests.watch(100)).map((one) => one.connections - 1);
  console.log(`${pages.length} pages and ${light.length} light clients, ${RUNS} ends: each page made ${Math.min(...more)} to ${Math.max(...more)} connections anew, each client ${Math.min(...light)} to ${Math.max(...light)}; ${same.filter((is) => !is).length} pages were loaded anew`);
  guests.close();
} finally {
  await browser.close();
  await house.stop();
}
