/**
 * Mends a connection whose path was lost: ICE begins anew, again and again with a growing pause, until something comes
 * back. The old path stays in use until a new one is found; nothing here ends a connection.
 */

/** A new direct way is found by then, if there is one; the second try goes round by a relay. */
const DIRECT_MS_MAX = 400;
/** Between the second try and the third, and by how much each pause is longer than the one before. */
const PAUSE_MS = 1_000;
const GROWTH = 1.6;
/** Together some fifteen seconds: the server gives a silent client up then. */
const TRIES_MAX = 6;
/** Firefox gives up soon when ICE begins anew a second time; so many times that is only a reason for the next try. */
const GIVEN_UP_MAX = 4;
const GIVEN_UP_PAUSE_MS = 250;
/** While it is mended the path is asked so often whether it is back. */
const ASK_MS = 250;
/** What is played so soon after the loss was received before it. */
const PLAYED_LATE_MS = 200;

export class Mending {
  #path;
  #silence;
  #restart;
  #tries = 0;
  #givenUp = 0;
  #lostAt = 0;
  #timer = 0;
  #asking = 0;
  #asked = 0;

  /**
   * @param {import('./path.js').Path} path
   * @param {import('./silence.js').Silence} silence
   * @param {(isFirst: boolean) => void} restart begins ICE anew
   */
  constructor(path, silence, restart) {
    this.#path = path;
    this.#silence = silence;
    this.#restart = restart;
  }

  /** The path may be lost: one message decides. */
  suspect() {
    if (this.#tries > 0 || this.#asked !== 0 || !this.#path.isOpen) return;
    const since = performance.now();
    this.#path.ping();
    this.#asked = setTimeout(() => {
      this.#asked = 0;
      if (!this.#isBack(since, 0)) this.lost();
    }, this.#path.patienceMs);
  }

  /** The path is lost, or the device has another network: at once. */
  lost() {
    clearTimeout(this.#asked);
    this.#asked = 0;
    clearTimeout(this.#timer);
    this.#lostAt = performance.now();
    this.#tries = this.#givenUp = 0;
    clearInterval(this.#asking);
    this.#asking = setInterval(() => this.#path.ping(), ASK_MS);
    this.#try();
  }

  /**
   * The browser has given the path up.
   *
   * @returns {boolean} whether it is tried again; else a new connection is needed
   */
  failed() {
    this.#givenUp += 1;
    if (this.#tries === 0 || this.#givenUp > GIVEN_UP_MAX) return false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#try(), GIVEN_UP_PAUSE_MS * this.#givenUp);
    return true;
  }

  close() {
    clearTimeout(this.#asked);
    clearTimeout(this.#timer);
    clearInterval(this.#asking);
  }

  #try() {
    this.#tries += 1;
    this.#restart(this.#tries === 1);
    const isDirect = this.#tries === 1;
    const pause = isDirect ? Math.max(DIRECT_MS_MAX, this.#path.patienceMs) : PAUSE_MS * GROWTH ** (this.#tries - 2);
    this.#timer = setTimeout(() => this.#judge(), pause);
  }

  #judge() {
    if (!this.#isBack(this.#lostAt, PLAYED_LATE_MS) && this.#tries < TRIES_MAX) {
      this.#try();
      return;
    }
    this.#tries = 0;
    clearInterval(this.#asking);
  }

  /**
   * Whether a message that left since then came back, or anything else has come.
   *
   * @param {number} since
   * @param {number} slackMs so much later for what is played
   */
  #isBack(since, slackMs) {
    return this.#path.provenAt >= since || this.#silence.heardAt > since + slackMs;
  }
}
