/**
 * A terminal checks itself when its server asks: camera, microphone, loudspeaker, line and clock. The screen says so while camera
 * and microphone are open; whether there was a picture or a sound is told, and nothing of them leaves the machine.
 */

import { Devices, PLAIN_MICROPHONE } from './devices.js';
import { ask, Refused } from './kiosk_server.js';
import { part } from './part.js';
import { isAudible, Loudness, unlock } from './sound.js';

/** @typedef {'good' | 'denied' | 'missing' | 'busy' | 'empty' | 'failed'} Opening */

/** So long the screen says what comes before the camera opens, and at least so long after it. */
const SAID_MS = 1_500;
/** A camera that has given no picture by then gives none. */
const PICTURE_MS_MAX = 5_000;
/** So long the microphone is listened to. */
const LISTEN_MS = 3_000;
const LOOK_MS = 500;
/** As quiet as it is told: a microphone that gives nothing at all. */
const QUIETEST_DB = -80;
/** So long a line that is coming up is waited for. */
const LINE_MS_MAX = 10_000;
/** The best of so many tries: one may have met with something else. */
const TRIPS = 3;
const TRIP_MS_MAX = 10_000;
/** A report that the server refuses would be refused again: the camera is not opened each minute for it. */
const REFUSED_MS = 600_000;

const OPENINGS = ['denied', 'missing', 'busy'];

export class SelfCheck {
  #root;
  #seat;
  #devices = new Devices(PLAIN_MICROPHONE);
  #isRunning = false;
  #restsUntil = 0;

  /**
   * @param {HTMLElement} root
   * @param {import('./seat.js').Seat} seat
   */
  constructor(root, seat) {
    this.#root = root;
    this.#seat = seat;
    // A talk goes before: what is open for the check is shut at once, and the check is made afterwards.
    seat.on('talk', () => this.#over());
    addEventListener('pagehide', () => this.#over());
  }

  /** Checks, and tells the server. Never throws; what is given up half-way is asked for again. */
  async run() {
    if (this.#isRunning || !this.#seat.isIdle || performance.now() < this.#restsUntil) return;
    this.#isRunning = true;
    this.#show(true);
    try {
      await this.#check();
    } catch (error) {
      if (error instanceof Refused) this.#restsUntil = performance.now() + REFUSED_MS;
    } finally {
      this.#over();
      this.#isRunning = false;
    }
  }

  async #check() {
    await pause(SAID_MS);
    const camera = await this.#ifIdle(() => this.#camera());
    const [microphone, loudest_db] = await this.#ifIdle(() => this.#microphone());
    const has_speaker = (await this.#devices.list()).audiooutput.length > 0;
    this.#devices.stopAll();
    const is_line_up = await this.#ifIdle(lineUp);
    const round_trip_ms = await this.#ifIdle(roundTrip);
    const found = { camera, microphone, loudest_db, has_speaker, may_sound: isAudible(), is_line_up, round_trip_ms };
    await this.#ifIdle(() => ask('/kiosk/check', { ...found, version: this.#root.dataset.version, clock_ms: Date.now() }));
  }

  /**
   * @template T
   * @param {() => Promise<T>} step
   * @returns {Promise<T>} what came of the step, if no talk has begun before or during it
   */
  async #ifIdle(step) {
    if (!this.#seat.isIdle) throw new TalkBegan();
    const result = await step();
    if (!this.#seat.isIdle) throw new TalkBegan();
    return result;
  }

  /** @returns {Promise<Opening>} */
  async #camera() {
    const track = await this.#devices.open('video');
    if (track === null) return openingOf(this.#devices.trouble('video'));
    const isSeen = await hasPicture(track);
    await pause(SAID_MS);
    this.#devices.stop('video');
    return isSeen ? 'good' : 'empty';
  }

  /** @returns {Promise<[Opening, number | null]>} and the loudest in dBFS; nothing where it cannot be measured */
  async #microphone() {
    const track = await this.#devices.open('audio');
    if (track === null) return [openingOf(this.#devices.trouble('audio')), null];
    await unlock();
    if (!isAudible()) return ['good', null];
    const loudness = new Loudness();
    loudness.follow([track]);
    let loudest = QUIETEST_DB;
    for (let passed = 0; passed < LISTEN_MS; passed += LOOK_MS) {
      await pause(LOOK_MS);
      loudest = Math.max(loudest, ...loudness.last(Loudness.most));
    }
    loudness.follow([]);
    return ['good', Math.max(QUIETEST_DB, Math.min(0, Math.round(loudest)))];
  }

  #over() {
    this.#devices.stopAll();
    this.#show(false);
  }

  /** @param {boolean} isChecking */
  #show(isChecking) {
    part(this.#root, 'check', HTMLElement).hidden = !isChecking;
    part(this.#root, 'camera-off', HTMLElement).hidden = isChecking;
  }
}

/** Somebody rings, or is rung. */
class TalkBegan extends Error {}

/** @param {number} time milliseconds */
function pause(time) {
  return new Promise((resolve) => setTimeout(resolve, time));
}

/** @param {string | null} trouble @returns {Opening} */
function openingOf(trouble) {
  return OPENINGS.includes(trouble ?? '') ? /** @type {Opening} */ (trouble) : 'failed';
}

/** @param {MediaStreamTrack} track @returns {Promise<boolean>} whether it gives a picture, a dark one too: the lid may be shut */
async function hasPicture(track) {
  const video = document.createElement('video');
  video.muted = true;
  const seen = new Promise((resolve) => {
    video.onloadeddata = () => resolve(video.videoWidth > 0);
    setTimeout(() => resolve(false), PICTURE_MS_MAX);
  });
  video.srcObject = new MediaStream([track]);
  video.play().catch(() => {});
  const isSeen = await seen;
  video.srcObject = null;
  return isSeen && !track.muted && track.readyState === 'live';
}

/** @returns {Promise<boolean>} whether the way for pictures and sound is up, or comes up soon */
async function lineUp() {
  const isUp = () => document.documentElement.dataset.line === 'up';
  const end = performance.now() + LINE_MS_MAX;
  while (!isUp() && performance.now() < end) await pause(LOOK_MS);
  return isUp();
}

/** @returns {Promise<number>} milliseconds to the server and back */
async function roundTrip() {
  let best = TRIP_MS_MAX;
  for (let left = TRIPS; left > 0; left -= 1) {
    const from = performance.now();
    try {
      await fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(TRIP_MS_MAX) });
      best = Math.min(best, performance.now() - from);
    } catch {
      // One that does not come back counts as the longest.
    }
  }
  return Math.round(best);
}
