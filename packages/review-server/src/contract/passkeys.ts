import { z } from 'zod';

/*
 * Passkeys: own ones under `/passkeys`, sign-in under `/session/passkey`, the administrators' part under
 * `/admin/passkeys` and `/users/{name}/passkeys`. Binary values are base64url, as WebAuthn's JSON forms have them.
 */

const base64url = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[\w-]*$/, 'must be base64url');
const credentialId = base64url(1400).min(1);
const credential = { id: credentialId, rawId: credentialId, type: z.literal('public-key') };
const attachment = z.enum(['platform', 'cross-platform']).nullish();

/** `RegistrationResponseJSON`: the browser's answer to creation options. Other keys are ignored. */
export const newPasskeySchema = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: base64url(8_000),
    attestationObject: base64url(40_000),
    transports: z.array(z.string().max(40)).max(20).optional(),
  }),
  authenticatorAttachment: attachment,
});
export type NewPasskey = z.output<typeof newPasskeySchema>;

/** `AuthenticationResponseJSON`: the browser's answer to request options. Other keys are ignored. */
export const assertionSchema = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: base64url(8_000),
    authenticatorData: base64url(8_000),
    signature: base64url(12_000),
    userHandle: base64url(200).nullish(),
  }),
  authenticatorAttachment: attachment,
});
export type Assertion = z.output<typeof assertionSchema>;

const described = z.array(z.object({ id: z.string(), type: z.literal('public-key'), transports: z.array(z.string()) }));

/** `PublicKeyCredentialRequestOptionsJSON`. */
export const requestOptionsSchema = z.object({
  challenge: z.string(),
  rpId: z.string(),
  timeout: z.number(),
  userVerification: z.literal('required'),
  allowCredentials: described,
});
export type RequestOptions = z.output<typeof requestOptionsSchema>;

/** `PublicKeyCredentialCreationOptionsJSON`. */
export const creationOptionsSchema = z.object({
  challenge: z.string(),
  rp: z.object({ id: z.string(), name: z.string() }),
  user: z.object({ id: z.string(), name: z.string(), displayName: z.string() }),
  pubKeyCredParams: z.array(z.object({ type: z.literal('public-key'), alg: z.number() })),
  timeout: z.number(),
  attestation: z.literal('none'),
  excludeCredentials: described,
  authenticatorSelection: z.object({
    residentKey: z.literal('required'),
    requireResidentKey: z.literal(true),
    userVerification: z.literal('required'),
  }),
});
export type CreationOptions = z.output<typeof creationOptionsSchema>;

const passkeyName = z
  .string()
  .trim()
  .min(1, 'must have a name')
  .max(100, 'must have at most 100 characters')
  .refine((name) => name.isWellFormed() && !/\p{Cc}/u.test(name), 'must be text in one line');

/** One of the user's own passkeys. */
export const passkeySchema = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.string(),
  /** Null: never since it was added. */
  lastUsedAt: z.string().nullable(),
  /** True if the device's maker copies it to other devices of the user. */
  synced: z.boolean(),
});
export type Passkey = z.output<typeof passkeySchema>;

/** `GET /passkeys`: the user's own, oldest first. */
export const ownPasskeysSchema = z.object({
  /** The only origin whose pages can use passkeys. Null if this server's address can have none. */
  origin: z.string().nullable(),
  /** Why this server can't have passkeys. */
  problem: z.string().nullable(),
  /** True if the user must keep one. */
  required: z.boolean(),
  /** True if the sign-in, or the last proof by passkey, is at most ten minutes old. Changes need it. */
  fresh: z.boolean(),
  passkeys: z.array(passkeySchema),
});
export type OwnPasskeys = z.output<typeof ownPasskeysSchema>;

/** The body of `POST /passkeys`. */
export const addPasskeySchema = z.object({ name: passkeyName, response: newPasskeySchema });
/** The body of `PATCH /passkeys/{id}`. */
export const renamePasskeySchema = z.object({ name: passkeyName });

/** `GET /session/passkey`: where pages can sign in by passkey. Needs no sign-in. */
export const passkeySiteSchema = z.object({ origin: z.string().nullable() });

/**
 * The answer to a right password that is not enough. `passkey`: prove one of the user's. `enrol`: passkeys are required
 * and the user has none: add one. The challenge of `options` stands for the password. It is valid for five minutes, once.
 */
export const partialSignInSchema = z.object({
  next: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('passkey'), origin: z.string(), options: requestOptionsSchema }),
    z.object({ kind: z.literal('enrol'), origin: z.string(), options: creationOptionsSchema }),
  ]),
});
export type PartialSignIn = z.output<typeof partialSignInSchema>;

/** The body of `POST /session/passkey`. */
export const signInByPasskeySchema = z.object({ response: assertionSchema, browser: z.boolean().default(false) });
/** The body of `POST /session/passkey/enrol`. */
export const enrolSchema = z.object({
  name: passkeyName,
  response: newPasskeySchema,
  browser: z.boolean().default(false),
});
/** The body of `POST /passkeys/proof`. */
export const provePasskeySchema = z.object({ response: assertionSchema });

/** Who must have a passkey, besides the users who have one. */
const passkeyRequirements = ['optional', 'admins', 'everybody'] as const;
/** When the approval of a critical request needs a passkey: never, of users who have one, always. */
const stepUpRules = ['off', 'enrolled', 'required'] as const;

/** `GET` and `PUT /admin/passkeys`. */
export const passkeyRulesSchema = z.object({
  required: z.enum(passkeyRequirements),
  stepUp: z.enum(stepUpRules),
});
export type PasskeyRules = z.output<typeof passkeyRulesSchema>;

/** `GET /admin/passkeys`: the rules, the users, and the latest refusals. */
export const passkeyAdminSchema = z.object({
  rules: passkeyRulesSchema,
  problem: z.string().nullable(),
  users: z.array(
    z.object({ name: z.string(), roles: z.array(z.string()), passkeys: z.number(), lastUsedAt: z.string().nullable() }),
  ),
  refusals: z.array(
    z.object({
      at: z.string(),
      user: z.string(),
      passkey: z.string().nullable(),
      purpose: z.string(),
      reason: z.string(),
    }),
  ),
});
export type PasskeyAdmin = z.output<typeof passkeyAdminSchema>;

/** `DELETE /users/{name}/passkeys`: the number of passkeys and sessions that ended. */
export const passkeysResetSchema = z.object({ passkeys: z.number(), sessions: z.number() });
