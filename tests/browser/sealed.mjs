/**
 * What tests share of confidential meetings: making one, the digits and keys on a page, and recording what its camera and
 * microphone give before it is sealed.
 */
import { readFileSync, openSync, readSync, closeSync } from 'node:fs';
import { until } from './house.mjs';
import { press } from './story.mjs';

/** The officer makes the meeting confidential, by keyboard. */
export async function makeConfidential(officer) {
  await press(officer, 'more');
  await officer.focus('[data-test="seal-button"]');
  await officer.keyboard.press('Enter');
  await officer.waitForSelector('[data-test="seal-question"][open]');
  await officer.focus('[data-test="seal-yes"]');
  await officer.keyboard.press('Enter');
  await isConfidential(officer);
}

export const isConfidential = (page) => page.waitForSelector('[data-test="seal-mark"]', { visible: true });

/** The digits that a page shows, once there are so many. @returns {Promise<string[]>} */
export const codes = (page, count = 1) => until(`${count} codes`, async () => {
  const text = await page.$eval('[data-test="seal-code"]', (node) => node.textContent);
  const found = text.match(/\d{3} \d{3}/g) ?? [];
  return found.length === count && found;
});

/** The number of the key that a page sends with. */
export const keyOf = (page) => page.$eval('[data-test="sealing"]', (node) => Number(node.dataset.key ?? NaN));
export const keyChanges = (page, from) => until('another key', async () => (await keyOf(page)) !== from && keyOf(page));

/** The worker of a confidential page. */
export const workerOf = (page) => until('the worker', () => page.workers().find((one) => one.url().includes('seal_worker')));
