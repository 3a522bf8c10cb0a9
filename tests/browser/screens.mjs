/**
 * Photographs the main pages at 360 and 1280 px in Hindi and English into out/, to be looked at.
 *
 *   tests/browser/run --program tests/browser/screens.mjs
 */
import { mkdirSync } from 'node:fs';
import { chromium } from './browsers.mjs';
import { openHouse } from './house.mjs';
import { tour } from './tour.mjs';

const out = new URL('./out/', import.meta.url).pathname;
mkdirSync(out, { recursive: true });
const house = await openHouse();
const browser = await chromium();
try {
  for (const [number, language] of ['hi', 'en'].entries()) {
    await tour(house, browser, { language, number }, async (name, page) => {
      for (const [width, height] of [[360, 740], [1280, 800]]) {
        await page.setViewport({ width, height });
        await page.evaluate(() => document.fonts.ready.then(() => undefined));
        await page.screenshot({ path: `${out}${name}.${language}.${width}.png`, fullPage: true });
      }
      await page.setViewport({ width: 1280, height: 800 });
      console.log(`${name} ${language}`);
    });
  }
} finally {
  await browser.close();
  await house.stop();
}
