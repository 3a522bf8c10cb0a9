/**
 * The database away for a real minute under two meetings, in real browsers: what is noticed of it, and what stands afterwards.
 *
 *   tests/browser/run --program benches/away.mjs [words of a kind]     SECONDS=60 takes another length
 *
 * One meeting is only watched: the longest time without a picture and without sound, at both sides. In the other one
 * somebody who waits is let in, loads the page again, leaves and comes again, and so does the officer's page. The same is
 * done for the same time with the database there, and told first.
 */
import { KINDS, comesAgain, linesNow, openLobby, writtenOnce } from '../tests/browser/away.mjs';
import { chromium } from '../tests/browser/browsers.mjs';
import { inState, leavesAndComesAgain, press } from '../tests/browser/story.mjs';
import { firstFrameAfter, keepTimes } from './frames.mjs';

const LENGTH_MS = Number(process.env.SECONDS ?? 60) * 1_000;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const people = (name, place) => ({ name, mobile: `910000610${place}`, mail: `minute${place}@example.org` });

/**
 * What a page receives for a while, looked at every 20 ms: the longest times without another decoded picture and without
 * another packet of sound, and how much sound was made up.
 */
const watch = (page, ms) => page.evaluate(async (length) => {
  const now = () => performance.timeOrigin + performance.now();
  const received = async () => {
    const sum = { frames: 0, packets: 0, samples: 0, missing: 0 };
    for (const pc of window.watchedConnections.filter((one) => one.connectionState === 'connected')) {
      for (const line of (await pc.getStats()).values()) {
        if (line.type !== 'inbound-rtp') continue;
        sum.frames += line.framesDecoded ?? 0;
        if (line.kind !== 'audio') continue;
        sum.packets += line.packetsReceived ?? 0;
        sum.samples += line.totalSamplesReceived ?? 0;
        sum.missing += (line.concealedSamples ?? 0) - (line.silentConcealedSamples ?? 0);
      }
    }
    return sum;
  };
  const from = now();
  const first = await received();
  let [last, seenAt, heardAt, dark, silent] = [first, now(), now(), 0, 0];
  while (now() - from < length) {
    await new Promise((done) => setTimeout(done, 20));
    const next = await received();
    if (next.frames > last.frames) seenAt = now();
    if (next.packets > last.packets) heardAt = now();
    [dark, silent] = [Math.max(dark, now() - seenAt), Math.max(silent, now() - heardAt)];
    last = next;
  }
  return { dark, silent, frames: last.frames - first.frames, missing: (last.missing - first.missing) / (last.samples - first.samples) };
}, ms);

/** Does something, and says how long it took until the page shows the other side. */
async function timed(steps, name, page, act) {
  const from = Date.now();
  await act();
  steps.push(`${name} ${(await firstFrameAfter(page, from) - from).toFixed(0)} ms`);
}

/** The minute: one meeting is watched, in the other one all happens that may happen. */
async function minute(watched, lobby, away) {
  const steps = [];
  const from = Date.now();
  const until = (part) => pause(Math.max(0, from + part * LENGTH_MS - Date.now()));
  await away.begin();
  const seen = [watched.officer, watched.citizen].map((page) => watch(page, LENGTH_MS));
  await until(0.05);
  await timed(steps, 'let in', lobby.citizen, () => press(lobby.officer, 'admit'));
  await until(0.25);
  await timed(steps, 'citizen loads again', lobby.citizen, () => comesAgain(lobby.citizen));
  await until(0.45);
  await timed(steps, 'citizen leaves and comes', lobby.citizen, () => leavesAndComesAgain(lobby.citizen, lobby.door));
  await until(0.7);
  await timed(steps, 'officer loads again', lobby.officer, () => comesAgain(lobby.officer));
  const [officer, citizen] = await Promise.all(seen);
  const late = away.isQuiet();
  await away.end();
  const back = Date.now();
  const side = (one) => `picture ${one.dark.toFixed(0)} ms, sound ${one.silent.toFixed(0)} ms, ${(one.frames / LENGTH_MS * 1_000).toFixed(1)} frames/s, ${(one.missing * 1_000).toFixed(1)} ‰ of the sound made up`;
  console.log(`  longest time without, at the officer: ${side(officer)}`);
  console.log(`  longest time without, at the citizen: ${side(citizen)}`);
  console.log(`  until the first picture: ${steps.join(', ')}`);
  if (late !== undefined) console.log(`  lines of the audit chain written meanwhile: ${late}`);
  return { back, took: back - from };
}

/** Everything that happened in the lobby's meeting stands, and once. */
async function check(rows, { meeting }, back) {
  const count = (lines, act, word) => lines.filter((line) => line.act === act && line.detail.startsWith('citizen:') && line.detail.endsWith(word)).length;
  const isAll = (lines) => count(lines, 'meeting.admit', '') === 1 && count(lines, 'meeting.go_out', ' left') === 1 && count(lines, 'meeting.come_in', '') >= 2;
  const written = await writtenOnce(rows, meeting, isAll);
  console.log(`  written ${Date.now() - back} ms after: ${written.lines} lines and ${written.spans} spans of attendance of the meeting, none lost, none twice; the chain of ${written.chain} lines is whole`);
}

/** The officer's next page is in a window of its own, for a page that nobody sees is sent no pictures. */
async function anotherWindow({ house }, browser) {
  const cookies = await house.sessions.get('officer_health').cookies();
  const context = await browser.createBrowserContext();
  await context.setCookie(...cookies);
  house.sessions.set('officer_health', context);
}

async function run(kind) {
  const [browser, stage] = await Promise.all([chromium(), KINDS[kind]()]);
  try {
    const watched = await openLobby(stage.house, browser, people('Ram Kumar', 1), keepTimes);
    await press(watched.officer, 'admit');
    await inState(watched.citizen, 'meeting');
    for (const [place, what] of ['there', kind].entries()) {
      await anotherWindow(stage, browser);
      const lobby = await openLobby(stage.house, browser, people(['Sita Devi', 'Mohan Lal'][place], place + 2), keepTimes);
      await pause(3_000);
      const isAway = place === 1;
      const before = linesNow(stage.rows);
      const quiet = () => (isAway && !kind.includes('PostgreSQL') ? linesNow(stage.rows) - before : undefined);
      const away = { begin: () => isAway && stage.begin(), end: () => isAway && stage.end(), isQuiet: quiet };
      console.log(isAway ? `${kind}, ${LENGTH_MS / 1_000} s:` : 'the database is there:');
      const { back } = await minute(watched, lobby, away);
      await check(stage.rows, lobby, back);
      for (const page of [lobby.officer, lobby.citizen, watched.officer, watched.citizen]) {
        if (page.complaints.length > 0) console.log(`  a page complained: ${page.complaints.splice(0).join(' · ')}`);
      }
      await press(lobby.officer, 'end');
      await press(lobby.officer, 'end-all');
      await inState(lobby.citizen, 'ended');
      await lobby.citizen.browserContext().close();
      await lobby.officer.close();
    }
  } finally {
    await browser.close();
    await stage.close();
  }
}

for (const kind of Object.keys(KINDS).filter((one) => one.includes(process.argv[2] ?? ''))) await run(kind);
