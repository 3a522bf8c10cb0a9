/**
 * The chamber of a post, the same on the officer's own telephone and in a hall: a clock where there is room for one, one true
 * sentence about the camera, whether somebody is in, and a ring that fills the screen. It can ring others too.
 */

import { Confidence } from './confidence.js';
import { Missed } from './missed.js';
import { optionalPart, part } from './part.js';
import { Questions } from './questions.js';
import { Seat } from './seat.js';
import { SeatWall } from './seats.js';
import { isAudible, unlock } from './sound.js';
import { Word } from './word.js';
import { language } from './words.js';

/** @param {HTMLElement} root */
export function start(root) {
  begin(root, () => new Date());
}

/**
 * @param {HTMLElement} root
 * @param {() => Date} now
 * @returns {Seat} that has begun
 */
export function begin(root, now) {
  const seat = new Seat(root, kindOf(root));
  const clock = optionalPart(root, 'clock', HTMLElement);
  if (clock !== null) new Clock(now, clock, part(root, 'date', HTMLElement));
  new PresenceChoice(root, seat.line);
  new Readiness(root);
  const others = part(root, 'wall', HTMLElement);
  const confidence = new Confidence(others);
  const wall = new SeatWall(others, seat.line.signaling, {
    ring: ({ post, presence }) => presence !== 'vacant' && seat.ringOne(post, confidence.how),
  });
  seat.on('talk', () => confidence.clear());
  seat.on('idle', () => {
    wall.clear();
    // On a telephone the others are what the page is opened for.
    if (root.dataset.kind !== 'phone') optionalPart(root, 'others', HTMLDetailsElement)?.removeAttribute('open');
  });
  // A terminal that nobody types at has no place for questions, nor for words: whoever stands there would hear them.
  if (optionalPart(root, 'questions', HTMLElement) !== null) {
    new Questions(root, seat);
    new Missed(root, seat);
    new Word(root, seat);
  }
  keepAwake();
  seat.start();
  return seat;
}

/** @param {HTMLElement} root @returns {'chamber' | 'phone' | 'hall'} which of the devices of the seat this is */
function kindOf({ dataset: { kind } }) {
  return kind === 'phone' || kind === 'hall' ? kind : 'chamber';
}

/** The hour in India, whatever the machine's own zone. */
class Clock {
  #now;
  #time;
  #date;
  #hour = new Intl.DateTimeFormat('en-IN', { timeZone: 'Asia/Kolkata', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  #day = new Intl.DateTimeFormat(language === 'en' ? 'en-IN' : 'hi-IN', {
    timeZone: 'Asia/Kolkata',
    weekday: 'long',
    day: 'numeric',
    month: 'long',
  });

  /**
   * @param {() => Date} now
   * @param {HTMLElement} time
   * @param {HTMLElement} date
   */
  constructor(now, time, date) {
    this.#now = now;
    this.#time = time;
    this.#date = date;
    this.#tick();
    setInterval(() => this.#tick(), 1_000);
  }

  #tick() {
    const now = this.#now();
    const hour = this.#hour.format(now);
    if (this.#time.textContent === hour) return;
    this.#time.textContent = hour;
    this.#date.textContent = this.#day.format(now);
  }
}

/** «उपलब्ध» or «कक्ष में नहीं», said by the person and said again on each new socket. */
class PresenceChoice {
  #line;
  #buttons;
  /** @type {'available' | 'away'} */
  #presence = 'available';

  /**
   * @param {HTMLElement} root
   * @param {import('./line.js').Line} line
   */
  constructor(root, line) {
    this.#line = line;
    this.#buttons = {
      available: part(root, 'available', HTMLButtonElement),
      away: part(root, 'away', HTMLButtonElement),
    };
    this.#buttons.available.addEventListener('click', () => this.#choose('available'));
    this.#buttons.away.addEventListener('click', () => this.#choose('away'));
    let own = '';
    line.signaling.on('welcome', (welcome) => {
      own = welcome.participant;
    });
    /** @param {import('./protocol').Seat} seat */
    const follow = (seat) => {
      if (seat.post !== own) return;
      if (seat.presence === 'available' || seat.presence === 'away') this.#show(seat.presence);
    };
    line.signaling.on('seats', (message) => message.seats.forEach(follow));
    line.signaling.on('seat', follow);
  }

  /** @param {'available' | 'away'} presence */
  #choose(presence) {
    if (this.#line.send({ type: 'set_presence', presence })) this.#show(presence);
  }

  /** @param {'available' | 'away'} presence */
  #show(presence) {
    this.#presence = presence;
    this.#buttons.available.setAttribute('aria-pressed', String(this.#presence === 'available'));
    this.#buttons.away.setAttribute('aria-pressed', String(this.#presence === 'away'));
  }
}

/** What a first ring would stumble over, asked for while nobody rings: sound and the permission. */
class Readiness {
  #sound;
  #permission;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#sound = part(root, 'allow-sound', HTMLButtonElement);
    this.#permission = part(root, 'allow-camera', HTMLButtonElement);
    this.#sound.addEventListener('click', () => this.#unlock());
    this.#permission.addEventListener('click', () => this.#ask());
    root.addEventListener('click', () => this.#unlock());
    this.#look();
  }

  async #unlock() {
    await unlock();
    // The browser starts sound a moment after the tap.
    setTimeout(() => this.#look(), 300);
  }

  /** Asks once and stops at once: only the permission is wanted. */
  async #ask() {
    const stream = await navigator.mediaDevices?.getUserMedia({ audio: true, video: true }).catch(() => null);
    stream?.getTracks().forEach((track) => track.stop());
    await this.#look();
  }

  async #look() {
    this.#sound.hidden = isAudible();
    const states = await Promise.all(['camera', 'microphone'].map(permissionOf));
    this.#permission.hidden = states.every((state) => state === 'granted' || state === 'unknown');
  }
}

/** @param {string} name @returns {Promise<string>} */
async function permissionOf(name) {
  try {
    return (await navigator.permissions.query({ name: /** @type {PermissionName} */ (name) })).state;
  } catch {
    return 'unknown'; // Firefox before 132 does not tell; the browser will ask at the ring
  }
}

/** A chamber's screen stays on; where the browser cannot promise that, the machine's settings do. */
function keepAwake() {
  const ask = () => {
    if (document.visibilityState === 'visible') navigator.wakeLock?.request('screen').catch(() => {});
  };
  document.addEventListener('visibilitychange', ask);
  ask();
}
