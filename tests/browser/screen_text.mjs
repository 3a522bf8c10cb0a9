/**
 * A screen that is a page of text, and how well it can be read where it is shown: a letter is there when the picture has the
 * edges that were drawn, so the picture is compared with the drawing itself.
 */
import { until } from './house.mjs';

/** From this likeness on small print is read without effort; below it letters run together. */
const READABLE_DB = 25;

/** A page of text, drawn the same at both ends, and unlike the page before it at every line. */
function drawText(canvas, page) {
  [canvas.width, canvas.height] = [1280, 720];
  const paint = canvas.getContext('2d');
  paint.fillStyle = '#fff';
  paint.fillRect(0, 0, 1280, 720);
  paint.fillStyle = '#111';
  paint.font = '20px sans-serif';
  for (let line = 0; line < 22; line += 1) {
    const text = `${line + 1}. विभाग की समीक्षा: लंबित ${37 * (line + 3 + page)}, निष्पादित ${91 * (line + 5 + page)} – file no. ${1000 + 17 * line + page}/2026`;
    paint.fillText(text, 40, 60 + 28 * line + 14 * (page % 2));
  }
}

/** From now on the page's screen is this page of text; where the wish for a screen comes from does not matter. */
export function showsText(page, number) {
  return page.evaluate((source, which) => {
    const canvas = document.createElement('canvas');
    new Function(`return ${source}`)()(canvas, which);
    clearInterval(window.screenBlinks);
    navigator.mediaDevices.getDisplayMedia = async () => {
      window.screenAskedAt = performance.timeOrigin + performance.now();
      const stream = canvas.captureStream(15);
      // A still canvas gives no frames: a point blinks beside the text.
      let isOn = false;
      window.screenBlinks = setInterval(() => {
        isOn = !isOn;
        const paint = canvas.getContext('2d');
        paint.fillStyle = isOn ? '#fff' : '#eee';
        paint.fillRect(1270, 710, 10, 10);
      }, 66);
      return stream;
    };
  }, drawText.toString(), number);
}

/**
 * From now on the page notes when it first shows this page of text so that it can be read. Of each shown frame four bands of
 * two lines are looked at, for a page that compares all day shows nothing.
 */
export function looksForText(page, number) {
  return page.evaluate((source, which, readable) => {
    const BANDS = [40, 210, 380, 550];
    const [WIDTH, HEIGHT] = [1260, 56];
    const canvasOf = (width, height) => {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [width, height];
      return [canvas, canvas.getContext('2d', { willReadFrequently: true })];
    };
    const [bands, paint] = canvasOf(WIDTH, HEIGHT * BANDS.length);
    const lumaOf = (picture, scale) => {
      BANDS.forEach((top, at) => paint.drawImage(picture, 0, top * scale, WIDTH * scale, HEIGHT * scale, 0, at * HEIGHT, WIDTH, HEIGHT));
      const { data } = paint.getImageData(0, 0, bands.width, bands.height);
      return Float32Array.from({ length: data.length / 4 }, (_, at) => 0.299 * data[4 * at] + 0.587 * data[4 * at + 1] + 0.114 * data[4 * at + 2]);
    };
    const [drawn] = canvasOf(1280, 720);
    new Function(`return ${source}`)()(drawn, which);
    const wanted = lumaOf(drawn, 1);
    const mine = { at: 0, db: 0 };
    window.textSeen = mine;
    const look = (video) => {
      if (window.textSeen !== mine) return;
      const squares = lumaOf(video, video.videoWidth / 1280).reduce((sum, one, at) => sum + (one - wanted[at]) ** 2, 0);
      const db = 10 * Math.log10(255 ** 2 / (squares / wanted.length));
      mine.db = Math.max(db, mine.db);
      if (db >= readable) mine.at = performance.timeOrigin + performance.now();
      else video.requestVideoFrameCallback(() => look(video));
    };
    const find = () => {
      const video = document.querySelector('[data-test="tile"][data-screen="true"] video');
      if (video === null) return;
      changes.disconnect();
      video.requestVideoFrameCallback(() => look(video));
    };
    const changes = new MutationObserver(find);
    changes.observe(document.querySelector('[data-test="stage"]'), { subtree: true, childList: true, attributeFilter: ['data-screen'] });
    find();
  }, drawText.toString(), number, READABLE_DB);
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
