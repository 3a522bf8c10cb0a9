/**
 * A bad line in user space: UDP datagrams between browsers and the server pass through here and are lost, delayed,
 * shaken, overtaken, doubled or held back by a narrow rate with a bounded queue. The server advertises this proxy's
 * address in its answer, so nothing can go round it.
 *
 * Knows nothing of what it carries. Chance comes from a seed, so that a line is equally bad each time.
 */
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';

/**
 * What one direction of a line does. Unset is harmless.
 *
 * @typedef {object} Fault
 * @property {number} [loss]       share of datagrams that vanish, 0 … 1
 * @property {number} [burst]      mean length of a loss in datagrams (Gilbert); 1 when unset
 * @property {number} [delayMs]    on the way
 * @property {number} [jitterMs]   up to so much more, evenly spread; the order stays
 * @property {number} [reorder]    share of datagrams that are held back by `reorderMs` and so overtaken
 * @property {number} [reorderMs]  20 when unset
 * @property {number} [duplicate]  share of datagrams that come twice
 * @property {number} [kbps]       rate in 1000 bits a second of UDP payload and headers; unlimited when unset
 * @property {number} [queueMs]    what does not fit into so much waiting is dropped; 300 when unset
 */

/** IPv4 and UDP headers, which a rate counts as well. */
const HEADER_BYTES = 28;
const QUEUE_MS = 300;
const REORDER_MS = 20;
/** Datagrams on their way in one direction: beyond it a fault in a test would eat the memory. */
const WAITING_MAX = 20_000;

/** A small random generator with a seed (mulberry32). */
function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One direction of one client. */
class Lane {
  /** @type {{ due: number, data: Buffer }[]} by due time */
  #waiting = [];
  #timer = null;
  #freeAt = 0;
  #lastDue = 0;
  #isLosing = false;

  /**
   * @param {() => Fault} fault asked for each datagram, so that it can change at any time
   * @param {(data: Buffer) => void} pass
   * @param {{ chance: () => number, counts: Counts }} of
   */
  constructor(fault, pass, { chance, counts }) {
    this.fault = fault;
    this.pass = pass;
    this.chance = chance;
    this.counts = counts;
  }

  take(data) {
    const fault = this.fault();
    const now = performance.now();
    this.counts.offered += 1;
    if (this.#isLost(fault) || this.#waiting.length > WAITING_MAX) {
      this.counts.lost += 1;
      return;
    }
    let leaves = now;
    if (fault.kbps !== undefined) {
      const begins = Math.max(now, this.#freeAt);
      if (begins - now > (fault.queueMs ?? QUEUE_MS)) {
        this.counts.overflowed += 1;
        return;
      }
      leaves = begins + ((data.length + HEADER_BYTES) * 8) / fault.kbps;
      this.#freeAt = leaves;
    }
    let due = leaves + (fault.delayMs ?? 0) + this.chance() * (fault.jitterMs ?? 0);
    if (this.chance() < (fault.reorder ?? 0)) due += fault.reorderMs ?? REORDER_MS;
    else due = this.#lastDue = Math.max(due, this.#lastDue);
    this.#put(due, data);
    if (this.chance() < (fault.duplicate ?? 0)) this.#put(due, data);
  }

  close() {
    clearTimeout(this.#timer);
    this.#waiting = [];
  }

  /** Two states, of which the bad one loses everything: the mean length of its stay is `burst`. */
  #isLost({ loss = 0, burst = 1 }) {
    if (loss <= 0) return false;
    const leaves = 1 / burst;
    const enters = Math.min(1, (loss * leaves) / Math.max(1 - loss, 1e-6));
    this.#isLosing = this.#isLosing && burst > 1 ? this.chance() >= leaves : this.chance() < (burst > 1 ? enters : loss);
    return this.#isLosing;
  }

  #put(due, data) {
    let place = this.#waiting.length;
    while (place > 0 && this.#waiting[place - 1].due > due) place -= 1;
    this.#waiting.splice(place, 0, { due, data });
    this.#flush();
  }

  #flush() {
    const now = performance.now();
    while (this.#waiting.length > 0 && this.#waiting[0].due <= now + 0.5) {
      const { data } = this.#waiting.shift();
      this.counts.passed += 1;
      this.counts.bytes += data.length + HEADER_BYTES;
      this.pass(data);
    }
    clearTimeout(this.#timer);
    this.#timer = this.#waiting.length > 0 ? setTimeout(() => this.#flush(), this.#waiting[0].due - now) : null;
  }
}

/** @typedef {{ offered: number, lost: number, overflowed: number, passed: number, bytes: number }} Counts */
/** @returns {Counts} */
const noCounts = () => ({ offered: 0, lost: 0, overflowed: 0, passed: 0, bytes: 0 });

/**
 * The line of one browser. `up` and `down` may be changed at any time; they hold for all its sockets.
 */
export class Path {
  /** @type {Fault} from the browser to the server */
  up = {};
  /** @type {Fault} from the server to the browser */
  down = {};
  counts = { up: noCounts(), down: noCounts() };
  #steps = null;

  /** The same in both directions. @param {Fault} fault */
  both(fault) {
    this.up = { ...fault };
    this.down = { ...fault };
  }

  /** A good line again; a trace that plays ends. */
  heal() {
    clearInterval(this.#steps);
    this.both({});
  }

  /**
   * Plays a trace of `paths.json` over and over, from its first step.
   *
   * @param {Trace} trace
   */
  play(trace) {
    clearInterval(this.#steps);
    let step = 0;
    const next = () => {
      const at = step % trace.down_kbps.length;
      const { delay_ms: delayMs, jitter_ms: jitterMs, loss, queue_ms: queueMs } = trace;
      const fault = { delayMs, jitterMs, loss: loss[at % loss.length], queueMs };
      this.down = { ...fault, kbps: trace.down_kbps[at] };
      this.up = { ...fault, kbps: trace.up_kbps[at % trace.up_kbps.length] };
      step += 1;
    };
    next();
    this.#steps = setInterval(next, trace.step_ms);
    this.#steps.unref();
  }

  close() {
    clearInterval(this.#steps);
  }
}

/** @typedef {{ step_ms: number, down_kbps: number[], up_kbps: number[], delay_ms: number, jitter_ms: number, loss: number[], queue_ms: number }} Trace */
/** @type {Record<string, Trace>} */
export const TRACES = JSON.parse(readFileSync(new URL('paths.json', import.meta.url), 'utf8')).traces;

export class Proxy {
  #front = createSocket('udp4');
  /** @type {Map<string, { back: import('node:dgram').Socket, lanes: Lane[] }>} by the browser's address */
  #clients = new Map();
  /** @type {Path[]} */
  #paths = [];
  #chance;

  /**
   * @param {{ address: string, port: number }} server
   * @param {number} seed
   */
  constructor(server, seed = 1) {
    this.server = server;
    this.#chance = seeded(seed);
    this.path();
  }

  /** Opens its socket. @param {number} port 0 takes a free one */
  async open(port = 0) {
    this.#front.on('message', (data, from) => this.#clientOf(from).lanes[0].take(data));
    await new Promise((done) => this.#front.bind(port, this.server.address, done));
    this.#front.setRecvBufferSize(4 << 20);
    return this;
  }

  get port() {
    return this.#front.address().port;
  }

  /** A line for the browsers that come from now on. */
  path() {
    const path = new Path();
    this.#paths.push(path);
    return path;
  }

  close() {
    for (const path of this.#paths) path.close();
    for (const { back, lanes } of this.#clients.values()) {
      lanes.forEach((lane) => lane.close());
      back.close();
    }
    this.#front.close();
  }

  #clientOf(from) {
    const name = `${from.address}:${from.port}`;
    const known = this.#clients.get(name);
    if (known !== undefined) return known;
    const path = this.#paths.at(-1);
    const back = createSocket('udp4');
    back.bind(0, this.server.address, () => back.setRecvBufferSize(4 << 20));
    const chance = this.#chance;
    const up = new Lane(() => path.up, (data) => back.send(data, this.server.port, this.server.address), { chance, counts: path.counts.up });
    const down = new Lane(() => path.down, (data) => this.#front.send(data, from.port, from.address), { chance, counts: path.counts.down });
    back.on('message', (data) => down.take(data));
    const client = { back, lanes: [up, down] };
    this.#clients.set(name, client);
    return client;
  }
}
