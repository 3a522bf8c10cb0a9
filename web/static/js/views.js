/**
 * How large each receiving line is shown, told to the server when it changes: a small tile needs a small
 * picture, a page in the background needs none.
 */

/** @typedef {import('./protocol').View} View */
/** @typedef {{ width: number, height: number }} Size in CSS pixels */
/** @typedef {{ mid: string, size: Size | null }} Shown `null`: empty, nobody is in this line */

/** Between two messages: a window that is drawn larger says a few sizes on the way, not each of them. */
const PAUSE_MS = 350;
const PIXELS_MAX = 65_535;
const NOTHING = { width: 0, height: 0 };

export class Views {
  #measure;
  #tell;
  #said = '';
  #saidAt = -Infinity;
  #timer = 0;
  #observer = new ResizeObserver(() => this.look());

  /**
   * @param {() => Shown[]} measure
   * @param {(views: View[]) => void} tell
   */
  constructor(measure, tell) {
    this.#measure = measure;
    this.#tell = tell;
    document.addEventListener('visibilitychange', () => this.look());
  }

  /** @param {Element} element whose size matters */
  watch(element) {
    this.#observer.observe(element);
  }

  /** A new connection knows nothing yet. */
  begin() {
    this.#observer.disconnect();
    this.#said = '';
  }

  /** Tells what has changed, at once or after a pause. */
  look() {
    clearTimeout(this.#timer);
    const pause = this.#saidAt + PAUSE_MS - performance.now();
    if (pause > 0) this.#timer = setTimeout(() => this.look(), pause);
    else this.#say();
  }

  #say() {
    const shown = this.#measure();
    if (shown.length === 0) return;
    const guess = guessFor(shown);
    const views = shown.map(({ mid, size }) => ({ mid, ...inDevicePixels(document.hidden ? NOTHING : (size ?? guess)) }));
    const text = JSON.stringify(views);
    if (text === this.#said) return;
    this.#said = text;
    this.#saidAt = performance.now();
    this.#tell(views);
  }
}

/**
 * How large somebody who comes into an empty line will be seen: the first picture must not wait until it was
 * measured.
 *
 * @param {Shown[]} shown
 * @returns {Size}
 */
function guessFor(shown) {
  const taken = shown.filter(({ size }) => size !== null).length;
  const share = taken === 0 ? 1 : 2;
  return { width: innerWidth / share, height: innerHeight / share };
}

/** @param {Size} size */
function inDevicePixels({ width, height }) {
  /** @param {number} length */
  const pixels = (length) => Math.min(PIXELS_MAX, Math.round(length * devicePixelRatio));
  return { width: pixels(width), height: pixels(height) };
}
