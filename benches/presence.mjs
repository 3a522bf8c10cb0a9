/**
 * How soon a board of the hotline tells the truth of a seat: from what happens there to the tile that says so.
 *
 *   cargo build --release
 *   tests/browser/run --program benches/presence.mjs
 *
 * RUNS (10) times each transition. What happens is timed in the page where it happens (or here, when a page or a server is
 * killed), what is shown by an observer of the tile in the board's page; all on one clock. A line that is cut says nothing, so
 * that it is known only by its silence: it is printed apart.
 */
import { chromiumTrusts } from '../tests/browser/authority.mjs';
import { chromium } from '../tests/browser/browsers.mjs';
import { citizen, talk } from '../tests/browser/failures.mjs';
import { openHouse, until } from '../tests/browser/house.mjs';
import { block } from '../tests/browser/reach.mjs';
import { inState, press, staffsPage } from '../tests/browser/story.mjs';

const RUNS = Number(process.env.RUNS ?? 10);
const SEAT = 'sec-hlt';
const now = () => performance.timeOrigin + performance.now();

/** Notes every word of the tile, and every change of the page's own line and state. Must run before the page's scripts. */
const noting = (page) => page.evaluateOnNewDocument((post) => {
  window.noted = [];
  const last = new Map();
  const note = (what, value) => {
    if (value === undefined || last.get(what) === value) return;
    last.set(what, value);
    window.noted.push([what, value, performance.timeOrigin + performance.now()]);
  };
  addEventListener('click', () => window.noted.push(['tap', '', performance.timeOrigin + performance.now()]), true);
  new MutationObserver(() => {
    note('line', document.documentElement.dataset.line);
    note('state', document.documentElement.dataset.state);
    note('tile', document.querySelector(`[data-post="${post}"]`)?.dataset.presence);
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-presence', 'data-line', 'data-state'] });
}, SEAT);

const whenNoted = (page, [what, value], since) => until(`${what} ${value}`, () =>
  page.evaluate((args) => window.noted.find(([a, b, at]) => a === args.what && b === args.value && at >= args.since)?.[2], { what, value, since }));
const lastTap = (page) => page.evaluate(() => window.noted.findLast(([what]) => what === 'tap')[2]);

const all = new Map();
function keep(what, ms) {
  all.set(what, [...(all.get(what) ?? []), Math.max(0, ms)]);
}

const house = await openHouse();
const browser = await chromium();
let behind = null;
try {
  const board = await staffsPage(house, browser, 'board', noting);
  await inState(board, 'idle');
  const shows = (value, since) => whenNoted(board, ['tile', value], since);
  /** The head's chamber in another browser, so that a whole browser can be killed. */
  const session = async () => {
    behind = await chromium(chromiumTrusts(house), 'behind');
    house.sessions.delete('chamber_1');
    house.links.chamber_1 = `${house.linkOf(SEAT)}?next=/chamber`;
    return staffsPage(house, behind, 'chamber_1', noting);
  };
  for (let run = 0; run < RUNS; run += 1) {
    let since = now();
    let chamber = await session();
    keep('the chamber\'s line comes up', await shows('available', since) - await whenNoted(chamber, ['line', 'up'], since));
    for (const [part, value] of [['away', 'away'], ['available', 'available']]) {
      since = now();
      await press(chamber, part);
      keep('the head says «out», or «in»', await shows(value, since) - await lastTap(chamber));
    }
    since = now();
    await (await board.$(`[data-post="${SEAT}"]`)).click();
    await inState(chamber, 'incoming');
    keep('the seat is rung', await shows('in_call', since) - await lastTap(board));
    await press(chamber, 'accept');
    await inState(chamber, 'in-call');
    since = now();
    await press(chamber, 'end');
    keep('the call is over', await shows('available', since) - await lastTap(chamber));
    since = now();
    await chamber.goto('about:blank');
    keep('the page is left', await shows('offline', since) - since);
    chamber = await staffsPage(house, behind, 'chamber_1', noting);
    await shows('available', since);
    since = now();
    behind.process().kill('SIGKILL');
    keep('the browser is killed', await shows('offline', since) - since);
    chamber = await session();
    await shows('available', since);
    if (run < 3) {
      since = now();
      const rules = block(['ip saddr 0.0.0.0/0', 'ip daddr 0.0.0.0/0'], 'behind');
      keep('(the line is cut: known by its silence)', await shows('offline', since) - since);
      rules.lift();
      since = now();
      await shows('available', since);
    }
    since = now();
    await house.end('SIGKILL');
    keep('the server is killed: the board says so of itself', await whenNoted(board, ['line', 'down'], since) - since);
    await house.start();
    await whenNoted(board, ['line', 'up'], since);
    const up = await whenNoted(chamber, ['line', 'up'], since);
    await until('the tile is true again', () => board.$(`[data-post="${SEAT}"][data-presence="available"]`));
    const told = await board.evaluate((from) => window.noted.find(([a, b, at]) => a === 'tile' && b === 'available' && at >= from)?.[2] ?? 0, since);
    keep('the server is back: the chamber\'s line comes up', told - up);
    await behind.close();
    behind = null;
    await shows('offline', since);
  }
  for (let run = 0; run < RUNS; run += 1) {
    const who = await citizen(house, browser);
    const since = now();
    const officer = await talk(house, browser, who, noting);
    keep('the officer is in a citizen\'s meeting', await shows('in_meeting', since) - await whenNoted(officer, ['state', 'meeting'], since));
    const left = now();
    await officer.goto('about:blank');
    keep('he has left it', await shows('offline', left) - left);
    await officer.close();
    await who.page.close();
  }
} finally {
  for (const [what, values] of all) {
    const sorted = [...values].sort((a, b) => a - b);
    const ms = (share) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)].toFixed(0).padStart(6);
    console.log(`${what.padEnd(56)} median ${ms(0.5)}  worst ${ms(1)} ms  n ${sorted.length}`);
  }
  await behind?.close();
  await browser.close();
  await house.stop();
}
