/**
 * A call that gets through anywhere: how long it takes on a slow line, with UDP blocked, with 443 alone, and when the
 * address changes under it. Each figure over RUNS runs (50), in real browsers.
 *
 *   tests/browser/run --program benches/reach.mjs move|join|blocked|restart
 */
import { chromiumTrusts, firefoxTrusts } from '../tests/browser/authority.mjs';
import { chromium, firefox } from '../tests/browser/browsers.mjs';
import { openCall } from '../tests/browser/adaptation.mjs';
import { openHouse, until } from '../tests/browser/house.mjs';
import { FIREWALLS, block, openMeeting } from '../tests/browser/reach.mjs';
import { inState, press } from '../tests/browser/story.mjs';
import { dark, firstFrameAfter, forget, keepTimes, stepsAfter, tapAt, tell } from './frames.mjs';

const RUNS = Number(process.env.RUNS ?? 50);
const ADDRESS = process.env.SACHIVALAYA_ADDRESS;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Leaves, opens the door's page again and joins: from the tap to the first frame. */
async function joinAgain({ officer, citizen, door }) {
  await press(citizen, 'end');
  await inState(citizen, 'left');
  await dark(officer);
  await citizen.goto(door);
  await inState(citizen, 'preview');
  await until('the camera is open', () => citizen.evaluate(() => (document.querySelector('[data-part="preview-video"]')?.currentTime ?? 0) > 0));
  await Promise.all([forget(citizen), forget(officer)]);
  await press(citizen, 'join');
  await inState(citizen, 'meeting');
  const join = await tapAt(citizen, 'join');
  const citizenMs = await firstFrameAfter(citizen, join) - join;
  const officerMs = await firstFrameAfter(officer, join) - join;
  return { citizenMs, officerMs, steps: await stepsAfter(citizen, join) };
}

/** How the picture of a page came, from now on: the longest time between two frames. */
const longestGap = (page, ms) => page.evaluate(async (length) => {
  const from = performance.timeOrigin + performance.now();
  await new Promise((done) => setTimeout(done, length));
  const frames = [from, ...window.times.frames.filter((at) => at > from), performance.timeOrigin + performance.now()];
  return Math.max(...frames.slice(1).map((at, place) => at - frames[place]));
}, ms);

const made = (page) => page.evaluate(() => window.watchedConnections.length);

/** The NAT of one side gives it another port in the middle of a call. */
async function move() {
  const house = await openHouse({ isImpaired: true });
  const browser = await chromium();
  try {
    const call = await openCall(house, { board: browser, chamber: browser }, keepTimes);
    call.boardPath.both({ delayMs: 25 });
    call.chamberPath.both({ delayMs: 25 });
    await pause(3_000);
    const before = await made(call.chamber);
    const usual = { seen: [], sees: [] };
    const gaps = { seen: [], sees: [] };
    for (let run = 0; run < RUNS; run += 1) {
      for (const [into, act] of [[usual, () => {}], [gaps, () => call.chamberPath.rebind()]]) {
        const both = [longestGap(call.board, 2_500), longestGap(call.chamber, 2_500)];
        await pause(300);
        act();
        const [seen, sees] = await Promise.all(both);
        into.seen.push(seen);
        into.sees.push(sees);
      }
    }
    tell('longest gap of the picture without a change, at the other side', usual.seen);
    tell('longest gap of the picture without a change, at the one who stays', usual.sees);
    tell('address changed: longest gap at the other side', gaps.seen);
    tell('address changed: longest gap at the one who moved', gaps.sees);
    console.log(`connections made anew: ${(await made(call.chamber)) - before}`);
  } finally {
    await browser.close();
    await house.stop();
  }
}

/** «Join» on a line of 50 ms round trip: pages, sockets and media all come later. */
async function join() {
  const house = await openHouse({ isImpaired: true, tcpDelayMs: 25 });
  const rules = block([`ip daddr ${ADDRESS} tcp dport { ${house.https}, ${house.media} } drop`]);
  const browser = await chromium();
  try {
    house.proxy.path().both({ delayMs: 25 });
    const meeting = await openMeeting(house, { officers: browser, citizens: browser, mobile: '9100004001', mail: 'join@example.org' }, keepTimes);
    const results = { citizen: [], officer: [], steps: {} };
    for (let run = 0; run < RUNS; run += 1) {
      const { citizenMs, officerMs, steps } = await joinAgain(meeting);
      results.citizen.push(citizenMs);
      results.officer.push(officerMs);
      for (const [name, ms] of Object.entries(steps)) (results.steps[name] ??= []).push(ms);
    }
    tell('50 ms round trip: «Join» → first frame at the citizen', results.citizen);
    tell('50 ms round trip: «Join» of the citizen → first frame at the officer', results.officer);
    const wanted = Object.entries(results.steps).filter(([, values]) => values.length > RUNS / 2);
    const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
    for (const [name, values] of wanted.sort((a, b) => median(a[1]) - median(b[1]))) tell(`  after «Join»: ${name}`, values);
  } finally {
    rules.lift();
    await browser.close();
    await house.stop();
  }
}

async function blocked() {
  for (const [name, rulesOf] of Object.entries(FIREWALLS)) {
    for (const [kind, launch] of [['Chromium', (house) => chromium(chromiumTrusts(house))], ['Firefox', (house) => firefox(firefoxTrusts(house))]]) {
      const house = await openHouse();
      const [browser, other] = await Promise.all([chromium(chromiumTrusts(house)), launch(house)]);
      let rules = null;
      try {
        const meeting = await openMeeting(house, { officers: browser, citizens: other, mobile: '9100004002', mail: 'blocked@example.org' }, keepTimes);
        rules = block(rulesOf(house));
        const results = { citizen: [], officer: [] };
        let failed = 0;
        for (let run = -1; run < RUNS; run += 1) {
          try {
            const { citizenMs, officerMs } = await joinAgain(meeting);
            // The first one finds out that this network needs a way round; the figure of all others is told beside it.
            if (run < 0) console.log(`${name}, ${kind}: the first join of this browser ${citizenMs.toFixed(0)} ms`);
            results.citizen.push(citizenMs);
            results.officer.push(officerMs);
          } catch (error) {
            failed += 1;
            console.log(`run ${run}: ${error.message.slice(0, 300)}`);
          }
        }
        tell(`${name}, ${kind}: «Join» → first frame at the citizen`, results.citizen);
        tell(`${name}, ${kind}: «Join» → first frame at the officer`, results.officer);
        console.log(`${name}, ${kind}: ${failed} of ${RUNS + 1} joins failed`);
      } finally {
        rules?.lift();
        await Promise.all([browser.close(), other.close()]);
        await house.stop();
      }
    }
  }
}

/** The server is killed, told to end and started again, or another takes over from it, under a call. */
async function restart() {
  const house = await openHouse();
  const browser = await chromium();
  try {
    const meeting = await openMeeting(house, { officers: browser, citizens: browser, mobile: '9100004003', mail: 'restart@example.org' }, keepTimes);
    const pages = [meeting.citizen, meeting.officer];
    for (const signal of ['SIGKILL', 'SIGTERM', 'another takes over']) {
      const results = { back: [], gap: [] };
      for (let run = 0; run < RUNS; run += 1) {
        await pause(2_000);
        const ended = Date.now();
        if (!signal.startsWith('SIG')) {
          const gaps = pages.map((page) => longestGap(page, 5_000));
          await house.succeed();
          results.gap.push(...(await Promise.all(gaps)));
          continue;
        }
        await house.end(signal);
        await Promise.all(pages.map(forget));
        await house.start();
        const up = Date.now();
        for (const page of pages) {
          const frame = await firstFrameAfter(page, up - 1_000);
          results.back.push(frame - up);
          results.gap.push(frame - ended);
        }
      }
      if (results.back.length > 0) tell(`${signal}: links printed → first frame`, results.back);
      tell(`${signal}: longest time without a frame`, results.gap);
    }
  } finally {
    await browser.close();
    await house.stop();
  }
}

const programs = { move, join, blocked, restart };
const wanted = process.argv[2];
if (!(wanted in programs)) throw new Error(`one of ${Object.keys(programs).join(', ')}`);
await programs[wanted]();
