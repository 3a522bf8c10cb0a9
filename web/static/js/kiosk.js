/**
 * A terminal at its seat: the chamber, with the server's clock, today's list, keys of a remote control, and a page that comes back
 * by itself whatever happened to the server, the network or the machine.
 */

import { begin } from './chamber.js';
import { SelfCheck } from './kiosk_check.js';
import { keepWaitingPage } from './kiosk_keep.js';
import { ask, Refused } from './kiosk_server.js';
import { copyOf, part } from './part.js';

/** How often it says that it is there. */
const BEAT_MS = 60_000;
/** How often it asks for a server while its line is down, and how long it waits. */
const LOOK_MS = 1_000;
const ANSWER_MS_MAX = 2_000;
/** The machine slept, or somebody set its clock, when its two clocks differ by so much from one second to the next. */
const SLEPT_MS = 2_000;
/** Whoever took the place of this page has it for so long. */
const REPLACED_MS = 60_000;
/** A key counts when the ring has been on the screen for so long: one that was pressed before it is not meant. */
const MEANT_MS = 1_000;

/** @param {HTMLElement} root */
export function start(root) {
  const time = new ServerTime(Number(root.dataset.nowMs));
  const seat = begin(root, () => time.now());
  new Presence(root, seat, time);
  new Keys(root);
  keepWaitingPage();
}

/** The server's time: a machine's own clock may be anything. */
class ServerTime {
  #ms = 0;
  #at = 0;

  /** @param {number} ms */
  constructor(ms) {
    this.set(ms);
  }

  /** @param {number} ms */
  set(ms) {
    this.#ms = ms;
    this.#at = performance.now();
  }

  now() {
    return new Date(this.#ms + performance.now() - this.#at);
  }
}

/** Says that the terminal is there, and brings it back. */
class Presence {
  #root;
  #seat;
  #time;
  #check;
  #isDown = false;
  #isOld = false;

  /**
   * @param {HTMLElement} root
   * @param {import('./seat.js').Seat} seat
   * @param {ServerTime} time
   */
  constructor(root, seat, time) {
    this.#root = root;
    this.#seat = seat;
    this.#time = time;
    this.#check = new SelfCheck(root, seat);
    const { line } = seat;
    line.signaling.on('up', () => {
      this.#isDown = false;
      this.#beat();
    });
    line.signaling.on('down', () => this.#lost());
    line.on('refused', (code) => this.#refused(code));
    // What could not be while there was a talk is made up for.
    seat.on('idle', () => this.#beat());
    setInterval(() => this.#beat(), BEAT_MS);
    this.#watchSleep();
  }

  async #beat() {
    try {
      const told = await ask('/kiosk/beat', {});
      this.#time.set(told.now_ms);
      new Today(this.#root).show(told.items);
      this.#isOld = told.version !== this.#root.dataset.version;
      if (this.#isOld) this.#renew();
      else if (told.check === true) this.#check.run();
    } catch (error) {
      if (error instanceof Refused && ['sign-in', 'not-yours'].includes(error.code)) this.#open();
    }
  }

  /** A page that is older than its server is loaded anew when nobody is in a talk. */
  #renew() {
    if (this.#isOld && this.#seat.isIdle) location.reload();
  }

  /** Asks for the server more often than a socket would be tried, and tries the socket when it answers. */
  async #lost() {
    if (this.#isDown) return;
    this.#isDown = true;
    while (this.#isDown) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      if (this.#isDown && (await isThere())) this.#seat.line.signaling.renew();
    }
  }

  /** @param {string} code */
  #refused(code) {
    this.#isDown = false;
    if (code === 'replaced') setTimeout(() => this.#open(), REPLACED_MS);
    else this.#open();
  }

  #open() {
    location.replace('/kiosk/open');
  }

  #watchSleep() {
    let wall = Date.now();
    let running = performance.now();
    setInterval(() => {
      const [wallNow, runningNow] = [Date.now(), performance.now()];
      const late = Math.max(wallNow - wall, runningNow - running) - LOOK_MS;
      [wall, running] = [wallNow, runningNow];
      if (late < SLEPT_MS) return;
      this.#seat.line.signaling.renew();
      this.#beat();
    }, LOOK_MS);
  }
}

async function isThere() {
  try {
    return (await fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(ANSWER_MS_MAX) })).ok;
  } catch {
    return false;
  }
}

/** Today's list: times, never names. */
class Today {
  #root;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
  }

  /** @param {{ time: string, number: number, channel: string }[]} items */
  show(items) {
    const lines = items.map(({ time, number, channel }) => {
      const line = copyOf(this.#root, 'today-item');
      part(line, 'time', HTMLElement).textContent = time;
      part(line, 'what', HTMLElement).textContent = `${number} · ${channel}`;
      return line;
    });
    part(this.#root, 'today', HTMLElement).replaceChildren(...lines);
    part(this.#root, 'today-none', HTMLElement).hidden = items.length > 0;
  }
}

/** Two buttons of a remote control: forward takes a ring, back puts it off; back also ends a call. */
class Keys {
  #root;
  #ringAt = Infinity;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    let shown = '';
    new MutationObserver(() => {
      const state = document.documentElement.dataset.state ?? '';
      if (state !== shown) this.#ringAt = state === 'incoming' ? performance.now() : Infinity;
      shown = state;
    }).observe(document.documentElement, { attributeFilter: ['data-state'] });
    document.addEventListener('keydown', (event) => this.#pressed(event));
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
    const isForward = ['PageDown', 'ArrowRight'].includes(event.key);
    const isBack = ['PageUp', 'ArrowLeft', 'Escape'].includes(event.key);
    const state = document.documentElement.dataset.state;
    const isMeant = performance.now() - this.#ringAt >= MEANT_MS;
    if (state === 'incoming' && isMeant && isForward) this.#press('accept');
    else if (state === 'incoming' && isMeant && isBack) this.#press('later');
    else if (state === 'in-call' && isBack) this.#press('end');
    else return;
    event.preventDefault();
  }

  /** @param {string} name */
  #press(name) {
    part(this.#root, name, HTMLButtonElement).click();
  }
}
