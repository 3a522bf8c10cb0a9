/**
 * A seat of the hotline: its warm line, and the one ring or call that it may be in.
 *
 * Consent is here and in the SFU: until the person accepts or rings, no track of this seat is
 * attached to its connection. At a ring the devices are opened for this screen alone.
 */

import { Controls } from './controls.js';
import { Devices } from './devices.js';
import { Emitter } from './emitter.js';
import { Line } from './line.js';
import { optionalPart, part } from './part.js';
import { troubleInWords } from './preview.js';
import { Ring, unlock } from './sound.js';
import { Stage } from './stage.js';
import { PageState } from './state.js';
import { inLanguage, word } from './words.js';

/** @typedef {import('./protocol').DeclineReason} DeclineReason */
/** @typedef {{ post: string, title: { hi: string, en: string } }} Other the seat at the other end */
/**
 * `idle` → `ringing` (we ring) or `incoming` (we are rung) → `in-call` → `idle`.
 * @typedef {{ name: 'idle' } | { name: 'ringing' | 'incoming' | 'in-call', call: string, other: Other }} Talk
 */
/** @typedef {{ idle: null }} SeatEvents `idle`: a talk is over and the devices are stopped */

const RESULT_MS = 8_000;
/** After `welcome` the server names the call that this seat is in; silence means that it is over. */
const CALL_NAMED_MS_MAX = 1_500;

/** @extends {Emitter<SeatEvents>} */
export class Seat extends Emitter {
  #root;
  #state;
  #devices = new Devices();
  #line;
  #stage;
  #controls;
  #ring = new Ring();
  /** @type {Talk} */
  #talk = { name: 'idle' };
  #pageTitle = document.title;
  #resultTimer = 0;
  #namedTimer = 0;

  /**
   * @param {HTMLElement} root
   * @param {'board' | 'chamber'} kind
   */
  constructor(root, kind) {
    super();
    this.#root = root;
    this.#state = new PageState(root);
    this.#line = new Line({ kind }, root);
    this.#stage = new Stage(root, part(root, 'stage', HTMLElement), this.#devices.choice.speaker);
    this.#controls = new Controls(root, this.#line, this.#devices);
    this.#listenToServer();
    this.#listenToPerson();
    this.#show();
  }

  get line() {
    return this.#line;
  }

  get state() {
    return this.#state;
  }

  /** Whether the seat is free to ring somebody. */
  get isIdle() {
    return this.#talk.name === 'idle';
  }

  start() {
    this.#line.start();
  }

  /**
   * Rings another seat at once; the devices open meanwhile. The way is open before the first picture leaves, so
   * that picture is the one that the other side sees.
   *
   * @param {Other} other
   */
  async ring(other) {
    if (!this.isIdle) return;
    unlock();
    this.#become({ name: 'ringing', call: '', other });
    if (!this.#line.send({ type: 'ring', post: other.post })) {
      this.#finish(word('live-js-line-down'));
      return;
    }
    await this.#devices.openBoth();
    // Whoever rings or is in a call has consented; whoever is rung meanwhile has not.
    if (this.#talk.name === 'ringing' || this.#talk.name === 'in-call') await this.#attach();
    else this.#stopIfIdle();
  }

  #listenToServer() {
    const { signaling } = this.#line;
    signaling.on('welcome', (welcome) => this.#welcomed(welcome.connected));
    signaling.on('incoming', (ring) => this.#incoming(ring.call, ring.caller));
    signaling.on('call', (call) => this.#callChanged(call));
    signaling.on('answer', () => this.#stage.clear());
    signaling.on('slot', (slot) => this.#stage.put(slot));
    signaling.on('loudest', (loudest) => this.#stage.speaks(loudest.participant));
    this.#stage.on('views', (views) => this.#line.send({ type: 'set_views', views }));
    signaling.on('participants', (message) => this.#nameOthers(message.participants));
    signaling.on('error', (error) => this.#failed(error));
    this.#line.on('slots', (slots) => this.#stage.use(slots));
    this.#line.on('up', () => this.#tellLine('up'));
    this.#line.on('down', () => this.#tellLine('down'));
    this.#line.on('quality', (quality) => {
      document.documentElement.dataset.quality = quality;
      part(this.#root, 'quality-text', HTMLElement).textContent = word(`live-js-quality-${quality}`);
    });
    this.#line.on('refused', (code) => this.#refused(code));
  }

  #listenToPerson() {
    this.#on('accept', () => this.#accept());
    this.#on('later', () => this.#decline('later'));
    this.#on('telephone', () => this.#decline('telephone'));
    this.#on('cancel', () => this.#cancel());
    this.#on('end', () => this.#hangUp());
    const overlay = part(this.#root, 'unlock', HTMLElement);
    this.#stage.on('blocked', () => {
      // Before the accept tap nothing needs to sound, and that tap lifts the refusal by itself.
      overlay.hidden = this.#talk.name !== 'in-call';
    });
    this.#on('unlock-button', () => {
      overlay.hidden = true;
      unlock();
      this.#stage.play();
    });
    this.#controls.on('changed', (tracks) => this.#line.send({ type: 'set_tracks', ...tracks }));
    this.#controls.on('trouble', () => this.#tellTrouble());
    addEventListener('pagehide', () => this.#devices.stopAll());
  }

  /**
   * @param {string} name
   * @param {() => void} act
   */
  #on(name, act) {
    optionalPart(this.#root, name, HTMLButtonElement)?.addEventListener('click', act);
  }

  /**
   * A new socket: the slots are told again, and so is a call that is still on.
   *
   * @param {boolean} isHeld the server still holds the connection, so that what is seen stays
   */
  #welcomed(isHeld) {
    if (!isHeld) this.#stage.clear();
    clearTimeout(this.#namedTimer);
    if (this.isIdle) return;
    this.#namedTimer = setTimeout(() => this.#finish(word('live-js-call-lost')), CALL_NAMED_MS_MAX);
  }

  /**
   * @param {string} call
   * @param {Other} other
   */
  async #incoming(call, other) {
    clearTimeout(this.#namedTimer);
    if (this.#talk.name === 'incoming' && this.#talk.call === call) return;
    // Two seats rang each other: the server let the other ring stand.
    if (this.#talk.name !== 'idle') await this.#controls.detach();
    this.#become({ name: 'incoming', call, other });
    await this.#devices.openBoth();
    if (this.#isStill('incoming', call)) {
      this.#controls.show();
      this.#line.expect(this.#devices.track('video'));
    }
    // Accepted while the browser was still opening them: they belong onto the line now.
    else if (this.#isStill('in-call', call)) await this.#attach();
    else this.#stopIfIdle();
  }

  /** The talk for which the devices were opened is over; another one may need them by now. */
  #stopIfIdle() {
    if (this.isIdle) this.#devices.stopAll();
  }

  /** The tap that lets the caller see and hear this chamber. Nothing else attaches at this side. */
  async #accept() {
    if (this.#talk.name !== 'incoming') return;
    const { call, other } = this.#talk;
    unlock();
    const attached = this.#attach();
    this.#line.send({ type: 'accept_ring', call });
    this.#become({ name: 'in-call', call, other });
    await attached;
  }

  async #attach() {
    await this.#controls.attach();
    this.#tellTrouble();
    this.#line.send({ type: 'set_tracks', microphone: this.#controls.microphone, camera: this.#controls.camera });
  }

  /** @param {DeclineReason} reason */
  #decline(reason) {
    if (this.#talk.name !== 'incoming') return;
    this.#line.send({ type: 'decline_ring', call: this.#talk.call, reason });
    this.#finish('');
  }

  #cancel() {
    if (this.#talk.name !== 'ringing') return;
    if (this.#talk.call !== '') this.#line.send({ type: 'cancel_ring', call: this.#talk.call });
    this.#finish('');
  }

  #hangUp() {
    if (this.#talk.name !== 'in-call') return;
    this.#line.send({ type: 'hang_up', call: this.#talk.call });
    this.#finish(word('live-js-call-ended'));
  }

  /** @param {import('./signaling.js').Message<'call'>} message */
  #callChanged(message) {
    const { call, state, peer } = message;
    clearTimeout(this.#namedTimer);
    if (state === 'ringing') this.#rings(call, peer);
    else if (state === 'accepted') this.#accepted(call, peer);
    else if (this.#talk.name !== 'idle' && (this.#talk.call === call || this.#talk.call === ''))
      this.#finish(resultOf(message));
  }

  /**
   * @param {string} call
   * @param {Other} peer
   */
  #rings(call, peer) {
    if (this.#talk.name === 'incoming') return;
    // Cancelled before the server had given the call a name.
    if (this.#talk.name === 'idle') this.#line.send({ type: 'cancel_ring', call });
    else this.#become({ name: 'ringing', call, other: peer });
  }

  /**
   * @param {string} call
   * @param {Other} peer
   */
  #accepted(call, peer) {
    if (this.#talk.name === 'in-call') return;
    // After a reload in the middle of a call the camera stays off until its button is pressed.
    this.#become({ name: 'in-call', call, other: peer });
    this.#line.send({ type: 'set_tracks', microphone: this.#controls.microphone, camera: this.#controls.camera });
  }

  /** @param {import('./signaling.js').Message<'error'>} error */
  #failed(error) {
    const isOurs = ['ring', 'accept_ring', 'hang_up', 'cancel_ring'].includes(error.about ?? '');
    if (!isOurs || this.#talk.name === 'idle') return;
    this.#finish(word(error.code === 'connect_first' ? 'live-js-line-down' : 'live-js-ring-failed'));
  }

  /** @param {string} code */
  #refused(code) {
    this.#finish('');
    this.#line.stop();
    const text = word(code === 'replaced' ? 'live-js-refused-replaced' : 'live-js-refused');
    part(this.#root, 'refused-text', HTMLElement).textContent = text;
    document.documentElement.dataset.refused = code;
    this.#state.show('refused', text);
  }

  /** @param {import('./protocol').Participant[]} people */
  #nameOthers(people) {
    this.#stage.name(people);
  }

  /** @param {'up' | 'down'} line */
  #tellLine(line) {
    document.documentElement.dataset.line = line;
    part(this.#root, 'reconnecting', HTMLElement).hidden = line === 'up';
    if (line === 'down') this.#state.say(word('live-js-line-down'));
  }

  #tellTrouble() {
    const text = part(this.#root, 'trouble', HTMLElement);
    text.textContent = troubleInWords(this.#devices);
    text.hidden = text.textContent === '';
  }

  /**
   * @param {Talk['name']} name
   * @param {string} call
   */
  #isStill(name, call) {
    return this.#talk.name === name && (this.#talk.name === 'idle' || this.#talk.call === call);
  }

  /** @param {Talk} talk */
  #become(talk) {
    this.#talk = talk;
    this.#line.watch(talk.name === 'idle' ? 'idle' : 'busy');
    this.#ring.stop();
    if (talk.name === 'incoming') this.#ring.start('called');
    if (talk.name === 'ringing') this.#ring.start('caller');
    // The caller is seen at the ring and heard from the accept on.
    this.#stage.mute(talk.name === 'incoming');
    if (talk.name === 'in-call') this.#stage.play();
    if (talk.name !== 'idle') part(this.#root, 'result', HTMLElement).hidden = true;
    this.#show();
  }

  /**
   * Back to idle: devices stopped, nothing attached.
   *
   * @param {string} result what came of it, shown for a while
   */
  #finish(result) {
    this.#become({ name: 'idle' });
    this.#controls.detach();
    part(this.#root, 'unlock', HTMLElement).hidden = true;
    part(this.#root, 'trouble', HTMLElement).hidden = true;
    const shown = part(this.#root, 'result', HTMLElement);
    clearTimeout(this.#resultTimer);
    shown.textContent = result;
    shown.hidden = result === '';
    this.#resultTimer = setTimeout(() => (shown.hidden = true), RESULT_MS);
    if (result !== '') this.#state.say(result);
    this.emit('idle', null);
  }

  #show() {
    const talk = this.#talk;
    const post = talk.name === 'idle' ? '' : inLanguage(talk.other.title);
    part(this.#root, 'other', HTMLElement).textContent = post;
    part(this.#root, 'ringing-text', HTMLElement).textContent = post === '' ? '' : word('live-js-rings', { post });
    if (talk.name !== 'idle') this.#stage.name([{ participant: talk.other.post, title: talk.other.title, camera: true, microphone: true }]);
    document.title = talk.name === 'incoming' ? word('live-js-incoming', { post }) : this.#pageTitle;
    this.#state.show(talk.name, talk.name === 'idle' ? '' : word(SENTENCES[talk.name], { post }));
  }
}

const SENTENCES = { ringing: 'live-js-rings', incoming: 'live-js-incoming', 'in-call': 'live-js-in-call' };

/**
 * What came of a call, in words.
 *
 * @param {import('./signaling.js').Message<'call'>} message in a final state
 */
function resultOf(message) {
  const post = inLanguage(message.peer.title);
  if (message.state === 'declined') return word(`live-js-call-declined-${message.reason ?? 'busy'}`, { post });
  if (message.state === 'ended' && message.reason === 'lost') return word('live-js-call-lost');
  return word(`live-js-call-${message.state}`, { post });
}
