/**
 * Showing something else than the face: a paper with the back camera, or a screen.
 *
 * A paper takes the camera's place, for a telephone opens one camera at a time, and gives it back by itself. A screen goes
 * beside the camera, once the server has granted it.
 */

import { givePage } from './page.js';
import { press } from './panel.js';
import { optionalPart, part } from './part.js';
import { word } from './words.js';

/** Text wants lines more than motion. */
const SCREEN = { video: { frameRate: { max: 15 } }, audio: false };

export class Sharing {
  #line;
  #controls;
  #say;
  #paper;
  #page;
  #screen;
  /** @type {MediaStreamTrack | null} */
  #shown = null;
  #own = '';
  #mayShare = false;

  /**
   * @param {HTMLElement} root the page of the meeting
   * @param {import('./line.js').Line} line
   * @param {import('./controls.js').Controls} controls
   * @param {(sentence: string) => void} say
   */
  constructor(root, line, controls, say) {
    this.#line = line;
    this.#controls = controls;
    this.#say = say;
    this.#paper = optionalPart(root, 'paper', HTMLButtonElement);
    this.#screen = optionalPart(root, 'screen', HTMLButtonElement);
    this.#paper?.addEventListener('click', () => this.#togglePaper());
    const page = optionalPart(root, 'page', HTMLButtonElement);
    this.#page = page;
    page?.addEventListener('click', () => this.#givePage(root, page));
    this.#screen?.addEventListener('click', () => this.#toggleScreen());
    line.signaling.on('welcome', (welcome) => {
      this.#own = welcome.participant;
      // A socket that comes back asks again for what is still shown.
      if (this.#shown !== null) line.send({ type: 'share_screen', on: true });
    });
    line.signaling.on('conduct', (conduct) => this.#conducted(conduct));
    line.signaling.on('error', (error) => {
      if (error.about === 'share_screen') this.#end();
    });
    controls.on('changed', () => this.#showPaper());
    this.#showPaper();
    this.#showScreen();
  }

  /** The talk is over: nothing is shown any more. */
  stop() {
    this.#end();
  }

  async #togglePaper() {
    const isShown = await this.#controls.togglePaper();
    if (isShown) this.#say(word('live-js-talk-paper-shown'));
    this.#showPaper();
  }

  /**
   * One page at a time: a second tap on the way gives nothing twice.
   *
   * @param {HTMLElement} root
   * @param {HTMLButtonElement} button
   */
  async #givePage(root, button) {
    button.disabled = true;
    const isGiven = await givePage(root, part(root, 'own-video', HTMLVideoElement), this.#say);
    button.disabled = false;
    // A button that cannot be pressed loses the keyboard.
    if (document.activeElement === document.body) button.focus();
    // The office reads it among the lines, where it stays.
    if (isGiven) this.#line.send({ type: 'write', kind: 'chat', text: word('live-js-talk-page-line') });
  }

  #showPaper() {
    const isShown = this.#controls.isPaper;
    if (this.#page !== null) this.#page.hidden = !isShown;
    if (this.#paper !== null) press(this.#paper, isShown, isShown ? 'live-js-talk-paper-hide' : 'live-js-talk-paper-show');
  }

  async #toggleScreen() {
    if (this.#shown !== null) {
      this.#line.send({ type: 'share_screen', on: false });
      this.#end();
      return;
    }
    const stream = await navigator.mediaDevices.getDisplayMedia(SCREEN).catch((error) => {
      // Who chooses nothing has changed his mind; everything else is told.
      if (error?.name !== 'NotAllowedError') this.#say(word('live-js-talk-screen-failed'));
      return null;
    });
    const track = stream?.getVideoTracks()[0] ?? null;
    if (track === null) return;
    track.contentHint = 'detail';
    // The browser's own «stop sharing» ends the track.
    track.addEventListener('ended', () => {
      if (this.#shown !== track) return;
      this.#line.send({ type: 'share_screen', on: false });
      this.#end();
    });
    this.#shown = track;
    this.#line.send({ type: 'share_screen', on: true });
    await this.#line.attach('screen', track);
    this.#showScreen();
  }

  /** @param {import('./signaling.js').Message<'conduct'>} conduct */
  #conducted(conduct) {
    this.#mayShare = conduct.may_share;
    const isOther = conduct.sharing !== null && conduct.sharing !== this.#own;
    if (this.#shown !== null && (isOther || !conduct.may_share)) this.#end();
    this.#showScreen();
  }

  #end() {
    this.#shown?.stop();
    this.#shown = null;
    this.#line.attach('screen', null);
    this.#showScreen();
  }

  #showScreen() {
    if (this.#screen === null) return;
    const isShown = this.#shown !== null;
    const canShow = typeof navigator.mediaDevices?.getDisplayMedia === 'function';
    this.#screen.hidden = !canShow || (!this.#mayShare && !isShown);
    press(this.#screen, isShown, isShown ? 'live-js-talk-screen-hide' : 'live-js-talk-screen-show');
  }
}
