import fc from 'fast-check';
import type { Json } from '@holdpoint/json';
import { sha256 } from '@holdpoint/json/digest';
import { Webhook } from 'standardwebhooks';
import { openDatabase, type HoldpointDatabase } from '../../../src/adapters/database/open-database.ts';
import { createOpenWebhook } from '../../../src/adapters/openai/open-webhook.ts';
import { leastScopes } from '../../../src/domain/caller.ts';
import { makeApiKey, maskApiKey } from '../../../src/gateway/api-key-form.ts';
import type { RunExecutions } from '../../../src/gateway/ports.ts';
import type { GatewayRouter } from '../../../src/gateway/router.ts';
import { completed, run, waiting, waitingCall } from '../../gateway/fake-runs.ts';
import { apiKey, testGateway } from '../../gateway/test-gateway.ts';
import { jsonText, mutated, spoiled, text } from '../arbitraries.ts';
import {
  checkAnswer,
  operationsOf,
  requestsFor,
  send,
  servedRoutes,
  type OddRequest,
  type Operation,
} from '../http.ts';
import { must, target } from '../target.ts';

/** Routes for operators, which OpenAPI leaves out. */
const forOperators = ['/healthz', '/readyz', '/metrics', '/openapi.json'].map((path) => ({
  method: 'GET',
  path,
  query: [],
}));
const webhookSecret = `whsec_${Buffer.from('a secret of thirty-two characters').toString('base64')}`;

/** A gateway over runs in memory, with runs of each state. `database`: of keys and recorded runs. */
export function fuzzedGateway(database?: Pick<HoldpointDatabase, 'apiKeys' | 'recordedRuns' | 'removableRuns'>) {
  const executions: RunExecutions = { isOpen: async () => false, remove: async () => 'removed' };
  const gateway = testGateway({
    ...(database && {
      apiKeys: database.apiKeys,
      recorded: database.recordedRuns,
      removal: { removable: database.removableRuns, executions },
    }),
    assistants: async () => ['comms', 'billing'],
    webhooks: { open: createOpenWebhook(webhookSecret), record: async () => 'recorded' },
  });
  const { runs } = gateway;
  runs.set(run('open'));
  runs.set(completed('done', 'x'));
  runs.set(
    run('failed', { state: 'failed', closedAt: '2026-11-22T11:00:00.000Z', failure: { type: 'X', message: 'x' } }),
  );
  runs.set(waiting('asks', waitingCall('req-1')));
  return gateway;
}

/** The routes of the gateway: those of its OpenAPI document, and those for operators. */
export function gatewayRoutes(app: GatewayRouter) {
  const documented = operationsOf(app.getOpenAPI31Document({ openapi: '3.1.0', info: { title: 'x', version: '1' } }));
  return { operations: [...documented, ...forOperators], served: servedRoutes(app) };
}

/** A gateway behind `run`, and inputs for its routes. */
export async function gatewayProbe() {
  const database = await openDatabase('sqlite::memory:');
  const limited = makeApiKey();
  const key = { hash: sha256(limited), masked: maskApiKey(limited) };
  const caller = { name: 'billing', scopes: { ...leastScopes, start: ['comms'] }, key, by: 'test', at: 0 };
  await database.apiKeys.create(caller);
  let gateway = fuzzedGateway(database);
  const { operations } = gatewayRoutes(gateway.app);
  const token = gateway.tokens.make({ workflowId: 'asks', callKey: 'first/1/0/call_1', request: 1 });
  const parts: Record<string, number> = Object.fromEntries(
    operations.map(({ method, path }) => [`${method} ${path}`, 0]),
  );
  const inputFor = (chosen: readonly Operation[]) =>
    requestsFor({
      operations: chosen,
      known: {
        id: ['open', 'done', 'failed', 'asks', 'req-1'],
        token: [token],
        assistant: ['comms', 'billing'],
        name: ['billing', 'support', 'operator'],
        continueFrom: ['done', 'failed', 'open'],
        state: ['running', 'waiting', 'failed'],
        limit: [1, 50],
        expiresIn: ['3 days', 1000, '1e9 years'],
      },
      callers: [
        { authorization: `Bearer ${apiKey}` },
        { authorization: `Bearer ${limited}` },
        {},
        { authorization: 'Bearer wrong' },
        { authorization: `Bearer ${makeApiKey()}` },
      ],
    });
  return {
    parts: () => parts,
    close: () => database.close(),
    operations,
    inputFor,
    /** The header of a caller who may use every route. */
    administrator: `Bearer ${apiKey}`,
    input: inputFor(operations),
    run: async (request: OddRequest) => {
      parts[request.route] = (parts[request.route] ?? 0) + 1;
      // Runs pile up.
      if (gateway.runs.runs.size > 500) gateway = fuzzedGateway(database);
      const before =
        gateway.runs.created.size + gateway.runs.orders.length + gateway.runs.said.length + gateway.runs.hints.length;
      const answer = await send(gateway.app, request);
      checkAnswer(request, answer, request.route.includes('/readyz') ? [503] : []);
      must(
        !gateway.lines.some((line) => line.includes('Unexpected error')),
        `The log has an unexpected error: ${gateway.lines.find((line) => line.includes('Unexpected error'))}`,
      );
      must(!gateway.lines.some((line) => line.includes(apiKey) || line.includes(limited)), 'An API key is in the log.');
      gateway.lines.length = 0;
      if (answer === undefined || answer.status < 400) return;
      const after =
        gateway.runs.created.size + gateway.runs.orders.length + gateway.runs.said.length + gateway.runs.hints.length;
      must(before === after, `A refused request (${answer.status}) changed something.`);
    },
  };
}

export const gatewayTargets = [
  target('gateway: routes', 60, gatewayProbe),
  target('gateway: OpenAI webhooks', 25, () => {
    const open = createOpenWebhook(webhookSecret);
    const signer = new Webhook(webhookSecret);
    const event = fc.constant<Json>({
      id: 'evt_1',
      type: 'response.completed',
      data: { id: 'resp_1' },
      created_at: 1,
      object: 'event',
    });
    return {
      input: fc.record({
        body: fc.oneof(jsonText(mutated(event)), text),
        isSigned: fc.boolean(),
        headers: fc.dictionary(
          fc.constantFrom('webhook-id', 'webhook-timestamp', 'webhook-signature'),
          spoiled(fc.constantFrom('v1,abc', '1700000000', 'msg_1')).map((value) =>
            value.replaceAll(/[^\x20-\x7e]/g, ''),
          ),
        ),
      }),
      run: async ({ body, isSigned, headers }) => {
        const at = new Date();
        const signed = {
          'webhook-id': 'msg_1',
          'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
          'webhook-signature': signer.sign('msg_1', at, body.toWellFormed()),
        };
        const opened = await open(Buffer.from(body), new Headers(isSigned ? signed : headers));
        if (!isSigned) must('refused' in opened, 'An unsigned webhook is accepted.');
        if ('refused' in opened) must(opened.refused !== '', 'A refusal has no words.');
        else must(opened.responseId === null || typeof opened.responseId === 'string', 'The id is no text.');
      },
    };
  }),
];
