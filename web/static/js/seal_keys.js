/**
 * Agrees on keys with the other pages of a confidential meeting, or with the one other of a sealed call, each two by themselves, over notes that the server passes on.
 *
 * Of two the one with the lesser id begins, and says the hash of its public key before it has seen the other's. Whoever
 * stands in the middle must therefore choose his keys before he knows theirs, and the six digits of the two sides agree by
 * one chance in a million. WebCrypto alone works; nothing here is a cipher of our own.
 */

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */
/**
 * @typedef {{ kind: 'ask' } | { kind: 'cannot' } | { kind: 'commit', deal: string } | { kind: 'public', deal: string, public: string }
 *   | { kind: 'key', deal: string, id: number, key: string, wants?: boolean }} Note
 */
/**
 * What is agreed with one page: `deal` names it, `theirs` is missing before the other's key came, `locks` before it is done.
 *
 * @typedef {{ deal: string, pair: CryptoKeyPair, own: Bytes, theirs: Bytes | null, locks: { out: CryptoKey, in: CryptoKey } | null }} Deal
 */
/**
 * What becomes of it: `send` a note; `agreed` with six digits, now or anew; a `key` of the other's; the other `wants` ours;
 * the other `cannot` take part.
 *
 * @typedef {object} Told
 * @property {(participant: string, note: Note) => void} send
 * @property {(participant: string, code: string) => void} agreed
 * @property {(participant: string, id: number, key: Bytes) => void} key
 * @property {(participant: string) => void} wants
 * @property {(participant: string) => void} cannot
 */

const CURVE = { name: 'ECDH', namedCurve: 'P-256' };
const NONCE_BYTES = 12;
const DIGITS = 1_000_000n;
/** With one page nothing is begun anew sooner than that because a note does not fit. */
const AGAIN_MS = 1_000;
const text = new TextEncoder();

export class Agreements {
  #meeting;
  #own;
  #told;
  /** @type {Map<string, Deal>} by participant */
  #deals = new Map();
  /** One note after the other. @type {Map<string, Promise<void>>} */
  #turns = new Map();
  /** @type {Map<string, number>} when something was begun anew with each */
  #begun = new Map();

  /**
   * @param {string} meeting or call: keys of the one fit no other
   * @param {string} own participant, or post in a call
   * @param {Told} told
   */
  constructor(meeting, own, told) {
    this.#meeting = meeting;
    this.#own = own;
    this.#told = told;
  }

  /** @param {string} participant somebody inside, with whom there is nothing yet @returns {Promise<void>} when it is said */
  meet(participant) {
    return this.#inTurn(participant, () => this.#begin(participant));
  }

  /** @param {string} participant is inside no more */
  forget(participant) {
    this.#deals.delete(participant);
    this.#begun.delete(participant);
  }

  /** @param {string} participant @returns {boolean} whether a key can be given to them */
  isDone(participant) {
    return (this.#deals.get(participant)?.locks ?? null) !== null;
  }

  /**
   * Gives the own key to somebody.
   *
   * @param {string} participant
   * @param {{ id: number, key: Bytes }} own
   * @param {boolean} wants whether theirs is wanted in turn
   * @returns {Promise<void>} when it is given
   */
  give(participant, { id, key }, wants) {
    return this.#inTurn(participant, async () => {
      const deal = this.#deals.get(participant);
      if (deal?.locks == null) return;
      const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
      const wrapped = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: new Uint8Array([id]) }, deal.locks.out, key);
      const note = /** @type {const} */ ({ kind: 'key', deal: deal.deal, id, key: coded(joined(iv, new Uint8Array(wrapped))) });
      this.#told.send(participant, wants ? { ...note, wants } : note);
    });
  }

  /**
   * @param {string} participant who says it, by the server's word
   * @param {Note} note
   * @returns {Promise<void>} when it is answered
   */
  hear(participant, note) {
    return this.#inTurn(participant, () => this.#hear(participant, note));
  }

  /**
   * @param {string} participant
   * @param {() => Promise<void>} act
   * @returns {Promise<void>} when this and all before it is done
   */
  #inTurn(participant, act) {
    const turn = (this.#turns.get(participant) ?? Promise.resolve()).then(act).catch(() => this.#again(participant));
    this.#turns.set(participant, turn);
    return turn;
  }

  /** @param {string} participant a note of theirs is not right: it is of another deal, or was changed on the way */
  async #again(participant) {
    if (performance.now() - (this.#begun.get(participant) ?? -Infinity) >= AGAIN_MS) await this.#begin(participant);
  }

  /** @param {string} participant */
  async #begin(participant) {
    this.#begun.set(participant, performance.now());
    if (this.#own > participant) {
      this.#told.send(participant, { kind: 'ask' });
      return;
    }
    const { pair, own } = await freshPair();
    const deal = coded(await hash(own));
    this.#deals.set(participant, { deal, pair, own, theirs: null, locks: null });
    this.#told.send(participant, { kind: 'commit', deal });
  }

  /**
   * @param {string} participant
   * @param {Note} note
   */
  async #hear(participant, note) {
    const isFirst = this.#own < participant;
    const known = this.#deals.get(participant);
    if (note.kind === 'cannot') this.#told.cannot(participant);
    else if (note.kind === 'ask' && isFirst) await this.#begin(participant);
    else if (note.kind === 'commit' && !isFirst) {
      const { pair, own } = await freshPair();
      this.#deals.set(participant, { deal: note.deal, pair, own, theirs: null, locks: null });
      this.#told.send(participant, { kind: 'public', deal: note.deal, public: coded(own) });
    } else if (note.kind === 'public' && known?.deal === note.deal && known.theirs === null) {
      const theirs = decoded(note.public);
      if (!isFirst && coded(await hash(theirs)) !== known.deal) throw new Error('another key than was promised');
      known.theirs = theirs;
      await this.#finish(participant, known, theirs);
    } else if (note.kind === 'key') await this.#unwrap(participant, known, note);
  }

  /**
   * @param {string} participant
   * @param {Deal} deal
   * @param {Bytes} theirs
   */
  async #finish(participant, deal, theirs) {
    const isFirst = this.#own < participant;
    const both = isFirst ? joined(deal.own, theirs) : joined(theirs, deal.own);
    const public_ = await crypto.subtle.importKey('raw', theirs, CURVE, false, []);
    const secret = await crypto.subtle.deriveBits({ name: 'ECDH', public: public_ }, deal.pair.privateKey, 256);
    const base = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey']);
    const salt = await hash(both);
    const lock = (/** @type {string} */ from, /** @type {string} */ to, /** @type {KeyUsage} */ use) => {
      const info = text.encode(`sachivalaya seal 1 ${this.#meeting} ${from} ${to}`);
      return crypto.subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt, info }, base, { name: 'AES-GCM', length: 256 }, false, [use]);
    };
    const out = await lock(this.#own, participant, 'encrypt');
    deal.locks = { out, in: await lock(participant, this.#own, 'decrypt') };
    if (isFirst) this.#told.send(participant, { kind: 'public', deal: deal.deal, public: coded(deal.own) });
    const digest = await hash(joined(text.encode(`sachivalaya code 1 ${this.#meeting} `), both));
    const number = digest.slice(0, 8).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n) % DIGITS;
    this.#told.agreed(participant, String(number).padStart(6, '0'));
  }

  /**
   * @param {string} participant
   * @param {Deal | undefined} known
   * @param {Extract<Note, { kind: 'key' }>} note
   */
  async #unwrap(participant, known, note) {
    if (known?.locks == null || known.deal !== note.deal) throw new Error('a key of another deal');
    const sealed = decoded(note.key);
    const algorithm = { name: 'AES-GCM', iv: sealed.slice(0, NONCE_BYTES), additionalData: new Uint8Array([note.id]) };
    const key = await crypto.subtle.decrypt(algorithm, known.locks.in, sealed.slice(NONCE_BYTES));
    this.#told.key(participant, note.id, new Uint8Array(key));
    if (note.wants === true) this.#told.wants(participant);
  }
}

/** @returns {Promise<{ pair: CryptoKeyPair, own: Bytes }>} */
async function freshPair() {
  const pair = await crypto.subtle.generateKey(CURVE, false, ['deriveBits']);
  return { pair, own: new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)) };
}

/** @param {Bytes} bytes @returns {Promise<Bytes>} */
async function hash(bytes) {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

/** @param {Uint8Array[]} pieces @returns {Bytes} */
function joined(...pieces) {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

/** @param {Uint8Array} bytes @returns {string} base64url */
export function coded(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** @param {string} word base64url @returns {Bytes} */
export function decoded(word) {
  return Uint8Array.from(atob(word.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
}
