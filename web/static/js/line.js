/**
 * The line: the socket and the media connection as one thing that is kept up.
 *
 * The connection is offered in the same breath as `hello`. A socket that comes back goes on with the
 * connection if the server still holds it; a connection whose path is lost begins ICE anew, and one that
 * breaks is made anew over the same socket with the same tracks. What is attached is decided by the
 * parts, never here.
 */

import { Emitter } from './emitter.js';
import { onNetwork } from './network.js';
import { pack } from './overture.js';
import { FEW, Peer } from './peer.js';
import { SAMPLE_MS, Sampler } from './quality.js';
import { Relays } from './relays.js';
import { Signaling } from './signaling.js';
import { Uplink } from './uplink.js';

/** @typedef {import('./peer.js').Slot} Slot */
/** @typedef {import('./peer.js').Quality} Quality */
/** @typedef {import('./peer.js').Part} Part */
/**
 * `slots`: a new connection's receiving lines, all empty · `up`, `down`: socket and media together ·
 * `refused`: the server does not want this page back, with its reason.
 * @typedef {{ slots: Slot[], up: null, down: null, quality: Quality, refused: string }} LineEvents
 */

/** A connection that broke is made anew after a moment, and after a longer one when that did not help. */
const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 2_000;
/** A connection that is not up by then is given up, and the person is told. */
const CONNECT_MS_MAX = 10_000;
/** A socket that leaves a question open for so long, or for two round trips, may be dead like the path. */
const ANSWER_MS_MIN = 150;
const PARTS = /** @type {const} */ (['audio', 'video', 'screen']);

/** @extends {Emitter<LineEvents>} */
export class Line extends Emitter {
  #signaling;
  /** @type {Peer | null} */
  #peer = null;
  /** @type {Record<Part, MediaStreamTrack | null>} */
  #tracks = { audio: null, video: null, screen: null };
  /** @type {'idle' | 'busy'} */
  #pace = 'idle';
  #isIdle = false;
  #isPeerUp = false;
  #isAwaited = false;
  /** @type {'up' | 'down' | null} what was told last; nothing before the first outcome */
  #told = null;
  /** A connection whose offer was made before it is needed. @type {Peer | null} */
  #spare = null;
  /** The spare one whose offer the next socket brings along. @type {Peer | null} */
  #primed = null;
  /** Whether this socket has carried an offer. */
  #isOffered = false;
  #retry = 0;
  #retries = 0;
  #patience = 0;
  #sampler = new Sampler();
  #uplink = new Uplink();
  #relays;
  #isBegun = false;
  /** The ICE name that this socket was told and has not answered; empty when there is none. */
  #asked = '';
  #unanswered = 0;
  /** @type {import('./peer.js').Seal | null} */
  #seal = null;
  /** No connection is made: what it would carry may not go as it is. */
  #isHeld = false;
  /** No track goes onto a connection that is not sealed. */
  #isLocked = false;
  #lines;

  /**
   * @param {import('./protocol').Page} page
   * @param {HTMLElement} root of the page; has the relays, if there are any
   * @param {import('./peer.js').Lines} [lines] what its connections can receive
   */
  constructor(page, root, lines = FEW) {
    super();
    this.#lines = lines;
    this.#relays = new Relays(root.dataset.relays);
    this.#signaling = new Signaling(page, root.dataset.resume ?? '');
    this.#signaling.on('open', (isOther) => this.#opened(isOther));
    this.#signaling.on('welcome', (welcome) => this.#welcomed(welcome.connected));
    this.#signaling.on('answer', (answer) => this.#answered(answer.sdp));
    this.#signaling.on('ice_restarted', (names) => this.#named(names));
    this.#signaling.on('layers', (layers) => this.#peer?.want(layers.mid, layers.rids));
    this.#signaling.on('error', (error) => this.#failed(error));
    this.#signaling.on('down', () => this.#lost());
    this.#signaling.on('refused', (reason) => this.emit('refused', reason));
    setInterval(() => this.#tellQuality(), SAMPLE_MS);
    onNetwork({ moved: () => this.#peer?.moved(), changed: () => this.#peer?.suspect() });
  }

  /** The messages of the server. */
  get signaling() {
    return this.#signaling;
  }

  /** The present media connection, if there is one. */
  get peer() {
    return this.#peer;
  }

  /** Makes the first connection and its offer ahead of time; nothing is sent before `start`. */
  prepare() {
    if (this.#spare !== null || this.#isHeld) return;
    const spare = new Peer(this.#uplink, this.#relays, this.#seal, this.#lines);
    this.#spare = spare;
    this.#prime(spare);
  }

  /** Finds out, while there is time, whether the connection will need relays: then it begins with them. */
  async foresee() {
    if (!(await this.#relays.foresee())) return;
    if (this.#isBegun) {
      // Its offer may be on its way, and stays as it is.
      this.#peer?.hurry();
      return;
    }
    this.#discard();
    this.prepare();
  }

  /**
   * Lets the next socket bring the offer along.
   *
   * @param {Peer} spare
   */
  async #prime(spare) {
    const sdp = await spare.offer();
    const first = await pack([this.#signaling.greeting, { type: 'connect', sdp }]);
    // A connection that the server may still hold must not be replaced unasked.
    if (spare !== this.#spare || this.#peer !== null) return;
    this.#primed = spare;
    this.#signaling.prime(first);
  }

  /** Nothing goes out but sealed from this moment on. The connection stays, for the server must still know this page to be there. */
  lock() {
    this.#isLocked = true;
    this.#putTracks();
  }

  /** What is attached goes out as it is again; a connection that was sealed is left for a new one, for its lines stay sealed. */
  unlock() {
    const isOther = this.#seal !== null || this.#isHeld;
    this.#isLocked = this.#isHeld = false;
    this.#seal = null;
    if (isOther) {
      this.#discard();
      this.#drop();
      this.#signaling.renew();
    } else this.#putTracks();
  }

  /** @param {Part} part @returns {MediaStreamTrack | null} what of it may go out on a connection that is made now */
  #allowed(part) {
    return this.#isLocked && this.#seal === null ? null : this.#tracks[part];
  }

  #putTracks() {
    for (const part of PARTS) this.#peer?.attach(part, this.#allowed(part));
  }

  /** Nothing goes out from now on, until there is something to seal it with. */
  hold() {
    this.#isHeld = true;
    this.#discard();
    this.#drop();
  }

  /**
   * Everything goes out sealed from now on, on a new connection and a new socket, so that no answer of before is taken for one of
   * now.
   *
   * @param {import('./peer.js').Seal} seal
   */
  seal(seal) {
    this.#seal = seal;
    this.#isHeld = false;
    this.#signaling.renew();
  }

  start() {
    this.#isBegun = true;
    this.#signaling.start();
  }

  /** Ends socket and media; the tracks stay with whoever opened them. */
  stop() {
    this.#isBegun = false;
    clearTimeout(this.#retry);
    clearTimeout(this.#unanswered);
    this.#signaling.stop();
    this.#drop();
    this.#told = null;
  }

  /** @param {import('./protocol').ClientMessage} message */
  send(message) {
    return this.#signaling.send(message);
  }

  /**
   * Sends this track from now on, on this connection and on those that replace it.
   *
   * @param {Part} part
   * @param {MediaStreamTrack | null} track
   */
  async attach(part, track) {
    this.#tracks[part] = track;
    await this.#peer?.attach(part, this.#allowed(part));
  }

  /**
   * Prepares for a camera that may soon be attached. Nothing of it is sent.
   *
   * @param {MediaStreamTrack | null} track
   */
  expect(track) {
    (this.#peer ?? this.#spare)?.expect(track);
  }

  /** @param {boolean} isAwaited somebody will look at the camera in a moment */
  await(isAwaited) {
    this.#isAwaited = isAwaited;
    this.#peer?.await(isAwaited);
  }

  /** @param {'idle' | 'busy'} pace */
  watch(pace) {
    this.#pace = pace;
    this.#peer?.watch(pace);
  }

  /** @param {boolean} isIdle nobody can be seen here for now */
  idle(isIdle) {
    this.#isIdle = isIdle;
    this.#signaling.idle(isIdle);
    this.#peer?.idle(isIdle);
  }

  /** While a talk is on, the server hears how it looks and sounds here. */
  async #tellQuality() {
    const peer = this.#peer;
    if (this.#pace !== 'busy' || peer === null || this.#told !== 'up') return;
    const seen = this.#sampler.sample(await peer.statistics());
    if (peer === this.#peer && this.#signaling.isUp) this.send({ type: 'quality', ...seen });
  }

  /** @param {boolean} isOther another server than before, which holds nothing of ours */
  #opened(isOther) {
    this.#isOffered = false;
    this.#asked = '';
    if (isOther || !this.#isPeerUp) this.#connect();
    else this.#ask();
  }

  /** A lost socket: the server may have lost the connection as well, so the next one is made ready. */
  #lost() {
    this.#tell('down');
    this.prepare();
  }

  /** Tells the server our newest ICE name, one question at a time. */
  #ask() {
    const name = this.#peer?.name ?? '';
    if (name === '' || this.#asked !== '') return;
    // A socket that is not there tells it when it comes; one that does not answer is not waited for.
    if (this.send({ type: 'restart_ice', ufrag: name })) this.#asked = name;
    clearTimeout(this.#unanswered);
    const wait = Math.max(ANSWER_MS_MIN, this.#peer?.patienceMs ?? 0);
    this.#unanswered = setTimeout(() => this.#signaling.renew(), wait);
  }

  /** @param {import('./signaling.js').Message<'ice_restarted'>} names */
  async #named(names) {
    clearTimeout(this.#unanswered);
    const asked = this.#asked;
    this.#asked = '';
    await this.#peer?.renamed(asked, names);
    this.#ask();
  }

  /** @param {boolean} isHeld the server still holds the transport of the socket before */
  #welcomed(isHeld) {
    if (!this.#isOffered && !isHeld) this.#connect();
    if (this.#isPeerUp || this.#isOffered) this.#discard();
    this.#judge();
  }

  /** @param {import('./signaling.js').Message<'error'>} error */
  #failed(error) {
    if (error.about === 'restart_ice') {
      // There is no such connection, which `welcome` says as well, or no room: the next try asks again.
      clearTimeout(this.#unanswered);
      this.#asked = '';
    }
    const isAboutMedia = error.code === 'transport_lost' || error.about === 'connect';
    if (isAboutMedia && this.#peer !== null) this.#again(this.#peer);
  }

  async #connect() {
    clearTimeout(this.#retry);
    this.#drop();
    if (this.#isHeld) return;
    this.#isOffered = true;
    const peer = this.#spare ?? new Peer(this.#uplink, this.#relays, this.#seal, this.#lines);
    const isSaid = this.#signaling.isPrimed && peer === this.#primed;
    this.#spare = null;
    this.#primed = null;
    this.#signaling.prime('');
    this.#peer = peer;
    this.#sampler = new Sampler();
    peer.watch(this.#pace);
    peer.idle(this.#isIdle);
    peer.await(this.#isAwaited);
    peer.on('quality', (quality) => this.emit('quality', quality));
    peer.on('up', () => {
      this.#isPeerUp = true;
      this.#retries = 0;
      clearTimeout(this.#patience);
      this.#judge();
    });
    peer.on('down', () => this.#again(peer));
    peer.on('restart', () => peer === this.#peer && this.#ask());
    this.#patience = setTimeout(() => this.#giveUp(peer), CONNECT_MS_MAX);
    await Promise.all(PARTS.map((part) => peer.attach(part, this.#allowed(part))));
    const sdp = await peer.offer();
    if (peer === this.#peer && !isSaid) this.send({ type: 'connect', sdp });
  }

  /** @param {string} sdp */
  async #answered(sdp) {
    const peer = this.#peer;
    if (peer === null) return;
    const slots = await peer.accept(sdp);
    if (peer === this.#peer) this.emit('slots', slots);
  }

  /** @param {Peer} peer the connection that broke */
  #again(peer) {
    if (peer !== this.#peer) return;
    this.#isPeerUp = false;
    this.#judge();
    // Without a socket the next one makes the new connection.
    clearTimeout(this.#retry);
    if (!this.#signaling.isUp) return;
    const pause = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 3 ** this.#retries);
    this.#retries += 1;
    this.#retry = setTimeout(() => this.#connect(), pause * Math.random());
  }

  /** @param {Peer} peer */
  #giveUp(peer) {
    if (peer !== this.#peer || this.#isPeerUp) return;
    this.#tell('down');
    this.#again(peer);
  }

  /** The connection that was made ready is not needed. */
  #discard() {
    this.#spare?.close();
    this.#spare = null;
    this.#primed = null;
    this.#signaling.prime('');
  }

  #drop() {
    clearTimeout(this.#patience);
    clearTimeout(this.#unanswered);
    this.#asked = '';
    this.#peer?.close();
    this.#peer = null;
    this.#isPeerUp = false;
  }

  #judge() {
    if (this.#signaling.isUp && (this.#isPeerUp || this.#isHeld)) this.#tell('up');
    else if (this.#told === 'up') this.#tell('down');
  }

  /** @param {'up' | 'down'} state told once each time it changes */
  #tell(state) {
    if (state === this.#told) return;
    this.#told = state;
    this.emit(state, null);
  }
}
