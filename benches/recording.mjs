/**
 * Ten minutes of a recorded meeting of two, then the server is killed with -9 at a random moment: prints how much of each
 * track was lost, and fails when a file does not play, does not verify, or lacks more than a second.
 *
 *   tests/browser/run --program benches/recording.mjs [MINUTES]
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from '../tests/browser/browsers.mjs';
import { openHouse, until } from '../tests/browser/house.mjs';
import { seesAndHears, watchConnections } from '../tests/browser/media.mjs';
import { openMeeting } from '../tests/browser/reach.mjs';
import { answered, covers, judge, recordingOf, shown, switchOn } from '../tests/browser/recording.mjs';
import { press } from '../tests/browser/story.mjs';

const MINUTES = Number(process.argv[2] ?? 10);
const LOST_MS_MAX = 1_000;
const APART_MS_MAX = 1_000;

const [browser, house] = await Promise.all([chromium(), openHouse({ recordings: true })]);
try {
  const person = { officers: browser, citizens: browser, mobile: '9100007003', mail: 'long@example.org' };
  const { officer, citizen } = await openMeeting(house, person, watchConnections);
  await Promise.all([seesAndHears(officer, 'the officer'), seesAndHears(citizen, 'the citizen')]);
  await switchOn(officer, 'Hearing');
  await shown(citizen, 'record-question');
  await press(citizen, 'record-yes');
  await answered(citizen, 'agreed');
  const folder = await until('a recording', () => existsSync(join(house.folder, 'recordings')) && recordingOf(house));
  await covers(folder, 1_000, 4);
  const talk = MINUTES * 60_000 + Math.random() * 5_000;
  await new Promise((done) => setTimeout(done, talk));
  const killedAt = Date.now();
  await house.end('SIGKILL');
  const tracks = judge(folder);
  for (const { file, codec, frames, until: seconds, endsAt } of tracks) {
    console.log(`${file} ${codec}: ${frames} frames, ${seconds.toFixed(2)} s, ends ${Math.round(killedAt - endsAt)} ms before the kill`);
  }
  assert.equal(tracks.length, 4);
  const ends = tracks.map((track) => track.endsAt);
  assert.ok(killedAt - Math.min(...ends) < LOST_MS_MAX, 'at most a second is lost');
  assert.ok(Math.max(...ends) - Math.min(...ends) < APART_MS_MAX, 'the tracks end together');
} finally {
  await browser.close();
  await house.stop();
}
