/**
 * Lets the receiving pictures of an idle seat rest. Chromium reports on each of them every second (RFC 3550 §6.4.2), also
 * where nothing has ever come: of all that an idle connection sends that is two thirds.
 *
 * Browser and page agree on it among themselves: the page answers its own offer with what the server has answered once and
 * for ever, in which these lines are inactive. The server is asked nothing; nobody sends into a line of an idle seat, and
 * whoever rings or is rung is awake before anybody can accept.
 */

/** A seat that talks again so soon is left as it is. */
const IDLE_MS = 5_000;

export class Rest {
  #connection;
  #answer;
  #mayRest;
  #isWanted = false;
  #isResting = false;
  #timer = 0;
  /** One description after the other. */
  #turn = Promise.resolve();

  /**
   * @param {RTCPeerConnection} connection
   * @param {() => string} answer the server's, by its newest names; empty before it came
   * @param {boolean} mayRest
   */
  constructor(connection, answer, mayRest) {
    this.#connection = connection;
    this.#answer = answer;
    this.#mayRest = mayRest;
  }

  /** @param {boolean} isWanted */
  want(isWanted) {
    if (this.#isWanted === isWanted) return;
    this.#isWanted = isWanted;
    clearTimeout(this.#timer);
    if (isWanted) this.#timer = setTimeout(() => this.settle(), IDLE_MS);
    else this.settle();
  }

  /** Brings the lines to where they are wanted, as soon as they may be changed. */
  settle() {
    return this.#next(() => this.#settle());
  }

  /** ICE begins anew: the offer for it, among the other descriptions. */
  restart() {
    return this.#next(async () => {
      this.#connection.restartIce();
      await this.#connection.setLocalDescription();
    });
  }

  /** The server has answered that with its new names. */
  answered() {
    return this.#next(async () => {
      if (this.#connection.signalingState === 'have-local-offer') await this.#accept();
      await this.#settle();
    });
  }

  close() {
    clearTimeout(this.#timer);
  }

  /** @param {() => Promise<void>} step */
  #next(step) {
    this.#turn = this.#turn.catch(() => {}).then(() => this.#connection.signalingState === 'closed' ? undefined : step());
    return this.#turn;
  }

  async #settle() {
    const isToRest = this.#isWanted && this.#mayRest;
    // While a restart is being answered there is an offer on its way: its answer comes here again.
    if (this.#answer() === '' || isToRest === this.#isResting || this.#connection.signalingState !== 'stable') return;
    for (const line of this.#pictures()) line.direction = isToRest ? 'inactive' : 'recvonly';
    this.#isResting = isToRest;
    await this.#connection.setLocalDescription();
    await this.#accept();
  }

  #accept() {
    const sdp = this.#isResting ? resting(this.#answer(), new Set(this.#pictures().map((line) => line.mid))) : this.#answer();
    return this.#connection.setRemoteDescription({ type: 'answer', sdp });
  }

  #pictures() {
    const isPicture = (/** @type {RTCRtpTransceiver} */ { receiver, direction }) =>
      receiver.track.kind === 'video' && (direction === 'recvonly' || direction === 'inactive');
    return this.#connection.getTransceivers().filter(isPicture);
  }
}

/**
 * The same answer, in which some lines are not used.
 *
 * @param {string} sdp
 * @param {ReadonlySet<string | null>} mids
 */
export function resting(sdp, mids) {
  const sections = sdp.split(/^(?=m=)/m);
  const isMeant = (/** @type {string} */ section) => mids.has(/^a=mid:(\S+)/m.exec(section)?.[1] ?? '');
  return sections.map((section) => (isMeant(section) ? section.replace(/^a=sendonly(?=\r?$)/m, 'a=inactive') : section)).join('');
}
