/** A review of sixty seats: three real pages, on a wall, at a desk and on a telephone, and light clients at all the others. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { POSTS, sessionsOf } from '../../benches/seats.mjs';
import { chromium } from './browsers.mjs';
import { openHouse, until } from './house.mjs';
import { watchConnections } from './media.mjs';
import { inState, press, staffsPage } from './story.mjs';
import { isWellAsItStands } from './well.mjs';

const PATIENCE = 300_000;
const SEATS = 60;
const LOAD = process.env.SACHIVALAYA_LOAD ?? fileURLToPath(new URL('../../target/debug/load', import.meta.url));
/** Those at which a real page sits. */
const PAGES = ['cs', 'sec-hlt', 'sec-edu'];
const others = POSTS.filter((post) => !PAGES.includes(post)).slice(0, SEATS - PAGES.length);
let house;
let browser;
let crowd;

before(async () => {
  house = await openHouse();
  browser = await chromium();
  const film = join(house.folder, 'film.ivf');
  execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=5', '-t', '3', '-c:v', 'libvpx', '-g', '1', '-b:v', '300k', '-f', 'ivf', film]);
  crowd = new Crowd(film, await sessionsOf(house, others));
});

after(async () => {
  crowd?.end();
  await browser?.close();
  await house?.stop();
});

/** The light clients. */
class Crowd {
  #load;
  #said = [];

  constructor(film, seats) {
    this.#load = spawn(LOAD, ['sitting', '--server', `127.0.0.1:${house.http}`, '--film', film], { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#load.stdout }).on('line', (line) => this.#said.push(JSON.parse(line)));
    this.#load.stdin.write(`${seats.join('\n')}\n\n`);
  }

  warm() {
    return until('all light seats are warm', () => this.#said.find(({ warm }) => warm === others.length), 60_000);
  }

  raises(post) {
    this.#load.stdin.write(`hand ${post}\n`);
  }

  async count() {
    const before = this.#said.length;
    this.#load.stdin.write('count\n');
    return until('a count', () => this.#said[before]);
  }

  end() {
    this.#load.stdin.end();
    this.#load.kill();
  }
}

async function seat(name, [width, height]) {
  const page = await staffsPage(house, browser, name, watchConnections);
  await page.setViewport({ width, height });
  await page.goto(`${house.base}/review`);
  await inState(page, 'idle');
  await until('the line is warm', () => page.evaluate(() => document.documentElement.dataset.line === 'up'));
  return page;
}

/** How many people have been heard at all. */
const heard = (page) => page.evaluate(async () => {
  let lines = 0;
  for (const pc of window.watchedConnections.filter((one) => one.connectionState !== 'closed')) {
    for (const line of (await pc.getStats()).values()) lines += Number(line.type === 'inbound-rtp' && line.kind === 'audio' && line.packetsReceived > 0);
  }
  return lines;
});
const photograph = async (page, name) => {
  if (!process.env.PHOTOGRAPHS) return;
  const out = fileURLToPath(new URL('out/', import.meta.url));
  mkdirSync(out, { recursive: true });
  await page.screenshot({ path: `${out}${name}.png` });
};
const playing = (page) => page.$$eval('[data-test="tile"]:not([hidden]) video', (videos) => videos.filter((video) => video.videoWidth > 0 && !video.paused).length);
const names = (page) => page.$$eval('[data-test="tile"]:not([hidden]) [data-test="tile-name"]', (all) => all.map((one) => one.textContent));

test('sixty sit in a review: the roll is called, the wall is seen a page at a time, and who has the floor is heard by all', { timeout: PATIENCE }, async () => {
  await crowd.warm();
  const wall = await seat('board', [1_920, 1_080]);
  const desk = await seat('chamber_1', [1_280, 800]);
  const telephone = await seat('chamber_2', [360, 740]);
  await wall.bringToFront();
  const invited = [...others, 'sec-hlt', 'sec-edu'];
  await until('all can be chosen', () => wall.evaluate((posts) => posts.every((post) => document.querySelector(`input[value="${post}"]:not(:disabled)`)), invited));
  await wall.evaluate((posts) => { for (const post of posts) document.querySelector(`input[value="${post}"]`).click(); }, invited);
  await wall.$eval('[data-part="review-open"]', (button) => button.click());
  await Promise.all([desk, telephone].map(async (page) => {
    await inState(page, 'incoming');
    await page.$eval('[data-part="accept"]', (button) => button.click());
    await inState(page, 'in-call');
  }));
  await until('the roll counts them', () => wall.$eval('[data-part="roll-count"]', (one) => /(^|\D)(59|60)\D+(59|60)/.test(one.textContent) && one.textContent.match(/\d+/g)?.[0] === one.textContent.match(/\d+/g)?.[1]), 60_000);
  assert.equal((await crowd.count()).inside, others.length);
  await until('a page of the wall is seen', async () => (await playing(wall)) >= 22, 60_000);
  const first = await names(wall);
  await wall.keyboard.press('PageDown');
  await until('another page', async () => (await names(wall)).filter((name) => first.includes(name)).length < 10);
  await until('is seen as well', async () => (await playing(wall)) >= 15, 60_000);
  await photograph(wall, 'review-of-sixty-wall.1920');
  await isWellAsItStands(wall, 'review-of-sixty-wall');
  await wall.setViewport({ width: 1_920, height: 1_080 });

  assert.deepEqual(await Promise.all([wall, desk, telephone].map(heard)), [0, 1, 1], 'all are silent but the chair');
  const speaker = others[5];
  crowd.raises(speaker);
  await until('the hand is seen', () => wall.$(`[data-part="review-hands"] [data-post="${speaker}"] [data-kind="give_floor"]`));
  await wall.$eval(`[data-part="review-hands"] [data-post="${speaker}"] [data-kind="give_floor"]`, (button) => button.click());
  for (const [n, page] of [wall, desk, telephone].entries()) {
    await until('the one with the floor is heard, and nobody else', async () => (await heard(page)) === [1, 2, 2][n]);
  }
  await until('and is seen large', () => telephone.$('[data-test="tile"][data-large="true"]:not([hidden])'));
  await desk.bringToFront();
  await until('the desk sees them', async () => (await playing(desk)) >= 6, 60_000);
  await photograph(desk, 'review-of-sixty-desk.first');
  await isWellAsItStands(desk, 'review-of-sixty-desk');
  await telephone.bringToFront();
  await until('the telephone sees them', async () => (await playing(telephone)) >= 2, 60_000);
  await isWellAsItStands(telephone, 'review-of-sixty-telephone');
  await wall.bringToFront();
  await press(wall, 'end');
  assert.deepEqual([wall, desk, telephone].flatMap((page) => page.complaints), []);
});
