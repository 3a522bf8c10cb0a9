/**
 * One connection to the media server, negotiated once and for ever.
 *
 * The offer holds everything that may ever flow: one sending microphone, one sending camera, one sending
 * screen, a few receiving slots and the `ping` channel. Later a track is attached to its sender and the server
 * fills slots; there is no second negotiation. Nothing is sent before `attach`. When the path is lost, ICE
 * begins anew on the same connection: new names, and all else as it was.
 */

import { preferReceivedPictures, preferSentPictures, preferSound } from './codecs.js';
import { Emitter } from './emitter.js';
import { Layers, addCamera } from './layers.js';
import { Mending } from './mending.js';
import { Path, UNRELIABLE } from './path.js';
import { LOOK_MS, Patience } from './patience.js';
import { Relays } from './relays.js';
import { Rest } from './rest.js';
import { ScreenLine } from './screen_line.js';
import { Silence } from './silence.js';
import { Uplink } from './uplink.js';
import { speakThriftily } from './voice.js';

/** @typedef {'audio' | 'video'} Kind */
/** What is sent. @typedef {Kind | 'screen'} Part */
/** Seals what goes out and opens what comes, in a confidential meeting or a sealed call. @typedef {Pick<import('./sealing.js').Sealing, 'seal' | 'open'>} Seal */
/** @typedef {{ mid: string, kind: Kind, track: MediaStreamTrack }} Slot a receiving line of the connection */
/** @typedef {import('./path.js').Quality} Quality */
/** `restart`: ICE begins anew, by this name of ours. @typedef {{ up: null, down: null, quality: Quality, restart: string }} PeerEvents */
/**
 * Counters since the connection began, for people who look into faults and for tests.
 * @typedef {object} Summary
 * @property {number} roundTripMs
 * @property {{ mid: string, kind: string, packets: number, lost: number, frames: number, lines: number, energy: number }[]} received
 * @property {{ kind: string, rid: string, packets: number, frames: number, lines: number }[]} sent
 */

/** Receiving lines of a connection, of each kind. @typedef {{ sounds: number, pictures: number }} Lines */

/** @type {Lines} what a talk of a few needs, and a seat that stands warm */
export const FEW = { sounds: 3, pictures: 6 };
/** ICE mends a short break by itself; after this the connection is made anew. */
const DISCONNECTED_MS_MAX = 4_000;
/** An idle seat leaves it to the browser, which checks the path every few seconds anyway. */
const PING_MS_IDLE = 60_000;
const PING_MS_BUSY = 1_000;
/** A network that lets media through does so by then; after it the relays are asked. */
const DIRECT_MS_MAX = 400;
/** The same where UDP was not answered: what is left to be waited for is TCP. */
const DIRECT_MS_UNLIKELY = 150;
const CONNECTED = ['connected', 'completed'];
/** In Chromium no frame passes a line of such a connection that has no transform. */
const SEALED = { encodedInsertableStreams: true };

/** @extends {Emitter<PeerEvents>} */
export class Peer extends Emitter {
  #connection;
  #relays;
  #microphone;
  #camera;
  #screen;
  #layers;
  #path;
  #silence;
  #mending;
  #patience = 0;
  #relayTimer = 0;
  #ears = new Patience();
  #uplink;
  #isNarrow = false;
  /** @type {Quality} what the path alone looks like */
  #quality = 'good';
  #listening = 0;
  /** @type {Promise<string> | null} */
  #offer = null;
  /** The one answer, by the server's newest names; empty before it came. */
  #answer = '';
  #rest;
  /** Our present ICE name while the server has not answered it. */
  #name = '';

  /**
   * @param {Uplink} [uplink] what is known of the way out, from the connection before
   * @param {Relays} [relays]
   * @param {Seal | null} [seal] without it everything goes as it is
   * @param {Lines} [lines]
   */
  constructor(uplink = new Uplink(), relays = new Relays(undefined), seal = null, { sounds, pictures } = FEW) {
    super();
    this.#uplink = uplink;
    this.#relays = relays;
    const connection = new RTCPeerConnection({ ...settings(relays.areNeeded ? relays.known : []), ...(seal === null ? {} : SEALED) });
    this.#connection = connection;
    this.#microphone = connection.addTransceiver('audio', { direction: 'sendonly' });
    preferSound(this.#microphone);
    this.#camera = addCamera(connection);
    preferSentPictures(this.#camera);
    this.#layers = new Layers(this.#camera.sender);
    this.#screen = new ScreenLine(connection);
    for (let n = 0; n < sounds; n += 1) preferSound(connection.addTransceiver('audio', { direction: 'recvonly' }));
    // Of so many lines each names one codec, or the offer would not fit into a message.
    const prefer = pictures > FEW.pictures ? preferSentPictures : preferReceivedPictures;
    for (let n = 0; n < pictures; n += 1) prefer(connection.addTransceiver('video', { direction: 'recvonly' }));
    // In the same breath as the lines are made: Chromium takes no transform later, and lets frames pass until then.
    for (const { direction, sender, receiver } of seal === null ? [] : connection.getTransceivers()) {
      if (direction === 'sendonly') seal?.seal(sender);
      else seal?.open(receiver);
    }
    // Of a sealed connection nothing is changed: its transforms stand at the lines as they were made.
    this.#rest = new Rest(connection, () => this.#answer, seal === null);
    const told = (/** @type {Quality} */ quality) => {
      this.#quality = quality;
      if (!this.#isNarrow) this.emit('quality', quality);
    };
    this.#path = new Path(connection.createDataChannel('ping', UNRELIABLE), told, () => this.#mending.suspect());
    this.#path.watch(PING_MS_IDLE);
    this.#silence = new Silence(() => connection.getReceivers(), () => this.#mending.suspect());
    this.#mending = new Mending(this.#path, this.#silence, (isFirst) => {
      if (isFirst) this.#uplink.broke();
      this.#restart(isFirst);
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
    this.#answer = sdp;
    this.#layers.settle();
    this.#waitForDirect(this.#relays.areNeeded ? DIRECT_MS_UNLIKELY : DIRECT_MS_MAX);
    const slots = this.#connection
      .getTransceivers()
      .filter((line) => line.direction === 'recvonly' && line.mid !== null)
      .map((line) => ({
        mid: String(line.mid),
        kind: /** @type {Kind} */ (line.receiver.track.kind),
        track: line.receiver.track,
      }));
    this.#rest.settle();
    return slots;
  }

  /** It turns out that a direct way is not likely: the relays are asked sooner. */
  hurry() {
    if (this.#answer !== '') this.#waitForDirect(DIRECT_MS_UNLIKELY);
  }

  /** The device has another network: a new path is looked for at once, while the old one stays in use. */
  moved() {
    if (this.#answer !== '') this.#mending.lost();
  }

  /** The network may be another one: one message tells. */
  suspect() {
    this.#mending.suspect();
  }

  /** Our ICE name that the server has not answered yet; empty when there is none. */
  get name() {
    return this.#name;
  }

  /** How long an answer over the path is waited for. */
  get patienceMs() {
    return this.#path.patienceMs;
  }

  /**
   * The server's new name for the one that `restart` told.
   *
   * @param {string} name ours, which it answers
   * @param {{ ufrag: string, password: string }} theirs
   */
  async renamed(name, theirs) {
    if (name !== this.#name || this.#connection.signalingState !== 'have-local-offer') return;
    this.#name = '';
    this.#answer = withNames(this.#answer, theirs);
    await this.#rest.answered();
  }

  /** @param {boolean} isIdle nobody can be seen here for now; takes effect with the first answer at the earliest */
  idle(isIdle) {
    this.#rest.want(isIdle);
  }

  /**
   * Sends a track, or nothing with `null`, without negotiation. The only way out for media.
   *
   * @param {Part} part
   * @param {MediaStreamTrack | null} track
   */
  async attach(part, track) {
    const { sender } = this.#microphone;
    if (part === 'video') await this.#layers.attach(track);
    else if (part === 'screen') await this.#screen.attach(track);
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
    else if (mid === this.#screen.mid) this.#screen.want(rids);
  }

  /** @param {boolean} isAwaited somebody will look at the camera in a moment */
  await(isAwaited) {
    this.#layers.await(isAwaited);
  }

  /** @param {string} mid @returns {RTCRtpReceiver | null} what receives in that line */
  receiverOf(mid) {
    return this.#connection.getTransceivers().find((line) => line.mid === mid)?.receiver ?? null;
  }

  /** @param {'idle' | 'busy'} pace how closely the path is watched: an idle seat hardly sends */
  watch(pace) {
    this.#path.watch(pace === 'busy' ? PING_MS_BUSY : PING_MS_IDLE);
    clearInterval(this.#listening);
    if (pace === 'busy') {
      this.#listening = setInterval(() => this.#listen(), LOOK_MS);
      this.#silence.start();
    } else this.#silence.stop();
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
    clearTimeout(this.#relayTimer);
    clearInterval(this.#listening);
    this.#silence.stop();
    this.#mending.close();
    this.#layers.close();
    this.#path.close();
    this.#rest.close();
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
    if (state === 'connected') {
      this.emit('up', null);
      this.#remember();
    }
    // A path is looked for again; keys that are gone do not come back. Firefox loses them when a relay's path ends.
    const isKeyless = this.#microphone.sender.transport?.state === 'failed';
    if (state === 'failed' && (isKeyless || !this.#mending.failed())) this.#down();
    if (state === 'disconnected') {
      this.#mending.suspect();
      this.#wait();
    }
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
      if (isSilent) this.#down();
      else this.#wait();
    }, DISCONNECTED_MS_MAX);
  }

  /** This connection is lost; what was sent into it says nothing to the next. */
  #down() {
    this.#uplink.broke();
    this.emit('down', null);
  }

  /**
   * Begins ICE anew. A name that the server has not answered yet is told again: it may never have heard it.
   *
   * @param {boolean} isFirst a network that was lost twice may be one that lets nothing through
   */
  async #restart(isFirst) {
    const connection = this.#connection;
    if (!isFirst) await this.#useRelays();
    if (this.#answer === '' || connection.signalingState === 'closed') return;
    if (this.#name === '') {
      await this.#rest.restart();
      this.#name = nameIn(connection.localDescription?.sdp ?? '');
    }
    if (this.#name !== '') this.emit('restart', this.#name);
  }

  /** @param {number} ms */
  #waitForDirect(ms) {
    clearTimeout(this.#relayTimer);
    this.#relayTimer = setTimeout(() => this.#goRound(), ms);
  }

  /** No direct way was found: the relays are asked for one. */
  async #goRound() {
    if (CONNECTED.includes(this.#connection.iceConnectionState)) return;
    if (await this.#useRelays()) await this.#restart(true);
  }

  /** @returns {Promise<boolean>} whether there are relays that were not in use */
  async #useRelays() {
    const servers = await this.#relays.servers();
    const connection = this.#connection;
    if (servers.length === 0 || connection.signalingState === 'closed') return false;
    const inUse = connection.getConfiguration().iceServers?.[0];
    if (inUse?.username === servers[0]?.username && inUse?.username !== undefined) return false;
    connection.setConfiguration(settings(servers));
    // What is gathered from now on belongs to a new name.
    this.#name = '';
    return true;
  }

  /** The next connection begins with relays when this one came up through one. */
  async #remember() {
    if (this.#relays.known.length === 0) return;
    const all = new Map([...(await this.statistics())].map((entry) => [entry.id, entry]));
    const entries = [...all.values()];
    const chosen = entries.find((entry) => entry.type === 'transport')?.selectedCandidatePairId;
    const pair = all.get(chosen) ?? entries.find((entry) => entry.type === 'candidate-pair' && entry.selected === true);
    if (pair !== undefined) this.#relays.remember(all.get(pair.localCandidateId)?.candidateType === 'relay');
  }

  /** Packets that have come on all lines. */
  async #received() {
    const entries = [...(await this.statistics())].filter((entry) => entry.type === 'inbound-rtp');
    return entries.reduce((sum, entry) => sum + (entry.packetsReceived ?? 0), 0);
  }
}

/** @param {RTCIceServer[]} iceServers @returns {RTCConfiguration} */
function settings(iceServers) {
  return { bundlePolicy: 'max-bundle', iceServers };
}

/** @param {string} sdp */
function nameIn(sdp) {
  return /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1] ?? '';
}

/**
 * The same description under other names.
 *
 * @param {string} sdp
 * @param {{ ufrag: string, password: string }} names
 */
function withNames(sdp, { ufrag, password }) {
  return sdp.replace(/^a=ice-ufrag:.*$/gm, `a=ice-ufrag:${ufrag}`).replace(/^a=ice-pwd:.*$/gm, `a=ice-pwd:${password}`);
}
