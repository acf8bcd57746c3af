/* Callers of the gateway and their API keys. Times are ISO 8601 in UTC. */

/** The permissions of a caller. None of them decides on approvals: only reviewers do, at the review service. */
export type CallerScopes = {
  /** Names of the assistants whose runs the caller may start, or `all`. */
  start: 'all' | string[];
  /** Runs and approvals that the caller sees. Those of others do not exist for it. */
  read: 'own' | 'all';
  /** Runs that the caller may cancel, resume and send messages to. */
  control: 'none' | 'own' | 'all';
  /** True if the caller may ask for standalone approvals. */
  ask: boolean;
  /** True if the caller may see the decrypted values of all runs in Temporal's UI and CLI. */
  decode: boolean;
  /** True if the caller manages callers and keys. It can give itself every other permission. */
  admin: boolean;
};

/** Permissions for a request. Those that are left out are the least ones: start nothing, own runs only. */
export type NewCallerScopes = { [Name in keyof CallerScopes]?: CallerScopes[Name] | undefined };

/** An API key. The gateway stores its SHA-256 only. */
export type ApiKey = {
  id: string;
  /** The form that may be shown: `hp_live_••••1234`. */
  masked: string;
  /** `retiring`: replaced, and accepted until `expiresAt`. `ended`: refused. */
  state: 'active' | 'retiring' | 'ended';
  createdAt: string;
  createdBy: string;
  /** Start of the hour of the last use. Null: never used. */
  lastUsedAt: string | null;
  /** End of the overlap after a rotation. */
  expiresAt: string | null;
  /** Time since which the key is refused. */
  endedAt: string | null;
};

/** A program, team or person that calls the gateway, with its keys. */
export type ApiCaller = {
  name: string;
  scopes: CallerScopes;
  createdAt: string;
  createdBy: string;
  /** Set after the caller was revoked. Its name is not given again. */
  removedAt: string | null;
  /** Newest first. */
  keys: ApiKey[];
};

/** The body of `POST /v1/api-keys`. */
export type CreateApiCaller = {
  /** 1 to 63 lower-case letters, digits, dots, underscores or hyphens. Runs carry it. */
  name: string;
  /** @default starts nothing, reads and controls its own runs */
  scopes?: NewCallerScopes | undefined;
};

/** A new key. `secret` is the only copy. */
export type NewApiKey = {
  caller: ApiCaller;
  key: ApiKey;
  secret: string;
  /** The key that the new one replaces. */
  replaced: ApiKey | null;
};

/** Options of a rotation. */
export type RotateApiKey = {
  /**
   * Seconds for which the old key is still accepted, at most 30 days.
   * @default 0
   */
  overlapSeconds?: number | undefined;
  /** Id of the active key. Another one is refused, so that two rotations at once make one new key. */
  key?: string | undefined;
};

/** The answer of `GET /v1/api-keys`. */
export type ApiCallerList = { callers: ApiCaller[] };
