/**
 * The public face, and a citizen's way from the first page to the slip: a small phone, Hindi, no script at all.
 * Taps are counted, that is links, buttons and choices: seven are enough. What is typed (name, number, subject, code) is not a tap.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import axe from 'axe-core';
import { chromium, personsPage } from './browsers.mjs';
import { openHouse } from './house.mjs';
import { codeFor } from './story.mjs';

const PATIENCE = 240_000;
const PHONE = { width: 360, height: 640 };
const TAPS_MAX = 7;
const BYTES_MAX = 60 * 1024;
/** Each page of the public face. */
const FACE = ['/meet', '/meet/dep-hlt', '/meet/dep-hlt/sec-hlt', '/meet/mo-1', '/meet/dep-hlt/poster', '/list/sec-hlt', '/find?q=zameen%20gaya'];
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

/** A finger on a page: every tap is counted, and one that leads elsewhere is waited for. */
function finger(page) {
  const counted = { taps: 0 };
  return Object.assign(counted, {
    /** Taps on a thing that stays on the page. */
    touch: async (selector) => {
      counted.taps += 1;
      await page.click(selector);
    },
    /** Taps on a link or button that leads to another page. */
    go: async (selector) => {
      counted.taps += 1;
      await Promise.all([page.waitForNavigation({ waitUntil: 'load' }), page.click(selector)]);
    },
  });
}

/** The barriers of an address, each with the element that has it; asked by a page that may run axe. */
async function barriers(context, url) {
  const page = await personsPage(browser, { name: 'axe', context });
  const found = [];
  await page.goto(url);
  await page.evaluate(axe.source);
  for (const width of [PHONE.width, 1280]) {
    await page.setViewport({ width, height: 800 });
    const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
    found.push(...violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${url} at ${width}: ${id}: ${help} ${node.html.slice(0, 160)}`)));
    const wide = await page.evaluate(() => document.scrollingElement.scrollWidth);
    if (wide > width) found.push(`${url} at ${width}: scrolls sideways, ${wide} px wide`);
  }
  found.push(...page.complaints);
  await page.close();
  return found;
}

test('a citizen books in seven taps and the code, on a small phone, in Hindi, without a script', { timeout: PATIENCE }, async (t) => {
  const context = await browser.createBrowserContext();
  const page = await personsPage(browser, { name: 'citizen', context, script: false, ...PHONE });
  const hand = finger(page);
  const seen = [];
  const look = () => seen.push(page.url());
  await page.goto(`${house.base}/`);
  assert.equal(await page.$eval('html', (html) => html.lang), 'hi', 'nobody has to choose Hindi');
  look();
  await hand.go('a[href="/find"]');
  look();
  await hand.go('a[href^="/find?q="]');
  look();
  await hand.go('a[href^="/post/"]');
  look();
  await hand.go('form[action="/hold"] button[name="start"]');
  look();
  await page.focus('input[name="name"]');
  await page.keyboard.type('सुनीता कुमारी');
  await page.focus('input[name="mobile"]');
  await page.keyboard.type('9100003456');
  await page.focus('input[name="mail"]');
  await page.keyboard.type('taps@example.org');
  await page.focus('[name="subject"]');
  await page.keyboard.type('दाख़िल-ख़ारिज लंबित है');
  await hand.touch('input[name="channel"][value="in_person"]');
  await hand.go('main form[action^="/book/"] button[type="submit"]');
  look();
  await page.focus('input[name="code"]');
  await page.keyboard.type(await codeFor(house, 'taps@example.org'));
  await hand.go('main form[action$="/code"] button[type="submit"]');
  look();
  assert.match(new URL(page.url()).pathname, /^\/s\//, 'the last tap leads to the slip');
  t.diagnostic(`${hand.taps} taps and the code`);
  assert.ok(hand.taps <= TAPS_MAX, `${hand.taps} taps`);
  assert.ok(await page.$('.slip-qr svg'), 'the slip has its code');
  const found = [];
  for (const url of new Set(seen)) found.push(...await barriers(context, url));
  assert.deepEqual(found, []);
  await context.close();
});

test('the public face has no barrier, is light, and leaves nothing on the phone', { timeout: PATIENCE }, async (t) => {
  const context = await browser.createBrowserContext();
  const found = [];
  for (const path of FACE.slice(0, -1)) {
    for (const language of ['hi', 'en']) {
      const url = `${house.base}${path}${language === 'en' ? '?lang=en' : ''}`;
      found.push(...await barriers(context, url));
      const page = await personsPage(browser, { name: 'reader', context, script: false, ...PHONE });
      const wire = await page.createCDPSession();
      await wire.send('Network.enable');
      await wire.send('Network.setCacheDisabled', { cacheDisabled: true });
      let bytes = 0;
      const fonts = new Set();
      wire.on('Network.responseReceived', ({ requestId, type }) => type === 'Font' && fonts.add(requestId));
      wire.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => { if (!fonts.has(requestId)) bytes += encodedDataLength; });
      await page.goto(url, { waitUntil: 'networkidle0' });
      t.diagnostic(`${path} ${language}: ${(bytes / 1024).toFixed(1)} KB without the font`);
      if (bytes > BYTES_MAX) found.push(`${url}: ${bytes} bytes`);
      const said = await page.$eval('html', (html) => html.lang);
      if (said !== language) found.push(`${url}: says that it is in ${said}`);
      await page.close();
    }
  }
  found.push(...(await context.cookies()).map((cookie) => `a cookie: ${cookie.name}`));
  found.push(...await barriers(context, `${house.base}${FACE.at(-1)}`));
  assert.deepEqual(found, []);
  await context.close();
});

test('from the wall to a free time: the poster, the office, the post', { timeout: PATIENCE }, async () => {
  const page = await personsPage(browser, { name: 'passer-by', script: false, ...PHONE });
  const hand = finger(page);
  await page.goto(`${house.base}/meet/dep-hlt/poster`);
  assert.ok(await page.$('.poster-qr svg'));
  await page.goto(`${house.base}/meet/dep-hlt`);
  await hand.go('a[href="/post/sec-hlt"]');
  assert.ok(await page.$('form[action="/hold"] button[name="start"]'), 'one tap from the office to its free times');
  await page.goto(`${house.base}/find?q=zameen%20gaya`);
  const [nearest] = await page.$$eval('[data-test="suggested"] a', (links) => links.map((link) => link.getAttribute('href')));
  assert.equal(nearest, '/post/dm-gaya', 'the nearest office comes first');
  const sheet = await page.pdf({ preferCSSPageSize: true });
  assert.ok(sheet.length > 0);
  await page.browserContext().close();
});
