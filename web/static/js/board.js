/**
 * The board: a wall of tiles, a seat each; a tap or a dialled number rings, and several may be rung at once. The board is a seat
 * itself and can be rung.
 */

import { Choosing } from './choosing.js';
import { Groups } from './groups.js';
import { part } from './part.js';
import { Seat } from './seat.js';
import { SeatWall } from './seats.js';

/** @param {HTMLElement} root */
export function start(root) {
  const seat = new Seat(root, 'board');
  const choosing = new Choosing(root, seat.names, (posts) => seat.ring(posts));
  const wall = new SeatWall(part(root, 'wall', HTMLElement), seat.line.signaling, {
    ring: ({ post, presence }) => presence !== 'vacant' && seat.ring([post]),
    choose: (info, how) => choosing.choose(info, how),
    go: () => choosing.go(),
    filled: () => groups.show(),
  });
  const groups = new Groups(root, seat.names, wall);
  choosing.use(wall);
  seat.on('talk', () => choosing.clear());
  seat.on('idle', () => wall.clear());
  document.addEventListener('keydown', (event) => {
    if (seat.isIdle) wall.dial(event);
  });
  seat.start();
}
