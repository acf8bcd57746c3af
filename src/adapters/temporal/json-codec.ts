import type { PayloadCodec } from '@temporalio/common';
import type { JsonCodec, JsonPayload } from '../../schemas/payload-codec.ts';
import type { StoredPayload } from './payload-codec.ts';
import { PayloadUnreadable } from './payload-unreadable.ts';

/** The codec for payloads in JSON, as Temporal's UI and CLI send them. */
export function createJsonCodec(codec: PayloadCodec): JsonCodec {
  const each = (payloads: readonly JsonPayload[], convert: (payload: StoredPayload) => Promise<StoredPayload[]>) =>
    Promise.all(
      payloads.map(async (payload) => {
        const [converted = {}] = await convert(fromJson(payload));
        return { ...payload, ...toJson(converted) };
      }),
    );
  return {
    decode: (payloads) =>
      each(payloads, async (payload) => {
        try {
          return await codec.decode([payload]);
        } catch (error) {
          // The rest of the page stays readable. The codec has told the log which key is missing.
          if (error instanceof PayloadUnreadable) return [payload];
          throw error;
        }
      }),
    encode: (payloads) => each(payloads, (payload) => codec.encode([payload])),
  };
}

function fromJson({ metadata, data }: JsonPayload): StoredPayload {
  return {
    metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')])),
    data: Buffer.from(data, 'base64'),
  };
}

function toJson({ metadata, data }: StoredPayload): Pick<JsonPayload, 'metadata' | 'data'> {
  const text = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString('base64');
  return {
    metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name, text(value)])),
    data: text(data),
  };
}
