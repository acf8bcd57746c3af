import { sha256 } from '@holdpoint/json/digest';
import { describe, expect, it } from 'vitest';
import { leastScopes } from '../../../src/domain/caller.ts';
import type { ApiKeys, HashedKey, StoredKey } from '../../../src/gateway/ports.ts';
import { isApiKey, makeApiKey, maskApiKey } from '../../../src/gateway/api-key-form.ts';
import { describeOnBothDatabases } from './databases.ts';

const hour = 60 * 60 * 1000;
const now = 1_795_000_000_000 - (1_795_000_000_000 % hour) + 90_000;
const scopes = { ...leastScopes, start: ['refunds'] };
const billing = { name: 'billing', scopes, by: 'operator', at: now };
type NotDone = { outcome: 'exists' | 'not-found' } | { outcome: 'not-active'; why: string };

/** The store, with a new key for each order. */
function withSecrets(apiKeys: ApiKeys) {
  const secretly = async <Order extends object>(
    work: (order: Order & { key: HashedKey }) => Promise<{ outcome: 'done'; result: StoredKey } | NotDone>,
    order: Order,
  ) => {
    const secret = makeApiKey();
    const change = await work({ ...order, key: { hash: sha256(secret), masked: maskApiKey(secret) } });
    return change.outcome === 'done' ? { ...change, result: { ...change.result, secret } } : change;
  };
  return {
    ...apiKeys,
    create: (order: Omit<Parameters<ApiKeys['create']>[0], 'key'>) => secretly((asked) => apiKeys.create(asked), order),
    rotate: (order: Omit<Parameters<ApiKeys['rotate']>[0], 'key'>) => secretly((asked) => apiKeys.rotate(asked), order),
  };
}

/** The result of a change that was made. */
function done<Result>(change: { outcome: 'done'; result: Result } | { outcome: string }): Result {
  expect(change).toMatchObject({ outcome: 'done' });
  return (change as { result: Result }).result;
}

describeOnBothDatabases('API keys', (kind) => {
  it('new caller → its key is found by its SHA-256, and only that and the masked form are stored', async (test) => {
    const apiKeys = withSecrets((await kind.open(await kind.emptyUrl(test))).apiKeys);
    const { caller, key, secret, replaced } = done(await apiKeys.create(billing));
    expect(isApiKey(secret)).toBe(true);
    expect(replaced).toBeNull();
    expect(key).toMatchObject({ state: 'active', masked: `hp_live_••••${secret.slice(-4)}`, lastUsedAt: null });
    expect(caller).toMatchObject({ name: 'billing', scopes, createdBy: 'operator', removedAt: null, keys: [key] });
    expect(await apiKeys.find(sha256(secret), now)).toEqual({ name: 'billing', scopes, expiresAt: null });
    expect(await apiKeys.find(secret, now)).toBeUndefined();
    expect(JSON.stringify(await apiKeys.list(now))).not.toContain(secret);
  });

  it('used key → the hour is noted once an hour', async (test) => {
    const apiKeys = withSecrets((await kind.open(await kind.emptyUrl(test))).apiKeys);
    const { secret } = done(await apiKeys.create(billing));
    const used = async () => (await apiKeys.get('billing', now))?.keys[0]?.lastUsedAt;
    await apiKeys.find(sha256(secret), now);
    expect(await used()).toBe(new Date(now - 90_000).toISOString());
    await apiKeys.find(sha256(secret), now + hour);
    expect(await used()).toBe(new Date(now - 90_000 + hour).toISOString());
    // The clock of another gateway may be behind.
    await apiKeys.find(sha256(secret), now);
    expect(await used()).toBe(new Date(now - 90_000 + hour).toISOString());
  });

  it('name of a caller that is or was there → exists', async (test) => {
    const apiKeys = withSecrets((await kind.open(await kind.emptyUrl(test))).apiKeys);
    done(await apiKeys.create(billing));
    expect(await apiKeys.create(billing)).toEqual({ outcome: 'exists' });
    done(await apiKeys.revoke({ name: 'billing', by: 'ana', at: now }));
    expect(await apiKeys.create(billing)).toEqual({ outcome: 'exists' });
  });

  it('same name created five times at once → one caller', async (test) => {
    const apiKeys = withSecrets((await kind.open(await kind.emptyUrl(test))).apiKeys);
    const made = await Promise.all(Array.from({ length: 5 }, () => apiKeys.create(billing)));
    expect(made.filter(({ outcome }) => outcome === 'done')).toHaveLength(1);
    expect((await apiKeys.get('billing', now))?.keys).toHaveLength(1);
  });

  describe('rotation', () => {
    it('with overlap → both keys are found until its end, then the new one only', async (test) => {
      const apiKeys = withSecrets((await kind.open(await kind.emptyUrl(test))).apiKeys);
      const old = done(await apiKeys.create(billing));
      const made = done(await apiKeys.rotate({ name: 'billing', overlapMs: hour, by: 'ana', at: now }));
      expect(made.replaced).toMatchObject({ id: old.key.id, state: 'retiring' });
      expect(made.caller.keys.map(({ state }) => state).toSorted()).toEqual(['active', 'retiring']);
      for (const { secret } of [old, made])
        expect(await apiKeys.find(sha256(secret), now + hour - 1)).toMatchObject({ name: 'billing' });
      expect(await apiKeys.find(sha256(old.secret), now + hour)).toBeUndefined();
      expect(await apiKeys.find(sha256(made.secret), now + hour)).toMatchObject({ expiresAt: null });
    });

    it('without overlap → the old key ends at once', async (test) => {
      const apiKeys = withSecrets((await kind.open(await kind.emptyUrl(test))).apiKeys);
      const old = done(await apiKeys.create(billing));
      const made = done(await apiKeys.rotate({ name: 'billing', overlapMs: 0, by: 'ana', at: now }));
      expect(made.replaced).toMatchObject({ state: 'ended', endedAt: new Date(now).toISOString() });
      expect(await apiKeys.find(sha256(old.secret), now)).toBeUndefined();
      expect(await apiKeys.find(sha256(made.secret), now)).toMatchObject({ name: 'billing' });
    });

    it.each([0, hour])('five at once of one key, overlap %d ms → one new key', async (overlapMs, test) => {
      const apiKeys = withSecrets((await kind.open(await kind.emptyUrl(test as never))).apiKeys);
      const { key } = done(await apiKeys.create(billing));
      const order = { name: 'billing', replaces: key.id, overlapMs, by: 'ana', at: now };
      const made = await Promise.all(Array.from({ length: 5 }, () => apiKeys.rotate(order)));
      expect(made.map(({ outcome }) => outcome).toSorted()).toEqual(['done', ...Array(4).fill('not-active')]);
      const secret = made.flatMap((each) => (each.outcome === 'done' ? [each.result.secret] : []))[0]!;
      expect(await apiKeys.find(sha256(secret), now)).toMatchObject({ expiresAt: null });
    });

    it('while an older key still retires → refused, with its end', async (test) => {
      const apiKeys = withSecrets((await kind.open(await kind.emptyUrl(test))).apiKeys);
      done(await apiKeys.create(billing));
      done(await apiKeys.rotate({ name: 'billing', overlapMs: hour, by: 'ana', at: now }));
      const order = { name: 'billing', overlapMs: hour, by: 'ana', at: now + 1 };
      expect(await apiKeys.rotate(order)).toMatchObject({
        outcome: 'not-active',
        why: expect.stringContaining(new Date(now + hour).toISOString()),
      });
      done(await apiKeys.rotate({ ...order, at: now + hour }));
    });

    it('of an unknown or a revoked caller → refused', async (test) => {
      const apiKeys = withSecrets((await kind.open(await kind.emptyUrl(test))).apiKeys);
      const order = { name: 'billing', overlapMs: 0, by: 'ana', at: now };
      expect(await apiKeys.rotate(order)).toEqual({ outcome: 'not-found' });
      done(await apiKeys.create(billing));
      done(await apiKeys.revoke(order));
      expect(await apiKeys.rotate(order)).toMatchObject({ outcome: 'not-active' });
    });
  });

  it('revoked caller → no key is found, and its rows say who did it', async (test) => {
    const apiKeys = withSecrets((await kind.open(await kind.emptyUrl(test))).apiKeys);
    const old = done(await apiKeys.create(billing));
    const made = done(await apiKeys.rotate({ name: 'billing', overlapMs: hour, by: 'ana', at: now }));
    const caller = done(await apiKeys.revoke({ name: 'billing', by: 'ana', at: now }));
    expect(caller.removedAt).toBe(new Date(now).toISOString());
    for (const { secret } of [old, made]) expect(await apiKeys.find(sha256(secret), now)).toBeUndefined();
    // A second revocation changes nothing.
    expect(done(await apiKeys.revoke({ name: 'billing', by: 'ben', at: now + 5 }))).toEqual(caller);
  });

  it('one key revoked → the other one is found', async (test) => {
    const apiKeys = withSecrets((await kind.open(await kind.emptyUrl(test))).apiKeys);
    const old = done(await apiKeys.create(billing));
    const made = done(await apiKeys.rotate({ name: 'billing', overlapMs: hour, by: 'ana', at: now }));
    const order = { name: 'billing', by: 'ana', at: now };
    expect(done(await apiKeys.revoke({ ...order, key: old.key.id })).removedAt).toBeNull();
    expect(await apiKeys.find(sha256(old.secret), now)).toBeUndefined();
    expect(await apiKeys.find(sha256(made.secret), now)).toMatchObject({ name: 'billing' });
    expect(await apiKeys.revoke({ ...order, key: 'hpk_other' })).toEqual({ outcome: 'not-found' });
    // Without an active key, a rotation makes one.
    done(await apiKeys.revoke({ ...order, key: made.key.id }));
    expect(done(await apiKeys.rotate({ ...order, overlapMs: 0 })).replaced).toBeNull();
  });

  it('revoked while it is rotated → no key of the caller is found', async (test) => {
    const apiKeys = withSecrets((await kind.open(await kind.emptyUrl(test))).apiKeys);
    for (const name of ['one', 'two', 'three', 'four', 'five']) {
      const { secret } = done(await apiKeys.create({ ...billing, name }));
      const order = { name, by: 'ana', at: now };
      const [rotated] = await Promise.all([apiKeys.rotate({ ...order, overlapMs: hour }), apiKeys.revoke(order)]);
      const secrets = [secret, ...(rotated.outcome === 'done' ? [rotated.result.secret] : [])];
      for (const each of secrets) expect(await apiKeys.find(sha256(each), now)).toBeUndefined();
    }
  });

  it('other permissions → the next lookup has them', async (test) => {
    const apiKeys = withSecrets((await kind.open(await kind.emptyUrl(test))).apiKeys);
    const { secret } = done(await apiKeys.create(billing));
    const more = { ...scopes, read: 'all' as const };
    expect(done(await apiKeys.setScopes({ name: 'billing', scopes: more, at: now })).scopes).toEqual(more);
    expect(await apiKeys.find(sha256(secret), now)).toMatchObject({ scopes: more });
    expect(await apiKeys.setScopes({ name: 'other', scopes: more, at: now })).toEqual({ outcome: 'not-found' });
  });
});

describe('form of an API key', () => {
  it('any letter changed, or the key cut → not the form', () => {
    const key = makeApiKey();
    expect(isApiKey(key)).toBe(true);
    for (const [at, letter] of Array.from(key).entries())
      expect(isApiKey(`${key.slice(0, at)}${letter === '0' ? '1' : '0'}${key.slice(at + 1)}`)).toBe(false);
    for (const other of ['', key.slice(1), key.slice(0, -1), `${key}0`, ` ${key}`, key.toUpperCase()])
      expect(isApiKey(other)).toBe(false);
  });
});
