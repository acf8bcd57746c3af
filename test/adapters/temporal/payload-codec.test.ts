import { describe, expect, it } from 'vitest';
import { createPayloadCodec, encryptedWith } from '../../../src/adapters/temporal/payload-codec.ts';
import { PayloadUnreadable } from '../../../src/adapters/temporal/payload-unreadable.ts';
import { watchUnreadablePayloads } from '../../../src/adapters/temporal/unreadable-payloads.ts';
import { newKey, oldKey, otherValueOf } from '../../support/payload-keys.ts';

const namespace = 'default';
const text = (words: string) => ({
  metadata: { encoding: Buffer.from('json/plain'), 'a-name': Buffer.from([0, 255]) },
  data: Buffer.from(JSON.stringify(words)),
});
const secret = text('the secret words');
const codecOf = (...keys: Array<typeof oldKey>) => createPayloadCodec({ namespace, encryption: { keys } });
const bytesOf = (payload: object) => JSON.stringify(payload, (_, value: unknown) => value);
const failure = async (decoding: Promise<unknown>) =>
  (await decoding.catch((error: unknown) => error)) as PayloadUnreadable;

describe('payload codec', () => {
  it('a value with bytes of every kind → the same after encode and decode', async () => {
    const codec = codecOf(oldKey);
    const payloads = [secret, { metadata: {}, data: Buffer.from([0, 1, 255]) }, text('')];
    const decoded = await codec.decode(await codec.encode(payloads));
    expect(decoded.map(({ metadata, data }) => [metadata, Buffer.from(data ?? [])])).toEqual(
      payloads.map(({ metadata, data }) => [metadata, data]),
    );
  });

  it('an encrypted value → shows its encoding and the id of its key only, and differs each time', async () => {
    const codec = codecOf(oldKey);
    const [one, two] = await codec.encode([secret, secret]);
    expect(Object.keys(one?.metadata ?? {})).toEqual(['encoding', 'holdpoint-key-id']);
    expect(Buffer.from(one?.data ?? []).toString('latin1')).not.toContain('secret');
    expect(bytesOf(one as object)).not.toBe(bytesOf(two as object));
    expect(encryptedWith(one as object)).toBe('old');
  });

  it('two keys → the first encrypts, both decrypt', async () => {
    const [before] = await codecOf(oldKey).encode([secret]);
    const rotated = codecOf(newKey, oldKey);
    const [after] = await rotated.encode([secret]);
    expect(encryptedWith(after as object)).toBe('new');
    expect(await rotated.decode([before as object, after as object])).toMatchObject([
      { data: secret.data },
      { data: secret.data },
    ]);
  });

  it('decrypt only → encrypts nothing, and decrypts', async () => {
    const [before] = await codecOf(oldKey).encode([secret]);
    const off = createPayloadCodec({ namespace, encryption: { keys: [oldKey], decryptOnly: true } });
    expect(await off.encode([secret])).toEqual([secret]);
    expect(await off.decode([before as object])).toMatchObject([{ data: secret.data }]);
  });

  it.each([['plain'], ['of another codec']])('a value %s → unchanged', async (kind) => {
    const value =
      kind === 'plain' ? secret : { metadata: { encoding: Buffer.from('binary/encrypted') }, data: Buffer.from('x') };
    expect(await codecOf(oldKey).decode([value])).toEqual([value]);
    expect(await createPayloadCodec({ namespace }).encode([value])).toEqual([value]);
  });

  it('no key → an error that names the key and the setting', async () => {
    const encrypted = await codecOf(oldKey).encode([secret]);
    const error = await failure(createPayloadCodec({ namespace }).decode(encrypted));
    expect(error).toBeInstanceOf(PayloadUnreadable);
    expect(error.message).toBe(
      'A value in Temporal is encrypted with the payload key "old", and this process has no payload keys. Set HOLDPOINT_PAYLOAD_KEYS as the other processes have it.',
    );
  });

  it('another key → an error that names both', async () => {
    const error = await failure(codecOf(newKey).decode(await codecOf(oldKey).encode([secret])));
    expect(error.message).toContain('"old", which this process lacks (it has "new")');
  });

  it('another value of the key → an error without a part of the key', async () => {
    const error = await failure(codecOf(otherValueOf(oldKey)).decode(await codecOf(oldKey).encode([secret])));
    expect(error.message).toContain('another key of this id');
    expect(error.message).not.toContain(oldKey.key.slice(0, 8));
  });

  it('another namespace → not decrypted', async () => {
    const elsewhere = createPayloadCodec({ namespace: 'elsewhere', encryption: { keys: [oldKey] } });
    const error = await failure(elsewhere.decode(await codecOf(oldKey).encode([secret])));
    expect(error.message).toContain('another namespace than "elsewhere"');
  });

  it('another id on the value → not decrypted', async () => {
    const [encrypted] = await codecOf(oldKey).encode([secret]);
    const renamed = { ...encrypted, metadata: { ...encrypted?.metadata, 'holdpoint-key-id': Buffer.from('new') } };
    const sameBytes = codecOf({ ...oldKey, id: 'new' });
    await expect(sameBytes.decode([renamed])).rejects.toBeInstanceOf(PayloadUnreadable);
  });

  it.each([0, 11, 12, 20, 28, 40])('byte %i changed → not decrypted', async (at) => {
    const [encrypted] = await codecOf(oldKey).encode([secret]);
    const data = Buffer.from(encrypted?.data ?? []);
    data[at] = (data[at] as number) ^ 1;
    await expect(codecOf(oldKey).decode([{ ...encrypted, data }])).rejects.toBeInstanceOf(PayloadUnreadable);
  });

  it.each([0, 5, 12, 20, 27, 40])('cut to %i bytes → not decrypted', async (length) => {
    const [encrypted] = await codecOf(oldKey).encode([secret]);
    const data = Buffer.from(encrypted?.data ?? []).subarray(0, length);
    await expect(codecOf(oldKey).decode([{ ...encrypted, data }])).rejects.toBeInstanceOf(PayloadUnreadable);
  });

  it('an id that is none → shown as a question mark', async () => {
    const [encrypted] = await codecOf(oldKey).encode([secret]);
    const forged = { ...encrypted, metadata: { ...encrypted?.metadata, 'holdpoint-key-id': Buffer.from('<b>\n') } };
    expect((await failure(codecOf(oldKey).decode([forged]))).message).toContain('payload key "?"');
  });

  it.each([
    [{ keys: [] }, 'must have at least one key'],
    [{ keys: [{ id: 'a b', key: oldKey.key }] }, 'must have ids of 1 to 64 letters'],
    [{ keys: [oldKey, oldKey] }, 'must not have two keys with the same id'],
    [{ keys: [{ id: 'k', key: 'c2hvcnQ=' }] }, 'must have keys of 32 bytes'],
  ])('malformed keys %# → refused', (encryption, says) => {
    expect(() => createPayloadCodec({ namespace, encryption })).toThrow(says);
  });
});

describe('unreadable payloads', () => {
  const unreadable = (id: string) => new PayloadUnreadable(id, { reason: 'no key', known: [] });

  it('many values of one key → one line a minute, and a warning for ten minutes', () => {
    const lines: string[] = [];
    let now = 0;
    const watch = watchUnreadablePayloads(
      (_fields, line) => lines.push(line),
      () => now,
    );
    for (now = 0; now < 90_000; now += 1000) watch.onUnreadable(unreadable('old'));
    expect(lines).toHaveLength(2);
    expect(watch.dependency.warning?.()).toContain('"old"');
    now += 11 * 60_000;
    expect(watch.dependency.warning?.()).toBeUndefined();
  });

  it('a thousand made-up ids → a bounded number of lines', () => {
    const lines: string[] = [];
    const watch = watchUnreadablePayloads((_fields, line) => lines.push(line));
    for (let id = 0; id < 1000; id += 1) watch.onUnreadable(unreadable(`k${id}`));
    expect(lines.length).toBeLessThanOrEqual(50);
  });
});
