/**
 * Databases that are taken away under a running house and given back: PostgreSQL that is stopped, SQLite's file that another
 * process holds, and a disk that is really full. Used by the tests and by `benches/away.mjs`.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, closeSync, mkdtempSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { personsPage } from './browsers.mjs';
import { freePort, openHouse, until } from './house.mjs';
import { book, follow, inState, invitationFor, linkIn, meetingOf, openDoor, press, staffsPage } from './story.mjs';

/** Far more than the demo's directory takes, and soon full. */
const DISK_BYTES = 96 * 1024 * 1024;
/** Holds the whole file until its input ends: readers of SQLite's log go on, nobody else writes. */
const HOLD = `
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
held.execute('begin exclusive')
print('held', flush=True)
sys.stdin.read()
`;
const READ = `
import json, sqlite3, sys
rows = sqlite3.connect('file:' + sys.argv[1] + '?mode=ro', uri=True, timeout=30)
rows.row_factory = sqlite3.Row
print(json.dumps([dict(row) for row in rows.execute(sys.argv[2])]))
`;

const folderOf = (name) => mkdtempSync(join(tmpdir(), `sachivalaya-${name}-`));
const readSqlite = (file, sql) => JSON.parse(execFileSync('python3', ['-c', READ, file, sql], { encoding: 'utf8' }));

/** A PostgreSQL of this house alone. It never runs as root. */
async function openPostgres() {
  const versions = readdirSync('/usr/lib/postgresql').sort((a, b) => Number(a) - Number(b));
  const tools = `/usr/lib/postgresql/${versions.at(-1)}/bin`;
  const folder = folderOf('postgres');
  const data = join(folder, 'data');
  chmodSync(folder, 0o755);
  mkdirSync(data);
  execFileSync('chown', ['postgres', data]);
  const run = (tool, ...args) => execFileSync('runuser', ['-u', 'postgres', '--', `${tools}/${tool}`, ...args], { cwd: '/', encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  run('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8');
  const port = await freePort();
  let isUp = false;
  const start = () => {
    run('pg_ctl', '-D', data, '-w', '-l', join(data, 'log'), '-o', `-p ${port} -k ${data} -c listen_addresses=127.0.0.1`, 'start');
    isUp = true;
  };
  const stop = () => {
    if (isUp) run('pg_ctl', '-D', data, '-w', '-m', 'immediate', 'stop');
    isUp = false;
  };
  start();
  run('createdb', '-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', 'house');
  const address = `postgres://postgres@127.0.0.1:${port}/house`;
  return {
    address, start, stop,
    rows: (sql) => JSON.parse(run('psql', '-At', address, '-c', `select coalesce(json_agg(found), '[]') from (${sql}) as found`)),
    close: () => { stop(); rmSync(folder, { recursive: true, force: true }); },
  };
}

/** As much as goes onto the disk, to the last byte. */
function fill(file) {
  const into = openSync(file, 'a');
  for (let size = 1 << 20; size >= 1; size >>= 1) {
    try {
      for (;;) writeSync(into, Buffer.alloc(size));
    } catch (error) {
      if (error.code !== 'ENOSPC') throw error;
    }
  }
  closeSync(into);
}

/**
 * Each kind opens a house and gives with it: `begin()` takes the database away, `end()` gives it back, `rows(sql)` reads
 * what stands in it, `close()` ends everything.
 */
export const KINDS = {
  'PostgreSQL stopped': async () => {
    const postgres = await openPostgres();
    const house = await openHouse({ database: postgres.address });
    return {
      house, rows: postgres.rows, begin: postgres.stop, end: postgres.start,
      close: async () => { await house.stop(); postgres.close(); },
    };
  },
  'SQLite locked': async () => {
    const house = await openHouse();
    const file = join(house.folder, 'demo.sqlite');
    let holder;
    return {
      house,
      rows: (sql) => readSqlite(file, sql),
      begin: async () => {
        holder = spawn('python3', ['-c', HOLD, file], { stdio: ['pipe', 'pipe', 'inherit'] });
        await new Promise((done) => holder.stdout.once('data', done));
      },
      end: () => new Promise((done) => holder.once('exit', done).stdin.end()),
      close: () => house.stop(),
    };
  },
  'disk full': async () => {
    const folder = folderOf('disk');
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', folder]);
    const house = await openHouse({ folder });
    const filler = join(folder, 'filler');
    return {
      house,
      rows: (sql) => readSqlite(join(folder, 'demo.sqlite'), sql),
      begin: () => fill(filler),
      end: () => rmSync(filler),
      close: async () => {
        await house.stop();
        execFileSync('umount', [folder]);
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
};

/** The audit chain hashed again from its first line: how many lines there are; fails at the first that does not follow. */
export function walkChain(rows) {
  const lines = rows('select seq, at_ms, actor, act, object, detail, hash from audit order by seq');
  let before = '';
  for (const [place, line] of lines.entries()) {
    const hash = createHash('sha256');
    for (const field of [before, line.seq, line.at_ms, line.actor, line.act, line.object, line.detail]) {
      const bytes = Buffer.from(String(field));
      const length = Buffer.alloc(8);
      length.writeBigUInt64BE(BigInt(bytes.length));
      hash.update(length).update(bytes);
    }
    if (Number(line.seq) !== place + 1 || hash.digest('hex') !== line.hash) throw new Error(`line ${place + 1} of the audit chain does not follow`);
    before = line.hash;
  }
  return lines;
}

/** An officer inside, and a citizen who waits in the lobby. */
export async function openLobby(house, browser, { name, mobile, mail }, prepare = async () => {}) {
  const booking = await personsPage(browser, { name: 'booking', script: false });
  await book(house, booking, { query: 'swasthya', post: /सचिव/, name, mobile, mail, subject: 'ration card' });
  await booking.browserContext().close();
  const door = linkIn((await invitationFor(house, mail)).mail, '/j/');
  const officer = await staffsPage(house, browser, 'officer_health', prepare);
  const path = await meetingOf(officer, name);
  await follow(officer, `main a[href="${path}"]`);
  await inState(officer, 'preview');
  await press(officer, 'join');
  await inState(officer, 'meeting');
  const citizen = await personsPage(browser, { name: 'citizen' });
  await prepare(citizen);
  await openDoor(citizen, door, mobile);
  await inState(citizen, 'preview');
  await press(citizen, 'join');
  await inState(citizen, 'waiting');
  return { officer, citizen, door, meeting: path.split('/').pop() };
}

/** Loads the page again and joins. */
export async function comesAgain(page) {
  await page.reload();
  await inState(page, 'preview');
  await press(page, 'join');
  await inState(page, 'meeting');
}

/** How many lines of the audit chain stand, in their places or waiting for them. */
export const linesNow = (rows) => Number(rows('select (select count(*) from audit) + (select count(*) from audit_open) as lines')[0].lines);

/**
 * What stands of a meeting once everything is written: fails when a line stands twice, a span of attendance has no line of
 * its own, or the chain is broken.
 *
 * @param {(lines: { act: string, detail: string }[]) => boolean} isAll  whether everything that happened stands
 */
export async function writtenOnce(rows, meeting, isAll) {
  const lines = await until('what happened is written', () => {
    if (Number(rows('select count(*) as open from audit_open')[0].open) > 0) return false;
    const found = rows(`select seq, at_ms, actor, act, detail from audit where object = '${meeting}' order by seq`);
    return isAll(found) && found;
  });
  const words = lines.map((line) => `${line.at_ms} ${line.actor} ${line.act} ${line.detail}`);
  const doubled = words.filter((one, place) => words.indexOf(one) !== place);
  if (doubled.length > 0) throw new Error(`these stand twice: ${doubled.join(' · ')}`);
  const spans = rows(`select participant, joined_at_ms, left_at_ms from attendance where meeting_id = '${meeting}' order by joined_at_ms`);
  const came = lines.filter((line) => line.act === 'meeting.come_in');
  const of = (span) => came.filter((line) => line.detail === span.participant && Number(line.at_ms) === Number(span.joined_at_ms));
  if (spans.length !== came.length || !spans.every((span) => of(span).length === 1)) {
    throw new Error(`attendance and lines differ: ${JSON.stringify({ spans, came })}`);
  }
  return { lines: lines.length, spans: spans.length, chain: walkChain(rows).length };
}
