/**
 * Does this network let UDP through to the server? One question to the relay tells (STUN); nothing else is sent, and the
 * server keeps nothing.
 */

/** An answer that has not come by then is not waited for. A false alarm costs a relay that nobody uses. */
const ANSWER_MS_MAX = 400;

/**
 * @param {string} url of the relay by UDP, `stun:`
 * @returns {Promise<boolean>}
 */
export function isUdpOpen(url) {
  const connection = new RTCPeerConnection({ iceServers: [{ urls: url }] });
  return new Promise((tell) => {
    let isRefused = false;
    const end = (/** @type {boolean} */ isOpen) => {
      clearTimeout(timer);
      connection.close();
      tell(isOpen);
    };
    const timer = setTimeout(() => end(false), ANSWER_MS_MAX);
    connection.addEventListener('icecandidateerror', () => {
      isRefused = true;
    });
    connection.addEventListener('icecandidate', ({ candidate }) => {
      if (candidate?.type === 'srflx') end(true);
    });
    connection.addEventListener('icegatheringstatechange', () => {
      // Without a NAT the address is known already, and only the end tells that there was an answer.
      if (connection.iceGatheringState === 'complete') end(!isRefused);
    });
    connection.createDataChannel('');
    connection.setLocalDescription();
  });
}
