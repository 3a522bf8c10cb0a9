/**
 * Whether video will work here: each thing that a meeting needs is tried, one after the other, and the outcome is said in
 * one sentence with what to do and who does it. Nothing is kept and nobody is told.
 */

import { askRelay, NoSuchWay, openWay, rateOf, tryWebSocket } from './check_path.js';
import { Devices } from './devices.js';
import { part } from './part.js';
import { knock, LevelMeter, unlock } from './sound.js';
import { word } from './words.js';

/** @typedef {import('./check_path.js').Way} Way */
/** @typedef {import('./check_path.js').Open} Open */
/** @typedef {'waiting' | 'trying' | 'good' | 'bad' | 'none'} State */
/** @typedef {'socket' | Way | 'rate' | 'camera' | 'microphone' | 'speaker'} Thing */

/** @type {Way[]} in the order in which a meeting would take them */
const WAYS = ['udp', 'tcp', 'relay-tcp', 'relay-tls', 'ipv6'];
/** Less than this carries a voice and no picture. */
const PICTURE_KBITS = 200;
/** So long somebody has to say a word, and then hears himself. */
const SPEAK_MS = 3_000;
/** Of a loudness of 0 to 1: a quiet room stays below. */
const HEARD = 0.15;
const ASK_MS = 60_000;

/** @param {HTMLElement} root */
export function start(root) {
  new Check(root);
}

class Check {
  #root;
  #begin;
  #devices = new Devices();
  /** @type {Map<Thing, State>} */
  #found = new Map();
  /** @type {Open | null} */
  #best = null;
  #rate = 0;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    this.#begin = part(root, 'begin', HTMLButtonElement);
    root.hidden = false;
    this.#begin.addEventListener('click', () => this.#run());
    addEventListener('pagehide', () => this.#devices.stopAll());
  }

  async #run() {
    this.#begin.disabled = true;
    part(this.#root, 'verdict', HTMLElement).hidden = true;
    for (const line of this.#root.querySelectorAll('[data-line]')) this.#say(/** @type {Thing} */ (/** @type {HTMLElement} */ (line).dataset.line), 'waiting');
    await unlock();
    await this.#tryPaths();
    await this.#tryRate();
    await this.#tryCamera();
    await this.#tryMicrophone();
    await this.#trySpeaker();
    this.#devices.stopAll();
    part(this.#root, 'picture', HTMLVideoElement).hidden = true;
    this.#showVerdict();
    this.#begin.textContent = word('check-js-again');
    this.#begin.disabled = false;
  }

  async #tryPaths() {
    await this.#try('socket', async () => {
      await tryWebSocket();
      return '';
    });
    const relay = await askRelay().catch(() => null);
    for (const way of WAYS) {
      await this.#try(way, async () => {
        const open = await openWay(way, relay);
        if (this.#best === null) this.#best = open;
        else open.connection.close();
        return word('check-js-trip', { ms: Math.max(1, Math.round(open.roundTrip)) });
      });
    }
  }

  /**
   * @param {Thing} thing
   * @param {() => Promise<string>} work gives what is said beside the mark
   */
  async #try(thing, work) {
    this.#say(thing, 'trying');
    try {
      this.#say(thing, 'good', await work());
    } catch (error) {
      // An address of IPv6 may be missing on either side, and nobody misses it.
      const isNone = error instanceof NoSuchWay || thing === 'ipv6';
      this.#say(thing, isNone ? 'none' : 'bad');
    }
  }

  async #tryRate() {
    const best = this.#best;
    if (best === null) return this.#say('rate', 'none');
    this.#say('rate', 'trying');
    this.#rate = await rateOf(best.channel);
    best.connection.close();
    this.#best = null;
    const said = word('check-js-rate', { n: (this.#rate / 1_000).toFixed(1) });
    this.#say('rate', this.#rate >= PICTURE_KBITS ? 'good' : 'bad', said);
  }

  async #tryCamera() {
    this.#say('camera', 'trying');
    const track = await this.#devices.open('video');
    const video = part(this.#root, 'picture', HTMLVideoElement);
    video.hidden = track === null;
    video.srcObject = track === null ? null : new MediaStream([track]);
    const trouble = this.#devices.trouble('video');
    this.#say('camera', track === null ? 'bad' : 'good', trouble === null ? '' : word(`live-js-camera-${trouble}`));
  }

  async #tryMicrophone() {
    this.#say('microphone', 'trying', word('check-js-speak'));
    const track = await this.#devices.open('audio');
    const trouble = this.#devices.trouble('audio');
    if (track === null) return this.#say('microphone', 'bad', word(`live-js-microphone-${trouble ?? 'failed'}`));
    const bar = part(this.#root, 'level', HTMLElement);
    bar.hidden = false;
    const meter = new LevelMeter(bar);
    meter.follow(track);
    const voice = new Voice(track);
    const loudest = await loudestOf(bar, SPEAK_MS);
    meter.stop();
    bar.hidden = true;
    const isHeard = loudest >= HEARD;
    this.#say('microphone', isHeard ? 'good' : 'bad', word(isHeard ? 'check-js-heard' : 'check-js-silent'));
    await voice.play();
    if (isHeard) this.#say('microphone', 'good');
  }

  async #trySpeaker() {
    this.#say('speaker', 'trying', word('check-js-listen'));
    knock(0.3);
    const question = part(this.#root, 'question', HTMLElement);
    question.hidden = false;
    const isHeard = await this.#answer(question);
    question.hidden = true;
    this.#say('speaker', isHeard === null ? 'none' : isHeard ? 'good' : 'bad');
  }

  /** @param {HTMLElement} question @returns {Promise<boolean | null>} null if nobody answers */
  #answer(question) {
    const [yes, no] = [part(question, 'yes', HTMLButtonElement), part(question, 'no', HTMLButtonElement)];
    yes.focus();
    return new Promise((done) => {
      setTimeout(() => done(null), ASK_MS);
      yes.onclick = () => done(true);
      no.onclick = () => done(false);
    });
  }

  /**
   * @param {Thing} thing
   * @param {State} state
   * @param {string} [said] beside the mark
   */
  #say(thing, state, said = '') {
    this.#found.set(thing, state);
    const line = part(this.#root, `line-${thing}`, HTMLElement);
    line.dataset.state = state;
    part(line, 'state', HTMLElement).textContent = state === 'none' ? '' : word(`check-js-state-${state}`);
    // What is not there is said for everybody to read: a dash alone tells nothing.
    part(line, 'said', HTMLElement).textContent = state === 'none' ? word('check-js-state-none') : said;
  }

  #showVerdict() {
    const { kind, verdict, mend } = this.#verdict();
    const shown = part(this.#root, 'verdict', HTMLElement);
    shown.className = `banner banner-${kind}`;
    const port = this.#root.dataset.port ?? '';
    part(shown, 'verdict-text', HTMLElement).textContent = word(`check-js-verdict-${verdict}`);
    const told = part(shown, 'verdict-mend', HTMLElement);
    told.hidden = mend.length === 0;
    told.textContent = mend.map((key) => word(`check-js-mend-${key}`, { port, host: location.host })).join(' ');
    shown.dataset.verdict = verdict;
    shown.hidden = false;
    shown.focus();
  }

  /** The one sentence, and who does what. @returns {{ kind: 'good' | 'notice' | 'danger', verdict: string, mend: string[] }} */
  #verdict() {
    /** @param {Thing[]} things */
    const works = (...things) => things.some((thing) => this.#found.get(thing) === 'good');
    const devices = this.#found.get('speaker') === 'bad' ? ['speaker'] : [];
    if (!works('socket')) return { kind: 'danger', verdict: 'nothing', mend: ['socket'] };
    if (!works(...WAYS)) return { kind: 'danger', verdict: 'nothing', mend: ['network'] };
    if (!works('microphone')) return { kind: 'notice', verdict: 'mute', mend: ['microphone', ...devices] };
    if (!works('rate')) return { kind: 'notice', verdict: 'voice', mend: ['rate', ...devices] };
    if (!works('camera')) return { kind: 'notice', verdict: 'voice', mend: ['camera', ...devices] };
    const path = works('udp') ? [] : ['detour'];
    return { kind: devices.length > 0 ? 'notice' : 'good', verdict: 'video', mend: [...devices, ...path] };
  }
}

/** What somebody says, to be heard back. */
class Voice {
  /** @type {Blob[]} */
  #pieces = [];
  /** @type {MediaRecorder | null} */
  #recorder = null;

  /** @param {MediaStreamTrack} track */
  constructor(track) {
    try {
      this.#recorder = new MediaRecorder(new MediaStream([track]));
      this.#recorder.ondataavailable = (event) => this.#pieces.push(event.data);
      this.#recorder.start();
    } catch {
      // This browser records nothing: the bar has shown that the voice is there.
    }
  }

  /** Ends the recording and plays it once. Never throws. */
  async play() {
    const recorder = this.#recorder;
    if (recorder === null || recorder.state === 'inactive') return;
    const audio = new AudioContext();
    try {
      const ended = new Promise((done) => { recorder.onstop = done; });
      recorder.stop();
      await ended;
      const source = audio.createBufferSource();
      source.buffer = await audio.decodeAudioData(await new Blob(this.#pieces).arrayBuffer());
      source.connect(audio.destination);
      const played = new Promise((done) => { source.onended = done; });
      source.start();
      await Promise.race([played, new Promise((done) => setTimeout(done, 2 * SPEAK_MS))]);
    } catch {
      // What was recorded cannot be played here.
    }
    await audio.close();
  }
}

/** @param {HTMLElement} bar @param {number} time milliseconds @returns {Promise<number>} 0 to 1 */
async function loudestOf(bar, time) {
  let loudest = 0;
  const look = setInterval(() => {
    loudest = Math.max(loudest, Number(bar.getAttribute('aria-valuenow')) / 100);
  }, 50);
  await new Promise((done) => setTimeout(done, time));
  clearInterval(look);
  return loudest;
}
