/**
 * The wall of a review: whom to call in, the pictures of those who are there, a page at a time, and the panel beside them with
 * which the chair conducts and everybody follows.
 *
 * A seat that stands warm keeps its few lines: this page has its own connection, with as many as its screen shows.
 */

import { ReviewChair } from './review_chair.js';
import { ReviewChoice } from './review_choice.js';
import { ReviewPages } from './review_pages.js';
import { ReviewPanel } from './review_panel.js';
import { Seat } from './seat.js';

const WIDE_PX = 1_600;
const MIDDLE_PX = 900;
/** Eight who speak are heard on every screen; a telephone shows who speaks. */
const WALL = { sounds: 8, pictures: 25 };
const DESK = { sounds: 8, pictures: 12 };
const TELEPHONE = { sounds: 8, pictures: 4 };

/** @param {HTMLElement} root */
export function start(root) {
  const lines = innerWidth >= WIDE_PX ? WALL : innerWidth >= MIDDLE_PX ? DESK : TELEPHONE;
  const seat = new Seat(root, 'board', lines);
  new ReviewChoice(root, seat);
  const panel = new ReviewPanel(root, seat);
  new ReviewChair(root, seat, panel);
  new ReviewPages(root, seat, lines.pictures);
  seat.start();
}
