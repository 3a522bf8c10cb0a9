/**
 * Sound that the page itself makes or measures: the ring, the knock at the lobby, the level of a
 * microphone. Played through one WebAudio context; no sound file is loaded.
 */

/** @type {AudioContext | null} */
let shared = null;

/** The page's one context; browsers limit how many there may be. */
function context() {
  shared ??= new AudioContext();
  return shared;
}

/** Whether the browser lets the page make sound now. */
export function isAudible() {
  return context().state === 'running';
}

/** Asks the browser to let the page make sound; works inside a tap or key press. */
export async function unlock() {
  // Without a tap the promise may stay open for ever: do not wait for it.
  context().resume().catch(() => {});
  await new Promise((done) => setTimeout(done, 0));
  return isAudible();
}

/**
 * A sequence of tones.
 *
 * @param {{ hertz: number, at: number, length: number }[]} tones seconds
 * @param {number} loudness 0 to 1
 */
function play(tones, loudness) {
  const audio = context();
  for (const tone of tones) {
    const oscillator = audio.createOscillator();
    const gain = audio.createGain();
    const start = audio.currentTime + tone.at;
    oscillator.frequency.value = tone.hertz;
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(loudness, start + 0.03);
    gain.gain.setValueAtTime(loudness, start + tone.length - 0.08);
    gain.gain.linearRampToValueAtTime(0, start + tone.length);
    oscillator.connect(gain).connect(audio.destination);
    oscillator.start(start);
    oscillator.stop(start + tone.length);
  }
}

const RING = [
  { hertz: 659, at: 0, length: 0.45 },
  { hertz: 523, at: 0.45, length: 0.55 },
  { hertz: 659, at: 1.1, length: 0.45 },
  { hertz: 523, at: 1.55, length: 0.55 },
];
const WAITING = [
  { hertz: 425, at: 0, length: 0.9 },
];
const KNOCK = [
  { hertz: 784, at: 0, length: 0.16 },
  { hertz: 988, at: 0.18, length: 0.28 },
];

const CHIME = [
  { hertz: 523, at: 0, length: 0.3 },
  { hertz: 659, at: 0.3, length: 0.3 },
  { hertz: 784, at: 0.6, length: 0.7 },
];

/** Of each side, its tones, how loud, and after how long they come again. @type {Record<Side, [{ hertz: number, at: number, length: number }[], number, number]>} */
const SIDES = { called: [RING, 0.35, 3_200], caller: [WAITING, 0.06, 3_000], opens: [CHIME, 0.3, 2_500] };

/** `opens`: a chime at the one who lets this caller in by himself. @typedef {'called' | 'caller' | 'opens'} Side */

/** A repeated tone: the ring at the one who is called, a softer one at the caller. */
export class Ring {
  #timer = 0;

  /** @param {Side} side */
  start(side) {
    this.stop();
    const [tones, loudness, pauseMs] = SIDES[side];
    const once = () => play(tones, loudness);
    once();
    this.#timer = setInterval(once, pauseMs);
  }

  stop() {
    clearInterval(this.#timer);
  }
}

/**
 * Two soft notes: somebody came to the lobby.
 *
 * @param {number} [loudness] 0 to 1
 */
export function knock(loudness = 0.12) {
  if (isAudible()) play(KNOCK, loudness);
}

/** The most that a browser remembers of a sound for the page (Web Audio, `fftSize`). */
const REMEMBERED = 32_768;
/** Loudness is measured in pieces of so many seconds. */
const PIECE_S = 0.05;

/** How loud some tracks are together, piece by piece, however late the page comes to look. */
export class Loudness {
  #analyser = context().createAnalyser();
  #samples = new Float32Array(REMEMBERED);
  /** @type {Map<MediaStreamTrack, MediaStreamAudioSourceNode>} */
  #sources = new Map();

  constructor() {
    this.#analyser.fftSize = REMEMBERED;
  }

  /** Pieces that have passed since the clock of sound began, with what is left of the one that runs. */
  static get now() {
    return context().currentTime / PIECE_S;
  }

  /** How many pieces are remembered. */
  static get most() {
    return Math.floor(REMEMBERED / (context().sampleRate * PIECE_S));
  }

  /** @param {MediaStreamTrack[]} tracks */
  follow(tracks) {
    for (const [track, source] of this.#sources) {
      if (tracks.includes(track)) continue;
      source.disconnect();
      this.#sources.delete(track);
    }
    for (const track of tracks) {
      if (this.#sources.has(track)) continue;
      const source = context().createMediaStreamSource(new MediaStream([track]));
      source.connect(this.#analyser);
      this.#sources.set(track, source);
    }
  }

  /**
   * @param {number} pieces at most `most`
   * @returns {number[]} the last so many, oldest first, dBFS, -80 at least
   */
  last(pieces) {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const length = Math.round(context().sampleRate * PIECE_S);
    return Array.from({ length: pieces }, (_, at) => {
      const from = REMEMBERED - (pieces - at) * length;
      let power = 0;
      for (let n = from; n < from + length; n += 1) power += (this.#samples[n] ?? 0) ** 2;
      return 10 * Math.log10(power / length + 1e-8);
    });
  }
}

/** A moving bar for a microphone: `--level` from 0 to 1 on its element. */
export class LevelMeter {
  #bar;
  /** @type {MediaStreamAudioSourceNode | null} */
  #source = null;
  #analyser = context().createAnalyser();
  #samples = new Float32Array(1024);
  #timer = 0;

  /** @param {HTMLElement} bar an element with the role `meter` */
  constructor(bar) {
    this.#bar = bar;
    this.#analyser.fftSize = 1024;
  }

  /** @param {MediaStreamTrack | null} track */
  follow(track) {
    this.stop();
    if (track === null) return;
    this.#source = context().createMediaStreamSource(new MediaStream([track]));
    this.#source.connect(this.#analyser);
    this.#timer = setInterval(() => this.#measure(), 66);
  }

  stop() {
    clearInterval(this.#timer);
    this.#source?.disconnect();
    this.#source = null;
    this.#show(0);
  }

  #measure() {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const power = this.#samples.reduce((sum, sample) => sum + sample * sample, 0) / this.#samples.length;
    // Speech lies between -50 and -10 dBFS.
    const decibel = 10 * Math.log10(power + 1e-9);
    this.#show(Math.max(0, Math.min(1, (decibel + 55) / 45)));
  }

  /** @param {number} level */
  #show(level) {
    this.#bar.style.setProperty('--level', level.toFixed(2));
    this.#bar.setAttribute('aria-valuenow', String(Math.round(level * 100)));
  }
}
