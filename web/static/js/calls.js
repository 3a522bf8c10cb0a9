/**
 * The calls that a page of the hotline knows: at most one in which it is, those on hold, one at another device of the same
 * seat, and the rings that come in.
 *
 * Pure: acts of the person and messages of the server in, what is to be shown out. Never touches devices, sockets or the page.
 * Consent is kept here: it is of one call, made by an act of this person at this page (a ring, an accept, a coming back, a
 * taking over) and by nothing else, and it is gone with the call's being here.
 */

/** @typedef {import('./protocol').ServerMessage} ServerMessage */
/** @typedef {Extract<ServerMessage, { type: 'call' }>} CallMessage */
/** @typedef {Extract<ServerMessage, { type: 'incoming' }>} Incoming */
/** @typedef {import('./protocol').Member['state']} MemberState */
/** @typedef {import('./protocol').CallState} CallState */
/**
 * `rung`: it rings here · `ringing`: we ring others · `accepted`: the talk is on · `held`: we may come back. `here`: at this device.
 * `wasTalk`: somebody was inside with us. `until`: when a ring is over, by the page's clock; `opens`: when it is taken by itself, for
 * the occupant has let this caller in beforehand. The call that we have just asked for has
 * no name yet: its `call` is empty. `sealed`: nothing of this page goes into it but encrypted; what was once said to be so is so for
 * good here, whatever the server says later.
 *
 * @typedef {{ call: string, state: 'rung' | 'ringing' | 'accepted' | 'held', here: boolean, caller: string, others: string[],
 *   breaksIn: boolean, members: Map<string, MemberState>, wasTalk: boolean, until: number, opens: number | null,
 *   sealed: boolean }} Known
 */
/** @typedef {'accept_ring' | 'resume_call' | 'take_call'} Act */
/** What a message of the server did: the call that is over by it, or the one that nobody here wants any more. @typedef {{ over?: Known, stray?: string }} Told */

/** Calls that the person has left, of which late words may still come. */
const LEFT_MAX = 32;
/** A countdown was heard here so much later than it began, at most: a slow line, and the server's own quarter of a second. */
const EARLY_MS_MAX = 1_500;

export class Calls {
  /** By name, in the order in which they came. @type {Map<string, Known>} */
  #known = new Map();
  /** The call of which this person, at this page, agreed to be seen and heard in. @type {string | null} */
  #consent = null;
  /** An act that the server has not answered, and how things stood before it. @type {{ act: Act, call: string, before: Map<string, Known>, consent: string | null } | null} */
  #pending = null;
  /** @type {string[]} */
  #left = [];
  /** Of what the server has not spoken since it said `welcome`. @type {Set<string>} */
  #untold = new Set();

  /** The call in which this page is, whether others are inside already or only rung. @returns {Known | null} */
  get here() {
    return this.#find((known) => known.here && (known.state === 'ringing' || known.state === 'accepted'));
  }

  /** The latest ring: only who goes before the others rings on top of them. @returns {Known | null} */
  get ring() {
    return this.#find((known) => known.state === 'rung');
  }

  /** The call to which one may come back. @returns {Known | null} */
  get held() {
    return this.#find((known) => known.state === 'held');
  }

  /** The call that goes on at another device of this seat. @returns {Known | null} */
  get elsewhere() {
    return this.#find((known) => !known.here && (known.state === 'ringing' || known.state === 'accepted'));
  }

  /** The state of the page. A ring in the middle of a call does not change it. @returns {'idle' | 'ringing' | 'incoming' | 'in-call'} */
  get shown() {
    const here = this.here;
    if (here !== null) return here.state === 'accepted' ? 'in-call' : 'ringing';
    return this.ring === null ? 'idle' : 'incoming';
  }

  /** Whether tracks of this page may be on the line now. */
  get isConsented() {
    return this.#consent !== null && this.here?.call === this.#consent;
  }

  /** Whether the server has not answered yet what the person did last. */
  get isPending() {
    return this.#pending !== null;
  }

  /** Whether a picture belongs onto the stage: of who is inside with us, or who rings while no call is here. @param {string} post */
  isStaged(post) {
    const { here, ring } = this;
    return here === null ? ring === null || ring.caller === post : ['inside', 'frosted'].includes(here.members.get(post) ?? '');
  }

  /** Whether a line may sound: none does while nothing is shown, nor before the accept. @param {string | null} post whose it is */
  isHeard(post) {
    return this.here !== null && (post === null || this.isStaged(post));
  }

  /** @param {string} call @returns {Known | null} */
  get(call) {
    return this.#known.get(call) ?? null;
  }

  /**
   * The person rings.
   *
   * @param {string[]} posts
   * @param {'open' | 'sealed'} [how]
   * @returns {boolean} whether there is room for it
   */
  ask(posts, how = 'open') {
    if (this.here !== null || this.ring !== null) return false;
    const members = new Map(posts.map((post) => [post, /** @type {MemberState} */ ('rung')]));
    this.#known.set('', { ...fresh(''), state: 'ringing', here: true, members, sealed: how === 'sealed' });
    this.#consent = '';
    return true;
  }

  /**
   * The person comes into a review to which this seat was asked, whatever became of the ring.
   *
   * @param {string} call
   * @param {string} chair
   * @returns {boolean} whether there is room for it
   */
  come(call, chair) {
    this.#return(call);
    return this.ask([chair]);
  }

  /**
   * The person takes a ring, comes back to a call, or goes on with it here. The call in which he is, is on hold by it.
   *
   * @param {Act} act
   * @param {string} call
   * @returns {boolean} whether there is such a call
   */
  act(act, call) {
    const known = this.#known.get(call);
    if (known === undefined || !fits(act, known)) return false;
    this.#pending = { act, call, before: new Map([...this.#known].map(([name, one]) => [name, { ...one }])), consent: this.#consent };
    const here = this.here;
    if (here !== null) here.state = 'held';
    // Taken by hand.
    known.opens = null;
    if (act === 'accept_ring') known.members = new Map([[known.caller, 'inside']]);
    // Whoever goes on elsewhere may still be alone with his ring.
    if (act !== 'take_call') known.state = 'accepted';
    known.here = true;
    known.wasTalk = known.state === 'accepted';
    this.#consent = call;
    return true;
  }

  /** The person does not want a call any more, whatever it is to him. @param {string} call */
  leave(call) {
    this.#forget(call);
    if (call !== '') this.#left = [...this.#left, call].slice(-LEFT_MAX);
  }

  /** This page has no part in anything any more. */
  clear() {
    for (const call of this.#known.keys()) this.leave(call);
  }

  /**
   * Where a call stands.
   *
   * @param {CallMessage} message
   * @param {number} [now]
   * @returns {Told}
   */
  told(message, now = 0) {
    const { call, state, here } = message;
    const isFinal = !['ringing', 'accepted', 'held'].includes(state);
    if (this.#left.includes(call)) {
      // A word that was on its way, or the server has never heard that we left.
      if (isFinal || state === 'held') return {};
      if (here) return { stray: call };
      this.#return(call);
    }
    const known = this.#known.get(call) ?? this.#adopt(message, isFinal);
    if (known === null && isFinal) return {};
    // Given up before the server had given it a name.
    if (known === null && state === 'ringing' && here) {
      this.leave(call);
      return { stray: call };
    }
    const told = known ?? fresh(call);
    if (message.members.length > 0) told.members = new Map(message.members.map(({ post, state: stands }) => [post, stands]));
    told.sealed ||= message.sealed === true;
    this.#untold.delete(call);
    if (isFinal) {
      // It ended before the server had heard the act.
      if (this.#pending?.call === call) this.#undo();
      this.#forget(call);
      return { over: told };
    }
    const isStanding = told.state === 'rung' && told.opens !== null && now >= told.opens - EARLY_MS_MAX;
    this.#stands(told, /** @type {'ringing' | 'accepted' | 'held'} */ (state), here);
    // What the occupant has said beforehand is a consent to this call, when its countdown was heard here to its end.
    if (isStanding && told.state === 'accepted' && told.here) this.#consent = told.call;
    return {};
  }

  /** Where another seat of a call stands. @param {Extract<ServerMessage, { type: 'member' }>} message */
  member({ call, member }) {
    const known = this.#known.get(call);
    known?.members.set(member.post, member.state);
    if (known !== undefined && member.state === 'inside' && known.state !== 'rung') known.wasTalk = true;
  }

  /**
   * Somebody rings.
   *
   * @param {Incoming} message
   * @param {number} [now]
   * @returns {boolean} whether this is news
   */
  incoming({ call, caller, others, ring_timeout_ms: span, breaks_in: breaksIn, opens_in_ms: opensIn, sealed = false }, now = 0) {
    this.#untold.delete(call);
    if (this.#pending?.call === call) return false;
    const was = this.#known.get(call);
    // Two seats rang each other, and the server let the other ring stand.
    if (!breaksIn) this.#forget('');
    this.#forget(call);
    // Who was rung, said no and is rung again in the same call hears of it again.
    this.#return(call);
    const isSealed = sealed || was?.sealed === true;
    // A sealed ring is answered by hand alone, and nothing is shown before.
    const opens = opensIn === undefined || isSealed ? null : now + opensIn;
    const ring = { caller: caller.post, others: others.map(({ post }) => post), breaksIn, until: now + span, opens, sealed: isSealed };
    this.#known.set(call, { ...fresh(call), ...ring, members: new Map([[caller.post, 'inside']]) });
    return was?.state !== 'rung';
  }

  /**
   * The server does not do what was asked.
   *
   * @param {string} about the type of the message that it answers
   * @returns {Known | null} the call of which this is the end
   */
  refused(about) {
    const asked = this.#known.get('');
    if (['ring', 'ring_sealed', 'open_review', 'join_review'].includes(about) && asked !== undefined) {
      this.#forget('');
      return asked;
    }
    const pending = this.#pending;
    if (pending === null || pending.act !== about) return null;
    const failed = this.#known.get(pending.call) ?? null;
    this.#undo();
    if (about === 'accept_ring') this.leave(pending.call);
    return failed;
  }

  /** A new socket: what the server does not name from now on, is over. */
  welcomed() {
    this.#pending = null;
    this.#untold = new Set(this.#known.keys());
  }

  /** The server has had time to name each call. @returns {Known[]} those that are over */
  settle() {
    const lost = [...this.#untold].map((call) => this.#known.get(call)).filter((known) => known !== undefined);
    for (const known of lost) this.#forget(known.call);
    this.#untold.clear();
    return lost;
  }

  /** Rings whose time is over, whether or not the server could say so. @param {number} now @returns {Known[]} */
  overdue(now) {
    const over = [...this.#known.values()].filter(({ state, until }) => state === 'rung' && until <= now);
    for (const { call } of over) this.#forget(call);
    return over;
  }

  /**
   * The line was away for longer than the server keeps a call: nothing is here any more. What is on hold or elsewhere may still be.
   *
   * @returns {string[]} the calls in which this page was
   */
  lose() {
    this.#undo();
    const lost = [...this.#known.values()].filter(({ state, here }) => state === 'rung' || (here && state !== 'held'));
    for (const { call } of lost) this.leave(call);
    return lost.filter(({ call, here }) => here && call !== '').map(({ call }) => call);
  }

  /** @param {(known: Known) => boolean} wanted @returns {Known | null} the latest such */
  #find(wanted) {
    return [...this.#known.values()].reverse().find(wanted) ?? null;
  }

  /**
   * The call for which we have asked gets its name.
   *
   * @param {CallMessage} message
   * @param {boolean} isFinal
   * @returns {Known | null}
   */
  #adopt({ call, members, here }, isFinal) {
    const asked = this.#known.get('');
    const rung = new Set(members.map(({ post }) => post));
    if (asked === undefined || !(here || isFinal) || ![...asked.members.keys()].every((post) => rung.has(post))) return null;
    this.#known.delete('');
    this.#untold.delete('');
    asked.call = call;
    this.#known.set(call, asked);
    if (this.#consent === '') this.#consent = call;
    return asked;
  }

  /**
   * @param {Known} known
   * @param {'ringing' | 'accepted' | 'held'} state
   * @param {boolean} here
   */
  #stands(known, state, here) {
    if (this.#isLate(known.call, state, here)) return;
    if (this.#pending?.call === known.call) this.#pending = null;
    Object.assign(known, { state, here });
    known.wasTalk ||= state === 'accepted';
    this.#known.set(known.call, known);
    const isHere = here && state !== 'held';
    if (!isHere && this.#consent === known.call) this.#consent = null;
    if (!isHere) return;
    for (const other of this.#known.values()) {
      if (other !== known && other.here && (other.state === 'ringing' || other.state === 'accepted')) other.state = 'held';
    }
  }

  /**
   * Whether a word was on its way already when the person acted.
   *
   * @param {string} call
   * @param {'ringing' | 'accepted' | 'held'} state
   * @param {boolean} here
   */
  #isLate(call, state, here) {
    const pending = this.#pending;
    if (pending === null) return false;
    const isHere = here && state !== 'held';
    if (pending.call !== call) return isHere;
    // Another device of this seat was faster.
    const isTaken = pending.act !== 'take_call' && state === 'accepted' && !here;
    return !isHere && !isTaken;
  }

  /** What the person did last has not happened: all is as it was, but for what has ended or come meanwhile. */
  #undo() {
    const pending = this.#pending;
    if (pending === null) return;
    const before = [...pending.before].filter(([name]) => this.#known.has(name));
    this.#known = new Map([...before, ...[...this.#known].filter(([name]) => !pending.before.has(name))]);
    this.#consent = pending.consent;
    this.#pending = null;
  }

  /** A call that was left is one like others again. @param {string} call */
  #return(call) {
    this.#left = this.#left.filter((left) => left !== call);
  }

  /** @param {string} call */
  #forget(call) {
    this.#known.delete(call);
    this.#untold.delete(call);
    if (this.#consent === call) this.#consent = null;
    if (this.#pending?.call === call) this.#pending = null;
  }
}

/** @param {string} call @returns {Known} */
function fresh(call) {
  return { call, state: 'rung', here: false, caller: '', others: [], breaksIn: false, members: new Map(), wasTalk: false, until: Infinity, opens: null, sealed: false };
}

/**
 * @param {Act} act
 * @param {Known} known
 */
function fits(act, { state, here }) {
  if (act === 'accept_ring') return state === 'rung';
  if (act === 'resume_call') return state === 'held';
  return !here && (state === 'accepted' || state === 'ringing');
}
