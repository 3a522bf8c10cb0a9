/** One port for everything: a page's socket opens on the page's own connection, and works in both browsers. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chromium, firefox, personsPage } from './browsers.mjs';
import { openHouse } from './house.mjs';

let house;
before(async () => { house = await openHouse(); });
after(async () => { await house?.stop(); });

/** Opens the signaling socket as a page does; says with which protocol, and what the server says to a stranger. */
const openSocket = () => new Promise((done, fail) => {
  const socket = new WebSocket(`wss://${location.host}/signal`, 'sachivalaya.v1');
  socket.onopen = () => socket.send('{"type":"hello","version":1,"page":{"kind":"board"}}');
  socket.onmessage = (event) => done([socket.protocol, JSON.parse(event.data).type]);
  socket.onerror = () => fail(new Error('the socket does not open'));
});

for (const [name, launch] of [['Chromium', chromium], ['Firefox ESR', firefox]]) {
  test(`${name} opens the socket of a page that came by HTTP/2`, { timeout: 120_000 }, async () => {
    const browser = await launch();
    try {
      const page = await personsPage(browser, { name });
      const handshakes = [];
      if (name === 'Chromium') {
        const session = await page.createCDPSession();
        await session.send('Network.enable');
        session.on('Network.webSocketHandshakeResponseReceived', (event) => handshakes.push(event.response.status));
      }
      await page.goto(`${house.base}/`);
      const version = await page.evaluate(() => performance.getEntriesByType('navigation')[0].nextHopProtocol);
      assert.equal(version, 'h2');
      assert.deepEqual(await page.evaluate(openSocket), ['sachivalaya.v1', 'error']);
      // 200 to a CONNECT on the connection that is there (RFC 8441), not 101 on a connection of its own.
      if (name === 'Chromium') assert.deepEqual(handshakes, [200]);
    } finally {
      await browser.close();
    }
  });
}
