/**
 * The board: a wall of tiles, a seat each; a tap or a dialled number rings. The board is a seat
 * itself and can be rung.
 */

import { part } from './part.js';
import { Seat } from './seat.js';
import { SeatWall } from './seats.js';

/** @param {HTMLElement} root */
export function start(root) {
  const seat = new Seat(root, 'board');
  const wall = new SeatWall(part(root, 'wall', HTMLElement), seat.line.signaling, (info) => {
    if (info.presence !== 'vacant') seat.ring(info);
  });
  seat.on('idle', () => wall.clear());
  document.addEventListener('keydown', (event) => {
    if (seat.isIdle) wall.dial(event);
  });
  seat.start();
}
