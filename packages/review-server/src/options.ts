import type { Registry } from 'prom-client';
import type { Presets } from '@holdpoint/cheqpoint/wire';
import type { Logger } from 'pino';
import type { RuleCondition } from './contract/review-admin.ts';
import type { GatewayAccess } from './gateway-keys.ts';
import type { NotificationContent } from './notify/slack-message.ts';
import type { ProviderOptions } from './oidc/provider-options.ts';
import type { PasswordCost } from './store/password.ts';
import type { Role } from './contract/session.ts';

/** A Connection Key and the assistant it belongs to. One assistant may have several keys. */
export type ConnectionKeySeed = {
  assistant: string;
  key: string;
};

/** A person who signs in. */
export type ReviewerSeed = {
  name: string;
  /** At least 12 characters, unless it is the user's password already. */
  password: string;
  /** Roles at creation. Later changes by an administrator stay. @default ['reviewer'] */
  roles?: readonly Role[];
};

/**
 * A rule that decides matching requests at once. The first match counts. `review`: a person decides, even if a later
 * rule matches.
 */
export type RuleSeed = {
  name: string;
  conditions: readonly RuleCondition[];
  decision: 'approve' | 'reject' | 'review';
};

/**
 * Limits for assistants without their own. Requests beyond them are rejected at once and not counted.
 * @default no limit
 */
export type LimitDefaults = {
  requestsPerHour?: number | undefined;
  requestsPerDay?: number | undefined;
  /** Rejects a request after so many identical ones (action and details) of the assistant within the span. */
  loopProtection?: { identicalRequests: number; withinSeconds: number } | undefined;
};

/**
 * Allowed targets of callbacks. `any`: every host. `public`: hosts that resolve to public addresses only. A list: these
 * hosts only, each `host` or `host:port`.
 */
export type CallbackHosts = 'any' | 'public' | readonly string[];

export type ReviewServerOptions = {
  /** `sqlite:///absolute/path`, `sqlite::memory:` or `postgres://…`. */
  databaseUrl: string;
  /** Address of this server for browsers. Review links begin with it. @default the address it listens on */
  publicUrl?: string;
  /** Added to the database, hashed. Existing keys stay. */
  connectionKeys: readonly ConnectionKeySeed[];
  /** Added to the database, hashed. A changed password replaces the old one and ends the user's sessions. */
  reviewers: readonly ReviewerSeed[];
  /** At least 16 characters. A new value ends all sessions. */
  sessionSecret: string;
  /** 0 chooses a free port. */
  port: number;
  /** @default '127.0.0.1' */
  host?: string;
  /**
   * Removes approvals that were decided longer ago, every ten minutes. At least a day.
   * @default they are kept
   */
  retention?: { keepMs: number; /** @default 600_000 */ everyMs?: number };
  /** Cost of scrypt. Tests use a lower one. @default OWASP's advice */
  passwordCost?: PasswordCost;
  /** @default the system's clock */
  clock?: () => Date;
  /** @default no log. Keys, payloads and notes are never logged. */
  log?: Logger;
  /** Registry of prom-client for the metrics of this server. One server for each registry. @default one of its own */
  metrics?: Registry;
  callbackHosts: CallbackHosts;
  /** Secret that signs callbacks. @default unsigned */
  webhookSecret?: string;
  /**
   * Signs the first of `reviewers` in, once, by `/login?token=…`, for 24 hours from the first start with it. At least 22
   * characters: 128 random bits.
   * @default passwords only
   */
  loginToken?: string;
  /** OpenID Connect provider where people sign in. Needs `publicUrl`. @default none */
  identityProvider?: ProviderOptions;
  /** False: no password signs anyone in. @default true */
  passwordSignIn?: boolean;
  /** Incoming webhook in Slack's format that announces new requests. @default none */
  notify?: { url: string; shows: NotificationContent };
  /**
   * Gateway whose API keys administrators manage and whose runs are shown here, and a key of it with the permission
   * `admin`. `publicUrl`: its address for browsers.
   * @default neither
   */
  gateway?: GatewayAccess;
  /** General quick notes by language. They replace the built-in ones of the same language. @default English and German */
  presets?: Presets;
  /** Folder of the built inbox. @default the one of this package */
  inboxFolder?: string;
  /** Longest wait for a database that is away at the start, in milliseconds. @default 0, one attempt */
  startWaitMs?: number;
  /** Number of trusted proxies in front: the last so many entries of `x-forwarded-for` are trusted. @default 0 */
  proxies?: number;
  /**
   * Open event streams, of one user and in all.
   * @default 50 and 2000
   */
  streams?: { perUser: number; total: number };
  /** Added to the database, after the existing rules. A rule with an existing name stays as it is. */
  rules?: readonly RuleSeed[];
  limits?: LimitDefaults;
};
