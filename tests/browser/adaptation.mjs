/**
 * Scenes of adaptation: a call of board and chamber over a line that can be made bad, and what each side receives
 * meanwhile. Used by the tests and by `benches/adaptation.mjs`. Looks only; the page decides everything itself.
 */
import { until } from './house.mjs';
import { seesAndHears, watchConnections } from './media.mjs';
import { inState, press, staffsPage } from './story.mjs';

/** Between two looks at the figures. */
const LOOK_MS = 250;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/**
 * What one page has received since its connection began.
 *
 * @typedef {object} Figures
 * @property {number} at            ms of the page's clock
 * @property {number} bytes         of everything
 * @property {number} lines         of the picture
 * @property {number} frames        decoded
 * @property {number} freezes       that the browser counted
 * @property {number} frozenMs      together
 * @property {number} soundPackets
 * @property {number} samples       of sound that were played
 * @property {number} missing       of them made up, silence aside
 * @property {number} layers        of the own camera, as the server answered them
 * @property {Record<string, number>} sentFrames  by rid
 */

/** @returns {Promise<Figures>} */
export function figures(page) {
  return page.evaluate(async () => {
    const live = (window.watchedConnections ?? []).filter((pc) => pc.connectionState !== 'closed');
    const sum = { at: performance.now(), bytes: 0, lines: 0, frames: 0, freezes: 0, frozenMs: 0, soundPackets: 0, samples: 0, missing: 0, layers: 0, sentFrames: {} };
    for (const pc of live) {
      for (const sender of pc.getSenders()) {
        if (sender.track?.kind === 'video') sum.layers = sender.getParameters().encodings.length;
      }
      // Firefox never answers for a connection that is closed meanwhile.
      for (const line of (await Promise.race([pc.getStats(), pc.closing.then(() => new Map())])).values()) {
        if (line.type === 'outbound-rtp' && line.kind === 'video') sum.sentFrames[line.rid ?? ''] = line.framesEncoded ?? 0;
        if (line.type !== 'inbound-rtp') continue;
        sum.bytes += line.bytesReceived ?? 0;
        if (line.kind === 'audio') {
          sum.soundPackets += line.packetsReceived ?? 0;
          sum.samples += line.totalSamplesReceived ?? 0;
          sum.missing += (line.concealedSamples ?? 0) - (line.silentConcealedSamples ?? 0);
        } else if ((line.framesDecoded ?? 0) > 0) {
          sum.lines = Math.max(sum.lines, line.frameHeight ?? 0);
          sum.frames += line.framesDecoded;
          sum.freezes += line.freezeCount ?? 0;
          sum.frozenMs += (line.totalFreezesDuration ?? 0) * 1_000;
        }
      }
    }
    return sum;
  });
}

/**
 * Board and chamber in a call, each over a line of its own.
 *
 * @param {{ proxy: import('./impair.mjs').Proxy }} house  opened with `isImpaired`
 * @param {{ board: import('puppeteer-core').Browser, chamber: import('puppeteer-core').Browser, seat?: string }} browsers
 *   `seat`: the printed link of the chamber; a link belongs to the browser that uses it first
 * @param {(page: import('puppeteer-core').Page) => Promise<void>} [prepare]  before a page loads anything
 */
export async function openCall(house, browsers, prepare = async () => {}) {
  const before = async (page) => {
    await watchConnections(page);
    await prepare(page);
  };
  const boardPath = house.proxy.path();
  const board = await staffsPage(house, browsers.board, 'board', before);
  await isWarm(board);
  const chamberPath = house.proxy.path();
  const chamber = await staffsPage(house, browsers.chamber, browsers.seat ?? 'chamber_1', before);
  await isWarm(chamber);
  const tile = await until('the head is present on the board', () => board.$('[data-post][data-presence="available"]'));
  await tile.click();
  await inState(chamber, 'incoming');
  await press(chamber, 'accept');
  await Promise.all([inState(board, 'in-call'), inState(chamber, 'in-call')]);
  await Promise.all([seesAndHears(board, 'the board'), seesAndHears(chamber, 'the chamber')]);
  const close = async () => {
    boardPath.heal();
    chamberPath.heal();
    // Two pages that only go away are waited for, and the call goes on when their seats are taken again.
    await press(board, 'end');
    await Promise.all([inState(board, 'idle'), inState(chamber, 'idle')]);
    await Promise.all([board.close(), chamber.close()]);
  };
  return { board, boardPath, chamber, chamberPath, close };
}

async function isWarm(page) {
  await inState(page, 'idle');
  await until('the line is warm', () => page.evaluate(() => document.documentElement.dataset.line === 'up'));
}

/** Shows the stage so large on the screen, in CSS pixels; 0 lets the page decide again. */
export function showStage(page, width, height) {
  return page.evaluate((w, h) => {
    const stage = document.querySelector('[data-part="stage"]');
    stage.style.inlineSize = w > 0 ? `${w}px` : '';
    stage.style.blockSize = h > 0 ? `${h}px` : '';
  }, width, height);
}

/**
 * Waits until the received picture has so many lines, or with `most` from `lines` to `most`.
 *
 * @returns {Promise<number>} ms that it took
 */
export async function untilLines(page, lines, { most = lines, patience = 30_000 } = {}) {
  const from = Date.now();
  for (;;) {
    const { lines: seen } = await figures(page);
    const passed = Date.now() - from;
    if (seen >= lines && seen <= most) return passed;
    if (passed > patience) throw new Error(`a picture of ${lines} lines: not within ${patience} ms; it has ${seen}`);
    // Looking costs the page what it needs for decoding.
    await pause(LOOK_MS);
  }
}

/** Waits until a page has sent thirty pictures of its smallest layer, and none of this one meanwhile. */
export function layerRests(page, rid) {
  let since = null;
  return until(`the layer ${rid} rests`, async () => {
    const { sentFrames } = await figures(page);
    if (since === null || sentFrames[rid] !== since[rid]) since = sentFrames;
    return sentFrames.q - since.q >= 30;
  });
}

/**
 * Watches a page for a while.
 *
 * @param {number} ms
 * @returns {Promise<{ kbps: number, framesPerSecond: number, freezes: number, frozenMs: number, longestGapMs: number, soundPackets: number,
 *   missing: number, lines: number, course: { at: number, kbps: number }[] }>} `missing` is a share; `longestGapMs` between two looks with new frames
 */
export async function watch(page, ms) {
  const first = await figures(page);
  let before = first;
  let lastFrameAt = first.at;
  let longestGapMs = 0;
  const course = [];
  while (before.at - first.at < ms) {
    await pause(LOOK_MS);
    const now = await figures(page);
    if (now.frames > before.frames) lastFrameAt = now.at;
    longestGapMs = Math.max(longestGapMs, now.at - lastFrameAt);
    course.push({ at: now.at - first.at, kbps: ((now.bytes - before.bytes) * 8) / (now.at - before.at) });
    before = now;
  }
  const seconds = (before.at - first.at) / 1_000;
  return {
    kbps: ((before.bytes - first.bytes) * 8) / 1_000 / seconds,
    framesPerSecond: (before.frames - first.frames) / seconds,
    freezes: before.freezes - first.freezes,
    frozenMs: before.frozenMs - first.frozenMs,
    longestGapMs,
    soundPackets: before.soundPackets - first.soundPackets,
    missing: (before.missing - first.missing) / Math.max(1, before.samples - first.samples),
    lines: before.lines,
    course,
  };
}

/**
 * From the end of a dip to the first second in which the rate is again at `share` of what it was before.
 *
 * @param {number} rate  kb/s before the dip
 * @returns {Promise<number>} ms, or Infinity when it never came back
 */
export async function untilRate(page, rate, { share, patience }) {
  const window = [];
  const from = Date.now();
  while (Date.now() - from < patience) {
    window.push(await figures(page));
    const now = window.at(-1);
    while (now.at - window[0].at > 1_000 + LOOK_MS) window.shift();
    const ms = now.at - window[0].at;
    if (ms >= 900 && ((now.bytes - window[0].bytes) * 8) / ms >= rate * share) return Date.now() - from;
    await pause(LOOK_MS);
  }
  return Infinity;
}
