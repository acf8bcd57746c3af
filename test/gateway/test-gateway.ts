import { randomUUID } from 'node:crypto';
import { createInboxTokens } from '../../src/signing/inbox-token.ts';
import { pino } from 'pino';
import { createCallbackTokens } from '../../src/signing/callback-token.ts';
import { createGateway, type GatewayDeps } from '../../src/gateway/app.ts';
import { FakeReviews } from './fake-reviews.ts';
import { FakeRuns } from './fake-runs.ts';

export const apiKey = 'canary-api-key-7d1f';
export const callbackSecret = 'canary-callback-secret-19ab';

/** A gateway over runs in memory, with its log lines. */
export function testGateway(changed: Partial<GatewayDeps> = {}) {
  const runs = new FakeRuns();
  const reviews = new FakeReviews(runs);
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const tokens = createCallbackTokens({ namespace: 'default', secrets: [callbackSecret] });
  const app = createGateway({
    runs,
    records: reviews,
    operatorKeys: [apiKey],
    callbackTokens: tokens,
    inboxTokens: createInboxTokens([randomUUID()]),
    log,
    ...changed,
  });
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await app.request(path, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) };
  };
  return { app, runs, reviews, lines, tokens, call };
}
