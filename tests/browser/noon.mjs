/** The environment in which a program reads noon of a working day in India, whatever the hour is. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const INDIA_MS = 5.5 * 3_600_000;
const DAY_MS = 86_400_000;
/** The demo's holidays: month and day. */
const HOLIDAYS = ['01-26', '03-22', '04-14', '05-01', '08-15', '10-02', '12-25'];

/** How many milliseconds the next noon of a Monday to Friday in India is away. */
function untilNoon(now) {
  const india = new Date(now + INDIA_MS);
  const noon = Date.UTC(india.getUTCFullYear(), india.getUTCMonth(), india.getUTCDate(), 12);
  for (let day = 0; ; day += 1) {
    const at = noon + day * DAY_MS;
    const date = new Date(at);
    const isWorked = ![0, 6].includes(date.getUTCDay()) && !HOLIDAYS.includes(date.toISOString().slice(5, 10));
    if (at >= india.getTime() && isWorked) return at - india.getTime();
  }
}

/** @param {string} folder for what is compiled @returns {Record<string, string>} */
export function noonIn(folder) {
  const made = join(folder, 'noon.so');
  execFileSync('cc', ['-shared', '-fPIC', '-o', made, fileURLToPath(new URL('noon.c', import.meta.url)), '-ldl']);
  return { LD_PRELOAD: made, WALL_CLOCK_LATER_S: String(Math.round(untilNoon(Date.now()) / 1_000)) };
}
