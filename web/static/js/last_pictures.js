/**
 * The last picture of each person who was shown, for the moment in which a connection is made anew: a face that stands
 * still for a second is calmer than a hole. Nothing is kept longer than that moment.
 */

/** A new connection has its first picture by then, or the old one no longer tells anything. */
const KEPT_MS = 8_000;

export class LastPictures {
  /** @type {Map<string, HTMLCanvasElement>} by participant */
  #kept = new Map();
  #timer = 0;

  /**
   * @param {string} participant
   * @param {HTMLVideoElement} video that shows the person now
   */
  keep(participant, video) {
    const { videoWidth: width, videoHeight: height } = video;
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('2d');
    if (context === null || width === 0) return;
    canvas.width = width;
    canvas.height = height;
    context.drawImage(video, 0, 0);
    canvas.className = 'tile-video tile-last';
    this.#kept.set(participant, canvas);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#kept.clear(), KEPT_MS);
  }

  /**
   * Shows what is kept of a person over the video in which the person will be seen.
   *
   * @param {string} participant
   * @param {HTMLVideoElement} video
   */
  show(participant, video) {
    this.hide(video);
    const canvas = this.#kept.get(participant);
    if (canvas !== undefined) video.after(canvas);
  }

  /** @param {HTMLVideoElement} video has a picture of its own */
  hide(video) {
    if (video.nextElementSibling instanceof HTMLCanvasElement) video.nextElementSibling.remove();
  }
}
