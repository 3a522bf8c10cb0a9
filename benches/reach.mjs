/**
 * A call that gets through anywhere: how long it takes on a slow line, with UDP blocked, with 443 alone, and when the
 * address changes under it. Each figure over RUNS runs (50), in real browsers.
 *
 *   tests/browser/run --program benches/reach.mjs move|join|admit|first|again|cut [words]
 *
 * Words (`Firefox`, `TLS`) take only those firewalls and browsers that have all of them in their name.
 */
import { chromiumTrusts, firefoxTrusts } from '../tests/browser/authority.mjs';
import { chromium, firefox, personsPage } from '../tests/browser/browsers.mjs';
import { openCall } from '../tests/browser/adaptation.mjs';
import { openHouse, until } from '../tests/browser/house.mjs';
import { FIREWALLS, block, openMeeting, wayOf } from '../tests/browser/reach.mjs';
import { inState, openDoor, press } from '../tests/browser/story.mjs';
import { dark, firstFrameAfter, forget, keepTimes, longestGap, stepsAfter, tapAt, tell } from './frames.mjs';

const RUNS = Number(process.env.RUNS ?? 50);
const MOBILE = '9100004002';
/** From «Join» to pictures, whatever the network. */
const WANTED_MS = 1_500;
const ADDRESS = process.env.SACHIVALAYA_ADDRESS;
const [program, ...words] = process.argv.slice(2);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Waits for the camera on the preview, joins, and waits for pictures: from the tap to the first frame at both. */
async function timedJoin(officer, citizen) {
  await inState(citizen, 'preview');
  await until('the camera is open', () => citizen.evaluate(() => (document.querySelector('[data-part="preview-video"]')?.currentTime ?? 0) > 0));
  await Promise.all([forget(citizen), forget(officer)]);
  await press(citizen, 'join');
  await inState(citizen, 'meeting');
  const join = await tapAt(citizen, 'join');
  const citizenMs = await firstFrameAfter(citizen, join) - join;
  const officerMs = await firstFrameAfter(officer, join) - join;
  return { citizenMs, officerMs, steps: await stepsAfter(citizen, join), way: await wayOf(citizen) };
}

async function leave({ officer }, citizen) {
  await press(citizen, 'end');
  await inState(citizen, 'left');
  await dark(officer);
}

/** The same person leaves, opens the door's page again and joins. */
async function joinAgain(meeting) {
  await leave(meeting, meeting.citizen);
  await meeting.citizen.goto(meeting.door);
  return timedJoin(meeting.officer, meeting.citizen);
}

/** A browser that knows nothing of this house opens the door and joins. */
async function joinFirst(meeting) {
  const citizen = await personsPage(meeting.citizen.browser(), { name: 'citizen' });
  try {
    await keepTimes(citizen);
    await openDoor(citizen, meeting.door, MOBILE);
    const found = await timedJoin(meeting.officer, citizen);
    await leave(meeting, citizen);
    return found;
  } finally {
    await citizen.browserContext().close();
  }
}

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

function noteSteps(results, steps) {
  for (const [name, ms] of Object.entries(steps)) (results.steps[name] ??= []).push(ms);
}

/** The steps that most runs took, in their order. */
function tellSteps(results) {
  const wanted = Object.entries(results.steps).filter(([, values]) => values.length > RUNS / 2);
  const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
  for (const [name, values] of wanted.sort((a, b) => median(a[1]) - median(b[1]))) tell(`  after «Join»: ${name}`, values);
}

/** «Join» on a line of 50 ms round trip: pages, sockets and media all come later. */
async function join() {
  const house = await openHouse({ isImpaired: true, tcpDelayMs: 25 });
  const rules = block([`ip daddr ${ADDRESS} tcp dport { ${house.https}, ${house.media} }`]);
  const browser = await chromium();
  try {
    house.proxy.path().both({ delayMs: 25 });
    const meeting = await openMeeting(house, { officers: browser, citizens: browser, mobile: '9100004001', mail: 'join@example.org' }, keepTimes);
    const results = { citizen: [], officer: [], steps: {} };
    for (let run = 0; run < RUNS; run += 1) {
      const { citizenMs, officerMs, steps } = await joinAgain(meeting);
      results.citizen.push(citizenMs);
      results.officer.push(officerMs);
      noteSteps(results, steps);
    }
    tell('50 ms round trip: «Join» → first frame at the citizen', results.citizen);
    tell('50 ms round trip: «Join» of the citizen → first frame at the officer', results.officer);
    tellSteps(results);
  } finally {
    rules.lift();
    await browser.close();
    await house.stop();
  }
}

/** A citizen waits with a warm transport on a line of 50 ms round trip and is let in: each time another one, for who was in comes back by himself. */
async function admit() {
  const house = await openHouse({ isImpaired: true, tcpDelayMs: 25 });
  const rules = block([`ip daddr ${ADDRESS} tcp dport { ${house.https}, ${house.media} }`]);
  const browser = await chromium();
  try {
    house.proxy.path().both({ delayMs: 25 });
    const results = { citizen: [], officer: [] };
    for (let run = 0; run < RUNS; run += 1) {
      const [name, mobile, mail] = [`Citizen ${words.join('')} ${'abcdefghij'[run % 10]}${'abcdefghij'[Math.floor(run / 10)]}`, `910000${String(5000 + run)}`, `admit${run}@example.org`];
      const { officer, citizen } = await openMeeting(house, { officers: browser, citizens: browser, mobile, mail, name }, keepTimes, async (waiting, chair) => {
        await inState(waiting, 'waiting');
        await until('the transport is warm', () => waiting.evaluate(() => window.watchedConnections.at(-1)?.connectionState === 'connected'));
        // Somebody who waits does so for longer than the officer's camera goes on for nobody.
        await pause(7_000);
        await Promise.all([forget(waiting), forget(chair)]);
      });
      const tap = await tapAt(officer, 'admit');
      results.citizen.push(await firstFrameAfter(citizen, tap) - tap);
      results.officer.push(await firstFrameAfter(officer, tap) - tap);
      await citizen.browserContext().close();
      await officer.close();
    }
    tell('50 ms round trip: «Admit» → first frame at the citizen', results.citizen);
    tell('50 ms round trip: «Admit» → first frame at the officer', results.officer);
  } finally {
    rules.lift();
    await browser.close();
    await house.stop();
  }
}

/**
 * Each firewall, with each browser behind it and the officer outside.
 *
 * @param {{ officers: 'outside' | 'behind' }} stand
 * @param {(scene: { name: string, house: object, meeting: object }) => Promise<void>} play
 */
async function blocked({ officers }, play) {
  const launched = {
    Chromium: (house, place) => chromium(chromiumTrusts(house), place),
    Firefox: (house, place) => firefox(firefoxTrusts(house), place),
  };
  const all = Object.keys(FIREWALLS).flatMap((firewall) => Object.keys(launched).map((kind) => ({ firewall, kind, name: `${firewall}, ${kind}` })));
  for (const { firewall, kind, name } of all.filter((one) => words.every((word) => one.name.includes(word)))) {
    const house = await openHouse();
    const browsers = await Promise.all([launched.Chromium(house, officers), launched[kind](house, 'behind')]);
    const [officer, citizen] = browsers;
    try {
      const meeting = await openMeeting(house, { officers: officer, citizens: citizen, mobile: MOBILE, mail: 'blocked@example.org' }, keepTimes);
      const shut = () => block(FIREWALLS[firewall].keeps(house), 'behind');
      await play({ name, meeting, shut });
    } finally {
      await Promise.all(browsers.map((browser) => browser.close()));
      await house.stop();
    }
  }
}

/** Joins through a firewall that was there before the citizen came. */
const joins = (kind, joinOnce) => blocked({ officers: 'outside' }, async ({ name, meeting, shut }) => {
  const rules = shut();
  const results = { citizen: [], officer: [], steps: {} };
  const ways = new Set();
  let failed = 0;
  try {
    if (joinOnce === joinFirst) await leave(meeting, meeting.citizen);
    for (let run = 0; run < RUNS; run += 1) {
      try {
        const { citizenMs, officerMs, steps, way } = await joinOnce(meeting);
        ways.add(way);
        results.citizen.push(citizenMs);
        results.officer.push(officerMs);
        noteSteps(results, steps);
        if (Math.max(citizenMs, officerMs) > WANTED_MS) console.log(`run ${run}: ${citizenMs.toFixed(0)} and ${officerMs.toFixed(0)} ms by ${way}`, steps);
      } catch (error) {
        failed += 1;
        console.log(`run ${run}: ${error.message.slice(0, 300)}`);
      }
    }
  } finally {
    rules.lift();
  }
  tell(`${name}: ${kind}, «Join» → first frame at the citizen`, results.citizen);
  tell(`${name}: ${kind}, «Join» → first frame at the officer`, results.officer);
  tellSteps(results);
  const late = results.citizen.filter((ms, run) => Math.max(ms, results.officer[run]) > WANTED_MS).length;
  console.log(`${name}: ${failed} of ${RUNS} joins failed, ${late} took longer than 1.5 s; by ${[...ways].join(', ')}`);
});

/** Both come anew with a network that has forgotten the firewall, and see each other over UDP. */
async function meetAfresh({ officer, citizen, door }) {
  for (const [page, address] of [[officer, officer.url()], [citizen, door]]) {
    await page.evaluate(() => sessionStorage.removeItem('relays-needed'));
    await page.goto(address);
    await inState(page, 'preview');
    await press(page, 'join');
    await inState(page, 'meeting');
  }
  for (const page of [officer, citizen]) {
    await firstFrameAfter(page, await tapAt(citizen, 'join'));
    const way = await wayOf(page);
    if (way !== 'udp') throw new Error(`it began by ${way}`);
  }
}

/** The firewall comes down under a call, before both sides at the same moment; it is lifted between the runs. */
const cut = () => blocked({ officers: 'behind' }, async ({ name, meeting, shut }) => {
  const results = { citizen: [], officer: [] };
  for (let run = 0; run < RUNS; run += 1) {
    await meetAfresh(meeting);
    await pause(2_000);
    const from = Date.now();
    const rules = shut();
    try {
      // What is on its way is shown a moment longer.
      const [citizen, officer] = await Promise.all([meeting.citizen, meeting.officer].map((page) => firstFrameAfter(page, from + 300)));
      results.citizen.push(citizen - from);
      results.officer.push(officer - from);
    } finally {
      rules.lift();
    }
  }
  tell(`${name}: firewall → pictures again at the citizen`, results.citizen);
  tell(`${name}: firewall → pictures again at the officer`, results.officer);
});

const programs = {
  move, join, admit, cut,
  first: () => joins('a browser that knows nothing', joinFirst),
  again: () => joins('somebody who comes again', joinAgain),
};
if (!(program in programs)) throw new Error(`one of ${Object.keys(programs).join(', ')}`);
await programs[program]();
