/**
 * What the page shows of the calls: its state, whose name stands above, the sound of a ring, and the browser's wish for a tap.
 *
 * Never decides anything and never touches the devices.
 */

import { part } from './part.js';
import { partnersOf } from './results.js';
import { Ring, unlock } from './sound.js';
import { PageState } from './state.js';
import { word } from './words.js';

/** @typedef {import('./calls.js').Calls} Calls */
/** @typedef {import('./directory.js').Directory} Directory */
/** @typedef {import('./stage.js').Stage} Stage */

const SENTENCES = { ringing: 'live-js-rings', incoming: 'live-js-incoming', 'in-call': 'live-js-in-call' };

export class TalkView {
  #root;
  #calls;
  #names;
  #stage;
  #state;
  #ring = new Ring();
  /** What is heard now. */
  #sound = '';
  /** What was said last, so that it is not said again at each small change. */
  #sentence = '';
  #pageTitle = document.title;

  /**
   * @param {HTMLElement} root
   * @param {Calls} calls
   * @param {Directory} names
   * @param {Stage} stage
   */
  constructor(root, calls, names, stage) {
    this.#root = root;
    this.#calls = calls;
    this.#names = names;
    this.#stage = stage;
    this.#state = new PageState(root);
    const overlay = part(root, 'unlock', HTMLElement);
    // Before the accept tap nothing needs to sound, and that tap lifts the refusal by itself.
    stage.on('blocked', () => (overlay.hidden = calls.shown !== 'in-call'));
    part(root, 'unlock-button', HTMLButtonElement).addEventListener('click', () => {
      overlay.hidden = true;
      unlock();
      stage.play();
    });
  }

  get state() {
    return this.#state;
  }

  /** @param {boolean} isBrokenInto a ring has come in the middle of this talk */
  show(isBrokenInto) {
    const { here, ring, shown } = this.#calls;
    const known = here ?? ring;
    const posts = known === null ? [] : partnersOf(known);
    const post = this.#names.names(posts);
    this.#sounds(shown === 'incoming' ? `${ring?.opens === null ? 'called' : 'opens'} ${ring?.call}` : ring !== null ? `broken ${ring.call}` : shown === 'ringing' ? 'caller' : '');
    // The caller is seen at the ring and heard from the accept on.
    this.#stage.mute(shown === 'incoming');
    if (this.#state.name !== shown && shown === 'in-call') this.#stage.play();
    if (shown === 'idle') part(this.#root, 'unlock', HTMLElement).hidden = true;
    this.#name(known, posts);
    part(this.#root, 'other', HTMLElement).textContent = post;
    part(this.#root, 'call', HTMLElement).dataset.group = String(here !== null && posts.length > 1);
    const rings = ring === null ? '' : word('live-js-incoming', { post: this.#names.name(ring.caller) });
    document.title = rings === '' ? this.#pageTitle : rings;
    this.#say(shown, isBrokenInto ? rings : shown === 'idle' ? '' : word(SENTENCES[shown], { post }));
  }

  /** The server does not want this page back. @param {string} code */
  refuse(code) {
    const text = word(code === 'replaced' ? 'live-js-refused-replaced' : 'live-js-refused');
    part(this.#root, 'refused-text', HTMLElement).textContent = text;
    document.documentElement.dataset.refused = code;
    this.#state.show('refused', text);
  }

  /**
   * @param {import('./calls.js').Known | null} known
   * @param {string[]} posts
   */
  #name(known, posts) {
    const people = [...new Set([...posts, ...(known?.members.keys() ?? [])])];
    if (known !== null) this.#stage.name(people.map((one) => ({ participant: one, title: this.#names.title(one), camera: true, microphone: true })));
    const others = this.#calls.shown === 'incoming' ? (known?.others ?? []) : [];
    const frosted = [...(known?.members ?? [])].find(([, stands]) => stands === 'frosted')?.[0];
    const together = part(this.#root, 'with', HTMLElement);
    const text = others.length > 0 ? word('live-js-with', { posts: this.#names.names(others) }) : '';
    together.textContent = frosted === undefined ? text : word('live-js-frosted', { post: this.#names.name(frosted) });
    together.hidden = together.textContent === '';
    part(this.#root, 'leaves', HTMLElement).hidden = known?.breaksIn !== true;
  }

  /**
   * @param {'idle' | 'ringing' | 'incoming' | 'in-call'} shown
   * @param {string} sentence
   */
  #say(shown, sentence) {
    this.#state.show(shown, sentence === this.#sentence ? '' : sentence);
    this.#sentence = sentence;
  }

  /** @param {string} sound of whom; in the middle of a talk it is as soft as a caller's own */
  #sounds(sound) {
    if (sound === this.#sound) return;
    this.#sound = sound;
    this.#ring.stop();
    if (sound !== '') this.#ring.start(sound.startsWith('called') ? 'called' : sound.startsWith('opens') ? 'opens' : 'caller');
  }
}
