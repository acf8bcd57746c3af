import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresIsInstalled, startPostgres, type TestPostgres } from '../../../test/support/postgres.ts';
import type { CreationOptions, PartialSignIn, RequestOptions } from '../src/contract/passkeys.ts';
import { createPasskeyDevice } from './passkey-device.ts';
import { startServerProcess } from './start-server-process.ts';
import { optionsFor, PASSWORDS, type TestServer } from './test-server.ts';

const origin = 'http://localhost:7342';

describe.skipIf(!postgresIsInstalled)('passkeys over two processes on one database', () => {
  let postgres: TestPostgres;
  let one: TestServer;
  let other: TestServer;
  const device = createPasskeyDevice();

  beforeAll(async () => {
    postgres = (await startPostgres())!;
    const options = optionsFor(await postgres.createDatabase(), { publicUrl: origin });
    [one, other] = await Promise.all([startServerProcess(options), startServerProcess(options)]);
  });
  afterAll(async () => {
    await Promise.all([one.close(), other.close()]);
    await postgres.stop();
  });

  const challenged = async (server: TestServer): Promise<RequestOptions> => {
    const { body } = await server.post<Partial<PartialSignIn>>(
      '/reviewer-api/session',
      { name: 'ben', password: PASSWORDS.ben, browser: true },
      { origin: server.url, 'sec-fetch-site': 'same-origin' },
    );
    if (body.next?.kind !== 'passkey') throw new Error(`No passkey was asked for: ${JSON.stringify(body)}`);
    return body.next.options;
  };
  const statusesOf = async (path: string, servers: readonly TestServer[], body: unknown, headers = {}) => {
    const answers = await Promise.all(servers.map((server) => server.post(`/reviewer-api${path}`, body, headers)));
    return answers.map(({ status }) => status).toSorted((left, right) => left - right);
  };

  it('challenge for a new passkey made by one → verified at the other, once', async () => {
    const headers = await one.bearer('ben');
    const { body } = await one.post<CreationOptions>('/reviewer-api/passkeys/options', {}, headers);
    const added = { name: 'Key', response: device.create(body, origin) };
    expect(await statusesOf('/passkeys', [other], added, headers)).toEqual([201]);
    expect(await statusesOf('/passkeys', [one, other], added, headers)).toEqual([403, 403]);
  });

  it('challenge for a sign-in made by one → verified at the other, once', async () => {
    const response = device.get(await challenged(one), origin);
    expect(await statusesOf('/session/passkey', [other], { response })).toEqual([200]);
    expect(await statusesOf('/session/passkey', [one, other], { response })).toEqual([401, 401]);
  });

  it('one answer sent to both at once → one session', async () => {
    const response = device.get(await challenged(other), origin);
    expect(await statusesOf('/session/passkey', [one, other, one, other], { response })).toEqual([200, 401, 401, 401]);
  });
});
