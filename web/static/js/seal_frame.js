/**
 * The form of a sealed frame: what stays in the clear for the server, the encrypted rest with its tag, a count and the
 * key's number. `signaling/PROTOCOL.md` says it in words.
 *
 * Of VP8 that is what tells a keyframe and its size, and it is authenticated; of Opus it is nothing. In RED (RFC 2198) each
 * block is a frame of its own, so that the server can still take blocks apart and put them together. All counts of a key are
 * different, on whatever line: they are the nonces.
 */

/** @typedef {{ id: number, key: CryptoKey }} Key */
/** A block of RED: how much older than the frame it is, and its bytes. @typedef {{ offset: number, bytes: Bytes }} Block */
/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

const NONCE_BYTES = 12;
const COUNT_BYTES = 6;
const TAG_BYTES = 16;
/** Count and key's number. */
const END_BYTES = COUNT_BYTES + 1;
/** A keyframe of VP8 begins with its header, any other frame with its tag (RFC 6386 §9.1). */
const VP8_KEY_BYTES = 10;
const VP8_BYTES = 3;
/** A block's header but the last: follow bit, payload type, offset of 14 bits, length of 10 bits. */
const BLOCK_HEADER_BYTES = 4;
const BLOCK_BYTES_MAX = (1 << 10) - 1;

/** @param {Bytes} frame of VP8 @returns {number} how many bytes of it stay in the clear */
export function clearOf(frame) {
  const isKeyframe = frame.length > 0 && (Number(frame[0]) & 1) === 0;
  return Math.min(frame.length, isKeyframe ? VP8_KEY_BYTES : VP8_BYTES);
}

/**
 * @param {Bytes} frame
 * @param {number} clear how many bytes of it stay in the clear
 * @param {Key} by
 * @param {number} count no other frame of this key has it
 * @returns {Promise<Bytes>}
 */
export async function seal(frame, clear, by, count) {
  const iv = nonceOf(count);
  const head = frame.slice(0, clear);
  const text = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: head }, by.key, frame.slice(clear));
  const sealed = new Uint8Array(clear + text.byteLength + END_BYTES);
  sealed.set(head);
  sealed.set(new Uint8Array(text), clear);
  sealed.set(iv.subarray(NONCE_BYTES - COUNT_BYTES), sealed.length - END_BYTES);
  sealed[sealed.length - 1] = by.id;
  return sealed;
}

/**
 * @param {Bytes} sealed
 * @param {number} clear
 * @param {CryptoKey} key
 * @returns {Promise<Bytes>}
 * @throws when it was not sealed with this key, or was changed
 */
export async function open(sealed, clear, key) {
  const end = sealed.length - END_BYTES;
  const head = sealed.slice(0, clear);
  const text = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: nonceOf(countOf(sealed)), additionalData: head }, key, sealed.slice(clear, end));
  const frame = new Uint8Array(clear + text.byteLength);
  frame.set(head);
  frame.set(new Uint8Array(text), clear);
  return frame;
}

/** @param {Bytes} sealed @returns {number | null} which key of its sender sealed it; null for what is too short to be sealed */
export function keyOf(sealed) {
  return sealed.length < TAG_BYTES + END_BYTES ? null : Number(sealed[sealed.length - 1]);
}

/** @param {Bytes} sealed @returns {number} */
export function countOf(sealed) {
  const at = sealed.length - END_BYTES;
  return sealed.subarray(at, at + COUNT_BYTES).reduce((count, byte) => count * 256 + byte, 0);
}

/** @param {number} count @returns {Bytes} */
function nonceOf(count) {
  const nonce = new Uint8Array(NONCE_BYTES);
  for (let at = NONCE_BYTES - 1, rest = count; rest > 0; at -= 1, rest = Math.floor(rest / 256)) nonce[at] = rest % 256;
  return nonce;
}

/**
 * Takes RED apart.
 *
 * @param {Bytes} payload
 * @returns {{ type: number, blocks: Block[] } | null} the newest block last, with the offset 0; null for what is no RED
 */
export function blocksOf(payload) {
  /** @type {{ offset: number, length: number }[]} */
  const heads = [];
  let at = 0;
  while (at < payload.length && (Number(payload[at]) & 0x80) !== 0) {
    const [, high = 0, middle = 0, low = 0] = payload.subarray(at, at + BLOCK_HEADER_BYTES);
    heads.push({ offset: (high << 6) | (middle >> 2), length: ((middle & 3) << 8) | low });
    at += BLOCK_HEADER_BYTES;
  }
  const type = Number(payload[at]) & 0x7f;
  at += 1;
  /** @type {Block[]} */
  const blocks = [];
  for (const { offset, length } of heads) {
    blocks.push({ offset, bytes: payload.slice(at, at + length) });
    at += length;
  }
  if (at > payload.length) return null;
  blocks.push({ offset: 0, bytes: payload.slice(at) });
  return { type, blocks };
}

/**
 * Puts RED together. What is too long for a header of RED is left out.
 *
 * @param {number} type payload type of the blocks
 * @param {Block[]} blocks the newest last
 * @returns {Bytes}
 */
export function redOf(type, blocks) {
  const newest = blocks.at(-1);
  const older = blocks.slice(0, -1).filter(({ bytes }) => bytes.length <= BLOCK_BYTES_MAX);
  const heads = older.flatMap(({ offset, bytes: { length } }) => [0x80 | type, offset >> 6, ((offset & 0x3f) << 2) | (length >> 8), length & 0xff]);
  const data = [...older.map(({ bytes }) => bytes), newest?.bytes ?? new Uint8Array()];
  const red = new Uint8Array(heads.length + 1 + data.reduce((sum, bytes) => sum + bytes.length, 0));
  red.set([...heads, type]);
  let at = heads.length + 1;
  for (const bytes of data) {
    red.set(bytes, at);
    at += bytes.length;
  }
  return red;
}
