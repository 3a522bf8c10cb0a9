/**
 * The socket to the server: typed messages both ways, kept up by itself.
 *
 * A lost socket is opened again, at first at once and then after growing, bounded pauses, and `hello` is said
 * anew; what the server answers to it restores the rest. A socket that may be dead is not waited for: another is
 * opened beside it. It never touches media: see `peer.js`.
 */

import { Emitter } from './emitter.js';
import { onNetwork } from './network.js';

/** @typedef {import('./protocol').ClientMessage} ClientMessage */
/** @typedef {import('./protocol').ServerMessage} ServerMessage */
/** @typedef {import('./protocol').Page} Page */
/**
 * The server's message of one type.
 * @template {ServerMessage['type']} Type
 * @typedef {Extract<ServerMessage, { type: Type }>} Message
 */
/** @typedef {{ [Type in ServerMessage['type']]: Message<Type> }} Messages */
/**
 * `open`: `hello` was said on a new socket, by `true` to another server than before · `up`: the server said `welcome` · `down`: the socket
 * was lost and will be opened again · `refused`: it will not, with the server's last error code.
 * @typedef {Messages & { open: boolean, up: null, down: null, refused: string }} SignalingEvents
 */

const SUBPROTOCOL = 'sachivalaya.v1';
const VERSION = 1;
/** Where a tab keeps the newest token of a place. */
const KEPT = 'resume:';
/** Pauses between tries: short ones while a server may just be starting again, longer ones when that takes a minute. */
const PAUSE_MS_MIN = 50;
const PAUSE_MS_MAX = 1_000;
const PAUSE_MS_LATER = 5_000;
const LATER_MS = 60_000;
/** A socket that does not open by then is tried anew. */
const OPEN_MS_MAX = 10_000;
/** A socket that was welcome for so long begins with short pauses again. */
const STEADY_MS = 5_000;
const HEARTBEAT_MS = 10_000;
/** The same while nothing is going on; before the server would ask. */
const HEARTBEAT_MS_IDLE = 18_000;
const PONG_MS_MAX = 5_000;
/** Closing codes after which coming back would only be refused again (`PROTOCOL.md`, Errors). */
const CLOSE_FINAL = [1000, 1002, 1003, 1008, 1009, 4001];
/** Of those, what a new socket cures. */
const CODES_PASSING = ['silent', 'too_slow', 'too_fast'];
/** The page is shut or loaded anew. Chromium only breaks its sockets off then, which looks like a lost line. */
const CLOSE_SHUT = 4002;
/** The server goes, and nothing that it held is left. */
const CLOSE_GOING_AWAY = 1001;

/** @extends {Emitter<SignalingEvents>} */
export class Signaling extends Emitter {
  #page;
  #key;
  /** With this the page comes back to its place. */
  #resume;
  /** @type {WebSocket | null} */
  #socket = null;
  /** One that is opened beside it. @type {WebSocket | null} */
  #next = null;
  #isWanted = false;
  #isWelcome = false;
  #isIdle = false;
  #lastError = '';
  #attempts = 0;
  #lostAt = 0;
  #welcomeAt = Infinity;
  #isServerGone = false;
  /** What the next socket says with its opening. */
  #first = '';
  /** The socket that said it so. @type {WebSocket | null} */
  #primed = null;
  #beats = 0;
  #retry = 0;
  #beat = 0;
  #pong = 0;

  /**
   * @param {Page} page what this page is, said in each `hello`
   * @param {string} [resume] the token that the page was rendered with
   */
  constructor(page, resume = '') {
    super();
    this.#page = page;
    this.#key = `${KEPT}${JSON.stringify(page)}`;
    this.#resume = resume === '' ? kept(this.#key) : resume;
    this.on('welcome', (welcome) => {
      this.#keep(welcome.resume);
      this.#welcomed();
    });
    for (const newer of /** @type {const} */ (['admitted', 'sealed'])) this.on(newer, ({ resume }) => this.#keep(resume));
    for (const over of /** @type {const} */ (['denied', 'meeting_ended'])) this.on(over, () => this.#forget());
    this.on('error', (error) => {
      this.#lastError = error.code;
    });
    this.on('pong', () => clearTimeout(this.#pong));
    onNetwork({ moved: () => this.renew(), changed: () => this.#isWelcome && this.#heartbeat() });
    document.addEventListener('visibilitychange', () => this.#seen());
    addEventListener('pagehide', () => this.#socket?.close(CLOSE_SHUT));
  }

  /** Whether the server has said `welcome` on the present socket. */
  get isUp() {
    return this.#isWelcome;
  }

  /** Whether the present socket has said what it was primed with. */
  get isPrimed() {
    return this.#socket !== null && this.#socket === this.#primed;
  }

  /**
   * Lets the next socket say this with its opening.
   *
   * @param {string} first `hello` and what follows it, packed; empty: nothing, it says them when it is open
   */
  prime(first) {
    this.#first = first;
  }

  /** The first message where it stands in the socket's address, which others may write down: without the token. */
  get greeting() {
    return /** @type {const} */ ({ type: 'hello', version: VERSION, page: this.#page });
  }

  /** Opens the socket and keeps it open until `stop`. */
  start() {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.#open();
  }

  /** Closes the socket for good. */
  stop() {
    this.#isWanted = false;
    clearTimeout(this.#retry);
    this.#close();
  }

  /**
   * Sends a message if the socket is up. What is lost meanwhile is not repeated: after a new
   * `welcome` each part says its own state again.
   *
   * @param {ClientMessage} message
   * @returns {boolean} whether it was sent
   */
  send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /**
   * Opens another socket beside one that may be dead, or at once where there is none. The server gives the place to
   * the newer one.
   */
  renew() {
    if (!this.#isWanted) return;
    if (this.#socket?.readyState !== WebSocket.OPEN) {
      // What has not opened yet was begun on the network before.
      this.#close();
      this.#retryNow();
    } else if (this.#next === null) this.#next = this.#begin();
  }

  #open() {
    this.#socket = this.#begin();
  }

  /** @returns {WebSocket} that takes the place of the present one when it opens */
  #begin() {
    const address = new URL('/signal', location.href);
    address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    if (this.#first !== '') address.searchParams.set('first', this.#first);
    const socket = new WebSocket(address, SUBPROTOCOL);
    if (this.#first !== '') this.#primed = socket;
    this.#first = '';
    const late = setTimeout(() => socket.close(), OPEN_MS_MAX);
    socket.addEventListener('open', () => {
      clearTimeout(late);
      if (socket === this.#next) this.#change();
      if (socket !== this.#socket) return;
      this.#lastError = '';
      if (!this.isPrimed) this.send({ ...this.greeting, ...(this.#resume === '' ? {} : { resume: this.#resume }) });
      this.#expectPong();
      const isOther = this.#isServerGone;
      this.#isServerGone = false;
      this.emit('open', isOther);
    });
    socket.addEventListener('message', (event) => {
      if (socket === this.#socket) this.#receive(event.data);
    });
    socket.addEventListener('close', (event) => {
      clearTimeout(late);
      if (socket === this.#next) this.#next = null;
      if (socket === this.#socket) this.#closed(event);
    });
    return socket;
  }

  /** The newer socket is open: the older one is left. */
  #change() {
    const next = this.#next;
    this.#next = null;
    this.#close();
    this.#socket = next;
  }

  /** @param {unknown} data */
  #receive(data) {
    /** @type {ServerMessage} */
    const message = JSON.parse(String(data));
    this.emit(message.type, /** @type {any} */ (message));
  }

  /** @param {string | undefined} resume a newer token, if one came */
  #keep(resume) {
    if (resume === undefined) return;
    this.#resume = resume;
    keep(this.#key, resume);
  }

  /** The place is no more. */
  #forget() {
    this.#resume = '';
    keep(this.#key, '');
  }

  #welcomed() {
    clearTimeout(this.#pong);
    this.#isWelcome = true;
    this.#welcomeAt = performance.now();
    this.#beatOn();
    this.emit('up', null);
  }

  /** @param {boolean} isIdle nothing is going on: a dead path may be found a little later */
  idle(isIdle) {
    this.#isIdle = isIdle;
    if (this.#isWelcome) this.#beatOn();
  }

  #beatOn() {
    clearInterval(this.#beat);
    this.#beat = setInterval(() => this.#heartbeat(), this.#isIdle ? HEARTBEAT_MS_IDLE : HEARTBEAT_MS);
  }

  /** Finds a dead path that TCP would keep for minutes: no `pong` in time closes the socket. */
  #heartbeat() {
    this.#beats += 1;
    if (this.send({ type: 'ping', n: this.#beats })) this.#expectPong();
  }

  #expectPong() {
    clearTimeout(this.#pong);
    const socket = this.#socket;
    this.#pong = setTimeout(() => {
      if (socket === null || socket !== this.#socket) return;
      this.#close();
      this.#lost();
    }, PONG_MS_MAX);
  }

  /** @param {CloseEvent} event */
  #closed(event) {
    // Whoever greeted without the token has not shown all there is.
    const hasMore = this.isPrimed && this.#lastError === 'sign_in_needed' && this.#resume !== '';
    const isFinal = CLOSE_FINAL.includes(event.code) && !CODES_PASSING.includes(this.#lastError) && !hasMore;
    this.#isServerGone ||= event.code === CLOSE_GOING_AWAY;
    if (!isFinal && this.#next !== null) {
      // The newer one is on its way already.
      this.#socket = this.#next;
      this.#next = null;
      this.#isWelcome = false;
      this.emit('down', null);
      return;
    }
    this.#close();
    if (!isFinal || !this.#isWanted) {
      this.#lost();
      return;
    }
    this.#isWanted = false;
    if (this.#lastError === 'session_ended') this.#forget();
    this.emit('refused', this.#lastError);
  }

  #close() {
    clearInterval(this.#beat);
    clearTimeout(this.#pong);
    const socket = this.#socket;
    const next = this.#next;
    this.#socket = this.#next = null;
    this.#isWelcome = false;
    socket?.close();
    next?.close();
  }

  #lost() {
    if (!this.#isWanted) return;
    if (performance.now() - this.#welcomeAt > STEADY_MS) this.#attempts = this.#lostAt = 0;
    this.#welcomeAt = Infinity;
    if (this.#lostAt === 0) this.#lostAt = performance.now();
    this.emit('down', null);
    // Chance keeps a thousand pages from coming back in the same instant.
    this.#retry = setTimeout(() => this.#open(), this.#pause() * (0.5 + Math.random() / 2));
    this.#attempts += 1;
  }

  /** How long to wait before the next try, at most. */
  #pause() {
    const most = performance.now() - this.#lostAt < LATER_MS ? PAUSE_MS_MAX : PAUSE_MS_LATER;
    return Math.min(most, PAUSE_MS_MIN * 2 ** Math.min(this.#attempts, 10));
  }

  /** A phone that slept: its socket may be dead without knowing it. */
  #seen() {
    if (document.visibilityState !== 'visible') return;
    this.#retryNow();
    if (this.#isWelcome) this.#heartbeat();
  }

  #retryNow() {
    if (!this.#isWanted || this.#socket !== null) return;
    clearTimeout(this.#retry);
    this.#open();
  }
}

/** @param {string} key */
function kept(key) {
  try {
    return sessionStorage.getItem(key) ?? '';
  } catch {
    return '';
  }
}

/**
 * @param {string} key
 * @param {string} resume empty to forget it
 */
function keep(key, resume) {
  try {
    if (resume === '') sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, resume);
  } catch {
    // The page may keep nothing beyond itself.
  }
}
