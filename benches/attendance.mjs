/**
 * Attendance beside the truth: light clients (`load attend`) go, shut their pages, lose lines, sockets and processes, have
 * bad lines and get other addresses, and note from when to when; then the server is killed and started again, and some go
 * for good. What the office reads of it afterwards is laid beside what they noted.
 *
 *   cargo build --release -p load
 *   tests/browser/run --program benches/attendance.mjs
 *
 * MEETINGS (24) run at once, SCENES (9) happen to the citizen of each; the officers are there all the time. SEED chooses them.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openHouse, until } from '../tests/browser/house.mjs';

const MEETINGS = Number(process.env.MEETINGS ?? 24);
const SCENES = Number(process.env.SCENES ?? 9);
const SEED = Number(process.env.SEED ?? 1);
const LOAD = process.env.SACHIVALAYA_LOAD ?? fileURLToPath(new URL('../target/release/load', import.meta.url));
const POST = 'sec-hlt';
/** A program waits so long for what must come; scenes together take a few minutes. */
const PATIENCE_MS = 600_000;
/** Each scene with the least and the most seconds, and what the record should call that time. */
const KINDS = {
  leave: { seconds: [2, 12], truth: 'outside', is: 'leaves by the button' },
  shut: { seconds: [2, 12], truth: 'outside', is: 'shuts the page' },
  cut: { seconds: [3, 40], truth: 'network', is: 'line cut' },
  cut_udp: { seconds: [3, 20], truth: 'network', is: 'UDP alone cut' },
  die: { seconds: [3, 12], truth: 'network', is: 'process killed' },
  lose_socket: { seconds: [3, 5], truth: 'present', is: 'socket alone lost' },
  bad_line: { seconds: [6, 12], truth: 'present', is: '30 % loss with jitter' },
  move: { seconds: [3, 5], truth: 'present', is: 'another address' },
};
const NAMES = ['Anil', 'Usha', 'Ram', 'Sita', 'Mohan', 'Gita', 'Hari', 'Lata', 'Vijay', 'Rekha', 'Suresh', 'Meena'];

/** A small random generator with a seed (mulberry32). */
function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
const chance = seeded(SEED);
const between = ([least, most]) => least + chance() * (most - least);

/** Asks the API; refusals are faults of this program. */
async function ask(house, [method, path], { token, body } = {}) {
  const headers = { ...(token ? { authorization: `Bearer ${token}` } : {}), ...(body ? { 'content-type': 'application/json' } : {}) };
  const answer = await fetch(`http://127.0.0.1:${house.http}${path}`, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}

/** The session of the officer, by his printed link. */
async function officerOf(house) {
  const link = new URL(house.links.officer_health);
  const answer = await fetch(`http://127.0.0.1:${house.http}${link.pathname}`, { method: 'POST', redirect: 'manual' });
  const cookie = answer.headers.getSetCookie().find((one) => one.startsWith('es='));
  if (cookie === undefined) throw new Error(`the officer is not signed in: ${answer.status}`);
  return cookie.slice('es='.length).split(';')[0];
}

/** A citizen books the next free time: session and meeting. */
async function books(house, officer, number) {
  const { days } = await ask(house, ['GET', `/api/v1/posts/${POST}/times`]);
  const [start] = days.flatMap((day) => day.starts);
  const held = await ask(house, ['POST', '/api/v1/holds'], { body: { post: POST, start } });
  const mail = `attendance${number}@example.org`;
  const details = { name: `${NAMES[number % NAMES.length]} Kumar`, mobile: `91000082${String(number).padStart(2, '0')}`, subject: 'ration card', mail, channel: 'video' };
  const at = `/api/v1/holds/${held.appointment}`;
  await ask(house, ['PUT', `${at}/details`], { token: held.token, body: details });
  const sent = await house.sink.mail(mail, (one) => /(?<!\d)\d{6}(?!\d)/.test(one.text ?? ''));
  await ask(house, ['POST', `${at}/confirm`], { token: held.token, body: { code: sent.text.match(/(?<!\d)\d{6}(?!\d)/)[0] } });
  const list = await ask(house, ['GET', `/api/v1/desk?post=${POST}`], { token: officer });
  const item = [...list.today, ...list.upcoming].find((one) => one.appointment === held.appointment);
  return { session: held.token, meeting: item.meeting };
}

/** The light clients: orders in, what happened out. */
function openPeople(house) {
  const load = spawn(LOAD, ['attend', '--server', `127.0.0.1:${house.http}`], { stdio: ['pipe', 'pipe', 'inherit'] });
  const people = new Map();
  let isWanted = true;
  load.on('exit', () => {
    if (isWanted) throw new Error('the light clients have ended');
  });
  createInterface({ input: load.stdout }).on('line', (line) => {
    const { name, ...said } = JSON.parse(line);
    const one = people.get(name);
    if (said.welcome !== undefined) one.welcomes.push(said.welcome);
    else if (said.idle) one.isIdle = true;
    else one.done.push(said);
  });
  const order = (name, wish) => load.stdin.write(`${JSON.stringify({ name, ...wish })}\n`);
  return {
    people,
    comes: (name, wish) => {
      people.set(name, { ...wish, name, welcomes: [], done: [], isIdle: false });
      order(name, { ...wish, steps: [] });
    },
    does: (name, steps) => {
      people.get(name).isIdle = false;
      order(name, { steps });
    },
    all: (what, rule) => until(what, () => [...people.values()].every(rule), PATIENCE_MS),
    close: () => {
      isWanted = false;
      load.stdin.end();
    },
  };
}

/** How long, within these two moments, each kind was written. */
function written(rows, [from, to]) {
  const ms = { present: 0, network: 0, house: 0 };
  for (const row of rows) ms[row.evidence] += Math.max(0, Math.min(to, row.to) - Math.max(from, row.from));
  return { ...ms, outside: Math.max(0, to - from) - ms.present - ms.network - ms.house };
}

/**
 * One case beside its rows. What is no presence counts against the case from the middle of the stay before it to the
 * middle of the one after it.
 */
function judged({ kind, truth, from, to, around }, rows) {
  const found = written(rows, around);
  const lost = truth === 'present' ? 0 : to - from;
  const others = ['network', 'house', 'outside'].filter((one) => one !== truth);
  const isRight = others.every((one) => found[one] <= 1_000) && (truth === 'present' || found[truth] > 0);
  return { kind, truth, isRight, error: found.present - (around[1] - around[0] - lost), lost, found };
}

const quantile = (all, share) => all[Math.min(all.length - 1, Math.floor(all.length * share))] ?? 0;

function tell(what, cases) {
  const errors = cases.map((one) => Math.abs(one.error)).sort((a, b) => a - b);
  const right = cases.filter((one) => one.isRight).length;
  const seconds = (ms) => (ms / 1000).toFixed(2);
  console.log(`${what}: ${cases.length} cases, told apart rightly ${right} (${((100 * right) / cases.length).toFixed(1)} %); error of seconds: median ${seconds(quantile(errors, 0.5))}, p99 ${seconds(quantile(errors, 0.99))}, worst ${seconds(errors.at(-1) ?? 0)}`);
}

/** Some scenes of one person, each between two stays. */
function script(number) {
  const kinds = Object.keys(KINDS);
  const steps = [{ do: 'stay', seconds: 6 }];
  for (let scene = 0; scene < SCENES; scene += 1) {
    const kind = kinds[(number * SCENES + scene) % kinds.length];
    steps.push({ do: kind, seconds: between(KINDS[kind].seconds) }, { do: 'stay', seconds: between([6, 9]) });
  }
  return steps;
}

const snake = (deed) => deed.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();

/** What somebody noted, as cases: each between the middles of the stays around it. */
function casesOf({ done }) {
  const middle = (stay) => (stay.from + stay.to) / 2;
  return done.flatMap((one, place) => {
    const kind = snake(one.do);
    const [before, after] = [done[place - 1], done[place + 1]];
    if (KINDS[kind] === undefined || before === undefined || after === undefined) return [];
    return [{ kind: KINDS[kind].is, truth: KINDS[kind].truth, from: one.from, to: one.to, around: [middle(before), middle(after)] }];
  });
}

async function rowsOf(house, officer, person) {
  const told = await ask(house, ['GET', `/api/v1/meetings/${person.meeting}/attendance`], { token: officer });
  const of = told.participants.find((one) => one.participant.startsWith(person.isOfficer ? 'officer:' : 'citizen:'));
  return of.measured.map((row) => ({ evidence: row.evidence, from: Date.parse(row.from), to: Date.parse(row.to) }));
}

/** @returns {Promise<object[]>} all cases, judged */
async function measure(house) {
  const officer = await officerOf(house);
  const load = openPeople(house);
  const citizens = [];
  for (let number = 0; number < MEETINGS; number += 1) {
    const { session, meeting } = await books(house, officer, number);
    load.comes(`officer ${number}`, { meeting, session: officer, isOfficer: true });
    load.comes(`citizen ${number}`, { meeting, session });
    citizens.push(`citizen ${number}`);
  }
  for (const [number, name] of citizens.entries()) load.does(name, script(number));
  const isThrough = (one) => one.isOfficer || one.isIdle;
  await load.all('the scenes are over', isThrough);

  // The server is killed and started again under all of them, while they talk.
  for (const name of load.people.keys()) load.does(name, [{ do: 'stay', seconds: 8 }]);
  await load.all('all have talked', (one) => one.isIdle);
  const killed = Date.now();
  await house.end('SIGKILL');
  await house.start();
  await load.all('all are back', (one) => one.welcomes.at(-1) > killed);
  for (const name of load.people.keys()) load.does(name, [{ do: 'stay', seconds: 8 }]);
  await load.all('all have talked again', (one) => one.isIdle);

  // Some go for good, the others stay to the end.
  const last = ['leave', 'shut', 'cut', 'die'];
  for (const [number, name] of citizens.entries()) load.does(name, [{ do: last[number % last.length], seconds: 3_600 }]);
  const gone = Date.now();
  for (const name of load.people.keys()) if (load.people.get(name).isOfficer) load.does(name, [{ do: 'stay', seconds: 25 }, { do: 'end', seconds: 1 }]);
  await load.all('the meetings have ended', (one) => !one.isOfficer || one.isIdle);
  await until('all is written', async () => {
    const all = await Promise.all([...load.people.values()].filter((one) => one.isOfficer).map((one) => ask(house, ['GET', `/api/v1/meetings/${one.meeting}/attendance`], { token: officer })));
    return all.every((one) => one.is_ended);
  });

  const cases = [];
  for (const one of load.people.values()) {
    const rows = await rowsOf(house, officer, one);
    if (process.env.ROWS) console.log(one.name, JSON.stringify({ done: one.done, welcomes: one.welcomes, rows }));
    const back = one.welcomes.find((at) => at > killed);
    const own = [...casesOf(one), { kind: 'server killed', truth: 'house', from: killed, to: back, around: [killed - 4_000, back + 4_000] }];
    if (!one.isOfficer) {
      const kind = last[citizens.indexOf(one.name) % last.length];
      own.push({ kind: `${KINDS[kind].is}, for good`, truth: KINDS[kind].truth, from: gone, to: gone + 20_000, around: [gone - 3_000, gone + 20_000] });
    }
    cases.push(...own.map((single) => ({ name: one.name, ...judged(single, rows) })));
    if (one.isOfficer) cases.push({ name: one.name, ...judged({ kind: 'there all the time', truth: 'present', from: 0, to: 0, around: [one.welcomes[0] + 1_000, killed - 6_000] }, rows) });
  }
  load.close();
  return cases;
}

const house = await openHouse();
try {
  const cases = await measure(house);
  for (const kind of new Set(cases.map((one) => one.kind))) tell(kind, cases.filter((one) => one.kind === kind));
  tell('network, leaving and presence', cases.filter((one) => one.truth !== 'house'));
  tell('all', cases);
  for (const one of cases.filter((single) => !single.isRight || Math.abs(single.error) > 1_000)) console.log(`  not so: ${JSON.stringify(one)}`);
} finally {
  await house.stop();
}
