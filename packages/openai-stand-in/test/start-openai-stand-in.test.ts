import { describe, expect, it } from 'vitest';
import { createOpenAIStandIn } from '../src/create-openai-stand-in.ts';
import { startOpenAIStandIn } from '../src/start-openai-stand-in.ts';
import { startForTest } from './start-for-test.ts';

describe('startOpenAIStandIn', () => {
  it('no options → a free port on 127.0.0.1, url for the client', async () => {
    const { url } = await startForTest();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
    const health = await fetch(new URL('/healthz', url));
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }]);
  });

  it('port taken → rejects', async () => {
    const { url } = await startForTest();
    await expect(startOpenAIStandIn({ port: Number(new URL(url).port) })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('close with a held request → closes', async () => {
    const standIn = await startOpenAIStandIn();
    const hold = standIn.control.fault({ kind: 'hold' });
    const held = fetch(`${standIn.url}/models`).then(
      () => 'answered',
      () => 'closed',
    );
    await expect.poll(() => hold.happened()).toBe(1);
    await standIn.close();
    expect(['answered', 'closed']).toContain(await held);
    await expect(fetch(`${standIn.url}/models`)).rejects.toThrow('fetch failed');
  });

  it('request → one log line without its content', async () => {
    const lines: unknown[] = [];
    const { openai } = await startForTest({ log: (line) => lines.push(line) });
    const response = await openai.responses.create({ model: 'gpt-4.1', input: 'a secret' });
    expect(lines).toEqual([{ method: 'POST', path: '/v1/responses', status: 200, requestId: response._request_id }]);
  });
});

describe('createOpenAIStandIn', () => {
  const request = { method: 'POST', body: JSON.stringify({ model: 'gpt-4.1', input: 'Hello' }) };

  it('no network → answers', async () => {
    const { app } = createOpenAIStandIn();
    const answer = await app.request('/v1/responses', request);
    expect(await answer.json()).toMatchObject({ status: 'completed' });
  });

  it('unknown option → refused with the options', () => {
    expect(() => createOpenAIStandIn({ api_key: 'x' } as never)).toThrow(
      'The stand-in has no option "api_key". Options: port, host, apiKey, clock, scripts, background, log.',
    );
  });

  it('dropped connection without a network → throws', async () => {
    const { app, control } = createOpenAIStandIn();
    control.fault({ kind: 'drop' });
    await expect(Promise.resolve().then(() => app.request('/v1/responses', request))).rejects.toThrow(
      'dropped the connection',
    );
  });
});
