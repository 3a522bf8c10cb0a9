/**
 * A meeting is recorded: everybody is asked, who said no is left out, and when the server is killed the files hold all but
 * the last second, play to their end and verify.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { chromium } from './browsers.mjs';
import { openHouse, until } from './house.mjs';
import { seesAndHears, watchConnections } from './media.mjs';
import { openMeeting } from './reach.mjs';
import { answered, covers, judge, linesOf, recordingOf, shown, switchOn, verify, verifyByScript } from './recording.mjs';
import { press } from './story.mjs';

const SCENE_MS = 240_000;
const BINARY = process.env.SACHIVALAYA_BINARY ?? '';
/** What may be lost. */
const LOST_MS_MAX = 1_000;
/** Long enough that the beginning of a track does not hide what is lost at its end. */
const TALK_MS = 8_000;

test('what two agreed to is whole but for the last second when the server is killed', { timeout: SCENE_MS }, async (t) => {
  const [browser, house] = await Promise.all([chromium(), openHouse({ recordings: true })]);
  try {
    const { officer, citizen } = await openMeeting(house, { officers: browser, citizens: browser, mobile: '9100007001', mail: 'record@example.org' }, watchConnections);
    await Promise.all([seesAndHears(officer, 'the officer'), seesAndHears(citizen, 'the citizen')]);
    assert.ok(!existsSync(join(house.folder, 'recordings')), 'nothing is recorded before it is switched on');
    await switchOn(officer, 'सुनवाई का अभिलेख');
    await shown(citizen, 'record-question');
    await shown(citizen, 'record-mark');
    const asked = await citizen.$eval('[data-test="record-question"]', (node) => node.textContent);
    assert.match(asked, /सुनवाई का अभिलेख/);
    await until('the question has the focus', () => citizen.evaluate(() => document.activeElement?.id === 'record-question-title'));
    const folder = await until('a recording', () => existsSync(join(house.folder, 'recordings')) && recordingOf(house));
    await covers(folder, 1_000, 2);
    assert.ok(linesOf(folder).filter((line) => line.kind === 'track').every((line) => line.participant === linesOf(folder).find((one) => one.kind === 'answered').participant), 'only the officer, before the citizen has answered');
    await citizen.keyboard.press('Tab');
    await citizen.keyboard.press('Enter');
    await answered(citizen, 'agreed');
    await covers(folder, TALK_MS, 4);
    const before = Date.now();
    await house.end('SIGKILL');

    const files = judge(folder);
    assert.equal(files.length, 4);
    files.forEach((one) => t.diagnostic(`${JSON.stringify(one)} ends ${Math.round(before - one.endsAt)} ms before the kill`));
    assert.ok(files.every((one) => before - one.endsAt < LOST_MS_MAX), 'at most a second is lost');

    const out = join(house.folder, 'mixed.mkv');
    const mixed = spawnSync(BINARY, ['recording', 'mix', folder, out], { encoding: 'utf8' });
    assert.equal(mixed.status, 0, mixed.stderr);
    const streams = JSON.parse(execFileSync('ffprobe', ['-v', 'error', '-show_streams', '-of', 'json', out], { encoding: 'utf8' })).streams;
    assert.deepEqual(streams.map((stream) => stream.codec_type).sort(), ['audio', 'video']);
    const certificate = execFileSync(BINARY, ['recording', '--lang', 'en', 'certificate', folder], { encoding: 'utf8' });
    assert.match(certificate, /63\(4\)/);
    assert.match(certificate, /SHA-256/);
    assert.match(certificate, /IST/);

    const changed = join(folder, files[0].file);
    const bytes = readFileSync(changed);
    bytes[100] ^= 1;
    writeFileSync(changed, bytes);
    for (const check of [verify(folder), verifyByScript(folder)]) assert.notEqual(check.status, 0, 'a changed byte is found');

    await house.start();
    await until('the mark goes with the server that recorded', () => officer.$eval('[data-test="recording"]', (node) => node.dataset.on === 'false'));
  } finally {
    await browser.close();
    await house.stop();
  }
});

/** The own camera is taken away. */
const cameraEnds = (page) => page.$eval('[data-test="own-video"]', (video) => {
  const [track] = video.srcObject.getVideoTracks();
  track.stop();
  track.dispatchEvent(new Event('ended'));
});

/** What can be pressed over the pictures, and something else lies upon it. */
const covered = (page) => page.$$eval('.talk :is(button, summary)', (all) => all.filter((one) => {
  if (!one.checkVisibility({ visibilityProperty: true })) return false;
  one.scrollIntoView({ block: 'nearest' });
  const { x, y, width, height } = one.getBoundingClientRect();
  return !one.contains(document.elementFromPoint(x + width / 2, y + height / 2));
}).map((one) => one.dataset.part ?? one.textContent));

test('nothing lies upon what can be pressed, on a telephone and on a desk', { timeout: SCENE_MS }, async () => {
  const [browser, house] = await Promise.all([chromium(), openHouse({ recordings: true })]);
  try {
    const { officer, citizen } = await openMeeting(house, { officers: browser, citizens: browser, mobile: '9100007003', mail: 'covered@example.org' }, watchConnections);
    const sizes = [{ width: 360, height: 740 }, { width: 1280, height: 800 }];
    const hold = () => officer.waitForSelector('[data-test="tile"]:not([hidden]) [data-test="tile-hold"]', { visible: true });
    for (const size of sizes) {
      await officer.setViewport(size);
      await hold();
      assert.deepEqual(await covered(officer), [], `recording is offered, ${size.width} px`);
    }
    await switchOn(officer, 'Hearing');
    await shown(citizen, 'record-question');
    for (const page of [officer, citizen]) {
      await cameraEnds(page);
      await shown(page, 'take-again');
    }
    for (const size of sizes) {
      for (const page of [officer, citizen]) {
        await page.setViewport(size);
        assert.deepEqual(await covered(page), [], `recording is on and the camera taken, ${size.width} px`);
      }
    }
  } finally {
    await browser.close();
    await house.stop();
  }
});

test('who says no is not recorded, the officer sees it, and the talk goes on', { timeout: SCENE_MS }, async () => {
  const [browser, house] = await Promise.all([chromium(), openHouse({ recordings: true })]);
  try {
    const { officer, citizen } = await openMeeting(house, { officers: browser, citizens: browser, mobile: '9100007002', mail: 'refuse@example.org' }, watchConnections);
    await switchOn(officer, 'Hearing');
    assert.equal(await officer.evaluate(() => document.activeElement.localName), 'summary', 'the keyboard stays at the menu');
    await shown(citizen, 'record-question');
    await press(citizen, 'record-no');
    await answered(citizen, 'refused');
    await until('the officer sees who said no', () => officer.$eval('[data-test="record-others"]', (node) => node.textContent.includes('Ram Kumar')));
    const folder = await until('a recording', () => existsSync(join(house.folder, 'recordings')) && recordingOf(house));
    await covers(folder, 3_000, 2);
    await Promise.all([seesAndHears(officer, 'the officer'), seesAndHears(citizen, 'the citizen')]);
    await press(officer, 'record-stop');
    await shown(citizen, 'record-note');
    await until('it is closed', () => linesOf(folder).at(-1).kind === 'end');
    const lines = linesOf(folder);
    assert.equal(lines.filter((line) => line.kind === 'track').length, 2);
    assert.equal(new Set(lines.filter((line) => line.kind === 'track').map((line) => line.participant)).size, 1);
    assert.ok(lines.some((line) => line.kind === 'answered' && !line.agrees));
    assert.equal(verify(folder).status, 0);
  } finally {
    await browser.close();
    await house.stop();
  }
});
