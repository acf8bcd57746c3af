/**
 * The request that began something, for logs and traces only. `traceparent`: W3C. Old runs, and runs that were started
 * without the gateway, have none.
 */
export type RunTrace = { traceparent?: string; requestId?: string };

const traceparentForm = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const requestIdForm = /^[\w.:/+=-]{1,128}$/;

/** The value if it is a W3C traceparent of version 00. */
export function traceparentIn(value: unknown): string | undefined {
  return typeof value === 'string' && traceparentForm.test(value) ? value : undefined;
}

/** The value if it may be a request id in logs and headers. */
function requestIdIn(value: unknown): string | undefined {
  return typeof value === 'string' && requestIdForm.test(value) ? value : undefined;
}

/** The well-formed parts of a trace from outside. */
export function runTraceIn(value: unknown): RunTrace {
  const given = (typeof value === 'object' && value !== null ? value : {}) as { [field in keyof RunTrace]: unknown };
  const traceparent = traceparentIn(given.traceparent);
  const requestId = requestIdIn(given.requestId);
  return { ...(traceparent !== undefined && { traceparent }), ...(requestId !== undefined && { requestId }) };
}
