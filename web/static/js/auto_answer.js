/**
 * A ring that the occupant has let in beforehand: a countdown, a red border, a frosted picture for the caller until it is over.
 *
 * Whether a ring is answered by itself is decided by the server and told in `incoming`; here it is shown, and nothing but a
 * frosted picture is put on the line. A page that cannot frost sends nothing.
 */

import { Frost } from './frost.js';
import { part } from './part.js';
import { word } from './words.js';

/** @typedef {import('./calls.js').Calls} Calls */

export class AutoAnswer {
  #calls;
  #devices;
  #line;
  #banner;
  #text;
  #buttons;
  #timer = 0;
  /** What frosts now, and for which ring. @type {{ call: string, frost: Frost } | null} */
  #frosting = null;
  /** One that looks at a camera already, which stands ready. @type {{ camera: MediaStreamTrack, frost: Frost } | null} */
  #standing = null;

  /**
   * @param {HTMLElement} root
   * @param {Calls} calls
   * @param {{ devices: import('./devices.js').Devices, line: import('./line.js').Line }} media
   */
  constructor(root, calls, { devices, line }) {
    this.#calls = calls;
    this.#devices = devices;
    this.#line = line;
    this.#banner = part(root, 'opens', HTMLElement);
    this.#text = part(root, 'opens-text', HTMLElement);
    const of = (/** @type {string} */ name) => part(root, name, HTMLElement);
    this.#buttons = {
      counted: [of('frost-note'), of('not-now')],
      others: [of('private-note'), of('later'), of('telephone')],
    };
  }

  /** Brings the countdown to where the ring stands. */
  show() {
    const ring = this.#calls.here === null ? this.#calls.ring : null;
    const opens = ring?.opens ?? null;
    const isOpen = (this.#calls.here?.opens ?? null) !== null;
    for (const one of this.#buttons.counted) one.hidden = opens === null;
    for (const one of this.#buttons.others) one.hidden = opens !== null;
    this.#banner.hidden = opens === null && !isOpen;
    document.documentElement.dataset.opens = String(!this.#banner.hidden);
    clearInterval(this.#timer);
    if (opens !== null) {
      this.#timer = setInterval(() => this.#count(opens), 200);
      this.#count(opens);
    } else if (isOpen) this.#text.textContent = word('live-js-opened');
    if (this.#frosting !== null && (opens === null || this.#frosting.call !== ring?.call)) this.#thaw();
  }

  /** @param {MediaStreamTrack | null} camera that stands ready: its pictures can be frosted as soon as somebody rings */
  stand(camera) {
    if (this.#standing?.camera === camera) return;
    this.#standing?.frost.stop();
    this.#standing = camera === null || !Frost.isThere ? null : { camera, frost: new Frost() };
    this.#standing?.frost.look(this.#standing.camera);
  }

  /** The camera is open: a frosted picture of it goes to whoever is let in, and nothing else. */
  async frost() {
    const ring = this.#calls.here === null ? this.#calls.ring : null;
    const camera = this.#devices.track('video');
    if (ring === null || ring.opens === null || camera === null || !Frost.isThere || this.#frosting !== null) return;
    const standing = this.#standing?.camera === camera ? this.#standing.frost : null;
    this.#standing = null;
    const frosting = { call: ring.call, frost: standing ?? new Frost() };
    this.#frosting = frosting;
    const track = await frosting.frost.start(camera);
    // It may have ended, or been taken, while the first picture was made.
    if (this.#frosting !== frosting) return frosting.frost.stop();
    if (track === null) return this.#thaw();
    await this.#line.attach('video', track);
    if (this.#frosting === frosting) this.#line.send({ type: 'frosted', call: ring.call });
  }

  /** Nothing is frosted any more. What of a call may go on the line instead is put there by its own act. */
  #thaw() {
    this.#frosting?.frost.stop();
    this.#frosting = null;
    if (!this.#calls.isConsented) this.#line.attach('video', null);
  }

  /** @param {number} opens by the page's clock */
  #count(opens) {
    const n = Math.max(0, Math.ceil((opens - performance.now()) / 1_000));
    const text = word('live-js-opens', { n });
    if (this.#text.textContent !== text) this.#text.textContent = text;
  }
}
