/**
 * The buttons below a talk: microphone and camera on and off.
 *
 * A camera that is switched off is stopped, so that its light goes out, and opened again when
 * wanted. A microphone that is switched off stays open and silent, so that it is back at once.
 */

import { Emitter } from './emitter.js';
import { part } from './part.js';
import { word } from './words.js';

/** @typedef {import('./devices.js').Devices} Devices */
/** @typedef {import('./line.js').Line} Line */
/** @typedef {import('./peer.js').Kind} Kind */
/**
 * `interrupted`, `resumed`: a device that was wanted was taken away, for good or for a while, and came back by itself.
 * @typedef {{ changed: { microphone: boolean, camera: boolean }, trouble: null, interrupted: { kind: Kind, isGone: boolean }, resumed: Kind }} ControlsEvents
 */

/** @extends {Emitter<ControlsEvents>} */
export class Controls extends Emitter {
  #line;
  #devices;
  #buttons;
  #own;
  #ownEmpty;
  /** What the person wants on, whatever the devices do. @type {Record<Kind, boolean>} */
  #wanted = { audio: true, video: true };

  /**
   * @param {HTMLElement} root
   * @param {Line} line
   * @param {Devices} devices
   */
  constructor(root, line, devices) {
    super();
    this.#line = line;
    this.#devices = devices;
    this.#buttons = {
      audio: part(root, 'microphone', HTMLButtonElement),
      video: part(root, 'camera', HTMLButtonElement),
    };
    this.#own = part(root, 'own-video', HTMLVideoElement);
    this.#ownEmpty = part(root, 'own-empty', HTMLElement);
    this.#buttons.audio.addEventListener('click', () => this.#toggleMicrophone());
    this.#buttons.video.addEventListener('click', () => this.#toggleCamera());
    this.show();
  }

  get microphone() {
    return this.#devices.track('audio')?.enabled ?? false;
  }

  get camera() {
    return this.#devices.track('video') !== null;
  }

  /** Whether the camera shows a paper. */
  get isPaper() {
    return this.#devices.isPaper && this.camera;
  }

  /**
   * The back camera with all its lines instead of the face, or the face again.
   *
   * @returns {Promise<boolean>} whether a paper is shown now
   */
  async togglePaper() {
    this.#wanted.video = true;
    await this.#line.attach('video', null);
    await this.#line.attach('video', await this.#devices.turn(this.isPaper ? 'face' : 'paper'));
    this.#changed('video');
    return this.isPaper;
  }

  /** The officer took the voice: the microphone falls silent, and the own button gives it back. */
  silence() {
    this.#wanted.audio = false;
    const open = this.#devices.track('audio');
    if (open !== null) open.enabled = false;
    this.#changed('audio');
  }

  /** @param {Kind} kind whether the person wants it on; what was switched off is not missed when it is taken away */
  isWanted(kind) {
    return this.#wanted[kind];
  }

  /** Gives the keyboard to the button of a device. @param {Kind} kind */
  focus(kind) {
    this.#buttons[kind].focus();
  }

  /** @param {Kind} kind */
  track(kind) {
    return this.#devices.track(kind);
  }

  /** @param {Kind} kind whether its device gives something now */
  isLive(kind) {
    const track = this.#devices.track(kind);
    return track !== null && track.readyState === 'live' && !track.muted;
  }

  /**
   * Takes a device again that was taken away, if it is still wanted.
   *
   * @param {Kind} kind
   */
  async reopen(kind) {
    if (this.#wanted[kind] && !this.isLive(kind)) {
      this.#devices.stop(kind);
      await this.#open(kind);
      this.#changed(kind);
    }
    return this.isLive(kind);
  }

  /** @param {boolean} isOn the microphone, for as long as a button is held */
  async speak(isOn) {
    this.#wanted.audio = isOn;
    const open = this.#devices.track('audio');
    if (open !== null) open.enabled = isOn;
    else if (isOn) await this.#open('audio');
    this.#changed('audio');
  }

  /** Puts the open tracks on the line: from here on the other side may see and hear. */
  async attach() {
    this.show();
    this.#follow('audio');
    this.#follow('video');
    // The camera first: the browser takes one after the other, and its first picture has the longer way.
    await Promise.all([
      this.#line.attach('video', this.#devices.track('video')),
      this.#line.attach('audio', this.#devices.track('audio')),
    ]);
  }

  /** Takes everything off the line and stops the devices: the camera's light goes out. */
  async detach() {
    this.#wanted = { audio: true, video: true };
    this.#devices.stopAll();
    this.show();
    await Promise.all([this.#line.attach('audio', null), this.#line.attach('video', null)]);
  }

  /** Brings buttons and own picture in line with the devices. */
  show() {
    label(this.#buttons.audio, this.microphone ? 'live-js-microphone-off' : 'live-js-microphone-on', this.microphone);
    label(this.#buttons.video, this.camera ? 'live-js-camera-off' : 'live-js-camera-on', this.camera);
    const track = this.#devices.track('video');
    const shown = /** @type {MediaStream | null} */ (this.#own.srcObject)?.getVideoTracks()[0] ?? null;
    if (shown !== track) this.#own.srcObject = track === null ? null : new MediaStream([track]);
    // A paper is read as it lies; a face is shown as in a mirror.
    this.#own.dataset.mirror = String(!this.isPaper);
    this.#own.hidden = track === null;
    this.#ownEmpty.hidden = track !== null;
  }

  /** @param {Kind} kind a device that is pulled out, or taken by a telephone call, ends its track */
  #follow(kind) {
    const track = this.#devices.track(kind);
    if (track === null) return;
    track.onended = () => this.#ended(kind, track);
    track.onmute = () => this.#muted(kind);
    track.onunmute = () => this.emit('resumed', kind);
  }

  /** @param {Kind} kind */
  #muted(kind) {
    if (this.#wanted[kind]) this.emit('interrupted', { kind, isGone: false });
  }

  /**
   * @param {Kind} kind
   * @param {MediaStreamTrack} track
   */
  async #ended(kind, track) {
    if (this.#devices.track(kind) !== track) return;
    if (this.#wanted[kind]) this.#devices.lose(kind);
    else this.#devices.stop(kind);
    await this.#line.attach(kind, null);
    this.#changed(kind);
    if (this.#wanted[kind] && this.#devices.track(kind) === null) this.emit('interrupted', { kind, isGone: true });
  }

  /** @param {Kind} kind opened and put on the line; what was switched off while it opened stays off */
  async #open(kind) {
    const track = await this.#devices.open(kind);
    if (track !== null) track.enabled = this.#wanted[kind];
    await this.#line.attach(kind, track);
  }

  async #toggleMicrophone() {
    this.#wanted.audio = !this.microphone;
    const open = this.#devices.track('audio');
    if (open === null) await this.#open('audio');
    else open.enabled = this.#wanted.audio;
    this.#changed('audio');
    if (open?.muted === true) this.#muted('audio');
  }

  async #toggleCamera() {
    this.#wanted.video = !this.camera;
    if (this.camera) {
      this.#devices.stop('video');
      await this.#line.attach('video', null);
    } else await this.#open('video');
    this.#changed('video');
  }

  /** @param {Kind} kind */
  #changed(kind) {
    this.show();
    this.#follow(kind);
    const isMissed = this.#wanted[kind] && this.#devices.track(kind) === null;
    if (isMissed && this.#devices.trouble(kind) !== null) this.emit('trouble', null);
    this.emit('changed', { microphone: this.microphone, camera: this.camera });
  }
}

/**
 * @param {HTMLButtonElement} button
 * @param {string} key what a press will do
 * @param {boolean} isOn
 */
function label(button, key, isOn) {
  part(button, 'label', HTMLElement).textContent = word(key);
  button.dataset.on = String(isOn);
}
