import fc from 'fast-check';
import { createClient, HoldpointError, RunCancelled, RunFailed } from '@holdpoint/client';
import { createReviewerClient, ReviewerApiError } from '@holdpoint/review-server/contract';
import { completed, run as runOf, waiting, waitingCall } from '../../gateway/fake-runs.ts';
import type { Json } from '@holdpoint/json';
import { json, jsonText, mutated, spoiled, text } from '../arbitraries.ts';
import { must, orRefusedLater, target } from '../target.ts';

const run = fc.constantFrom<Json>(
  ...[runOf('a'), completed('a', 'done'), waiting('a', waitingCall('req-1')), runOf('a', { kind: 'approval' })].map(
    (each) => JSON.parse(JSON.stringify(each)) as Json,
  ),
  { runs: [], nextPageToken: null, note: '' },
  { error: { code: 'run-not-found', message: 'No.' } },
  { error: { code: 'temporal-unavailable', message: 'Wait.', path: 'x' } },
);
const body = fc.oneof({ weight: 4, arbitrary: jsonText(mutated(run)) }, { weight: 1, arbitrary: jsonText(json) }, text);
const status = fc.oneof(
  { weight: 3, arbitrary: fc.constant(200) },
  fc.constantFrom(201, 204, 400, 401, 404, 409, 413, 422, 429, 500, 503),
);
const retryAfter = fc.constantFrom(undefined, '0', '', '1e12', '-1', 'soon', 'Infinity');
/** Server-sent events of the run, at times spoiled. */
const stream = spoiled(
  fc
    .array(fc.tuple(fc.constantFrom('run', 'end', 'error', 'x', ''), body), { maxLength: 4 })
    .map((events) =>
      events
        .map(([event, data], index) => `event: ${event}\nid: ${index}\ndata: ${data.replaceAll(/[\r\n]/g, ' ')}\n\n`)
        .join(''),
    ),
);
const answer = (content: string, code: number, wait: string | undefined) =>
  new Response(code === 204 ? null : content, {
    status: code,
    headers: wait === undefined ? {} : { 'retry-after': wait },
  });

export const clientTargets = [
  target("client: the gateway's answers", 15, () => ({
    input: fc.record({ body, status, retryAfter, id: text }),
    run: async ({ body: content, status: code, retryAfter: wait, id }) => {
      const client = createClient({
        url: 'http://a.example',
        apiKey: 'k',
        fetch: async () => answer(content, code, wait),
      });
      for (const call of [
        () => client.runs.get(id),
        () => client.runs.create({ assistant: 'a', input: 'x' }),
        () => client.runs.list({ assistant: id }),
        () => client.approvals.request({ action: 'a', summary: 's', details: {} }),
        () => client.approvals.get(id),
        () => client.runs.send(id, 'x'),
      ]) {
        const answered = await orRefusedLater<unknown>(call, HoldpointError);
        must(answered === undefined || code < 300, 'A refusal became an answer.');
      }
    },
  })),
  target("client: the gateway's event stream", 15, () => ({
    input: fc.record({ stream, status, retryAfter }),
    run: async ({ stream: content, status: code, retryAfter: wait }) => {
      const stop = new AbortController();
      let asked = 0;
      const client = createClient({
        url: 'http://a.example',
        apiKey: 'k',
        fetch: async () => {
          asked += 1;
          return answer(content, code, wait);
        },
      });
      let pause: number | undefined;
      const onReconnect = (_: unknown, milliseconds: number) => {
        pause = milliseconds;
        stop.abort(new Stopped());
      };
      await orRefusedLater(
        () => client.runs.result('a', { signal: stop.signal, onReconnect }),
        HoldpointError,
        RunFailed,
        RunCancelled,
        Stopped,
      );
      must(asked === 1, 'The client reconnected although it was stopped.');
      must(
        pause === undefined || (pause >= 0 && pause < 2 ** 31),
        `The pause before a reconnect is ${pause} ms, which a timer takes for 1 ms.`,
      );
    },
  })),
  target("client: the review server's answers", 30, () => ({
    input: fc.record({ body, status, id: text }),
    run: async ({ body: content, status: code, id }) => {
      const fetchBefore = globalThis.fetch;
      globalThis.fetch = async () => answer(content, code, undefined);
      try {
        const client = createReviewerClient({ url: 'http://a.example', token: 't' });
        await orRefusedLater(() => client.call('GET /approvals/{id}', { path: { id } }), ReviewerApiError);
        await orRefusedLater(() => client.call('GET /approvals', { query: { q: id } }), ReviewerApiError);
      } finally {
        globalThis.fetch = fetchBefore;
      }
    },
  })),
];

class Stopped extends Error {
  override readonly message = 'stopped';
}
