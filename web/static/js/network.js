/**
 * Another network under the page: the browser says so, or says only that the old one has changed its ways.
 */

/**
 * `moved`: the device has another network · `changed`: it may have; whoever needs to know looks.
 *
 * @param {{ moved: () => void, changed: () => void }} listener
 */
export function onNetwork({ moved, changed }) {
  addEventListener('online', moved);
  const connection = /** @type {any} */ (navigator).connection;
  if (connection === undefined || typeof connection.addEventListener !== 'function') return;
  let kind = connection.type;
  connection.addEventListener('change', () => {
    // It also comes when an estimate of the same network changes, which is no reason to leave it.
    const isOther = connection.type !== kind;
    kind = connection.type;
    if (isOther && kind !== 'none') moved();
    else changed();
  });
}
