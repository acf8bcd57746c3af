/**
 * Reads the address of a Cheqpoint service: http or https, a path in front of Cheqpoint's own is kept, slashes at its
 * end are cut. `setting` is what error texts call it.
 *
 * @throws Error that says what is wrong; it repeats no password.
 */
export function checkAddress(baseUrl: string, setting = 'CHEQPOINT_BASE_URL'): string {
  const url = URL.parse(baseUrl);
  if (!url || !/^https?:$/.test(url.protocol))
    throw new Error(`${setting} is not an http or https address. It looks like https://app.cheqpoint.co.`);
  if (url.username !== '' || url.password !== '')
    throw new Error(
      `${setting} carries a user name or password for ${url.host}. Leave them out: the Connection Key is a setting of its own.`,
    );
  if (url.search !== '' || url.hash !== '')
    throw new Error(`${setting} carries a "?" or "#" behind ${url.origin}${url.pathname}. Leave it out.`);
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/**
 * Passes a Connection Key that an HTTP header can carry. Its form is Cheqpoint's affair. `setting` is what error texts call it.
 *
 * @throws Error that does not repeat it.
 */
export function checkConnectionKey(key: string, setting = 'CHEQPOINT_CONNECTION_KEY'): string {
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new Error(
    key === ''
      ? `${setting} is empty.`
      : `${setting} holds a space, a line break or a character outside ASCII. Copy the key once more.`,
  );
}
