/** Failures in the middle of a talk, each in a real browser. The rows are those of docs/proof.md. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chromium, personsPage } from './browsers.mjs';
import { citizen, isOpenToAll, isShown, officerMeets, PHONE, said, SCENE_MS, sees, talk, words } from './failures.mjs';
import { openHouse, until } from './house.mjs';
import { isLoud, untilReceived, watchConnections } from './media.mjs';
import { inState, openDoor, press } from './story.mjs';

const hi = words('hi');
let house;
let browser;
let strict;

before(async () => {
  house = await openHouse();
  browser = await chromium(['--ignore-certificate-errors']);
  // Sound only after a tap, as telephones have it.
  strict = await chromium(['--ignore-certificate-errors', '--autoplay-policy=document-user-activation-required']);
});

after(async () => {
  await browser?.close();
  await strict?.close();
  await house?.stop();
});

/** The own track that is sent, as the page has it. */
const own = (page, kind, act) => page.evaluate((wanted, how) => {
  const sent = window.watchedConnections.filter((pc) => pc.connectionState !== 'closed').flatMap((pc) => pc.getSenders());
  const track = sent.map((sender) => sender.track).find((one) => one?.kind === wanted);
  if (how === 'ends') {
    track.stop();
    track.dispatchEvent(new Event('ended'));
    return;
  }
  Object.defineProperty(track, 'muted', { configurable: true, get: () => how === 'mute' });
  track.dispatchEvent(new Event(how));
}, kind, act);

test('a camera that another app takes is said, and one tap brings it back for both sides', { timeout: SCENE_MS }, async (t) => {
  t.diagnostic('F4');
  const who = await citizen(house, browser, { before: watchConnections });
  const officer = await talk(house, browser, who);
  await until('the officer sees the citizen', () => officer.$('[data-test="tile"][data-picture="live"]'));
  await own(who.page, 'video', 'ends');
  await sees(who.page, 'take-again');
  assert.ok((await said(who.page, 'interrupted')).startsWith(hi('help-js-interrupted-video')));
  await until('the officer reads that the camera is off', () => officer.$('[data-test="tile"][data-picture="off"]'));
  await isOpenToAll(who.page, 'camera-taken');
  await who.page.focus('[data-test="take-again"]');
  await who.page.keyboard.press('Enter');
  await until('the officer sees the citizen again', () => officer.$('[data-test="tile"][data-picture="live"]'));
  assert.equal(await isShown(who.page, 'interrupted'), false);
  assert.equal(await who.page.evaluate(() => document.activeElement.dataset.part), 'camera', 'the keyboard goes on where it is switched');
  assert.equal(await who.page.$eval('[data-part="live"]', (live) => live.textContent), hi('help-js-taken-again'));
  assert.deepEqual(who.page.complaints, []);
  await officer.close();
  await who.page.browserContext().close();
});

test('a telephone call takes the microphone and gives it back: the talk goes on from there by itself', { timeout: SCENE_MS }, async (t) => {
  t.diagnostic('F14');
  const who = await citizen(house, browser, { before: watchConnections });
  const officer = await talk(house, browser, who);
  await own(who.page, 'audio', 'mute');
  await sees(who.page, 'interrupted');
  assert.ok((await said(who.page, 'interrupted')).startsWith(hi('help-js-interrupted-audio')));
  assert.equal(await isShown(who.page, 'take-again'), false, 'it comes back by itself');
  await own(who.page, 'audio', 'unmute');
  await until('nothing is said any more', async () => !(await isShown(who.page, 'interrupted')));
  await own(who.page, 'audio', 'ends');
  await sees(who.page, 'take-again');
  await until('the officer reads that the microphone is off', () => officer.$('[data-test="tile"][data-microphone="off"]'));
  // The person comes back to the page: it takes the microphone again without a tap.
  await who.page.evaluate(() => {
    let state = 'hidden';
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
    document.dispatchEvent(new Event('visibilitychange'));
    state = 'visible';
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await until('the officer hears the citizen again', () => officer.$('[data-test="tile"][data-microphone="on"]'));
  assert.equal(await isShown(who.page, 'interrupted'), false);
  assert.equal(await who.page.$eval('html', (html) => html.dataset.state), 'meeting', 'the place is kept');
  await officer.close();
  await who.page.browserContext().close();
});

/** Counts how often the page asks for a device, in `window.openings`. */
const counting = async (page) => {
  await watchConnections(page);
  await page.evaluateOnNewDocument(() => {
    window.openings = 0;
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = (wish) => {
      window.openings += 1;
      return open(wish);
    };
  });
};

/** The person looks at something else and comes back to the page. @returns how often devices were asked for on that */
const goesAndComes = (page) => page.evaluate(() => {
  const before = window.openings;
  let state = 'hidden';
  Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
  document.dispatchEvent(new Event('visibilitychange'));
  state = 'visible';
  document.dispatchEvent(new Event('visibilitychange'));
  return window.openings - before;
});

/** Until the page has taken such a track off its line. */
const isOffTheLine = (page, kind) => until(`no ${kind} is on the line`, () => page.evaluate((wanted) => {
  const sent = window.watchedConnections.filter((pc) => pc.connectionState !== 'closed').flatMap((pc) => pc.getSenders());
  return sent.every((sender) => sender.track?.kind !== wanted);
}, kind));

test('what a person has switched off stays off, whoever takes it away and gives it back', { timeout: SCENE_MS }, async (t) => {
  t.diagnostic('F14');
  const who = await citizen(house, browser, { before: counting });
  const officer = await talk(house, browser, who);
  const isOff = () => officer.$('[data-test="tile"][data-microphone="off"]');
  await press(who.page, 'microphone');
  await until('the officer reads that the microphone is off', isOff);
  await own(who.page, 'audio', 'mute');
  await own(who.page, 'audio', 'ends');
  await isOffTheLine(who.page, 'audio');
  assert.equal(await goesAndComes(who.page), 0, 'nobody asked for it');
  assert.equal(await isShown(who.page, 'interrupted'), false, 'nothing is missed');
  assert.ok(await isOff());

  await press(who.page, 'microphone');
  await until('the officer hears the citizen', () => officer.$('[data-test="tile"][data-microphone="on"]'));
  await own(who.page, 'audio', 'mute');
  await sees(who.page, 'interrupted');
  await press(officer, 'more');
  await officer.locator('[data-test="silence-button"]').click();
  await until('whom the officer silences misses nothing', async () => !(await isShown(who.page, 'interrupted')));
  await own(who.page, 'audio', 'ends');
  await isOffTheLine(who.page, 'audio');
  assert.equal(await goesAndComes(who.page), 0);
  await until('and is silent', isOff);
  assert.equal(await who.page.$eval('[data-test="microphone-button"]', (button) => button.dataset.on), 'false');
  assert.deepEqual(who.page.complaints, []);
  await officer.close();
  await who.page.browserContext().close();
});

test('a device that was missed is not opened once the talk is over', { timeout: SCENE_MS }, async (t) => {
  t.diagnostic('F14');
  const who = await citizen(house, browser, { before: counting });
  const officer = await talk(house, browser, who);
  await own(who.page, 'video', 'ends');
  await sees(who.page, 'take-again');
  await press(who.page, 'end');
  await inState(who.page, 'left');
  assert.equal(await goesAndComes(who.page), 0, 'not by who has left');
  await press(who.page, 'return');
  await press(who.page, 'join');
  await inState(who.page, 'meeting');
  await until('the officer sees the citizen', () => officer.$('[data-test="tile"][data-picture="live"]'));
  assert.equal(await isShown(who.page, 'interrupted'), false, 'nothing is missed any more');
  await own(who.page, 'video', 'ends');
  await sees(who.page, 'take-again');
  await press(officer, 'end');
  await press(officer, 'end-all');
  await inState(who.page, 'ended');
  assert.equal(await goesAndComes(who.page), 0, 'and not when it has ended');
  assert.equal(await who.page.$eval('[data-test="interrupted"]', (note) => note.hidden), true);
  assert.deepEqual(who.page.complaints, []);
  await officer.close();
  await who.page.browserContext().close();
});

test('the tap on Join lets sound be heard, and where it did not one more tap does', { timeout: SCENE_MS }, async (t) => {
  t.diagnostic('F7');
  const who = await citizen(house, browser);
  const phone = await personsPage(strict, { name: 'telephone', ...PHONE });
  await watchConnections(phone);
  await openDoor(phone, who.door, who.mobile);
  await inState(phone, 'preview');
  await press(phone, 'join');
  await inState(phone, 'waiting');
  const officer = await officerMeets(house, browser, who.name);
  await press(officer, 'admit');
  await inState(phone, 'meeting');
  const plays = (page) => page.$$eval('[data-test="remote-audio"]', (all) => all.length > 0 && all.every((one) => !one.paused));
  await until('all sound plays', () => plays(phone));
  assert.equal(await isShown(phone, 'unlock'), false, 'the tap was enough');
  // A join that no finger made, of a page that has neither camera nor microphone: nothing excuses it.
  const context = phone.browserContext();
  await phone.close();
  const bare = await personsPage(strict, { name: 'telephone', context, ...PHONE });
  await watchConnections(bare);
  await bare.evaluateOnNewDocument(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('none', 'NotFoundError'));
    const join = () => {
      if (document.documentElement.dataset.state !== 'preview' || document.querySelector('[data-part="preview-trouble"]').hidden) return requestAnimationFrame(join);
      return document.querySelector('[data-part="join"]').click();
    };
    addEventListener('load', join);
  });
  // What a test evaluates counts as a gesture, so this one asks in another way until the page has been refused.
  const wire = await bare.createCDPSession();
  await bare.goto(who.door);
  const expression = 'document.querySelector(\'[data-test="unlock"]\')?.hidden === false';
  await until('the page asks for a tap', async () => (await wire.send('Runtime.evaluate', { expression, returnByValue: true })).result.value);
  assert.ok((await said(bare, 'unlock')).includes(hi('live-unlock')));
  assert.equal(await plays(bare), false);
  await press(bare, 'unlock-button');
  await until('all sound plays', () => plays(bare));
  assert.equal(await isShown(bare, 'unlock'), false);
  await untilReceived(bare, 'the officer is heard', isLoud);
  await officer.close();
  await context.close();
  await who.page.browserContext().close();
});

/** The microphone of this page gives a voice made of noise: uneven as speech, the same for the same seed. */
const speaks = (page, seed) => page.evaluateOnNewDocument((number) => {
  let state = number;
  const chance = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wish) => {
    const stream = await open(wish);
    if (!wish.audio) return stream;
    const context = new AudioContext();
    const length = 20 * context.sampleRate;
    const buffer = context.createBuffer(1, length, context.sampleRate);
    const samples = buffer.getChannelData(0);
    for (let at = 0; at < length;) {
      const syllable = Math.round((0.08 + 0.3 * chance()) * context.sampleRate);
      const loud = chance() < 0.35 ? 0.0005 : 0.05 + 0.4 * chance();
      for (let n = 0; n < syllable && at < length; n += 1, at += 1) samples[at] = loud * (2 * Math.random() - 1);
    }
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.loop = true;
    const out = context.createMediaStreamDestination();
    source.connect(out);
    source.start();
    for (const track of stream.getAudioTracks()) stream.removeTrack(track);
    stream.addTrack(out.stream.getAudioTracks()[0]);
    return stream;
  };
}, seed);

/** The microphone of this page stands beside the other telephone: it picks up what comes out of this page's own line. */
const picksUp = (page) => page.evaluateOnNewDocument(() => {
  const context = new AudioContext();
  const out = context.createMediaStreamDestination();
  const delay = context.createDelay(1);
  window.part = () => delay.disconnect();
  delay.delayTime.value = 0.08;
  delay.connect(out);
  addEventListener('watched', ({ detail: pc }) => pc.addEventListener('track', ({ track }) => {
    if (track.kind !== 'audio') return;
    context.createMediaStreamSource(new MediaStream([track])).connect(delay);
  }));
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wish) => {
    const stream = await open(wish);
    if (!wish.audio) return stream;
    for (const track of stream.getAudioTracks()) stream.removeTrack(track);
    stream.addTrack(out.stream.getAudioTracks()[0]);
    return stream;
  };
});

const volumes = (page) => page.$$eval('[data-test="remote-audio"]', (all) => [...new Set(all.map((one) => one.volume))]);

test('two telephones in one room are found by the voice that comes back, and speaking in turns ends it', { timeout: SCENE_MS }, async (t) => {
  t.diagnostic('F8');
  const who = await citizen(house, browser, { before: (page) => speaks(page, 7) });
  const officer = await talk(house, browser, who, async (page) => {
    await watchConnections(page);
    await picksUp(page);
  });
  await sees(who.page, 'howl');
  assert.ok((await said(who.page, 'howl')).startsWith(hi('help-howl')));
  const [ducked] = await volumes(who.page);
  assert.ok(ducked < 0.5, `the others are at ${ducked}`);
  await isOpenToAll(who.page, 'howl');
  await press(who.page, 'take-turns');
  await until('the officer reads that the microphone is off', () => officer.$('[data-test="tile"][data-microphone="off"]'));
  assert.deepEqual(await volumes(who.page), [1], 'who listens hears well');
  const hold = await sees(who.page, 'hold-to-talk');
  const { x, y, width, height } = await hold.boundingBox();
  await who.page.mouse.move(x + width / 2, y + height / 2);
  await who.page.mouse.down();
  await until('while it is held the officer hears', () => officer.$('[data-test="tile"][data-microphone="on"]'));
  await who.page.mouse.up();
  await until('and then no more', () => officer.$('[data-test="tile"][data-microphone="off"]'));
  await press(who.page, 'microphone');
  await until('its own button ends the turns', () => officer.$('[data-test="tile"][data-microphone="on"]'));
  assert.equal(await isShown(who.page, 'hold-to-talk'), false);
  assert.deepEqual(who.page.complaints, []);
  await officer.close();
  await who.page.browserContext().close();
});

test('when the two telephones have parted the others are as loud as before, and nothing more is said', { timeout: SCENE_MS }, async (t) => {
  t.diagnostic('F8');
  const who = await citizen(house, browser, { before: (page) => speaks(page, 7) });
  const officer = await talk(house, browser, who, async (page) => {
    await watchConnections(page);
    await picksUp(page);
  });
  await sees(who.page, 'howl');
  await officer.evaluate(() => window.part());
  await until('the note goes', async () => !(await isShown(who.page, 'howl')), 90_000);
  assert.deepEqual(await volumes(who.page), [1]);
  await officer.close();
  await who.page.browserContext().close();
});

test('two people who talk at once, each in a room of their own, are left alone', { timeout: SCENE_MS }, async (t) => {
  t.diagnostic('F8');
  const who = await citizen(house, browser, { before: (page) => speaks(page, 7) });
  const officer = await talk(house, browser, who, (page) => speaks(page, 1_234_567));
  await until('it has listened long enough', () => who.page.$eval('[data-test="howl"]', (note) => Number(note.dataset.judged ?? 0) >= 12), 90_000);
  for (const page of [who.page, officer]) {
    assert.equal(await isShown(page, 'howl'), false);
    assert.deepEqual(await volumes(page), [1]);
  }
  await officer.close();
  await who.page.browserContext().close();
});

test('whose line is lost for 30 seconds is called by telephone, and reads it on coming back to the same place', { timeout: SCENE_MS }, async (t) => {
  t.diagnostic('F13');
  const who = await citizen(house, browser);
  const officer = await talk(house, browser, who);
  assert.equal(await isShown(officer, 'faint'), false);
  const context = who.page.browserContext();
  // The telephone dies: it says no farewell.
  const wire = await who.page.createCDPSession();
  wire.send('Page.crash').catch(() => {});
  await sees(officer, 'faint');
  assert.equal(await said(officer, 'faint-name'), who.name);
  await isOpenToAll(officer, 'faint');
  const opened = new Promise((done) => officer.once('popup', done));
  await press(officer, 'call-back');
  const dial = await opened;
  await dial.waitForSelector('[data-test="dial-number"]');
  assert.equal(await said(dial, 'dial-number'), `91••• ••${who.mobile.slice(-3)}`);
  assert.equal(await dial.$eval('[data-test="dial-button"]', (one) => one.getAttribute('href')), `tel:+91${who.mobile}`);
  const back = await personsPage(browser, { name: who.name, context, ...PHONE });
  await back.goto(who.door);
  await inState(back, 'preview');
  await press(back, 'join');
  await inState(back, 'meeting');
  await sees(back, 'called-back');
  assert.ok((await said(back, 'called-back')).includes(hi('help-called-back')));
  assert.ok(!(await back.content()).includes(who.mobile), 'no number on the citizen\'s page');
  await isOpenToAll(back, 'called-back');
  await press(back, 'called-back-close');
  assert.equal(await isShown(back, 'called-back'), false, 'it is read');
  await until('the line is heard again', async () => !(await isShown(officer, 'faint')));
  await dial.close();
  await officer.close();
  await context.close();
});

test('a second device with the same link moves the talk and never doubles it', { timeout: SCENE_MS }, async () => {
  const who = await citizen(house, browser);
  const officer = await talk(house, browser, who);
  await until('one other', () => officer.$('[data-test="stage"][data-count="1"]'));
  const second = await personsPage(browser, { name: 'second device', ...PHONE });
  await openDoor(second, who.door, who.mobile);
  await inState(second, 'preview');
  await press(second, 'join');
  await inState(second, 'meeting');
  await inState(who.page, 'refused');
  await until('the officer sees the second device', () => officer.$('[data-test="tile"][data-picture="live"]'));
  assert.equal(await officer.$eval('[data-test="stage"]', (stage) => stage.dataset.count), '1');
  assert.equal(await officer.$eval('[data-test="lobby"]', (lobby) => lobby.dataset.waiting), '0');
  await officer.close();
  await second.browserContext().close();
  await who.page.browserContext().close();
});
