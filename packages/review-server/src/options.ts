import type { Logger } from 'pino';
import type { RuleCondition } from './contract/review-admin.ts';
import type { NotificationContent } from './notify/slack-message.ts';
import type { PasswordCost } from './store/password.ts';
import type { Role } from './contract/reviewer-api.ts';

/** A Connection Key and the assistant it belongs to. One assistant may have several keys. */
export interface ConnectionKeySeed {
  assistant: string;
  key: string;
}

/** A person who signs in. */
export interface ReviewerSeed {
  name: string;
  password: string;
  /** When the user is made; later changes stay. Default: `reviewer`. */
  roles?: readonly Role[];
}

/** A rule that decides at once what it matches; the first match counts. `review` sends to a person what a later rule would decide. */
export interface RuleSeed {
  name: string;
  conditions: readonly RuleCondition[];
  decision: 'approve' | 'reject' | 'review';
}

/** For each assistant that has no limits of its own; what exceeds them is rejected at once. Requests that were rejected so do not count. Default: no limit. */
export interface LimitDefaults {
  requestsPerHour?: number | undefined;
  requestsPerDay?: number | undefined;
  /** Rejects a request when as many identical ones (action and details) of the assistant came in the seconds before it. */
  loopProtection?: { identicalRequests: number; withinSeconds: number } | undefined;
}

/**
 * Where callbacks may go. `any`: everywhere. `public`: nowhere that resolves to a private, loopback or link-local
 * address. A list: these hosts only, each `host` or `host:port`.
 */
export type CallbackHosts = 'any' | 'public' | readonly string[];

export interface ReviewServerOptions {
  /** `sqlite:///absolute/path`, `sqlite::memory:` or `postgres://…`. */
  databaseUrl: string;
  /** What reviewers' browsers call this server; review links begin with it. Default: the address it listens on. */
  publicUrl?: string;
  /** Added to the database, hashed; keys that are there already stay. */
  connectionKeys: readonly ConnectionKeySeed[];
  /** Added to the database, hashed; a password that changed here replaces the old one and ends its sessions. */
  reviewers: readonly ReviewerSeed[];
  /** At least 16 characters. Another value signs everybody out. */
  sessionSecret: string;
  /** 0 takes a free one. */
  port: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** Of scrypt, for passwords. Default: OWASP's advice. Tests take a lower one. */
  passwordCost?: PasswordCost;
  /** Default: the system's. */
  clock?: () => Date;
  /** Default: no log. Keys, payloads and notes are never logged. */
  log?: Logger;
  callbackHosts: CallbackHosts;
  /** Signs callbacks. Default: they are not signed. */
  webhookSecret?: string;
  /** Signs the first of `reviewers` in, once, by `/login?token=…`; at least 16 characters. Default: passwords only. */
  loginToken?: string;
  /** Where people are told of new requests: an incoming webhook in Slack's format. Default: nowhere. */
  notify?: { url: string; shows: NotificationContent };
  /** How many proxies of your own stand in front: so many entries of `x-forwarded-for` are believed. Default 0. */
  proxies?: number;
  /** Added to the database, behind those that are there; a rule whose name is there already stays as it is. */
  rules?: readonly RuleSeed[];
  limits?: LimitDefaults;
}
