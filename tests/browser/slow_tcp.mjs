/**
 * A TCP forwarder that takes as long as a real way does: each byte comes later by `delayMs`, and the first ones of a
 * connection later by a round trip more, which its opening would have taken.
 */
import { connect, createServer } from 'node:net';

/**
 * @param {{ address: string, to: { host: string, port: number }, delayMs: number }} wish  `address`: where it listens
 * @returns {Promise<{ port: number, close: () => void }>}
 */
export async function slowTcp({ address, to, delayMs }) {
  const sockets = new Set();
  const later = (from, into, openingMs) => {
    let opened = performance.now() + openingMs;
    from.on('data', (bytes) => {
      const due = Math.max(performance.now(), opened) + delayMs;
      opened = Math.max(opened, due - delayMs);
      setTimeout(() => into.writable && into.write(bytes), due - performance.now());
    });
    from.on('close', () => setTimeout(() => into.destroy(), delayMs));
    from.on('error', () => {});
  };
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ ...to, noDelay: true });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    }
    later(near, far, 2 * delayMs);
    later(far, near, 0);
  });
  await new Promise((done) => server.listen(0, address, done));
  return {
    port: server.address().port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
