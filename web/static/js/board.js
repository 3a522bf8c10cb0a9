/**
 * The board: a wall of tiles, a seat each; a tap or a dialled number rings, and several may be rung at once. The board is a seat
 * itself and can be rung.
 */

import { Asking } from './asking.js';
import { Choosing } from './choosing.js';
import { Confidence } from './confidence.js';
import { Groups } from './groups.js';
import { Missed } from './missed.js';
import { OwnGroups } from './own_groups.js';
import { part } from './part.js';
import { Questions } from './questions.js';
import { Seat } from './seat.js';
import { SeatWall } from './seats.js';
import { Word } from './word.js';

/** @param {HTMLElement} root */
export function start(root) {
  const seat = new Seat(root, 'board');
  const questions = new Questions(root, seat);
  const leaving = new Word(root, seat);
  new Missed(root, seat);
  const asking = new Asking(root, seat.names, () => {
    choosing.clear();
    questions.read();
  });
  const choosing = new Choosing(root, seat.names, {
    ring: (posts) => seat.ring(posts),
    ask: (posts) => asking.open(posts),
    leave: (post) => leaving.open(post),
  });
  const own = new OwnGroups(root, seat.names, { choose: (posts) => choosing.only(posts), chosen: () => choosing.chosen });
  const confidence = new Confidence(root, () => choosing.clear());
  const wall = new SeatWall(part(root, 'wall', HTMLElement), seat.line.signaling, {
    ring: ({ post, presence }) => presence !== 'vacant' && seat.ringOne(post, confidence.how),
    choose: (info, how) => !confidence.isOn && choosing.choose(info, how),
    go: () => choosing.go(),
    filled: () => groups.show(),
  });
  const groups = new Groups(root, seat.names, wall);
  choosing.use(wall);
  seat.on('talk', () => {
    choosing.clear();
    confidence.clear();
    asking.close();
    own.close();
  });
  seat.on('idle', () => wall.clear());
  document.addEventListener('keydown', (event) => {
    if (seat.isIdle) wall.dial(event);
  });
  seat.start();
}
