/**
 * The lanes of `impair.mjs`, in a process of their own: whatever a test does meanwhile, datagrams leave on time.
 *
 * Started by `fork` with the server's address, its port and a seed; hears `{ path, up, down }`, `{ path, isRebound }`
 * and `{ tap }`, a file that gets every datagram from then on, and tells its own port.
 */
import { createSocket } from 'node:dgram';
import { createWriteStream } from 'node:fs';
import { setPriority } from 'node:os';

/** @typedef {import('./impair.mjs').Fault} Fault */

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

const [address, serverPort, seed] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const chance = seeded(seed);
/** @type {{ up: Fault, down: Fault, counts: { up: Counts, down: Counts } }[]} */
const paths = [{ up: {}, down: {}, counts: { up: noCounts(), down: noCounts() } }];
/** What a browser's address leads to: its lanes, and the socket that the server sees. @typedef {{ path: object, lanes: Lane[], back: import('node:dgram').Socket }} Client */
/** @type {Map<string, Client>} by the browser's address */
const clients = new Map();
const front = createSocket('udp4');
/** @type {import('node:fs').WriteStream | null} */
let tapped = null;

/** A socket of the proxy towards the server, whose datagrams go down this client's lane. */
function socketOf(client) {
  const back = createSocket('udp4');
  back.bind(0, address, () => back.setRecvBufferSize(4 << 20));
  back.on('message', (data) => {
    tapped?.write(data);
    client.lanes[1].take(data);
  });
  return back;
}

function lanesOf(from) {
  const name = `${from.address}:${from.port}`;
  const known = clients.get(name);
  if (known !== undefined) return known.lanes;
  const path = paths.at(-1);
  const client = { path, lanes: [], back: null };
  client.back = socketOf(client);
  client.lanes = [
    new Lane(() => path.up, (data) => client.back.send(data, serverPort, address), { chance, counts: path.counts.up }),
    new Lane(() => path.down, (data) => front.send(data, from.port, from.address), { chance, counts: path.counts.down }),
  ];
  clients.set(name, client);
  return client.lanes;
}

/** The NAT gives every client of a path another port; what the server still sends to the old one goes nowhere. */
function rebind(path) {
  for (const client of clients.values()) {
    if (client.path !== path) continue;
    client.back.close();
    client.back = socketOf(client);
  }
}

try {
  setPriority(-10);
} catch {
  // Without the right to it the lanes are as late as the machine is busy.
}
process.on('message', ({ path, up, down, isRebound, tap }) => {
  if (tap !== undefined) {
    tapped = createWriteStream(tap);
    return;
  }
  if (isRebound) {
    rebind(paths[path]);
    return;
  }
  while (paths.length <= path) paths.push({ up: {}, down: {}, counts: { up: noCounts(), down: noCounts() } });
  Object.assign(paths[path], { up, down });
});
process.on('disconnect', () => process.exit(0));
front.on('message', (data, from) => {
  tapped?.write(data);
  lanesOf(from)[0].take(data);
});
front.bind(0, address, () => {
  front.setRecvBufferSize(4 << 20);
  process.send({ port: front.address().port });
});
