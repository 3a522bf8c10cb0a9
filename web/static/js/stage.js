/**
 * The stage: what comes in from the others, a tile each.
 *
 * Every receiving line of the connection has its own media element from the start, playing; when
 * the server puts somebody into a line, the picture is there without waiting for anything here.
 * When a connection is made anew, the last picture of each person stays until the first new one.
 */

import { Emitter } from './emitter.js';
import { LastPictures } from './last_pictures.js';
import { copyOf, optionalPart, part } from './part.js';
import { Views } from './views.js';
import { inLanguage, word } from './words.js';

/** @typedef {import('./peer.js').Slot} Slot */
/** @typedef {{ hi: string, en: string }} Title */
/** @typedef {{ participant: string, title: Title, camera: boolean, microphone: boolean, hand_ms?: number }} Person */
/** @typedef {{ mid: string, tile: HTMLElement, video: HTMLVideoElement, frames: number, silentFor: number }} VideoSlot */
/**
 * `blocked`: the browser refuses to play without a tap · `views`: the lines are shown in other sizes than before.
 * @typedef {{ blocked: null, first: null, views: import('./protocol').View[] }} StageEvents
 */

const WATCH_MS = 1_000;
/** Seconds without a new frame after which a tile says so. */
const STILL_S_MAX = 3;

/** @extends {Emitter<StageEvents>} */
export class Stage extends Emitter {
  #root;
  #page;
  #speaker;
  /** @type {Map<string, VideoSlot>} by mid */
  #videos = new Map();
  /** @type {Map<string, HTMLAudioElement>} by mid */
  #audios = new Map();
  /** @type {Map<string, string>} participant by mid */
  #sources = new Map();
  /** @type {Set<string>} mids that carry a screen */
  #screens = new Set();
  /** @type {Map<string, Person>} */
  #people = new Map();
  #isMuted = false;
  #volume = 1;
  /** @type {string | null} who speaks loudest now */
  #loudest = null;
  /** @type {string | null} who spoke loudest last, and stays large in the pauses */
  #large = null;
  /** @type {string | null} who is large whoever speaks */
  #lit = null;
  /** Where somebody is named who speaks and has no picture. */
  #named;
  #views;
  #last = new LastPictures();

  /**
   * @param {HTMLElement} page has the `tile` template
   * @param {HTMLElement} root the tiles go in here
   * @param {string} speaker id of the chosen audio output, or empty
   */
  constructor(page, root, speaker) {
    super();
    this.#page = page;
    this.#root = root;
    this.#speaker = speaker;
    this.#named = optionalPart(page, 'speaks', HTMLElement);
    this.#views = new Views(
      () => [...this.#videos.values()].map((slot) => ({ mid: slot.mid, size: this.#sizeOf(slot) })),
      (views) => this.emit('views', views),
    );
    setInterval(() => this.#watch(), WATCH_MS);
  }

  /** Forgets who is where: a new connection begins with empty lines. */
  clear() {
    for (const slot of this.#videos.values()) {
      const source = this.#sources.get(slot.mid);
      if (source !== undefined && slot.tile.dataset.picture === 'live' && !this.#screens.has(slot.mid)) this.#last.keep(source, slot.video);
    }
    this.#sources.clear();
    this.#screens.clear();
    this.#loudest = null;
    this.#large = null;
    if (this.#named !== null) this.#named.hidden = true;
    this.#arrange();
  }

  /** @param {Slot[]} slots the receiving lines of a new connection */
  use(slots) {
    this.#root.replaceChildren();
    this.#videos.clear();
    this.#audios.clear();
    this.#views.begin();
    for (const slot of slots) {
      if (slot.kind === 'audio') this.#addAudio(slot);
      else this.#addVideo(slot);
    }
    this.#arrange();
  }

  /** @param {import('./signaling.js').Message<'slot'>} slot whose media a line carries from now on */
  put({ mid, participant, screen }) {
    if (participant === null) this.#sources.delete(mid);
    else this.#sources.set(mid, participant);
    const was = this.#screens.has(mid);
    if (screen === true) this.#screens.add(mid);
    else this.#screens.delete(mid);
    const video = this.#videos.get(mid);
    // The same person's other picture is another picture.
    if (video !== undefined && was !== this.#screens.has(mid)) delete video.tile.dataset.participant;
    this.#arrange();
  }

  /** @param {Person[]} people who is in the meeting; names the tiles */
  name(people) {
    this.#people = new Map(people.map((person) => [person.participant, person]));
    this.#arrange();
  }

  /** @param {string | null} participant who is loudest of those that are heard */
  speaks(participant) {
    this.#loudest = participant;
    // Who speaks without a picture is named; the picture that was large stays so.
    const person = this.#people.get(participant ?? '');
    const hasPicture = person?.camera !== false;
    if (hasPicture) this.#large = participant ?? this.#large;
    if (this.#named !== null) {
      this.#named.hidden = person === undefined || hasPicture;
      if (person !== undefined) this.#named.textContent = word('live-js-speaks', { name: inLanguage(person.title) });
    }
    this.#arrange();
  }

  /** @param {string | null} participant who is large from now on, whoever speaks; nobody: whoever spoke last */
  spotlight(participant) {
    this.#lit = participant;
    this.#arrange();
  }

  /** @param {boolean} isMuted a ring shows the caller and does not yet let them be heard */
  mute(isMuted) {
    this.#isMuted = isMuted;
    for (const audio of this.#audios.values()) audio.muted = isMuted;
  }

  /** The sound of those who are in a line now. */
  sounds() {
    const heard = [...this.#audios].filter(([mid]) => this.#sources.has(mid));
    return heard.flatMap(([, audio]) => /** @type {MediaStream} */ (audio.srcObject).getAudioTracks());
  }

  /** @param {number} volume 0 to 1, of all others */
  duck(volume) {
    this.#volume = volume;
    for (const audio of this.#audios.values()) audio.volume = volume;
  }

  /** Plays everything; inside a tap this lifts the browser's refusal. */
  play() {
    for (const { video } of this.#videos.values()) this.#play(video);
    for (const audio of this.#audios.values()) this.#play(audio);
  }

  /** @param {Slot} slot */
  #addAudio(slot) {
    const audio = document.createElement('audio');
    audio.srcObject = new MediaStream([slot.track]);
    audio.autoplay = true;
    audio.muted = this.#isMuted;
    audio.volume = this.#volume;
    audio.dataset.mid = slot.mid;
    audio.dataset.test = 'remote-audio';
    if (this.#speaker !== '' && 'setSinkId' in audio) audio.setSinkId(this.#speaker).catch(() => {});
    this.#audios.set(slot.mid, audio);
    this.#root.append(audio);
    this.#play(audio);
  }

  /** @param {Slot} slot */
  #addVideo(slot) {
    const tile = copyOf(this.#page, 'tile');
    const video = part(tile, 'tile-video', HTMLVideoElement);
    video.srcObject = new MediaStream([slot.track]);
    video.dataset.mid = slot.mid;
    this.#videos.set(slot.mid, { mid: slot.mid, tile, video, frames: 0, silentFor: STILL_S_MAX });
    this.#root.append(tile);
    this.#play(video);
    this.#views.watch(video);
    video.addEventListener('resize', () => this.#moved(slot.mid));
    part(tile, 'tile-hold', HTMLButtonElement).addEventListener('click', () => this.#hold(slot.mid));
  }

  /** @param {HTMLMediaElement} element */
  #play(element) {
    element.play().catch((error) => {
      if (error instanceof DOMException && error.name === 'NotAllowedError') this.emit('blocked', null);
    });
  }

  #arrange() {
    let shown = 0;
    for (const slot of this.#videos.values()) {
      const source = this.#sources.get(slot.mid);
      slot.tile.hidden = source === undefined;
      if (source === undefined) continue;
      shown += 1;
      if (slot.tile.dataset.participant !== source) this.#restart(slot, source);
      slot.tile.dataset.speaks = String(source === this.#loudest);
      const isScreen = this.#screens.has(slot.mid);
      slot.tile.dataset.screen = String(isScreen);
      slot.tile.dataset.large = String(isScreen || (this.#screens.size === 0 && source === (this.#lit ?? this.#large)));
      this.#describe(slot);
    }
    this.#root.dataset.count = String(shown);
    this.#root.dataset.screen = String(this.#screens.size > 0);
    this.#views.look();
  }

  /** @param {VideoSlot} slot @returns {import('./views.js').Size | null} */
  #sizeOf(slot) {
    const { clientWidth: width, clientHeight: height } = slot.tile;
    // A tile that is not laid out yet is as good as an empty one.
    return this.#sources.has(slot.mid) && width > 0 ? { width, height } : null;
  }

  /**
   * @param {VideoSlot} slot
   * @param {string} source
   */
  #restart(slot, source) {
    slot.tile.dataset.participant = source;
    slot.frames = framesOf(slot.video);
    slot.silentFor = 0;
    slot.tile.dataset.picture = 'coming';
    slot.tile.dataset.held = 'false';
    if (!this.#screens.has(slot.mid)) this.#last.show(source, slot.video);
    this.#play(slot.video);
    if ('requestVideoFrameCallback' in slot.video) slot.video.requestVideoFrameCallback(() => this.#moved(slot.mid));
  }

  /** Holds the picture of a tile as it stands, to read what it shows; pressed again it runs. @param {string} mid */
  #hold(mid) {
    const slot = this.#videos.get(mid);
    if (slot === undefined) return;
    const isHeld = slot.tile.dataset.held !== 'true';
    slot.tile.dataset.held = String(isHeld);
    if (isHeld) slot.video.pause();
    else this.#play(slot.video);
    this.#describe(slot);
  }

  /** @param {string} mid a frame of this line was shown */
  #moved(mid) {
    const slot = this.#videos.get(mid);
    if (slot === undefined || !this.#sources.has(mid)) return;
    slot.frames = framesOf(slot.video);
    slot.silentFor = 0;
    slot.tile.dataset.picture = 'live';
    this.#last.hide(slot.video);
    this.#describe(slot);
    this.emit('first', null);
  }

  /** Frames stop without any event when a camera is off or a path is cut: look each second. */
  #watch() {
    for (const slot of this.#videos.values()) {
      if (!this.#sources.has(slot.mid) || slot.tile.dataset.held === 'true') continue;
      const frames = framesOf(slot.video);
      slot.silentFor = frames === slot.frames ? slot.silentFor + 1 : 0;
      slot.frames = frames;
      if (slot.silentFor === 0 || slot.silentFor >= STILL_S_MAX) this.#last.hide(slot.video);
      if (slot.silentFor === 0) slot.tile.dataset.picture = 'live';
      else if (slot.silentFor >= STILL_S_MAX) slot.tile.dataset.picture = 'none';
      this.#describe(slot);
    }
  }

  /** The camera is off: a picture that was held is let go, so that the next one is seen. @param {VideoSlot} slot */
  #rest(slot) {
    slot.tile.dataset.picture = 'off';
    if (slot.tile.dataset.held !== 'true') return;
    slot.tile.dataset.held = 'false';
    this.#play(slot.video);
  }

  /** @param {VideoSlot} slot */
  #describe(slot) {
    const person = this.#people.get(slot.tile.dataset.participant ?? '');
    const name = person === undefined ? '' : inLanguage(person.title);
    const isScreen = this.#screens.has(slot.mid);
    const label = isScreen ? word('live-js-screen-of', { name }) : name;
    part(slot.tile, 'tile-name', HTMLElement).textContent = label;
    slot.video.setAttribute('aria-label', label);
    slot.tile.dataset.microphone = person?.microphone === false && !isScreen ? 'off' : 'on';
    slot.tile.dataset.hand = String(person?.hand_ms !== undefined && !isScreen);
    if (person?.camera === false && !isScreen) this.#rest(slot);
    const hold = part(slot.tile, 'tile-hold', HTMLButtonElement);
    const isHeld = slot.tile.dataset.held === 'true';
    hold.hidden = slot.tile.dataset.picture !== 'live';
    hold.textContent = word(isHeld ? 'live-js-tile-run' : 'live-js-tile-hold');
    hold.setAttribute('aria-label', `${hold.textContent}: ${label}`);
    hold.setAttribute('aria-pressed', String(isHeld));
    const empty = part(slot.tile, 'tile-empty-text', HTMLElement);
    const text = word(EMPTY[slot.tile.dataset.picture ?? ''] ?? 'live-js-picture-coming');
    if (empty.textContent !== text) empty.textContent = text;
  }
}

/** @type {Record<string, string>} */
const EMPTY = {
  coming: 'live-js-picture-coming',
  none: 'live-js-picture-none',
  off: 'live-js-camera-is-off',
};

/** @param {HTMLVideoElement} video */
function framesOf(video) {
  return video.getVideoPlaybackQuality?.().totalVideoFrames ?? 0;
}
