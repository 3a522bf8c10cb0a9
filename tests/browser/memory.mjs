/**
 * Looks for bytes in the memory of a process, as whoever administers its machine could, and in files.
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

/** Read at once; a pattern on the border of two pieces is found because they overlap. */
const PIECE = 8 << 20;

/**
 * Which of the patterns stand in some bytes.
 *
 * @param {Map<number, { bytes: Buffer, name: number }[]>} index  by their first four bytes
 * @param {Set<number>} found  names; grows
 */
function look(bytes, index, found) {
  const firsts = new Uint8Array(1 << 16);
  for (const key of index.keys()) firsts[key >>> 16] = 1;
  for (let at = 0; at + 4 <= bytes.length; at += 1) {
    if (firsts[(bytes[at] << 8) | bytes[at + 1]] === 0) continue;
    for (const { bytes: pattern, name } of index.get(bytes.readUInt32BE(at)) ?? []) {
      if (bytes.subarray(at, at + pattern.length).equals(pattern)) found.add(name);
    }
  }
}

/** @param {Buffer[]} patterns of one length */
function indexOf(patterns) {
  const index = new Map();
  patterns.forEach((bytes, name) => {
    const key = bytes.readUInt32BE(0);
    index.set(key, [...(index.get(key) ?? []), { bytes, name }]);
  });
  return index;
}

/**
 * @param {number} pid
 * @param {Buffer[]} patterns  of one length
 * @returns {{ found: Set<number>, bytes: number }} places of the patterns that stand in its memory, and how much was read
 */
export function inMemory(pid, patterns) {
  const index = indexOf(patterns);
  const found = new Set();
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  let read = 0;
  for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
    const [, from, to, rights] = /^([0-9a-f]+)-([0-9a-f]+) (\S+)/.exec(line) ?? [];
    if (rights === undefined || !rights.startsWith('rw') || line.includes('[v')) continue;
    const [start, end] = [Number.parseInt(from, 16), Number.parseInt(to, 16)];
    for (let at = start; at < end; at += PIECE) {
      const piece = Buffer.alloc(Math.min(PIECE + 64, end - at));
      try {
        const got = readSync(memory, piece, 0, piece.length, at);
        read += got;
        look(piece.subarray(0, got), index, found);
      } catch {
        // A page that is gone meanwhile.
      }
    }
  }
  closeSync(memory);
  return { found, bytes: read };
}

/**
 * @param {string} file
 * @param {Buffer[]} patterns  of one length
 */
export function inFile(file, patterns) {
  const found = new Set();
  const bytes = readFileSync(file);
  look(bytes, indexOf(patterns), found);
  return { found, bytes: bytes.length };
}
