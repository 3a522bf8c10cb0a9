/**
 * The seats of the hotline as tiles: number, post, presence. Found by typing, rung by a tap or Enter.
 *
 * One field serves for both: digits dial a number, letters look for a post. Arrow keys move between
 * the tiles. The wall only asks for a ring; see `seat.js`.
 */

import { copyOf, part } from './part.js';
import { inLanguage, keyOf, word } from './words.js';

/** @typedef {import('./protocol').Seat} SeatInfo */
/** @typedef {{ info: SeatInfo, tile: HTMLButtonElement, key: string }} Tile */

export class SeatWall {
  #root;
  #grid;
  #field;
  #found;
  #own;
  #ring;
  /** @type {Map<string, Tile>} by post, in the order of the numbers */
  #tiles = new Map();

  /**
   * @param {HTMLElement} root has the field, the grid and the template `seat-tile`
   * @param {import('./signaling.js').Signaling} signaling
   * @param {(seat: SeatInfo) => void} ring called when the person wants to ring a seat
   */
  constructor(root, signaling, ring) {
    this.#root = root;
    this.#ring = ring;
    this.#own = '';
    this.#grid = part(root, 'seats', HTMLElement);
    this.#field = part(root, 'seat-field', HTMLInputElement);
    this.#found = part(root, 'seat-found', HTMLElement);
    signaling.on('welcome', (welcome) => {
      this.#own = welcome.participant;
    });
    signaling.on('seats', (message) => this.#fill(message.seats));
    signaling.on('seat', (message) => this.#change(message));
    this.#field.addEventListener('input', () => this.#filter());
    root.addEventListener('keydown', (event) => this.#key(event));
  }

  /** Empties the field: the whole wall is shown again. */
  clear() {
    this.#field.value = '';
    this.#filter();
  }

  /** Digits typed anywhere on the page go into the field, arrows into the wall. @param {KeyboardEvent} event */
  dial(event) {
    if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^[0-9\u0966-\u096f]$/.test(event.key)) this.#field.focus();
    const isInGrid = event.target instanceof HTMLElement && event.target.dataset.post !== undefined;
    if (isInGrid || !event.key.startsWith('Arrow')) return;
    event.preventDefault();
    this.#shown().find((tile) => tile.tile.tabIndex === 0)?.tile.focus();
  }

  /** @param {SeatInfo[]} seats */
  #fill(seats) {
    const focused = document.activeElement?.getAttribute('data-post') ?? '';
    const others = seats.filter((seat) => seat.post !== this.#own).sort((a, b) => a.number - b.number);
    this.#tiles = new Map(others.map((seat) => [seat.post, this.#tile(seat)]));
    this.#grid.replaceChildren(...[...this.#tiles.values()].map((tile) => tile.tile));
    this.#grid.dataset.loaded = 'true';
    this.#filter();
    this.#tiles.get(focused)?.tile.focus();
  }

  /** @param {SeatInfo} seat */
  #change(seat) {
    const known = this.#tiles.get(seat.post);
    if (known === undefined) return;
    known.info = { post: seat.post, number: seat.number, title: seat.title, presence: seat.presence };
    this.#describe(known);
  }

  /** @param {SeatInfo} info @returns {Tile} */
  #tile(info) {
    const tile = copyOf(this.#root, 'seat-tile');
    if (!(tile instanceof HTMLButtonElement)) throw new TypeError('a seat tile is a button');
    const key = `${info.number} ${info.title.hi} ${info.title.en}`.normalize('NFC').toLocaleLowerCase();
    const made = { info, tile, key };
    tile.dataset.post = info.post;
    tile.dataset.number = String(info.number);
    tile.addEventListener('click', () => this.#ring(made.info));
    part(tile, 'seat-number', HTMLElement).textContent = String(info.number);
    part(tile, 'seat-title', HTMLElement).textContent = inLanguage(info.title);
    this.#describe(made);
    return made;
  }

  /** @param {Tile} tile */
  #describe({ info, tile }) {
    const presence = word(keyOf('live-js-presence', info.presence));
    tile.dataset.presence = info.presence;
    tile.setAttribute('aria-disabled', String(info.presence === 'vacant'));
    tile.setAttribute('aria-label', `${info.number}, ${inLanguage(info.title)}, ${presence}`);
    part(tile, 'seat-presence', HTMLElement).textContent = presence;
  }

  #filter() {
    const wanted = latinDigits(this.#field.value.trim().normalize('NFC').toLocaleLowerCase());
    const dialled = /^\d+$/.test(wanted);
    /** @type {Tile[]} */
    const shown = [];
    for (const tile of this.#tiles.values()) {
      const fits = dialled ? String(tile.info.number).startsWith(wanted) : tile.key.includes(wanted);
      tile.tile.hidden = !fits;
      if (fits) shown.push(tile);
    }
    const target = wanted === '' ? undefined : this.#target(shown, wanted);
    for (const tile of this.#tiles.values()) tile.tile.dataset.target = String(tile === target);
    this.#found.textContent = this.#tell(shown, target, wanted);
    this.#rove(target?.tile ?? shown[0]?.tile);
  }

  /**
   * What Enter would ring: the number dialled, or the only tile left.
   *
   * @param {Tile[]} shown
   * @param {string} wanted
   */
  #target(shown, wanted) {
    return shown.find((tile) => String(tile.info.number) === wanted) ?? (shown.length === 1 ? shown[0] : undefined);
  }

  /**
   * @param {Tile[]} shown
   * @param {Tile | undefined} target
   * @param {string} wanted
   */
  #tell(shown, target, wanted) {
    if (wanted === '') return '';
    if (target !== undefined) return word('live-js-enter-rings', { post: inLanguage(target.info.title) });
    return shown.length === 0 ? word('live-js-nobody-found') : word('live-js-found', { n: shown.length });
  }

  /** @param {HTMLElement | undefined} chosen the one tile that Tab reaches */
  #rove(chosen) {
    for (const { tile } of this.#tiles.values()) tile.tabIndex = tile === chosen ? 0 : -1;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.target === this.#field) this.#keyInField(event);
    else if (event.target instanceof HTMLButtonElement && event.target.dataset.post !== undefined) {
      this.#keyInGrid(event, event.target);
    }
  }

  /** @param {KeyboardEvent} event */
  #keyInField(event) {
    const shown = this.#shown();
    const target = shown.find((tile) => tile.tile.dataset.target === 'true');
    if (event.key === 'Enter' && target !== undefined) {
      event.preventDefault();
      this.#ring(target.info);
    }
    if (event.key === 'Escape') this.clear();
    if (event.key === 'ArrowDown') {
      event.preventDefault();
      (target ?? shown[0])?.tile.focus();
    }
  }

  /**
   * @param {KeyboardEvent} event
   * @param {HTMLButtonElement} tile
   */
  #keyInGrid(event, tile) {
    const tiles = this.#shown().map((one) => one.tile);
    const columns = tiles.filter((one) => one.offsetTop === tiles[0]?.offsetTop).length;
    /** @type {Record<string, number>} */
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
    const at = tiles.indexOf(tile);
    const step = steps[event.key];
    const to = event.key === 'Home' ? 0 : event.key === 'End' ? tiles.length - 1 : at + (step ?? 0);
    const next = tiles[to];
    if (next === undefined || next === tile) return;
    event.preventDefault();
    this.#rove(next);
    next.focus();
  }

  #shown() {
    return [...this.#tiles.values()].filter((tile) => !tile.tile.hidden);
  }
}

/** @param {string} text Devanagari digits as Latin ones: a keyboard may give either */
function latinDigits(text) {
  return text.replace(/[\u0966-\u096f]/g, (digit) => String(digit.charCodeAt(0) - 0x966));
}
