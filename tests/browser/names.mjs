/**
 * The name server of the tests' network: it knows one name, SACHIVALAYA_HOST at SACHIVALAYA_ADDRESS, and says of every other
 * that there is none. Chromium asks one for the relay's address whatever /etc/hosts says, and waits for seconds where none is.
 */
import { createSocket } from 'node:dgram';

const HOST = process.env.SACHIVALAYA_HOST ?? '';
const ADDRESS = (process.env.SACHIVALAYA_ADDRESS ?? '').split('.').map(Number);
const HEADER_BYTES = 12;
const TYPE_A = 1;
const SECONDS_KEPT = 60;
/** RFC 1035 §4.1.1: an answer of the one who knows; the lower bits say how it went. */
const ANSWER = 0x8580;
const NO_SUCH_NAME = 3;

/** The first question: its name, its type, and where it ends. */
function questionIn(packet) {
  const labels = [];
  let at = HEADER_BYTES;
  for (; packet[at] !== 0; at += packet[at] + 1) labels.push(packet.toString('latin1', at + 1, at + 1 + packet[at]));
  return { name: labels.join('.').toLowerCase(), type: packet.readUInt16BE(at + 1), end: at + 5 };
}

function answerTo(packet) {
  const { name, type, end } = questionIn(packet);
  const isOurs = name === HOST;
  const isFound = isOurs && type === TYPE_A;
  const header = Buffer.alloc(HEADER_BYTES);
  const counts = [1, isFound ? 1 : 0, 0, 0];
  [packet.readUInt16BE(0), isOurs ? ANSWER : ANSWER | NO_SUCH_NAME, ...counts].forEach((word, place) => header.writeUInt16BE(word, 2 * place));
  const record = Buffer.from([0xc0, HEADER_BYTES, 0, TYPE_A, 0, 1, 0, 0, 0, SECONDS_KEPT, 0, 4, ...ADDRESS]);
  return Buffer.concat([header, packet.subarray(HEADER_BYTES, end), ...(isFound ? [record] : [])]);
}

const socket = createSocket('udp4');
socket.on('message', (packet, from) => socket.send(answerTo(packet), from.port, from.address));
socket.bind(53, '127.0.0.1');
