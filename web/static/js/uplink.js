/**
 * Is the way to the server too narrow for a camera? Then the voice has it alone, as little of it as is needed, until it
 * is worth another try. A browser makes its picture smaller by itself, but never less than some 30 to 100 kb/s; on a
 * line of 64 kb/s that takes the voice away, and in the end the line.
 */

/** What tells: so much lost while answers take so long. A queue delays, a radio only loses. */
const LOST_MIN = 0.1;
const QUEUE_SECONDS_MIN = 0.5;
/** So much lost tells by itself, and at once. */
const LOST_MOST = 0.4;
/** Looks in a row that must agree; at a try after a rest one is enough. */
const LOOKS_MIN = 2;
/** How many looks the camera then rests, at first and at most. Each try that fails soon doubles it. */
const REST_LOOKS_MIN = 15;
const REST_LOOKS_MAX = 90;
/** A try fails soon within so many looks. */
const SOON_LOOKS = 8;
/** After a break so many reports count all that was sent into it, or wait behind it. */
const BREAK_REPORTS = 2;
/** A line that breaks again within so many looks may break because it is too narrow. */
const BREAK_LOOKS_MIN = 15;

export class Uplink {
  /** When each report was made that has been seen. @type {Map<string, number>} */
  #seen = new Map();
  #tight = 0;
  #rest = 0;
  #length = REST_LOOKS_MIN;
  #sinceTry = SOON_LOOKS + 1;
  /** Reports that say nothing of the line's width. */
  #spoilt = 0;
  #sinceBreak = BREAK_LOOKS_MIN;

  /** The path is lost. What is lost with it tells of the break, and not of a narrow line. */
  broke() {
    if (this.#sinceBreak < BREAK_LOOKS_MIN) return;
    this.#sinceBreak = 0;
    this.#spoilt = BREAK_REPORTS;
    this.#tight = 0;
  }

  /**
   * Takes the statistics of one connection into account, as `getStats` gives them.
   *
   * @param {Iterable<any>} stats
   * @returns {boolean} whether the voice needs the line for itself
   */
  look(stats) {
    const tight = this.#tightness(stats);
    this.#sinceBreak += 1;
    if (this.#rest > 0) {
      this.#rest -= 1;
      this.#sinceTry = 0;
      return this.#rest > 0;
    }
    this.#sinceTry += 1;
    const isTry = this.#sinceTry <= SOON_LOOKS;
    if (tight !== null) this.#tight = tight > 0 ? this.#tight + tight : 0;
    if (this.#tight >= (isTry ? 1 : LOOKS_MIN)) {
      this.#length = isTry ? Math.min(this.#length * 2, REST_LOOKS_MAX) : REST_LOOKS_MIN;
      this.#rest = this.#length;
      this.#tight = 0;
    }
    return this.#rest > 0;
  }

  /**
   * @param {Iterable<any>} stats
   * @returns {number | null} for how many looks it counts; null: the server has said nothing new
   */
  #tightness(stats) {
    let lost = 0;
    let seconds = 0;
    let isNew = false;
    for (const entry of stats) {
      if (entry.type !== 'remote-inbound-rtp' || this.#seen.get(entry.id) === entry.timestamp) continue;
      this.#seen.set(entry.id, entry.timestamp);
      isNew = true;
      lost = Math.max(lost, entry.fractionLost ?? 0);
      seconds = Math.max(seconds, entry.roundTripTime ?? 0);
    }
    if (!isNew) return null;
    if (this.#spoilt > 0) {
      this.#spoilt -= 1;
      return null;
    }
    if (lost >= LOST_MOST) return LOOKS_MIN;
    return lost >= LOST_MIN && seconds >= QUEUE_SECONDS_MIN ? 1 : 0;
  }
}
