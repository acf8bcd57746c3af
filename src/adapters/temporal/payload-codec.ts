import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import type { PayloadCodec } from '@temporalio/common';
import { keyIdForm, payloadKeyProblems, type PayloadEncryption } from '../../schemas/payload-keys.ts';
import { PayloadUnreadable } from './payload-unreadable.ts';

export type StoredPayload = Parameters<PayloadCodec['decode']>[0][number];

export type PayloadCodecOptions = {
  /** Temporal's namespace. A value of another one is not decrypted. */
  namespace: string;
  /** Without it nothing is encrypted, and an encrypted value is an error that names its key. */
  encryption?: PayloadEncryption | undefined;
  /** Called for each value that can't be decrypted, before the error is thrown. */
  onUnreadable?: ((error: PayloadUnreadable) => void) | undefined;
};

const encryptedEncoding = 'binary/holdpoint-encrypted';
const keyIdName = 'holdpoint-key-id';
const algorithm = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;
const encodingOfEncrypted = Buffer.from(encryptedEncoding);

/**
 * Encrypts payloads with AES-256-GCM. Payloads in another encoding are returned as they are when decoding: earlier runs,
 * headers, inputs of the CLI. [decision 0048](../../../docs/decisions/0048-payload-encryption.md)
 * @throws Error for malformed keys.
 */
export function createPayloadCodec({ namespace, encryption, onUnreadable }: PayloadCodecOptions): PayloadCodec {
  const problems = encryption === undefined ? [] : payloadKeyProblems(encryption);
  if (problems.length > 0) throw new Error(`The payload keys ${problems.join('; ')}.`);
  const keys = new Map((encryption?.keys ?? []).map(({ id, key }) => [id, keyObject(id, key)]));
  const [first] = keys.values();
  const encrypting = encryption?.decryptOnly === true ? undefined : first;
  const decode = (payload: StoredPayload): StoredPayload => {
    const id = encryptedWith(payload);
    if (id === undefined) return payload;
    const key = keys.get(id);
    if (key === undefined) throw new PayloadUnreadable(id, { reason: 'no key', known: [...keys.keys()] });
    try {
      return open(payload, key, namespace);
    } catch {
      throw new PayloadUnreadable(id, { reason: 'wrong key', namespace });
    }
  };
  return {
    encode: async (payloads) =>
      encrypting === undefined ? payloads : payloads.map((payload) => seal(payload, encrypting, namespace)),
    async decode(payloads) {
      try {
        return payloads.map(decode);
      } catch (error) {
        if (error instanceof PayloadUnreadable) onUnreadable?.(error);
        throw error;
      }
    },
  };
}

/** The id of the key that encrypted a payload. Undefined for a payload that our codec did not encrypt. */
export function encryptedWith({ metadata }: StoredPayload): string | undefined {
  if (textOf(metadata?.['encoding']) !== encryptedEncoding) return undefined;
  const id = textOf(metadata?.[keyIdName]);
  return keyIdForm.test(id) ? id : '?';
}

type NamedKey = { id: string; key: KeyObject };

function keyObject(id: string, key: string): NamedKey {
  return { id, key: createSecretKey(Buffer.from(key, 'base64')) };
}

// The Workflow id is not bound: a Schedule encodes with another one than its runs decode with.
function associatedData(namespace: string, keyId: string): Buffer {
  return Buffer.from(JSON.stringify(['holdpoint-payload-1', namespace, keyId]));
}

/** The encrypted form: IV, tag, encrypted bytes. */
function seal(payload: StoredPayload, { id, key }: NamedKey, namespace: string): StoredPayload {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv(algorithm, key, iv, { authTagLength: tagBytes });
  cipher.setAAD(associatedData(namespace, id));
  const encrypted = Buffer.concat([cipher.update(toBytes(payload)), cipher.final()]);
  return {
    ...payload,
    metadata: { encoding: encodingOfEncrypted, [keyIdName]: Buffer.from(id) },
    data: Buffer.concat([iv, cipher.getAuthTag(), encrypted]),
  };
}

function open(payload: StoredPayload, { id, key }: NamedKey, namespace: string): StoredPayload {
  const data = Buffer.from(payload.data ?? []);
  const decipher = createDecipheriv(algorithm, key, data.subarray(0, ivBytes), { authTagLength: tagBytes });
  decipher.setAAD(associatedData(namespace, id));
  decipher.setAuthTag(data.subarray(ivBytes, ivBytes + tagBytes));
  const bytes = Buffer.concat([decipher.update(data.subarray(ivBytes + tagBytes)), decipher.final()]);
  return { ...payload, ...fromBytes(bytes) };
}

/** Length of the metadata in four bytes, the metadata as JSON with Base64, the data. */
function toBytes({ metadata, data }: StoredPayload): Buffer {
  const entries = Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]);
  const head = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  return Buffer.concat([length, head, data ?? Buffer.alloc(0)]);
}

function fromBytes(bytes: Buffer): Required<Pick<StoredPayload, 'metadata' | 'data'>> {
  const end = 4 + bytes.readUInt32BE(0);
  const head = JSON.parse(bytes.subarray(4, end).toString()) as Record<string, string>;
  const metadata = Object.fromEntries(
    Object.entries(head).map(([name, value]) => [name, Buffer.from(value, 'base64')]),
  );
  return { metadata, data: bytes.subarray(end) };
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return new TextDecoder().decode(bytes ?? undefined);
}
