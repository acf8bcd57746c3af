import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * True for an ordinary public unicast address. False for every special range: private, loopback, link-local, shared
 * (CGNAT), multicast, reserved, 6to4, Teredo, and IPv6 outside of 2000::/3. An IPv4-mapped or NAT64 (64:ff9b::/96) address
 * counts as its IPv4 address.
 */
export function isPublicAddress(address: string): boolean {
  if (!isReadable(address)) return false;
  const parsed = withoutNat64(ipaddr.process(address));
  if (parsed.range() !== 'unicast') return false;
  return parsed instanceof ipaddr.IPv4 || parsed.match(allocated);
}

/** The part of IPv6 that is allocated to networks (RFC 4291, IANA). The library has no names for the rest. */
const allocated = ipaddr.IPv6.parseCIDR('2000::/3');
/** The prefix before an IPv4 address, for hosts without IPv4 (RFC 6052). */
const nat64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

function withoutNat64(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (address instanceof ipaddr.IPv4 || !address.match(nat64)) return address;
  return new ipaddr.IPv4(address.toByteArray().slice(12));
}

/** The network that one customer of a provider has: the IPv4 address, or the /64 of an IPv6 address. */
export function networkOf(address: string): string {
  if (!isReadable(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  return parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':');
}

/** Node takes every text behind "%" as a zone, and the library reads fewer. */
function isReadable(address: string): boolean {
  return isIP(address) !== 0 && ipaddr.isValid(address);
}
