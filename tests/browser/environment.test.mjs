/** The ground that the other browser tests stand on: both browsers run here, trust the demo's kind of certificate and have a camera. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium, firefox, personsPage } from './browsers.mjs';
import { isLoud, untilReceived, watchConnections } from './media.mjs';

const address = process.env.SACHIVALAYA_ADDRESS;
const folder = mkdtempSync(join(tmpdir(), 'environment-'));
let server;

before(async () => {
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${address}`,
    '-addext', `subjectAltName=IP:${address}`, '-keyout', join(folder, 'key'), '-out', join(folder, 'cert')], { stdio: 'ignore' });
  server = createServer({ key: readFileSync(join(folder, 'key')), cert: readFileSync(join(folder, 'cert')) },
    (_request, response) => response.setHeader('content-type', 'text/html').end('<!doctype html><title>ground</title><video muted autoplay></video>'));
  await new Promise((done) => server.listen(0, address, done));
});

after(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

for (const [name, launch] of [['Chromium', chromium], ['Firefox ESR', firefox]]) {
  test(`${name} opens a page with a self-made certificate, has a camera and decodes what it is sent`, { timeout: 120_000 }, async () => {
    const browser = await launch();
    try {
      const page = await personsPage(browser, { name });
      await watchConnections(page);
      await page.goto(`https://${address}:${server.address().port}/`);
      assert.equal(await page.title(), 'ground');
      assert.equal(await page.evaluate(() => window.isSecureContext), true);
      await page.evaluate(async () => {
        const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
        const [near, far] = [new RTCPeerConnection(), new RTCPeerConnection()];
        near.onicecandidate = (event) => event.candidate && far.addIceCandidate(event.candidate);
        far.onicecandidate = (event) => event.candidate && near.addIceCandidate(event.candidate);
        far.ontrack = (event) => { document.querySelector('video').srcObject = event.streams[0]; };
        for (const track of stream.getTracks()) near.addTrack(track, stream);
        await near.setLocalDescription();
        await far.setRemoteDescription(near.localDescription);
        await far.setLocalDescription();
        await near.setRemoteDescription(far.localDescription);
      });
      await untilReceived(page, `${name} hears and sees itself`, (now) => now.frames > 5 && isLoud(now));
      assert.deepEqual(page.complaints.filter((line) => !line.includes('favicon')), []);
    } finally {
      await browser.close();
    }
  });
}
