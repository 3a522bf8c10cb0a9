/** Shown while no server answers: asks every second whether the terminal's page can be had, and opens it then. */

const ASK_MS = 1_000;
const ANSWER_MS_MAX = 3_000;

async function look() {
  try {
    const answer = await fetch('/kiosk', { cache: 'no-store', redirect: 'manual', signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    if (answer.ok) return location.reload();
  } catch {
    // Not yet.
  }
  setTimeout(look, ASK_MS);
}

look();
