/**
 * The page of a meeting: preview → waiting → meeting → ended, for the citizen, the officer and, with
 * the lobby alone, the officer's desk.
 *
 * Camera and microphone go onto the line when the person presses Join; who receives them is decided
 * by the server. Leaving keeps the place; only the officer ends the meeting for all.
 */

import { CallBack } from './call_back.js';
import { CalledAway } from './called_away.js';
import { Confidential } from './confidential.js';
import { Controls } from './controls.js';
import { Devices } from './devices.js';
import { HowlGuard } from './howl.js';
import { Interruption } from './interruption.js';
import { Line } from './line.js';
import { LobbyPanel } from './lobby.js';
import { Panel } from './panel.js';
import { optionalPart, part } from './part.js';
import { Preview, troubleInWords } from './preview.js';
import { RecordingPanel } from './recording.js';
import { Sharing } from './sharing.js';
import { Signaling } from './signaling.js';
import { unlock } from './sound.js';
import { Stage } from './stage.js';
import { PageState } from './state.js';
import { WaitingRoom } from './waiting.js';
import { keyOf, word } from './words.js';

/** How long to wait before knocking again at a meeting whose door is not open yet. */
const EARLY_RETRY_MS = 15_000;

/** @param {HTMLElement} root */
export function start(root) {
  if (root.dataset.kind === 'desk') new DeskDoor(root);
  else new Meeting(root);
}

/** The desk sees who waits and may answer; it has no picture and no sound. */
class DeskDoor {
  /** @param {HTMLElement} root */
  constructor(root) {
    const state = new PageState(root);
    const signaling = new Signaling({ kind: 'meeting', meeting: root.dataset.meeting ?? '' }, root.dataset.resume ?? '');
    new LobbyPanel(part(root, 'lobby', HTMLElement), signaling);
    new Panel(root, signaling);
    const banner = part(root, 'reconnecting', HTMLElement);
    signaling.on('up', () => {
      banner.hidden = true;
      state.show('meeting');
    });
    signaling.on('down', () => {
      banner.hidden = false;
    });
    signaling.on('meeting_ended', () => state.show('ended', word('live-js-ended')));
    signaling.on('refused', (code) => refuse(root, state, code));
    signaling.start();
  }
}

class Meeting {
  #root;
  #state;
  #devices = new Devices();
  #line;
  #stage;
  #controls;
  #preview;
  #panel;
  #sharing;
  #interruption;
  #howl;
  #banner;
  /** Done when the browser has opened the devices, or has told why not. */
  #opening = Promise.resolve();
  #isEarly = false;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    this.#state = new PageState(root);
    this.#line = new Line({ kind: 'meeting', meeting: root.dataset.meeting ?? '' }, root);
    this.#stage = new Stage(root, part(root, 'stage', HTMLElement), this.#devices.choice.speaker);
    this.#controls = new Controls(root, this.#line, this.#devices);
    this.#preview = new Preview(part(root, 'preview', HTMLElement), this.#devices);
    this.#banner = part(root, 'reconnecting', HTMLElement);
    this.#panel = new Panel(root, this.#line.signaling);
    this.#sharing = new Sharing(root, this.#line, this.#controls, (sentence) => this.#panel.say(sentence));
    this.#interruption = new Interruption(root, this.#controls, this.#state);
    this.#howl = new HowlGuard(root, this.#controls, this.#stage);
    new CallBack(root, this.#line.signaling, () => this.#controls.focus('audio'));
    new CalledAway(root, this.#line.signaling, (sentence) => this.#state.say(sentence));
    new Confidential(root, this.#line);
    this.#listenToServer();
    this.#listenToPerson();
    new WaitingRoom(part(root, 'waiting-room', HTMLElement), this.#line.signaling, this.#state);
    const lobby = optionalPart(root, 'lobby', HTMLElement);
    if (lobby !== null) new LobbyPanel(lobby, this.#line.signaling);
    const recording = optionalPart(root, 'recording', HTMLElement);
    if (recording !== null) new RecordingPanel(recording, this.#line);
    this.#showPreview();
  }

  #listenToServer() {
    const { signaling } = this.#line;
    signaling.on('welcome', (welcome) => {
      this.#isEarly = false;
      if (!welcome.connected) this.#stage.clear();
      if (welcome.role === 'officer') this.#enter();
      this.#tellTracks();
    });
    signaling.on('admitted', () => this.#enter());
    signaling.on('denied', () => this.#end('denied', word('live-js-denied')));
    signaling.on('meeting_ended', () => this.#end('ended', word('live-js-ended')));
    signaling.on('participants', (message) => this.#stage.name(message.participants));
    signaling.on('answer', () => this.#stage.clear());
    signaling.on('slot', (slot) => this.#stage.put(slot));
    signaling.on('lobby', (lobby) => this.#line.await(lobby.waiting.length > 0));
    signaling.on('silenced', () => this.#silenced());
    signaling.on('loudest', (loudest) => this.#stage.speaks(loudest.participant));
    this.#stage.on('views', (views) => this.#line.send({ type: 'set_views', views }));
    this.#line.on('slots', (slots) => this.#stage.use(slots));
    this.#line.on('up', () => this.#connected());
    this.#line.on('down', () => this.#lost());
    this.#line.on('quality', (quality) => this.#tellQuality(quality));
    this.#line.on('refused', (code) => this.#refused(code));
  }

  #listenToPerson() {
    this.#on('join', () => this.#join());
    this.#on('join-voice', () => this.#joinWithout(['video']));
    this.#on('join-listen', () => this.#joinWithout(['video', 'audio']));
    this.#on('end', () => this.#askToEnd());
    this.#on('end-all', () => this.#endForAll());
    this.#on('leave', () => this.#leave());
    this.#on('leave-waiting', () => this.#leave());
    this.#on('return', () => this.#showPreview());
    const overlay = part(this.#root, 'unlock', HTMLElement);
    this.#stage.on('blocked', () => {
      overlay.hidden = false;
      part(overlay, 'unlock-button', HTMLButtonElement).focus();
    });
    this.#on('unlock-button', () => {
      overlay.hidden = true;
      unlock();
      this.#stage.play();
    });
    this.#controls.on('changed', () => this.#tellTracks());
    this.#controls.on('trouble', () => this.#tellTrouble());
    addEventListener('pagehide', () => this.#devices.stopAll());
    addEventListener('pageshow', (event) => {
      if (event.persisted) location.reload();
    });
  }

  /**
   * @param {string} name
   * @param {() => void} act
   */
  #on(name, act) {
    optionalPart(this.#root, name, HTMLButtonElement)?.addEventListener('click', act);
  }

  #showPreview() {
    this.#state.show('preview');
    const obstacle = Devices.obstacle();
    if (obstacle !== null) {
      document.documentElement.dataset.video = 'none';
      if (obstacle === 'insecure') part(this.#root, 'obstacle-text', HTMLElement).textContent = word('live-js-both-insecure');
      return;
    }
    this.#line.foresee();
    this.#opening = this.#preview.open();
    this.#line.prepare();
    // Who tapped while this script was still on its way is not asked again.
    if (document.documentElement.dataset.tapped === 'join') this.#join();
  }

  /** @param {('audio' | 'video')[]} kinds what the person goes without; what else there is serves */
  #joinWithout(kinds) {
    this.#opening = this.#opening.then(async () => {
      for (const kind of kinds) this.#devices.stop(kind);
      if (!kinds.includes('audio') && this.#devices.track('audio') === null) await this.#devices.open('audio');
    });
    this.#join();
  }

  /**
   * The one tap of the person: sound is unlocked, the line opens, the tracks go onto it; those of
   * devices that are still being opened follow.
   */
  async #join() {
    delete document.documentElement.dataset.tapped;
    unlock();
    this.#preview.close();
    this.#state.show('joining', word('live-js-joining'));
    this.#line.watch('busy');
    this.#controls.attach();
    this.#line.start();
    await this.#opening;
    if (this.#state.name === 'left' || this.#state.name === 'ended') return;
    await this.#controls.attach();
    this.#tellTracks();
  }

  #enter() {
    if (this.#state.name === 'meeting') return;
    this.#state.show('meeting', word('live-js-admitted'));
    this.#stage.play();
  }

  /** The officer took the voice; the page says that it has heard. */
  #silenced() {
    this.#controls.silence();
    this.#panel.say(word('live-js-talk-silenced'));
    this.#state.say(word('live-js-talk-silenced'));
  }

  #tellTracks() {
    this.#line.send({ type: 'set_tracks', microphone: this.#controls.microphone, camera: this.#controls.camera });
  }

  #tellTrouble() {
    const text = part(this.#root, 'trouble', HTMLElement);
    text.textContent = troubleInWords(this.#devices);
    text.hidden = text.textContent === '';
  }

  /** @param {import('./peer.js').Quality} quality */
  #tellQuality(quality) {
    document.documentElement.dataset.quality = quality;
    part(this.#root, 'quality-text', HTMLElement).textContent = word(`live-js-quality-${quality}`);
  }

  #connected() {
    document.documentElement.dataset.line = 'up';
    this.#banner.hidden = true;
  }

  #lost() {
    document.documentElement.dataset.line = 'down';
    this.#banner.hidden = false;
    this.#state.say(word('live-js-reconnecting'));
  }

  /** @param {string} code */
  #refused(code) {
    if (['ended', 'denied', 'left'].includes(this.#state.name)) return;
    if (code === 'too_early') {
      this.#early();
      return;
    }
    this.#end('refused', '');
    refuse(this.#root, this.#state, code);
  }

  /** The door is not open yet: the person waits here, the page knocks again by itself. */
  #early() {
    const text = word('live-js-refused-too-early');
    part(this.#root, 'place', HTMLElement).textContent = text;
    if (!this.#isEarly) this.#state.show('waiting', text);
    this.#isEarly = true;
    setTimeout(() => {
      if (this.#state.name === 'waiting') this.#line.start();
    }, EARLY_RETRY_MS);
  }

  /** A citizen just leaves, the place is kept; the officer is asked whether it ends for all. */
  #askToEnd() {
    const question = optionalPart(this.#root, 'end-question', HTMLDialogElement);
    if (question === null) this.#leave();
    else question.showModal();
  }

  #endForAll() {
    optionalPart(this.#root, 'end-question', HTMLDialogElement)?.close();
    this.#line.send({ type: 'end_meeting' });
  }

  #leave() {
    this.#line.send({ type: 'leave' });
    this.#end('left', word('live-js-left'));
  }

  /**
   * @param {string} state
   * @param {string} sentence
   */
  #end(state, sentence) {
    this.#sharing.stop();
    this.#interruption.stop();
    this.#howl.stop();
    this.#panel.close();
    this.#line.stop();
    this.#controls.detach();
    this.#stage.use([]);
    this.#banner.hidden = true;
    for (const question of this.#root.querySelectorAll('dialog')) question.close();
    this.#state.show(state, sentence);
  }
}

/** Codes that have words of their own; the rest are a fault to try again. */
const REFUSALS = ['replaced', 'too_late', 'too_early', 'unknown_meeting', 'meeting_full', 'sign_in_needed', 'session_ended', 'not_allowed'];

/**
 * @param {HTMLElement} root
 * @param {PageState} state
 * @param {string} code
 */
export function refuse(root, state, code) {
  const text = word(REFUSALS.includes(code) ? keyOf('live-js-refused', code) : 'live-js-refused');
  part(root, 'refused-text', HTMLElement).textContent = text;
  document.documentElement.dataset.refused = code;
  state.show('refused', text);
}
