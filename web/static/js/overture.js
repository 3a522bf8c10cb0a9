/**
 * What a page says first, packed into the address of its socket: heard with the opening, it is answered a round trip
 * earlier.
 */

/** The server reads no more; what is longer is said when the socket is open. */
const CHARS_MAX = 12 * 1024;

/**
 * @param {readonly import('./protocol').ClientMessage[]} messages in the order in which they are said
 * @returns {Promise<string>} for the address; empty where it can't be packed
 */
export async function pack(messages) {
  if (typeof CompressionStream === 'undefined') return '';
  const text = messages.map((message) => JSON.stringify(message)).join('\n');
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  const first = base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  return first.length <= CHARS_MAX ? first : '';
}
