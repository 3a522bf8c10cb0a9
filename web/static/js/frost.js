/**
 * A frosted picture of the own camera: somebody can be seen to be there, and no face or paper can be made out.
 *
 * Each picture is first drawn into a few coarse points and enlarged again, before the encoder has seen it: what is sharp never
 * leaves the page.
 */

/** So many points are left of a picture, whatever its shape: a head in the middle of a room is two or three of them wide. */
const POINTS = { width: 24, height: 14 };
/** What is sent. */
const SIZE = { width: 640, height: 360 };
const FRAMES_PER_SECOND = 12;
/** Whoever is let in asks for a whole picture as soon as the way is open: for so long pictures come as fast as cameras make them. */
const FIRST_MS = 1_500;
const FIRST_PER_SECOND = 30;

export class Frost {
  #video = document.createElement('video');
  #coarse = canvasOf(POINTS);
  #sent = canvasOf(SIZE);
  #timer = 0;
  #slower = 0;
  /** @type {MediaStreamTrack | null} */
  #track = null;

  /** Whether this browser can make one at all. */
  static get isThere() {
    return typeof HTMLCanvasElement.prototype.captureStream === 'function';
  }

  /**
   * @param {MediaStreamTrack} camera
   * @returns {Promise<MediaStreamTrack | null>} the frosted track, with its first picture in it; nothing if none came
   */
  async start(camera) {
    if (this.#video.srcObject === null && !(await this.look(camera))) return null;
    if (!this.#draw()) return null;
    const [track] = this.#sent.canvas.captureStream().getVideoTracks();
    this.#track = track ?? null;
    this.#timer = setInterval(() => this.#draw(), 1_000 / FIRST_PER_SECOND);
    this.#slower = setTimeout(() => {
      clearInterval(this.#timer);
      this.#timer = setInterval(() => this.#draw(), 1_000 / FRAMES_PER_SECOND);
    }, FIRST_MS);
    return this.#track;
  }

  /**
   * Looks at the camera; nothing of it goes anywhere.
   *
   * @param {MediaStreamTrack} camera
   * @returns {Promise<boolean>} whether there is a picture
   */
  async look(camera) {
    this.#video.muted = true;
    this.#video.playsInline = true;
    this.#video.srcObject = new MediaStream([camera]);
    return this.#video.play().then(() => true, () => false);
  }

  stop() {
    clearTimeout(this.#slower);
    clearInterval(this.#timer);
    this.#track?.stop();
    this.#track = null;
    this.#video.srcObject = null;
  }

  /** @returns {boolean} whether there was a picture to draw */
  #draw() {
    if (this.#video.videoWidth === 0) return false;
    this.#coarse.drawImage(this.#video, 0, 0, POINTS.width, POINTS.height);
    this.#sent.drawImage(this.#coarse.canvas, 0, 0, SIZE.width, SIZE.height);
    return true;
  }
}

/** @param {{ width: number, height: number }} size */
function canvasOf(size) {
  const canvas = Object.assign(document.createElement('canvas'), size);
  const context = canvas.getContext('2d', { alpha: false });
  if (context === null) throw new TypeError('this browser draws nothing');
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = 'high';
  return context;
}
