/**
 * Seals what this page sends and opens what it receives in a confidential meeting, frame by frame, beside the page.
 *
 * Nothing leaves before there is a key, and nothing is passed to the decoder that does not open under a key of the person
 * whose picture the line is said to carry. A frame whose key is still on its way waits for a moment.
 */

import { blocksOf, clearOf, countOf, keyOf, open, redOf, seal } from './seal_frame.js';

/** @typedef {import('./seal_frame.js').Bytes} Bytes */
/** @typedef {import('./seal_frame.js').Key} Key */
/** @typedef {{ data: ArrayBuffer, getMetadata(): { mimeType?: string } }} Frame */
/** @typedef {{ enqueue(frame: Frame): void }} Out */
/** What this page asks of its worker; `line` numbers a receiving line. @typedef {import('./sealing.js').Order} Order */

const worker = /** @type {any} */ (self);
/** A frame waits so long for its key. */
const HELD_MS_MAX = 1_500;
const HELD_MAX = 200;
/** Once the newest key of somebody has opened a frame, those before it still open what is under way. */
const FORMER_MS = 5_000;
const KEYS_MAX = 4;
/** What is so many frames behind the newest of its sender is not taken again. */
const BEHIND_MAX = 2_000;
/** Between two requests for a keyframe. */
const ASK_MS = 500;

/** @type {Key | null} */
let own = null;
let count = 0;
/** Keys by person and number. @type {Map<string, Map<number, CryptoKey>>} */
const theirs = new Map();
/** Keys that have opened a frame. @type {WeakSet<CryptoKey>} */
const proven = new WeakSet();
/** Whom each receiving line carries. @type {Map<number, string>} */
const carried = new Map();
/** @type {Set<Incoming>} */
const incoming = new Set();

/** @param {Frame} frame @returns {boolean} whether it is of sound with older frames */
const isRed = (frame) => /red$/i.test(frame.getMetadata().mimeType ?? '');
/** @param {Frame} frame */
const isPicture = (frame) => /^video\//i.test(frame.getMetadata().mimeType ?? '') || 'type' in frame;

/**
 * @param {Frame} frame
 * @param {Out} out
 */
async function send(frame, out) {
  const by = own;
  if (by === null) return;
  const bytes = new Uint8Array(frame.data);
  const next = () => (count += 1);
  if (isPicture(frame)) frame.data = (await seal(bytes, clearOf(bytes), by, next())).buffer;
  else if (isRed(frame)) {
    const red = blocksOf(bytes);
    if (red === null) return;
    const sealed = await Promise.all(red.blocks.map(async ({ offset, bytes: one }) => ({ offset, bytes: await seal(one, 0, by, next()) })));
    frame.data = redOf(red.type, sealed).buffer;
  } else frame.data = (await seal(bytes, 0, by, next())).buffer;
  out.enqueue(frame);
}

/** One receiving line. */
class Incoming {
  #line;
  #transformer;
  /** @type {{ frame: Frame, out: Out, at: number }[]} */
  #held = [];
  /** The highest count of each key. @type {WeakMap<CryptoKey, number>} */
  #highest = new WeakMap();
  #isBroken = true;
  #askedAt = -Infinity;
  /** One frame after the other. */
  #turn = Promise.resolve();

  /**
   * @param {number} line
   * @param {any} transformer
   */
  constructor(line, transformer) {
    this.#line = line;
    this.#transformer = transformer;
  }

  /**
   * @param {Frame} frame
   * @param {Out} out
   */
  take(frame, out) {
    this.#held.push({ frame, out, at: performance.now() });
    return this.look();
  }

  /** Opens what can be opened, in its order. */
  look() {
    this.#turn = this.#turn.then(() => this.#openAll());
    return this.#turn;
  }

  async #openAll() {
    for (let [first] = this.#held; first !== undefined; [first] = this.#held) {
      const isLate = performance.now() - first.at > HELD_MS_MAX || this.#held.length > HELD_MAX;
      const opened = await this.#open(first.frame);
      if (opened === 'waits' && !isLate) return;
      this.#held.shift();
      if (opened instanceof Uint8Array) this.#pass(first, opened);
      else this.#isBroken = true;
    }
  }

  /**
   * @param {Frame} frame
   * @returns {Promise<Bytes | 'waits' | 'refused'>}
   */
  async #open(frame) {
    const bytes = new Uint8Array(frame.data);
    if (isPicture(frame)) return this.#openOne(bytes, clearOf(bytes));
    if (!isRed(frame)) return this.#openOne(bytes, 0);
    const red = blocksOf(bytes);
    const newest = red?.blocks.at(-1);
    if (red === null || newest === undefined) return 'refused';
    const last = await this.#openOne(newest.bytes, 0);
    if (!(last instanceof Uint8Array)) return last;
    const blocks = [{ offset: 0, bytes: last }];
    for (const { offset, bytes: one } of red.blocks.slice(0, -1).reverse()) {
      const older = await this.#openOne(one, 0);
      // What is older than one that does not open would stand in the wrong place.
      if (!(older instanceof Uint8Array)) break;
      blocks.unshift({ offset, bytes: older });
    }
    return redOf(red.type, blocks);
  }

  /**
   * @param {Bytes} sealed
   * @param {number} clear
   * @returns {Promise<Bytes | 'waits' | 'refused'>}
   */
  async #openOne(sealed, clear) {
    const id = keyOf(sealed);
    if (id === null) return 'refused';
    const keys = theirs.get(carried.get(this.#line) ?? '');
    const key = keys?.get(id);
    if (keys === undefined || key === undefined) return 'waits';
    try {
      const opened = await open(sealed, clear, key);
      const [highest, at] = [this.#highest.get(key) ?? 0, countOf(sealed)];
      if (at < highest - BEHIND_MAX) return 'refused';
      this.#highest.set(key, Math.max(highest, at));
      if (!proven.has(key)) prove(keys, key);
      return opened;
    } catch {
      return 'refused';
    }
  }

  /**
   * Passes a frame on; a picture that lacks one before it waits for a keyframe, which is asked for.
   *
   * @param {{ frame: Frame, out: Out }} first
   * @param {Bytes} opened
   */
  #pass({ frame, out }, opened) {
    const isKeyframe = isPicture(frame) && (Number(opened[0]) & 1) === 0;
    if (isPicture(frame) && this.#isBroken && !isKeyframe) {
      if (performance.now() - this.#askedAt < ASK_MS) return;
      this.#askedAt = performance.now();
      Promise.resolve(this.#transformer.sendKeyFrameRequest?.()).catch(() => {
        // The line is closed.
      });
      return;
    }
    this.#isBroken = false;
    frame.data = opened.buffer;
    out.enqueue(frame);
  }
}

/**
 * A key has opened its first frame: those before it are kept for a moment.
 *
 * @param {Map<number, CryptoKey>} keys of one person
 * @param {CryptoKey} key
 */
function prove(keys, key) {
  proven.add(key);
  const all = [...keys];
  const former = all.slice(0, all.findIndex(([, one]) => one === key));
  setTimeout(() => {
    for (const [id, old] of former) if (keys.get(id) === old) keys.delete(id);
  }, FORMER_MS);
}

/** @type {{ [Do in Order['do']]: (order: Extract<Order, { do: Do }>) => void }} */
const orders = {
  own({ id, key }) {
    own = { id, key };
    count = 0;
  },
  theirs({ participant, id, key }) {
    const keys = theirs.get(participant) ?? new Map();
    theirs.set(participant, keys);
    // The newest stands last.
    keys.delete(id);
    keys.set(id, key);
    for (const one of [...keys.keys()].slice(0, -KEYS_MAX)) keys.delete(one);
  },
  gone({ participant }) {
    theirs.delete(participant);
  },
  line({ line, participant }) {
    if (participant === null) carried.delete(line);
    else carried.set(line, participant);
  },
};

worker.addEventListener('message', (/** @type {MessageEvent<Order>} */ { data }) => {
  orders[data.do](/** @type {any} */ (data));
  for (const line of incoming) line.look();
});

worker.addEventListener('rtctransform', (/** @type {any} */ { transformer }) => {
  const { line } = transformer.options;
  if (line === null) {
    transformer.readable.pipeThrough(new TransformStream({ transform: send })).pipeTo(transformer.writable).catch(closed);
    return;
  }
  const one = new Incoming(line, transformer);
  incoming.add(one);
  const transform = (/** @type {Frame} */ frame, /** @type {Out} */ out) => one.take(frame, out);
  transformer.readable
    .pipeThrough(new TransformStream({ transform }))
    .pipeTo(transformer.writable)
    .catch(closed)
    .finally(() => incoming.delete(one));
});

/** A line that ends with its connection. */
function closed() {}

// The page waits for this before anything is entrusted to this worker.
worker.postMessage('ready');
