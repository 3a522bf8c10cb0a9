/**
 * The socket to the server: typed messages both ways, kept up by itself.
 *
 * A lost socket is opened again after a growing, bounded pause, and `hello` is said anew; what the
 * server answers to it restores the rest. It never touches media: see `peer.js`.
 */

import { Emitter } from './emitter.js';

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
 * `open`: `hello` was said on a new socket · `up`: the server said `welcome` · `down`: the socket
 * was lost and will be opened again · `refused`: it will not, with the server's last error code.
 * @typedef {Messages & { open: null, up: null, down: null, refused: string }} SignalingEvents
 */

const SUBPROTOCOL = 'sachivalaya.v1';
const VERSION = 1;
const PAUSE_MS_MIN = 250;
const PAUSE_MS_MAX = 5_000;
const HEARTBEAT_MS = 10_000;
const PONG_MS_MAX = 5_000;
/** Closing codes after which coming back would only be refused again (`PROTOCOL.md`, Errors). */
const CLOSE_FINAL = [1000, 1002, 1003, 1008, 1009, 4001];
/** Of those, what a new socket cures. */
const CODES_PASSING = ['silent', 'too_slow', 'too_fast'];

/** @extends {Emitter<SignalingEvents>} */
export class Signaling extends Emitter {
  #page;
  /** @type {WebSocket | null} */
  #socket = null;
  #isWanted = false;
  #isWelcome = false;
  #lastError = '';
  #attempts = 0;
  #beats = 0;
  #retry = 0;
  #beat = 0;
  #pong = 0;

  /** @param {Page} page what this page is, said in each `hello` */
  constructor(page) {
    super();
    this.#page = page;
    this.on('welcome', () => this.#welcomed());
    this.on('error', (error) => {
      this.#lastError = error.code;
    });
    this.on('pong', () => clearTimeout(this.#pong));
    addEventListener('online', () => this.#retryNow());
    document.addEventListener('visibilitychange', () => this.#seen());
  }

  /** Whether the server has said `welcome` on the present socket. */
  get isUp() {
    return this.#isWelcome;
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

  #open() {
    const address = new URL('/signal', location.href);
    address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(address, SUBPROTOCOL);
    this.#socket = socket;
    this.#lastError = '';
    socket.addEventListener('open', () => {
      this.send({ type: 'hello', version: VERSION, page: this.#page });
      this.#expectPong();
      this.emit('open', null);
    });
    socket.addEventListener('message', (event) => this.#receive(event.data));
    socket.addEventListener('close', (event) => {
      if (socket === this.#socket) this.#closed(event);
    });
  }

  /** @param {unknown} data */
  #receive(data) {
    /** @type {ServerMessage} */
    const message = JSON.parse(String(data));
    this.emit(message.type, /** @type {any} */ (message));
  }

  #welcomed() {
    clearTimeout(this.#pong);
    this.#isWelcome = true;
    this.#attempts = 0;
    clearInterval(this.#beat);
    this.#beat = setInterval(() => this.#heartbeat(), HEARTBEAT_MS);
    this.emit('up', null);
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
    this.#close();
    const isFinal = CLOSE_FINAL.includes(event.code) && !CODES_PASSING.includes(this.#lastError);
    if (!isFinal || !this.#isWanted) {
      this.#lost();
      return;
    }
    this.#isWanted = false;
    this.emit('refused', this.#lastError);
  }

  #close() {
    clearInterval(this.#beat);
    clearTimeout(this.#pong);
    const socket = this.#socket;
    this.#socket = null;
    this.#isWelcome = false;
    socket?.close();
  }

  #lost() {
    if (!this.#isWanted) return;
    this.emit('down', null);
    const pause = Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** this.#attempts);
    this.#attempts = Math.min(this.#attempts + 1, 8);
    // A little chance keeps a thousand pages from coming back in the same instant.
    this.#retry = setTimeout(() => this.#open(), pause * (0.75 + Math.random() / 2));
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
