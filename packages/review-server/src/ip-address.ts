import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * True for an ordinary public unicast address. False for private, loopback, link-local, shared (CGNAT), multicast,
 * reserved and translated (NAT64, 6to4, Teredo) ranges. An IPv4-mapped IPv6 address counts as its IPv4 address.
 */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  const parsed = ipaddr.process(address);
  return parsed.range() === 'unicast' && !localNat64.some((range) => parsed.kind() === 'ipv6' && parsed.match(range));
}

/** IPv4/IPv6 translation for local use (RFC 8215). */
const localNat64 = [ipaddr.parseCIDR('64:ff9b:1::/48')];

/** The network that one customer of a provider has: the IPv4 address, or the /64 of an IPv6 address. */
export function networkOf(address: string): string {
  if (isIP(address) === 0) return address;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  return parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':');
}
