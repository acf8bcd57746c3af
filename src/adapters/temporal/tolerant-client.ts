import { Client } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import type { StoredPayload } from './payload-codec.ts';
import { PayloadUnreadable } from './payload-unreadable.ts';

const json = new TextEncoder().encode('json/plain');
const otherReadable = ['binary/null', 'binary/plain'];

/**
 * The same client, reading values that it can't read as a mark: in a form that it does not know, cut off, or encrypted
 * with a key that it lacks. One such run would otherwise fail a whole list of runs.
 */
export function tolerantClient({ connection, options }: Client): Client {
  const { namespace, identity, dataConverter } = options;
  return new Client({
    connection,
    namespace,
    identity,
    // Codecs decode from the last to the first.
    dataConverter: {
      ...dataConverter,
      payloadCodecs: [markUnreadable, ...(dataConverter?.payloadCodecs ?? []).map(tolerant)],
    },
  });
}

/** Why a value is the mark of a tolerant client. Undefined for other values. Any program may have written the mark. */
export function unreadableReason(value: unknown): string | undefined {
  const { unreadable, payloadKey } = (value ?? {}) as { unreadable?: unknown; payloadKey?: unknown };
  if (unreadable !== true || typeof payloadKey !== 'string') return undefined;
  return `It is encrypted with the payload key "${payloadKey.slice(0, 64)}", which this gateway can't use: see its log, and compare HOLDPOINT_PAYLOAD_KEYS with the workers'.`;
}

/** Takes the place of a value that can't be read. It has the form of no value of ours. */
function mark(payloadKey?: string): StoredPayload {
  const data = new TextEncoder().encode(JSON.stringify({ unreadable: true, payloadKey }));
  return { metadata: { encoding: json }, data };
}

const markUnreadable: PayloadCodec = {
  encode: async (payloads) => payloads,
  decode: async (payloads) => payloads.map((payload) => (isReadable(payload) ? payload : mark())),
};

function tolerant(codec: PayloadCodec): PayloadCodec {
  return {
    encode: (payloads, context) => codec.encode(payloads, context),
    decode: async (payloads, context) =>
      (
        await Promise.all(
          payloads.map(async (payload) => {
            try {
              return await codec.decode([payload], context);
            } catch (error) {
              return [mark(error instanceof PayloadUnreadable ? error.keyId : undefined)];
            }
          }),
        )
      ).flat(),
  };
}

function isReadable({ metadata, data }: StoredPayload): boolean {
  const encoding = new TextDecoder().decode(metadata?.['encoding'] ?? undefined);
  if (encoding !== 'json/plain') return otherReadable.includes(encoding);
  try {
    JSON.parse(new TextDecoder().decode(data ?? undefined));
    return true;
  } catch {
    return false;
  }
}
