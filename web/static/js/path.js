/**
 * The path to the server, measured by messages on the channel `ping` that it sends back.
 *
 * A message is neither repeated nor kept in order: one that is lost stays lost, so that the next one tells at once how
 * the path is now. After a break a reliable channel would first wait for what it had sent into it.
 */

/** `voice`: so weak that the own camera rests and the voice has the line. @typedef {'good' | 'weak' | 'bad' | 'voice'} Quality */

/** How the channel is opened. */
export const UNRELIABLE = { ordered: false, maxRetransmits: 0 };
const PINGS_KEPT = 8;
const WEAK_ROUND_TRIP_MS = 350;
const BAD_ROUND_TRIP_MS = 1_200;
/** An echo is waited for so long at least, and for two round trips; before the first round trip was measured so long. */
const ECHO_MS_MIN = 100;
const ECHO_MS_UNKNOWN = 500;

export class Path {
  #channel;
  #told;
  #missed;
  #timer = 0;
  #overdue = 0;
  #n = 0;
  /** @type {Map<number, number>} when each message left that is newer than the last that came back */
  #sent = new Map();
  /** @type {number[]} */
  #roundTrips = [];
  /** @type {Quality | null} */
  #quality = null;
  /** When the newest message left that came back. */
  provenAt = -Infinity;

  /**
   * @param {RTCDataChannel} channel
   * @param {(quality: Quality) => void} told called when the quality changes
   * @param {() => void} missed called when a message of the regular ones did not come back in time
   */
  constructor(channel, told, missed) {
    this.#channel = channel;
    this.#told = told;
    this.#missed = missed;
    channel.addEventListener('open', () => this.ping());
    channel.addEventListener('message', (event) => this.#echo(Number(event.data)));
  }

  /** The median of the latest round trips; 0 before the first. */
  get roundTripMs() {
    const sorted = [...this.#roundTrips].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? 0;
  }

  /** How long an echo is waited for. */
  get patienceMs() {
    return this.#roundTrips.length === 0 ? ECHO_MS_UNKNOWN : Math.max(ECHO_MS_MIN, 2 * this.roundTripMs);
  }

  /** Whether messages can be sent at all. */
  get isOpen() {
    return this.#channel.readyState === 'open';
  }

  /** @param {number} intervalMs */
  watch(intervalMs) {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      this.ping();
      clearTimeout(this.#overdue);
      const n = this.#n;
      if (this.isOpen) this.#overdue = setTimeout(() => this.#sent.has(n) && this.#missed(), this.patienceMs);
    }, intervalMs);
  }

  close() {
    clearInterval(this.#timer);
    clearTimeout(this.#overdue);
    this.#channel.close();
  }

  ping() {
    if (!this.isOpen) return;
    this.#n += 1;
    this.#sent.set(this.#n, performance.now());
    this.#channel.send(String(this.#n));
    this.#judge();
  }

  /** @param {number} n */
  #echo(n) {
    const left = this.#sent.get(n);
    if (left === undefined) return;
    // What left before it is lost, or so late that it tells nothing new.
    for (const older of this.#sent.keys()) if (older <= n) this.#sent.delete(older);
    this.provenAt = left;
    this.#roundTrips = [...this.#roundTrips, performance.now() - left].slice(-PINGS_KEPT);
    this.#judge();
  }

  #judge() {
    // One message may be lost on a path that is good; two in a row tell.
    const [oldest, second] = this.#sent.values();
    const silence = second === undefined ? 0 : performance.now() - /** @type {number} */ (oldest);
    const worst = Math.max(this.roundTripMs, silence);
    /** @type {Quality} */
    const quality = worst >= BAD_ROUND_TRIP_MS ? 'bad' : worst >= WEAK_ROUND_TRIP_MS ? 'weak' : 'good';
    if (quality === this.#quality) return;
    this.#quality = quality;
    this.#told(quality);
  }
}
