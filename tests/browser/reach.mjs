/**
 * Scenes of reach: a meeting whose citizen comes again and again, and firewalls in the namespace of the tests. Used by the
 * tests and by `benches/reach.mjs`.
 */
import { execFileSync } from 'node:child_process';
import { personsPage } from './browsers.mjs';
import { book, follow, inState, invitationFor, linkIn, meetingOf, openDoor, press, staffsPage } from './story.mjs';

/**
 * An officer inside, and a citizen who has been admitted.
 *
 * @param {(page: import('puppeteer-core').Page) => Promise<void>} [prepare]  before a page loads anything
 */
export async function openMeeting(house, { officers, citizens, mobile, mail, name = 'Ram Kumar' }, prepare = async () => {}) {
  const booking = await personsPage(officers, { name: 'booking', script: false });
  await book(house, booking, { query: 'swasthya', post: /सचिव/, name, mobile, mail, subject: 'ration card' });
  const door = linkIn((await invitationFor(house, mail)).mail, '/j/');
  const officer = await staffsPage(house, officers, 'officer_health', prepare);
  await follow(officer, `main a[href="${await meetingOf(officer, name)}"]`);
  await inState(officer, 'preview');
  await press(officer, 'join');
  await inState(officer, 'meeting');
  const citizen = await personsPage(citizens, { name: 'citizen' });
  await prepare(citizen);
  await openDoor(citizen, door, mobile);
  await inState(citizen, 'preview');
  await press(citizen, 'join');
  await press(officer, 'admit');
  await inState(citizen, 'meeting');
  return { officer, citizen, door };
}

/** Rules of a firewall in the namespace of this program. */
export function block(rules) {
  execFileSync('nft', ['add', 'table', 'inet', 'reach']);
  execFileSync('nft', ['add', 'chain', 'inet', 'reach', 'out', '{ type filter hook output priority 0 ; }']);
  for (const rule of rules) execFileSync('nft', ['add', 'rule', 'inet', 'reach', 'out', ...rule.split(' ')]);
  return { lift: () => execFileSync('nft', ['delete', 'table', 'inet', 'reach']) };
}

/** Ports that a firewall lets nobody use, and what a strict one lets through on 443: nothing but TLS. */
export const FIREWALLS = {
  'UDP blocked': (house) => [`udp dport ${house.media} drop`],
  '443 with TLS alone': (house) => [
    `udp dport ${house.media} drop`,
    `tcp dport ${house.media} drop`,
    // STUN's cookie where it stands in a plain frame of ICE-TCP or of TURN, behind a TCP header of 32 bytes.
    `tcp dport ${house.https} @th,304,32 0x2112a442 drop`,
    `tcp dport ${house.https} @th,288,32 0x2112a442 drop`,
  ],
};
