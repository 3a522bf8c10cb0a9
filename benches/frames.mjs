/**
 * When taps, steps and first frames happen in a page, read in the page itself. Used by the programs that time them.
 */
import { until } from '../tests/browser/house.mjs';
import { received, watchConnections } from '../tests/browser/media.mjs';

/** Notes the first tap on a named part and the first frame of each remote video after a mark. Must run before the page's scripts. */
export async function keepTimes(page) {
  await watchConnections(page);
  await page.evaluateOnNewDocument(() => {
    const now = () => performance.timeOrigin + performance.now();
    window.times = { taps: {}, frames: [], steps: [] };
    const step = (name) => window.times.steps.push([name, now()]);
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
        // The own picture is a local track, and a track that ends shows one black frame: only what came over the line counts.
        const track = video.srcObject?.getVideoTracks()[0];
        if (track?.readyState === 'live' && window.remoteTracks.has(track.id)) window.times.frames.push(now());
        video.requestVideoFrameCallback(frame);
      };
      video.requestVideoFrameCallback(frame);
    };
    window.remoteTracks = new Set();
    addEventListener('watched', ({ detail: connection }) => {
      connection.addEventListener('iceconnectionstatechange', () => step(`ICE ${connection.iceConnectionState}`));
      connection.addEventListener('connectionstatechange', () => step(`DTLS ${connection.connectionState}`));
      connection.addEventListener('track', (event) => window.remoteTracks.add(event.track.id));
    });
    const Socket = window.WebSocket;
    window.WebSocket = class extends Socket {
      constructor(...args) {
        super(...args);
        step('socket asked for');
        this.addEventListener('open', () => step('socket open'));
        this.addEventListener('message', (event) => step(`heard ${JSON.parse(event.data).type}`));
      }
      send(text) {
        step(`said ${JSON.parse(text).type}`);
        super.send(text);
      }
    };
    new MutationObserver(() => document.querySelectorAll('video').forEach(watch))
      .observe(document, { childList: true, subtree: true });
  });
}

export const forget = (page) => page.evaluate(() => { window.times.frames.length = 0; window.times.steps.length = 0; window.times.taps = {}; });
export const tapAt = (page, part) => page.evaluate((name) => window.times.taps[name], part);
export async function firstFrameAfter(page, instant) {
  try {
    return await until('the first frame', () => page.evaluate((from) => window.times.frames.find((at) => at >= from), instant));
  } catch (error) {
    throw new Error(`${error.message}; received ${JSON.stringify(await received(page))}`);
  }
}
/** No remote frame for a while: what an earlier run showed is over. */
export const dark = (page) => until('the picture has stopped', () => page.evaluate(async () => {
  const before = window.times.frames.length;
  await new Promise((done) => setTimeout(done, 300));
  return window.times.frames.length === before;
}));

/** How pictures (`frames`) or sound (`sounds`) of a page came, from now on: the longest time between two. */
export const longestGap = (page, ms, what = 'frames') => page.evaluate(async (length, kind) => {
  const from = performance.timeOrigin + performance.now();
  await new Promise((done) => setTimeout(done, length));
  const all = [from, ...window.times[kind].filter((at) => at > from), performance.timeOrigin + performance.now()];
  return Math.max(...all.slice(1).map((at, place) => at - all[place]));
}, ms, what);

export function tell(what, values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
  const figure = (value) => `${value.toFixed(0)}`.padStart(5);
  console.log(`${what.padEnd(64)} median ${figure(at(0.5))} ms   range ${figure(sorted[0])} … ${figure(sorted.at(-1))} ms   n ${sorted.length}`);
}

/** The first time of each step after an instant, in ms. */
export const stepsAfter = (page, instant) => page.evaluate((from) => {
  const first = {};
  for (const [name, at] of window.times.steps) if (at >= from) first[name] ??= at - from;
  return first;
}, instant);
