import { Client } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';

type StoredPayload = Parameters<PayloadCodec['decode']>[0][number];

/** Takes the place of a value that can't be read. It has the form of no value of ours. */
const unreadable = new TextEncoder().encode('{"unreadable":true}');
const json = new TextEncoder().encode('json/plain');
const otherReadable = ['binary/null', 'binary/plain'];

/**
 * The same client, reading values that other programs wrote in a form that it does not know: encrypted, compressed, cut
 * off. One such run would otherwise fail a whole list of runs.
 */
export function tolerantClient({ connection, options }: Client): Client {
  const { namespace, identity, dataConverter } = options;
  return new Client({
    connection,
    namespace,
    identity,
    // Codecs decode from the last to the first.
    dataConverter: { ...dataConverter, payloadCodecs: [markUnreadable, ...(dataConverter?.payloadCodecs ?? [])] },
  });
}

const markUnreadable: PayloadCodec = {
  encode: async (payloads) => payloads,
  decode: async (payloads) =>
    payloads.map((payload) => (isReadable(payload) ? payload : { metadata: { encoding: json }, data: unreadable })),
};

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
