import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import fc from 'fast-check';
import { z } from 'zod';
import { createReviewService } from '@holdpoint/cheqpoint';
import { withoutReserved } from '@holdpoint/cheqpoint/wire-names';
import { isJsonObject, parseExactJson, type Json, type JsonObject } from '@holdpoint/json';
import { sameJson } from '@holdpoint/json/canonical';
import { shownDigest, type ReviewerApproval } from '@holdpoint/review-server/contract';
import type { WorkerDependencies } from '../../../src/activities/context.ts';
import { parseCall } from '../../../src/activities/arguments.ts';
import { createActivities } from '../../../src/activities/index.ts';
import { openDatabase } from '../../../src/adapters/database/open-database.ts';
import { approvalPage } from '../../../src/cli/show-approval.ts';
import { shownApproval } from '../../../src/cli/shown-approval.ts';
import type { RunActivities } from '../../../src/domain/activities.ts';
import { callKey } from '../../../src/domain/call-key.ts';
import { defineAssistant, defineConfig, defineTool } from '../../../src/index.ts';
import { readEdit } from '../../../packages/review-server/inbox/decide/read-edit.ts';
import { literalParts } from '../../../packages/review-server/src/contract/literal-parts.ts';
import { createReviewServer } from '../../../packages/review-server/src/create-review-server.ts';
import { KEY, optionsFor, PASSWORDS } from '../../../packages/review-server/test/test-server.ts';
import { Envelopes } from '../../../src/signing/envelope.ts';
import { json, spoiled, text } from '../arbitraries.ts';
import { wholeCharacters } from '../schemas.ts';
import { must, target } from '../target.ts';

type Got = { args: Json; context: Json };

const written = fc.oneof(
  text.map((value) => JSON.stringify(value)),
  fc.constantFrom('" pad "', '"half \\ud83d"', '"\\u0000"', '"e\\u0301"'),
);
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.constantFrom('1.50', '0.1e1', '9007199254740993', '-0', '1e400', '19.99'),
);
/** The arguments as JSON text. At times a name stands twice, one is foreign, or the text is spoiled. */
const argumentsText = fc
  .record({
    memo: written,
    amount: number,
    lines: fc.array(fc.oneof(written, fc.constant('null')), { maxLength: 2 }),
    name: written,
    flag: fc.boolean(),
  })
  .map(
    ({ memo, amount, lines, name, flag }) =>
      `{"text":${memo},"amount":${amount},"lines":[${lines.join(',')}],"to":{"name":${name},"constructor":${flag}}}`,
  );
const asked = fc.oneof({ weight: 6, arbitrary: argumentsText }, { weight: 1, arbitrary: spoiled(argumentsText) });

/** The Activities of a worker over a real database, a real review server, and a tool that notes what it gets. */
async function openStack() {
  const got: Got[] = [];
  const pay = defineTool({
    name: 'pay',
    description: 'Pays.',
    parameters: z.object({
      text: z.string(),
      amount: z.number(),
      lines: z.array(z.string().nullable()),
      to: z.object({ name: z.string().trim(), constructor: z.boolean() }),
    }),
    effect: 'at-most-once',
    review: { context: (_args, run) => run.context as Json },
    execute: (args, { context }) => {
      got.push({ args, context: context as Json });
      return 'paid';
    },
  });
  const server = await createReviewServer(optionsFor('sqlite::memory:', { limits: {} }));
  const database = await openDatabase('sqlite::memory:');
  const fetchServer = ((url: string, init?: RequestInit) =>
    server.app.fetch(new Request(url, init), { incoming: { socket: { remoteAddress: '127.0.0.1' } } })) as typeof fetch;
  const envelopes = new Envelopes(['a secret of thirty-two characters!']);
  const service = createReviewService({ baseUrl: server.url, connectionKey: KEY, fetch: fetchServer });
  let firstRunId = '';
  const activities = createActivities({
    config: defineConfig({ assistants: [defineAssistant({ name: 'comms', model: 'none', tools: [pay] })] }),
    review: () => service,
    values: database.values,
    transcripts: database.transcripts,
    requests: database.requests,
    effects: database.effects,
    runs: { firstRunId: async () => firstRunId },
    envelopes,
    callbackUrl: () => undefined,
    workflowUrl: () => undefined,
    worker: 'fuzz',
    now: Date.now,
  } as unknown as WorkerDependencies);
  const reviewerCall = async (method: string, path: string, body?: string, token?: string) => {
    const response = await fetchServer(`${server.url}/reviewer-api${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      ...(body !== undefined && { body }),
    });
    return { status: response.status, body: parseExactJson(await response.text()) as JsonObject };
  };
  const { body: session } = await reviewerCall(
    'POST',
    '/session',
    JSON.stringify({ name: 'ana', password: PASSWORDS.ana }),
  );
  const run = async <Name extends 'requestApproval' | 'settleToolCall'>(
    name: Name,
    input: Parameters<RunActivities[Name]>[0],
  ) => {
    const environment = new MockActivityEnvironment(
      { heartbeatTimeoutMs: 10_000 },
      { logger: new DefaultLogger('ERROR') },
    );
    return await environment.run<unknown[], Awaited<ReturnType<RunActivities[Name]>>, never>(
      activities[name] as never,
      input,
    );
  };
  return {
    pay,
    got,
    envelopes,
    requests: database.requests,
    run,
    reviewer: (method: string, path: string, body?: string) =>
      reviewerCall(method, path, body, session['token'] as string),
    nextRun: (id: string) => (firstRunId = id),
    close: async () => {
      await server.close();
      await database.close();
    },
  };
}

export const shownTargets = [
  target('shown = sealed = run', 10, async () => {
    const stack = await openStack();
    let calls = 0;
    return {
      close: stack.close,
      input: fc.record({ asked, edit: fc.option(asked), context: json.map(wholeCharacters) }),
      run: async ({ asked: words, edit, context: contextGiven }) => {
        const context = JSON.parse(JSON.stringify(contextGiven)) as Json;
        const parsed = await parseCall(stack.pay, words);
        if (!parsed.ok) return;
        calls += 1;
        const firstRunId = `run-${calls}`;
        stack.nextRun(firstRunId);
        stack.got.length = 0;
        const call = {
          key: callKey({ firstRunId, turn: 1, position: 0, callId: `call_${calls}` }),
          callId: `call_${calls}`,
          tool: 'pay',
          arguments: { type: 'inline' as const, value: parsed.value },
        };
        const settle = () =>
          stack.run('settleToolCall', { assistant: 'comms', context, call, lost: [], close: false, retries: 0 });
        let result = await settle();
        let approved: Json | undefined;
        // A browser sends UTF-8, which has no half of a character.
        let open = edit === null ? null : edit.toWellFormed();
        for (let number = 1; result.type === 'review'; number += 1) {
          must(number < 5, 'The call is reviewed again and again.');
          const made = await stack.run('requestApproval', {
            assistant: 'comms',
            context,
            call,
            arguments: result.arguments,
            number,
            kind: 'call',
            conversation: null,
            ...(result.because !== undefined && { because: result.because }),
            ...(result.seal !== undefined && { seal: result.seal }),
            ...(result.draft !== undefined && { draft: result.draft }),
          });
          const { body } = await stack.reviewer('GET', `/approvals/${made.id}`);
          const record = body as unknown as ReviewerApproval;
          const row = (await stack.requests.list(call.key)).find((each) => each.number === number);
          const sealed = stack.envelopes.open(row?.request.details ?? {});
          must(sealed !== undefined, 'The request has no seal.');
          const page = approvalPage(shownApproval(record), { width: undefined });
          const inTerminal = JSON.parse(/^Call: pay\n([\s\S]*?\n {2}\})\n/.exec(page)?.[1] ?? 'null') as Json;
          must(sameJson(inTerminal, sealed.args), 'The terminal shows other arguments.');
          must(
            sameJson(withoutReserved(record.details as JsonObject), sealed.args),
            'The inbox shows other arguments.',
          );
          must(sameJson(record.context as Json, context), 'The inbox shows another context.');
          const texts = JSON.stringify(sealed.args);
          must(
            literalParts(texts)
              .map((part) => ('text' in part ? part.text : part.character))
              .join('') === texts,
            'The literal text leaves characters out.',
          );
          must(record.shown === undefined || record.shown === shownDigest(record), 'The digest is of another page.');
          const decision = await stack.reviewer(
            'POST',
            `/approvals/${made.id}/decide`,
            `{"decision":"approve","shown":"${shownDigest(record)}"${open === null ? '' : `,"modifiedDetails":${open}`}}`,
          );
          if (decision.status === 200) approved = open === null ? sealed.args : (parseExactJson(open) as Json);
          else {
            must(
              decision.status === 400 && open !== null,
              `The decision was refused with ${decision.status}: ${JSON.stringify(decision.body)}`,
            );
            // The page refuses what the server refuses, or the server says why.
            readEdit(record, withoutReserved(record.details), open);
            const { status, body: again } = await stack.reviewer(
              'POST',
              `/approvals/${made.id}/decide`,
              '{"decision":"approve"}',
            );
            must(status === 200, `A refused edit closed the request: ${JSON.stringify(again)}`);
            approved = sealed.args;
          }
          open = null;
          result = await settle();
        }
        must(result.type === 'settled', `The call is ${result.type}.`);
        if (approved === undefined) {
          must(stack.got.length === 0, 'The tool ran without an approval.');
          return;
        }
        must(stack.got.length === 1, `The tool ran ${stack.got.length} times.`);
        must(
          isJsonObject(approved) && sameJson(stack.got[0]!.args, JSON.parse(JSON.stringify(approved)) as Json),
          'The tool got other arguments than the approved ones.',
        );
        must(sameJson(stack.got[0]!.context, context), 'The tool got another context.');
        await settle();
        must(stack.got.length === 1, 'The tool ran again.');
      },
    };
  }),
];
