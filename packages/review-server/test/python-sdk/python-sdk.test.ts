import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { requestedAt } from '../requested-at.ts';
import { startCallbackReceiver } from '../callback-receiver.ts';
import { eventually } from '../eventually.ts';
import { EMAIL_BLAST, KEY, startTestServer, type TestServer } from '../test-server.ts';
import { expectToolToTell } from './expect-tool-to-tell.ts';
import { pipIsInstalled } from './installed-packages.ts';
import { SDK_VERSIONS, STARTED_WITHIN_MS, startPythonSdk, type PythonSdk, type SdkVersion } from './python-sdk.ts';
import { startWatchingProxy, type WatchingProxy } from './watching-proxy.ts';

const frameworks = ['langchain', 'langgraph'] as const;

/** Cheqpoint's own package against our server: its requests, and its reading of our answers. */
describe.skipIf(!pipIsInstalled)('Cheqpoint’s Python package', () => {
  let server: TestServer;
  let proxy: WatchingProxy;
  let sdks = new Map<SdkVersion, PythonSdk>();
  beforeAll(async () => {
    server = await startTestServer('sqlite::memory:', {
      rules: [
        {
          name: 'small ones',
          conditions: [{ field: 'details.amount', operator: 'at-most', value: 10 }],
          decision: 'approve',
        },
      ],
    });
    proxy = await startWatchingProxy(server.url);
    sdks = new Map(
      await Promise.all(
        SDK_VERSIONS.map(
          async (version) => [version, await startPythonSdk(version, frameworks, proxy.url, KEY)] as const,
        ),
      ),
    );
  }, STARTED_WITHIN_MS);
  afterAll(async () => {
    await Promise.all([...sdks.values()].map((sdk) => sdk.stop()));
    await proxy.stop();
    await server.close();
  });

  // The package fails on a redirect, a throttle, a server error, and any answer other than JSON.
  afterEach(() => {
    const unbearable = proxy.answers.find(
      ({ status, type }) => ![200, 400, 401, 404].includes(status) || !type.startsWith('application/json'),
    );
    if (unbearable !== undefined)
      throw new Error(`The server gave an answer that the package does not bear: ${JSON.stringify(unbearable)}`);
  });

  const sdkOf = (version: SdkVersion) => sdks.get(version)!;

  const { action, details } = EMAIL_BLAST;
  const edited = { ...details, recipient_count: 50 };
  const asked = (summary: string) => requestedAt(server, summary);

  describe.each(SDK_VERSIONS)('%s', (version) => {
    const call: PythonSdk['call'] = (...args) => sdkOf(version).call(...args);
    const checkpoint = (summary: string, rest: object = {}) =>
      call('checkpoint', { action, summary, details, poll_interval: 0.1, timeout: 30, ...rest });

    it('requests → the fields that the server expects', async () => {
      const sent = async (method: string, args: object) => {
        const from = proxy.requests.length;
        const answer = await call(method, args);
        expect(answer).toHaveProperty('result');
        return proxy.requests.slice(from);
      };
      const plain = { action, summary: 'sent', details: { text: 'ünïcode 🚀' } };
      const [minimal] = await sent('create_request', plain);
      const headers = {
        'x-api-key': KEY,
        'content-type': 'application/json',
        'user-agent': `cheqpoint-python/${version}`,
        accept: '*/*',
      };
      expect(minimal).toMatchObject({
        method: 'POST',
        path: '/api/approvals/request',
        headers,
        text: expect.stringMatching(/^[ -~]+$/),
      });
      expect(JSON.parse(minimal!.text)).toEqual({ ...plain, apiKey: KEY, riskScore: null });
      const [full] = await sent('create_request', {
        ...plain,
        risk_score: 0.5,
        justification: 'j',
        webhook_url: 'http://127.0.0.1:9/',
        trace: { steps: [] },
      });
      expect(JSON.parse(full!.text)).toEqual({
        ...plain,
        apiKey: KEY,
        riskScore: 0.5,
        justification: 'j',
        webhookUrl: 'http://127.0.0.1:9/',
        trace: { steps: [] },
      });
      const [async] = await sent('request_async', {
        ...plain,
        justification: 'j',
        callback_url: 'http://127.0.0.1:9/',
      });
      expect([async!.path, JSON.parse(async!.text)]).toEqual([
        '/api/webhooks/inbound',
        { ...plain, justification: 'j', callbackUrl: 'http://127.0.0.1:9/' },
      ]);
      const [sync] = await sent('request_sync', { ...plain, timeout_ms: 1 });
      expect([sync!.path, JSON.parse(sync!.text)]).toEqual(['/api/webhooks/inbound', { ...plain, maxWaitMs: 1 }]);
      const id = await asked('sent');
      const [read] = await sent('get_request', { request_id: id });
      expect(read).toMatchObject({ method: 'GET', path: `/api/approvals/${id}`, headers, text: '' });
    });

    it('checkpoint(), approved → returns it with note and details', async () => {
      const trace = {
        steps: [{ type: 'thought', content: 'c', timestamp: '2026-11-22T00:00:00.000000+00:00' }],
        model: 'gpt',
        totalTokens: 12,
      };
      const answer = checkpoint('approve me', { justification: 'Because.', risk_score: 0.9, trace });
      const id = await asked('approve me');
      await server.decide(id, { decision: 'approve', note: 'Fine — go.' });
      expect(await answer).toEqual({
        result: {
          id,
          status: 'APPROVED',
          details,
          modified_details: null,
          response_notes: 'Fine — go.',
          effective_details: details,
        },
      });
    });

    it('checkpoint(), request_sync(), edited → return the whole edit', async () => {
      const answers = [
        checkpoint('edit me'),
        call('request_sync', { action, summary: 'edit me while held', details, timeout_ms: 10_000 }),
      ];
      for (const summary of ['edit me', 'edit me while held'])
        await server.decide(await asked(summary), { decision: 'approve', modifiedDetails: edited });
      const [byCheckpoint, bySync] = await Promise.all(answers);
      expect(byCheckpoint).toMatchObject({ result: { modified_details: edited, effective_details: edited, details } });
      expect(bySync).toMatchObject({
        result: { status: 'approved', modifiedDetails: edited, details, decisionNote: null },
      });
    });

    it('rejected → RejectedError with the note; request_sync() returns it', async () => {
      const answers = [
        checkpoint('reject me'),
        call('request_sync', { action, summary: 'reject me while held', details }),
      ];
      const id = await asked('reject me');
      for (const each of [id, await asked('reject me while held')])
        await server.decide(each, { decision: 'reject', note: 'Too many.' });
      const [byCheckpoint, bySync] = await Promise.all(answers);
      expect(byCheckpoint).toEqual({
        raised: {
          type: 'RejectedError',
          text: `Cheqpoint request ${id} was rejected: Too many.`,
          request_id: id,
          response_notes: 'Too many.',
        },
      });
      expect(bySync).toMatchObject({
        result: { status: 'rejected', decisionNote: 'Too many.', modifiedDetails: null },
      });
    });

    it('request_sync(), decided after the hold → found by polling, with the note', async () => {
      const answer = call('request_sync', { action, summary: 'held in vain', details, timeout_ms: 1500 });
      const undecided = call('request_sync', { action, summary: 'never decided', details, timeout_ms: 20 });
      expect(await undecided).toEqual({
        result: {
          status: 'pending',
          approvalId: await asked('never decided'),
          modifiedDetails: null,
          decisionNote: null,
        },
      });
      const id = await asked('held in vain');
      await eventually('the first poll', () => proxy.answers.some(({ path }) => path.endsWith(id)));
      await server.decide(id, { decision: 'approve', note: 'Late.' });
      expect(await answer).toEqual({
        result: { status: 'approved', approvalId: id, modifiedDetails: null, decisionNote: 'Late.' },
      });
    });

    it('time-out → stays open; a late decision is accepted and read', async () => {
      const answer = await checkpoint('too slow', { timeout: 0.3 });
      const id = await asked('too slow');
      expect(answer).toMatchObject({ raised: { type: 'TimeoutError', request_id: id } });
      expect((await server.decide(id, { decision: 'approve', note: 'Late.' })).status).toBe(200);
      expect(await call('get_request', { request_id: id })).toEqual({
        result: expect.objectContaining({
          id,
          status: 'APPROVED',
          details,
          response_notes: 'Late.',
          decision_note: 'Late.',
          decision_reason_code: 'person',
          auto_decided: false,
          auto_decision_rule_name: null,
          decided_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]+\.\d{3}Z$/),
        }),
      });
    });

    it('wrong key → CheqpointError with the server’s text', async () => {
      for (const [method, args] of [
        ['checkpoint', { action, summary: 's', details }],
        ['get_request', { request_id: 'req_1' }],
        ['request_sync', { action, summary: 's', details }],
        ['request_async', { action, summary: 's', details }],
      ] as const) {
        expect(await call(method, args, 'cq_live_wrong')).toMatchObject({
          raised: {
            type: 'CheqpointError',
            status_code: 401,
            text: expect.stringContaining('Unknown Connection Key'),
            response_body: { error: expect.any(String) },
          },
        });
      }
    });

    it('unknown id, bad input → CheqpointError with the server’s text', async () => {
      expect(await call('get_request', { request_id: 'req_unknown' })).toMatchObject({
        raised: { type: 'CheqpointError', status_code: 404, text: expect.stringContaining('req_unknown') },
      });
      expect(await call('request_async', { action: '', summary: '', details: [1] })).toMatchObject({
        raised: { type: 'CheqpointError', status_code: 400, text: expect.stringContaining('action') },
      });
    });

    it('request_async(), create_request() → the decision is posted', async () => {
      const receiver = await startCallbackReceiver();
      try {
        expect(
          await call('request_async', {
            action,
            summary: 'call me back',
            details,
            callback_url: `${receiver.url}/async`,
          }),
        ).toMatchObject({
          result: { status: 'pending', approvalId: expect.any(String), reviewUrl: expect.any(String) },
        });
        const created = await call('create_request', {
          action,
          summary: 'hook me',
          details,
          webhook_url: `${receiver.url}/created`,
        });
        expect(created).toEqual({ result: { id: await asked('hook me') } });
        for (const summary of ['call me back', 'hook me'])
          await server.decide(await asked(summary), { decision: 'approve', modifiedDetails: edited, note: 'n' });
        await eventually('both callbacks', () => receiver.received.length === 2);
        const bodies = receiver.received
          .map(({ path, text }) => [path, JSON.parse(text) as object] as const)
          .toSorted(([a], [b]) => a.localeCompare(b));
        for (const [, body] of bodies)
          expect(body).toMatchObject({ status: 'APPROVED', details, modifiedDetails: edited, decisionNote: 'n' });
        expect(bodies.map(([path]) => path)).toEqual(['/async', '/created']);
      } finally {
        await receiver.stop();
      }
    });

    it('expired → a rejection, which 0.2.0 marks as not a person’s', async () => {
      const {
        body: { id },
      } = await server.ask({ expiresAt: '2026-01-01T00:00:00Z' });
      const expired = {
        id,
        status: 'REJECTED',
        decision_reason_code: 'expired',
        response_notes: 'Nobody decided in time.',
        auto_decided: false,
      };
      expect(await call('get_request', { request_id: id })).toEqual({
        result: expect.objectContaining(version === '0.1.2' ? expired : { ...expired, retryable: true }),
      });
    });

    it('collected trace of the model → accepted', async () => {
      const from = proxy.requests.length;
      expect(await call('traced_request', { action, summary: 'traced', details })).toEqual({
        result: { id: await asked('traced') },
      });
      const { text } = proxy.requests.slice(from).find(({ method }) => method === 'POST')!;
      expect(JSON.parse(text)).toMatchObject({
        trace: {
          steps: [
            { type: 'thought', content: 'I will write to all.', timestamp: expect.stringMatching(/\.\d{6}\+00:00$/) },
          ],
          model: 'gpt-scripted',
          totalTokens: 12,
        },
      });
    });

    it('rule → decides every kind of call at once', async () => {
      const small = { action, summary: 'small', details: { amount: 5 } };
      expect(await call('checkpoint', { ...small, poll_interval: 0.1 })).toMatchObject({
        result: { status: 'APPROVED', response_notes: 'Automatically approved by rule: small ones' },
      });
      for (const method of ['request_sync', 'request_async'])
        expect(await call(method, small)).toMatchObject({
          result: { status: 'approved', details: { amount: 5 }, autoDecided: true, autoDecisionRuleName: 'small ones' },
        });
    });

    it('tools for LangChain and LangGraph → the model gets the decision', async () => {
      await Promise.all(frameworks.map((framework) => expectToolToTell(framework, server, call)));
    });

    it('twenty wait at once → each gets its own decision', async () => {
      const summaries = Array.from({ length: 20 }, (_, index) => `one of twenty ${index}`);
      const answers = Promise.all(
        summaries.map((summary, index) =>
          index % 2 === 0
            ? checkpoint(summary, { details: { index } })
            : call('request_sync', { action, summary, details: { index } }),
        ),
      );
      const ids = await Promise.all(summaries.map(asked));
      await Promise.all(ids.map((id, index) => server.decide(id, { decision: 'approve', note: `note ${index}` })));
      const results = (await answers) as { result: Record<string, unknown> }[];
      expect(
        results.map(({ result }) => [
          result['id'] ?? result['approvalId'],
          result['response_notes'] ?? result['decisionNote'],
          result['details'] ?? null,
        ]),
      ).toEqual(ids.map((id, index) => [id, `note ${index}`, { index }]));
    });
  });

  it('guard() → runs only after approval, with the edit', async () => {
    const sdk = sdkOf('0.2.0');
    const answers = [
      sdk.call('guard', { action: 'guard_it', details, poll_interval: 0.1 }),
      sdk.call('guard', { action: 'not_this', details, poll_interval: 0.1 }),
    ];
    await server.decide(await asked('Guard it'), { decision: 'approve', modifiedDetails: edited });
    await server.decide(await asked('Not this'), { decision: 'reject' });
    expect(await Promise.all(answers)).toMatchObject([
      { result: { ran_with: edited } },
      { raised: { type: 'RejectedError', response_notes: null } },
    ]);
  });
});
