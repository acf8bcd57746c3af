import type {
  ApiCaller,
  ApiCallerList,
  ApiKey,
  CallerScopes,
  CreateApiCaller,
  NewApiKey,
  RotateApiKey,
} from '@holdpoint/client';
import { z } from 'zod';
import { leastScopes, operatorName } from '../domain/caller.ts';
import { assistantName, callerName } from './rest.ts';

/* Bodies of the routes under /v1/api-keys. The client's types document the fields. */

/** Longest overlap of a rotation, in seconds. */
const longestOverlapSeconds = 30 * 24 * 60 * 60;
const mostAssistants = 200;
const time = z.iso.datetime();

const ownOrAll = z.enum(['own', 'all']);
const scopeFields = {
  start: z.union([z.literal('all'), z.array(assistantName).max(mostAssistants)]),
  read: ownOrAll,
  control: z.enum(['none', 'own', 'all']),
  ask: z.boolean(),
  decode: z.boolean(),
  admin: z.boolean(),
};
const scopesSchema = z.object(scopeFields).meta({ id: 'CallerScopes' }) satisfies z.ZodType<CallerScopes>;

/** Permissions as a request names them. Those that it leaves out are the least ones. */
export const newScopesSchema = z
  .object({
    start: scopeFields.start.default(leastScopes.start),
    read: scopeFields.read.default(leastScopes.read),
    control: scopeFields.control.default(leastScopes.control),
    ask: scopeFields.ask.default(leastScopes.ask),
    decode: scopeFields.decode.default(leastScopes.decode),
    admin: scopeFields.admin.default(leastScopes.admin),
  })
  .strict()
  .refine(({ read, control }) => control !== 'all' || read === 'all', {
    path: ['control'],
    message: 'can be `all` only if `read` is `all`: a caller can control no run that it does not see',
  })
  .meta({ id: 'NewCallerScopes' });

/** The body of `POST /v1/api-keys`. */
export const createCallerSchema = z
  .object({
    name: callerName.refine((name) => name !== operatorName, `"${operatorName}" is the caller with HOLDPOINT_API_KEY`),
    scopes: newScopesSchema.prefault({}),
  })
  .strict()
  .meta({ id: 'CreateApiCaller' }) satisfies z.ZodType<unknown, CreateApiCaller>;

const keyId = z.string().min(1).max(64);

/** The body of `POST /v1/api-keys/{name}/rotate`. */
export const rotateKeySchema = z
  .object({
    overlapSeconds: z.number().int().min(0).max(longestOverlapSeconds).default(0),
    key: keyId.optional(),
  })
  .strict()
  .meta({ id: 'RotateApiKey' }) satisfies z.ZodType<unknown, RotateApiKey>;

/** The body of `POST /v1/api-keys/{name}/revoke`. */
export const revokeKeySchema = z.object({ key: keyId.optional() }).strict().meta({ id: 'RevokeApiKey' });

const keySchema = z
  .object({
    id: z.string(),
    masked: z.string(),
    state: z.enum(['active', 'retiring', 'ended']),
    createdAt: time,
    createdBy: z.string(),
    lastUsedAt: time.nullable(),
    expiresAt: time.nullable(),
    endedAt: time.nullable(),
  })
  .meta({ id: 'ApiKey' }) satisfies z.ZodType<ApiKey>;

/** The answer for one caller. */
export const callerSchema = z
  .object({
    name: z.string(),
    scopes: scopesSchema,
    createdAt: time,
    createdBy: z.string(),
    removedAt: time.nullable(),
    keys: z.array(keySchema),
  })
  .meta({ id: 'ApiCaller' }) satisfies z.ZodType<ApiCaller>;

/** The answer of `GET /v1/api-keys`. */
export const callerListSchema = z
  .object({ callers: z.array(callerSchema) })
  .meta({ id: 'ApiCallerList' }) satisfies z.ZodType<ApiCallerList>;

/** The answer with a new key. */
export const newKeySchema = z
  .object({ caller: callerSchema, key: keySchema, secret: z.string(), replaced: keySchema.nullable() })
  .meta({ id: 'NewApiKey' }) satisfies z.ZodType<NewApiKey>;
