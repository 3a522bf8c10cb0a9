/**
 * Camera and microphone: opened and stopped here and nowhere else, with each failure as a word.
 *
 * Opening is local: nothing leaves the machine until a track is attached to the line.
 */

/** @typedef {import('./peer.js').Kind} Kind */
/** @typedef {'denied' | 'missing' | 'busy' | 'unsupported' | 'insecure' | 'failed'} Trouble */
/** @typedef {{ audio: string, video: string, speaker: string }} Choice ids of devices, empty for the browser's own */

const FRAMES = { frameRate: { ideal: 30, max: 30 } };
const SMALL_CAMERA = { width: { ideal: 640 }, height: { ideal: 360 }, ...FRAMES };
const MIDDLE_CAMERA = { width: { ideal: 960 }, height: { ideal: 540 }, ...FRAMES };
const LARGE_CAMERA = { width: { ideal: 1280 }, height: { ideal: 720 }, ...FRAMES };
/** Three layers of a large picture and six others to decode want at least so many processors. */
const PROCESSORS_MIN = 4;
/** The shorter side of the screen, in CSS pixels, below which the machine is a telephone. */
const SCREEN_MIN = 600;
/** A page of a paper: all the lines that there are, few pictures, from the camera on the back if there is one. */
const PAPER_CAMERA = {
  facingMode: { ideal: 'environment' },
  width: { ideal: 1920 },
  height: { ideal: 1080 },
  frameRate: { ideal: 10, max: 15 },
};
const MICROPHONE = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
/** The microphone as it is: an empty room is not made silent. */
export const PLAIN_MICROPHONE = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
const CHOICE_KEY = 'devices';

export class Devices {
  /** @type {Record<Kind, MediaStreamTrack | null>} */
  #tracks = { audio: null, video: null };
  /** @type {Record<Kind, Trouble | null>} */
  #troubles = { audio: null, video: null };
  #choice = storedChoice();
  /** @type {'face' | 'paper'} */
  #side = 'face';
  /** Opening is not interrupted half-way: a stop during it takes effect at its end. */
  #generation = 0;
  /** @type {number | null} */
  #refusedAfterMs = null;
  #microphone;

  /** @param {MediaTrackConstraints} [microphone] how the microphone is opened */
  constructor(microphone = MICROPHONE) {
    this.#microphone = microphone;
  }

  /** Why this browser cannot hold a video meeting at all, or null. @returns {Trouble | null} */
  static obstacle() {
    if (!window.isSecureContext) return 'insecure';
    return 'RTCPeerConnection' in window ? null : 'unsupported';
  }

  /** @param {Kind} kind the open track, or null */
  track(kind) {
    return this.#tracks[kind];
  }

  /** How long the longest question of the last opening took until it was refused; null when none was. */
  get refusedAfterMs() {
    return this.#refusedAfterMs;
  }

  /** @param {Kind} kind why it could not be opened the last time, or null */
  trouble(kind) {
    return this.#troubles[kind];
  }

  /** Whether the camera that is open, or would be opened, is the one for a paper. */
  get isPaper() {
    return this.#side === 'paper';
  }

  /**
   * Opens the camera for a face or for a paper; the present one is stopped first, for some phones can open only one camera
   * at a time. A telephone without the other camera keeps the one it has.
   *
   * @param {'face' | 'paper'} side
   */
  async turn(side) {
    this.#side = side;
    this.stop('video');
    const track = await this.open('video');
    if (track !== null) track.contentHint = side === 'paper' ? 'detail' : '';
    else this.#side = 'face';
    return track;
  }

  get choice() {
    return { ...this.#choice };
  }

  /**
   * Opens microphone and camera together (one question of the browser), or the one that works.
   * Never throws: `track` and `trouble` tell what came of it.
   */
  async openBoth() {
    // A camera that stood ready is used as it stands.
    if (this.#tracks.video?.readyState === 'live') {
      if (this.#tracks.audio?.readyState !== 'live') await this.open('audio');
      return;
    }
    const generation = this.#generation;
    this.#refusedAfterMs = null;
    const stream = await this.#ask({ audio: this.#wish('audio'), video: this.#wish('video') }).catch(() => null);
    if (stream === null) {
      // One of the two is missing, denied or busy: ask for each alone, to know which.
      await this.#openOne('audio');
      await this.#openOne('video');
      return;
    }
    this.#keep('audio', stream.getAudioTracks()[0] ?? null, generation);
    this.#keep('video', stream.getVideoTracks()[0] ?? null, generation);
  }

  /**
   * Opens one device. Never throws.
   *
   * @param {Kind} kind
   * @returns {Promise<MediaStreamTrack | null>}
   */
  async open(kind) {
    this.#refusedAfterMs = null;
    return this.#openOne(kind);
  }

  /** @param {Kind} kind */
  async #openOne(kind) {
    const generation = this.#generation;
    try {
      const stream = await this.#ask({ [kind]: this.#wish(kind) });
      this.#keep(kind, stream.getTracks()[0] ?? null, generation);
    } catch (error) {
      this.#troubles[kind] = troubleOf(error);
    }
    return this.#tracks[kind];
  }

  /**
   * Takes another device from now on; the present one is stopped first, for some phones can open
   * only one camera at a time.
   *
   * @param {Kind} kind
   * @param {string} id
   */
  async choose(kind, id) {
    this.#choice[kind] = id;
    storeChoice(this.#choice);
    this.stop(kind);
    return this.open(kind);
  }

  /** @param {string} id where sound comes out, if the browser can choose */
  chooseSpeaker(id) {
    this.#choice.speaker = id;
    storeChoice(this.#choice);
  }

  /** @param {Kind} kind stops its device: the camera's light goes out */
  stop(kind) {
    this.#tracks[kind]?.stop();
    this.#tracks[kind] = null;
  }

  /** @param {Kind} kind its device went away while it was open */
  lose(kind) {
    this.stop(kind);
    this.#troubles[kind] = 'busy';
  }

  /** Stops everything, also what is being opened at this moment. */
  stopAll() {
    this.#generation += 1;
    this.#side = 'face';
    this.stop('audio');
    this.stop('video');
  }

  /** @returns {Promise<Record<'audioinput' | 'videoinput' | 'audiooutput', MediaDeviceInfo[]>>} */
  async list() {
    const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    /** @param {MediaDeviceKind} kind */
    const of = (kind) => all.filter((device) => device.kind === kind && device.deviceId !== '');
    return { audioinput: of('audioinput'), videoinput: of('videoinput'), audiooutput: of('audiooutput') };
  }

  /** @param {Kind} kind @returns {MediaTrackConstraints} */
  #wish(kind) {
    const id = this.#choice[kind];
    // A device that was unplugged since is no reason to fail: `ideal`, not `exact`.
    const device = id === '' ? {} : { deviceId: { ideal: id } };
    if (kind === 'audio') return { ...this.#microphone, ...device };
    return this.#side === 'paper' ? PAPER_CAMERA : { ...cameraOfThisMachine(), ...device };
  }

  /** @param {MediaStreamConstraints} wish */
  async #ask(wish) {
    const obstacle = Devices.obstacle();
    if (obstacle !== null) throw new Obstacle(obstacle);
    if (typeof navigator.mediaDevices?.getUserMedia !== 'function') throw new Obstacle('unsupported');
    const asked = performance.now();
    try {
      return await navigator.mediaDevices.getUserMedia(wish);
    } catch (error) {
      const took = performance.now() - asked;
      if (troubleOf(error) === 'denied') this.#refusedAfterMs = Math.max(this.#refusedAfterMs ?? 0, took);
      throw error;
    }
  }

  /**
   * @param {Kind} kind
   * @param {MediaStreamTrack | null} track
   * @param {number} generation
   */
  #keep(kind, track, generation) {
    if (generation !== this.#generation) {
      track?.stop();
      return;
    }
    this.stop(kind);
    this.#tracks[kind] = track;
    this.#troubles[kind] = track === null ? 'missing' : null;
  }
}

/** Telephones and those that save data capture a small picture, weak machines a middle one: it costs less to make and to send. */
function cameraOfThisMachine() {
  const { connection, hardwareConcurrency } = /** @type {Navigator & { connection?: { saveData?: boolean } }} */ (navigator);
  const isTelephone = matchMedia('(pointer: coarse)').matches || Math.min(screen.width, screen.height) < SCREEN_MIN;
  if (isTelephone || connection?.saveData === true) return SMALL_CAMERA;
  return (hardwareConcurrency ?? 1) < PROCESSORS_MIN ? MIDDLE_CAMERA : LARGE_CAMERA;
}

/** Something known before the browser was asked. */
class Obstacle extends Error {
  /** @param {Trouble} trouble */
  constructor(trouble) {
    super(trouble);
    this.trouble = trouble;
  }
}

/** @type {Record<string, Trouble>} names of `DOMException`s, see the Media Capture specification §10 */
const TROUBLES = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'missing',
  OverconstrainedError: 'missing',
  NotReadableError: 'busy',
  AbortError: 'busy',
};

/** @param {unknown} error @returns {Trouble} */
function troubleOf(error) {
  if (error instanceof Obstacle) return error.trouble;
  return error instanceof DOMException ? (TROUBLES[error.name] ?? 'failed') : 'failed';
}

/** @returns {Choice} */
function storedChoice() {
  const none = { audio: '', video: '', speaker: '' };
  try {
    return { ...none, ...JSON.parse(localStorage.getItem(CHOICE_KEY) ?? '{}') };
  } catch {
    return none; // storage is switched off or was tampered with: the browser's own devices will do
  }
}

/** @param {Choice} choice */
function storeChoice(choice) {
  try {
    localStorage.setItem(CHOICE_KEY, JSON.stringify(choice));
  } catch {
    // A private window without storage: the choice lasts as long as the page.
  }
}
