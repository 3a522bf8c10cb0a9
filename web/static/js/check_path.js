/**
 * The ways from this browser to the server, each tried alone: a media connection to nobody, whose answer keeps only the
 * addresses of one way. Shows nothing; never opens camera or microphone.
 */

/** @typedef {'udp' | 'tcp' | 'relay-tcp' | 'relay-tls' | 'ipv6'} Way */
/** @typedef {{ urls: string[], username: string, credential: string }} Relay */
/** @typedef {{ connection: RTCPeerConnection, channel: RTCDataChannel, roundTrip: number }} Open */

/** A way that has not opened by then is no way to hold a meeting on. */
const OPEN_MS = 8_000;
const ECHO_MS = 4_000;
/** What is on its way at once while the rate is measured, and for how long that goes on. */
const WINDOW_BYTES = 48_000;
const PIECE_BYTES = 1_000;
const RATE_MS = 2_000;

/** There is no such way: the server has no address of this kind. */
export class NoSuchWay extends Error {}

/** @returns {Promise<Relay | null>} the relay's addresses, and what lets this browser in */
export async function askRelay() {
  const answer = await fetch('/check/relays', { method: 'POST', cache: 'no-store' });
  return answer.ok ? answer.json() : null;
}

/** @returns {Promise<void>} once the signaling socket has opened and answered */
export function tryWebSocket() {
  return within(OPEN_MS, (done, fail) => {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = new WebSocket(`${scheme}://${location.host}/signal`, 'sachivalaya.v1');
    socket.onopen = () => {
      socket.close();
      done(undefined);
    };
    socket.onerror = () => fail(new Error('the socket does not open'));
    return () => socket.close();
  });
}

/**
 * Opens one way; whoever gets it closes it.
 *
 * @param {Way} way
 * @param {Relay | null} relay
 * @returns {Promise<Open>}
 * @throws {NoSuchWay} if the server has no such way at all
 */
export async function openWay(way, relay) {
  const connection = new RTCPeerConnection(settingsOf(way, relay));
  try {
    const channel = connection.createDataChannel('ping', { ordered: false, maxRetransmits: 0 });
    await connection.setLocalDescription();
    const offer = connection.localDescription?.sdp ?? '';
    const headers = { 'content-type': 'application/sdp' };
    const answer = await fetch('/check/offer', { method: 'POST', headers, body: offer });
    if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
    const sdp = withOnly(await answer.text(), way);
    await connection.setRemoteDescription({ type: 'answer', sdp });
    await opened(channel);
    return { connection, channel, roundTrip: await echo(channel) };
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** @param {Way} way @param {Relay | null} relay @returns {RTCConfiguration} */
function settingsOf(way, relay) {
  if (!way.startsWith('relay-')) return {};
  const scheme = way === 'relay-tls' ? 'turns:' : 'turn:';
  const urls = relay?.urls.filter((url) => url.startsWith(scheme) && url.endsWith('transport=tcp')) ?? [];
  if (relay === null || urls.length === 0) throw new NoSuchWay(way);
  const { username, credential } = relay;
  return { iceServers: [{ urls, username, credential }], iceTransportPolicy: 'relay' };
}

/**
 * The answer with the addresses of one way alone.
 *
 * @param {string} sdp
 * @param {Way} way
 */
function withOnly(sdp, way) {
  let kept = 0;
  const lines = sdp.split('\r\n').filter((line) => {
    if (!line.startsWith('a=candidate:')) return true;
    const [, , transport = '', , address = ''] = line.split(' ');
    const isUdp = transport.toLowerCase() === 'udp';
    const isSixth = address.includes(':');
    const isKept = { udp: isUdp && !isSixth, tcp: !isUdp && !isSixth, ipv6: isSixth, 'relay-tcp': isUdp, 'relay-tls': isUdp }[way];
    kept += isKept ? 1 : 0;
    return isKept;
  });
  if (kept === 0) throw new NoSuchWay(way);
  return lines.join('\r\n');
}

/** @param {RTCDataChannel} channel @returns {Promise<void>} */
function opened(channel) {
  return within(OPEN_MS, (done) => {
    if (channel.readyState === 'open') done(undefined);
    channel.onopen = () => done(undefined);
    return () => { channel.onopen = null; };
  });
}

/** @param {RTCDataChannel} channel @returns {Promise<number>} milliseconds there and back: the best of three */
async function echo(channel) {
  let best = Infinity;
  for (let turn = 0; turn < 3; turn += 1) {
    const sent = performance.now();
    await within(ECHO_MS, (done) => {
      // A message may be lost: it is said again until it is heard.
      const again = setInterval(() => channel.send('ping'), 500);
      channel.onmessage = () => done(undefined);
      channel.send('ping');
      return () => {
        clearInterval(again);
        channel.onmessage = null;
      };
    });
    best = Math.min(best, performance.now() - sent);
  }
  return best;
}

/**
 * How much comes back of what is sent as fast as the line takes it, so that both directions are measured at once.
 *
 * @param {RTCDataChannel} channel
 * @returns {Promise<number>} kilobits a second
 */
export async function rateOf(channel) {
  const piece = new Uint8Array(PIECE_BYTES);
  let [onTheWay, back] = [0, 0];
  const fill = () => {
    while (channel.readyState === 'open' && onTheWay + PIECE_BYTES <= WINDOW_BYTES) {
      channel.send(piece);
      onTheWay += PIECE_BYTES;
    }
  };
  channel.onmessage = () => {
    back += PIECE_BYTES;
    onTheWay = Math.max(0, onTheWay - PIECE_BYTES);
    fill();
  };
  // What is lost never comes back; a fifth of a second later it is no longer waited for.
  const forget = setInterval(() => {
    onTheWay = Math.max(0, onTheWay - WINDOW_BYTES / 4);
    fill();
  }, 200);
  const begun = performance.now();
  fill();
  await new Promise((done) => setTimeout(done, RATE_MS));
  clearInterval(forget);
  channel.onmessage = null;
  return (back * 8) / (performance.now() - begun);
}

/**
 * @template T
 * @param {number} patience milliseconds
 * @param {(done: (value: T) => void, fail: (error: Error) => void) => () => void} begin gives what ends it
 * @returns {Promise<T>}
 */
function within(patience, begin) {
  return new Promise((resolve, reject) => {
    /** @type {(() => void) | null} */
    let end = null;
    let isOver = false;
    const close = () => {
      clearTimeout(timer);
      isOver = true;
      end?.();
      end = null;
    };
    const timer = setTimeout(() => {
      close();
      reject(new Error(`nothing within ${patience} ms`));
    }, patience);
    end = begin(
      (value) => {
        close();
        resolve(value);
      },
      (error) => {
        close();
        reject(error);
      },
    );
    if (isOver) end();
  });
}
