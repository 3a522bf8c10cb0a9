/** How long received sound waits: rules of the page's own arithmetic, without a browser. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const source = readFileSync(new URL('../../web/static/js/patience.js', import.meta.url), 'utf8');
const { Patience } = await import(`data:text/javascript,${encodeURIComponent(source)}`);

/** A page that looks every two seconds at one voice, of which a share is lost. */
function ears() {
  const patience = new Patience();
  const entry = { id: 'voice', type: 'inbound-rtp', kind: 'audio', packetsReceived: 0, packetsLost: 0, totalSamplesReceived: 0, concealedSamples: 0, silentConcealedSamples: 0 };
  return (loss, looks) => {
    let wait = null;
    for (let n = 0; n < looks; n += 1) {
      entry.packetsReceived += 100 * (1 - loss);
      entry.packetsLost += 100 * loss;
      wait = patience.look([{ ...entry }]);
    }
    return wait;
  };
}

test('the more sound is lost, the longer it waits, and on a good line the browser decides', () => {
  assert.deepEqual([0, 0.03, 0.1, 0.3].map((loss) => ears()(loss, 6)), [null, 60, 100, 140]);
});

test('it waits less only when the loss has stayed away, and then step by step', () => {
  const hear = ears();
  hear(0.3, 6);
  assert.equal(hear(0, 8), 140);
  assert.equal(hear(0, 4), 100);
  assert.equal(hear(0, 16), null);
});

test('a loss that goes up and down a little does not make it swing', () => {
  const hear = ears();
  hear(0.08, 6);
  const waits = [0.05, 0.07, 0.04, 0.08, 0.05, 0.05, 0.06, 0.07, 0.05, 0.05].map((loss) => hear(loss, 1));
  assert.deepEqual([...new Set(waits)], [100]);
});
