/**
 * A bad line in user space: UDP datagrams between browsers and the server pass through here and are lost, delayed,
 * shaken, overtaken, doubled or held back by a narrow rate with a bounded queue. The server advertises this proxy's
 * address in its answer, so nothing can go round it. The work itself is in `lanes.mjs`.
 *
 * Knows nothing of what it carries. Chance comes from a seed, so that a line is equally bad each time.
 */
import { fork } from 'node:child_process';
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

/**
 * The line of one browser. `up` and `down` may be set at any time; they hold for all its sockets.
 */
export class Path {
  #up = {};
  #down = {};
  #steps = null;
  #tell;

  /** @param {(news: { up: Fault, down: Fault } | { isRebound: true }) => void} tell */
  constructor(tell) {
    this.#tell = tell;
    this.both({});
  }

  /** From the browser to the server. @param {Fault} fault */
  set up(fault) {
    this.#set(fault, this.#down);
  }

  /** From the server to the browser. @param {Fault} fault */
  set down(fault) {
    this.#set(this.#up, fault);
  }

  /** The same in both directions. @param {Fault} fault */
  both(fault) {
    this.#set(fault, fault);
  }

  /** The NAT of this line gives its browser another port, as when a phone changes its network: nobody is told. */
  rebind() {
    this.#tell({ isRebound: true });
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
      this.#set({ ...fault, kbps: trace.up_kbps[at % trace.up_kbps.length] }, { ...fault, kbps: trace.down_kbps[at] });
      step += 1;
    };
    next();
    this.#steps = setInterval(next, trace.step_ms);
    this.#steps.unref();
  }

  close() {
    clearInterval(this.#steps);
  }

  #set(up, down) {
    this.#up = up;
    this.#down = down;
    this.#tell({ up, down });
  }
}

/** @typedef {{ step_ms: number, down_kbps: number[], up_kbps: number[], delay_ms: number, jitter_ms: number, loss: number[], queue_ms: number }} Trace */
/** @type {Record<string, Trace>} */
export const TRACES = JSON.parse(readFileSync(new URL('paths.json', import.meta.url), 'utf8')).traces;

export class Proxy {
  #lanes;
  /** @type {Path[]} */
  #paths = [];
  port = 0;

  /**
   * @param {{ address: string, port: number }} server
   * @param {number} seed
   */
  constructor(server, seed = 1) {
    this.#lanes = fork(new URL('lanes.mjs', import.meta.url), [server.address, String(server.port), String(seed)]);
    this.path();
  }

  /** Waits until it can be reached at its `port`. */
  async open() {
    const told = await new Promise((done, fail) => this.#lanes.once('message', done).once('exit', () => fail(new Error('the proxy ended'))));
    this.port = told.port;
    return this;
  }

  /** A line for the browsers that come from now on. */
  path() {
    const place = this.#paths.length;
    const path = new Path((news) => {
      if (this.#lanes.connected) this.#lanes.send({ path: place, ...news });
    });
    this.#paths.push(path);
    return path;
  }

  /** Writes down every datagram that comes from now on, one after the other. @param {string} file */
  tap(file) {
    this.#lanes.send({ tap: file });
  }

  close() {
    for (const path of this.#paths) path.close();
    if (this.#lanes.connected) this.#lanes.disconnect();
  }
}
