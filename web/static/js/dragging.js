/**
 * One tile drawn onto another: with a mouse or a pen after a few pixels, with a finger after a moment of holding still, so that a
 * tap stays a tap and a stroke stays a scroll. It tells which two; what becomes of them is not known here.
 */

/** Pixels within which a tap may slip. */
const SLIP_MAX = 12;
const HOLD_MS = 400;

export class Dragging {
  #grid;
  #dropped;
  /** @type {{ tile: HTMLElement, x: number, y: number, pointer: number } | null} */
  #held = null;
  #isDrawn = false;
  #timer = 0;

  /**
   * @param {HTMLElement} grid holds tiles with `data-post`
   * @param {(post: string, onto: string) => void} dropped
   */
  constructor(grid, dropped) {
    this.#grid = grid;
    this.#dropped = dropped;
    grid.addEventListener('pointerdown', (event) => this.#down(event));
    grid.addEventListener('pointermove', (event) => this.#move(event));
    grid.addEventListener('pointerup', (event) => this.#up(event));
    grid.addEventListener('pointercancel', () => this.#end());
    // While a finger draws a tile the page does not scroll, and a long press opens no menu.
    grid.addEventListener('touchmove', (event) => this.#isDrawn && event.preventDefault(), { passive: false });
    grid.addEventListener('contextmenu', (event) => this.#isDrawn && event.preventDefault());
  }

  /** @param {PointerEvent} event */
  #down(event) {
    const tile = tileAt(event.target);
    if (tile === null || event.button !== 0 || !event.isPrimary) return;
    this.#held = { tile, x: event.clientX, y: event.clientY, pointer: event.pointerId };
    if (event.pointerType === 'touch') this.#timer = setTimeout(() => this.#begin(), HOLD_MS);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const held = this.#held;
    if (held === null || event.pointerId !== held.pointer) return;
    const slip = Math.hypot(event.clientX - held.x, event.clientY - held.y);
    if (!this.#isDrawn && slip > SLIP_MAX) {
      if (event.pointerType === 'touch') this.#end();
      else this.#begin();
    }
    if (this.#isDrawn) this.#mark(this.#under(event));
  }

  /** @param {PointerEvent} event */
  #up(event) {
    const held = this.#held;
    const onto = this.#isDrawn ? this.#under(event) : null;
    if (this.#isDrawn) this.#swallowClick();
    this.#end();
    if (held !== null && onto !== null) this.#dropped(held.tile.dataset.post ?? '', onto.dataset.post ?? '');
  }

  #begin() {
    const held = this.#held;
    if (held === null) return;
    this.#isDrawn = true;
    held.tile.dataset.drawn = 'true';
    this.#grid.dataset.drawing = 'true';
    this.#grid.setPointerCapture(held.pointer);
  }

  #end() {
    clearTimeout(this.#timer);
    this.#mark(null);
    delete this.#held?.tile.dataset.drawn;
    delete this.#grid.dataset.drawing;
    this.#held = null;
    this.#isDrawn = false;
  }

  /** @param {PointerEvent} event @returns {HTMLElement | null} another tile under the pointer */
  #under(event) {
    const tile = tileAt(document.elementFromPoint(event.clientX, event.clientY));
    return tile === this.#held?.tile || !this.#grid.contains(tile) ? null : tile;
  }

  /** @param {HTMLElement | null} tile */
  #mark(tile) {
    for (const one of this.#grid.querySelectorAll('[data-under]')) if (one !== tile) one.removeAttribute('data-under');
    if (tile !== null) tile.dataset.under = 'true';
  }

  /** The end of drawing is no tap on the tile. */
  #swallowClick() {
    const swallow = (/** @type {Event} */ event) => {
      event.stopPropagation();
      event.preventDefault();
    };
    this.#grid.addEventListener('click', swallow, { capture: true, once: true });
    setTimeout(() => this.#grid.removeEventListener('click', swallow, { capture: true }), 0);
  }
}

/** @param {EventTarget | null} target @returns {HTMLElement | null} */
function tileAt(target) {
  const tile = target instanceof Element ? target.closest('[data-post]') : null;
  return tile instanceof HTMLElement ? tile : null;
}
