/** Failures before a meeting, each in a real browser: what the person reads, and the way on. The rows are those of docs/proof.md. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chromium, personsPage } from './browsers.mjs';
import { citizen, isOpenToAll, isShown, officerMeets, PHONE, said, SCENE_MS, sees, words } from './failures.mjs';
import { openHouse, until } from './house.mjs';
import { codeFor, fill, follow, inState, meetingOf, openDoor, press, staffsPage } from './story.mjs';

const hi = words('hi');
let house;
let browser;
let asking;

before(async () => {
  house = await openHouse();
  browser = await chromium(['--ignore-certificate-errors']);
  // Gives camera and microphone to nobody who was not allowed them.
  asking = await chromium(['--ignore-certificate-errors'], 'outside', ['--use-fake-ui-for-media-stream']);
});

after(async () => {
  await browser?.close();
  await asking?.close();
  await house?.stop();
});

/** From the start to the page where the code is typed. */
async function untilCode(page, { name, mobile, mail = '' }) {
  await page.goto(`${house.base}/find?q=swasthya&lang=hi`);
  await follow(page, 'a[href^="/post/"]');
  await follow(page, 'form[action="/hold"] button[name="start"]');
  await fill(page, 'input[name="name"]', name);
  await fill(page, 'input[name="mobile"]', mobile);
  await fill(page, '[name="subject"]', 'पेंशन रुकी है');
  if (mail !== '') await fill(page, 'input[name="mail"]', mail);
  await page.click('input[name="channel"][value="video"]');
  await follow(page, 'main form[action^="/book/"] button[type="submit"]');
}

test('a code that does not come for 30 seconds can be had another way, and nothing that was written is lost', { timeout: SCENE_MS }, async (t) => {
  t.diagnostic('F1');
  const page = await personsPage(browser, { name: 'no code', ...PHONE });
  await untilCode(page, { name: 'दुलारी देवी', mobile: '9100004101' });
  assert.equal(await isShown(page, 'code-late'), false, 'nothing is said before its time');
  const late = (ms) => page.$eval('[data-test="code-late"]', (one, at) => {
    const [waiting] = one.getAnimations();
    waiting.pause();
    waiting.currentTime = at;
  }, ms);
  await late(29_900);
  assert.equal(await isShown(page, 'code-late'), false);
  await late(30_050);
  assert.equal(await isShown(page, 'code-late'), true);
  const text = await said(page, 'code-late');
  for (const key of ['help-code-late-title', 'help-code-late-kept', 'help-code-call', 'help-code-centre']) assert.ok(text.includes(hi(key)), key);
  await isOpenToAll(page, 'code-late');
  await fill(page, 'input[name="mail"]', 'second-way@example.org');
  await follow(page, '[data-test="code-mail"] button');
  assert.match(await page.$eval('main', (main) => main.textContent), /second-way@example\.org/);
  await fill(page, 'input[name="code"]', await codeFor(house, 'second-way@example.org'));
  await follow(page, 'main form[action$="/code"] button[type="submit"]');
  assert.match(new URL(page.url()).pathname, /^\/s\//, 'the code of the second way leads to the slip');
  await page.browserContext().close();
});

test('the number is shown in large groups, and changing it makes the first code worthless', { timeout: SCENE_MS }, async (t) => {
  t.diagnostic('F2');
  const page = await personsPage(browser, { name: 'wrong number', ...PHONE });
  const mail = 'wrong-number@example.org';
  await untilCode(page, { name: 'रामजी साह', mobile: '9100004102', mail });
  assert.equal(await said(page, 'code-number'), '91000 04102');
  const size = await page.$eval('[data-test="code-number"]', (one) => parseFloat(getComputedStyle(one).fontSize));
  assert.ok(size >= 28, `the number is ${size} px high`);
  const first = await codeFor(house, mail);
  await follow(page, '[data-test="code-change"]');
  assert.equal(await page.$eval('input[name="name"]', (field) => field.value), 'रामजी साह', 'the form is kept');
  await fill(page, 'input[name="mobile"]', '9100004103');
  await follow(page, 'main form[action^="/book/"] button[type="submit"]');
  assert.equal(await said(page, 'code-number'), '91000 04103');
  const second = await until('a second code', () => {
    const sent = house.sink.mails.filter((one) => one.recipients.includes(mail)).map((one) => one.text.match(/(?<!\d)\d{6}(?!\d)/)?.[0]);
    return sent.find((code) => code !== undefined && code !== first);
  });
  await fill(page, 'input[name="code"]', first);
  await follow(page, 'main form[action$="/code"] button[type="submit"]');
  assert.match(new URL(page.url()).pathname, /\/code$/, 'the first code opens nothing');
  await fill(page, 'input[name="code"]', second);
  await follow(page, 'main form[action$="/code"] button[type="submit"]');
  assert.match(new URL(page.url()).pathname, /^\/s\//);
  await page.browserContext().close();
});

/** The browser has been told that our address gets neither camera nor microphone. */
async function deny(page) {
  const wire = await page.createCDPSession();
  const browserContextId = page.browserContext().id;
  for (const name of ['camera', 'microphone']) {
    await wire.send('Browser.setPermission', { permission: { name }, setting: 'denied', origin: house.base, browserContextId });
  }
  await wire.detach();
}

for (const language of ['hi', 'en']) {
  test(`who has denied camera and microphone is shown the place of this browser, and can join without them (${language})`, { timeout: SCENE_MS }, async (t) => {
    t.diagnostic('F3');
    const who = await citizen(house, asking, { language });
    const { page } = who;
    await deny(page);
    await page.goto(who.door);
    await inState(page, 'preview');
    await sees(page, 'preview-trouble');
    await sees(page, 'permission');
    const shown = await page.$$eval('[data-browser]', (all) => all.filter((one) => one.checkVisibility()).map((one) => [one.dataset.browser, one.querySelectorAll('li').length]));
    assert.deepEqual(shown, [['chrome-desktop', 3]], 'three steps of this very browser');
    assert.equal(await isShown(page, 'elsewhere'), false, 'who has denied is not sent elsewhere');
    assert.equal(await isShown(page, 'join-voice'), true);
    await isOpenToAll(page, `denied-${language}`);
    await press(page, 'join-listen');
    await inState(page, 'waiting');
    assert.notEqual(await said(page, 'place'), '', 'the place in the queue is there without a camera');
    assert.deepEqual(page.complaints, []);
    await page.browserContext().close();
  });
}

/** From now on the browser opens these devices only in so far as `fault` lets it. */
const failing = (page, fault) => page.evaluateOnNewDocument((name) => {
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (wish) =>
    (wish.video ? Promise.reject(new DOMException('the camera fails', name)) : open(wish));
}, fault);

for (const [fault, key] of [['NotFoundError', 'missing'], ['NotReadableError', 'busy']]) {
  test(`a camera that is ${key} is said in words, and the voice alone joins`, { timeout: SCENE_MS }, async (t) => {
    t.diagnostic('F4');
    const who = await citizen(house, browser, { before: (page) => failing(page, fault) });
    await who.page.goto(who.door);
    await inState(who.page, 'preview');
    await sees(who.page, 'preview-trouble');
    assert.ok((await said(who.page, 'preview-trouble')).includes(hi(`live-js-camera-${key}`)));
    // What the page asks its browser for has been answered before this is.
    await who.page.evaluate(() => navigator.permissions.query({ name: 'camera' }));
    assert.equal(await isShown(who.page, 'elsewhere'), false, 'this is no page inside an app');
    await press(who.page, 'join-voice');
    await inState(who.page, 'waiting');
    const officer = await officerMeets(house, browser, who.name);
    await press(officer, 'admit');
    await inState(who.page, 'meeting');
    const tile = await until('the officer sees that there is a voice and no picture', () =>
      officer.$eval('[data-test="tile"]:not([hidden])', (one) => one.dataset.picture === 'off' && one.dataset.microphone));
    assert.equal(tile, 'on');
    assert.deepEqual(who.page.complaints, []);
    await officer.close();
    await who.page.browserContext().close();
  });
}

const ANDROID = 'Mozilla/5.0 (Linux; Android 10; SM-A105F; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/120.0.0.0 Mobile Safari/537.36';

for (const [kind, spoil] of [
  ['has no camera for a page', () => Object.defineProperty(navigator, 'mediaDevices', { value: undefined })],
  ['refuses at once without asking', () => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('not here', 'NotAllowedError'));
  }],
]) {
  test(`inside an app that ${kind} the link is opened in Chrome, and the turn is the same there`, { timeout: SCENE_MS }, async (t) => {
    t.diagnostic('F5');
    const who = await citizen(house, browser, {
      before: async (page) => {
        await page.setUserAgent(ANDROID);
        await page.evaluateOnNewDocument(spoil);
      },
    });
    await who.page.goto(who.door);
    await inState(who.page, 'preview');
    const link = await sees(who.page, 'open-chrome');
    const { pathname, host } = new URL(who.door);
    assert.equal(await link.evaluate((one) => one.getAttribute('href')), `intent://${host}${pathname}#Intent;scheme=https;package=com.android.chrome;end`);
    await isOpenToAll(who.page, 'inside-an-app');
    await press(who.page, 'join-listen');
    await inState(who.page, 'waiting');
    const officer = await officerMeets(house, browser, who.name);
    assert.equal(await officer.$eval('[data-test="lobby"]', (one) => one.dataset.waiting), '1');
    const chrome = await personsPage(browser, { name: 'chrome', ...PHONE });
    await openDoor(chrome, who.door, who.mobile);
    await inState(chrome, 'preview');
    await press(chrome, 'join');
    await inState(chrome, 'waiting');
    await inState(who.page, 'refused');
    assert.equal(await who.page.$eval('html', (html) => html.dataset.refused), 'replaced');
    assert.equal(await officer.$eval('[data-test="lobby"]', (one) => one.dataset.waiting), '1', 'moved, and not doubled');
    await officer.close();
    await chrome.browserContext().close();
    await who.page.browserContext().close();
  });
}

test('on an iPhone words say how to leave the app, and the link can be copied', { timeout: SCENE_MS }, async (t) => {
  t.diagnostic('F5');
  const who = await citizen(house, browser, {
    before: async (page) => {
      await page.setUserAgent('Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148');
      await page.evaluateOnNewDocument(() => Object.defineProperty(navigator, 'mediaDevices', { value: undefined }));
    },
  });
  await who.page.goto(who.door);
  await inState(who.page, 'preview');
  await sees(who.page, 'share-words');
  assert.equal(await isShown(who.page, 'open-chrome'), false);
  const wire = await who.page.createCDPSession();
  await wire.send('Browser.setPermission', { permission: { name: 'clipboard-write', allowWithoutSanitization: true }, setting: 'granted', origin: house.base, browserContextId: who.page.browserContext().id });
  await press(who.page, 'copy-link');
  await until('it says that the link is copied', async () => (await who.page.$eval('[data-part="copied"]', (one) => one.textContent)) === hi('help-js-copied'));
  await who.page.browserContext().close();
});

test('a robot that looks at links changes nothing, not even one that runs scripts', { timeout: SCENE_MS }, async (t) => {
  t.diagnostic('F6');
  const who = await citizen(house, browser);
  await who.page.goto(who.slip);
  const facts = () => who.page.$eval('.facts', (one) => one.textContent);
  const before = await facts();
  const robot = await personsPage(browser, { name: 'robot' });
  await robot.goto(`${house.base}/`);
  for (const method of ['GET', 'HEAD']) {
    for (const link of [who.door, who.slip, `${who.slip}/times`, `${who.slip}/cancel`, `${who.slip}/invite.ics`]) {
      const status = await robot.evaluate(async (path, how) => (await fetch(path, { method: how })).status, new URL(link).pathname, method);
      assert.equal(status, 200, `${method} ${link}`);
    }
  }
  await robot.goto(who.door, { waitUntil: 'networkidle0' });
  await who.page.goto(who.door, { waitUntil: 'networkidle0' });
  await inState(who.page, 'preview');
  const officer = await officerMeets(house, browser, who.name);
  assert.equal(await officer.$eval('[data-test="lobby"]', (one) => one.dataset.waiting), '0', 'nobody waits who has not tapped');
  await who.page.goto(who.slip);
  assert.equal(await facts(), before);
  await officer.close();
  await robot.browserContext().close();
  await who.page.browserContext().close();
});

test('whoever shares a telephone is asked who they are, and goes to their own meeting', { timeout: SCENE_MS }, async (t) => {
  t.diagnostic('F17');
  const mobile = '9100004117';
  const booked = [await citizen(house, browser, { mobile }), await citizen(house, browser, { mobile })];
  // The first may have had the last time of a day.
  if (booked[0].day !== booked[1].day) booked.push(await citizen(house, browser, { mobile }));
  const [first, second] = booked.slice(-2);
  const stranger = await personsPage(browser, { name: 'stranger', ...PHONE });
  await stranger.goto(first.door);
  const shown = await stranger.$eval('main', (main) => main.textContent);
  for (const { name } of [first, second]) assert.ok(!shown.includes(name), 'a link alone names nobody');
  await fill(stranger, 'input[name="digits"]', mobile.slice(-4));
  await follow(stranger, '[data-test="join-enter"]');
  assert.equal(await stranger.$eval('h1', (one) => one.textContent), hi('help-who', { name: first.name }));
  await isOpenToAll(stranger, 'who');
  const seen = await stranger.$eval('main', (main) => main.textContent);
  assert.ok(!seen.includes(second.name), 'whoever only shares the number is told first letters');
  await stranger.click('[data-test="who-other"]');
  await fill(stranger, '[data-test="who-pin"]', '000000');
  await follow(stranger, '[data-test="who-go"]');
  assert.ok((await stranger.$eval('[role="alert"]', (alert) => alert.textContent)).includes('PIN'), 'the number alone opens nothing');
  await isOpenToAll(stranger, 'who-wrong');
  await second.page.goto(second.slip);
  const pin = await second.page.$eval('main', (main) => main.textContent.match(/PIN \P{Nd}*(\d[\d ]{5,6})/u)[1]);
  await fill(stranger, '[data-test="who-pin"]', pin);
  await follow(stranger, '[data-test="who-go"]');
  assert.equal(new URL(stranger.url()).pathname, new URL(second.door).pathname);
  await inState(stranger, 'preview');
  await first.page.goto(first.door);
  await follow(first.page, '[data-test="who-yes"]');
  await inState(first.page, 'preview');
  assert.equal(new URL(first.page.url()).pathname, new URL(first.door).pathname);
  for (const page of [stranger, first.page, second.page]) await page.browserContext().close();
});

for (const [kind, isScripted] of [['cannot do WebRTC', true], ['runs no scripts', false]]) {
  test(`on a telephone that ${kind} one button makes it a call, and the desk sees it`, { timeout: SCENE_MS }, async (t) => {
    t.diagnostic('F18');
    const who = await citizen(house, browser);
    const page = await personsPage(browser, { name: 'old telephone', context: who.page.browserContext(), script: isScripted, ...PHONE });
    if (isScripted) {
      await page.evaluateOnNewDocument(() => {
        delete window.RTCPeerConnection;
      });
    }
    await page.goto(who.door);
    if (isScripted) {
      await sees(page, 'obstacle');
      assert.ok((await said(page, 'obstacle')).startsWith(hi('help-no-video')));
      assert.equal(await isShown(page, 'join-button'), false);
      await isOpenToAll(page, 'no-video');
    }
    await follow(page, `${isScripted ? '[data-test="obstacle"]' : 'noscript'} [data-test="telephone-button"]`);
    assert.equal(await page.$eval('h1', (one) => one.textContent), hi('help-telephone-done'));
    await who.page.goto(who.slip);
    const slip = await who.page.$eval('.facts', (one) => one.textContent);
    assert.ok(slip.includes(hi('common-channel-telephone')), 'the slip says so');
    const desk = await staffsPage(house, browser, 'officer_health');
    const card = await desk.evaluateHandle((name) => [...document.querySelectorAll('.desk-card')].find((one) => one.textContent.includes(name)), who.name);
    assert.ok((await card.evaluate((one) => one.textContent)).includes(hi('common-channel-telephone')), 'the desk sees it');
    const dial = await card.$('[data-test="desk-dial"]');
    await Promise.all([desk.waitForNavigation(), dial.click()]);
    assert.equal(await said(desk, 'dial-number'), `91••• ••${who.mobile.slice(-3)}`);
    assert.equal(await desk.$eval('[data-test="dial-button"]', (one) => one.getAttribute('href')), `tel:+91${who.mobile}`);
    assert.ok(!(await desk.$eval('main', (main) => main.innerText)).includes(who.mobile), 'the number is not read over a shoulder');
    await isOpenToAll(desk, 'dial');
    await desk.close();
    await who.page.browserContext().close();
  });
}

test('an officer whose browser has no video is told of the browser, not of a telephone', { timeout: SCENE_MS }, async (t) => {
  t.diagnostic('F18');
  const who = await citizen(house, browser);
  const officer = await staffsPage(house, browser, 'officer_health', (page) => page.evaluateOnNewDocument(() => {
    delete window.RTCPeerConnection;
  }));
  await follow(officer, `main a[href="${await meetingOf(officer, who.name)}"]`);
  await sees(officer, 'obstacle');
  assert.equal(await said(officer, 'obstacle'), hi('live-js-both-unsupported'));
  await isOpenToAll(officer, 'no-video-officer');
  await officer.close();
  await who.page.browserContext().close();
});

test('a page is read aloud where there is a voice of its language, and has no button where there is none', { timeout: SCENE_MS }, async (t) => {
  t.diagnostic('F21');
  const voices = (page, languages) => page.evaluateOnNewDocument((wanted) => {
    window.spoken = [];
    speechSynthesis.getVoices = () => wanted.map((lang) => ({ lang, name: lang, localService: true, default: false, voiceURI: lang }));
    window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
    speechSynthesis.speak = (piece) => window.spoken.push([piece.lang, piece.text]);
  }, languages);
  const reads = await personsPage(browser, { name: 'reads not', ...PHONE });
  await voices(reads, ['hi-IN']);
  await reads.goto(`${house.base}/find?q=swasthya&lang=hi`);
  await (await sees(reads, 'aloud')).click();
  const spoken = await until('it speaks', () => reads.evaluate(() => window.spoken.length > 0 && window.spoken));
  const heading = await reads.$eval('h1', (one) => one.innerText);
  assert.deepEqual(spoken[0], ['hi-IN', heading], 'the heading first');
  assert.ok(spoken.every(([, text]) => text.length <= 181));
  await isOpenToAll(reads, 'aloud');
  await reads.goto(`${house.base}/?lang=en`);
  await reads.waitForSelector('[data-module="aloud"]');
  assert.equal(await isShown(reads, 'aloud'), false, 'a Hindi voice does not read English');
  await reads.browserContext().close();
});

test('nothing moves while the camera opens: the button to join stays where it is', { timeout: SCENE_MS }, async (t) => {
  t.diagnostic('a tap on Join hits it');
  const who = await citizen(house, browser);
  await who.page.evaluateOnNewDocument(() => {
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    const opened = new Promise((done) => { window.openCamera = done; });
    navigator.mediaDevices.getUserMedia = async (wish) => {
      await opened;
      return open(wish);
    };
    window.shifts = [];
    new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map((one) => [one.value, one.sources.map(({ node }) => node?.outerHTML?.slice(0, 80))]))).observe({ type: 'layout-shift', buffered: true });
  });
  for (const size of [PHONE, { width: 1280, height: 800 }]) {
    await who.page.setViewport(size);
    await who.page.goto(who.door);
    await inState(who.page, 'preview');
    await who.page.evaluate(() => document.fonts.ready);
    const place = () => who.page.$eval('[data-part="join"]', (one) => JSON.stringify(one.getBoundingClientRect()));
    const before = await place();
    await who.page.evaluate(() => { window.shifts.length = 0; window.openCamera(); });
    await who.page.waitForFunction(() => document.querySelector('[data-test="preview-video"]').videoWidth > 0);
    await who.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    assert.equal(await place(), before, `${size.width} px`);
    assert.deepEqual(await who.page.evaluate(() => window.shifts), [], `${size.width} px`);
  }
  await who.page.browserContext().close();
});

test('the link of an English invitation opens in English, and a person who chose another language keeps it', { timeout: SCENE_MS }, async () => {
  const who = await citizen(house, browser, { language: 'en' });
  const phone = await personsPage(browser, { name: 'another telephone', ...PHONE });
  const language = () => phone.$eval('html', (html) => html.lang);
  await phone.goto(who.door);
  assert.equal(await language(), 'en', 'the door');
  await openDoor(phone, who.door, who.mobile);
  await inState(phone, 'preview');
  assert.equal(await language(), 'en', 'the meeting');
  await phone.goto(who.slip);
  assert.equal(await language(), 'en', 'the slip');
  await phone.goto(`${house.base}/?lang=hi`);
  await phone.goto(who.door);
  assert.equal(await language(), 'hi', 'what a person has chosen');
  await phone.browserContext().close();
  await who.page.browserContext().close();
});

test('on a machine without Devanagari every word is drawn with our letters once they have come', { timeout: SCENE_MS }, async () => {
  const page = await personsPage(browser, { name: 'no letters' });
  await page.setRequestInterception(true);
  const held = [];
  page.on('request', (request) => {
    if (request.url().includes('/static/fonts/')) held.push(request);
    else request.continue();
  });
  await page.goto(`${house.base}/?lang=hi`, { waitUntil: 'domcontentloaded' });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await until('the page asks for its letters', () => held.length >= 2);
  for (const request of held) request.continue();
  await page.evaluate(() => document.fonts.ready);
  const wrong = await page.evaluate(() => [...document.querySelectorAll('h1, h2, h3, p, a, button, span')].filter((one) => one.childElementCount === 0 && one.checkVisibility() && /[\u0900-\u097f]/u.test(one.textContent)).filter((one) => {
    const width = (element) => {
      const range = document.createRange();
      range.selectNodeContents(element);
      return Math.round(range.getBoundingClientRect().width);
    };
    const was = width(one);
    // The same words, drawn anew from the first letter on.
    const fresh = one.cloneNode(true);
    one.replaceWith(fresh);
    return width(fresh) !== was;
  }).map((one) => one.textContent.trim()));
  assert.deepEqual(wrong, []);
  await page.browserContext().close();
});
