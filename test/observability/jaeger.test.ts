import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentNamed } from '../docs/documents.ts';
import { until } from '../support/until.ts';
import { jaegerProgram, startJaeger, type Jaeger, type JaegerSpan } from './jaeger.ts';
import { startObservedStage, type ObservedStage } from './observed-stage.ts';

it('tracing.mjs of the processes → the one of docs/observability.md', () => {
  const file = readFileSync(new URL('./tracing.mjs', import.meta.url), 'utf8');
  expect(documentNamed('docs/observability.md')).toContain(`// tracing.mjs\n${file}`);
});

/** The three processes export to a real Jaeger, and its API is read. */
describe.runIf(jaegerProgram !== undefined)('traces in Jaeger', () => {
  let jaeger: Jaeger;
  let stage: ObservedStage;
  beforeAll(async () => {
    jaeger = await startJaeger(jaegerProgram as string);
    stage = await startObservedStage({ otlpUrl: jaeger.otlpUrl });
  }, 300_000);
  afterAll(async () => {
    await stage?.stop();
    await jaeger?.stop();
  });

  /** A caller's span, as its own SDK would export it. Returns the `traceparent` for the gateway. */
  async function exportCaller(): Promise<{ traceId: string; traceparent: string }> {
    const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
    const now = BigInt(Date.now()) * 1_000_000n;
    const span = {
      traceId,
      spanId,
      name: 'caller',
      kind: 3,
      startTimeUnixNano: String(now),
      endTimeUnixNano: String(now + 1_000_000n),
    };
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] };
    const answer = await fetch(`${jaeger.otlpUrl}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }),
    });
    expect(answer.status).toBe(200);
    return { traceId, traceparent: `00-${traceId}-${spanId}-01` };
  }

  const tree = (spans: readonly JaegerSpan[]) =>
    spans
      .filter(({ name }) => !name.startsWith('GET '))
      .map(({ service, name, parentSpanId }) =>
        [service, name, spans.find(({ spanId }) => spanId === parentSpanId)?.name ?? '—'].join(' | '),
      )
      .toSorted();

  it(
    'reviewed call → one trace over three processes, linked to the trace of the decision',
    { timeout: 180_000 },
    async () => {
      const { traceId, traceparent } = await exportCaller();
      const run = await stage.start(
        'traced',
        [{ calls: [{ name: 'send', arguments: { to: 'canary-person', count: 500 } }] }, { text: 'canary-answer' }],
        { traceparent },
      );
      const approvalId = await stage.held(run);
      // The trace is complete up to the wait.
      await until('the trace has the request', async () =>
        (await jaeger.trace(traceId)).some(({ name }) => name === 'request_approval send'),
      );
      const decidedAt = Date.now() * 1000;
      await stage.decide(approvalId, { decision: 'approve' });
      await run.result();
      const spans = await until('the last turn arrives', async () => {
        const found = await jaeger.trace(traceId);
        return found.filter(({ name }) => name === 'invoke_agent mailer').length === 2 && found;
      });
      expect(tree(spans)).toEqual([
        'holdpoint-gateway | POST /v1/runs | caller',
        'holdpoint-review-server | POST /api/webhooks/inbound | request_approval send',
        'holdpoint-worker | chat gpt-5 | invoke_agent mailer',
        'holdpoint-worker | chat gpt-5 | invoke_agent mailer',
        'holdpoint-worker | execute_tool send | POST /v1/runs',
        'holdpoint-worker | invoke_agent mailer | POST /v1/runs',
        'holdpoint-worker | invoke_agent mailer | POST /v1/runs',
        'holdpoint-worker | request_approval send | POST /v1/runs',
        'shop | caller | —',
      ]);
      // No span lasts over the wait.
      expect(spans.filter(({ start, end }) => start < decidedAt && end > decidedAt)).toEqual([]);

      const tool = spans.find(({ name }) => name === 'execute_tool send');
      const [link] = tool?.links ?? [];
      expect(link?.traceId).not.toBe(traceId);
      const decision = await until('the trace of the decision is complete', async () => {
        const found = await jaeger.trace(link?.traceId ?? '');
        return found.length === 3 && found;
      });
      expect(tree(decision)).toEqual([
        'holdpoint-gateway | POST /callbacks/cheqpoint/:token | deliver_decision',
        'holdpoint-review-server | POST /reviewer-api/approvals/:id/decide | —',
        'holdpoint-review-server | deliver_decision | POST /reviewer-api/approvals/:id/decide',
      ]);
      expect(decision.find(({ spanId }) => spanId === link?.spanId)?.name).toBe('POST /callbacks/cheqpoint/:token');

      const [firstTurn] = spans.filter(({ name }) => name === 'invoke_agent mailer');
      const [chat] = spans.filter(({ name }) => name === 'chat gpt-5');
      const callId = tool?.tags['gen_ai.tool.call.id'];
      expect(callId).toMatch(/^call_/);
      expect(firstTurn?.tags).toMatchObject({
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.agent.name': 'mailer',
        'gen_ai.conversation.id': run.id,
        'holdpoint.tool.call.ids': JSON.stringify([callId]),
      });
      expect(chat?.tags).toMatchObject({
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-5',
        'span.kind': 'client',
      });
      expect(tool?.tags).toMatchObject({ 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'send' });
      expect(spans.find(({ name }) => name === 'request_approval send')?.tags).toMatchObject({
        'gen_ai.tool.call.id': callId,
        'holdpoint.approval.id': approvalId,
      });
      // The model's server gets the trace, too.
      const asked = stage.model.requests().filter(({ path }) => path.startsWith('/v1/responses'));
      expect(asked.map(({ headers }) => headers['traceparent']?.split('-')[1])).toContain(traceId);
      // No arguments, answers or addresses with tokens.
      const text = (await jaeger.text(traceId)) + (await jaeger.text(link?.traceId ?? ''));
      for (const canary of ['canary-person', 'canary-answer', 'Do it', '/callbacks/cheqpoint/ey'])
        expect(text).not.toContain(canary);
    },
  );
});
