/**
 * How picture and sound follow the line: real Chromium and Firefox in a call over the impairment proxy.
 *
 * Prints medians of RUNS runs (5; `--quick` one). Each run is a call of its own. Figures are read in the receiving page by
 * `getStats`. Only the line of the receiver is made bad, in both directions, unless the row says otherwise.
 */
import { openCall, showStage, untilLines, untilRate, watch } from '../tests/browser/adaptation.mjs';
import { chromium, firefox } from '../tests/browser/browsers.mjs';
import { TRACES } from '../tests/browser/impair.mjs';
import { openHouse } from '../tests/browser/house.mjs';

const IS_QUICK = process.argv.includes('--quick');
const RUNS = IS_QUICK ? 1 : Number(process.env.RUNS ?? 5);
const ONLY = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

const ms = (value) => (Number.isFinite(value) ? `${value.toFixed(0)} ms` : 'never');
const percent = (value) => `${(value * 100).toFixed(1)} %`;

/** What is printed of a time that was watched. */
const OF_A_TIME = [
  ['frames/s', (one) => one.framesPerSecond, (n) => n.toFixed(1)],
  ['freezes', (one) => one.freezes, (n) => n.toFixed(0)],
  ['frozen', (one) => one.frozenMs, ms],
  ['longest gap', (one) => one.longestGapMs, ms],
  ['sound made up', (one) => one.missing, percent],
  ['lines', (one) => one.lines, (n) => n.toFixed(0)],
  ['kb/s', (one) => one.kbps, (n) => n.toFixed(0)],
];

/** Each gives a list of `[name, value, form]`. */
const SCENES = {
  sizes: async ({ chamber }) => {
    await untilLines(chamber, 540);
    await showStage(chamber, 450, 252);
    const half = await untilLines(chamber, 270);
    await showStage(chamber, 220, 124);
    const quarter = await untilLines(chamber, 135);
    await showStage(chamber, 0, 0);
    const whole = await untilLines(chamber, 540);
    return [['to 270 lines', half, ms], ['to 135 lines', quarter, ms], ['back to 540 lines', whole, ms]];
  },
  'loss 3 % each way, both lines': async (call) => {
    for (const path of [call.boardPath, call.chamberPath]) path.both({ loss: 0.03, delayMs: 20 });
    await pause(3_000);
    return ofATime(await watch(call.chamber, 20_000));
  },
  'loss 10 % each way': async (call) => {
    call.chamberPath.both({ loss: 0.1, delayMs: 20 });
    await pause(3_000);
    return ofATime(await watch(call.chamber, 20_000));
  },
  'loss 30 % each way': async (call) => {
    call.chamberPath.both({ loss: 0.3, delayMs: 20 });
    await pause(3_000);
    return ofATime(await watch(call.chamber, 20_000));
  },
  '64 kb/s each way': async (call) => {
    call.chamberPath.both({ kbps: 64, delayMs: 40, queueMs: 600 });
    await pause(12_000);
    const [seen, back] = await Promise.all([watch(call.chamber, 20_000), watch(call.board, 20_000)]);
    return [...ofATime(seen), ['of the sound from there made up', back.missing, percent]];
  },
  'dip 2 → 0.2 → 2 Mb/s down': async (call) => {
    call.chamberPath.down = { kbps: 2_000, delayMs: 20, queueMs: 400 };
    await pause(12_000);
    const before = await watch(call.chamber, 5_000);
    call.chamberPath.down = { kbps: 200, delayMs: 20, queueMs: 400 };
    const dip = await watch(call.chamber, 10_000);
    call.chamberPath.down = { kbps: 2_000, delayMs: 20, queueMs: 400 };
    const back = await untilRate(call.chamber, before.kbps, { share: 0.8, patience: 30_000 });
    return [['back at 80 %', back, ms], ['kb/s before', before.kbps, (n) => n.toFixed(0)], ['sound made up in the dip', dip.missing, percent]];
  },
  ...Object.fromEntries(Object.keys(TRACES).map((name) => [`line «${name}»`, async (call) => {
    call.chamberPath.play(TRACES[name]);
    await pause(8_000);
    return ofATime(await watch(call.chamber, 20_000));
  }])),
};

const ofATime = (one) => OF_A_TIME.map(([name, value, form]) => [name, value(one), form]);

async function measure(pair, browsers) {
  if (!pair.includes(process.env.PAIR ?? '')) return;
  for (const [scene, run] of Object.entries(SCENES)) {
    if (ONLY.length > 0 && !ONLY.some((words) => scene.includes(words))) continue;
    const results = [];
    for (let n = 0; n < RUNS; n += 1) {
      const house = await openHouse({ isImpaired: true });
      try {
        const call = await openCall(house, await browsers());
        try {
          results.push(await run(call));
        } finally {
          await call.close();
        }
      } catch (error) {
        console.log(`${pair} · ${scene}: run ${n + 1} failed: ${error.message}`);
      } finally {
        await house.stop();
      }
    }
    if (results.length === 0) continue;
    const row = results[0].map(([name, , form], at) => `${name} ${form(median(results.map((result) => result[at][1])))}`);
    console.log(`${pair} · ${scene}: ${row.join(', ')}  (n ${results.length})`);
  }
}

const first = await chromium();
const second = await firefox();
try {
  await measure('Chromium → Chromium', async () => ({ board: first, chamber: first }));
  await measure('Chromium → Firefox', async () => ({ board: first, chamber: second }));
  await measure('Firefox → Chromium', async () => ({ board: second, chamber: first }));
} finally {
  await first.close();
  await second.close();
}
