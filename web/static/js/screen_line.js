/**
 * The sending line of a screen: one picture in full size, few of them a second, so that text stays sharp.
 *
 * What is sent here goes to nobody before the server has granted it.
 */

import { preferSentPictures } from './codecs.js';

/** A page of text is sharp again within a second at this rate, and a moving slide does not fill the line. */
const RATE_MAX = 1_500_000;
const FRAMES_MAX = 15;
/** Three steps of frame rate: who has a narrow line gets every fourth picture, each of them sharp. */
const STEPS = 'L1T3';

export class ScreenLine {
  #line;
  #isWanted = true;
  /** One change of parameters at a time: a second one would be refused. */
  #change = Promise.resolve();

  /** @param {RTCPeerConnection} connection */
  constructor(connection) {
    this.#line = add(connection);
    preferSentPictures(this.#line);
  }

  get mid() {
    return this.#line.mid;
  }

  /** @param {MediaStreamTrack | null} track */
  async attach(track) {
    const { sender } = this.#line;
    if (sender.track === track) return;
    this.#isWanted = true;
    await sender.replaceTrack(track);
    this.#apply();
  }

  /** @param {readonly string[]} rids none: nobody looks, and the encoder rests */
  want(rids) {
    this.#isWanted = rids.length > 0;
    this.#apply();
  }

  #apply() {
    this.#change = this.#change.then(() => this.#set()).catch(() => {
      // The line is closed, or the browser refuses: it then sends what it sent.
    });
  }

  async #set() {
    const { sender } = this.#line;
    const parameters = sender.getParameters();
    const [encoding] = parameters.encodings ?? [];
    if (encoding === undefined || encoding.active === this.#isWanted) return;
    encoding.active = this.#isWanted;
    await sender.setParameters(parameters);
  }
}

/**
 * @param {RTCPeerConnection} connection
 * @returns {RTCRtpTransceiver}
 */
function add(connection) {
  const encoding = { maxBitrate: RATE_MAX, maxFramerate: FRAMES_MAX };
  for (const steps of [{ scalabilityMode: STEPS }, {}]) {
    try {
      return connection.addTransceiver('video', { direction: 'sendonly', sendEncodings: [{ ...encoding, ...steps }] });
    } catch {
      // The browser knows no such steps.
    }
  }
  return connection.addTransceiver('video', { direction: 'sendonly' });
}
