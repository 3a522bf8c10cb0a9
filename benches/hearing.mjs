/**
 * How well a voice is understood over a line that loses packets: PESQ of what Chromium plays against what was said.
 *
 * Needs `espeak-ng` for the voice and a Python with `pesq`, `numpy` and `scipy` (PYTHON=…). Prints medians of RUNS runs
 * (5; `--quick` one) for each loss of LOSSES, with the lowest and the highest run. The listener's line is bad, both ways;
 * with `--both` the speaker's as well. The microphone's own processing is switched off: the line is measured, not the
 * cleaning. The sound is taken from the received track itself, because an AudioContext drops and repeats what does
 * not fit its own clock.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { figures, openCall, showStage } from '../tests/browser/adaptation.mjs';
import { chromium } from '../tests/browser/browsers.mjs';
import { openHouse } from '../tests/browser/house.mjs';

const RUNS = process.argv.includes('--quick') ? 1 : Number(process.env.RUNS ?? 5);
const IS_BOTH = process.argv.includes('--both');
const RECORDED_S = 30;
/** Time for the server and the page to learn of the loss. */
const SETTLING_MS = Number(process.env.SETTLING_MS ?? 10_000);
const LOSSES = (process.env.LOSSES ?? '0,0.1,0.2,0.3').split(',').map(Number);
const PYTHON = process.env.PYTHON ?? 'python3';
const SCORE = join(import.meta.dirname, 'hearing.py');
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** What the page receives of the loudest track, as 16-bit samples, with their rate. */
function record(page, seconds) {
  return page.evaluate(async (length) => {
    const tracks = window.watchedConnections
      .filter((pc) => pc.connectionState === 'connected')
      .flatMap((pc) => pc.getReceivers().map((receiver) => receiver.track))
      .filter((track) => track.kind === 'audio');
    const listen = async (track) => {
      const reader = new MediaStreamTrackProcessor({ track, maxBufferSize: 500 }).readable.getReader();
      const heard = { rate: 0, pieces: [], loudness: 0 };
      const end = performance.now() + length * 1_000;
      while (performance.now() < end) {
        const piece = await Promise.race([reader.read(), new Promise((done) => setTimeout(done, 2_000))]);
        if (piece?.value === undefined) break;
        const samples = new Float32Array(piece.value.numberOfFrames);
        piece.value.copyTo(samples, { planeIndex: 0, format: 'f32-planar' });
        heard.rate = piece.value.sampleRate;
        heard.pieces.push(samples);
        heard.loudness += samples.reduce((sum, sample) => sum + sample * sample, 0);
        piece.value.close();
      }
      return heard;
    };
    const all = await Promise.all(tracks.map(listen));
    const { rate, pieces } = all.sort((a, b) => b.loudness - a.loudness)[0];
    const text = pieces.map((piece) => {
      const samples = Int16Array.from(piece, (sample) => Math.max(-1, Math.min(1, sample)) * 32_767);
      return String.fromCharCode(...new Uint8Array(samples.buffer));
    });
    return { rate, samples: btoa(text.join('')) };
  }, seconds);
}

/** A WAV file of one channel. */
function wav({ rate, samples }) {
  const body = Buffer.from(samples, 'base64');
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + body.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(body.length, 40);
  return Buffer.concat([head, body]);
}

/** The page's wish without the browser's cleaning. */
const plainMicrophone = (page) => page.evaluateOnNewDocument(() => {
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (wish) => ask({
    ...wish,
    ...(wish.audio ? { audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } } : {}),
  });
});

/** The statistics of the received sound, for who looks into a figure. */
const soundLines = (page) => page.evaluate(async () => {
  const live = window.watchedConnections.filter((pc) => pc.connectionState === 'connected');
  const all = (await Promise.all(live.map((pc) => pc.getStats()))).flatMap((stats) => [...stats.values()]);
  return all.filter((line) => line.type === 'inbound-rtp' && line.kind === 'audio' && line.packetsReceived > 0);
});

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const folder = mkdtempSync(join(tmpdir(), 'hearing-'));
const recording = join(folder, 'recording.wav');
execFileSync(PYTHON, [SCORE, 'say', folder]);
const browser = await chromium([`--use-file-for-fake-audio-capture=${join(folder, 'said.wav')}`]);

/** @returns {Promise<{ score: number, missing: number }>} the median of the sentences, and the share of sound made up */
async function hear(loss) {
  const house = await openHouse({ isImpaired: true });
  try {
    const call = await openCall(house, { board: browser, chamber: browser }, plainMicrophone);
    for (const path of IS_BOTH ? [call.boardPath, call.chamberPath] : [call.chamberPath]) path.both({ loss, delayMs: 20 });
    // Small pictures: what the machine does beside the sound makes packets late, and that is not the line's fault.
    for (const page of [call.board, call.chamber]) await showStage(page, 220, 124);
    await pause(SETTLING_MS);
    const before = await figures(call.chamber);
    writeFileSync(recording, wav(await record(call.chamber, RECORDED_S)));
    const after = await figures(call.chamber);
    const [score, worst, best, count] = execFileSync(PYTHON, [SCORE, 'score', folder, recording]).toString().split(' ').map(Number);
    if (process.env.LOUD) console.error(`sentences ${worst} … ${best} (${count})`, await soundLines(call.chamber));
    await call.close();
    return { score, missing: (after.missing - before.missing) / Math.max(1, after.samples - before.samples) };
  } finally {
    await house.stop();
  }
}

try {
  for (const loss of LOSSES) {
    const runs = [];
    for (let run = 0; run < RUNS; run += 1) runs.push(await hear(loss));
    const scores = runs.map((run) => run.score);
    const made = median(runs.map((run) => run.missing)) * 100;
    const range = `${Math.min(...scores).toFixed(2)} … ${Math.max(...scores).toFixed(2)}`;
    console.log(`${(loss * 100).toFixed(0)} % loss each way: PESQ ${median(scores).toFixed(2)} (${range}), sound made up ${made.toFixed(1)} %  (n ${runs.length})`);
  }
} finally {
  await browser.close();
  if (!process.env.KEEP) rmSync(folder, { recursive: true });
}
