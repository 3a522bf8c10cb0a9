/**
 * The key of this terminal: ECDSA over P-256, made once, kept by the browser in its own store. The private half cannot be read,
 * by this page or any other.
 */

const STORE = 'terminal';
const NAME = 'key';
const KIND = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' };

/** @typedef {{ text: string, sign: (text: string) => Promise<string> }} Key the public half in base64url, and what signs */

/** @returns {Promise<Key>} the one that is there, or a new one */
export async function ownKey() {
  const kept = await inStore('readonly', (store) => store.get(NAME));
  const pair = /** @type {CryptoKeyPair} */ (kept ?? (await fresh()));
  const text = base64url(await crypto.subtle.exportKey('raw', pair.publicKey));
  const sign = async (/** @type {string} */ words) =>
    base64url(await crypto.subtle.sign(SIGNING, pair.privateKey, new TextEncoder().encode(words)));
  return { text, sign };
}

/** The key was revoked and never comes back. */
export async function forgetKey() {
  await inStore('readwrite', (store) => store.delete(NAME));
}

async function fresh() {
  // Asked for, not relied on: a terminal whose browser forgot its key shows a code again.
  navigator.storage?.persist?.().catch(() => false);
  const pair = await crypto.subtle.generateKey(KIND, false, ['sign', 'verify']);
  await inStore('readwrite', (store) => store.put(pair, NAME));
  return pair;
}

/**
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest} act
 * @returns {Promise<any>}
 */
async function inStore(mode, act) {
  const database = await new Promise((resolve, reject) => {
    const opening = indexedDB.open(STORE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** @param {ArrayBuffer} bytes */
function base64url(bytes) {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}
