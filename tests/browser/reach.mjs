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
 * @param {(citizen: import('puppeteer-core').Page, officer: import('puppeteer-core').Page) => Promise<void>} [beforeAdmission]
 */
export async function openMeeting(house, { officers, citizens, mobile, mail, name = 'Ram Kumar' }, prepare = async () => {}, beforeAdmission = async () => {}) {
  const booking = await personsPage(officers, { name: 'booking', script: false });
  await book(house, booking, { query: 'swasthya', post: /सचिव/, name, mobile, mail, subject: 'ration card' });
  const door = linkIn((await invitationFor(house, mail)).mail, '/j/');
  await booking.browserContext().close();
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
  await beforeAdmission(citizen, officer);
  await press(officer, 'admit');
  await inState(citizen, 'meeting');
  return { officer, citizen, door };
}

/**
 * A firewall in the namespace of this program. It swallows what it does not let through, as a network's does: a rule where
 * packets leave would tell the sender at once.
 *
 * @param {string[]} kept  what it does not let through, in the words of nftables
 * @param {'everybody' | 'behind'} whom  it stands before; `behind` are the browsers that were started there
 */
export function block(kept, whom = 'everybody') {
  const rules = kept.map((what) => `${whom === 'behind' ? 'ct mark 4242 ' : ''}${what} drop`);
  const table = `table inet reach {
    chain out { type filter hook output priority 0; meta skgid 4242 ct mark set 4242; }
    chain in { type filter hook input priority 0; ${rules.join('; ')}; }
  }`;
  execFileSync('nft', ['-f', '-'], { input: table });
  return { lift: () => execFileSync('nft', ['-f', '-'], { input: 'table inet reach; delete table inet reach' }) };
}

const UDP = 'meta l4proto udp ct original proto-dst != 53';
/**
 * What a firewall keeps, and by which ways it leaves a call to go: all UDP but the asking for names; and a strict one all but
 * TLS at the port of the pages, too.
 */
export const FIREWALLS = {
  'UDP blocked': { keeps: () => [UDP], leaves: ['tcp', 'relay by tcp', 'relay by tls'] },
  '443 with TLS alone': {
    keeps: ({ https }) => [
      UDP,
      // A connection that is older than the firewall may be known by its other end.
      `ip daddr ${process.env.SACHIVALAYA_ADDRESS} meta l4proto tcp ct original proto-dst != ${https} ct original proto-src != ${https}`,
      // STUN's cookie where it stands in a plain frame of ICE-TCP or of TURN, behind a TCP header of 32 bytes.
      `tcp dport ${https} @th,304,32 0x2112a442`,
      `tcp dport ${https} @th,288,32 0x2112a442`,
    ],
    leaves: ['relay by tls'],
  },
};

/** How the live connection of a page goes: over what, and through what to a relay. */
export const wayOf = (page) => page.evaluate(async () => {
  const live = window.watchedConnections.filter((pc) => pc.connectionState === 'connected');
  const stats = [...(await live.at(-1).getStats()).values()];
  const chosen = stats.find((one) => one.type === 'transport')?.selectedCandidatePairId;
  const pair = stats.find((one) => one.type === 'candidate-pair' && (one.id === chosen || one.selected === true));
  const local = stats.find((one) => one.id === pair?.localCandidateId);
  return local?.candidateType === 'relay' ? `relay by ${local.relayProtocol}` : local?.protocol ?? 'none';
});
