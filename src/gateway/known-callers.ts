import { equalInConstantTime, sha256, sha256Bytes } from '@holdpoint/json/digest';
import { everything, operatorName } from '../domain/caller.ts';
import { isInboxToken, type InboxTokens } from '../domain/inbox-token.ts';
import { isApiKey } from './api-key-form.ts';
import type { ApiKeys, Caller } from './ports.ts';

/** Longest time for which a caller's permissions are remembered, in milliseconds. A revocation acts within it. */
const rememberedMs = 2_000;
const mostRemembered = 1_000;

type Found = Awaited<ReturnType<ApiKeys['find']>>;

export type KnownCallersDeps = {
  operatorKeys: readonly string[];
  apiKeys?: Pick<ApiKeys, 'find' | 'get'> | undefined;
  inboxTokens?: Pick<InboxTokens, 'verify'> | undefined;
  now: () => Date;
};

export type KnownCallers = {
  /** The caller with this key. Undefined if the key is not accepted. @throws RunsFailure `database`. */
  of(key: string): Promise<Caller | undefined>;
  /** Forgets what was read, after a change through this gateway. */
  forget(): void;
};

/**
 * Finds callers by their keys. `operatorKeys` belong to the operator and need no database. Other keys are looked up by
 * their SHA-256, at most every two seconds each, so that every gateway acts on a change within two seconds.
 * @throws Error without operator keys or with an empty one.
 */
export function createKnownCallers({ operatorKeys, apiKeys, inboxTokens, now }: KnownCallersDeps): KnownCallers {
  if (operatorKeys.length === 0 || operatorKeys.includes(''))
    throw new Error('The gateway needs at least one API key, and none may be empty.');
  const digests = operatorKeys.map(sha256Bytes);
  const remembered = new Map<string, { until: number; found: Promise<Found> }>();

  function lookUp(store: Pick<ApiKeys, 'find'>, keyHash: string): Promise<Found> {
    const known = remembered.get(keyHash);
    if (known !== undefined && performance.now() < known.until) return known.found;
    remembered.delete(keyHash);
    // The time begins before the lookup, so that a slow one does not make it longer.
    const entry = { until: performance.now() + rememberedMs, found: store.find(keyHash, now().getTime()) };
    remembered.set(keyHash, entry);
    if (remembered.size > mostRemembered) remembered.delete(remembered.keys().next().value!);
    entry.found.catch(() => {
      if (remembered.get(keyHash) === entry) remembered.delete(keyHash);
    });
    return entry.found;
  }

  /** The permissions of a token: those of its caller now, without what the inbox has no use for. */
  async function ofToken(text: string): Promise<Caller | undefined> {
    const token = inboxTokens?.verify(text, now().getTime());
    const scopes = token && (await scopesOf(token.caller));
    if (!token || !scopes) return undefined;
    const { read, control } = scopes;
    return {
      name: token.caller,
      scopes: { start: [], read, control: token.mayRetry ? control : 'none', ask: false, admin: false, decode: false },
      person: token.person,
    };
  }

  /** Undefined for a caller without a key that is accepted. */
  async function scopesOf(name: string): Promise<Caller['scopes'] | undefined> {
    if (name === operatorName) return everything;
    const caller = await apiKeys?.get(name, now().getTime());
    const isAccepted = caller?.keys.some(({ state }) => state !== 'ended') === true;
    return caller?.removedAt === null && isAccepted ? caller.scopes : undefined;
  }

  return {
    async of(key) {
      const given = sha256Bytes(key);
      // Compares all keys: an early end would tell which key matched.
      const matches = digests.filter((each) => equalInConstantTime(each, given)).length;
      if (matches > 0) return { name: operatorName, scopes: everything };
      if (isInboxToken(key)) return await ofToken(key);
      if (apiKeys === undefined || !isApiKey(key)) return undefined;
      const found = await lookUp(apiKeys, sha256(key));
      if (found === undefined || (found.expiresAt !== null && found.expiresAt <= now().getTime())) return undefined;
      return { name: found.name, scopes: found.scopes };
    },
    forget: () => remembered.clear(),
  };
}
