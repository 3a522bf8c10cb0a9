/**
 * A certificate authority of one house of the tests, so that browsers trust its server where they ask nobody: a relay
 * inside TLS has no page on which somebody could go on all the same.
 */
import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const openssl = (...words) => execFileSync('openssl', words, { stdio: ['ignore', 'pipe', 'pipe'] });

/**
 * Makes an authority and lays a certificate of it where the demo keeps its own.
 *
 * @param {string} folder  in which the demo will run
 * @param {{ host: string, address: string }} server  its name, and its number
 * @returns {string} the authority's certificate
 */
export function layCertificate(folder, { host, address }) {
  const at = (name) => join(folder, 'certs', name);
  mkdirSync(join(folder, 'certs'), { recursive: true });
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...curve, '-keyout', at('authority.key'), '-out', at('authority.pem'), '-days', '30',
    '-subj', '/CN=authority of the tests', '-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign');
  openssl('req', ...curve, '-keyout', at('self-made.key'), '-out', at('request.pem'), '-subj', `/CN=${host}`);
  writeFileSync(at('names'), `subjectAltName=DNS:${host},IP:${address},IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth\n`);
  openssl('x509', '-req', '-in', at('request.pem'), '-CA', at('authority.pem'), '-CAkey', at('authority.key'), '-CAcreateserial',
    '-out', at('leaf.pem'), '-days', '30', '-extfile', at('names'));
  writeFileSync(at('self-made.pem'), readFileSync(at('leaf.pem')));
  return at('authority.pem');
}

/**
 * The flag with which Chromium trusts the server of a house.
 *
 * @param {{ folder: string }} house
 */
export function chromiumTrusts(house) {
  const { publicKey } = new X509Certificate(readFileSync(join(house.folder, 'certs', 'self-made.pem')));
  const key = publicKey.export({ type: 'spki', format: 'der' });
  return [`--ignore-certificate-errors-spki-list=${createHash('sha256').update(key).digest('base64')}`];
}

/**
 * A profile with which Firefox trusts the server of a house.
 *
 * @param {{ authority: string }} house
 */
export function firefoxTrusts(house) {
  const profile = mkdtempSync(join(tmpdir(), 'sachivalaya-firefox-'));
  const certutil = (...words) => execFileSync('certutil', [...words, '-d', `sql:${profile}`], { stdio: ['ignore', 'pipe', 'pipe'] });
  certutil('-N', '--empty-password');
  certutil('-A', '-n', 'authority of the tests', '-t', 'C,,', '-i', house.authority);
  return profile;
}
