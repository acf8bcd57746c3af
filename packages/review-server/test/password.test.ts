import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteUrl } from '@holdpoint/database/url';
import { expect, it } from 'vitest';
import { createReviewServer } from '../src/create-review-server.ts';
import { openReviewDatabase } from '../src/store/database.ts';
import { hashPassword, verifyPassword } from '../src/store/password.ts';
import { optionsFor, startTestServer } from './test-server.ts';

const cheapCost = { ln: 8, r: 8, p: 1 };

it('password → salted scrypt hash with OWASP’s cost', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-password-'));
  const databaseUrl = sqliteUrl(join(folder, 'review.db'));
  const { passwordCost: _cheap, ...options } = optionsFor(databaseUrl);
  await (await createReviewServer(options)).close();
  const database = await openReviewDatabase(databaseUrl, () => undefined);
  const hashes = await database.kysely.selectFrom('users').select('password_hash').execute();
  await database.kysely.destroy();
  rmSync(folder, { recursive: true });
  expect(hashes).toHaveLength(2);
  for (const { password_hash } of hashes)
    expect(password_hash).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[\w+/]{22}\$[\w+/]{43}$/);
});

it('password: any Unicode composition, another cost → recognized; another password → not', async () => {
  const hash = await hashPassword('na\u00EFve p\u00E4ssword', cheapCost);
  const verify = (password: string, of: string | undefined = hash) =>
    verifyPassword(password, of, { ...cheapCost, ln: 9 });
  expect([await verify('na\u00EFve p\u00E4ssword'), await verify('nai\u0308ve pa\u0308ssword')]).toEqual([true, true]);
  for (const wrong of ['naive password', '', 'na\u00EFve p\u00E4ssword ']) expect(await verify(wrong)).toBe(false);
  for (const none of [undefined, '', 'scrypt$old$form', hash.slice(0, -1)])
    expect(await verify('na\u00EFve p\u00E4ssword', none ?? 'none')).toBe(false);
  expect(await verifyPassword('anything', undefined, cheapCost)).toBe(false);
  expect(await hashPassword('the same', cheapCost)).not.toBe(await hashPassword('the same', cheapCost));
});

it('unknown name → costs as much as a known one', async () => {
  const server = await startTestServer('sqlite::memory:', { passwordCost: { ln: 15, r: 8, p: 3 } });
  const timeOf = async (name: string) => {
    const began = performance.now();
    const { status } = await server.post('/reviewer-api/session', { name, password: 'a wrong password' }, {});
    expect(status).toBe(401);
    return performance.now() - began;
  };
  const known: number[] = [];
  const unknown: number[] = [];
  for (let tries = 0; tries < 3; tries += 1) {
    known.push(await timeOf('ana'));
    unknown.push(await timeOf('nobody'));
  }
  await server.close();
  // Without a hash an unknown name takes a few milliseconds, and a known one a tenth of a second or more.
  expect(Math.min(...unknown)).toBeGreaterThan(Math.min(...known) / 10);
});
