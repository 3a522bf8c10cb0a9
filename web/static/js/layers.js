/**
 * The layers of the own camera: one picture in up to three sizes, of which the server passes on what
 * each receiver can show and carry. A layer that nobody receives rests.
 */

/** @typedef {{ by: number, rate: number }} Layer the capture divided by so much, and its most bits a second */

/** How long nobody has looked before the camera stops being sent: a ring or an admission may follow at once. */
const NOBODY_MS_MAX = 5_000;
const FRAMES_MAX = 30;
/** The names of the layers, lowest first, as browsers share out their bits. */
const RIDS = ['q', 'h', 'f'];
/**
 * The layers by the lines of the capture. Chromium sends two layers of a capture of less than 540 lines, whatever it
 * is asked for (`simulcast.cc`), so a telephone has two.
 *
 * @type {{ lines: number, layers: Record<string, Layer> }[]}
 */
const LADDERS = [
  { lines: 700, layers: { q: { by: 4, rate: 150_000 }, h: { by: 2, rate: 500_000 }, f: { by: 1, rate: 1_700_000 } } },
  { lines: 530, layers: { q: { by: 4, rate: 100_000 }, h: { by: 2, rate: 300_000 }, f: { by: 1, rate: 900_000 } } },
  { lines: 0, layers: { q: { by: 2, rate: 150_000 }, h: { by: 1, rate: 600_000 } } },
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
  const layers = RIDS.map((rid, place) => ({ rid, scaleResolutionDownBy: 2 ** (RIDS.length - 1 - place), maxFramerate: FRAMES_MAX }));
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
    if (track !== null && this.#wanted?.length === 0) this.#wait();
    // First the sizes, so that the first picture need not be begun again.
    if (track !== null) await this.apply(track);
    await this.#sender.replaceTrack(track);
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

  /**
   * Brings the sender in line with what is wanted.
   *
   * @param {MediaStreamTrack | null} track the one that is sent, or will be in a moment
   */
  apply(track = this.#sender.track) {
    this.#change = this.#change.then(() => this.#set(track)).catch(() => {
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

  /** @param {MediaStreamTrack | null} track */
  async #set(track) {
    const parameters = this.#sender.getParameters();
    const encodings = parameters.encodings ?? [];
    const layers = layersOf(track);
    let isChanged = false;
    for (const encoding of encodings) {
      const wish = encodings.length === 1 ? this.#wishForAll(layers) : this.#wishFor(encoding.rid ?? '', layers);
      isChanged ||= Object.entries(wish).some(([key, value]) => encoding[/** @type {keyof typeof wish} */ (key)] !== value);
      Object.assign(encoding, wish);
    }
    if (isChanged) await this.#sender.setParameters(parameters);
  }

  /** @param {Record<string, Layer>} layers a single encoding is the whole picture, whatever it was offered as */
  #wishForAll(layers) {
    const [top] = RIDS.map((rid) => layers[rid]).filter((layer) => layer !== undefined).reverse();
    return { active: !this.#isResting, scaleResolutionDownBy: 1, maxBitrate: top?.rate ?? 0 };
  }

  /**
   * @param {string} rid
   * @param {Record<string, Layer>} layers
   */
  #wishFor(rid, layers) {
    const layer = layers[rid];
    if (layer === undefined) return { active: false };
    return { active: this.#isActive(rid), scaleResolutionDownBy: layer.by, maxBitrate: layer.rate };
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
 * @returns {Record<string, Layer>}
 */
function layersOf(track) {
  const { height = 0, width = 0 } = track?.getSettings() ?? {};
  const lines = Math.min(height, width);
  return LADDERS.find((ladder) => lines >= ladder.lines)?.layers ?? {};
}
