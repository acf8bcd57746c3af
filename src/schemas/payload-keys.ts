/** Keys for the values that Temporal stores: arguments, results, memos, summaries, failures. */
export type PayloadEncryption = {
  /** The first key encrypts, all of them decrypt. `key`: 32 random bytes as Base64. */
  keys: ReadonlyArray<{ id: string; key: string }>;
  /**
   * True: encrypts nothing, and still decrypts. For the time in which some processes have no keys yet.
   * @default false
   */
  decryptOnly?: boolean;
};

const keyBytes = 32;
const mostKeys = 20;
const makeOne = 'make one with: openssl rand -base64 32';

/** Form of a key's id. It stands in clear beside each encrypted value. */
export const keyIdForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** What is wrong with the keys, as ends of sentences. They hold no part of a key. */
export function payloadKeyProblems({ keys }: PayloadEncryption): string[] {
  const ids = keys.map(({ id }) => id);
  return [
    ...(keys.length === 0 ? [`must have at least one key; ${makeOne}`] : []),
    ...(keys.length > mostKeys ? [`must have at most ${mostKeys} keys`] : []),
    ...(ids.every((id) => keyIdForm.test(id))
      ? []
      : ['must have ids of 1 to 64 letters, digits, dots, underscores or hyphens, such as k1:…,k2:…']),
    ...(new Set(ids).size === ids.length ? [] : ['must not have two keys with the same id']),
    ...(keys.every(({ key }) => bytesOf(key) === keyBytes)
      ? []
      : [`must have keys of ${keyBytes} bytes, each as Base64; ${makeOne}`]),
  ];
}

/**
 * Reads keys as a setting has them: `id:base64`, separated by commas. A first entry `off` encrypts nothing. The keys are
 * not checked.
 */
export function readPayloadKeys(text: string): PayloadEncryption {
  const entries = text.split(',').map((entry) => entry.trim());
  const decryptOnly = entries[0] === 'off';
  const keys = (decryptOnly ? entries.slice(1) : entries).map((entry) => {
    const colon = entry.indexOf(':');
    return colon === -1 ? { id: '', key: '' } : { id: entry.slice(0, colon), key: entry.slice(colon + 1) };
  });
  return { keys, ...(decryptOnly && { decryptOnly }) };
}

/** The keys as a setting has them. */
export function writePayloadKeys({ keys, decryptOnly = false }: PayloadEncryption): string {
  return [...(decryptOnly ? ['off'] : []), ...keys.map(({ id, key }) => `${id}:${key}`)].join(',');
}

/** Number of bytes, or undefined if the text is not exactly their Base64. */
function bytesOf(text: string): number | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text || bytes.toString('base64url') === text ? bytes.length : undefined;
}
