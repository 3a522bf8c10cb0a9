/**
 * The steps of the story as people do them, used by several tests: a citizen with a phone, a desk, an officer, a head.
 * Each step acts through the page alone, by what stands in its forms.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { PATIENCE_MS, personsPage } from './browsers.mjs';
import { until } from './house.mjs';

/** Presses something that loads another page, and waits for that page. */
export async function follow(page, selector) {
  await page.waitForSelector(selector, { timeout: PATIENCE_MS });
  const [response] = await Promise.all([page.waitForNavigation({ waitUntil: 'load', timeout: PATIENCE_MS }), page.click(selector)]);
  return response;
}

/** Replaces what stands in a field. */
export async function fill(page, selector, text) {
  const field = await page.waitForSelector(selector, { timeout: PATIENCE_MS });
  await field.click({ count: 3 });
  await page.keyboard.press('Backspace');
  await field.type(text);
}

/**
 * A page of somebody who is signed in. The printed link works once, so it is used once a house; later pages share the
 * session. `before` may prepare the page before anything is loaded.
 *
 * @param {string} name  of the printed link: `officer_health`, `board` …
 * @returns the page, at the place to which the link leads
 */
export async function staffsPage(house, browser, name, before = async () => {}) {
  house.sessions ??= new Map();
  const context = house.sessions.get(name);
  if (context && context.browser() !== browser) throw new Error(`«${name}» is signed in with another browser, and the link works once`);
  const page = await personsPage(browser, { name, context });
  await before(page);
  const link = house.links[name];
  if (context) {
    await page.goto(`${house.base}${new URL(link).searchParams.get('next') ?? '/desk'}`);
    return page;
  }
  await page.goto(link);
  await follow(page, 'main form[action*="/sign-in/"] button');
  house.sessions.set(name, page.browserContext());
  return page;
}

/**
 * Books the first free time of a post: search → post → time → details → code from the mail → slip.
 *
 * @param {{ query: string, post: RegExp, name: string, mobile: string, mail: string, subject: string, channel?: string, language?: string }} wish
 * @returns {Promise<{ slip: string, code: string }>} the address of the slip
 */
export async function book(house, page, wish) {
  await page.goto(`${house.base}/?lang=${wish.language ?? 'hi'}`);
  await follow(page, 'a[href="/find"]');
  await fill(page, 'input[name="q"]', wish.query);
  await follow(page, 'form[action="/find"] button[type="submit"]');
  const href = await page.$$eval('a[href^="/post/"]', (links, source) => {
    const wanted = new RegExp(source, 'u');
    return links.find((link) => wanted.test(link.textContent))?.getAttribute('href');
  }, wish.post.source);
  assert.ok(href, `«${wish.query}» finds no post like ${wish.post}`);
  await follow(page, `a[href="${href}"]`);
  await follow(page, 'form[action="/hold"] button[name="start"]');
  await fill(page, 'input[name="name"]', wish.name);
  await fill(page, 'input[name="mobile"]', wish.mobile);
  await fill(page, '[name="subject"]', wish.subject);
  await fill(page, 'input[name="mail"]', wish.mail);
  await page.click(`input[name="channel"][value="${wish.channel ?? 'video'}"]`);
  await follow(page, 'main form[action^="/book/"] button[type="submit"]');
  await page.waitForSelector('input[name="code"]');
  const code = await codeFor(house, wish.mail);
  await fill(page, 'input[name="code"]', code);
  await follow(page, 'main form[action$="/code"] button[type="submit"]');
  assert.match(new URL(page.url()).pathname, /^\/s\//, 'the code leads to the slip');
  return { slip: page.url(), code };
}

/** The one-time code from the mail; never from the database. */
export async function codeFor(house, address) {
  const mail = await house.sink.mail(address, (one) => /(?<!\d)\d{6}(?!\d)/.test(one.text ?? ''));
  return mail.text.match(/(?<!\d)\d{6}(?!\d)/)[0];
}

/** The invitation: the first mail with a calendar part that asks for the meeting. */
export async function invitationFor(house, address) {
  const isCalendar = (part) => part.contentType.startsWith('text/calendar');
  const mail = await house.sink.mail(address, (one) => one.attachments.some(isCalendar));
  const calendar = mail.attachments.find(isCalendar).content.toString('utf8');
  return { mail, calendar };
}

/** A link of a mail by the beginning of its path. */
export function linkIn(mail, path) {
  const links = (mail.text ?? '').match(/https?:\/\/[^\s<>"]+/g) ?? [];
  const found = links.find((link) => new URL(link).pathname.startsWith(path));
  assert.ok(found, `the mail has no link to ${path}; it has ${links.join(' ')}`);
  return found;
}

/** Opens a meeting's door on a device that is not known there yet: the last four digits of the mobile make it known. */
export async function openDoor(page, door, mobile) {
  await page.goto(door);
  await fill(page, 'input[name="digits"]', mobile.slice(-4));
  await follow(page, '[data-test="join-enter"]');
}

/** Waits until the page's script says that it is in this state; otherwise tells in which it stayed. */
export async function inState(page, ...names) {
  const said = () => page.evaluate(() => ({ ...document.documentElement.dataset }));
  try {
    return await until(`the page is ${names.join(' or ')}`, async () => names.includes((await said()).state));
  } catch (error) {
    throw new Error(`${error.message}; it says ${JSON.stringify(await said())}; ${page.complaints.join(' · ')}`);
  }
}

/** Presses a button of a part of the page, once it can be seen and has stopped moving (a preview makes room for itself). */
export async function press(page, part) {
  await page.locator(`[data-part="${part}"]`).setTimeout(PATIENCE_MS).click();
}

/** Leaves, opens the page again and joins. */
export async function leavesAndComesAgain(page, door) {
  await press(page, 'end');
  await inState(page, 'left');
  await page.goto(door);
  await inState(page, 'preview');
  await press(page, 'join');
  await inState(page, 'meeting');
}

/** The address of the meeting with this citizen, from the desk's worklist. */
export async function meetingOf(desk, name) {
  const href = await desk.$$eval('.desk-card', (cards, wanted) => {
    const card = cards.find((one) => one.textContent.includes(wanted));
    return card?.querySelector('a[href^="/meeting/"]')?.getAttribute('href');
  }, name);
  assert.ok(href, `the desk shows no meeting with ${name}`);
  return href;
}

/** The hour in India. */
export const india = () => new Date(Date.now() + 330 * 60_000);

/**
 * Gives a post of the demo hours on the whole of this day, so that there is a time today whatever day it is. Whoever writes
 * beside a server says so, and it reads again what it keeps.
 */
export function sitToday(folder, post) {
  const weekday = india().getUTCDay() || 7;
  const script = [
    'import sqlite3, sys, time',
    'base = sqlite3.connect(sys.argv[1], timeout=30)',
    `base.execute("delete from weekly_hours where post_id = '${post}' and weekday = ${weekday}")`,
    `base.execute("insert into weekly_hours (post_id, weekday, from_minute, to_minute) values ('${post}', ${weekday}, 0, 1425)")`,
    `base.execute("update post set notice_minutes = 0 where id = '${post}'")`,
    `base.execute("insert into node (id, seen_at_ms) values ('hours', ?)", (int(time.time() * 1000),))`,
    'base.commit()',
  ].join('\n');
  execFileSync('python3', ['-c', script, join(folder, 'demo.sqlite')]);
}
