import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { StandaloneApproval } from '../../src/domain/standalone-approval.ts';
import type { JsonObject } from '@holdpoint/json';
import { decidedSignal } from '../../src/domain/wire-names.ts';
import type { Payload } from '../../src/domain/payload.ts';
import { createTemporalRuns } from '../../src/adapters/temporal/temporal-runs.ts';
import { createClient, type Client } from '../../src/client.ts';
import type { SettleResult } from '../../src/domain/activities.ts';
import { createGateway } from '../../src/gateway/app.ts';
import { approvalTool } from '../../src/activities/standalone-approval.ts';
import { clearApproved } from '../../src/activities/clear-call.ts';
import { fromPayload } from '../../src/activities/payloads.ts';
import type { RunValues } from '../../src/activities/ports.ts';
import { startRunStack, type RunStack, type StartedRun } from '../support/run-stack.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const { tool, ran } = mailTool();
const asked: StandaloneApproval = { action: 'send_mail', summary: 'Mail everybody', riskLevel: 'high' };
const details = { to: 'all', count: 500 };
const schema: JsonObject = {
  type: 'object',
  properties: { to: { type: 'string' }, count: { type: 'integer', maximum: 1000 } },
  required: ['to', 'count'],
  additionalProperties: false,
};

let stack: RunStack;
beforeAll(async () => {
  stack = await startRunStack([tool]);
});
afterAll(() => stack.stop());

type Asking = {
  approval?: Partial<StandaloneApproval>;
  details?: JsonObject;
  assistant?: string;
  context?: JsonObject;
};
const ask = ({ approval, details: given = details, ...more }: Asking = {}) =>
  stack.start([], {
    assistant: '(none)',
    input: { type: 'inline', value: given },
    approval: { ...asked, ...approval },
    ...more,
  });
const sealedOutput = async (run: StartedRun): Promise<string> => {
  const owner = { runId: run.id, firstRunId: await firstRunId(run) };
  const values: RunValues = {
    put: (json) => stack.database.values.put(json, owner),
    get: (digest) => stack.database.values.get(digest, owner),
  };
  return (await fromPayload((await run.result()).output, values)) as string;
};
const firstRunId = async (run: StartedRun) =>
  (await stack.client.workflow.getHandle(run.id).describe()).raw.workflowExecutionInfo?.firstRunId ?? '';
/** The result as read by a program that has the secret. */
const decisionOf = async (run: StartedRun) =>
  stack.dependencies.envelopes.openDecision(await sealedOutput(run), await firstRunId(run));

describe('standalone approval', () => {
  it.each<[string, Partial<StandaloneApproval>, { removed?: string[] }]>([
    [
      'optional in the schema → the edit leaves it out',
      {
        argumentsSchema: {
          ...schema,
          properties: { ...(schema['properties'] as JsonObject), memo: { type: 'string' } },
        },
      },
      {},
    ],
    ['without a schema → the edit removes it by name', {}, { removed: ['memo'] }],
  ])('key %s, and the decision has the rest', async (_what, approval, more) => {
    const run = await ask({ approval, details: { ...details, memo: 'x' } });
    await run.decide(await run.approval(), { decision: 'approve', modifiedDetails: details, ...more });
    expect(await decisionOf(run)).toMatchObject({ outcome: 'approved', details, modifiedDetails: details });
  });

  it('request → shown as worded, waits, ends with the decision', async () => {
    const run = await ask({ approval: { justification: 'They asked for it.' }, context: { user: 'ana' } });
    const id = await run.approval();
    expect(await run.view()).toMatchObject({
      kind: 'approval',
      state: 'waiting',
      assistant: '(none)',
      turn: 0,
      calls: [{ tool: 'send_mail', arguments: { value: details } }],
    });
    const shown = (
      await stack.dependencies.review({ name: '(none)', connectionKey: null }).read(id, AbortSignal.timeout(5_000))
    ).details;
    expect(shown).toMatchObject({
      ...details,
      holdpoint: { assistant: '(none)', risk: 'high', context: { user: 'ana' }, justificationFrom: 'config' },
    });
    await run.decide(id, { decision: 'approve', note: 'Go ahead' });
    expect(await decisionOf(run)).toEqual({
      outcome: 'approved',
      by: 'person',
      decidedAt: expect.any(String),
      details,
      modifiedDetails: null,
      note: 'Go ahead',
    });
    expect(await run.result()).toMatchObject({ kind: 'approval', turns: 0, toolCalls: 1, conversation: null });
    const { searchAttributes } = await stack.client.workflow.getHandle(run.id).describe();
    expect(searchAttributes).toMatchObject({ HoldpointAssistant: ['(none)'] });
    expect(searchAttributes).not.toHaveProperty('HoldpointState');
    expect([run.received(), ran]).toEqual([[], []]);
  });

  it('with an assistant → uses its Connection Key and rules', async () => {
    const run = await ask({ assistant: 'tester' });
    await run.decide(await run.approval(), { decision: 'reject', note: 'No' });
    expect(await decisionOf(run)).toEqual({
      outcome: 'rejected',
      by: 'person',
      decidedAt: expect.any(String),
      note: 'No',
    });
  });

  it('edit that fits its schema → approved with the edit', async () => {
    const run = await ask({ approval: { argumentsSchema: schema } });
    const id = await run.approval();
    await expect(run.decide(id, { decision: 'approve', modifiedDetails: { to: 'all', count: 5000 } })).rejects.toThrow(
      'count',
    );
    const edited = { to: 'all', count: 50 };
    await run.decide(id, { decision: 'approve', modifiedDetails: edited });
    expect(await decisionOf(run)).toMatchObject({ outcome: 'approved', details: edited, modifiedDetails: edited });
  });

  it('edit that does not fit, accepted by the service → reviewed again', async () => {
    const tool = approvalTool({ ...asked, argumentsSchema: schema });
    const clear = (modified: JsonObject) =>
      clearApproved(tool, { args: details, modified, removed: [], note: null }, () => undefined);
    expect(await clear({ to: 'all', count: 5000 })).toMatchObject({
      type: 'review',
      because: 'The edit does not fit the tool: count: must be <= 1000.',
    });
    expect(await clear({ ...details, more: 1 })).toMatchObject({
      type: 'review',
      because: expect.stringContaining('more: is not known'),
    });
    expect(await clear({ to: 'some', count: 5 })).toEqual({ type: 'run', args: { to: 'some', count: 5 } });
  });

  it('expiresIn passed → expired', async () => {
    expect(await decisionOf(await ask({ approval: { expiresInMs: 300 } }))).toEqual({
      outcome: 'expired',
      decidedAt: expect.any(String),
    });
  });

  it('cancelled → withdrawn', async () => {
    const run = await ask();
    const id = await run.approval();
    await run.cancel();
    await expect(run.result()).rejects.toThrow('cancelled');
    expect(
      await stack.dependencies.review({ name: '(none)', connectionKey: null }).read(id, AbortSignal.timeout(5_000)),
    ).toMatchObject({ status: 'rejected', reasonCode: 'withdrawn' });
  });

  it('worker replaced, large details → decided, details stay out of the history', async () => {
    const large = { ...details, text: 'x'.repeat(100_000) };
    const id = `run-${crypto.randomUUID()}`;
    const kept = await stack.database.values.put(JSON.stringify(large), { runId: id, firstRunId: null });
    const stored: Payload = { type: 'stored', ...kept };
    const run = await stack.start([], { id, assistant: '(none)', input: stored, approval: asked });
    const approval = await run.approval();
    await stack.stopWorkers();
    await run.decide(approval, { decision: 'approve' });
    await stack.startWorker();
    expect(await decisionOf(run)).toMatchObject({ details: large });
    expect((await run.result()).output).toMatchObject({ type: 'stored' });
  });

  it('forged hint → the decision is read at its source', async () => {
    const run = await ask();
    const id = await run.approval();
    await run.signal(decidedSignal, { approvalId: id, decision: { outcome: 'approved' } });
    await until('it has looked', async () => (await run.events()).includes('EVENT_TYPE_TIMER_STARTED'));
    expect((await run.view()).state).toBe('waiting');
    await run.decide(id, { decision: 'reject' });
    expect(await decisionOf(run)).toMatchObject({ outcome: 'rejected' });
  });

  it.each([
    [
      'details that do not fit its own schema',
      { approval: { argumentsSchema: schema }, details: { to: 'all' } },
      'count: is missing',
    ],
    ['a schema that is none', { approval: { argumentsSchema: { type: 'nonsense' } } }, 'not a JSON schema'],
    ['the reserved key', { details: { holdpoint: 1 } }, 'reserved'],
    ['no action', { approval: { action: '' } }, 'action'],
    ['an action that no list could show', { approval: { action: 'x'.repeat(201) } }, 'action'],
    ['a span that no clock has', { approval: { expiresInMs: 1e15 } }, 'expiresInMs'],
  ])('with %s fails at once and asks nobody', async (_what, asking: Asking, words) => {
    const run = await ask(asking);
    const error = (await run.result().catch((caught: unknown) => caught)) as {
      cause: { type: string; message: string };
    };
    expect(error.cause).toMatchObject({ type: 'InvalidRunInput', message: expect.stringContaining(words) });
    expect(await run.view().catch(() => ({ calls: [] }))).not.toMatchObject({
      calls: [{ approval: expect.anything() }],
    });
  });
});

describe('standalone approval through gateway and client', () => {
  /** A program's client; each call of it is as another process would see things. */
  function connect(): Client {
    const { values } = stack.database;
    const { envelopes, review } = stack.dependencies;
    const runs = createTemporalRuns({
      client: stack.client,
      taskQueue: stack.taskQueue,
      values,
      openDecision: (text, id) => envelopes.openDecision(text, id),
    });
    const app = createGateway({
      runs,
      records: {
        review: (name) => review({ name, connectionKey: null }),
        openEnvelope: (details) => envelopes.open(details),
      },
      operatorKeys: ['api-key'],
      callbackTokens: { verify: () => undefined },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    });
    return createClient({
      url: 'http://gateway.example',
      apiKey: 'api-key',
      fetch: async (url, init) => await app.request(url, init),
    });
  }
  const reviewed = (id: string) => stack.attach(id);
  const request = { action: 'refund', summary: 'Refund A-17', details: { order: 'A-17', amount: 80 } };

  it('requested twice under one key → one request; every process gets the decision', async () => {
    const handle = await connect().approvals.request({
      ...request,
      id: `refund-${stack.taskQueue}`,
      argumentsSchema: { type: 'object' },
      context: { ticket: 7 },
    });
    const again = await connect().approvals.request({
      ...request,
      id: handle.id,
      argumentsSchema: { type: 'object' },
      context: { ticket: 7 },
    });
    expect([handle.started, again.started, handle.run.kind]).toEqual([true, false, 'approval']);
    await expect(
      connect().approvals.request({ ...request, id: handle.id, details: { order: 'B', amount: 1 } }),
    ).rejects.toMatchObject({ code: 'run-id-taken' });
    const waiting = [handle.result(), connect().approvals.result(handle.id)];
    const id = await reviewed(handle.id).approval();
    expect(await connect().approvals.get(handle.id)).toMatchObject({
      id,
      tool: 'refund',
      arguments: request.details,
      runId: handle.id,
    });
    await reviewed(handle.id).decide(id, {
      decision: 'approve',
      modifiedDetails: { order: 'A-17', amount: 20 },
      note: 'Half',
    });
    const decision = {
      outcome: 'approved',
      by: 'person',
      decidedAt: expect.any(String),
      details: { order: 'A-17', amount: 20 },
      modifiedDetails: { order: 'A-17', amount: 20 },
      note: 'Half',
    };
    expect(
      await Promise.all([...waiting, connect().approvals.result(handle.id), connect().runs.result(handle.id)]),
    ).toEqual([decision, decision, decision, decision]);
    expect(await handle.get()).toMatchObject({
      kind: 'approval',
      state: 'completed',
      assistant: '(none)',
      summary: 'Refund A-17',
      output: null,
      decision,
    });
  });

  it('cancel → withdrawn for all waiting callers', async () => {
    const handle = await connect().approvals.request(request);
    const elsewhere = connect().approvals.result(handle.id);
    await reviewed(handle.id).approval();
    await handle.cancel();
    for (const result of [elsewhere, handle.result()])
      expect(await result).toEqual({ outcome: 'withdrawn', decidedAt: expect.any(String) });
    await expect(connect().approvals.cancel(handle.id)).rejects.toMatchObject({ code: 'run-closed' });
  });

  it('large details and decisions → stored outside the history', async () => {
    const large = { ...request, details: { text: 'x'.repeat(100_000) } };
    const handle = await connect().approvals.request(large);
    await reviewed(handle.id).decide(await reviewed(handle.id).approval(), { decision: 'approve' });
    expect(await handle.result()).toMatchObject({ details: large.details });
  });

  it.each(['made up', 'taken from another approval'])('result %s → no approval', async (what) => {
    const other = await connect().approvals.request(request);
    await reviewed(other.id).decide(await reviewed(other.id).approval(), { decision: 'approve' });
    const handle = await connect().approvals.request({ ...request, details: { order: 'all', amount: 1_000_000 } });
    const run = reviewed(handle.id);
    await run.approval();
    // An attacker with write access to Temporal completes the Activity that reads the decision.
    const sealed = await sealedOutput(reviewed(other.id));
    const text =
      what === 'made up'
        ? JSON.stringify({ ...(JSON.parse(sealed) as object), callKey: (await run.view()).calls[0]?.key })
        : sealed;
    await stack.stopWorkers();
    const hold = Promise.withResolvers<never>();
    hold.promise.catch(() => undefined);
    onTestFinished(async () => {
      hold.reject(new Error('over'));
      await stack.redeploy();
    });
    await stack.startWorker({
      review: () => ({ ...stack.dependencies.review({ name: '', connectionKey: null }), read: () => hold.promise }),
    });
    await run.signal(decidedSignal, { callKey: (await run.view()).calls[0]?.key });
    const activityId = await until(
      'the read is pending',
      async () =>
        (await stack.client.workflow.getHandle(run.id).describe()).raw.pendingActivities?.[0]?.activityId ?? undefined,
    );
    const forged: SettleResult = {
      type: 'settled',
      as: 'approved',
      output: { callId: 'approval', key: '', output: { type: 'inline', value: text }, obtainedAt: 0 },
    };
    await stack.client.activity.complete({ workflowId: run.id, activityId }, forged);
    await expect(handle.result()).rejects.toMatchObject({
      name: 'RunFailed',
      type: 'ReviewUnreadable',
      message: expect.stringContaining("Don't act on it."),
    });
  });

  it('approval and run → never mistaken for each other', async () => {
    const run = await stack.start([]);
    await expect(connect().approvals.result(run.id)).rejects.toThrow('runs.result');
  });
});

describe('sealed decision', () => {
  it("another run's, or altered → refused", async () => {
    const [one, other] = [await ask(), await ask()];
    for (const run of [one, other]) await run.decide(await run.approval(), { decision: 'approve' });
    const text = await sealedOutput(one);
    const { envelopes } = stack.dependencies;
    expect(envelopes.openDecision(text, await firstRunId(one))).toBeDefined();
    expect(envelopes.openDecision(text, await firstRunId(other))).toBeUndefined();
    expect(envelopes.openDecision(text.replace('500', '900'), await firstRunId(one))).toBeUndefined();
    for (const odd of ['', 'null', '{}', '{"callKey":1,"decision":null,"mac":2}'])
      expect(envelopes.openDecision(odd, '')).toBeUndefined();
  });
});
