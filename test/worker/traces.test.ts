import { context, propagation, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startOtlpReceiver, type ReceivedSpan } from '../support/otlp-receiver.ts';
import { startRunStack, type RunStack } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

type Receiver = Awaited<ReturnType<typeof startOtlpReceiver>>;

/** Processes of a user with an OpenTelemetry SDK: all parts of the stack export to one receiver. */
describe('traces', () => {
  let receiver: Receiver;
  let provider: NodeTracerProvider;
  let stack: RunStack;
  beforeAll(async () => {
    receiver = await startOtlpReceiver();
    provider = new NodeTracerProvider({
      spanProcessors: [new SimpleSpanProcessor(new OTLPTraceExporter({ url: receiver.url }))],
    });
    provider.register();
    stack = await startRunStack([mailTool().tool]);
  });
  afterAll(async () => {
    await stack.stop();
    await provider.shutdown();
    // Test files share a process.
    for (const api of [trace, context, propagation]) api.disable();
    await receiver.close();
  });

  /** Starts a run as a caller with a trace does. */
  async function startFrom(id: string, requestId: string): Promise<string> {
    return await trace.getTracer('caller').startActiveSpan('caller', async (span) => {
      const headers: Record<string, string> = {};
      propagation.inject(context.active(), headers);
      const response = await fetch(`${stack.gatewayUrl}/v1/runs`, {
        method: 'POST',
        headers: {
          authorization: 'Bearer api-key',
          'content-type': 'application/json',
          'x-request-id': requestId,
          ...headers,
        },
        body: JSON.stringify({ id, assistant: 'tester', input: 'canary-input' }),
      });
      expect([response.status, response.headers.get('x-request-id')]).toEqual([201, requestId]);
      span.end();
      return span.spanContext().traceId;
    });
  }

  const spansOf = async (traceId: string): Promise<ReceivedSpan[]> => {
    await provider.forceFlush();
    return receiver.spans.filter((span) => span.traceId === traceId);
  };

  it('run with a reviewed call and a replay → one trace of short spans; the tool links to the decision', async () => {
    const id = 'traced-run';
    stack.script(id, [calling(call('send_mail', { to: 'canary-person', count: 500 }, 'call_traced')), answering('ok')]);
    const traceId = await startFrom(id, 'request-of-the-test');
    const run = stack.attach(id);
    const approvalId = await run.approval();
    const waitedFrom = BigInt(Date.now()) * 1_000_000n;
    // A worker that has no run in memory replays it.
    await stack.redeploy();
    await run.decide(approvalId, { decision: 'approve' });
    await run.result();

    const spans = await until('the last span arrives', async () => {
      const found = await spansOf(traceId);
      return found.filter(({ name }) => name === 'invoke_agent tester').length === 2 && found;
    });
    const parentOf = (span: ReceivedSpan) => spans.find(({ spanId }) => spanId === span.parentSpanId)?.name;
    expect(
      spans
        .filter(({ name }) => !name.startsWith('GET ') && !name.endsWith('/close'))
        .map((span) => [span.name, parentOf(span)])
        .toSorted((one, other) => String(one).localeCompare(String(other))),
    ).toEqual([
      ['caller', undefined],
      ['chat none', 'invoke_agent tester'],
      ['chat none', 'invoke_agent tester'],
      ['execute_tool send_mail', 'POST /v1/runs'],
      ['invoke_agent tester', 'POST /v1/runs'],
      ['invoke_agent tester', 'POST /v1/runs'],
      ['POST /api/webhooks/inbound', 'request_approval send_mail'],
      ['POST /v1/runs', 'caller'],
      ['request_approval send_mail', 'POST /v1/runs'],
    ]);
    const named = (name: string) => spans.filter((span) => span.name === name);
    const [tool] = named('execute_tool send_mail');
    const [callback] = receiver.spans.filter(({ name }) => name === 'POST /callbacks/cheqpoint/:token');
    expect(tool?.links).toEqual([{ traceId: callback?.traceId, spanId: callback?.spanId }]);
    expect(callback?.traceId).not.toBe(traceId);
    // The trace of the decision begins with the reviewer's request.
    const decision = receiver.spans.filter((span) => span.traceId === callback?.traceId);
    expect(
      decision.map((span) => [span.name, decision.find(({ spanId }) => spanId === span.parentSpanId)?.name]),
    ).toEqual(
      expect.arrayContaining([
        [expect.stringMatching(/^POST \/reviewer-api\/approvals\/.*\/decide$/), undefined],
        ['deliver_decision', decision.find(({ parentSpanId }) => parentSpanId === undefined)?.name],
        ['POST /callbacks/cheqpoint/:token', 'deliver_decision'],
      ]),
    );
    const joined = 'gen_ai.tool.call.id';
    expect([tool?.attributes[joined], named('request_approval send_mail')[0]?.attributes[joined]]).toEqual([
      'call_traced',
      'call_traced',
    ]);
    expect(named('invoke_agent tester')[0]?.attributes).toMatchObject({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': 'tester',
      'gen_ai.conversation.id': id,
      'holdpoint.tool.call.ids': ['call_traced'],
    });
    expect(tool?.attributes).toMatchObject({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'send_mail',
    });
    // No span lasts over the wait, and none has a payload.
    expect(spans.filter(({ start, end }) => start < waitedFrom && end > (tool?.start ?? 0n))).toEqual([]);
    const text = JSON.stringify(receiver.spans, (_key, value: unknown) => (typeof value === 'bigint' ? null : value));
    for (const canary of ['canary-person', 'canary-input', '/callbacks/cheqpoint/ey'])
      expect(text).not.toContain(canary);
    // The history has the request id of the caller, which the worker logs and sends on.
    const { events = [] } = await stack.client.workflow.getHandle(id).fetchHistory();
    const inputs = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
      scheduled ? [Buffer.from(scheduled.input?.payloads?.[0]?.data ?? []).toString('utf8')] : [],
    );
    expect(inputs).toHaveLength(3);
    expect(inputs.filter((input) => !input.includes('"requestId":"request-of-the-test"'))).toEqual([]);
  });

  it('traceContent → arguments and result of the tool', async () => {
    await stack.stopWorkers();
    const worker = await stack.startWorker({ traceContent: true });
    stack.script('content-run', [calling(call('send_mail', { to: 'ana', count: 1 }, 'call_content')), answering('ok')]);
    const traceId = await startFrom('content-run', 'another-request');
    await stack.attach('content-run').result();
    const tool = (await spansOf(traceId)).find(({ name }) => name === 'execute_tool send_mail');
    expect(tool?.attributes).toMatchObject({
      'gen_ai.tool.call.arguments': '{"to":"ana","count":1}',
      'gen_ai.tool.call.result': '{"sent":1}',
    });
    await worker.stop();
  });
});
