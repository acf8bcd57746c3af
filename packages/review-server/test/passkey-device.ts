import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { Assertion, CreationOptions, NewPasskey, RequestOptions } from '../src/contract/passkeys.ts';

type Lies = {
  origin?: string;
  rpId?: string;
  /** False: the device did not check who holds it. */
  isVerified?: boolean;
  counter?: number;
  challenge?: string;
  userHandle?: string | null;
  crossOrigin?: boolean;
  badSignature?: boolean;
};

/** A device with one passkey (ES256), which signs real authenticator data, and lies where a test wants it. */
export type PasskeyDevice = {
  id: string;
  create(options: CreationOptions, origin: string, lies?: Lies): NewPasskey;
  get(options: RequestOptions, origin: string, lies?: Lies): Assertion;
  /** The same key on another device. */
  clone(counter: number): PasskeyDevice;
};

type Key = { id: Buffer; keys: ReturnType<typeof newKeys>; userHandle: string };

export function createPasskeyDevice(): PasskeyDevice {
  return deviceOf({ id: randomBytes(16), keys: newKeys(), userHandle: '' }, 0);
}

function deviceOf(key: Key, start: number): PasskeyDevice {
  let counter = start;
  const id = key.id.toString('base64url');
  const credential = { id, rawId: id, type: 'public-key' as const };
  const authenticatorData = (
    rpId: string,
    { isVerified = true, counter: count = (counter += 1) }: Lies,
    more?: Buffer,
  ) =>
    Buffer.concat([
      createHash('sha256').update(rpId).digest(),
      // User present, user verified, attested data follows.
      Buffer.from([0x01 | (isVerified ? 0x04 : 0) | (more === undefined ? 0 : 0x40)]),
      uint32(count),
      more ?? Buffer.alloc(0),
    ]);
  const clientData = (type: string, challenge: string, origin: string, lies: Lies) =>
    Buffer.from(
      JSON.stringify({
        type,
        challenge: lies.challenge ?? challenge,
        origin: lies.origin ?? origin,
        crossOrigin: lies.crossOrigin ?? false,
      }),
    );
  return {
    id,
    create({ challenge, rp, user }, origin, lies = {}) {
      key.userHandle = user.id;
      const { x, y } = key.keys.publicKey.export({ format: 'jwk' });
      const cose = cborMap([
        [cborInt(1), cborInt(2)],
        [cborInt(3), cborInt(-7)],
        [cborInt(-1), cborInt(1)],
        [cborInt(-2), cborBytes(Buffer.from(x!, 'base64url'))],
        [cborInt(-3), cborBytes(Buffer.from(y!, 'base64url'))],
      ]);
      const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([0, key.id.length]), key.id, cose]);
      const attestationObject = cborMap([
        [cborText('fmt'), cborText('none')],
        [cborText('attStmt'), cborMap([])],
        [cborText('authData'), cborBytes(authenticatorData(lies.rpId ?? rp.id, { counter, ...lies }, attested))],
      ]);
      return {
        ...credential,
        response: {
          clientDataJSON: clientData('webauthn.create', challenge, origin, lies).toString('base64url'),
          attestationObject: attestationObject.toString('base64url'),
          transports: ['internal'],
        },
      };
    },
    get({ challenge, rpId }, origin, lies = {}) {
      const data = authenticatorData(lies.rpId ?? rpId, lies);
      const client = clientData('webauthn.get', challenge, origin, lies);
      const signed = Buffer.concat([data, createHash('sha256').update(client).digest()]);
      const signature = sign('sha256', lies.badSignature ? Buffer.concat([signed, data]) : signed, key.keys.privateKey);
      const userHandle = lies.userHandle === undefined ? key.userHandle : lies.userHandle;
      return {
        ...credential,
        response: {
          clientDataJSON: client.toString('base64url'),
          authenticatorData: data.toString('base64url'),
          signature: signature.toString('base64url'),
          ...(userHandle === null ? {} : { userHandle }),
        },
      };
    },
    clone: (count) => deviceOf(key, count),
  };
}

function newKeys() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

// CBOR (RFC 8949) of the few values that an attestation has.
function cborHead(major: number, value: number): Buffer {
  if (value < 24) return Buffer.from([(major << 5) | value]);
  if (value < 256) return Buffer.from([(major << 5) | 24, value]);
  return Buffer.from([(major << 5) | 25, value >> 8, value & 0xff]);
}
const cborInt = (value: number) => (value < 0 ? cborHead(1, -1 - value) : cborHead(0, value));
const cborBytes = (value: Buffer) => Buffer.concat([cborHead(2, value.length), value]);
const cborText = (value: string) => Buffer.concat([cborHead(3, value.length), Buffer.from(value)]);
const cborMap = (entries: readonly (readonly [Buffer, Buffer])[]) =>
  Buffer.concat([cborHead(5, entries.length), ...entries.flat()]);
