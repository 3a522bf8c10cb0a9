/**
 * The keys of this page in a confidential meeting or a sealed call: one for what it sends, changed when somebody comes in and when somebody
 * goes out, and those of the others. Frames are sealed and opened in a worker; loaded only when a meeting or a call is sealed.
 * Nothing begins before the worker runs; should it ever fail, this is stopped and another one takes its place.
 */

/**
 * What the worker is asked: our key from now on, a key of somebody's, somebody is gone, whom a receiving line carries.
 *
 * @typedef {{ do: 'own', id: number, key: CryptoKey } | { do: 'theirs', participant: string, id: number, key: CryptoKey }
 *   | { do: 'gone', participant: string } | { do: 'line', line: number, participant: string | null }} Order
 */
/** @typedef {import('./seal_keys.js').Bytes} Bytes */
/** @typedef {import('./seal_keys.js').Note} Note */
/** A call, and the one post with which keys are agreed in it, whoever else the server may name. @typedef {{ call: string, other: string }} Two */
/**
 * `agreed`: the digits to be compared with each person · `changed`: the number of our key · `cannot`: who has a browser that
 * takes no part · `failed`: the worker is no more.
 *
 * @typedef {{ codes: Map<string, string>, changed: number, cannot: string, failed: null }} SealingEvents
 */

import { Emitter } from './emitter.js';

// What this file was asked for again by is handed on, as a browser never asks again for a module that once did not come.
const keys = await import(`./seal_keys.js${new URL(import.meta.url).search}`);
const { Agreements, coded, decoded } = /** @type {typeof import('./seal_keys.js')} */ (keys);

/** A worker that does not run by then is given up. */
const LOAD_MS_MAX = 20_000;
const KEY_BYTES = 32;
/** A new key is given away so long before it is used, so that nobody waits for it. */
const GIVEN_MS = 200;
/** Notes at once and in the long run, well below what the server takes of all messages. */
const NOTES_BURST = 15;
const NOTE_MS = 300;

/** @extends {Emitter<SealingEvents>} */
export class Sealing extends Emitter {
  #line;
  /** Of a call. @type {Two | null} */
  #two;
  #worker;
  /** @type {import('./seal_keys.js').Agreements | null} */
  #agreements = null;
  #meeting = '';
  #me = '';
  /** Who is inside beside us. @type {Set<string>} */
  #others = new Set();
  /** @type {Map<string, string>} digits by participant */
  #codes = new Map();
  #own = freshKey(0);
  /** Whether the worker has our key. */
  #isUsed = false;
  #timer = 0;
  /** What ends the listening to the server. @type {(() => void)[]} */
  #ends;
  /** Numbers of the receiving lines. @type {WeakMap<RTCRtpReceiver, number>} */
  #lines = new WeakMap();
  #count = 0;
  /** @type {{ participant: string, note: Note }[]} */
  #waiting = [];
  #allowance = NOTES_BURST;

  /**
   * @param {import('./line.js').Line} line
   * @param {Worker} worker that runs
   * @param {Two | null} two null in a meeting
   */
  constructor(line, worker, two) {
    super();
    this.#line = line;
    this.#two = two;
    this.#worker = worker;
    worker.addEventListener('error', () => this.emit('failed', null), { once: true });
    const { signaling } = line;
    const beats = setInterval(() => {
      this.#allowance = Math.min(NOTES_BURST, this.#allowance + 1);
      this.#sendWaiting();
    }, NOTE_MS);
    this.#ends = [
      signaling.on('welcome', (welcome) => this.#welcomed(welcome)),
      signaling.on('participants', ({ participants }) => this.#inside(participants)),
      signaling.on('call', (call) => this.#talks(call)),
      signaling.on('seal', ({ participant, note }) => this.#heard(participant, note)),
      signaling.on('slot', ({ mid, participant }) => this.#carries(mid, participant)),
      () => clearInterval(beats),
      () => clearTimeout(this.#timer),
      () => worker.terminate(),
    ];
  }

  /**
   * Begins once the worker runs.
   *
   * @param {import('./line.js').Line} line
   * @param {Two | null} [two]
   * @throws if it could not be loaded
   */
  static async begin(line, two = null) {
    const worker = new Worker(new URL('seal_worker.js', import.meta.url), { type: 'module' });
    try {
      await new Promise((runs, failed) => {
        worker.onmessage = runs;
        worker.onerror = failed;
        setTimeout(failed, LOAD_MS_MAX);
      });
    } catch (error) {
      worker.terminate();
      throw error;
    }
    worker.onmessage = worker.onerror = null;
    return new Sealing(line, worker, two);
  }

  /** Another one takes its place. */
  stop() {
    for (const end of this.#ends) end();
  }

  /** @param {RTCRtpSender} sender of a new connection, in the same breath as it was made: nothing passes it unsealed */
  seal(sender) {
    sender.transform = new RTCRtpScriptTransform(this.#worker, { line: null });
  }

  /** @param {RTCRtpReceiver} receiver the same for what comes */
  open(receiver) {
    this.#count += 1;
    this.#lines.set(receiver, this.#count);
    receiver.transform = new RTCRtpScriptTransform(this.#worker, { line: this.#count });
  }

  /** @param {import('./signaling.js').Message<'welcome'>} welcome */
  #welcomed({ participant, meeting, connected }) {
    if (participant === this.#me && connected) {
      // The others may have said something while there was no socket.
      for (const other of this.#others) {
        if (this.#agreements?.isDone(other)) this.#agreements.give(other, this.#own, true);
        else this.#agreements?.meet(other);
      }
      return;
    }
    // A server that holds nothing of us may be another one, which calls everybody by other names.
    this.#me = participant;
    this.#meeting = this.#two?.call ?? meeting?.id ?? '';
    for (const other of this.#others) this.#forget(other);
    this.#agreements = new Agreements(this.#meeting, participant, {
      send: (to, note) => this.#send(to, note),
      agreed: (who, code) => this.#agreed(who, code),
      key: (who, id, key) => this.#keyCame(who, id, key),
      wants: (who) => this.#agreements?.give(who, this.#own, false),
      cannot: (who) => {
        this.#codes.delete(who);
        this.emit('cannot', who);
      },
    });
  }

  /** @param {import('./protocol').Participant[]} participants */
  #inside(participants) {
    const have = participants.filter((one) => one.participant !== this.#me && one.role !== 'outside' && one.role !== 'desk');
    this.#are(new Set(have.map((one) => one.participant)));
  }

  /** Of a sealed call. @param {import('./signaling.js').Message<'call'>} message */
  #talks({ call, state, here, members }) {
    if (this.#two === null || call !== this.#two.call) return;
    const other = members.find(({ post }) => post === this.#two?.other);
    const isTalk = state === 'accepted' && here && other?.state === 'inside';
    this.#are(new Set(isTalk ? [this.#two.other] : []));
  }

  /** @param {Set<string>} now who is inside beside us */
  #are(now) {
    const gone = [...this.#others].filter((other) => !now.has(other));
    for (const other of gone) this.#forget(other);
    if (gone.length > 0) {
      this.emit('codes', this.#codes);
      this.#rotate();
    }
    for (const other of now) {
      if (this.#others.has(other)) continue;
      this.#others.add(other);
      this.#agreements?.meet(other);
    }
  }

  /** @param {string} other */
  #forget(other) {
    this.#others.delete(other);
    this.#codes.delete(other);
    this.#agreements?.forget(other);
    this.#order({ do: 'gone', participant: other });
  }

  /**
   * @param {string} participant
   * @param {string} note
   */
  #heard(participant, note) {
    if (!this.#others.has(participant)) return;
    try {
      this.#agreements?.hear(participant, JSON.parse(new TextDecoder().decode(decoded(note))));
    } catch {
      // What is no note of ours says nothing.
    }
  }

  /**
   * @param {string} who came in, or came anew
   * @param {string} code
   */
  #agreed(who, code) {
    this.#codes.set(who, code);
    this.emit('codes', this.#codes);
    this.#rotate();
  }

  /**
   * @param {string} participant
   * @param {number} id
   * @param {Bytes} raw
   */
  async #keyCame(participant, id, raw) {
    const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['decrypt']);
    if (this.#others.has(participant)) this.#order({ do: 'theirs', participant, id, key });
  }

  /** A new key of ours: given to everybody who is inside, and used a moment later. */
  async #rotate() {
    this.#own = freshKey((this.#own.id + 1) % 256);
    const own = this.#own;
    for (const other of this.#others) this.#agreements?.give(other, own, false);
    const key = await crypto.subtle.importKey('raw', own.key, 'AES-GCM', false, ['encrypt']);
    // Another one was made meanwhile, which the others hold for the newer, too.
    if (own !== this.#own) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#order({ do: 'own', id: own.id, key });
      this.#isUsed = true;
      this.emit('changed', own.id);
    }, this.#isUsed ? GIVEN_MS : 0);
  }

  /**
   * @param {string} mid
   * @param {string | null} participant
   */
  #carries(mid, participant) {
    const receiver = this.#line.peer?.receiverOf(mid);
    const line = receiver == null ? undefined : this.#lines.get(receiver);
    if (line !== undefined) this.#order({ do: 'line', line, participant });
  }

  /** @param {Order} order */
  #order(order) {
    this.#worker.postMessage(order);
  }

  /**
   * @param {string} participant
   * @param {Note} note
   */
  #send(participant, note) {
    this.#waiting.push({ participant, note });
    this.#sendWaiting();
  }

  /** What was not said while there was no socket is not repeated: the next `welcome` begins anew. */
  #sendWaiting() {
    while (this.#allowance > 0) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#allowance -= 1;
      const note = coded(new TextEncoder().encode(JSON.stringify(next.note)));
      this.#line.send({ type: 'seal', participant: next.participant, note });
    }
  }
}

/** @param {number} id @returns {{ id: number, key: Bytes }} */
function freshKey(id) {
  return { id, key: crypto.getRandomValues(new Uint8Array(KEY_BYTES)) };
}
