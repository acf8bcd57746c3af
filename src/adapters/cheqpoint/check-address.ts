/**
 * Reads the address of a Cheqpoint service: http or https, a path in front of Cheqpoint's own is kept, slashes at its
 * end are cut.
 *
 * @throws Error that says what is wrong; it repeats no password.
 */
export function checkAddress(baseUrl: string): string {
  const url = URL.parse(baseUrl);
  if (!url || !/^https?:$/.test(url.protocol)) throw new Error('CHEQPOINT_BASE_URL is not an http or https address. It looks like https://app.cheqpoint.co.');
  if (url.username !== '' || url.password !== '') throw new Error(`CHEQPOINT_BASE_URL carries a user name or password for ${url.host}. Leave them out: the Connection Key goes into CHEQPOINT_CONNECTION_KEY.`);
  if (url.search !== '' || url.hash !== '') throw new Error(`CHEQPOINT_BASE_URL carries a "?" or "#" behind ${url.origin}${url.pathname}. Leave it out.`);
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/**
 * Passes a Connection Key that an HTTP header can carry. Its form is Cheqpoint's affair.
 *
 * @throws Error that does not repeat it.
 */
export function checkConnectionKey(key: string): string {
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new Error(key === '' ? 'CHEQPOINT_CONNECTION_KEY is empty.' : 'CHEQPOINT_CONNECTION_KEY holds a space, a line break or a character outside ASCII. Copy the key once more.');
}
