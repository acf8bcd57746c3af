import fc from 'fast-check';
import { isJsonObject, type Json, parseExactJson } from '@holdpoint/json';
import { CheqpointClient, CheqpointError, createReviewService, ReviewFailure } from '@holdpoint/cheqpoint';
import { reviewAnswerSchema } from '../../../packages/cheqpoint/src/wire/cheqpoint-answers.ts';
import { checkAddress, checkConnectionKey } from '../../../packages/cheqpoint/src/http/check-address.ts';
import { jsonDetails } from '../../../packages/cheqpoint/src/client/check-input.ts';
import { resolveOptions } from '../../../packages/cheqpoint/src/client/options.ts';
import { readAnswer } from '../../../packages/cheqpoint/src/http/read-answer.ts';
import { anyValue, json, jsonObject, jsonText, mutated, spoiled, text } from '../arbitraries.ts';
import { must, orRefused, orRefusedLater, target } from '../target.ts';

/** Answers of the pages of hosted Cheqpoint, and of our review server. */
const answers: Json[] = [
  { id: 'req_1', status: 'PENDING' },
  { approvalId: 'req_1', status: 'approved', details: { amount: 5 }, modifiedDetails: null, decisionNote: 'ok' },
  {
    id: 'req_1',
    status: 'APPROVED',
    details: { amount: 5 },
    modifiedDetails: { amount: 4 },
    removedKeys: ['a'],
    responseNotes: null,
    reviewUrl: 'https://a.example/x',
    decidedAt: '2026-11-29T10:00:00Z',
    autoDecided: false,
    retryable: true,
    assistantPaused: { by: 'ana', at: '2026', reason: null },
  },
  { id: 'req_1', status: 'rejected', note: 'no', summary: 'Pay', riskLevel: 'high', shown: 'a'.repeat(64) },
  { server: 'holdpoint-review-server', idempotency: true, withdraw: true, pause: true },
  { paused: null },
  { error: 'No.' },
];
const answer = fc.constantFrom(...answers);
const body = fc.oneof(
  { weight: 4, arbitrary: jsonText(mutated(answer)) },
  { weight: 1, arbitrary: text },
  { weight: 1, arbitrary: jsonText(json) },
);
const headers = fc.record(
  {
    'retry-after': fc.constantFrom('1', '-1', 'x', '1e400', ''),
    location: fc.constantFrom('/', 'http://[::1', 'javascript:1', 'https://b.example'),
    'content-type': fc.constantFrom('text/html', 'application/json'),
  },
  { requiredKeys: [] },
);
const reply = fc.record({
  status: fc.oneof(
    { weight: 3, arbitrary: fc.constant(200) },
    fc.constantFrom(201, 202, 302, 307, 400, 401, 403, 404, 409, 410, 422, 429, 500, 502, 503, 599),
  ),
  body,
  headers,
});
type FuzzReply = { status: number; body: string; headers: Record<string, string | undefined> };

/** A service that answers these replies in turn. */
function serviceOf(replies: readonly FuzzReply[]): typeof fetch {
  let asked = 0;
  return async () => {
    const { status, body: content, headers: given } = replies[asked++ % replies.length]!;
    const set = Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return new Response(content, { status, headers: set });
  };
}

export const cheqpointTargets = [
  target('Cheqpoint: one answer', 40, () => ({
    input: body,
    run: (written) => {
      const read = orRefused(
        () => readAnswer({ status: 200, headers: new Headers(), text: written }, 'https://a.example'),
        ReviewFailure,
      );
      const exact = orRefused(() => ({ value: parseExactJson(written) }), SyntaxError, RangeError)?.value;
      if (isJsonObject(exact)) must(reviewAnswerSchema.safeParse(exact).success, 'The schema refuses an object.');
      if (read?.status !== 'approved') return;
      must(/"approved"/i.test(written) || written.includes('\\u'), 'An approval without the word.');
      must(
        isJsonObject(exact) && JSON.stringify(exact['status']).toLowerCase() === '"approved"',
        'Another status became an approval.',
      );
    },
  })),
  target('Cheqpoint: answers of a service', 12, () => ({
    input: fc.record({ replies: fc.array(reply, { minLength: 1, maxLength: 3 }), id: text, details: jsonObject }),
    run: async ({ replies, id, details }) => {
      const service = createReviewService({
        baseUrl: 'https://a.example',
        connectionKey: 'cq_live_1',
        fetch: serviceOf(replies),
      });
      const { signal } = new AbortController();
      const request = {
        action: 'pay',
        summary: 'Pay',
        details,
        riskLevel: 'high' as const,
        justification: null,
        callbackUrl: 'https://b.example',
        agentName: 'a',
        expiresAt: null,
        idempotencyKey: 'k',
        argumentsSchema: null,
        workflowUrl: null,
        riskReason: null,
        conversation: null,
      };
      await orRefusedLater(() => service.request(request as never), ReviewFailure);
      await orRefusedLater(() => service.read(id, signal), ReviewFailure);
      await orRefusedLater(() => service.readRecord(id, signal), ReviewFailure);
      await orRefusedLater(() => service.close(id, 'superseded', signal), ReviewFailure);
      await orRefusedLater(() => service.paused(signal), ReviewFailure);
    },
  })),
  target('Cheqpoint: public client', 10, () => ({
    input: fc.record({
      replies: fc.array(
        reply.map((each) => ({ ...each, headers: { ...each.headers, 'retry-after': '0' } })),
        { minLength: 1, maxLength: 3 },
      ),
      id: text,
      details: anyValue,
    }),
    run: async ({ replies, id, details }) => {
      const client = new CheqpointClient({
        apiKey: 'cq_live_1',
        baseUrl: 'https://a.example',
        timeoutMs: 5,
        pollIntervalMs: 1,
        fetch: serviceOf(replies),
      });
      await orRefusedLater(() => client.getRequest(id), CheqpointError, TypeError);
      await orRefusedLater(
        () => client.requestSync({ action: 'pay', summary: 'Pay', details, timeoutMs: 5 } as never),
        CheqpointError,
        TypeError,
      );
    },
  })),
  target('Cheqpoint: options and details', 25, () => ({
    input: fc.record({
      address: fc.oneof(
        text,
        spoiled(fc.constantFrom('https://a.example/x', 'http://u:p@a.example', 'https://[::1]:7342/')),
      ),
      key: text,
      details: anyValue,
      options: fc.dictionary(
        fc.constantFrom('apiKey', 'connectionKey', 'baseUrl', 'timeout', 'timeoutMs', 'pollIntervalMs', 'edits', 'x'),
        anyValue,
      ),
    }),
    run: ({ address, key, details, options }) => {
      const checked = orRefused(() => checkAddress(address), Error);
      if (checked !== undefined) must(checkAddress(checked) === checked, 'The checked address changes.');
      orRefused(() => checkConnectionKey(key), Error);
      const sent = orRefused(() => jsonDetails(details as object), TypeError);
      if (sent !== undefined) must(JSON.stringify(jsonDetails(sent)) === JSON.stringify(sent), 'Sent details change.');
      orRefused(() => resolveOptions(options as never), Error);
    },
  })),
];
