/**
 * Consent at the server, over many calls: does anything of a chamber, whose client sends all the time, reach anybody before
 * its own seat has agreed? Light clients (`load consent`) ring, forge and replay; the house is the demo's.
 *
 *   cargo build --release -p load
 *   tests/browser/run --program benches/consent.mjs
 *
 * CALLS (10,000) in all, over the PAIRS (38) of seats, of which STANDING (8) chambers let their callers in by themselves; at
 * noon of a working day, whatever the hour is, for at night no chamber does.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { openHouse } from '../tests/browser/house.mjs';
import { letIn, POSTS, sessionsOf } from './seats.mjs';

const CALLS = process.env.CALLS ?? '10000';
const STANDING = process.env.STANDING ?? '8';
const PAIRS = Number(process.env.PAIRS ?? 38);
const LOAD = process.env.SACHIVALAYA_LOAD ?? fileURLToPath(new URL('../target/release/load', import.meta.url));

const house = await openHouse({ isNoon: true });
try {
  const lines = await sessionsOf(house, POSTS.slice(0, 2 * PAIRS));
  for (let pair = 0; pair < Number(STANDING); pair += 1) await letIn(house, lines[2 * pair + 1], POSTS[2 * pair]);
  const load = spawn(LOAD, ['consent', '--server', `127.0.0.1:${house.http}`, '--calls', CALLS, '--standing', STANDING], { stdio: ['pipe', 'inherit', 'inherit'] });
  load.stdin.write(`${lines.join('\n')}\n\n`);
  process.exitCode = await new Promise((done) => load.once('exit', done));
} finally {
  await house.stop();
}
