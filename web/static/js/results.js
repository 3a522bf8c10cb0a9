/**
 * What came of a call, and where somebody stands in it, as keys of words with what is filled in.
 *
 * Pure: titles are given, words are looked up elsewhere.
 */

/** @typedef {import('./calls.js').Known} Known */
/** @typedef {import('./calls.js').MemberState} MemberState */
/** @typedef {{ key: string, values: Record<string, string | number> }} Saying */

/** Those of whom one does not wait any more, in the order in which they are counted. @type {MemberState[]} */
const AWAY = ['missed', 'later', 'telephone', 'busy', 'unavailable', 'cancelled', 'left'];
/** As what a sole seat's answer is known. @type {Partial<Record<MemberState, string>>} */
const ANSWERS = {
  later: 'live-js-call-declined-later',
  telephone: 'live-js-call-declined-telephone',
  busy: 'live-js-call-busy',
  missed: 'live-js-call-missed',
  unavailable: 'live-js-call-unavailable',
};

/**
 * What came of a call that is over; null when there is nothing to say.
 *
 * @param {Known} known as it was last
 * @param {{ state: string, reason?: string | undefined }} end
 * @param {(post: string) => string} title
 * @returns {Saying | null}
 */
export function resultOf(known, { state, reason }, title) {
  if (known.state === 'rung') return ringEnded(title(known.caller), state);
  if (reason === 'handed_over') return { key: 'live-js-call-handed-over', values: { posts: namesOf(known, title) } };
  if (reason === 'lost') return { key: 'live-js-call-lost', values: {} };
  if (known.state === 'held') return { key: 'live-js-call-held-ended', values: { posts: namesOf(known, title) } };
  if (known.wasTalk) return { key: 'live-js-call-ended', values: {} };
  const [only, ...more] = known.members.keys();
  if (only === undefined) return { key: 'live-js-ring-failed', values: {} };
  return more.length === 0 ? nobodyOf(known, only, { state, reason }, title) : { key: 'live-js-call-nobody', values: {} };
}

/**
 * How many answered how, of those who are not inside; in the order of `AWAY`.
 *
 * @param {Known} known
 * @returns {Saying[]}
 */
export function countsOf(known) {
  const stands = [...known.members.values()];
  const counted = AWAY.map((state) => ({ state, n: stands.filter((one) => one === state).length }));
  return counted.filter(({ n }) => n > 0).map(({ state, n }) => ({ key: `live-js-count-${state}`, values: { n } }));
}

/**
 * Who is meant by a call, in the order in which one thinks of them: who is with us, else who may yet be, else who was asked.
 *
 * @param {Known} known
 * @returns {string[]} posts
 */
export function partnersOf({ members, state, caller }) {
  if (state === 'rung') return [caller];
  for (const wanted of [['inside', 'held'], ['rung', 'frosted']]) {
    const found = [...members].filter(([, stands]) => wanted.includes(stands)).map(([post]) => post);
    if (found.length > 0) return found;
  }
  return [...members.keys()];
}

/** Those of whom there is something to say beside their pictures. @param {Known} known @returns {[string, MemberState][]} */
export function absentOf({ members, state }) {
  const absent = [...members].filter(([, stands]) => stands !== 'inside');
  // One who is rung alone is the whole screen already.
  return state === 'ringing' && members.size < 2 ? [] : absent;
}

/** @param {Known} known @param {(post: string) => string} title */
function namesOf(known, title) {
  return partnersOf(known).map(title).join(', ');
}

/** A ring here that is over without an act of this page. @param {string} post @param {string} state @returns {Saying | null} */
function ringEnded(post, state) {
  if (state === 'missed') return { key: 'live-js-call-missed-here', values: { post } };
  if (state === 'cancelled' || state === 'ended') return { key: 'live-js-call-cancelled', values: { post } };
  // Answered at another device of this seat.
  return null;
}

/**
 * @param {Known} known
 * @param {string} only the one that was rung
 * @param {{ state: string, reason?: string | undefined }} end
 * @param {(post: string) => string} title
 * @returns {Saying}
 */
function nobodyOf({ members }, only, { state, reason }, title) {
  const said = ANSWERS[members.get(only) ?? 'rung'];
  const post = title(only);
  if (said !== undefined) return { key: said, values: { post } };
  if (state === 'declined') return { key: `live-js-call-declined-${reason ?? 'busy'}`, values: { post } };
  const isKnown = ['missed', 'busy', 'unavailable', 'cancelled'].includes(state);
  return isKnown ? { key: `live-js-call-${state}`, values: { post } } : { key: 'live-js-call-ended', values: {} };
}
