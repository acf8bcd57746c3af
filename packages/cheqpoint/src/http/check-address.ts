import { hostedCheqpointUrl } from '../wire/wire-names.ts';

/**
 * Normalizes the address of a Cheqpoint service. Accepts http and https, keeps a path, removes trailing slashes.
 * Error messages call the address `setting`.
 *
 * @throws Error for another address. The message shows no password.
 */
export function checkAddress(baseUrl: string, setting = 'CHEQPOINT_BASE_URL'): string {
  const url = URL.parse(baseUrl);
  if (!url || !/^https?:$/.test(url.protocol))
    throw new Error(`${setting} is not an http or https address. Example: ${hostedCheqpointUrl}`);
  if (url.username !== '' || url.password !== '')
    throw new Error(
      `${setting} carries a user name or password for ${url.host}. Remove them: the Connection Key has its own setting.`,
    );
  if (url.search !== '' || url.hash !== '')
    throw new Error(`${setting} carries a "?" or "#" behind ${url.origin}${url.pathname}. Remove it.`);
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/**
 * Returns a Connection Key that fits into an HTTP header. Error messages call it `setting`.
 *
 * @throws Error for another text. The message does not show the key.
 */
export function checkConnectionKey(key: string, setting = 'CHEQPOINT_CONNECTION_KEY'): string {
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new Error(
    key === ''
      ? `${setting} is empty.`
      : `${setting} holds a space, a line break or a character outside ASCII. Copy the key again.`,
  );
}
