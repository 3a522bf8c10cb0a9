/**
 * The gate with and without a line: checks a pass by its signature and by the day's list that it keeps, and keeps what
 * was marked until the server has it. Never lets anybody in by a list older than a day.
 */
import { copyOf, part } from './part.js';
import { word } from './words.js';

/** @typedef {{ appointment: string, seat: number, reference: string, sequence: number, post: string, title: string, when: string, name: string, number: number | null, inAt: number | null, outAt: number | null }} Visitor */
/** @typedef {{ day: string, key: string, visitors: Visitor[] }} List */
/** @typedef {{ id: string, appointment: string, seat: number, way: 'in' | 'out', at_ms: number }} Mark */

const LIST = 'gate-list';
const TAG = 'gate-tag';
const CHECKED = 'gate-checked';
const MARKS = 'gate-marks';
const LIST_MS_MAX = 24 * 60 * 60 * 1000;
const REFRESH_MS = 20_000;
const SCAN_MS = 250;
const PATIENCE_MS = 8_000;

/** A line that does not answer is no line. */
function patience() {
  const end = new AbortController();
  window.setTimeout(() => end.abort(), PATIENCE_MS);
  return end.signal;
}

/** What stays when the page is closed. */
const memory = {
  /** @param {string} name */
  get: (name) => JSON.parse(localStorage.getItem(name) ?? 'null'),
  /** @param {string} name @param {unknown} value */
  put: (name, value) => localStorage.setItem(name, JSON.stringify(value)),
};

/** @param {string} text in base 64, of either alphabet */
function bytes(text) {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(plain, (one) => one.charCodeAt(0));
}

/** Whether this installation has signed `text`. @param {string} key @param {string} text @param {string} signature */
async function isSigned(key, text, signature) {
  const kind = { name: 'ECDSA', namedCurve: 'P-256' };
  try {
    const known = await crypto.subtle.importKey('raw', bytes(key), kind, false, ['verify']);
    return await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, known, bytes(signature), new TextEncoder().encode(text));
  } catch {
    return false;
  }
}

/**
 * What a shown pass or a typed reference number is worth.
 *
 * @param {string} shown
 * @returns {Promise<{ visitor: Visitor } | { why: string }>}
 */
async function check(shown) {
  /** @type {List | null} */
  const list = memory.get(LIST);
  if (list === null || Date.now() - Number(memory.get(CHECKED) ?? 0) > LIST_MS_MAX) return { why: 'old-list' };
  const [form, appointment, sequence, seat, day, post, signature] = shown.split('.');
  if (form !== 'ES1' || signature === undefined) {
    const wanted = shown.replace(/[^0-9a-z]/gi, '').toUpperCase();
    const visitor = list.visitors.find((one) => one.reference.replace('-', '') === wanted);
    return visitor ? { visitor } : { why: 'unknown' };
  }
  if (!await isSigned(list.key, shown.slice(0, shown.lastIndexOf('.')), signature)) return { why: 'unknown' };
  if (day !== list.day) return { why: 'other-day' };
  const own = list.visitors.filter((one) => one.appointment === appointment);
  if (own.length === 0) return { why: 'withdrawn' };
  if (own[0].sequence !== Number(sequence) || own[0].post !== post) return { why: 'moved' };
  const visitor = own.find((one) => one.seat === Number(seat));
  return visitor ? { visitor } : { why: 'given-up' };
}

/** The gate's page. Enhances the form that the server rendered. */
class Gate {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.line = part(root, 'line', HTMLElement);
    this.field = part(root, 'field', HTMLInputElement);
    this.result = part(root, 'result', HTMLElement);
    this.isSending = false;
    this.isAway = false;
    part(root, 'form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      this.look(this.field.value.trim());
    });
    window.addEventListener('online', () => this.refresh());
    window.addEventListener('offline', () => this.tell());
    window.setInterval(() => this.refresh(), REFRESH_MS);
    this.refresh();
    this.offerCamera();
  }

  /** Says how things stand with the line. @param {string} [done] */
  tell(done = '') {
    const waiting = (memory.get(MARKS) ?? []).length;
    const said = this.isAway || !navigator.onLine ? word('door-gate-js-away', { n: waiting }) : '';
    this.line.textContent = [done, said].filter((text) => text !== '').join(' ');
  }

  /** Sends what was marked, then asks for the list. */
  async refresh() {
    if (this.isSending) return;
    this.isSending = true;
    try {
      await this.send();
      const tag = memory.get(TAG);
      const answer = await fetch('/gate/list', { headers: tag ? { 'If-None-Match': tag } : {}, cache: 'no-store', signal: patience() });
      if (answer.status === 200) {
        memory.put(LIST, await answer.json());
        memory.put(TAG, answer.headers.get('ETag'));
      }
      if (answer.status === 200 || answer.status === 304) memory.put(CHECKED, Date.now());
      this.isAway = false;
    } catch {
      this.isAway = true;
    }
    this.isSending = false;
    document.documentElement.dataset.gate = this.isAway ? 'away' : 'ready';
    this.tell();
  }

  async send() {
    /** @type {Mark[]} */
    const marks = (memory.get(MARKS) ?? []).slice(0, 100);
    if (marks.length === 0) return;
    const answer = await fetch('/gate/marks', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(marks), signal: patience() });
    if (!answer.ok) throw new Error(String(answer.status));
    const { taken, refused } = await answer.json();
    const done = new Set([...taken, ...refused]);
    memory.put(MARKS, (memory.get(MARKS) ?? []).filter((/** @type {Mark} */ mark) => !done.has(mark.id)));
  }

  /** @param {string} shown */
  async look(shown) {
    if (shown === '') return;
    const found = await check(shown);
    this.tell();
    if ('why' in found) {
      const bad = copyOf(this.root, 'bad');
      part(bad, 'why', HTMLElement).textContent = word(`door-gate-js-${found.why}`);
      this.result.replaceChildren(bad);
    } else {
      this.result.replaceChildren(this.good(found.visitor));
    }
    this.field.value = '';
    this.field.focus();
  }

  /** @param {Visitor} visitor */
  good(visitor) {
    const good = copyOf(this.root, 'good');
    part(good, 'name', HTMLElement).textContent = visitor.name;
    part(good, 'post', HTMLElement).textContent = visitor.title;
    const number = visitor.number === null ? '' : ` · ${word('door-gate-js-number')} ${visitor.number}`;
    part(good, 'when', HTMLElement).textContent = `${visitor.when}${number}`;
    const since = visitor.inAt === null ? '' : ` · ${word('door-gate-js-in-since')} ${new Date(visitor.inAt).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'Asia/Kolkata' })}`;
    part(good, 'more', HTMLElement).textContent = `${visitor.reference}${since}`;
    for (const way of /** @type {const} */ (['in', 'out'])) {
      part(good, way, HTMLButtonElement).addEventListener('click', () => this.mark(visitor, way));
    }
    return good;
  }

  /** @param {Visitor} visitor @param {'in' | 'out'} way */
  mark(visitor, way) {
    const id = Array.from(crypto.getRandomValues(new Uint8Array(12)), (one) => one.toString(16).padStart(2, '0')).join('');
    const mark = { id, appointment: visitor.appointment, seat: visitor.seat, way, at_ms: Date.now() };
    memory.put(MARKS, [...(memory.get(MARKS) ?? []), mark]);
    /** @type {List | null} */
    const list = memory.get(LIST);
    const own = list?.visitors.find((one) => one.appointment === visitor.appointment && one.seat === visitor.seat);
    if (list && own) {
      own[way === 'in' ? 'inAt' : 'outAt'] = mark.at_ms;
      memory.put(LIST, list);
    }
    this.result.replaceChildren();
    this.field.focus();
    const done = word(way === 'in' ? 'door-gate-js-went-in' : 'door-gate-js-came-out');
    this.refresh().then(() => this.tell(done));
  }

  /** Reads passes by the camera, where the browser can. */
  offerCamera() {
    const Detector = /** @type {any} */ (window).BarcodeDetector;
    if (Detector === undefined || navigator.mediaDevices === undefined) return;
    const button = part(this.root, 'scan', HTMLButtonElement);
    const video = part(this.root, 'video', HTMLVideoElement);
    button.hidden = false;
    button.addEventListener('click', async () => {
      try {
        video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
      } catch {
        this.line.textContent = word('door-gate-js-no-camera');
        return;
      }
      video.hidden = false;
      await video.play();
      const detector = new Detector({ formats: ['qr_code'] });
      const timer = window.setInterval(async () => {
        const [code] = await detector.detect(video).catch(() => []);
        if (code === undefined) return;
        window.clearInterval(timer);
        for (const track of /** @type {MediaStream} */ (video.srcObject).getTracks()) track.stop();
        video.hidden = true;
        this.look(code.rawValue.trim());
      }, SCAN_MS);
    });
  }
}

/** Lets the worker keep this page and what it has loaded. */
async function keepPage() {
  if (!('serviceWorker' in navigator)) return;
  navigator.serviceWorker.addEventListener('message', ({ data }) => {
    document.documentElement.dataset.kept = String(data?.kept ?? 0);
  });
  await navigator.serviceWorker.register('/gate-worker.js', { scope: '/gate' });
  const { active } = await navigator.serviceWorker.ready;
  const loaded = performance.getEntriesByType('resource').map(({ name }) => name);
  const own = loaded.filter((name) => name.startsWith(`${location.origin}/static/`));
  active?.postMessage({ keep: [`${location.origin}/gate`, ...own] });
}

/** @param {HTMLElement} root */
export function start(root) {
  new Gate(root);
  keepPage().catch(() => { document.documentElement.dataset.kept = 'no'; });
}
