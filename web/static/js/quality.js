/**
 * What only the page knows of the last seconds: how often pictures stood still, how many frames were shown, how
 * much sound had to be made up, what holds the own camera back. The server knows the rest itself.
 */

/** @typedef {import('./protocol').PageQuality} PageQuality */
/** @typedef {{ frames: number, freezes: number, frozen: number, samples: number, missing: number, delay: number, emitted: number }} Counters */

/** Between two messages. */
export const SAMPLE_MS = 5_000;
const LIMITATIONS = ['none', 'cpu', 'bandwidth', 'other'];

export class Sampler {
  /** @type {Map<string, Counters>} by the id of the statistics */
  #before = new Map();

  /**
   * The difference to the sample before.
   *
   * @param {Iterable<any>} stats of one connection, as `getStats` gives them
   * @returns {PageQuality}
   */
  sample(stats) {
    const sum = { pictures: 0, slowest: Infinity, lines: 0, freezes: 0, frozen: 0, samples: 0, missing: 0, delay: 0, emitted: 0, sent: 0 };
    /** @type {PageQuality['limitation']} */
    let limitation = 'none';
    for (const entry of stats) {
      if (entry.type === 'inbound-rtp') this.#received(entry, sum);
      if (entry.type !== 'outbound-rtp' || entry.kind !== 'video' || entry.active === false) continue;
      sum.sent = Math.max(sum.sent, entry.framesPerSecond ?? 0);
      const reason = entry.qualityLimitationReason ?? 'none';
      if (reason !== 'none' && LIMITATIONS.includes(reason)) limitation = reason;
    }
    return {
      pictures: whole(sum.pictures, 255),
      frames_per_second: sum.pictures === 0 ? 0 : whole(sum.slowest, 255),
      lines: whole(sum.lines, 65_535),
      freezes: whole(sum.freezes, 65_535),
      frozen_ms: whole(sum.frozen * 1_000, 65_535),
      sound_delay_ms: whole(sum.emitted > 0 ? (sum.delay / sum.emitted) * 1_000 : 0, 65_535),
      sound_missing_permille: whole(sum.samples > 0 ? (sum.missing / sum.samples) * 1_000 : 0, 1_000),
      sent_frames_per_second: whole(sum.sent, 255),
      limitation,
    };
  }

  /**
   * @param {any} entry
   * @param {Record<string, number>} sum
   */
  #received(entry, sum) {
    const now = countersOf(entry);
    const before = this.#before.get(entry.id) ?? now;
    this.#before.set(entry.id, now);
    /** @param {keyof Counters} name */
    const since = (name) => Math.max(0, now[name] - before[name]);
    /** @param {string} name @param {number} value */
    const add = (name, value) => {
      sum[name] = (sum[name] ?? 0) + value;
    };
    if (entry.kind === 'video' && since('frames') > 0) {
      add('pictures', 1);
      sum.slowest = Math.min(sum.slowest ?? Infinity, since('frames') / (SAMPLE_MS / 1_000));
      sum.lines = Math.max(sum.lines ?? 0, entry.frameHeight ?? 0);
    }
    if (entry.kind === 'video') {
      add('freezes', since('freezes'));
      add('frozen', since('frozen'));
      return;
    }
    for (const name of /** @type {const} */ (['samples', 'missing', 'delay', 'emitted'])) add(name, since(name));
  }
}

/** @param {any} entry @returns {Counters} */
function countersOf(entry) {
  return {
    frames: entry.framesDecoded ?? 0,
    freezes: entry.freezeCount ?? 0,
    frozen: entry.totalFreezesDuration ?? 0,
    samples: entry.totalSamplesReceived ?? 0,
    // What is made up while nobody speaks is comfort, not loss.
    missing: (entry.concealedSamples ?? 0) - (entry.silentConcealedSamples ?? 0),
    delay: entry.jitterBufferDelay ?? 0,
    emitted: entry.jitterBufferEmittedCount ?? 0,
  };
}

/** @param {number} value @param {number} most */
function whole(value, most) {
  return Math.max(0, Math.min(most, Math.round(value)));
}
