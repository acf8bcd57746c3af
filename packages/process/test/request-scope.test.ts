import { describe, expect, it } from 'vitest';
import { inRequest, inScope, requestScope, scopeHeaders } from '../src/index.ts';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** No tracing SDK is registered here. */
describe('request scope', () => {
  it('x-request-id and traceparent of the caller → kept, and sent on', async () => {
    const headers = new Headers({ 'x-request-id': 'from-the-caller', traceparent });
    await inRequest({ method: 'GET', headers }, async (requestId) => {
      expect(requestId).toBe('from-the-caller');
      expect(requestScope()).toEqual({ requestId: 'from-the-caller', traceparent });
      expect(scopeHeaders()).toEqual({ 'x-request-id': 'from-the-caller', traceparent });
    });
    expect(requestScope()).toEqual({});
  });

  it.each([['a b'], ['x'.repeat(200)], ['{"canary":1}']])('x-request-id %j, malformed → a new one', async (given) => {
    await inRequest(
      { method: 'GET', headers: new Headers({ 'x-request-id': given, traceparent: '00-0-0-0' }) },
      async (id) => {
        expect(id).toMatch(/^[0-9a-f-]{36}$/);
        expect(requestScope()).toEqual({ requestId: id });
      },
    );
  });

  it('without a request → no headers', () => {
    expect(inScope({}, scopeHeaders)).toEqual({});
  });
});
