/** The seats of the hotline by their posts, as the server names them: titles, groups, presence. Never rings anybody. */

import { inLanguage, language, word } from './words.js';

/** @typedef {import('./protocol').Seat} SeatInfo */
/** @typedef {{ hi: string, en: string }} Title */

export class Directory {
  /** @type {Map<string, SeatInfo>} by post, in the order of the numbers */
  #seats = new Map();
  /** Titles that came with a ring, should it be faster than the seats. @type {Map<string, Title>} */
  #titles = new Map();
  #own = '';

  /** @param {import('./signaling.js').Signaling} signaling */
  constructor(signaling) {
    signaling.on('welcome', (welcome) => {
      this.#own = welcome.participant;
    });
    signaling.on('seats', ({ seats }) => {
      this.#seats = new Map([...seats].sort((a, b) => a.number - b.number).map((seat) => [seat.post, seat]));
    });
    signaling.on('seat', ({ post, number, title, group, presence }) => this.#seats.set(post, { post, number, title, group, presence }));
    signaling.on('incoming', ({ caller, others }) => [caller, ...others].forEach((peer) => this.#titles.set(peer.post, peer.title)));
    signaling.on('ring_back', ({ peer }) => this.#titles.set(peer.post, peer.title));
  }

  /** The seats of the others, by number. @returns {SeatInfo[]} */
  get others() {
    return [...this.#seats.values()].filter((seat) => seat.post !== this.#own);
  }

  /** @param {string} post @returns {Title} */
  title(post) {
    return this.#seats.get(post)?.title ?? this.#titles.get(post) ?? { hi: post, en: post };
  }

  /** @param {string} post */
  name(post) {
    return inLanguage(this.title(post));
  }

  /**
   * Some posts in one breath: one or two by name, more by the first and a number.
   *
   * @param {string[]} posts
   */
  names(posts) {
    const [first, second] = posts;
    if (first === undefined) return '';
    if (second === undefined) return this.name(first);
    if (posts.length === 2) return word('live-js-two', { post: this.name(first), other: this.name(second) });
    return word('live-js-many', { post: this.name(first), n: posts.length - 1 });
  }

  /**
   * All of some posts.
   *
   * @param {string[]} posts
   */
  list(posts) {
    return new Intl.ListFormat(language, { type: 'conjunction' }).format(posts.map((post) => this.name(post)));
  }
}
