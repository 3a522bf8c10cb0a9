/**
 * The own camera and microphone in the hotline: opened at a ring for this screen alone, put on the line only while this
 * person's own act holds (see `calls.js`), and taken off it and stopped at the moment when it does not.
 */

import { part } from './part.js';
import { troubleInWords } from './preview.js';

/** @typedef {import('./calls.js').Calls} Calls */
/** @typedef {import('./controls.js').Controls} Controls */
/** @typedef {import('./devices.js').Devices} Devices */
/** @typedef {import('./line.js').Line} Line */

const KINDS = /** @type {const} */ (['video', 'audio']);

export class OwnMedia {
  #calls;
  #controls;
  #devices;
  #line;
  #trouble;

  /**
   * @param {HTMLElement} root
   * @param {Calls} calls
   * @param {{ controls: Controls, devices: Devices, line: Line }} own
   */
  constructor(root, calls, { controls, devices, line }) {
    this.#calls = calls;
    this.#controls = controls;
    this.#devices = devices;
    this.#line = line;
    this.#trouble = part(root, 'trouble', HTMLElement);
    controls.on('changed', (tracks) => line.send({ type: 'set_tracks', ...tracks }));
    controls.on('trouble', () => this.#tellTrouble());
    addEventListener('pagehide', () => devices.stopAll());
  }

  /** Opens both devices; what they are for is asked when they are open, for that may be another thing by then. */
  async open() {
    // A camera that stood ready does not wait for the microphone.
    if (this.#devices.track('video') !== null && this.#calls.isConsented) await this.attach();
    await this.#devices.openBoth();
    // Accepted while the browser was still opening them: they belong onto the line now.
    if (this.#calls.isConsented) await this.attach();
    else if (this.#calls.shown === 'incoming') {
      this.#controls.show();
      this.#line.expect(this.#devices.track('video'));
    } else if (this.#calls.here === null) this.#devices.stopAll();
  }

  /** Puts what is open on the line. The only way there at this side, but for the buttons of a talk. */
  async attach() {
    if (!this.#calls.isConsented) return;
    await this.#controls.attach();
    this.#tellTrouble();
    this.tellTracks();
  }

  /** In the middle of a talk, what was switched off stays off; what this page never opened is opened now. */
  async attachAll() {
    await this.attach();
    for (const kind of KINDS) {
      if (this.#calls.isConsented && this.#controls.isWanted(kind) && this.#controls.track(kind) === null) await this.#controls.reopen(kind);
    }
  }

  /** Takes everything off the line and stops the devices: the camera's light goes out. */
  async detach() {
    this.#trouble.hidden = true;
    await this.#controls.detach();
  }

  tellTracks() {
    this.#line.send({ type: 'set_tracks', microphone: this.#controls.microphone, camera: this.#controls.camera });
  }

  #tellTrouble() {
    this.#trouble.textContent = troubleInWords(this.#devices);
    this.#trouble.hidden = this.#trouble.textContent === '';
  }
}
