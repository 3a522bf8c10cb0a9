/**
 * One connection to the media server, negotiated once and for ever.
 *
 * The offer holds everything that may ever flow: one sending microphone, one sending camera, a few
 * receiving slots and the `ping` channel. Later a track is attached to its sender and the server
 * fills slots; there is no second offer. Nothing is sent before `attach`.
 */

import { preferReceivedPictures, preferSentPictures, preferSound } from './codecs.js';
import { Emitter } from './emitter.js';
import { Layers, addCamera } from './layers.js';
import { LOOK_MS, Patience } from './patience.js';
import { Uplink } from './uplink.js';
import { speakThriftily } from './voice.js';

/** @typedef {'audio' | 'video'} Kind */
/** @typedef {{ mid: string, kind: Kind, track: MediaStreamTrack }} Slot a receiving line of the connection */
/** `voice`: so weak that the own camera rests and the voice has the line. @typedef {'good' | 'weak' | 'bad' | 'voice'} Quality */
/** @typedef {{ up: null, down: null, quality: Quality }} PeerEvents */
/**
 * Counters since the connection began, for people who look into faults and for tests.
 * @typedef {object} Summary
 * @property {number} roundTripMs
 * @property {{ mid: string, kind: string, packets: number, lost: number, frames: number, lines: number, energy: number }[]} received
 * @property {{ kind: string, rid: string, packets: number, frames: number, lines: number }[]} sent
 */

const AUDIO_SLOTS = 3;
const VIDEO_SLOTS = 6;
/** ICE mends a short break by itself; after this the connection is made anew. */
const DISCONNECTED_MS_MAX = 4_000;
const PING_MS_IDLE = 15_000;
const PING_MS_BUSY = 1_000;
const PINGS_KEPT = 8;
const WEAK_ROUND_TRIP_MS = 350;
const BAD_ROUND_TRIP_MS = 1_200;

/** @extends {Emitter<PeerEvents>} */
export class Peer extends Emitter {
  #connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  #microphone;
  #camera;
  #layers;
  #path;
  #patience = 0;
  #ears = new Patience();
  #uplink;
  #isNarrow = false;
  /** @type {Quality} what the path alone looks like */
  #quality = 'good';
  #listening = 0;
  /** @type {Promise<string> | null} */
  #offer = null;

  /** @param {Uplink} [uplink] what is known of the way out, from the connection before */
  constructor(uplink = new Uplink()) {
    super();
    this.#uplink = uplink;
    const connection = this.#connection;
    this.#microphone = connection.addTransceiver('audio', { direction: 'sendonly' });
    preferSound(this.#microphone);
    this.#camera = addCamera(connection);
    preferSentPictures(this.#camera);
    this.#layers = new Layers(this.#camera.sender);
    for (let n = 0; n < AUDIO_SLOTS; n += 1) preferSound(connection.addTransceiver('audio', { direction: 'recvonly' }));
    for (let n = 0; n < VIDEO_SLOTS; n += 1) preferReceivedPictures(connection.addTransceiver('video', { direction: 'recvonly' }));
    this.#path = new Path(connection.createDataChannel('ping'), (quality) => {
      this.#quality = quality;
      if (!this.#isNarrow) this.emit('quality', quality);
    });
    connection.addEventListener('connectionstatechange', () => this.#changed());
  }

  /**
   * The one offer, for `connect`; asked for twice it is the same. The server answers checks and sends none, so there is nothing to
   * gather first.
   *
   * @returns {Promise<string>} SDP
   */
  offer() {
    this.#offer ??= this.#connection
      .setLocalDescription()
      .then(() => this.#connection.localDescription?.sdp ?? '');
    return this.#offer;
  }

  /**
   * Takes the one answer.
   *
   * @param {string} sdp
   * @returns {Promise<Slot[]>} the receiving lines, in the order of the offer
   */
  async accept(sdp) {
    await this.#connection.setRemoteDescription({ type: 'answer', sdp });
    this.#layers.settle();
    return this.#connection
      .getTransceivers()
      .filter((line) => line !== this.#microphone && line !== this.#camera && line.mid !== null)
      .map((line) => ({
        mid: String(line.mid),
        kind: /** @type {Kind} */ (line.receiver.track.kind),
        track: line.receiver.track,
      }));
  }

  /**
   * Sends a track, or nothing with `null`, without negotiation. The only way out for media.
   *
   * @param {Kind} kind
   * @param {MediaStreamTrack | null} track
   */
  async attach(kind, track) {
    const { sender } = this.#microphone;
    if (kind === 'video') await this.#layers.attach(track);
    else if (sender.track !== track) await sender.replaceTrack(track);
  }

  /**
   * Prepares for a camera that may soon be attached. Nothing of it is sent.
   *
   * @param {MediaStreamTrack | null} track
   */
  expect(track) {
    return this.#layers.expect(track);
  }

  /**
   * Lets the layers rest that nobody receives.
   *
   * @param {string} mid
   * @param {readonly string[]} rids
   */
  want(mid, rids) {
    if (mid === this.#camera.mid) this.#layers.want(rids);
  }

  /** @param {'idle' | 'busy'} pace how closely the path is watched: an idle seat hardly sends */
  watch(pace) {
    this.#path.watch(pace === 'busy' ? PING_MS_BUSY : PING_MS_IDLE);
    clearInterval(this.#listening);
    if (pace === 'busy') this.#listening = setInterval(() => this.#listen(), LOOK_MS);
  }

  /** @returns {Promise<Summary>} */
  async summary() {
    const all = /** @type {any[]} */ ([...(await this.#connection.getStats()).values()]);
    return {
      roundTripMs: this.#path.roundTripMs,
      received: all
        .filter((entry) => entry.type === 'inbound-rtp')
        .map((entry) => ({
          mid: entry.mid ?? '',
          kind: entry.kind,
          packets: entry.packetsReceived ?? 0,
          lost: entry.packetsLost ?? 0,
          frames: entry.framesDecoded ?? 0,
          lines: entry.frameHeight ?? 0,
          energy: entry.totalAudioEnergy ?? 0,
        })),
      sent: all
        .filter((entry) => entry.type === 'outbound-rtp')
        .map((entry) => ({
          kind: entry.kind,
          rid: entry.rid ?? '',
          packets: entry.packetsSent ?? 0,
          frames: entry.framesEncoded ?? 0,
          lines: entry.frameHeight ?? 0,
        })),
    };
  }

  /** @returns {Promise<Iterable<any>>} the browser's own statistics */
  async statistics() {
    return (await this.#connection.getStats()).values();
  }

  close() {
    clearTimeout(this.#patience);
    clearInterval(this.#listening);
    this.#layers.close();
    this.#path.close();
    this.#connection.close();
  }

  /** Lets received sound wait as long as its loss is worth, and leaves a narrow way out to the voice. */
  async #listen() {
    const statistics = [...(await this.statistics())];
    this.#yield(this.#uplink.look(statistics));
    const wait = this.#ears.look(statistics);
    for (const receiver of this.#connection.getReceivers()) {
      const isOther = receiver.track.kind === 'audio' && 'jitterBufferTarget' in receiver && receiver.jitterBufferTarget !== wait;
      if (isOther) receiver.jitterBufferTarget = wait;
    }
  }

  /** @param {boolean} isNarrow whether the voice needs the way out for itself */
  #yield(isNarrow) {
    if (isNarrow === this.#isNarrow) return;
    this.#isNarrow = isNarrow;
    this.#layers.yield(isNarrow);
    this.emit('quality', isNarrow ? 'voice' : this.#quality);
    speakThriftily(this.#microphone.sender, isNarrow);
  }

  #changed() {
    clearTimeout(this.#patience);
    const state = this.#connection.connectionState;
    if (state === 'connected') this.emit('up', null);
    if (state === 'failed') this.emit('down', null);
    if (state === 'disconnected') this.#wait();
  }

  /**
   * A browser says `disconnected` when its checks are late. On a full line they are, while sound still comes: then the
   * line is kept, for a new one would begin with nothing. It says `failed` when the checks have ended.
   */
  async #wait() {
    const before = await this.#received();
    if (this.#connection.connectionState !== 'disconnected') return;
    clearTimeout(this.#patience);
    this.#patience = setTimeout(async () => {
      const isSilent = (await this.#received()) === before;
      if (this.#connection.connectionState !== 'disconnected') return;
      if (isSilent) this.emit('down', null);
      else this.#wait();
    }, DISCONNECTED_MS_MAX);
  }

  /** Packets that have come on all lines. */
  async #received() {
    const entries = [...(await this.statistics())].filter((entry) => entry.type === 'inbound-rtp');
    return entries.reduce((sum, entry) => sum + (entry.packetsReceived ?? 0), 0);
  }
}

/** The path to the server, measured by messages that it sends back. */
class Path {
  #channel;
  #told;
  #timer = 0;
  #n = 0;
  /** @type {Map<number, number>} when each unanswered message left */
  #sent = new Map();
  /** @type {number[]} */
  #roundTrips = [];
  /** @type {Quality | null} */
  #quality = null;

  /**
   * @param {RTCDataChannel} channel
   * @param {(quality: Quality) => void} told called when the quality changes
   */
  constructor(channel, told) {
    this.#channel = channel;
    this.#told = told;
    channel.addEventListener('open', () => this.#ping());
    channel.addEventListener('message', (event) => this.#echo(Number(event.data)));
    this.watch(PING_MS_IDLE);
  }

  /** The median of the latest round trips; 0 before the first. */
  get roundTripMs() {
    const sorted = [...this.#roundTrips].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? 0;
  }

  /** @param {number} intervalMs */
  watch(intervalMs) {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#ping(), intervalMs);
  }

  close() {
    clearInterval(this.#timer);
    this.#channel.close();
  }

  #ping() {
    if (this.#channel.readyState !== 'open') return;
    this.#n += 1;
    this.#sent.set(this.#n, performance.now());
    this.#channel.send(String(this.#n));
    this.#judge();
  }

  /** @param {number} n */
  #echo(n) {
    const left = this.#sent.get(n);
    if (left === undefined) return;
    this.#sent.delete(n);
    this.#roundTrips = [...this.#roundTrips, performance.now() - left].slice(-PINGS_KEPT);
    this.#judge();
  }

  #judge() {
    const oldest = Math.min(...this.#sent.values());
    const silence = this.#sent.size > 0 ? performance.now() - oldest : 0;
    const worst = Math.max(this.roundTripMs, silence);
    /** @type {Quality} */
    const quality = worst >= BAD_ROUND_TRIP_MS ? 'bad' : worst >= WEAK_ROUND_TRIP_MS ? 'weak' : 'good';
    if (quality === this.#quality) return;
    this.#quality = quality;
    this.#told(quality);
  }
}
