import { describe, expect, it } from 'vitest';
import { equalInConstantTime, hmacSha256, sha256, sha256Bytes } from '../src/digest.ts';

describe('digests', () => {
  it('sha256 of "abc" → the test vector of FIPS 180-4', () => {
    expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(sha256(Buffer.from('abc'))).toBe(sha256('abc'));
    expect(sha256Bytes('é').toString('hex')).toBe(sha256(Buffer.from([0xc3, 0xa9])));
  });

  it('hmacSha256 → test case 2 of RFC 4231', () => {
    expect(hmacSha256('Jefe', 'what do ya want for nothing?').toString('hex')).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });

  it.each([
    ['secret', 'secret', true],
    ['secret', 'secreT', false],
    ['secret', 'secret ', false],
    ['', '', true],
    ['é', Buffer.from('é'), true],
  ])('equalInConstantTime(%j, %j) → %s', (one, other, expected) => {
    expect(equalInConstantTime(one, other)).toBe(expected);
  });
});
