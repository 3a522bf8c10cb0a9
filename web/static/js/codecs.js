/**
 * Which codecs a line offers, in order of preference. Everything else that a browser knows stays out: the
 * offer is a message of bounded size, and each codec costs half a kilobyte in each of eleven sections.
 */

/** Sound: RED first, so that a lost packet is repaired by the next one, then plain Opus. */
const SOUND = [/^audio\/red$/i, /^audio\/opus$/i];
/** What we send: VP8, for every browser decodes it and encodes it in layers. */
const SENT_PICTURES = [/^video\/vp8$/i];
/** What others may send us: any stack that takes part from outside, one entry a codec. */
const RECEIVED_PICTURES = [/^video\/vp8$/i, /^video\/h264$/i, /^video\/vp9$/i, /^video\/av1$/i];
const RETRANSMISSION = /^video\/rtx$/i;

/** @typedef {{ mimeType: string, clockRate: number, channels?: number, sdpFmtpLine?: string }} Codec */

/** @param {RTCRtpTransceiver} line a line that sends sound or receives it */
export function preferSound(line) {
  prefer(line, 'audio', SOUND, false);
}

/** @param {RTCRtpTransceiver} line a line that sends pictures */
export function preferSentPictures(line) {
  prefer(line, 'video', SENT_PICTURES, true);
}

/** @param {RTCRtpTransceiver} line a line that receives pictures */
export function preferReceivedPictures(line) {
  prefer(line, 'video', RECEIVED_PICTURES, true);
}

/**
 * @param {RTCRtpTransceiver} line
 * @param {'audio' | 'video'} kind
 * @param {RegExp[]} wanted
 * @param {boolean} isRepeated whether retransmission is wanted
 */
function prefer(line, kind, wanted, isRepeated) {
  const all = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [];
  const chosen = choose(all, wanted);
  if (chosen.length === 0 || !('setCodecPreferences' in line)) return;
  const repeats = isRepeated ? all.filter((codec) => RETRANSMISSION.test(codec.mimeType)) : [];
  try {
    line.setCodecPreferences([...chosen, ...repeats]);
  } catch {
    // A browser that takes no preferences offers all that it has; the server picks from that.
  }
}

/**
 * The first usable entry of each wanted codec.
 *
 * @param {readonly Codec[]} all
 * @param {RegExp[]} wanted
 * @returns {Codec[]}
 */
export function choose(all, wanted) {
  return wanted.flatMap((name) => all.find((codec) => name.test(codec.mimeType) && isUsable(codec)) ?? []);
}

/**
 * Of H.264 the constrained baseline in packetization mode 1 (RFC 7742 §6.2), of VP9 and AV1 the main profile.
 *
 * @param {Codec} codec
 */
function isUsable({ mimeType, sdpFmtpLine = '' }) {
  if (/h264$/i.test(mimeType)) return /packetization-mode=1/.test(sdpFmtpLine) && /profile-level-id=42e0/i.test(sdpFmtpLine);
  if (/vp9$/i.test(mimeType)) return !/profile-id=[1-3]/.test(sdpFmtpLine);
  if (/av1$/i.test(mimeType)) return !/profile=[12]/.test(sdpFmtpLine);
  return true;
}
