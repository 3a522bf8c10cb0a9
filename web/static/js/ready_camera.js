/**
 * A camera that stands ready while nobody rings, for whoever wants to be seen at once: its light is on, the screen says so, and
 * nothing of it is on the line. Chosen by the person at this machine, for this machine alone; without his word it stays shut.
 */

import { optionalPart } from './part.js';
import { word } from './words.js';

const KEY = 'camera-ready';

export class ReadyCamera {
  #devices;
  #isFree;
  #button;
  #sentence;
  #isWanted = isStored();
  /** @type {(camera: MediaStreamTrack | null) => void} */
  #use;

  /**
   * @param {HTMLElement} root
   * @param {import('./devices.js').Devices} devices
   * @param {{ isFree: () => boolean, use: (camera: MediaStreamTrack | null) => void }} seat whether nothing else has the camera
   *   now; `use` is told of it when it is ready
   */
  constructor(root, devices, { isFree, use }) {
    this.#devices = devices;
    this.#isFree = isFree;
    this.#use = use;
    this.#button = optionalPart(root, 'camera-ready', HTMLButtonElement);
    this.#sentence = optionalPart(root, 'camera-sentence', HTMLElement);
    if (this.#button === null) return;
    this.#button.addEventListener('click', () => this.#choose());
    // A page that nobody looks at keeps no camera open.
    document.addEventListener('visibilitychange', () => this.settle());
    this.settle();
  }

  #choose() {
    this.#isWanted = !this.#isWanted;
    store(this.#isWanted);
    this.settle();
  }

  /** Brings the camera to where it is wanted, while nothing else has it. */
  async settle() {
    if (this.#button === null) return;
    if (this.#isFree()) {
      if (this.#isWanted && document.visibilityState === 'visible') await this.#open();
      else if (this.#devices.track('video') !== null) this.#devices.stop('video');
    }
    this.#show();
  }

  async #open() {
    if (this.#devices.track('video') !== null) return;
    const camera = await this.#devices.open('video');
    if (camera === null) return;
    // A ring or another wish that came meanwhile has it now.
    if (!this.#isFree()) return;
    if (!this.#isWanted) return this.#devices.stop('video');
    camera.addEventListener('ended', () => {
      if (this.#devices.track('video') === camera) this.#devices.lose('video');
      this.#show();
    });
    this.#use(camera);
  }

  #show() {
    this.#button?.setAttribute('aria-pressed', String(this.#isWanted));
    const isOpen = this.#isFree() && this.#devices.track('video') !== null;
    if (!isOpen && this.#isFree()) this.#use(null);
    if (this.#sentence !== null) this.#sentence.textContent = word(isOpen ? 'live-js-camera-stands-ready' : 'live-js-camera-stands-off');
  }
}

/** @returns {boolean} */
function isStored() {
  try {
    return localStorage.getItem(KEY) === '1';
  } catch {
    return false; // without storage it stays shut
  }
}

/** @param {boolean} isWanted */
function store(isWanted) {
  try {
    localStorage.setItem(KEY, isWanted ? '1' : '0');
  } catch {
    // A private window without storage: the choice lasts as long as the page.
  }
}
