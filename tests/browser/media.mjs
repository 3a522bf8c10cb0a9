/**
 * What a browser really receives: decoded frames by `getStats`, loudness by WebAudio on the received tracks.
 * Looks only; never changes what the page does with its connection.
 */
import { PATIENCE_MS } from './browsers.mjs';

/**
 * Keeps hold of every peer connection that the page makes, and tells of each by the event `watched`. Must run before the
 * page's own scripts; a page that is watched already is not watched twice.
 */
export async function watchConnections(page) {
  await page.evaluateOnNewDocument(() => {
    if (window.watchedConnections) return;
    const Original = window.RTCPeerConnection;
    window.watchedConnections = [];
    window.RTCPeerConnection = class extends Original {
      constructor(...args) {
        super(...args);
        window.watchedConnections.push(this);
        this.closing = new Promise((done) => { this.isClosing = done; });
        window.dispatchEvent(new CustomEvent('watched', { detail: this }));
      }

      close() {
        super.close();
        this.isClosing();
      }
    };
  });
}

/**
 * @returns {Promise<{ frames: number, packets: number, sent: number, rms: number, energy: number, states: string[] }>}
 *   sums over all live connections; `rms` is the loudest the received sound has been since it was first asked for
 */
export function received(page) {
  return page.evaluate(async () => {
    const live = (window.watchedConnections ?? []).filter((pc) => pc.connectionState !== 'closed');
    const sum = { frames: 0, packets: 0, sent: 0, rms: 0, energy: 0, states: live.map((pc) => pc.connectionState) };
    window.ears ??= { context: new AudioContext(), heard: new Map(), loudest: 0 };
    const ears = window.ears;
    if (ears.context.state !== 'running') await Promise.race([ears.context.resume(), new Promise((done) => setTimeout(done, 500))]);
    for (const pc of live) {
      for (const line of (await pc.getStats()).values()) {
        if (line.type === 'inbound-rtp') {
          sum.packets += line.packetsReceived ?? 0;
          if (line.kind === 'video') sum.frames += line.framesDecoded ?? 0;
          if (line.kind === 'audio') sum.energy += line.totalAudioEnergy ?? 0;
        }
        if (line.type === 'outbound-rtp') sum.sent += line.packetsSent ?? 0;
      }
      for (const { track } of pc.getReceivers()) {
        if (track?.kind !== 'audio' || ears.heard.has(track.id)) continue;
        const analyser = ears.context.createAnalyser();
        const source = ears.context.createMediaStreamSource(new MediaStream([track]));
        source.connect(analyser);
        ears.heard.set(track.id, { analyser, source });
        const wave = new Float32Array(analyser.fftSize);
        setInterval(() => {
          analyser.getFloatTimeDomainData(wave);
          const power = wave.reduce((total, sample) => total + sample * sample, 0) / wave.length;
          ears.loudest = Math.max(ears.loudest, Math.sqrt(power));
        }, 50);
      }
    }
    sum.rms = ears.loudest;
    return sum;
  });
}

/**
 * Waits until `holds` is true of what the page receives; fails with the last figures.
 *
 * @param {(figures: Awaited<ReturnType<typeof received>>) => boolean} holds
 */
export async function untilReceived(page, what, holds, patience = PATIENCE_MS) {
  const end = Date.now() + patience;
  let figures;
  do {
    figures = await received(page);
    if (holds(figures)) return figures;
    await new Promise((done) => setTimeout(done, 100));
  } while (Date.now() < end);
  throw new Error(`${what}: not within ${patience} ms; last figures ${JSON.stringify(figures)}`);
}

/**
 * Sound that could be heard: a level on the received track. Firefox without a sound card keeps WebAudio silent,
 * but counts `totalAudioEnergy` of what it decoded; in Chromium that stays 0 on muted elements, so either tells.
 */
export const isLoud = (figures) => figures.rms > 0.001 || figures.energy > 0.001;

/** Waits until pictures go on coming (frames grow) and sound is heard. */
export async function seesAndHears(page, who) {
  const before = await received(page);
  return untilReceived(page, `${who} sees and hears the other side`,
    (now) => now.frames >= before.frames + 10 && isLoud(now));
}
