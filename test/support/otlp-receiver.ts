import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as OTLP's JSON has it, with plain attributes. Times are nanoseconds. */
export type ReceivedSpan = {
  name: string;
  kind: number;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  links: Array<{ traceId: string; spanId: string }>;
  attributes: Record<string, unknown>;
  start: bigint;
  end: bigint;
};

type OtlpValue = {
  stringValue?: string;
  intValue?: number | string;
  boolValue?: boolean;
  doubleValue?: number;
  arrayValue?: { values: OtlpValue[] };
};
type OtlpSpan = Omit<ReceivedSpan, 'attributes' | 'start' | 'end' | 'links'> & {
  attributes?: Array<{ key: string; value: OtlpValue }>;
  links?: Array<{ traceId: string; spanId: string }>;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
};
type OtlpBody = { resourceSpans: Array<{ scopeSpans: Array<{ spans: OtlpSpan[] }> }> };

/** A receiver of OTLP over HTTP in JSON, as a collector has. */
export async function startOtlpReceiver(): Promise<{ url: string; spans: ReceivedSpan[]; close(): Promise<void> }> {
  const spans: ReceivedSpan[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(parts).toString('utf8')) as OtlpBody;
      for (const { scopeSpans } of body.resourceSpans)
        for (const scope of scopeSpans) spans.push(...scope.spans.map(readable));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    spans,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function readable({
  attributes = [],
  links = [],
  startTimeUnixNano,
  endTimeUnixNano,
  ...span
}: OtlpSpan): ReceivedSpan {
  return {
    ...span,
    links: links.map(({ traceId, spanId }) => ({ traceId, spanId })),
    attributes: Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)])),
    start: BigInt(startTimeUnixNano),
    end: BigInt(endTimeUnixNano),
  };
}

function plain({ stringValue, intValue, boolValue, doubleValue, arrayValue }: OtlpValue): unknown {
  if (intValue !== undefined) return Number(intValue);
  return stringValue ?? boolValue ?? doubleValue ?? arrayValue?.values.map(plain);
}
