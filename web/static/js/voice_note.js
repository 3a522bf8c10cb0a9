/**
 * The voice note of an outcome: one button begins and ends it, half a minute ends it by itself, and it is kept at once.
 *
 * While it is being recorded or sent, the form of the outcome waits for it, so that nothing that was said is lost.
 */

import { part } from './part.js';
import { word } from './words.js';

const LENGTH_MS = 30_000;
const TICK_MS = 1_000;
/** Speech: half a minute is less than a hundred kilobytes. */
const BITS_PER_SECOND = 24_000;

/** The recorder of an outcome's page. Enhances what the server rendered. */
export class VoiceNote {
  /** @param {HTMLElement} root  @throws {PartError} if the button, the line or the player is missing from the page */
  constructor(root) {
    this.root = root;
    this.button = part(root, 'record', HTMLButtonElement);
    this.line = part(root, 'voice-said', HTMLElement);
    this.player = part(root, 'play', HTMLAudioElement);
    /** @type {MediaRecorder | null} */
    this.recorder = null;
    /** @type {Promise<void> | null} until what is being said is kept */
    this.kept = null;
    this.button.hidden = false;
    this.show('after-js-voice-record');
    this.button.addEventListener('click', () => (this.recorder === null ? this.begin() : this.recorder.stop()));
    const form = document.getElementById('outcome');
    if (form instanceof HTMLFormElement) form.addEventListener('submit', (event) => this.hold(form, event));
  }

  /** @param {string} key  @param {Record<string, number>} [values] */
  show(key, values = {}) {
    this.button.textContent = word(key, values);
  }

  async begin() {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      this.recorder = new MediaRecorder(stream, { audioBitsPerSecond: BITS_PER_SECOND });
      this.kept = this.listen(this.recorder, stream);
      this.recorder.start();
    } catch {
      this.fail();
    }
  }

  /**
   * Resolves when the recording is kept, or could not be.
   * @param {MediaRecorder} recorder  @param {MediaStream} stream
   */
  async listen(recorder, stream) {
    /** @type {Blob[]} */
    const pieces = [];
    const began = Date.now();
    this.root.dataset.voice = 'recording';
    this.line.textContent = '';
    this.tick(began);
    const timer = window.setInterval(() => this.tick(began), TICK_MS);
    await new Promise((done) => {
      recorder.addEventListener('dataavailable', (event) => pieces.push(event.data));
      recorder.addEventListener('stop', done, { once: true });
    });
    window.clearInterval(timer);
    for (const track of stream.getTracks()) track.stop();
    this.recorder = null;
    await this.keep(new Blob(pieces, { type: recorder.mimeType }));
  }

  /** @param {number} began */
  tick(began) {
    const left = LENGTH_MS - (Date.now() - began);
    if (left <= 0) this.recorder?.stop();
    else this.show('after-js-voice-stop', { seconds: Math.ceil(left / TICK_MS) });
  }

  /** @param {Blob} sound */
  async keep(sound) {
    this.show('after-js-voice-again');
    const address = this.root.dataset.action ?? '';
    try {
      const answer = await fetch(address, { method: 'POST', body: sound });
      if (!answer.ok) throw new Error(String(answer.status));
      this.root.dataset.voice = 'kept';
      this.line.textContent = word('after-js-voice-kept');
      this.player.src = `${address}?at=${Date.now()}`;
      this.player.hidden = false;
    } catch {
      this.fail();
    }
    this.kept = null;
  }

  fail() {
    this.recorder = null;
    this.root.dataset.voice = 'failed';
    this.line.textContent = word('after-js-voice-failed');
  }

  /**
   * The outcome goes out once what was said is kept.
   * @param {HTMLFormElement} form  @param {SubmitEvent} event
   */
  async hold(form, event) {
    const { kept } = this;
    if (kept === null) return;
    event.preventDefault();
    this.recorder?.stop();
    await kept;
    if (this.root.dataset.voice === 'kept') form.requestSubmit(/** @type {HTMLElement | null} */ (event.submitter));
  }
}

/** @param {HTMLElement} root */
export function start(root) {
  if (typeof MediaRecorder === 'undefined' || navigator.mediaDevices === undefined) return;
  new VoiceNote(root);
}
