/**
 * Relays: addresses of the server for networks that let nothing else through. A connection begins without them, for a
 * thousand who join must not ask for a thousand relays; the page remembers when its network needed one, and may find out
 * before anybody joins.
 */

import { isUdpOpen } from './probe.js';

/** @typedef {{ urls: string[], username: string, credential: string, expires: number }} Offer `expires`: Unix seconds */

const NEEDED = 'relays-needed';
/** Credentials that end sooner than this are renewed first. */
const SPARE_MS = 30_000;
/** A lost path is not waited for. */
const ASK_MS_MAX = 1_500;

export class Relays {
  /** @type {Offer | null} */
  #offer;
  #areForeseen = false;

  /** @param {string | undefined} text what the page was given; without it there are none */
  constructor(text) {
    this.#offer = parsed(text);
  }

  /** Whether this network needed a relay the last time, or is likely to need one. */
  get areNeeded() {
    try {
      return this.#offer !== null && (this.#areForeseen || sessionStorage.getItem(NEEDED) !== null);
    } catch {
      return this.#areForeseen;
    }
  }

  /** @returns {Promise<boolean>} whether it turns out only now that they may be needed */
  async foresee() {
    const relay = this.#offer?.urls.find((url) => /^turn:.*\?transport=udp$/.test(url));
    if (this.areNeeded || relay === undefined) return false;
    this.#areForeseen = !(await isUdpOpen(relay.replace(/^turn:(.*)\?.*$/, 'stun:$1')));
    return this.#areForeseen;
  }

  /** @param {boolean} areNeeded as the connection that came up shows */
  remember(areNeeded) {
    this.#areForeseen = false;
    try {
      if (areNeeded) sessionStorage.setItem(NEEDED, '1');
      else sessionStorage.removeItem(NEEDED);
    } catch {
      // The page may keep nothing; then it finds out each time.
    }
  }

  /** What is known without asking; for a connection that begins with relays. @returns {RTCIceServer[]} */
  get known() {
    return this.#offer === null || isOld(this.#offer) ? [] : [serverOf(this.#offer)];
  }

  /** @returns {Promise<RTCIceServer[]>} asks for new credentials when the old ones have ended */
  async servers() {
    if (this.#offer !== null && isOld(this.#offer)) {
      try {
        const signal = AbortSignal.timeout(ASK_MS_MAX);
        const answer = await fetch('/relays', { credentials: 'same-origin', cache: 'no-store', signal });
        if (answer.ok) this.#offer = parsed(await answer.text()) ?? this.#offer;
      } catch {
        // No way to the server at all: the next try asks again.
      }
    }
    return this.known;
  }
}

/** @param {Offer} offer */
function isOld(offer) {
  return offer.expires * 1_000 < Date.now() + SPARE_MS;
}

/** @param {Offer} offer @returns {RTCIceServer} */
function serverOf({ urls, username, credential }) {
  return { urls, username, credential };
}

/** @param {string | undefined} text @returns {Offer | null} */
function parsed(text) {
  try {
    const offer = JSON.parse(text ?? 'null');
    return Array.isArray(offer?.urls) && offer.urls.length > 0 ? offer : null;
  } catch {
    return null;
  }
}
