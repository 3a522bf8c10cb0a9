/**
 * What an idle seat sends and receives in a real browser, by kind, with all headers: counted by the firewall of the namespace.
 *
 *   tests/browser/run --program benches/idle_page.mjs [chamber_1|board]
 *
 * SECONDS (60) after the first SETTLES (15), in which the page is made ready and its pictures come to rest.
 */
import { execFileSync } from 'node:child_process';
import { chromium } from '../tests/browser/browsers.mjs';
import { openHouse, until } from '../tests/browser/house.mjs';
import { inState, staffsPage } from '../tests/browser/story.mjs';

const SECONDS = Number(process.env.SECONDS ?? 60);
const SETTLES = Number(process.env.SETTLES ?? 15);
const pause = (seconds) => new Promise((done) => { setTimeout(done, seconds * 1000); });
/** By the first byte of a datagram (RFC 7983), and the second of RTP. */
const KINDS = { checks: '@th,64,8 0-3', 'data channel': '@th,64,8 20-63', reports: '@th,64,8 128-191 @th,72,8 192-223', 'all of RTP': '@th,64,8 128-191' };

const house = await openHouse();
const browser = await chromium();
try {
  const page = await staffsPage(house, browser, process.argv[2] ?? 'chamber_1');
  await inState(page, 'idle');
  await until('the line is warm', () => page.evaluate(() => document.documentElement.dataset.line === 'up'));
  await pause(SETTLES);
  const rules = [['up', 'dport'], ['down', 'sport']].flatMap(([way, side]) => [
    ...Object.entries(KINDS).map(([kind, match]) => `udp ${side} { ${house.https}, ${house.media} } ${match} counter comment "${way}: ${kind}"`),
    `udp ${side} { ${house.https}, ${house.media} } counter comment "${way}: whole"`,
    `tcp ${side} ${house.https} counter comment "${way}: whole by TCP"`,
  ]);
  execFileSync('nft', ['-f', '-'], { input: `table inet idle {\n chain in {\n type filter hook input priority 10;\n ${rules.join('\n ')}\n }\n}\n` });
  await pause(SECONDS);
  const told = execFileSync('nft', ['list', 'table', 'inet', 'idle'], { encoding: 'utf8' });
  const sums = { up: 0, down: 0 };
  for (const [, packets, bytes, what] of told.matchAll(/packets (\d+) bytes (\d+) comment "(.*)"/g)) {
    const [way] = what.split(':');
    if (what.includes('whole')) sums[way] += Number(bytes);
    console.log(`${what.padEnd(24)} ${packets.padStart(4)} packets ${((Number(bytes) * 8) / SECONDS / 1e3).toFixed(2).padStart(6)} kb/s`);
  }
  const kbps = (bytes) => ((bytes * 8) / SECONDS / 1e3).toFixed(2);
  console.log(`up ${kbps(sums.up)}, down ${kbps(sums.down)}, both ways together ${kbps(sums.up + sums.down)} kb/s`);
} finally {
  await browser.close();
  await house.stop();
}
