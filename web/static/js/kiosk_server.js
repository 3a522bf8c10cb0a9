/** How a terminal asks its server: JSON, with a bound in time, and a refusal by its code. */

/** A server that has not answered by then is not there. */
const ANSWER_MS_MAX = 5_000;

/** The server says no. */
export class Refused extends Error {
  /** @param {string} code */
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/**
 * @param {string} path
 * @param {unknown} body
 * @returns {Promise<any>} what the server says; nothing for an answer without a body
 * @throws {Refused} with the server's code
 */
export async function ask(path, body) {
  const answer = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(body),
    cache: 'no-store',
    signal: AbortSignal.timeout(ANSWER_MS_MAX),
  });
  if (answer.status === 204) return undefined;
  const told = await answer.json();
  if (!answer.ok) throw new Refused(String(told.code ?? answer.status));
  return told;
}
