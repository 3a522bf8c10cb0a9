/**
 * A seat of the hotline: its warm line, the calls that it knows, and what the person does in them.
 *
 * Consent is in `calls.js` and in the SFU: until the person rings, accepts, comes back or goes on here, no track of this seat is
 * attached to its connection; but for whom he lets in by himself, see `auto_answer.js`. At a ring the devices are opened for this
 * screen alone.
 */

import { AutoAnswer } from './auto_answer.js';
import { BreakIn } from './break_in.js';
import { CallSealing, canSeal } from './call_sealing.js';
import { Calls } from './calls.js';
import { Controls } from './controls.js';
import { Devices } from './devices.js';
import { Directory } from './directory.js';
import { Emitter } from './emitter.js';
import { Line } from './line.js';
import { Members } from './members.js';
import { OwnMedia } from './own_media.js';
import { optionalPart, part } from './part.js';
import { Picking } from './picking.js';
import { Placing } from './placing.js';
import { ReadyCamera } from './ready_camera.js';
import { countsOf, resultOf } from './results.js';
import { ReviewNote } from './review_note.js';
import { Said } from './said.js';
import { unlock } from './sound.js';
import { Stage } from './stage.js';
import { Strips } from './strips.js';
import { TalkView } from './talk_view.js';
import { word } from './words.js';

/** @typedef {import('./calls.js').Act} Act */
/** @typedef {import('./calls.js').Known} Known */
/**
 * `idle`: a talk is over and the devices are stopped · `talk`: one begins, or a ring · `unanswered`: one seat did not take our
 * ring, and what was said of that.
 *
 * @typedef {{ idle: null, talk: null, unanswered: { post: string, text: string } }} SeatEvents
 */

/** After `welcome` the server names the calls that this seat is in; silence means that they are over. */
const CALL_NAMED_MS_MAX = 1_500;
/** How long the server keeps a call for a seat that is away, until it has said so itself. */
const CALL_KEPT_MS = 10_000;
/** A ring of whose end nothing was heard so long after its time is over at this page. */
const RING_LATE_MS = 2_000;
/** Ends of a ring of ours after which there is something to leave. */
const UNANSWERED = ['missed', 'declined', 'busy', 'unavailable'];
/** What the server answers to a ring that cannot be; anything else is tried again. @type {Record<string, string>} */
const REFUSALS = {
  connect_first: 'live-js-line-down',
  call_full: 'live-js-call-full',
  in_call_already: 'live-js-call-already',
  call_passed: 'live-js-call-passed',
  call_sealed: 'live-js-seal-closed',
  cannot_seal: 'live-js-seal-cannot-there',
  unknown_call: 'live-js-call-passed',
};

/** @extends {Emitter<SeatEvents>} */
export class Seat extends Emitter {
  #root;
  #calls = new Calls();
  #devices = new Devices();
  #line;
  #names;
  #stage;
  #placing;
  #own;
  #said;
  #view;
  #strips;
  #auto;
  #members;
  #breakIn;
  #picking;
  #ready;
  #sealing;
  /** The call for which tracks may be on the line. @type {string | null} */
  #open = null;
  #shown = 'idle';
  #namedTimer = 0;
  #keptMs = CALL_KEPT_MS;
  #awayTimer = 0;

  /**
   * @param {HTMLElement} root
   * @param {'board' | 'chamber' | 'phone' | 'hall'} kind
   * @param {import('./peer.js').Lines} [lines] what its connections can receive
   */
  constructor(root, kind, lines) {
    super();
    this.#root = root;
    this.#line = new Line({ kind }, root, lines);
    this.#line.idle(true);
    this.#names = new Directory(this.#line.signaling);
    this.#stage = new Stage(root, part(root, 'stage', HTMLElement), this.#devices.choice.speaker);
    const controls = new Controls(root, this.#line, this.#devices);
    this.#own = new OwnMedia(root, this.#calls, { controls, devices: this.#devices, line: this.#line });
    this.#auto = new AutoAnswer(root, this.#calls, { devices: this.#devices, line: this.#line });
    this.#placing = new Placing(root, this.#calls, { line: this.#line, stage: this.#stage });
    this.#view = new TalkView(root, this.#calls, this.#names, this.#stage);
    this.#said = new Said(root, this.#view.state, this.#line);
    this.#strips = new Strips(root, this.#calls, this.#names, {
      resume: (call) => this.#act('resume_call', call),
      end: (call) => this.#leave(call, word('live-js-call-ended')),
      take: (call) => this.#act('take_call', call),
      ring: (post) => this.ring([post]),
    });
    this.#members = new Members(root, (post) => this.#names.name(post), (call, post) => this.#line.send({ type: 'cancel_ring', call, post }));
    this.#breakIn = new BreakIn(root, this.#names, {
      accept: (call) => this.#act('accept_ring', call),
      decline: (call, reason) => this.#decline(call, reason),
    });
    this.#picking = new Picking(root, this.#calls, this.#names, {
      add: (posts) => this.#inCall((call) => this.#line.send({ type: 'add_to_call', call, posts })),
      handOver: (post) => this.#inCall((call) => this.#line.send({ type: 'hand_over', call, post })),
    });
    this.#sealing = new CallSealing(root, this.#calls, { line: this.#line, seal: (call) => this.#line.send({ type: 'seal_call', call }) });
    new ReviewNote(root, this.#line.signaling, (call, chair) => this.join(call, chair));
    this.#listenToServer();
    this.#listenToPerson();
    this.#ready = new ReadyCamera(root, this.#devices, { isFree: () => this.#shown === 'idle', use: (camera) => this.#stand(camera) });
    this.#show();
  }

  get line() {
    return this.#line;
  }

  get names() {
    return this.#names;
  }

  get stage() {
    return this.#stage;
  }

  /** Whether the seat is free to ring somebody. */
  get isIdle() {
    return this.#shown === 'idle';
  }

  start() {
    this.#line.start();
  }

  /** Offers to ring this seat by a press. @param {string} post */
  offerBack(post) {
    this.#strips.offer(post);
  }

  /**
   * Rings other seats at once; the devices open meanwhile. The way is open before the first picture leaves, so that picture is the
   * one that the other side sees.
   *
   * @param {string[]} posts
   * @param {'ring' | 'open_review'} [type]
   */
  async ring(posts, type = 'ring') {
    if (this.#calls.elsewhere !== null) return this.#said.result(word('live-js-call-elsewhere'));
    if (!this.#calls.ask(posts)) return undefined;
    return this.#begin({ type, posts });
  }

  /**
   * Rings one other seat, for an ordinary call or a sealed one.
   *
   * @param {string} post
   * @param {'open' | 'sealed'} how
   */
  async ringOne(post, how) {
    if (how === 'open') return this.ring([post]);
    if (!canSeal()) return this.#said.result(word('live-js-seal-cannot-here'));
    if (this.#calls.elsewhere !== null) return this.#said.result(word('live-js-call-elsewhere'));
    if (!this.#calls.ask([post], how)) return undefined;
    return this.#begin({ type: 'ring_sealed', post });
  }

  /**
   * Comes into a review to which this seat was asked.
   *
   * @param {string} call
   * @param {string} chair
   */
  async join(call, chair) {
    if (this.#calls.elsewhere !== null) return this.#said.result(word('live-js-call-elsewhere'));
    if (!this.#calls.come(call, chair)) return undefined;
    return this.#begin({ type: 'join_review', call });
  }

  /** @param {import('./protocol').ClientMessage} message the person's act by which a call is here */
  async #begin(message) {
    unlock();
    this.#show();
    if (!this.#line.send(message)) {
      this.#calls.leave('');
      return this.#show(word('live-js-line-down'));
    }
    return this.#own.open();
  }

  #listenToServer() {
    const { signaling } = this.#line;
    signaling.on('welcome', (welcome) => this.#welcomed(welcome));
    signaling.on('down', () => this.#away());
    signaling.on('seats', () => this.#show());
    signaling.on('incoming', (ring) => this.#incoming(ring));
    signaling.on('call', (call) => this.#told(call));
    signaling.on('member', (message) => {
      this.#calls.member(message);
      this.#show();
    });
    signaling.on('ring_back', ({ peer }) => this.#strips.due(peer.post));
    signaling.on('answer', () => this.#placing.clear());
    signaling.on('slot', (slot) => this.#placing.put(slot));
    signaling.on('loudest', (loudest) => this.#stage.speaks(loudest.participant));
    signaling.on('error', (error) => this.#failed(error));
    this.#stage.on('views', (views) => this.#line.send({ type: 'set_views', views }));
    this.#line.on('slots', (slots) => {
      this.#stage.use(slots);
      this.#placing.arrange();
    });
    this.#line.on('down', () => this.#away());
    this.#line.on('up', () => this.#back());
    this.#line.on('refused', (code) => this.#refused(code));
  }

  #listenToPerson() {
    const ring = () => this.#calls.ring?.call ?? '';
    this.#on('not-now', () => this.#decline(ring(), 'busy'));
    this.#on('accept', () => this.#act('accept_ring', ring()));
    this.#on('later', () => this.#decline(ring(), 'later'));
    this.#on('telephone', () => this.#decline(ring(), 'telephone'));
    this.#on('cancel', () => this.#inCall((call) => this.#leave(call)));
    this.#on('end', () => this.#inCall((call) => this.#leave(call, word('live-js-call-ended'))));
  }

  /**
   * @param {string} name
   * @param {() => void} act
   */
  #on(name, act) {
    optionalPart(this.#root, name, HTMLButtonElement)?.addEventListener('click', act);
  }

  /** @param {(call: string) => void} act with the call in which this page is */
  #inCall(act) {
    const { here } = this.#calls;
    if (here !== null) act(here.call);
  }

  /**
   * The press that lets others see and hear this seat: a ring is taken, a call on hold goes on, a call goes on here. With `ring`
   * nothing else attaches at this side.
   *
   * @param {Act} type
   * @param {string} call
   */
  async #act(type, call) {
    const isInTalk = this.#calls.here !== null;
    if (!this.#calls.act(type, call)) return;
    unlock();
    this.#sealing.lock();
    // At a ring the devices are open, or about to be.
    const attached = this.#shown === 'incoming' ? this.#own.attach() : isInTalk ? this.#own.attachAll() : this.#own.open();
    if (this.#line.send({ type, call })) this.#show();
    else this.#failed({ about: type, code: 'connect_first' });
    await attached;
  }

  /**
   * @param {string} call
   * @param {import('./protocol').DeclineReason} reason
   */
  #decline(call, reason) {
    if (this.#calls.get(call)?.state !== 'rung') return;
    this.#line.send({ type: 'decline_ring', call, reason });
    this.#calls.leave(call);
    this.#show();
  }

  /**
   * @param {string} call
   * @param {string} [result]
   */
  #leave(call, result = '') {
    // One that has no name yet is given up when the server names it.
    if (call !== '') this.#line.send({ type: 'hang_up', call });
    this.#calls.leave(call);
    this.#show(result);
  }

  /**
   * A new socket: the slots are told again, and so are the calls that are still on.
   *
   * @param {import('./signaling.js').Message<'welcome'>} welcome `connected`: the server still holds it, so that what is seen stays
   */
  #welcomed({ connected, limits }) {
    this.#keptMs = limits.call_return_window_ms;
    this.#back();
    if (!connected) this.#placing.clear();
    this.#calls.welcomed();
    clearTimeout(this.#namedTimer);
    this.#namedTimer = setTimeout(() => {
      const lost = this.#calls.settle();
      if (lost.length > 0) this.#show(lost.some(({ state }) => state !== 'rung') ? word('live-js-call-lost') : '');
    }, CALL_NAMED_MS_MAX);
  }

  /** Without a line nobody says that the call is over: after a while it is. */
  #away() {
    if (this.#awayTimer === 0) this.#awayTimer = setTimeout(() => this.#lose(), this.#keptMs);
  }

  #back() {
    clearTimeout(this.#awayTimer);
    this.#awayTimer = 0;
  }

  #lose() {
    this.#awayTimer = 0;
    if (this.#calls.here === null) return;
    for (const call of this.#calls.lose()) this.#line.send({ type: 'hang_up', call });
    this.#show(word('live-js-call-lost'));
  }

  /** @param {MediaStreamTrack | null} camera that stands ready, or none */
  #stand(camera) {
    this.#auto.stand(camera);
    if (camera !== null) this.#line.expect(camera);
  }

  /** @param {import('./signaling.js').Message<'incoming'>} ring */
  #incoming(ring) {
    setTimeout(() => this.#miss(), ring.ring_timeout_ms + RING_LATE_MS);
    const isNew = this.#calls.incoming(ring, performance.now());
    // It is said again when it is answered by itself no longer.
    if (!isNew) return this.#show();
    for (const dialog of this.#root.querySelectorAll('dialog')) dialog.close();
    this.#show();
  }

  #miss() {
    for (const over of this.#calls.overdue(performance.now())) {
      this.#strips.missed(over.caller);
      this.#show(this.#resultOf(over, { state: 'missed' }));
    }
  }

  /** @param {import('./signaling.js').Message<'call'>} message */
  #told(message) {
    const { over, stray } = this.#calls.told(message, performance.now());
    if (stray !== undefined) this.#line.send({ type: 'hang_up', call: stray });
    // Whoever gives up before one has come has been missed, too.
    if (over?.state === 'rung' && ['missed', 'cancelled'].includes(message.state)) this.#strips.missed(over.caller);
    const text = over === undefined ? '' : this.#resultOf(over, message);
    this.#show(text);
    const [post, ...more] = over?.members.keys() ?? [];
    if (over?.state !== 'ringing' || over.wasTalk || post === undefined || more.length > 0) return;
    if (UNANSWERED.includes(message.state)) this.emit('unanswered', { post, text });
  }

  /**
   * @param {Known} over
   * @param {{ state: string, reason?: string }} end
   */
  #resultOf(over, end) {
    const result = resultOf(over, end, (post) => this.#names.name(post));
    if (result === null) return '';
    const reasons = countsOf(over).map(({ key, values }) => word(key, values)).join(', ');
    return word(result.key, { reasons, ...result.values });
  }

  /** @param {{ about?: string, code: string }} error */
  #failed({ about = '', code }) {
    const ended = this.#calls.refused(about);
    const isAsked = ['add_to_call', 'hand_over', 'seal_call'].includes(about);
    const reason = code === 'cannot_seal' && !canSeal() ? 'live-js-seal-cannot-here' : REFUSALS[code];
    if (ended !== null || isAsked) this.#show(word(reason ?? 'live-js-ring-failed'));
  }

  /** @param {string} code */
  #refused(code) {
    clearTimeout(this.#namedTimer);
    this.#calls.clear();
    this.#show();
    this.#line.stop();
    this.#view.refuse(code);
  }

  /**
   * Brings the line, the devices and the page to where the calls stand.
   *
   * @param {string} [result] what came of one that is over, shown for a while
   */
  #show(result = '') {
    const { here, ring, shown } = this.#calls;
    const was = this.#shown;
    this.#shown = shown;
    const isTurn = (was === 'idle') !== (shown === 'idle');
    this.#sealing.lock();
    this.#guard(was);
    this.#sealing.look();
    if (isTurn) {
      this.#line.watch(shown === 'idle' ? 'idle' : 'busy');
      this.#line.idle(shown === 'idle');
    }
    const isBrokenInto = this.#breakIn.show(here === null ? null : ring, shown === 'in-call' ? 'talk' : 'ringing');
    this.#view.show(isBrokenInto);
    this.#auto.show();
    this.#placing.arrange();
    this.#members.show(here);
    if (here !== null) this.#strips.settle(here.members.keys());
    this.#strips.show();
    if (result !== '' || isTurn) this.#said.result(result);
    if (!isTurn) return;
    this.#picking.close();
    this.emit(shown === 'idle' ? 'idle' : 'talk', null);
  }

  /**
   * Consent: the tracks come off the line at the moment when their call is not here any more, or another is without an act of ours.
   *
   * @param {string} was the state that was shown before
   */
  #guard(was) {
    const { here, shown, isConsented } = this.#calls;
    const open = here?.call ?? null;
    const isOther = open !== this.#open;
    this.#open = open;
    const isOver = shown === 'idle' && was !== 'idle';
    const detached = (isOther && !isConsented) || isOver ? this.#own.detach() : null;
    const isRung = shown === 'incoming' && (was !== 'incoming' || detached !== null);
    if (isOver) detached?.then(() => this.#ready.settle());
    // A camera that stands ready is frosted at once.
    if (isRung && detached === null) this.#auto.frost();
    if (isRung) Promise.resolve(detached).then(() => this.#own.open()).then(() => this.#auto.frost());
    // A call that has opened by itself, as its occupant has said beforehand.
    else if (isOther && isConsented && here?.opens !== null && was === 'incoming') this.#own.attach();
    // A call that comes without an act of ours, after a reload: its camera stays off until its button is pressed.
    else if (shown === 'in-call') detached?.then(() => this.#own.tellTracks());
  }
}
