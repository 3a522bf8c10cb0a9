/** A terminal of a seat in a real browser: what its test and its bench share. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from './browsers.mjs';
import { until } from './house.mjs';
import { fill, follow, staffsPage } from './story.mjs';

/** A browser as it stands on a mini-PC: its profile stays when it is started again. */
export class Terminal {
  /** @param {any} house */
  constructor(house) {
    this.house = house;
    this.profile = mkdtempSync(join(tmpdir(), 'sachivalaya-kiosk-'));
    this.browser = null;
    this.page = null;
    this.complaints = [];
  }

  /** The machine gets power: its browser opens the one address that it knows. */
  async start({ width = 1280, height = 800 } = {}) {
    this.browser = await chromium(['--ignore-certificate-errors', `--user-data-dir=${this.profile}`]);
    [this.page] = await this.browser.pages();
    await this.page.setViewport({ width, height });
    this.page.on('pageerror', (error) => this.complaints.push(String(error?.stack ?? error)));
    if (process.env.LOUD) this.page.on('console', (line) => console.error(`[kiosk] ${line.type()} ${line.text()}`));
    // How often this page has opened a camera or a microphone while the screen said nothing of a check.
    await this.page.evaluateOnNewDocument(() => {
      const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      window.opened = 0;
      navigator.mediaDevices.getUserMedia = (wish) => {
        if (!document.querySelector('[data-test="check"]')?.checkVisibility()) window.opened += 1;
        if (wish.video && localStorage.getItem('test-no-camera') !== null) return Promise.reject(new DOMException('', 'NotFoundError'));
        return open(wish);
      };
    });
    await this.page.goto(`${this.house.base}/kiosk`).catch(() => {});
  }

  /** The power is cut. */
  async cut() {
    const process_ = this.browser.process();
    const gone = new Promise((done) => process_.once('exit', done));
    process_.kill('SIGKILL');
    await gone;
    this.browser = null;
  }

  /** The state of the page; nothing while it is between two pages. */
  state() {
    return this.page.evaluate(() => document.documentElement.dataset.state).catch(() => undefined);
  }

  inState(name) {
    return until(`the terminal is ${name}`, async () => (await this.state()) === name);
  }

  /** Registered: the server has said welcome and the transport is up. */
  isRegistered() {
    const look = () => document.documentElement.dataset.line === 'up' && document.querySelector('[data-module="kiosk"]') !== null;
    return this.page.evaluate(look).catch(() => false);
  }

  registered(patience) {
    return until('the terminal is registered', () => this.isRegistered(), patience);
  }

  /** The code on the screen, without its space. */
  async code() {
    await this.inState('code');
    return (await this.page.$eval('[data-test="code"]', (one) => one.textContent)).replaceAll(/\s/g, '');
  }

  async close() {
    await this.browser?.close();
    rmSync(this.profile, { recursive: true, force: true });
  }
}

/** Whoever looks after the machines, signed in. */
export async function manager(house, browser) {
  house.links.manager ??= `${house.linkOf('it-1')}?next=/terminals`;
  return staffsPage(house, browser, 'manager');
}

/** Types the code and chooses the post; returns what is at the top of the page that comes. */
export async function enrol(page, { code, post, device = 'chamber' }) {
  await fill(page, '#code', code);
  await page.select('#post', post);
  await page.select('#device', device);
  await follow(page, '[data-test="enrol-form"] button.button-large');
  return page.$eval('.banner:not([data-test="check"])', (banner) => banner.textContent.trim());
}
