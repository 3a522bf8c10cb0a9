/**
 * Giving a page of the paper that the camera shows: the picture is taken here, with all the lines of the camera, is looked at
 * by its owner, and goes to the office only when he says so.
 */

import { part } from './part.js';
import { word } from './words.js';

/** Small print stays sharp, and a page of 1080 lines takes half a megabyte. */
const QUALITY = 0.85;

/** A camera that was just switched over shows nothing for a moment; longer than this, and it has failed. */
const FIRST_PICTURE_MS_MAX = 5_000;

/**
 * @param {HTMLVideoElement} video
 * @returns {Promise<boolean>} whether it shows something, now or in a moment
 */
async function hasPicture(video) {
  if (video.videoWidth > 0) return true;
  await new Promise((done) => {
    video.addEventListener('resize', done, { once: true });
    setTimeout(done, FIRST_PICTURE_MS_MAX);
  });
  return video.videoWidth > 0;
}

/**
 * Takes a picture and asks whether the office may keep it.
 *
 * @param {HTMLElement} root the page of the meeting
 * @param {HTMLVideoElement} video the own picture
 * @param {(sentence: string) => void} say
 * @returns {Promise<boolean>} whether it was given
 */
export async function givePage(root, video, say) {
  const dialog = part(root, 'page-question', HTMLDialogElement);
  const canvas = part(dialog, 'page-picture', HTMLCanvasElement);
  if (!(await hasPicture(video))) {
    say(word('live-js-talk-page-failed'));
    return false;
  }
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  canvas.getContext('2d')?.drawImage(video, 0, 0);
  dialog.returnValue = '';
  dialog.showModal();
  await new Promise((done) => dialog.addEventListener('close', done, { once: true }));
  if (dialog.returnValue !== 'yes') return false;
  const bytes = await new Promise((/** @type {(blob: Blob | null) => void} */ done) => canvas.toBlob(done, 'image/jpeg', QUALITY));
  const answer = await fetch(`/meeting/${root.dataset.meeting}/pages`, { method: 'POST', body: bytes }).catch(() => null);
  say(word(answer?.ok === true ? 'live-js-talk-page-given' : 'live-js-talk-page-failed'));
  return answer?.ok === true;
}
