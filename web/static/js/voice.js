/**
 * How much of the way out a voice takes: as negotiated, or on a narrow line as little as can be understood.
 */

/** Opus at this rate is a clear voice of a telephone call; on a narrow line there is room for no more. */
const NARROW_BITS = 16_000;

/**
 * Sends the own voice with as few bits as a narrow line has room for, and each frame once; or again as negotiated.
 * A browser that can't do either sends what the server asked for in its answer.
 *
 * @param {RTCRtpSender} sender of the microphone
 * @param {boolean} isNarrow
 */
export async function speakThriftily(sender, isNarrow) {
  for (const change of [rateOf, codecOf]) {
    const parameters = sender.getParameters();
    const [encoding] = parameters.encodings ?? [];
    if (encoding === undefined) return;
    change(encoding, parameters, isNarrow);
    try {
      await sender.setParameters(parameters);
    } catch {
      // Not in this browser, or the line is closed.
    }
  }
}

/**
 * @param {RTCRtpEncodingParameters} encoding
 * @param {RTCRtpSendParameters} _parameters
 * @param {boolean} isNarrow
 */
function rateOf(encoding, _parameters, isNarrow) {
  if (isNarrow) encoding.maxBitrate = NARROW_BITS;
  else delete encoding.maxBitrate;
}

/**
 * Plain Opus instead of RED, which sends each frame twice.
 *
 * @param {RTCRtpEncodingParameters & { codec?: RTCRtpCodecParameters }} encoding
 * @param {RTCRtpSendParameters} parameters
 * @param {boolean} isNarrow
 */
function codecOf(encoding, parameters, isNarrow) {
  const plain = parameters.codecs.find((codec) => /^audio\/opus$/i.test(codec.mimeType));
  if (isNarrow && plain !== undefined) encoding.codec = plain;
  else delete encoding.codec;
}
