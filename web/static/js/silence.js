/**
 * Does anything still come? Seen from the newest moment at which a received packet was played, which the browser keeps
 * anyway: a look costs next to nothing, also on a cheap phone.
 *
 * Only what came without a break can fall silent. Where sound comes by fits and starts, nothing is said.
 */

/** Between two looks. */
const LOOK_MS = 100;
/** Shorter gaps are not looked into. */
const SILENCE_MS_MIN = 250;
/** A look that comes so late was held up by the page itself, and tells nothing. */
const LATE_MS = 3 * LOOK_MS;
/** What has gaps as long as this does not come without a break. */
const USUAL_GAP_MS_MAX = 500;
/** How fast a long gap is forgotten, a look. */
const FORGET = 0.97;

export class Silence {
  #receivers;
  #fell;
  #timer = 0;
  /** The newest moment seen of all. */
  #newest = -Infinity;
  #lookedAt = 0;
  #usualGap = 0;
  #isTold = false;
  /** When something was seen to come last. */
  heardAt = -Infinity;

  /**
   * @param {() => RTCRtpReceiver[]} receivers
   * @param {() => void} fell called once when it falls silent
   */
  constructor(receivers, fell) {
    this.#receivers = receivers;
    this.#fell = fell;
  }

  start() {
    if (this.#timer !== 0) return;
    this.#lookedAt = performance.now();
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = 0;
    this.#isTold = false;
    this.heardAt = -Infinity;
  }

  #look() {
    const now = performance.now();
    const isLate = now - this.#lookedAt > LATE_MS;
    this.#lookedAt = now;
    const before = this.heardAt;
    if (this.#comes() || (isLate && before > -Infinity)) {
      if (!isLate && before > -Infinity) this.#usualGap = Math.max(now - before, this.#usualGap * FORGET);
      this.heardAt = now;
      this.#isTold = false;
      return;
    }
    const gap = now - before;
    if (this.#isTold || before === -Infinity || this.#usualGap > USUAL_GAP_MS_MAX) return;
    if (gap < Math.max(SILENCE_MS_MIN, 2 * this.#usualGap)) return;
    this.#isTold = true;
    this.#fell();
  }

  /** Whether anything has been played since the look before: most often the first receiver that is asked says so. */
  #comes() {
    return this.#receivers().some((receiver) => {
      const newest = Math.max(...receiver.getSynchronizationSources().map((source) => source.timestamp));
      const comes = newest > this.#newest;
      if (comes) this.#newest = newest;
      return comes;
    });
  }
}
