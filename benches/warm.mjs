/**
 * What warm seats cost: all seats of the demo idle, or all of them in one call (`load warm`, real ICE, DTLS, SRTP, signaling).
 *
 *   cargo build --release
 *   tests/browser/run --program benches/warm.mjs idle|review
 *
 * SEATS (100: heads of departments, divisions and districts, the centre, and telephones of some), SECONDS (60), RUNS (3).
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { openHouse } from '../tests/browser/house.mjs';
import { POSTS, sessionsOf } from './seats.mjs';

const scene = process.argv[2] ?? 'idle';
const SEATS = Number(process.env.SEATS ?? 100);
const RUNS = Number(process.env.RUNS ?? 3);
const LOAD = process.env.SACHIVALAYA_LOAD ?? fileURLToPath(new URL('../target/release/load', import.meta.url));

for (let run = 0; run < RUNS; run += 1) {
  const house = await openHouse();
  try {
    const chambers = await sessionsOf(house, POSTS.slice(0, SEATS));
    // A seat has a telephone beside its chamber: the same session, another device.
    const beside = scene === 'review' ? 0 : SEATS - chambers.length;
    const telephones = chambers.slice(0, beside).map((line) => line.replace('chamber', 'phone'));
    const load = spawn(LOAD, [
      'warm', '--server', `127.0.0.1:${house.http}`, '--pid', String(house.server.pid), '--scene', scene, '--seconds', process.env.SECONDS ?? '60',
    ], { stdio: ['pipe', 'inherit', 'inherit'] });
    load.stdin.write(`${[...chambers.reverse(), ...telephones].join('\n')}\n\n`);
    process.exitCode = await new Promise((done) => load.once('exit', done));
  } finally {
    await house.stop();
  }
}
