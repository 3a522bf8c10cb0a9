/** What every page owes everyone: no barrier that axe-core knows, no sideways scrolling, few bytes, no other host, a keyboard that is enough. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import axe from 'axe-core';
import { chromium, personsPage } from './browsers.mjs';
import { openHouse } from './house.mjs';
import { PAGES, tour } from './tour.mjs';

const TOUR_MS = 300_000;
const CITIZENS_PAGE_BYTES_MAX = 60 * 1024;
const MEETING_SCRIPT_BYTES_MAX = 150 * 1024;
const NARROWEST = 320;
let house;
let browser;

before(async () => {
  house = await openHouse();
  browser = await chromium();
});

after(async () => {
  await browser?.close();
  await house?.stop();
});

/** The barriers on a page, each with the element that has it. */
async function barriers(page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help} ${node.html.slice(0, 160)}`));
}

for (const [number, language] of ['hi', 'en'].entries()) {
  test(`no page has a barrier or scrolls sideways at ${NARROWEST} px (${language})`, { timeout: TOUR_MS }, async () => {
    const found = [];
    const seen = new Set();
    await tour(house, browser, { language, number }, async (name, page) => {
      seen.add(name);
      for (const width of [1280, NARROWEST]) {
        await page.setViewport({ width, height: 800 });
        found.push(...(await barriers(page)).map((barrier) => `${name} at ${width}: ${barrier}`));
        const wide = await page.evaluate(() => document.scrollingElement.scrollWidth);
        if (wide > width) found.push(`${name} at ${width}: scrolls sideways, ${wide} px wide`);
      }
      const said = await page.$eval('html', (html) => html.lang);
      if (said !== language) found.push(`${name}: says that it is in ${said}`);
      await page.setViewport({ width: 1280, height: 800 });
    }).catch((error) => found.push(`the tour ends early: ${error.message}`));
    assert.deepEqual(found, []);
    assert.deepEqual(PAGES.filter((name) => !seen.has(name)), [], 'the tour shows every page');
  });
}

/** Loads a page's address again, with an empty cache and the same cookies, and adds up what came over the wire. */
async function weigh(shown) {
  const page = await personsPage(browser, { name: 'scales', context: shown.browserContext() });
  const wire = await page.createCDPSession();
  await wire.send('Network.enable');
  await wire.send('Network.setCacheDisabled', { cacheDisabled: true });
  const kinds = new Map();
  const sum = { all: 0, script: 0, hosts: new Set() };
  wire.on('Network.responseReceived', ({ requestId, type, response }) => {
    kinds.set(requestId, type);
    if (response.url.startsWith('http')) sum.hosts.add(new URL(response.url).host);
  });
  wire.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (kinds.get(requestId) === 'Font') return;
    sum.all += encodedDataLength;
    if (kinds.get(requestId) === 'Script') sum.script += encodedDataLength;
  });
  await page.goto(shown.url(), { waitUntil: 'networkidle0' });
  await page.close();
  return sum;
}

test('pages are light and load nothing from another host', { timeout: TOUR_MS }, async (t) => {
  const { host } = new URL(house.base);
  const heavy = [];
  await tour(house, browser, { language: 'hi', number: 2, last: 'join' }, async (name, page) => {
    const { all, script, hosts } = await weigh(page);
    t.diagnostic(`${name}: ${(all / 1024).toFixed(1)} KB without the font, of it script ${(script / 1024).toFixed(1)} KB`);
    const isMeeting = name === 'join';
    if (!isMeeting && all > CITIZENS_PAGE_BYTES_MAX) heavy.push(`${name}: ${all} bytes`);
    if (isMeeting && (script > MEETING_SCRIPT_BYTES_MAX || script === 0)) heavy.push(`${name}: ${script} bytes of script`);
    heavy.push(...[...hosts].filter((other) => other !== host).map((other) => `${name}: loads from ${other}`));
  });
  assert.deepEqual(heavy, []);
});

/** Presses Tab until the focus is on an element like this; each stop on the way must be seen. */
async function tabTo(page, selector) {
  for (let presses = 0; presses < 200; presses += 1) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate((wanted) => {
      const now = document.activeElement;
      const style = getComputedStyle(now);
      const isShown = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
      return { there: now.matches(wanted), isShown, html: now.outerHTML.slice(0, 120) };
    }, selector);
    assert.ok(stop.isShown, `the focus cannot be seen on ${stop.html}`);
    if (stop.there) return;
  }
  assert.fail(`Tab does not reach ${selector}`);
}

test('a keyboard is enough to hold a time', { timeout: TOUR_MS }, async () => {
  const page = await personsPage(browser, { name: 'keyboard' });
  const enter = () => Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  await page.goto(`${house.base}/?lang=hi`);
  await tabTo(page, 'a[href="/find"]');
  await enter();
  await tabTo(page, 'input[name="q"]');
  await page.keyboard.type('shiksha');
  await enter();
  await tabTo(page, 'a[href^="/post/"]');
  await enter();
  await tabTo(page, 'button[name="start"]');
  await enter();
  assert.match(new URL(page.url()).pathname, /^\/book\//);
  assert.deepEqual(page.complaints, []);
  await page.browserContext().close();
});
