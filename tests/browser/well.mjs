/** What each page must be in both languages and at both widths: without barriers, and no wider than the screen. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import axe from 'axe-core';

const OUT = new URL('./out/', import.meta.url).pathname;

/** No barrier that axe-core knows and nothing wider than the screen, in both languages; photographed when asked for. */
export async function isWell(page, name) {
  const address = new URL(page.url());
  for (const language of ['en', 'hi']) {
    address.searchParams.set('lang', language);
    await page.goto(address.href);
    await isWellAsItStands(page, `${name}.${language}`);
  }
}

/** The same for a page that is not loaded anew, in the language that it has. */
export async function isWellAsItStands(page, name) {
  await page.evaluate(axe.source);
  for (const width of [360, 1280]) {
    await page.setViewport({ width, height: 800 });
    const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
    assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)}`), [], `${name} at ${width}`);
    const wide = await page.evaluate(() => document.scrollingElement.scrollWidth);
    assert.ok(wide <= width, `${name} at ${width}: scrolls sideways, ${wide} px wide`);
    if (process.env.PHOTOGRAPHS) {
      mkdirSync(OUT, { recursive: true });
      await page.screenshot({ path: `${OUT}${name}.${width}.png`, fullPage: true });
    }
  }
}
