import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import {
  context,
  isSpanContextValid,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Link,
  type Span,
  type SpanContext,
} from '@opentelemetry/api';

/** The request that this work is part of. `traceparent`: W3C. */
export type RequestScope = { requestId?: string; traceparent?: string };

const scopes = new AsyncLocalStorage<RequestScope>();
const traceparentForm = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const requestIdForm = /^[\w.:/+=-]{1,128}$/;
const tracer = () => trace.getTracer('holdpoint');

/**
 * The request that the present work is part of. Its `traceparent` is that of the active span, if a tracing SDK is
 * registered, else the one that came with the request.
 */
export function requestScope(): RequestScope {
  const { requestId, traceparent } = scopes.getStore() ?? {};
  const active = activeTraceparent() ?? traceparent;
  return { ...(requestId !== undefined && { requestId }), ...(active !== undefined && { traceparent: active }) };
}

/** Headers that carry the request to another server: `traceparent` and `x-request-id`. */
export function scopeHeaders(): Record<string, string> {
  const { requestId, traceparent } = requestScope();
  return {
    ...(traceparent !== undefined && { traceparent }),
    ...(requestId !== undefined && { 'x-request-id': requestId }),
  };
}

/** Runs work as part of a request. Its spans continue the trace of `traceparent`, unless a span is active. */
export function inScope<T>(scope: RequestScope, work: () => T): T {
  return scopes.run(scope, () => context.with(contextOf(scope.traceparent), work));
}

/** Called once the route and the status of an answer are known. */
export type Answered = (answer: { route: string; status: number }) => void;

/**
 * Answers an HTTP request in its scope and, unless `silent`, in a span. The request id is `x-request-id` of the caller, else a
 * new one.
 */
export async function inRequest<T>(
  { method, headers, silent = false }: { method: string; headers: Headers; silent?: boolean },
  work: (requestId: string, answered: Answered) => Promise<T>,
): Promise<T> {
  const given = headers.get('x-request-id') ?? '';
  const requestId = requestIdForm.test(given) ? given : randomUUID();
  const sent = headers.get('traceparent') ?? '';
  const scope: RequestScope = { requestId, ...(spanContextOf(sent) && { traceparent: sent }) };
  return await inScope(scope, async () => {
    if (silent) return await work(requestId, () => undefined);
    return await inSpan(
      { name: method, kind: 'server', attributes: { 'http.request.method': method } },
      async (span) =>
        await work(requestId, ({ route, status }) => {
          span.updateName(`${method} ${route}`);
          span.setAttributes({ 'http.route': route, 'http.response.status_code': status });
          if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        }),
    );
  });
}

const spanKinds = { internal: SpanKind.INTERNAL, client: SpanKind.CLIENT, server: SpanKind.SERVER };

export type SpanOptions = {
  name: string;
  /** @default 'internal' */
  kind?: 'internal' | 'client' | 'server';
  attributes?: Attributes;
  /** W3C traceparents of spans in other traces that led to this one. */
  linksTo?: readonly (string | undefined)[];
};

/** Runs work in a span that ends with it. Without a tracing SDK it only runs the work. An error is recorded by its type. */
export async function inSpan<T>(
  { name, kind = 'internal', attributes = {}, linksTo = [] }: SpanOptions,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const links: Link[] = linksTo.flatMap((traceparent) => {
    const linked = spanContextOf(traceparent);
    return linked === undefined ? [] : [{ context: linked }];
  });
  return await tracer().startActiveSpan(name, { kind: spanKinds[kind], attributes, links }, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      failSpan(span, errorType(error));
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Marks a span as failed. */
export function failSpan(span: Span, type: string): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** The trace id of the active span. */
export function activeTraceId(): string | undefined {
  return activeSpanContext()?.traceId;
}

/** The failure's own type, else the class: no message, which may hold arguments. */
function errorType(error: unknown): string {
  const { type, kind, name } = (error ?? {}) as { type?: unknown; kind?: unknown; name?: unknown };
  return [type, kind, name].find((each): each is string => typeof each === 'string' && each !== '') ?? '_OTHER';
}

function contextOf(traceparent: string | undefined): Context {
  const active = context.active();
  const spanContext = spanContextOf(traceparent);
  // An instrumentation of the user's has read the headers before.
  if (spanContext === undefined || activeSpanContext() !== undefined) return active;
  return trace.setSpanContext(active, spanContext);
}

function spanContextOf(traceparent: string | undefined): SpanContext | undefined {
  const [, traceId = '', spanId = '', flags = ''] = traceparentForm.exec(traceparent ?? '') ?? [];
  const found = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(found) ? found : undefined;
}

function activeSpanContext(): SpanContext | undefined {
  const active = trace.getActiveSpan()?.spanContext();
  return active !== undefined && isSpanContextValid(active) ? active : undefined;
}

function activeTraceparent(): string | undefined {
  const active = activeSpanContext();
  return active && `00-${active.traceId}-${active.spanId}-${active.traceFlags.toString(16).padStart(2, '0')}`;
}
