/** When a camera rests because the way out is too narrow, as rules. Needs no browser. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const source = readFileSync(new URL('../../web/static/js/uplink.js', import.meta.url), 'utf8');
const { Uplink } = await import(`data:text/javascript,${encodeURIComponent(source)}`);

/** Reports as a browser tells them, a new one at each look. */
function line() {
  let at = 0;
  const report = (id, fractionLost, roundTripTime) => ({ id, type: 'remote-inbound-rtp', timestamp: (at += 1), fractionLost, roundTripTime });
  return (lost, seconds) => [{ id: 'x', type: 'inbound-rtp' }, report('voice', lost, seconds), report('picture', lost / 2, seconds)];
}

/** How many of so many looks find the line left to the voice. */
const looks = (uplink, count, next) => Array.from({ length: count }, () => uplink.look(next())).filter(Boolean).length;

test('a line that only loses keeps its picture, one that queues and loses does not', () => {
  const told = line();
  assert.equal(looks(new Uplink(), 50, () => told(0.1, 0.08)), 0, 'ten in a hundred, and answers at once');
  assert.equal(looks(new Uplink(), 50, () => told(0.3, 0.2)), 0, 'a bad radio');
  assert.equal(looks(new Uplink(), 50, () => told(0.02, 1.2)), 0, 'a long way round');
  const uplink = new Uplink();
  assert.deepEqual([uplink.look(told(0.2, 0.9)), uplink.look(told(0.2, 0.9))], [false, true]);
});

test('one bad moment is none, and an old report counts once', () => {
  const told = line();
  const uplink = new Uplink();
  const bad = told(0.3, 2);
  assert.equal(looks(uplink, 20, () => bad), 0);
  assert.equal(uplink.look(told(0, 0.1)), false);
  assert.equal(uplink.look(told(0.3, 2)), false);
  assert.equal(uplink.look(told(0, 0.1)), false);
});

test('where half is lost, the voice has the line at once', () => {
  assert.equal(new Uplink().look(line()(0.5, 0.1)), true);
});

test('it is tried again after a rest, which grows while each try fails', () => {
  const told = line();
  const uplink = new Uplink();
  const rests = [];
  let length = 0;
  for (let n = 0; n < 600; n += 1) {
    const isNarrow = uplink.look(told(0.3, 1));
    if (isNarrow) length += 1;
    else if (length > 0) {
      rests.push(length);
      length = 0;
    }
  }
  assert.deepEqual(rests.slice(0, 4), [15, 30, 60, 90]);
});

test('a line that has become wide keeps its picture, and its next fault is a new one', () => {
  const told = line();
  const uplink = new Uplink();
  looks(uplink, 16, () => told(0.5, 1));
  assert.equal(looks(uplink, 100, () => told(0, 0.05)), 0);
  uplink.look(told(0.5, 1));
  assert.equal(looks(uplink, 30, () => told(0.5, 1)) > 0, true);
});

test('what is lost while the path is broken says nothing of its width', () => {
  const told = line();
  const uplink = new Uplink();
  uplink.broke();
  assert.equal(looks(uplink, 3, () => []), 0, 'nothing is told while it is broken');
  assert.deepEqual([uplink.look(told(1, 3)), uplink.look(told(0.6, 1))], [false, false], 'all that was sent into it');
  assert.equal(looks(uplink, 30, () => told(0, 0.05)), 0);
});

test('a line that is too narrow after a break is found after two reports, and one that breaks all the time as well', () => {
  const told = line();
  const uplink = new Uplink();
  uplink.broke();
  assert.deepEqual([1, 2, 3].map(() => uplink.look(told(0.5, 1))), [false, false, true]);
  const other = new Uplink();
  const breaking = Array.from({ length: 4 }, () => {
    other.broke();
    return other.look(told(0.5, 1));
  });
  assert.deepEqual(breaking, [false, false, true, true]);
});
