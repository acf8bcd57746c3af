import { expect, it } from 'vitest';
import type { CreationOptions, PasskeyAdmin, PasskeyRules } from '../src/contract/passkeys.ts';
import type { AuditEntry } from '../src/contract/audit.ts';
import type { ReviewerApproval } from '../src/contract/reviewer-api.ts';
import type { StepUpOptions } from '../src/contract/step-up.ts';
import { eventually } from './eventually.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { createPasskeyDevice, type PasskeyDevice } from './passkey-device.ts';
import { ADMINISTRATORS, EMAIL_BLAST, startTestServer, type TestServer } from './test-server.ts';

const origin = 'http://localhost:7342';
type Lies = Parameters<PasskeyDevice['get']>[2];
type Failure = { error: string };
type Name = 'ana' | 'ben';

const start = (databaseUrl: string, more: Parameters<typeof startTestServer>[1] = {}) =>
  startTestServer(databaseUrl, { publicUrl: origin, reviewers: ADMINISTRATORS, ...more });
const askCritical = async (server: TestServer) => (await server.ask({ riskLevel: 'critical' })).body.id;
const read = async (server: TestServer, id: string) =>
  (await server.get<ReviewerApproval>(`/reviewer-api/approvals/${id}`, await server.bearer('ana'))).body;

async function addPasskey(server: TestServer, name: Name): Promise<PasskeyDevice> {
  const [device, headers] = [createPasskeyDevice(), await server.bearer(name)];
  const options = (await server.post<CreationOptions>('/reviewer-api/passkeys/options', {}, headers)).body;
  const body = { name: 'Key', response: device.create(options, origin) };
  expect((await server.post('/reviewer-api/passkeys', body, headers)).status).toBe(201);
  return device;
}

/** The answer of the passkey for an act, as `ben` of this server asks for it. */
async function confirm(server: TestServer, id: string, device: PasskeyDevice, act: object = {}, lies: Lies = {}) {
  const { shown } = await read(server, id);
  const body = { decision: 'approve', shown, ...act };
  const path = `/reviewer-api/approvals/${id}/step-up`;
  const answer = (await server.post<StepUpOptions>(path, body, await server.bearer('ben'))).body;
  if (!answer.needed) throw new Error('No passkey was asked for.');
  return { ...body, stepUp: device.get(answer.options, origin, lies) };
}
const rules = async (server: TestServer, stepUp: PasskeyRules['stepUp']) =>
  server.send('PUT', '/reviewer-api/admin/passkeys', { required: 'optional', stepUp }, await server.bearer('ana'));
const audit = async (server: TestServer, event: string) =>
  (await server.get<{ entries: AuditEntry[] }>(`/reviewer-api/audit?event=${event}`, await server.bearer('ana'))).body
    .entries;

onBothDatabases((newDatabase, kind) => {
  it('critical request: approved with the passkey, whose id is in the audit; the same answer decides nothing else', async () => {
    const server = await start(await newDatabase());
    const device = await addPasskey(server, 'ben');
    const [id, other] = [await askCritical(server), await askCritical(server)];
    const without = await server.decide(id, { decision: 'approve' }, 'ben');
    expect([without.status, without.body.error]).toEqual([403, expect.stringContaining('Approve it in the inbox')]);
    const body = await confirm(server, id, device);
    expect((await server.decide(other, { ...body, shown: undefined }, 'ben')).body.error).toMatch(
      /confirmed something else/,
    );
    expect((await server.decide(id, body, 'ben')).body.error).toMatch(/answered before, or has expired/);
    const decided = await server.decide(id, await confirm(server, id, device), 'ben');
    expect([decided.status, decided.body.status]).toEqual([200, 'APPROVED']);
    const [entry] = await audit(server, 'approval-decided');
    expect(entry?.facts).toMatchObject({ passkey: device.id });
    expect((await read(server, other)).status).toBe('PENDING');
    await server.close();
  });

  it('held approval without the passkey → refused with words, nothing is held; a rejection is held', async () => {
    const server = await start(await newDatabase());
    await addPasskey(server, 'ben');
    const id = await askCritical(server);
    for (const hold of [{ holdSeconds: 60 }, { held: true }]) {
      const answer = await server.decide(id, { decision: 'approve', ...hold }, 'ben');
      expect([answer.status, answer.body.error]).toEqual([
        403,
        expect.stringContaining('needs your passkey. Approve it in the inbox'),
      ]);
    }
    expect(await read(server, id)).toMatchObject({ status: 'PENDING', holds: [] });
    const rejection = await server.decide(id, { decision: 'reject', holdSeconds: 60 }, 'ben');
    expect([rejection.status, rejection.body.holds]).toMatchObject([200, [{ by: 'ben', decision: 'reject' }]]);
    await server.close();
  });

  it('passkey required while an approval is held → dropped at its end, the audit says why', async () => {
    const server = await start(await newDatabase());
    const id = await askCritical(server);
    const held = await server.decide(id, { decision: 'approve', holdSeconds: 2 }, 'ben');
    expect([held.status, held.body.holds]).toMatchObject([200, [{ by: 'ben' }]]);
    expect((await rules(server, 'required')).status).toBe(200);
    const after = await eventually('the end of the hold', async () => {
      const approval = await read(server, id);
      return approval.holds.length === 0 && approval;
    });
    expect(after.status).toBe('PENDING');
    const [entry] = await audit(server, 'held-decision-dropped');
    expect(entry).toMatchObject({ subject: id, facts: { reason: 'not-allowed' } });
    await server.close();
  });

  it.each<[string, object, object, RegExp]>([
    [
      'an edit that was not confirmed',
      {},
      { modifiedDetails: { ...EMAIL_BLAST.details, recipient_count: 9 } },
      /something else/,
    ],
    [
      'another edit',
      { modifiedDetails: { ...EMAIL_BLAST.details, recipient_count: 7 } },
      { modifiedDetails: { ...EMAIL_BLAST.details, recipient_count: 9 } },
      /something else/,
    ],
    ['what was not shown', { shown: 'another digest' }, {}, /something else/],
  ])('%s → refused, nothing decided', async (_what, confirmed, sent, text) => {
    const server = await start(await newDatabase());
    const device = await addPasskey(server, 'ben');
    const id = await askCritical(server);
    const { stepUp } = await confirm(server, id, device, confirmed);
    const answer = await server.decide(id, { decision: 'approve', ...sent, stepUp }, 'ben');
    expect([answer.status, answer.body.error]).toEqual([403, expect.stringMatching(text)]);
    expect((await read(server, id)).status).toBe('PENDING');
    await server.close();
  });

  it('confirmed edit → approved with it', async () => {
    const server = await start(await newDatabase());
    const device = await addPasskey(server, 'ben');
    const id = await askCritical(server);
    const act = { modifiedDetails: { ...EMAIL_BLAST.details, recipient_count: 12 } };
    const decided = await server.decide(id, await confirm(server, id, device, act), 'ben');
    expect([decided.status, decided.body.modifiedDetails]).toMatchObject([200, { recipient_count: 12 }]);
    await server.close();
  });

  it.each<[string, Lies, string]>([
    ['no user verification', { isVerified: false }, 'no-user-verification'],
    ['another origin', { origin: 'http://localhost:1' }, 'wrong-origin'],
    ['a counter that stands still', { counter: 0 }, 'counter'],
    ['a wrong signature', { badSignature: true }, 'signature'],
  ])('passkey with %s → refused, audited, shown to administrators, no lock-out', async (_what, lies, reason) => {
    const server = await start(await newDatabase());
    const device = await addPasskey(server, 'ben');
    const [first, id] = [await askCritical(server), await askCritical(server)];
    expect((await server.decide(first, await confirm(server, first, device), 'ben')).status).toBe(200);
    expect((await server.decide(id, await confirm(server, id, device, {}, lies), 'ben')).status).toBe(403);
    const [entry] = await audit(server, 'passkey-refused');
    expect(entry).toMatchObject({ actor: 'reviewer:ben', subject: id, facts: { purpose: 'step-up', reason } });
    const admin = await server.get<PasskeyAdmin>('/reviewer-api/admin/passkeys', await server.bearer('ana'));
    expect(admin.body.refusals).toMatchObject([{ user: 'ben', purpose: 'step-up', reason, passkey: device.id }]);
    expect((await server.decide(id, await confirm(server, id, device), 'ben')).status).toBe(200);
    await server.close();
  });

  it('another user’s passkey, another session’s question, a question of a sign-in → refused', async () => {
    const server = await start(await newDatabase());
    const [bens, anas] = [await addPasskey(server, 'ben'), await addPasskey(server, 'ana')];
    const id = await askCritical(server);
    expect(
      (await server.decide(id, await confirm(server, id, anas, {}, { userHandle: null }), 'ben')).body.error,
    ).toMatch(/another user/);
    expect((await server.decide(id, await confirm(server, id, bens), 'ana')).body.error).toMatch(/another sign-in/);
    const { body: options } = await server.post<{ challenge: string; rpId: string }>(
      '/reviewer-api/session/passkey/options',
      {},
      {},
    );
    const stepUp = bens.get({ ...options } as Parameters<PasskeyDevice['get']>[0], origin);
    expect((await server.decide(id, { decision: 'approve', stepUp }, 'ben')).body.error).toMatch(/answered before/);
    expect((await read(server, id)).status).toBe('PENDING');
    await server.close();
  });

  it('question older than two minutes → refused', async () => {
    let shift = 0;
    const server = await start(await newDatabase(), { clock: () => new Date(Date.now() + shift) });
    const device = await addPasskey(server, 'ben');
    const id = await askCritical(server);
    const body = await confirm(server, id, device);
    shift = 121_000;
    expect((await server.decide(id, body, 'ben')).body.error).toMatch(/has expired/);
    await server.close();
  });

  it('rule “required”: without a passkey → told how to add one, nothing approved; rejecting, and other requests, need none', async () => {
    const server = await start(await newDatabase());
    expect((await rules(server, 'required')).status).toBe(200);
    const [id, high] = [await askCritical(server), (await server.ask({ riskLevel: 'high' })).body.id];
    for (const path of ['decide', 'step-up']) {
      const body = { decision: 'approve', shown: (await read(server, id)).shown };
      const answer = await server.post<Failure>(
        `/reviewer-api/approvals/${id}/${path}`,
        body,
        await server.bearer('ben'),
      );
      expect([answer.status, answer.body.error]).toEqual([403, expect.stringMatching(/Add one in the inbox/)]);
    }
    expect((await server.decide(high, { decision: 'approve' }, 'ben')).status).toBe(200);
    expect((await server.decide(id, { decision: 'reject' }, 'ben')).body.status).toBe('REJECTED');
    await server.close();
  });

  it('rule “off”, and “enrolled” for a user without a passkey → approved without', async () => {
    const server = await start(await newDatabase());
    const [first, second] = [await askCritical(server), await askCritical(server)];
    expect((await server.decide(first, { decision: 'approve' }, 'ben')).status).toBe(200);
    await addPasskey(server, 'ben');
    await rules(server, 'off');
    expect((await server.decide(second, { decision: 'approve' }, 'ben')).status).toBe(200);
    await server.close();
  });

  it('two servers on one database: asked at one, decided at the other, once', async () => {
    if (kind === 'sqlite') return;
    const databaseUrl = await newDatabase();
    const [one, other] = [await start(databaseUrl), await start(databaseUrl)];
    const device = await addPasskey(one, 'ben');
    const id = await askCritical(one);
    const body = await confirm(one, id, device);
    const headers = await one.bearer('ben');
    const answers = await Promise.all(
      [other, one, other].map((server) => server.post(`/reviewer-api/approvals/${id}/decide`, body, headers)),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409, 409]);
    await Promise.all([one.close(), other.close()]);
  });
});
