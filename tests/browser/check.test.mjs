/** The page on which people try whether video works: every way opens in both browsers, and the outcome is one true sentence. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { chromiumTrusts, firefoxTrusts } from './authority.mjs';
import { chromium, firefox, personsPage } from './browsers.mjs';
import { openHouse } from './house.mjs';

const out = new URL('./out/', import.meta.url).pathname;
let house;
before(async () => {
  mkdirSync(out, { recursive: true });
  house = await openHouse();
});
after(async () => { await house?.stop(); });

/** Presses «begin», says that sound was heard, and waits for the verdict. */
async function tried(page) {
  await page.click('[data-test="check-begin"]');
  await page.waitForSelector('[data-test="yes"]', { visible: true, timeout: 90_000 });
  await page.click('[data-test="yes"]');
  await page.waitForSelector('[data-test="verdict"]:not([hidden])');
  return page.evaluate(() => {
    const lines = [...document.querySelectorAll('[data-line]')].map((line) => [line.dataset.line, line.dataset.state]);
    const said = [...document.querySelectorAll('[data-line]')].map((line) => `${line.dataset.line} ${line.dataset.state} ${line.querySelector('.check-said').textContent}`);
    const verdict = document.querySelector('[data-test="verdict"]');
    return { lines: Object.fromEntries(lines), said, verdict: verdict.dataset.verdict, text: verdict.textContent.trim() };
  });
}

async function photograph(page, name) {
  for (const [width, height] of [[360, 740], [1280, 800]]) {
    await page.setViewport({ width, height });
    await page.screenshot({ path: `${out}${name}.${width}.png`, fullPage: true });
  }
}

test('Chromium finds every way open and says so in one sentence', { timeout: 240_000 }, async () => {
  const browser = await chromium(chromiumTrusts(house));
  try {
    const page = await personsPage(browser, { name: 'Chromium' });
    for (const language of ['hi', 'en']) {
      await page.goto(`${house.base}/check?lang=${language}`);
      await photograph(page, `check-before.${language}`);
      const found = await tried(page);
      await photograph(page, `check.${language}`);
      for (const line of ['socket', 'udp', 'tcp', 'relay-tcp', 'relay-tls', 'rate', 'camera', 'microphone', 'speaker']) {
        assert.equal(found.lines[line], 'good', `${line}: ${found.said.join('; ')}`);
      }
      assert.equal(found.verdict, 'video');
    }
    assert.deepEqual(page.complaints, []);
  } finally {
    await browser.close();
  }
});

test('a camera that is not allowed leaves the voice, and the page says who can mend it', { timeout: 240_000 }, async () => {
  const browser = await chromium(chromiumTrusts(house));
  try {
    const page = await personsPage(browser, { name: 'without a camera' });
    await page.evaluateOnNewDocument(() => {
      const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = (wish) => (wish.video ? Promise.reject(new DOMException('', 'NotAllowedError')) : original(wish));
    });
    await page.goto(`${house.base}/check?lang=hi`);
    const found = await tried(page);
    await photograph(page, 'check-voice.hi');
    assert.equal(found.verdict, 'voice');
    assert.match(found.text, /^यहाँ से केवल आवाज़ चलेगी।\s+आपको करना है/);
  } finally {
    await browser.close();
  }
});

test('Firefox ESR finds the ways open', { timeout: 240_000 }, async () => {
  const browser = await firefox(firefoxTrusts(house));
  try {
    const page = await personsPage(browser, { name: 'Firefox' });
    await page.goto(`${house.base}/check?lang=hi`);
    const found = await tried(page);
    await photograph(page, 'check-firefox.hi');
    // Without a sound card its microphone is silent.
    for (const line of ['socket', 'udp', 'tcp', 'relay-tcp', 'relay-tls', 'rate', 'camera', 'speaker']) {
      assert.equal(found.lines[line], 'good', `${line}: ${found.said.join('; ')}`);
    }
  } finally {
    await browser.close();
  }
});

test('without scripts the page says what video needs', { timeout: 60_000 }, async () => {
  const browser = await chromium();
  try {
    const page = await personsPage(browser, { name: 'plain', script: false });
    await page.goto(`${house.base}/check?lang=en`);
    const text = await page.$eval('main', (main) => main.innerText);
    assert.match(text, new RegExp(`UDP port ${house.media}`));
    assert.match(text, /JavaScript/);
    assert.doesNotMatch(text, /Begin/);
    await photograph(page, 'check-plain.en');
  } finally {
    await browser.close();
  }
});
