/**
 * Many people in one meeting: those who were asked in by the office's own page, and light clients in their places
 * (`load guests`), beside a few in real browsers.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { personsPage } from './browsers.mjs';
import { fill, follow } from './story.mjs';

/** Of the same build as the server. */
const BUILD = (process.env.SACHIVALAYA_BINARY ?? '').includes('/release/') ? 'release' : 'debug';
const LOAD = process.env.SACHIVALAYA_LOAD ?? fileURLToPath(new URL(`../../target/${BUILD}/load`, import.meta.url));

/**
 * Light clients in the places of these tokens, each `meeting token`.
 *
 * @param {number} level  how loud they are, in dBov; -30 is speech
 * @returns `inside`: all hear somebody; `watch(ms)`: the longest silence of each from now on, and when it ended
 */
export function openGuests(house, tokens, level = -30) {
  const load = spawn(LOAD, ['guests', '--server', `127.0.0.1:${house.http}`, '--level', String(level)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const told = createInterface({ input: load.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await told.next();
    if (done) throw new Error('the light clients have ended');
    return JSON.parse(value);
  };
  load.stdin.write(`${tokens.join('\n')}\n\n`);
  return {
    inside: next(),
    async watch(ms) {
      load.stdin.write(`watch ${ms}\n`);
      return (await next()).silences;
    },
    close: () => load.kill(),
  };
}

/**
 * Asks somebody in, as the office does it.
 *
 * @param {import('puppeteer-core').Page} officer  somebody of the office; a page of the same session does it
 * @param {string} path  of the meeting
 * @param {{ kind: string, name: string, people?: string[] }} who
 * @returns {Promise<string>} the link
 */
export async function askIn(house, officer, path, { kind, name, people = [] }) {
  const page = await personsPage(officer.browser(), { name: 'asks in', context: officer.browserContext() });
  await page.goto(`${house.base}${path}/people`);
  await page.click(`input[name="kind"][value="${kind}"]`);
  await fill(page, 'input[name="name"]', name);
  if (people.length > 0) await page.type('textarea[name="people"]', people.join('\n'));
  await follow(page, '[data-test="guest-make"]');
  const links = await page.$$eval('[data-test="guest-link"]', (fields) => fields.map((field) => field.value));
  await page.close();
  return links.at(-1);
}

/** Takes an invitation as a device does that has no browser. @returns the place, as `meeting token` */
export async function placeBehind(house, link) {
  const address = `http://127.0.0.1:${house.http}${new URL(link).pathname}`;
  const taken = await fetch(address, { method: 'POST', redirect: 'manual', headers: { origin: `http://127.0.0.1:${house.http}` } });
  const cookie = taken.headers.getSetCookie().map((one) => one.split(';')[0]).join('; ');
  const text = await (await fetch(address, { headers: { cookie } })).text();
  const [, meeting] = text.match(/data-meeting="([^"]+)"/) ?? [];
  const [, token] = text.match(/data-resume="([^"]+)"/) ?? [];
  if (token === undefined) throw new Error(`the link leads to no place: ${taken.status} ${text.slice(0, 200)}`);
  return `${meeting} ${token}`;
}

/** Opens a link in a browser of its own and goes on to the preview of the meeting. */
export async function comesByLink(browser, link, { name, width, height, prepare = async () => {} }) {
  const page = await personsPage(browser, { name, width, height });
  await prepare(page);
  await page.goto(link);
  await follow(page, '[data-test="invited-go"]');
  return page;
}
