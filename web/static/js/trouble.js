/**
 * What stands in the way before a meeting, and the ways on: where this browser keeps its permissions, another browser for
 * a page that is shown inside an app. What the browser can do decides; what it calls itself is only a hint.
 */

import { part } from './part.js';
import { word } from './words.js';

/** @typedef {import('./devices.js').Devices} Devices */

/** A person needs longer than this to refuse; sooner, nobody was asked. */
const UNASKED_MS_MAX = 400;

export class TroubleNotes {
  #root;
  #devices;

  /**
   * @param {HTMLElement} root has the notes
   * @param {Devices} devices
   */
  constructor(root, devices) {
    this.#root = part(root, 'preview-trouble', HTMLElement);
    this.#devices = devices;
    part(this.#root, 'copy-link', HTMLButtonElement).addEventListener('click', () => this.#copy());
    const chrome = part(this.#root, 'open-chrome', HTMLAnchorElement);
    const name = navigator.userAgent;
    chrome.hidden = !/Android/.test(name);
    // The browser of the telephone takes an intent out of whatever app shows this page (Chrome, "Android Intents").
    if (!chrome.hidden) chrome.href = `intent://${location.host}${location.pathname}${location.search}#Intent;scheme=https;package=com.android.chrome;end`;
    part(this.#root, 'share-words', HTMLElement).hidden = !/iPhone|iPad/.test(name);
  }

  /** @param {string} told what is wrong, in words; empty when nothing is */
  async show(told) {
    this.#root.hidden = told === '';
    part(this.#root, 'preview-trouble-text', HTMLElement).textContent = told;
    const isDenied = ['audio', 'video'].some((kind) => this.#devices.trouble(/** @type {'audio' | 'video'} */ (kind)) === 'denied');
    const isInside = this.#devices.trouble('video') === 'unsupported' || (await isInsideApp(this.#devices));
    part(this.#root, 'elsewhere', HTMLElement).hidden = !isInside;
    const permission = part(this.#root, 'permission', HTMLElement);
    permission.hidden = !isDenied || isInside;
    for (const picture of permission.querySelectorAll('[data-browser]')) {
      if (picture instanceof HTMLElement) picture.hidden = picture.dataset.browser !== browser();
    }
  }

  async #copy() {
    const link = location.origin + location.pathname;
    const isCopied = await navigator.clipboard?.writeText(link).then(() => true, () => false);
    part(this.#root, 'copied', HTMLElement).textContent = word(isCopied === true ? 'help-js-copied' : 'help-js-copy-failed');
  }
}

/** Which picture fits: by what the browser has, then by what it calls itself. */
function browser() {
  const { userAgent: name, userAgentData: data } = /** @type {Navigator & { userAgentData?: { mobile: boolean } }} */ (navigator);
  if ('mozInnerScreenX' in window) return 'firefox';
  if (/SamsungBrowser/.test(name)) return 'samsung';
  if (!('chrome' in window) && data === undefined) return 'other';
  return (data?.mobile ?? /Android/.test(name)) ? 'chrome-phone' : 'chrome-desktop';
}

/**
 * Whether the page seems to be shown inside an app that has no camera for it: refused faster than a person can, though
 * nobody has refused it for this address.
 *
 * @param {Devices} devices
 */
async function isInsideApp(devices) {
  if (devices.refusedAfterMs === null || devices.refusedAfterMs > UNASKED_MS_MAX) return false;
  const asked = /** @type {PermissionDescriptor} */ ({ name: 'camera' });
  const permission = await navigator.permissions?.query(asked).catch(() => null);
  // Where the browser cannot say, its name has to hint at an app.
  return permission === null || permission === undefined ? isNamedAsApp() : permission.state !== 'denied';
}

/** The name of a page shown inside an app: a WebView's on Android; on an iPhone one that leaves Safari out. */
function isNamedAsApp() {
  const name = navigator.userAgent;
  return /; wv\)/.test(name) || (/iPhone|iPad/.test(name) && !/Safari\//.test(name));
}
