/**
 * The server ends under running meetings: it is killed, told to end, or another takes over from it. How long the
 * media of all pages is away, in real browsers, while nobody touches anything.
 *
 *   tests/browser/run --program benches/restart.mjs killed|ended|succeeded
 *
 * MEETINGS (10) run at once, RUNS (10) times the server ends. The last meeting has pictures; the others speak, as
 * people without a camera: pictures of twenty pages would need more than the two processors that they share with the server.
 */
import { chromium } from '../tests/browser/browsers.mjs';
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

/** @returns pages that show pictures, and pages that only speak: most of the officer's are tabs behind another */
async function openMeetings(house, browser) {
  const [seeing, speaking] = [[], []];
  for (let place = 0; place < MEETINGS; place += 1) {
    const name = `${NAMES[place % NAMES.length]} Kumar ${String.fromCharCode(65 + place)}`;
    const wish = { officers: browser, citizens: browser, name, mobile: `91000071${String(place).padStart(2, '0')}`, mail: `restart${place}@example.org` };
    const isLast = place === MEETINGS - 1;
    const meeting = await openMeeting(house, wish, isLast ? keepTimes : withoutCamera);
    const pages = [meeting.officer, meeting.citizen];
    await Promise.all(pages.map(listen));
    (isLast ? seeing : speaking).push(...pages);
  }
  return { seeing, speaking };
}

const joins = (page) => page.evaluate(() => window.watchedConnections.length);

/** The server ends by a signal and is started again: from the moment when it says that it serves. */
async function signalled(house, { seeing, speaking }, signal) {
  const told = { path: [], frame: [], sound: [], down: [] };
  for (let run = 0; run < RUNS; run += 1) {
    await pause(STEADY_MS);
    const pages = [...seeing, ...speaking];
    await Promise.all(pages.map(forget));
    const ended = Date.now();
    await house.end(signal);
    const gone = Date.now() + PLAYED_LATE_MS;
    await house.start();
    const up = Date.now();
    const since = (at) => Math.max(0, at - up);
    const [frames, sounds, paths] = await Promise.all([
      Promise.all(seeing.map((page) => firstFrameAfter(page, gone))),
      Promise.all(pages.map((page) => firstSoundAfter(page, gone))),
      Promise.all(pages.map((page) => pathAfter(page, gone))),
    ]);
    told.path.push(...paths.map(since));
    told.frame.push(...frames.map(since));
    told.sound.push(...sounds.map(since));
    told.down.push(up - ended);
  }
  tell(`${signal}: the server says that it serves → a new connection stands`, told.path);
  tell(`${signal}: the server says that it serves → a picture`, told.frame);
  tell(`${signal}: the server says that it serves → sound`, told.sound);
  tell(`${signal}: order → the server serves again`, told.down);
}

async function succeeded(house, { seeing, speaking }) {
  const watched = () => Promise.all([
    Promise.all(seeing.map((page) => longestGap(page, WATCHED_MS))),
    Promise.all([...seeing, ...speaking].map((page) => longestGap(page, WATCHED_MS, 'sounds'))),
  ]);
  const [usualGaps, usualSilences] = await watched();
  const told = { gaps: [], silences: [], orders: [] };
  for (let run = 0; run < RUNS; run += 1) {
    await pause(STEADY_MS);
    const watching = watched();
    const from = Date.now();
    await house.succeed();
    told.orders.push(Date.now() - from);
    const [gaps, silences] = await watching;
    told.gaps.push(...gaps);
    told.silences.push(...silences);
  }
  tell('usual longest gap of the picture', usualGaps);
  tell('another takes over: longest gap of the picture', told.gaps);
  tell('usual longest gap of the sound', usualSilences);
  tell('another takes over: longest gap of the sound', told.silences);
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
  const pages = [...all.seeing, ...all.speaking];
  await Promise.all(pages.map((page) => page.evaluate(() => { window.isSame = true; })));
  const before = await Promise.all(pages.map(joins));
  await way(house, all);
  const more = (await Promise.all(pages.map(joins))).map((now, place) => now - before[place]);
  const same = await Promise.all(pages.map((page) => page.evaluate(() => window.isSame === true)));
  console.log(`${pages.length} pages, ${RUNS} ends: each made ${Math.min(...more)} to ${Math.max(...more)} connections anew; ${same.filter((is) => !is).length} pages were loaded anew`);
} finally {
  await browser.close();
  await house.stop();
}
