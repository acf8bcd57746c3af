import { z } from 'zod';

const base64 = z.string().regex(/^[A-Za-z0-9+/_-]*={0,2}$/, 'must be Base64');

/** A payload as protobuf writes it in JSON. Fields of newer versions are passed on. */
const jsonPayload = z.looseObject({
  metadata: z.record(z.string(), base64).default({}),
  data: base64.default(''),
});
export type JsonPayload = z.output<typeof jsonPayload>;

/** The body of Temporal's codec protocol. Its CLI sends `{}` for events without a payload. */
export const codecBody = z.object({ payloads: z.array(jsonPayload).max(1000).default([]) });

/** Decrypts and encrypts the payloads of Temporal's UI and CLI. */
export type JsonCodec = {
  /** A payload that can't be decrypted is returned as it is. */
  decode(payloads: readonly JsonPayload[]): Promise<JsonPayload[]>;
  encode(payloads: readonly JsonPayload[]): Promise<JsonPayload[]>;
};
