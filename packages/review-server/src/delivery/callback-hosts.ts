import { isIP } from 'node:net';
import { isPublicAddress } from '../ip-address.ts';
import type { CallbackHosts } from '../options.ts';

/**
 * Why callbacks to this address are refused. Undefined if they are allowed. Names are resolved and checked at the call.
 */
export function callbackProblem(hosts: CallbackHosts, address: string): string | undefined {
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') return 'the address must not carry a user name or password';
  if (hosts === 'any') return undefined;
  const name = url.hostname.replace(/^\[|\]$/g, '');
  if (hosts === 'public')
    return isIP(name) !== 0 && !isPublicAddress(name)
      ? `the address ${name} is not public, and this server sends callbacks to public addresses only`
      : undefined;
  return hosts.includes(url.host) || hosts.includes(url.hostname)
    ? undefined
    : `the host ${url.host} is not allowed for callbacks. The operator of this server can allow it`;
}
