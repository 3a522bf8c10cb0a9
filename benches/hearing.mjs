/**
 * How well a voice is understood over a line that loses packets: PESQ of what Chromium plays against what was said.
 *
 * Needs `espeak-ng` for the voice and a Python with `pesq`, `numpy` and `scipy` (PYTHON=…). Prints medians of RUNS runs
 * (5; `--quick` one) for each loss. The microphone's own processing is switched off: the line is measured, not the cleaning.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCall } from '../tests/browser/adaptation.mjs';
import { chromium } from '../tests/browser/browsers.mjs';
import { openHouse } from '../tests/browser/house.mjs';

const RUNS = process.argv.includes('--quick') ? 1 : Number(process.env.RUNS ?? 5);
const RATE = 16_000;
const RECORDED_S = 24;
const SAID = 'The road to the village school was washed away in the rain. Please send the engineer before Monday. ' +
  'We have asked for drinking water since the summer, and nobody has come to look at the pump.';
const LOSSES = (process.env.LOSSES ?? '0,0.1,0.2,0.3').split(',').map(Number);

/** What the page receives, as 16-bit samples. */
function record(page, seconds) {
  return page.evaluate(async (rate, length) => {
    const context = new AudioContext({ sampleRate: rate });
    await context.resume();
    const ear = context.createScriptProcessor(4096, 1, 1);
    const heard = [];
    ear.onaudioprocess = (event) => heard.push(new Float32Array(event.inputBuffer.getChannelData(0)));
    for (const pc of window.watchedConnections.filter((one) => one.connectionState === 'connected')) {
      for (const { track } of pc.getReceivers()) {
        if (track.kind === 'audio') context.createMediaStreamSource(new MediaStream([track])).connect(ear);
      }
    }
    ear.connect(context.destination);
    await new Promise((done) => setTimeout(done, length * 1_000));
    await context.close();
    let text = '';
    for (const piece of heard) {
      const samples = Int16Array.from(piece, (sample) => Math.max(-1, Math.min(1, sample)) * 32_767);
      text += String.fromCharCode(...new Uint8Array(samples.buffer));
    }
    return btoa(text);
  }, RATE, seconds);
}

/** A WAV file of one channel. */
function wav(samples) {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(RATE, 24);
  head.writeUInt32LE(RATE * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const folder = mkdtempSync(join(tmpdir(), 'hearing-'));
const [reference, recording] = [join(folder, 'reference.wav'), join(folder, 'recording.wav')];
execFileSync('espeak-ng', ['-v', 'en', '-s', '150', '-w', reference, SAID]);
const browser = await chromium([`--use-file-for-fake-audio-capture=${reference}`]);
/** The page's wish without the browser's cleaning. */
const plainMicrophone = (page) => page.evaluateOnNewDocument(() => {
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (wish) => ask({
    ...wish,
    ...(wish.audio ? { audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } } : {}),
  });
});
try {
  for (const loss of LOSSES) {
    const scores = [];
    for (let run = 0; run < RUNS; run += 1) {
      const house = await openHouse({ isImpaired: true });
      try {
        const call = await openCall(house, { board: browser, chamber: browser }, plainMicrophone);
        call.chamberPath.both({ loss, delayMs: 20 });
        await new Promise((done) => setTimeout(done, 2_000));
        writeFileSync(recording, wav(Buffer.from(await record(call.chamber, RECORDED_S), 'base64')));
        scores.push(Number(execFileSync(process.env.PYTHON ?? 'python3', [join(import.meta.dirname, 'hearing.py'), reference, recording])));
        await call.close();
      } finally {
        await house.stop();
      }
    }
    console.log(`${(loss * 100).toFixed(0)} % loss each way: PESQ ${median(scores).toFixed(2)}  (n ${scores.length})`);
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
