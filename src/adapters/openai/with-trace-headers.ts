import { scopeHeaders } from '@holdpoint/process';

/** A fetch that sends the `traceparent` of the active span. The request id stays in this house. */
export function withTraceHeaders(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return (input, init) => {
    const { traceparent } = scopeHeaders();
    if (traceparent === undefined) return fetch(input, init);
    const headers = new Headers(init?.headers);
    headers.set('traceparent', traceparent);
    return fetch(input, { ...init, headers });
  };
}
