/** The worker keeps the page that is shown while no server answers, for the next start of the machine. */

export async function keepWaitingPage() {
  try {
    const registration = await navigator.serviceWorker?.register('/kiosk-worker.js', { scope: '/kiosk', updateViaCache: 'none' });
    registration?.active?.postMessage('keep');
  } catch {
    // Without it a machine that starts while the server is away shows the browser's own page until it is started again.
  }
}
