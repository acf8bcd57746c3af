import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, type HoldpointDatabase } from '../../src/adapters/database/open-database.ts';
import { createOpenWebhook } from '../../src/adapters/openai/open-webhook.ts';
import { testGateway } from './test-gateway.ts';

const key = Buffer.from('canary-webhook-key-0123456789abcdef');
const secret = `whsec_${key.toString('base64')}`;
let database: HoldpointDatabase;
beforeAll(async () => {
  database = await openDatabase('sqlite::memory:');
});
afterAll(() => database.close());

let deliveries = 0;
const seconds = (ago = 0) => String(Math.floor(Date.now() / 1000) - ago);

/** A delivery, signed as the Standard Webhooks specification says: base64 HMAC-SHA256 over id, time and body. */
function delivery(
  body: string | Buffer,
  { id = `wh_${++deliveries}`, time = seconds(), by = key }: { id?: string; time?: string; by?: Buffer } = {},
) {
  const signature = createHmac('sha256', by).update(`${id}.${time}.`).update(body).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': time,
    'webhook-signature': `v1,${signature}`,
    'content-type': 'application/json',
  };
}
const event = (responseId: string, type = 'response.completed') =>
  JSON.stringify({ id: 'evt_1', object: 'event', created_at: 1_795_000_000, type, data: { id: responseId } });

function gateway() {
  const webhooks = {
    open: createOpenWebhook(secret),
    record: (delivery: Parameters<HoldpointDatabase['webhookHints']['record']>[0]) =>
      database.webhookHints.record(delivery),
  };
  const made = testGateway({ webhooks });
  const send = async (body: string | Buffer, headers: Record<string, string>) => {
    const response = await made.app.request('/webhooks/openai', {
      method: 'POST',
      body: new Uint8Array(Buffer.from(body)),
      headers,
    });
    return {
      status: response.status,
      json: (await response.json()) as { result?: string; error?: { code: string; message: string } },
    };
  };
  return { ...made, send };
}
const known = async (responseId: string) => (await database.webhookHints.arrived([responseId])).length > 0;

describe('POST /webhooks/openai', () => {
  it.each(['completed', 'failed', 'incomplete', 'cancelled'])(
    'response.%s: recorded for the turn that waits',
    async (word) => {
      const { send } = gateway();
      const body = event(`resp_${word}`, `response.${word}`);
      expect(await send(body, delivery(body))).toEqual({ status: 200, json: { result: 'recorded' } });
      expect(await known(`resp_${word}`)).toBe(true);
    },
  );

  it('F23 delivery sent twice, at once or later: recorded once', async () => {
    const { send } = gateway();
    const body = event('resp_twice');
    const headers = delivery(body);
    const both = await Promise.all([send(body, headers), send(body, headers)]);
    expect([
      ...both.map(({ json }) => String(json.result)).toSorted(),
      (await send(body, headers)).json.result,
    ]).toEqual(['known', 'recorded', 'known']);
  });

  it('no API key, two signatures of which one is valid: 200', async () => {
    const { send } = gateway();
    const body = event('resp_rotated');
    const headers = delivery(body);
    const rotated = {
      ...headers,
      'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')} ${headers['webhook-signature']}`,
    };
    expect((await send(body, rotated)).status).toBe(200);
  });

  it('signature: checked over the exact bytes', async () => {
    const { send } = gateway();
    const spaced = `{ "type" : "response.completed",\n "data":{"id":"resp_bytes"}, "é": "\u2028" }`;
    expect((await send(spaced, delivery(spaced))).json.result).toBe('recorded');
    const mark = `\ufeff${event('resp_bom')}`;
    expect((await send(mark, delivery(event('resp_bom')))).status).toBe(401);
  });

  it('other event: 200, ignored', async () => {
    const { send } = gateway();
    for (const odd of [
      '{"type":"batch.completed","data":{"id":"batch_1"}}',
      '{"type":"response.completed"}',
      '{"type":"response.completed","data":{"id":7}}',
      '{}',
      '[]',
      'null',
    ]) {
      expect(await send(odd, delivery(odd))).toEqual({ status: 200, json: { result: 'ignored' } });
    }
    expect(await known('batch_1')).toBe(false);
  });
});

describe('F23 refused webhook', () => {
  const body = event('resp_refused');
  it.each<[string, Record<string, string>, number, string]>([
    ['another key', delivery(body, { by: Buffer.from('another') }), 401, 'does not match'],
    ['the signature of another body', delivery(event('resp_other')), 401, 'does not match'],
    ['the signature of another delivery', { ...delivery(body), 'webhook-id': 'wh_other' }, 401, 'does not match'],
    ['a time of more than five minutes ago', delivery(body, { time: seconds(310) }), 401, 'too old'],
    ['a time in the future', delivery(body, { time: seconds(-3600) }), 401, 'too new'],
    ['no time', { ...delivery(body), 'webhook-timestamp': '' }, 401, ''],
    ['no signature', { 'content-type': 'application/json' }, 401, 'webhook-signature'],
    ['a malformed signature', { ...delivery(body), 'webhook-signature': 'v1,no' }, 401, 'does not match'],
    ['an id of more than 255 characters', delivery(body, { id: 'x'.repeat(256) }), 400, '255'],
  ])('%s: refused, not recorded', async (_what, headers, status, words) => {
    const { send, lines, call } = gateway();
    const answer = await send(body, headers);
    expect(answer).toMatchObject({
      status,
      json: {
        error: { code: status === 401 ? 'unauthorized' : 'invalid-request', message: expect.stringContaining(words) },
      },
    });
    expect(await known('resp_refused')).toBe(false);
    expect(lines.join('')).not.toContain('canary');
    // Unsigned deliveries are counted, not logged: a stranger may send any number.
    expect(lines.filter((line) => line.includes('Webhook received'))).toEqual([]);
    expect(
      (await call('GET', '/metrics')).text.includes('holdpoint_gateway_webhooks_total{result="unauthorized"} 1'),
    ).toBe(status === 401);
  });

  it('signed body above 1 MB: 413', async () => {
    const { send } = gateway();
    const large = event('resp_large', 'x'.repeat(1024 * 1024));
    expect(await send(large, delivery(large))).toMatchObject({
      status: 413,
      json: { error: { code: 'payload-too-large' } },
    });
  });

  it('signed body that is not JSON: 401', async () => {
    const { send } = gateway();
    expect((await send('no', delivery('no'))).status).toBe(401);
  });

  it('no secret set: 503, so OpenAI repeats the delivery', async () => {
    const { app } = testGateway();
    const response = await app.request('/webhooks/openai', { method: 'POST', body, headers: delivery(body) });
    expect({
      status: response.status,
      retry: response.headers.get('retry-after'),
      ...((await response.json()) as object),
    }).toMatchObject({
      status: 503,
      retry: '5',
      error: { code: 'webhooks-not-set-up', message: expect.stringContaining('OPENAI_WEBHOOK_SECRET') },
    });
  });

  it('database unavailable: 500, so OpenAI repeats the delivery', async () => {
    const { app } = testGateway({
      webhooks: {
        open: createOpenWebhook(secret),
        record: async () => {
          throw new Error('the database is away');
        },
      },
    });
    const response = await app.request('/webhooks/openai', { method: 'POST', body, headers: delivery(body) });
    expect(response.status).toBe(500);
  });
});
