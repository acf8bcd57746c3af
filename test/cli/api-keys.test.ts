import { describe, expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../../src/adapters/database/open-database.ts';
import { run } from '../gateway/fake-runs.ts';
import { commands } from './commands.ts';

/** The commands against a gateway with a database. `as` runs a command with the key of a caller. */
async function withCallers() {
  const database = await openDatabase('sqlite::memory:');
  onTestFinished(() => database.close());
  const made = await commands({}, { apiKeys: database.apiKeys });
  return { ...made, as: (key: string, ...words: string[]) => made.holdpoint(...words, '--api-key', key) };
}

describe('holdpoint api-keys', () => {
  it('create → only the key on standard output; the program uses it within its permissions', async () => {
    const { holdpoint, as, gateway } = await withCallers();
    const made = await holdpoint('api-keys', 'create', 'billing', '--start', 'comms, invoices');
    expect(made.out).toMatch(/^hp_live_[0-9a-f]{46}\n$/);
    expect(made.err).toContain('shown once. Permissions: start comms, invoices; read own; control own.');
    const key = made.out.trim();
    const mine = await as(key, 'run', 'Tell all customers.', '--assistant', 'comms', '--detach');
    expect([mine.code, mine.err]).toEqual([0, '']);
    gateway.runs.set(run('theirs', { caller: 'support' }));
    expect((await as(key, 'runs', 'list')).out).toContain(mine.out.trim());
    expect((await as(key, 'runs', 'list')).out).not.toContain('theirs');
    expect(await as(key, 'runs', 'show', 'theirs')).toMatchObject({
      code: 1,
      err: expect.stringContaining('no run "theirs"'),
    });
    expect(await as(key, 'run', 'x', '--assistant', 'support')).toMatchObject({
      code: 1,
      err: 'holdpoint: The caller "billing" may not start the assistant "support". It may start: comms, invoices.\n',
    });
    expect(await as(key, 'api-keys', 'list')).toMatchObject({
      code: 1,
      err: expect.stringContaining('may not manage API keys'),
    });
    const listed = await holdpoint('runs', 'list', '--caller', 'billing', '--json');
    expect(listed.json().runs.map(({ id, caller }: { id: string; caller: string }) => [id, caller])).toEqual([
      [mine.out.trim(), 'billing'],
    ]);
    expect((await holdpoint('runs', 'show', mine.out.trim())).out).toMatch(/^caller +billing$/m);
  });

  it('list, show, rotate, set-scopes, revoke → what happened, in words and as JSON', async () => {
    const { holdpoint } = await withCallers();
    expect((await holdpoint('api-keys', 'list')).out).toBe('No callers beside HOLDPOINT_API_KEY.\n');
    const first = (await holdpoint('api-keys', 'create', 'billing', '--json')).json();
    expect(first).toMatchObject({ caller: { name: 'billing', createdBy: 'operator' }, replaced: null });
    const rotated = await holdpoint('api-keys', 'rotate', 'billing', '--overlap', '24h');
    expect(rotated.out).toMatch(/^hp_live_/);
    expect(rotated.err).toMatch(new RegExp(`^The old key ${first.key.masked} works until \\d{4}-`));
    const again = await holdpoint('api-keys', 'rotate', 'billing');
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('is accepted until') });
    const ended = await holdpoint('api-keys', 'revoke', 'billing', '--key', first.key.id);
    expect(ended.out).toBe(
      `The key ${first.key.id} of billing is revoked. Every gateway refuses it within 2 seconds.\n`,
    );
    const scopes = await holdpoint('api-keys', 'set-scopes', 'billing', '--start', 'all', '--read', 'all', '--ask');
    expect(scopes.out).toBe('billing: start all assistants; read all; control own; ask for approvals\n');
    const page = (await holdpoint('api-keys', 'show', 'billing')).out;
    expect(page).toMatch(/^permissions +start all assistants; read all/m);
    expect(page).toMatch(/active/);
    expect(page).toMatch(/ended/);
    const table = (await holdpoint('api-keys', 'list')).out;
    expect(table).toMatch(/^billing +all +all +own +hp_live_••••.{4} +active +never$/m);
    expect((await holdpoint('api-keys', 'revoke', 'billing')).out).toContain('The caller billing is removed.');
    expect((await holdpoint('api-keys', 'list', '--json')).json().callers[0].removedAt).not.toBeNull();
    expect(await holdpoint('api-keys', 'create', 'billing')).toMatchObject({
      code: 1,
      err: expect.stringContaining('has or had'),
    });
  });

  it.each([
    [['create', 'Billing'], 'lower-case letters'],
    [['create', 'operator'], 'is the caller with HOLDPOINT_API_KEY'],
    [['create', 'billing', '--start', 'a,,b'], '--start must be names'],
    [['create', 'billing', '--control', 'all'], 'only if `read` is `all`'],
    [['rotate', 'billing', '--overlap', 'soon'], '--overlap must be a duration'],
    [['rotate', 'nobody'], 'There is no caller "nobody"'],
    [['show', 'nobody'], 'There is no caller "nobody"'],
    [['revoke', 'nobody', '--key', 'hpk_1'], 'There is no caller "nobody" with the key "hpk_1"'],
  ])('%j → a sentence and an exit code', async (words, says) => {
    const { holdpoint } = await withCallers();
    const answer = await holdpoint('api-keys', ...words);
    expect(answer.code).toBeGreaterThan(0);
    expect(answer.err).toContain(says);
    expect(answer.out).toBe('');
  });

  it('gateway without a database → says what to set', async () => {
    const { holdpoint } = await commands();
    expect(await holdpoint('api-keys', 'list')).toMatchObject({
      code: 1,
      err: expect.stringContaining('Set HOLDPOINT_DATABASE_URL'),
    });
  });
});
