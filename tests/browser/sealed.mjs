/**
 * What tests share of confidential meetings: making one, the digits and keys on a page, and recording what its camera and
 * microphone give before it is sealed.
 */
import { until } from './house.mjs';
import { press } from './story.mjs';

/** The officer makes the meeting confidential, by keyboard. */
export async function makeConfidential(officer) {
  await press(officer, 'more');
  await officer.focus('[data-test="seal-button"]');
  await officer.keyboard.press('Enter');
  await officer.waitForSelector('[data-test="seal-question"][open]');
  await officer.focus('[data-test="seal-yes"]');
  await officer.keyboard.press('Enter');
  await isConfidential(officer);
}

export const isConfidential = (page) => page.waitForSelector('[data-test="seal-mark"]', { visible: true });

/** The digits that a page shows, once there are so many. @returns {Promise<string[]>} */
export const codes = (page, count = 1) => until(`${count} codes`, async () => {
  const text = await page.$eval('[data-test="seal-code"]', (node) => node.textContent);
  const found = text.match(/\d{3} \d{3}/g) ?? [];
  return found.length === count && found;
});

/** The number of the key that a page sends with. */
export const keyOf = (page) => page.$eval('[data-test="sealing"]', (node) => Number(node.dataset.key ?? NaN));
export const keyChanges = (page, from) => until('another key', async () => (await keyOf(page)) !== from && keyOf(page));

/** The worker of a confidential page. */
export const workerOf = (page) => until('the worker', () => page.workers().find((one) => one.url().includes('seal_worker')));

/**
 * Keeps what camera and microphone give while a page does not seal it. Must run before the page's own scripts.
 *
 * A transform that changes nothing is laid over every sender of a connection that has none; its worker stands in the page.
 */
export async function recordPlain(page) {
  await page.setBypassCSP(true);
  await page.evaluateOnNewDocument(() => {
    window.plainFrames = [];
    const source = `onrtctransform = ({ transformer }) => transformer.readable.pipeThrough(new TransformStream({
      transform(frame, out) {
        postMessage({ kind: transformer.options.kind, bytes: new Uint8Array(frame.data.slice(0)) });
        out.enqueue(frame);
      } })).pipeTo(transformer.writable).catch(() => {});`;
    let worker = null;
    const Original = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Original {
      constructor(settings) {
        super(settings);
        this.isOpen = settings?.encodedInsertableStreams !== true;
      }

      addTransceiver(kind, init) {
        const line = super.addTransceiver(kind, init);
        if (this.isOpen && init?.direction === 'sendonly') {
          worker ??= new Worker(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
          worker.onmessage = ({ data }) => window.plainFrames.push(data);
          line.sender.transform = new RTCRtpScriptTransform(worker, { kind });
        }
        return line;
      }
    };
  });
}

/** Keeps what the worker of a confidential page seals, and what comes of it, from now on. */
export async function recordSealed(page) {
  const worker = await workerOf(page);
  await worker.evaluate(() => {
    self.sealedFrames = [];
    const original = SubtleCrypto.prototype.encrypt;
    SubtleCrypto.prototype.encrypt = async function encrypt(algorithm, key, data) {
      const text = await original.call(this, algorithm, key, data);
      self.sealedFrames.push({ kind: 'plain', bytes: new Uint8Array(data) }, { kind: 'text', bytes: new Uint8Array(text) });
      return text;
    };
  });
}

/**
 * Takes what was recorded since the last time.
 *
 * @param {'plain' | 'sealed'} what
 * @returns {Promise<{ kind: string, bytes: Buffer }[]>}
 */
export async function takeRecord(page, what = 'plain') {
  const take = (name) => {
    const coded = self[name].splice(0).map(({ kind, bytes }) => {
      let text = '';
      for (let at = 0; at < bytes.length; at += 4_096) text += String.fromCharCode(...bytes.subarray(at, at + 4_096));
      return { kind, text: btoa(text) };
    });
    return coded;
  };
  const frames = what === 'plain' ? await page.evaluate(take, 'plainFrames') : await (await workerOf(page)).evaluate(take, 'sealedFrames');
  return frames.map(({ kind, text }) => ({ kind, bytes: Buffer.from(text, 'base64') }));
}
