/** Sessions of the demo's seats, for programs that sit at many of them at once. */
import { readFileSync } from 'node:fs';

/** Departments of the demo whose head is nobody, or the head of another department as well. */
const WITHOUT_HEAD = ['vig', 'par', 'cav', 'spt'];
const lines = (file) => readFileSync(new URL(`../src/demo/data/${file}`, import.meta.url), 'utf8').trim().split('\n').slice(1);
const heads = lines('bihar_departments.tsv').map((line) => line.split('\t')[0].toLowerCase()).filter((code) => !WITHOUT_HEAD.includes(code)).map((code) => `sec-${code}`);
const divisions = [...new Set(lines('bihar_districts.tsv').map((line) => `com-${line.split('\t')[1].trim().toLowerCase().replaceAll(' ', '-')}`))];
const districts = lines('bihar_districts.tsv').map((line) => `dm-${line.split('\t')[3].trim().toLowerCase().replaceAll(' ', '-')}`);

/** Heads of departments, each followed by the head of a district, whom he may ring; then all others, the Chief Secretary last. */
export const POSTS = [...districts.flatMap((district, n) => [heads[n], district]), ...heads.slice(districts.length), ...divisions, 'dc', 'cm', 'cs'];

/**
 * Signs everybody in.
 *
 * @param {object} house
 * @param {string[]} posts
 * @returns {Promise<string[]>} lines of device, session and post
 */
export async function sessionsOf(house, posts) {
  const signIn = async (post) => {
    const link = new URL(house.linkOf(post));
    const answer = await fetch(`http://127.0.0.1:${house.http}${link.pathname}`, { method: 'POST', redirect: 'manual' });
    const cookie = answer.headers.getSetCookie().find((one) => one.startsWith('es='));
    if (cookie === undefined) throw new Error(`${post} is not signed in: ${answer.status}`);
    return `chamber ${cookie.slice('es='.length).split(';')[0]} ${post}`;
  };
  const all = [];
  for (const post of posts) all.push(await signIn(post));
  return all;
}

/**
 * The occupant of a seat lets a caller in by himself, from eight to eight.
 *
 * @param {object} house
 * @param {string} line of device, session and post
 * @param {string} caller
 */
export async function letIn(house, line, caller) {
  const body = new URLSearchParams({ from: '08:00', to: '20:00', [`caller-${caller}`]: '1' });
  const cookie = `es=${line.split(' ')[1]}`;
  const answer = await fetch(`http://127.0.0.1:${house.http}/chamber/auto-answer`, { method: 'POST', body, headers: { cookie }, redirect: 'manual' });
  if (answer.status !== 303) throw new Error(`${line.split(' ')[2]} lets nobody in: ${answer.status}`);
}
