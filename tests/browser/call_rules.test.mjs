/** Which calls a page of the hotline knows and when its camera may be on the line, as rules. Needs no browser. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const load = (name) => import(`data:text/javascript,${encodeURIComponent(readFileSync(new URL(`../../web/static/js/${name}`, import.meta.url), 'utf8'))}`);
const { Calls } = await load('calls.js');
const { absentOf, countsOf, partnersOf, resultOf } = await load('results.js');

const membersOf = (members) => Object.entries(members).map(([post, state]) => ({ post, state }));
const call = (name, state, members = {}, more = {}) => ({ type: 'call', call: name, state, here: true, members: membersOf(members), ...more });
const ringOf = (name, caller, breaks_in = false) => ({
  type: 'incoming', call: name, caller: { post: caller, title: {} }, others: [], ring_timeout_ms: 30_000, breaks_in,
});

/** A page that is in a call which it has taken itself. */
function inCall(name = 'a', other = 'home') {
  const calls = new Calls();
  calls.incoming(ringOf(name, other));
  calls.act('accept_ring', name);
  calls.told(call(name, 'accepted', { [other]: 'inside' }));
  return calls;
}

/** A page that has taken `b` in the middle of `a`. */
function brokenInto() {
  const calls = inCall();
  calls.incoming(ringOf('b', 'cs', true));
  calls.act('accept_ring', 'b');
  calls.told(call('a', 'held', { home: 'inside' }));
  calls.told(call('b', 'accepted', { cs: 'inside' }));
  return calls;
}

test('what was once said to be sealed is so for good at this page, and is never answered by itself', () => {
  const caller = new Calls();
  caller.ask(['home'], 'sealed');
  assert.equal(caller.here.sealed, true);
  caller.told(call('a', 'ringing', { home: 'rung' }));
  caller.told(call('a', 'accepted', { home: 'inside' }));
  assert.deepEqual([caller.here.call, caller.here.sealed], ['a', true], 'whatever the server says');

  const rung = new Calls();
  rung.incoming({ ...ringOf('a', 'home'), sealed: true, opens_in_ms: 5_000 });
  assert.deepEqual([rung.ring.sealed, rung.ring.opens], [true, null]);
  rung.incoming(ringOf('a', 'home'));
  assert.equal(rung.ring.sealed, true);
  rung.act('accept_ring', 'a');
  assert.deepEqual([rung.here.sealed, rung.isPending], [true, true]);
  rung.told(call('a', 'accepted', { home: 'inside' }));
  assert.deepEqual([rung.here.sealed, rung.isPending], [true, false]);

  const open = inCall();
  assert.equal(open.here.sealed, false);
  open.told(call('a', 'accepted', { home: 'inside' }, { sealed: true }));
  open.told(call('a', 'accepted', { home: 'inside' }));
  assert.equal(open.here.sealed, true);

  const refused = new Calls();
  refused.ask(['home'], 'sealed');
  assert.notEqual(refused.refused('ring_sealed'), null);
  assert.equal(refused.here, null);
});

test('a ring shows the page that is rung, and is no consent', () => {
  const calls = new Calls();
  calls.incoming(ringOf('a', 'home'));
  assert.equal(calls.shown, 'incoming');
  assert.equal(calls.isConsented, false);
});

test('only an own ring, accept, coming back or taking over is a consent', () => {
  const rung = new Calls();
  rung.ask(['home']);
  assert.equal(rung.isConsented, true);
  assert.equal(inCall().isConsented, true);

  const held = new Calls();
  held.told(call('a', 'held', { home: 'inside' }));
  assert.deepEqual([held.shown, held.isConsented], ['idle', false]);
  assert.equal(held.act('resume_call', 'a'), true);
  assert.deepEqual([held.shown, held.isConsented], ['in-call', true]);

  const other = new Calls();
  other.told(call('a', 'accepted', { home: 'inside' }, { here: false }));
  assert.deepEqual([other.shown, other.isConsented], ['idle', false]);
  assert.equal(other.act('take_call', 'a'), true);
  assert.deepEqual([other.shown, other.isConsented], ['in-call', true]);
});

test('a call that the server names without an act of this page is shown, and is no consent', () => {
  const calls = new Calls();
  calls.welcomed();
  calls.told(call('a', 'accepted', { home: 'inside' }));
  assert.deepEqual([calls.shown, calls.isConsented], ['in-call', false]);
});

/** A ring that opens by itself in so many milliseconds, heard at 10 s of the page's clock. */
function standing(opens = 5_000) {
  const calls = new Calls();
  calls.incoming({ ...ringOf('a', 'cs'), opens_in_ms: opens }, 10_000);
  return calls;
}

test('a ring that the occupant has let in beforehand is a consent when its countdown was heard to the end', () => {
  const calls = standing();
  assert.deepEqual([calls.shown, calls.ring.opens, calls.isConsented], ['incoming', 15_000, false]);
  calls.told(call('a', 'accepted', { cs: 'inside' }), 15_010);
  assert.deepEqual([calls.shown, calls.isConsented], ['in-call', true]);

  const early = standing();
  early.told(call('a', 'accepted', { cs: 'inside' }), 11_000);
  assert.deepEqual([early.shown, early.isConsented], ['in-call', false], 'a server that cannot wait opens nothing here');

  const withdrawn = standing();
  assert.equal(withdrawn.incoming(ringOf('a', 'cs'), 12_000), false);
  withdrawn.told(call('a', 'accepted', { cs: 'inside' }), 16_000);
  assert.equal(withdrawn.isConsented, false, 'nor what was taken back');

  const refused = standing();
  refused.leave('a');
  assert.deepEqual(refused.told(call('a', 'accepted', { cs: 'inside' }), 15_010), { stray: 'a' });
  assert.deepEqual([refused.shown, refused.isConsented], ['idle', false]);
});

test('a frosted picture is shown to the caller while it rings, and a ring without one is not', () => {
  const calls = new Calls();
  calls.ask(['home']);
  calls.told(call('a', 'ringing', { home: 'rung' }));
  assert.equal(calls.isStaged('home'), false);
  calls.told(call('a', 'ringing', { home: 'frosted' }));
  assert.deepEqual([calls.shown, calls.isStaged('home')], ['ringing', true]);
});

test('a consent ends when the call is held, is over, or goes on elsewhere', () => {
  for (const [state, more] of [['held', {}], ['ended', { reason: 'hung_up' }], ['accepted', { here: false }]]) {
    const calls = inCall();
    calls.told(call('a', state, { home: 'inside' }, more));
    assert.equal(calls.isConsented, false, state);
    assert.equal(calls.here, null, state);
  }
  const left = inCall();
  left.leave('a');
  assert.deepEqual([left.shown, left.isConsented], ['idle', false]);
});

test('what is not asked of this page cannot be taken: no such ring, no such hold', () => {
  const calls = inCall();
  assert.equal(calls.act('accept_ring', 'a'), false);
  assert.equal(calls.act('resume_call', 'a'), false);
  assert.equal(calls.act('take_call', 'a'), false);
  assert.equal(calls.act('accept_ring', 'z'), false);
});

test('an own ring takes its name from the server, and its consent with it', () => {
  const calls = new Calls();
  calls.ask(['home', 'hlt']);
  calls.told(call('a', 'ringing', { home: 'rung', hlt: 'rung' }));
  assert.deepEqual([calls.here.call, calls.shown, calls.isConsented], ['a', 'ringing', true]);
  calls.member({ call: 'a', member: { post: 'hlt', state: 'later' } });
  calls.told(call('a', 'accepted', { home: 'inside', hlt: 'later' }));
  assert.deepEqual([calls.shown, calls.isConsented], ['in-call', true]);
});

test('a ring that was given up before it had a name is hung up when it gets one', () => {
  const calls = new Calls();
  calls.ask(['home']);
  calls.leave('');
  assert.deepEqual(calls.told(call('a', 'ringing', { home: 'rung' })), { stray: 'a' });
  assert.equal(calls.shown, 'idle');
  assert.deepEqual(calls.told(call('a', 'ended')), {}, 'and nothing more is said of it');
});

test('of two who ring each other the other ring stands, and is no consent', () => {
  const calls = new Calls();
  calls.ask(['home']);
  calls.incoming(ringOf('b', 'home'));
  assert.equal(calls.refused('ring'), null, 'the refusal comes when the own ring is forgotten');
  assert.deepEqual([calls.shown, calls.ring.call, calls.isConsented], ['incoming', 'b', false]);
});

test('a ring in the middle of a call leaves the call and its consent as they are', () => {
  const calls = inCall();
  calls.incoming(ringOf('b', 'cs', true));
  assert.deepEqual([calls.shown, calls.here.call, calls.ring.call, calls.isConsented], ['in-call', 'a', 'b', true]);
  calls.leave('b');
  assert.deepEqual([calls.shown, calls.here.call, calls.ring, calls.isConsented], ['in-call', 'a', null, true]);
});

test('who takes it is in the new call at once, and the old one is held', () => {
  const calls = brokenInto();
  assert.deepEqual([calls.shown, calls.here.call, calls.held.call, calls.isConsented], ['in-call', 'b', 'a', true]);
});

test('what was said of the call before does not bring it back', () => {
  const calls = inCall();
  calls.incoming(ringOf('b', 'cs', true));
  calls.act('accept_ring', 'b');
  calls.told(call('a', 'accepted', { home: 'inside', hlt: 'rung' }));
  assert.deepEqual([calls.here.call, calls.isConsented], ['b', true]);
});

test('a ring that is over before the accept was heard leaves the call before as it was', () => {
  for (const end of [(calls) => calls.told(call('b', 'cancelled')), (calls) => calls.refused('accept_ring')]) {
    const calls = inCall();
    calls.incoming(ringOf('b', 'cs', true));
    calls.act('accept_ring', 'b');
    end(calls);
    assert.deepEqual([calls.here.call, calls.ring, calls.held, calls.isConsented], ['a', null, null, true]);
  }
});

test('the call on hold comes back by an act alone, when the other one is over', () => {
  const calls = brokenInto();
  calls.told(call('b', 'ended', { cs: 'left' }, { reason: 'hung_up' }));
  assert.deepEqual([calls.shown, calls.held.call, calls.isConsented], ['idle', 'a', false]);
  calls.act('resume_call', 'a');
  calls.told(call('a', 'held', { home: 'inside' }));
  assert.equal(calls.isConsented, true, 'a word that was on its way does not take it back');
  calls.told(call('a', 'accepted', { home: 'inside' }));
  assert.deepEqual([calls.shown, calls.held, calls.isConsented], ['in-call', null, true]);
});

test('a coming back that is refused leaves the call on hold', () => {
  const calls = new Calls();
  calls.told(call('a', 'held', { home: 'inside' }));
  calls.act('resume_call', 'a');
  calls.refused('resume_call');
  assert.deepEqual([calls.shown, calls.held.call, calls.isConsented], ['idle', 'a', false]);
});

test('a ring that another device of the seat has taken stops here', () => {
  const calls = new Calls();
  calls.incoming(ringOf('a', 'home'));
  calls.told(call('a', 'accepted', { home: 'inside' }, { here: false }));
  assert.deepEqual([calls.shown, calls.ring, calls.elsewhere.call], ['idle', null, 'a']);

  const late = new Calls();
  late.incoming(ringOf('a', 'home'));
  late.act('accept_ring', 'a');
  late.told(call('a', 'accepted', { home: 'inside' }, { here: false }));
  assert.equal(late.isConsented, false, 'also when this one was pressed a moment later');
  assert.equal(late.refused('accept_ring'), null);
  assert.equal(late.elsewhere.call, 'a');
});

test('a call goes from one device to the other by an act at the other', () => {
  const [chamber, phone] = [inCall(), new Calls()];
  phone.told(call('a', 'accepted', { home: 'inside' }, { here: false }));
  phone.act('take_call', 'a');
  phone.told(call('a', 'accepted', { home: 'inside' }, { here: false }));
  assert.equal(phone.isConsented, true, 'a word that was on its way does not take it back');
  phone.told(call('a', 'accepted', { home: 'inside' }));
  chamber.told(call('a', 'accepted', { home: 'inside' }, { here: false }));
  assert.deepEqual([phone.shown, phone.isConsented], ['in-call', true]);
  assert.deepEqual([chamber.shown, chamber.elsewhere.call, chamber.isConsented], ['idle', 'a', false]);
});

test('after a new socket what the server does not name is over', () => {
  const calls = brokenInto();
  calls.welcomed();
  calls.told(call('b', 'accepted', { cs: 'inside' }));
  assert.deepEqual(calls.settle().map(({ call: name }) => name), ['a']);
  assert.deepEqual([calls.here.call, calls.held, calls.isConsented], ['b', null, true]);
});

test('an accept that a lost socket has swallowed is no consent any more when it rings again', () => {
  const calls = new Calls();
  calls.incoming(ringOf('a', 'home'));
  calls.act('accept_ring', 'a');
  calls.welcomed();
  calls.incoming(ringOf('a', 'home'));
  assert.deepEqual([calls.shown, calls.isConsented], ['incoming', false]);
});

test('who said no and is rung again in the same call hears of it again', () => {
  const calls = new Calls();
  calls.incoming(ringOf('a', 'home'));
  calls.leave('a');
  calls.told(call('a', 'declined', { home: 'inside' }, { reason: 'later' }));
  assert.equal(calls.shown, 'idle');
  assert.equal(calls.incoming(ringOf('a', 'home')), true);
  assert.equal(calls.shown, 'incoming');
});

test('a hang-up that the server has never heard is said again', () => {
  const calls = inCall();
  calls.leave('a');
  calls.welcomed();
  for (let n = 0; n < 2; n += 1) assert.deepEqual(calls.told(call('a', 'accepted', { home: 'inside' })), { stray: 'a' });
  assert.deepEqual([calls.shown, calls.isConsented], ['idle', false]);
  assert.deepEqual(calls.told(call('a', 'held', { home: 'inside' })), {});
  assert.deepEqual(calls.told(call('a', 'ended', {}, { reason: 'hung_up' })), {}, 'and once it has heard it, nothing more');
  assert.equal(calls.held, null);
});

test('a call that was left here and goes on at another device leads there', () => {
  const calls = new Calls();
  calls.incoming(ringOf('a', 'home'));
  calls.leave('a');
  calls.told(call('a', 'accepted', { home: 'inside' }, { here: false }));
  assert.deepEqual([calls.shown, calls.elsewhere.call, calls.isConsented], ['idle', 'a', false]);
  calls.act('take_call', 'a');
  assert.deepEqual(calls.told(call('a', 'accepted', { home: 'inside' })), {}, 'and can be taken like any other');
  assert.deepEqual([calls.shown, calls.isConsented], ['in-call', true]);
});

test('a ring is over at its time, also when nobody can say so, and one that came anew is not', () => {
  const calls = new Calls();
  calls.incoming(ringOf('a', 'home'), 1_000);
  assert.deepEqual(calls.overdue(30_999), []);
  calls.incoming(ringOf('a', 'home'), 20_000);
  assert.deepEqual(calls.overdue(33_000), []);
  const [over] = calls.overdue(52_000);
  assert.deepEqual([over.call, calls.shown], ['a', 'idle']);
  assert.equal(resultOf(over, { state: 'missed' }, title).key, 'live-js-call-missed-here');
  assert.deepEqual(calls.told(call('a', 'missed')), {});

  const taken = inCall();
  assert.deepEqual([taken.overdue(Infinity), taken.shown], [[], 'in-call'], 'a call that was taken goes on');
});

test('when the line was away for too long nothing is here any more, and what is on hold may still be', () => {
  const calls = brokenInto();
  calls.incoming(ringOf('c', 'hlt', true));
  assert.deepEqual(calls.lose(), ['b']);
  assert.deepEqual([calls.shown, calls.isConsented, calls.held.call], ['idle', false, 'a']);
  assert.deepEqual(calls.told(call('b', 'accepted', { cs: 'inside' })), { stray: 'b' }, 'a server that still has it is told');

  const asked = new Calls();
  asked.ask(['home']);
  assert.deepEqual([asked.lose(), asked.shown, asked.isConsented], [[], 'idle', false]);

  const pressed = inCall();
  pressed.incoming(ringOf('b', 'cs', true));
  pressed.act('accept_ring', 'b');
  assert.deepEqual([pressed.lose(), pressed.shown, pressed.held], [['a'], 'idle', null], 'an accept that was not heard held nothing');
});

test('onto the stage come those who are inside; who has left and rings again is neither there nor heard', () => {
  const calls = inCall();
  calls.told(call('a', 'accepted', { home: 'inside', cs: 'left', hlt: 'rung' }));
  calls.incoming(ringOf('b', 'cs', true));
  const seenAndHeard = (post) => [calls.isStaged(post), calls.isHeard(post)];
  assert.deepEqual(seenAndHeard('home'), [true, true]);
  for (const post of ['cs', 'hlt', 'edu']) assert.deepEqual(seenAndHeard(post), [false, false], post);
  calls.member({ call: 'a', member: { post: 'hlt', state: 'inside' } });
  assert.deepEqual(seenAndHeard('hlt'), [true, true]);
});

test('at a ring its caller is seen and not heard, and nothing sounds while nothing is shown', () => {
  const calls = new Calls();
  calls.incoming(ringOf('a', 'home'));
  assert.deepEqual([calls.isStaged('home'), calls.isHeard('home'), calls.isStaged('cs')], [true, false, false]);
  calls.act('accept_ring', 'a');
  assert.deepEqual([calls.isStaged('home'), calls.isHeard('home'), calls.isHeard(null)], [true, true, true]);
  calls.leave('a');
  assert.deepEqual([calls.isHeard('home'), calls.isHeard(null)], [false, false]);
});

const title = (post) => post;
const endOf = (members, end) => {
  const calls = new Calls();
  calls.ask(Object.keys(members));
  const { over } = calls.told(call('a', end.state, members, end));
  return { over, key: resultOf(over, end, title)?.key };
};

test('what came of a ring is told by how the one who was rung has answered', () => {
  assert.equal(endOf({ home: 'later' }, { state: 'declined', reason: 'later' }).key, 'live-js-call-declined-later');
  assert.equal(endOf({ home: 'missed' }, { state: 'missed' }).key, 'live-js-call-missed');
  assert.equal(endOf({ home: 'missed' }, { state: 'ended', reason: 'hung_up' }).key, 'live-js-call-missed');
  assert.equal(endOf({ home: 'busy' }, { state: 'busy' }).key, 'live-js-call-busy');
  assert.equal(endOf({ home: 'unavailable' }, { state: 'unavailable' }).key, 'live-js-call-unavailable');
});

test('of several who did not come the reasons are counted in one sentence', () => {
  const { over, key } = endOf({ home: 'missed', hlt: 'busy', edu: 'missed' }, { state: 'missed' });
  assert.equal(key, 'live-js-call-nobody');
  assert.deepEqual(countsOf(over).map(({ key: count, values }) => [count, values.n]), [['live-js-count-missed', 2], ['live-js-count-busy', 1]]);
});

test('a talk that is over is told as over, whoever was rung beside it', () => {
  const calls = inCall();
  calls.member({ call: 'a', member: { post: 'hlt', state: 'missed' } });
  const { over } = calls.told(call('a', 'ended', { home: 'left', hlt: 'missed' }, { reason: 'hung_up' }));
  assert.equal(resultOf(over, { state: 'ended', reason: 'hung_up' }, title).key, 'live-js-call-ended');
});

test('a ring that ends at the one who is rung says who it was, and nothing when another device has answered', () => {
  const ringEnds = (state) => {
    const calls = new Calls();
    calls.incoming(ringOf('a', 'home'));
    return resultOf(calls.told(call('a', state, { home: 'inside' })).over, { state }, title);
  };
  assert.deepEqual(ringEnds('missed'), { key: 'live-js-call-missed-here', values: { post: 'home' } });
  assert.deepEqual(ringEnds('cancelled'), { key: 'live-js-call-cancelled', values: { post: 'home' } });
  assert.equal(ringEnds('declined'), null);
});

test('a talk of two has nothing to list; who is held or rung in it is listed', () => {
  const calls = inCall();
  assert.deepEqual(absentOf(calls.here), []);
  calls.member({ call: 'a', member: { post: 'home', state: 'held' } });
  calls.member({ call: 'a', member: { post: 'hlt', state: 'rung' } });
  assert.deepEqual(absentOf(calls.here), [['home', 'held'], ['hlt', 'rung']]);
  assert.deepEqual(partnersOf(calls.here), ['home']);
  const ring = new Calls();
  ring.ask(['home']);
  assert.deepEqual(absentOf(ring.here), []);
});
