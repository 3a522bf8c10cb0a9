/**
 * A word to a seat that did not take a ring: offered where it is said what came of the ring, and from a tile. Recorded here, with a
 * picture or without, heard again, sent, and given up by one press at any moment.
 *
 * Devices are open while it is being recorded and at no other time. A ring that comes in shuts the dialog; what was recorded by
 * then is still there afterwards. The id of a word is made with its recording, so that one that is sent again is kept once.
 */

import { copyOf, part } from './part.js';
import { freshId } from './questions.js';
import { word } from './words.js';

/** @typedef {import('./seat.js').Seat} Seat */
/** @typedef {'choose' | 'recording' | 'ready' | 'sending' | 'failed'} Stage */

const TICK_MS = 1_000;
const SAID_MS = 8_000;
/** Speech; and a picture of somebody who speaks. Together a minute is little more than half of what may be sent. */
const SOUND_BITS = 24_000;
const PICTURE_BITS = 150_000;
/** Of what may be sent, so much is taken: a recorder stops when it has written what it holds. */
const SHARE_MAX = 0.9;
/** What browsers make, in the order in which others can play it. */
const PICTURE_KINDS = ['video/webm;codecs=vp8,opus', 'video/webm', 'video/mp4'];
const SOUND_KINDS = ['audio/webm;codecs=opus', 'audio/ogg;codecs=opus', 'audio/mp4'];
const CAMERA = { width: { ideal: 480 }, height: { ideal: 360 }, frameRate: { ideal: 15 } };
/** Where the keyboard goes. @type {Partial<Record<Stage, string>>} */
const FOCUS = { choose: 'word-sound', recording: 'word-stop', ready: 'word-send', failed: 'word-send' };

export class Word {
  #root;
  #seat;
  #dialog;
  #offers;
  #said;
  #own;
  #post = '';
  #id = '';
  /** @type {MediaRecorder | null} */
  #recorder = null;
  /** What waits to be sent. @type {Blob | null} */
  #blob = null;
  #address = '';
  /** A recording that is not this one is over. */
  #turn = 0;

  /**
   * @param {HTMLElement} root
   * @param {Seat} seat
   */
  constructor(root, seat) {
    this.#root = root;
    this.#seat = seat;
    this.#dialog = part(root, 'word-dialog', HTMLDialogElement);
    this.#offers = part(root, 'word-offers', HTMLElement);
    this.#said = part(root, 'word-said', HTMLElement);
    this.#own = part(root, 'word-own', HTMLVideoElement);
    this.#on('word-sound', () => this.#begin(false));
    this.#on('word-picture', () => this.#begin(true));
    this.#on('word-stop', () => this.#recorder?.stop());
    this.#on('word-send', () => this.#send());
    this.#on('word-again', () => this.#choose());
    this.#on('word-back', () => this.#giveUp());
    this.#dialog.addEventListener('cancel', (event) => {
      event.preventDefault();
      if (this.#dialog.dataset.word !== 'sending') this.#giveUp();
    });
    // It gives this up, and leaves those that are chosen on the board.
    this.#dialog.addEventListener('keydown', (event) => event.key === 'Escape' && event.stopPropagation());
    this.#dialog.addEventListener('close', () => this.#recorder?.stop());
    part(root, 'seats', HTMLElement).addEventListener('contextmenu', (event) => this.#ofTile(event));
    seat.on('unanswered', ({ post, text }) => this.#offer(post, text));
    seat.on('talk', () => {
      this.#offers.replaceChildren();
      this.#dialog.close();
    });
    seat.on('idle', () => this.#blob !== null && this.#dialog.showModal());
  }

  /** @param {string} name  @param {() => void} act */
  #on(name, act) {
    part(this.#dialog, name, HTMLButtonElement).addEventListener('click', act);
  }

  /** Leaves a word to this seat. @param {string} post */
  open(post) {
    if (!this.#seat.isIdle || this.#dialog.open) return;
    this.#post = post;
    part(this.#dialog, 'word-title', HTMLElement).textContent = word('live-js-word-to', { post: this.#seat.names.name(post) });
    this.#choose();
    this.#dialog.showModal();
    this.#focus('choose');
  }

  /** The menu key, or the other button of the mouse, on a tile. @param {Event} event */
  #ofTile(event) {
    const tile = event.target instanceof Element ? event.target.closest('[data-post]') : null;
    if (event.defaultPrevented || !(tile instanceof HTMLElement)) return;
    event.preventDefault();
    this.open(tile.dataset.post ?? '');
  }

  /**
   * @param {string} post
   * @param {string} text what came of the ring
   */
  #offer(post, text) {
    const row = copyOf(this.#root, 'word-offer');
    row.dataset.post = post;
    part(row, 'word-offer-text', HTMLElement).textContent = text;
    part(row, 'word-offer-go', HTMLButtonElement).addEventListener('click', () => this.open(post));
    part(row, 'word-offer-not', HTMLButtonElement).addEventListener('click', () => row.remove());
    this.#offers.replaceChildren(row);
  }

  /** @param {Stage} stage @param {string} [said] */
  #show(stage, said = '') {
    this.#dialog.dataset.word = stage;
    this.#said.textContent = said;
    for (const one of this.#dialog.querySelectorAll('[data-at]')) {
      if (one instanceof HTMLElement) one.hidden = !(one.dataset.at ?? '').split(' ').includes(stage);
    }
    const isPicture = this.#blob?.type.startsWith('video/') ?? false;
    if (isPicture) part(this.#dialog, 'word-play-sound', HTMLAudioElement).hidden = true;
    else part(this.#dialog, 'word-play-picture', HTMLVideoElement).hidden = true;
    if (this.#own.srcObject === null) this.#own.hidden = true;
    if (this.#dialog.open) this.#focus(stage);
  }

  /** @param {Stage} stage */
  #focus(stage) {
    const name = FOCUS[stage];
    if (name !== undefined) part(this.#dialog, name, HTMLButtonElement).focus();
  }

  #choose() {
    this.#forget();
    this.#show('choose');
  }

  #giveUp() {
    this.#forget();
    this.#dialog.close();
  }

  /** Nothing is recorded any more, and nothing of it is kept. */
  #forget() {
    this.#turn += 1;
    this.#recorder?.stop();
    this.#recorder = null;
    this.#blob = null;
    for (const player of this.#dialog.querySelectorAll('video[controls], audio')) player.removeAttribute('src');
    if (this.#address !== '') URL.revokeObjectURL(this.#address);
    this.#address = '';
  }

  /** @param {boolean} isPicture */
  async #begin(isPicture) {
    this.#forget();
    const turn = this.#turn;
    const stream = await navigator.mediaDevices?.getUserMedia({ audio: true, video: isPicture ? CAMERA : false }).catch(() => null);
    if (stream === null || stream === undefined) return this.#show('choose', word('live-js-word-no-device'));
    // Given up, or rung, while the browser asked.
    if (turn !== this.#turn || !this.#dialog.open) return stream.getTracks().forEach((track) => track.stop());
    return this.#record(stream, isPicture);
  }

  /**
   * @param {MediaStream} stream
   * @param {boolean} isPicture
   */
  #record(stream, isPicture) {
    const turn = this.#turn;
    const mimeType = (isPicture ? PICTURE_KINDS : SOUND_KINDS).find((kind) => MediaRecorder.isTypeSupported(kind));
    const bits = { audioBitsPerSecond: SOUND_BITS, ...(isPicture ? { videoBitsPerSecond: PICTURE_BITS } : {}) };
    const recorder = new MediaRecorder(stream, mimeType === undefined ? bits : { mimeType, ...bits });
    /** @type {Blob[]} */
    const pieces = [];
    const began = performance.now();
    const timer = window.setInterval(() => this.#tick(recorder, began), TICK_MS);
    recorder.addEventListener('dataavailable', ({ data }) => {
      pieces.push(data);
      const bytes = pieces.reduce((sum, piece) => sum + piece.size, 0);
      if (bytes > SHARE_MAX * Number(this.#dialog.dataset.bytesMax) && recorder.state === 'recording') recorder.stop();
    });
    recorder.addEventListener('stop', () => {
      clearInterval(timer);
      for (const track of stream.getTracks()) track.stop();
      this.#own.srcObject = null;
      if (turn === this.#turn) this.#recorded(new Blob(pieces, { type: recorder.mimeType }));
    });
    this.#recorder = recorder;
    this.#own.srcObject = isPicture ? stream : null;
    this.#show('recording');
    this.#tick(recorder, began);
    recorder.start(TICK_MS);
  }

  /**
   * @param {MediaRecorder} recorder
   * @param {number} began
   */
  #tick(recorder, began) {
    const seconds = Math.ceil(Number(this.#dialog.dataset.secondsMax) - (performance.now() - began) / 1_000);
    if (seconds <= 0 && recorder.state === 'recording') recorder.stop();
    part(this.#dialog, 'word-stop', HTMLButtonElement).textContent = word('live-js-word-stop', { seconds: Math.max(0, seconds) });
  }

  /** @param {Blob} blob */
  #recorded(blob) {
    this.#recorder = null;
    this.#blob = blob;
    this.#id = freshId();
    this.#address = URL.createObjectURL(blob);
    const isPicture = blob.type.startsWith('video/');
    const name = isPicture ? 'word-play-picture' : 'word-play-sound';
    part(this.#dialog, name, HTMLMediaElement).src = this.#address;
    this.#show('ready');
  }

  async #send() {
    const [blob, post] = [this.#blob, this.#post];
    if (blob === null) return;
    this.#show('sending', word('live-js-word-sending'));
    const headers = { accept: 'application/json', 'content-type': blob.type };
    const address = `/mesh/leave/${post}?id=${this.#id}`;
    const answer = await fetch(address, { method: 'POST', body: blob, headers, credentials: 'same-origin' }).catch(() => null);
    if (answer === null || !answer.ok) {
      this.#show('failed', await reasonOf(answer));
      return;
    }
    this.#giveUp();
    this.#sent(post);
  }

  /** @param {string} post */
  #sent(post) {
    const line = document.createElement('p');
    line.className = 'strip strip-text';
    line.dataset.test = 'word-sent';
    line.textContent = word('live-js-word-sent', { post: this.#seat.names.name(post) });
    this.#offers.replaceChildren(line);
    setTimeout(() => line.remove(), SAID_MS);
  }
}

/** Why it was not taken, in the person's language. @param {Response | null} answer @returns {Promise<string>} */
async function reasonOf(answer) {
  const told = await answer?.json().catch(() => null);
  if (typeof told?.title !== 'string') return word('live-js-word-failed');
  return [told.title, told.detail].join('. ');
}
