import { serveHttp } from '@holdpoint/process';
import { expect, it } from 'vitest';
import { apiKey, testGateway } from './test-gateway.ts';

it('gateway: 40 bodies above 1 MB, one after another → each is answered 413 and ends its connection', async () => {
  const { app } = testGateway();
  const server = await serveHttp({ fetch: app.fetch, host: '127.0.0.1', port: 0, setting: 'HOLDPOINT_GATEWAY_LISTEN' });
  const answers: string[] = [];
  for (let sent = 0; sent < 40; sent++) {
    const response = await fetch(`${server.url}/v1/runs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ assistant: 'mailer', input: 'x'.repeat(1_100_000) }),
    });
    const { error } = (await response.json()) as { error: { code: string } };
    answers.push(`${response.status} ${error.code} ${response.headers.get('connection')}`);
  }
  expect(new Set(answers)).toEqual(new Set(['413 payload-too-large close']));
  await server.close();
});
