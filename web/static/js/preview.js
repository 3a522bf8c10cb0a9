/**
 * The preview before a meeting: own picture, moving bar of the microphone, choice of devices.
 *
 * Nothing is sent from here. A device that fails is told in words, and the other one still serves.
 */

import { Devices } from './devices.js';
import { part } from './part.js';
import { knock, LevelMeter, unlock } from './sound.js';
import { TroubleNotes } from './trouble.js';
import { word } from './words.js';

/** @typedef {import('./peer.js').Kind} Kind */

export class Preview {
  #devices;
  #video;
  #noPicture;
  #trouble;
  #meter;
  #selects;
  #speakerField;
  #isOpen = false;

  /**
   * @param {HTMLElement} root
   * @param {Devices} devices
   */
  constructor(root, devices) {
    this.#devices = devices;
    this.#video = part(root, 'preview-video', HTMLVideoElement);
    this.#noPicture = part(root, 'preview-no-picture', HTMLElement);
    this.#trouble = new TroubleNotes(root, devices);
    this.#meter = new LevelMeter(part(root, 'preview-level', HTMLElement));
    this.#selects = {
      video: part(root, 'choose-camera', HTMLSelectElement),
      audio: part(root, 'choose-microphone', HTMLSelectElement),
      speaker: part(root, 'choose-speaker', HTMLSelectElement),
    };
    this.#speakerField = part(root, 'speaker-field', HTMLElement);
    this.#selects.video.addEventListener('change', () => this.#choose('video'));
    this.#selects.audio.addEventListener('change', () => this.#choose('audio'));
    this.#selects.speaker.addEventListener('change', () => devices.chooseSpeaker(this.#selects.speaker.value));
    part(root, 'preview-again', HTMLButtonElement).addEventListener('click', () => this.open());
    part(root, 'test-sound', HTMLButtonElement).addEventListener('click', () => this.#testSound());
    root.addEventListener('click', () => unlock());
    navigator.mediaDevices?.addEventListener?.('devicechange', () => this.#fillLists());
  }

  /** Opens both devices and shows what came of it. */
  async open() {
    this.#isOpen = true;
    await this.#devices.openBoth();
    // Somebody who pressed Join meanwhile is past the preview.
    if (!this.#isOpen) return;
    this.#show();
    await this.#fillLists();
  }

  /** Ends the picture and the bar; the tracks go on into the meeting. */
  close() {
    this.#isOpen = false;
    this.#meter.stop();
    this.#video.srcObject = null;
  }

  /** @param {Kind} kind */
  async #choose(kind) {
    await this.#devices.choose(kind, this.#selects[kind].value);
    this.#show();
  }

  /** The browser starts sound a moment after the first tap. */
  async #testSound() {
    await unlock();
    setTimeout(() => knock(0.3), 150);
  }

  #show() {
    const camera = this.#devices.track('video');
    this.#video.srcObject = camera === null ? null : new MediaStream([camera]);
    this.#video.hidden = camera === null;
    this.#noPicture.hidden = camera !== null;
    this.#meter.follow(this.#devices.track('audio'));
    this.#trouble.show(troubleInWords(this.#devices));
  }

  async #fillLists() {
    const list = await this.#devices.list();
    const choice = this.#devices.choice;
    const inUse = (/** @type {Kind} */ kind) => this.#devices.track(kind)?.getSettings().deviceId ?? choice[kind];
    fill(this.#selects.video, list.videoinput, inUse('video'));
    fill(this.#selects.audio, list.audioinput, inUse('audio'));
    fill(this.#selects.speaker, list.audiooutput, choice.speaker);
    const canChoose = 'setSinkId' in HTMLMediaElement.prototype && list.audiooutput.length > 0;
    this.#speakerField.hidden = !canChoose;
  }
}

/**
 * What is wrong with the devices, in words for the person; empty when both work.
 *
 * @param {Devices} devices
 * @returns {string}
 */
export function troubleInWords(devices) {
  const [audio, video] = [devices.trouble('audio'), devices.trouble('video')];
  if (audio !== null && audio === video) return word(`live-js-both-${audio}`);
  const camera = video === null ? '' : word(`live-js-camera-${video}`);
  const microphone = audio === null ? '' : word(`live-js-microphone-${audio}`);
  return `${camera} ${microphone}`.trim();
}

/**
 * @param {HTMLSelectElement} select
 * @param {MediaDeviceInfo[]} list
 * @param {string} chosen
 */
function fill(select, list, chosen) {
  select.replaceChildren(
    ...list.map((device, at) => {
      const name = device.label || word('live-js-device', { n: at + 1 });
      return new Option(name, device.deviceId, false, device.deviceId === chosen);
    }),
  );
  select.disabled = list.length < 2;
}
