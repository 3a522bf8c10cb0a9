/**
 * Debian's own browsers, started for a test: fake camera and microphone, a fresh profile, nothing fetched
 * from outside. Never a browser that a package downloaded.
 */
import { existsSync } from 'node:fs';
import puppeteer from 'puppeteer-core';

/** How long a test waits for something that should happen; generous, because two cores are shared. */
export const PATIENCE_MS = Number(process.env.PATIENCE_MS ?? 45_000);

const CHROMIUM_FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
  '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream',
  '--autoplay-policy=no-user-gesture-required', '--allow-loopback-in-peer-connection',
  // Two contexts of one test run side by side: neither may be put to sleep because the other has the focus.
  '--disable-background-timer-throttling', '--disable-backgrounding-occluded-windows', '--disable-renderer-backgrounding',
];

const FIREFOX_PREFS = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'media.autoplay.default': 0,
  'media.autoplay.blocking_policy': 0,
  'media.gmp-manager.updateEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  // Names are asked of the system, never of a company.
  'network.trr.mode': 5,
  'services.settings.server': 'http://127.0.0.1:1',
  'browser.safebrowsing.update.enabled': false,
  'app.normandy.enabled': false,
  'app.update.enabled': false,
  'extensions.update.enabled': false,
  'toolkit.telemetry.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
};

/** @param {string[]} paths  @returns {string} the first that exists */
function installed(...paths) {
  const found = paths.find((path) => existsSync(path));
  if (!found) throw new Error(`none of ${paths.join(', ')} is installed: run ./test --only install`);
  return found;
}

/** Where a browser stands: `behind` those firewalls of `reach.mjs` that are not before everybody. @typedef {'outside' | 'behind'} Place */

/**
 * How a browser is started that stands there.
 *
 * @param {string} program
 * @param {Place} place
 */
function standing(program, place) {
  if (place === 'outside') return { executablePath: program };
  return { executablePath: new URL('./behind', import.meta.url).pathname, env: { ...process.env, BROWSER: program } };
}

/**
 * @param {string[]} [flags] further command line flags
 * @param {Place} [place]
 * @param {string[]} [without] which of the usual flags are left out
 */
export function chromium(flags = [], place = 'outside', without = []) {
  return puppeteer.launch({
    browser: 'chrome',
    ...standing(installed('/usr/bin/chromium', '/usr/bin/chromium-browser'), place),
    headless: true,
    acceptInsecureCerts: true,
    args: [...CHROMIUM_FLAGS.filter((flag) => !without.includes(flag)), ...flags],
    protocolTimeout: 120_000,
  });
}

/**
 * @param {string} [profile] of `authority.mjs`; a fresh one without
 * @param {Place} [place]
 */
export function firefox(profile, place = 'outside') {
  return puppeteer.launch({
    browser: 'firefox',
    ...standing(installed('/usr/bin/firefox-esr', '/usr/bin/firefox'), place),
    headless: true,
    acceptInsecureCerts: true,
    extraPrefsFirefox: FIREFOX_PREFS,
    ...(profile === undefined ? {} : { userDataDir: profile }),
    protocolTimeout: 120_000,
  });
}

/**
 * A page of a person of their own (own cookies), that says what goes wrong in it.
 *
 * @param {import('puppeteer-core').Browser} browser
 * @param {{ name: string, script?: boolean, width?: number, height?: number, context?: import('puppeteer-core').BrowserContext }} person
 *   `context`: of somebody who is known already
 */
export async function personsPage(browser, person) {
  const context = person.context ?? (await browser.createBrowserContext());
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  page.setDefaultNavigationTimeout(PATIENCE_MS);
  await page.setViewport({ width: person.width ?? 1280, height: person.height ?? 800 });
  if (person.script === false) await page.setJavaScriptEnabled(false);
  /** @type {string[]} */
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(`${person.name}: ${error?.stack ?? error}`));
  page.on('console', (line) => {
    if (line.type() === 'error') complaints.push(`${person.name}: console: ${line.text()}`);
    if (process.env.LOUD) console.error(`[${person.name}] ${line.type()} ${line.text()}`);
  });
  return Object.assign(page, { complaints });
}
