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
    const opened = performance.now() + openingMs;
    /** What is on its way, in order; `null` is the end. @type {{ due: number, bytes: Buffer | null }[]} */
    const waiting = [];
    const arrive = () => {
      while (waiting.length > 0 && waiting[0].due <= performance.now() + 0.5) {
        const { bytes } = waiting.shift();
        if (bytes === null) into.end();
        else if (into.writable) into.write(bytes);
      }
      if (waiting.length > 0) setTimeout(arrive, waiting[0].due - performance.now());
    };
    const leave = (bytes) => {
      waiting.push({ due: Math.max(performance.now(), opened) + delayMs, bytes });
      if (waiting.length === 1) setTimeout(arrive, waiting[0].due - performance.now());
    };
    from.on('data', leave);
    from.on('end', () => leave(null));
    from.on('error', () => into.destroy());
  };
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
    const far = connect({ ...to, noDelay: true, allowHalfOpen: true });
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
