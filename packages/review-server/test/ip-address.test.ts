import { describe, expect, it } from 'vitest';
import { callbackProblem } from '../src/delivery/callback-hosts.ts';
import { isPublicAddress, networkOf } from '../src/ip-address.ts';

describe('isPublicAddress', () => {
  it.each([
    ['an IPv4 address', '8.8.8.8'],
    ['an IPv6 address', '2606:4700:4700::1111'],
    ['a public IPv4 address, mapped to IPv6', '::ffff:8.8.8.8'],
    ['a public IPv4 address behind NAT64', '64:ff9b::8.8.8.8'],
    ['the address after CGNAT', '100.128.0.1'],
    ['the address before 172.16.0.0/12', '172.15.255.255'],
  ])('%s → public', (_, address) => expect(isPublicAddress(address)).toBe(true));

  it.each([
    ['unspecified', '0.0.0.0', '::'],
    ['IPv4-compatible and not assigned', '::10.0.0.1', '::7f00:1', '4000::1'],
    ['loopback', '127.0.0.1', '127.255.255.254', '::1'],
    ['private', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fc00::1', 'fd12:3456::1'],
    ['link-local', '169.254.169.254', 'fe80::1', 'fe80::1%eth0', 'febf::1'],
    ['CGNAT', '100.64.0.1', '100.127.255.255'],
    ['multicast', '224.0.0.1', '239.255.255.250', 'ff02::1'],
    ['reserved and broadcast', '192.0.0.1', '198.18.0.1', '240.0.0.1', '255.255.255.255'],
    ['IPv4-mapped IPv6', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:7f00:1', '::ffff:169.254.169.254'],
    ['NAT64', '64:ff9b::7f00:1', '64:ff9b::a9fe:a9fe', '64:ff9b:1::1'],
    ['6to4 and Teredo', '2002:7f00:1::', '2001:0:7f00:1::', '2002:808:808::1', '2001:0:808:808::1'],
    ['IPv4-compatible IPv6', '::7f00:1', '::127.0.0.1', '::a9fe:a9fe', '::10.0.0.1', '::2', '::808:808'],
    ['IPv4-translated IPv6', '::ffff:0:127.0.0.1', '::ffff:0:8.8.8.8'],
    ['IPv6 that is not allocated', '100:0:0:1::1', '4000::1', '8000::1', 'e000::1', 'fe00::1', 'fec0::1'],
    [
      'documentation, benchmarks, discard',
      '192.0.2.1',
      '198.51.100.1',
      '203.0.113.1',
      '2001:db8::1',
      '3fff::1',
      '100::1',
    ],
    ['anycast services', '192.88.99.1', '192.52.193.1', '192.175.48.1', '2620:4f:8000::1', '5f00::1'],
    ['this network', '0.1.2.3'],
    ['not an address', 'localhost', '', '127.1', '2130706433', '1.2.3.4.5'],
  ])('%s → not public', (_, ...addresses) =>
    expect(addresses.map((address) => [address, isPublicAddress(address)])).toEqual(
      addresses.map((address) => [address, false]),
    ),
  );
});

describe('networkOf', () => {
  it.each([
    ['an IPv4 address → itself', '203.0.113.7', '203.0.113.7'],
    ['an IPv4-mapped address → the IPv4 address', '::ffff:203.0.113.7', '203.0.113.7'],
    ['an IPv4-mapped address in hex → the IPv4 address', '::FFFF:cb00:7107', '203.0.113.7'],
    ['an IPv6 address → its /64', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['a shortened IPv6 address → its /64', '2001:0DB8::6', '2001:db8:0:0'],
    ['a link-local address with a zone → its /64', 'fe80::1%eth0', 'fe80:0:0:0'],
    ['not an address → itself', 'unix:', 'unix:'],
  ])('%s', (_, address, network) => expect(networkOf(address)).toBe(network));
});

describe('callbackProblem', () => {
  it.each(['any', 'public', ['user:secret@127.0.0.1', '127.0.0.1']] as const)(
    'callbacks to %s, user name and password in the address → refused without showing them',
    (hosts) => {
      const problem = callbackProblem(hosts, 'http://user:secret@127.0.0.1/');
      expect(problem).toContain('user name or password');
      expect(problem).not.toContain('secret');
    },
  );

  it.each([
    'http://[::127.0.0.1]/',
    'http://[::1]/',
    'http://0/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://[::ffff:127.0.0.1]/',
    'http://[64:ff9b::a00:1]/',
    'http://①②⑦.⓪.⓪.①/',
    'http://2130706433/',
    'http://0x7f.1/',
  ])('public callbacks only, %s → refused', (url) => expect(callbackProblem('public', url)).toContain('not public'));
});

it('address with an odd zone → not public, its own network, no error', () => {
  const address = '::%0:0:0:10.0.10.10';
  expect([isPublicAddress(address), networkOf(address)]).toEqual([false, address]);
});
