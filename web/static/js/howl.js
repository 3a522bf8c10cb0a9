/**
 * Two telephones in one room: what one says comes back out of the other and is picked up again. The page compares how loud
 * the own microphone is with how loud the others are, moment by moment. A voice that comes back has the same pattern a
 * little later; two people who talk have not.
 *
 * Four looks a second at what the browser remembers, and a small sum each second: nothing that a weak telephone feels.
 */

import { part } from './part.js';
import { Loudness } from './sound.js';

/** Between two looks; a page that is late loses nothing as long as the browser remembers. */
const LOOK_MS = 250;
/** Pieces of 50 ms, in all six seconds: a sentence or two. */
const PIECES = 120;
/** The next sum is made after so many more. */
const STEP = 20;
/** A voice that goes out and comes back takes at most so many pieces longer. */
const LAG_MAX = 16;
/** A pattern that repeats itself after so many pieces is a machine's, and tells nothing. */
const PERIOD_MIN = 6;
const PERIOD_MAX = 40;
/**
 * How much alike two patterns are, 0 to 1, when one is the other's echo. Of 20,000 such times in which two made-up voices
 * talked at once, one was as much alike by chance.
 */
const ALIKE_MIN = 0.75;
const REPEATED_MIN = 0.7;
/** Loud enough to be a voice, in dBFS, and as uneven as one. */
const LOUD_MIN = -50;
const UNEVEN_MIN = 5;
/** Seconds in a row that must agree. */
const AGREED_MIN = 3;
/** So many in a row that do not agree end it: a sentence may be followed by a pause. */
const CALM_MIN = 8;
/** How loud the others stay while it howls. */
const DUCKED = 0.2;

export class HowlGuard {
  #note;
  #hold;
  #controls;
  #stage;
  /** @type {number[]} */
  #own = [];
  /** @type {number[]} */
  #others = [];
  #agreed = 0;
  /** Sums since the last one that agreed. */
  #calm = 0;
  #isHowling = false;
  #judged = 0;
  #ears = { own: new Loudness(), others: new Loudness() };
  /** Up to where both were heard, on the clock of sound. */
  #heard = 0;
  #inTurns = false;
  /** The button to talk is pressed at this moment. */
  #isHeld = false;

  /**
   * @param {HTMLElement} root
   * @param {import('./controls.js').Controls} controls
   * @param {import('./stage.js').Stage} stage
   */
  constructor(root, controls, stage) {
    this.#note = part(root, 'howl', HTMLElement);
    this.#hold = part(root, 'hold-to-talk', HTMLButtonElement);
    this.#controls = controls;
    this.#stage = stage;
    part(root, 'take-turns', HTMLButtonElement).addEventListener('click', () => this.#takeTurns());
    this.#hold.addEventListener('pointerdown', () => this.#press(true));
    this.#hold.addEventListener('keydown', (event) => [' ', 'Enter'].includes(event.key) && this.#press(true));
    for (const name of ['pointerup', 'pointercancel', 'pointerleave', 'blur', 'keyup']) {
      this.#hold.addEventListener(name, () => this.#press(false));
    }
    // Whoever switches the microphone by its own button speaks in turns no more.
    part(root, 'microphone', HTMLButtonElement).addEventListener('click', () => this.#endTurns());
    setInterval(() => this.#look(), LOOK_MS);
  }

  /** The talk is over. */
  stop() {
    this.#endTurns();
    this.#forget();
  }

  #look() {
    const own = this.#controls.microphone ? this.#controls.track('audio') : null;
    const others = this.#stage.sounds();
    if (own === null || others.length === 0 || document.visibilityState === 'hidden') {
      this.#forget();
      return;
    }
    this.#ears.own.follow([own]);
    this.#ears.others.follow(others);
    const pieces = Math.floor(Loudness.now - this.#heard);
    if (pieces < 1) return;
    if (pieces > Loudness.most) {
      this.#forget();
      return;
    }
    this.#heard += pieces;
    this.#own.push(...this.#ears.own.last(pieces));
    this.#others.push(...this.#ears.others.last(pieces));
    if (this.#own.length < PIECES) return;
    this.#judge(this.#own.slice(-PIECES), this.#others.slice(-PIECES));
    this.#own.splice(0, STEP);
    this.#others.splice(0, STEP);
  }

  #forget() {
    this.#own.length = 0;
    this.#others.length = 0;
    this.#agreed = 0;
    this.#heard = Loudness.now;
    this.#end();
  }

  /** It howls no more: the others are as loud as before. */
  #end() {
    if (!this.#isHowling) return;
    this.#isHowling = false;
    const hadFocus = this.#note.contains(document.activeElement);
    this.#note.hidden = true;
    this.#stage.duck(1);
    if (hadFocus) this.#controls.focus('audio');
  }

  /**
   * @param {readonly number[]} own
   * @param {readonly number[]} others
   */
  #judge(own, others) {
    this.#judged += 1;
    this.#note.dataset.judged = String(this.#judged);
    const isBack = comesBack(own, others);
    this.#agreed = isBack ? this.#agreed + 1 : 0;
    this.#calm = isBack ? 0 : this.#calm + 1;
    if (this.#calm >= CALM_MIN) this.#end();
    if (this.#agreed < AGREED_MIN || this.#inTurns) return;
    this.#isHowling = true;
    this.#note.hidden = false;
    this.#stage.duck(DUCKED);
  }

  /** The microphone is off but for the moments in which the person holds the button. */
  #takeTurns() {
    this.#inTurns = true;
    this.#hold.hidden = false;
    this.#hold.focus();
    this.#end();
    this.#controls.speak(false);
  }

  /** The person has gone back to the button of the microphone, or out of the talk. */
  #endTurns() {
    if (!this.#inTurns) return;
    this.#inTurns = false;
    this.#show(false);
    this.#hold.hidden = true;
  }

  /** @param {boolean} isHeld */
  #press(isHeld) {
    if (!this.#inTurns || isHeld === this.#isHeld) return;
    this.#show(isHeld);
    this.#controls.speak(isHeld);
  }

  /** @param {boolean} isHeld */
  #show(isHeld) {
    this.#isHeld = isHeld;
    this.#hold.setAttribute('aria-pressed', String(isHeld));
    this.#stage.duck(isHeld ? DUCKED : 1);
  }
}

/**
 * Whether two sequences of levels have one pattern, the one a little later than the other.
 *
 * @param {readonly number[]} own dBFS
 * @param {readonly number[]} others dBFS
 */
export function comesBack(own, others) {
  if (!isVoice(own) || !isVoice(others) || repeats(own)) return false;
  for (let lag = -LAG_MAX; lag <= LAG_MAX; lag += 1) if (alike(own, others, lag) >= ALIKE_MIN) return true;
  return false;
}

/** @param {readonly number[]} levels */
function isVoice(levels) {
  const { mean, spread } = shape(levels);
  return mean >= LOUD_MIN && spread >= UNEVEN_MIN;
}

/** @param {readonly number[]} levels */
function repeats(levels) {
  for (let lag = PERIOD_MIN; lag <= PERIOD_MAX; lag += 1) if (alike(levels, levels, lag) >= REPEATED_MIN) return true;
  return false;
}

/** @param {readonly number[]} levels */
function shape(levels) {
  const mean = levels.reduce((sum, level) => sum + level, 0) / levels.length;
  const power = levels.reduce((sum, level) => sum + (level - mean) ** 2, 0) / levels.length;
  return { mean, spread: Math.sqrt(power) };
}

/**
 * The correlation of `a` with `b` as it was `lag` pieces later, -1 to 1.
 *
 * @param {readonly number[]} a
 * @param {readonly number[]} b
 * @param {number} lag
 */
function alike(a, b, lag) {
  const first = lag >= 0 ? a.slice(0, a.length - lag) : a.slice(-lag);
  const second = lag >= 0 ? b.slice(lag) : b.slice(0, b.length + lag);
  const [x, y] = [shape(first), shape(second)];
  if (x.spread === 0 || y.spread === 0) return 0;
  const sum = first.reduce((total, level, at) => total + (level - x.mean) * ((second[at] ?? 0) - y.mean), 0);
  return sum / first.length / x.spread / y.spread;
}
