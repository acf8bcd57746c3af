import { z } from 'zod';

/* Callers of Holdpoint's gateway and their API keys, as its routes under /v1/api-keys have them. */

/** Permissions of a caller. */
const scopesSchema = z.object({
  start: z.union([z.literal('all'), z.array(z.string())]),
  read: z.enum(['own', 'all']),
  control: z.enum(['none', 'own', 'all']),
  ask: z.boolean(),
  /** Absent at an earlier gateway. */
  decode: z.boolean().default(false),
  admin: z.boolean(),
});

/** An API key without its secret part. `retiring`: accepted until `expiresAt`. */
const gatewayKeySchema = z.object({
  id: z.string(),
  masked: z.string(),
  state: z.enum(['active', 'retiring', 'ended']),
  createdAt: z.string(),
  createdBy: z.string(),
  lastUsedAt: z.string().nullable(),
  expiresAt: z.string().nullable(),
  endedAt: z.string().nullable(),
});
export type GatewayKey = z.output<typeof gatewayKeySchema>;

export const gatewayCallerSchema = z.object({
  name: z.string(),
  scopes: scopesSchema,
  createdAt: z.string(),
  createdBy: z.string(),
  removedAt: z.string().nullable(),
  keys: z.array(gatewayKeySchema),
});
export type GatewayCaller = z.output<typeof gatewayCallerSchema>;

/** The answer of `GET /gateway-keys`. `isSetUp`: the server knows a gateway and a key for it. */
export const gatewayCallerListSchema = z.object({ isSetUp: z.boolean(), callers: z.array(gatewayCallerSchema) });

/** The body of `POST /gateway-keys`. The gateway checks the name and the permissions. */
export const createGatewayCallerSchema = z.strictObject({ name: z.string().min(1).max(200), scopes: scopesSchema });

/** The body of `POST /gateway-keys/{name}/rotate`. `key`: id of the key to replace. */
export const rotateGatewayKeySchema = z.strictObject({
  overlapSeconds: z
    .int()
    .min(0)
    .max(30 * 24 * 3600)
    .default(0),
  key: z.string().max(64).optional(),
});

/** The body of `POST /gateway-keys/{name}/revoke`. Without `key` the caller is removed. */
export const revokeGatewayKeySchema = z.strictObject({ key: z.string().max(64).optional() });

/** A new key. `secret` is the only copy. */
export const newGatewayKeySchema = z.object({
  caller: gatewayCallerSchema,
  key: gatewayKeySchema,
  secret: z.string(),
  replaced: gatewayKeySchema.nullable(),
});
export type NewGatewayKey = z.output<typeof newGatewayKeySchema>;
