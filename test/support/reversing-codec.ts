import type { Payload, PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';

const encoding = 'binary/reversed';

/** A user's own codec: each payload's bytes in reverse. It passes on payloads that it did not encode. */
export const reversingCodec: PayloadCodec = {
  encode: async (payloads) =>
    payloads.map((payload) => ({
      metadata: { encoding: Buffer.from(encoding) },
      data: temporal.api.common.v1.Payload.encode(payload).finish().toReversed(),
    })),
  decode: async (payloads) =>
    payloads.map((payload) =>
      Buffer.from(payload.metadata?.['encoding'] ?? []).toString() === encoding
        ? (temporal.api.common.v1.Payload.decode(Uint8Array.from(payload.data!).toReversed()) as Payload)
        : payload,
    ),
};
