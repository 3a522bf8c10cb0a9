/**
 * A call of the hotline between two warm seats, at 20 ms of round trip: from the accept to the first picture and the first
 * sound at both sides, from the caller's tap to the ring, and where the time goes.
 *
 *   cargo build --release
 *   tests/browser/run --program benches/mesh.mjs
 *   STANDING=1 tests/browser/run --program benches/mesh.mjs    the chamber lets its caller in by itself (auto-answer)
 *   READY=1 …                                                  at both pages the camera stands ready before anybody rings
 *
 * With STANDING the times are from the caller's tap: to the first picture at both sides, which of the chamber is a frosted one,
 * and from the end of the countdown to the first sound.
 *
 * RUNS (200) calls. Datagrams and sockets are each delayed by half of the round trip each way, RTT (20) ms in all. The callee's
 * camera opens at the ring, for his own screen alone. Times are read in the pages, both on one clock; a sound counts when
 * the browser has played it out, looked at every 4 ms.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '../tests/browser/browsers.mjs';
import { block } from '../tests/browser/reach.mjs';
import { openHouse, until } from '../tests/browser/house.mjs';
import { inState, press, staffsPage } from '../tests/browser/story.mjs';
import { dark, firstFrameAfter, forget, keepTimes, stepsAfter, tapAt } from './frames.mjs';

const ADDRESS = process.env.SACHIVALAYA_ADDRESS;
const RUNS = Number(process.env.RUNS ?? 200);
const IS_STANDING = process.env.STANDING === '1';
const IS_READY = process.env.READY === '1';
/** A person rings again after a moment: faster than that, a page is held back by the server. */
const PAUSE_MS = 1_500;
const RTT = Number(process.env.RTT ?? 20);

/** Somebody who speaks without a pause, as a WAV of 16 bits and 48 kHz: in a pause Opus sends nothing, and there is nothing to time. */
function speech(seconds) {
  const rate = 48_000;
  const samples = new Int16Array(seconds * rate);
  let phase = 0;
  for (let at = 0; at < samples.length; at += 1) {
    const time = at / rate;
    phase += (140 + 60 * Math.sin(time * 7.3) + 25 * Math.sin(time * 19.1)) / rate;
    const voice = [1, 2, 3, 5, 8].reduce((sum, harmonic) => sum + Math.sin(2 * Math.PI * phase * harmonic) / harmonic, 0);
    samples[at] = 9_000 * (0.55 + 0.45 * Math.sin(time * 25)) * voice * 0.5;
  }
  const head = Buffer.alloc(44);
  head.write('RIFF', 0); head.writeUInt32LE(36 + samples.byteLength, 4); head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16); head.writeUInt16LE(1, 20); head.writeUInt16LE(1, 22); head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(2 * rate, 28); head.writeUInt16LE(2, 32); head.writeUInt16LE(16, 34); head.write('data', 36);
  head.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([head, Buffer.from(samples.buffer)]);
}

/** Notes when sound is played out. Must run before the page's scripts. */
async function keepSounds(page) {
  await keepTimes(page);
  await page.evaluateOnNewDocument(() => {
    window.times.sounds = [];
    const last = new Map();
    setInterval(() => {
      for (const connection of window.watchedConnections ?? []) {
        for (const receiver of connection.getReceivers()) {
          if (receiver.track.kind !== 'audio') continue;
          const played = receiver.getSynchronizationSources().at(-1)?.timestamp;
          if (played === undefined || last.get(receiver) === played) continue;
          last.set(receiver, played);
          window.times.sounds.push(performance.timeOrigin + performance.now());
        }
      }
    }, 4);
  });
}

const firstSoundAfter = (page, instant) => until('the first sound', () =>
  page.evaluate((from) => window.times.sounds.find((at) => at >= from), instant));
const forgetAll = async (page) => {
  await forget(page);
  await page.evaluate(() => { window.times.sounds.length = 0; });
};
const seesItself = (page) => until('the own picture is there', () =>
  page.evaluate(() => (document.querySelector('[data-part="own-video"]')?.currentTime ?? 0) > 0));

function tell(what, values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  const ms = (value) => `${value.toFixed(0)}`.padStart(4);
  console.log(`${what.padEnd(58)} p50 ${ms(at(0.5))}  p99 ${ms(at(0.99))}  range ${ms(sorted[0])} … ${ms(sorted.at(-1))} ms  n ${sorted.length}`);
}

// Without a delay nothing stands between, so that what is left is the server and the browsers.
const isDelayed = RTT > 0;
const house = await openHouse({ isNoon: IS_STANDING, ...(isDelayed ? { isImpaired: true, tcpDelayMs: RTT / 2 } : {}) });
const rules = isDelayed ? block([`ip daddr ${ADDRESS} tcp dport { ${house.https}, ${house.media} }`]) : null;
const folder = mkdtempSync(join(tmpdir(), 'sachivalaya-mesh-'));
writeFileSync(join(folder, 'speech.wav'), speech(20));
const browser = await chromium([`--use-file-for-fake-audio-capture=${join(folder, 'speech.wav')}`]);
const all = { ring: [], seen: [], callerFrame: [], calleeFrame: [], callerSound: [], calleeSound: [], said: [], told: [], callerTold: [], shown: [] };
const standing = { callee: [], caller: [], said: [], sound: [] };
try {
  house.proxy?.path().both({ delayMs: RTT / 2 });
  const board = await staffsPage(house, browser, 'board', keepSounds);
  const chamber = await staffsPage(house, browser, 'chamber_1', keepSounds);
  for (const page of [board, chamber]) {
    await inState(page, 'idle');
    await until('the line is warm', () => page.evaluate(() => document.documentElement.dataset.line === 'up'));
  }
  if (IS_STANDING) await letIn(chamber);
  if (IS_READY) for (const page of [board, chamber]) await standReady(page);
  for (let run = -1; run < RUNS; run += 1) {
    await new Promise((done) => setTimeout(done, PAUSE_MS));
    await Promise.all([dark(board), dark(chamber)]);
    await Promise.all([forgetAll(board), forgetAll(chamber)]);
    const tile = await until('the head is free', () => board.$('[data-post="sec-hlt"][data-presence="available"]'));
    await tile.click();
    if (IS_STANDING) {
      await opensByItself(board, chamber, (name, ms) => run >= 0 && standing[name].push(ms));
      continue;
    }
    await inState(chamber, 'incoming');
    const tap = await tapAt(board, 'tile');
    const heard = (await stepsAfter(chamber, tap))['heard incoming'];
    const seen = await firstFrameAfter(chamber, tap) - tap;
    await seesItself(chamber);
    await press(chamber, 'accept');
    await Promise.all([inState(board, 'in-call'), inState(chamber, 'in-call')]);
    const accept = await tapAt(chamber, 'accept');
    const times = {
      ring: heard, seen,
      callerFrame: await firstFrameAfter(board, accept) - accept,
      calleeFrame: await firstFrameAfter(chamber, accept) - accept,
      callerSound: await firstSoundAfter(board, accept) - accept,
      calleeSound: await firstSoundAfter(chamber, accept) - accept,
      said: (await stepsAfter(chamber, accept))['said accept_ring'],
      told: (await stepsAfter(chamber, accept))['heard call'],
      callerTold: (await stepsAfter(board, accept))['heard call'],
    };
    times.shown = times.callerFrame - times.callerTold;
    times.told -= times.said;
    times.callerTold -= times.said;
    // The first call only warms the browser.
    if (run >= 0) for (const [name, ms] of Object.entries(times)) all[name].push(ms);
    await press(board, 'end');
    await Promise.all([inState(board, 'idle'), inState(chamber, 'idle')]);
  }
  console.log(`round trip ${RTT} ms, ${RUNS} calls${IS_READY ? ', cameras ready' : ''}`);
  if (IS_STANDING) tellStanding();
  else tellAll();
} finally {
  rules?.lift();
  await browser.close();
  await house.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** The chamber's occupant lets the Chief Secretary in, by his own page. */
async function letIn(page) {
  await page.goto(`${house.base}/chamber/auto-answer`);
  await page.click('#caller-cs');
  for (const [field, hour] of [['from', '08:00'], ['to', '20:00']]) await page.$eval(`#${field}`, (input, value) => { input.value = value; }, hour);
  await Promise.all([page.waitForNavigation(), page.click('[data-test="auto-button"]')]);
  await page.goto(`${house.base}/chamber`);
  await inState(page, 'idle');
  await until('the line is warm', () => page.evaluate(() => document.documentElement.dataset.line === 'up'));
}

/** The camera stands ready, and nothing of it goes anywhere. */
async function standReady(page) {
  await page.$eval('[data-part="camera-ready"]', (button) => button.click());
  await until('the camera is open', () => page.$('[data-part="camera-ready"][aria-pressed="true"]'));
}

/** One call that opens by itself, with its times. */
async function opensByItself(board, chamber, keep) {
  await inState(chamber, 'incoming');
  const tap = await tapAt(board, 'tile');
  keep('callee', await firstFrameAfter(chamber, tap) - tap);
  keep('caller', await firstFrameAfter(board, tap) - tap);
  keep('said', (await stepsAfter(chamber, tap))['said frosted']);
  await Promise.all([inState(board, 'in-call'), inState(chamber, 'in-call')]);
  const opened = tap + (await stepsAfter(chamber, tap))['heard call'];
  keep('sound', await firstSoundAfter(board, opened) - opened);
  await press(board, 'end');
  await Promise.all([inState(board, 'idle'), inState(chamber, 'idle')]);
}

function tellStanding() {
  tell('caller taps → chamber sees the caller', standing.callee);
  tell('caller taps → caller sees a frosted picture', standing.caller);
  tell('  of it until the chamber says that it frosts', standing.said);
  tell('chamber told that it is open → first sound at the caller', standing.sound);
}

function tellAll() {
  tell('caller taps → chamber rings', all.ring);
  tell('caller taps → chamber sees the caller', all.seen);
  tell('accept tap → first picture at the caller', all.callerFrame);
  tell('accept tap → next picture at the chamber', all.calleeFrame);
  tell('accept tap → first sound at the caller', all.callerSound);
  tell('accept tap → next sound at the chamber', all.calleeSound);
  console.log('budget:');
  tell('  accept tap → said on the socket', all.said);
  tell('  said → chamber told (a round trip and the server)', all.told);
  tell('  said → caller told (a round trip and the server)', all.callerTold);
  tell('  caller told → first picture (encoding, keyframe, decoding)', all.shown);
}
