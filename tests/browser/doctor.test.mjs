/** `sachivalaya doctor` against the real server: every way open, then with UDP blocked by the network. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { openHouse } from './house.mjs';

let house;
before(async () => { house = await openHouse(); });
after(async () => { await house?.stop(); });

function doctor(language) {
  const ran = spawnSync(process.env.SACHIVALAYA_BINARY, ['doctor', '--url', house.base, '--insecure', '--lang', language], { encoding: 'utf8' });
  const marks = Object.fromEntries(ran.stdout.split('\n').filter((line) => /^[✓✗–] /.test(line)).map((line) => [line.slice(2).split(/ \(\d|: /)[0], line[0]]));
  return { ...ran, marks };
}

test('the doctor finds every way open and says that a meeting can be held', { timeout: 120_000 }, () => {
  const { status, marks, stdout } = doctor('en');
  const ways = ['Pages (HTTPS)', "The meeting's own line (WebSocket)", 'The first way (UDP)', 'The second way (ICE-TCP)',
    'Relay (TURN, UDP)', 'Relay (TURN, TCP)', 'Relay (TURN, TLS 443)'];
  for (const way of ways) assert.equal(marks[way], '✓', `${way}\n${stdout}`);
  assert.equal(marks.IPv6, '–');
  assert.equal(status, 0);
  assert.match(stdout, /A meeting can be held from here\.\n$/);
});

test('where the network blocks UDP the doctor says who opens it, and that a meeting can be held', { timeout: 180_000 }, () => {
  const rule = 'ip daddr != 127.0.0.0/8 meta l4proto udp drop';
  const table = `table inet blocked {\n chain out {\n type filter hook output priority 0;\n ${rule}\n }\n}\n`;
  execFileSync('nft', ['-f', '-'], { input: table });
  try {
    const { status, marks, stdout } = doctor('hi');
    assert.equal(marks['पहला रास्ता (UDP)'], '✗', stdout);
    for (const way of ['दूसरा रास्ता (ICE-TCP)', 'relay (TURN, TCP)', 'relay (TURN, TLS 443)']) assert.ok(stdout.includes(`✓ ${way}`), `${way}\n${stdout}`);
    assert.match(stdout, new RegExp(`UDP पोर्ट ${house.media}`));
    assert.equal(status, 0);
  } finally {
    execFileSync('nft', ['delete', 'table', 'inet', 'blocked']);
  }
});

test('a server that is not there is said to be so, and the end code tells programs', { timeout: 120_000 }, () => {
  const ran = spawnSync(process.env.SACHIVALAYA_BINARY, ['doctor', '--url', 'https://127.0.0.1:9', '--lang', 'en'], { encoding: 'utf8' });
  assert.equal(ran.status, 1);
  assert.match(ran.stdout, /No meeting can be held from here/);
});
