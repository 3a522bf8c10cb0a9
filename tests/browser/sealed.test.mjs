/**
 * A confidential meeting: sound and pictures are encrypted from page to page, the server forwards what it cannot read and
 * still adapts, and everybody is told truthfully what that means.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chromium, firefox } from './browsers.mjs';
import { openHouse, until } from './house.mjs';
import { received, seesAndHears, watchConnections } from './media.mjs';
import { showStage, untilLines, watch } from './adaptation.mjs';
import { askIn, comesByLink } from './crowd.mjs';
import { isOpenToAll, isShown, said, sees } from './failures.mjs';
import { openMeeting } from './reach.mjs';
import { switchOn } from './recording.mjs';
import { codes, isConfidential, keyChanges, keyOf, makeConfidential, recordPlain, takeRecord, workerOf } from './sealed.mjs';
import { inState, leavesAndComesAgain, press } from './story.mjs';

const SCENE_MS = 240_000;

const made = (page) => page.evaluate(() => window.watchedConnections.length);
/** Until a page has another connection than so many before, and that one alone: what those have shown counts for nothing. */
const isConnectedAnew = (page, before) => until('a new connection', () => page.evaluate((count) => {
  const live = window.watchedConnections.filter((one) => one.connectionState !== 'closed');
  return window.watchedConnections.length > count && live.length === 1 && live[0].connectionState === 'connected';
}, before));

for (const [name, other] of [['Chromium', chromium], ['Firefox', firefox]]) {
  test(`Chromium and ${name} see and hear each other in a confidential meeting, and both show the same digits`, { timeout: SCENE_MS }, async () => {
    const [browser, second, house] = await Promise.all([chromium(), other(), openHouse()]);
    try {
      const { officer, citizen } = await openMeeting(house, { officers: browser, citizens: second, mobile: '9100008001', mail: 'sealed@example.org' }, watchConnections);
      await Promise.all([seesAndHears(officer, 'the officer'), seesAndHears(citizen, 'the citizen')]);
      await makeConfidential(officer);
      assert.equal(await officer.evaluate(() => document.activeElement.dataset.part), 'seal-mark', 'the keyboard goes on at the mark');
      await isConfidential(citizen);
      const [there, here] = await Promise.all([codes(officer), codes(citizen)]);
      assert.deepEqual(there, here);
      await Promise.all([seesAndHears(officer, 'the officer'), seesAndHears(citizen, 'the citizen')]);
      assert.ok((await keyOf(officer)) > 0 && (await keyOf(citizen)) > 0);
      if (name === 'Chromium') for (const [page, who] of [[officer, 'sealed-officer'], [citizen, 'sealed-citizen']]) await isOpenToAll(page, who);
      assert.deepEqual([...officer.complaints, ...citizen.complaints], []);
    } finally {
      await Promise.all([browser.close(), second.close()]);
      await house.stop();
    }
  });
}

test('a confidential meeting adapts as any other, changes its keys with who is inside, and is one after a crash too', { timeout: SCENE_MS }, async () => {
  const [browser, house] = await Promise.all([chromium(), openHouse({ isImpaired: true, recordings: true })]);
  try {
    const { officer, citizen, door } = await openMeeting(house, { officers: browser, citizens: browser, mobile: '9100008002', mail: 'adapts@example.org' }, watchConnections);
    const both = () => Promise.all([seesAndHears(officer, 'the officer'), seesAndHears(citizen, 'the citizen')]);
    await switchOn(officer, 'अभिलेख');
    await makeConfidential(officer);
    await officer.waitForSelector('[data-test="recording"][data-on="false"]');
    assert.equal(await officer.$('[data-test="record-menu"]'), null, 'there is no switch any more');
    await both();

    await untilLines(citizen, 540);
    await showStage(citizen, 220, 124);
    await untilLines(citizen, 1, { most: 180 });
    await showStage(citizen, 0, 0);
    await untilLines(citizen, 540);
    const first = await keyOf(officer);
    await press(citizen, 'end');
    await inState(citizen, 'left');
    const second = await keyChanges(officer, first);
    await until('no digits where nobody is', () => officer.$eval('[data-test="seal-code"]', (node) => !/\d/.test(node.textContent)));
    const narrow = house.proxy.path();
    await citizen.goto(door);
    await inState(citizen, 'preview');
    await press(citizen, 'join');
    await inState(citizen, 'meeting');
    await keyChanges(officer, second);
    await both();
    assert.deepEqual(await codes(officer), await codes(citizen));

    await untilLines(citizen, 540);
    narrow.both({ kbps: 250, delayMs: 30 });
    await untilLines(citizen, 1, { most: 270, patience: 60_000 });
    narrow.heal();
    await untilLines(citizen, 540, { patience: 60_000 });

    // Without the older blocks of RED, sealed each by itself, it is some five times as much.
    narrow.both({ loss: 0.1, delayMs: 20 });
    await until('what is lost of the sound comes all the same', async () => (await watch(citizen, 6_000)).missing < 0.02);
    narrow.heal();

    const [there, here] = [await made(officer), await made(citizen)];
    await house.end('SIGKILL');
    await house.start();
    await Promise.all([isConnectedAnew(officer, there), isConnectedAnew(citizen, here)]);
    await both();
    await Promise.all([isConfidential(officer), isConfidential(citizen)]);
    assert.deepEqual(await codes(officer), await codes(citizen));
  } finally {
    await browser.close();
    await house.stop();
  }
});

test('who waits when a meeting becomes confidential is seen and heard in it once let in', { timeout: SCENE_MS }, async () => {
  const [browser, house] = await Promise.all([chromium(), openHouse()]);
  try {
    const { officer, citizen } = await openMeeting(house, { officers: browser, citizens: browser, mobile: '9100008005', mail: 'waits@example.org' }, async (page) => {
      await recordPlain(page);
      await watchConnections(page);
    }, async (waits, chair) => {
      await inState(waits, 'waiting');
      await until('camera and microphone are on the line', async () => (await takeRecord(waits)).length > 0);
      await makeConfidential(chair);
      await until('the one who waits has a worker of his own', () => workerOf(waits));
      // What comes with a new socket moves nothing under the next press any more.
      for (const page of [waits, chair]) await isConnectedAnew(page, 1);
      await takeRecord(waits);
    });
    assert.deepEqual(await codes(officer), await codes(citizen));
    await Promise.all([seesAndHears(officer, 'the officer'), seesAndHears(citizen, 'the citizen')]);
    assert.deepEqual(await takeRecord(citizen), [], 'nothing went out unsealed from then on');
  } finally {
    await browser.close();
    await house.stop();
  }
});

test('whose browser cannot seal sends nothing, is told so, and the officer is offered the telephone', { timeout: SCENE_MS }, async () => {
  const [browser, house] = await Promise.all([chromium(), openHouse()]);
  try {
    const old = async (page) => {
      await watchConnections(page);
      await page.evaluateOnNewDocument(() => {
        if (window.name === 'old') delete window.RTCRtpScriptTransform;
      });
    };
    const { officer, citizen, door } = await openMeeting(house, { officers: browser, citizens: browser, mobile: '9100008004', mail: 'old@example.org' }, old);
    await citizen.evaluate(() => { window.name = 'old'; });
    await leavesAndComesAgain(citizen, door);
    await seesAndHears(citizen, 'the citizen');
    await makeConfidential(officer);
    await sees(citizen, 'seal-cannot');
    assert.equal(await isShown(citizen, 'seal-mark'), false, 'nothing is said to be locked there');
    await until('nothing goes out', async () => (await received(citizen)).states.length === 0);
    await sees(officer, 'seal-dial');
    assert.equal(await citizen.evaluate(() => document.documentElement.dataset.state), 'meeting', 'the place is kept');
    await isOpenToAll(citizen, 'seal-cannot');
    await isOpenToAll(officer, 'seal-dial');
  } finally {
    await browser.close();
    await house.stop();
  }
});

test('only the citizen is offered the telephone, and nobody who comes back with another browser', { timeout: SCENE_MS }, async () => {
  const [browser, house] = await Promise.all([chromium(), openHouse()]);
  try {
    const old = (page) => page.evaluateOnNewDocument(() => {
      if (window.name !== 'new') delete window.RTCRtpScriptTransform;
    });
    const able = async (page) => {
      await watchConnections(page);
      await page.evaluateOnNewDocument(() => {
        if (window.name === 'old') delete window.RTCRtpScriptTransform;
      });
    };
    const { officer, citizen, door } = await openMeeting(house, { officers: browser, citizens: browser, mobile: '9100008006', mail: 'guest@example.org' }, able);
    const link = await askIn(house, officer, new URL(officer.url()).pathname, { kind: 'interpreter', name: 'Asha Lal' });
    const guest = await comesByLink(browser, link, { name: 'guest', prepare: old });
    await inState(guest, 'preview');
    await press(guest, 'join');
    await inState(guest, 'waiting');
    await press(officer, 'admit');
    await inState(guest, 'meeting');
    await makeConfidential(officer);
    await sees(officer, 'seal-lost');
    assert.ok((await said(officer, 'seal-lost')).startsWith('Asha Lal'));
    await codes(officer);
    assert.equal(await isShown(officer, 'seal-dial'), false, 'whose number the office does not have is not called');
    await isOpenToAll(officer, 'seal-lost');

    await citizen.evaluate(() => { window.name = 'old'; });
    await leavesAndComesAgain(citizen, door);
    await sees(officer, 'seal-dial');
    assert.ok((await said(officer, 'seal-dial')).startsWith('Ram Kumar'));
    assert.ok((await said(officer, 'seal-lost')).startsWith('Asha Lal'), 'both are known');
    await citizen.evaluate(() => { window.name = ''; });
    await leavesAndComesAgain(citizen, door);
    assert.deepEqual(await codes(officer), await codes(citizen));
    assert.equal(await isShown(officer, 'seal-dial'), false, 'who can is not called');
    await Promise.all([seesAndHears(officer, 'the officer'), seesAndHears(citizen, 'the citizen')]);
  } finally {
    await browser.close();
    await house.stop();
  }
});

test('what seals is asked for again until it comes, and the page says so meanwhile', { timeout: SCENE_MS }, async () => {
  const [browser, house] = await Promise.all([chromium(), openHouse()]);
  try {
    const { officer, citizen } = await openMeeting(house, { officers: browser, citizens: browser, mobile: '9100008007', mail: 'again@example.org' }, watchConnections);
    const fails = ['sealing.js', 'seal_keys.js'];
    await citizen.setRequestInterception(true);
    const fail = (request) => {
      if (!new URL(request.url()).pathname.endsWith(`/${fails[0]}`)) {
        request.continue();
        return;
      }
      fails.shift();
      request.abort();
      if (fails.length > 0) return;
      citizen.off('request', fail);
      citizen.setRequestInterception(false);
    };
    citizen.on('request', fail);
    // The worker asks for its own file past the page.
    await citizen.evaluate(() => {
      const Original = window.Worker;
      window.Worker = class extends Original {
        constructor(address, options) {
          super('/static/js/none.js', options);
          window.Worker = Original;
        }
      };
    });
    await makeConfidential(officer);
    await isConfidential(citizen);
    await sees(citizen, 'reconnecting');
    assert.deepEqual(await codes(officer), await codes(citizen));
    await Promise.all([seesAndHears(officer, 'the officer'), seesAndHears(citizen, 'the citizen')]);
    assert.equal(await isShown(citizen, 'reconnecting'), false);
    assert.deepEqual(fails, [], 'each has failed once');
  } finally {
    await browser.close();
    await house.stop();
  }
});
