/**
 * What is written in a meeting: lines of the talk in the panel, the newest on the stage for a moment, captions below the
 * pictures. A line that comes again after a lost socket is the same line.
 */

import { Emitter } from './emitter.js';
import { optionalPart, part } from './part.js';
import { inLanguage, language } from './words.js';

/** @typedef {import('./protocol').Line} Line */
/** `failed`: a line could not be sent, by the key of the words for it. @typedef {{ failed: string }} ChatEvents */

const TOAST_MS = 7_000;
/** Long enough to read a full line. */
const CAPTION_MS = 9_000;
const CAPTIONS_MAX = 2;

/** @extends {Emitter<ChatEvents>} */
export class Chat extends Emitter {
  #list;
  #none;
  #field;
  #captionBox;
  #toast;
  #captions;
  #came;
  /** @type {Set<number>} by `at_ms` */
  #known = new Set();
  #startedAt = Date.now();
  #timer = 0;

  /**
   * @param {HTMLElement} root the page of the meeting
   * @param {import('./signaling.js').Signaling} signaling
   * @param {() => boolean} came a new line of another; whether it is seen in the panel
   */
  constructor(root, signaling, came) {
    super();
    this.#list = part(root, 'lines', HTMLElement);
    this.#none = part(root, 'lines-none', HTMLElement);
    this.#field = part(root, 'write-field', HTMLInputElement);
    this.#captionBox = part(root, 'caption-box', HTMLInputElement);
    this.#toast = optionalPart(root, 'toast', HTMLElement);
    this.#captions = optionalPart(root, 'captions', HTMLElement);
    this.#came = came;
    signaling.on('lines', ({ lines }) => lines.forEach((line) => this.#show(line)));
    part(root, 'write', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      this.#write(signaling);
    });
  }

  /** @param {string} text stands on the stage for a moment */
  toast(text) {
    if (this.#toast === null) return;
    const toast = this.#toast;
    toast.textContent = text;
    toast.hidden = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      toast.hidden = true;
    }, TOAST_MS);
  }

  /** @param {import('./signaling.js').Signaling} signaling what is typed stays in the field until it is on its way */
  #write(signaling) {
    const text = this.#field.value.trim();
    if (text === '') return;
    const kind = this.#captionBox.checked ? 'caption' : 'chat';
    if (signaling.isUp && signaling.send({ type: 'write', kind, text })) this.#field.value = '';
    else this.emit('failed', 'live-js-talk-not-now');
  }

  /** @param {Line} line */
  #show(line) {
    if (this.#known.has(line.at_ms)) return;
    this.#known.add(line.at_ms);
    this.#none.hidden = true;
    const after = [...this.#list.children].find((other) => Number(other.getAttribute('data-at')) > line.at_ms);
    const isAtEnd = this.#list.scrollHeight - this.#list.scrollTop - this.#list.clientHeight < 40;
    this.#list.insertBefore(entry(line), after ?? null);
    if (isAtEnd || line.own === true) this.#list.scrollTop = this.#list.scrollHeight;
    // What was written before this page came is in the panel, and is no news.
    const isNews = line.at_ms > this.#startedAt - CAPTION_MS;
    if (line.kind === 'caption') {
      if (isNews) this.#caption(line);
    } else if (line.own !== true && !this.#came() && isNews) {
      this.toast(`${inLanguage(line.title)}: ${line.text}`);
    }
  }

  /** @param {Line} line */
  #caption(line) {
    if (this.#captions === null) return;
    const captions = this.#captions;
    const text = document.createElement('p');
    text.className = 'caption';
    text.textContent = line.text;
    captions.append(text);
    while (captions.children.length > CAPTIONS_MAX) captions.firstElementChild?.remove();
    captions.hidden = false;
    setTimeout(() => {
      text.remove();
      captions.hidden = captions.children.length === 0;
    }, CAPTION_MS);
  }
}

/** @param {Line} line */
function entry(line) {
  const item = document.createElement('p');
  item.className = line.own === true ? 'line line-own' : 'line';
  item.dataset.test = 'line';
  item.dataset.kind = line.kind;
  item.dataset.at = String(line.at_ms);
  const head = document.createElement('span');
  head.className = 'line-head';
  const time = new Date(line.at_ms).toLocaleTimeString(language === 'en' ? 'en-IN' : 'hi-IN', {
    hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: 'Asia/Kolkata', numberingSystem: 'latn',
  });
  head.textContent = `${inLanguage(line.title)} · ${time}`;
  const text = document.createElement('span');
  text.className = 'line-text';
  text.textContent = line.text;
  item.append(head, text);
  return item;
}
