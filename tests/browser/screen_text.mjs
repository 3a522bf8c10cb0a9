/**
 * A screen that is a page of text, and how well it can be read where it is shown: a letter is there when the picture has the
 * edges that were drawn, so the picture is compared with the drawing itself.
 */
import { until } from './house.mjs';

/** From this likeness on small print is read without effort; below it letters run together. */
const READABLE_DB = 25;

/** The page of text, drawn the same at both ends. */
function drawText(canvas) {
  [canvas.width, canvas.height] = [1280, 720];
  const paint = canvas.getContext('2d');
  paint.fillStyle = '#fff';
  paint.fillRect(0, 0, 1280, 720);
  paint.fillStyle = '#111';
  paint.font = '20px sans-serif';
  for (let line = 0; line < 22; line += 1) {
    paint.fillText(`${line + 1}. विभाग की समीक्षा: लंबित ${37 * (line + 3)}, निष्पादित ${91 * (line + 5)} – file no. ${1000 + 17 * line}/2026`, 40, 60 + 28 * line);
  }
}

/** From now on the page's screen is the page of text; where the wish for a screen comes from does not matter. */
export function showsText(page) {
  return page.evaluate((source) => {
    const canvas = document.createElement('canvas');
    new Function(`return ${source}`)()(canvas);
    navigator.mediaDevices.getDisplayMedia = async () => {
      window.screenAskedAt = performance.timeOrigin + performance.now();
      const stream = canvas.captureStream(15);
      // A still canvas gives no frames: a point blinks beside the text.
      let isOn = false;
      setInterval(() => {
        isOn = !isOn;
        const paint = canvas.getContext('2d');
        paint.fillStyle = isOn ? '#fff' : '#eee';
        paint.fillRect(1270, 710, 10, 10);
      }, 66);
      return stream;
    };
  }, drawText.toString());
}

/**
 * From now on the page notes when it first shows the text so that it can be read. Each shown frame is looked at, a part of
 * its lines only, for a page that compares all day shows nothing.
 */
export function looksForText(page) {
  return page.evaluate((source, readable) => {
    const AREA = [0, 0, 1260, 700];
    const STEP = 7;
    const lumaOf = (canvas) => {
      const { data } = canvas.getContext('2d', { willReadFrequently: true }).getImageData(...AREA);
      const row = 4 * AREA[2];
      const luma = [];
      for (let at = 0; at < data.length; at += 4) {
        if (Math.floor(at / row) % STEP === 0) luma.push(0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2]);
      }
      return luma;
    };
    const drawn = document.createElement('canvas');
    new Function(`return ${source}`)()(drawn);
    const wanted = lumaOf(drawn);
    const seen = document.createElement('canvas');
    [seen.width, seen.height] = [1280, 720];
    window.textSeen = { at: 0, db: 0 };
    const look = (video) => {
      seen.getContext('2d', { willReadFrequently: true }).drawImage(video, 0, 0, 1280, 720);
      const squares = lumaOf(seen).reduce((sum, one, at) => sum + (one - wanted[at]) ** 2, 0);
      const db = 10 * Math.log10(255 ** 2 / (squares / wanted.length));
      window.textSeen.db = Math.max(db, window.textSeen.db);
      if (db >= readable) window.textSeen.at = performance.timeOrigin + performance.now();
      else video.requestVideoFrameCallback(() => look(video));
    };
    const watched = new Set();
    const find = () => {
      const video = document.querySelector('[data-test="tile"][data-screen="true"] video');
      if (video === null) return setTimeout(find, 20);
      if (!watched.has(video)) video.requestVideoFrameCallback(() => look(video));
      return watched.add(video);
    };
    find();
  }, drawText.toString(), READABLE_DB);
}

/**
 * Waits until the shown text can be read.
 *
 * @param {import('puppeteer-core').Page} from  who shows it
 * @returns {Promise<{ ms: number, db: number }>} since the screen was given by its page, and the likeness (PSNR of the luma, dB)
 */
export async function textSeen(page, from) {
  const seen = await until('the text can be read', () => page.evaluate(() => window.textSeen.at > 0 && window.textSeen));
  return { ms: seen.at - await from.evaluate(() => window.screenAskedAt), db: seen.db };
}
