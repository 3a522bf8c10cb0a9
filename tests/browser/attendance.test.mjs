/** Attendance as it is read afterwards: a line that was cut, a button and a shut page, told apart; corrections by keys, with their history. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chromiumTrusts } from './authority.mjs';
import { chromium } from './browsers.mjs';
import { openHouse, until } from './house.mjs';
import { block, openMeeting } from './reach.mjs';
import { follow, inState, press } from './story.mjs';
import { isWell } from './well.mjs';

const SCENE_MS = 300_000;
/** Datagrams and sockets alike, but not the asking for names. */
const WHOLE_LINE = ['meta l4proto { tcp, udp } ct original proto-dst != 53'];
/** How far the record may be from the truth. */
const ERROR_MS_MAX = 1_000;
let house;
let officers;
let citizens;

before(async () => {
  house = await openHouse({ isImpaired: true });
  officers = await chromium(chromiumTrusts(house));
  citizens = await chromium(chromiumTrusts(house), 'behind');
});

after(async () => {
  await officers?.close();
  await citizens?.close();
  await house?.stop();
});

/** What a program of the office reads. */
async function attendanceOf(officer, meeting) {
  const { value } = (await officer.cookies()).find((cookie) => cookie.name === 'es');
  const answer = await fetch(`http://127.0.0.1:${house.http}/api/v1/meetings/${meeting}/attendance`, { headers: { authorization: `Bearer ${value}` } });
  assert.equal(answer.status, 200);
  return answer.json();
}

/** What was measured of the visitor. */
async function stretches(officer, meeting) {
  const { participants } = await attendanceOf(officer, meeting);
  const visitor = participants.find((one) => one.participant.startsWith('citizen:'));
  return visitor.measured.map((row) => ({ evidence: row.evidence, from: Date.parse(row.from), to: Date.parse(row.to) }));
}

/** The visitor has been present for some seconds since then, as the record has it. */
const isPresentSince = (officer, meeting, at) => until('the visitor is present in the record', async () =>
  (await stretches(officer, meeting)).some((row) => row.evidence === 'present' && row.to > at + 2_000));

/** The officer's presence is on record up to this moment: so long somebody else has been away. */
const isOfficerPresentAt = (officer, meeting, at) => until('the record goes on', async () => {
  const { participants } = await attendanceOf(officer, meeting);
  return participants.find((one) => one.participant.startsWith('officer:')).measured.some((row) => Date.parse(row.to) > at);
});

/** Goes on with the tab key until the part has the focus. */
async function tabTo(page, selector) {
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
  }
  throw new Error(`no key leads to ${selector}`);
}

const kindsOf = (page) => page.$$eval('[data-test="attendance-person"]:nth-of-type(2) [data-test="attendance-line"]', (lines) => lines.map((line) => line.dataset.kind));

/** The meeting of somebody who lost the line, went by the button, and shut the page. */
async function held() {
  const wish = { officers, citizens, mobile: '9100009001', mail: 'attendance@example.org' };
  const { officer, citizen, door } = await openMeeting(house, wish);
  const meeting = new URL(officer.url()).pathname.split('/').at(-1);
  await isPresentSince(officer, meeting, Date.now());
  const cut = { from: Date.now() };
  const rules = block(WHOLE_LINE, 'behind');
  try {
    await until('the record knows of the loss', async () => (await stretches(officer, meeting)).some((row) => row.evidence === 'network' && row.to > cut.from + 4_000));
  } finally {
    rules.lift();
    cut.to = Date.now();
  }
  await isPresentSince(officer, meeting, cut.to);
  await inState(citizen, 'meeting');
  await press(citizen, 'end');
  await inState(citizen, 'left');
  await isOfficerPresentAt(officer, meeting, Date.now() + 2_000);
  await press(citizen, 'return');
  await inState(citizen, 'preview', 'meeting');
  if (await citizen.evaluate(() => document.documentElement.dataset.state) === 'preview') await press(citizen, 'join');
  await inState(citizen, 'meeting');
  await isPresentSince(officer, meeting, Date.now());
  const again = await citizen.browserContext().newPage();
  await citizen.close();
  await isOfficerPresentAt(officer, meeting, Date.now() + 2_000);
  await again.goto(door);
  again.complaints = [];
  await inState(again, 'preview');
  await press(again, 'join');
  await inState(again, 'meeting');
  await isPresentSince(officer, meeting, Date.now());
  await press(officer, 'end');
  await press(officer, 'end-all');
  await inState(officer, 'ended');
  return { officer, meeting, cut };
}

test('a cut line, a button and a shut page are told apart on the page, and a correction by keys stands beside them with its history', { timeout: SCENE_MS }, async (t) => {
  const { officer, meeting, cut } = await held();
  await follow(officer, '[data-show="ended"] [data-test="attendance-link"]');
  const wanted = ['present', 'network', 'present', 'outside', 'present', 'outside', 'present'];
  assert.deepEqual(await kindsOf(officer), wanted);
  const measured = await stretches(officer, meeting);
  const lost = measured.filter((row) => row.evidence === 'network');
  const error = lost.reduce((sum, row) => sum + row.to - row.from, 0) - (cut.to - cut.from);
  t.diagnostic(`lost for ${cut.to - cut.from} ms, the record is ${error} ms from it`);
  assert.ok(Math.abs(error) <= ERROR_MS_MAX, `${error} ms`);
  const text = await officer.$eval('[data-test="attendance-person"]:nth-of-type(2) svg', (bar) => bar.getAttribute('aria-label'));
  assert.match(text, /नेटवर्क बाधा/);
  await isWell(officer, 'attendance');

  // By keys alone: somebody else sat at the device for the first second.
  const second = (at) => new Date(at + 330 * 60_000).toISOString().slice(11, 19).replaceAll(':', '');
  const start = measured[0].from;
  await tabTo(officer, '#participant');
  await officer.keyboard.press('ArrowDown');
  await tabTo(officer, '[name="says"]');
  await officer.keyboard.press('ArrowDown');
  await tabTo(officer, '#from');
  await officer.keyboard.type(typed(second(Math.ceil(start / 1_000) * 1_000)));
  await tabTo(officer, '#to');
  await officer.keyboard.type(typed(second(Math.ceil(start / 1_000) * 1_000 + 1_000)));
  await tabTo(officer, '#reason');
  await officer.keyboard.type('उनके भाई बैठे थे');
  await tabTo(officer, '.correct button');
  await Promise.all([officer.waitForNavigation(), officer.keyboard.press('Enter')]);
  assert.equal(await officer.$$eval('[data-test="correction"]', (all) => all.length), 1);
  assert.ok((await kindsOf(officer)).includes('said-absent'));
  await isWell(officer, 'attendance_corrected');
  assert.deepEqual(await stretches(officer, meeting), measured, 'what was measured is as it was');

  await tabTo(officer, '.correction-back summary');
  await officer.keyboard.press('Enter');
  await tabTo(officer, '.correction-back textarea');
  await officer.keyboard.type('भूल से लिखा');
  await tabTo(officer, '.correction-back button');
  await Promise.all([officer.waitForNavigation(), officer.keyboard.press('Enter')]);
  assert.deepEqual(await kindsOf(officer), wanted);
  const history = await officer.$$eval('[data-test="correction"]', (all) => all.map((one) => one.textContent));
  assert.equal(history.length, 2);
  assert.match(history[0], /उनके भाई बैठे थे[\s\S]*सुधार 2 से वापस लिया गया/);
  assert.match(history[1], /भूल से लिखा/);
  await isWell(officer, 'attendance_history');
});

/** The time as somebody types it into a field that takes it in twelve hours, with its half of the day. */
function typed(digits) {
  const hour = Number(digits.slice(0, 2));
  return `${String(hour % 12 || 12).padStart(2, '0')}${digits.slice(2)}${hour < 12 ? 'am' : 'pm'}`;
}
