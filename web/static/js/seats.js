/**
 * The seats of the hotline as tiles: number, post, presence. Found by typing, rung by a tap or Enter; where several may be rung at
 * once, chosen by Space, and by a tap while that is on.
 *
 * One field serves for both: digits dial a number, letters look for a post. Arrow keys move between
 * the tiles. The wall only asks for a ring; see `seat.js` and `choosing.js`.
 */

import { copyOf, part } from './part.js';
import { inLanguage, keyOf, word } from './words.js';

/** @typedef {import('./protocol').Seat} SeatInfo */
/** @typedef {{ info: SeatInfo, tile: HTMLButtonElement }} Tile */
/**
 * `choose`: whether the press has chosen the seat or left it out · `go`: whether those that are chosen are rung by it ·
 * `filled`: all tiles are there.
 *
 * @typedef {{ ring: (seat: SeatInfo) => void, choose?: (seat: SeatInfo, how: 'tap' | 'space') => boolean, go?: () => boolean, filled?: () => void }} Acts
 */

export class SeatWall {
  #root;
  #grid;
  #field;
  #found;
  #own;
  #acts;
  /** @type {Map<string, Tile>} by post, in the order of the numbers */
  #tiles = new Map();
  /** Those that are chosen, while one chooses. @type {ReadonlySet<string> | null} */
  #chosen = null;
  /** The only group that is shown; empty for all. */
  #group = '';

  /**
   * @param {HTMLElement} root has the field, the grid and the template `seat-tile`
   * @param {import('./signaling.js').Signaling} signaling
   * @param {Acts} acts what the person wants by a press
   */
  constructor(root, signaling, acts) {
    this.#root = root;
    this.#acts = acts;
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
    // Where Space chooses it must not press the tile as well, which Firefox does when it is let go.
    this.#grid.addEventListener('keyup', (event) => event.key === ' ' && acts.choose !== undefined && event.preventDefault());
  }

  /** Empties the field: the whole wall is shown again. */
  clear() {
    this.#field.value = '';
    this.#filter();
  }

  /** Marks those that are chosen. @param {ReadonlySet<string> | null} chosen null: nothing can be chosen now */
  mark(chosen) {
    this.#chosen = chosen;
    for (const tile of this.#tiles.values()) this.#describe(tile);
    // What Enter does is another thing now.
    if (this.#field.value !== '') this.#filter();
  }

  /** Shows one group alone; whatever is looked for is looked for among all. @param {string} group empty for all */
  only(group) {
    this.#group = group;
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
    this.#acts.filled?.();
    this.#filter();
    const again = this.#tiles.get(focused)?.tile;
    if (again === undefined) return;
    this.#rove(again);
    again.focus();
  }

  /** @param {SeatInfo} seat */
  #change(seat) {
    const known = this.#tiles.get(seat.post);
    if (known === undefined) return;
    known.info = { post: seat.post, number: seat.number, title: seat.title, group: seat.group, presence: seat.presence };
    this.#describe(known);
  }

  /** @param {SeatInfo} info @returns {Tile} */
  #tile(info) {
    const tile = copyOf(this.#root, 'seat-tile');
    if (!(tile instanceof HTMLButtonElement)) throw new TypeError('a seat tile is a button');
    const made = { info, tile };
    tile.dataset.post = info.post;
    tile.dataset.number = String(info.number);
    tile.addEventListener('click', () => this.#press(made.info));
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
    if (this.#chosen === null) tile.removeAttribute('aria-pressed');
    else tile.setAttribute('aria-pressed', String(this.#chosen.has(info.post)));
  }

  /** @param {SeatInfo} info */
  #press(info) {
    const isChosen = this.#acts.choose?.(info, 'tap') ?? false;
    if (!isChosen) this.#acts.ring(info);
    return isChosen;
  }

  #filter() {
    const wanted = latinDigits(this.#field.value.trim().normalize('NFC').toLocaleLowerCase());
    /** @type {Tile[]} */
    const shown = [];
    for (const tile of this.#tiles.values()) {
      const isOfGroup = this.#group === '' || tile.info.group === this.#group;
      const fits = wanted === '' ? isOfGroup : findable(tile.info, wanted);
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
    const does = this.#chosen === null ? 'live-js-enter-rings' : 'live-js-enter-chooses';
    if (target !== undefined) return word(does, { post: inLanguage(target.info.title) });
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
    if (event.key === 'Enter') {
      event.preventDefault();
      // A number that was chosen makes room for the next one.
      if (target !== undefined && this.#press(target.info)) this.clear();
      else if (this.#field.value.trim() === '') this.#acts.go?.();
    }
    if (event.key === 'Escape' && this.#field.value !== '') {
      // It takes back what was typed, and nothing else.
      event.stopPropagation();
      this.clear();
    }
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
    const info = this.#tiles.get(tile.dataset.post ?? '')?.info;
    if (event.key === ' ' && info !== undefined && this.#acts.choose !== undefined) {
      event.preventDefault();
      if (!event.repeat) this.#acts.choose(info, 'space');
      return;
    }
    if (event.key === 'Enter' && this.#acts.go?.() === true) {
      event.preventDefault();
      return;
    }
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

/**
 * Whether a seat is meant by what was typed: by the beginning of its number, or by any part of its title.
 *
 * @param {SeatInfo} seat
 * @param {string} wanted in lower case, with Latin digits
 */
export function findable({ number, title }, wanted) {
  if (/^\d+$/.test(wanted)) return String(number).startsWith(wanted);
  return `${number} ${title.hi} ${title.en}`.normalize('NFC').toLocaleLowerCase().includes(wanted);
}

/** @param {string} text Devanagari digits as Latin ones: a keyboard may give either */
export function latinDigits(text) {
  return text.replace(/[\u0966-\u096f]/g, (digit) => String(digit.charCodeAt(0) - 0x966));
}
