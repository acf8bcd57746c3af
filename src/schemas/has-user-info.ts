/** True for `https://user:password@host`. Such an address gets into logs, errors and other programs' headers. */
export function hasUserInfo(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && (url.username !== '' || url.password !== '');
}
