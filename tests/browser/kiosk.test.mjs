/** A terminal of a seat: enrolled by a code, back by itself after whatever happened, and out when it is revoked. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chromium } from './browsers.mjs';
import { openHouse, until } from './house.mjs';
import { Terminal, enrol, manager } from './kiosk.mjs';
import { follow, inState, staffsPage } from './story.mjs';
import { isWell, isWellAsItStands } from './well.mjs';
import { words } from './words.mjs';

const PATIENCE = 240_000;
/** From the moment at which the cause is gone. */
const BACK_MS_MAX = 10_000;
const hindi = words('hi');
let house;
let browser;
let terminal;

before(async () => {
  house = await openHouse();
  browser = await chromium();
  terminal = new Terminal(house);
  await terminal.start();
});

after(async () => {
  await terminal?.close();
  await browser?.close();
  await house?.stop();
});

/** Nobody has touched the terminal's page since: no other one was loaded. */
const since = () => terminal.page.evaluate(() => performance.timeOrigin);

test('a machine shows a code, is enrolled by it without a keyboard, and is the seat of its post', { timeout: PATIENCE }, async () => {
  const code = await terminal.code();
  assert.match(code, /^\d{8}$/);
  await isWellAsItStands(terminal.page, 'a terminal that shows its code');
  const mark = await terminal.page.$eval('[data-test="mark"]', (one) => one.textContent);
  const page = await manager(house, browser);
  assert.ok((await enrol(page, { code, post: 'sec-hlt' })).includes(mark), 'the mark can be compared');
  await isWell(page, 'the terminals');
  await terminal.registered();
  await terminal.inState('idle');
  assert.ok((await terminal.page.$eval('[data-test="camera-sentence"]', (one) => one.textContent)).includes(hindi('live-chamber-camera-off')));
  await isWellAsItStands(terminal.page, 'a terminal at rest');
  assert.equal(await terminal.page.evaluate(() => window.opened), 0, 'no camera or microphone was opened');
  // A second machine for the same chamber is refused until the first is replaced.
  const other = new Terminal(house);
  try {
    await other.start();
    const refused = await enrol(page, { code: await other.code(), post: 'sec-hlt' });
    assert.ok(refused.includes(hindi('terminal-taken')), refused);
    assert.ok(await terminal.isRegistered());
  } finally {
    await other.close();
  }
});

test('the machine checks itself when it is asked, and what is wrong stands on the page of whoever looks after it', { timeout: PATIENCE }, async () => {
  const page = await manager(house, browser);
  const isChecking = () => terminal.page.$eval('[data-test="check"]', (one) => one.checkVisibility()).catch(() => false);
  const kind = () => page.$eval('[data-test="check"]', (one) => one.dataset.kind);
  /** «अभी जाँचें», then the terminal's page is loaded anew, which asks the server at once and not within the minute. */
  const check = async (becomes) => {
    await follow(page, '[data-test="check-button"]');
    assert.equal(await page.$eval('.banner-good', (one) => one.textContent.trim()), hindi('morning-asked'));
    await terminal.page.reload();
    await until('it checks itself', isChecking);
    const said = await terminal.page.$eval('[data-test="check"]', (one) => one.textContent);
    assert.ok(said.includes(hindi('morning-self')) && said.includes(hindi('morning-self-text')), said);
    assert.equal(await terminal.page.$eval('[data-test="camera-sentence"]', (one) => one.checkVisibility()), false, 'nothing untrue is said of the camera');
    if (becomes === 'good') await isWellAsItStands(terminal.page, 'a terminal that checks itself');
    await until('the check is over', async () => !(await isChecking()));
    await until(`the list is ${becomes}`, async () => {
      await page.goto(`${house.base}/terminals`);
      return (await kind()) === becomes;
    });
  };
  await check('good');
  assert.ok((await page.$eval('[data-test="check"]', (one) => one.textContent)).includes(hindi('morning-well')));
  await isWell(page, 'terminals-all-well');
  await terminal.page.setViewport({ width: 1280, height: 800 });
  await terminal.page.evaluate(() => localStorage.setItem('test-no-camera', ''));
  await check('danger');
  const of = (name) => page.$$eval(`[data-test="red"] [data-test="${name}"]`, (all) => all.map((one) => one.textContent));
  assert.deepEqual(await of('red-cause'), [hindi('morning-cause-camera-missing')], 'that, and nothing else');
  assert.deepEqual(await of('red-action'), [hindi('morning-action-camera-missing')]);
  await isWell(page, 'terminals-one-red');
  await terminal.page.evaluate(() => localStorage.removeItem('test-no-camera'));
  assert.equal(await terminal.page.evaluate(() => window.opened), 0, 'no camera or microphone was opened without a word on the screen');
  await check('good');
  await page.close();
  assert.deepEqual(terminal.complaints, []);
});

test('a ring is taken with two keys of a remote control, and one that was held down before takes nothing', { timeout: PATIENCE }, async () => {
  const board = await staffsPage(house, browser, 'board');
  await inState(board, 'idle');
  await until('the line is warm', () => board.evaluate(() => document.documentElement.dataset.line === 'up'));
  await until('the seat can be rung', () => board.$eval('[data-post="sec-hlt"]', (seat) => seat.dataset.presence === 'available'));
  const { page } = terminal;
  await page.keyboard.down('PageDown');
  await board.click('[data-post="sec-hlt"]');
  await terminal.inState('incoming');
  await page.keyboard.down('PageDown');
  await until('the caller rings', async () => (await board.evaluate(() => document.documentElement.dataset.state)) === 'ringing');
  assert.equal(await terminal.state(), 'incoming', 'a key that repeats is nobody\'s word');
  await page.keyboard.up('PageDown');
  await until('the key counts', async () => {
    await page.keyboard.press('PageDown');
    return (await terminal.state()) === 'in-call';
  });
  await inState(board, 'in-call');
  await page.keyboard.press('PageUp');
  await terminal.inState('idle');
  await inState(board, 'idle');
  await board.close();
});

test('a server that was killed and started again finds its terminal by itself', { timeout: PATIENCE }, async () => {
  const loaded = await since();
  await house.end('SIGKILL');
  await until('the line is down', async () => !(await terminal.isRegistered()));
  await house.start();
  const from = Date.now();
  await terminal.registered(BACK_MS_MAX);
  assert.ok(Date.now() - from <= BACK_MS_MAX);
  assert.equal(await since(), loaded, 'the same page');
});

test('a machine that starts while the server is away comes up by itself when it is back', { timeout: PATIENCE }, async () => {
  await until('its worker keeps the page', () => terminal.page.evaluate(async () => (await (await caches.open('kiosk-1')).keys()).length > 3));
  await terminal.cut();
  await house.end('SIGKILL');
  await terminal.start();
  await terminal.inState('waiting');
  await isWellAsItStands(terminal.page, 'a terminal without a server');
  await house.start();
  await terminal.registered(BACK_MS_MAX);
  assert.deepEqual(terminal.complaints, []);
});

test('a page that is older than its server is loaded anew while nobody talks', { timeout: PATIENCE }, async () => {
  const loaded = await since();
  const version = await terminal.page.$eval('[data-module="kiosk"]', (root) => root.dataset.version);
  await terminal.page.$eval('[data-module="kiosk"]', (root) => { root.dataset.version = 'an older one'; });
  await house.end('SIGKILL');
  await house.start();
  await until('another page', async () => (await since()) !== loaded);
  await terminal.registered();
  assert.equal(await terminal.page.$eval('[data-module="kiosk"]', (root) => root.dataset.version), version);
});

test('a revoked machine is out at once, and shows a code of another key', { timeout: PATIENCE }, async () => {
  const page = await manager(house, browser);
  const mark = await page.$eval('[data-test="terminal"] .kiosk-mark', (one) => one.textContent);
  await page.click('[data-test="terminal"] summary');
  await follow(page, '[data-test="terminal"] [data-test="revoke-button"]');
  await terminal.code();
  assert.notEqual(await terminal.page.$eval('[data-test="mark"]', (one) => one.textContent), mark);
  await page.close();
});
