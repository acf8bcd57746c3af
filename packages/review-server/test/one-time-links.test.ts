import { createHash, createHmac, randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { openReviewDatabase } from '../src/store/database.ts';
import { makeSignInToken } from '../src/contract/sign-in-token.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { optionsFor, startTestServer, type TestServer } from './test-server.ts';

const token = () => randomBytes(24).toString('base64url');
const follow = async (server: TestServer, link: string) =>
  (await server.post('/reviewer-api/session/link', { token: link }, {})).status;
const hourMs = 3_600_000;

onBothDatabases((newDatabase) => {
  const withServer = async (
    more: Parameters<typeof startTestServer>[1] & { databaseUrl: string },
    work: (server: TestServer) => Promise<void>,
  ) => {
    const server = await startTestServer(more.databaseUrl, more);
    try {
      await work(server);
    } finally {
      await server.close();
    }
  };

  it('one-time link: stored as SHA-256 with an expiry, never as the token', async () => {
    const [databaseUrl, loginToken] = [await newDatabase(), token()];
    await withServer({ databaseUrl, loginToken }, async (server) => {
      const database = await openReviewDatabase(databaseUrl, () => undefined);
      const rows = await database.kysely.selectFrom('sign_in_links').selectAll().execute();
      await database.close();
      expect(rows).toEqual([
        {
          token_hash: createHash('sha256').update(loginToken).digest('hex'),
          expires_at: expect.any(String),
          used_at: null,
        },
      ]);
      expect(await follow(server, loginToken)).toBe(200);
    });
  });

  it('one-time link used, then another session secret and a restart → refused', async () => {
    const [databaseUrl, loginToken] = [await newDatabase(), token()];
    await withServer({ databaseUrl, loginToken }, async (server) => expect(await follow(server, loginToken)).toBe(200));
    await withServer({ databaseUrl, loginToken, sessionSecret: 'another secret of the tests' }, async (server) =>
      expect(await follow(server, loginToken)).toBe(401),
    );
  });

  it('one-time link older than a day → refused, also after a restart with the same token', async () => {
    const [databaseUrl, loginToken] = [await newDatabase(), token()];
    let shiftMs = 0;
    const more = { databaseUrl, loginToken, clock: () => new Date(Date.now() + shiftMs) };
    await withServer(more, async () => undefined);
    shiftMs = 25 * hourMs;
    await withServer(more, async (server) => expect(await follow(server, loginToken)).toBe(401));
  });

  it('link used under a version before → refused', async () => {
    const [databaseUrl, loginToken] = [await newDatabase(), token()];
    const { sessionSecret } = optionsFor(databaseUrl);
    const database = await openReviewDatabase(databaseUrl, () => undefined);
    await database.kysely
      .insertInto('used_login_tokens')
      .values({
        token_hash: createHmac('sha256', sessionSecret).update(loginToken).digest('hex'),
        used_at: new Date().toISOString(),
      })
      .execute();
    await database.close();
    await withServer({ databaseUrl, loginToken }, async (server) => expect(await follow(server, loginToken)).toBe(401));
  });

  it('one link followed by ten browsers at once → one signs in', async () => {
    const [databaseUrl, loginToken] = [await newDatabase(), token()];
    await withServer({ databaseUrl, loginToken }, async (server) => {
      for (const link of [loginToken, makeSignInToken(optionsFor(databaseUrl).sessionSecret)]) {
        const statuses = await Promise.all(Array.from({ length: 10 }, () => follow(server, link)));
        expect(statuses.filter((status) => status === 200)).toHaveLength(1);
      }
    });
  });

  it('link of `dev --link`: ten minutes; altered, or with a longer expiry → refused', async () => {
    const [databaseUrl, loginToken] = [await newDatabase(), token()];
    const { sessionSecret } = optionsFor(databaseUrl);
    await withServer({ databaseUrl, loginToken }, async (server) => {
      const [claim, mac] = makeSignInToken(sessionSecret).split('.') as [string, string];
      const later = claim.replace(/^\d+/, String(Date.now() + 100 * hourMs));
      const attacks = [
        makeSignInToken(sessionSecret, Date.now() - 11 * 60_000),
        makeSignInToken('some other secret of 16'),
        `${later}.${mac}`,
        `${claim}.${mac}.`,
        `${claim}.${mac}.${mac}`,
        `${claim}.`,
        '.',
        createHash('sha256').update(loginToken).digest('hex'),
      ];
      for (const attack of attacks) expect([attack, await follow(server, attack)]).toEqual([attack, 401]);
      expect(await follow(server, `${claim}.${mac}`)).toBe(200);
    });
  });

  it('token of the settings replaced → the earlier link is refused', async () => {
    const [databaseUrl, first, second] = [await newDatabase(), token(), token()];
    await withServer({ databaseUrl, loginToken: first }, async () => undefined);
    await withServer({ databaseUrl, loginToken: second }, async (server) => {
      expect([await follow(server, first), await follow(server, second)]).toEqual([401, 200]);
    });
  });
});

it('login token of fewer than 128 bits → the server does not start', async () => {
  await expect(startTestServer('sqlite::memory:', { loginToken: 'a'.repeat(21) })).rejects.toThrow(
    'The login token must have at least 22 characters: 128 random bits.',
  );
});
