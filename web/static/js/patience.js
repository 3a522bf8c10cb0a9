/**
 * How long received sound waits before it is played. A frame that was lost comes again with those behind it: the more
 * is lost, the more of them it may take, and the longer is worth waiting for. Otherwise the browser decides alone.
 */

/** Between two looks. */
export const LOOK_MS = 2_000;
/** From these shares of loss on so many ms; the server sends one to four older frames of 20 ms along by then. */
const STEPS = [
  { loss: 0, wait: null },
  { loss: 0.015, wait: 60 },
  { loss: 0.06, wait: 100 },
  { loss: 0.15, wait: 140 },
];
/** A step is left when the loss has been below this share of it for so many looks. */
const CALM = 0.6;
const CALM_LOOKS_MIN = 8;
/** How much of a new look counts: the packets of two seconds are few. */
const SMOOTHING = 0.5;

/** @typedef {{ received: number, lost: number, samples: number, missing: number }} Counters */

export class Patience {
  /** @type {Map<string, Counters>} by the id of the statistics */
  #before = new Map();
  #loss = 0;
  #step = 0;
  #calmLooks = 0;

  /**
   * Takes the statistics of one connection into account, as `getStats` gives them.
   *
   * @param {Iterable<any>} stats
   * @returns {number | null} ms to wait; null: as the browser likes
   */
  look(stats) {
    this.#loss += (this.#lossOf(stats) - this.#loss) * SMOOTHING;
    const wanted = STEPS.filter((step) => this.#loss >= step.loss).length - 1;
    const isCalm = this.#step > 0 && this.#loss < (STEPS[this.#step]?.loss ?? 0) * CALM;
    this.#calmLooks = isCalm ? this.#calmLooks + 1 : 0;
    if (wanted > this.#step) this.#step = wanted;
    if (this.#calmLooks >= CALM_LOOKS_MIN) {
      this.#step -= 1;
      this.#calmLooks = 0;
    }
    return STEPS[this.#step]?.wait ?? null;
  }

  /**
   * The share that is lost, or that had to be made up: what comes twice is not told as lost.
   *
   * @param {Iterable<any>} stats
   */
  #lossOf(stats) {
    const sum = { received: 0, lost: 0, samples: 0, missing: 0 };
    for (const entry of stats) {
      if (entry.type !== 'inbound-rtp' || entry.kind !== 'audio') continue;
      const now = countersOf(entry);
      const before = this.#before.get(entry.id) ?? now;
      this.#before.set(entry.id, now);
      for (const name of /** @type {const} */ (['received', 'lost', 'samples', 'missing'])) sum[name] += Math.max(0, now[name] - before[name]);
    }
    return Math.max(share(sum.lost, sum.received + sum.lost), share(sum.missing, sum.samples));
  }
}

/** @param {any} entry @returns {Counters} */
function countersOf(entry) {
  return {
    received: entry.packetsReceived ?? 0,
    lost: entry.packetsLost ?? 0,
    samples: entry.totalSamplesReceived ?? 0,
    missing: (entry.concealedSamples ?? 0) - (entry.silentConcealedSamples ?? 0),
  };
}

/** @param {number} part @param {number} whole */
function share(part, whole) {
  return whole > 0 ? part / whole : 0;
}
