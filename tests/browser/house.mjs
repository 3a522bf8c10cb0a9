/**
 * The real server in demo form with a real mail sink, started for one test file and stopped with it.
 * Never a stand-in: the binary, SQLite, SMTP and the media plane are the ones that a state runs.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { layCertificate } from './authority.mjs';
import { noonIn } from './noon.mjs';
import { PATIENCE_MS } from './browsers.mjs';
import { Proxy } from './impair.mjs';
import { slowTcp } from './slow_tcp.mjs';

const ADDRESS = process.env.SACHIVALAYA_ADDRESS ?? '';
const HOST = process.env.SACHIVALAYA_HOST ?? '';
const BINARY = process.env.SACHIVALAYA_BINARY ?? '';
/** What a server is given: its settings may stand in variables of that beginning, and ours are none. */
const ENVIRONMENT = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SACHIVALAYA_')));

/** Waits until `look` gives something other than undefined, null or false. */
export async function until(what, look, patience = PATIENCE_MS) {
  const end = Date.now() + patience;
  let last;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined && found !== null && found !== false) return found;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`${what}: not within ${patience} ms${last ? `; last error ${last}` : ''}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** The sink: takes every mail, parses it, keeps it. */
async function openSink() {
  const mails = [];
  const sink = new SMTPServer({
    authOptional: true,
    hideSTARTTLS: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, session, done) {
      simpleParser(stream).then((mail) => {
        mails.push(Object.assign(mail, { recipients: session.envelope.rcptTo.map((to) => to.address) }));
        done();
      }, done);
    },
  });
  await new Promise((done, fail) => sink.on('error', fail).listen(0, '127.0.0.1', done));
  return {
    port: sink.server.address().port,
    mails,
    /** The first mail to `address` that `fits`, waited for. */
    mail: (address, fits = () => true) =>
      until(`a mail to ${address}`, () => mails.find((mail) => mail.recipients.includes(address) && fits(mail))),
    close: () => new Promise((done) => sink.close(done)),
  };
}

/** Numbers below those that the system gives to outgoing connections (32768 and up), so that none of them stands on one. */
const PORTS = { first: 20_000, count: 12_000 };
/** The number that is tried next; each program begins elsewhere. */
let nextPort = process.pid * 37;

/** Resolves whether `opened` comes to listen; it is closed again. */
const listens = (opened, event, listen) => new Promise((done) => {
  opened.once('error', () => done(false));
  opened.once(event, () => opened.close(() => done(true)));
  listen();
});

/** A port that nobody uses on any address, neither by TCP nor by UDP: the server serves media on one number by both. */
export async function freePort() {
  for (let tries = 0; tries < PORTS.count; tries += 1) {
    const port = PORTS.first + (nextPort++ % PORTS.count);
    const [tcp, udp] = [createServer(), createSocket('udp4')];
    if (await listens(tcp, 'listening', () => tcp.listen(port, '0.0.0.0')) && await listens(udp, 'listening', () => udp.bind(port, '0.0.0.0'))) return port;
  }
  throw new Error('no port is free');
}

/** The settings of an installation with the demo directory in it; its door stands open as the demo's. */
function laySettings(house, { sink, reach, database }) {
  const file = join(house.folder, 'settings.toml');
  writeFileSync(file, [
    `public_url = "${house.base}"`, `database = "${database ?? `sqlite:${join(house.folder, 'demo.sqlite')}`}"`, `data = "${house.folder}"`, `http = "127.0.0.1:${house.http}"`,
    `https = "0.0.0.0:${house.https}"`, 'door_opens_minutes = 21600',
    '[media]', `bind = "0.0.0.0:${house.media}"`, `advertise = ["${reach}"]`,
    '[mail]', `server = "smtp://127.0.0.1:${sink.port}"`, 'sender = "no-reply@example.in"',
  ].join('\n'));
  return file;
}

/** A fresh sign-in link, as an operator prints it. */
function printLink(settings, login, env) {
  return execFileSync(BINARY, ['user', '--config', settings, 'link', login, login], { encoding: 'utf8', env }).trim();
}

/**
 * @param {{ isImpaired?: boolean, tcpDelayMs?: number, folder?: string, database?: string, recordings?: boolean, isNoon?: boolean }} [wish]
 *   `isImpaired`: media goes through a proxy that can make the line bad;
 *   `tcpDelayMs`: pages and sockets come later by so much each way, over a forwarder of their own;
 *   `folder`: an empty one for its data, which stays; `database`: the address of an empty one on a PostgreSQL server;
 *   `recordings`: meetings can be recorded, into `recordings` in its folder; `isNoon`: its clock begins at noon of a working day
 * @returns the running house: its links, its sink, its `proxy` and `stop()`
 */
export async function openHouse({ isImpaired = false, tcpDelayMs = 0, folder: given, database, recordings = false, isNoon = false } = {}) {
  if (!existsSync(BINARY)) throw new Error(`the server is not built (${BINARY}): ./test --only browser builds it`);
  const folder = given ?? mkdtempSync(join(tmpdir(), 'sachivalaya-house-'));
  const environment = isNoon ? { ...ENVIRONMENT, ...noonIn(folder) } : ENVIRONMENT;
  const sink = await openSink();
  const [http, https, media] = [await freePort(), await freePort(), await freePort()];
  const proxy = isImpaired ? await new Proxy({ address: ADDRESS, port: media }).open() : null;
  const reach = proxy === null ? ADDRESS : `${ADDRESS}:${proxy.port}`;
  const slow = tcpDelayMs > 0 ? await slowTcp({ address: ADDRESS, to: { host: '127.0.0.1', port: https }, delayMs: tcpDelayMs }) : null;
  const base = `https://${HOST}:${slow?.port ?? https}`;
  const authority = layCertificate(folder, { host: HOST, address: ADDRESS });
  const house = { links: {}, authority, sink, proxy, said: { out: '', err: '', ended: false }, http, https, media, folder, server: null, base };
  const demo = [
    'demo', '--data', folder, '--http', String(http), '--https', String(https), '--media-port', String(media),
    '--advertise', reach, '--public-url', base, '--print-links-json',
    ...(recordings ? ['--recordings', join(folder, 'recordings')] : []),
  ];
  const settings = laySettings(house, { sink, reach, database });
  if (database !== undefined) execFileSync(BINARY, ['import', '--config', settings], { env: environment });
  /** Starts the server: the first time, or again on what it has left behind. */
  house.start = async (...flags) => {
    const said = { out: '', err: '', ended: false };
    const server = spawn(BINARY, [...(database === undefined ? demo : ['serve', '--config', settings]), ...flags], { cwd: folder, env: { ...environment, ...(database === undefined ? { SACHIVALAYA_SMTP: `smtp://127.0.0.1:${sink.port}` } : {}) }, stdio: ['ignore', 'pipe', 'pipe'] });
    server.stdout.on('data', (piece) => { said.out += piece; });
    server.stderr.on('data', (piece) => {
      said.err += piece;
      if (process.env.LOUD) process.stderr.write(piece);
    });
    server.on('exit', () => { said.ended = true; });
    Object.assign(house, { server, said });
    const links = await until('the server serves', async () => {
      if (said.ended) return 'ended';
      if (database !== undefined) return (await fetch(`http://127.0.0.1:${http}/readyz`)).ok && { officer_health: `${printLink(settings, 'sec-hlt', environment)}?next=/desk` };
      const line = said.out.split('\n').find((one) => one.startsWith('{') && one.endsWith('}'));
      return line && JSON.parse(line);
    });
    if (links === 'ended') throw new Error(`the server ended at once: ${said.err.slice(-2000)}`);
    house.links = links;
  };
  /** A sign-in link of the demo's login, which is named like its post. */
  house.linkOf = (login) => printLink(settings, login, environment);
  /** Another server takes over from the one that runs; resolves when it serves. */
  house.succeed = () => house.start('--take-over');
  /** Ends the server by a signal, and waits until it has ended. */
  house.end = async (signal) => {
    const { server, said } = house;
    if (server === null || said.ended) return;
    const gone = new Promise((done) => server.once('exit', done));
    server.kill(signal);
    const hard = setTimeout(() => server.kill('SIGKILL'), 10_000);
    await gone;
    clearTimeout(hard);
  };
  house.stop = async () => {
    await house.end('SIGTERM');
    proxy?.close();
    slow?.close();
    await sink.close();
    if (given === undefined) rmSync(folder, { recursive: true, force: true });
  };
  try {
    await house.start();
    return house;
  } catch (error) {
    await house.stop();
    throw error;
  }
}
