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
 * Adds the sending line of a camera with its layers, of which the lowest alone is on: a first picture of one small
 * layer is made and sent in a tenth of the time that three take.
 *
 * @param {RTCPeerConnection} connection
 * @returns {RTCRtpTransceiver}
 */
export function addCamera(connection) {
  const layers = RIDS.map((rid, place) => ({
    rid,
    active: place === 0,
    scaleResolutionDownBy: 2 ** (RIDS.length - 1 - place),
    maxFramerate: FRAMES_MAX,
  }));
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
  /** What is sent, or will be in a moment. @type {MediaStreamTrack | null} */
  #track = null;
  /** What the server has said of this track; null before it has said anything: then the lowest. @type {readonly string[] | null} */
  #wanted = null;
  /** Nobody has looked for so long that the camera rests. */
  #isResting = false;
  /** Somebody will look in a moment. */
  #isAwaited = false;
  /** The voice needs the line for itself. */
  #isYielding = false;
  #timer = 0;
  /** The layers of the latest camera; most are alike, so that nothing changes at the next. @type {Record<string, Layer>} */
  #layers = {};
  /** What the sender was given last. */
  #given = '';
  /** One change of parameters at a time: a second one would be refused. */
  #change = Promise.resolve();

  /** @param {RTCRtpSender} sender */
  constructor(sender) {
    this.#sender = sender;
  }

  /**
   * Prepares for a track that may soon be sent: a change of sizes would delay its first picture.
   *
   * @param {MediaStreamTrack | null} track
   */
  expect(track) {
    const layers = layersOf(track);
    if (layers !== null) this.#layers = layers;
    return this.#apply();
  }

  /**
   * Sends a track, or nothing with `null`. A camera that is new on the line is sent at once in its lowest layer, before
   * anybody is known to look: the first picture must wait for no message.
   *
   * @param {MediaStreamTrack | null} track
   */
  async attach(track) {
    if (this.#track === track) return;
    this.#track = track;
    this.#rest(false);
    // Whatever was wanted of the camera before this one says nothing of it.
    this.#wanted = null;
    if (track === null) {
      await this.#sender.replaceTrack(null);
      await this.#apply();
      return;
    }
    // First the sizes, so that the first picture need not be begun again.
    await this.expect(track);
    await this.#sender.replaceTrack(track);
  }

  /** @param {readonly string[]} rids the layers that anybody receives; one empty name for a camera without layers */
  want(rids) {
    if (this.#track === null) return;
    this.#wanted = rids;
    if (rids.length > 0) this.#rest(false);
    else this.#wait();
    this.#apply();
  }

  /** @param {boolean} isAwaited somebody stands at the door: the camera does not rest, so that the first picture need not wait for it */
  await(isAwaited) {
    this.#isAwaited = isAwaited;
    if (isAwaited) this.#rest(false);
    else if (this.#wanted?.length === 0) this.#wait();
    this.#apply();
  }

  /** The answer has come: without layers in it one encoding is left, which then is the whole picture. */
  settle() {
    this.#given = '';
    return this.#apply();
  }

  /** @param {boolean} isYielding the way out is too narrow for voice and picture */
  yield(isYielding) {
    this.#isYielding = isYielding;
    this.#apply();
  }

  close() {
    clearTimeout(this.#timer);
  }

  #wait() {
    clearTimeout(this.#timer);
    if (this.#isAwaited) return;
    this.#timer = setTimeout(() => {
      this.#rest(true);
      this.#apply();
    }, NOBODY_MS_MAX);
  }

  /** @param {boolean} isResting */
  #rest(isResting) {
    clearTimeout(this.#timer);
    this.#isResting = isResting;
  }

  /** Brings the sender in line with what is wanted; at once when it already is. */
  #apply() {
    const wish = JSON.stringify([this.#layers, this.#isOff, this.#active()]);
    if (wish === this.#given) return this.#change;
    this.#given = wish;
    this.#change = this.#change.then(() => this.#set()).catch(() => {
      // The line is closed, or the browser refuses: it then sends what it sent, which is right if not thrifty.
    });
    return this.#change;
  }

  async #set() {
    const parameters = this.#sender.getParameters();
    const encodings = parameters.encodings ?? [];
    const active = this.#active();
    let isChanged = false;
    for (const encoding of encodings) {
      const wish = encodings.length === 1 ? this.#wishForAll() : this.#wishFor(encoding.rid ?? '', active);
      isChanged ||= Object.entries(wish).some(([key, value]) => encoding[/** @type {keyof typeof wish} */ (key)] !== value);
      Object.assign(encoding, wish);
    }
    if (isChanged) await this.#sender.setParameters(parameters);
  }

  /** A single encoding is the whole picture, whatever it was offered as. */
  #wishForAll() {
    const [top] = RIDS.map((rid) => this.#layers[rid]).filter((layer) => layer !== undefined).reverse();
    return { active: !this.#isOff, scaleResolutionDownBy: 1, ...(top === undefined ? {} : { maxBitrate: top.rate }) };
  }

  /**
   * @param {string} rid
   * @param {readonly string[]} active
   */
  #wishFor(rid, active) {
    const layer = this.#layers[rid];
    const isActive = active.includes(rid);
    return layer === undefined ? { active: isActive } : { active: isActive, scaleResolutionDownBy: layer.by, maxBitrate: layer.rate };
  }

  get #isOff() {
    return this.#isResting || this.#isYielding;
  }

  /** @returns {readonly string[]} the layers that are to be on */
  #active() {
    if (this.#isOff) return [];
    const there = RIDS.filter((rid) => this.#layers[rid] !== undefined);
    const wanted = there.filter((rid) => this.#wanted?.includes(rid));
    if (wanted.length > 0) return wanted;
    // Nothing was said yet, nobody looks for a moment, or a layer is wanted that this camera is too small for.
    const isTooSmall = this.#wanted?.some((rid) => rid !== '');
    return isTooSmall ? there.slice(-1) : RIDS.slice(0, 1);
  }
}

/**
 * @param {MediaStreamTrack | null} track
 * @returns {Record<string, Layer> | null}  null while nothing is known of the camera
 */
function layersOf(track) {
  if (track === null) return null;
  const { height = 0, width = 0 } = track.getSettings();
  const lines = Math.min(height, width);
  return LADDERS.find((ladder) => lines >= ladder.lines)?.layers ?? null;
}
