/**
 * What tests and `benches/recording.mjs` share of recordings: switching one on, and judging its files by ffmpeg, by our own
 * check and by the script that needs nothing but Python.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './house.mjs';

const BINARY = process.env.SACHIVALAYA_BINARY ?? '';
const CHECK = new URL('../../docs/verify_recording.py', import.meta.url).pathname;

export const shown = (page, part) => page.waitForSelector(`[data-test="${part}"]`, { visible: true });
export const answered = (page, you) => page.waitForSelector(`[data-test="recording"][data-on="true"][data-you="${you}"]`);

/** The officer switches the recording on, by keyboard. */
export async function switchOn(officer, reason) {
  await officer.focus('[data-test="record-menu"] summary');
  await officer.keyboard.press('Enter');
  await officer.focus('[data-test="record-reason"]');
  await officer.keyboard.type(reason);
  await officer.keyboard.press('Enter');
  await answered(officer, 'agreed');
}

/** The one folder of recordings of a house. */
export function recordingOf(house) {
  const all = readdirSync(join(house.folder, 'recordings'));
  assert.equal(all.length, 1, all.join(' '));
  return join(house.folder, 'recordings', all[0]);
}

export const linesOf = (folder) => readFileSync(join(folder, 'manifest.jsonl'), 'utf8').split('\n').slice(0, -1).map((line) => JSON.parse(line));

/** What ffprobe finds in a file after decoding all of it; ffmpeg may not complain. */
export function played(file) {
  const decoded = spawnSync('ffmpeg', ['-v', 'error', '-nostdin', '-i', file, '-f', 'null', '-'], { encoding: 'utf8' });
  const text = execFileSync('ffprobe', ['-v', 'error', '-count_frames', '-show_streams', '-show_entries', 'frame=pts_time', '-of', 'json', file], { encoding: 'utf8', maxBuffer: 1 << 28 });
  const found = JSON.parse(text);
  const times = found.frames.map((frame) => Number(frame.pts_time)).filter(Number.isFinite);
  return { errors: decoded.stderr, status: decoded.status, frames: times.length, until: Math.max(...times), kind: found.streams[0].codec_type };
}

/** The mean loudness of a file, in dB. */
export function loudness(file) {
  const { stderr } = spawnSync('ffmpeg', ['-nostdin', '-i', file, '-af', 'volumedetect', '-f', 'null', '-'], { encoding: 'utf8' });
  return Number(/mean_volume: (-?[\d.]+) dB/.exec(stderr)?.[1] ?? NaN);
}

export const verify = (folder) => spawnSync(BINARY, ['recording', '--lang', 'en', 'verify', folder], { encoding: 'utf8' });
export const verifyByScript = (folder) => spawnSync('python3', [CHECK, folder], { encoding: 'utf8' });

/** Until the manifest covers so much of each track. */
export const covers = (folder, ms, tracks) => until(`${tracks} tracks of ${ms} ms`, () => {
  if (!existsSync(join(folder, 'manifest.jsonl'))) return false;
  const far = new Map();
  for (const line of linesOf(folder)) if (line.kind === 'bytes') far.set(line.file, line.until_us / 1000);
  return far.size >= tracks && [...far.values()].every((until) => until >= ms);
});

/**
 * Judges the files of a recording whose server was killed: each plays without a fault as far as the manifest covers it, sound
 * is heard, pictures move, and both checks find it unchanged.
 *
 * @returns {{ file: string, codec: string, frames: number, until: number, endsAt: number }[]} `endsAt`: when its last frame was made
 */
export function judge(folder) {
  const lines = linesOf(folder);
  const judged = lines.filter((line) => line.kind === 'track').map(({ file, codec, at_us }) => {
    const path = join(folder, file);
    const found = played(path);
    assert.equal(found.status, 0, `${file}: ${found.errors}`);
    const covered = lines.filter((line) => line.kind === 'bytes' && line.file === file).at(-1);
    assert.ok(Math.abs(found.until * 1000 - covered.until_us / 1000) < 500, `${file} plays to ${found.until} s, of ${covered.until_us} µs`);
    if (codec === 'opus') assert.ok(loudness(path) > -60, `${file} is silent: ${loudness(path)} dB`);
    else assert.ok(found.frames > found.until * 10, `${file}: ${found.frames} pictures in ${found.until} s`);
    return { file, codec, frames: found.frames, until: found.until, endsAt: at_us / 1000 + found.until * 1000 };
  });
  for (const check of [verify(folder), verifyByScript(folder)]) assert.equal(check.status, 0, check.stdout + check.stderr);
  return judged;
}
