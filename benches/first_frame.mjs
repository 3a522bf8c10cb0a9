/**
 * Time to the first picture: on the hotline (warm lines) and in a meeting (a new connection each time).
 *
 * Prints median and range over RUNS runs (20). Times are read in the pages: the tap in a capturing listener, the frame
 * in `requestVideoFrameCallback`. Never polls the page while a run is being timed.
 */
import { chromium, personsPage } from '../tests/browser/browsers.mjs';
import { openHouse, until } from '../tests/browser/house.mjs';
import { received } from '../tests/browser/media.mjs';
import { book, follow, inState, invitationFor, linkIn, meetingOf, openDoor, press, staffsPage } from '../tests/browser/story.mjs';

const RUNS = Number(process.env.RUNS ?? 20);

/** Notes the first tap on a named part and the first frame of each remote video after a mark. Must run before the page's scripts. */
async function keepTimes(page) {
  await page.evaluateOnNewDocument(() => {
    const now = () => performance.timeOrigin + performance.now();
    window.times = { taps: {}, frames: [] };
    addEventListener('click', (event) => {
      for (let at = event.target; at; at = at.parentElement) {
        if (at.dataset?.part) window.times.taps[at.dataset.part] = now();
        if (at.dataset?.post) window.times.taps.tile = now();
      }
    }, true);
    const watched = new WeakSet();
    const watch = (video) => {
      if (watched.has(video)) return;
      watched.add(video);
      const frame = () => {
        // The own picture is a local track; only what came over the line counts.
        const isRemote = video.srcObject && window.remoteTracks?.has(video.srcObject.getVideoTracks()[0]?.id);
        if (isRemote) window.times.frames.push(now());
        video.requestVideoFrameCallback(frame);
      };
      video.requestVideoFrameCallback(frame);
    };
    window.remoteTracks = new Set();
    const Original = window.RTCPeerConnection;
    window.watchedConnections = [];
    window.RTCPeerConnection = class extends Original {
      constructor(...args) {
        super(...args);
        window.watchedConnections.push(this);
        this.addEventListener('track', (event) => window.remoteTracks.add(event.track.id));
      }
    };
    new MutationObserver(() => document.querySelectorAll('video').forEach(watch))
      .observe(document, { childList: true, subtree: true });
  });
}

const forget = (page) => page.evaluate(() => { window.times.frames.length = 0; window.times.taps = {}; });
const tapAt = (page, part) => page.evaluate((name) => window.times.taps[name], part);
async function firstFrameAfter(page, instant) {
  try {
    return await until('the first frame', () => page.evaluate((from) => window.times.frames.find((at) => at >= from), instant));
  } catch (error) {
    throw new Error(`${error.message}; received ${JSON.stringify(await received(page))}`);
  }
}
/** No remote frame for a while: what an earlier run showed is over. */
const dark = (page) => until('the picture has stopped', () => page.evaluate(async () => {
  const before = window.times.frames.length;
  await new Promise((done) => setTimeout(done, 300));
  return window.times.frames.length === before;
}));

function tell(what, values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
  const figure = (value) => `${value.toFixed(0)}`.padStart(5);
  console.log(`${what.padEnd(64)} median ${figure(at(0.5))} ms   range ${figure(sorted[0])} … ${figure(sorted.at(-1))} ms   n ${sorted.length}`);
}

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
