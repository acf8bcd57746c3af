import fc from 'fast-check';
import { createPayloadCodec, encryptedWith } from '../../../src/adapters/temporal/payload-codec.ts';
import { PayloadUnreadable } from '../../../src/adapters/temporal/payload-unreadable.ts';
import { codecBody } from '../../../src/schemas/payload-codec.ts';
import { payloadKeyProblems, readPayloadKeys, writePayloadKeys } from '../../../src/schemas/payload-keys.ts';
import { createCodecSessions } from '../../../src/signing/codec-session.ts';
import { newKey, oldKey } from '../../support/payload-keys.ts';
import { json, text } from '../arbitraries.ts';
import { must, target } from '../target.ts';

const keyText = fc.oneof(
  fc.uint8Array({ minLength: 30, maxLength: 34 }).map((bytes) => Buffer.from(bytes).toString('base64')),
  text,
);
const bytes = fc.uint8Array({ maxLength: 200 });
const payload = fc.record({
  metadata: fc.dictionary(fc.constantFrom('encoding', 'holdpoint-key-id', 'messageType'), bytes),
  data: bytes,
});

export const encryptionTargets = [
  target('HOLDPOINT_PAYLOAD_KEYS', 40, () => ({
    input: fc.array(fc.tuple(fc.oneof(text, fc.constantFrom('off', 'k1', 'k2')), keyText), { maxLength: 5 }),
    run: (pairs) => {
      const given = pairs.map(([id, key]) => (id === 'off' ? id : `${id}:${key}`)).join(',');
      const encryption = readPayloadKeys(given);
      const problems = payloadKeyProblems(encryption);
      for (const { key } of encryption.keys)
        must(key.length < 20 || !problems.join().includes(key), 'A problem shows a key.');
      if (problems.length > 0) return;
      const again = readPayloadKeys(writePayloadKeys(encryption));
      must(JSON.stringify(again) === JSON.stringify(encryption), 'Written keys read as others.');
    },
  })),
  target('payload codec', 10, () => {
    const codec = createPayloadCodec({ namespace: 'default', encryption: { keys: [newKey, oldKey] } });
    return {
      input: fc.record({ payload, at: fc.nat(), bit: fc.integer({ min: 0, max: 7 }) }),
      run: async ({ payload: given, at, bit }) => {
        const [encrypted = {}] = await codec.encode([given]);
        const [decrypted = {}] = await codec.decode([encrypted]);
        must(Buffer.compare(decrypted.data ?? Buffer.alloc(0), given.data) === 0, 'The data changed.');
        must(
          Object.entries(given.metadata).every(
            ([name, value]) => Buffer.compare(decrypted.metadata?.[name] ?? Buffer.alloc(0), value) === 0,
          ),
          'The metadata changed.',
        );
        const data = Buffer.from(encrypted.data ?? []);
        data[at % data.length] = (data[at % data.length] as number) ^ (1 << bit);
        for (const forged of [{ ...encrypted, data }, given]) {
          const outcome = await codec.decode([forged]).catch((error: unknown) => error);
          must(
            outcome instanceof PayloadUnreadable || encryptedWith(forged) === undefined,
            'A forged value was decrypted.',
          );
        }
      },
    };
  }),
  target('body of /codec/decode, cookie of /codec', 40, () => {
    const sessions = createCodecSessions(['a secret of thirty-two characters!'], () => new Date());
    return {
      input: fc.record({ body: json, cookie: text }),
      run: ({ body, cookie }) => {
        codecBody.safeParse(body);
        must(sessions.open(cookie) === undefined, 'A cookie of no gateway was opened.');
      },
    };
  }),
];
