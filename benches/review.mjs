/**
 * A review of twenty (`tests/browser/review.mjs`): how soon who speaks is shown large, how soon a shown page of text can be
 * read, and how much sound is missing meanwhile.
 *
 *   cargo build --release -p sachivalaya -p load
 *   SACHIVALAYA_BINARY=target/release/sachivalaya tests/browser/run --program benches/review.mjs
 *
 * RUNS (10) changes of the speaker, and as many showings of the screen, seen by three pages each; then the screen once more in a
 * review of twenty with two pages, for on two cores four pages wait for each other more than for the server.
 */
import { chromium } from '../tests/browser/browsers.mjs';
import { openHouse, until } from '../tests/browser/house.mjs';
import { isLarge, openReview, openReviewOfTwo, shownAs } from '../tests/browser/review.mjs';
import { looksForText, showsText, textSeen } from '../tests/browser/screen_text.mjs';
import { press } from '../tests/browser/story.mjs';
import { tell } from './frames.mjs';

const RUNS = Number(process.env.RUNS ?? 10);
const microphone = (page) => press(page, 'microphone');

/** Samples of sound that came, and those that were made up. */
const sound = (page) => page.evaluate(async () => {
  const sum = { samples: 0, concealed: 0 };
  for (const pc of window.watchedConnections) {
    for (const line of (await pc.getStats()).values()) {
      if (line.type !== 'inbound-rtp' || line.kind !== 'audio') continue;
      sum.samples += line.totalSamplesReceived ?? 0;
      sum.concealed += (line.concealedSamples ?? 0) - (line.silentConcealedSamples ?? 0);
    }
  }
  return sum;
});

/** Shows a page of text again and again; how long it took each time until each of them could read it, in milliseconds. */
async function showsPages(officer, readers) {
  const times = [];
  await press(officer, 'more');
  for (let run = 0; run < RUNS; run += 1) {
    await showsText(officer, run);
    await Promise.all(readers.map((page) => looksForText(page, run)));
    await press(officer, 'screen');
    times.push(...(await Promise.all(readers.map((page) => textSeen(page, officer)))).map((one) => one.ms));
    await press(officer, 'screen');
    const isGone = (page) => page.$eval('[data-test="stage"]', (stage) => stage.dataset.screen === 'false');
    await until('the screen is gone', async () => (await Promise.all(readers.map(isGone))).every((gone) => gone));
  }
  return times;
}

const browser = await chromium();

/** Four pages and sixteen light clients: speaker, screen, sound. */
async function four(house) {
  const { officer, citizen, interpreter, room, guests } = await openReview(house, browser);
  const readers = [citizen, interpreter, room];
  await microphone(citizen);
  await microphone(room);
  const ids = [await shownAs(citizen, 'मीना दुभाषिया'), await shownAs(citizen, 'ग्राम कचहरी')];
  await isLarge(citizen, ids[0]);
  const silences = guests.watch(RUNS * 5_000);
  const before = await Promise.all(readers.map(sound));
  const times = [];
  for (let run = 0; run < RUNS; run += 1) {
    const [from, to, id] = run % 2 === 0 ? [interpreter, room, ids[1]] : [room, interpreter, ids[0]];
    await microphone(from);
    await microphone(to);
    const began = Date.now();
    await isLarge(citizen, id);
    times.push(Date.now() - began);
  }
  tell('a person begins to speak → shown large at another', times);
  tell('a screen is given → its small print can be read at another, four pages', await showsPages(officer, readers));
  const now = await Promise.all(readers.map(sound));
  const made = now.map((one, at) => 100 * (one.concealed - before[at].concealed) / (one.samples - before[at].samples));
  console.log(`sound made up in the pages: ${made.map((share) => share.toFixed(2)).join(', ')} %`);
  tell('longest silence of each light client', (await silences).map((one) => one.ms));
  return { pages: [officer, ...readers], guests };
}

/** Two pages and eighteen light clients: the screen alone. */
async function two(house) {
  const { officer, citizen, guests } = await openReviewOfTwo(house, browser);
  tell('the same, two pages', await showsPages(officer, [citizen]));
  return { pages: [officer, citizen], guests };
}

try {
  for (const review of [four, two]) {
    const house = await openHouse();
    try {
      const { pages, guests } = await review(house);
      guests.close();
      for (const page of pages) await page.browserContext().close();
    } finally {
      await house.stop();
    }
  }
} finally {
  await browser.close();
}
