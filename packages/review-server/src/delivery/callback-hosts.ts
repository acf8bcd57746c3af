import { BlockList, isIP } from 'node:net';
import type { CallbackHosts } from '../options.ts';

const notPublic = new BlockList();
// IANA's special-purpose address registries, as far as they can lead into somebody's own network.
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  notPublic.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  notPublic.addSubnet(net, prefix, 'ipv6');

/** Whether an address lies outside every private, loopback, link-local and multicast range. */
export function isPublicAddress(address: string): boolean {
  return isIP(address) !== 0 && !notPublic.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** Why a callback may not go to this address, or nothing. What a name resolves to is checked when it is called. */
export function callbackProblem(hosts: CallbackHosts, address: string): string | undefined {
  if (hosts === 'any') return undefined;
  const url = new URL(address);
  const name = url.hostname.replace(/^\[|\]$/g, '');
  if (hosts === 'public')
    return isIP(name) !== 0 && !isPublicAddress(name)
      ? `the address ${name} is not public, and this server calls back to public addresses only`
      : undefined;
  return hosts.includes(url.host) || hosts.includes(url.hostname)
    ? undefined
    : `the host ${url.host} is not among those that this server may call back; its operator can allow it`;
}
