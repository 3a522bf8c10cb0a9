/** A call gets in by whatever way the network leaves open, and outlives an address, a crash and a successor. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { figures, openCall } from './adaptation.mjs';
import { chromiumTrusts, firefoxTrusts } from './authority.mjs';
import { chromium, firefox } from './browsers.mjs';
import { openHouse, until } from './house.mjs';
import { watchConnections } from './media.mjs';
import { FIREWALLS, block, openMeeting, wayOf } from './reach.mjs';
import { inState, leavesAndComesAgain, press } from './story.mjs';

const SCENE_MS = 180_000;
let house;
let officers;
/** Whoever comes next: each has a meeting of his own. */
const people = ['Ram Kumar', 'Sita Devi', 'Mohan Lal', 'Gita Kumari', 'Anil Prasad', 'Usha Rani'].map((name, place) => ({
  name, mobile: `910000500${place}`, mail: `reach${place}@example.org`,
}));

before(async () => {
  house = await openHouse({ isImpaired: true });
  officers = await chromium(chromiumTrusts(house));
});

after(async () => {
  await officers?.close();
  await house?.stop();
});

/** More frames than now, at both sides. */
async function goesOn(pages, what) {
  const from = await Promise.all(pages.map(figures));
  await until(what, async () => {
    const now = await Promise.all(pages.map(figures));
    return now.every((one, place) => one.frames > from[place].frames + 3 || (one.frames > 3 && one.frames < from[place].frames));
  });
}

for (const [name, launch] of [['Chromium', (place) => chromium(chromiumTrusts(house), place)], ['Firefox', (place) => firefox(firefoxTrusts(house), place)]]) {
  for (const [firewall, { keeps, leaves }] of Object.entries(FIREWALLS)) {
    test(`${firewall}: a citizen comes in all the same, the first time and again, and stays when it comes down under the call, in ${name}`, { timeout: SCENE_MS }, async (t) => {
      const citizens = await launch('behind');
      let rules = block(keeps(house), 'behind');
      let officer;
      try {
        const meeting = await openMeeting(house, { officers, citizens, ...people.shift() }, watchConnections);
        const { citizen, door } = meeting;
        officer = meeting.officer;
        for (const time of ['the first time', 'again']) {
          await goesOn([officer, citizen], 'pictures go both ways');
          const way = await wayOf(citizen);
          assert.ok(leaves.includes(way), `${time}: ${way}`);
          t.diagnostic(`${time} by ${way}`);
          await leavesAndComesAgain(citizen, door);
        }
        rules.lift();
        await citizen.evaluate(() => sessionStorage.clear());
        await leavesAndComesAgain(citizen, door);
        await goesOn([officer, citizen], 'pictures go both ways without the firewall');
        await until('the way is one that the firewall will cut', async () => !leaves.includes(await wayOf(citizen)));
        rules = block(keeps(house), 'behind');
        await goesOn([officer, citizen], 'pictures go both ways under the firewall that came down');
        await until('the way is one that is left', async () => leaves.includes(await wayOf(citizen)));
        assert.deepEqual(citizen.complaints, []);
      } finally {
        rules.lift();
        await citizens.close();
        if (officer !== undefined) {
          await press(officer, 'end');
          await press(officer, 'end-all');
          await officer.close();
        }
      }
    });
  }
}

test('another address under a call: it goes on over the connection that it has', { timeout: SCENE_MS }, async (t) => {
  const call = await openCall(house, { board: officers, chamber: officers });
  try {
    const made = () => call.chamber.evaluate(() => window.watchedConnections.length);
    const before = await made();
    for (let run = 0; run < 3; run += 1) {
      const from = Date.now();
      call.chamberPath.rebind();
      await goesOn([call.board, call.chamber], 'pictures go on');
      t.diagnostic(`pictures at both sides ${Date.now() - from} ms after the change`);
    }
    assert.equal(await made(), before, 'never a new connection');
  } finally {
    await call.close();
  }
});

for (const [how, act] of [
  ['the server is killed and started again', async () => { await house.end('SIGKILL'); await house.start(); }],
  ['another server takes over', () => house.succeed()],
]) {
  test(`${how}: the meeting goes on, and nobody joins by hand`, { timeout: SCENE_MS }, async (t) => {
    const { officer, citizen } = await openMeeting(
      house, { officers, citizens: officers, ...people.shift() }, watchConnections,
    );
    try {
      await Promise.all([officer, citizen].map((page) => page.evaluate(() => { window.isSame = true; })));
      const from = Date.now();
      await act();
      await goesOn([officer, citizen], 'pictures come again');
      t.diagnostic(`pictures at both sides ${Date.now() - from} ms after the order`);
      for (const page of [officer, citizen]) {
        assert.equal(await page.evaluate(() => window.isSame), true, 'the page was not loaded again');
        await inState(page, 'meeting');
      }
    } finally {
      await press(officer, 'end');
      await press(officer, 'end-all');
      await citizen.browserContext().close();
      await officer.close();
    }
  });
}
