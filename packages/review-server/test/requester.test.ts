import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AuditEntry } from '../src/contract/audit.ts';
import type { ReviewerApproval } from '../src/contract/reviewer-api.ts';
import { ADMINISTRATORS, OTHER_KEY, startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer('sqlite::memory:', { reviewers: ADMINISTRATORS });
});
afterAll(() => server.close());

it('request with the name of another assistant → page, API and audit name the assistant of the key', async () => {
  const { id } = (await server.ask({ agentName: 'comms' }, { 'x-api-key': OTHER_KEY })).body;
  const headers = await server.bearer('ana');
  const { body: shown } = await server.get<ReviewerApproval>(`/reviewer-api/approvals/${id}`, headers);
  expect([shown.assistant, shown.agentName]).toEqual(['other', 'comms']);
  expect(shown.timeline[0]).toMatchObject({ actor: 'other', event: 'requested' });
  const { entries } = (await server.get<{ entries: AuditEntry[] }>(`/reviewer-api/audit?subject=${id}`, headers)).body;
  expect(entries.map(({ actor, facts }) => [actor, facts['saysItIs']])).toEqual([['assistant:other', 'comms']]);
  const filtered = await server.get<{ approvals: unknown[] }>('/reviewer-api/approvals?assistant=comms', headers);
  expect(filtered.body.approvals).toEqual([]);
});

it('long name → cut in the audit', async () => {
  const { id } = (await server.ask({ agentName: 'x'.repeat(100_000) })).body;
  const { entries } = (
    await server.get<{ entries: AuditEntry[] }>(`/reviewer-api/audit?subject=${id}`, await server.bearer('ana'))
  ).body;
  expect(String(entries[0]!.facts['saysItIs'])).toHaveLength(200);
});
