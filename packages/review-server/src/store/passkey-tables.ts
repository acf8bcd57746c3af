import type { PasskeyRules } from '../contract/passkeys.ts';

/** The tables of passkeys, as part of `ReviewTables`. */
export type PasskeyTables = {
  passkeys: PasskeysTable;
  webauthn_challenges: WebauthnChallengesTable;
  /** The last proof by passkey of a session. Rows outlive the session by hours at most. */
  session_proofs: { session_id: string; proved_at: string; expires_at: string };
  passkey_rules: { id: number; required: PasskeyRules['required']; step_up: PasskeyRules['stepUp'] };
};

export type PasskeysTable = {
  /** The credential's id, base64url. */
  id: string;
  user_id: string;
  /** COSE key, base64url. */
  public_key: string;
  /** The signature counter of its last use. Always 0 for most synced passkeys. PostgreSQL reads it as a text. */
  counter: number | string;
  /** JSON list. */
  transports: string;
  device_type: 'singleDevice' | 'multiDevice';
  backed_up: number;
  name: string;
  created_at: string;
  last_used_at: string | null;
};

/** Open challenges. Each is deleted by its use. */
export type WebauthnChallengesTable = {
  /** 32 random bytes, base64url. */
  challenge: string;
  kind: 'register' | 'sign-in' | 'second-factor' | 'enrol' | 'proof' | 'step-up';
  user_id: string | null;
  session_id: string | null;
  /** Of a caller without a user. */
  network: string | null;
  /** SHA-256 of the act that it is for. */
  bound_digest: string | null;
  expires_at: string;
};
