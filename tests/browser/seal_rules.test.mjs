/** The form of sealed frames and the agreement on keys, as rules. Needs no browser: both are WebCrypto alone. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const load = (name) => import(`data:text/javascript,${encodeURIComponent(readFileSync(new URL(`../../web/static/js/${name}`, import.meta.url), 'utf8'))}`);
const { seal, open, keyOf, countOf, clearOf, blocksOf, redOf } = await load('seal_frame.js');
const { Agreements, coded } = await load('seal_keys.js');

const frameOf = (length, first = 0x10) => Uint8Array.from({ length }, (_, at) => (at === 0 ? first : (at * 7) % 251));
const freshKey = () => crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);

test('a sealed frame opens with its key, and its clear bytes are those that tell a keyframe', async () => {
  const key = await freshKey();
  for (const [first, clear] of [[0x10, 10], [0x11, 3]]) {
    const frame = frameOf(500, first);
    assert.equal(clearOf(frame), clear);
    const sealed = await seal(frame, clear, { id: 7, key }, 70_000);
    assert.deepEqual(sealed.slice(0, clear), frame.slice(0, clear));
    assert.deepEqual([keyOf(sealed), countOf(sealed)], [7, 70_000]);
    assert.ok(!Buffer.from(sealed).includes(Buffer.from(frame.slice(clear, clear + 16))));
    assert.deepEqual(await open(sealed, clear, key), frame);
  }
});

test('a frame that was changed anywhere, or is of another key, does not open', async () => {
  const [key, other] = [await freshKey(), await freshKey()];
  const sealed = await seal(frameOf(60), 10, { id: 1, key }, 5);
  await assert.rejects(open(sealed, 10, other));
  // The last byte names a key and is no part of the frame.
  for (let at = 0; at < sealed.length - 1; at += 1) {
    const changed = sealed.slice();
    changed[at] ^= 1;
    await assert.rejects(open(changed, 10, key), `byte ${at}`);
  }
});

test('each block of RED opens by itself, in whatever packet the server puts it', async () => {
  const key = await freshKey();
  const frames = [frameOf(40), frameOf(55), frameOf(0)];
  const sealed = await Promise.all(frames.map((frame, at) => seal(frame, 0, { id: 1, key }, at + 1)));
  const red = redOf(111, [{ offset: 1_920, bytes: sealed[0] }, { offset: 960, bytes: sealed[1] }, { offset: 0, bytes: sealed[2] }]);
  const read = blocksOf(red);
  assert.deepEqual([read.type, read.blocks.map((block) => block.offset)], [111, [1_920, 960, 0]]);
  assert.deepEqual(await Promise.all(read.blocks.map((block) => open(block.bytes, 0, key))), frames);
  const again = blocksOf(redOf(96, [{ offset: 960, bytes: read.blocks[0].bytes }, { offset: 0, bytes: read.blocks[1].bytes }]));
  assert.deepEqual(await open(again.blocks[1].bytes, 0, key), frames[1]);
  assert.equal(blocksOf(red.slice(0, 20)), null, 'what is cut is none');
});

test('RED of any bytes is read without a fault', () => {
  for (let seed = 0; seed < 2_000; seed += 1) {
    const bytes = crypto.getRandomValues(new Uint8Array(seed % 40));
    const read = blocksOf(bytes);
    if (read !== null && bytes.length > 0) assert.ok(read.blocks.length >= 1);
  }
});

/** Two pages and what passes between them; `change` stands in the middle. */
function two(change = (note) => [note]) {
  const names = ['p1', 'p2'];
  const seen = { p1: { codes: [], keys: [] }, p2: { codes: [], keys: [] } };
  const pages = {};
  const works = [];
  /** A page that does something: `meet`, `hear` or `give`. */
  const does = (own, act, ...values) => works.push(pages[own][act](...values));
  const pass = (from, to, note) => {
    for (const one of change(note, from)) does(to, 'hear', from, one);
  };
  for (const [own, other] of [names, [...names].reverse()]) {
    pages[own] = new Agreements('m1', own, {
      send: (_, note) => pass(own, other, note),
      agreed: (_, code) => seen[own].codes.push(code),
      key: (_, id, key) => seen[own].keys.push([id, coded(key)]),
      wants: () => does(own, 'give', other, { id: 9, key: frameOf(32) }, false),
      cannot: () => {},
    });
  }
  /** Until every page is done with what it was told, and with what came of that. */
  const settled = async () => {
    while (works.length > 0) await works.shift();
  };
  return { pages, seen, does, settled };
}

test('two pages agree on the same six digits, whoever begins, and give each other their keys', async () => {
  for (const beginners of [['p1'], ['p2'], ['p1', 'p2']]) {
    const { seen, does, settled } = two();
    for (const one of beginners) does(one, 'meet', one === 'p1' ? 'p2' : 'p1');
    await settled();
    assert.equal(seen.p1.codes.at(-1), seen.p2.codes.at(-1));
    assert.match(seen.p1.codes.at(-1), /^\d{6}$/);
    does('p1', 'give', 'p2', { id: 3, key: frameOf(32) }, true);
    await settled();
    assert.deepEqual(seen.p2.keys, [[3, coded(frameOf(32))]]);
    assert.deepEqual(seen.p1.keys, [[9, coded(frameOf(32))]], 'and the other in turn');
  }
});

test('a page that is loaded anew agrees anew, on other digits', async () => {
  const { pages, seen, does, settled } = two();
  does('p1', 'meet', 'p2');
  await settled();
  pages.p2.forget('p1');
  does('p2', 'meet', 'p1');
  await settled();
  assert.equal(seen.p1.codes.length, 2);
  assert.notEqual(seen.p1.codes[0], seen.p1.codes[1]);
  assert.equal(seen.p1.codes[1], seen.p2.codes[1]);
});

test('who puts his own key for another is seen by the digits, or is not believed at all', async () => {
  const pair = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
  const own = coded(new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)));
  const answers = two((note, from) => [note.kind === 'public' && from === 'p2' ? { ...note, public: own } : note]);
  answers.does('p1', 'meet', 'p2');
  await answers.settled();
  assert.equal(answers.seen.p1.codes.length, 1);
  assert.notEqual(answers.seen.p1.codes[0], answers.seen.p2.codes[0]);

  const reveals = two((note, from) => [note.kind === 'public' && from === 'p1' ? { ...note, public: own } : note]);
  reveals.does('p1', 'meet', 'p2');
  await reveals.settled();
  assert.deepEqual(reveals.seen.p2.codes, [], 'another key than was promised');
});

test('a wrapped key that was changed on the way is not taken', async () => {
  const { seen, does, settled } = two((note) => [note.kind === 'key' ? { ...note, id: note.id + 1 } : note]);
  does('p1', 'meet', 'p2');
  await settled();
  does('p1', 'give', 'p2', { id: 3, key: frameOf(32) }, false);
  await settled();
  assert.deepEqual(seen.p2.keys, []);
});
