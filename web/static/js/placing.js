/**
 * Whose picture and sound goes where: those of the talk to the stage, those of a ring in the middle of it to its card, without
 * sound. A line whose owner is neither is shown nowhere.
 *
 * The server says whose media a line carries, and in which call a seat is, in whatever order: each is asked anew when one changes.
 */

import { part } from './part.js';

/** @typedef {import('./calls.js').Calls} Calls */
/** @typedef {import('./signaling.js').Message<'slot'>} Slot */

export class Placing {
  #calls;
  #line;
  #stage;
  #root;
  #video;
  /** @type {Map<string, Slot>} by mid, what the server says */
  #slots = new Map();
  /** @type {Map<string, string | null>} by mid, what the stage was told */
  #staged = new Map();

  /**
   * @param {HTMLElement} root
   * @param {Calls} calls
   * @param {{ line: import('./line.js').Line, stage: import('./stage.js').Stage }} media
   */
  constructor(root, calls, { line, stage }) {
    this.#calls = calls;
    this.#line = line;
    this.#stage = stage;
    this.#root = part(root, 'stage', HTMLElement);
    this.#video = part(root, 'ring-video', HTMLVideoElement);
    // A picture is shown when it is there, so that the card is never a black hole.
    this.#video.addEventListener('resize', () => (this.#video.hidden = this.#video.videoWidth === 0));
  }

  /** A new connection begins with empty lines. */
  clear() {
    this.#slots.clear();
    this.#staged.clear();
    this.#stage.clear();
    this.#show(null);
  }

  /** @param {Slot} slot */
  put(slot) {
    this.#slots.set(slot.mid, slot);
    this.arrange();
  }

  /** Brings all lines to their places. */
  arrange() {
    const isInTalk = this.#calls.here !== null;
    const card = isInTalk ? (this.#calls.ring?.caller ?? null) : null;
    let carded = null;
    for (const slot of this.#slots.values()) {
      const isStaged = slot.participant !== null && this.#calls.isStaged(slot.participant);
      const isCarded = !isStaged && slot.participant !== null && slot.participant === card;
      this.#tellStage({ ...slot, participant: isStaged ? slot.participant : null });
      this.#silence(slot.mid, !this.#calls.isHeard(slot.participant));
      if (isCarded && this.#line.peer?.receiverOf(slot.mid)?.track.kind === 'video') carded = slot.mid;
    }
    this.#show(carded);
  }

  /** @param {Slot} slot */
  #tellStage(slot) {
    const told = JSON.stringify(slot);
    if (this.#staged.get(slot.mid) === told) return;
    this.#staged.set(slot.mid, told);
    this.#stage.put(slot);
  }

  /**
   * @param {string} mid
   * @param {boolean} isSilent
   */
  #silence(mid, isSilent) {
    const audio = [...this.#root.querySelectorAll('audio')].find((one) => one.dataset.mid === mid);
    if (audio !== undefined) audio.muted = isSilent;
  }

  /** @param {string | null} mid of the picture on the card */
  #show(mid) {
    const track = mid === null ? null : (this.#line.peer?.receiverOf(mid)?.track ?? null);
    const shown = /** @type {MediaStream | null} */ (this.#video.srcObject)?.getTracks()[0] ?? null;
    if (track === shown) return;
    this.#video.srcObject = track === null ? null : new MediaStream([track]);
    this.#video.hidden = true;
    if (track !== null) this.#video.play().catch(() => {});
  }
}
