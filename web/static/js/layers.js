/**
 * The layers of the own camera: one picture in three sizes, of which the server passes on what each
 * receiver can show and carry. A layer that nobody receives rests.
 */

/** @typedef {{ rid: string, by: number, rate: number }} Layer */

/** How long nobody has looked before the camera stops being sent: a ring or an admission may follow at once. */
const NOBODY_MS_MAX = 5_000;
const FRAMES_MAX = 30;
/**
 * Most bits a second of each layer by the lines of the capture: those of 360 lines suit a telephone and a
 * village line, those of 720 a chamber.
 *
 * @type {{ lines: number, rates: Record<string, number> }[]}
 */
const BUDGETS = [
  { lines: 700, rates: { q: 150_000, h: 500_000, f: 1_700_000 } },
  { lines: 500, rates: { q: 120_000, h: 400_000, f: 1_100_000 } },
  { lines: 0, rates: { q: 100_000, h: 300_000, f: 700_000 } },
];
/** @type {Layer[]} lowest first, as browsers share out their bits */
const LAYERS = [
  { rid: 'q', by: 4, rate: 100_000 },
  { rid: 'h', by: 2, rate: 300_000 },
  { rid: 'f', by: 1, rate: 700_000 },
];
/** Two steps of frame rate in each layer: the server may leave every second frame out without asking for a new one. */
const STEPS = 'L1T2';

/**
 * Adds the sending line of a camera with its layers.
 *
 * @param {RTCPeerConnection} connection
 * @returns {RTCRtpTransceiver}
 */
export function addCamera(connection) {
  const layers = LAYERS.map(({ rid, by, rate }) => ({ rid, scaleResolutionDownBy: by, maxBitrate: rate, maxFramerate: FRAMES_MAX }));
  for (const steps of [{ scalabilityMode: STEPS }, {}]) {
    try {
      const sendEncodings = layers.map((layer) => ({ ...layer, ...steps }));
      return connection.addTransceiver('video', { direction: 'sendonly', sendEncodings });
    } catch {
      // The browser knows no such steps, or none for its first codec.
    }
  }
  return connection.addTransceiver('video', { direction: 'sendonly' });
}

export class Layers {
  #sender;
  /** What the server said last; null before it has said anything. @type {readonly string[] | null} */
  #wanted = null;
  /** Nobody has looked for so long that the camera rests. */
  #isResting = false;
  #timer = 0;
  /** One change of parameters at a time: a second one would be refused. */
  #change = Promise.resolve();

  /** @param {RTCRtpSender} sender */
  constructor(sender) {
    this.#sender = sender;
  }

  /**
   * Sends a track, or nothing with `null`. A camera that is new on the line is sent at once, before anybody is
   * known to look: the first picture must wait for no message.
   *
   * @param {MediaStreamTrack | null} track
   */
  async attach(track) {
    if (this.#sender.track === track) return;
    this.#rest(false);
    await this.#sender.replaceTrack(track);
    if (track !== null && this.#wanted?.length === 0) this.#wait();
    await this.apply();
  }

  /** @param {readonly string[]} rids the layers that anybody receives; one empty name for a camera without layers */
  want(rids) {
    this.#wanted = rids;
    if (rids.length > 0) this.#rest(false);
    else this.#wait();
    this.apply();
  }

  close() {
    clearTimeout(this.#timer);
  }

  /** Brings the sender in line with what is wanted. */
  apply() {
    this.#change = this.#change.then(() => this.#set()).catch(() => {
      // The line is closed, or the browser refuses: it then sends every layer, which is right if not thrifty.
    });
    return this.#change;
  }

  #wait() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#rest(true);
      this.apply();
    }, NOBODY_MS_MAX);
  }

  /** @param {boolean} isResting */
  #rest(isResting) {
    clearTimeout(this.#timer);
    this.#isResting = isResting;
  }

  async #set() {
    const parameters = this.#sender.getParameters();
    const encodings = parameters.encodings ?? [];
    const rates = ratesOf(this.#sender.track);
    let isChanged = false;
    for (const encoding of encodings) {
      const wish = this.#wishFor(encoding, { isAlone: encodings.length === 1, rates });
      isChanged ||= Object.entries(wish).some(([key, value]) => encoding[/** @type {keyof typeof wish} */ (key)] !== value);
      Object.assign(encoding, wish);
    }
    if (isChanged) await this.#sender.setParameters(parameters);
  }

  /**
   * @param {RTCRtpEncodingParameters} encoding
   * @param {{ isAlone: boolean, rates: Record<string, number> }} among a single one is the whole picture, whatever it was offered as
   */
  #wishFor({ rid = '' }, { isAlone, rates }) {
    const layer = LAYERS.find((one) => one.rid === rid);
    if (isAlone || layer === undefined) return { active: !this.#isResting, scaleResolutionDownBy: 1, maxBitrate: rates.f ?? 0 };
    return { active: this.#isActive(rid), scaleResolutionDownBy: layer.by, maxBitrate: rates[rid] ?? layer.rate };
  }

  /** @param {string} rid */
  #isActive(rid) {
    if (this.#isResting) return false;
    if (this.#wanted === null || this.#wanted.length === 0) return true;
    return this.#wanted.includes(rid);
  }
}

/**
 * @param {MediaStreamTrack | null} track
 * @returns {Record<string, number>} most bits a second of each layer
 */
function ratesOf(track) {
  const lines = track?.getSettings().height ?? 0;
  return BUDGETS.find((budget) => lines >= budget.lines)?.rates ?? {};
}
