import { sha256 } from '@holdpoint/json/digest';
import type { ApprovalRecord } from '@holdpoint/cheqpoint/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresIsInstalled, sharedPostgres, type SharedPostgres } from '../../../test/support/postgres.ts';
import { statementsOf } from './count-statements.ts';
import { KEY, OTHER_KEY, startTestServer, type TestServer } from './test-server.ts';

describe.skipIf(!postgresIsInstalled)('requester reads an approval, PostgreSQL', () => {
  let postgres: SharedPostgres;
  let server: TestServer;
  beforeAll(async () => {
    postgres = (await sharedPostgres())!;
    server = await startTestServer(await postgres.createDatabase());
    // The first use of a key in an hour is audited.
    for (const key of [KEY, OTHER_KEY]) await server.get('/api/assistant', { 'x-api-key': key });
  });
  afterAll(async () => {
    await server.close();
    await postgres.stop();
  });
  /** The status, the number of questions, and the round trips for this key and approval. */
  const read = async (id: string, key = KEY) => {
    let answer: Awaited<ReturnType<typeof server.get<ApprovalRecord>>> | undefined;
    const get = async () => (answer = await server.get<ApprovalRecord>(`/api/approvals/${id}`, { 'x-api-key': key }));
    const statements = await statementsOf(get, [id, sha256(key)]);
    return [answer?.status, answer?.body.questions?.length, statements.length];
  };

  it('open → two round trips, decided → two, with questions → three', async () => {
    const { id } = (await server.ask()).body;
    expect(await read(id)).toEqual([200, undefined, 2]);
    await server.post(`/reviewer-api/approvals/${id}/questions`, { text: 'Why now?' }, await server.bearer());
    expect(await read(id)).toEqual([200, 1, 3]);
    const { id: decided } = (await server.ask({ details: { other: true } })).body;
    await server.decide(decided, { decision: 'approve' });
    expect(await read(decided)).toEqual([200, undefined, 2]);
  });

  it('unknown key → 401 after one; approval of another key → 404 after two', async () => {
    const { id } = (await server.ask({ details: { third: true } })).body;
    expect(await read(id, 'cq_live_unknown0123456789')).toEqual([401, undefined, 1]);
    expect(await read(id, OTHER_KEY)).toEqual([404, undefined, 2]);
  });
});
